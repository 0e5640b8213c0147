"""Texture and organic carbon of the soil of the imaginary land (模拟土壤)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.sources.imaginary import _kernels
from shuibao.sources.imaginary.terrain import Relief, spline_on

LAYERS = {"sand": "砂粒", "silt": "粉粒", "clay": "黏粒", "soc": "有机碳"}
"""Layers of the soil and their Chinese names; all in per cent."""


def soil(grid: Grid, relief: Relief) -> dict[str, NDArray[np.float32]]:
    """
    Return the texture and the organic carbon of the soil (土壤质地与有机碳).

    Silt loam of the loess, sandier on the mountains, finer in the basins, with more carbon where it is high and moist.

    Parameters
    ----------
    grid : Grid
        Cells of the national grid.
    relief : Relief
        The land around the grid.

    Returns
    -------
    dict of (rows, cols) array of float32
        ``sand``, ``silt``, ``clay``: per cent by mass, to 0.1, together 100; ``soc``: organic carbon, per cent by mass,
        to 0.01.
    """
    mountain, basin = spline_on(grid, relief, _kernels.MOUNTAIN), spline_on(grid, relief, _kernels.BASIN)
    moist, vigour = spline_on(grid, relief, _kernels.MOIST), spline_on(grid, relief, _kernels.VIGOUR)
    height = spline_on(grid, relief, relief.wide)
    clay = np.clip(12.5 + 5.0 * basin + 3.0 * moist - 2.0 * mountain, 6.0, 28.0)
    sand = np.clip(27.0 + 8.0 * mountain - 7.0 * basin + 14.0 * (vigour - 0.7) - 4.0 * moist, 8.0, 45.0)
    carbon = np.clip(0.42 + 0.16 * moist + 0.45 * mountain + 0.0003 * np.maximum(height - 1400.0, 0.0), 0.15, 4.0)
    sand, clay = np.floor(sand * 10.0 + 0.5), np.floor(clay * 10.0 + 0.5)
    tenths = {"sand": sand, "silt": 1000.0 - sand - clay, "clay": clay}
    layers = {name: (value / 10.0).astype(np.float32) for name, value in tenths.items()}
    layers["soc"] = (np.floor(carbon * 100.0 + 0.5) / 100.0).astype(np.float32)
    return layers
