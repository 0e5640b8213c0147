"""The small watersheds as people and programs take them: tables, polygons, files (小流域成果)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.coverage import TileBoundaries, dissolve, join_boundaries
from shuibao.ground.grid import Grid
from shuibao.ground.lines import Rivers
from shuibao.ground.vectors import Columns, write_geopackage, write_geoparquet
from shuibao.rules import Rules
from shuibao.survey.counties import Counties
from shuibao.survey.region import CODE_SCHEMES, Region
from shuibao.watershed.channels import Channels
from shuibao.watershed.county_cut import NO_COUNTY, ManagementUnits, cut_by_county
from shuibao.watershed.limits import sliver_cells
from shuibao.watershed.links import links_of_channels
from shuibao.watershed.small_watersheds import REASONS, TYPE_NAMES, Reason, SmallWatersheds, WatershedType
from shuibao.watershed.watershed_codes import COUNTY_CODE, check_codes, code_scheme, longest_code
from shuibao.watershed.watershed_names import outlet_streams, stream_lengths, watershed_names

WATERSHEDS, UNITS, CHANNELS = "watersheds.parquet", "management_units.parquet", "channels.parquet"
"""Files of the step: small watersheds, their parts by county, and the channels between junctions."""

PACKAGE = "watersheds.gpkg"
"""The same three as layers for QGIS and ArcGIS."""

BEYOND = "000000"
"""What stands for the county of small watersheds that lie wholly outside the region; they are not written."""


@dataclass(frozen=True)
class Drawn:
    """
    What the tiles found (划分结果).

    Parameters
    ----------
    units : SmallWatersheds
        Small watersheds of the whole grid.
    channels : Channels
        Its channels.
    counts : (m, 3) int64 array
        Unit (0 none), county number (0 none) and cells of each part.
    borders : list of TileBoundaries
        Borders between the parts inside the region; their labels are unit × (counties + 1) + county.
    rivers : Rivers or None
        Mapped rivers, for names.
    """

    units: SmallWatersheds
    channels: Channels
    counts: NDArray[np.int64]
    borders: list[TileBoundaries]
    rivers: Rivers | None


def write_watersheds(
    region: Region, rules: Rules, counties: Counties, grid: Grid, drawn: Drawn, tags: Mapping[str, str]
) -> tuple[list[Path], dict[str, Any]]:
    """
    Code and name the small watersheds, and write them with their parts by county (写出小流域).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Counties of the region.
    grid : Grid
        Extent.
    drawn : Drawn
        What the tiles found.
    tags : mapping of str to str
        Provenance.

    Returns
    -------
    paths : list of Path
        Files written.
    summary : dict
        Areas for the record, m², and the codes by number.
    """
    units, counts = drawn.units, drawn.counts
    slivers = sliver_cells(rules, grid.cell_area)
    parts = cut_by_county(counts[counts[:, 0] > 0], units.cells, counties.codes, slivers)
    inside = np.zeros(units.number + 1, dtype=np.int64)
    np.add.at(inside, parts.unit, np.where(parts.county == NO_COUNTY, 0, parts.cells))
    part_labels, part_shapes = _polygons(region, grid, drawn.borders)
    numbers, shapes = dissolve(part_labels, part_shapes, _parents(part_labels, len(counties.codes) + 1))
    codes = _codes(region, rules, units, parts)
    names = _names(drawn, parts, counties, grid, numbers, shapes)
    table = _watershed_columns(units, parts, grid, inside, codes, names, numbers)
    pieces = _unit_columns(parts, counties, grid, codes, names, part_labels)
    layers = {
        "watersheds": (table, shapes),
        "management_units": (pieces, part_shapes),
        "channels": _channel_layer(drawn.channels, grid),
    }
    for path, (columns, geometry) in zip((WATERSHEDS, UNITS, CHANNELS), layers.values(), strict=True):
        write_geoparquet(region.products / path, columns, geometry, grid.crs, metadata=tags)
    write_geopackage(region.products / PACKAGE, layers, grid.crs, metadata=tags)
    unassigned = counts[(counts[:, 0] == 0) & (counts[:, 1] > 0), 2].sum()
    territory = counts[counts[:, 1] > 0, 2].sum()
    summary = {
        "region_m2": float(territory * grid.cell_area),
        "drawn_m2": float(inside.sum() * grid.cell_area),
        "unassigned_m2": float(unassigned * grid.cell_area),
        "in_region": int(numbers.size),
        "codes": [code if inside[k + 1] else "" for k, code in enumerate(codes)],
    }
    return [region.products / name for name in (WATERSHEDS, UNITS, CHANNELS, PACKAGE)], summary


def _channel_layer(channels: Channels, grid: Grid) -> tuple[Columns, NDArray[Any]]:
    """Return the channels between junctions: number, next one downstream, order, length and contributing area."""
    links = links_of_channels(channels, grid.cell)
    found = links.columns
    columns: Columns = {
        "number": found["link"],
        "down": found["down"],
        "strahler": found["strahler"],
        "shreve": found["shreve"],
        "length_m": found["length_m"],
        "area_m2": found["cells"] * grid.cell_area,
    }
    return columns, links.lines(grid)


def _polygons(
    region: Region, grid: Grid, borders: Sequence[TileBoundaries]
) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    """Return the parts by county and their polygons, simplified together."""
    return join_boundaries(borders).simplified(float(region.water.get("tolerance", grid.cell))).polygons()


def _parents(labels: NDArray[Any], base: int) -> dict[int, int]:
    return {int(label): int(label) // base for label in labels}


def scheme_name(region: Region) -> str:
    """
    Return how the small watersheds of a region are coded (编码方案).

    As region.toml says; else by county, or by tree where places have no codes of six digits, as abroad.

    Parameters
    ----------
    region : Region
        The region folder.
    """
    by_county = all(COUNTY_CODE.fullmatch(code) for code in region.codes)
    return str(region.water.get("code_scheme", CODE_SCHEMES[0] if by_county else CODE_SCHEMES[1]))


def _codes(region: Region, rules: Rules, units: SmallWatersheds, parts: ManagementUnits) -> list[str]:
    scheme = code_scheme(scheme_name(region))
    county = [code or BEYOND for code in parts.main_county().tolist()]
    codes = scheme.codes(units, county)
    check_codes(codes, longest_code(rules, scheme.name))
    return codes


def _names(
    drawn: Drawn, parts: ManagementUnits, counties: Counties, grid: Grid, numbers: NDArray[Any], shapes: NDArray[Any]
) -> list[str]:
    """Return the names of all units, those of intervals by the river at their outlet; outside the region they are not used."""
    units, rivers = drawn.units, drawn.rivers
    lengths: list[Mapping[str, float]] = [{} for _ in range(units.number)]
    at_outlet: list[str] = []
    if rivers is not None and any(rivers.names):
        lines = list(rivers.lines)
        for number, found in zip(numbers, stream_lengths(list(shapes), rivers.names, lines), strict=True):
            lengths[int(number) - 1] = found
        points = shapely.points(*_outlets(units, grid))
        within = {int(number): (shape, points[number - 1]) for number, shape in zip(numbers, shapes, strict=True)}
        intervals = {k: pair for k, pair in within.items() if units.type[k - 1] == WatershedType.INTERVAL}
        at_outlet = outlet_streams(intervals, units.down.tolist(), lengths, rivers.names, lines)
    names = dict(zip(counties.codes, counties.names, strict=True)) | {NO_COUNTY: "区外"}
    return watershed_names(lengths, parts.main_county().tolist(), names, at_outlet)


def _outlets(units: SmallWatersheds, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the centres of the outlet cells lie, m."""
    row, col = np.divmod(units.outlet, units.shape[1])
    return grid.left + (col + 0.5) * grid.cell, grid.top - (row + 0.5) * grid.cell


