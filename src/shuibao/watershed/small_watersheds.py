"""Small watersheds: pieces joined within the limits, their types, and which drains into which (小流域)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.gathering import Gathering
from shuibao.watershed.limits import Limits
from shuibao.watershed.partition import Partition
from shuibao.watershed.pieces import PieceKind


class WatershedType(IntEnum):
    """What kind of small watershed a unit is (小流域类型)."""

    CLOSED = 1
    INTERVAL = 2
    SLOPE = 3


TYPE_NAMES = {
    WatershedType.CLOSED: ("完整型", "closed"),
    WatershedType.INTERVAL: ("区间型", "interval"),
    WatershedType.SLOPE: ("坡面型", "slope"),
}
"""How types are called, in Chinese and in English."""


class Reason(IntEnum):
    """Why a unit is outside the limits of area (超限原因)."""

    WITHIN = 0
    ISLAND = 1
    ALONE = 2
    CROWDED = 3
    INDIVISIBLE = 4


REASONS = {
    Reason.WITHIN: ("", ""),
    Reason.ISLAND: ("不与其他单元相接的陆地，小于面积下限", "land that touches no other unit, below the minimum"),
    Reason.ALONE: ("小于面积下限，没有同岸相邻或水流相连的单元", "below the minimum, no unit beside it on its border"),
    Reason.CROWDED: (
        "小于面积下限，并入相邻单元会超过上限",
        "below the minimum, any neighbour would exceed the maximum",
    ),
    Reason.INDIVISIBLE: (
        "汇合的各支都不足下限，合起来超过上限",
        "above the maximum, though nothing that meets there has the minimum",
    ),
}
"""What reasons say, in Chinese and in English."""


@dataclass(frozen=True, eq=False)
class SmallWatersheds:
    """
    The small watersheds 1..U of a land, upstream before downstream (小流域).

    Row k of each column is unit k + 1.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the whole grid.
    limits : Limits
        The limits they were drawn for.
    unit_of_piece : (P + 1,) int32 array
        Unit of each painted piece; 0 for 0 and for pieces without cells. Indexed with the painted pieces it is
        the raster of units.
    type : (U,) uint8 array
        :class:`WatershedType`.
    down : (U,) int32 array
        Unit that the water enters next; 0 where it leaves the land. Higher than the unit itself.
    cells : (U,) int64 array
        Own area, cells.
    total : (U,) int64 array
        Own area and that of all units upstream, cells.
    outlet : (U,) int64 array
        Flat index of its outlet cell, where most water leaves it; of a bank its lowest cell. The cell of a right
        bank lies in the river, and so in another unit.
    side : (U,) int64 array
        Own cells whose water does not leave through the outlet.
    reason : (U,) uint8 array
        :class:`Reason` for an area outside the limits.
    """

    shape: tuple[int, int]
    limits: Limits
    unit_of_piece: NDArray[np.int32]
    type: NDArray[np.uint8]
    down: NDArray[np.int32]
    cells: NDArray[np.int64]
    total: NDArray[np.int64]
    outlet: NDArray[np.int64]
    side: NDArray[np.int64]
    reason: NDArray[np.uint8]

    @property
    def number(self) -> int:
        """How many units there are, U (小流域个数)."""
        return self.type.size

    @property
    def unit(self) -> NDArray[np.int32]:
        """Unit numbers 1..U (编号)."""
        return np.arange(1, self.number + 1, dtype=np.int32)

    def outside(self) -> dict[Reason, tuple[int, int]]:
        """Return number and cells of the units outside the limits, by reason (超限统计)."""
        counts = {
            reason: (int(np.count_nonzero(self.reason == reason)), int(self.cells[self.reason == reason].sum()))
            for reason in Reason
            if reason
        }
        return {reason: count for reason, count in counts.items() if count[0]}


def compose(
    partition: Partition,
    channels: Channels,
    outlets: Outlets,
    piece_cells: NDArray[np.int64],
    adjacency: NDArray[np.int64] | None = None,
) -> SmallWatersheds:
    """
    Join painted pieces into small watersheds within the limits (归并成小流域).

    Parameters
    ----------
    partition : Partition
        From :func:`delineate`.
    channels, outlets : Channels, Outlets
        What it was made from.
    piece_cells : (P + 1,) int64 array
        Cells painted with each piece, from :func:`count_cells`; what stands at 0 does not matter.
    adjacency : (m, 3) int64 array, optional
        Which pieces touch, from :func:`touching`. Without it banks are taken to share a side along their river, and
        slopes where their outlets touch; more small units then stay alone.

    Returns
    -------
    SmallWatersheds
        Every piece with cells is in one unit; units outside the limits say why.

    Raises
    ------
    ShuibaoError
        If the counts contradict what the channels tell of the areas.

    Notes
    -----
    Small pieces are joined along the border they drain to, nearest outlet first, and with a piece that they touch only at a
    corner only if none fits with which they share a side of a cell; see :class:`Gathering`. A unit is
    closed (完整型) if no other drains into it and, but for ``limits.side_share``, all leaves through one channel;
    an interval (区间型) if others drain into it; a slope (坡面型) if it is a bank of a large river, or leaves the land
    past any one channel. The river's own cells are in the units of its left bank.

    Examples
    --------
    A gutter of eight cells that drains west, units of two to four cells:

    >>> import numpy as np
    >>> from shuibao.watershed import Drainage, contributing_area, count_cells, delineate, paint
    >>> direction = np.array([[9, 5, 5, 5, 5, 5, 5, 5]], dtype=np.uint8)
    >>> area = np.arange(8, 0, -1).reshape(1, 8)
    >>> limits = Limits(minimum=2, target=3, maximum=4, large_river=100, channel=1)
    >>> channels, outlets = Channels.from_arrays(direction, area, 1), Outlets.from_arrays(direction, area)
    >>> partition = delineate(channels, outlets, limits)
    >>> pieces = paint(partition, Drainage.from_directions(direction, 30.0))
    >>> units = compose(partition, channels, outlets, count_cells(pieces, partition.number))
    >>> units.unit_of_piece[pieces].tolist(), units.type.tolist(), units.down.tolist()
    ([[2, 2, 2, 2, 1, 1, 1, 1]], [1, 2], [2, 0])
    """
    cells = np.array(piece_cells, dtype=np.int64)
    cells[0] = 0
    _check_counts(partition, channels, outlets, cells)
    touching = _supposed(partition, cells) if adjacency is None else np.asarray(adjacency, dtype=np.int64)
    gathering = Gathering(partition.pieces, cells, touching, partition.shape, partition.limits)
    gathering.gather()
    return _table(partition, cells, gathering, touching, seen=adjacency is not None)


def _check_counts(partition: Partition, channels: Channels, outlets: Outlets, cells: NDArray[np.int64]) -> None:
    """Refuse counts that contradict the partition."""
    known = partition.pieces.cells
    if cells.shape != known.shape:
        raise ShuibaoError(
            f"像元计数应有 {known.size} 项（0 与 {known.size - 1} 片），现有 {cells.size} 项；"
            "请用 count_cells(着色栅格, partition.number)。",
            f"piece_cells must have {known.size} values (0 and {known.size - 1} pieces), not {cells.size}; use"
            " count_cells(painted, partition.number).",
        )
    wrong = (known >= 0) & (known != cells)
    if wrong.any() or cells.sum() != outlets.cells.sum():
        piece = int(np.argmax(wrong))
        raise ShuibaoError(
            f"着色与划分方案不符：第 {piece} 片着色 {cells[piece]} 个像元，应为 {known[piece]}；合计 {cells.sum()}，"
            f"陆地 {outlets.cells.sum()}（河道像元 {channels.cell.size} 个）。请用同一方案重新着色。",
            f"the painting contradicts the partition: piece {piece} has {cells[piece]} cells, not {known[piece]};"
            f" together {cells.sum()}, land {outlets.cells.sum()} ({channels.cell.size} channel cells). Paint again"
            " with the same partition.",
        )


def _supposed(partition: Partition, cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which pieces may be taken to touch: along rivers, and where outlets are neighbours."""
    pieces, cols = partition.pieces, partition.shape[1]
    filled = np.flatnonzero(cells > 0)
    river = filled[pieces.station[filled] >= 0]
    river = river[np.lexsort((pieces.exit[river], pieces.station[river], pieces.border[river]))]
    pairs = [np.column_stack([river[:-1], river[1:]])]
    land = filled[pieces.border[filled] == 1]
    land = land[np.argsort(pieces.exit[land])]
    exit_ = pieces.exit[land]
    for step in (1, cols - 1, cols, cols + 1):
        place = np.minimum(np.searchsorted(exit_, exit_ + step), max(exit_.size - 1, 0))
        beside = (exit_[place] == exit_ + step) & (np.abs(exit_[place] % cols - exit_ % cols) <= 1)
        pairs.append(np.column_stack([land[beside], land[place[beside]]]))
    found = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)
    found = found[found[:, 0] != found[:, 1]]
    return np.column_stack([found, np.ones(len(found), dtype=np.int64)])


