"""A grid cut into tiles, and what tiles tell each other: the values along their borders (分幅与接边)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

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

    Examples
    --------
    >>> tiling = Tiling(5, 7, 4)
    >>> len(tiling), tiling.window(3)
    (4, (slice(4, 5, None), slice(4, 7, None)))
    """

    rows: int
    cols: int
    size: int

    @property
    def down(self) -> int:
        """Return the number of tiles from north to south (行数)."""
        return -(-self.rows // self.size)

    @property
    def across(self) -> int:
        """Return the number of tiles from west to east (列数)."""
        return -(-self.cols // self.size)

    def __len__(self) -> int:
        return self.down * self.across

    def shape(self, tile: int) -> tuple[int, int]:
        """Return the rows and columns of a tile (图幅大小)."""
        rows, cols = self.window(tile)
        return rows.stop - rows.start, cols.stop - cols.start

    def window(self, tile: int) -> tuple[slice, slice]:
        """Return the rows and columns that a tile covers (图幅范围)."""
        i, j = divmod(tile, self.across)
        top, left = i * self.size, j * self.size
        return slice(top, min(top + self.size, self.rows)), slice(left, min(left + self.size, self.cols))

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

    def pad(self, tile: int, padded: NDArray[Any], lines_of: Callable[[int], Lines], outside: Any) -> None:
        """
        Write what lies around a tile into the outermost rows and columns of its padded array (填外圈).

        Parameters
        ----------
        tile : int
            The tile.
        padded : (rows + 2, cols + 2) array
            The tile's values within a ring of one cell, which is written.
        lines_of : callable
            Gives the border values of a tile.
        outside : scalar
            Value beyond the grid.
        """
        padded[0, :] = padded[-1, :] = outside
        padded[:, 0] = padded[:, -1] = outside
        for down, across in NEIGHBOURS:
            other = self.neighbour(tile, down, across)
            if other >= 0:
                rows = {-1: slice(0, 1), 0: slice(1, -1), 1: slice(-1, None)}[down]
                cols = {-1: slice(0, 1), 0: slice(1, -1), 1: slice(-1, None)}[across]
                padded[rows, cols] = lines_of(other).facing(down, across)


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
