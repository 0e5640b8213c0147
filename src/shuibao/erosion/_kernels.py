"""Compiled loops of the topographic factors and of the soil loss. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from shuibao.terrain._kernels import COL_STEP, ROW_STEP


@njit(cache=True, nogil=True)
def cut_flow(direction, drop, minimum, switch, gentle, steep, receiver):
    """
    Write the direction (0..8) in which the slope length goes on, and 9..16 where the flow is cut.

    Flow is cut at a cell when the gradient of the next cell is below ``gentle`` or ``steep`` times its own, by whether
    its own is below ``switch``. Gradients below ``minimum`` count as ``minimum``.
    """
    rows, cols = direction.shape
    for r in range(rows):
        for c in range(cols):
            code = direction[r, c]
            if code == 0:
                receiver[r, c] = 0
                continue
            here = max(drop[r, c], minimum)
            below = drop[r + ROW_STEP[code], c + COL_STEP[code]]
            share = gentle if here < switch else steep
            if not below >= 0.0 or max(below, minimum) < here * share:
                receiver[r, c] = code + 8
            else:
                receiver[r, c] = code


@njit(cache=True, nogil=True)
def slope_length(receiver, after, donors, paths):
    """
    Find the longest uncut path into each cell, from ridge to foot; every cell is visited once.

    Paths are numbered by length; ``after[code, path]`` is the path after a step. ``donors`` (uint8) is work space.
    """
    rows, cols = receiver.shape
    donors[:] = 0
    paths[:] = 0
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            code = receiver[r, c]
            if 0 < code <= 8:
                donors[r + ROW_STEP[code], c + COL_STEP[code]] += 1
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            if donors[r, c] != 0:
                continue
            y, x = r, c
            code = receiver[y, x]
            while 0 < code <= 8:
                donors[y, x] = 255  # done
                path = after[code, paths[y, x]]
                y += ROW_STEP[code]
                x += COL_STEP[code]
                if path > paths[y, x]:
                    paths[y, x] = path
                left = donors[y, x] - 1
                donors[y, x] = left
                if left != 0:
                    break
                code = receiver[y, x]


@njit(cache=True, nogil=True)
def branch(value, limits):
    """Return the index of the first limit that ``value`` lies below; the last where it lies below none."""
    k = 0
    while k < limits.size and value >= limits[k]:
        k += 1
    return k


@njit(cache=True, nogil=True)
def length_steepness(tangent, receiver, paths, s_limits, s_gain, s_offset, m_limits, factors, out):
    """Write L·S from Horn's gradient and the path into each cell; limits are tangents, ``factors`` are L by branch."""
    rows, cols = tangent.shape
    for r in range(rows):
        for c in range(cols):
            t = np.float64(tangent[r, c])
            if t != t:
                out[r, c] = np.nan
                continue
            k = branch(t, s_limits)
            steepness = s_gain[k] * (t / math.sqrt(1.0 + t * t)) + s_offset[k]
            out[r, c] = factors[branch(t, m_limits), receiver[r, c], paths[r, c]] * steepness
