"""
Looking at the layers that only the zones need: what is left out of them, and the towns (区划图层检查).

A layer that cannot be used is an error; one that does not reach all counties, or has to be mended, is a warning, which
the result repeats.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from shuibao.survey.checking_layers import Look
from shuibao.survey.checking_notes import listed
from shuibao.survey.zone_inputs import (
    COUNTY_DIGITS,
    LEFT_OUT,
    TOWN_DIGITS,
    Shapes,
    shapes_of,
    sound,
    town_fields,
    uncovered,
    vectors_of,
)

GARBLED = "\ufffd"
"""What stands for bytes that are no character in the encoding that was tried."""


def check_zone_layers(look: Look) -> None:
    """
    Check farmland, construction land and towns, as far as region.toml names them (区划图层检查).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    for name, words in (*LEFT_OUT.items(), ("towns", ("乡镇", "towns"))):
        if not look.given(name):
            continue
        shapes = None
        with look.notes.catching(f"inputs.{name}"):
            shapes = shapes_of(look.region, name)
        if shapes is None:
            continue
        _check_mended(look, name)
        near = _near(look, shapes) if look.placed else shapes
        if name == "towns":
            with look.notes.catching("inputs.towns"):
                _check_towns(look, near)
        elif look.placed and near.geometry.size:
            _check_reach(look, near, words)
        path = look.region.path_of(look.given(name)["path"])
        number, area = len(near.geometry), float(shapely.area(near.geometry).sum()) / 1e6
        look.saw(
            f"inputs.{name}", [path], f"{number} 个面在区域内，{area:.2f} km²",
            f"{number} polygons in the region, {area:.2f} km²",
        )  # fmt: skip


def _check_mended(look: Look, name: str) -> None:
    """Warn of features without a shape, and of shapes that cross themselves."""
    vectors = vectors_of(look.region, name)
    path = look.region.path_of(look.given(name)["path"])
    there = sound(vectors)
    crossing = int((~shapely.is_valid(vectors.geometry[there])).sum())
    empty = int((~there).sum())
    if crossing or empty:
        look.notes.warn(
            f"inputs.{name}",
            f"{path.name} 有 {crossing} 个自相交的面（已自动修复）、{empty} 个空图形（略去）；请检查原数据。",
            f"{path.name} has {crossing} polygons that cross themselves (mended) and {empty} empty features (left out);"
            " check the data.",
        )


def _near(look: Look, shapes: Shapes) -> Shapes:
    """Return the polygons that touch the region, or note that there are none."""
    touching = np.zeros(len(shapes.geometry), dtype=np.bool_)
    touching[shapely.STRtree(shapes.geometry).query(look.counties.geometry, predicate="intersects")[1]] = True
    if not touching.any():
        look.notes.error(
            f"inputs.{shapes.name}",
            f"{shapes.source} 的 {touching.size} 个面都不在区域内；请核对坐标系，或换用本区域的图层。",
            f"none of the {touching.size} polygons of {shapes.source} lies in the region; check its coordinate system, or"
            " use the layer of this region.",
        )
    columns = {key: values[touching] for key, values in shapes.columns.items()}
    return Shapes(shapes.name, shapes.source, shapes.geometry[touching], columns)


def _check_reach(look: Look, shapes: Shapes, words: tuple[str, str]) -> None:
    """Warn of the counties that a layer does not span: it may not have been surveyed there."""
    least = float(look.rules.value("zone_package.layer_cover")) / 100
    short = [f"{name}（{100 * share:.0f} %）" for name, share in uncovered(shapes, look.counties, least)]
    if short:
        zh, en = listed(short)
        look.notes.warn(
            f"inputs.{shapes.name}",
            f"{shapes.source} 的外轮廓没有盖满这些县：{zh}；若其外确实没有{words[0]}，可不理会，否则补齐图层。成果上会注明。",
            f"the outline of {shapes.source} does not cover these counties: {en}; never mind if there is no {words[1]}"
            " beyond it, else complete the layer. The result will say so.",
        )


