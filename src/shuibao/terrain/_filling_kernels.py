"""
Compiled loops that fill depressions: local basins, the passes between them, and the flooding of that graph.

Arrays in, arrays out; no files, no checks; cannot fail. Basins are numbered from 1; 0 is the outside, where water leaves.
"""

from __future__ import annotations

import numpy as np

from shuibao.compiling import kernel

CACHED = 4096
"""Slots in which the lowest pass between two basins is kept before it is listed (a power of two)."""

ROW = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int32)
COL = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int32)


@kernel
def descend(z, basin):
    """
    Point each cell of a padded tile at its lowest neighbour: -(direction + 2), of 1..8, 0 roots, 9 beside missing.

    -1 where missing. A neighbour as high counts as lower if it comes earlier in row order, so that no pointers run in
    circles. The pad of ``z``, one cell of NaN, is never pointed at; cells on the tile's border cannot tell that they lie
    beside missing. ``basin`` has a pad of -1.
    """
    rows, cols = z.shape[0] - 2, z.shape[1] - 2
    for r in range(rows):
        up, mid, low, out = z[r], z[r + 1], z[r + 2], basin[r + 1]
        for c in range(cols):
            best = mid[c + 1]
            code = np.int32(0)
            n = up[c]
            code, best = (np.int32(6), n) if n <= best else (code, best)
            n = up[c + 1]
            code, best = (np.int32(7), n) if n <= best else (code, best)
            n = up[c + 2]
            code, best = (np.int32(8), n) if n <= best else (code, best)
            n = mid[c]
            code, best = (np.int32(5), n) if n <= best else (code, best)
            n = mid[c + 2]
            code, best = (np.int32(1), n) if n < best else (code, best)
            n = low[c]
            code, best = (np.int32(4), n) if n < best else (code, best)
            n = low[c + 1]
            code, best = (np.int32(3), n) if n < best else (code, best)
            n = low[c + 2]
            code, best = (np.int32(2), n) if n < best else (code, best)
            around = up[c] + up[c + 1] + up[c + 2] + mid[c] + mid[c + 2] + low[c] + low[c + 1] + low[c + 2]
            code = np.int32(9) if around != around else code
            out[c + 1] = np.int32(-1) if mid[c + 1] != mid[c + 1] else -2 - code


@kernel
def descend_at_border(z, r, c):
    """Return what :func:`descend` writes for a cell on the tile's border, without taking the pad for missing land."""
    rows, cols = z.shape
    here = z[r, c]
    if here != here:
        return np.int32(-1)
    best = here
    code = np.int32(0)
    for k in (6, 7, 8, 5, 1, 4, 3, 2):
        y, x = r + ROW[k], c + COL[k]
        if y < 1 or y >= rows - 1 or x < 1 or x >= cols - 1:
            continue
        n = z[y, x]
        if n != n:
            return np.int32(-11)
        if n < best or (n == best and k >= 5):
            best = n
            code = np.int32(k)
    return -2 - code


@kernel
def descend_along_border(z, basin):
    """Write the directions of the cells on the tile's border, and the pad."""
    rows, cols = z.shape
    for c in range(1, cols - 1):
        basin[1, c] = descend_at_border(z, 1, c)
        basin[rows - 2, c] = descend_at_border(z, rows - 2, c)
        basin[0, c] = basin[rows - 1, c] = -1
    for r in range(1, rows - 1):
        basin[r, 1] = descend_at_border(z, r, 1)
        basin[r, cols - 2] = descend_at_border(z, r, cols - 2)
    for r in range(rows):
        basin[r, 0] = basin[r, cols - 1] = -1


@kernel
def number_basins(basin):
    """Replace the directions of :func:`descend` by the number of the basin that each cell falls to; return how many."""
    flat = basin.ravel()
    step = np.empty(9, np.int64)
    for k in range(9):
        step[k] = ROW[k] * basin.shape[1] + COL[k]
    count = np.int32(0)
    for i in range(flat.size):
        if flat[i] >= -1:
            continue
        j = i
        k = -flat[j] - 2
        while 1 <= k <= 8:
            j += step[k]
            if flat[j] >= 0:
                break
            k = -flat[j] - 2
        if flat[j] >= 0:
            number = flat[j]
        elif k == 0:
            count += 1
            number = count
        else:
            number = np.int32(0)
        j = i
        while flat[j] < -1:
            k = -flat[j] - 2
            flat[j] = number
            if not 1 <= k <= 8:
                break
            j += step[k]
    return count


