"""The small watersheds of a region as they lie in its folder, read and counted (小流域成果读取)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.facts.rate import exact_sum
from shuibao.ground.grid import equal_area_crs
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.records import read_record
from shuibao.survey.region import Region
from shuibao.survey.watershed_tables import CHANNELS, UNITS, WATERSHEDS
from shuibao.watershed.small_watersheds import TYPE_NAMES

SQUARE_KILOMETRE = 1e6

COLUMNS = {
    WATERSHEDS: (
        "number", "code", "name", "type", "county", "down_code", "area_m2", "whole_area_m2", "upstream_area_m2", "outlet_x",
        "outlet_y", "within_limits", "reason", "crosses_border",
    ),
    UNITS: (
        "code", "parent_code", "name", "county", "county_name", "area_m2", "share", "sliver", "main",
    ),
    CHANNELS: ("number", "down", "strahler", "shreve", "length_m", "area_m2"),
}  # fmt: skip
"""Columns that each file must have."""

_TEXTS = frozenset({"code", "name", "type", "county", "down_code", "reason", "parent_code", "county_name"})
_FLAGS = frozenset({"within_limits", "crosses_border", "sliver", "main"})


@dataclass(frozen=True)
class WatershedProducts:
    """
    Small watersheds, their parts by county, the channels, and what the record says of them (小流域成果).

    Parameters
    ----------
    region : Region
        The region folder.
    watersheds, units, channels : Vectors
        The three tables with their shapes, m on the grid.
    record : mapping
        Record of the step ``water``.
    """

    region: Region
    watersheds: Vectors
    units: Vectors
    channels: Vectors
    record: Mapping[str, Any]

    @property
    def summary(self) -> Mapping[str, Any]:
        """Return what the step has recorded of its result."""
        found: Mapping[str, Any] = self.record.get("summary", {})
        return found

    @property
    def crs(self) -> CRS:
        """Return the coordinate system of the shapes (坐标系)."""
        return equal_area_crs(self.region.projection)

    @property
    def limits_km2(self) -> tuple[float, float]:
        """Return the limits of area that the units were drawn for, km², as whole cells (面积上下限)."""
        low, high = self.summary["limits_km2"]
        return float(low), float(high)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of the small watersheds (列)."""
        return self.watersheds.columns[name]

    def county_names(self) -> dict[str, str]:
        """Return the name of each county by code (县名)."""
        codes, names = (self.units.columns[name].tolist() for name in ("county", "county_name"))
        return dict(zip(codes, names, strict=True))


def has_watersheds(region: Region) -> bool:
    """Tell whether the small watersheds of a region have been drawn (是否有小流域成果)."""
    files = [region.products / name for name in COLUMNS]
    return read_record(region, "water") is not None and all(path.is_file() for path in files)


def read_watersheds(region: Region) -> WatershedProducts:
    """
    Read the small watersheds of a region that has been run (读取小流域成果).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If they have not been drawn, a file cannot be read, or it lacks a column.
    """
    record = read_record(region, "water")
    absent = [f"products/{name}" for name in COLUMNS if not (region.products / name).is_file()]
    if record is None or absent:
        what = "、".join(absent) or "records/water.json"
        raise ShuibaoError(
            f"{region.folder} 没有小流域成果（缺 {what}）；请先运行 shuibao run {region.folder}。",
            f"{region.folder} has no small watersheds ({what.replace('、', ', ')} missing); run shuibao run {region.folder} first.",
        )
    watersheds, units, channels = (_read(region, name) for name in COLUMNS)
    return WatershedProducts(region, watersheds, units, channels, record)


def _read(region: Region, name: str) -> Vectors:
    try:
        vectors = read_vectors(region.products / name)
    except (OSError, ShuibaoError) as error:
        raise ShuibaoError(
            f"products/{name} 无法读取，可能不完整或已损坏；请删去它，重新运行 shuibao run {region.folder}。",
            f"products/{name} cannot be read; it may be cut short or damaged: delete it and run shuibao run {region.folder} again.",
        ) from error
    lacking = [column for column in COLUMNS[name] if column not in vectors.columns]
    if lacking:
        raise ShuibaoError(
            f"products/{name} 缺少列 {'、'.join(lacking)}；可能被改过或出自另一版软件，请运行 shuibao run {region.folder} water。",
            f"products/{name} lacks the columns {', '.join(lacking)}; it was changed or is of another version: run shuibao run "
            f"{region.folder} water.",
        )
    for column in COLUMNS[name]:
        vectors.columns[column] = _sound(region, name, column, vectors.columns[column])
    return vectors


