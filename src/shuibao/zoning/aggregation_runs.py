"""
The runs of cells that the pieces of a tile are painted from, packed, in memory or put aside (碎块的行程).

They are most of what a tile tells, and are looked at again only to be painted.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.aside import Aside, Kept
from shuibao.ground.grid import Grid
from shuibao.zoning import _piece_kernels as kernels


@dataclass(frozen=True)
class PackedRuns:
    """
    Runs of cells, packed (压缩的行程).

    Attributes
    ----------
    count : int
        Runs.
    row_runs : (rows + 1,) int32
        First run of each row.
    packed : tuple of bytes or Kept
        Columns from the end of the run before to each run, its length less one, and its piece less that of the run before:
        int32, each byte by its place, compressed.
    """

    count: int
    row_runs: NDArray[np.int32]
    packed: tuple[bytes | Kept, ...]

    @classmethod
    def of(
        cls, row_runs: NDArray[np.int32], first: NDArray[np.int32], last: NDArray[np.int32], piece: NDArray[np.int32]
    ) -> PackedRuns:
        """Pack runs, row by row (压缩)."""
        skipped = first - np.concatenate([[0], last[:-1]])
        steps = (skipped, last - first, np.diff(piece, prepend=0))
        return cls(first.size, row_runs, tuple(_packed(values) for values in steps))

    def put_aside(self, aside: Aside) -> PackedRuns:
        """Return the same, held in memory no longer (暂存)."""
        return replace(self, packed=tuple(p if isinstance(p, Kept) else aside.put(p) for p in self.packed))

    def unpacked(self) -> tuple[NDArray[np.int32], ...]:
        """Return the first run of each row, and first column, last column and piece of each run (展开)."""
        skipped, longer, step = (_unpacked(packed, self.count) for packed in self.packed)
        last = np.cumsum(skipped + longer, dtype=np.int32)
        return self.row_runs, last - longer, last, np.cumsum(step, dtype=np.int32)


@dataclass(frozen=True)
class TileRuns:
    """
    What is left of a tile once its pieces are joined: enough to paint it (待着色的图幅).

    Attributes
    ----------
    tile : Grid
        The tile without its halo.
    pieces : int
        Pieces.
    runs : PackedRuns
        Runs of cells, the halo with them, of each row; their columns from 0 in the halo; their piece, from 1.
    """

    tile: Grid
    pieces: int
    runs: PackedRuns

    def painted(self, table: NDArray[np.int32]) -> NDArray[np.int32]:
        """
        Return the tile with its halo of one cell, each piece as the table says (着色).

        Parameters
        ----------
        table : (pieces + 1,) array of int32
            What is painted where there is none, 0, and for each piece.
        """
        painted = np.zeros(self.tile.grown(1).shape, np.int32)
        kernels.paint(*self.runs.unpacked(), table, painted)
        return painted


def _packed(values: NDArray[Any]) -> bytes:
    """Return whole numbers as bytes, the lowest of all first, compressed."""
    planes = values.astype("<i4").view(np.uint8).reshape(-1, 4).T
    return zlib.compress(np.ascontiguousarray(planes).tobytes(), 1)


def _unpacked(packed: bytes | Kept, count: int) -> NDArray[np.int32]:
    """Return the whole numbers that were packed."""
    held = packed.bytes() if isinstance(packed, Kept) else packed
    planes = np.frombuffer(zlib.decompress(held), np.uint8).reshape(4, count)
    return np.ascontiguousarray(planes.T).view("<i4").ravel().astype(np.int32, copy=False)
