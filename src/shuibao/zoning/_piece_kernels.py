"""
Compiled loops that cut a zone into pieces and measure them, row by row over runs of cells. No files, no units, no checks.

A cell of ``ground`` is 0 where there is no zone, else its fence times 256, plus its class times 2, plus 1 where the cell
was in the source. A *piece* is a 4-connected set of cells of one value; a *part* of one fence and class, whether in the
source or not; a *whole* of one fence. Trees point to the lower run, so that a root is the first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel
from shuibao.zoning._labelling_kernels import find, unite

Cells = NDArray[Any]


@kernel
def find_pieces(ground: Cells, row_runs: Cells, first: Cells, last: Cells, value: Cells) -> int:
    """Write the first and the last column and the value of each run of one value, and the first run of each row."""
    rows, cols = ground.shape
    run = 0
    row_runs[0] = 0
    for i in range(rows):
        left = np.int64(0)
        for j in range(cols):
            here = np.int64(ground[i, j])
            if here != left:
                if left != 0:
                    last[run - 1] = j - 1
                if here != 0:
                    first[run] = j
                    value[run] = here
                    run += 1
                left = here
        if left != 0:
            last[run - 1] = cols - 1
        row_runs[i + 1] = run
    return run


@kernel
def _join(one: int, other: int, value: Cells, piece: Cells, part: Cells, whole: Cells) -> int:
    """Join two runs that share an edge: 2 if they are of one part, 1 if only of one whole, 0 if a fence is between."""
    a, b = value[one], value[other]
    if a >> 8 != b >> 8:
        return 0
    unite(whole, one, other)
    if a | 1 != b | 1:
        return 1
    unite(part, one, other)
    if a == b:
        unite(piece, one, other)
    return 2


@kernel
def join_pieces(
    row_runs: Cells, first: Cells, last: Cells, value: Cells, cols: int,
    piece: Cells, part: Cells, whole: Cells, inner: Cells, border: Cells,
) -> int:  # fmt: skip
    """
    Join runs that touch; count edges within parts, and list those between parts of one whole.

    The array has a halo of one cell: an edge counts if the cell south or east of it is inside. ``inner`` holds, for each
    run, the edges that it shares with its own part. ``border`` is (pairs, 3): run, run, edges. Returns their count.
    """
    count = 0
    for i in range(row_runs.size - 1):
        counted = i > 0 and i < row_runs.size - 2
        begin = row_runs[i]
        upper = row_runs[i - 1] if i > 0 else begin
        for run in range(begin, row_runs[i + 1]):
            low, high = max(first[run], 1), min(last[run], cols - 2)
            if counted and low <= high:
                inner[run] += high - low + 1 - (1 if first[run] >= 1 else 0)
            if run > begin and last[run - 1] + 1 == first[run]:
                kind = _join(run - 1, run, value, piece, part, whole)
                if counted and first[run] >= 1 and first[run] <= cols - 2:
                    if kind == 2:
                        inner[run] += 1
                    elif kind == 1:
                        border[count, 0] = run - 1
                        border[count, 1] = run
                        border[count, 2] = 1
                        count += 1
            while upper < begin and last[upper] < first[run]:
                upper += 1
            k = upper
            while k < begin and first[k] <= last[run]:
                kind = _join(k, run, value, piece, part, whole)
                edges = min(high, last[k]) - max(low, first[k]) + 1
                if counted and edges > 0:
                    if kind == 2:
                        inner[run] += edges
                    elif kind == 1:
                        border[count, 0] = k
                        border[count, 1] = run
                        border[count, 2] = edges
                        count += 1
                k += 1
    return count


@kernel
def measure_wholes(
    row_runs: Cells, first: Cells, last: Cells, value: Cells, cols: int, whole: Cells, cells: Cells, source: Cells,
    leaves: Cells,
) -> None:  # fmt: skip
    """Count the cells and the source cells of each whole, by its first run, and mark those that reach the halo."""
    rows = row_runs.size - 1
    for i in range(rows):
        for run in range(row_runs[i], row_runs[i + 1]):
            root = find(whole, run)
            length = last[run] - first[run] + 1
            cells[root] += length
            if value[run] & 1:
                source[root] += length
            if i == 0 or i == rows - 1 or first[run] == 0 or last[run] == cols - 1:
                leaves[root] = 1


@kernel
def choose_pieces(
    piece: Cells, part: Cells, whole: Cells, cells: Cells, source: Cells, leaves: Cells, least: int,
    number: Cells, part_of: Cells, whole_of: Cells,
) -> int:  # fmt: skip
    """
    Number from 1 the pieces of wholes that reach the halo, or are large enough and hold a source cell; return how many.

    ``number`` is by run, ``part_of`` and ``whole_of`` by piece less one: the lowest piece, from 0, of its part and whole.
    """
    count = 0
    for run in range(piece.size):
        root = find(whole, run)
        if leaves[root] == 0 and (cells[root] < least or source[root] == 0):
            number[run] = 0
            continue
        mine = find(piece, run)
        if mine == run:
            count += 1
            number[run] = count
            part_of[count - 1] = number[find(part, run)] - 1
            whole_of[count - 1] = number[root] - 1
        else:
            number[run] = number[mine]
    return count


@kernel
def measure_pieces(
    row_runs: Cells, first: Cells, last: Cells, value: Cells, cols: int, number: Cells, inner: Cells,
    values: Cells, cells: Cells, edges: Cells, box: Cells,
) -> None:  # fmt: skip
    """
    Sum, for each numbered piece, cells and edges without those inside its part; find its extent and its first column.

    Cells of the halo do not count. ``box`` is (pieces, 5): first row, last row, first column, last column, and the first
    column in the first row; the first row must begin large, the last row as -1.
    """
    for i in range(row_runs.size - 1):
        for run in range(row_runs[i], row_runs[i + 1]):
            mine = number[run] - 1
            if mine < 0:
                continue
            values[mine] = value[run]
            low, high = max(first[run], 1), min(last[run], cols - 2)
            if i == 0 or i == row_runs.size - 2 or low > high:
                continue
            cells[mine] += high - low + 1
            edges[mine] += 4 * (high - low + 1) - 2 * inner[run]
            if box[mine, 1] < 0:
                box[mine, 0] = i - 1
                box[mine, 2] = low - 1
                box[mine, 3] = high - 1
                box[mine, 4] = low - 1
            box[mine, 1] = i - 1
            box[mine, 2] = min(box[mine, 2], low - 1)
            box[mine, 3] = max(box[mine, 3], high - 1)


@kernel
def list_seams(row_runs: Cells, first: Cells, last: Cells, cols: int, number: Cells, seam: Cells) -> int:
    """Write row, column and piece, from 0, of the numbered cells in the halo and next to it; return their count."""
    rows = row_runs.size - 1
    count = 0
    for i in range(rows):
        for run in range(row_runs[i], row_runs[i + 1]):
            if number[run] == 0:
                continue
            whole_row = i < 2 or i >= rows - 2
            j = first[run]
            while j <= last[run]:
                if not whole_row and j >= 2 and j < cols - 2:
                    j = cols - 2
                    continue
                seam[count, 0] = i
                seam[count, 1] = j
                seam[count, 2] = number[run] - 1
                count += 1
                j += 1
    return count


@kernel
def paint(row_runs: Cells, first: Cells, last: Cells, number: Cells, table: Cells, painted: Cells) -> None:
    """Paint each run with what the table says of its piece; ``table`` begins with what is said of none."""
    for i in range(row_runs.size - 1):
        for run in range(row_runs[i], row_runs[i + 1]):
            value = table[number[run]]
            if value != 0:
                for j in range(first[run], last[run] + 1):
                    painted[i, j] = value
