"""Raw patches for the aggregation benchmark: classes with ragged borders, specks and holes, made up, the same each time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELL = 10.0
STRIP = 500
"""Rows that are made at a time."""
SCALES = ((160, 1.0), (40, 0.8), (10, 0.7), (2, 1.0))
"""Side of a square of the noise, cells, and its weight."""
SHARE = 0.5
"""Standard deviations above which a cell is a candidate."""


def _field(size: int, row: int, rows: int, scale: int, seed: int) -> NDArray[np.float32]:
    """Return some rows of noise that is smooth between squares."""
    squares = size // scale + 3
    knots = np.random.default_rng(seed).normal(size=(squares, squares)).astype(np.float32)
    across = np.arange(size, dtype=np.float32) / scale
    left, part = across.astype(np.int64), across % 1
    wide = knots[:, left] * (1 - part) + knots[:, left + 1] * part
    down = np.arange(row, row + rows, dtype=np.float64) / scale
    top, part = down.astype(np.int64), (down % 1).astype(np.float32)[:, None]
    return wide[top] * (1 - part) + wide[top + 1] * part


def strip(size: int, row: int, rows: int) -> NDArray[np.uint8]:
    """Return some rows of classes: 0 none, 1 severe, 2 fragile."""
    level = sum(weight * _field(size, row, rows, scale, 11 + k) for k, (scale, weight) in enumerate(SCALES))
    fragile = _field(size, row, rows, 300, 5) + np.float32(0.35) * _field(size, row, rows, 12, 6) > 0.2
    return np.where(level > SHARE, np.where(fragile, 2, 1), 0).astype(np.uint8)


def land(size: int) -> NDArray[np.uint8]:
    """Return a square of classes."""
    whole = np.empty((size, size), np.uint8)
    for row in range(0, size, STRIP):
        whole[row : row + STRIP] = strip(size, row, min(STRIP, size - row))
    return whole
