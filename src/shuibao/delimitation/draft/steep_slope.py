"""
The steep-slope zone of a region, as it can be announced (禁止开垦陡坡地划定).

Basic farmland and construction land are taken out first; then small gaps are closed and the minimum area is asked of
each slope that hangs together; only then counties and towns cut it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.draft.apportioning import listed_areas
from shuibao.delimitation.draft.excluding import layer_notes
from shuibao.delimitation.draft.units import Units, units_of
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource
from shuibao.messages import ShuibaoError
from shuibao.rules import Parameter, Rules
from shuibao.survey import _kernels
from shuibao.survey.counties import counties_of
from shuibao.survey.executing import crew
from shuibao.survey.inputs import quantity_source
from shuibao.survey.land import land_source
from shuibao.survey.records import read_record
from shuibao.survey.region import Region
from shuibao.survey.run import provenance
from shuibao.survey.windows import classes_on
from shuibao.survey.zone_inputs import LEFT_OUT, Shapes, shapes_of
from shuibao.terrain import _kernels as terrain_kernels
from shuibao.zoning.layer import HECTARE, ZoneLayer, zone_layer
from shuibao.zoning.patches import Patches, join_patches
from shuibao.zoning.steep_slope import SteepSlopeRule
from shuibao.zoning.tracing import TilePatches, tile_patches

RIM = 2
"""Cells around a tile's slopes whose elevation is read too: one for Horn's window, one so that no border is near."""


def draw_steep_slopes(region: Region, rules: Rules) -> ZoneLayer:
    """
    Draw the steep-slope zone of a region (划定禁止开垦陡坡地).

    Parameters
    ----------
    region : Region
        A region that ``shuibao run`` was done on.
    rules : Rules
        Rule packs in force; asked for ``steep_slope.*``.

    Returns
    -------
    ZoneLayer
        One zone, one polygon, for each piece of a slope in a town, or in a county where no towns are given; numbered
        by county in the order of the towns' codes, then north to south. Beside the columns of every layer: ``mean_slope`` deg, ``land_use``
        ``land_use_name`` ``land_use_share`` % (the class with most cells), ``land_mix`` (all classes with their shares),
        ``perimeter_m``, ``slope_area_hm2`` (the whole slope, in all towns and counties), ``angle`` deg,
        ``easting`` and ``northing`` m. The listed areas of towns add up to their county's, and those to the region's.

    Raises
    ------
    ShuibaoError
        If the region was not run, or an input is missing or wrong.
    """
    require_run(region)
    counties = counties_of(region)
    grid = counties.grid(region.cell)
    units = units_of(region, counties)
    left_out = [shapes for shapes in (shapes_of(region, name) for name in LEFT_OUT) if shapes is not None]
    rule = SteepSlopeRule.from_rules(rules, region.cell)
    ground = _Ground(
        quantity_source(region, "dem", grid), land_source(region, rules, grid), rule, units, tuple(left_out)
    )
    with crew(None, None) as workers:
        found = dict(workers.each_done(ground.trace, list(grid.tiles(region.tile))))
    patches = join_patches([found[k] for k in sorted(found)], min_cells=rule.min_cells, cell=grid.cell, apart=True)
    columns = _columns(patches, units, rules, rule, grid.cell)
    notes = layer_notes(region, rules, counties, left_out, units)
    metadata = {**provenance(region, rules), **_metadata(rules), **notes}
    return zone_layer("steep_slope", columns, patches.geometry, grid.crs, metadata)


def require_run(region: Region) -> None:
    """
    Refuse a region whose facts are not made yet (须已运行).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If the step ``land`` has no record.
    """
    if read_record(region, "land") is None or not (region.products / "facts.parquet").exists():
        raise ShuibaoError(
            f"{region.folder} 还没有运行过（没有 products/facts.parquet）；请先运行 shuibao run {region.folder}。",
            f"{region.folder} was not run yet (no products/facts.parquet); run shuibao run {region.folder} first.",
        )


@dataclass(frozen=True)
class _Ground:
    """What each tile reads."""

    dem: RasterSource
    land: RasterSource | int
    rule: SteepSlopeRule
    units: Units
    left_out: tuple[Shapes, ...]

    def trace(self, tile: Grid) -> TilePatches:
        """Return the parts of the zone in a tile."""
        halo = self.rule.reach + 1
        unit = self.units.on(tile.grown(1))
        slope, land = self._slope_and_land(tile.grown(halo)) if unit.any() else _nothing(tile.grown(halo))
        inner, core = _inside(halo - 1), _inside(halo)
        zone = self.rule.zone(slope, land)[inner]
        parts, _ = tile_patches(
            zone, unit, np.ascontiguousarray(slope[core]), np.ascontiguousarray(land[core]), tile,
            min_cells=self.rule.min_cells,
        )  # fmt: skip
        return parts

    def _slope_and_land(self, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Return slope, rad, as the run computes it, and land class: 0 where a layer takes the cell out."""
        heights = self.dem.read(grid.grown(RIM))
        tangent = np.empty_like(heights)
        terrain_kernels.gradient(heights, grid.cell, tangent)
        slope = np.empty(grid.shape, dtype=np.float32)
        _kernels.arctangents(tangent[_inside(RIM)], slope)
        land = classes_on(self.land, grid).copy()
        for shapes in self.left_out:
            land[shapes.on(grid)] = 0
        return slope, land


