"""Compiled loops over the graph of parts: which are one, and which go to which neighbour. No files, no checks."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.compiling import kernel
from shuibao.zoning._labelling_kernels import find, unite

Ints = NDArray[Any]


@kernel
def unite_pairs(parent: Ints, one: Ints, other: Ints) -> None:
    """Join the trees of each pair."""
    for k in range(one.size):
        unite(parent, one[k], other[k])


@kernel
def number_trees(parent: Ints, number: Ints) -> int:
    """Number the trees from 0 in the order of their roots; return their count."""
    count = 0
    for k in range(parent.size):
        root = find(parent, k)
        if root == k:
            number[k] = count
            count += 1
        else:
            number[k] = number[root]
    return count


@kernel
def link_borders(one: Ints, other: Ints, head: Ints, after: Ints) -> None:
    """Put the half-borders of each part into a ring: 2 k goes out from the first part of pair k, 2 k + 1 from the other."""
    for k in range(one.size):
        for half in range(2):
            part = one[k] if half == 0 else other[k]
            mine = 2 * k + half
            if head[part] < 0:
                head[part] = mine
                after[mine] = mine
            else:
                after[mine] = after[head[part]]
                after[head[part]] = mine


@kernel
def _merge(one: int, other: int, parent: Ints, cells: Ints, head: Ints, after: Ints) -> int:
    """Join two groups under the lower; return it."""
    root, gone = min(one, other), max(one, other)
    parent[gone] = root
    cells[root] += cells[gone]
    held = after[head[root]]
    after[head[root]] = after[head[gone]]
    after[head[gone]] = held
    return root


@kernel
def absorb(
    one: Ints, other: Ints, edges: Ints, head: Ints, after: Ints, least: int, parent: Ints, cells: Ints, kind: Ints,
    total: Ints, met: Ints,
) -> None:  # fmt: skip
    """
    Give each part with fewer cells than ``least`` that has a neighbour to the one with which it shares most edges.

    The smallest goes first, the earlier of two as small. Of two neighbours that share as many edges the larger takes it,
    the earlier of two as large. It takes the class of that neighbour, and so joins all its neighbours of that class.
    ``parent``, ``cells`` and ``kind`` are by part; ``total`` is 0 and ``met`` is scratch.
    """
    heap = [np.int64(-1)]
    heap.pop()
    for part in range(cells.size):
        if cells[part] < least and head[part] >= 0:
            heap.append((np.int64(cells[part]) << 32) | part)
    heapq.heapify(heap)
    while len(heap) > 0:
        entry = heapq.heappop(heap)
        small = entry & 0xFFFFFFFF
        if parent[small] != small or cells[small] != entry >> 32:
            continue
        count = 0
        half = head[small]
        while True:
            to = find(parent, other[half >> 1] if half & 1 == 0 else one[half >> 1])
            if to != small:
                if total[to] == 0:
                    met[count] = to
                    count += 1
                total[to] += edges[half >> 1]
            half = after[half]
            if half == head[small]:
                break
        if count == 0:
            continue
        best = met[0]
        for k in range(1, count):
            to = met[k]
            if total[to] != total[best]:
                better = total[to] > total[best]
            elif cells[to] != cells[best]:
                better = cells[to] > cells[best]
            else:
                better = to < best
            if better:
                best = to
        taken = kind[best]
        root = small
        for k in range(count):
            to = met[k]
            total[to] = 0
            if kind[to] == taken:
                root = _merge(root, to, parent, cells, head, after)
        kind[root] = taken
        if cells[root] < least:
            heapq.heappush(heap, (np.int64(cells[root]) << 32) | root)
