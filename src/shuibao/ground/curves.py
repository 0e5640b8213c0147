"""Shapes with arcs, made of straight sides: GEOS knows no others (曲线化直)."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError

ARC_STEP = 4.0
"""Angle between the chords that replace an arc, degrees: what GDAL takes where nobody says otherwise."""

_LINE, _POLYGON, _MULTI_POLYGON = 2, 3, 6
_ARC, _COMPOUND, _CURVED_POLYGON, _MULTI_CURVE, _MULTI_SURFACE = 8, 9, 10, 11, 12
_CURVED = (_ARC, _COMPOUND, _CURVED_POLYGON, _MULTI_CURVE, _MULTI_SURFACE)
_POINTS_OF_ARC = 3


def is_curved(wkb: bytes | None) -> bool:
    """
    Tell whether a shape in WKB may hold arcs (是否含曲线).

    Parameters
    ----------
    wkb : bytes or None
        The shape.

    Examples
    --------
    >>> is_curved(shapely.to_wkb(shapely.box(0, 0, 1, 1)))
    False
    """
    return wkb is not None and _head(wkb, 0)[1] in _CURVED


def straightened(wkb: bytes, step: float = ARC_STEP) -> Any:
    """
    Return a curved shape with straight sides, without heights and measures (曲线化直).

    Parameters
    ----------
    wkb : bytes
        Curve polygon or multi-surface in WKB.
    step : float
        Angle between the chords of an arc, degrees.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        Vertices of the arcs lie on them.

    Raises
    ------
    ShuibaoError
        If the shape is of another kind.

    Examples
    --------
    A circle of radius 1: with chords of 4° its area falls short of π by 0.08 %.

    >>> points = [(-1, 0), (1, 0), (-1, 0)]
    >>> ring = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<dd", *p) for p in points)
    >>> circle = straightened(struct.pack("<BII", 1, 10, 1) + ring)
    >>> round(circle.area, 4)
    3.139
    """
    shape, _ = _shape(wkb, 0, step)
    return shape


def _head(wkb: bytes, at: int) -> tuple[str, int, int, int]:
    """Return byte order, kind, numbers in a point and where the content begins."""
    order = "<" if wkb[at] == 1 else ">"
    code = struct.unpack_from(f"{order}I", wkb, at + 1)[0]
    flags, code = code >> 29, code & 0x1FFFFFFF  # the dimensions of extended WKB
    thousands, kind = divmod(code, 1000)  # and those of ISO
    size = 2 + (bool(flags & 4) or thousands in (1, 3)) + (bool(flags & 2) or thousands in (2, 3))
    return order, kind, size, at + 5 + (4 if flags & 1 else 0)


def _shape(wkb: bytes, at: int, step: float) -> tuple[Any, int]:
    order, kind, size, at = _head(wkb, at)
    count = struct.unpack_from(f"{order}I", wkb, at)[0]
    at += 4
    if kind == _POLYGON:
        rings = []
        for _ in range(count):
            ring, at = _points(wkb, at, order, size)
            rings.append(ring)
        return shapely.Polygon(rings[0], rings[1:]), at
    if kind == _CURVED_POLYGON:
        rings = []
        for _ in range(count):
            ring, at = _curve(wkb, at, step)
            rings.append(ring)
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon(), at
    if kind in (_MULTI_POLYGON, _MULTI_SURFACE):
        parts = []
        for _ in range(count):
            part, at = _shape(wkb, at, step)
            parts.append(part)
        return shapely.MultiPolygon(parts), at
    raise ShuibaoError(
        f"含曲线的图形不是面（WKB 类型 {kind}）；请在 GIS 软件中转为直线面后再提供。",
        f"a curved shape is no polygon (WKB kind {kind}); turn it into straight polygons in a GIS first.",
    )


def _points(wkb: bytes, at: int, order: str, size: int) -> tuple[NDArray[np.float64], int]:
    count = struct.unpack_from(f"{order}I", wkb, at)[0]
    values = np.frombuffer(wkb, dtype=f"{order}f8", count=count * size, offset=at + 4)
    return values.reshape(count, size)[:, :2].astype(np.float64), at + 4 + 8 * count * size


def _curve(wkb: bytes, at: int, step: float) -> tuple[NDArray[np.float64], int]:
    order, kind, size, at = _head(wkb, at)
    if kind == _COMPOUND:
        count, at = struct.unpack_from(f"{order}I", wkb, at)[0], at + 4
        pieces: list[NDArray[np.float64]] = []
        for _ in range(count):
            piece, at = _curve(wkb, at, step)
            pieces.append(piece if not pieces else piece[1:])
        return np.concatenate(pieces), at
    points, at = _points(wkb, at, order, size)
    return (_chords(points, step) if kind == _ARC else points), at


def _chords(points: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Return the vertices of arcs that are given by their ends and a point on each."""
    out = [points[:1]]
    for k in range(0, len(points) - _POINTS_OF_ARC + 1, 2):
        out.append(_chords_of_one(points[k], points[k + 1], points[k + 2], step))
    return np.concatenate(out)


def _chords_of_one(a: Any, b: Any, c: Any, step: float) -> NDArray[np.float64]:
    """Return the vertices of one arc behind its first point, the last one exact."""
    if (a == c).all():  # a whole circle
        center, sweep = (a + b) / 2, 2 * math.pi
    else:
        (bx, by), (cx, cy) = b - a, c - a
        twice = 2 * (bx * cy - by * cx)
        if twice == 0:
            return np.array([b, c])
        square_b, square_c = bx * bx + by * by, cx * cx + cy * cy
        center = a + np.array([cy * square_b - by * square_c, bx * square_c - cx * square_b]) / twice
        sweep = _turn(a - center, c - center)
        if not 0 < _turn(a - center, b - center) < sweep:
            sweep -= 2 * math.pi
    count = max(2, math.ceil(abs(sweep) / math.radians(step)))
    angle = math.atan2(*(a - center)[::-1]) + sweep * np.arange(1, count) / count
    radius = math.hypot(*(a - center))
    return np.vstack([center + radius * np.column_stack([np.cos(angle), np.sin(angle)]), c])


def _turn(a: Any, b: Any) -> float:
    """Return the angle from one direction to another, to the left, 0 to 2π."""
    return (math.atan2(b[1], b[0]) - math.atan2(a[1], a[0])) % (2 * math.pi)
