"""
Compiled loops that dig pits free. Arrays in, arrays out; no files, no units, no checks; cannot fail.

A search has its own square window of ``2 * reach + 1`` cells a side around the pit's first cell; positions in it are
numbers ``row * side + col`` that do not depend on where the window lies. ``Search`` holds what is known of its cells.
"""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np

from shuibao.compiling import kernel

ROW_STEP = np.array([0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)
COL_STEP = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)
OPEN, DECIDED = np.uint8(1), np.uint8(2)

Search = namedtuple("Search", ["reached", "settled", "cost", "length", "steps", "back", "heap", "where"])


@kernel
def new_search(reach):
    """Return the arrays of a search; ``reached`` and ``settled`` hold the number of the search that last did so."""
    n = (2 * reach + 1) * (2 * reach + 1)
    return Search(
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.empty(n, np.float64),
        np.empty(n, np.float64),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
    )


@kernel
def comes_before(s, a, b):
    """Tell whether cell ``a`` is nearer than ``b``: by cost, then length, then position."""
    if s.cost[a] != s.cost[b]:
        return s.cost[a] < s.cost[b]
    if s.length[a] != s.length[b]:
        return s.length[a] < s.length[b]
    return a < b


@kernel
def rise(s, k):
    """Move the cell at place ``k`` of the heap up to where it belongs."""
    cell = s.heap[k]
    while k > 0:
        above = (k - 1) // 2
        if not comes_before(s, cell, s.heap[above]):
            break
        s.heap[k] = s.heap[above]
        s.where[s.heap[k]] = k
        k = above
    s.heap[k] = cell
    s.where[cell] = k


@kernel
def take_first(s, size):
    """Take the nearest cell off a heap of ``size`` cells."""
    first = s.heap[0]
    cell = s.heap[size - 1]
    size -= 1
    k = 0
    while 2 * k + 1 < size:
        below = 2 * k + 1
        if below + 1 < size and comes_before(s, s.heap[below + 1], s.heap[below]):
            below += 1
        if not comes_before(s, s.heap[below], cell):
            break
        s.heap[k] = s.heap[below]
        s.where[s.heap[k]] = k
        k = below
    s.heap[k] = cell
    s.where[cell] = k
    return first


@kernel
def put(s, size, turn, cell, cost, length, steps, back):
    """Put a cell on the heap, or move it up if it is there and has come nearer; return the heap's size."""
    k = s.where[cell]
    if s.reached[cell] != turn:
        s.reached[cell] = turn
        k = size
        size += 1
    s.heap[k] = cell
    s.cost[cell], s.length[cell], s.steps[cell], s.back[cell] = cost, length, steps, back
    rise(s, k)
    return size


@kernel
def leaves(z, r, c):
    """Tell whether water leaves the land at a cell: at the grid's edge, or beside a missing cell."""
    rows, cols = z.shape
    if r == 0 or c == 0 or r == rows - 1 or c == cols - 1:
        return True
    gone = False
    for k in range(8):
        gone |= math.isnan(z[r + ROW_STEP[k], c + COL_STEP[k]])
    return gone


@kernel
def has_a_way_out(z, r, c):
    """Tell whether water leaves the land at a cell or has a lower neighbour there."""
    rows, cols = z.shape
    if r == 0 or c == 0 or r == rows - 1 or c == cols - 1:
        return True
    out = False
    for k in range(8):
        out |= not z[r + ROW_STEP[k], c + COL_STEP[k]] >= z[r, c]  # lower or missing
    return out


