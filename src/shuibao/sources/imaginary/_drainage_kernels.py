"""
Compiled drainage of the widest lattice of the imaginary land. No files, no units, no checks.

A flood grows from the edges of a district over the lowest ground and leaves a tree: every node knows the node that it
drains to. Ties are settled by the node's index, so the tree is the same on every machine.
"""

import numpy as np

from shuibao.compiling import kernel
from shuibao.sources.imaginary._kernels import bits, copy_to, low_share


@kernel
def _push(keys, nodes, size, key, node):
    """Put a node into the heap, which holds ``size``."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] < key or (keys[parent] == key and nodes[parent] < node):
            break
        keys[i], nodes[i] = keys[parent], nodes[parent]
        i = parent
    keys[i], nodes[i] = key, node


@kernel
def _pop(keys, nodes, size):
    """Drop the first node of the heap, which holds ``size``."""
    last = size - 1
    key, node = keys[last], nodes[last]
    i = 0
    while 2 * i + 1 < last:
        child = 2 * i + 1
        other = child + 1
        if other < last and (keys[other] < keys[child] or (keys[other] == keys[child] and nodes[other] < nodes[child])):
            child = other
        if key < keys[child] or (key == keys[child] and node < nodes[child]):
            break
        keys[i], nodes[i] = keys[child], nodes[child]
        i = child
    keys[i], nodes[i] = key, node


@kernel
def flood(ground, wander, first_row, first_col, seed, receiver, order):
    """
    Grow the tree of drainage from the edges inward, over the lowest ground first.

    ground: (rows, cols) m; wander: m, most that chance adds from node to node, so that lines do not run straight; first_row,
    first_col: lattice index of ground[0, 0]; receiver: (rows * cols,) int32, an outlet is its own; order: (rows *
    cols,) int32, each node after the one it drains to; both overwritten.
    """
    rows, cols = ground.shape
    keys, nodes = np.empty(ground.size), np.empty(ground.size, dtype=np.int32)
    receiver[:] = -1
    size, done = 0, 0
    for r in range(rows):
        for c in range(cols):
            if r == 0 or c == cols - 1 or r == rows - 1 or c == 0:
                receiver[r * cols + c] = r * cols + c
                _push(keys, nodes, size, ground[r, c], r * cols + c)
                size += 1
    while size > 0:
        key, node = keys[0], nodes[0]
        _pop(keys, nodes, size)
        size -= 1
        order[done] = node
        done += 1
        r, c = node // cols, node % cols
        for a in range(max(0, r - 1), min(rows, r + 2)):
            for b in range(max(0, c - 1), min(cols, c + 2)):
                to = a * cols + b
                if receiver[to] < 0:
                    receiver[to] = node
                    chance = wander * low_share(bits(first_col + b, first_row + a, seed))
                    _push(keys, nodes, size, max(key + chance, ground[a, b]), to)
                    size += 1


@kernel
def grade(land, fill, vigour, filled_share, receiver, order, depth, full, fall, steep, least, line, dug, level):
    """
    Set the level of every stream so that it stands above the one it drains to: sediment fills a part, the rest is cut.

    land, fill, vigour, filled_share: (rows * cols,); receiver, order: as ``flood`` leaves them; depth: m that the finer
    lattices will still dig where ``full`` nodes drain through; fall, steep: m, least and most from node to node of a
    stream; least: nodes that drain through the smallest stream; line: is a stream; dug: m that will still be dug;
    level: m; the last three, (rows * cols,), are overwritten.
    """
    count = np.ones(level.size, dtype=np.int32)
    for k in range(order.size - 1, -1, -1):
        node = order[k]
        to = receiver[node]
        if to != node:
            count[to] += count[node]
    for node in range(level.size):
        dug[node] = depth * max(0.0, vigour[node]) * np.sqrt(min(1.0, (count[node] - 1.0) / full))
    for node in order:
        to = receiver[node]
        ground = max(land[node] - dug[node], fill[node])
        level[node] = ground if to == node else max(ground, level[to] + fall)
    for node in range(level.size):
        ground = max(land[node] - dug[node], fill[node])
        level[node] = ground + filled_share[node] * (level[node] - ground)
    for k in range(order.size - 1, -1, -1):
        node = order[k]
        to = receiver[node]
        if to != node:
            level[to] = min(level[to], level[node] - fall)
    for node in order:
        to = receiver[node]
        cut = level[node] < max(land[node] - dug[node], fill[node]) - 1.0
        line[node] = to != node and (count[node] >= least or (cut and 4 * count[node] >= least))
        if line[node]:
            level[node] = min(level[node], level[to] + steep)


@kernel
def lead(height, fill, toward, receiver, order, line, dug, level, depth, rise, bank_rise):
    """
    Lay the valley floors at their level, rising gently to both sides, and cut the land down to them.

    height, fill: (rows, cols) m, overwritten: the land and the sediment that fills it; toward: (rows, cols),
    overwritten: which neighbour a stream runs to, 1-9 from the south-west, 0 for none; receiver, order, line, dug,
    level: as ``flood`` and ``grade`` leave them; depth: m that the rock of a stream lies below its floor in the end;
    rise, bank_rise: m from node to node across a floor, on plains and between hills.
    """
    rows, cols = height.shape
    rock, floor = height.ravel(), fill.ravel()
    for node in range(rock.size):
        ground = max(rock[node] - dug[node], floor[node])
        if line[node]:
            left = max(0.0, dug[node] - max(0.0, ground - level[node]))
            rock[node] = min(rock[node], level[node] + left - depth)
            floor[node] = level[node]
        else:
            rock[node] = min(rock[node], level[node] + dug[node])
            floor[node] = (
                level[node] if floor[node] >= ground or level[node] > ground or receiver[node] == node else 1e9
            )
    for node in order:
        to = receiver[node]
        r, c, a, b = node // cols, node % cols, to // cols, to % cols
        toward[r, c] = 0.0
        if line[node]:
            toward[r, c] = 3 * (a - r + 1) + (b - c + 1) + 1
        if line[node] and r != a and c != b:
            bank = 0.5 * (rock[node] + rock[to]) + 0.25 * depth
            height[r, b] = min(height[r, b], bank)
            height[a, c] = min(height[a, c], bank)
    for node in order:
        to = receiver[node]
        if not line[node] and to != node:
            straight = node // cols == to // cols or node % cols == to % cols
            up = rise if floor[node] < 1e8 else bank_rise
            floor[node] = min(floor[node], floor[to] + up * (1.0 if straight else np.sqrt(2.0)))
    spare = np.empty_like(fill)
    for _ in range(3):
        copy_to(spare, fill)
        for r in range(1, rows - 1):
            for c in range(1, cols - 1):
                if not line[r * cols + c]:
                    sides = spare[r - 1, c] + spare[r + 1, c] + spare[r, c - 1] + spare[r, c + 1]
                    fill[r, c] = 0.5 * spare[r, c] + 0.125 * sides


@kernel
def keep_open(height, row, col, parts, floor, toward, floor_row, floor_col, below):
    """
    Keep the land along every stream below the floor of its valley.

    height: (rows, cols) m, overwritten; row, col: lattice index of height[0, 0]; parts: nodes of the lattice to one of
    the widest; floor, toward: (rows, cols) of the widest lattice: level of the streams, m, and which neighbour a stream
    runs to, 0 for none; floor_row, floor_col: lattice index of floor[0, 0]; below: m.
    """
    rows, cols = height.shape
    for r in range(1, floor.shape[0] - 1):
        first = (floor_row + r) * parts - row
        if first < -parts or first >= rows + parts:
            continue
        for c in range(1, floor.shape[1] - 1):
            code = np.int64(toward[r, c])
            if code == 0:
                continue
            start = (floor_col + c) * parts - col
            if start < -parts or start >= cols + parts:
                continue
            a, b = (code - 1) // 3 - 1, (code - 1) % 3 - 1
            for k in range(parts + 1):
                here_r, here_c = first + k * a, start + k * b
                level = floor[r, c] + (floor[r + a, c + b] - floor[r, c]) * k / parts - below
                if 0 <= here_r < rows and 0 <= here_c < cols:
                    height[here_r, here_c] = min(height[here_r, here_c], level)
                if a != 0 and b != 0 and k < parts:
                    if 0 <= here_r + a < rows and 0 <= here_c < cols:
                        height[here_r + a, here_c] = min(height[here_r + a, here_c], level)
                    if 0 <= here_r < rows and 0 <= here_c + b < cols:
                        height[here_r, here_c + b] = min(height[here_r, here_c + b], level)