def _table(
    partition: Partition, cells: NDArray[np.int64], gathering: Gathering, touching: NDArray[np.int64], *, seen: bool
) -> SmallWatersheds:
    """Return the table of the units that were gathered."""
    pieces = partition.pieces
    roots = gathering.roots()
    groups = np.unique(roots[cells > 0])
    draft = np.zeros(cells.size, dtype=np.int64)
    draft[cells > 0] = np.searchsorted(groups, roots[cells > 0]) + 1
    own = np.zeros(groups.size + 1, dtype=np.int64)
    np.add.at(own, draft, cells)
    own[0] = 0
    last, flow = _exits(partition, draft, cells)
    main = _main_exits(partition, draft, last, flow)
    down = draft[pieces.into[main]]
    down[0] = 0
    kind = _types(partition, draft, own, main, flow)
    number, total = _numbered(down, own, pieces.exit[main])
    order = np.argsort(number)[1:]
    reason = _reasons(partition, own, draft, touching, down, seen=seen)
    return SmallWatersheds(
        partition.shape,
        partition.limits,
        number[draft].astype(np.int32),
        kind[order].astype(np.uint8),
        number[down[order]].astype(np.int32),
        own[order],
        total[order],
        pieces.exit[main[order]],
        own[order] - flow[main[order]],
        reason[order].astype(np.uint8),
    )


