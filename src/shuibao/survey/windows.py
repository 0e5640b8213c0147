"""What a tile's task reads from the inputs: windows of rasters, or one number for all (分幅读入)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource
from shuibao.survey.plan import Plan

READ_CACHE = 256
"""Room for blocks of the inputs in memory, MB."""


def quantity_on(source: RasterSource | float, tile: Grid) -> NDArray[np.float32]:
    """Return a quantity on a tile (连续量)."""
    if isinstance(source, RasterSource):
        values: NDArray[np.float32] = source.read(tile)
        return values
    return np.full(tile.shape, source, dtype=np.float32)


def classes_on(source: RasterSource | int, grid: Grid) -> NDArray[np.uint8]:
    """Return land classes on a grid (地类)."""
    if isinstance(source, RasterSource):
        values: NDArray[np.uint8] = source.read(grid)
        return values
    return np.full(grid.shape, source, dtype=np.uint8)


def codes_on(source: RasterSource | None, tile: Grid) -> NDArray[np.uint8]:
    """Return codes on a tile; 0 where nothing is mapped (代码)."""
    if source is None:
        return np.zeros(tile.shape, dtype=np.uint8)
    values: NDArray[np.uint8] = source.read(tile)
    return values


def vegetation_on(plan: Plan, tile: Grid) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int32]]:
    """Return B and cover on their own cells under a tile, and the row and column of each of its cells there (植被)."""
    width = plan.vegetation_cell
    coarse = tile.coarser(width)
    layers = np.stack([source.read(coarse) for source in plan.vegetation])
    rows = (tile.row + np.arange(tile.rows)) // width - coarse.row
    cols = (tile.col + np.arange(tile.cols)) // width - coarse.col
    return layers, rows.astype(np.int32), cols.astype(np.int32)
