"""Shapes one by one: null, empty, of the wrong type, invalid, duplicate, in slivers (图形检查)."""

from __future__ import annotations

import re

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Ledger, Words
from shuibao.delimitation.acceptance.submitted import POLYGONS, Submitted
from shuibao.rules import Rules

MULTIPOLYGON = 6

REASONS = {
    "Self-intersection": ("自相交", "it crosses itself"),
    "Ring Self-intersection": ("环自相接触或相交", "a ring touches or crosses itself"),
    "Hole lies outside shell": ("孔洞在外环之外", "a hole lies outside its shell"),
    "Holes are nested": ("孔洞套孔洞", "holes are nested"),
    "Nested shells": ("外环套外环", "shells are nested"),
    "Interior is disconnected": ("内部被孔洞隔断", "its interior is cut apart"),
    "Duplicate Rings": ("环重复", "a ring occurs twice"),
    "Too few points in geometry component": ("一个环不足三点", "a ring has too few points"),
    "Invalid Coordinate": ("坐标不是数", "a coordinate is no number"),
    "Ring is not closed": ("环没有闭合", "a ring is not closed"),
}
"""What is wrong with a shape, by GEOS's name for it."""

PLACE = re.compile(r"\[([-+.\deE]+) ([-+.\deE]+)\]")

_NO_SHAPE: Words = ("应有面", "a polygon")
_POLYGON: Words = ("Polygon 或 MultiPolygon", "Polygon or MultiPolygon")


