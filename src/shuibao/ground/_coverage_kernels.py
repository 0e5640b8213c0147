"""
Compiled loops that trace the borders between labels in a tile and chain them over all tiles. No files, no checks.

Corner (row, column) is the upper left corner of that cell. Directions run clockwise on a map with north up: 0 east,
1 south, 2 west, 3 north. A mark of a corner holds 1 if a border of the tile leaves it eastward, 2 if southward, and 4
if a chain of the tile must begin or end there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel

Ints = NDArray[Any]

EAST, SOUTH, WEST, NORTH = 0, 1, 2, 3


@kernel
def mark_corners(labels: Ints, marks: Ints, used: Ints) -> Any:
    """
    Mark the corners of a tile by the borders that leave them; return how many turn, and how many ends chains have.

    ``labels`` has a halo of one cell. A border belongs to the cell south or east of it, or, where that is 0, to the
    other: each border belongs to one tile, and outside the region nobody needs to look. ``used`` is 1 for rows of
    corners with a mark. ``marks`` is (rows + 1, cols + 1) and written throughout.
    """
    rows, cols = marks.shape[0] - 1, marks.shape[1] - 1
    turns = 0
    ends = 0
    for i in range(rows + 1):
        some = 0
        for j in range(cols + 1):
            nw, ne, sw, se = labels[i, j], labels[i, j + 1], labels[i + 1, j], labels[i + 1, j + 1]
            if nw == ne and nw == sw and nw == se:
                marks[i, j] = 0
                continue
            mark = 0
            if ne != se and j < cols and (i < rows if se != 0 else i > 0):
                mark |= 1
            if sw != se and i < rows and (j < cols if se != 0 else j > 0):
                mark |= 2
            mine = (mark & 1) + (mark >> 1)
            if j > 0:
                mine += int(marks[i, j - 1]) & 1
            if i > 0:
                mine += int(marks[i - 1, j]) >> 1 & 1
            degree = int(ne != se) + int(sw != se) + int(nw != sw) + int(nw != ne)
            if mine > 0 and (degree > 2 or mine != degree):
                mark |= 4
                ends += mine
            elif mine == 2 and (ne != se) != (nw != sw):
                turns += 1
            marks[i, j] = mark
            some |= mark
        used[i] = some
    return turns, ends


@kernel
def _leaves(marks: Ints, i: int, j: int, direction: int) -> bool:
    """Return whether a border of the tile, not yet traced, leaves the corner in that direction."""
    if direction == EAST:
        return (marks[i, j] & 1) != 0
    if direction == SOUTH:
        return (marks[i, j] & 2) != 0
    if direction == WEST:
        return j > 0 and (marks[i, j - 1] & 1) != 0
    return i > 0 and (marks[i - 1, j] & 2) != 0


@kernel
def _sides(labels: Ints, i: int, j: int, direction: int) -> Any:
    """Return the labels on the left and the right hand of one who leaves the corner in that direction."""
    if direction == EAST:
        return labels[i, j + 1], labels[i + 1, j + 1]
    if direction == SOUTH:
        return labels[i + 1, j + 1], labels[i + 1, j]
    if direction == WEST:
        return labels[i + 1, j], labels[i, j]
    return labels[i, j], labels[i, j + 1]


@kernel
def _trace_chain(marks: Ints, i: int, j: int, direction: int, row: int, col: int, corners: Ints, count: int) -> int:
    """Write the corners of the chain that leaves a corner, rub its borders out, and return the new count."""
    corners[count, 0] = row + i
    corners[count, 1] = col + j
    count += 1
    while True:
        if direction == EAST:
            marks[i, j] &= 6
            j += 1
        elif direction == SOUTH:
            marks[i, j] &= 5
            i += 1
        elif direction == WEST:
            j -= 1
            marks[i, j] &= 6
        else:
            i -= 1
            marks[i, j] &= 5
        after = -1
        if marks[i, j] & 4 == 0:
            if _leaves(marks, i, j, direction):
                continue
            if _leaves(marks, i, j, (direction + 3) & 3):
                after = (direction + 3) & 3
            elif _leaves(marks, i, j, (direction + 1) & 3):
                after = (direction + 1) & 3
        corners[count, 0] = row + i
        corners[count, 1] = col + j
        count += 1
        if after < 0:
            return count
        direction = after


@kernel
def trace_tile(
    labels: Ints, marks: Ints, used: Ints, row: int, col: int, corners: Ints, end: Ints, left: Ints, right: Ints
) -> int:
    """
    Write the chains of a tile, the higher label on the left hand; return their count. ``marks`` are used up.

    ``corners`` is (turns + turns // 4 + ends, 2): national row and column. ``end`` is where the corners of a chain
    end. First the chains that begin at a mark of 4, then the closed ones, from their northernmost, westernmost corner.
    """
    chains = 0
    count = 0
    for closed in range(2):
        for i in range(marks.shape[0]):
            if used[i] == 0:
                continue
            for j in range(marks.shape[1]):
                if marks[i, j] == 0 or (closed == 0 and marks[i, j] & 4 == 0):
                    continue
                for direction in range(4):
                    if not _leaves(marks, i, j, direction):
                        continue
                    one, other = _sides(labels, i, j, direction)
                    if one > other:
                        count = _trace_chain(marks, i, j, direction, row, col, corners, count)
                        end[chains] = count
                        left[chains] = one
                        right[chains] = other
                        chains += 1
    return chains


@kernel
def find_heads(corners: Ints, end: Ints, follower: Ints, follows: Ints, done: Ints, chain: Ints, place: Ints) -> int:
    """
    Find where each arc begins: its first chain, and the place of its first corner in ``corners``; return the count.

    ``follower`` is the chain that goes on from each, -1 at a node; ``follows`` is 1 where a chain goes on from another.
    A closed arc without a node begins at its northernmost, then westernmost corner.
    """
    arcs = 0
    for closed in range(2):
        for first in range(end.size):
            if done[first] != 0 or (closed == 0 and follows[first] != 0):
                continue
            best = end[first - 1] if first > 0 else 0
            chain[arcs] = first
            link = first
            while link >= 0 and done[link] == 0:
                done[link] = 1
                if closed == 1:
                    for k in range(end[link - 1] if link > 0 else 0, end[link] - 1):
                        if corners[k, 0] < corners[best, 0] or (
                            corners[k, 0] == corners[best, 0] and corners[k, 1] < corners[best, 1]
                        ):
                            best = k
                            chain[arcs] = link
                link = follower[link]
            place[arcs] = best
            arcs += 1
    return arcs


@kernel
def _append(source: Ints, low: int, high: int, begin: int, corners: Ints, count: int) -> int:
    """Append corners to an arc that began at ``begin``: none twice, none in the middle of a straight."""
    for k in range(low, high):
        row, col = source[k, 0], source[k, 1]
        if count > begin and corners[count - 1, 0] == row and corners[count - 1, 1] == col:
            continue
        if count > begin + 1 and (
            (corners[count - 2, 0] == row and corners[count - 1, 0] == row)
            or (corners[count - 2, 1] == col and corners[count - 1, 1] == col)
        ):
            count -= 1
        corners[count, 0] = row
        corners[count, 1] = col
        count += 1
    return count


@kernel
def write_arcs(source: Ints, end: Ints, follower: Ints, chain: Ints, place: Ints, corners: Ints, arc_end: Ints) -> int:
    """Write the corners of the arcs that begin at ``chain`` and ``place``, one after another; return their count."""
    count = 0
    for arc in range(chain.size):
        begin = count
        count = _append(source, place[arc], end[chain[arc]], begin, corners, count)
        link = follower[chain[arc]]
        while link >= 0 and link != chain[arc]:
            count = _append(source, end[link - 1] if link > 0 else 0, end[link], begin, corners, count)
            link = follower[link]
        if link >= 0:
            low = end[link - 1] if link > 0 else 0
            count = _append(source, low, place[arc] + 1, begin, corners, count)
        arc_end[arc] = count
    return count


@kernel
def _direction(corners: Ints, one: int, other: int) -> int:
    """Return the direction from one corner to another on its row or column."""
    if corners[one, 0] == corners[other, 0]:
        return EAST if corners[other, 1] > corners[one, 1] else WEST
    return SOUTH if corners[other, 0] > corners[one, 0] else NORTH


@kernel
def follow_sides(corners: Ints, arc_end: Ints, node: Ints, label: Ints, leaving: Ints, after: Ints, ring: Ints) -> int:
    """
    Find the side of an arc that goes on from each; return how many rings they make, -1 if labels do not fit.

    Side 2 a of arc a runs forward, 2 a + 1 back, each with its ``label`` on the left hand. ``node`` is where each side
    begins, a number; ``leaving`` is (nodes, 4), -1 throughout. A ring turns left where it can, and so keeps to cells
    that share an edge. Where it thus passes a node twice, it turns right there instead: a shell, and a hole that
    touches it.
    """
    for side in range(after.size):
        arc = side >> 1
        low, high = arc_end[arc - 1] if arc > 0 else 0, arc_end[arc]
        out = _direction(corners, low, low + 1) if side & 1 == 0 else _direction(corners, high - 1, high - 2)
        leaving[node[side], out] = side
    for side in range(after.size):
        arc = side >> 1
        low, high = arc_end[arc - 1] if arc > 0 else 0, arc_end[arc]
        come = _direction(corners, high - 2, high - 1) if side & 1 == 0 else _direction(corners, low + 1, low)
        at = node[side ^ 1]
        after[side] = -1
        for turn in (3, 0, 1):
            if leaving[at, (come + turn) & 3] >= 0:
                after[side] = leaving[at, (come + turn) & 3]
                break
        if after[side] < 0 or label[after[side]] != label[side]:
            return -1
    number_rings(after, label, ring)
    for at in range(leaving.shape[0]):
        if leaving[at].min() < 0:
            continue
        for out in range(2):
            one, other = leaving[at, out], leaving[at, out + 2]
            if ring[one] == ring[other] and label[one] != 0:
                after[leaving[at, (out + 3) & 3] ^ 1] = other
                after[leaving[at, out + 1] ^ 1] = one
    return number_rings(after, label, ring)


@kernel
def number_rings(after: Ints, label: Ints, ring: Ints) -> int:
    """Number the rings by their lowest side; sides with label 0 have none, -1. Return their count."""
    ring[:] = -1
    rings = 0
    for first in range(after.size):
        if ring[first] >= 0 or label[first] == 0:
            continue
        side = first
        while ring[side] < 0:
            ring[side] = rings
            side = after[side]
        rings += 1
    return rings


@kernel
def measure_rings(
    corners: Ints, arc_end: Ints, after: Ints, ring: Ints, sides: Ints, ring_end: Ints, first: Ints, cells: Ints
) -> None:
    """
    Write the sides of each ring in a row, where they end, its northernmost, westernmost corner, and the cells inside.

    A shell has its cells on the left hand and counts them positive; a hole counts negative.
    """
    rings = 0
    count = 0
    for start in range(after.size):
        if ring[start] != rings:
            continue
        first[rings] = corners[arc_end[start >> 1] - 1]
        cells[rings] = 0
        side = start
        while True:
            sides[count] = side
            count += 1
            arc = side >> 1
            area = np.int64(0)
            for k in range(arc_end[arc - 1] if arc > 0 else 0, arc_end[arc]):
                row, col = corners[k, 0], corners[k, 1]
                if row < first[rings, 0] or (row == first[rings, 0] and col < first[rings, 1]):
                    first[rings, 0] = row
                    first[rings, 1] = col
                if k + 1 < arc_end[arc]:
                    area -= np.int64(col) * (np.int64(corners[k + 1, 0]) - row)
            cells[rings] += area if side & 1 == 0 else -area
            side = after[side]
            if side == start:
                break
        ring_end[rings] = count
        rings += 1


@kernel
def measure_arcs(corners: Ints, arc_end: Ints, twice: Ints) -> None:
    """
    Write twice the area between each arc and column 0, positive where the arc runs north.

    Whole numbers: a sum that runs over on the way comes back when a ring is closed.
    """
    begin = 0
    for arc in range(arc_end.size):
        area = np.int64(0)
        for k in range(begin, arc_end[arc] - 1):
            cols = np.int64(corners[k, 1]) + corners[k + 1, 1]
            area -= cols * (np.int64(corners[k + 1, 0]) - corners[k, 0])
        twice[arc] = area
        begin = arc_end[arc]


@kernel
def write_rings(
    corners: Ints, arc_end: Ints, sides: Ints, ring_end: Ints, low: int, high: int, cell: float, points: Any
) -> None:
    """
    Write the points, x and y in m, of the rings from ``low`` to ``high``, each closed.

    A ring begins at its northernmost, then westernmost corner. ``points`` has one more point for each ring than its
    arcs have straights.
    """
    at = 0
    for ring in range(low, high):
        begin = at
        best = at
        for s in range(ring_end[ring - 1] if ring > 0 else 0, ring_end[ring]):
            arc = sides[s] >> 1
            first, last = arc_end[arc - 1] if arc > 0 else 0, arc_end[arc] - 1
            for step in range(last - first):
                k = first + step if sides[s] & 1 == 0 else last - step
                points[at, 0] = corners[k, 1] * cell + 0.0
                points[at, 1] = corners[k, 0] * -cell + 0.0  # no negative zero
                if points[at, 1] > points[best, 1] or (
                    points[at, 1] == points[best, 1] and points[at, 0] < points[best, 0]
                ):
                    best = at
                at += 1
        if best > begin:
            turned = points[begin:best].copy()
            for k in range(best, at):
                points[begin + k - best, 0], points[begin + k - best, 1] = points[k, 0], points[k, 1]
            for k in range(best - begin):
                points[begin + at - best + k, 0], points[begin + at - best + k, 1] = turned[k, 0], turned[k, 1]
        points[at, 0], points[at, 1] = points[begin, 0], points[begin, 1]
        at += 1
