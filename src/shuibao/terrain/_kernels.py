"""Compiled loops over elevations. Arrays in, arrays out; no files, no units, no checks; cannot fail."""

from __future__ import annotations

import math

import numpy as np

from shuibao.compiling import kernel

ROW_STEP = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)
COL_STEP = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)


@kernel
def horn_differences(z, r, c):
    """Return eight times the eastward and southward differences of Horn (1981) at an interior cell."""
    nw, n, ne = z[r - 1, c - 1], z[r - 1, c], z[r - 1, c + 1]
    w, e = z[r, c - 1], z[r, c + 1]
    sw, s, se = z[r + 1, c - 1], z[r + 1, c], z[r + 1, c + 1]
    gone = z[r, c] - z[r, c]  # 0, or NaN where the cell itself is missing
    east = (ne - nw) + (e - w) + (e - w) + (se - sw) + gone
    south = (sw - nw) + (s - n) + (s - n) + (se - ne) + gone
    return east, south


@kernel
def gradient(z, cell, out):
    """Write Horn's gradient (tangent of slope) of ``z``; the outer ring is missing."""
    rows, cols = z.shape
    out[0, :] = np.nan
    out[rows - 1, :] = np.nan
    scale = z.dtype.type(1.0 / (8.0 * cell))
    for r in range(1, rows - 1):
        out[r, 0] = np.nan
        out[r, cols - 1] = np.nan
        for c in range(1, cols - 1):
            east, south = horn_differences(z, r, c)
            out[r, c] = math.sqrt(east * east + south * south) * scale


@kernel
def facing(z, out):
    """Write the downhill direction, clockwise from north, rad; missing on level ground and in the outer ring."""
    rows, cols = z.shape
    turn = z.dtype.type(2.0 * math.pi)
    out[:] = np.nan
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            east, south = horn_differences(z, r, c)
            if east != 0.0 or south != 0.0:
                angle = math.atan2(-east, south)
                out[r, c] = angle if angle >= 0.0 else angle + 2.0 * math.pi
                if out[r, c] >= turn:  # a hair west of north is rounded to it
                    out[r, c] = 0.0


@kernel
def steepest_descent(z, cell, direction, drop):
    """
    Write the D8 direction (0 none, 1..8 clockwise from east) and the gradient along it.

    Where two neighbours are equally steep the first in that order is taken. Missing neighbours are passed over;
    the outer ring and missing cells have no direction and no gradient.
    """
    rows, cols = z.shape
    diagonal = z.dtype.type(math.sqrt(0.5))
    scale = z.dtype.type(1.0 / cell)
    zero = z.dtype.type(0.0)
    direction[0, :] = 0
    direction[rows - 1, :] = 0
    drop[0, :] = np.nan
    drop[rows - 1, :] = np.nan
    for r in range(1, rows - 1):
        direction[r, 0] = 0
        direction[r, cols - 1] = 0
        drop[r, 0] = np.nan
        drop[r, cols - 1] = np.nan
        for c in range(1, cols - 1):
            here = z[r, c]
            best = zero
            code = np.uint8(0)
            d = here - z[r, c + 1]
            if d > best:
                best = d
                code = np.uint8(1)
            d = (here - z[r + 1, c + 1]) * diagonal
            if d > best:
                best = d
                code = np.uint8(2)
            d = here - z[r + 1, c]
            if d > best:
                best = d
                code = np.uint8(3)
            d = (here - z[r + 1, c - 1]) * diagonal
            if d > best:
                best = d
                code = np.uint8(4)
            d = here - z[r, c - 1]
            if d > best:
                best = d
                code = np.uint8(5)
            d = (here - z[r - 1, c - 1]) * diagonal
            if d > best:
                best = d
                code = np.uint8(6)
            d = here - z[r - 1, c]
            if d > best:
                best = d
                code = np.uint8(7)
            d = (here - z[r - 1, c + 1]) * diagonal
            if d > best:
                best = d
                code = np.uint8(8)
            direction[r, c] = code
            drop[r, c] = best * scale + (here - here)