def check_shapes(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """
    Check the shapes of a layer one by one (图形检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    """
    _missing(layer, ledger)
    _types(layer, rules, ledger)
    _invalid(layer, ledger)
    _duplicates(layer, ledger)
    _slivers(layer, rules, ledger)
    _small_holes(layer, rules, ledger)


def _missing(layer: Submitted, ledger: Ledger) -> None:
    empty = shapely.is_empty(layer.geometry)
    lost = shapely.is_missing(layer.geometry) & ~layer.curved & ~layer.broken
    for row in np.flatnonzero(layer.curved):
        ledger.zone(
            "geometry-curved", layer, [row], ("由弧段或曲面组成，没有量算", "arcs or surfaces; not measured"), _POLYGON
        )
    for row in np.flatnonzero(lost):
        ledger.zone("geometry-null", layer, [row], ("图形为空值", "there is no shape"), _NO_SHAPE)
    for row in np.flatnonzero(empty):
        ledger.zone("geometry-empty", layer, [row], ("图形里没有点", "the shape has no points"), _NO_SHAPE)
    for row in np.flatnonzero(layer.broken):
        found = ("环没有闭合，或图形不完整", "a ring is not closed, or the shape is incomplete")
        ledger.zone("geometry-invalid", layer, [row], found, ("环首尾相接", "closed rings"))


def _types(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    kinds = shapely.get_type_id(layer.geometry)
    wrong = ~np.isin(kinds, [*POLYGONS, -1]) & ~shapely.is_empty(layer.geometry)
    for row in np.flatnonzero(wrong):
        name = layer.geometry[row].geom_type
        ledger.zone("geometry-type", layer, [row], (f"是 {name}", f"it is a {name}"), _POLYGON)
    if layer.deep.any():
        count, first = int(layer.deep.sum()), int(np.argmax(layer.deep))
        found = (
            f"{count} 个图形带 Z 或 M，首个为编号 {layer.codes[first]}",
            f"{count} shapes have Z or M, the first of them {layer.codes[first]}",
        )
        ledger.zone("geometry-dimension", layer, [first], found, ("二维", "two dimensions"))
    single = [row["theme"] for row in rules.value("zone_acceptance.themes") if not row["multipart"]]
    if layer.theme in single:
        parts = shapely.get_num_geometries(layer.geometry)
        for row in np.flatnonzero((kinds == MULTIPOLYGON) & (parts > 1)):
            found = (f"有 {parts[row]} 块", f"it has {parts[row]} parts")
            ledger.zone("geometry-multipart", layer, [row], found, ("一个编号一块", "one part for each code"))


def _invalid(layer: Submitted, ledger: Ledger) -> None:
    for row in np.flatnonzero(layer.areal & ~layer.valid & ~layer.broken):
        reason = shapely.is_valid_reason(layer.geometry[row])
        words = REASONS.get(reason.partition("[")[0].strip(), (reason, reason))
        at = PLACE.search(reason)
        spot = None
        if at is not None and np.isfinite([float(at[1]), float(at[2])]).all():
            spot = layer.in_metres(shapely.Point(float(at[1]), float(at[2])))
        ledger.zone("geometry-invalid", layer, [row], words, ("OGC 意义上有效", "valid in the sense of OGC"), spot)


def _duplicates(layer: Submitted, ledger: Ledger) -> None:
    rows = np.flatnonzero(layer.areal)
    if not len(rows):
        return
    near = _alike(layer.geometry[rows])
    for first, second in near:
        pair = rows[first], rows[second]
        found = (
            f"与编号 {layer.codes[pair[0]]} 的图形相同",
            f"its shape is that of {layer.codes[pair[0]]}",
        )
        ledger.zone("geometry-duplicate", layer, pair, found, ("每个图形一次", "each shape once"))


def duplicate_rows(layer: Submitted) -> set[int]:
    """
    Return the rows whose shape stands in an earlier row too (重复图形的行).

    Parameters
    ----------
    layer : Submitted
        The layer.
    """
    rows = np.flatnonzero(layer.areal)
    return {int(rows[second]) for _, second in _alike(layer.geometry[rows])} if len(rows) else set()


def _alike(shapes: NDArray[np.object_]) -> list[tuple[int, int]]:
    """Return pairs of equal shapes: of each group the first, with every other."""
    boxes = shapely.bounds(shapes)
    _, group, sizes = np.unique(boxes, axis=0, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    shared = np.flatnonzero(sizes[group] > 1)
    seen: dict[tuple[int, bytes], int] = {}
    pairs = []
    for index in shared[np.argsort(group[shared], kind="stable")]:
        key = int(group[index]), shapely.to_wkb(shapely.normalize(shapes[index]))
        first = seen.setdefault(key, int(index))
        if first != index:
            pairs.append((first, int(index)))
    return pairs


def _slivers(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """Note parts whose mean width, twice the area over the perimeter, is too small."""
    width = rules.value("zone_acceptance.sliver_width")
    rows = np.flatnonzero(layer.sound)
    parts, owner = shapely.get_parts(layer.metric[rows], return_index=True)
    mean = 2 * shapely.area(parts) / np.maximum(shapely.length(parts), np.finfo(float).tiny)
    for index in np.flatnonzero(mean < width):
        area = shapely.area(parts[index])
        found = (
            f"平均宽 {mean[index]:.2f} m，面积 {area:.1f} m²",
            f"its mean width is {mean[index]:.2f} m, its area {area:.1f} m²",
        )
        allowed = (f"平均宽不小于 {width:g} m", f"a mean width of {width:g} m or more")
        ledger.zone("sliver", layer, [rows[owner[index]]], found, allowed, parts[index])


def _small_holes(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    least = rules.value("zone_acceptance.hole_area")
    rows = np.flatnonzero(layer.sound)
    parts, owner = shapely.get_parts(layer.metric[rows], return_index=True)
    holed = np.flatnonzero(shapely.get_num_interior_rings(parts))
    rings, ring_owner = shapely.get_rings(parts[holed], return_index=True)
    outer = np.ones(len(rings), dtype=bool)
    outer[1:] = ring_owner[1:] != ring_owner[:-1]
    holes, of = shapely.polygons(rings[~outer]), ring_owner[~outer]
    areas = shapely.area(holes)
    tree = shapely.STRtree(layer.metric[rows])
    for index in np.flatnonzero(areas < least):
        if len(tree.query(holes[index], predicate="overlaps")) or len(tree.query(holes[index], predicate="contains")):
            continue  # an island of another zone: no hole of the layer
        found = (f"孔洞 {areas[index]:.1f} m²", f"a hole of {areas[index]:.1f} m²")
        allowed = (f"不小于 {least:g} m²，否则填上", f"{least:g} m² or more, or none")
        ledger.zone("hole-small", layer, [rows[owner[holed[of[index]]]]], found, allowed, holes[index])
