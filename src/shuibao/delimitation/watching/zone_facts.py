"""
Counting the land by zone, in one pass over the tiles (分区事实统计).

What a cell is, is read and found as the pass over the land does, so that the zones' facts are parts of the region's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.draft.steep_slope import require_run
from shuibao.delimitation.draft.zone_rasters import ZoneCells
from shuibao.delimitation.folder import theme_folder
from shuibao.facts.by_zone import agreed
from shuibao.facts.table import Facts, facts_from_counts
from shuibao.ground.files import sha256_of
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource, open_source
from shuibao.rules import load_rules
from shuibao.survey import _kernels
from shuibao.survey.counties import counties_of
from shuibao.survey.executing import crew
from shuibao.survey.land import make_plan
from shuibao.survey.plan import Plan
from shuibao.survey.records import read_record
from shuibao.survey.region import Region
from shuibao.survey.run import provenance
from shuibao.survey.water import water_of
from shuibao.survey.windows import classes_on, vegetation_on
from shuibao.terrain import _kernels as terrain_kernels
from shuibao.zoning.layer import ZoneLayer

FACTS = "facts.parquet"
"""Facts of the land by zone, beside the zones of a theme (分区事实表)."""

COUNTED = ("zone", "county", "watershed", "land_use", "slope_class", "cover_class", "intensity")
"""What cells are counted by."""

OF_LAYER, OF_FACTS = "ZONES_SHA256", "FACTS_SHA256"
"""Tags that say of which zones and of which region's facts the counts are."""


@dataclass(frozen=True)
class Counting:
    """
    What each tile reads (分幅计数).

    Parameters
    ----------
    plan : Plan
        Sources and class edges of the region's own pass over the land.
    intensity, soil_loss : RasterSource
        What that pass found.
    zones : ZoneCells
        The zones.
    """

    plan: Plan
    intensity: RasterSource
    soil_loss: RasterSource
    zones: ZoneCells

    def count(self, tile: Grid) -> NDArray[np.int64]:
        """
        Count the cells of a tile by all that they are (一幅计数).

        Returns
        -------
        (n, 9) int64 array
            :data:`COUNTED`, then cells and grams of soil a year.
        """
        plan, county = self.plan, self.plan.counties.on(tile)
        inside = county > 0
        if not inside.any():
            return np.zeros((0, len(COUNTED) + 2), dtype=np.int64)
        grade = self.intensity.read(tile)[inside].astype(np.int64)
        loss = self.soil_loss.read(tile)[inside].astype(np.float64)
        grams = np.where(grade > 0, np.rint(np.nan_to_num(loss) * tile.cell_area), 0.0).astype(np.int64)
        watershed = np.zeros(tile.shape, np.int32) if plan.watersheds is None else plan.watersheds.read(tile)
        columns: list[NDArray[Any]] = [
            self.zones.on(tile)[inside], county[inside], watershed[inside], classes_on(plan.land, tile)[inside],
            _classes(self._tangent(tile)[inside], plan.slope_edges), _classes(self._cover(tile)[inside], plan.cover_edges),
            grade,
        ]  # fmt: skip
        sizes = [int(values.max(initial=0)) + 1 for values in columns]
        key = np.ravel_multi_index([values.astype(np.int64) for values in columns], sizes)
        keys, where = np.unique(key, return_inverse=True)
        weight = np.zeros(keys.size, dtype=np.int64)
        np.add.at(weight, where, grams)
        cells = np.bincount(where, minlength=keys.size)
        return np.column_stack([*np.unravel_index(keys, sizes), cells, weight])

    def _tangent(self, tile: Grid) -> NDArray[np.float32]:
        heights = self.plan.dem.read(tile.grown(1))
        tangent = np.empty_like(heights)
        terrain_kernels.gradient(heights, tile.cell, tangent)
        return tangent[1:-1, 1:-1]

    def _cover(self, tile: Grid) -> NDArray[np.float32]:
        layers, rows, cols = vegetation_on(self.plan, tile)
        return np.asarray(layers[3][np.ix_(rows, cols)], dtype=np.float32)


