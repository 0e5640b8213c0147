"""How a shape changed, told in words (图形变更说明): its area before and after, and how far it was moved."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from pyproj import Geod

CGCS2000 = Geod(a=6378137.0, rf=298.257222101)
"""Ellipsoid of the national system (国家大地坐标系)."""
NOTHING = "—"
STILL_M = 0.5
"""Metres below which nothing is said of a move (chosen: less than a shape is drawn to)."""


def told_shapes(before: Any, after: Any) -> tuple[str, str]:
    """
    Return what a shape was and what it is, in words (图形前后).

    Parameters
    ----------
    before, after : GEOSGeometry or None
        In longitude and latitude, degrees.

    Examples
    --------
    >>> told_shapes(GEOSGeometry("POINT (112 38)"), GEOSGeometry("POINT (112 38.01)"))
    ('东经 112.00000°，北纬 38.00000°', '东经 112.00000°，北纬 38.01000°（移动 1110 m）')
    """
    was, now = (NOTHING if shape is None else _said(shape) for shape in (before, after))
    if before is None or after is None:
        return was, now
    moved = _distance(before, after)
    far = f"移动 {moved:.0f} m" if moved < 10_000 else f"移动 {moved / 1000:.1f} km"
    if before.dims == 0:
        return was, f"{now}（{far}）"
    told = [*_difference(before, after), *([f"中心{far}"] if moved >= STILL_M else [])]
    return was, f"{now}（{'，'.join(told)}）" if told else f"{now}（面积与中心不变，顶点有改动）"


def _said(shape: GEOSGeometry) -> str:
    """Return a shape in words."""
    if shape.empty:
        return "空图形"
    if shape.dims == 0:
        at = shape.centroid
        return f"东经 {at.x:.5f}°，北纬 {at.y:.5f}°"
    size = f"面积 {_area(shape) / 1e6:.4f} km²" if shape.dims == 2 else "线"
    return f"{size}，{shape.num_geom} 块，{shape.num_coords} 个顶点"


def _difference(before: GEOSGeometry, after: GEOSGeometry) -> list[str]:
    """Return how the area changed."""
    if before.dims != 2 or after.dims != 2:
        return []
    more = _area(after) - _area(before)
    return [f"{'增加' if more > 0 else '减少'} {abs(more) / 1e4:.2f} 公顷"] if abs(more) >= 50 else []


def _area(shape: GEOSGeometry) -> float:
    """Return the area on the ellipsoid, m²; holes are taken off."""
    parts: Any = shape if shape.geom_type.startswith("Multi") else [shape]
    rings = [[_of_ring(part[at]) for at in range(len(part))] for part in parts]
    return sum(sizes[0] - sum(sizes[1:]) for sizes in rings)


def _of_ring(ring: Any) -> float:
    lon, lat = zip(*((at[0], at[1]) for at in ring.coords), strict=True)
    return abs(float(CGCS2000.polygon_area_perimeter(lon, lat)[0]))


def _distance(before: GEOSGeometry, after: GEOSGeometry) -> float:
    """Return how far apart the centres are, m."""
    (lon, lat), (other_lon, other_lat) = ((at.x, at.y) for at in (before.centroid, after.centroid))
    return float(CGCS2000.inv(lon, lat, other_lon, other_lat)[2])
