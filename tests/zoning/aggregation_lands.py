"""Candidates to draw from, and the slow plain way to the same zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from shuibao.ground.grid import Grid
from shuibao.zoning.aggregation import Aggregation, aggregate
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_zone import Candidates

CELL = 10.0


@dataclass(frozen=True)
class Case:
    """Candidates on a grid, and a rule."""

    candidates: Candidates
    grid: Grid
    rule: AggregationRule

    def made(self, tile: int = 10**6) -> Aggregation:
        """Return the areas, by tiles of a size."""
        return aggregate(self.candidates, self.grid, self.rule, tile=tile, jobs=1)

    def again(self, source: NDArray[np.uint8]) -> Aggregation:
        """Return the areas of another source on the same land."""
        old = self.candidates
        candidates = Candidates(source, old.claimable, old.barrier, old.fence)
        return aggregate(candidates, self.grid, self.rule, tile=10**6, jobs=1)


rules = st.builds(
    AggregationRule,
    gap_cells=st.sampled_from([0, 0, 1, 2, 3]),
    sliver_cells=st.integers(0, 2),
    min_cells=st.sampled_from([1, 2, 6, 20]),
    hole_cells=st.sampled_from([15, 6, 40, 0]),
    hole_side=st.sampled_from([20, 2]),
    simplify=st.sampled_from([0.0, 8.0, 30.0]),
    smooth=st.sampled_from([0.0, 5.0, 40.0]),
)


@st.composite
def cases(draw: st.DrawFn, most: int = 26) -> Case:
    """Draw a few classes, ragged or without order, with and without barriers, fences and land that may be claimed."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    side = st.one_of(st.just(most), st.integers(1, most))  # a line and a point among them
    shape = draw(side), draw(side)
    field = ndimage.gaussian_filter(random.random(shape), draw(st.sampled_from([0.0, 0.7, 1.5])))
    source = (field > np.quantile(field, draw(st.sampled_from([0.1, 0.3, 0.6])))).astype(np.uint8)
    if draw(st.booleans()):  # as a sieve
        source = (random.random(shape) > draw(st.sampled_from([0.1, 0.25]))).astype(np.uint8)
    kinds = draw(st.integers(1, 3))
    which = ndimage.gaussian_filter(random.random(shape), draw(st.sampled_from([0.5, 2.0])))
    source *= (1 + np.digitize(which, np.quantile(which, [0.4, 0.7])[: kinds - 1])).astype(np.uint8)
    claimable = random.random(shape) < 0.5 if draw(st.booleans()) else None
    barrier = None
    if draw(st.booleans()):
        barrier = random.random(shape) < draw(st.sampled_from([0.0, 0.05]))
        barrier[shape[0] // 2] |= draw(st.booleans())
    fence = None
    if draw(st.booleans()):
        fence = (np.indices(shape).sum(axis=0) > sum(shape) // 2).astype(np.int32) * 7
    grid = Grid(CELL, draw(st.integers(-30, 30)), draw(st.integers(-30, 30)), *shape)
    return Case(Candidates(source, claimable, barrier, fence), grid, draw(rules))


def plain_zone(case: Case) -> NDArray[np.bool_]:
    """Return the zone, before areas are counted, cell by cell and window by window as the equations say it."""
    c, rule = case.candidates, case.rule
    pad = rule.reach + 2
    source, barrier, fence, claimable = (
        np.pad(a, pad)
        for a in (
            c.source,
            np.zeros(c.source.shape, bool) if c.barrier is None else c.barrier,
            np.zeros(c.source.shape, int) if c.fence is None else c.fence,
            np.ones(c.source.shape, bool) if c.claimable is None else c.claimable,
        )
    )
    zone = (source > 0) & ~barrier
    zone |= _closing(zone, barrier, fence, rule.gap_cells + 1) & claimable & ~barrier
    zone |= _holes(zone, barrier, fence, rule)
    opened = np.zeros_like(zone)
    side = rule.sliver_cells + 1
    for i in range(zone.shape[0] - side + 1):
        for j in range(zone.shape[1] - side + 1):
            window = np.s_[i : i + side, j : j + side]
            if zone[window].all() and np.ptp(fence[window]) == 0:
                opened[window] = True
    return opened[pad:-pad, pad:-pad]


def _closing(
    zone: NDArray[np.bool_], barrier: NDArray[np.bool_], fence: NDArray[np.int64], side: int
) -> NDArray[np.bool_]:
    """Return the cells whose every piece of a square meets the zone."""
    closed = np.ones_like(zone)
    for i in range(zone.shape[0] - side + 1):
        for j in range(zone.shape[1] - side + 1):
            window = np.s_[i : i + side, j : j + side]
            for name in np.unique(fence[window]):
                pieces, count = ndimage.label((fence[window] == name) & ~barrier[window])
                for k in range(1, count + 1):
                    if not zone[window][pieces == k].any():
                        closed[window][pieces == k] = False
    return closed


def _holes(
    zone: NDArray[np.bool_], barrier: NDArray[np.bool_], fence: NDArray[np.int64], rule: AggregationRule
) -> NDArray[np.bool_]:
    """Return the cells of the holes that are filled."""
    filled = np.zeros_like(zone)
    holes, _ = ndimage.label(~zone, np.ones((3, 3)))
    for k, box in enumerate(ndimage.find_objects(holes), start=1):
        hole = holes == k
        around = ndimage.binary_dilation(hole, np.ones((3, 3)))
        long = max(s.stop - s.start for s in box)
        edge = hole[0].any() or hole[-1].any() or hole[:, 0].any() or hole[:, -1].any()
        one = np.ptp(fence[around]) == 0 and not (hole & barrier).any()
        if one and not edge and hole.sum() < rule.hole_cells and long <= rule.hole_side:
            filled |= hole
    return filled
