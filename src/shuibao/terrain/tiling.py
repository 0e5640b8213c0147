"""A grid cut into tiles, and what tiles tell each other: the values along their borders (分幅与接边)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError

Result = TypeVar("Result")

TILE = 1024
"""Side of a tile in memory, cells: small enough for a processor's cache, large enough that seams cost little."""

NEIGHBOURS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""Steps down and across to the eight tiles around one, clockwise from east."""


@dataclass(frozen=True)
class Tiling:
    """
    A grid of rows and columns cut into square tiles, the last ones smaller (分幅).

    Parameters
    ----------
    rows, cols : int
        Cells of the grid.
    size : int
        Side of a tile, cells.
    row, col : int
        Where the grid begins in the frame that its tiles are anchored to, cells.

    Examples
    --------
    >>> tiling = Tiling(5, 7, 4)
    >>> len(tiling), tiling.window(3)
    (4, (slice(4, 5, None), slice(4, 7, None)))
    >>> Tiling(5, 7, 4, row=3, col=-2).window(0)  # the first row lies in the tile above
    (slice(0, 1, None), slice(0, 2, None))
    """

    rows: int
    cols: int
    size: int
    row: int = 0
    col: int = 0

    def __post_init__(self) -> None:
        """Refuse tiles without cells (检查)."""
        if not self.size >= 1:
            raise CallError(
                f"分幅边长至少 1 个像元，现为 {self.size}。",
                f"the side of a tile must be at least one cell, not {self.size}.",
            )

    @property
    def down(self) -> int:
        """Return the number of tiles from north to south (行数)."""
        return -(-(self.row + self.rows) // self.size) - self.row // self.size

    @property
    def across(self) -> int:
        """Return the number of tiles from west to east (列数)."""
        return -(-(self.col + self.cols) // self.size) - self.col // self.size

    def __len__(self) -> int:
        return self.down * self.across

    def shape(self, tile: int) -> tuple[int, int]:
        """Return the rows and columns of a tile (图幅大小)."""
        rows, cols = self.window(tile)
        return rows.stop - rows.start, cols.stop - cols.start

    def window(self, tile: int) -> tuple[slice, slice]:
        """Return the rows and columns that a tile covers (图幅范围)."""
        i, j = divmod(tile, self.across)
        top, left = i * self.size - self.row % self.size, j * self.size - self.col % self.size
        return (
            slice(max(top, 0), min(top + self.size, self.rows)),
            slice(max(left, 0), min(left + self.size, self.cols)),
        )

    def neighbour(self, tile: int, down: int, across: int) -> int:
        """Return the tile that many tiles south and east, or -1 where there is none (邻幅)."""
        i, j = divmod(tile, self.across)
        i, j = i + down, j + across
        return i * self.across + j if 0 <= i < self.down and 0 <= j < self.across else -1

    def around(self, tile: int) -> Iterator[int]:
        """Yield the tiles that touch a tile, at a side or a corner (四邻与角邻)."""
        for down, across in NEIGHBOURS:
            other = self.neighbour(tile, down, across)
            if other >= 0:
                yield other

    def ring(self, tile: int, lines_of: Callable[[int], Lines], outside: Any) -> Ring:
        """
        Return the values that lie around a tile (外圈).

        Parameters
        ----------
        tile : int
            The tile.
        lines_of : callable
            Gives the border values of a tile.
        outside : scalar
            Value beyond the grid.
        """
        rows, cols = self.shape(tile)
        sides: list[NDArray[Any]] = []
        for down in (-1, 1):
            other = self.neighbour(tile, down, 0)
            middle = lines_of(other).facing(down, 0).ravel() if other >= 0 else np.repeat(outside, cols)
            ends = []
            for across in (-1, 1):
                other = self.neighbour(tile, down, across)
                ends.append(lines_of(other).facing(down, across).ravel() if other >= 0 else np.repeat(outside, 1))
            sides.append(np.concatenate([ends[0], middle, ends[1]]))
        for across in (-1, 1):
            other = self.neighbour(tile, 0, across)
            sides.append(lines_of(other).facing(0, across).ravel() if other >= 0 else np.repeat(outside, rows))
        return Ring(*sides)


@dataclass(frozen=True)
class Ring:
    """
    Values in the ring of one cell around a tile (外圈的值).

    Parameters
    ----------
    north, south : (cols + 2,) arrays
        Rows above and below, with the corners.
    west, east : (rows,) arrays
        Columns to the left and right.
    """

    north: NDArray[Any]
    south: NDArray[Any]
    west: NDArray[Any]
    east: NDArray[Any]

    def put(self, padded: NDArray[Any]) -> None:
        """
        Write the ring into the outermost rows and columns of an array (写入外圈).

        Parameters
        ----------
        padded : (rows + 2, cols + 2) array
            Written.
        """
        padded[0], padded[-1] = self.north, self.south
        padded[1:-1, 0], padded[1:-1, -1] = self.west, self.east

    def around(self, values: NDArray[Any]) -> NDArray[Any]:
        """
        Return the values of a tile within this ring (加外圈).

        Parameters
        ----------
        values : (rows, cols) array
            The tile.
        """
        padded = np.empty((values.shape[0] + 2, values.shape[1] + 2), dtype=values.dtype)
        padded[1:-1, 1:-1] = values
        self.put(padded)
        return padded


@dataclass(frozen=True)
class Lines:
    """
    Values along the four border lines of a tile (边界线上的值).

    Parameters
    ----------
    north, south : (cols,) arrays
        First and last row.
    west, east : (rows,) arrays
        First and last column.
    """

    north: NDArray[Any]
    south: NDArray[Any]
    west: NDArray[Any]
    east: NDArray[Any]

    @classmethod
    def of(cls, values: NDArray[Any]) -> Lines:
        """Return the border lines of a tile, copied (取边界线)."""
        return cls(values[0].copy(), values[-1].copy(), values[:, 0].copy(), values[:, -1].copy())

    def facing(self, down: int, across: int) -> NDArray[Any]:
        """
        Return the values that a neighbour sees which has this tile so many tiles south and east of it (对面的值).

        Parameters
        ----------
        down, across : int
            -1, 0 or 1, not both 0.

        Returns
        -------
        (1, cols), (rows, 1) or (1, 1) array
        """
        if across == 0:
            return (self.north if down > 0 else self.south)[np.newaxis, :]
        column = self.west if across > 0 else self.east
        if down == 0:
            return column[:, np.newaxis]
        return (column[:1] if down > 0 else column[-1:])[:, np.newaxis]

    def mapped(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Lines:
        """Return the lines with a function applied to each (逐线变换)."""
        return Lines(change(self.north), change(self.south), change(self.west), change(self.east))

    def same(self, other: Lines) -> bool:
        """Tell whether all values are those of other lines (是否相同)."""
        pairs = ((self.north, other.north), (self.south, other.south), (self.west, other.west), (self.east, other.east))
        return all(np.array_equal(a, b) for a, b in pairs)


def on_threads(task: Callable[[int], Result], tiles: Sequence[int], jobs: int | None = None) -> list[Result]:
    """
    Do a task for each tile on threads of this process and return the results in order (多线程逐幅).

    Parameters
    ----------
    task : callable
        What is done to a tile.
    tiles : sequence of int
        Tiles.
    jobs : int, optional
        Threads; one for each processor if not given.
    """
    jobs = jobs or len(os.sched_getaffinity(0))
    if jobs == 1 or len(tiles) == 1:
        return [task(tile) for tile in tiles]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(task, tiles))