@kernel
def bottom_of(z, seen, row, col, reach, bottom):
    """
    Return the number of cells of the pit whose first cell is given, and their window positions in ``bottom``.

    It is 0 if water has a way out of the flat, or the flat is known from an earlier cell, or it goes beyond reach.
    """
    side = 2 * reach + 1
    bottom[0] = reach * side + reach
    seen[row, col] = OPEN
    count, done, pit = 1, 0, True
    while pit and done < count:
        r, c = row + bottom[done] // side - reach, col + bottom[done] % side - reach
        done += 1
        if has_a_way_out(z, r, c):
            pit = False
            break
        for k in range(8):
            rn, cn = r + ROW_STEP[k], c + COL_STEP[k]
            if z[rn, cn] != z[r, c] or seen[rn, cn] == OPEN:
                continue
            if seen[rn, cn] == DECIDED or rn - row > reach or abs(cn - col) > reach:
                pit = False
                break
            seen[rn, cn] = OPEN
            bottom[count] = (rn - row + reach) * side + cn - col + reach
            count += 1
    for i in range(count):
        seen[row + bottom[i] // side - reach, col + bottom[i] % side - reach] = DECIDED
    return count if pit else 0


@kernel
def may_end_somewhere(z, row, col, reach):
    """Tell whether any cell of a pit's window, or the ring around it, is lower than the pit, missing or off the grid."""
    rows, cols = z.shape
    if row <= reach or col <= reach or row + reach >= rows - 1 or col + reach >= cols - 1:
        return True
    for r in range(row - reach - 1, row + reach + 2):
        for c in range(col - reach - 1, col + reach + 2):
            if not z[r, c] >= z[row, col]:
                return True
    return False


@kernel
def cheapest_way_out(z, row, col, bottom, count, reach, deepest, stride, s, turn):
    """
    Return the window position where the cheapest breach of a pit ends, or -1; the way is in ``s.back``.

    It ends at the first cell lower than the pit, or where water leaves the land.
    """
    side = 2 * reach + 1
    low = float(z[row, col])
    size, seen = 0, 0
    for i in range(count):
        size = put(s, size, turn, bottom[i], 0.0, 0.0, 0, -1)
    while size > 0:
        cell = take_first(s, size)
        size -= 1
        s.settled[cell] = turn
        seen += 1
        if seen == side and not may_end_somewhere(z, row, col, reach):
            return -1  # found out only where the search grows long: it would see the whole window in vain
        i, j = cell // side, cell % side
        r, c = row + i - reach, col + j - reach
        if z[r, c] < low or leaves(z, r, c):
            return cell
        if s.steps[cell] == reach:
            continue
        for k in range(8):
            i_next, j_next = i + ROW_STEP[k], j + COL_STEP[k]
            if i_next < 0 or j_next < 0 or i_next == side or j_next == side:
                continue
            other = i_next * side + j_next
            depth = float(z[r + ROW_STEP[k], c + COL_STEP[k]]) - low
            if s.settled[other] == turn or depth > deepest:
                continue
            cost = s.cost[cell] + max(depth, 0.0) * stride[k]
            length = s.length[cell] + stride[k]
            if s.reached[other] == turn:
                if cost > s.cost[other] or (cost == s.cost[other] and length >= s.length[other]):
                    continue
            size = put(s, size, turn, other, cost, length, s.steps[cell] + 1, cell)
    return -1


@kernel
def lowest_level(z, r, c, low, steps):
    """Return the level of the far end of a breach: the ground there, or a hair below the pit where water leaves."""
    if z[r, c] < low:
        return float(z[r, c])
    level = low
    for _ in range(steps):
        level = np.nextafter(level, z.dtype.type(-np.inf))
    return float(level)


@kernel
def dig(z, out, row, col, end, reach, deepest, s, carving):
    """
    Return the depths summed along a breach; lower ``out`` to it if ``carving``.

    The level falls evenly from the pit to the end, but nowhere is dug deeper than ``deepest``.
    """
    side = 2 * reach + 1
    low = z[row, col]
    total = s.steps[end]
    bottom = lowest_level(z, row + end // side - reach, col + end % side - reach, low, total)
    fall = float(low) - bottom
    floor = -np.inf
    dug = 0.0
    cell = end
    while s.steps[cell] > 0:
        r, c = row + cell // side - reach, col + cell % side - reach
        floor = max(floor, float(z[r, c]) - deepest)
        level = max(float(low) - fall * (s.steps[cell] / total), bottom, floor)
        level = min(level, float(low))
        dug += max(float(z[r, c]) - level, 0.0)
        if carving and level < out[r, c]:
            out[r, c] = level
        cell = s.back[cell]
    return dug


@kernel
def is_worth_digging(z, row, col, bottom, count, reach, dug, spare, s, turn):
    """
    Tell whether a pit is no small one, and digging moves at most ``spare[2]`` times what filling would.

    The pit is filled, lowest neighbour first, until its water leaves for lower ground or the window. ``spare`` holds
    the depth and the number of cells up to which a pit is small, and the share.
    """
    side = 2 * reach + 1
    low = float(z[row, col])
    level, volume = low, 0.0
    size, filled, under = 0, 0, 0
    for i in range(count):
        size = put(s, size, turn, bottom[i], low, 0.0, 0, -1)
    while size > 0:
        cell = take_first(s, size)
        size -= 1
        i, j = cell // side, cell % side
        r, c = row + i - reach, col + j - reach
        if z[r, c] > level:
            volume += filled * (float(z[r, c]) - level)
            under, level = filled, float(z[r, c])
        large = level - low > spare[0] or under > spare[1]
        if z[r, c] < low or leaves(z, r, c):
            return large and dug <= spare[2] * volume
        if i == 0 or j == 0 or i == side - 1 or j == side - 1 or (large and dug <= spare[2] * volume):
            return dug <= spare[2] * volume
        filled += 1
        for k in range(8):
            other = (i + ROW_STEP[k]) * side + j + COL_STEP[k]
            if s.reached[other] != turn:
                height = float(z[r + ROW_STEP[k], c + COL_STEP[k]])
                size = put(s, size, turn, other, height, 0.0, 0, cell)
    return False


@kernel
def breach(z, out, core, reach, deepest, stride, spare, seen):
    """
    Lower ``out``, a copy of ``z``, along the breaches of all pits that can touch ``core``.

    Parameters
    ----------
    core : (4,) int64
        First and last + 1 row, first and last + 1 column of the cells wanted.
    stride : (8,) float64
        Length of a step in each direction, m.
    spare : (3,) float64
        See :func:`is_worth_digging`; a negative share spares nothing.
    seen : (rows, cols) uint8
        Zeros; used up.

    Returns
    -------
    Pits of the core that were breached, and that were left.
    """
    rows, cols = z.shape
    bottom = np.empty((reach + 1) * (2 * reach + 1), np.int32)
    way, pool = new_search(reach), new_search(reach)
    turn, breached, left = 0, 0, 0
    for row in range(rows):
        for col in range(cols):
            if math.isnan(z[row, col]) or seen[row, col] == DECIDED:
                continue
            count = bottom_of(z, seen, row, col, reach, bottom)
            if count == 0 or row < core[0] - reach or row >= core[1] + reach:
                continue
            if col < core[2] - reach or col >= core[3] + reach:
                continue
            turn += 1
            end = cheapest_way_out(z, row, col, bottom, count, reach, deepest, stride, way, turn)
            found = end >= 0
            if found and spare[2] >= 0.0:
                dug = dig(z, out, row, col, end, reach, deepest, way, False)
                found = is_worth_digging(z, row, col, bottom, count, reach, dug, spare, pool, turn)
            if found:
                dig(z, out, row, col, end, reach, deepest, way, True)
            if core[0] <= row < core[1] and core[2] <= col < core[3]:
                breached += found
                left += not found
    return breached, left
