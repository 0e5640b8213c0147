"""
Compiled loops that find the connected parts of a zone, row by row over runs of cells. No files, no units, no checks.

``ground`` is the tile with a halo of one cell: the county index where the cell is zone, else 0. A *run* is a horizontal
stretch of zone cells of one county inside the tile. ``first`` and ``last`` are its columns; the runs of row ``i`` are
``row_runs[i] <= run < row_runs[i + 1]``. Trees point to the lower run, so that a root is its part's first run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel

Ints = NDArray[Any]


@kernel
def find(parent: Ints, node: int) -> int:
    """Return the root of a node and halve the path to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@kernel
def unite(parent: Ints, one: int, other: int) -> None:
    """Join two trees under the lower root."""
    one = find(parent, one)
    other = find(parent, other)
    if one < other:
        parent[other] = one
    else:
        parent[one] = other


@kernel
def find_runs(ground: Ints, row_runs: Ints, first: Ints, last: Ints) -> int:
    """Write the first and the last column of each run, and the first run of each row. Return their count."""
    rows, cols = ground.shape
    run = 0
    row_runs[0] = 0
    for i in range(1, rows - 1):
        left = 0
        for j in range(1, cols - 1):
            here = ground[i, j]
            if here != left:
                if left != 0:
                    last[run - 1] = j - 2
                if here != 0:
                    first[run] = j - 1
                    run += 1
                left = here
        if left != 0:
            last[run - 1] = cols - 3
        row_runs[i] = run
    return run


@kernel
def join_runs(ground: Ints, row_runs: Ints, first: Ints, last: Ints, part: Ints, whole: Ints) -> None:
    """Join neighbouring runs: those of one county in ``part``, those across a county border in ``whole``."""
    for i in range(row_runs.size - 1):
        above_end = row_runs[i]
        above = row_runs[i - 1] if i > 0 else above_end
        for run in range(row_runs[i], row_runs[i + 1]):
            county = ground[i + 1, first[run] + 1]
            if run > row_runs[i] and last[run - 1] + 1 == first[run]:
                unite(whole, run - 1, run)
            while above < above_end and last[above] < first[run]:
                above += 1
            upper = above
            while upper < above_end and first[upper] <= last[run]:
                if ground[i, first[upper] + 1] == county:
                    unite(part, upper, run)
                else:
                    unite(whole, upper, run)
                upper += 1


@kernel
def number_parts(part: Ints, whole: Ints, part_of_run: Ints, component: Ints) -> int:
    """Number the parts from 0 by their first run; a component is named by its lowest part. Return their count."""
    count = 0
    for run in range(part.size):
        root = find(part, run)
        if root == run:
            part_of_run[run] = count
            count += 1
        else:
            part_of_run[run] = part_of_run[root]
            unite(whole, root, run)
    for run in range(part.size):
        component[part_of_run[run]] = part_of_run[find(whole, run)]
    return count


@kernel
def measure_components(
    ground: Ints, row_runs: Ints, first: Ints, last: Ints, part_of_run: Ints, component: Ints, cells: Ints, leaves: Ints
) -> None:
    """Count the cells of each component, and mark those that go on in the halo."""
    rows, cols = ground.shape
    for i in range(rows - 2):
        for run in range(row_runs[i], row_runs[i + 1]):
            mine = component[part_of_run[run]]
            cells[mine] += last[run] - first[run] + 1
            if first[run] == 0 and ground[i + 1, 0] != 0:
                leaves[mine] = 1
            if last[run] == cols - 3 and ground[i + 1, cols - 1] != 0:
                leaves[mine] = 1
            for j in range(first[run] + 1, last[run] + 2):
                if (i == 0 and ground[0, j] != 0) or (i == rows - 3 and ground[rows - 1, j] != 0):
                    leaves[mine] = 1


@kernel
def choose_parts(component: Ints, cells: Ints, leaves: Ints, least: int, label: Ints) -> int:
    """Label from 1 the parts of components that leave the tile or are large enough, the others 0. Return the count."""
    count = 0
    for part in range(component.size):
        mine = component[part]
        if leaves[mine] != 0 or cells[mine] >= least:
            count += 1
            label[part] = count
        else:
            label[part] = 0
    return count


@kernel
def count_parts(
    row_runs: Ints,
    first: Ints,
    last: Ints,
    label_of_run: Ints,
    slope: NDArray[Any],
    micro: float,
    land: Ints,
    labels: Ints,
    begin: Ints,
    cells: Ints,
    slope_sum: Ints,
    slope_cells: Ints,
    land_cells: Ints,
) -> None:
    """Paint the labels and sum cells, slope in millionths of a degree and land classes of each labelled part."""
    for i in range(row_runs.size - 1):
        for run in range(row_runs[i], row_runs[i + 1]):
            label = label_of_run[run]
            if label == 0:
                continue
            mine = label - 1
            if cells[mine] == 0:
                begin[mine, 0] = i
                begin[mine, 1] = first[run]
            total = np.int64(0)
            known = np.int64(0)
            for j in range(first[run], last[run] + 1):
                labels[i, j] = label
                angle = np.float64(slope[i, j])
                if not np.isnan(angle):
                    total += np.int64(np.rint(angle * micro))
                    known += 1
                code = np.int64(land[i, j])
                if code < land_cells.shape[1]:
                    land_cells[mine, code] += 1
            cells[mine] += last[run] - first[run] + 1
            slope_sum[mine] += total
            slope_cells[mine] += known
