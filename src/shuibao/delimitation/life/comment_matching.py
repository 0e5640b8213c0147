"""Which zones a comment is about: by code, else by place (意见对应图斑)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from shuibao.zoning.layer import ZoneLayer


@dataclass(frozen=True)
class Match:
    """
    What was found (对应结果).

    Parameters
    ----------
    state : {"matched", "none", "several"}
        Whether one zone was found.
    codes : tuple of str
        The zone, or those that it may be.
    reason, reason_en : str
        How it was found, or why not.
    """

    state: str
    codes: tuple[str, ...]
    reason: str
    reason_en: str


def match_comment(layer: ZoneLayer, code: str, shape: Any, percent: float, near: float = 0.0) -> Match:
    """
    Find the zone that a comment is about (对应图斑).

    Parameters
    ----------
    layer : ZoneLayer
        The zones as they are.
    code : str
        Code as the comment says it; may be empty.
    shape : shapely geometry or None
        Point, line or polygon that it is about, m, in the system of the layer.
    percent : float
        Least part of a polygon that must lie in a zone for it to be about that zone.
    near : float
        Distance within which a point is on a boundary, m.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> from shuibao.zoning.layer import zone_layer
    >>> shapes = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], dtype=object)
    >>> layer = zone_layer("steep_slope", {"code": ["a", "b"], "kind": ["steep_slope"] * 2}, shapes, national_crs())
    >>> match_comment(layer, "", shapely.Point(50, 50), 10).codes
    ('a',)
    >>> match_comment(layer, "", shapely.Point(100, 50), 10).state, match_comment(layer, "c", None, 10).state
    ('several', 'none')
    """
    codes = [str(c) for c in layer.columns["code"]]
    if code in codes:
        return Match("matched", (code,), "按编号", "by its code")
    unknown = (f"没有编号为「{code}」的图斑；", f"there is no zone '{code}'; ") if code else ("", "")
    if shape is None or shape.is_empty:
        if code:
            return Match("none", (), f"{unknown[0]}也没有图形或坐标。", f"{unknown[1]}no shape and no place is given.")
        return Match("none", (), "没有编号，也没有图形或坐标。", "gives no code, no shape and no place.")
    found = zones_at(layer, shape, percent, near)
    if len(found) == 1:
        return Match("matched", (codes[found[0]],), f"{unknown[0]}按位置", f"{unknown[1]}by its place")
    if found:
        names = tuple(sorted(codes[k] for k in found))
        return Match(
            "several", names, f"{unknown[0]}位置涉及 {len(found)} 个图斑：{'、'.join(names[:5])}。",
            f"{unknown[1]}its place concerns {len(found)} zones: {', '.join(names[:5])}.",
        )  # fmt: skip
    return _nowhere(layer, codes, shape, unknown)


def zones_at(layer: ZoneLayer, shape: Any, percent: float, distance: float) -> list[int]:
    """
    Return the rows of the zones that a shape touches, or a line or polygon lies in by a part that counts (按位置找图斑).

    Parameters
    ----------
    layer : ZoneLayer
        The zones.
    shape : shapely geometry
        Point, line or polygon, m, in the system of the layer.
    percent : float
        Least part of a line or polygon that counts.
    distance : float
        Distance within which a point is on a boundary, m.
    """
    tree = shapely.STRtree(layer.geometry)
    near = np.asarray(tree.query(shape, predicate="dwithin", distance=distance), dtype=np.int64)
    if shape.area > 0:
        area = shapely.area(shapely.intersection(layer.geometry[near], shape))
        near = near[area * 100 >= percent * shape.area]
    elif shape.length > 0:
        length = shapely.length(shapely.intersection(layer.geometry[near], shape))
        near = near[length * 100 >= percent * shape.length]
    return sorted(near.tolist())


def _nowhere(layer: ZoneLayer, codes: list[str], shape: Any, unknown: tuple[str, str]) -> Match:
    if not len(layer):
        return Match("none", (), "现行图层没有图斑。", "there are no zones.")
    distance = shapely.distance(layer.geometry, shape)
    k = int(np.argmin(distance))
    return Match(
        "none", (), f"{unknown[0]}位置不在任何图斑内，最近的 {codes[k]} 相距 {distance[k]:,.0f} m。",
        f"{unknown[1]}its place lies in no zone; the nearest, {codes[k]}, is {distance[k]:,.0f} m away.",
    )  # fmt: skip
