r"""
The zone of many cells: gaps closed, holes filled, slivers dropped, never across a barrier (聚合范围).

Closing and filling are closings of the lattice of sets, dropping is an opening: of such a pair, one after the other, the
second time changes nothing (Serra, 1982).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.zoning import _aggregation_kernels as kernels
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.cleaning import over_windows

CLASSES = 16
"""Classes that a source may have: 0, no candidate, to 15."""

BARRIER = -1
"""Fence of a barrier cell: it belongs to no area."""

NO_CLASS = 2**16 - 32
"""Cost where no source cell is near."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """
    What aggregation looks at: the cells that meet a rule, and where they may and may not be joined (初选像元).

    Parameters
    ----------
    source : (rows, cols) array of int
        Class of each cell that meets a rule, 1 to 15; 0 where none is met or data are missing.
    claimable : (rows, cols) array of bool, optional
        Cells that closing a gap may take; all if not given. A hole may be filled whatever it is.
    barrier : (rows, cols) array of bool, optional
        Cells of rivers, roads, red lines: never in any area, even if they are in the source, and never joined across.
    fence : (rows, cols) array of int, optional
        Number of the district of each cell, from 0 up: cells of two districts are never in one area.

    Raises
    ------
    ShuibaoError
        If arrays differ in shape, or values cannot be.
    """

    source: NDArray[Any]
    claimable: NDArray[Any] | None = None
    barrier: NDArray[Any] | None = None
    fence: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit (检查)."""
        for name in ("claimable", "barrier", "fence"):
            array = getattr(self, name)
            if array is not None and array.shape != self.source.shape:
                raise ShuibaoError(
                    f"聚合的 {name} 大小为 {array.shape}，应与 source 相同：{self.source.shape}。",
                    f"{name} has shape {array.shape}, it must be that of source: {self.source.shape}.",
                )
        _check_whole("source", self.source, CLASSES - 1)
        if self.fence is not None:
            _check_whole("fence", self.fence, np.iinfo(np.int32).max)

    @property
    def lines(self) -> NDArray[np.int32] | None:
        """Return the district of each cell, -1 at barriers; None if there are neither."""
        if self.fence is None and self.barrier is None:
            return None
        lines = np.zeros(self.source.shape, np.int32) if self.fence is None else self.fence.astype(np.int32)
        if self.barrier is not None:
            lines[self.barrier.astype(np.bool_)] = BARRIER
        return lines


def _check_whole(name: str, values: NDArray[Any], most: int) -> None:
    """Refuse values that are no whole numbers from 0 to ``most``."""
    whole = np.issubdtype(values.dtype, np.integer) or values.dtype == np.bool_
    low, high = (int(values.min(initial=0)), int(values.max(initial=0))) if whole else (0, 0)
    if not whole or low < 0 or high > most:
        found = f"{low}…{high}" if whole else values.dtype
        raise ShuibaoError(
            f"聚合的 {name} 应为 0 至 {most} 的整数，现为 {found}；请先换成这样的编号。",
            f"{name} must be whole numbers from 0 to {most}, found {found}; number them so first.",
        )


def zone_cells(candidates: Candidates, rule: AggregationRule) -> NDArray[Any]:
    r"""
    Return the cells of the zone with their class, before areas are counted (聚合范围).

    Parameters
    ----------
    candidates : Candidates
        With a halo of at least ``rule.reach`` cells, less one, around what is to be used; nothing beyond the region.
    rule : AggregationRule

    Returns
    -------
    (rows, cols) array of uint8 or int64
        0 where there is no zone, else fence times 256, plus class times 2, plus 1 where the cell is in the source. A
        cell taken in has the class of the nearest source cell, in rows, columns and diagonals; the lower of two.

    Notes
    -----
    With :math:`X` the source without barriers, :math:`G` the claimable cells, :math:`\mathcal S` the 4-connected pieces,
    each of one fence and without barrier, of all squares of :math:`g + 1` cells:

    .. math::
        \varphi(X) &= \{x : S \cap X \ne \emptyset \text{ for every } S \in \mathcal S \text{ with } x \in S\} \\
        Y &= X \cup (\varphi(X) \cap G), \qquad Y' = Y \cup \text{small holes of } Y, \qquad Z = Y' \circ B_{s+1}

    A hole is 8-connected, has less than the minimum area, is not longer than it may be, holds no barrier, and lies with
    all cells around it in one fence. The squares :math:`B` of the opening lie in one fence, too.

    Examples
    --------
    >>> row = np.array([[1, 1, 0, 2, 2, 0, 0, 0, 1]]).repeat(2, axis=0)
    >>> (zone_cells(Candidates(row), AggregationRule(gap_cells=1, sliver_cells=1))[0] // 2).tolist()
    [1, 1, 1, 2, 2, 0, 0, 0, 0]
    """
    stages = ZoneStages.of(candidates)
    zone = stages.closed(rule.gap_cells)
    zone = stages.filled(zone, rule.hole_cells, rule.hole_reach)
    return stages.coded(stages.opened(zone, rule.sliver_cells))


