"""The relief of the imaginary land (模拟地形): ranges and basins, valleys, and the gullies of the loess hills."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.sources.imaginary import _drainage_kernels as drainage
from shuibao.sources.imaginary import _kernels as kernels

Bounds = tuple[float, float, float, float]

LATTICES = (480.0, 240.0, 120.0, 60.0)
"""Widths of the lattices that the land is cut on, m; chosen."""

WIDE = 1
"""Level of the lattice on which the land is seen from afar."""

ROUNDS = (2, 2, 2, 2)
"""Rounds of digging and slipping on each lattice; chosen."""

DEPTHS = (60.0, 45.0, 38.0, 26.0)
"""Depth that a full stream digs in one round on each lattice, m; chosen."""

ANGLES = (0.35, 0.50, 0.62, 0.75)
"""Steepest slope that stands on each lattice, rise over run; chosen."""

BANK = 0.06
"""Height of the banks beside an oblique step of a stream, share of the lattice's width; chosen."""

ROUGHNESS = 0.080
"""Height of the grain that is added on each lattice, share of its width; chosen."""


DISTRICT = (600, 440)
"""Columns and rows of knots of a district, which drains as one; chosen so that all of Xinzhou lies in one."""

DISTRICT_ORIGIN = (1028, 8516)
"""Column and row of the knot in the south-west corner of a district."""

WANDER = 0.2
"""Most that chance adds from knot to knot where water looks for its way over a flat, m; chosen."""

FALL = 0.5
"""Least fall of a stream from knot to knot, m; chosen."""

STEEP = 0.05
"""Steepest bed of a stream, rise over run; chosen."""

DUG, DUG_BY = 250.0, 10.0
"""Depth that the finer lattices still dig, m, and the knots that must drain through for all of it; chosen."""

LEAST_STREAM = 20
"""Knots that drain through the smallest stream that has a valley floor; chosen."""

ROCK = 20.0
"""Depth of the rock below the floor of a valley on the widest lattice, m; chosen."""

BELOW = (0.0, 24.0, 16.0, 10.0)
"""Depth of the rock below the floor of a valley on each finer lattice, m; chosen."""

RISE = (0.01, 0.015)
"""Slope of a floor up to both sides, rise over run: on plains and between hills; chosen."""


@dataclass(frozen=True)
class Lattice:
    """
    Heights or another quantity on knots of the nation (格点场).

    Attributes
    ----------
    values : (rows, cols) array
        Rows northward.
    left, bottom : float
        Place of knot (0, 0), m.
    step : float
        Distance between knots, m.
    """

    values: NDArray[np.float64]
    left: float
    bottom: float
    step: float


@dataclass(frozen=True)
class Relief:
    """
    The land around a rectangle down to a lattice (地貌骨架).

    Attributes
    ----------
    seed : int
        Number that the whole land follows from.
    fields : (FIELDS, rows, cols) array
        Smooth fields on knots 480 m apart.
    left, bottom : float
        Place of knot (0, 0) of the fields, m.
    wide : Lattice
        Height of the land on the lattice 240 m wide, or on a wider one if the land is not cut so far.
    heights : Lattice
        Height of the land, cut down to this lattice.
    level : int
        Which of ``LATTICES`` that is.
    """

    seed: int
    fields: NDArray[np.float64]
    left: float
    bottom: float
    wide: Lattice
    heights: Lattice
    level: int

    def field(self, index: int) -> Lattice:
        """Return one of the smooth fields (平滑场)."""
        return Lattice(self.fields[index], self.left, self.bottom, kernels.STEP)


