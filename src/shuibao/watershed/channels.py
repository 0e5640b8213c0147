"""The channels of a land as a small graph of their own, and where water leaves the land (河道像元与出口)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed.drainage import OUTLET, cell_name, steps


@dataclass(frozen=True, eq=False)
class Channels:
    """
    The cells with at least a threshold of contributing area, whatever the size of the grid (河道像元).

    Contributing area grows downstream, so what a channel cell drains to is a channel cell: the table is a forest.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the whole grid.
    cell : (n,) int64 array
        Flat index (row × cols + column) on the whole grid, ascending.
    receiver : (n,) int64 array
        Position in this table of the next channel cell downstream; its own where the channel leaves the land.
    cells : (n,) int64 array
        Contributing area of each, the cell itself included, cells.
    direction : (n,) uint8 array
        D8 code of each, 1..8; 9 where the channel leaves the land.
    threshold : int
        The least contributing area of a channel, cells.

    Examples
    --------
    Four cells in a row drain west; from two cells of area on it is a channel:

    >>> import numpy as np
    >>> direction = np.array([[9, 5, 5, 5]], dtype=np.uint8)
    >>> channels = Channels.from_arrays(direction, np.array([[4, 3, 2, 1]]), 2)
    >>> channels.cell.tolist(), channels.receiver.tolist(), channels.cells.tolist()
    ([0, 1, 2], [0, 0, 1], [4, 3, 2])
    """

    shape: tuple[int, int]
    cell: NDArray[np.int64]
    receiver: NDArray[np.int64]
    cells: NDArray[np.int64]
    direction: NDArray[np.uint8]
    threshold: int

    @classmethod
    def from_arrays(cls, direction: NDArray[Any], area: NDArray[Any], threshold: int) -> Channels:
        """
        Pick the channels of a grid in memory (由栅格提取河道).

        Parameters
        ----------
        direction : (rows, cols) uint8 array
            D8 codes 0..9, 0 missing, 9 outlet.
        area : (rows, cols) integer array
            Contributing area, cells. What stands at missing cells does not matter.
        threshold : int
            The least contributing area of a channel, cells; at least 1.

        Raises
        ------
        CallError
            If ``threshold`` is less than 1 or the arrays differ in shape.
        ShuibaoError
            As in :meth:`from_cells`.
        """
        cell = _picked(direction, area, np.asarray(area) >= checked_threshold(threshold))
        shape = (int(direction.shape[0]), int(direction.shape[1]))
        return cls.from_cells(shape, cell, np.ravel(area)[cell], np.ravel(direction)[cell], threshold)

    @classmethod
    def from_cells(
        cls, shape: tuple[int, int], cell: NDArray[Any], cells: NDArray[Any], direction: NDArray[Any], threshold: int
    ) -> Channels:
        """
        Link channel cells that were gathered elsewhere, for instance tile by tile (由像元表连成河道).

        Parameters
        ----------
        shape : (int, int)
            Rows and columns of the whole grid.
        cell : (n,) integer array
            Flat indices of all cells with at least ``threshold`` cells of contributing area, in any order.
        cells : (n,) integer array
            Their contributing area, cells.
        direction : (n,) array
            Their D8 codes, 1..9.
        threshold : int
            The least contributing area of a channel, cells; at least 1.

        Raises
        ------
        CallError
            If ``threshold`` is less than 1.
        ShuibaoError
            If a channel cell drains to one that is not in the table, or whose contributing area is not larger.
        """
        checked_threshold(threshold)
        order = np.argsort(cell, kind="stable")
        cell = np.asarray(cell, dtype=np.int64)[order]
        cells = np.asarray(cells, dtype=np.int64)[order]
        direction = np.asarray(direction, dtype=np.uint8)[order]
        receiver = _linked(shape, cell, cells, direction)
        return cls(shape, cell, receiver, cells, direction, int(threshold))


@dataclass(frozen=True, eq=False)
class Outlets:
    """
    Every cell where water leaves the land, in a channel or not (出口像元).

    Attributes
    ----------
    cell : (k,) int64 array
        Flat index (row × cols + column) on the whole grid, ascending.
    cells : (k,) int64 array
        Contributing area of each, the cell itself included, cells. Together they are the land.

    Examples
    --------
    >>> import numpy as np
    >>> outlets = Outlets.from_arrays(np.array([[9, 5, 9]], dtype=np.uint8), np.array([[2, 1, 1]]))
    >>> outlets.cell.tolist(), outlets.cells.tolist()
    ([0, 2], [2, 1])
    """

    cell: NDArray[np.int64]
    cells: NDArray[np.int64]

    @classmethod
    def from_arrays(cls, direction: NDArray[Any], area: NDArray[Any]) -> Outlets:
        """
        Pick the outlets of a grid in memory (由栅格提取出口).

        Parameters
        ----------
        direction : (rows, cols) uint8 array
            D8 codes 0..9, 0 missing, 9 outlet.
        area : (rows, cols) integer array
            Contributing area, cells.

        Raises
        ------
        CallError
            If the arrays differ in shape.
        """
        cell = _picked(direction, area, np.asarray(direction) == OUTLET)
        return cls(cell, np.ravel(area)[cell].astype(np.int64))


def checked_threshold(threshold: int) -> int:
    """Return the threshold; refuse one below a single cell (集水阈值检查)."""
    if not 1 <= threshold < math.inf:
        raise CallError(
            f"河道阈值至少 1 个像元，现为 {threshold}；请给出更大的汇水面积，或核对像元面积的单位（m²）。",
            f"the channel threshold must be at least one cell, not {threshold}; give a larger contributing area, or"
            " check the unit of the cell area (m²).",
        )
    return int(threshold)


def _picked(direction: NDArray[Any], area: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the flat indices of the chosen land cells of a grid, ascending."""
    if np.shape(direction) != np.shape(area) or np.ndim(direction) != 2:
        raise CallError(
            f"流向与汇水面积应是同一格网上的二维数组，现为 {np.shape(direction)} 与 {np.shape(area)}。",
            f"direction and area must be two-dimensional arrays on one grid, not {np.shape(direction)} and"
            f" {np.shape(area)}.",
        )
    return np.flatnonzero(chosen & (np.asarray(direction) != 0))


def _linked(
    shape: tuple[int, int], cell: NDArray[np.int64], cells: NDArray[np.int64], direction: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Return the position of what each channel cell drains to; refuse a table that lacks it."""
    target = cell + steps(shape[1])[np.minimum(direction, OUTLET)]
    receiver = np.searchsorted(cell, target).astype(np.int64)
    known = np.minimum(receiver, max(cell.size - 1, 0))
    leaves = direction == OUTLET
    wrong = (cell[known] != target) | (~leaves & (cells[known] <= cells)) | (direction < 1) | (direction > OUTLET)
    if wrong.any():
        zh, en = cell_name(int(cell[np.argmax(wrong)]), shape[1])
        raise ShuibaoError(
            f"河道在{zh}处断开：它流向的像元不是河道，或汇水面积不比它大；流向与汇水面积须出自同一次计算。",
            f"the channel breaks at {en}: the cell it drains to is no channel, or has no larger contributing area;"
            " direction and area must come from one computation.",
        )
    return receiver
