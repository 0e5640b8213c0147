"""
Land cut along its channels into pieces of small watersheds, and the painting of the pieces (小流域划分：切割).

The cuts are decided on the table of channels, so that a province needs no more memory than its rivers. Which cells a
piece holds, and on large rivers how many, is known when it has been painted; :func:`compose` then joins pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import _partition_kernels as kernels
from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.drainage import Drainage, cell_name
from shuibao.watershed.limits import Limits
from shuibao.watershed.pieces import Cuts, Pieces, Seeds

STATIONS_PER_MINIMUM = 4
"""Banks are cut at least this finely, in parts of the smallest unit, so that they can be joined evenly (chosen)."""


@dataclass(frozen=True, eq=False)
class Partition:
    """
    What to paint, and what the pieces are (划分方案).

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the whole grid.
    limits : Limits
        The limits it was made for.
    seeds : Seeds
        Where to paint from.
    pieces : Pieces
        What the pieces are.
    land : int
        Land of the grid, cells.
    """

    shape: tuple[int, int]
    limits: Limits
    seeds: Seeds
    pieces: Pieces
    land: int

    @property
    def number(self) -> int:
        """How many pieces there are, P (片数)."""
        return self.pieces.kind.size - 1


def delineate(channels: Channels, outlets: Outlets, limits: Limits) -> Partition:
    """
    Cut the land into pieces along its channels (沿河道切割小流域).

    Parameters
    ----------
    channels : Channels
        Channels of the land by the threshold ``limits.channel``.
    outlets : Outlets
        All cells where water leaves the land.
    limits : Limits
        Areas in cells.

    Returns
    -------
    Partition
        The same for the same channels, however they were gathered.

    Raises
    ------
    CallError
        If ``channels`` were taken with another threshold than ``limits.channel``.
    ShuibaoError
        If a channel leaves the land where ``outlets`` has no cell, or with another contributing area.

    Notes
    -----
    From the heads down each channel cell carries what drains to it and no unit has taken. Above a junction, what has
    reached the target is cut off; where the whole would exceed the maximum, the largest tributaries are, if they have
    the minimum. Remainders below the minimum at mouths take a unit that drains into them, or move its cross-section.
    Large rivers are cut into stations with two banks each.

    Examples
    --------
    A gutter of eight cells that drains west, units of two to four cells:

    >>> import numpy as np
    >>> direction = np.array([[9, 5, 5, 5, 5, 5, 5, 5]], dtype=np.uint8)
    >>> area = np.arange(8, 0, -1).reshape(1, 8)
    >>> limits = Limits(minimum=2, target=3, maximum=4, large_river=100, channel=1)
    >>> partition = delineate(
    ...     Channels.from_arrays(direction, area, 1), Outlets.from_arrays(direction, area), limits
    ... )
    >>> partition.pieces.cells[1:].tolist(), partition.pieces.into[1:].tolist()
    ([4, 4], [0, 1])
    """
    _check(channels, outlets, limits)
    n = channels.cell.size
    order = np.argsort(channels.cells, kind="stable")
    main, first, following, open_ = (np.empty(n, dtype=np.int64) for _ in range(4))
    ends = np.empty(n, dtype=np.uint8)
    kernels.link_upstream(channels.receiver, channels.cells, main, first, following)
    graph = (order, channels.receiver, channels.cells)
    least, large = limits.minimum, limits.large_river
    kernels.cut(*graph, first, following, large, least, limits.target, limits.maximum, open_, ends)
    stack = np.empty(n + 1, dtype=np.int64)
    kernels.mend_mouths(*graph, first, following, large, least, limits.maximum, open_, ends, stack)
    piece = np.empty(n, dtype=np.int32)
    basins = int(kernels.number_units(*graph, large, ends, piece))
    station, stem = stack[:n].astype(np.int32), np.zeros(n, dtype=np.int32)
    quantum = max(least // STATIONS_PER_MINIMUM, 1)
    counts = kernels.number_stations(*graph, main, first, following, large, open_, quantum, station, stem)
    cuts = Cuts(channels, outlets, main, piece, basins, station, stem, int(counts[0]))
    pieces = cuts.pieces(ends == 1, open_)
    return Partition(channels.shape, limits, cuts.seeds(), pieces, int(outlets.cells.sum()))


def _check(channels: Channels, outlets: Outlets, limits: Limits) -> None:
    """Refuse tables that do not belong together."""
    if channels.threshold != limits.channel:
        raise CallError(
            f"河道是按 {channels.threshold} 个像元提取的，界限却要求 {limits.channel}；请用 limits.channel 提取河道。",
            f"the channels were taken from {channels.threshold} cells on, but the limits ask for {limits.channel};"
            " take them with limits.channel.",
        )
    mouth = np.flatnonzero(channels.receiver == np.arange(channels.cell.size))
    place = np.minimum(np.searchsorted(outlets.cell, channels.cell[mouth]), max(outlets.cell.size - 1, 0))
    if outlets.cell.size == 0:
        wrong = np.ones(mouth.size, dtype=bool)
    else:
        wrong = (outlets.cell[place] != channels.cell[mouth]) | (outlets.cells[place] != channels.cells[mouth])
    if wrong.any():
        zh, en = cell_name(int(channels.cell[mouth[np.argmax(wrong)]]), channels.shape[1])
        raise ShuibaoError(
            f"河道在{zh}流出陆地，出口表中却没有它，或汇水面积不同；两表须出自同一次计算。",
            f"a channel leaves the land at {en}, but the outlets do not have it, or with another contributing area;"
            " both tables must come from one computation.",
        )


def paint(partition: Partition, drainage: Drainage) -> NDArray[np.int32]:
    """
    Paint the pieces on a grid in memory (着色).

    Parameters
    ----------
    partition : Partition
        From :func:`delineate`.
    drainage : Drainage
        The grid that the channels were taken from.

    Returns
    -------
    (rows, cols) int32 array
        Piece of each land cell, 1..P; 0 where missing.

    Raises
    ------
    CallError
        If the grid has another shape.

    Notes
    -----
    A seed cell takes the piece on its left. Every other cell takes the piece through which its water first meets a
    seed: the right one if it comes from a direction between the downstream and the main upstream direction,
    clockwise, else the left one. Where the seed has no upstream neighbour, or is an outlet, the missing direction
    is taken to be straight on; where it has neither, all is left.
    """
    if drainage.shape != partition.shape:
        raise CallError(
            f"划分方案属于 {partition.shape} 的格网，汇流结构却是 {drainage.shape}。",
            f"the partition belongs to a grid of {partition.shape}, the drainage to one of {drainage.shape}.",
        )
    seeds = partition.seeds
    label = np.zeros(drainage.direction.size, dtype=np.int32)
    seed = np.full(label.size, -1, dtype=np.int32)
    seed[seeds.cell] = np.arange(seeds.cell.size, dtype=np.int32)
    grid = (drainage.direction.ravel(), drainage.steps, drainage.order)
    kernels.paint(*grid, seed, seeds.left, seeds.right, seeds.upstream, label)
    return label.reshape(drainage.shape)


def count_cells(label: NDArray[Any], number: int) -> NDArray[np.int64]:
    """
    Count the cells of each piece or unit in a painted grid; counts of tiles add up (像元计数).

    Parameters
    ----------
    label : array
        Numbers 0..``number``.
    number : int
        The largest number there can be.

    Returns
    -------
    (number + 1,) int64 array
        Cells of each; of 0, the missing.

    Examples
    --------
    >>> import numpy as np
    >>> count_cells(np.array([[1, 1], [0, 3]]), 3).tolist()
    [1, 2, 0, 1]
    """
    return np.bincount(np.ravel(label), minlength=number + 1).astype(np.int64)


def touching(label: NDArray[Any]) -> NDArray[np.int64]:
    """
    List which pieces touch, and along how many sides of cells (相邻片对).

    Parameters
    ----------
    label : (rows, cols) integer array
        Pieces; 0 is passed over. A tile should bring one more row below and one more column on each side of that
        row and to its right, so that seams are seen once; see :func:`join_touching`.

    Returns
    -------
    (m, 3) int64 array
        Lower number, higher number, common sides; sorted. Pieces that touch only at corners have 0 sides.

    Raises
    ------
    ShuibaoError
        If ``label`` is not two-dimensional or holds no whole numbers.

    Examples
    --------
    >>> import numpy as np
    >>> touching(np.array([[1, 1, 2], [1, 3, 3]])).tolist()
    [[1, 2, 1], [1, 3, 2], [2, 3, 1]]
    """
    label = np.asarray(label)
    if label.ndim != 2 or label.dtype.kind not in "bui":
        raise ShuibaoError(
            f"片号应为二维整数数组（行×列），现为 {label.dtype} {label.shape}；请给出 paint 着色的栅格。",
            f"label must be a two-dimensional array of whole numbers, not {label.dtype} {label.shape}; give what paint made.",
        )
    found = [
        _pairs(label[:, :-1], label[:, 1:], 1),
        _pairs(label[:-1], label[1:], 1),
        _pairs(label[:-1, :-1], label[1:, 1:], 0),
        _pairs(label[:-1, 1:], label[1:, :-1], 0),
    ]
    return join_touching(found)


def join_touching(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """
    Add up lists of touching pieces, for instance those of tiles (合并相邻片对).

    Parameters
    ----------
    parts : sequence of (m, 3) int64 arrays
        As :func:`touching` returns them.

    Returns
    -------
    (m, 3) int64 array
        The same list for the same pairs in whatever parts.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([[1, 2, 3]])
    >>> join_touching([one, one]).tolist()
    [[1, 2, 6]]
    """
    every = np.concatenate([np.empty((0, 3), dtype=np.int64), *parts])
    base = int(every[:, 1].max(initial=0)) + 1
    keys, place = np.unique(every[:, 0] * base + every[:, 1], return_inverse=True)
    sides = np.zeros(keys.size, dtype=np.int64)
    np.add.at(sides, place, every[:, 2])
    return np.column_stack([keys // base, keys % base, sides])


def _pairs(one: NDArray[Any], other: NDArray[Any], sides: int) -> NDArray[np.int64]:
    """Return the pairs of differing numbers at the same places of two views, each pair once."""
    seen = (one != other) & (one > 0) & (other > 0)
    low = np.minimum(one[seen], other[seen]).astype(np.int64)
    high = np.maximum(one[seen], other[seen]).astype(np.int64)
    base = int(high.max(initial=0)) + 1
    keys, counts = np.unique(low * base + high, return_counts=True)
    return np.column_stack([keys // base, keys % base, counts * sides])
