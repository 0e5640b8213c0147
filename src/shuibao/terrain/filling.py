"""
Filling depressions: the least surface from which water can leave (填洼).

Each tile finds its local basins, and the lowest passes between them; water leaves every basin that lies inside the tile
over its lowest way out. What is left is a forest of passes between the basins that touch the tile's border; all tiles'
forests and the passes across the seams make one small graph, which is flooded in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.terrain import _filling_kernels as kernels
from shuibao.terrain.cells import heights_of
from shuibao.terrain.tiling import TILE, Lines, Tiling, on_threads


@dataclass(frozen=True)
class TileBasins:
    """
    The local basins of a tile (一幅内的局部盆地).

    Parameters
    ----------
    basin : (rows, cols) int32 array
        Basin of each cell, from 1; 0 where water leaves beside a missing cell inside the tile, -1 where missing.
    surface : (basins + 1,) array
        Level, m, at which each basin spills inside the tile; -inf for those that touch the border, and for 0.
    label : (basins + 1,) int32 array
        Basin at the border that it spills into in the end, numbered from 1 among those; 0 the outside.
    """

    basin: NDArray[np.int32]
    surface: NDArray[Any]
    label: NDArray[np.int32]

    def levels(self, labels: NDArray[Any]) -> NDArray[Any]:
        """
        Return the level to which each basin fills, m (各盆地填洼面).

        Parameters
        ----------
        labels : (labels + 1,) array
            Level of each border basin as :func:`flood_tiles` found it.
        """
        return np.maximum(self.surface, labels[self.label])


@dataclass(frozen=True)
class TileRim:
    """
    What the other tiles must know of a tile's basins; small (一幅对外的摘要).

    Parameters
    ----------
    heights, labels : Lines
        Elevation, m, and border basin of the cells along the border; -1 where missing, 0 where water leaves.
    count : int
        Number of border basins.
    left, right : (n,) int32 arrays
        Passes between border basins inside the tile, a forest; 0 is the outside.
    level : (n,) array
        Height of each pass, m.
    """

    heights: Lines
    labels: Lines
    count: int
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    level: NDArray[Any]


def fill_depressions(elevation: NDArray[Any], *, tile: int = TILE, jobs: int | None = None) -> NDArray[Any]:
    r"""
    Fill depressions: the least surface from which every cell's water leaves without rising (填洼).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN; water leaves the land at the grid's edge and beside missing cells,
        so that a hole is never filled from within and never dams what is above it.
    tile : int
        Side of the tiles that are computed at a time, cells. The result does not depend on it.
    jobs : int, optional
        Threads; one for each processor if not given.

    Returns
    -------
    (rows, cols) array
        Filled elevation, m, in the precision of ``elevation`` (float32 stays, all else is float64); NaN where missing.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional, has no cells, or holds infinite values.

    Notes
    -----
    With :math:`P` the ways from a cell to an outlet,

    .. math:: \hat z(c) = \min_{P} \max_{x \in P} z(x)

    which is the surface that priority-flood finds (Barnes et al. 2014). A cell falls to the pit of its local basin
    without rising, so :math:`\hat z(c) = \max(z(c), \hat z(\text{pit}))`: only the graph of basins and passes has to be
    flooded, from the lowest pass upward, and a tile tells others no more than what lies along its border (Barnes 2016).

    References
    ----------
    Barnes, R., Lehman, C. & Mulla, D. (2014) Priority-flood: an optimal depression-filling and watershed-labeling
    algorithm for digital elevation models. Computers & Geosciences 62, 117-127.
    Barnes, R. (2016) Parallel priority-flood depression filling for trillion cell digital elevation models on desktops
    or clusters. Computers & Geosciences 96, 56-68.

    Examples
    --------
    A pit of 1 m is filled to the lowest cell of its rim, 3 m:

    >>> import numpy as np
    >>> ground = np.array([[9.0, 9.0, 9.0], [9.0, 1.0, 3.0], [9.0, 9.0, 9.0]])
    >>> fill_depressions(ground)[1].tolist()
    [9.0, 3.0, 3.0]
    """
    ground = elevation_of(elevation)
    rows, cols = ground.shape
    tiling = Tiling(rows, cols, tile)
    found = on_threads(lambda i: tile_basins(ground[tiling.window(i)]), range(len(tiling)), jobs)
    levels = flood_tiles(tiling, [rim for _, rim in found])
    filled = np.empty_like(ground)

    def finish(i: int) -> None:
        window = tiling.window(i)
        basins = found[i][0]
        kernels.raise_to(ground[window], basins.basin, basins.levels(levels[i]), filled[window])

    on_threads(finish, range(len(tiling)), jobs)
    return filled


def elevation_of(elevation: NDArray[Any]) -> NDArray[Any]:
    """Return elevations as float32 or float64, refusing what is no grid of heights (检查高程)."""
    ground = heights_of(elevation)
    if ground.ndim != 2 or ground.size == 0:
        raise ShuibaoError(
            f"高程应为二维且非空的数组，实际形状为 {ground.shape}。",
            f"elevation must be a two-dimensional array that is not empty, found shape {ground.shape}.",
        )
    infinite = np.isinf(ground)
    if infinite.any():
        row, col = (int(i) for i in np.argwhere(infinite)[0])
        raise ShuibaoError(
            f"高程有 {int(infinite.sum())} 个无穷大值，第一个在第 {row} 行第 {col} 列（自 0 起）；请改为缺测（NaN）或真实高程。",
            f"elevation holds {int(infinite.sum())} infinite values, the first at row {row}, column {col} (from 0); make "
            "them missing (NaN) or give the real heights.",
        )
    return ground


def tile_basins(ground: NDArray[Any]) -> tuple[TileBasins, TileRim]:
    """
    Return the local basins of a tile and what other tiles must know of them (一幅的局部盆地).

    Parameters
    ----------
    ground : (rows, cols) float32 or float64 array
        Elevation of the tile, m; NaN where missing.
    """
    rows, cols = ground.shape
    padded = np.full((rows + 2, cols + 2), np.nan, dtype=ground.dtype)
    padded[1:-1, 1:-1] = ground
    basin = np.empty(padded.shape, dtype=np.int32)
    kernels.descend(padded, basin)
    kernels.descend_along_border(padded, basin)
    count = kernels.number_basins(basin)
    is_open = kernels.mark_border(basin, count)
    left, right, level = kernels.list_passes(padded, basin)
    surface = np.empty(count + 1, dtype=ground.dtype)
    owner = np.empty(count + 1, dtype=np.int32)
    kept = kernels.flood(is_open, left, right, level, kernels.ascending(_bits(level)), surface, owner)
    number = (np.cumsum(is_open) - 1).astype(np.int32)
    label = number[owner]
    rim = TileRim(
        heights=Lines.of(ground),
        labels=Lines.of(basin[1:-1, 1:-1]).mapped(lambda line: np.where(line < 0, np.int32(-1), label[line])),
        count=int(number[-1]),
        left=label[left[kept]],
        right=label[right[kept]],
        level=level[kept],
    )
    return TileBasins(basin[1:-1, 1:-1], surface, label), rim


def flood_tiles(tiling: Tiling, rims: Sequence[TileRim]) -> list[NDArray[Any]]:
    """
    Return the level of each tile's border basins, m: the one small graph of all tiles, flooded (汇总求解).

    Parameters
    ----------
    tiling : Tiling
        How the grid is cut.
    rims : sequence of TileRim
        What each tile told.

    Returns
    -------
    list of (labels + 1,) arrays
        By tile; entry 0 is the outside, -inf.
    """
    first = np.concatenate([[0], np.cumsum([rim.count for rim in rims])])
    passes = [_own_passes(rim, int(first[i])) for i, rim in enumerate(rims)]
    passes += [_seam_passes(tiling, rims, first, i) for i in range(len(tiling))]
    left, right, level = (np.concatenate(part) for part in zip(*passes, strict=True))
    is_open = np.zeros(int(first[-1]) + 1, dtype=np.bool_)
    is_open[0] = True
    surface = np.empty(is_open.size, dtype=level.dtype)
    owner = np.empty(is_open.size, dtype=np.int32)
    kernels.flood(is_open, left, right, level, kernels.ascending(_bits(level)), surface, owner)
    return [np.concatenate([surface[:1], surface[first[i] + 1 : first[i + 1] + 1]]) for i in range(len(rims))]


_Passes = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[Any]]


def _own_passes(rim: TileRim, first: int) -> _Passes:
    left, right = (np.where(side > 0, side + first, 0).astype(np.int32) for side in (rim.left, rim.right))
    return left, right, rim.level


def _seam_passes(tiling: Tiling, rims: Sequence[TileRim], first: NDArray[np.int64], tile: int) -> _Passes:
    """Return the passes between a tile and those east, south-east, south and south-west of it, and to the outside."""
    room = 3 * 2 * sum(tiling.shape(tile)) + 2
    left, right = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    level = np.empty(room, dtype=rims[tile].level.dtype)
    count = 0
    for down, across in ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, 0)):
        other = tiling.neighbour(tile, down, across)
        if other >= 0 and (down, across) in ((0, -1), (-1, 0)):
            continue  # that tile has listed these
        mine = [_border(rims[tile], int(first[tile]), -down, -across, k) for k in (0, 1)]
        if other >= 0:
            theirs = [_border(rims[other], int(first[other]), down, across, k) for k in (0, 1)]
        else:
            theirs = [np.full_like(mine[0], np.nan), np.full_like(mine[1], -1)]
        for shift in (0,) if other < 0 or down * across else (-1, 0, 1):
            count = kernels.seam_passes(*mine, *theirs, shift, left, right, level, count)
    return kernels.thin_passes(left[:count], right[:count], level[:count])


def _border(rim: TileRim, first: int, down: int, across: int, labels: int) -> NDArray[Any]:
    """Return the heights, or the labels of the whole grid, along one side or at one corner of a tile."""
    if not labels:
        return rim.heights.facing(down, across).ravel()
    line = rim.labels.facing(down, across).ravel()
    return np.where(line > 0, line + np.int32(first), line).astype(np.int32)


def _bits(level: NDArray[Any]) -> NDArray[Any]:
    return level.view(np.uint32 if level.dtype == np.float32 else np.uint64)
