"""
Compiled loops that give every cell of a filled surface its way out: D8 directions, and ways across flats.

Arrays in, arrays out; no files, no checks; cannot fail. Padded arrays have a ring of one cell around the tile.
"""

from __future__ import annotations

import numpy as np

from shuibao.compiling import kernel
from shuibao.terrain._kernels import COL_STEP as COL
from shuibao.terrain._kernels import ROW_STEP as ROW

OUTLET = 9
FLAT, FOOT, EDGE = 10, 11, 12
"""Codes of cells without a lower way, of those among them at the foot of higher ground, and in flats on the tile's border."""
FAR = 2**30
"""Distance of a flat cell that has not been reached."""
STRAIGHT_FIRST = np.array([1, 3, 5, 7, 2, 4, 6, 8], dtype=np.int64)


@kernel
def steepest(z, straight, aside, down, code):
    """
    Write the D8 code of each cell of a padded tile: 0 missing, 1..8, 9 outlet, 10 or 11 where no way is lower.

    ``straight``, ``aside`` and ``down`` weigh the fall east or west, along a diagonal, north or south. Of equally steep ways
    the first is taken.
    """
    rows, cols = code.shape
    for r in range(rows):
        up, mid, low, out = z[r], z[r + 1], z[r + 2], code[r]
        for c in range(cols):
            here = mid[c + 1]
            best = (here - mid[c + 2]) * straight
            way = np.int32(1) if best > 0 else np.int32(0)
            best = best if best > 0 else here - here
            d = (here - low[c + 2]) * aside
            way, best = (np.int32(2), d) if d > best else (way, best)
            d = (here - low[c + 1]) * down
            way, best = (np.int32(3), d) if d > best else (way, best)
            d = (here - low[c]) * aside
            way, best = (np.int32(4), d) if d > best else (way, best)
            d = (here - mid[c]) * straight
            way, best = (np.int32(5), d) if d > best else (way, best)
            d = (here - up[c]) * aside
            way, best = (np.int32(6), d) if d > best else (way, best)
            d = (here - up[c + 1]) * down
            way, best = (np.int32(7), d) if d > best else (way, best)
            d = (here - up[c + 2]) * aside
            way, best = (np.int32(8), d) if d > best else (way, best)
            around = up[c] + up[c + 1] + up[c + 2] + mid[c] + mid[c + 2] + low[c] + low[c + 1] + low[c + 2]
            top = max(
                max(max(up[c], up[c + 1]), max(up[c + 2], mid[c])),
                max(max(mid[c + 2], low[c]), max(low[c + 1], low[c + 2])),
            )
            stuck = np.int32(11) if top > here else np.int32(10)
            stuck = np.int32(9) if around != around else stuck
            way = stuck if way == 0 else way
            out[c] = np.uint8(0 if here != here else way)


@kernel
def list_flats(code, low, high):
    """
    Return the places of flat cells in the padded tile, row * (cols + 2) + col, row by row.

    Sets the distances inside the ring: far in flats, 0 elsewhere.
    """
    rows, cols = code.shape
    count = 0
    for r in range(rows):
        for c in range(cols):
            flat = code[r, c] >= FLAT
            low[r + 1, c + 1] = FAR if flat else 0
            high[r + 1, c + 1] = FAR if flat else 0
            count += flat
    cells = np.empty(count, np.int32)
    at = 0
    for r in range(rows):
        if at == count:
            break
        for c in range(cols):
            if code[r, c] >= FLAT:
                cells[at] = (r + 1) * (cols + 2) + c + 1
                at += 1
    return cells


@kernel
def steps_to(width):
    """Return the steps in a padded tile of that width to the neighbours 1..8; entry 0 is none."""
    out = np.zeros(9, np.int64)
    for k in range(1, 9):
        out[k] = ROW[k] * width + COL[k]
    return out


@kernel
def ways_out(z, cells, low, queue):
    """Give flat cells distance 1 that lie level beside a cell with a way out; list those farther until now, return how many."""
    step = steps_to(z.shape[1])
    ground, distance = z.ravel(), low.ravel()
    count = 0
    for i in cells:
        here = ground[i]
        found = False
        for k in range(1, 9):
            n = i + step[k]
            found |= (distance[n] == 0) & (ground[n] == here)
        if found and distance[i] > 1:
            queue[count] = i
            count += 1
    for k in range(count):  # only now, so that they are not taken for cells with a way out
        distance[queue[k]] = 1
    return count


@kernel
def border_cells(cells, shape):
    """Return those of the cells that lie on the tile's border."""
    rows, cols = shape
    width = cols + 2
    out = np.empty(min(cells.size, 2 * (rows + cols)), np.int32)
    count = 0
    for i in cells:
        r, c = i // width, i % width
        if r == 1 or r == rows or c == 1 or c == cols:
            out[count] = i
            count += 1
    return out[:count]


