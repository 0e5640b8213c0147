"""Shapes as a browser sends them (送来的图形): looked at before anything reads them, and written as files of our own."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from bureau.refusal import Refusal
from shuibao.delimitation.acceptance.geometry import PLACE, REASONS
from shuibao.ground.transforming import between

MOST_VERTICES = 50_000
"""Vertices of a shape at most (chosen: the largest zones of a county have some thousands)."""
LARGEST = 4 * 2**20
"""Characters of a shape at most (chosen)."""
SYSTEM = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
POLYGONS, PLACES, LINES = ("Polygon", "MultiPolygon"), ("Point", "Polygon", "MultiPolygon"), ("LineString",)

FAULTS = {
    "Self-intersection": "边界自己相交", "Ring Self-intersection": "边界碰到或穿过自己",
    "Hole lies outside shell": "空洞（内环）跑到了外边界之外", "Nested shells": "一块套在另一块里面", "Holes are nested": "空洞套着空洞",
}  # fmt: skip
"""What is wrong with a shape, where people who draw say it otherwise than who examines a file."""
WORDS = {POLYGONS: "面", PLACES: "点或面", LINES: "一条线"}
"""What each choice of kinds is in words."""


def shape_of(text: str, kinds: tuple[str, ...] = POLYGONS) -> Any:
    """
    Return the shape of a GeoJSON text in longitude and latitude (读图形).

    Parameters
    ----------
    text : str
        A geometry, or a feature.
    kinds : tuple of str
        Types that are allowed.

    Raises
    ------
    Refusal
        If it is none of them, too large, outside the world, or crosses itself.
    """
    if len(text) > LARGEST:
        raise Refusal(
            "shape-size", f"图形过大（{len(text) / 2**20:.1f} MB，最多 {LARGEST // 2**20} MB）；请化简后再传。"
        )
    try:
        told = json.loads(text)
        told = told["geometry"] if isinstance(told, dict) and told.get("type") == "Feature" else told
        if not isinstance(told, dict) or told.get("type") not in kinds:
            raise ValueError("type")  # noqa: TRY301 - told below
        shape = shapely.from_geojson(json.dumps(told))
    except (ValueError, KeyError, TypeError, RecursionError, shapely.errors.ShapelyError) as wrong:
        told = f"图形读不出来，这里要的是{WORDS[kinds]}；请在地图上重画，或给出 GeoJSON 的 {'、'.join(kinds)}。"
        raise Refusal("shape-unreadable", told) from wrong
    count = int(shapely.get_num_coordinates(shape))
    if not 1 <= count <= MOST_VERTICES:
        raise Refusal("shape-size", f"图形有 {count} 个顶点，应在 1～{MOST_VERTICES} 之间；请化简后再传。")
    west, south, east, north = shapely.bounds(shape)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Refusal("shape-outside", "图形的坐标不是经纬度（度）；请核对坐标系，应为 CGCS2000 经纬度。")
    if not shape.is_valid:
        told = (
            f"图形不能用：{fault_in_words(shapely.is_valid_reason(shape))}；请把那里的顶点移开，或撤销后重画，再保存。"
        )
        raise Refusal("shape-crosses", told)
    return shapely.force_2d(shape)


def fault_in_words(reason: str, crs: Any = None) -> str:
    """
    Return what is wrong with a shape, and about where, as people say it (图形问题).

    Parameters
    ----------
    reason : str
        As GEOS says it, with the place in brackets.
    crs : CRS, optional
        System of that place, m; longitude and latitude are taken as they are.

    Examples
    --------
    >>> fault_in_words("Self-intersection[111.605 39.505]")
    '边界自己相交（约在东经 111.60500°、北纬 39.50500°）'
    """
    name, at = reason.partition("[")[0].strip(), PLACE.search(reason)
    words = FAULTS.get(name) or REASONS.get(name, ("形状无效", ""))[0]
    if at is None:
        return words
    x, y = float(at[1]), float(at[2])
    if crs is not None and not (abs(x) <= 180 and abs(y) <= 90):
        x, y = between(crs, 4490).transform(x, y)
    return f"{words}（约在东经 {x:.5f}°、北纬 {y:.5f}°）" if math.isfinite(x) and math.isfinite(y) else words


def write_features(path: Path, features: Sequence[tuple[Any, Mapping[str, Any]]]) -> Path:
    """
    Write shapes with their attributes as GeoJSON in CGCS2000 (写送件文件).

    Parameters
    ----------
    path : Path
    features : sequence of (shapely geometry or None, mapping)
    """
    told = {
        "type": "FeatureCollection", "crs": SYSTEM,
        "features": [
            {
                "type": "Feature", "properties": dict(words),
                "geometry": None if shape is None else shapely.geometry.mapping(shape),
            }
            for shape, words in features
        ],
    }  # fmt: skip
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path
