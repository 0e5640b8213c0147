"""Compiled loops down the drainage of a grid. Arrays in, arrays out; no files, no units, no checks; cannot fail."""

from __future__ import annotations

import numpy as np

from shuibao.compiling import kernel

OUTLET = np.uint8(9)
NONE = np.int64(-(2**63))  # no sum: missing, or the water met no target

# row and column step of each code 0..9; an outlet (9) drains to itself
ROW_STEP = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1, 0], dtype=np.int64)
COL_STEP = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1, 0], dtype=np.int64)

BLOCK = 256  # side of the blocks in which sources are gone through, cells


@kernel
def count_inflow(direction, state):
    """
    Write 16 times the number of cells that drain into each cell, plus its code; 0 where missing.

    Return the number of land cells, and whether all codes are 0..9 and point at land.
    """
    rows, cols = direction.shape
    land = 0
    wrong = np.uint8(0)
    for r in range(rows):
        here, out = direction[r], state[r]
        if 0 < r < rows - 1:
            wrong |= count_in_row(direction[r - 1], here, direction[r + 1], out)
            wrong |= count_at_edge(direction, r, 0, out) | count_at_edge(direction, r, cols - 1, out)
        else:
            for c in range(cols):
                wrong |= count_at_edge(direction, r, c, out)
        for c in range(cols):
            land += here[c] != 0
    return land, wrong == 0


@kernel
def count_in_row(above, here, below, out):
    """
    Write what :func:`count_inflow` does for a row but its ends, and return 1 if a code is wrong, else 0.

    The types are narrow and nothing branches, so that many cells are counted at a time.
    """
    for c in range(1, here.size - 1):
        inflow = (
            np.uint8(here[c - 1] == 1)
            + np.uint8(above[c - 1] == 2)
            + np.uint8(above[c] == 3)
            + np.uint8(above[c + 1] == 4)
            + np.uint8(here[c + 1] == 5)
            + np.uint8(below[c + 1] == 6)
            + np.uint8(below[c] == 7)
            + np.uint8(below[c - 1] == 8)
        )
        out[c] = (here[c] & np.uint8(15)) + np.uint8(16) * inflow
    wrong = np.uint8(0)
    for c in range(1, here.size - 1):
        wrong |= np.uint8(here[c] > OUTLET) | np.uint8((here[c] == 0) & (out[c] != 0))
    return wrong


@kernel
def count_at_edge(direction, r, c, out):
    """Write what :func:`count_inflow` does for one cell of the outer ring, and return 1 if its code is wrong."""
    code = direction[r, c]
    inflow = 0
    for k in range(1, 9):
        up, left = r - ROW_STEP[k], c - COL_STEP[k]
        if inside(direction, up, left) and direction[up, left] == k:
            inflow += 1
    out[c] = (code & 15) + 16 * inflow
    if code > OUTLET or (code == 0 and inflow > 0):
        return np.uint8(1)
    return np.uint8(not inside(direction, r + ROW_STEP[code], c + COL_STEP[code]))


@kernel
def inside(direction, r, c):
    """Return whether a cell lies in the grid."""
    return 0 <= r < direction.shape[0] and 0 <= c < direction.shape[1]


@kernel
def first_wrong(direction):
    """Return the first cell whose code is above 9, or points outside the grid or at a missing cell; -1 if none."""
    rows, cols = direction.shape
    for r in range(rows):
        for c in range(cols):
            code = direction[r, c]
            if code > OUTLET:
                return r * cols + c
            to_r, to_c = r + ROW_STEP[code], c + COL_STEP[code]
            if not inside(direction, to_r, to_c) or (code != 0 and direction[to_r, to_c] == 0):
                return r * cols + c
    return -1