def _exits(
    partition: Partition, draft: NDArray[np.int64], cells: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the piece through which each piece leaves its unit, and the cells that leave through each."""
    into = partition.pieces.into.astype(np.int64)
    last = np.where((draft[into] == draft) & (into > 0), into, np.arange(into.size))
    while not np.array_equal(further := last[last], last):
        last = further
    flow = np.zeros(cells.size, dtype=np.int64)
    np.add.at(flow, last, cells)
    return last, flow


def _main_exits(
    partition: Partition, draft: NDArray[np.int64], last: NDArray[np.int64], flow: NDArray[np.int64]
) -> NDArray[np.int64]:
    """
    Return the piece at the outlet of each unit: most water comes through it.

    A right bank counts as a whole, and its outlet is its lowest.
    """
    pieces = partition.pieces
    exits = np.flatnonzero((last == np.arange(last.size)) & (draft > 0))
    bank = exits[pieces.kind[exits] == PieceKind.RIGHT_BANK]
    along = np.zeros(draft.max(initial=0) + 1, dtype=np.int64)
    np.add.at(along, draft[bank], flow[bank])
    through = np.where(pieces.kind[exits] == PieceKind.RIGHT_BANK, along[draft[exits]], pieces.through[exits])
    onto = pieces.through[pieces.into[exits]]
    exits = exits[np.lexsort((-pieces.exit[exits], onto, through, draft[exits]))]
    main = np.zeros(along.size, dtype=np.int64)
    main[draft[exits]] = exits  # the one written last counts
    return main


def _types(
    partition: Partition, draft: NDArray[np.int64], own: NDArray[np.int64], main: NDArray[np.int64], flow: Any
) -> NDArray[np.int64]:
    """Return the type of each unit; row 0 is none."""
    pieces = partition.pieces
    fed, left, right = (np.zeros(own.size, dtype=bool) for _ in range(3))
    crossing = (draft != draft[pieces.into]) & (draft > 0)
    fed[draft[pieces.into[crossing]]] = True
    left[draft[pieces.kind == PieceKind.LEFT_BANK]] = True
    right[draft[pieces.kind == PieceKind.RIGHT_BANK]] = True
    channel = pieces.kind[main] == PieceKind.BASIN
    gathered = flow[main] >= (1.0 - partition.limits.side_share) * own
    inside = [left & ~right, fed | left, channel & gathered]
    kinds = [WatershedType.SLOPE, WatershedType.INTERVAL, WatershedType.CLOSED]
    return np.select(inside, kinds, default=WatershedType.SLOPE)


def _numbered(
    down: NDArray[np.int64], own: NDArray[np.int64], outlet: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return numbers that rise downstream, basin by basin from the north, and the total area of each unit."""
    above: list[list[int]] = [[] for _ in down]
    for unit in np.argsort(outlet[1:], kind="stable") + 1:
        above[down[unit]].append(int(unit))
    preorder: list[int] = []
    stack = list(above[0])
    while stack:  # down before up, the last basin first
        unit = stack.pop()
        preorder.append(unit)
        stack.extend(above[unit])
    number = np.zeros(down.size, dtype=np.int64)
    total = own.copy()
    for k, unit in enumerate(reversed(preorder), start=1):
        number[unit] = k
        if down[unit]:
            total[down[unit]] += total[unit]
    return number, total


def _reasons(
    partition: Partition,
    own: NDArray[np.int64],
    draft: NDArray[np.int64],
    touching: NDArray[np.int64],
    down: NDArray[np.int64],
    *,
    seen: bool,
) -> NDArray[np.int64]:
    """Return why each unit is outside the limits, 0 if it is within."""
    border = partition.pieces.border
    linked, touched, beside = (np.zeros(own.size, dtype=bool) for _ in range(3))
    pairs = draft[touching[:, :2]]
    foreign = pairs[:, 0] != pairs[:, 1]
    same = foreign & (border[touching[:, 0]] == border[touching[:, 1]]) & (border[touching[:, 0]] > 0)
    touched[pairs[foreign].ravel()] = True
    beside[pairs[same].ravel()] = True
    linked[np.flatnonzero(down)] = True
    linked[down] = True
    limits = partition.limits
    small = own < limits.minimum
    chosen = [own > limits.maximum, small & ~linked & ~touched & seen, small & ~linked & ~beside, small]
    reasons = [Reason.INDIVISIBLE, Reason.ISLAND, Reason.ALONE, Reason.CROWDED]
    return np.select(chosen, reasons, default=Reason.WITHIN)
