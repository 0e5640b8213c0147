"""
Shapes that may have been drawn over a web map whose places are shifted (GCJ-02 偏移).

Web maps of China show places some hundred metres from where they are, by a rule that is not published; what is written
here is the common approximation of it, from memory (basis recalled). It proves nothing: it can only be seen whether
zones fit the borders of their counties better when the shift is taken back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.submitted import Submitted, transform_between, transform_to_degrees
from shuibao.rules import Rules

_AXIS, _SQUARED = 6378245.0, 0.00669342162296594323
"""Semi-major axis and squared eccentricity of the ellipsoid that the rule is written for (Krasovsky 1940)."""

_MIDDLE = (105.0, 35.0)


def shift_of(lon: Any, lat: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return how far a web map moves a place to the east and north, degrees (GCJ-02 偏移量).

    Parameters
    ----------
    lon, lat : array
        Places, degrees.

    Examples
    --------
    In Xinzhou about 570 m to the east and 60 m to the north:

    >>> east, north = shift_of(112.73, 38.42)
    >>> round(float(east) * 87200), round(float(north) * 111000)
    (572, 64)
    """
    x, y = np.asarray(lon, dtype=float) - _MIDDLE[0], np.asarray(lat, dtype=float) - _MIDDLE[1]
    root = np.sqrt(np.abs(x))
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north = north + (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north = north + (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east = east + (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east = east + (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    radians = np.radians(np.asarray(lat, dtype=float))
    magic = 1 - _SQUARED * np.sin(radians) ** 2
    per_north = _AXIS * (1 - _SQUARED) / (magic * np.sqrt(magic)) * np.pi / 180
    per_east = _AXIS / np.sqrt(magic) * np.cos(radians) * np.pi / 180
    return east / per_east, north / per_north


def check_shift(layer: Submitted, county: shapely.Geometry, rules: Rules, ledger: Ledger) -> None:
    """
    Note a layer that fits its counties much better when moved back as a web map is shifted (疑似偏移检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    county : shapely geometry
        The ground of the counties that it names, m in the national equal-area system.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where a warning is noted.
    """
    shapes = layer.metric[layer.sound]
    shapely.prepare(county)
    strays = shapes[~shapely.covers(county, shapes)]
    outside = _outside(strays, county)
    if outside <= rules.value("zone_acceptance.shift_outside") * float(shapely.area(shapes).sum()):
        return
    left = _outside(moved_back(shapes, layer), county)
    if left > rules.value("zone_acceptance.shift_gain") * outside:
        return
    found = (
        f"在县界以外 {outside / 1e4:,.1f} hm²，反向平移 GCJ-02 偏移量后只有 {left / 1e4:,.1f} hm²",
        f"{outside / 1e4:,.1f} hm² lie outside the county, {left / 1e4:,.1f} hm² when the shift of GCJ-02 is taken back",
    )
    ledger.file("crs-shifted", layer.where, found, ("CGCS2000 的真实位置", "true places on CGCS2000"))


def _outside(shapes: NDArray[np.object_], county: shapely.Geometry) -> float:
    strays = shapes[~shapely.covers(county, shapes)]
    return float(shapely.area(shapely.difference(strays, county)).sum()) if len(strays) else 0.0


def moved_back(shapes: NDArray[np.object_], layer: Submitted) -> NDArray[np.object_]:
    """
    Return shapes with the shift of a web map taken back (反向平移).

    Parameters
    ----------
    shapes : (n,) array of shapely geometry
        Shapes in the layer's equal-area system, m.
    layer : Submitted
        The layer that they are of.
    """
    to_degrees = transform_to_degrees(layer.metric_crs)
    back = transform_between(to_degrees.target_crs, layer.metric_crs)

    def move(x: Any, y: Any) -> Any:
        lon, lat = to_degrees.transform(x, y)
        east, north = shift_of(lon, lat)
        return back.transform(lon - east, lat - north)

    return np.asarray(shapely.transform(shapes, move, interleaved=False), dtype=object)
