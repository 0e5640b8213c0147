"""Vegetation cover of the imaginary land through the year (模拟植被覆盖度)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.sources.imaginary import _kernels, _land_kernels
from shuibao.sources.imaginary.terrain import Relief, spline_on

HALF_MONTHS = 24
"""Half-months of a year: the 1st to the 15th, and the 16th to the end."""

CELL = 240.0
"""Side of a cell of the cover layers, m, as satellite composites have it."""

_GREEN = np.array([0, 0, 0, 0, 0, 0.02, 0.06, 0.15, 0.28, 0.45, 0.62, 0.76, 0.88, 0.97, 1, 1, 0.94, 0.8, 0.55, 0.3,
                   0.12, 0.04, 0, 0])  # fmt: skip
"""Share of the summer's gain by half-month, wild plants; chosen."""

_CROP = np.array([0, 0, 0, 0, 0, 0, 0.01, 0.03, 0.06, 0.14, 0.28, 0.46, 0.68, 0.87, 1, 1, 0.93, 0.7, 0.32, 0.1,
                  0.03, 0, 0, 0])  # fmt: skip
"""Share of the summer's gain by half-month, one crop a year; chosen."""

_LIFE: dict[int, tuple[float, float, float, float]] = {
    1: (0.04, 0.06, 0.70, 0.88),
    2: (0.05, 0.08, 0.68, 0.86),
    3: (0.03, 0.06, 0.45, 0.76),
    4: (0.10, 0.16, 0.60, 0.84),
    5: (0.30, 0.40, 0.60, 0.80),
    6: (0.22, 0.40, 0.82, 0.98),
    7: (0.16, 0.28, 0.66, 0.94),
    8: (0.15, 0.26, 0.68, 0.93),
    9: (0.10, 0.20, 0.52, 0.88),
    10: (0.04, 0.06, 0.14, 0.24),
    11: (0.05, 0.08, 0.22, 0.36),
    12: (0.01, 0.02, 0.04, 0.08),
    13: (0.03, 0.04, 0.10, 0.20),
    14: (0.00, 0.00, 0.02, 0.04),
    15: (0.01, 0.02, 0.06, 0.14),
    16: (0.01, 0.02, 0.05, 0.10),
    17: (0.01, 0.02, 0.08, 0.18),
    18: (0.03, 0.05, 0.20, 0.30),
    19: (0.01, 0.02, 0.06, 0.14),
    20: (0.06, 0.12, 0.50, 0.80),
    21: (0.00, 0.00, 0.00, 0.00),
}
"""Cover of each land class, 0-1: winter on dry and on moist ground, summer on dry and on moist ground; chosen."""


def seasonal_curves() -> NDArray[np.float64]:
    """
    Return the cover of each land class on dry and on moist ground through the year (各地类覆盖度年内过程).

    Returns
    -------
    (22, 2, 24) array
        By land class code, dry or moist ground, and half-month; 0-1.

    Examples
    --------
    >>> curves = seasonal_curves()
    >>> round(float(curves[6, 1].max()), 2), int(curves[3, 1].argmax()) + 1
    (0.98, 15)
    """
    curves = np.zeros((_land_kernels.CLASSES, 2, HALF_MONTHS))
    for code, (dry_winter, moist_winter, dry_summer, moist_summer) in _LIFE.items():
        shape = _CROP if code <= 3 else _GREEN
        curves[code, 0] = dry_winter + (dry_summer - dry_winter) * shape
        curves[code, 1] = moist_winter + (moist_summer - moist_winter) * shape
    return curves


def cover(grid: Grid, land: NDArray[np.uint8], relief: Relief) -> NDArray[np.float32]:
    """
    Return the vegetation cover of 24 half-months (24 个半月植被覆盖度).

    Parameters
    ----------
    grid : Grid
        Cells of 240 m.
    land : (rows, cols) array of uint8
        Land class on finer cells that divide those of ``grid`` evenly.
    relief : Relief
        The land around the grid.

    Returns
    -------
    (24, rows, cols) array of float32
        Cover, 0-1, to 0.01: the mean over the land classes in the cell; lusher where it is moist, later where it is
        high.
    """
    height, moist = spline_on(grid, relief, relief.wide), spline_on(grid, relief, _kernels.MOIST)
    out = np.empty((HALF_MONTHS, *grid.shape), dtype=np.float32)
    factor = land.shape[0] // grid.rows
    _land_kernels.mean_cover(land, height, factor, moist, seasonal_curves(), out)
    return out