def _classes(values: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the class of each value, from 1; 0 missing: as the pass over the land finds it."""
    out = np.empty(values.size, dtype=np.uint8)
    _kernels.count_reached(np.ascontiguousarray(values), edges.astype(np.float32), np.uint8(1), out)
    return out


def count_by_zone(region: Region, layer: ZoneLayer) -> Facts:
    """
    Count the facts of a region by the zones of a layer (按区统计事实).

    Parameters
    ----------
    region : Region
        A region that ``shuibao run`` was done on.
    layer : ZoneLayer
        Zones in the coordinates of the region's grid; they may be of another year's region.

    Returns
    -------
    Facts
        As ``facts.parquet``, with the code of the zone as dimension ``zone``, empty outside all. Summed over the zones
        they are the region's facts exactly.

    Raises
    ------
    ShuibaoError
        If the region was not run, or its products are not those of its facts.
    """
    require_run(region)
    rules = load_rules(region.packs)
    counties = counties_of(region)
    grid = counties.grid(region.cell)
    record = read_record(region, "water")
    codes = [] if record is None else list(record["summary"]["codes"])
    tags = provenance(region, rules)
    plan = make_plan(region, rules, counties, grid, Path(), tags, water=water_of(region, rules, codes))
    suffix = "vrt" if region.layout == "tiles" else "tif"
    counting = Counting(
        plan,
        open_source(region.products / f"intensity.{suffix}", grid, kind="class"),
        open_source(region.products / f"soil_loss.{suffix}", grid),
        ZoneCells(layer),
    )
    with crew(None, None) as workers:
        found = dict(workers.each_done(counting.count, list(grid.tiles(region.tile))))
    table = np.concatenate([np.zeros((0, len(COUNTED) + 2), np.int64), *(found[k] for k in sorted(found))])
    counts = dict(zip((*COUNTED, "cells", "grams"), table.T, strict=True))
    names = [str(code) for code in layer.columns["code"]]
    by_zone = facts_from_counts(counts, counties.codes, grid.cell_area, tags, watersheds=codes, zones=names)
    return agreed(by_zone, Facts.read(region.products / "facts.parquet"))


def zone_facts(region: Region, theme: str, layer: ZoneLayer) -> Facts:
    """
    Return the facts by zone of a theme; they are counted only if zones or facts have changed (分区事实).

    Parameters
    ----------
    region : Region
        A region that was run.
    theme : str
        Theme of the layer.
    layer : ZoneLayer
        Its zones as they are now.

    Returns
    -------
    Facts
        As :func:`count_by_zone`; kept as ``zones/THEME/facts.parquet``.

    Raises
    ------
    ShuibaoError
        As for :func:`count_by_zone`.
    """
    require_run(region)
    path = theme_folder(region.folder, theme) / FACTS
    stamps = {OF_LAYER: layer_digest(layer), OF_FACTS: sha256_of(region.products / "facts.parquet")}
    if path.is_file():
        kept = Facts.read(path)
        if all(kept.metadata.get(key) == value for key, value in stamps.items()):
            return kept
    found = count_by_zone(region, layer)
    found = Facts(found.table, {**found.metadata, "THEME": theme, **stamps})
    path.parent.mkdir(parents=True, exist_ok=True)
    found.write(path)
    return found


def layer_digest(layer: ZoneLayer) -> str:
    """
    Return a hash of codes and shapes of a layer: what counts by zone depend on (图层摘要).

    Parameters
    ----------
    layer : ZoneLayer
        The zones.
    """
    digest = hashlib.sha256()
    for code, shape in zip(layer.columns["code"], shapely.to_wkb(layer.geometry), strict=True):
        digest.update(str(code).encode())
        digest.update(shape)
    return digest.hexdigest()
