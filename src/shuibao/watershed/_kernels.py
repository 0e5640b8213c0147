"""Compiled loops down the drainage of a grid. Arrays in, arrays out; no files, no units, no checks; cannot fail."""

from __future__ import annotations

import numpy as np
from numba import njit

OUTLET = np.uint8(9)
NONE = np.int64(-(2**63))  # no sum: missing, or the water met no target

# row and column step of each code 0..9; an outlet (9) drains to itself
ROW_STEP = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1, 0], dtype=np.int64)
COL_STEP = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1, 0], dtype=np.int64)


@njit(cache=True, nogil=True)
def count_inflow(direction, state):
    """
    Write 16 times the number of cells that drain into each cell, plus its code; 0 where missing.

    Return the number of land cells, and the first cell whose code is above 9 or points outside or at a missing
    cell (-1 if none).
    """
    rows, cols = direction.shape
    state[:] = 0
    land = 0
    for r in range(rows):
        for c in range(cols):
            code = direction[r, c]
            if code == 0:
                continue
            land += 1
            if code >= OUTLET:
                if code > OUTLET:
                    return land, r * cols + c
                state[r, c] += code
                continue
            to_r = r + ROW_STEP[code]
            to_c = c + COL_STEP[code]
            if to_r < 0 or to_r >= rows or to_c < 0 or to_c >= cols:
                return land, r * cols + c
            if direction[to_r, to_c] == 0:
                return land, r * cols + c
            state[r, c] += code
            state[to_r, to_c] += np.uint8(16)
    return land, np.int64(-1)


@njit(cache=True, nogil=True)
def trace_order(state, step, order):
    """
    Write every land cell before the cell it drains to, and return how many were written.

    From each source in turn, row by row, the water is followed down to the first cell that still waits for other
    inflow. ``state`` is as :func:`count_inflow` leaves it, one-dimensional; a cell that is written becomes 0, so
    that those left are the cells of cycles.
    """
    done = 0
    for source in range(state.size):
        code = state[source]
        if code == 0 or code >= 16:
            continue
        cell = source
        while True:
            state[cell] = 0
            order[done] = cell
            done += 1
            if code == OUTLET:
                break
            cell += step[code]
            code = state[cell] - np.uint8(16)
            if code >= 16:
                state[cell] = code
                break
    return done


@njit(cache=True, nogil=True)
def receivers(direction, step, receiver):
    """Write the flat index of the cell each cell drains to: its own at an outlet, -1 where missing."""
    for cell in range(direction.size):
        code = direction[cell]
        receiver[cell] = -1 if code == 0 else cell + step[code]


@njit(cache=True, nogil=True)
def count_upstream(direction, step, order, total):
    """Write how many cells drain through each, itself included; 0 where missing."""
    for cell in range(direction.size):
        total[cell] = direction[cell] != 0
    add_downstream(direction, step, order, total)


@njit(cache=True, nogil=True)
def add_downstream(direction, step, order, total):
    """Add to each cell what all cells above it hold."""
    for cell in order:
        code = direction[cell]
        if code != OUTLET:
            total[cell + step[code]] += total[cell]


@njit(cache=True, nogil=True)
def longest_downstream(direction, step, length, order, longest):
    """Write the length of the longest way that ends in each cell, in whole steps; ``NONE`` where missing."""
    for cell in range(direction.size):
        longest[cell] = NONE if direction[cell] == 0 else 0
    for cell in order:
        code = direction[cell]
        if code != OUTLET:
            below = cell + step[code]
            longest[below] = max(longest[below], longest[cell] + length[code])


@njit(cache=True, nogil=True)
def sum_upward(direction, step, order, target, at_outlet, total):
    """
    Replace what each cell holds by the sum over the cells from it down to the first target, which is left out.

    ``at_outlet`` is the sum at an outlet that is no target: 0, or ``NONE`` where the water has met no target.
    """
    for position in range(order.size - 1, -1, -1):
        cell = order[position]
        code = direction[cell]
        if target[cell]:
            total[cell] = 0
        elif code == OUTLET:
            total[cell] = at_outlet
        else:
            below = total[cell + step[code]]
            total[cell] = NONE if below == NONE else below + total[cell]


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def label_upward(direction, step, order, label):
    """Give every cell without a label that of the cell it drains to."""
    for position in range(order.size - 1, -1, -1):
        cell = order[position]
        if label[cell] == 0:
            label[cell] = label[cell + step[direction[cell]]]


@njit(cache=True, nogil=True)
def look_up(direction, values, out):
    """Write the value that belongs to the code of each cell."""
    for cell in range(direction.size):
        out[cell] = values[direction[cell]]


@njit(cache=True, nogil=True)
def size_up(direction, load):
    """Return the largest absolute load on land, and the sum of the absolute loads."""
    largest = 0.0
    together = 0.0
    for cell in range(direction.size):
        if direction[cell] != 0:
            amount = abs(np.float64(load[cell]))
            largest = max(largest, amount)
            together += amount
    return largest, together


@njit(cache=True, nogil=True)
def put_on_land(direction, load, total):
    """Write the loads of land cells, 0 where missing."""
    for cell in range(direction.size):
        total[cell] = 0 if direction[cell] == 0 else load[cell]


@njit(cache=True, nogil=True)
def quantize(direction, load, per_unit, total):
    """Write the loads of land cells in whole steps, to the nearest, ties to even; ``NONE`` where missing."""
    for cell in range(direction.size):
        total[cell] = NONE if direction[cell] == 0 else np.int64(np.rint(load[cell] * per_unit))


@njit(cache=True, nogil=True)
def restore(total, step_size, out):
    """Write whole steps as numbers, ``NONE`` as NaN; ``out`` may be the memory of ``total`` itself."""
    for cell in range(total.size):
        out[cell] = np.nan if total[cell] == NONE else total[cell] * step_size


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def first_target_below(direction, step, length, target, cell):
    """Return the first target on the way down from a cell (-1 if none) and the length of the way, in whole steps."""
    gone = np.int64(0)
    while not target[cell]:
        code = direction[cell]
        if code == OUTLET:
            return np.int64(-1), gone
        gone += length[code]
        cell += step[code]
    return np.int64(cell), gone