@kernel
def trace_order(state, cols, step, order):
    """
    Write every land cell before the cell it drains to, and return how many were written.

    From each source the water is followed down to the first cell that still waits for other inflow. The grid is gone
    through in blocks, so that what is touched stays near; in each, four ways are followed by turns, which keeps the
    processor from waiting for one. ``state`` is as :func:`count_inflow` leaves it, one-dimensional; a cell that is
    written becomes 0, so that those left are the cells of circles.
    """
    rows = state.size // cols
    sources = np.empty(min(BLOCK, rows) * min(BLOCK, cols), order.dtype)
    done = 0
    for top in range(0, rows, BLOCK):
        for left in range(0, cols, BLOCK):
            found = find_sources(state, cols, top, min(rows, top + BLOCK), left, min(cols, left + BLOCK), sources)
            taken = 0
            if found > 4:
                a, b, c, d = sources[0], sources[1], sources[2], sources[3]
                taken = 4
                while taken + 4 <= found:
                    a, ended = advance(state, step, order, done, a, sources[taken])
                    taken += ended
                    b, ended = advance(state, step, order, done + 1, b, sources[taken])
                    taken += ended
                    c, ended = advance(state, step, order, done + 2, c, sources[taken])
                    taken += ended
                    d, ended = advance(state, step, order, done + 3, d, sources[taken])
                    taken += ended
                    done += 4
                for cell in (a, b, c, d):
                    done = follow(state, step, order, done, cell)
            for i in range(taken, found):
                done = follow(state, step, order, done, sources[i])
    return done


@kernel
def find_sources(state, cols, top, bottom, left, right, sources):
    """Write the cells of a block into which none drains, and return how many there are."""
    found = 0
    for r in range(top, bottom):
        for cell in range(r * cols + left, r * cols + right):
            sources[found] = cell  # overwritten by the next unless it counts
            found += (state[cell] != 0) & (state[cell] < 16)
    return found


@kernel
def advance(state, step, order, done, cell, source):
    """Write a cell; return the one below, or the source if that waits for other inflow or is none, and 1 if so."""
    below = cell + step[state[cell]]
    waits = (np.int64(state[below]) - 16) & 255  # the outlet itself: 9 - 16 is above 15 too
    state[below] = waits
    state[cell] = 0
    order[done] = cell
    ended = np.int64(waits >= 16)
    return below ^ ((below ^ source) & -ended), ended  # no branch: which it is cannot be foreseen


@kernel
def follow(state, step, order, done, cell):
    """Write the cells from one down to the first that waits for other inflow; return how many are written by now."""
    ended = 0
    while not ended:
        cell, ended = advance(state, step, order, done, cell, cell)
        done += 1
    return done


@kernel
def receivers(direction, step, receiver):
    """Write the flat index of the cell each cell drains to: its own at an outlet, -1 where missing."""
    for cell in range(direction.size):
        code = direction[cell]
        receiver[cell] = -1 if code == 0 else cell + step[code]


@kernel
def count_upstream(direction, step, order, total):
    """Write how many cells drain through each, itself included; 0 where missing."""
    for cell in range(direction.size):
        total[cell] = direction[cell] != 0
    add_downstream(direction, step, order, total)


@kernel
def add_downstream(direction, step, order, total):
    """Add to each cell what all cells above it hold."""
    for cell in order:
        code = direction[cell]
        total[cell + step[code]] += total[cell] * (code != OUTLET)  # an outlet adds nothing to itself; no branch


@kernel
def longest_downstream(direction, step, length, order, longest):
    """Write the length of the longest way that ends in each cell; NaN where missing."""
    for cell in range(direction.size):
        longest[cell] = np.nan if direction[cell] == 0 else 0.0
    for cell in order:
        code = direction[cell]
        below = cell + step[code]
        reached = longest[cell] + length[code]
        if reached > longest[below]:  # an outlet reaches itself, no farther
            longest[below] = reached


@kernel
def length_upward(direction, step, length, order, target, at_outlet, total):
    """
    Write the length of the way from each cell down to the first target; NaN where missing.

    ``at_outlet`` is the length at an outlet that is no target: 0, or NaN where the water has met no target.
    """
    total[:] = np.nan
    for position in range(order.size - 1, -1, -1):
        cell = order[position]
        code = direction[cell]
        if target[cell]:
            total[cell] = 0.0
        elif code == OUTLET:
            total[cell] = at_outlet
        else:
            total[cell] = length[code] + total[cell + step[code]]


