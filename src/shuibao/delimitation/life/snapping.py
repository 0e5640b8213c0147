"""Vertices brought onto those that were there, so that a shared side stays one (归点)."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


def snapped(shape: Any, points: NDArray[np.float64], near: float) -> Any:
    """
    Return a polygon with its vertices on points that are near, and a vertex at each point near a side (归点).

    Parameters
    ----------
    shape : shapely.Polygon or shapely.MultiPolygon
        The shape, m.
    points : (m, 2) array
        Vertices of the zones around it, m.
    near : float
        Distance that counts as the same place, m.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        The shape itself if bringing its vertices there would spoil it.

    Examples
    --------
    >>> side = np.array([[10.0, 0.0], [10.0, 5.0], [10.0, 10.0]])
    >>> snapped(shapely.Polygon([(0, 0), (10.001, 0), (10.001, 10), (0, 10)]), side, 0.01).wkt
    'POLYGON ((0 0, 10 0, 10 5, 10 10, 0 10, 0 0))'
    """
    if not len(points):
        return shape
    tree = shapely.STRtree(shapely.points(np.unique(points, axis=0)))
    parts = [
        shapely.Polygon(
            _ring(np.asarray(part.exterior.coords), tree, near),
            [_ring(np.asarray(hole.coords), tree, near) for hole in part.interiors],
        )
        for part in shapely.get_parts(shape)
    ]
    out = parts[0] if shape.geom_type == "Polygon" else shapely.MultiPolygon(parts)
    return out if out.is_valid and not out.is_empty else shape


def _ring(ring: NDArray[np.float64], tree: Any, near: float) -> NDArray[np.float64]:
    place = shapely.get_coordinates(tree.geometries)
    corner, target = tree.query_nearest(shapely.points(ring), max_distance=near, all_matches=False)
    moved = ring.copy()
    moved[corner] = place[target]
    sides = shapely.linestrings(np.stack([moved[:-1], moved[1:]], axis=1))
    side, beside = tree.query(sides, predicate="dwithin", distance=near)
    start, end, at = moved[side], moved[side + 1], place[beside]
    along = end - start
    square = (along * along).sum(axis=1)
    share = ((at - start) * along).sum(axis=1) / np.where(square > 0, square, 1)
    own = (at == start).all(axis=1) | (at == end).all(axis=1)
    inside = (share > 0) & (share < 1) & ~own & (square > 0)
    order = np.concatenate([np.arange(len(moved), dtype=np.float64), side[inside] + share[inside]])
    every = np.concatenate([moved, at[inside]])[np.argsort(order, kind="stable")]
    fresh = np.concatenate([[True], (np.diff(every, axis=0) != 0).any(axis=1)])
    return every[fresh]
