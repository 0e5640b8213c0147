"""
The steep-slope zone of a region, as it can be announced (禁止开垦陡坡地划定).

Basic farmland and construction land are a barrier; patch aggregation puts what is left together and asks the minimum
area of each slope that hangs together; only then counties and towns cut it, and the pieces are drawn with shared borders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.draft.apportioning import listed_areas
from shuibao.delimitation.draft.excluding import layer_notes
from shuibao.delimitation.draft.steep_slope_counts import PieceCounts, count_pieces, land_columns, overlaps
from shuibao.delimitation.draft.units import Units, units_of
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource
from shuibao.messages import ShuibaoError
from shuibao.rules import Parameter, Rules
from shuibao.survey import _kernels
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.executing import processors
from shuibao.survey.inputs import quantity_source
from shuibao.survey.land import land_source
from shuibao.survey.records import read_record
from shuibao.survey.region import Region
from shuibao.survey.run import provenance
from shuibao.survey.windows import classes_on
from shuibao.survey.zone_inputs import LEFT_OUT, Shapes, shapes_of
from shuibao.terrain import _kernels as terrain_kernels
from shuibao.zoning.aggregation import aggregate_tiles
from shuibao.zoning.aggregation_cutting import CutAreas, cut_areas, draw_pieces
from shuibao.zoning.aggregation_drawing import DrawnAreas
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_zone import Candidates
from shuibao.zoning.layer import HECTARE, ZoneLayer, zone_layer
from shuibao.zoning.steep_slope import SteepSlopeRule

RIM = 2
"""Cells around a tile's slopes whose elevation is read too: one for Horn's window, one so that no border is near."""

THEME = "steep_slope"
SHOWN = (
    "angle", "inclusive", "land", "minimum_area", "gap_width", "sliver_width", "minimum_hole", "hole_length",
    "simplify_tolerance", "smooth_tolerance",
)  # fmt: skip
"""Rules whose numbers the result shows with their grounds."""


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
        by county in the order of the towns' codes, then north to south. Beside the columns of every layer:
        ``mean_slope`` deg, ``land_use`` ``land_use_name`` ``land_use_share`` % (the class with most cells), ``land_mix``
        (all classes with their shares), ``perimeter_m``, ``compactness``, ``holes``, ``commission_m2`` (cells taken in
        that are not steep land of a class that counts), ``slope_area_hm2`` (the whole slope, in all towns and counties),
        ``angle`` deg, ``easting`` and ``northing`` m. The listed areas of towns add up to their county's, and those to
        the region's.

    Raises
    ------
    ShuibaoError
        If the region was not run, or an input is missing or wrong.
    """
    require_run(region)
    counties = counties_of(region)
    grid = counties.grid(region.cell)
    ground = open_steep_ground(region, rules, counties, grid)
    rule = AggregationRule.from_rules(rules, THEME, grid.cell)
    made = aggregate_tiles(ground.candidates, grid, rule, tile=region.tile, jobs=processors())
    cut = cut_areas(made, ground.units.on)
    drawn = draw_pieces(cut, ground.barrier)
    counts = count_pieces(cut.pieces, ground.slope_and_land, ground.rule)
    columns, order = _columns(cut, drawn, counts, ground, rules)
    geometry = drawn.geometry[order]
    metadata = {
        **provenance(region, rules),
        **_metadata(rules),
        "LEFT_OUT_HM2": f"{made.areas.omission * grid.cell_area / HECTARE:.2f}",
        **overlaps(geometry, ground.left_out),
        **layer_notes(region, rules, counties, ground.left_out, ground.units),
    }
    return zone_layer(THEME, columns, geometry, grid.crs, metadata)


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
class SteepGround:
    """
    What each tile reads (分幅读取的数据).

    Parameters
    ----------
    dem : RasterSource
        Elevation.
    land : RasterSource or int
        Land classes.
    rule : SteepSlopeRule
        Which cells are candidates.
    units : Units
        Counties and towns.
    left_out : tuple of Shapes
        Layers whose land is never in the zone.
    """

    dem: RasterSource
    land: RasterSource | int
    rule: SteepSlopeRule
    units: Units
    left_out: tuple[Shapes, ...]

    def candidates(self, grid: Grid) -> Candidates:
        """Return the candidates of a grid: steep, of a class that counts, beside the barrier (初选像元)."""
        barrier = self.barrier(grid)
        if barrier.all():
            return Candidates(np.zeros(grid.shape, dtype=np.uint8), barrier=barrier)
        slope, land = self.slope_and_land(grid)
        free = ~barrier
        source = self.rule.candidate(slope, land) & free
        return Candidates(source.astype(np.uint8), self.rule.land[land] & free, barrier)

    def barrier(self, grid: Grid) -> NDArray[np.bool_]:
        """Return the cells that may be in no zone: of a layer that is left out, or outside all counties (阻隔)."""
        barrier = self.units.on(grid) == 0
        for shapes in self.left_out:
            barrier |= shapes.on(grid)
        return barrier

    def slope_and_land(self, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Return slope, rad, as the run computes it, and land class (坡度与地类)."""
        heights = self.dem.read(grid.grown(RIM))
        tangent = np.empty_like(heights)
        terrain_kernels.gradient(heights, grid.cell, tangent)
        slope = np.empty(grid.shape, dtype=np.float32)
        _kernels.arctangents(tangent[_inside(RIM)], slope)
        return slope, classes_on(self.land, grid)


def open_steep_ground(region: Region, rules: Rules, counties: Counties, grid: Grid) -> SteepGround:
    """
    Open what steep slopes are found with (打开数据).

    Parameters
    ----------
    region : Region
        A region that was run.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Its counties.
    grid : Grid
        Extent of the products.

    Raises
    ------
    ShuibaoError
        If an input or layer is missing or cannot be read.
    """
    left_out = tuple(shapes for shapes in (shapes_of(region, name) for name in LEFT_OUT) if shapes is not None)
    return SteepGround(
        dem=quantity_source(region, "dem", grid),
        land=land_source(region, rules, grid),
        rule=SteepSlopeRule.from_rules(rules, region.cell),
        units=units_of(region, counties),
        left_out=left_out,
    )


def _inside(halo: int) -> tuple[slice, slice]:
    inside = slice(halo, -halo) if halo else slice(None)
    return inside, inside


def _columns(
    cut: CutAreas, drawn: DrawnAreas, counts: PieceCounts, ground: SteepGround, rules: Rules
) -> tuple[dict[str, Any], NDArray[np.int64]]:
    """Return the attributes of the pieces, and their order: by unit, so by county and then by town, then by first cell."""
    areas, cell = cut.pieces.areas, cut.made.grid.cell
    order = np.lexsort((areas.first[:, 1], areas.first[:, 0], areas.fence))
    text = ground.units.columns(areas.fence[order])
    begins = np.searchsorted(text["county"].astype(np.str_), text["county"].astype(np.str_))
    number = np.arange(len(order)) - begins + 1
    place = np.where(text["town_name"] == "", text["county_name"], text["town_name"])
    whole = np.bincount(cut.whole, drawn.area, minlength=len(cut.made.areas))
    levels = (text["county"].astype(np.str_), text["town"].astype(np.str_))
    columns = {
        "code": np.array([f"{c}-{k:05d}" for c, k in zip(text["county"], number, strict=True)], dtype=object),
        "name": np.array([f"{p}禁垦陡坡地{k}号" for p, k in zip(place, number, strict=True)], dtype=object),
        "kind": np.full(len(order), "steep_slope", dtype=object),
        "level": np.full(len(order), "county", dtype=object),
        **text,
        "area_m2": drawn.area[order],
        "area_hm2": listed_areas(drawn.area[order], levels),
        "basis": np.full(len(order), basis_of(rules["steep_slope.angle"]), dtype=object),
        **{name: values[order] for name, values in land_columns(counts, areas.cells, rules).items()},
        "perimeter_m": drawn.perimeter[order],
        "compactness": drawn.compactness[order],
        "holes": drawn.holes[order].astype(np.int32),
        "commission_m2": counts.commission[order] * (cell * cell),
        "slope_area_hm2": np.round(whole[cut.whole[order]] / HECTARE, 2),
        "angle": np.full(len(order), ground.rule.angle),
        "easting": (areas.first[order, 1] + 0.5) * cell,
        "northing": -(areas.first[order, 0] + 0.5) * cell,
    }
    return columns, order


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


def _metadata(rules: Rules) -> dict[str, str]:
    """Return the numbers of the rule with their grounds, as the result shows them."""
    found = {}
    for name in SHOWN:
        rule = rules[f"steep_slope.{name}"]
        value = "、".join(rule.value) if isinstance(rule.value, list) else str(rule.value)
        found[f"RULE_{name.upper()}"] = f"{value} {rule.unit} | {rule.source} {rule.clause} | {rule.status}"
    return found