def _watershed_columns(
    units: SmallWatersheds, parts: ManagementUnits, grid: Grid, inside: NDArray[np.int64],
    codes: Sequence[str], names: Sequence[str], numbers: NDArray[Any],
) -> Columns:  # fmt: skip
    """Return the table of the small watersheds that lie in the region, at least in part."""
    at = np.asarray(numbers, dtype=np.int64) - 1
    down = _down_inside(units.down, inside)
    x, y = _outlets(units, grid)
    main = parts.main_county()
    return {
        "number": numbers.astype(np.int32),
        "code": [codes[k] for k in at],
        "name": [names[k] for k in at],
        "type": [TYPE_NAMES[WatershedType(int(units.type[k]))][0] for k in at],
        "county": [str(main[k]) for k in at],
        "down_code": [codes[down[k] - 1] if down[k] else "" for k in at],
        "area_m2": inside[at + 1] * grid.cell_area,
        "whole_area_m2": units.cells[at] * grid.cell_area,
        "upstream_area_m2": (units.total[at] - units.cells[at]) * grid.cell_area,
        "outlet_x": x[at],
        "outlet_y": y[at],
        "within_limits": units.reason[at] == Reason.WITHIN,
        "reason": [REASONS[Reason(int(units.reason[k]))][0] for k in at],
        "crosses_border": inside[at + 1] < units.cells[at],
    }


def _down_inside(down: NDArray[np.int32], inside: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the next small watershed downstream that lies in the region; 0 if the water does not come back."""
    out = np.zeros(down.size, dtype=np.int64)
    for k in range(down.size - 1, -1, -1):  # units are numbered downstream
        below = int(down[k])
        out[k] = below if below == 0 or inside[below] else out[below - 1]
    return out


def _unit_columns(
    parts: ManagementUnits,
    counties: Counties,
    grid: Grid,
    codes: Sequence[str],
    names: Sequence[str],
    labels: NDArray[Any],
) -> Columns:
    """Return the table of the parts of small watersheds in each county, in the order of their polygons."""
    number = {code: k + 1 for k, code in enumerate(counties.codes)}
    base = len(counties.codes) + 1
    kept = np.flatnonzero(parts.county != NO_COUNTY)
    label = np.array([int(parts.unit[k]) * base + number[str(parts.county[k])] for k in kept], dtype=np.int64)
    order = kept[np.argsort(label, kind="stable")]
    if not np.array_equal(np.sort(label), labels):
        raise AssertionError("parts and polygons differ")  # noqa: EM101 - cannot happen: both are counted on one raster
    county = parts.county[order]
    return {
        "code": [f"{codes[parts.unit[k] - 1]}-{parts.county[k]}" for k in order],
        "parent_code": [codes[parts.unit[k] - 1] for k in order],
        "name": [names[parts.unit[k] - 1] for k in order],
        "county": [str(code) for code in county],
        "county_name": [counties.names[number[str(code)] - 1] for code in county],
        "area_m2": parts.cells[order] * grid.cell_area,
        "share": parts.share[order],
        "sliver": parts.sliver[order],
        "main": parts.main[order],
    }