def _sound(region: Region, name: str, column: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return a column without missing values: text that is missing is empty, numbers that are missing are refused."""
    if column in _TEXTS:
        return np.array(["" if value is None else str(value) for value in values.tolist()], dtype=object)
    kinds, zh, en = ("b", "是或否", "true or false") if column in _FLAGS else ("iuf", "数字", "numbers")
    missing = values.dtype.kind == "f" and not np.isfinite(values).all()
    if values.size and (values.dtype.kind not in kinds or missing):
        bad = [
            k for k, value in enumerate(values.tolist()) if value is None or isinstance(value, str) or value != value
        ]
        row = bad[0] + 1 if bad else 1
        raise ShuibaoError(
            f"products/{name} 的列 {column} 应为{zh}，不可缺；第 {row} 行为 {values[row - 1]}。可能被改过，请运行 shuibao run "
            f"{region.folder} water。",
            f"column {column} of products/{name} must hold {en}, none missing; row {row} is {values[row - 1]}. It may have "
            f"been changed: run shuibao run {region.folder} water.",
        )
    return values


def watershed_rows(products: WatershedProducts) -> list[dict[str, Any]]:
    """
    Return the small watersheds one by one, from upstream to downstream (小流域清单).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.

    Returns
    -------
    list of dict
        As in ``watersheds.parquet``, with areas in km² and the name of the main county.
    """
    names, got = products.county_names(), products.watersheds.columns
    rows = []
    for k in range(len(got["code"])):
        county = str(got["county"][k])
        rows.append({
            "code": str(got["code"][k]), "name": str(got["name"][k]), "type": str(got["type"][k]), "county": county,
            "county_name": names.get(county, county),
            "area_km2": float(got["whole_area_m2"][k]) / SQUARE_KILOMETRE,
            "in_region_km2": float(got["area_m2"][k]) / SQUARE_KILOMETRE,
            "upstream_km2": float(got["upstream_area_m2"][k]) / SQUARE_KILOMETRE,
            "down_code": str(got["down_code"][k]), "within_limits": bool(got["within_limits"][k]),
            "reason": str(got["reason"][k]),
        })  # fmt: skip
    return rows


def watershed_summary(products: WatershedProducts) -> dict[str, Any]:
    """
    Return how many small watersheds there are, of which types and sizes, and how many are outside the limits (小流域统计).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.

    Returns
    -------
    dict
        Sizes are of whole units; shares are of the region's area, percent. Types and reasons as in the table.
    """
    whole, own = (products.column(name) for name in ("whole_area_m2", "area_m2"))
    within, reason, kind = (products.column(name) for name in ("within_limits", "reason", "type"))
    inside = np.asarray(within, dtype=bool)
    total = exact_sum(own)
    outside = {
        str(word): {
            "watersheds": int((reason[~inside] == word).sum()),
            "in_region_km2": exact_sum(own[~inside & (reason == word)]) / SQUARE_KILOMETRE,
        }
        for word in sorted(set(reason[~inside].tolist()))
    }
    return {
        "watersheds": int(whole.size),
        "types": {str(word): int((kind == word).sum()) for word in sorted(set(kind.tolist()))},
        "mean_km2": exact_sum(whole) / whole.size / SQUARE_KILOMETRE if whole.size else None,
        "minimum_km2": float(whole.min()) / SQUARE_KILOMETRE if whole.size else None,
        "maximum_km2": float(whole.max()) / SQUARE_KILOMETRE if whole.size else None,
        "limits_km2": list(products.limits_km2),
        "within_limits": int(inside.sum()),
        "within_limits_percent": 100.0 * exact_sum(own[inside]) / total if total else None,
        "outside_limits": outside,
        "crossing_border": int(np.asarray(products.column("crosses_border"), dtype=bool).sum()),
        "management_units": len(products.units.geometry),
        "in_region_km2": total / SQUARE_KILOMETRE,
        "region_km2": float(products.summary["region_m2"]) / SQUARE_KILOMETRE,
    }


GROUPS = ("county", "type", "size")
"""What small watersheds can be grouped by."""


def watershed_groups(products: WatershedProducts, rules: Rules, by: str) -> list[dict[str, Any]]:
    """
    Return how many small watersheds there are and how large they are by county, type or size (小流域分组).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    rules : Rules
        Rule packs in force, for the target area.
    by : {"county", "type", "size"}
        What they are grouped by. A small watershed is counted with its main county; its area is given to each county
        that holds a part of it.

    Returns
    -------
    list of dict
        One row a group that occurs. Areas in the region and shares, percent, add up to the whole; sizes are of whole units.

    Raises
    ------
    CallError
        If there is no such group.
    """
    if by not in GROUPS:
        raise CallError(
            f"不能按「{by}」分组；可用：{'、'.join(GROUPS)}。", f"cannot group by '{by}'; use {', '.join(GROUPS)}."
        )
    whole, own = products.column("whole_area_m2"), products.column("area_m2")
    names = products.county_names() if by == "county" else {}
    keys = size_classes(products, rules) if by == "size" else products.column(by).astype(np.str_)
    part_keys = products.units.columns["county"].astype(np.str_) if by == "county" else _of_parents(products, keys)
    part_area, total = products.units.columns["area_m2"], exact_sum(own)
    rows = []
    for key in dict.fromkeys([*_order(by, keys), *np.unique(keys).tolist(), *np.unique(part_keys).tolist()]):
        mine, parts = keys == key, part_keys == key
        if not mine.any() and not parts.any():
            continue
        area, sizes = exact_sum(part_area[parts]), whole[mine] / SQUARE_KILOMETRE
        rows.append({
            by: str(key), **({"county_name": names.get(str(key), str(key))} if by == "county" else {}),
            "watersheds": int(mine.sum()), "management_units": int(parts.sum()),
            "in_region_km2": area / SQUARE_KILOMETRE, "in_region_percent": 100.0 * area / total if total else None,
            "mean_km2": exact_sum(whole[mine]) / SQUARE_KILOMETRE / sizes.size if sizes.size else None,
            "minimum_km2": float(sizes.min()) if sizes.size else None,
            "maximum_km2": float(sizes.max()) if sizes.size else None,
            "within_limits": int(np.asarray(products.column("within_limits"), dtype=bool)[mine].sum()),
        })  # fmt: skip
    return rows


def size_classes(products: WatershedProducts, rules: Rules) -> NDArray[np.str_]:
    """
    Return the class of size of each small watershed: its edges are the lower limit, the target and the upper one (面积分级).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    rules : Rules
        Rule packs in force.
    """
    low, high = products.limits_km2
    edges = [float(rules.value(f"watershed.{name}_area")) for name in ("minimum", "target", "maximum")]
    first, middle, last = (f"{edge:g}" for edge in edges)
    labels = np.array([f"<{first}", f"{first}–{middle}", f"{middle}–{last}", f">{last}"])
    size = products.column("whole_area_m2") / SQUARE_KILOMETRE
    grade = 3 - ((size < low).astype(int) + (size < edges[1]) + (size <= high))
    found: NDArray[np.str_] = labels[grade]
    return found


def _order(by: str, keys: NDArray[np.str_]) -> list[str]:
    """Return the groups whose order is not that of their names."""
    if by == "type":
        return [zh for zh, _ in TYPE_NAMES.values()]
    if by == "size":
        return sorted(
            set(keys.tolist()),
            key=lambda word: (word[0] != "<", word[0] == ">", float(word.lstrip("<>").split("–")[0])),
        )
    return []


def _of_parents(products: WatershedProducts, keys: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return the group of each management unit: that of the small watershed it is a part of."""
    group = dict(zip(products.column("code").tolist(), keys.tolist(), strict=True))
    return np.array([group.get(code, "") for code in products.units.columns["parent_code"].tolist()], dtype=np.str_)


def changed_water_settings(products: WatershedProducts) -> dict[str, tuple[Any, Any]]:
    """
    Return what of region.toml has changed since the small watersheds were drawn: now, and then (划分之后的改动).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    """
    made = products.record.get("depends", {}).get("region", {})
    now = {f"region.{key}": value for key, value in products.region.settings().items()}
    then = {f"region.{key}": made.get(key) for key in products.region.settings()}
    water, drawn = products.region.water, made.get("water", {})
    now |= {f"water.{key}": water.get(key) for key in {*water, *drawn}}
    then |= {f"water.{key}": drawn.get(key) for key in {*water, *drawn}}
    return {key: (now[key], then[key]) for key in sorted(now) if now[key] != then[key]}
