"""How easily sediment passes each cell of a region that has been run: B, or T on tilled land (泥沙输移的权重)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.rules import Rules
from shuibao.survey import _kernels
from shuibao.survey.counties import Counties
from shuibao.survey.land import make_plan
from shuibao.survey.plan import Plan
from shuibao.survey.region import Region
from shuibao.survey.windows import READ_CACHE, classes_on, codes_on, vegetation_on

WEIGHT_TABLES = ("land_class", "scheme_", "tillage")
"""Tables of the rule packs that the weight follows from, besides those of B."""


def read_weight(region: Region, rules: Rules, counties: Counties, grid: Grid) -> NDArray[np.float32]:
    """
    Return B times T of each cell as the pass over the land composes them, without E (权重 B·T).

    Parameters
    ----------
    region : Region
        A region that has been run.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Counties of the region.
    grid : Grid
        Cells wanted, of the region's grid.

    Returns
    -------
    (rows, cols) float32 array
        0 to 1. NaN where land class or B is missing; also beyond the region's border as far as the inputs reach.
    """
    plan = make_plan(region, rules, counties, grid, Path(tempfile.gettempdir()), {})
    out = np.empty(grid.shape, dtype=np.float32)
    with rasterio.Env(GDAL_CACHEMAX=READ_CACHE):
        for tile in grid.tiles(region.tile):
            out[tile.inside(grid)] = weight_on(plan, tile)
    return out


def weight_on(plan: Plan, tile: Grid) -> NDArray[np.float32]:
    """
    Return B times T on a tile (一幅的权重).

    Parameters
    ----------
    plan : Plan
        What the pass over the land reads.
    tile : Grid
        The tile.
    """
    land, tillage = classes_on(plan.land, tile), codes_on(plan.tillage, tile)
    layers, row, col = vegetation_on(plan, tile)
    kind, fixed = plan.land_cover.kind, plan.land_cover.fixed.astype(np.float32)
    tilled = plan.tillage_factors.astype(np.float32)
    measure, no_measures = np.zeros(tile.cols, dtype=np.uint8), np.ones(1, dtype=np.float32)
    out, cover = np.empty(tile.shape, dtype=np.float32), np.empty(tile.cols, dtype=np.float32)
    for r in range(tile.rows):
        _kernels.vegetation_of(
            land[r], measure, tillage[r], layers[:, row[r]], col, kind, fixed, no_measures, tilled, out[r], cover
        )
    return out
