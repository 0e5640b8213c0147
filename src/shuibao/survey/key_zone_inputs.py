"""Inputs of the key zones of prevention and treatment: zones of higher levels, a table of units, planned areas (重点区输入)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.survey.region import Region
from shuibao.survey.zone_inputs import Shapes, shapes_of

KIND_WORDS = {"prevention": "prevention", "treatment": "treatment", "预防": "prevention", "治理": "treatment"}
"""How a file may write the kinds; longer names that hold one of these words count too."""

LEVEL_WORDS = {
    "national": "national", "province": "province", "city": "city", "county": "county",
    "国家": "national", "省": "province", "市": "city", "县": "county",
}  # fmt: skip
"""How a file may write the levels."""

SQUARE_KILOMETRES = {"km2": 1.0, "hm2": 0.01}
"""Units that planned areas may be in."""

PLANNED = ("prevention", "treatment")


@dataclass(frozen=True)
class HigherZones:
    """
    Zones of higher levels (上级重点区).

    Parameters
    ----------
    shapes : Shapes
        The layer.
    kind, level : (n,) arrays of str
        Kind and level of each zone.
    """

    shapes: Shapes
    kind: NDArray[np.str_]
    level: NDArray[np.str_]


def higher_zones_of(region: Region) -> HigherZones | None:
    """
    Read the zones of higher levels; None if region.toml names none (读取上级重点区).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If the layer cannot be used, lacks a field, or a kind or level is not understood.
    """
    shapes = shapes_of(region, "higher_zones")
    if shapes is None:
        return None
    return HigherZones(shapes, _field(region, shapes, "kind", KIND_WORDS), _field(region, shapes, "level", LEVEL_WORDS))


def _field(region: Region, found: Shapes, key: str, words: Mapping[str, str]) -> NDArray[np.str_]:
    """Return what a field says, in our words."""
    field = str(region.inputs["higher_zones"].get(key, key))
    if field not in found.columns:
        raise ShuibaoError(
            f"{found.source} 没有字段「{field}」（现有：{'、'.join(found.columns)}）；请在 inputs.higher_zones.{key} 中指定。",
            f"{found.source} has no field '{field}' (it has: {', '.join(found.columns)}); name it in "
            f"inputs.higher_zones.{key}.",
        )
    return np.array([_understood(found.source, field, value, words) for value in found.columns[field].tolist()])


def _understood(source: str, field: str, value: Any, words: Mapping[str, str]) -> str:
    text = str(value).strip()
    meant = sorted({ours for word, ours in words.items() if word in text.lower()})
    if len(meant) != 1:
        raise ShuibaoError(
            f"{source} 的字段 {field} 有值「{text}」，看不出是哪一种；可用：{'、'.join(words)}。",
            f"{source}: the field {field} holds '{text}', which is not understood; there are: {', '.join(words)}.",
        )
    return meant[0]


def unit_table_of(region: Region) -> tuple[str, list[dict[str, str]]]:
    """
    Read the table of indices by small watershed (读取小流域指标表).

    Parameters
    ----------
    region : Region
        The region folder.

    Returns
    -------
    key : str
        Column of the codes.
    rows : list of dict
        Its rows as text; none if region.toml names no table.

    Raises
    ------
    ShuibaoError
        If the file cannot be read, is empty, or lacks the column of codes.
    """
    given = region.inputs.get("unit_table", {})
    key = str(given.get("code", "code"))
    if not given:
        return key, []
    if "path" not in given:
        raise ShuibaoError(
            'inputs.unit_table 缺少 path；请指定 CSV，如 unit_table = { path = "inputs/units.csv" }。',
            'inputs.unit_table has no path; name a CSV, as unit_table = { path = "inputs/units.csv" }.',
        )
    path = region.path_of(str(given["path"]))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ShuibaoError(
            f"inputs.unit_table：读不了 {path.name}；请给出 UTF-8 的 CSV。",
            f"inputs.unit_table: {path.name} cannot be read; give a CSV in UTF-8.",
        ) from error
    if key not in columns:
        raise ShuibaoError(
            f"{path.name} 没有小流域编码列「{key}」（现有：{'、'.join(columns)}）；请在 inputs.unit_table.code 中指定。",
            f"{path.name} has no column '{key}' of codes (it has: {', '.join(columns)}); name it in inputs.unit_table.code.",
        )
    return key, rows


def planned_areas(region: Region) -> dict[str, float]:
    """
    Return the planned areas of the two kinds, km² (规划面积).

    Parameters
    ----------
    region : Region
        What region.toml says of ``planned_area``; kinds without a plan are left out.

    Raises
    ------
    ShuibaoError
        If the unit is not known, an area is not positive, or there is none.
    """
    given = region.inputs.get("planned_area", {})
    if not given:
        return {}
    unit = given.get("unit", "km2")
    if unit not in SQUARE_KILOMETRES:
        raise ShuibaoError(
            f"inputs.planned_area.unit 为「{unit}」，可用：{'、'.join(SQUARE_KILOMETRES)}。",
            f"inputs.planned_area.unit is '{unit}'; allowed: {', '.join(SQUARE_KILOMETRES)}.",
        )
    planned = {kind: float(given[kind]) * SQUARE_KILOMETRES[unit] for kind in PLANNED if kind in given}
    wrong = [kind for kind, area in planned.items() if not 0 < area < np.inf]
    if wrong or not planned:
        kind = wrong[0] if wrong else PLANNED[0]
        raise ShuibaoError(
            f"inputs.planned_area.{kind} 为 {given.get(kind, '空')}，应大于 0；没有规划面积就不写。",
            f"inputs.planned_area.{kind} is {given.get(kind, 'missing')}; it must be positive, or left out.",
        )
    return planned