@kernel
def sum_upward(direction, step, order, target, total):
    """
    Replace what each cell holds by the sum over the cells from it down to the first target, which is left out.

    ``NONE`` where the water leaves the land without having met a target.
    """
    for position in range(order.size - 1, -1, -1):
        cell = order[position]
        code = direction[cell]
        if target[cell]:
            total[cell] = 0
        elif code == OUTLET:
            total[cell] = NONE
        else:
            below = total[cell + step[code]]
            total[cell] = NONE if below == NONE else below + total[cell]


@kernel
def carry_upward(direction, step, order, target, values, carried):
    """Write the value of the first target on the way down from each cell; NaN where the water meets none."""
    carried[:] = np.nan
    for position in range(order.size - 1, -1, -1):
        cell = order[position]
        code = direction[cell]
        if target[cell]:
            carried[cell] = values[cell]
        elif code != OUTLET:
            carried[cell] = carried[cell + step[code]]


@kernel
def label_upward(direction, step, order, label):
    """Give every cell without a label that of the cell it drains to."""
    for position in range(order.size - 1, -1, -1):
        cell = order[position]
        if label[cell] == 0:
            label[cell] = label[cell + step[direction[cell]]]


@kernel
def look_up(direction, values, out):
    """Write the value that belongs to the code of each cell."""
    for cell in range(direction.size):
        out[cell] = values[direction[cell]]


@kernel
def largest_on_land(direction, load):
    """Return the largest absolute load on land."""
    largest = 0.0
    for cell in range(direction.size):
        if direction[cell] != 0:
            largest = max(largest, abs(np.float64(load[cell])))
    return largest


@kernel
def sum_on_land(direction, load):
    """Return the sum of the absolute loads on land."""
    together = 0.0
    for cell in range(direction.size):
        if direction[cell] != 0:
            together += abs(np.float64(load[cell]))
    return together


@kernel
def put_on_land(direction, load, total):
    """Write the loads of land cells, 0 where missing."""
    for cell in range(direction.size):
        total[cell] = 0 if direction[cell] == 0 else load[cell]


@kernel
def quantize(direction, load, per_unit, total):
    """Write the loads of land cells in whole steps, to the nearest, ties to even; ``NONE`` where missing."""
    for cell in range(direction.size):
        total[cell] = NONE if direction[cell] == 0 else np.int64(np.rint(load[cell] * per_unit))


@kernel
def restore(total, step_size, out):
    """Write whole steps as numbers, ``NONE`` as NaN; ``out`` may be the memory of ``total`` itself."""
    for cell in range(total.size):
        out[cell] = np.nan if total[cell] == NONE else total[cell] * step_size


@kernel
def nearest_target(target, area, row, col, reach_rows, reach_cols, width, height):
    """
    Return the nearest target within so many rows and columns, and the square of its distance; -1 if there is none.

    Of targets equally near the one with the larger area is taken, then the first row by row.
    """
    rows, cols = target.shape
    best = np.int64(-1)
    least = np.inf
    for r in range(max(0, row - reach_rows), min(rows, row + reach_rows + 1)):
        for c in range(max(0, col - reach_cols), min(cols, col + reach_cols + 1)):
            if target[r, c]:
                square = (height * (r - row)) ** 2 + (width * (c - col)) ** 2
                if square < least or (square == least and area[r, c] > area[best // cols, best % cols]):
                    best = r * cols + c
                    least = square
    return best, least


@kernel
def first_target_below(direction, step, length, target, cell):
    """Return the first target on the way down from a cell (-1 if none) and the length of the way."""
    gone = 0.0
    while not target[cell]:
        code = direction[cell]
        if code == OUTLET:
            return np.int64(-1), gone
        gone += length[code]
        cell += step[code]
    return np.int64(cell), gone
