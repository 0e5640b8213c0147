"""
Severely eroded and ecologically fragile areas of a region (水土流失严重、生态脆弱区域划定).

Tile by tile: candidate cells, areas put together from them, and then what each drawn area holds of what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.draft.aggregating import Aggregated, aggregate_candidates
from shuibao.delimitation.draft.excluding import planning_notes
from shuibao.delimitation.draft.steep_slope import require_run
from shuibao.delimitation.draft.zone_names import unique_names
from shuibao.delimitation.draft.zone_rasters import ZoneCells
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource, open_source
from shuibao.rules import Rules
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.executing import crew, processors
from shuibao.survey.inputs import quantity_source
from shuibao.survey.land import VEGETATION, land_source
from shuibao.survey.region import Region
from shuibao.survey.run import provenance
from shuibao.survey.vegetation import open_vegetation
from shuibao.survey.windows import classes_on
from shuibao.survey.zone_inputs import Shapes, shapes_of
from shuibao.zoning.aggregation_zone import Candidates
from shuibao.zoning.layer import HECTARE, ZoneLayer, zone_layer
from shuibao.zoning.severe_fragile import CLASS_KINDS, FRAGILE, SEVERE, Cells, SevereFragileRule

THEME = "severe_fragile"
LETTERS = {SEVERE: "YZ", FRAGILE: "CR"}
"""What codes of the kinds begin with, after the county: 严重, 脆弱."""

LAYER_NAMES = {"desertified": ("沙化土地", "desertified land"), "rocky_desert": ("石漠化土地", "rocky desert")}
"""Layers that rules on fragile cells may ask for, with their names."""

CONSTRUCTION = "construction"
"""Input that is subtracted if the rule packs say so: 城镇开发边界、建设用地."""

ANYWHERE = "999999"
"""What stands for the county in codes of areas that are not kept within one."""


@dataclass(frozen=True)
class Ground:
    """
    What each tile reads (分幅读取的数据).

    Parameters
    ----------
    rule : SevereFragileRule
        Which cells are candidates.
    counties : Counties
        Counties, by number from 1.
    intensity : RasterSource
        Classes of intensity.
    land : RasterSource or int
        Land classes.
    quantities : mapping of str to RasterSource
        ``slope``, ``elevation``, as far as they are asked for.
    cover : (RasterSource, int) or None
        Cover on a grid of its own, and how many cells wide its cells are.
    layers : mapping of str to Shapes
        Mapped layers that are given.
    subtracted : Shapes or None
        Land that is no candidate whatever it is.
    within_county : bool
        Whether areas are kept within counties.
    """

    rule: SevereFragileRule
    counties: Counties
    intensity: RasterSource
    land: RasterSource | int
    quantities: dict[str, RasterSource]
    cover: tuple[RasterSource, int] | None
    layers: dict[str, Shapes]
    subtracted: Shapes | None
    within_county: bool

    def cells(self, grid: Grid) -> Cells:
        """Return what is known of the cells of a grid (像元数据)."""
        quantities: dict[str, NDArray[Any]] = {name: source.read(grid) for name, source in self.quantities.items()}
        if self.cover is not None:
            source, width = self.cover
            coarse = grid.coarser(width)
            rows = (grid.row + np.arange(grid.rows)) // width - coarse.row
            cols = (grid.col + np.arange(grid.cols)) // width - coarse.col
            quantities["cover"] = source.read(coarse)[np.ix_(rows, cols)]
        layers = {name: shapes.on(grid) for name, shapes in self.layers.items()}
        return Cells(self.intensity.read(grid).astype(np.uint8), classes_on(self.land, grid), quantities, layers)

    def candidates(self, grid: Grid) -> Candidates:
        """Return the candidates of a grid inside the region (初选像元)."""
        county = self.counties.on(grid)
        if not county.any():
            nothing = np.zeros(grid.shape, dtype=np.uint8)
            return Candidates(nothing, nothing > 0, None, county.astype(np.int32) if self.within_county else None)
        cells = self.cells(grid)
        kind, _, _ = self.rule.classes(cells)
        inside = county > 0
        if self.subtracted is not None:
            inside &= ~self.subtracted.on(grid)
        kind[~inside] = 0
        fence = county.astype(np.int32) if self.within_county else None
        return Candidates(kind, self.rule.claimable[cells.land] & inside, None, fence)


def open_ground(region: Region, rules: Rules, counties: Counties, grid: Grid) -> Ground:
    """
    Open what the candidate cells are found with (打开数据).

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
        If a product or layer is missing or cannot be read.
    """
    rule = SevereFragileRule.from_rules(rules)
    needs = rule.needs()
    suffix = "vrt" if region.layout == "tiles" else "tif"
    quantities: dict[str, RasterSource] = {}
    if "slope" in needs:
        quantities["slope"] = open_source(region.products / f"slope.{suffix}", grid)
    if "elevation" in needs:
        quantities["elevation"] = quantity_source(region, "dem", grid)
    cover = None
    if "cover" in needs:
        sources, width = open_vegetation(grid, region.products / VEGETATION)
        cover = (sources[-1], width)
    layers = {
        name: found for name in sorted(needs & set(LAYER_NAMES)) if (found := shapes_of(region, name)) is not None
    }
    subtract = bool(rules.value("severe_fragile.subtract_construction"))
    return Ground(
        rule=rule,
        counties=counties,
        intensity=open_source(region.products / f"intensity.{suffix}", grid, kind="class"),
        land=land_source(region, rules, grid),
        quantities=quantities,
        cover=cover,
        layers=layers,
        subtracted=shapes_of(region, CONSTRUCTION) if subtract else None,
        within_county=bool(rules.value("severe_fragile.within_county")),
    )


def draw_severe_fragile(region: Region, rules: Rules) -> ZoneLayer:
    """
    Draw the severely eroded and the ecologically fragile areas of a region (划定水土流失严重、生态脆弱区域).

    Parameters
    ----------
    region : Region
        A region that ``shuibao run`` was done on.
    rules : Rules
        Rule packs in force; asked for ``severe_fragile.*``, ``fragile_rule.*``, ``fragile_type.list``.

    Returns
    -------
    ZoneLayer
        Beside the columns of every layer: ``severe_hm2``, ``fragile_hm2``, ``both_hm2`` (cells of the drawn area that
        are severe, fragile, both), ``other_hm2`` (neither: what was taken in), one column ``TYPE_hm2`` for each kind of
        fragility, ``fragile_types`` in words; and what aggregation tells of each area (``perimeter_m``, ``compactness``,
        ``patches``, ``commission_m2``, …).

    Raises
    ------
    ShuibaoError
        If the region was not run, or an input or rule is wrong.
    """
    require_run(region)
    counties = counties_of(region)
    grid = counties.grid(region.cell)
    ground = open_ground(region, rules, counties, grid)
    made = aggregate_candidates(ground.candidates, grid, rules, THEME, tile=region.tile, jobs=processors())
    plain = zone_layer(THEME, _columns(made, counties, region), made.geometry, grid.crs)
    held = composition(ground, plain, grid, region.tile)
    tags = {
        **provenance(region, rules),
        **_tags(rules, ground, held, grid),
        **_notes(region, rules, ground),
        **planning_notes(region, rules, counties),
    }
    columns = {**plain.columns, **_held(held, ground.rule, grid), "basis": _basis(held, plain, ground, rules)}
    return zone_layer(THEME, columns, plain.geometry, grid.crs, tags)


def composition(ground: Ground, layer: ZoneLayer, grid: Grid, tile: int) -> NDArray[np.int64]:
    """
    Count what the drawn areas hold (区域组成).

    Parameters
    ----------
    ground : Ground
        What the candidate cells are found with.
    layer : ZoneLayer
        The areas.
    grid : Grid
        The region.
    tile : int
        Side of the tiles, cells.

    Returns
    -------
    (zones + 1, 2, types + 1) int64 array
        Cells by zone (0 none), severe or not, and kind of fragility (0 not fragile). Cells outside the region are left out.
    """
    zones = ZoneCells(layer)
    shape = (len(layer) + 1, 2, len(ground.rule.types) + 1)

    def counted(piece: Grid) -> NDArray[np.int64]:
        inside = ground.counties.on(piece) > 0
        if not inside.any():
            return np.zeros(shape, dtype=np.int64)
        cells, zone = ground.cells(piece), zones.on(piece)
        _, kind_of, _ = ground.rule.classes(cells)
        severe = (cells.intensity >= ground.rule.severe_from).astype(np.int64)
        key = np.ravel_multi_index((zone[inside], severe[inside], kind_of[inside]), shape)
        return np.bincount(key, minlength=int(np.prod(shape))).reshape(shape)

    total = np.zeros(shape, dtype=np.int64)
    with crew(None, None) as workers:
        for _, found in workers.each_done(counted, list(grid.tiles(tile))):
            total += found
    return total


def _columns(made: Aggregated, counties: Counties, region: Region) -> dict[str, Any]:
    """Return codes, names, kinds and counties of the areas, in the order in which they were found."""
    size = len(made.kind)
    county_code = np.array(["", *counties.codes], dtype=object)[made.fence]
    county_name = np.array(["", *counties.names], dtype=object)[made.fence]
    serial: dict[tuple[str, int], int] = {}
    codes, plain = [], []
    for code, name, kind in zip(county_code.tolist(), county_name.tolist(), made.kind.tolist(), strict=True):
        serial[code, kind] = serial.get((code, kind), 0) + 1
        codes.append(f"{code or ANYWHERE}-{LETTERS[kind]}{serial[code, kind]:05d}")
        word = "水土流失严重区" if kind == SEVERE else "生态脆弱区"
        plain.append(f"{name or region.name}{word}{serial[code, kind]}号")
    return {
        "code": np.array(codes, dtype=object),
        "name": np.array(unique_names(plain), dtype=object),
        "kind": np.array([CLASS_KINDS[kind] for kind in made.kind.tolist()], dtype=object),
        "level": np.full(size, region.level, dtype=object),
        "county": county_code,
        "county_name": county_name,
        **made.told,
    }


def _basis(held: NDArray[np.int64], layer: ZoneLayer, ground: Ground, rules: Rules) -> NDArray[np.object_]:
    """Return the rules that each area was drawn under: those on intensity, or on the kinds of fragility that it holds."""
    severe = rules["severe_fragile.severe_from"]
    under = f"{severe.key}={severe.value}{_ground(severe.citation.number or severe.citation.title, severe.status)}"
    used = [each for each in ground.rule.fragile if not each.layer or each.layer in ground.layers]
    out = []
    for kind, types in zip(layer.columns["kind"], held[1:].sum(axis=1), strict=True):
        mine = [each for each in used if types[each.type]]
        words = [
            f"fragile_rule: {'、'.join(each.id for each in mine if (each.document, each.status) == ground_of)}"
            f"{_ground(*ground_of)}"
            for ground_of in dict.fromkeys((each.document, each.status) for each in mine)
        ]
        out.append(under if kind == CLASS_KINDS[SEVERE] else "；".join(words))
    return np.array(out, dtype=object)


def _ground(document: str, status: str) -> str:
    """Return a document in brackets, and whether the value is a draft."""
    return f"（{document}{'，草案' if status == 'draft' else ''}）"


def _held(held: NDArray[np.int64], rule: SevereFragileRule, grid: Grid) -> dict[str, Any]:
    """Return what each area holds as columns, hm²."""
    own = held[1:] * (grid.cell_area / HECTARE)
    out = {
        "severe_hm2": own[:, 1].sum(axis=1),
        "fragile_hm2": own[:, :, 1:].sum(axis=(1, 2)),
        "both_hm2": own[:, 1, 1:].sum(axis=1),
        "other_hm2": own[:, 0, 0],
    }
    names = []
    by_type = own.sum(axis=1)
    for row in by_type:
        order = sorted(range(1, row.size), key=lambda k, row=row: (-row[k], k))  # type: ignore[misc]
        names.append("、".join(f"{rule.types[k - 1][1]} {row[k]:.2f} hm²" for k in order if row[k]))
    out |= {f"{each[0]}_hm2": by_type[:, k] for k, each in enumerate(rule.types, start=1)}
    return {name: np.round(values, 2) for name, values in out.items()} | {
        "fragile_types": np.array(names, dtype=object)
    }


def _tags(rules: Rules, ground: Ground, held: NDArray[np.int64], grid: Grid) -> dict[str, str]:
    """Return the numbers of the rules with their grounds, and what was left out, as metadata."""
    found = {}
    for name in rules.table(THEME):
        rule = rules[f"{THEME}.{name}"]
        found[f"RULE_{name.upper()}"] = f"{rule.value} {rule.unit} | {rule.source} {rule.clause} | {rule.status}"
    for each in ground.rule.fragile:
        given = rules[each.key]
        found[f"RULE_{each.id.upper()}"] = f"{given.value} | {given.source} {given.clause} | {given.status}"
    hectares = held[0] * (grid.cell_area / HECTARE)
    found["LEFT_OUT_SEVERE_HM2"] = f"{hectares[1].sum():.2f}"
    found["LEFT_OUT_FRAGILE_HM2"] = f"{hectares[:, 1:].sum():.2f}"
    return found


def _notes(region: Region, rules: Rules, ground: Ground) -> dict[str, str]:
    """Return what must be said of the layers, as metadata."""
    notes = {}
    for name in sorted(ground.rule.needs() & set(LAYER_NAMES)):
        if name not in ground.layers:
            zh, en = LAYER_NAMES[name]
            notes[f"NOTE_{name}"] = f"没有提供{zh}图层（inputs.{name}），用到它的规则未判定。"
            notes[f"NOTE_EN_{name}"] = f"no layer of {en} (inputs.{name}) is given; rules that use it were not judged."
    if rules.value("severe_fragile.subtract_construction") and ground.subtracted is None:
        notes["NOTE_construction"] = "规则要求扣除城镇开发边界，但没有提供图层（inputs.construction），未扣除。"
        notes["NOTE_EN_construction"] = (
            "the urban boundary is to be subtracted, but no layer (inputs.construction) is given."
        )
    return notes
