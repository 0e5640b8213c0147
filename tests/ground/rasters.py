"""Rasters written by rasterio for the readers to read, and the places they lie in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shuibao.ground.grid import Grid, national_crs

LAND = Grid(30.0, row=-140000, col=18000, rows=96, cols=128)
"""A piece of the national grid near 111°E, 38°N."""


def write_tif(
    path: Path,
    values: NDArray[Any],
    transform: Affine,
    crs: CRS | None = None,
    *,
    nodata: float | None = None,
) -> Path:
    """Write one band, or several, with rasterio alone; the national coordinate system if none is given."""
    bands = values if values.ndim == 3 else values[np.newaxis]
    profile = {
        "driver": "GTiff",
        "dtype": values.dtype.name,
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "transform": transform,
        "crs": rasterio.crs.CRS.from_wkt((crs or national_crs()).to_wkt("WKT1_GDAL")),
        "nodata": nodata,
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(bands)
    return path


def rolling(grid: Grid, seed: int = 1) -> NDArray[np.float32]:
    """Return hills with some noise, so that no two neighbours are alike."""
    x, y = np.meshgrid(*(axis / 700.0 for axis in grid.centres()))
    noise = np.random.default_rng(seed).normal(0.0, 3.0, grid.shape)
    return (1000.0 + 200.0 * np.sin(x) * np.cos(1.3 * y) + noise).astype(np.float32)


def pixels_over(grid: Grid, crs: CRS, size: float, margin: int = 6) -> tuple[Affine, tuple[int, int]]:
    """Return the transform and shape of a raster in another coordinate system that covers a grid with a margin."""
    to_theirs = Transformer.from_crs(grid.crs, crs, always_xy=True)
    left, bottom, right, top = to_theirs.transform_bounds(*grid.bounds)
    west, north = left - margin * size, top + margin * size
    shape = int((top - bottom) / size) + 2 * margin + 1, int((right - left) / size) + 2 * margin + 1
    return Affine(size, 0.0, west, 0.0, -size, north), shape


def centres_in(grid: Grid, crs: CRS, transform: Affine, shape: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the coordinates of the pixel centres of such a raster in the system of the grid."""
    cols, rows = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x = transform.a * cols + transform.b * rows + transform.c
    y = transform.d * cols + transform.e * rows + transform.f
    return Transformer.from_crs(crs, grid.crs, always_xy=True).transform(x, y)
