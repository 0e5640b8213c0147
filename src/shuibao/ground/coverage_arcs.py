"""
The arcs of a coverage: each border once, shared by the polygons on both sides (弧段).

Corners are whole rows and columns of the national grid, also after simplification, which only leaves corners out;
smoothing goes on to a finer grid, a power of two of it. Every comparison is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground import _coverage_kernels as kernels
from shuibao.ground import _simplifying_kernels as simplifying
from shuibao.ground import _smoothing_kernels as smoothing
from shuibao.ground.coverage_smoothing import ROUNDS, buckets, joined_parts, smoothed_parts
from shuibao.messages import CallError

Ints = NDArray[np.int64]
Labels = NDArray[np.int32]

BATCH = 2**20
"""Points of polygons that are built at a time."""


@dataclass(frozen=True)
class Arcs:
    """
    The borders of all labels as arcs, and how arcs make rings, rings parts, and parts polygons (共边弧段).

    Attributes
    ----------
    cell : float
        Side of the cell, m.
    corners : (corners, 2) int32
        National row and column of the corners of the arcs, arc after arc, with both ends; a closed arc has its first
        corner again at its end.
    end : (arcs,) int64
        Where the corners of each arc end. Arcs are sorted by their first corner and direction.
    left, right : (arcs,) int32
        Label on either hand, on a map with north up; the left one is the higher, 0 is none.
    sides : (sides,) int64
        Sides of arcs, ring after ring: 2 a is arc a forward, 2 a + 1 back. The ring's label is on the left hand.
    ring_end : (rings,) int64
        Where the sides of each ring end. The shell of a part comes first, its holes follow.
    ring_part : (rings,) int64
        Part, from 0, that a ring bounds.
    part_label : (parts,) int32
        Label of each part, ascending. A part is a set of cells of one label that are connected by edges.
    """

    cell: float
    corners: NDArray[np.int32]
    end: Ints
    left: Labels
    right: Labels
    sides: Ints
    ring_end: Ints
    ring_part: Ints
    part_label: Labels

    def __len__(self) -> int:
        """Return the number of arcs."""
        return int(self.end.size)

    def simplified(self, tolerance: float, fixed: NDArray[np.bool_] | None = None) -> Arcs:
        """
        Return the arcs with fewer corners, each simplified once for both its sides (共边化简).

        Parameters
        ----------
        tolerance : float
            The old and the new arc are nowhere further apart than this, m (Hausdorff distance); 0 changes nothing.
        fixed : (arcs,) array of bool, optional
            Arcs that stay as they are.

        Returns
        -------
        Arcs
            No gap, no overlap, no crossing; nodes stay, every ring keeps three corners or more, and no part is lost.

        Raises
        ------
        CallError
            If the tolerance is negative or not a number.

        Notes
        -----
        Arc by arc, corners go in the order of the triangle they make with their neighbours, the smallest first
        (Visvalingam & Whyatt, 1993). A corner stays where the new straight would be further than the tolerance from a
        corner it passes by, or where another corner, of any arc, lies in the triangle or on its edge: as all corners
        are whole numbers this is exact, and no step can make two arcs touch. Needs about 16 bytes of memory for each
        corner beside the arcs.

        References
        ----------
        Visvalingam & Whyatt (1993), Line generalisation by repeated elimination of points, Cartographic Journal 30.
        """
        _check_tolerance(tolerance)
        if tolerance == 0.0 or len(self) == 0:
            return self
        keep = np.ones(len(self.corners), np.uint8)
        group, straight = self._twins()
        longest = int(np.diff(self.end, prepend=0).max())
        corners = self.corners.view()
        corners.flags.writeable = False  # those of a file are; one kernel serves both
        simplifying.simplify_arcs(
            corners, self.end, group, straight, _flags(fixed, len(self)), (tolerance / self.cell) ** 2,
            *buckets(self.corners), keep, np.empty((3, longest), np.int64), np.empty((3 * longest, 2), np.int64),
        )  # fmt: skip
        kept = np.add.reduceat(keep, self.end - np.diff(self.end, prepend=0), dtype=np.int64)
        return replace(self, corners=self.corners[keep.view(np.bool_)], end=np.cumsum(kept))

    def smoothed(self, tolerance: float, fixed: NDArray[np.bool_] | None = None) -> Arcs:
        r"""
        Return the arcs with their corners cut, twice, each once for both its sides (共边光滑).

        Parameters
        ----------
        tolerance : float
            The old and the new arc are nowhere further apart than this, m (Hausdorff distance); 0 changes nothing.
        fixed : (arcs,) array of bool, optional
            Arcs that stay as they are.

        Returns
        -------
        Arcs
            No gap, no overlap, no crossing; nodes stay. Corners are on a grid 512 times finer: ``cell`` is smaller.

        Raises
        ------
        CallError
            If the tolerance is negative or not a number.
        ShuibaoError
            If rows or columns are so many that the finer grid cannot number them.

        Notes
        -----
        A corner b between a and c gives way to two places on its straights (Chaikin, 1974),

        .. math:: p = b + s\,(a - b), \quad q = b + t\,(c - b), \qquad s, t \in \{1/4, 1/8, \ldots, 1/64\},

        the longer cut halved until b is within the tolerance of the straight pq and the triangle pbq holds no other
        corner. As no border crosses another, one that entered such a triangle would have to end in it: so the triangles
        are empty, no two of them meet, and all cuts of a round can be made at once. The first round may use three
        quarters of the tolerance, the second, which cuts down to 1/8 only, one quarter.

        References
        ----------
        Chaikin (1974), An algorithm for high-speed curve generation, Computer Graphics and Image Processing 3.
        """
        _check_tolerance(tolerance)
        if tolerance == 0.0 or len(self) == 0:
            return self
        cell, parts = self.smoothed_parts(tolerance, fixed)
        some = list(parts)
        corners, end = joined_parts(iter(some), sum(len(c) for c, _ in some), len(self))
        return replace(self, cell=cell, corners=corners, end=end)

    def smoothed_parts(
        self, tolerance: float, fixed: NDArray[np.bool_] | None = None, jobs: int = 1
    ) -> tuple[float, Iterator[tuple[NDArray[np.int32], Ints]]]:
        """
        Return what :meth:`smoothed` does, some arcs at a time (分批光滑).

        Parameters
        ----------
        tolerance : float
            m, more than 0; there must be arcs.
        fixed : (arcs,) array of bool, optional
            Arcs that stay as they are.
        jobs : int
            Threads; the result does not depend on them.

        Returns
        -------
        cell : float
            Side of the finer cell, m.
        parts : iterator of (corners, end)
            As :func:`shuibao.ground.coverage_smoothing.smoothed_parts` yields them.
        """
        _check_tolerance(tolerance)
        number = node_numbers(self.corners, self.end)
        closed = (number[0::2] == number[1::2]) & (np.bincount(number)[number[0::2]] == 2)
        may = np.where(closed, smoothing.CLOSED, smoothing.OPEN).astype(np.uint8)
        may[_flags(fixed, len(self)) != 0] = smoothing.FIXED
        cell = self.cell / math.prod(parts for parts, _ in ROUNDS)
        return cell, smoothed_parts(self.cell, self.corners, self.end, may, tolerance, jobs)

    def polygons(self) -> tuple[Labels, NDArray[np.object_]]:
        """
        Return the polygons of all labels (共边多边形).

        Returns
        -------
        labels : (n,) int32
            Labels, ascending.
        geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
            In metres. Shells have their inside on the left hand, holes too; each ring begins at its northernmost, then
            westernmost corner. Parts and holes run north to south by that corner of the raster, then west to east.
        """
        batches = list(self.batches())
        labels = np.concatenate([np.empty(0, np.int32), *(labels for labels, _ in batches)])
        return labels, np.concatenate([np.empty(0, object), *(geometry for _, geometry in batches)])

    def batches(self, points: int = BATCH) -> Iterator[tuple[Labels, NDArray[np.object_]]]:
        """
        Yield the polygons of some labels at a time, for writing more than memory holds (分批多边形).

        Parameters
        ----------
        points : int
            Labels are taken together until they have so many points.

        Yields
        ------
        labels : (n,) int32
        geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
            As :meth:`polygons` has them.
        """
        size = self._ring_points()
        for low, high in self.ring_ranges(points):
            ring_label = self.part_label[self.ring_part[low:high]]
            yield ring_label[np.flatnonzero(np.diff(ring_label, prepend=0))], self._build(low, high, size)

    def ring_ranges(self, points: int) -> Iterator[tuple[int, int]]:
        """
        Yield ranges of rings: those of whole labels, taken together until they have so many points (按标号分批).

        Parameters
        ----------
        points : int
        """
        size = self._ring_points()
        before = np.cumsum(size) - size
        begins = np.append(np.flatnonzero(np.diff(self.part_label[self.ring_part], prepend=0)), size.size)
        low = 0
        while low < begins.size - 1:
            high = int(np.searchsorted(before[begins[:-1]], before[begins[low]] + points))
            high = max(high, low + 1)
            yield int(begins[low]), int(begins[high])
            low = high

    def _ring_points(self) -> Ints:
        """Return the number of points of each ring, its first again at its end."""
        straights = np.concatenate([[0], np.cumsum((np.diff(self.end, prepend=0) - 1)[self.sides >> 1])])
        return np.diff(straights[self.ring_end], prepend=0) + 1

    def _build(self, low: int, high: int, size: Ints) -> NDArray[np.object_]:
        """Build the polygons of the rings from ``low`` to ``high``, one for each label."""
        polygons = _polygons(
            self.corners, self.end, self.sides, self.ring_end, self.ring_part, size, low, high, self.cell
        )
        label = self.part_label[self.ring_part[low] : self.ring_part[high - 1] + 1]
        _, place, parts = np.unique(label, return_inverse=True, return_counts=True)
        geometry = np.empty(parts.size, object)
        alone = parts == 1
        geometry[alone] = polygons[alone[place]]
        if not alone.all():
            several = ~alone[place]
            _, together = np.unique(place[several], return_inverse=True)
            geometry[~alone] = shapely.multipolygons(polygons[several], indices=together)
        return geometry

    def _twins(self) -> tuple[Ints, Ints]:
        """Return the pair of nodes each arc joins, a number, and how many arcs of each pair are one straight."""
        length = np.diff(self.end, prepend=0)
        key = node_numbers(self.corners, self.end)
        pair = np.stack([np.minimum(key[0::2], key[1::2]), np.maximum(key[0::2], key[1::2])])
        _, group = np.unique(pair[0] * (key.max() + 1) + pair[1], return_inverse=True)
        return group, np.bincount(group[length == 2], minlength=group.max() + 1).astype(np.int64)


def _check_tolerance(tolerance: float) -> None:
    """Refuse a tolerance that is no length."""
    if not (math.isfinite(tolerance) and tolerance >= 0.0):
        zh = f"化简、光滑的容差应为不小于 0 的数（米），现为 {tolerance}。"
        raise CallError(zh, f"The tolerance must be a number from 0 up, m; found {tolerance}.")


def _flags(fixed: NDArray[np.bool_] | None, arcs: int) -> NDArray[np.uint8]:
    """Return 1 for each arc that stays as it is, else 0."""
    return np.zeros(arcs, np.uint8) if fixed is None else np.asarray(fixed, np.uint8)


def link_arcs(cell: float, corners: NDArray[np.int32], end: Ints, left: Labels, right: Labels) -> Arcs | None:
    """
    Return the arcs with their rings and parts; None if the labels of arcs that meet do not fit (弧段拓扑).

    Parameters
    ----------
    cell, corners, end, left, right
        As in :class:`Arcs`, before simplification.
    """
    label = np.stack([left, right], axis=1).ravel()
    node = node_numbers(corners, end)
    leaving = np.full((int(node.max(initial=-1)) + 1, 4), -1, np.int64)
    after, ring = np.empty((2, label.size), np.int64)
    rings = kernels.follow_sides(corners, end, node, label, leaving, after, ring)
    if rings < 0:
        return None
    sides = np.empty(int((label != 0).sum()), np.int64)
    ring_end, cells = np.empty((2, rings), np.int64)
    first = np.empty((rings, 2), np.int32)
    kernels.measure_rings(corners, end, after, ring, sides, ring_end, first, cells)
    ring_label = label[sides[ring_end - np.diff(ring_end, prepend=0)]]
    shell = _shells(corners, end, sides, ring_end, ring_label, cells)
    order = np.lexsort((first[:, 1], first[:, 0], cells < 0, first[shell, 1], first[shell, 0], ring_label))
    length = np.diff(ring_end, prepend=0)[order]
    ordered_end = np.cumsum(length)
    begin = (ring_end - np.diff(ring_end, prepend=0))[order]
    sides = sides[np.arange(sides.size) + np.repeat(begin - (ordered_end - length), length)]
    is_shell = (cells > 0)[order]
    return Arcs(
        cell, corners, end, left, right, sides, ordered_end, np.cumsum(is_shell) - 1, ring_label[order][is_shell]
    )


def node_numbers(corners: NDArray[np.int32], end: Ints) -> Ints:
    """Return where each arc begins and where it ends, in turn, as a number from 0 for each place (端点编号)."""
    begin = end - np.diff(end, prepend=0)
    places = corners[np.stack([begin, end - 1], axis=1).ravel()].astype(np.int64)
    _, number = np.unique(places[:, 0] * 2**32 + places[:, 1], return_inverse=True)
    return number.astype(np.int64, copy=False)


def _shells(
    corners: NDArray[np.int32], end: Ints, sides: Ints, ring_end: Ints, ring_label: Labels, cells: Ints
) -> Ints:
    """Return the shell of each ring: itself, or the smallest of its label around the hole."""
    shell = np.arange(ring_end.size)
    holes = np.flatnonzero(cells < 0)
    if holes.size == 0:
        return shell
    arc = sides[ring_end[holes] - 1] >> 1
    begin = end[arc] - np.diff(end, prepend=0)[arc]
    middle = (corners[begin].astype(np.float64) + corners[begin + 1]) / 2  # on the border of the hole's own part
    points = shapely.points(middle[:, 1], -middle[:, 0])
    by_label = np.argsort(ring_label, kind="stable")
    wanted, first = np.unique(ring_label[holes], return_inverse=True)
    low = np.searchsorted(ring_label[by_label], wanted)
    high = np.searchsorted(ring_label[by_label], wanted, side="right")
    order = np.argsort(first, kind="stable")
    splits = np.split(order, np.cumsum(np.bincount(first))[:-1])
    straights = np.concatenate([[0], np.cumsum((np.diff(end, prepend=0) - 1)[sides >> 1])])
    size = np.diff(straights[ring_end], prepend=0) + 1
    for k, here in enumerate(splits):
        rings = by_label[low[k] : high[k]]
        shells = rings[cells[rings] >= 8]  # fewer cells do not go round a hole
        shells = shells[np.argsort(-cells[shells], kind="stable")]
        shell[holes[here]] = shells[-1]
        if shells.size > 1:
            around = np.concatenate(
                [_polygons(corners, end, sides, ring_end, shell, size, s, s + 1, 1.0) for s in shells]
            )
            which, point = shapely.STRtree(points[here]).query(around, predicate="contains")
            inner = np.full(here.size, -1, np.int64)
            np.maximum.at(inner, point, which)  # the last is the smallest
            shell[holes[here]] = shells[inner]
    return shell


def _polygons(
    corners: NDArray[np.int32], end: Ints, sides: Ints, ring_end: Ints, ring_part: Ints, size: Ints,
    low: int, high: int, cell: float,
) -> NDArray[np.object_]:  # fmt: skip
    """Build the polygons of the parts that the rings from ``low`` to ``high`` bound; ``size`` is points by ring."""
    points = np.empty((int(size[low:high].sum()), 2), np.float64)
    kernels.write_rings(corners, end, sides, ring_end, low, high, cell, points)
    rings = shapely.linearrings(points, indices=np.repeat(np.arange(high - low), size[low:high]))
    return shapely.polygons(rings, indices=ring_part[low:high] - ring_part[low])
