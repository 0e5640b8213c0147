"""
Compiled loops of D∞ flow directions: the steepest of eight triangular facets around each cell.

Arrays in, arrays out; no files, no checks; cannot fail.
"""

from __future__ import annotations

import math

import numpy as np

from shuibao.compiling import kernel

# Facets 0..7 counter-clockwise from east: the cardinal and the diagonal neighbour as row and column steps, the right angle
# that the facet hangs on, and whether its own angle adds to that (1) or takes away (-1). Tarboton (1997), table 1.
CARDINAL_ROW = np.array([0, -1, -1, 0, 0, 1, 1, 0], dtype=np.int64)
CARDINAL_COL = np.array([1, 0, 0, -1, -1, 0, 0, 1], dtype=np.int64)
DIAGONAL_ROW = np.array([-1, -1, -1, -1, 1, 1, 1, 1], dtype=np.int64)
DIAGONAL_COL = np.array([1, 1, -1, -1, -1, -1, 1, 1], dtype=np.int64)
QUARTER = np.array([0, 1, 1, 2, 2, 3, 3, 4], dtype=np.int64)
SENSE = np.array([1, -1, 1, -1, 1, -1, 1, -1], dtype=np.int64)

TURN = 2.0 * math.pi


@kernel
def facet_slope(e0, e1, e2, d1, d2):
    """
    Return the steepest slope within a facet and where it runs: 0 along the cardinal side, 2 along the diagonal, 1 between.

    Of a facet that lacks one of its two neighbours only the side to the other is looked at; -1 if it lacks both.
    """
    s1 = (e0 - e1) / d1
    if e2 != e2:
        return (s1, 0) if e1 == e1 else (-1.0, 0)
    diagonal = (e0 - e2) / math.sqrt(d1 * d1 + d2 * d2)
    s2 = (e1 - e2) / d2
    if e1 != e1 or s2 * d1 > s1 * d2:  # equation 5: beyond the diagonal
        return diagonal, 2
    if s2 <= 0.0:  # equation 4: short of the cardinal side
        return s1, 0
    return math.sqrt(s1 * s1 + s2 * s2), 1


@kernel
def facet_directions(z, width, height, direction, angle, slope):
    """
    Write the D∞ angle (rad counter-clockwise from east, -1 none) and slope of a terrain padded by one ring of NaN.

    ``width`` and ``height`` are those of the cells of each row; where no facet falls, the angle is that of the D8 code in
    ``direction``.
    """
    rows, cols = angle.shape
    octants = np.empty(9)
    for r in range(rows):
        w, h = width[r], height[r]
        corner = math.atan2(h, w)
        set_octants(corner, octants)
        for c in range(cols):
            here = np.float64(z[r + 1, c + 1])
            if here != here:
                angle[r, c] = np.nan
                slope[r, c] = np.nan
                continue
            best, facet, run = 0.0, -1, 0
            for k in range(8):
                e1 = np.float64(z[r + 1 + CARDINAL_ROW[k], c + 1 + CARDINAL_COL[k]])
                e2 = np.float64(z[r + 1 + DIAGONAL_ROW[k], c + 1 + DIAGONAL_COL[k]])
                if CARDINAL_ROW[k] == 0:
                    s, side = facet_slope(here, e1, e2, w, h)
                else:
                    s, side = facet_slope(here, e1, e2, h, w)
                if s > best:
                    best, facet, run = s, k, side
            slope[r, c] = best
            if facet < 0:
                code = direction[r, c]
                angle[r, c] = octants[(9 - code) % 8] if 1 <= code <= 8 else -1.0
            elif run == 1:
                e1 = np.float64(z[r + 1 + CARDINAL_ROW[facet], c + 1 + CARDINAL_COL[facet]])
                e2 = np.float64(z[r + 1 + DIAGONAL_ROW[facet], c + 1 + DIAGONAL_COL[facet]])
                d1, d2 = (w, h) if CARDINAL_ROW[facet] == 0 else (h, w)
                inside = math.atan2((e1 - e2) / d2, (here - e1) / d1)
                whole = SENSE[facet] * inside + QUARTER[facet] * (0.5 * math.pi)
                angle[r, c] = whole if whole < TURN else 0.0
            else:
                # facets 0, 2, 4, 6 run from their cardinal side to the diagonal; 1, 3, 5, 7 from the diagonal on
                edge = facet + (1 if (run == 2) == (SENSE[facet] == 1) else 0)
                angle[r, c] = octants[edge % 8]
            if angle[r, c] >= TURN:  # a hair south of east is rounded to it in single precision
                angle[r, c] = 0.0


@kernel
def set_octants(corner, octants):
    """Write the angles of the eight neighbours counter-clockwise from east, and 2π; ``corner`` is that of the north-east."""
    for quarter in range(4):
        octants[2 * quarter] = quarter * (0.5 * math.pi)
    octants[1] = corner
    octants[3] = math.pi - corner
    octants[5] = math.pi + corner
    octants[7] = TURN - corner
    octants[8] = TURN
