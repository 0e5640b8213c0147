"""
Arcs whose corners wait aside, for coverages whose polygons no memory need hold (暂存的弧段).

Borders along the cells are put aside; all corners are in memory only while they are simplified and cut. Polygons are
built some at a time, from the corners of those arcs alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shuibao.ground import _coverage_kernels as kernels
from shuibao.ground.aside import Aside, Kept
from shuibao.ground.coverage_arcs import BATCH, Arcs, Ints, Labels
from shuibao.ground.coverage_smoothing import arc_ranges

NO_CORNERS = np.empty((0, 2), np.int32)

PART = 2**20
"""Corners that are put aside together."""

GAP = 2**13
"""Corners of other arcs that are read rather than looking for the next place."""


@dataclass(frozen=True)
class ArcsAside:
    """
    The borders of all labels as arcs that are not in memory (暂存的共边弧段).

    Attributes
    ----------
    arcs : Arcs
        How arcs make rings, parts and polygons; without corners.
    aside : Aside
        The corners, arc after arc, and nothing else.
    twice : (arcs,) int64
        Twice the area between each arc and the first column, in cells of its corners.
    """

    arcs: Arcs
    aside: Aside
    twice: Ints

    @classmethod
    def of(cls, arcs: Arcs) -> ArcsAside:
        """Put the corners of arcs aside (暂存)."""
        begins = ((low, int(arcs.end[low - 1]) if low else 0, high) for low, high in arc_ranges(arcs.end, PART))
        parts = ((arcs.corners[b : int(arcs.end[high - 1])], arcs.end[low:high] - b) for low, b, high in begins)
        return cls._of(replace(arcs, corners=NO_CORNERS), parts)

    @classmethod
    def _of(cls, arcs: Arcs, parts: Iterator[tuple[NDArray[np.int32], Ints]]) -> ArcsAside:
        aside, end, twice = Aside(), np.empty(len(arcs), np.int64), np.zeros(len(arcs), np.int64)
        at, arc = 0, 0
        for corners, some in parts:
            aside.put(corners)
            kernels.measure_arcs(corners, some, twice[arc : arc + some.size])
            end[arc : arc + some.size] = some + at
            at, arc = at + len(corners), arc + some.size
        return cls(replace(arcs, end=end), aside, twice)

    def back(self) -> Arcs:
        """Return the arcs with their corners, in memory (取回)."""
        return replace(self.arcs, corners=self._corners(0, int(self.arcs.end[-1]) if len(self.arcs) else 0))

    def drawn(self, simplify: float, smooth: float, fixed: NDArray[np.bool_], jobs: int = 1) -> ArcsAside:
        """
        Return the arcs simplified and smoothed, aside as well (化简、光滑).

        Parameters
        ----------
        simplify, smooth : float
            Tolerances, m, as for :meth:`Arcs.simplified` and :meth:`Arcs.smoothed`.
        fixed : (arcs,) array of bool
            Arcs that stay as they are.
        jobs : int
            Threads; the result does not depend on them.
        """
        arcs = self.back().simplified(simplify, fixed)
        if smooth == 0.0 or len(arcs) == 0:
            return ArcsAside.of(arcs)
        cell, parts = arcs.smoothed_parts(smooth, fixed, jobs)
        arcs = replace(arcs, cell=cell, corners=NO_CORNERS)
        return ArcsAside._of(arcs, parts)

    def areas(self) -> tuple[Labels, NDArray[np.float64]]:
        """
        Return the area of the polygon of each label, without building it (多边形面积).

        Returns
        -------
        labels : (n,) int32
            Labels, ascending.
        area : (n,) float64
            Area, m²: a whole number of half cells of the grid that the corners are on, rounded once.

        Notes
        -----
        Green's theorem in whole numbers, exact whatever the order: sums on the way may run over, and come back.
        """
        arcs = self.arcs
        if arcs.sides.size == 0:
            return np.empty(0, np.int32), np.empty(0)
        mine = np.where(arcs.sides & 1, -self.twice[arcs.sides >> 1], self.twice[arcs.sides >> 1])
        by_ring = np.add.reduceat(mine, arcs.ring_end - np.diff(arcs.ring_end, prepend=0))
        labels, place = np.unique(arcs.part_label[arcs.ring_part], return_inverse=True)
        whole = np.zeros(labels.size, np.int64)
        np.add.at(whole, place, by_ring)
        return labels, whole.astype(np.float64) * (0.5 * arcs.cell**2)

    def polygons(self) -> tuple[Labels, NDArray[np.object_]]:
        """Return the polygons of all labels, as :meth:`Arcs.polygons` does (共边多边形)."""
        batches = list(self.batches())
        labels = np.concatenate([np.empty(0, np.int32), *(labels for labels, _ in batches)])
        return labels, np.concatenate([np.empty(0, object), *(geometry for _, geometry in batches)])

    def batches(self, points: int = BATCH) -> Iterator[tuple[Labels, NDArray[np.object_]]]:
        """
        Yield the polygons of some labels at a time, as :meth:`Arcs.batches` does (分批多边形).

        Parameters
        ----------
        points : int
            Labels are taken together until they have so many points.
        """
        for low, high in self.arcs.ring_ranges(points):
            yield self._some(low, high).polygons()

    def _some(self, low: int, high: int) -> Arcs:
        """Return the arcs of the rings from ``low`` to ``high`` in memory."""
        whole = self.arcs
        first = int(whole.ring_end[low - 1]) if low else 0
        sides = whole.sides[first : int(whole.ring_end[high - 1])]
        used, place = np.unique(sides >> 1, return_inverse=True)
        part = int(whole.ring_part[low])
        length = np.diff(whole.end, prepend=0)[used]
        return Arcs(
            whole.cell, self._corners_of(whole.end[used] - length, length), np.cumsum(length), whole.left[used],
            whole.right[used], 2 * place + (sides & 1), whole.ring_end[low:high] - first, whole.ring_part[low:high] - part,
            whole.part_label[part : int(whole.ring_part[high - 1]) + 1],
        )  # fmt: skip

    def _corners_of(self, begin: Ints, length: Ints) -> NDArray[np.int32]:
        """Return the corners of arcs that begin at some places, ascending; near ones are read together."""
        found = np.empty((int(length.sum()), 2), np.int32)
        at = np.cumsum(length) - length
        far = np.flatnonzero(begin[1:] - (begin + length)[:-1] > GAP) + 1
        for arcs in np.split(np.arange(begin.size), far):
            low, high, place = int(begin[arcs[0]]), int((begin + length)[arcs[-1]]), int(at[arcs[0]])
            count = int(length[arcs].sum())
            chosen = np.arange(count) + np.repeat(begin[arcs] - low - (at[arcs] - place), length[arcs])
            found[place : place + count] = self._corners(low, high)[chosen]
        return found

    def _corners(self, low: int, high: int) -> NDArray[np.int32]:
        """Return the corners from one to another."""
        return Kept(self.aside, 8 * low, 8 * (high - low)).array(np.int32).reshape(-1, 2)
