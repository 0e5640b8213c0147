"""
Breaching: pits are dug free along the cheapest way to lower ground (最小代价开挖).

Every pit is judged on the ground as it is given, within a window around it, and all diggings are joined by their
minimum. So neither the order of the pits nor the tiles in which they are worked on change the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError
from shuibao.terrain import _breaching_kernels as kernels
from shuibao.terrain.cells import CellSize, sides_of
from shuibao.terrain.filling import elevation_of
from shuibao.terrain.tiling import TILE, Tiling, on_threads

Window = tuple[slice, slice]
"""Rows and columns of a part of a grid."""


@dataclass(frozen=True)
class Spare:
    """
    Which pits are left to filling though they could be breached (不开挖的洼地).

    Parameters
    ----------
    depth : float
        Depth, m, up to which a pit is small.
    area : float
        Water surface, m², up to which a pit is small. A pit that is small in both is left.
    dig_share : float
        A pit is left too if digging would move more than this share of the volume that filling would.
    """

    depth: float
    area: float
    dig_share: float


@dataclass(frozen=True)
class BreachResult:
    """
    Ground with breaches, and how many pits there were (开挖结果).

    Parameters
    ----------
    elevation : (rows, cols) array
        Elevation, m; NaN where missing.
    breached : int
        Pits that were dug free.
    left : int
        Pits that were left to filling. Flat bottoms that are wider than the search are lakes and are not counted.
    """

    elevation: NDArray[Any]
    breached: int
    left: int


def breaching_reach(max_length_cells: int) -> int:
    """
    Return the halo, cells, that a tile needs so that its breaches are those of the whole grid (开挖所需加边).

    A breach reaches ``max_length_cells`` from its pit; what the pit's search sees reaches as far again, and whether water
    leaves the land at a cell is seen from its neighbours.

    Parameters
    ----------
    max_length_cells : int
        Longest breach, cells.

    Examples
    --------
    >>> breaching_reach(16)
    33
    """
    return 2 * max_length_cells + 1


def breach_depressions(
    elevation: NDArray[Any],
    cell_size: CellSize,
    *,
    max_length_cells: int,
    max_depth: float,
    spare: Spare | None = None,
    tile: int = TILE,
    jobs: int | None = None,
) -> BreachResult:
    r"""
    Breach depressions along least-cost ways, within limits of length and depth (最小代价开挖).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN; water leaves the land at the grid's edge and beside missing cells.
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    max_length_cells : int
        Longest breach, cells; the search sees no farther than this from the pit's first cell in any direction.
    max_depth : float
        Deepest digging, m; ``inf`` for no limit. No cell is lowered by more.
    spare : Spare, optional
        Which pits are left to filling all the same; none if not given.
    tile : int
        Side of the tiles that are computed at a time, cells. The result does not depend on it.
    jobs : int, optional
        Threads; one for each processor if not given.

    Returns
    -------
    BreachResult
        Elevation in the precision of ``elevation`` (float32 stays, all else is float64), and the numbers of pits.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional, has no cells, or holds infinite values, or ``cell_size`` is not positive.
    CallError
        If a limit is not positive.

    Notes
    -----
    A pit is a cell, or a flat of equal cells, without a lower neighbour and without an edge of the land. From a pit at
    :math:`z_0` the way :math:`c_0, c_1, \dots, c_k` is sought that makes least

    .. math:: \sum_{i=1}^{k} \max(z(c_i) - z_0,\, 0)\; d_i

    with :math:`d_i` the length of a step, of equal sums the shortest, and that ends at a cell below :math:`z_0` or where
    water leaves the land. Its cells are lowered to a line that falls evenly from :math:`z_0` to the far end, yet nowhere
    dug deeper than ``max_depth``:

    .. math:: \ell_i = \max\Bigl(z_0 - \frac{i}{k}\,(z_0 - z(c_k)),\; \max_{j \ge i} z(c_j) - h_{\max}\Bigr)

    A way to an edge of the land that is no lower than the pit falls by the least step of the floating-point numbers.
    All ways are found on the ground as given, and a cell that several ways cross takes the lowest of their levels.

    No new pit arises. Each line falls or stays level from cell to cell, so the cell after :math:`c_i` on the way that set
    the level of :math:`c_i` is no higher; the way's end lies below the pit, and below it either water already had a way
    or another pit's way begins, lower than this one. Elsewhere neighbours have only become lower.

    The least-cost search is that of Lindsay's breaching; there pits are treated one after another on the changing ground.

    References
    ----------
    Lindsay, J. B. (2016) Efficient hybrid breaching-filling sink removal methods for flow path enforcement in digital
    elevation models. Hydrological Processes 30, 846-857. doi:10.1002/hyp.10648.

    Examples
    --------
    A valley behind a dam 4 m high; the dam is cut so that the valley floor falls evenly:

    >>> import numpy as np
    >>> valley = np.full((3, 6), 40.0)
    >>> valley[1] = [30, 20, 10, 14, 8, 7]
    >>> result = breach_depressions(valley, 30.0, max_length_cells=5, max_depth=10.0)
    >>> result.elevation[1].tolist(), result.breached, result.left
    ([30.0, 20.0, 10.0, 9.0, 8.0, 7.0], 1, 0)
    """
    ground = elevation_of(elevation)
    halo = breaching_reach(max_length_cells)
    tiling = Tiling(ground.shape[0], ground.shape[1], tile)
    out = np.empty_like(ground)

    def task(i: int) -> tuple[int, int]:
        core = tiling.window(i)
        around = tuple(slice(max(s.start - halo, 0), s.stop + halo) for s in core)
        inner = tuple(slice(s.start - a.start, s.stop - a.start) for s, a in zip(core, around, strict=True))
        found = breach_window(
            ground[around],
            (inner[0], inner[1]),
            cell_size,
            max_length_cells=max_length_cells,
            max_depth=max_depth,
            spare=spare,
        )
        out[core] = found.elevation
        return found.breached, found.left

    counts = on_threads(task, range(len(tiling)), jobs)
    return BreachResult(out, sum(n for n, _ in counts), sum(n for _, n in counts))


def breach_window(
    window: NDArray[Any],
    core: Window,
    cell_size: CellSize,
    *,
    max_length_cells: int,
    max_depth: float,
    spare: Spare | None = None,
) -> BreachResult:
    """
    Breach the depressions of a tile that is seen with what lies around it (开挖一幅).

    Parameters
    ----------
    window : (rows, cols) array
        Elevation of the tile and of :func:`breaching_reach` cells on each side, or fewer where the grid ends, m; NaN
        where missing. A pit that can touch the tile sees no farther, so that the window's edge is never taken for an
        edge of the land.
    core : (slice, slice)
        The tile in the window.
    cell_size, max_length_cells, max_depth, spare
        As in :func:`breach_depressions`.

    Returns
    -------
    BreachResult
        Elevation of the tile, and the numbers of pits whose first cell, row by row, lies in it.

    Raises
    ------
    ShuibaoError, CallError
        As in :func:`breach_depressions`.
    """
    ground = elevation_of(window)
    width, height = sides_of(cell_size)
    if max_length_cells < 1 or not max_depth > 0.0:
        raise CallError(
            f"开挖的最大长度与深度应大于 0，现为 {max_length_cells} 个像元、{max_depth} m；不开挖请用 fill。",
            f"the longest and deepest breach must be more than 0, found {max_length_cells} cells and {max_depth} m; use "
            "'fill' to dig nothing.",
        )
    ground = np.ascontiguousarray(ground)  # a window of a larger array would want a kernel of its own
    out = ground.copy()
    rows, cols = core
    diagonal = math.hypot(width, height)
    breached, left = kernels.breach(
        ground,
        out,
        np.array([rows.start, rows.stop, cols.start, cols.stop], dtype=np.int64),
        int(max_length_cells),
        float(max_depth),
        np.array([width, diagonal, height, diagonal, width, diagonal, height, diagonal]),
        np.array([0.0, 0.0, -1.0] if spare is None else [spare.depth, spare.area / (width * height), spare.dig_share]),
        np.zeros(ground.shape, dtype=np.uint8),
    )
    return BreachResult(out[core], int(breached), int(left))
