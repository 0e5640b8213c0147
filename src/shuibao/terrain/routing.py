"""
Routing water over a filled surface: D8 directions in which every cell has a way out, flats too (流向与平地).

On a flat the water goes toward the flat's ways out and away from the higher ground around it (Garbrecht & Martz 1997;
Barnes et al. 2014). Both distances are shortest ways within the flat, so they do not depend on how the grid is cut:
tiles tell each other the distances along their borders until none changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.terrain import _routing_kernels as kernels
from shuibao.terrain.cells import CellSize, sides_of
from shuibao.terrain.filling import elevation_of
from shuibao.terrain.tiling import TILE, Lines, Ring, Tiling, on_threads

OUTLET = kernels.OUTLET
"""Code of a cell where water leaves the land (出口)."""


@dataclass(frozen=True)
class FlatLines:
    """
    What a tile tells of the flats along its border (平地边界距离).

    Parameters
    ----------
    low, high : Lines
        Steps to a way out and from higher ground of flat cells, int32, ``2**30`` where not reached; 0 for other cells.
    touching : bool
        Whether there are flat cells on the border, to which it matters what other tiles tell.
    """

    low: Lines
    high: Lines
    touching: bool

    def same(self, other: FlatLines) -> bool:
        """Tell whether the distances are those of another (是否相同)."""
        return self.low.same(other.low) and self.high.same(other.high)


def route(filled: NDArray[Any], cell_size: CellSize, *, tile: int = TILE, jobs: int | None = None) -> NDArray[np.uint8]:
    r"""
    D8 directions over a filled surface, with ways across its flats (流向，含平地).

    Parameters
    ----------
    filled : (rows, cols) array
        Elevation without depressions, m, as :func:`fill_depressions` makes it; NaN where missing.
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    tile : int
        Side of the tiles that are computed at a time, cells. The result does not depend on it.
    jobs : int, optional
        Threads; one for each processor if not given.

    Returns
    -------
    (rows, cols) uint8 array
        0 missing, 1..8 clockwise from east as in :func:`flow_direction`, 9 where water leaves the land: at the grid's edge or
        beside a missing cell, where no neighbour is lower. Of equally steep ways the first.

    Raises
    ------
    ShuibaoError
        If ``filled`` is not a grid of heights, has depressions, or ``cell_size`` is not positive.

    Notes
    -----
    Where a neighbour is lower the steepest way is taken. A flat cell goes to a neighbour as high as it with the least

    .. math:: 2\,d_\text{low} - d_\text{high}

    of the steps to the flat's nearest way out and from the nearest higher ground; a way out beside it comes first. A step
    toward the way out lowers the first term by 2 and the second changes by at most 1, so there are no circles.

    References
    ----------
    Garbrecht, J. & Martz, L. W. (1997) The assignment of drainage direction over flat surfaces in raster digital elevation
    models. Journal of Hydrology 193, 204-213.
    Barnes, R., Lehman, C. & Mulla, D. (2014) An efficient assignment of drainage direction over flat surfaces in raster
    digital elevation models. Computers & Geosciences 62, 128-135.

    Examples
    --------
    A flat of three cells between walls leaves by its lower end:

    >>> import numpy as np
    >>> surface = np.full((3, 6), 9.0)
    >>> surface[1] = [9, 5, 5, 5, 4, 3]
    >>> route(surface, 10.0)[1].tolist()
    [1, 1, 1, 1, 1, 9]
    """
    ground = elevation_of(filled)
    weights = weights_of(cell_size, ground.dtype)
    rows, cols = ground.shape
    tiling = Tiling(rows, cols, tile)
    direction = np.empty(ground.shape, dtype=np.uint8)
    kept: dict[int, EdgeFlats] = {}

    def begin(i: int) -> FlatLines:
        flats = route_tile(padded(ground, tiling, i), weights, direction[tiling.window(i)])
        if flats.cells.size:
            kept[i] = flats
        return flats.told()

    def again(i: int, lines: Sequence[FlatLines]) -> FlatLines:
        kept[i].approach(rings_of(tiling, i, lines), padded(ground, tiling, i))
        return kept[i].told()

    def cross(i: int) -> None:
        if i in kept:
            kept.pop(i).cross(rings_of(tiling, i, lines), padded(ground, tiling, i), direction[tiling.window(i)])

    tiles = range(len(tiling))
    lines = on_threads(begin, tiles, jobs)
    lines = settle(tiling, lines, lambda some, told: on_threads(lambda i: again(i, told), some, jobs))
    on_threads(cross, tiles, jobs)
    left = np.argwhere(direction >= kernels.FLAT)
    if left.size:
        row, col = (int(i) for i in left[0])
        raise ShuibaoError(
            f"高程还有 {len(left)} 个像元的水流不出去（第一个在第 {row} 行第 {col} 列，自 0 起）；请先填洼（fill_depressions）。",
            f"water has no way out of {len(left)} cells of the elevation (the first at row {row}, column {col}, from 0); fill "
            "its depressions first (fill_depressions).",
        )
    return direction


def weights_of(cell_size: CellSize, dtype: Any) -> tuple[Any, Any, Any]:
    """
    Return how much a fall counts eastward, along a diagonal and southward, of a unit eastward (各向权重).

    Parameters
    ----------
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    dtype : dtype
        Precision of the elevation.
    """
    width, height = sides_of(cell_size)
    kind = np.dtype(dtype).type
    aside = math.sqrt(0.5) if width == height else width / math.hypot(width, height)
    return kind(1.0), kind(aside), kind(width / height)


@dataclass(frozen=True)
class EdgeFlats:
    """
    The flats on a tile's border: how far their cells are from a way out and from higher ground (边界平地).

    Parameters
    ----------
    cells : (n,) int32 array
        Their cells, as places in the tile with its ring of one cell.
    border : (m,) int32 array
        Those of them on the tile's border.
    low, high : (rows + 2, cols + 2) int32 arrays
        Steps to a way out and from higher ground, as far as is known; ``2**30`` where not reached, 0 off these flats.
    """

    cells: NDArray[np.int32]
    border: NDArray[np.int32]
    low: NDArray[np.int32]
    high: NDArray[np.int32]

    @classmethod
    def of(
        cls, shape: tuple[int, int], cells: NDArray[np.int32], low: NDArray[np.int32], high: NDArray[np.int32]
    ) -> EdgeFlats:
        """
        Lay the flats out in their tile (建立).

        Parameters
        ----------
        shape : (int, int)
            Rows and columns of the tile.
        cells : (n,) int32 array
            Their cells, as places in the tile with its ring.
        low, high : (n,) int32 arrays
            Distances of the cells.
        """
        laid = [np.zeros((shape[0] + 2, shape[1] + 2), dtype=np.int32) for _ in range(2)]
        for array, values in zip(laid, (low, high), strict=True):
            array.ravel()[cells] = values
        return cls(cells, kernels.border_cells(cells, shape), *laid)

    def packed(self) -> dict[str, NDArray[np.int32]]:
        """Return the cells and their distances, for :meth:`of` (打包)."""
        return {"cells": self.cells, "low": self.low.ravel()[self.cells], "high": self.high.ravel()[self.cells]}

    def told(self) -> FlatLines:
        """Return what other tiles must know (边界距离)."""
        low, high = (Lines.of(distance[1:-1, 1:-1]) for distance in (self.low, self.high))
        return FlatLines(low, high, self.cells.size > 0)

    def approach(self, rings: tuple[Ring, Ring], ground: NDArray[Any]) -> None:
        """
        Shorten the distances by what the other tiles tell (据邻幅缩短距离).

        Parameters
        ----------
        rings : (Ring, Ring)
            Of :func:`rings_of`.
        ground : (rows + 2, cols + 2) array
            Filled elevation, m; only the cells of the ring and of the tile's border are looked at.
        """
        queue = np.empty_like(self.cells)
        rings[0].put(self.low)
        rings[1].put(self.high)
        count = kernels.ways_out(ground, self.border, self.low, queue)
        late, later = kernels.from_ring(self.low), kernels.from_ring(self.high)
        ring(self.low, 0)
        ring(self.high, 0)
        kernels.spread(self.low, queue, count, *late)
        kernels.spread(self.high, queue, 0, *later)

    def cross(self, rings: tuple[Ring, Ring], ground: NDArray[Any], code: NDArray[np.uint8]) -> None:
        """
        Write the directions of the cells, once no distance changes any more (写出平地流向).

        Parameters
        ----------
        rings : (Ring, Ring)
            Of :func:`rings_of`.
        ground : (rows + 2, cols + 2) array
            Filled elevation of the tile within a ring of its neighbours' cells, m; NaN beyond the grid.
        code : (rows, cols) uint8 array
            Codes of :func:`route_tile`; those of these flats are replaced.
        """
        rings[0].put(self.low)
        rings[1].put(self.high)
        kernels.cross_flats(ground, code, self.cells, self.low, self.high)


def route_tile(ground: NDArray[Any], weights: tuple[Any, Any, Any], code: NDArray[np.uint8]) -> EdgeFlats:
    """
    Write the codes of a tile, 12 in the flats on its border, and return those flats (一幅的流向).

    Parameters
    ----------
    ground : (rows + 2, cols + 2) array
        Filled elevation of the tile within a ring of its neighbours' cells, m; NaN beyond the grid.
    weights : tuple
        Of :func:`weights_of`.
    code : (rows, cols) uint8 array
        Written.
    """
    kernels.steepest(ground, *weights, code)
    low, high = (np.empty(ground.shape, dtype=np.int32) for _ in range(2))
    cells = kernels.list_flats(code, low, high)
    queue, none = np.empty_like(cells), np.empty(0, dtype=np.int32)
    ring(low, kernels.FAR)
    count = kernels.ways_out(ground, cells, low, queue)
    ring(low, 0)
    ring(high, 0)
    kernels.spread(low, queue, count, none, none)
    kernels.spread(high, queue, kernels.feet(code, cells, high, queue), none, none)
    inner, edge = np.empty_like(cells), queue
    inside, on_border = kernels.part_flats(code, cells, inner, edge)
    kernels.cross_flats(ground, code, inner[:inside], low, high)
    edge = edge[:on_border]
    return EdgeFlats.of(code.shape, edge.copy(), low.ravel()[edge], high.ravel()[edge])


def ring(array: NDArray[Any], value: Any) -> None:
    """Set the outermost rows and columns of an array (写外圈)."""
    array[0, :] = array[-1, :] = value
    array[:, 0] = array[:, -1] = value


Again = Callable[[Sequence[int], Sequence[FlatLines]], Sequence[FlatLines]]


def settle(tiling: Tiling, lines: Sequence[FlatLines], again: Again) -> list[FlatLines]:
    """
    Let tiles tell each other the distances along their borders until none changes, and return them (迭代至稳定).

    Parameters
    ----------
    tiling : Tiling
        How the grid is cut.
    lines : sequence of FlatLines
        What each tile can tell by itself.
    again : callable
        Given some tiles and what all told last, returns what each of those now tells.
    """
    told = list(lines)
    pending = [i for i in range(len(tiling)) if told[i].touching] if len(tiling) > 1 else []
    while pending:
        changed = []
        for i, now in zip(pending, again(pending, list(told)), strict=True):
            if not now.same(told[i]):
                changed.append(i)
            told[i] = now
        pending = sorted({other for i in changed for other in tiling.around(i) if told[other].touching})
    return told


def rings_of(tiling: Tiling, tile: int, lines: Sequence[FlatLines]) -> tuple[Ring, Ring]:
    """
    Return what a tile hears of the flats around it: distances to a way out and from higher ground (邻幅距离).

    Parameters
    ----------
    tiling : Tiling
        How the grid is cut.
    tile : int
        The tile.
    lines : sequence of FlatLines
        What every tile told last.
    """
    none = np.int32(0)
    return tiling.ring(tile, lambda i: lines[i].low, none), tiling.ring(tile, lambda i: lines[i].high, none)


def padded(ground: NDArray[Any], tiling: Tiling, tile: int) -> NDArray[Any]:
    """
    Return a tile within a ring of its neighbours' cells, NaN beyond the grid (带外圈的一幅).

    Parameters
    ----------
    ground : (rows, cols) array
        The whole grid.
    tiling : Tiling
        How it is cut.
    tile : int
        The tile.
    """
    rows, cols = tiling.window(tile)
    out = np.full((rows.stop - rows.start + 2, cols.stop - cols.start + 2), np.nan, dtype=ground.dtype)
    top, left = max(rows.start - 1, 0), max(cols.start - 1, 0)
    part = ground[top : rows.stop + 1, left : cols.stop + 1]
    down, across = top - rows.start + 1, left - cols.start + 1
    out[down : down + part.shape[0], across : across + part.shape[1]] = part
    return out
