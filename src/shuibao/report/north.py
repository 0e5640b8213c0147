"""Where true north is on a map in projected coordinates (真北方向)."""

from __future__ import annotations

import math
from functools import lru_cache

from pyproj import CRS, Transformer

from shuibao.ground.transforming import between

STEP = 0.01
"""How far to the north the second point lies, degrees."""


def true_north(crs: CRS, x: float, y: float) -> tuple[float, float]:
    """
    Return the unit vector towards true north at a place, in the coordinates of the map (真北方向).

    Parameters
    ----------
    crs : CRS
        The map's coordinate system, projected.
    x, y : float
        The place, m.

    Returns
    -------
    (east, north) : (float, float)
        On the central meridian (0, 1); east of it north leans to the left.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> east, up = true_north(national_crs(), 0.0, 4.0e6)
    >>> abs(round(east, 9)), round(up, 9), true_north(national_crs(), 7.0e5, 4.2e6)[0] < -0.05
    (0.0, 1.0, True)
    """
    to_degrees = _to_degrees(crs)
    lon, lat = to_degrees.transform(x, y)
    there = to_degrees.transform(lon, lat + STEP, direction="INVERSE")
    east, up = there[0] - x, there[1] - y
    length = math.hypot(east, up)
    return east / length, up / length


@lru_cache(maxsize=8)
def _to_degrees(crs: CRS) -> Transformer:
    return between(crs, 4490)
