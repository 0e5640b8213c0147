"""Checking what region.toml says before any raster is opened: rules, codes, targets, required inputs (设置检查)."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import shapely

from shuibao.messages import ShuibaoError
from shuibao.rules import Rules, load_rules, read_pack
from shuibao.rules.suggestion import suggestion
from shuibao.survey.checking_notes import Notes, listed
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.rating import region_targets
from shuibao.survey.region import Region

BYTES_KEPT, BYTES_WORKING = 26.0, 45.0
"""
Bytes of disk a cell takes at most: its products (six of 4 bytes, two of 1),
and the parts of tiles and what tiles tell each other while the water is led (measured, with room to spare).
"""

EXAMPLES = {
    "dem": '{ path = "inputs/dem.tif", unit = "m" }',
    "land_use": '{ path = "inputs/landuse.tif", scheme = "gb21010" }',
    "rain": '{ path = "inputs/rain_daily.csv", unit = "mm" }',
    "soil_k": '{ path = "inputs/k.tif", unit = "t hm2 h / (hm2 MJ mm)" }',
    "cover": '{ path = "inputs/fvc_*.tif", unit = "1" }',
}
"""How each input that must be there is written."""

_NEEDED = (
    ("dem", ("dem",), "高程", "elevation"),
    ("land_use", ("land_use",), "土地利用", "land use"),
    ("rain", ("rain", "r_factor"), "日雨量（或 r_factor 降雨侵蚀力）", "daily rain (or r_factor)"),
    ("soil_k", ("soil_k", "soil_texture"), "土壤可蚀性（或 soil_texture 质地）", "erodibility (or soil_texture)"),
    ("cover", ("cover",), "植被盖度", "vegetation cover"),
)

_SOURCES: dict[str, tuple[str, ...]] = {
    "dem": ("path",), "land_use": ("path", "value"), "rain": ("path",), "r_factor": ("path", "value"),
    "soil_k": ("path", "value"), "cover": ("path", "value", "by_land"), "measures": ("path",),
    "tillage": ("path", "value", "region"), "rivers": ("path",),
}  # fmt: skip
"""Keys of which an input must have one."""

_INSTEAD = (("rain", "r_factor"), ("soil_k", "soil_texture"))
"""Pairs of inputs that stand for each other; the second is used where both are given."""


def checked_rules(notes: Notes, region: Region) -> Rules:
    """
    Return the rule packs in force, or the national ones where some are wrong, which is noted (规则包检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    """
    sound = []
    for name in region.packs:
        with notes.catching("region.rules"):
            read_pack(name)
            sound.append(name)
    with notes.catching("region.rules"):
        rules = load_rules(sound)
        if len(sound) == len(region.rules) and "tolerable_loss.northwest_loess" not in rules:
            notes.error(
                "region.rules",
                f'规则包 {list(region.rules)} 缺少全国的规则；请以 "national" 开头，如 rules = ["national", "shanxi"]。',
                f'the rule packs {list(region.rules)} lack the nation\'s rules; begin with "national", as rules = ["national", '
                '"shanxi"].',
            )
        elif len(rules) and "tolerable_loss.northwest_loess" in rules:
            return rules
    return load_rules(["national"])


def check_erosion_region(notes: Notes, region: Region, rules: Rules) -> None:
    """
    Check that the tolerable soil loss of the region is known (侵蚀类型区检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    """
    known = rules.table("tolerable_loss")
    name = region.erosion_region
    if name in known or not name:  # an absent one is noted already
        return
    hint_zh, hint_en = suggestion(name, known)
    notes.error(
        "region.erosion_region",
        f"没有侵蚀类型区「{name}」。{hint_zh}可用：{'、'.join(f'{k}（{p.name}）' for k, p in known.items())}。",
        f"there is no erosion region '{name}'. {hint_en}There are: {', '.join(known)}.",
    )


def check_targets_pack(notes: Notes, region: Region, counties: Counties | None) -> None:
    """
    Check that the target pack exists and has the counties of the region (目标包检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    counties : Counties or None
        Counties of the region, if known.
    """
    if not region.targets:
        return
    with notes.catching("region.targets"):
        targets = region_targets(region)
        having = {entry.code for entry in targets.entries} if targets is not None else set()
        lacking = [code for code in counties.codes if code not in having] if counties and having else []
        if lacking:
            zh, en = listed(lacking)
            notes.warn(
                "region.targets",
                f"目标包 {region.targets} 没有这些县的目标：{zh}；报告中不列差距。",
                f"the target pack {region.targets} has no target for {en}; the report shows no gap for them.",
            )


def checked_counties(notes: Notes, region: Region) -> Counties | None:
    """
    Return the counties of the region, or None where their codes or borders are wrong, which is noted (边界检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    """
    twice = [code for code, times in Counter(region.codes).items() if times > 1]
    if twice:
        zh, en = listed(twice)
        notes.warn(
            "region.codes",
            f"代码重复：{zh}；只计一次，请删去。",
            f"codes are repeated: {en}; counted once, remove them.",
        )
    from_file = "path" in region.inputs.get("boundaries", {})
    where = "inputs.boundaries" if from_file else "region.codes"
    counties = None
    with notes.catching(where):
        counties = counties_of(region)
    if counties is None:
        return _sound_codes(notes, region) if not from_file else None
    if from_file and region.codes:
        _compare_codes(notes, region, counties)
    empty = [code for code, area in zip(counties.codes, shapely.area(counties.geometry), strict=True) if area == 0]
    if empty:
        zh, en = listed(empty)
        notes.error(where, f"边界面积为 0：{zh}；请改正。", f"borders without area: {en}; correct them.")
        return None
    return counties


def _sound_codes(notes: Notes, region: Region) -> Counties | None:
    """Return the counties of the codes that exist; note the others one by one."""
    sound = []
    for code in region.codes:
        try:
            counties_of(_with_codes(region, (code,)))
            sound.append(code)
        except ShuibaoError as problem:
            notes.error("region.codes", problem.zh, problem.en)
    try:
        return counties_of(_with_codes(region, tuple(sound))) if sound else None
    except ShuibaoError:
        return None


def _with_codes(region: Region, codes: tuple[str, ...]) -> Region:
    return Region(**{**region.__dict__, "codes": codes})


def _compare_codes(notes: Notes, region: Region, counties: Counties) -> None:
    """Warn where the codes of region.toml are not those of the boundary file."""
    zh, en = listed(list(counties.codes))
    strange = [c for c in region.codes if not any(code.startswith(c.rstrip("0") or c) for code in counties.codes)]
    if strange:
        notes.warn(
            "region.codes",
            f"边界文件中没有代码 {'、'.join(strange)}（有：{zh}）；以边界文件为准，请核对。",
            f"the boundary file has no code {', '.join(strange)} (it has: {en}); the file is followed. Check them.",
        )


def check_needed(notes: Notes, region: Region) -> None:
    """
    Note the inputs that must be there and are not, and those that say nothing of where their values are (必需输入检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    """
    for name, either, zh, en in _NEEDED:
        if not any(key in region.inputs for key in either) and not notes.faulty(f"inputs.{name}"):
            example = f"{name} = {EXAMPLES[name]}"
            notes.error(
                f"inputs.{name}",
                f"缺少{zh}；请在 [inputs] 中加上，如 {example}。",
                f"{en} is missing; add it, as {example}.",
            )
    for name, keys in _SOURCES.items():
        given = region.inputs.get(name)
        if given is not None and not any(key in given for key in keys) and not notes.faulty(f"inputs.{name}"):
            notes.error(
                f"inputs.{name}",
                f"没有说明数据在哪里；请给出 {'、'.join(keys)} 之一。",
                f"does not say where its values are; give {' or '.join(keys)}.",
            )
    for first, second in _INSTEAD:
        if first in region.inputs and second in region.inputs:
            notes.warn(
                f"inputs.{first}",
                f"同时给出了 {first} 与 {second}，将用 {second}；请删去不用的一项。",
                f"both {first} and {second} are given; {second} is used. Remove the one that is not meant.",
            )
    _check_shared_files(notes, region)


def _check_shared_files(notes: Notes, region: Region) -> None:
    """Warn where two inputs name one file and one band: one of them is most likely a slip."""
    seen: dict[tuple[Path, Any], str] = {}
    for name, given in region.inputs.items():
        for key in ("path", "sand", "silt", "clay", "organic_carbon", "organic_matter"):
            if key not in given or name in ("boundaries", "control_areas"):
                continue
            place = region.path_of(given[key]), given.get("band", 1)
            where = f"inputs.{name}" if key == "path" else f"inputs.{name}.{key}"
            other = seen.setdefault(place, where)
            if other != where:
                notes.error(
                    where,
                    f"与 {other} 是同一个文件（{given[key]}）同一波段；请核对 path 与 band。",
                    f"is the same band of the same file ({given[key]}) as {other}; check path and band.",
                )


def check_disk(notes: Notes, region: Region, area: float) -> None:
    """
    Compare the free space of the disk with what a run will write (磁盘空间检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    area : float
        Area of the region, m².
    """
    if not os.access(region.folder, os.W_OK):
        notes.error(
            "region.toml",
            "区域文件夹不可写；请修改权限，或把它拷到可写的位置。",
            "the region folder cannot be written to; change its permissions or copy it elsewhere.",
        )
    cells = area / region.cell**2
    free = shutil.disk_usage(region.folder).free
    least, usual = cells * BYTES_KEPT, cells * (BYTES_KEPT + BYTES_WORKING)
    if free >= usual:
        return
    refused = free < least
    notes.add(
        "error" if refused else "warning",
        "products",
        f"磁盘剩余 {free / 1e9:.2f} GB，运行约需 {usual / 1e9:.2f} GB（其中成果 {least / 1e9:.2f} GB）；"
        "请清理磁盘或换一个位置。",
        f"the disk has {free / 1e9:.2f} GB left; a run takes about {usual / 1e9:.2f} GB (products {least / 1e9:.2f} "
        "GB). Free "
        "some space or use another disk.",
    )
