"""Shapes from their bytes, with what shapely would not keep: arcs, Z and M, broken rings (图形字节)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

CURVED = range(8, 18)
"""Types of WKB beyond the simple ones: arcs and what is made of them, surfaces of triangles."""

EXTENDED_Z, EXTENDED_M, EXTENDED = 0x80000000, 0x40000000, 0xE0000000
"""Marks that the extended form of WKB adds to the type."""


@dataclass(frozen=True)
class Shapes:
    """
    Shapes and how they came (图形与来样).

    Parameters
    ----------
    geometry : (n,) array of shapely geometry or None
        Without Z and M.
    curved, deep, broken : (n,) array of bool
        Whether a shape is made of arcs; has Z or M; cannot be read or has rings that are not closed.
    """

    geometry: NDArray[np.object_]
    curved: NDArray[np.bool_]
    deep: NDArray[np.bool_]
    broken: NDArray[np.bool_]


def shapes_of(wkb: Sequence[Any] | NDArray[Any]) -> Shapes:
    """
    Return the shapes that bytes of WKB hold (由字节得图形).

    Parameters
    ----------
    wkb : sequence of bytes or None
        Each shape as ISO or extended WKB.

    Examples
    --------
    >>> shapes = shapes_of([shapely.to_wkb(shapely.Point(1, 2, 3)), None])
    >>> shapes.deep.tolist(), shapes.geometry[0].has_z, shapes.geometry[1]
    ([True, False], False, None)
    """
    kinds = np.array([_type(item) for item in wkb], dtype=np.int64).reshape(-1)
    present = kinds >= 0
    base = (kinds & ~EXTENDED) % 1000
    deep = present & (((kinds & ~EXTENDED) >= 1000) | ((kinds & (EXTENDED_Z | EXTENDED_M)) != 0))
    curved = present & np.isin(base, list(CURVED))
    readable = np.array(
        [bytes(item) if plain else None for item, plain in zip(wkb, present & ~curved, strict=True)], dtype=object
    ).reshape(-1)
    geometry = shapely.from_wkb(readable, on_invalid="ignore")
    broken = present & ~curved & shapely.is_missing(geometry)
    geometry[broken] = [_mended(item) for item in readable[broken]]
    return Shapes(np.asarray(shapely.force_2d(geometry), dtype=object), curved, deep, broken)


def _type(item: Any) -> int:
    """Return the type that WKB begins with; -1 for no shape."""
    if item is None or len(item) < 5:
        return -1 if item is None or len(item) == 0 else 0
    return int(struct.unpack_from("<I" if item[0] == 1 else ">I", item, 1)[0])


def _mended(item: bytes) -> Any:
    """Return a broken shape with its rings closed; None if that does not help."""
    try:
        return shapely.from_wkb(item, on_invalid="fix")
    except (shapely.errors.ShapelyError, ValueError):
        return None
