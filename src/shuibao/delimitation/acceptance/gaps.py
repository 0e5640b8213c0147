"""
Ground that zones enclose between them, found from their sides alone (围合空隙).

A side of one zone that is a side of no other, walked the other way, is a free side. Free sides close into loops: the
outer ones run anticlockwise, those around a gap run clockwise. A clockwise loop along the sides of two zones or more is
ground that they enclose; along one ring it is that zone's own hole. No shape is united with another, so that a hundred
thousand zones take a second.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def enclosed_gaps(
    shapes: NDArray[np.object_], largest: float = np.inf
) -> Iterator[tuple[shapely.Geometry, NDArray[np.intp]]]:
    """
    Yield the gaps that shapes enclose, each with the shapes around it (围合空隙).

    Parameters
    ----------
    shapes : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Valid shapes whose shared edges are shared vertex by vertex.
    largest : float
        Gaps of this area and more are left out, in the square of the shapes' units.

    Yields
    ------
    gap : shapely.Polygon
        The gap.
    owners : array of int
        Rows of the shapes around it, sorted.

    Examples
    --------
    Four boxes around a square of 1 m²:

    >>> around = [(0, 0, 2, 1), (2, 0, 3, 2), (1, 2, 3, 3), (0, 1, 1, 3)]
    >>> boxes = np.array([shapely.segmentize(shapely.box(*box), 1.0) for box in around], dtype=object)
    >>> [(gap.area, owners.tolist()) for gap, owners in enclosed_gaps(boxes)]
    [(1.0, [0, 1, 2, 3])]
    """
    start, end, row = _sides(shapes)
    points, number = np.unique(np.concatenate([start, end]) @ _AS_COMPLEX, return_inverse=True)
    if not len(start):
        return
    tail, head = number[: len(start)], number[len(start) :]
    free = ~_paired(tail, head, len(points))
    tail, head, row = tail[free], head[free], row[free]
    if not len(tail):
        return
    following = _following(points, tail, head)
    graph = coo_matrix((np.ones(len(tail), dtype=np.int8), (np.arange(len(tail)), following)), shape=(len(tail),) * 2)
    loops, loop = connected_components(graph, directed=False)
    a, b = points[tail] - points.mean(), points[head] - points.mean()
    turned = np.bincount(loop, weights=(a.conj() * b).imag)
    lowest, highest = np.full(loops, np.iinfo(np.int64).max), np.full(loops, -1)
    np.minimum.at(lowest, loop, row)
    np.maximum.at(highest, loop, row)
    for index in np.flatnonzero((turned < 0) & (turned > -2 * largest) & (lowest < highest)):
        sides = _in_order(int(np.argmax(loop == index)), following)
        corners = points[tail[sides]]
        yield shapely.Polygon(np.stack([corners.real, corners.imag], axis=1)), np.unique(row[sides])


_AS_COMPLEX = np.array([1, 1j])
"""Takes easting and northing to one number, which is sorted faster than two."""


def _following(points: NDArray[np.complex128], tail: NDArray[np.intp], head: NDArray[np.intp]) -> NDArray[np.intp]:
    """
    Return the side that follows each free side around the open ground on its right.

    Where several begin, it is the first that is met turning anticlockwise from the way back.
    """
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], head, side="left")
    number = np.searchsorted(tail[order], head, side="right") - first
    following = order[np.minimum(first, len(tail) - 1)]
    for side in np.flatnonzero(number > 1):
        out = order[first[side] : first[side] + number[side]]
        back = points[tail[side]] - points[head[side]]
        turn = np.angle((points[head[out]] - points[head[side]]) / back) % (2 * np.pi)
        following[side] = out[int(np.argmin(np.where(turn > 0, turn, 2 * np.pi)))]
    return following


def _in_order(side: int, following: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the sides of a loop from one of them on."""
    sides = [side]
    while (side := int(following[side])) != sides[0] and len(sides) <= len(following):
        sides.append(side)
    return np.array(sides)


def _sides(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Return the sides of all rings with the ground on their left: start, end, shape."""
    parts, part_row = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = points + 0.0  # a negative zero is the same place
    moved = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return points[:-1][moved], points[1:][moved], part_row[ring_part[ring[:-1][moved]]]


def _paired(tail: NDArray[np.intp], head: NDArray[np.intp], size: int) -> NDArray[np.bool_]:
    """Tell which sides are walked the other way by another ring."""
    forth = tail.astype(np.int64) * size + head
    back = np.sort(head.astype(np.int64) * size + tail)
    return back[np.minimum(np.searchsorted(back, forth), len(back) - 1)] == forth
