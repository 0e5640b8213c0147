"""
Compiled loops that close the gaps and fill the holes of a zone. No files, no units, no checks.

``fence`` is the district of each cell, from 0; -1 where there is a barrier.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel
from shuibao.zoning._labelling_kernels import find, unite

Cells = NDArray[Any]


@kernel
def cover_by_pieces(
    zone: Cells, claimable: Cells, fence: Cells, split: Cells, side: int, covered: Cells, stack: Cells, seen: Cells
) -> None:
    """
    Mark as covered the cells of pieces of windows that hold no cell of the zone.

    ``split`` is 1 for windows, by their upper left cell, that a barrier or a fence may cut into pieces; a piece is a
    4-connected set of cells of one fence, none of them negative (barrier). ``stack`` is (side², 2), ``seen`` (side,
    side).
    """
    rows, cols = split.shape
    for i in range(rows):
        for j in range(cols):
            if split[i, j] == 0:
                continue
            wanted = False
            for r in range(i, i + side):
                for c in range(j, j + side):
                    if claimable[r, c] and not zone[r, c] and not covered[r, c]:
                        wanted = True
                    seen[r - i, c - j] = fence[r, c] < 0
            if not wanted:
                continue
            for r in range(i, i + side):
                for c in range(j, j + side):
                    if not seen[r - i, c - j]:
                        _cover_piece(zone, fence, i, j, side, r, c, covered, stack, seen)


@kernel
def _cover_piece(
    zone: Cells, fence: Cells, top: int, left: int, side: int, row: int, col: int, covered: Cells, stack: Cells,
    seen: Cells,
) -> None:  # fmt: skip
    """Find the piece of a window that holds a cell, and mark it as covered if none of it is zone."""
    name = fence[row, col]
    stack[0, 0] = row
    stack[0, 1] = col
    seen[row - top, col - left] = True
    count = 1
    at = 0
    empty = True
    while at < count:
        r, c = stack[at, 0], stack[at, 1]
        at += 1
        if zone[r, c]:
            empty = False
        for step in range(4):
            down = (step == 0) - (step == 1)
            right = (step == 2) - (step == 3)
            a, b = r + down, c + right
            if a < top or b < left or a >= top + side or b >= left + side:
                continue
            if not seen[a - top, b - left] and fence[a, b] == name:
                seen[a - top, b - left] = True
                stack[count, 0] = a
                stack[count, 1] = b
                count += 1
    if empty:
        for k in range(count):
            covered[stack[k, 0], stack[k, 1]] = True


@kernel
def find_gaps(zone: Cells, row_runs: Cells, first: Cells, last: Cells) -> int:
    """Write the first and the last column of each horizontal run outside the zone, and the first run of each row."""
    rows, cols = zone.shape
    run = 0
    row_runs[0] = 0
    for i in range(rows):
        inside = True
        for j in range(cols):
            here = zone[i, j]
            if here != inside:
                if here:
                    last[run - 1] = j - 1
                else:
                    first[run] = j
                    run += 1
                inside = here
        if not inside:
            last[run - 1] = cols - 1
        row_runs[i + 1] = run
    return run


@kernel
def join_gaps(row_runs: Cells, first: Cells, last: Cells, parent: Cells) -> None:
    """Join the runs of neighbouring rows that touch by an edge or a corner."""
    for i in range(1, row_runs.size - 1):
        upper, end = row_runs[i - 1], row_runs[i]
        for run in range(row_runs[i], row_runs[i + 1]):
            while upper < end and last[upper] < first[run] - 1:
                upper += 1
            k = upper
            while k < end and first[k] <= last[run] + 1:
                unite(parent, k, run)
                k += 1


@kernel
def fill_gaps(
    zone: Cells, fence: Cells, fenced: int, row_runs: Cells, first: Cells, last: Cells, parent: Cells,
    cells: Cells, box: Cells, most_cells: int, most_side: int,
) -> None:  # fmt: skip
    """
    Make zone of the holes that are small: less than ``most_cells``, and no longer than ``most_side`` either way.

    What reaches the edge of the array is no hole, nor is what holds a barrier, or touches two fences (``fenced`` 1).
    ``cells`` is 0, ``box`` is (runs, 2): first row, first column, and with ``cells`` negative for what is no hole.
    """
    rows, cols = zone.shape
    for i in range(rows):
        for run in range(row_runs[i], row_runs[i + 1]):
            root = find(parent, run)
            if root == run:
                box[root, 0] = i
                box[root, 1] = first[run]
                box[root, 2] = last[run]
            elif cells[root] >= 0:
                box[root, 1] = min(box[root, 1], first[run])
                box[root, 2] = max(box[root, 2], last[run])
            if cells[root] < 0:
                continue
            cells[root] += last[run] - first[run] + 1
            small = (
                cells[root] < most_cells
                and i - box[root, 0] < most_side
                and box[root, 2] - box[root, 1] < most_side
                and i > 0
                and i < rows - 1
                and first[run] > 0
                and last[run] < cols - 1
            )
            if not small or (fenced != 0 and not _one_fence(fence, i, first[run], last[run])):
                cells[root] = -1
    for i in range(rows):
        for run in range(row_runs[i], row_runs[i + 1]):
            if cells[find(parent, run)] > 0:
                for j in range(first[run], last[run] + 1):
                    zone[i, j] = True


@kernel
def _one_fence(fence: Cells, row: int, first: int, last: int) -> bool:
    """Return whether a run holds no barrier, and it and all cells around that are no barrier lie in one fence."""
    name = fence[row, first]
    for j in range(first, last + 1):
        if fence[row, j] < 0:
            return False
    for i in range(row - 1, row + 2):
        for j in range(first - 1, last + 2):
            if fence[i, j] != name and fence[i, j] >= 0:
                return False
    return True


@kernel
def nearest_classes(source: Cells, cost: Cells, most: int) -> None:
    """
    Write for each cell the class of the nearest source cell, in rows, columns and diagonals; the lower if two are near.

    ``cost`` is uint16: 16 times the distance, plus the class; ``most`` where it would be more.
    """
    rows, cols = source.shape
    for i in range(rows):
        for j in range(cols):
            best = np.int64(most)
            if source[i, j] != 0:
                best = np.int64(source[i, j])
            else:
                if j > 0:
                    best = min(best, np.int64(cost[i, j - 1]) + 16)
                if i > 0:
                    for c in range(max(j - 1, 0), min(j + 2, cols)):
                        best = min(best, np.int64(cost[i - 1, c]) + 16)
            cost[i, j] = best
    for i in range(rows - 1, -1, -1):
        for j in range(cols - 1, -1, -1):
            best = np.int64(cost[i, j])
            if best < 16:
                continue
            if j < cols - 1:
                best = min(best, np.int64(cost[i, j + 1]) + 16)
            if i < rows - 1:
                for c in range(max(j - 1, 0), min(j + 2, cols)):
                    best = min(best, np.int64(cost[i + 1, c]) + 16)
            cost[i, j] = best
