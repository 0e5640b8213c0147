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


def enclosed_gaps(shapes: NDArray[np.object_]) -> Iterator[tuple[shapely.Geometry, NDArray[np.intp]]]:
    """
    Yield the gaps that shapes enclose, each with the shapes around it (围合空隙).

    Parameters
    ----------
    shapes : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Valid shapes whose shared edges are shared vertex by vertex.

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
    start, end, ring, row = _sides(shapes)
    points, number = np.unique(np.concatenate([start, end]), axis=0, return_inverse=True)
    number = number.reshape(-1)
    tail, head = number[: len(start)], number[len(start) :]
    free = ~_paired(tail, head, len(points))
    tail, head, ring, row = tail[free], head[free], ring[free], row[free]
    if not len(tail):
        return
    graph = coo_matrix((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(len(points), len(points)))
    _, loop_of_point = connected_components(graph, directed=False)
    loop = np.unique(loop_of_point[tail], return_inverse=True)[1].reshape(-1)
    a, b = points[tail] - points.mean(axis=0), points[head] - points.mean(axis=0)
    turned = np.bincount(loop, weights=a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    branching = _branching(loop, tail)
    lowest = np.full(len(turned), np.iinfo(np.int64).max)
    highest = np.full(len(turned), -1)
    np.minimum.at(lowest, loop, ring)
    np.maximum.at(highest, loop, ring)
    order = np.argsort(loop, kind="stable")
    first = np.searchsorted(loop[order], np.arange(len(turned) + 1))
    for index in np.flatnonzero((lowest < highest) & ((turned < 0) | branching)):
        sides = order[first[index] : first[index + 1]]
        yield from _gaps_of(points[tail[sides]], points[head[sides]], row[sides])


def _sides(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Return the sides of all rings with the ground on their left: start, end, ring, shape."""
    parts, part_row = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = points + 0.0  # a negative zero is the same place
    within = ring[1:] == ring[:-1]
    moved = within & (points[1:] != points[:-1]).any(axis=1)
    ring = ring[:-1][moved]
    return points[:-1][moved], points[1:][moved], ring, part_row[ring_part[ring]]


def _paired(tail: NDArray[np.intp], head: NDArray[np.intp], size: int) -> NDArray[np.bool_]:
    """Tell which sides are walked the other way by another ring."""
    forth = tail.astype(np.int64) * size + head
    back = head.astype(np.int64) * size + tail
    return np.isin(forth, back, kind="sort")


def _branching(loop: NDArray[np.intp], tail: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which loops come to a point twice, so that they are several loops that touch."""
    _, first, times = np.unique(tail, return_index=True, return_counts=True)
    branching = np.zeros(int(loop.max()) + 1, dtype=bool)
    branching[loop[first[times > 1]]] = True
    return branching


def _gaps_of(
    start: NDArray[np.float64], end: NDArray[np.float64], row: NDArray[np.intp]
) -> Iterator[tuple[shapely.Geometry, NDArray[np.intp]]]:
    """Yield the gaps among the sides of one loop, or of loops that touch."""
    sides = shapely.linestrings(np.stack([start, end], axis=1))
    faces = shapely.get_parts(shapely.polygonize(sides))
    tree = shapely.STRtree(sides)
    for face in faces:
        around = tree.query(face.exterior, predicate="covers")
        if len(np.unique(row[around])) > 1 and _clockwise(face, start[around], end[around]):
            yield face, np.unique(row[around])


def _clockwise(face: shapely.Geometry, start: NDArray[np.float64], end: NDArray[np.float64]) -> bool:
    """Tell whether the sides around a face have it on their right."""
    a, b = start - start[0], end - start[0]
    return float(np.sum(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])) < 0