def _check_towns(look: Look, towns: Shapes) -> None:
    """Check codes, names and shapes of the towns."""
    codes, names = town_fields(look.region, towns.columns, towns.source)
    where, notes = "inputs.towns", look.notes
    wrong = sorted({code for code in codes if not (len(code) == TOWN_DIGITS and code.isdigit())})
    if wrong:
        zh, en = listed(wrong)
        notes.error(
            where,
            f"{towns.source} 的代码 {zh} 不是 {TOWN_DIGITS} 位数字；请改正（县级 6 位＋乡级 3 位）。",
            f"codes of {towns.source} are not {TOWN_DIGITS} digits: {en}; correct them (6 of the county, 3 of the town).",
        )
        return
    if any(GARBLED in name or not name for name in names):
        notes.error(
            where,
            f"{towns.source} 的名称字段为空或有乱码；请补上 .cpg（GBK 或 UTF-8），或改用正确的编码导出。",
            f"names in {towns.source} are empty or garbled; add a .cpg (GBK or UTF-8), or export in the right encoding.",
        )
    twice = [code for code, times in Counter(codes).items() if times > 1]
    if twice:
        zh, en = listed(sorted(twice))
        notes.warn(
            where,
            f"代码 {zh} 出现多次，按一个乡镇合并；请核对。",
            f"codes occur twice: {en}; they are taken for one town.",
        )
    if look.placed:
        _check_strangers(look, towns, codes, names)
        _check_fit(look, towns, codes, names)


def _check_strangers(look: Look, towns: Shapes, codes: list[str], names: list[str]) -> None:
    """Warn of towns whose code is of no county of the region though most of their land is in it."""
    known = set(look.counties.codes)
    region = shapely.union_all(look.counties.geometry)
    strange = [
        f"{name}（{code}）"
        for shape, code, name in zip(towns.geometry, codes, names, strict=True)
        if code[:COUNTY_DIGITS] not in known and shape.intersection(region).area > shape.area / 2
    ]
    if strange:
        zh, en = listed(strange)
        look.notes.warn(
            "inputs.towns",
            f"{towns.source} 中 {zh} 的代码不属于区域内任何县（可能是撤并前的旧代码）；这些乡镇不参加切分，请改正代码。",
            f"towns of {towns.source} have codes of no county of the region (of before a reform?): {en}; they are not used."
            " Correct the codes.",
        )


def _check_fit(look: Look, towns: Shapes, codes: list[str], names: list[str]) -> None:
    """Warn of towns that overlap, and of counties that they leave uncovered."""
    tree = shapely.STRtree(towns.geometry)
    one, other = tree.query(towns.geometry, predicate="overlaps")
    pairs = [
        f"{names[a]}、{names[b]}"
        for a, b in zip(one.tolist(), other.tolist(), strict=True)
        if a < b and codes[a] != codes[b] and _overlap(towns, a, b) > look.grid.cell_area
    ]
    if pairs:
        zh, en = listed(pairs)
        look.notes.warn(
            "inputs.towns",
            f"{towns.source} 有乡镇互相重叠：{zh}；重叠处归代码在后者，请改正界线。",
            f"towns of {towns.source} overlap: {en}; where they do, the later code counts. Correct the borders.",
        )
    least = float(look.rules.value("zone_package.layer_cover")) / 100
    short = []
    for code, name, county in zip(look.counties.codes, look.counties.names, look.counties.geometry, strict=True):
        own = [shape for shape, town in zip(towns.geometry, codes, strict=True) if town.startswith(code)]
        share = shapely.union_all(own).intersection(county).area / county.area if own else 0.0
        if share < least:
            short.append(f"{name}（{100 * share:.1f} %）")
    if short:
        zh, en = listed(short)
        look.notes.warn(
            "inputs.towns",
            f"{towns.source} 没有盖满这些县：{zh}；其余部分不分乡镇，成果上会注明。",
            f"{towns.source} does not fill these counties: {en}; the rest is listed in no town, and the result says so.",
        )


def _overlap(towns: Shapes, one: int, other: int) -> float:
    return float(towns.geometry[one].intersection(towns.geometry[other]).area)
