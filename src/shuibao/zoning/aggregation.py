"""
Patch aggregation (图斑聚合): from the cells that meet a rule to areas that a law can name.

Tile by tile the zone is formed and cut into pieces, small graphs are solved in one place, and the areas are painted or
drawn: the same to the byte for tiles of any size, in memory or not. Doing it again with the areas as the source changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.aside import Aside
from shuibao.ground.coverage import TileBoundaries, join_boundaries, tile_boundaries
from shuibao.ground.coverage_arcs import Arcs
from shuibao.ground.grid import TILE, Grid
from shuibao.ground.memory import give_back, giving_back
from shuibao.ground.parallel import in_order
from shuibao.messages import ShuibaoError
from shuibao.zoning.aggregation_joining import Aggregates, join_pieces
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_runs import TileRuns
from shuibao.zoning.aggregation_tiles import TilePieces, tile_pieces
from shuibao.zoning.aggregation_zone import Candidates

JOBS = 2
"""Threads that work on tiles, if nothing else is said."""

Reader = Callable[[Grid], Candidates]
"""Reads the candidates of a grid that lies inside the region."""


@dataclass(frozen=True)
class Aggregation:
    """
    The areas of a region, and what is needed to paint and to draw them (图斑聚合成果).

    Attributes
    ----------
    grid : Grid
        The region.
    rule : AggregationRule
        What they were made with.
    areas : Aggregates
        One row for each area.
    tiles : tuple of TileRuns
        The cells of the pieces, tile by tile.
    tables : tuple of arrays
        For each tile the area, from 1, of each piece.
    jobs : int
        Threads.
    """

    grid: Grid
    rule: AggregationRule
    areas: Aggregates
    tiles: tuple[TileRuns, ...]
    tables: tuple[NDArray[np.int32], ...]
    jobs: int = JOBS

    def tile_labels(self, k: int) -> NDArray[np.int32]:
        """
        Return the areas of a tile, with a halo of one cell (分幅标号).

        Parameters
        ----------
        k : int
            Which of :attr:`tiles`.

        Returns
        -------
        (rows + 2, cols + 2) array of int32
            Area from 1, in the order of :attr:`areas`; 0 outside all.
        """
        return self.tiles[k].painted(self.tables[k])

    def labels(self) -> NDArray[np.int32]:
        """
        Return the areas of the whole region, in memory (标号栅格).

        Returns
        -------
        (rows, cols) array of int32
        """
        whole = np.zeros(self.grid.shape, np.int32)
        for k, t in enumerate(self.tiles):
            whole[t.tile.inside(self.grid)] = self.tile_labels(k)[1:-1, 1:-1]
        return whole

    def classes(self) -> NDArray[np.uint8]:
        """
        Return the class of each cell after aggregation, in memory (聚合后类别).

        Returns
        -------
        (rows, cols) array of uint8
        """
        table = np.concatenate([[0], self.areas.kind]).astype(np.uint8)
        return np.asarray(table[self.labels()])

    def borders(self) -> Arcs:
        """Trace the borders of the areas along the cells, each once (边界)."""

        def traced(k: int) -> TileBoundaries:
            return tile_boundaries(self.tile_labels(k), self.tiles[k].tile)

        some = [k for k, t in enumerate(self.tiles) if t.pieces > 0]
        return join_boundaries(giving_back(in_order(traced, some, self.jobs)))


def aggregate(
    candidates: Candidates, grid: Grid, rule: AggregationRule, *, tile: int = TILE, jobs: int = JOBS
) -> Aggregation:
    """
    Put the cells of a region in memory together to areas (图斑聚合).

    Parameters
    ----------
    candidates : Candidates
        On the grid.
    grid : Grid
        Where they lie.
    rule : AggregationRule
        Widths, areas and tolerances.
    tile : int
        Side of a tile, cells. The result does not depend on it.
    jobs : int
        Threads.

    Returns
    -------
    Aggregation

    Raises
    ------
    ShuibaoError
        If arrays do not fit the grid, or values cannot be.

    Examples
    --------
    Two patches with a gap of one cell are one area; a cell alone is left out:

    >>> source = np.array([[1, 1, 0, 1, 1, 0, 0, 0, 1]]).repeat(2, axis=0)
    >>> made = aggregate(Candidates(source), Grid(10.0, 0, 0, 2, 9), AggregationRule(gap_cells=1, min_cells=4))
    >>> made.labels()[0].tolist(), made.areas.commission.tolist(), made.areas.omission
    ([1, 1, 1, 1, 1, 0, 0, 0, 0], [2], 2)
    """
    if candidates.source.shape != grid.shape:
        raise ShuibaoError(
            f"聚合的 source 大小为 {candidates.source.shape}，应与格网相同：{grid.shape}。",
            f"source has shape {candidates.source.shape}, the grid {grid.shape}; they must be the same.",
        )

    def read(window: Grid) -> Candidates:
        inside = window.inside(grid)
        source, claimable, barrier, fence = (None if a is None else a[inside] for a in _arrays(candidates))
        return Candidates(np.asarray(source), claimable, barrier, fence)

    return aggregate_tiles(read, grid, rule, tile=tile, jobs=jobs)


def aggregate_tiles(
    read: Reader, grid: Grid, rule: AggregationRule, *, tile: int = TILE, jobs: int = JOBS
) -> Aggregation:
    """
    Put the cells of a region together to areas, tile by tile (分幅图斑聚合).

    Parameters
    ----------
    read : callable
        Returns the candidates on a grid inside the region; called from several threads.
    grid : Grid
        The region.
    rule : AggregationRule
        Widths, areas and tolerances.
    tile : int
        Side of a tile, cells. The result does not depend on it.
    jobs : int
        Threads.

    Returns
    -------
    Aggregation
        Holds runs of cells, not cells; more than some tens of megabytes of them wait in a temporary file.
    """
    work = partial(_pieces, read, grid, rule, Aside())
    tiles = list(giving_back(in_order(work, grid.tiles(tile), jobs)))
    areas, tables = join_pieces(tiles, rule)
    give_back()
    return Aggregation(grid, rule, areas, tuple(t.to_paint for t in tiles), tables, jobs)


def _pieces(read: Reader, grid: Grid, rule: AggregationRule, aside: Aside, tile: Grid) -> TilePieces:
    """Read a tile with its halo, find its pieces, and put their runs aside."""
    found = tile_pieces(haloed(read, grid, tile.grown(rule.reach)), tile, rule)
    return replace(found, runs=found.runs.put_aside(aside))


def haloed(read: Reader, grid: Grid, window: Grid) -> Candidates:
    """
    Read the candidates of a window that may reach beyond the region, where there are none (加边读取).

    Parameters
    ----------
    read : callable
        Returns the candidates on a grid inside the region.
    grid : Grid
        The region.
    window : Grid
        What is wanted; it must meet the region.

    Returns
    -------
    Candidates
        On the window.
    """
    top, left = max(window.row, grid.row), max(window.col, grid.col)
    bottom = min(window.row + window.rows, grid.row + grid.rows)
    right = min(window.col + window.cols, grid.col + grid.cols)
    inside = Grid(grid.cell, top, left, bottom - top, right - left, grid.projection)
    found = read(inside)
    if inside.shape == window.shape:
        return found
    rows, cols = inside.inside(window)

    def padded(array: NDArray[Any] | None) -> NDArray[Any] | None:
        if array is None:
            return None
        whole = np.zeros(window.shape, array.dtype)
        whole[rows, cols] = array
        return whole

    source, claimable, barrier, fence = (padded(a) for a in _arrays(found))
    if claimable is None:  # beyond the region nothing may be taken
        claimable = padded(np.ones(inside.shape, np.bool_))
    return Candidates(np.asarray(source), claimable, barrier, fence)


def _arrays(candidates: Candidates) -> tuple[Any, ...]:
    """Return the arrays of candidates in the order in which they are given."""
    return candidates.source, candidates.claimable, candidates.barrier, candidates.fence
