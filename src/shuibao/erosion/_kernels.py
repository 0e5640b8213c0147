"""Compiled loops of the topographic factors and of the soil loss. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from shuibao.terrain._kernels import COL_STEP, ROW_STEP

DIAGONAL = math.sqrt(2.0)


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
def own_length(code, cell):
    """Return the length of flow in a cell: whole, or half where the flow is cut in it; diagonal or not."""
    if code == 0:
        return cell
    if code > 8:
        half = 0.5 * cell
        return half if (code - 8) % 2 == 1 else half * DIAGONAL
    return cell if code % 2 == 1 else cell * DIAGONAL


@njit(cache=True, nogil=True)
def slope_length(receiver, cell, cap, donors, inflow, outflow):
    """
    Accumulate the slope length from ridge to foot: the longest uncut inflow plus the own length, not above ``cap``.

    ``donors`` (uint8) and ``inflow`` are work space of the same shape; every cell is visited once.
    """
    rows, cols = receiver.shape
    donors[:] = 0
    inflow[:] = 0.0
    for r in range(rows):
        for c in range(cols):
            code = receiver[r, c]
            if 0 < code <= 8:
                donors[r + ROW_STEP[code], c + COL_STEP[code]] += 1
    for r in range(rows):
        for c in range(cols):
            if donors[r, c] != 0:
                continue
            y, x = r, c
            while True:
                code = receiver[y, x]
                length = min(inflow[y, x] + own_length(code, cell), cap)
                outflow[y, x] = length
                donors[y, x] = 255  # done
                if code == 0 or code > 8:
                    break
                y += ROW_STEP[code]
                x += COL_STEP[code]
                inflow[y, x] = max(inflow[y, x], length)
                donors[y, x] -= 1
                if donors[y, x] != 0:
                    break


@njit(cache=True, nogil=True, inline="always")
def raised(length, exponent):
    """Return length^(exponent + 1), quickly for the exponent one half."""
    if exponent == 0.5:
        return length * math.sqrt(length)
    return math.exp((exponent + 1.0) * math.log(length)) if length > 0.0 else 0.0


@njit(cache=True, nogil=True)
def segment_factor(length_out, own, exponent, unit_plot):
    """Return L of the segment that ends at ``length_out`` and is ``own`` long."""
    length_in = max(length_out - own, 0.0)
    unit = math.sqrt(unit_plot) if exponent == 0.5 else unit_plot**exponent
    return (raised(length_out, exponent) - raised(length_in, exponent)) / ((length_out - length_in) * unit)


@njit(cache=True, nogil=True)
def branch(value, limits):
    """Return the index of the first limit that ``value`` lies below; the last where it lies below none."""
    k = 0
    while k < limits.size and value >= limits[k]:
        k += 1
    return k


@njit(cache=True, nogil=True)
def length_steepness(tangent, receiver, length, cell, s_limits, s_gain, s_offset, m_limits, m_values, unit_plot, out):
    """Write L·S from Horn's gradient and the slope length; limits are tangents, in ascending order."""
    rows, cols = tangent.shape
    for r in range(rows):
        for c in range(cols):
            t = np.float64(tangent[r, c])
            if t != t:
                out[r, c] = np.nan
                continue
            k = branch(t, s_limits)
            steepness = s_gain[k] * (t / math.sqrt(1.0 + t * t)) + s_offset[k]
            exponent = m_values[branch(t, m_limits)]
            own = min(own_length(receiver[r, c], cell), length[r, c])
            out[r, c] = segment_factor(np.float64(length[r, c]), own, exponent, unit_plot) * steepness
