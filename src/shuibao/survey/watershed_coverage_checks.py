"""Whether the polygons of small watersheds leave no gap, do not overlap, and are as large as counted (小流域图形检查)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors
from shuibao.messages import Finding
from shuibao.survey.counties import Counties
from shuibao.survey.watershed_products import WatershedProducts
from shuibao.survey.watershed_tables import UNITS, WATERSHEDS

GAP = 4.0
"""Widest gap between polygons that is looked for, cells; a wider one is a hole, or shows in the areas."""

Spot = Callable[[int], tuple[str, str]]
"""Gives how a row is called, and where it lies."""


def shape_findings(products: WatershedProducts, counties: Counties, spot: Spot) -> Iterator[Finding]:
    """
    Find gaps, overlaps and areas that contradict the table (图形检查).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    counties : Counties
        Its counties.
    spot : callable
        Gives how a row of the small watersheds is called, and where it lies.
    """

    def part(k: int) -> tuple[str, str]:
        shape = products.units.geometry[k]
        return f"{UNITS} {products.units.columns['code'][k]}", degrees_of(products.units, shape)

    tolerance = float(products.region.water.get("tolerance", products.region.cell))
    lost = bool(products.summary.get("unassigned_m2"))  # land without elevation is in no polygon, and is no gap
    for name, vectors, called in ((WATERSHEDS, products.watersheds, spot), (UNITS, products.units, part)):
        sound = np.array([_is_polygon(shape) for shape in vectors.geometry], dtype=bool)
        for k in np.flatnonzero(~sound):
            yield _fault(
                called(int(k)), "没有图形，或图形不是有效的面。", "has no shape, or one that is no valid polygon."
            )
        if sound.all():
            yield from _sizes(vectors, called, tolerance)
            yield from _edges(name, vectors, called, None if lost else counties, products.region.cell)


def degrees_of(vectors: Vectors, shape: Any) -> str:
    """
    Return where a shape lies, in degrees (图形位置).

    Parameters
    ----------
    vectors : Vectors
        Whose coordinate system the shape has.
    shape : shapely geometry
        The shape.
    """
    if shape is None or shape.is_empty:
        return "(—)"
    point = shape.representative_point()
    return place_in_degrees(vectors.crs, point.x, point.y)


def place_in_degrees(crs: CRS | None, x: float, y: float) -> str:
    """
    Return the longitude and latitude of a place, as text (经纬度文本).

    Parameters
    ----------
    crs : CRS
        Coordinate system of the place.
    x, y : float
        The place, m.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> place_in_degrees(national_crs(), 548355.0, 4281705.0)
    '(111.5069°E, 39.6801°N)'
    """
    lon, lat = _to_degrees(crs).transform(x, y)
    return f"({abs(lon):.4f}°{'E' if lon >= 0 else 'W'}, {abs(lat):.4f}°{'N' if lat >= 0 else 'S'})"


@lru_cache(maxsize=2)
def _to_degrees(crs: CRS | None) -> Transformer:
    return between(crs, 4490)


def _is_polygon(shape: Any) -> bool:
    return (
        shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty and shape.is_valid
    )


def _fault(spot: tuple[str, str], zh: str, en: str) -> Finding:
    return Finding("error", " ".join(spot), zh, en)


def _sizes(vectors: Vectors, called: Spot, tolerance: float) -> Iterator[Finding]:
    """Yield polygons whose area differs from the counted one by more than simplifying their borders can do."""
    area, length = shapely.area(vectors.geometry), shapely.length(vectors.geometry)
    counted: NDArray[Any] = vectors.columns["area_m2"].astype(np.float64)
    for k in np.flatnonzero(np.abs(area - counted) > tolerance * length + 1.0):
        yield _fault(
            called(int(k)), f"图形面积 {area[k]:.0f} m²，计数面积 {counted[k]:.0f} m²，相差超出边界化简所能有的。",
            f"the polygon has {area[k]:.0f} m², {counted[k]:.0f} m² were counted: more apart than simplifying can do.",
        )  # fmt: skip


def _edges(name: str, vectors: Vectors, called: Spot, counties: Counties | None, cell: float) -> Iterator[Finding]:
    """Yield polygons with edges at which they overlap another or leave it, and gaps between polygons."""
    if not hasattr(shapely, "coverage_invalid_edges"):
        yield Finding(
            "warning", name, "未检查相邻图形之间的缝隙与重叠：需要 shapely 2.1 或更新。",
            "gaps and overlaps between polygons were not looked for: that needs shapely 2.1 or later.",
        )  # fmt: skip
        return
    wrong = shapely.coverage_invalid_edges(vectors.geometry)
    for k in np.flatnonzero(~shapely.is_empty(wrong)):
        length, place = float(shapely.length(wrong[k])), degrees_of(vectors, wrong[k])
        where, _ = called(int(k))
        yield _fault(
            (where, place), f"与相邻图形的公共边不重合（有重叠），边长 {length:.0f} m。",
            f"its edges do not match those of its neighbours (they overlap) along {length:.0f} m.",
        )  # fmt: skip
    if shapely.is_empty(wrong).all() and counties is not None:
        land = shapely.union_all(counties.geometry)
        yield from _gaps(vectors, called, land, GAP * cell)
        yield from _holes(name, vectors, land)


def _gaps(vectors: Vectors, called: Spot, land: Any, width: float) -> Iterator[Finding]:
    """Yield polygons that leave narrow gaps; bays of the outline are none."""
    narrow = shapely.coverage_invalid_edges(vectors.geometry, gap_width=width)
    near = np.flatnonzero(~shapely.is_empty(narrow))
    if not near.size:
        return
    inner = shapely.difference(narrow[near], shapely.buffer(shapely.boundary(land), width))
    for k, edge in zip(near[~shapely.is_empty(inner)], inner[~shapely.is_empty(inner)], strict=True):
        where, _ = called(int(k))
        yield _fault(
            (where, degrees_of(vectors, edge)), f"与相邻图形之间有不宽于 {width:g} m 的缝隙，长 {edge.length:.0f} m。",
            f"leaves a gap of at most {width:g} m to its neighbours along {edge.length:.0f} m.",
        )  # fmt: skip


def _holes(name: str, vectors: Vectors, land: Any) -> Iterator[Finding]:
    """Yield holes between polygons that lie in a county."""
    whole = shapely.get_parts(shapely.coverage_union_all(vectors.geometry))
    holes = shapely.polygons(shapely.get_rings(whole)) if whole.size else np.empty(0, dtype=object)
    outer = shapely.polygons(shapely.get_exterior_ring(whole)) if whole.size else holes
    inside = holes[~np.isin(shapely.to_wkb(holes), shapely.to_wkb(outer))]
    if not inside.size:
        return
    for hole in inside[shapely.within(shapely.point_on_surface(inside), land)]:
        yield _fault(
            (name, degrees_of(vectors, hole)), f"图形之间有缝隙，{hole.area:.0f} m²。",
            f"there is a gap between polygons, {hole.area:.0f} m².",
        )  # fmt: skip
