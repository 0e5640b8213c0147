"""
Compiled loops on one tile of D8 codes whose water may leave it. Arrays in, arrays out; no files, no checks; cannot fail.

Codes are 0 missing, 1..8 clockwise from east, 9 outlet. A code that points out of the tile is where water goes on elsewhere.
"""

from __future__ import annotations

import numpy as np

from shuibao.compiling import kernel
from shuibao.watershed._kernels import COL_STEP as COL
from shuibao.watershed._kernels import ROW_STEP as ROW
from shuibao.watershed._partition_kernels import on_the_right, opposite

OUTLET = 9
UNKNOWN, ENDS = -2, -1
CACHED = 1024
"""Slots in which pairs that touch are counted before they are listed (a power of two)."""


@kernel
def leaving(r, c, code, rows, cols):
    """Tell whether water leaves the tile at a cell, over its border or off the land."""
    if code == OUTLET:
        return True
    y, x = r + ROW[code], c + COL[code]
    return y < 0 or y >= rows or x < 0 or x >= cols


@kernel
def gather(code, waiting, total):
    """
    Add to each cell of ``total`` what all cells above it in the tile hold.

    ``waiting`` is work space, one byte a cell. Missing cells are left alone.
    """
    rows, cols = code.shape
    for r in range(rows):
        for c in range(cols):
            waiting[r, c] = 0
    for r in range(rows):
        for c in range(cols):
            k = code[r, c]
            if k != 0 and not leaving(r, c, k, rows, cols):
                waiting[r + ROW[k], c + COL[k]] += np.uint8(1)
    for r in range(rows):
        for c in range(cols):
            if code[r, c] == 0 or waiting[r, c] != 0:
                continue
            y, x = r, c
            amount = total[y, x]
            waiting[y, x] = 255
            while True:
                k = code[y, x]
                if leaving(y, x, k, rows, cols):
                    break
                y += ROW[k]
                x += COL[k]
                total[y, x] += amount
                waiting[y, x] -= np.uint8(1)
                if waiting[y, x] != 0:
                    break
                amount = total[y, x]
                waiting[y, x] = 255


@kernel
def find_exits(code, border, exits):
    """
    Write, for each land cell on the border (flat places in the tile), the cell at which its water leaves the tile.

    -1 where it leaves the land inside the tile.
    """
    rows, cols = code.shape
    known = np.full(rows * cols, np.int32(UNKNOWN))
    for at in range(border.size):
        r, c = border[at] // cols, border[at] % cols
        found = np.int32(UNKNOWN)
        while found == UNKNOWN:
            found = known[r * cols + c]
            if found != UNKNOWN:
                break
            k = code[r, c]
            if k == OUTLET:
                found = np.int32(ENDS)
            elif leaving(r, c, k, rows, cols):
                found = np.int32(r * cols + c)
            else:
                r += ROW[k]
                c += COL[k]
        exits[at] = found
        r, c = border[at] // cols, border[at] % cols
        while known[r * cols + c] == UNKNOWN:
            known[r * cols + c] = found
            k = code[r, c]
            if leaving(r, c, k, rows, cols):
                break
            r += ROW[k]
            c += COL[k]


@kernel
def add_down(down, amount):
    """Add to each of some places what all above it hold; ``down`` is the next place, -1 where it ends."""
    waiting = np.zeros(down.size, np.int32)
    for i in range(down.size):
        if down[i] >= 0:
            waiting[down[i]] += 1
    for i in range(down.size):
        if waiting[i] != 0:
            continue
        at = i
        waiting[at] = -1
        while down[at] >= 0:
            amount[down[at]] += amount[at]
            at = down[at]
            waiting[at] -= 1
            if waiting[at] != 0:
                break
            waiting[at] = -1


@kernel
def hand_up(down, label):
    """Give each of some places the label of the first place below that has one (above 0)."""
    for i in range(down.size):
        at = i
        while label[at] == 0 and down[at] >= 0:
            at = down[at]
        found = label[at]
        at = i
        while label[at] == 0 and down[at] >= 0:
            label[at] = found
            at = down[at]


@kernel
def piece_at(seed, code, came, left, right, upstream):
    """Return the piece that water takes which enters a seed cell of this code, having flowed along ``came``."""
    if on_the_right(opposite(np.int64(came)), np.int64(upstream[seed]), np.int64(code)):
        return right[seed]
    return left[seed]


