"""
Areas cut by counties and towns, with shared borders, and never drawn over a barrier (聚合图斑切分).

The minimum area is asked of whole areas before they are cut; what a border leaves of one is a piece, however small.
Pieces are drawn together with the barrier, so that simplified and smoothed borders can run into neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.arcs_aside import ArcsAside
from shuibao.ground.aside import Aside
from shuibao.ground.coverage import TileBoundaries, join_boundaries, tile_boundaries
from shuibao.ground.coverage_arcs import Arcs
from shuibao.ground.grid import Grid
from shuibao.ground.memory import giving_back
from shuibao.ground.parallel import in_order
from shuibao.zoning.aggregation import Aggregation
from shuibao.zoning.aggregation_drawing import EPSILON, DrawnAreas, measured_areas
from shuibao.zoning.aggregation_joining import join_pieces
from shuibao.zoning.aggregation_tiles import TilePieces, tile_pieces
from shuibao.zoning.aggregation_zone import Candidates

Cells = Callable[[Grid], NDArray[Any]]
"""Returns a value for each cell of a grid that may reach one cell beyond the region."""


@dataclass(frozen=True)
class CutAreas:
    """
    Areas and the pieces that districts cut them into (切分成果).

    Attributes
    ----------
    made : Aggregation
        The whole areas.
    pieces : Aggregation
        The pieces as areas of their own: 4-connected, ``fence`` is the district.
    whole : (pieces,) int64
        Area of each piece, a row of ``made.areas``.
    """

    made: Aggregation
    pieces: Aggregation
    whole: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.pieces.areas)


def cut_areas(made: Aggregation, districts: Cells) -> CutAreas:
    """
    Cut areas of one class along the borders of districts (按区切分).

    Parameters
    ----------
    made : Aggregation
        Areas without fences.
    districts : callable
        Returns the number of the district of each cell, from 1, on a grid; called from several threads. Every cell of
        an area lies in one.

    Returns
    -------
    CutAreas
        A piece is 4-connected, of one area and one district. The same for tiles of any size.

    Examples
    --------
    >>> from shuibao.zoning.aggregation import aggregate
    >>> from shuibao.zoning.aggregation_rule import AggregationRule
    >>> made = aggregate(Candidates(np.ones((2, 4), np.uint8)), Grid(10.0, 0, 0, 2, 4), AggregationRule())
    >>> cut = cut_areas(made, lambda grid: np.full(grid.shape, [1, 1, 2, 2, 2, 2]))
    >>> cut.pieces.areas.cells.tolist(), cut.whole.tolist()
    ([2, 6], [0, 0])
    """
    rule = replace(made.rule, gap_cells=0, sliver_cells=0, hole_cells=0, hole_side=0, min_cells=1)
    aside = Aside()

    def cut(k: int) -> tuple[TilePieces, NDArray[np.int32]]:
        labels, tile = made.tile_labels(k), made.tiles[k].tile
        inside = labels > 0
        fence = np.where(inside, districts(tile.grown(1)) if inside.any() else 0, 0).astype(np.int32)
        found = tile_pieces(Candidates(inside, fence=fence), tile, rule)
        local = found.to_paint.painted(np.arange(found.pieces + 1, dtype=np.int32))
        whole = np.zeros(found.pieces + 1, np.int32)
        whole[local[inside]] = labels[inside]
        return replace(found, runs=found.runs.put_aside(aside)), whole

    done = list(giving_back(in_order(cut, range(len(made.tiles)), made.jobs)))
    tiles = [found for found, _ in done]
    areas, tables = join_pieces(tiles, rule)
    whole_of = np.zeros(len(areas) + 1, np.int64)
    for table, (_, whole) in zip(tables, done, strict=True):
        whole_of[table] = whole
    pieces = Aggregation(made.grid, rule, areas, tuple(t.to_paint for t in tiles), tables, made.jobs)
    return CutAreas(made, pieces, whole_of[1:] - 1)


def draw_pieces(cut: CutAreas, barrier: Cells) -> DrawnAreas:
    """
    Draw the pieces with shared borders, beside the barrier and never over it (切分成图).

    Parameters
    ----------
    cut : CutAreas
        From :func:`cut_areas`; the rule of its areas says how far borders may be simplified and smoothed.
    barrier : callable
        Returns the cells of the barrier on a grid, as they were when the areas were made.

    Returns
    -------
    DrawnAreas
        One polygon for each piece: no gap, no overlap, and nothing of a barrier cell in any. Borders between two pieces
        and borders to the barrier run along the cells; all others are simplified and smoothed within the tolerances.
        The pieces of an area that would be drawn smaller than the rule's minimum keep the borders of their cells.
    """
    made, count = cut.made, len(cut)
    least = made.rule.min_cells * made.grid.cell_area * (1.0 - EPSILON)
    borders = ArcsAside.of(_borders(cut, barrier))
    left, right = borders.arcs.left, borders.arcs.right
    still = (left > count) | (right > 0)
    small = np.zeros(count + 2, np.bool_)
    while True:
        fixed = still | small[left] | small[right]
        arcs = borders.drawn(made.rule.simplify, made.rule.smooth, fixed, made.jobs)
        whole = np.bincount(cut.whole, arcs.areas()[1], minlength=len(made.areas))
        found = np.flatnonzero((whole < least)[cut.whole]) + 1
        if small[found].all():
            return measured_areas(arcs.polygons()[1])
        small[found] = True


def _borders(cut: CutAreas, barrier: Cells) -> Arcs:
    """Return the borders along the cells of the pieces and of the barrier, whose label is the highest."""
    pieces, beyond = cut.pieces, len(cut) + 1

    def traced(k: int) -> TileBoundaries:
        labels, tile = pieces.tile_labels(k), pieces.tiles[k].tile
        free = (labels == 0) & within(tile.grown(1), pieces.grid)
        labels[free & barrier(tile.grown(1))] = beyond
        return tile_boundaries(labels, tile)

    arcs = join_boundaries(giving_back(in_order(traced, range(len(pieces.tiles)), pieces.jobs)))
    rings = int(np.count_nonzero(arcs.part_label[arcs.ring_part] < beyond))
    return replace(  # the barrier is not drawn itself: its rings come last
        arcs,
        sides=arcs.sides[: int(arcs.ring_end[rings - 1]) if rings else 0],
        ring_end=arcs.ring_end[:rings],
        ring_part=arcs.ring_part[:rings],
        part_label=arcs.part_label[arcs.part_label < beyond],
    )


def within(grid: Grid, region: Grid) -> NDArray[np.bool_]:
    """
    Return which cells of a grid are cells of the region's grid (是否在区域格网内).

    Parameters
    ----------
    grid, region : Grid
        Of the same cells.

    Examples
    --------
    >>> within(Grid(10.0, -1, 0, 2, 2), Grid(10.0, 0, 0, 5, 5)).tolist()
    [[False, False], [True, True]]
    """
    rows, cols = grid.row + np.arange(grid.rows), grid.col + np.arange(grid.cols)
    inside = (region.row <= rows) & (rows < region.row + region.rows)
    across = (region.col <= cols) & (cols < region.col + region.cols)
    return np.asarray(inside[:, None] & across)
