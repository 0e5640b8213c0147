"""Compiled loops down the drainage of a grid. Arrays in, arrays out; no files, no units, no checks; cannot fail."""

from __future__ import annotations

import numpy as np
from numba import njit

OUTLET = np.uint8(9)

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
