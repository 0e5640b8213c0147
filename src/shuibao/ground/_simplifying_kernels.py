"""
Compiled loops that leave corners out of arcs without moving, crossing or touching any. No files, no checks.

All corners are whole numbers, so that on which side of a line a corner lies is known exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel

Ints = NDArray[Any]


@kernel
def sort_into_buckets(corners: Ints, low: Ints, size: int, start: Ints, items: Ints) -> None:
    """
    Sort corners into squares of ``size`` rows and columns from corner ``low``.

    ``start`` is (rows, cols + 1) of squares, 0 throughout: where the ``items`` of a square begin, and those of the last
    in the row end.
    """
    rows, cols = start.shape[0], start.shape[1] - 1
    for k in range(corners.shape[0]):
        start[(corners[k, 0] - low[0]) // size, (corners[k, 1] - low[1]) // size] += 1
    total = 0
    for i in range(rows):
        for j in range(cols + 1):
            total += start[i, j]
            start[i, j] = total
    for k in range(corners.shape[0] - 1, -1, -1):
        i, j = (corners[k, 0] - low[0]) // size, (corners[k, 1] - low[1]) // size
        start[i, j] -= 1
        items[start[i, j]] = k


@kernel
def _cross(corners: Ints, one: int, other: int, k: int) -> Any:
    """Return twice the area of the triangle of three corners: its sign is the side on which the third lies."""
    down = np.int64(corners[other, 0]) - corners[one, 0]
    right = np.int64(corners[other, 1]) - corners[one, 1]
    return right * (np.int64(corners[k, 0]) - corners[one, 0]) - down * (np.int64(corners[k, 1]) - corners[one, 1])


@kernel
def _near(corners: Ints, one: int, other: int, k: int, most: float) -> bool:
    """Return whether a corner is within a distance, its square ``most``, of the straight between two others."""
    down = float(corners[other, 0] - corners[one, 0])
    right = float(corners[other, 1] - corners[one, 1])
    to_down = float(corners[k, 0] - corners[one, 0])
    to_right = float(corners[k, 1] - corners[one, 1])
    length = down * down + right * right
    along = to_down * down + to_right * right
    if along <= 0.0:
        return to_down * to_down + to_right * to_right <= most
    if along >= length:
        return (to_down - down) ** 2 + (to_right - right) ** 2 <= most
    across = right * to_down - down * to_right
    return across * across <= most * length


@kernel
def _same(corners: Ints, one: int, other: int) -> bool:
    """Return whether two corners are at one place."""
    return corners[one, 0] == corners[other, 0] and corners[one, 1] == corners[other, 1]


@kernel
def _empty(corners: Ints, a: int, b: int, c: int, low: Ints, size: int, start: Ints, items: Ints, keep: Ints) -> bool:
    """Return whether no corner that is kept lies in the triangle of three corners or on its edge, but for these."""
    area = _cross(corners, a, b, c)
    turn = 1 if area > 0 else -1
    top = min(corners[a, 0], corners[b, 0], corners[c, 0])
    bottom = max(corners[a, 0], corners[b, 0], corners[c, 0])
    west = min(corners[a, 1], corners[b, 1], corners[c, 1])
    east = max(corners[a, 1], corners[b, 1], corners[c, 1])
    first, last = (west - low[1]) // size, (east - low[1]) // size
    for i in range((top - low[0]) // size, (bottom - low[0]) // size + 1):
        for at in range(start[i, first], start[i, last + 1]):
            k = items[at]
            row, col = corners[k, 0], corners[k, 1]
            if keep[k] == 0 or row < top or row > bottom or col < west or col > east:
                continue
            if k == b or _same(corners, k, a) or _same(corners, k, c):
                continue
            if (
                _cross(corners, a, b, k) * turn >= 0
                and _cross(corners, b, c, k) * turn >= 0
                and _cross(corners, c, a, k) * turn >= 0
            ):
                return False
    return True


@kernel
def _before(heap: Ints, one: int, other: int) -> bool:
    """Return whether one entry of a heap comes before another: the smaller triangle, then the earlier corner."""
    if heap[one, 0] != heap[other, 0]:
        return heap[one, 0] < heap[other, 0]
    return heap[one, 1] < heap[other, 1]


@kernel
def _swap(heap: Ints, one: int, other: int) -> None:
    """Exchange two entries of a heap."""
    for column in range(2):
        held = heap[one, column]
        heap[one, column] = heap[other, column]
        heap[other, column] = held


@kernel
def _push(heap: Ints, count: int, area: Any, k: int) -> int:
    """Put a triangle and its corner onto a heap; return the new count."""
    heap[count, 0] = area
    heap[count, 1] = k
    at = count
    while at > 0 and _before(heap, at, (at - 1) // 2):
        _swap(heap, at, (at - 1) // 2)
        at = (at - 1) // 2
    return count + 1


@kernel
def _pop(heap: Ints, count: int) -> int:
    """Move the first entry of a heap behind its end; return the new count, where that entry now is."""
    count -= 1
    _swap(heap, 0, count)
    at = 0
    while 2 * at + 1 < count:
        child = 2 * at + 1
        if child + 1 < count and _before(heap, child + 1, child):
            child += 1
        if not _before(heap, child, at):
            break
        _swap(heap, child, at)
        at = child
    return count


@kernel
def _weigh(corners: Ints, begin: int, last: int, k: int, links: Ints, heap: Ints, count: int) -> int:
    """Measure the triangle of a corner within an arc and put it onto the heap; return the new count."""
    if k == begin or k == last:
        return count
    area = abs(_cross(corners, links[0, k - begin], k, links[1, k - begin]))
    links[2, k - begin] = area
    return _push(heap, count, area, k)


@kernel
def _may_go(
    corners: Ints, before: int, k: int, behind: int, most: float,
    low: Ints, size: int, start: Ints, items: Ints, keep: Ints,
) -> bool:  # fmt: skip
    """Return whether a corner may be left out between two others of its arc."""
    for passed in range(before + 1, behind):
        if not _near(corners, before, behind, passed, most):
            return False
    return _empty(corners, before, k, behind, low, size, start, items, keep)


@kernel
def simplify_arcs(
    corners: Ints, end: Ints, group: Ints, straight: Ints, fixed: Ints, most: float,
    low: Ints, size: int, start: Ints, items: Ints, keep: Ints, links: Ints, heap: Ints,
) -> None:  # fmt: skip
    """
    Clear ``keep`` of the corners that are left out, arc by arc.

    ``group`` is the pair of nodes that an arc joins, ``straight`` how many arcs of a pair are one straight: there may
    be no two. ``fixed`` is 1 for arcs that stay. ``most`` is the square of the tolerance, cells; ``links`` is
    (3, longest arc): the corner before, the corner behind, and the triangle; ``heap`` is (3 longest arcs, 2).
    """
    begin = 0
    for arc in range(end.size):
        last = end[arc] - 1
        left = end[arc] - begin
        fewest = 4 if _same(corners, begin, last) else (3 if straight[group[arc]] > 0 else 2)
        count = 0
        if left > fewest and fixed[arc] == 0:
            for k in range(begin, last + 1):
                links[0, k - begin] = k - 1
                links[1, k - begin] = k + 1
            for k in range(begin + 1, last):
                count = _weigh(corners, begin, last, k, links, heap, count)
        while count > 0 and left > fewest:
            count = _pop(heap, count)
            k = heap[count, 1]
            if keep[k] == 0 or heap[count, 0] != links[2, k - begin]:
                continue
            before, behind = links[0, k - begin], links[1, k - begin]
            links[2, k - begin] = -1
            if _may_go(corners, before, k, behind, most, low, size, start, items, keep):
                keep[k] = 0
                left -= 1
                links[1, before - begin] = behind
                links[0, behind - begin] = before
                count = _weigh(corners, begin, last, before, links, heap, count)
                count = _weigh(corners, begin, last, behind, links, heap, count)
        if left == 2 and last - begin > 1:
            straight[group[arc]] += 1
        begin = last + 1
