"""
Compiled loops that trace the boundaries of parts: edges in a tile, rings over all tiles. No files, no units, no checks.

An edge is (part, row, column, rows down, columns right): a directed straight stretch between two corners of cells, with
the part on its left hand as seen on a map, north up. Corner (row, column) is the upper left corner of that cell.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from shuibao.compiling import kernel

Ints = NDArray[Any]


@kernel
def _add(edges: Ints, count: int, part: int, row: int, col: int, down: int, right: int) -> int:
    """Write one edge and return the new count."""
    edges[count, 0] = part
    edges[count, 1] = row
    edges[count, 2] = col
    edges[count, 3] = down
    edges[count, 4] = right
    return count + 1


@kernel
def _add_level(
    edges: Ints, count: int, across: Ints, county: int, part: int, row: int, begin: int, end: int, north: bool
) -> int:
    """Write the north or south sides of a run of cells; ``across`` is the row of cells on the other side of them."""
    j = begin
    while j <= end:
        if across[j + 1] == county:
            j += 1
            continue
        left = j
        while j <= end and across[j + 1] != county:
            j += 1
        if north:  # a north side runs west
            count = _add(edges, count, part, row, j, 0, left - j)
        else:
            count = _add(edges, count, part, row, left, 0, j - left)
    return count


@kernel
def tile_edges(
    ground: Ints, row_runs: Ints, first: Ints, last: Ints, label_of_run: Ints, west: Ints, east: Ints, edges: Ints
) -> int:
    """
    Write the edges of the labelled runs, in rows and columns of the tile, straight stretches merged; return the count.

    ``west`` and ``east`` hold, for each column, the last vertical edge drawn there, -1 at the beginning.
    """
    cols = ground.shape[1] - 2
    count = 0
    for i in range(row_runs.size - 1):
        for run in range(row_runs[i], row_runs[i + 1]):
            if label_of_run[run] == 0:
                continue
            part = label_of_run[run] - 1
            begin, end = first[run], last[run]
            county = ground[i + 1, begin + 1]
            count = _add_level(edges, count, ground[i], county, part, i, begin, end, True)
            count = _add_level(edges, count, ground[i + 2], county, part, i + 1, begin, end, False)
            if begin > 0 or ground[i + 1, 0] != county:
                old = west[begin]
                if old >= 0 and edges[old, 0] == part and edges[old, 1] + edges[old, 3] == i:
                    edges[old, 3] += 1  # a west side runs south
                else:
                    west[begin] = count
                    count = _add(edges, count, part, i, begin, 1, 0)
            if end < cols - 1 or ground[i + 1, cols + 1] != county:
                old = east[end]
                if old >= 0 and edges[old, 0] == part and edges[old, 1] == i:
                    edges[old, 1] = i + 1  # an east side runs north
                    edges[old, 3] -= 1
                else:
                    east[end] = count
                    count = _add(edges, count, part, i + 1, end + 1, -1, 0)
    return count


@kernel
def follow_edges(begin: Ints, by_end: Ints, edges: Ints, follower: Ints) -> None:
    """
    Find the edge that follows each one.

    Edges are sorted by the corner they begin at, ``begin``; ``by_end`` sorts them by the corner they end at. Where two
    begin at one corner, two cells of the part touch there by a corner only: the ring turns right, and so keeps to the
    side of the gap. Then no ring passes a corner twice.
    """
    k = 0
    while k < begin.size:
        one = by_end[k]
        if k + 1 == begin.size or begin[k + 1] != begin[k]:
            follower[one] = k
            k += 1
            continue
        other = by_end[k + 1]
        if edges[one, 3] == 0:  # comes level: east then south, west then north
            turns_right = (edges[one, 4] > 0) == (edges[k, 3] > 0)
        else:
            turns_right = (edges[one, 3] > 0) != (edges[k, 4] > 0)
        follower[one] = k if turns_right else k + 1
        follower[other] = k + 1 if turns_right else k
        k += 2


@kernel
def trace_rings(edges: Ints, follower: Ints, done: Ints, corners: Ints, ring_end: Ints, ring_part: Ints) -> int:
    """
    Write the corners of the rings, each from its northernmost, then westernmost corner and closed; return their count.

    ``corners`` is (edges + rings, 2): row, column. ``ring_end`` is where the corners of each ring end.
    """
    rings = 0
    written = 0
    for start in range(edges.shape[0]):
        if done[start] != 0:
            continue
        first = written
        edge = start
        turned = True
        while done[edge] == 0:
            done[edge] = 1
            if turned:
                corners[written, 0] = edges[edge, 1]
                corners[written, 1] = edges[edge, 2]
                written += 1
            after = follower[edge]
            turned = (edges[edge, 3] == 0) != (edges[after, 3] == 0)
            edge = after
        corners[written, 0] = corners[first, 0]
        corners[written, 1] = corners[first, 1]
        written += 1
        ring_end[rings] = written
        ring_part[rings] = edges[start, 0]
        rings += 1
    return rings
