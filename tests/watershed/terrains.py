"""
Terrains and directions to draw, and plain slow answers.

Terrains have pits, flats, missing cells, islands and single rows; their directions come from filling with a heap and
walking the flats breadth first, or from no terrain at all.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numba import config
from numpy.typing import NDArray
from tests.trials import trials

from shuibao.watershed import Drainage

EXAMPLES = 10 if config.DISABLE_JIT else trials(60)
"""How many terrains a law is tried on; plain Python is slow."""

NEIGHBOURS = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
"""Row and column step of codes 1 to 8, clockwise from east."""

OUTLET = 9

Cell = tuple[int, int]

seeds = st.integers(0, 2**32 - 1)


def rough(random: np.random.Generator, shape: tuple[int, int], *, levels: int = 0) -> NDArray[np.float64]:
    """Return noise on a tilted plane, full of pits; in so many whole metres (0: no two cells alike)."""
    row, col = np.indices(shape)
    tilt = random.uniform(-2.0, 2.0, 2)
    z = 500.0 + tilt[0] * row + tilt[1] * col + random.uniform(0.5, 12.0) * random.random(shape)
    if levels:
        low, high = z.min(), z.max() + 1e-9
        z = np.floor((z - low) / (high - low) * levels)
    return z


def with_missing(random: np.random.Generator, z: NDArray[Any], kind: str) -> NDArray[Any]:
    """Return the terrain with holes, a channel of sea between islands, a missing frame, or stripes."""
    z = z.copy()
    rows, cols = z.shape
    if kind == "holes":
        z[random.random(z.shape) < random.choice([0.05, 0.3])] = np.nan
    elif kind == "islands":
        z[random.integers(0, rows), :] = np.nan
        z[:, random.integers(0, cols)] = np.nan
    elif kind == "frame":
        z[[0, -1], :] = np.nan
        z[:, [0, -1]] = np.nan
    elif kind == "stripes":
        z[:: random.integers(2, 5), :] = np.nan
    return z


@st.composite
def elevations(draw: st.DrawFn, most: int = 14, *, missing: bool = True) -> NDArray[Any]:
    """Return a terrain of 1 × 1 to ``most`` × ``most`` cells, often of one row, in single or double precision."""
    random = np.random.default_rng(draw(seeds))
    sides = st.integers(1, most)
    shape = draw(st.one_of(st.tuples(sides, sides), st.tuples(st.just(1), sides), st.tuples(sides, st.just(1))))
    z = rough(random, shape, levels=draw(st.sampled_from([0, 0, 1, 2, 4, 8])))
    kinds = ["none", "holes", "islands", "frame", "stripes"] if missing else ["none"]
    z = with_missing(random, z, draw(st.sampled_from(kinds)))
    return z.astype(draw(st.sampled_from(["float32", "float64"])))


@st.composite
def tangles(draw: st.DrawFn, most: int = 14) -> NDArray[np.uint8]:
    """Return directions without a terrain: each cell drains to any neighbour of lower rank, in a random ranking."""
    random = np.random.default_rng(draw(seeds))
    shape = draw(st.integers(1, most)), draw(st.integers(1, most))
    rank = random.permutation(shape[0] * shape[1]).reshape(shape).astype(float)
    rank[random.random(shape) < draw(st.sampled_from([0.0, 0.1, 0.4]))] = np.nan
    direction = np.zeros(shape, dtype=np.uint8)
    for cell in land(rank):
        lower = [code for code, other in around(rank, cell) if rank[other] < rank[cell]]
        direction[cell] = random.choice(lower) if lower else OUTLET
    return direction


def directions(most: int = 14) -> st.SearchStrategy[NDArray[np.uint8]]:
    """Return D8 codes 0..9 of random terrains, and tangled ones."""
    return st.one_of(elevations(most).map(lambda z: route(fill(z))), tangles(most))


def drainages(most: int = 14) -> st.SearchStrategy[Drainage]:
    """Return the drainage of random directions, on square cells and on others."""
    sizes = st.sampled_from([1.0, 30.0, (10.0, 25.0)])
    return st.builds(Drainage.from_directions, directions(most), sizes)


# ---- plain slow answers ----------------------------------------------------------------------------------------------


def land(z: NDArray[Any]) -> list[Cell]:
    """Return the cells that are not missing (NaN, or code 0), row by row."""
    present = z > 0 if z.dtype.kind in "ui" else ~np.isnan(z)
    return [(int(r), int(c)) for r, c in np.argwhere(present)]


def around(z: NDArray[Any], cell: Cell) -> list[tuple[int, Cell]]:
    """Return code and place of the neighbours inside the grid."""
    rows, cols = z.shape
    found = [(code, (cell[0] + dr, cell[1] + dc)) for code, (dr, dc) in enumerate(NEIGHBOURS, start=1)]
    return [(code, (r, c)) for code, (r, c) in found if 0 <= r < rows and 0 <= c < cols]


def borders(z: NDArray[Any], cell: Cell) -> bool:
    """Return whether a neighbour is outside the grid or missing."""
    present = [place for _, place in around(z, cell) if not np.isnan(z[place])]
    return len(present) < 8


def fill(z: NDArray[Any]) -> NDArray[Any]:
    """Return the least surface from which every cell reaches the border without rising (priority flood)."""
    filled = z.copy()
    seen = np.isnan(z)
    queue: list[tuple[float, Cell]] = []
    for cell in land(z):
        if borders(z, cell):
            seen[cell] = True
            heapq.heappush(queue, (float(z[cell]), cell))
    while queue:
        level, cell = heapq.heappop(queue)
        for _, place in around(z, cell):
            if not seen[place]:
                seen[place] = True
                filled[place] = max(z[place], z.dtype.type(level))
                heapq.heappush(queue, (float(filled[place]), place))
    return filled


def route(filled: NDArray[Any]) -> NDArray[np.uint8]:
    """Return D8 codes of a filled square grid: steepest descent, outlets at the border, flats breadth first."""
    direction = np.zeros(filled.shape, dtype=np.uint8)
    waiting: deque[Cell] = deque()
    for cell in land(filled):
        fall = [
            ((float(filled[cell]) - float(filled[place])) / (math.sqrt(2.0) if code % 2 == 0 else 1.0), -code)
            for code, place in around(filled, cell)
            if filled[place] < filled[cell]
        ]
        if fall:
            direction[cell] = -max(fall)[1]
        elif borders(filled, cell):
            direction[cell] = OUTLET
        if direction[cell]:
            waiting.append(cell)
    while waiting:
        cell = waiting.popleft()
        for code, place in around(filled, cell):
            if direction[place] == 0 and filled[place] == filled[cell]:
                direction[place] = code + 4 if code <= 4 else code - 4
                waiting.append(place)
    return direction


def downstream(direction: NDArray[np.uint8], cell: Cell) -> Cell | None:
    """Return the cell that a cell drains to, none at an outlet."""
    if direction[cell] == OUTLET:
        return None
    down, right = NEIGHBOURS[direction[cell] - 1]
    return cell[0] + down, cell[1] + right


def way(direction: NDArray[np.uint8], cell: Cell) -> list[Cell]:
    """Return the cells the water passes from a cell to its outlet, both included."""
    passed = [cell]
    while (after := downstream(direction, passed[-1])) is not None:
        assert len(passed) <= direction.size, "the water runs in a circle"
        passed.append(after)
    return passed


def contributing_cells(direction: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many cells' water passes each cell, itself included."""
    cells = np.zeros(direction.shape, dtype=np.int64)
    for cell in land(direction):
        for passed in way(direction, cell):
            cells[passed] += 1
    return cells