@kernel
def feet(code, cells, high, queue):
    """Give flat cells at the foot of higher ground distance 1; list them and return how many they are."""
    width = code.shape[1] + 2
    distance = high.ravel()
    count = 0
    for i in cells:
        if code[i // width - 1, i % width - 1] == FOOT:
            queue[count] = i
            count += 1
            distance[i] = 1
    return count


@kernel
def from_ring(distance):
    """
    Return the border cells that the distances in the ring bring nearer, and how near, the nearest first.

    Flat cells that touch are as high as each other, so heights need not be looked at.
    """
    rows, cols = distance.shape[0] - 2, distance.shape[1] - 2
    room = 2 * (rows + cols)
    cells, steps = np.empty(room, np.int32), np.empty(room, np.int32)
    count = 0
    for at in range(room):
        if at < cols:
            r, c = 1, at + 1
        elif at < 2 * cols:
            r, c = rows, at - cols + 1
        elif at < 2 * cols + rows:
            r, c = at - 2 * cols + 1, 1
        else:
            r, c = at - 2 * cols - rows + 1, cols
        if distance[r, c] == 0:
            continue
        best = FAR
        for k in range(1, 9):
            i, j = r + ROW[k], c + COL[k]
            if 1 <= i <= rows and 1 <= j <= cols:
                continue
            d = distance[i, j]
            if 0 < d < best:
                best = d
        if best + 1 < distance[r, c]:
            cells[count] = r * (cols + 2) + c
            steps[count] = best + 1
            count += 1
    return nearest_first(cells[:count], steps[:count])


@kernel
def nearest_first(cells, steps):
    """Return cells and how near they are by their nearness; those equally near keep their order."""
    most = 0
    for step in steps:
        most = max(most, step)
    places = np.zeros(most + 2, np.int64)
    for step in steps:
        places[step + 1] += 1
    for step in range(most):
        places[step + 1] += places[step]
    out_cells, out_steps = np.empty_like(cells), np.empty_like(steps)
    for i in range(steps.size):
        place = places[steps[i]]
        places[steps[i]] += 1
        out_cells[place], out_steps[place] = cells[i], steps[i]
    return out_cells, out_steps


@kernel
def spread(distance, queue, count, late, steps):
    """
    Spread distances over flats from the cells in ``queue``, all at distance 1, and from ``late`` cells at their ``steps``.

    The nearest comes first, so that each cell is taken once. The ring must be 0. ``queue`` needs room for all flat cells.
    """
    flat = distance.ravel()
    step = steps_to(distance.shape[1])
    head = taken = 0
    while head < count or taken < late.size:
        if head == count or (taken < late.size and steps[taken] <= flat[queue[head]]):
            i = late[taken]
            taken += 1
            if flat[i] <= steps[taken - 1]:
                continue
            flat[i] = steps[taken - 1]
        else:
            i = queue[head]
            head += 1
        d = flat[i] + 1
        for k in range(1, 9):
            n = i + step[k]
            if flat[n] > d:
                flat[n] = d
                queue[count] = n
                count += 1


@kernel
def cross_flats(z, code, cells, low, high):
    """
    Write the direction of each flat cell that has been reached: to a way out beside it, or down the two distances.

    Twice the distance to the way out less the distance from higher ground falls along it. Straight ways are tried first.
    """
    width = z.shape[1]
    step = steps_to(width)
    ground, toward, away = z.ravel(), low.ravel(), high.ravel()
    for i in cells:
        if toward[i] >= FAR:
            continue
        here = ground[i]
        way = 0
        if toward[i] == 1:
            for k in STRAIGHT_FIRST:
                n = i + step[k]
                if way == 0 and toward[n] == 0 and ground[n] == here:
                    way = k
        else:
            best = np.int64(2) * FAR
            for k in STRAIGHT_FIRST:
                n = i + step[k]
                d = toward[n]
                value = np.int64(2) * d - (away[n] if away[n] < FAR else 0)
                if 0 < d < FAR and value < best:
                    best = value
                    way = k
        code[i // width - 1, i % width - 1] = way


@kernel
def part_flats(code, cells, inner, edge):
    """
    Divide the flat cells of a tile into those of flats off its border and of flats on it; return how many there are of each.

    ``inner`` and ``edge`` need room for all; the codes of those in ``edge`` become 12.
    """
    rows, cols = code.shape
    width = cols + 2
    count = 0
    for i in cells:
        r, c = i // width - 1, i % width - 1
        if r == 0 or r == rows - 1 or c == 0 or c == cols - 1:
            code[r, c] = EDGE
            edge[count] = i
            count += 1
    head = 0
    while head < count:
        r, c = edge[head] // width - 1, edge[head] % width - 1
        head += 1
        for k in range(1, 9):
            y, x = r + ROW[k], c + COL[k]
            if 0 <= y < rows and 0 <= x < cols and FLAT <= code[y, x] < EDGE:
                code[y, x] = EDGE
                edge[count] = (y + 1) * width + x + 1
                count += 1
    left = 0
    for i in cells:
        if code[i // width - 1, i % width - 1] != EDGE:
            inner[left] = i
            left += 1
    return left, count
