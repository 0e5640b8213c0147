"""Indices of small watersheds that layers and tables give: densities of lines, shares of areas, a CSV (图层与表中的指标)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.facts.table import Facts
from shuibao.ground.lines import rivers_on
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.counties import counties_of
from shuibao.survey.key_zone_inputs import unit_table_of
from shuibao.survey.region import Region
from shuibao.survey.watershed_products import WatershedProducts
from shuibao.survey.zone_inputs import shapes_of
from shuibao.zoning.prevention_treatment_indices import facts_indices, indices_of

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class UnitIndices:
    """
    All indices of the small watersheds of a region (小流域指标).

    Parameters
    ----------
    values : dict of str to (n,) array
        ``area_m2``, then each index; NaN where it is missing.
    origins : dict of str to str
        Where each index came from, in words; empty where it is missing for all.
    """

    values: dict[str, Floats]
    origins: dict[str, str]


def unit_indices(region: Region, rules: Rules, products: WatershedProducts) -> UnitIndices:
    """
    Return the indices of all small watersheds of a region (汇总小流域指标).

    Parameters
    ----------
    region : Region
        A region that was run.
    rules : Rules
        Rule packs in force.
    products : WatershedProducts
        Its small watersheds.

    Raises
    ------
    ShuibaoError
        If the facts, a layer or the table is missing or wrong.
    """
    facts = Facts.read(region.products / "facts.parquet")
    codes = [str(code) for code in products.column("code").tolist()]
    shapes = np.asarray(products.watersheds.geometry, dtype=object)
    values = facts_indices(facts, codes, rules)
    origins = dict.fromkeys(values, "facts.parquet")
    table = _table(region, codes)
    for index in indices_of(rules):
        found: tuple[Floats, str] | None = None
        if index.origin == "table":
            found = (table[index.id], _source(region, "unit_table")) if index.id in table else None
        elif index.origin in _FROM_LAYER:
            found = _FROM_LAYER[index.origin](region, products, shapes)
        if index.id not in values:
            values[index.id] = np.full(len(codes), np.nan) if found is None else found[0]
            origins[index.id] = "" if found is None else found[1]
    return UnitIndices(values, origins)


def line_density(lines: Shapes, shapes: Shapes) -> Floats:
    """
    Return the length of lines in each area by its size (线密度).

    Parameters
    ----------
    lines : (m,) array of shapely geometry
        Lines, m.
    shapes : (n,) array of shapely geometry
        Areas, m.

    Returns
    -------
    (n,) array
        km/km².

    Examples
    --------
    >>> line_density(np.array([shapely.LineString([(-5, 5), (500, 5)])]), np.array([shapely.box(0, 0, 1000, 1000)]))
    array([0.5])
    """
    length = np.zeros(len(shapes))
    if len(lines):
        unit, line = shapely.STRtree(lines).query(shapes, predicate="intersects")
        order = np.lexsort((line, unit))
        unit, line = unit[order], line[order]
        np.add.at(length, unit, shapely.length(shapely.intersection(shapes[unit], lines[line])))
    return np.asarray(length / shapely.area(shapes) * 1000.0, dtype=np.float64)


def covered_share(areas: Shapes, shapes: Shapes) -> Floats:
    """
    Return what share of each shape some areas cover, which may overlap (覆盖比例).

    Parameters
    ----------
    areas : (m,) array of shapely geometry
        Areas that cover.
    shapes : (n,) array of shapely geometry
        Shapes that are covered.

    Returns
    -------
    (n,) array
        Percent.

    Examples
    --------
    >>> covered_share(np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 2)]), np.array([shapely.box(0, 0, 2, 2)]))
    array([50.])
    """
    covered = np.zeros(len(shapes))
    if len(areas):
        unit, area = shapely.STRtree(areas).query(shapes, predicate="intersects")
        for k in np.unique(unit).tolist():
            mine = np.sort(area[unit == k])
            covered[k] = shapely.area(shapely.union_all(shapely.intersection(areas[mine], shapes[k])))
    return np.asarray(100.0 * covered / shapely.area(shapes), dtype=np.float64)


def _channels(region: Region, products: WatershedProducts, shapes: Shapes) -> tuple[Floats, str]:
    return line_density(np.asarray(products.channels.geometry, dtype=object), shapes), "channels.parquet"


def _gullies(region: Region, products: WatershedProducts, shapes: Shapes) -> tuple[Floats, str] | None:
    if "gullies" not in region.inputs:
        return None
    given = region.inputs["gullies"]
    grid = counties_of(region).grid(region.cell)
    found = rivers_on(region.path_of(str(given.get("path", ""))), grid, layer=given.get("layer"))
    return line_density(np.asarray(found.lines, dtype=object), shapes), _source(region, "gullies")


def _water_sources(region: Region, products: WatershedProducts, shapes: Shapes) -> tuple[Floats, str] | None:
    found = shapes_of(region, "water_sources")
    return None if found is None else (covered_share(found.geometry, shapes), found.source)


_FROM_LAYER: dict[str, Callable[[Region, WatershedProducts, Shapes], tuple[Floats, str] | None]] = {
    "channels": _channels,
    "gullies": _gullies,
    "water_sources": _water_sources,
}


def _source(region: Region, name: str) -> str:
    return region.path_of(str(region.inputs[name].get("path", ""))).name


def _table(region: Region, codes: Sequence[str]) -> dict[str, Floats]:
    """Return the numbers of the user's table, by column, in the order of the small watersheds."""
    key, rows = unit_table_of(region)
    if not rows:
        return {}
    file, place = _source(region, "unit_table"), {code: k for k, code in enumerate(codes)}
    _check_codes(file, [row[key].strip() for row in rows], place)
    out = {name: _numbers(file, rows, key, name, place) for name in rows[0] if name and name != key}
    return {name: values for name, values in out.items() if not np.isnan(values).all()}


def _check_codes(file: str, given: Sequence[str], place: dict[str, int]) -> None:
    unknown = sorted({code for code in given if code not in place})
    twice = sorted({code for code in given if given.count(code) > 1}) if len(set(given)) < len(given) else []
    if unknown or twice:
        raise ShuibaoError(
            f"{file} 中有 {len(unknown)} 个编码不是本区域的小流域（{unknown[:3]}），{len(twice)} 个重复（{twice[:3]}）；请改正。",
            f"{file}: {len(unknown)} codes are no small watersheds of the region ({unknown[:3]}), {len(twice)} occur twice "
            f"({twice[:3]}); correct them.",
        )


def _numbers(file: str, rows: list[dict[str, str]], key: str, name: str, place: dict[str, int]) -> Floats:
    """Return a column as numbers; NaN where it is empty. Columns of words are left out as missing."""
    out = np.full(len(place), np.nan)
    for number, row in enumerate(rows, start=2):
        text = (row[name] or "").strip()
        if not text:
            continue
        try:
            out[place[row[key].strip()]] = float(text)
        except ValueError:
            if number == 2:
                return np.full(len(place), np.nan)  # a column of words
            raise ShuibaoError(
                f"{file} 第 {number} 行的 {name} 为「{text}」，不是数；请改正，没有的留空。",
                f"{file}, row {number}: {name} is '{text}', which is no number; correct it, leave it empty if unknown.",
            ) from None
    return out