@kernel
def mark_border(basin, count):
    """Return which basins hold a cell of the tile's border, so that only other tiles can tell their level; 0 is one."""
    rows, cols = basin.shape
    is_open = np.zeros(count + 1, np.bool_)
    is_open[0] = True
    for c in range(1, cols - 1):
        for r in (1, rows - 2):
            is_open[max(basin[r, c], 0)] = True
    for r in range(1, rows - 1):
        for c in (1, cols - 2):
            is_open[max(basin[r, c], 0)] = True
    return is_open


@kernel
def keep_pass(a, b, height, keys, heights, left, right, level, count):
    """Note a pass between two basins: lower the cached one, or list the one whose slot it takes; return how many listed."""
    low, high = min(a, b), max(a, b)
    key = (np.int64(low) << 32) | np.int64(high)
    slot = (((np.int64(low) * 73856093) ^ (np.int64(high) * 19349663)) >> 5) & (CACHED - 1)
    if keys[slot] == key:
        if height < heights[slot]:
            heights[slot] = height
        return count
    if keys[slot] >= 0:
        left[count] = keys[slot] >> 32
        right[count] = keys[slot] & 0xFFFFFFFF
        level[count] = heights[slot]
        count += 1
    keys[slot] = key
    heights[slot] = height
    return count


@kernel
def list_cached(keys, heights, left, right, level, count):
    """List the passes that are still in their slots; return how many are listed in all."""
    for slot in range(keys.size):
        if keys[slot] >= 0:
            left[count] = keys[slot] >> 32
            right[count] = keys[slot] & 0xFFFFFFFF
            level[count] = heights[slot]
            count += 1
    return count


@kernel
def grown(array, needed):
    """Return the array, or a copy with room for twice what is needed."""
    if needed <= array.size:
        return array
    out = np.empty(2 * needed, array.dtype)
    for i in range(array.size):
        out[i] = array[i]
    return out


@kernel
def mark_divides(mine, below, where):
    """List the cells of a padded row of basins that touch another basin east of them or in the row below; return how many."""
    flag = np.empty(mine.size, np.uint8)
    for c in range(1, mine.size - 1):
        a = mine[c]
        flag[c] = ((a != mine[c + 1]) | (a != below[c - 1]) | (a != below[c]) | (a != below[c + 1])) & (a >= 0)
    count = 0
    for c in range(1, mine.size - 1):
        where[count] = c
        count += int(flag[c])
    return count


@kernel
def list_passes(z, basin):
    """
    Return the passes between basins of a padded tile as (left, right, height); the same two may be listed again.

    A cell that touches the same basin in several places keeps the lowest.
    """
    rows, cols = basin.shape
    keys = np.full(CACHED, np.int64(-1))
    heights = np.empty(CACHED, z.dtype)
    left, right, level = np.empty(CACHED, np.int32), np.empty(CACHED, np.int32), np.empty(CACHED, z.dtype)
    where = np.empty(cols, np.int32)
    count = 0
    for r in range(1, rows - 1):
        room = count + 4 * cols + CACHED
        left, right, level = grown(left, room), grown(right, room), grown(level, room)
        here, low, mine, below = z[r], z[r + 1], basin[r], basin[r + 1]
        for c in where[: mark_divides(mine, below, where)]:
            a, height = mine[c], here[c]
            e, south_east, south, south_west = mine[c + 1], below[c + 1], below[c], below[c - 1]
            to_e, to_south_east, to_south, to_south_west = here[c + 1], low[c + 1], low[c], low[c - 1]
            if south_east == south:
                to_south, south_east = min(to_south, to_south_east), a
            if south_west == south:
                to_south, south_west = min(to_south, to_south_west), a
            if e == south:
                to_south, e = min(to_south, to_e), a
            elif e == south_east:
                to_south_east, e = min(to_south_east, to_e), a
            if e != a and e >= 0:
                count = keep_pass(a, e, max(height, to_e), keys, heights, left, right, level, count)
            if south_east != a and south_east >= 0:
                count = keep_pass(a, south_east, max(height, to_south_east), keys, heights, left, right, level, count)
            if south != a and south >= 0:
                count = keep_pass(a, south, max(height, to_south), keys, heights, left, right, level, count)
            if south_west != a and south_west >= 0:
                count = keep_pass(a, south_west, max(height, to_south_west), keys, heights, left, right, level, count)
    count = list_cached(keys, heights, left, right, level, count)
    return left[:count], right[:count], level[:count]