@kernel
def paint_tile(code, seed, around, left, right, upstream, label, border_only, border):
    """
    Write the piece of each land cell of a tile: that through which its water first meets a seed.

    ``code``, ``seed`` (its position in the tables, -1 elsewhere) and ``label`` have a ring of one cell; the ring of
    ``label`` is ``around``: the piece of the cells there, or 0 where that is not known yet. If ``border_only``, only the
    cells in ``border`` (flat places with the ring) are followed; where their water leaves the tile for a cell that is
    not known, -place - 1 of the last cell inside is written.
    """
    rows, cols = code.shape
    many = border.size if border_only else (rows - 2) * (cols - 2)
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            label[r, c] = 0
    for at in range(many):
        start = border[at] if border_only else (at // (cols - 2) + 1) * cols + at % (cols - 2) + 1
        r, c = start // cols, start % cols
        if code[r, c] == 0 or label[r, c] != 0:
            continue
        found = 0
        while found == 0:
            k = code[r, c]
            if seed[r, c] >= 0:
                found = left[seed[r, c]]
                break
            y, x = r + ROW[k], c + COL[k]
            if seed[y, x] >= 0:
                found = piece_at(seed[y, x], code[y, x], k, left, right, upstream)
            elif y == 0 or y == rows - 1 or x == 0 or x == cols - 1:
                found = around[y, x] if around[y, x] != 0 else -(r * cols + c) - 1
            else:
                found = label[y, x]
                r, c = y, x
        r, c = start // cols, start % cols
        while label[r, c] == 0:
            label[r, c] = found
            k = code[r, c]
            if seed[r, c] >= 0:
                break
            y, x = r + ROW[k], c + COL[k]
            if seed[y, x] >= 0 or y == 0 or y == rows - 1 or x == 0 or x == cols - 1:
                break
            r, c = y, x


@kernel
def place_seeds(seed, positions, rows_at, cols_at):
    """Write the position of each seed at its cell."""
    for i in range(positions.size):
        seed[rows_at[i], cols_at[i]] = positions[i]


@kernel
def renumber(labels, table, out):
    """Write the table's entry of each label."""
    rows, cols = labels.shape
    for r in range(rows):
        for c in range(cols):
            out[r, c] = table[labels[r, c]]


@kernel
def list_touching(label, pairs):
    """
    List pairs of labels above 0 that touch in a tile with a ring, with their common sides; return how many are listed.

    Each cell of the tile is held against those east, south-west, south and south-east of it. The same pair may be listed again.
    ``pairs`` needs room for four times the cells along every edge of labels, which :func:`count_touching` tells.
    """
    rows, cols = label.shape
    keys = np.full(CACHED, np.int64(-1))
    sides = np.zeros(CACHED, np.int64)
    count = 0
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            a = np.int64(label[r, c])
            if a <= 0:
                continue
            for k in range(1, 5):
                b = np.int64(label[r + ROW[k], c + COL[k]])
                if b == a or b <= 0:
                    continue
                key = (min(a, b) << 32) | max(a, b)
                slot = (((key >> 32) * 73856093 ^ (key & 0xFFFFFFFF) * 19349663) >> 5) & (CACHED - 1)
                if keys[slot] != key:
                    if keys[slot] >= 0:
                        pairs[count, 0], pairs[count, 1], pairs[count, 2] = (
                            keys[slot] >> 32,
                            keys[slot] & 0xFFFFFFFF,
                            sides[slot],
                        )
                        count += 1
                    keys[slot], sides[slot] = key, 0
                sides[slot] += k == 1 or k == 3
    for slot in range(CACHED):
        if keys[slot] >= 0:
            pairs[count, 0], pairs[count, 1], pairs[count, 2] = keys[slot] >> 32, keys[slot] & 0xFFFFFFFF, sides[slot]
            count += 1
    return count


@kernel
def count_touching(label):
    """Return how many neighbours of the cells of a tile with a ring have another label above 0."""
    rows, cols = label.shape
    count = 0
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            a = label[r, c]
            for k in range(1, 5):
                b = label[r + ROW[k], c + COL[k]]
                count += a > 0 and b > 0 and a != b
    return count