@dataclass(frozen=True)
class ZoneStages:
    """
    The steps from candidates to a zone, one by one, so that several rules can share the first of them (聚合步骤).

    Attributes
    ----------
    source : (rows, cols) array of uint8
        Class, 0 at barriers.
    claimable : (rows, cols) array of bool
        What a closed gap may take: never a barrier.
    lines : (rows, cols) array of int32, or None
        District, -1 at barriers.
    fenced : bool
        Whether there are districts.
    """

    source: NDArray[np.uint8]
    claimable: Mask
    lines: NDArray[np.int32] | None
    fenced: bool

    @classmethod
    def of(cls, candidates: Candidates) -> ZoneStages:
        """Return the steps for some candidates (由初选像元建立)."""
        source = candidates.source.astype(np.uint8, copy=False)
        if candidates.barrier is not None:
            source = np.where(candidates.barrier, np.uint8(0), source)
        return cls(source, _claimable(candidates), candidates.lines, candidates.fence is not None)

    def closed(self, gap: int) -> Mask:
        """Return the source with gaps up to a width closed (填缝)."""
        zone = self.source > 0
        if gap > 0 and zone.any():
            zone |= _closed(zone, self.claimable, self.lines, gap)
        return zone

    def filled(self, zone: Mask, cells: int, side: int) -> Mask:
        """Return a zone with its small holes filled (填洞)."""
        if side == 0 or not zone.any():
            return zone
        zone = zone.copy()
        _fill(zone, self.lines, cells, side)
        return zone

    def opened(self, zone: Mask, sliver: int) -> Mask:
        """Return a zone without what is narrow (去狭条)."""
        return _opened(zone, self.lines if self.fenced else None, sliver) if sliver > 0 and zone.any() else zone

    def coded(self, zone: Mask) -> NDArray[Any]:
        """Return the code of each cell, as :func:`zone_cells` has it (编码)."""
        fence = self.lines if self.fenced else None
        if not zone.any():
            return np.zeros(zone.shape, np.uint8 if fence is None else np.int64)
        return _coded(zone, self.source, fence)


def _claimable(candidates: Candidates) -> Mask:
    """Return the cells that a closed gap may take: never a barrier."""
    free = np.ones(candidates.source.shape, np.bool_)
    if candidates.claimable is not None:
        free &= candidates.claimable.astype(np.bool_, copy=False)
    if candidates.barrier is not None:
        free &= ~candidates.barrier.astype(np.bool_, copy=False)
    return free


def _closed(zone: Mask, claimable: Mask, lines: NDArray[np.int32] | None, gap: int) -> Mask:
    """Return the claimable cells that every piece of a square holding them joins to the zone."""
    side = gap + 1
    padded = np.pad(zone, gap)
    hit = over_windows(padded, side, side, np.logical_or)
    closed = over_windows(hit, side, side, np.logical_and)
    closed &= claimable
    if lines is not None:
        around = np.pad(lines, gap)
        mixed = around < 0
        mixed[:, :-1] |= around[:, 1:] != around[:, :-1]
        mixed[:-1] |= around[1:] != around[:-1]
        split = np.ascontiguousarray(over_windows(mixed, side, side, np.logical_or) & hit)
        covered, wanted = np.zeros_like(padded), np.pad(closed, gap)
        stack, seen = np.empty((side * side, 2), np.int64), np.empty((side, side), np.bool_)
        kernels.cover_by_pieces(padded, wanted, around, split, side, covered, stack, seen)
        closed &= ~covered[gap:-gap, gap:-gap]
    return closed


def _fill(zone: Mask, lines: NDArray[np.int32] | None, cells: int, side: int) -> None:
    """Fill the small holes of a zone."""
    most = int(np.count_nonzero(zone[:, 1:] != zone[:, :-1])) + zone.shape[0]
    row_runs = np.empty(zone.shape[0] + 1, np.int64)
    first, last = np.empty((2, most), np.int32)
    count = kernels.find_gaps(zone, row_runs, first, last)
    first, last, parent = first[:count], last[:count], np.arange(count, dtype=np.int32)
    kernels.join_gaps(row_runs, first, last, parent)
    fence, fenced = (np.zeros((1, 1), np.int32), 0) if lines is None else (lines, 1)
    area, box = np.zeros(count, np.int64), np.empty((count, 3), np.int32)
    kernels.fill_gaps(zone, fence, fenced, row_runs, first, last, parent, area, box, cells, side)


def _opened(zone: Mask, lines: NDArray[np.int32] | None, sliver: int) -> Mask:
    """Return the union of the squares that lie wholly in the zone and in one fence."""
    side = sliver + 1
    padded = np.pad(zone, sliver)
    held = over_windows(padded, side, side, np.logical_and)
    if lines is not None:
        around = np.pad(lines, sliver)
        held &= ~over_windows(around[:, 1:] != around[:, :-1], side, side - 1, np.logical_or)
        held &= ~over_windows(around[1:] != around[:-1], side - 1, side, np.logical_or)
    return over_windows(held, side, side, np.logical_or)


def _coded(zone: Mask, source: NDArray[np.uint8], fence: NDArray[np.int32] | None) -> NDArray[Any]:
    """Return the code of each cell of the zone: fence, class, and whether it was in the source."""
    present = np.flatnonzero(np.bincount(source.ravel(), minlength=CLASSES)[1:]) + 1
    taken = source > 0
    if present.size == 1:
        kind = np.full(zone.shape, present[0], np.uint8)
    else:
        cost = np.empty(zone.shape, np.uint16)
        kernels.nearest_classes(source, cost, NO_CLASS)
        kind = (cost & 15).astype(np.uint8)
    code = kind * np.uint8(2) + taken
    code[~zone] = 0
    if fence is None:
        return code
    return np.where(zone, fence.astype(np.int64) * 256 + code, 0)