@kernel
def find(parent, i):
    """Return the root of a set, halving the way to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def flood(is_open, left, right, level, order, surface, owner):
    """
    Let water leave every closed basin over its lowest way out; passes are taken in ``order``, from the lowest.

    ``surface`` gets the level to which each basin fills, -inf for open ones; ``owner`` the open basin it spills into in the
    end, -1 if it has no way out. Returns the passes (left, right, height) between open basins that are on lowest ways:
    a forest.
    """
    count = is_open.size
    parent = np.arange(count).astype(np.int32)
    between = np.arange(count).astype(np.int32)
    for i in range(count):
        surface[i] = -np.inf
        owner[i] = i if is_open[i] else -1
    kept = np.empty(order.size, np.int32)
    many = 0
    for at in order:
        a, b = find(parent, left[at]), find(parent, right[at])
        if a == b:
            continue
        if owner[a] < 0 and owner[b] < 0:
            parent[max(a, b)] = min(a, b)
        elif owner[a] < 0:
            surface[a] = level[at]
            owner[a] = owner[b]
        elif owner[b] < 0:
            surface[b] = level[at]
            owner[b] = owner[a]
        else:
            a, b = find(between, owner[a]), find(between, owner[b])
            if a != b:
                between[max(a, b)] = min(a, b)
                kept[many] = at
                many += 1
    for i in range(count):
        root = find(parent, i)
        surface[i] = surface[root]
        owner[i] = owner[root]
    return kept[:many]


@kernel
def ascending(bits):
    """
    Return the order of heights from the lowest, equal ones as they are listed (radix sort).

    ``bits`` are the float32 or float64 heights seen as uint32 or uint64.
    """
    size = bits.size
    digits = 3 if bits.itemsize == 4 else 6
    keys = np.empty(size, np.uint64)
    top = np.uint64(1) << np.uint64(8 * bits.itemsize - 1)
    every = (top - np.uint64(1)) | top
    for i in range(size):
        b = np.uint64(bits[i])
        keys[i] = (b ^ every) if b & top else (b | top)
    order = np.arange(size).astype(np.int32)
    other = np.empty(size, np.int32)
    for digit in range(digits):
        shift = np.uint64(11 * digit)
        tally = np.zeros(2049, np.int64)
        for i in range(size):
            tally[((keys[i] >> shift) & np.uint64(2047)) + np.uint64(1)] += 1
        for k in range(2048):
            tally[k + 1] += tally[k]
        for at in order:
            k = (keys[at] >> shift) & np.uint64(2047)
            other[tally[k]] = at
            tally[k] += 1
        order, other = other, order
    return order


@kernel
def seam_passes(height, label, other_height, other_label, shift, left, right, level, count):
    """
    List the passes between facing border cells, ``i`` and ``i + shift``; a missing one is the outside.

    Labels number the whole grid; 0 is the outside, -1 missing. Returns how many are listed.
    """
    for i in range(height.size):
        j = i + shift
        if j < 0 or j >= other_height.size:
            continue
        a, b = label[i], other_label[j]
        if a == b:
            continue
        left[count] = max(a, 0)
        right[count] = max(b, 0)
        level[count] = other_height[j] if a < 0 else (height[i] if b < 0 else max(height[i], other_height[j]))
        count += a > 0 or b > 0
    return count


@kernel
def thin_passes(left, right, level):
    """Return the passes with most of those that are listed again left out."""
    keys = np.full(CACHED, np.int64(-1))
    heights = np.empty(CACHED, level.dtype)
    count = 0
    out_left, out_right = np.empty(left.size + CACHED, left.dtype), np.empty(left.size + CACHED, left.dtype)
    out_level = np.empty(left.size + CACHED, level.dtype)
    for i in range(left.size):
        count = keep_pass(left[i], right[i], level[i], keys, heights, out_left, out_right, out_level, count)
    count = list_cached(keys, heights, out_left, out_right, out_level, count)
    return out_left[:count], out_right[:count], out_level[:count]


@kernel
def raise_to(z, basin, level, out):
    """Write the greater of each cell's height and its basin's level; missing stays missing."""
    rows, cols = z.shape
    for r in range(rows):
        for c in range(cols):
            to = level[max(basin[r, c], 0)]
            out[r, c] = to if to > z[r, c] else z[r, c]
