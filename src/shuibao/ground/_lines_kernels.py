"""Compiled loops that find the cells along lines. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

from shuibao.compiling import kernel


@kernel
def mark(row, col, first_row, first_col, number, out):
    """Write a number into a cell, given by its national row and column, if it lies in the window."""
    r, c = row - first_row, col - first_col
    if 0 <= r < out.shape[0] and 0 <= c < out.shape[1]:
        out[r, c] = number


@kernel
def mark_between(a, b, along, steep, first_row, first_col, number, out):
    """Write a number into cell ``b`` and those between ``a`` and ``b`` of the row (column if not steep) ``along``."""
    step = 1 if b >= a else -1
    across = b if abs(b - a) <= 1 else a + step
    while True:
        if steep:
            mark(along, across, first_row, first_col, number, out)
        else:
            mark(across, along, first_row, first_col, number, out)
        if across == b:
            break
        across += step


@kernel
def mark_segment(xa, ya, xb, yb, first_row, first_col, number, out):
    """
    Write a number into the cells along a segment, one for each column it crosses, or row if it is steep.

    Coordinates are in cells eastward and southward from the national origin. A column is crossed at its centre; where
    that is on the border of two cells the one south counts. Each crossing is found by itself, so that it does not
    depend on the window, nor on which end the segment is drawn from.
    """
    steep = abs(yb - ya) > abs(xb - xa)
    if steep:
        xa, ya, xb, yb = ya, xa, yb, xb
    if xa > xb:
        xa, ya, xb, yb = xb, yb, xa, ya
    before = first_row if steep else first_col
    beyond = before + (out.shape[0] if steep else out.shape[1])
    low, high = math.ceil(xa - 0.5), math.floor(xb - 0.5)
    start, stop = max(low, before), min(high, beyond - 1)
    for along in range(start, stop + 1):
        at = math.floor(ya + (yb - ya) * ((along + 0.5 - xa) / (xb - xa)))
        last = math.floor(ya)
        if along > low:
            last = math.floor(ya + (yb - ya) * ((along - 0.5 - xa) / (xb - xa)))
        mark_between(last, at, along, steep, first_row, first_col, number, out)
        if along == high:  # a rounding may part it from the cell of the far end
            mark_between(math.floor(yb), at, along, steep, first_row, first_col, number, out)


@kernel
def mark_lines(x, y, part_end, number, cell, first_row, first_col, out):
    """
    Write the number of each line into the cells along it, and into those that hold its vertices.

    ``x``, ``y`` are national coordinates, m; ``part_end`` says where each part ends in them.
    """
    start = 0
    for k in range(part_end.size):
        for i in range(start, part_end[k]):
            col, row = x[i] / cell, -y[i] / cell
            mark(math.floor(row), math.floor(col), first_row, first_col, number[k], out)
            if i > start:
                before_col, before_row = x[i - 1] / cell, -y[i - 1] / cell
                mark_segment(before_col, before_row, col, row, first_row, first_col, number[k], out)
        start = part_end[k]