def _nothing(grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    return np.full(grid.shape, np.nan, dtype=np.float32), np.zeros(grid.shape, dtype=np.uint8)


def _inside(halo: int) -> tuple[slice, slice]:
    inside = slice(halo, -halo) if halo else slice(None)
    return inside, inside


def _columns(patches: Patches, units: Units, rules: Rules, rule: SteepSlopeRule, cell: float) -> dict[str, Any]:
    """Return the attributes of the patches; they come by unit, so by county and then by town."""
    text = units.columns(patches.county)
    begins = np.searchsorted(text["county"].astype(np.str_), text["county"].astype(np.str_))
    number = np.arange(len(patches)) - begins + 1
    code = np.array([f"{c}-{k:05d}" for c, k in zip(text["county"], number, strict=True)], dtype=object)
    names = {int(c["code"]): str(c["name"]) for c in rules.value("land_class.classes")}
    most = patches.land_cells[np.arange(len(patches)), patches.land]
    place = np.where(text["town_name"] == "", text["county_name"], text["town_name"])
    return {
        "code": code,
        "name": np.array([f"{p}禁垦陡坡地{k}号" for p, k in zip(place, number, strict=True)], dtype=object),
        "kind": np.full(len(patches), "steep_slope", dtype=object),
        "level": np.full(len(patches), "county", dtype=object),
        **text,
        "area_m2": patches.area,
        "area_hm2": listed_areas(patches.area, (text["county"].astype(np.str_), text["town"].astype(np.str_))),
        "basis": np.full(len(patches), basis_of(rules["steep_slope.angle"]), dtype=object),
        "mean_slope": np.round(patches.mean_slope, 2),
        "land_use": patches.land.astype(np.int32),
        "land_use_name": np.array([names.get(int(k), "") for k in patches.land], dtype=object),
        "land_use_share": np.round(100.0 * most / np.maximum(patches.cells, 1), 1),
        "land_mix": np.array([_mix(cells, names) for cells in patches.land_cells], dtype=object),
        "perimeter_m": patches.perimeter,
        "slope_area_hm2": np.round(patches.component_cells * (cell * cell) / HECTARE, 2),
        "angle": np.full(len(patches), rule.angle),
        "easting": (patches.first[:, 1] + 0.5) * cell,
        "northing": -(patches.first[:, 0] + 0.5) * cell,
    }


def basis_of(angle: Parameter) -> str:
    """
    Return what a zone is drawn under: the rule's key, the document, and its clause where one was read (划定依据).

    Parameters
    ----------
    angle : Parameter
        ``steep_slope.angle`` of the packs in force.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> basis_of(load_rules(["jilin"])["steep_slope.angle"])
    'steep_slope.angle=20°；吉林省水土保持条例'
    """
    clause = f" {angle.clause}" if angle.clause else ""
    return f"{angle.key}={angle.value:g}°；{angle.source}{clause}"


def _mix(cells: NDArray[np.int64], names: dict[int, str]) -> str:
    """Return the shares of the land classes in a patch, the largest first."""
    known = [(int(n), k) for k, n in enumerate(cells.tolist()) if n and k in names]
    total = sum(n for n, _ in known)
    return "、".join(
        f"{names[k]} {100 * n / total:.1f}%" for n, k in sorted(known, key=lambda pair: (-pair[0], pair[1]))
    )


def _metadata(rules: Rules) -> dict[str, str]:
    """Return the numbers of the rule with their grounds, as the result shows them."""
    found = {}
    for name in ("angle", "inclusive", "land", "minimum_area", "gap_width", "sliver_width"):
        rule = rules[f"steep_slope.{name}"]
        value = "、".join(rule.value) if isinstance(rule.value, list) else str(rule.value)
        found[f"RULE_{name.upper()}"] = f"{value} {rule.unit} | {rule.source} {rule.clause} | {rule.status}"
    return found
