"""What is checked of each input: which rasters are opened, and what is asked of them together (分项检查)."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.cover import LandCover
from shuibao.ground.grid import Grid
from shuibao.ground.units import UNITS
from shuibao.messages import ShuibaoError
from shuibao.survey.checking_codes import judge_coded, judge_land, known_codes
from shuibao.survey.checking_layers import (
    Look,
    check_value,
    open_codes,
    open_cover,
    open_elevation,
    open_quantity,
    scale_of,
)
from shuibao.survey.checking_notes import listed
from shuibao.survey.checking_rasters import note_datums
from shuibao.survey.checking_tallies import TILE, Layer, Tally
from shuibao.survey.checking_values import judge_layer
from shuibao.survey.checking_water import judge_ground
from shuibao.survey.inputs import land_class_named, land_classes

TEXTURE = ("sand", "silt", "clay")
CARBON = ("organic_carbon", "organic_matter")

TEXTURE_SUM = 5.0
"""How far sand, silt and clay may add up from 100 % before it is said (chosen); stones may make up the rest."""

MUCH_CARBON = 12.0
"""Organic matter that no mineral soil has on the average, %: the unit is most likely g/kg (chosen)."""


def open_all(look: Look) -> None:
    """
    Open every raster that region.toml names and check the numbers that stand for one (打开全部输入).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    if "path" in look.given("dem"):
        open_elevation(look)
    _open_land(look)
    for name in ("r_factor", "soil_k"):
        given = look.given(name)
        if "table" in given and "path" in given:
            open_codes(look, name)
            scale_of(look, name)
        elif "path" in given:
            open_quantity(look, name, look.region.path_of(given["path"]), scale=scale_of(look, name))
        elif "value" in given:
            check_value(look, name)
    _open_texture(look)
    _open_cover(look)
    for name in ("measures", "tillage"):
        if "path" in look.given(name):
            open_codes(look, name)
    _check_tillage(look)
    _check_unstated(look)


def _open_land(look: Look) -> None:
    given = look.given("land_use")
    if "value" in given:
        with look.notes.catching("inputs.land_use.value"):
            land_class_named(look.rules, given["value"])
            look.saw("inputs.land_use", [], f"全区一类 {given['value']}", f"{given['value']} everywhere")
    elif "path" in given:
        with look.notes.catching("inputs.land_use.scheme"):
            land_classes(look.region, look.rules)
        open_codes(look, "land_use")


def _open_texture(look: Look) -> None:
    given = look.given("soil_texture")
    if not given:
        return
    lacking = [key for key in TEXTURE if key not in given]
    if not any(key in given for key in CARBON):
        lacking.append("organic_carbon")
    if lacking:
        zh, en = listed(lacking)
        look.notes.error(
            "inputs.soil_texture",
            f"缺少 {zh}；需要 sand、silt、clay 与 organic_carbon（或 organic_matter）各一个栅格，单位 %。",
            f"lacks {en}; it takes a raster each of sand, silt, clay and organic_carbon (or organic_matter), in %.",
        )
    for key in (*TEXTURE, *CARBON):
        if key in given:
            quantity = "texture" if key in TEXTURE else "carbon"
            open_quantity(
                look, "soil_texture", look.region.path_of(given[key]), quantity=quantity, own_cells=True, key=key
            )


def _open_cover(look: Look) -> None:
    given = look.given("cover")
    if "value" in given:
        check_value(look, "cover")
    elif "by_land" in given:
        scale = scale_of(look, "cover")
        for name, cover in given["by_land"].items():
            where = f"inputs.cover.by_land.{name}"
            with look.notes.catching(where):
                land_class_named(look.rules, name)
            if not isinstance(cover, int | float) or not 0 <= cover * scale <= 1:
                unit = "0～100" if scale != 1 else "0～1"
                look.notes.error(
                    where,
                    f'盖度 {cover!r} 应为 {unit} 的数；百分数请写 unit = "%"。',
                    f'cover {cover!r} must be a number of {unit.replace("～", " to ")}; for percent write unit = "%".',
                )
        look.saw("inputs.cover", [], "按地类给定", "stated by land class")
    elif "path" in given:
        open_cover(look)


def _check_tillage(look: Look) -> None:
    given = look.given("tillage")
    if "value" in given:
        check_value(look, "tillage")
    if "region" in given:
        ids = sorted(look.rules.table("tillage"))
        with look.notes.catching("inputs.tillage.region"):
            if given["region"] not in ids:
                zh, en = listed(ids, most=30)
                look.notes.error(
                    "inputs.tillage.region",
                    f"没有「{given['region']}」；可用：{zh}。",
                    f"there is no '{given['region']}'; there are: {en}.",
                )


