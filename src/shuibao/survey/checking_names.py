"""Checking that the name, the level and the year of a region go with its codes (名称、级别与年份检查)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shuibao.sources.boundaries import county_table, expand_codes
from shuibao.survey.checking_notes import Notes, listed
from shuibao.survey.region import Region

YEARS = (1950, 2100)
"""Years that a survey can be of (chosen); another one is a slip of the pen."""

_LEVEL_KEYS = (("county", "code", "name"), ("city", "city_code", "city"), ("province", "province_code", "province"))


def check_year(notes: Notes, region: Region) -> None:
    """
    Note a year that no survey can be of (年份检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    """
    low, high = YEARS
    if not low <= region.year <= high:
        notes.error(
            "region.year",
            f"年份 {region.year} 应在 {low}～{high} 之间；请改正。",
            f"the year {region.year} must be one of {low} to {high}; correct it.",
        )


def check_names(notes: Notes, region: Region) -> None:
    """
    Warn where the name or the level is not that of the codes (名称与级别检查).

    Nothing is said of land whose borders are given as a file, nor where a code is wrong, which is noted already.

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    """
    if "path" in region.inputs.get("boundaries", {}) or notes.faulty("region.codes") or not region.codes:
        return
    edition = region.inputs.get("boundaries", {}).get("edition", "amap")
    with notes.catching("region.codes"):
        rows = {row["code"]: row for row in county_table(edition)}
        inside = [rows[code] for code in expand_codes(region.codes, edition)]
        _check_level(notes, region, list(rows.values()), inside)
        _check_name(notes, region, list(rows.values()), inside)


def fitting_levels(
    codes: Sequence[str], every: Sequence[Mapping[str, str]], inside: Sequence[Mapping[str, str]]
) -> list[str]:
    """
    Return the levels that a region of some codes can have (可用的级别).

    Parameters
    ----------
    codes : sequence of str
        Codes as the user gave them.
    every, inside : sequence of mapping
        Rows of all counties, and of those that the codes stand for.
    """
    fits = ["county"] if set(codes) <= {row["code"] for row in inside} else []
    for level, key, below in (("city", "city_code", "code"), ("province", "province_code", "city_code")):
        whole = [row for row in every if row[key] == inside[0][key]]
        if len({row[key] for row in inside}) == 1 and (
            len({row[below] for row in inside}) > 1 or len(inside) == len(whole)
        ):
            fits.append(level)
    return fits


def _check_level(
    notes: Notes, region: Region, every: Sequence[Mapping[str, str]], inside: Sequence[Mapping[str, str]]
) -> None:
    fits = fitting_levels(region.codes, every, inside)
    if fits and region.level not in fits:
        zh, en = listed(list(region.codes))
        notes.warn(
            "region.level",
            f"级别 {region.level} 与代码 {zh} 不符；请改为 {' 或 '.join(fits)}，或核对 codes。",
            f"the level {region.level} does not fit the codes {en}; make it {' or '.join(fits)}, or check codes.",
        )


def _check_name(
    notes: Notes, region: Region, every: Sequence[Mapping[str, str]], inside: Sequence[Mapping[str, str]]
) -> None:
    """Hold the name against that of a single code; of several, only the name of other land is a slip."""
    own = {row[name] for row in inside for _, _, name in _LEVEL_KEYS}
    if len(region.codes) == 1:
        own = {row[name] for row in inside for _, key, name in _LEVEL_KEYS if row[key] == region.codes[0]}
        wrong = not any(name in region.name or region.name in name for name in own)
    else:
        wrong = region.name not in own and region.name in {row[name] for row in every for _, _, name in _LEVEL_KEYS}
    if wrong and re.search("[\u4e00-\u9fff]", region.name):
        zh, _ = listed(sorted(own))
        codes_zh, codes_en = listed(list(region.codes))
        notes.warn(
            "region.name",
            f"名称「{region.name}」与代码 {codes_zh}（{zh}）不符；报告会用这个名称，请核对 name 与 codes。",
            f"the name is not that of the codes {codes_en}; the report uses the name. Check name and codes.",
        )
