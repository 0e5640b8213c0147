"""Zones of one kind that lie over each other: found, refused or cut (重叠处理)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import ZoneLayer

Resolution = Literal["refuse", "cut-edited", "cut-others"]
"""What to do about an overlap: refuse it, or cut the edited zones, or the others (拒绝、裁修改的、裁相邻的)."""

RESOLUTIONS: tuple[Resolution, ...] = ("refuse", "cut-edited", "cut-others")


@dataclass(frozen=True)
class Overlap:
    """
    Two zones of one kind that lie over each other (一处重叠).

    Parameters
    ----------
    a, b : str
        Their codes, the lesser first.
    area_m2 : float
        Common area, m².
    """

    a: str
    b: str
    area_m2: float


def overlaps_of(layer: ZoneLayer, least: float, *, touched: Collection[str] | None = None) -> list[Overlap]:
    """
    Return the overlaps between zones of one kind (查重叠).

    Parameters
    ----------
    layer : ZoneLayer
        The layer.
    least : float
        Least area that counts, m².
    touched : collection of str, optional
        Codes of which at least one must be concerned; all zones if not given.

    Returns
    -------
    list of Overlap
        Sorted by codes.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> from shuibao.zoning.layer import zone_layer
    >>> shapes = np.array([shapely.box(0, 0, 100, 100), shapely.box(90, 0, 200, 100)], dtype=object)
    >>> layer = zone_layer("steep_slope", {"code": ["a", "b"], "kind": ["steep_slope"] * 2}, shapes, national_crs())
    >>> [(o.a, o.b, o.area_m2) for o in overlaps_of(layer, 0.1)]
    [('a', 'b', 1000.0)]
    """
    if not len(layer):
        return []
    codes, kinds = (np.asarray(layer.columns[name], dtype=np.str_) for name in ("code", "kind"))
    mine = np.arange(len(layer)) if touched is None else np.flatnonzero(np.isin(codes, list(touched)))
    tree = shapely.STRtree(layer.geometry)
    first, second = tree.query(layer.geometry[mine], predicate="intersects")
    first = mine[first]
    pairs = {(min(i, j), max(i, j)) for i, j in zip(first.tolist(), second.tolist(), strict=True) if i != j}
    found = []
    for i, j in sorted(pairs):
        if kinds[i] == kinds[j]:
            area = float(shapely.area(shapely.intersection(layer.geometry[i], layer.geometry[j])))
            if area > least:
                found.append(Overlap(str(codes[i]), str(codes[j]), area))
    return found


def without(shape: Any, others: NDArray[Any], least: float) -> Any:
    """
    Return the polygons of a shape outside others; parts smaller than what counts are dropped (扣除).

    Parameters
    ----------
    shape : shapely geometry
        The shape to cut.
    others : (n,) array of shapely geometry
        What is taken from it.
    least : float
        Least area of a part that is kept, m².

    Returns
    -------
    shapely.Polygon, shapely.MultiPolygon or None
        None if nothing is left.
    """
    return polygons_of(shapely.difference(shape, shapely.union_all(others)), least)


def polygons_of(shape: Any, least: float = 0.0) -> Any:
    """
    Return the polygons of a shape: one, several as one, or None (取面).

    Parameters
    ----------
    shape : shapely geometry
        Anything; lines and points in it are dropped.
    least : float
        Least area of a part that is kept, m².

    Examples
    --------
    >>> polygons_of(shapely.from_wkt("GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 1 0, 1 1, 0 0)))")).wkt
    'POLYGON ((0 0, 1 0, 1 1, 0 0))'
    >>> polygons_of(shapely.Point(0, 0)) is None
    True
    """
    parts = shapely.get_parts(shapely.get_parts(np.array([shape], dtype=object)))
    kept = [p for p in parts if p.geom_type == "Polygon" and not p.is_empty and p.area > least]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def refuse_overlaps(found: list[Overlap]) -> None:
    """
    Refuse overlaps, the greatest first (拒绝重叠).

    Parameters
    ----------
    found : list of Overlap
        From :func:`overlaps_of`.

    Raises
    ------
    ShuibaoError
        If there are any.
    """
    if not found:
        return
    worst = sorted(found, key=lambda o: (-o.area_m2, o.a, o.b))[:5]
    zh = "；".join(f"{o.a} 与 {o.b} 重叠 {o.area_m2:,.2f} m²" for o in worst)
    en = "; ".join(f"{o.a} and {o.b} overlap by {o.area_m2:,.2f} m²" for o in worst)
    raise ShuibaoError(
        f"修改后有 {len(found)} 处同类区域重叠：{zh}。请改正边界，或加 --overlaps cut-edited（裁修改的）、"
        "--overlaps cut-others（裁相邻的，也记入修改）。",
        f"after the edit zones of one kind overlap in {len(found)} places: {en}. Correct the boundaries, or add --overlaps"
        " cut-edited or --overlaps cut-others, which cuts the neighbours and records that too.",
    )
