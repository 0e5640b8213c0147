"""Raw patches for the aggregation benchmark: classes with ragged borders, specks and holes, made up, the same each time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

CELL = 10.0
STRIP = 500
"""Rows that are made at a time."""
SCALES = ((160, 1.0), (40, 0.8), (10, 0.7), (2, 1.0))
"""Side of a square of the noise, cells, and its weight."""
SHARE = 0.5
"""Standard deviations above which a cell is a candidate."""


class Noise:
    """Noise that is smooth between squares, given from north to south; only the squares in use are held."""

    def __init__(self, size: int, scale: int, seed: int) -> None:
        across = np.arange(size, dtype=np.float32) / scale
        self.scale, self.left, self.part = scale, across.astype(np.int64), across % 1
        self.random, self.squares = np.random.default_rng(seed), size // scale + 3
        self.first, self.wide = 0, np.empty((0, size), np.float32)

    def rows(self, row: int, rows: int) -> NDArray[np.float32]:
        """Return some rows, none of them north of those given before."""
        down = np.arange(row, row + rows, dtype=np.float64) / self.scale
        top, part = down.astype(np.int64), (down % 1).astype(np.float32)[:, None]
        new = int(top[-1]) + 2 - self.first - len(self.wide)
        knots = self.random.normal(size=(max(new, 0), self.squares)).astype(np.float32)
        between = knots[:, self.left] * (1 - self.part) + knots[:, self.left + 1] * self.part
        self.wide = np.concatenate([self.wide[int(top[0]) - self.first :], between])
        self.first = int(top[0])
        top -= self.first
        return self.wide[top] * (1 - part) + self.wide[top + 1] * part


def strips(size: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield the first row of each strip of a square, and its classes: 0 none, 1 severe, 2 fragile."""
    levels = [(weight, Noise(size, scale, 11 + k)) for k, (scale, weight) in enumerate(SCALES)]
    broad, fine = Noise(size, 300, 5), Noise(size, 12, 6)
    for row in range(0, size, STRIP):
        rows = min(STRIP, size - row)
        level = sum(weight * noise.rows(row, rows) for weight, noise in levels)
        fragile = broad.rows(row, rows) + np.float32(0.35) * fine.rows(row, rows) > 0.2
        yield row, np.where(level > SHARE, np.where(fragile, 2, 1), 0).astype(np.uint8)


def land(size: int) -> NDArray[np.uint8]:
    """Return a square of classes."""
    whole = np.empty((size, size), np.uint8)
    for row, classes in strips(size):
        whole[row : row + len(classes)] = classes
    return whole
