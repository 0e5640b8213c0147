"""
Compiled loops of D∞ contributing area: water divided between the two neighbours that an angle lies between.

Arrays in, arrays out; no files, no checks; cannot fail.
"""

from __future__ import annotations

import math

import numpy as np

from shuibao.compiling import kernel

TURN = 2.0 * math.pi
ALL_TO_ONE = 1e-6  # angles are kept in single precision at times: a smaller share is its rounding

# Octants 0..7 begin at the neighbours counter-clockwise from east.
ROW = np.array([0, -1, -1, -1, 0, 1, 1, 1], dtype=np.int64)
COL = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)


@kernel
def divide(angle, corner):
    """
    Return the first of the two neighbours, counter-clockwise from east, that an angle lies between, and the second's share.

    -1 if the angle is negative or missing; ``corner`` is the angle of the north-eastern neighbour.
    """
    if not angle >= 0.0:
        return -1, 0.0
    quarter = min(int(angle / (0.5 * math.pi)), 4)
    within = angle - quarter * (0.5 * math.pi)
    first = 2 * quarter
    at = corner if quarter % 2 == 0 else 0.5 * math.pi - corner
    if within < at:
        share = within / at
    else:
        first += 1
        share = (within - at) / (0.5 * math.pi - at)
    if share < ALL_TO_ONE:
        share = 0.0
    elif share > 1.0 - ALL_TO_ONE:
        first += 1
        share = 0.0
    return first % 8, share


@kernel
def count_givers(angle, corner, givers):
    """Write how many neighbours each cell gets water from; return how many cells are not missing."""
    rows, cols = angle.shape
    land = 0
    givers[:] = 0
    for r in range(rows):
        for c in range(cols):
            if angle[r, c] != angle[r, c]:
                continue
            land += 1
            k, share = divide(angle[r, c], corner[r])
            if k < 0:
                continue
            for side in range(2 if share > 0.0 else 1):
                rr, cc = r + ROW[(k + side) % 8], c + COL[(k + side) % 8]
                if 0 <= rr < rows and 0 <= cc < cols and angle[rr, cc] == angle[rr, cc]:
                    givers[rr, cc] += 1
    return land


@kernel
def gather(angle, corner, total, r, c):
    """Return what the eight neighbours give to a cell, summed counter-clockwise from east."""
    rows, cols = angle.shape
    got = 0.0
    for n in range(8):
        rr, cc = r + ROW[n], c + COL[n]
        if rr < 0 or rr >= rows or cc < 0 or cc >= cols:
            continue
        k, share = divide(angle[rr, cc], corner[rr])
        back = (n + 4) % 8
        if k == back:
            got += (1.0 - share) * total[rr, cc]
        elif k >= 0 and share > 0.0 and (k + 1) % 8 == back:
            got += share * total[rr, cc]
    return got


@kernel
def accumulate(angle, corner, givers, total):
    """
    Add to each cell's own load in ``total`` what its neighbours give it, in the order of the water; return how many were done.

    ``givers`` is used up: 255 where a cell is done. Cells whose water runs in a circle, and all below them, are not done.
    """
    rows, cols = angle.shape
    waiting = np.empty(1024, np.int64)
    done = 0
    for first in range(rows * cols):
        r, c = first // cols, first % cols
        if givers[r, c] != 0 or angle[r, c] != angle[r, c]:
            continue
        waiting[0] = first
        givers[r, c] = 255
        size = 1
        while size > 0:
            size -= 1
            r, c = waiting[size] // cols, waiting[size] % cols
            total[r, c] += gather(angle, corner, total, r, c)
            done += 1
            k, share = divide(angle[r, c], corner[r])
            if k < 0:
                continue
            for side in range(2 if share > 0.0 else 1):
                rr, cc = r + ROW[(k + side) % 8], c + COL[(k + side) % 8]
                if rr < 0 or rr >= rows or cc < 0 or cc >= cols or angle[rr, cc] != angle[rr, cc]:
                    continue
                givers[rr, cc] -= 1
                if givers[rr, cc] == 0:
                    givers[rr, cc] = 255
                    if size == waiting.size:
                        more = np.empty(2 * size, np.int64)
                        for i in range(size):
                            more[i] = waiting[i]
                        waiting = more
                    waiting[size] = rr * cols + cc
                    size += 1
    return done


@kernel
def forget_edge(angle, total):
    """Make the load missing of cells on the grid's edge or beside a missing cell: water may come to them from outside."""
    rows, cols = angle.shape
    for r in range(rows):
        for c in range(cols):
            for n in range(8):
                rr, cc = r + ROW[n], c + COL[n]
                if rr < 0 or rr >= rows or cc < 0 or cc >= cols or angle[rr, cc] != angle[rr, cc]:
                    total[r, c] = np.nan
                    break
