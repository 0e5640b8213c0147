"""
What other parameters would have drawn: the trade-off of patch aggregation (聚合参数取舍).

Wider gaps and smaller minimum areas take more in and leave less out, and draw rounder or more ragged areas. The stages
that combinations share are done once: a gap width is closed once for all holes, widths and areas, and a minimum area asks
only the graph of the pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import TILE, Grid
from shuibao.ground.parallel import in_order
from shuibao.zoning.aggregation import JOBS, Reader, haloed
from shuibao.zoning.aggregation_joining import Aggregates, join_pieces
from shuibao.zoning.aggregation_rule import HECTARE, ROUNDING, AggregationRule
from shuibao.zoning.aggregation_runs import PackedRuns
from shuibao.zoning.aggregation_tiles import TilePieces, measured_pieces
from shuibao.zoning.aggregation_zone import ZoneStages


@dataclass(frozen=True)
class TradeOff:
    r"""
    One row for each combination of parameters (参数取舍表), the minimum area varying fastest, then width and gap.

    Attributes
    ----------
    gap_width, sliver_width : (rows,) float64
        m, in whole cells.
    minimum_area : (rows,) float64
        hm², in whole cells.
    areas : (rows,) int64
        Number of areas.
    area : (rows,) float64
        Area of all together, hm², by cells.
    commission : (rows,) float64
        Of it, what was not in the source, hm².
    omission : (rows,) float64
        Source that is in no area, hm².
    compactness : (rows,) float64
        Mean of :math:`4 \pi A / P^2` over the areas, weighted by area, with perimeters along the cells: a square has
        0.785, a disc of many cells 0.617. NaN if there are no areas.
    source : float
        The source, hm².
    chosen : int
        Row of the rule that was given; -1 if it is not among them.
    """

    gap_width: NDArray[np.float64]
    sliver_width: NDArray[np.float64]
    minimum_area: NDArray[np.float64]
    areas: NDArray[np.int64]
    area: NDArray[np.float64]
    commission: NDArray[np.float64]
    omission: NDArray[np.float64]
    compactness: NDArray[np.float64]
    source: float
    chosen: int

    def __len__(self) -> int:
        """Return the number of combinations."""
        return int(self.areas.size)

    def columns(self) -> dict[str, NDArray[Any]]:
        """
        Return the table, ready to be written (取舍表各列).

        Returns
        -------
        dict of str to (rows,) array
            Lengths in m, areas in hm², ``commission_share`` of the area and ``omission_share`` of the source, 0–1.
        """
        return {
            "gap_width_m": self.gap_width,
            "sliver_width_m": self.sliver_width,
            "minimum_area_hm2": self.minimum_area,
            "areas": self.areas,
            "area_hm2": self.area,
            "commission_hm2": self.commission,
            "commission_share": self.commission / np.maximum(self.area, np.finfo(float).tiny),
            "omission_hm2": self.omission,
            "omission_share": self.omission / max(self.source, np.finfo(float).tiny),
            "compactness": self.compactness,
        }


def trade_off(
    read: Reader,
    grid: Grid,
    rule: AggregationRule,
    *,
    gaps: Sequence[float],
    slivers: Sequence[float],
    areas: Sequence[float],
    tile: int = TILE,
    jobs: int = JOBS,
) -> TradeOff:
    """
    Return what combinations of parameters would draw (聚合参数取舍).

    Parameters
    ----------
    read : callable
        Returns the candidates on a grid inside the region; called from several threads.
    grid : Grid
        The region.
    rule : AggregationRule
        Says what holes are filled, and which row is the chosen one.
    gaps, slivers : sequence of float
        Widths of gaps and of slivers, m, rounded down to whole cells.
    areas : sequence of float
        Minimum areas, hm², rounded up to whole cells.
    tile, jobs : int
        Side of a tile, cells, and threads. The result does not depend on them.

    Returns
    -------
    TradeOff

    Examples
    --------
    >>> from shuibao.zoning.aggregation_zone import Candidates
    >>> row = np.array([[1, 1, 0, 1, 1, 0, 0, 1]]).repeat(2, axis=0)
    >>> def read(grid):
    ...     return Candidates(row[grid.inside(Grid(10.0, 0, 0, 2, 8))])
    >>> found = trade_off(
    ...     read, Grid(10.0, 0, 0, 2, 8), AggregationRule(), gaps=[0, 10, 20], slivers=[0], areas=[0, 0.04]
    ... )
    >>> found.areas.tolist(), found.commission.tolist()
    ([3, 2, 2, 1, 1, 1], [0.0, 0.0, 0.02, 0.02, 0.06, 0.06])
    """
    cell = grid.cell
    gap_cells = _distinct(math.floor(g / cell + ROUNDING) for g in gaps)
    sliver_cells = _distinct(math.floor(s / cell + ROUNDING) for s in slivers)
    least = _distinct(max(math.ceil(a * HECTARE / cell**2 - ROUNDING), 1) for a in areas)
    widest = replace(rule, gap_cells=max(gap_cells), sliver_cells=max(sliver_cells))
    pairs = list(product(gap_cells, sliver_cells))

    def looked_at(window: Grid) -> list[TilePieces]:
        return _variants(read, grid, window, rule, widest.reach, gap_cells, sliver_cells, least[0])

    tiles = list(in_order(looked_at, grid.tiles(tile), jobs))
    rows, found = [], []
    for k, (gap, sliver) in enumerate(pairs):
        for min_cells in least:
            one = replace(rule, gap_cells=gap, sliver_cells=sliver, min_cells=min_cells)
            rows.append(one)
            found.append(_summed(join_pieces([t[k] for t in tiles], one)[0]))
    source = sum(int(t[0].source[1:].sum()) for t in tiles)
    return _table(rows, np.array(found).reshape(-1, 5), source, rule, cell)


def _distinct(cells: Iterable[int]) -> list[int]:
    """Return whole numbers of cells, ascending, each once."""
    return sorted(set(cells))


def _variants(
    read: Reader, grid: Grid, window: Grid, rule: AggregationRule, reach: int, gaps: list[int], slivers: list[int],
    least: int,
) -> list[TilePieces]:  # fmt: skip
    """Return the pieces of a tile for each gap and each width, closed and filled once for all widths."""
    candidates = haloed(read, grid, window.grown(reach))
    stages = ZoneStages.of(candidates)
    found = []
    for gap in gaps:
        zone = stages.filled(stages.closed(gap), rule.hole_cells, rule.hole_reach)
        for sliver in slivers:
            code = stages.coded(stages.opened(zone, sliver))
            found.append(replace(measured_pieces(code, candidates, window, reach, least), runs=_NO_RUNS))
    return found


_NO_RUNS = PackedRuns(0, np.zeros(1, np.int32), ())
"""Nothing is painted: the runs of cells need not be kept."""


def _summed(areas: Aggregates) -> tuple[float, ...]:
    """Return number, cells, commission, omission, and compactness weighted by cells."""
    cells = float(areas.cells.sum())
    compact = 4.0 * np.pi * areas.cells / np.maximum(areas.edges, 1).astype(np.float64) ** 2
    mean = float((compact * areas.cells).sum() / cells) if cells else math.nan
    return len(areas), cells, float(areas.commission.sum()), float(areas.omission), mean


def _table(
    rows: list[AggregationRule], found: NDArray[np.float64], source: int, rule: AggregationRule, cell: float
) -> TradeOff:
    """Put the rows into a table, in hectares and metres."""
    unit = cell**2 / HECTARE
    return TradeOff(
        gap_width=np.array([r.gap_cells for r in rows]) * cell,
        sliver_width=np.array([r.sliver_cells for r in rows]) * cell,
        minimum_area=np.array([r.min_cells for r in rows]) * unit,
        areas=found[:, 0].astype(np.int64),
        area=found[:, 1] * unit,
        commission=found[:, 2] * unit,
        omission=found[:, 3] * unit,
        compactness=found[:, 4],
        source=source * unit,
        chosen=next((k for k, r in enumerate(rows) if r == rule), -1),
    )