def _check_unstated(look: Look) -> None:
    """Say it where nothing is known of measures or tillage though there may be cropland: E or T is 1 everywhere."""
    with contextlib.suppress(ShuibaoError):  # an unknown class is said already
        stated = look.given("land_use").get("value")
        if stated is not None and land_class_named(look.rules, stated) not in _tilled(look):
            return
    if "measures" not in look.region.inputs:
        look.notes.warn(
            "inputs.measures",
            "没有给出工程措施（如梯田、淤地坝），处处 E = 1，有措施的地方土壤流失量偏大；有图请加 "
            'measures = { path = "inputs/measures.tif" }。',
            "no engineering measures (such as terraces) are given: E = 1 everywhere, and soil loss comes out too large "
            'where there are some. If there is a map, add measures = { path = "inputs/measures.tif" }.',
        )
    if "tillage" not in look.region.inputs:
        look.notes.warn(
            "inputs.tillage",
            "没有给出耕作措施，处处 T = 1，耕地的土壤流失量偏大；请加 tillage = { region = 轮作区 }、"
            "{ value = T 值 } 或 { path = 图 }。",
            "no tillage is given: T = 1 everywhere, and the soil loss of cropland comes out too large. Add tillage = "
            "{ region = rotation region }, { value = T } or { path = map }.",
        )


def _tilled(look: Look) -> set[int]:
    """Return the codes of the land classes whose B is that of tilled land."""
    classes = look.rules.value("land_class.classes")
    return {int(c["code"]) for c in classes if c["cover"] == "tillage"}


def judge(look: Look, tallies: Sequence[Tally]) -> None:
    """
    Note what is wrong with the rasters, each by itself and together (判断全部图层).

    Parameters
    ----------
    look : Look
        Is added to; its layers were counted.
    tallies : sequence of Tally
        What each layer holds, in the same order.
    """
    by_place: dict[str, list[Tally]] = {}
    note_datums(look.notes, look.layers)
    for layer, tally in zip(look.layers, tallies, strict=True):
        by_place.setdefault(layer.where, []).append(tally)
    for files, layer, tally in alike(look.layers, tallies):
        judge_layer(look, layer, tally, files)
        if layer.where == "inputs.dem":
            judge_ground(look, layer, tally)
    land: Counter[int] = Counter()
    for tally in by_place.get("inputs.land_use", []):
        land = judge_land(look, tally)
    if "by_land" in look.given("cover"):
        _judge_stated_cover(look, land)
    for name in ("measures", "tillage"):
        known = known_codes(look, name)
        for tally in by_place.get(f"inputs.{name}", []):
            judge_coded(look, name, tally, known)
    for tally in by_place.get("inputs.soil_k", []):
        _judge_soil_table(look, tally)
    _judge_texture(look, {key: found[0] for key, found in by_place.items() if key.startswith("inputs.soil_texture")})
    partly = [where for where in ("inputs.dem", "inputs.land_use") if 0 < _gone(by_place.get(where, [])) < 1]
    if len(partly) == 2:  # where one of the two is complete they meet
        _judge_together(look)


