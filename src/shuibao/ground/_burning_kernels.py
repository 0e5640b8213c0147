"""Compiled loops that find the cells whose centres lie inside polygons. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

from shuibao.compiling import kernel


@kernel
def flip_at_edges(x, y, ring_end, cell, first_row, first_col, flips):
    """
    Flip ``flips`` (uint8) at the first cell east of each crossing of a ring with a row of cell centres.

    Crossings are found in national coordinates, so that a cell's side of a border does not depend on the window.
    """
    rows, cols = flips.shape
    start = 0
    for k in range(ring_end.size):
        for i in range(start, ring_end[k] - 1):
            xa, ya, xb, yb = x[i], y[i], x[i + 1], y[i + 1]
            if ya == yb:
                continue
            if ya > yb:
                xa, ya, xb, yb = xb, yb, xa, ya
            # rows whose centre -(row + 1/2) * cell lies in [ya, yb)
            low = math.floor(-yb / cell - 0.5) + 1
            high = math.floor(-ya / cell - 0.5)
            for row in range(max(low, first_row), min(high, first_row + rows - 1) + 1):
                centre = -(row + 0.5) * cell
                crossing = xa + (xb - xa) * ((centre - ya) / (yb - ya))
                col = math.ceil(crossing / cell - 0.5) - first_col
                if col < cols:
                    flips[row - first_row, max(int(col), 0)] ^= 1
        start = ring_end[k]


@kernel
def fill_between_flips(flips, value, out):
    """Write ``value`` where an odd number of flips lies at or west of a cell."""
    rows, cols = flips.shape
    for r in range(rows):
        inside = 0
        for c in range(cols):
            inside ^= flips[r, c]
            if inside:
                out[r, c] = value
