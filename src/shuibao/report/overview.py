"""Rasters as a map shows them: small, on square pixels, and lit from the north-west (概视图)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window

from shuibao.ground.grid import BLOCK, Grid
from shuibao.messages import ShuibaoError
from shuibao.report.bulletin import raster_of
from shuibao.report.png import Color
from shuibao.survey.inputs import quantity_source
from shuibao.survey.region import Region

WIDEST = 1400
"""Pixels that a map is at most wide or high (chosen: twice what a page shows)."""

STRIP = 128
"""Rows of pixels that are read at a time."""

SUN_AZIMUTH, SUN_HEIGHT = 315.0, 45.0
"""Where map light comes from by custom, degrees."""

RELIEF = 0.45
"""Tangent to which the steeper tenth of the land is stretched, so that gentle land shows relief too (chosen)."""

SHADES = 16

DARKEST, LIGHTEST = 140, 60
"""How much shadow and light may cover of the colour under them, of 255 (chosen: classes stay readable)."""


@dataclass(frozen=True)
class MapPixels:
    """
    The pixels of the maps of a region (地图像素).

    Parameters
    ----------
    grid : Grid
        Pixels: cells of the national grid, some together.
    factor : int
        Width of a pixel, cells.
    product : Grid
        Extent of the products.
    """

    grid: Grid
    factor: int
    product: Grid

    def read(self, region: Region, name: str) -> NDArray[Any]:
        """
        Return a raster product on the pixels: means of quantities, the middle cell of classes (读取概视图).

        Parameters
        ----------
        region : Region
            The region folder.
        name : str
            Product.
        """
        with rasterio.open(raster_of(region, name)) as dataset:
            if dataset.dtypes[0] != "float32":
                return self._sampled(dataset)
            cells: NDArray[Any] = dataset.read(
                1, window=self._window(0, self.grid.rows), out_shape=self.grid.shape, resampling=Resampling.average
            )
        return cells

    def _window(self, row: int, rows: int) -> Window:
        """Return where some rows of pixels lie in a product."""
        k = self.factor
        top, left = (self.grid.row + row) * k - self.product.row, self.grid.col * k - self.product.col
        return Window(left, top, self.grid.cols * k, rows * k)

    def _sampled(self, dataset: Any) -> NDArray[Any]:
        """Return the middle cell of each pixel, so that every class keeps its share of the land."""
        k, strips = self.factor, []
        for row in range(0, self.grid.rows, STRIP):
            fine = dataset.read(1, window=self._window(row, min(STRIP, self.grid.rows - row)))
            strips.append(fine[k // 2 :: k, k // 2 :: k])
        return np.concatenate(strips)


def map_pixels(over: Grid, widest: int = WIDEST) -> MapPixels:
    """
    Return the pixels for maps of a region (确定地图像素).

    Parameters
    ----------
    over : Grid
        Smallest grid that holds the region.
    widest : int
        Pixels at most.
    """
    product = over.whole_blocks(BLOCK)
    k = max(1, math.ceil(max(over.rows, over.cols) / (widest - 1)))
    row = max(math.floor(over.row / k), math.ceil(product.row / k))
    col = max(math.floor(over.col / k), math.ceil(product.col / k))
    row_end = min(math.ceil((over.row + over.rows) / k), (product.row + product.rows) // k)
    col_end = min(math.ceil((over.col + over.cols) / k), (product.col + product.cols) // k)
    coarse = over.coarser(k)
    return MapPixels(
        Grid(coarse.cell, row, col, row_end - row, col_end - col, coarse.projection), factor=k, product=product
    )


def elevation(region: Region, grid: Grid) -> NDArray[np.float32] | None:
    """
    Return the elevation on the pixels, m; None if the file is no longer there (概视高程).

    Parameters
    ----------
    region : Region
        The region folder.
    grid : Grid
        Pixels.
    """
    try:
        source = quantity_source(region, "dem", grid, method="bilinear")
        strips = [
            source.read(
                Grid(grid.cell, row, grid.col, min(STRIP, grid.row + grid.rows - row), grid.cols, grid.projection)
            )
            for row in range(grid.row, grid.row + grid.rows, STRIP)
        ]
    except ShuibaoError:
        return None
    return np.concatenate(strips)


def hillshade(ground: NDArray[np.floating[Any]], cell: float) -> NDArray[np.uint8]:
    """
    Return how light falls on the ground, in steps for :func:`shade_palette` (地貌晕渲).

    Parameters
    ----------
    ground : (rows, cols) array
        Elevation, m. NaN gives 0, which is clear.
    cell : float
        Side of a pixel, m.

    Returns
    -------
    (rows, cols) array of uint8
        1 darkest to 15 lightest; 0 where the elevation of a neighbour is missing.

    Examples
    --------
    A plain is neither dark nor light, a slope that faces the sun is light, one that turns from it dark:

    >>> y, x = np.mgrid[0:9, 0:9] * 10.0
    >>> plain, facing, averted = (int(hillshade(0.3 * k * (x + y), 10.0)[4, 4]) for k in (0, 1, -1))
    >>> averted < plain < facing
    True
    """
    if min(ground.shape) < 2:
        return np.zeros(ground.shape, dtype=np.uint8)
    south, east = np.gradient(np.asarray(ground, dtype=np.float64), cell)
    tangent = np.hypot(south, east)
    known = np.isfinite(tangent)
    steep = float(np.quantile(tangent[known], 0.9)) if known.any() else 0.0
    stretch = min(max(RELIEF / steep, 1.0), 12.0) if steep > 0 else 1.0
    azimuth, height = math.radians(SUN_AZIMUTH), math.radians(SUN_HEIGHT)
    towards_east, towards_south = math.sin(azimuth) * math.cos(height), -math.cos(azimuth) * math.cos(height)
    facing = math.sin(height) - stretch * (east * towards_east + south * towards_south)
    light = np.clip(facing / np.sqrt(1.0 + (stretch * tangent) ** 2), 0.0, 1.0)
    steps = 1 + np.rint(np.where(known, light, 0.0) * (SHADES - 2))
    return np.where(known, steps, 0).astype(np.uint8)


def shade_palette() -> list[Color]:
    """Return the colours of the shade: black over shadow, white over light, each more or less clear (晕渲调色板)."""
    flat = math.sin(math.radians(SUN_HEIGHT))
    out: list[Color] = [(0, 0, 0, 0)]
    for step in range(1, SHADES):
        light = (step - 1) / (SHADES - 2)
        if light < flat:
            out.append((20, 28, 40, round(DARKEST * (flat - light) / flat)))
        else:
            out.append((255, 255, 255, round(LIGHTEST * (light - flat) / (1 - flat))))
    return out