def alike(layers: Sequence[Layer], tallies: Sequence[Tally]) -> list[tuple[list[Path], Layer, Tally]]:
    """
    Return the layers with their files; those of one input with one kind of fault are taken together (同类合并).

    A gap is that of the worst file, a range that of all.

    Parameters
    ----------
    layers : sequence of Layer
        Layers in order.
    tallies : sequence of Tally
        What each holds.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, (layer, tally) in enumerate(zip(layers, tallies, strict=True)):
        low, high = layer.limits
        key = (layer.where, bool(tally.broken), bool(tally.gone), tally.low < low, tally.high > high)
        groups.setdefault(key, []).append(number)
    out = []
    for numbers in groups.values():
        worst = max(numbers, key=lambda n: tallies[n].gone)
        names = [layers[n].label for n in numbers]
        label = names[0] if len(set(names)) == 1 else f"{names[0]} … {names[-1]} ({len(names)})"
        together = copy(tallies[worst])
        together.low = min(tallies[n].low for n in numbers)
        together.high = max(tallies[n].high for n in numbers)
        together.outside = sum(tallies[n].outside for n in numbers)
        out.append(([Path(layers[n].source.path) for n in numbers], replace(layers[worst], label=label), together))
    return out


def _gone(tallies: Sequence[Tally]) -> float:
    """Return which share of the region a layer lacks, 1 if there is none that can be read."""
    return tallies[0].share if tallies and not tallies[0].broken else 1.0


def _judge_stated_cover(look: Look, land: Counter[int]) -> None:
    """Note vegetated land classes on the map whose cover is not stated."""
    kinds = LandCover.from_rules(look.rules).kind
    stated = set(look.given("cover")["by_land"])
    names = {int(c["code"]): str(c["id"]) for c in look.rules.value("land_class.classes")}
    lacking = {names[k]: n for k, n in land.items() if 2 <= kinds[k] <= 4 and names[k] not in stated}
    if lacking:
        zh, en = listed([f"{name}: {cells}" for name, cells in lacking.items()], most=20)
        look.notes.error(
            "inputs.cover.by_land",
            f"图上有而没有给出盖度的植被地类（地类: 像元数）：{zh}；它们的土壤流失量会缺测，请补上。",
            f"vegetated land classes on the map without a cover (class: cells): {en}; their soil loss would be "
            "missing. Add them.",
        )


def _judge_soil_table(look: Look, tally: Tally) -> None:
    table = look.given("soil_k").get("table")
    if table is None:
        return
    wrong = [f"{k} = {v!r}" for k, v in table.items() if not (k.isdecimal() and isinstance(v, int | float))]
    if wrong:
        zh, en = listed(wrong)
        look.notes.error(
            "inputs.soil_k.table",
            f"应为“代码 = K 值”，有误：{zh}；请改正。",
            f"takes code = K; these are wrong: {en}. Correct them.",
        )
    lacking = {code: cells for code, cells in tally.codes.items() if str(code) not in table}
    if lacking:
        zh, en = listed([f"{code}: {cells}" for code, cells in sorted(lacking.items())], most=10)
        look.notes.error(
            "inputs.soil_k.table",
            f"有 {len(lacking)} 种土壤代码没有 K 值（代码: 像元数）：{zh}；请补上。",
            f"{len(lacking)} soil codes have no K (code: cells): {en}; add them.",
        )
    unit = next(iter(UNITS["erodibility"]))
    scale = scale_of(look, "soil_k")
    high = max((float(v) * scale for v in table.values() if isinstance(v, int | float)), default=0.0)
    if high > 0.12:
        look.notes.error(
            "inputs.soil_k.table",
            f'K 最大为 {high:g} {unit}，一般不超过 0.1；请核对 unit（美制写 "US"）。',
            f'the largest K is {high:g} {unit}, usually below 0.1; check the unit ("US" for US units).',
        )


def _judge_texture(look: Look, found: dict[str, Tally]) -> None:
    """Note shares that are fractions or g/kg, and carbon that is too much to be in percent."""
    parts = [found.get(f"inputs.soil_texture.{key}") for key in TEXTURE]
    known = [part for part in parts if part is not None and part.known]
    if len(known) == len(TEXTURE):
        total = sum(part.mean for part in known)
        if total < 1.5:
            zh, en = "像是 0～1 的比例；请乘以 100", "they look like fractions; multiply them by 100"
        elif total > 500:
            zh, en = "像是 g/kg；请除以 10", "they look like g/kg; divide them by 10"
        elif abs(total - 100) > TEXTURE_SUM:
            zh = "其余按石砾计，三者会按比例换算到 100 %；请核对是否如此"
            en = "the rest is taken for stones and the three are scaled to 100 %; see that this is meant"
        else:
            zh = en = ""
        if zh:
            look.notes.add(
                "warning" if 1.5 <= total <= 500 else "error",
                "inputs.soil_texture",
                f"砂粒、粉粒、黏粒平均合计 {total:.4g} %，应为 100 %；{zh}。",
                f"sand, silt and clay add up to {total:.4g} % on the average, not 100 %; {en}.",
            )
    for key in CARBON:
        tally = found.get(f"inputs.soil_texture.{key}")
        if tally is not None and tally.known and tally.mean > MUCH_CARBON:
            look.notes.error(
                f"inputs.soil_texture.{key}",
                f"平均 {tally.mean:.3g} %，像是 g/kg；应为占土重的 %，请除以 10。",
                f"is {tally.mean:.3g} % on the average, which looks like g/kg; it takes % of the soil's weight: "
                "divide by 10.",
            )


def _judge_together(look: Look) -> None:
    """Note where elevation and land use never meet, though each covers a part of the region."""
    pair = [layers[0] for name in ("dem", "land_use") if (layers := look.layers_of(f"inputs.{name}"))]
    if not any(_both(pair, tile, look).any() for tile in look.grid.tiles(TILE)):
        look.notes.error(
            "inputs.land_use",
            f"{pair[1].label} 与 {pair[0].label} 在区域内没有一处相重叠，没有可计算的像元；请核对两者的范围与坐标系。",
            f"{pair[1].label} and {pair[0].label} overlap nowhere in the region, so that no cell can be computed; "
            "check the "
            "extent and coordinate system of both.",
        )


def _both(pair: Sequence[Layer], tile: Grid, look: Look) -> NDArray[np.bool_]:
    """Return where both layers have values on a tile of the region."""
    inside = look.counties.on(tile) > 0
    if not inside.any():
        return np.zeros(1, dtype=np.bool_)
    elevation, land = (layer.source.read(tile) for layer in pair)
    return np.asarray(inside & ~np.isnan(elevation) & (land != 0))
