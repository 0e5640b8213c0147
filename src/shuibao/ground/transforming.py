"""From one coordinate system to another (坐标转换)."""

from __future__ import annotations

from functools import lru_cache

from pyproj import CRS, Transformer


def between(source: CRS | int | str | None, target: CRS | int | str) -> Transformer:
    """
    Return what takes coordinates from one system to another, east or longitude first (坐标转换器).

    Parameters
    ----------
    source, target : CRS or int or str
        Coordinate systems; a whole number is a code of EPSG. None, as of a layer without one, is an error of pyproj's.

    Returns
    -------
    pyproj.Transformer
        Made once for each pair: PROJ takes up to 0.1 s to weigh all ways between two systems. Threads may share it.

    Examples
    --------
    >>> x, y = between(4490, 4527).transform(117.0, 35.0)
    >>> round(float(x), 3), round(float(y), 1)
    (39500000.0, 3874592.9)
    """
    return _made(CRS.from_user_input(source), CRS.from_user_input(target))


@lru_cache(maxsize=256)
def system_of(wkt: str) -> CRS:
    """Return a coordinate system that a file describes, read once: a hundred rasters of a region have the same (坐标系)."""
    return CRS.from_wkt(wkt)


@lru_cache(maxsize=64)
def _made(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
