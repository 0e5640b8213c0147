"""Compiled loops of the topographic factors and of the soil loss. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

import numpy as np

from shuibao.compiling import kernel
from shuibao.terrain._kernels import COL_STEP, ROW_STEP


@kernel
def cut_flow(direction, drop, minimum, switch, gentle, steep, receiver):
    """
    Write the direction (0..8) in which the slope length goes on, and 9..16 where the flow is cut.

    Flow is cut at a cell when the gradient of the next cell is below ``gentle`` or ``steep`` times its own, by whether
    its own is below ``switch``. Gradients below ``minimum`` count as ``minimum``. Without branches, so that it becomes
    vector code; the outer ring has no direction.
    """
    rows, cols = direction.shape
    one = drop.dtype.type
    least, limit, low_share, high_share = one(minimum), one(switch), one(gentle), one(steep)
    receiver[0, :] = 0
    receiver[rows - 1, :] = 0
    for r in range(1, rows - 1):
        codes, out = direction[r], receiver[r]
        above, level, under = drop[r - 1], drop[r], drop[r + 1]
        out[0] = 0
        out[cols - 1] = 0
        for c in range(1, cols - 1):
            code = codes[c]
            below = level[c + 1]
            below = under[c + 1] if code == 2 else below
            below = under[c] if code == 3 else below
            below = under[c - 1] if code == 4 else below
            below = level[c - 1] if code == 5 else below
            below = above[c - 1] if code == 6 else below
            below = above[c] if code == 7 else below
            below = above[c + 1] if code == 8 else below
            here = level[c] if level[c] > least else least
            share = low_share if here < limit else high_share
            following = below if below > least else least
            cut = (following < here * share) | (below != below)
            out[c] = code + np.uint8(8) if cut & (code > 0) else code


@kernel
def close_channels(receiver, channel):
    """Cut the flow of channel cells (1..8 become 9..16, in place), so that no slope begins in a channel."""
    rows, cols = receiver.shape
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            if channel[r, c] != 0 and 0 < receiver[r, c] <= 8:
                receiver[r, c] += np.uint8(8)


@kernel
def end_at_channels(receiver, channel, after, paths):
    """
    Cut the flow of the cells whose next cell is a channel, and forget the paths into channels; in place.

    A cell whose length reaches the cap keeps the whole of its own: cut in half it would be nearer the foot of a slope of
    the cap's length, and erode more.
    """
    rows, cols = receiver.shape
    last = after.shape[1] - 1
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            if channel[r, c] != 0:
                paths[r, c] = 0
                continue
            code = receiver[r, c]
            if 0 < code <= 8 and channel[r + ROW_STEP[code], c + COL_STEP[code]] != 0:
                if after[code, paths[r, c]] != last:
                    receiver[r, c] = code + np.uint8(8)


@kernel
def sweep_lengths(receiver, before, straight, diagonal, cap, after):
    """
    Write the longest uncut length into each cell, given the lengths into its neighbours so far.

    Lengths are whole units in float32, so that sums are exact. Without branches, so that it becomes vector code.
    """
    rows, cols = receiver.shape
    zero = np.float32(0.0)
    for r in range(1, rows - 1):
        up, mid, low = receiver[r - 1], receiver[r], receiver[r + 1]
        above, level, under = before[r - 1], before[r], before[r + 1]
        out = after[r]
        for c in range(1, cols - 1):
            most = level[c - 1] + straight if mid[c - 1] == 1 else zero
            other = above[c - 1] + diagonal if up[c - 1] == 2 else zero
            most = other if other > most else most
            other = above[c] + straight if up[c] == 3 else zero
            most = other if other > most else most
            other = above[c + 1] + diagonal if up[c + 1] == 4 else zero
            most = other if other > most else most
            other = level[c + 1] + straight if mid[c + 1] == 5 else zero
            most = other if other > most else most
            other = under[c + 1] + diagonal if low[c + 1] == 6 else zero
            most = other if other > most else most
            other = under[c] + straight if low[c] == 7 else zero
            most = other if other > most else most
            other = under[c - 1] + diagonal if low[c - 1] == 8 else zero
            most = other if other > most else most
            out[c] = most if most < cap else cap


@kernel
def number_paths(lengths, number, paths):
    """Write the number of the path of each length in whole units."""
    rows, cols = lengths.shape
    for r in range(rows):
        for c in range(cols):
            paths[r, c] = number[np.int32(lengths[r, c])]


@kernel
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


@kernel
def branch(value, limits):
    """Return the index of the first limit that ``value`` lies below; the last where it lies below none."""
    k = 0
    while k < limits.size and value >= limits[k]:
        k += 1
    return k


@kernel
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
