"""
Compiled loops that cut the corners of arcs without crossing or touching any. No files, no checks.

All corners are whole numbers, multiples of ``parts``, into which a straight is divided: so a cut lies on its border
exactly. A cut takes a quarter of the straight, or a half of that, and so on down to one part.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel

Ints = NDArray[Any]

FIXED, OPEN, CLOSED = 0, 1, 2
"""What may move of an arc: nothing; all but its ends; all."""


@kernel
def _side(a_row: Any, a_col: Any, b_row: Any, b_col: Any, row: Any, col: Any) -> Any:
    """Return twice the area of the triangle of three places: its sign is the side on which the third lies."""
    return (b_col - a_col) * (row - a_row) - (b_row - a_row) * (col - a_col)


@kernel
def _near(p_row: Any, p_col: Any, q_row: Any, q_col: Any, row: Any, col: Any, most: float) -> bool:
    """Return whether a place is within a distance, its square ``most``, of the straight from p to q."""
    down, right = float(q_row - p_row), float(q_col - p_col)
    to_down, to_right = float(row - p_row), float(col - p_col)
    length = down * down + right * right
    along = to_down * down + to_right * right
    if along <= 0.0:
        return to_down * to_down + to_right * to_right <= most
    if along >= length:
        return (to_down - down) ** 2 + (to_right - right) ** 2 <= most
    across = right * to_down - down * to_right
    return across * across <= most * length


@kernel
def _empty(
    corners: Ints,
    b: int,
    p_row: Any,
    p_col: Any,
    q_row: Any,
    q_col: Any,
    low: Ints,
    size: int,
    start: Ints,
    items: Ints,
) -> bool:
    """Return whether no corner but ``b`` lies in the triangle of p, b and q or on its edge."""
    b_row, b_col = np.int64(corners[b, 0]), np.int64(corners[b, 1])
    turn = 1 if _side(p_row, p_col, b_row, b_col, q_row, q_col) > 0 else -1
    top, bottom = min(p_row, b_row, q_row), max(p_row, b_row, q_row)
    west, east = min(p_col, b_col, q_col), max(p_col, b_col, q_col)
    first, last = (west - low[1]) // size, (east - low[1]) // size
    for i in range((top - low[0]) // size, (bottom - low[0]) // size + 1):
        for at in range(start[i, first], start[i, last + 1]):
            k = items[at]
            row, col = np.int64(corners[k, 0]), np.int64(corners[k, 1])
            if (row == b_row and col == b_col) or row < top or row > bottom or col < west or col > east:
                continue
            if (
                _side(p_row, p_col, b_row, b_col, row, col) * turn >= 0
                and _side(b_row, b_col, q_row, q_col, row, col) * turn >= 0
                and _side(q_row, q_col, p_row, p_col, row, col) * turn >= 0
            ):
                return False
    return True


@kernel
def _cut_of(
    corners: Ints, a: int, b: int, c: int, parts: int, most: float, low: Ints, size: int, start: Ints, items: Ints
) -> int:
    """Return how many parts to cut before and behind a corner, ``parts`` times the one and the other; 0 for none."""
    row, col = np.int64(corners[b, 0]), np.int64(corners[b, 1])
    back_row, back_col = (np.int64(corners[a, 0]) - row) // parts, (np.int64(corners[a, 1]) - col) // parts
    on_row, on_col = (np.int64(corners[c, 0]) - row) // parts, (np.int64(corners[c, 1]) - col) // parts
    if back_row * on_col == back_col * on_row:
        return 0
    before, behind = parts // 4, parts // 4
    while True:
        p_row, p_col = row + before * back_row, col + before * back_col
        q_row, q_col = row + behind * on_row, col + behind * on_col
        if _near(p_row, p_col, q_row, q_col, row, col, most) and _empty(
            corners, b, p_row, p_col, q_row, q_col, low, size, start, items
        ):
            return before * parts + behind
        if before == 1 and behind == 1:
            return 0
        back = before * before * (back_row * back_row + back_col * back_col)
        on = behind * behind * (on_row * on_row + on_col * on_col)
        if behind == 1 or (before > 1 and back >= on):
            before //= 2
        else:
            behind //= 2


@kernel
def plan_cuts(
    corners: Ints, end: Ints, may: Ints, first: int, behind: int, parts: int, most: float,
    low: Ints, size: int, start: Ints, items: Ints, cuts: Ints,
) -> None:  # fmt: skip
    """
    Write how each corner of the arcs from ``first`` to ``behind`` is cut, 0 for not at all.

    ``may`` is one of FIXED, OPEN, CLOSED for each arc. Each cut is judged by the corners as they are, so that the order
    does not matter: triangles without a corner inside cannot meet each other.
    """
    begin = end[first - 1] if first > 0 else 0
    for arc in range(first, behind):
        last = end[arc] - 1
        for k in range(begin, last + 1):
            cuts[k] = 0
            if may[arc] == FIXED or k == last or (k == begin and may[arc] == OPEN):
                continue
            before = k - 1 if k > begin else last - 1
            cuts[k] = _cut_of(corners, before, k, k + 1, parts, most, low, size, start, items)
        begin = last + 1


@kernel
def _write(corners: Ints, b: int, other: int, parts: int, some: int, out: Ints, count: int) -> int:
    """Write the place some parts of the way from a corner to another; return the new count."""
    for axis in range(2):
        out[count, axis] = corners[b, axis] + some * ((corners[other, axis] - corners[b, axis]) // parts)
    return count + 1


@kernel
def write_cuts(corners: Ints, end: Ints, parts: int, cuts: Ints, out: Ints, out_end: Ints) -> None:
    """Write the arcs with their corners cut. A closed arc whose first corner is cut begins and ends behind the cut."""
    count = 0
    begin = 0
    for arc in range(end.size):
        last = end[arc] - 1
        for k in range(begin, last + 1):
            source = begin if k == last and cuts[begin] > 0 else k
            cut = cuts[source]
            if cut == 0:
                out[count, 0], out[count, 1] = corners[k, 0], corners[k, 1]
                count += 1
                continue
            if k > begin:
                count = _write(corners, k, k - 1, parts, cut // parts, out, count)
            count = _write(corners, k, source + 1, parts, cut % parts, out, count)
        out_end[arc] = count
        begin = last + 1
