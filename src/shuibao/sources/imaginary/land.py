"""Land use and engineering measures of the imaginary land (模拟土地利用与工程措施)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.sources.imaginary import _land_kernels as kernels
from shuibao.sources.imaginary.terrain import Relief, elevation, relief_around

MEASURES = {
    1: "none",
    2: "level_terrace_earth",
    3: "level_terrace_stone",
    4: "sloping_terrace",
    6: "field_ridge",
    7: "level_bench",
    8: "level_trench",
    9: "fish_scale_pit",
    10: "orchard_pit",
}
"""Codes of the measure layer and the measures of the rule packs that they stand for (措施代码)."""


def land_and_measures(
    grid: Grid, seed: int, above: Relief | None = None
) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]]:
    """
    Return the height, the land use and the engineering measures of the imaginary land (模拟高程、地类、措施).

    Parameters
    ----------
    grid : Grid
        Cells of the national grid, of any size.
    seed : int
        Number that the whole land follows from.
    above : Relief, optional
        The land around a larger rectangle, laid out beforehand down to a wider lattice.

    Returns
    -------
    height : (rows, cols) array of float32
        Height at the cell centres, m, to 0.1 m.
    land : (rows, cols) array of uint8
        Code of the land class, 1-21 as in ``land_class.classes`` of the rule packs. Never missing.
    measure : (rows, cols) array of uint8
        Code of the measure, see ``MEASURES``. Never missing.
    """
    around = grid.grown(1)
    relief = relief_around(around.bounds, seed, above=above)
    height = elevation(around, seed, relief)
    x, y = around.centres()
    land, measure = np.empty(grid.shape, dtype=np.uint8), np.empty(grid.shape, dtype=np.uint8)
    wide = relief.wide
    kernels.settle(
        x[1:-1],
        y[1:-1],
        grid.cell,
        height,
        relief.fields,
        relief.left,
        relief.bottom,
        wide.values,
        wide.left,
        wide.bottom,
        wide.step,
        seed,
        land,
        measure,
    )
    return height[1:-1, 1:-1], land, measure