def _knots(bounds: Bounds, step: float, margin: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    left, bottom, right, top = bounds
    cols = np.arange(math.floor((left - margin) / step), math.ceil((right + margin) / step) + 1)
    rows = np.arange(math.floor((bottom - margin) / step), math.ceil((top + margin) / step) + 1)
    return cols.astype(np.float64) * step, rows.astype(np.float64) * step


def _margin(level: int) -> float:
    """Return how far beyond a rectangle lattice ``level`` must reach for the land in it to be right, m."""
    halos = (ROUNDS[k] * kernels.HALO + 5 for k in range(level, len(LATTICES)))
    return float(sum(halo * LATTICES[k] for k, halo in zip(range(level, len(LATTICES)), halos, strict=True)))


def _cut(heights: Lattice, level: int, salt: int, fields: NDArray[np.float64], left: float, bottom: float) -> None:
    """Dig streams into a lattice, keep valleys open and let slopes slip; its values are overwritten."""
    z, step = heights.values, heights.step
    receiver, donors = np.empty(z.size, dtype=np.int32), np.empty(z.size, dtype=np.int8)
    stack, count = np.empty(z.size, dtype=np.int32), np.empty(z.size, dtype=np.int32)
    row, col = round(heights.bottom / step), round(heights.left / step)
    for turn in range(ROUNDS[level]):
        kernels.breach(z.copy(), z)
        kernels.gather(z, row, col, salt + turn, receiver, donors, stack, count)
        kernels.dig(z, count, DEPTHS[level], fields[kernels.VIGOUR], heights.left, heights.bottom, left, bottom, step)
        kernels.widen(z.copy(), receiver, BANK * step, z)
        if level > 0:
            floor, toward = fields[kernels.FLOOR], fields[kernels.TOWARD]
            at = round(bottom / kernels.STEP), round(left / kernels.STEP)
            drainage.keep_open(z, row, col, round(kernels.STEP / step), floor, toward, *at, BELOW[level])
        kernels.slip(z, ANGLES[level] * step, np.empty_like(z))


@lru_cache(maxsize=16)
def _district(seed: int, across: int, up: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the fields and the drained heights of a district and one knot more to the north and the east."""
    col, row = DISTRICT_ORIGIN[0] + across * DISTRICT[0], DISTRICT_ORIGIN[1] + up * DISTRICT[1]
    x = np.arange(col, col + DISTRICT[0] + 1) * kernels.STEP
    y = np.arange(row, row + DISTRICT[1] + 1) * kernels.STEP
    fields = np.empty((kernels.FIELDS, y.size, x.size))
    kernels.lay_fields(x, y, seed, fields)
    heights = Lattice(fields[kernels.BASE].copy(), float(x[0]), float(y[0]), kernels.STEP)
    _cut(heights, 0, seed + 90, fields, heights.left, heights.bottom)
    _drain(heights.values, fields, row, col, seed + 95)
    return fields, heights.values


def _drain(z: NDArray[np.float64], fields: NDArray[np.float64], row: int, col: int, salt: int) -> None:
    """Lead the water of a district to its edges: cut sills, lay valley floors; heights and fields are overwritten."""
    fill, size = fields[kernels.FILL], z.size
    receiver, order, line = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.bool_)
    dug, level = np.empty(size), np.empty(size)
    drainage.flood(np.maximum(z, fill), WANDER, row, col, salt, receiver, order)
    land = [part.ravel() for part in (z, fill, fields[kernels.VIGOUR], fields[kernels.BASIN])]
    steep, rise = STEEP * kernels.STEP, [slope * kernels.STEP for slope in RISE]
    drainage.grade(*land, receiver, order, DUG, DUG_BY, FALL, steep, LEAST_STREAM, line, dug, level)
    drainage.lead(z, fill, fields[kernels.TOWARD], receiver, order, line, dug, level, ROCK, *rise)
    kernels.slip(z, ANGLES[0] * kernels.STEP, np.empty_like(z))
    fields[kernels.FLOOR] = level.reshape(z.shape)


def _widest(bounds: Bounds, seed: int) -> Relief:
    """Lay out the land around a rectangle on the widest lattice, put together from the districts that it lies in."""
    places = _knots(bounds, kernels.STEP, _margin(1) + 8 * kernels.STEP)
    x, y = (np.round(place / kernels.STEP).astype(np.int64) for place in places)
    fields, heights = np.empty((kernels.FIELDS, y.size, x.size)), np.empty((y.size, x.size))
    for across in np.unique((x - DISTRICT_ORIGIN[0]) // DISTRICT[0]).tolist():
        for up in np.unique((y - DISTRICT_ORIGIN[1]) // DISTRICT[1]).tolist():
            there, land = _district(seed, across, up)
            cols = x - DISTRICT_ORIGIN[0] - across * DISTRICT[0]
            rows = y - DISTRICT_ORIGIN[1] - up * DISTRICT[1]
            in_cols, in_rows = ((k >= 0) & (k < size) for k, size in zip((cols, rows), DISTRICT, strict=True))
            into, out_of = np.ix_(in_rows, in_cols), np.ix_(rows[in_rows], cols[in_cols])
            fields[(slice(None), *into)] = there[(slice(None), *out_of)]
            heights[into] = land[out_of]
    left, bottom = float(x[0] * kernels.STEP), float(y[0] * kernels.STEP)
    lattice = Lattice(heights, left, bottom, kernels.STEP)
    return Relief(seed, fields, left, bottom, lattice, lattice, 0)


def relief_around(bounds: Bounds, seed: int, level: int = len(LATTICES) - 1, above: Relief | None = None) -> Relief:
    """
    Lay out the land around a rectangle down to a lattice (生成地貌骨架).

    Parameters
    ----------
    bounds : (left, bottom, right, top)
        Rectangle in the national coordinate system, m.
    seed : int
        Number that the whole land follows from.
    level : int
        Which of ``LATTICES`` to stop at; the last by default.
    above : Relief, optional
        The land around a larger rectangle, down to a wider lattice.
    """
    if above is None:
        above = _widest(bounds, seed)
    heights, wide = above.heights, above.wide
    for k in range(above.level + 1, level + 1):
        x, y = _knots(bounds, LATTICES[k], _margin(k))
        finer = Lattice(np.empty((y.size, x.size)), float(x[0]), float(y[0]), LATTICES[k])
        salt = seed + 1000 * k
        kernels.refine(heights.values, heights.left, heights.bottom, heights.step, x, y, ROUGHNESS, salt, finer.values)
        _cut(finer, k, salt + 90, above.fields, above.left, above.bottom)
        heights = finer
        wide = finer if k == WIDE else wide
    return Relief(seed, above.fields, above.left, above.bottom, wide, heights, level)


def elevation(grid: Grid, seed: int, above: Relief | None = None) -> NDArray[np.float32]:
    """
    Return the elevation of the imaginary land (模拟高程).

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
    (rows, cols) array of float32
        Height at the cell centres, m, to 0.1 m. Never missing.
    """
    relief = relief_around(grid.bounds, seed, above=above)
    x, y = grid.centres()
    out = np.empty(grid.shape, dtype=np.float32)
    heights, fill = relief.heights, relief.fields[kernels.FILL]
    kernels.raise_land(
        x,
        y,
        heights.values,
        heights.left,
        heights.bottom,
        heights.step,
        fill,
        relief.left,
        relief.bottom,
        seed + 9000,
        out,
    )
    return out


def spline_on(grid: Grid, relief: Relief, field: int | Lattice) -> NDArray[np.float64]:
    """
    Return a smooth field of the land at the cell centres of a grid (格点场插值).

    Parameters
    ----------
    grid : Grid
        Cells of the national grid.
    relief : Relief
        The land around the grid.
    field : int or Lattice
        Number of a field of the relief, or a lattice of it.

    Returns
    -------
    (rows, cols) array
        In the unit of the field.
    """
    lattice = field if isinstance(field, Lattice) else relief.field(field)
    out = np.empty(grid.shape)
    x, y = grid.centres()
    kernels.lay_spline(x, y, lattice.values, lattice.left, lattice.bottom, lattice.step, out)
    return out


def height_seen_from_afar(relief: Relief, x: float, y: float) -> float:
    """Return the height of the land at a point, m, smoothed over some 500 m (概略高程)."""
    wide, out = relief.wide, np.empty((1, 1))
    kernels.lay_spline(np.array([x]), np.array([y]), wide.values, wide.left, wide.bottom, wide.step, out)
    return float(out[0, 0])
