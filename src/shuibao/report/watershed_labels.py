"""Labels on the map of small watersheds: the river's name or the code, where there is room (小流域注记)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.report.bilingual import Text, svg_text
from shuibao.report.frame import Frame
from shuibao.survey.watershed_products import WatershedProducts

SIZE = 7.5
"""Height of the letters, units of the drawing (chosen: the smallest that can be read in print)."""

WIDE, NARROW = 1.0, 0.6
"""Width of a Chinese and of any other letter, of their height."""

ROOM = 1.0
"""Room kept free around a label, units."""

TRIES = (
    (0.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (-0.5, 0.0),
    (0.5, 0.0),
    (-0.5, -1.0),
    (0.5, -1.0),
    (-0.5, 1.0),
    (0.5, 1.0),
)
"""Places that are tried, from the middle, in widths and heights of the label."""

_NUMBERED = re.compile(r"第\d+小流域$")

Box = tuple[float, float, float, float]
"""Left, top, right and bottom in the drawing."""


def short_codes(products: WatershedProducts) -> tuple[list[str], str]:
    """
    Return the codes as a map shows them, and the beginning that was left off: that of the one county there is (代码注记).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    """
    codes = [str(code) for code in products.column("code")]
    counties = list(products.county_names())
    common = counties[0] if len(counties) == 1 else ""
    if common and all(code.startswith(common) and len(code) > len(common) for code in codes):
        return [code.removeprefix(common) for code in codes], common
    return codes, ""


def label_size(text: str) -> tuple[float, float]:
    """
    Return width and height of a label with the room around it, units of the drawing (注记尺寸).

    Parameters
    ----------
    text : str
        The label.

    Examples
    --------
    >>> label_size("县川河"), label_size("0010")
    ((24.5, 9.5), (20.0, 9.5))
    """
    width = sum(WIDE if ord(letter) > 255 else NARROW for letter in text) * SIZE
    return width + 2 * ROOM, SIZE + 2 * ROOM


def watershed_labels(products: WatershedProducts, frame: Frame, land: NDArray[Any], taken: Sequence[Box]) -> str:
    """
    Return the labels of the small watersheds that have room for one (小流域注记).

    A label lies wholly within its own unit and the region, so no two meet. In Chinese it is the name where that is of a
    river, else the code; in English the code.

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    frame : Frame
        The map.
    land : (n,) array of shapely geometry
        Polygons of the counties.
    taken : sequence of (left, top, right, bottom)
        Boxes in the drawing that no label may touch.
    """
    shapes = np.asarray(products.watersheds.geometry, dtype=object)
    if not len(shapes):
        return ""
    codes, _ = short_codes(products)
    least_width, least_height = label_size(min(codes, key=len))
    west, south, east, north = shapely.bounds(shapes).T * frame.scale
    roomy = np.flatnonzero((east - west >= least_width) & (north - south >= least_height))
    region = shapely.union_all(np.asarray(land, dtype=object))
    boxes = shapely.STRtree([shapely.box(*box) for box in taken])
    names = [str(name) for name in products.column("name")]
    return "".join(_label(_in_drawing(shapes[k], region, frame), names[k], codes[k], boxes) for k in roomy)


def _in_drawing(shape: Any, region: Any, frame: Frame) -> Any:
    """Return the largest part of a unit inside the region, in the drawing."""
    parts = shapely.get_parts(shapely.intersection(shape, region))
    largest = parts[int(np.argmax(shapely.area(parts)))] if len(parts) else shapely.Polygon()
    coarse = shapely.simplify(largest, 0.25 / frame.scale, preserve_topology=True)
    return shapely.transform(coarse, lambda p: np.stack([frame.x(p[:, 0]), frame.y(p[:, 1])], axis=1))


def _label(room: Any, name: str, code: str, taken: shapely.STRtree) -> str:
    """Return the label of a unit in both languages; empty where it has no room."""
    if room.is_empty or room.geom_type != "Polygon":
        return ""
    circle = shapely.get_coordinates(shapely.maximum_inscribed_circle(room, 0.5))
    middle = float(circle[0, 0]), float(circle[0, 1])
    code_at = _place(room, middle, code, taken)
    river = "" if _NUMBERED.search(name) else name.removesuffix("小流域")
    river_at = _place(room, middle, river, taken) if river else None
    texts = []
    if river_at is not None:
        texts.append(_drawn(river_at, Text(river, "")))
    if code_at is not None:
        texts.append(_drawn(code_at, Text("" if river_at is not None else code, code)))
    return "".join(texts)


def _place(room: Any, middle: tuple[float, float], text: str, taken: shapely.STRtree) -> tuple[float, float] | None:
    """Return the middle of a label that lies within a unit and touches nothing; None if there is no such place."""
    width, height = label_size(text)
    for across, down in TRIES:
        x, y = middle[0] + across * width, middle[1] + down * height
        box = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if room.contains(box) and not len(taken.query(box, predicate="intersects")):
            return x, y
    return None


def _drawn(at: tuple[float, float], text: Text) -> str:
    """Return a label around a place, in the languages that it has words for."""
    x, y = at[0], at[1] + 0.36 * SIZE
    if text.zh == text.en:
        return svg_text(x, y, text.zh, 'text-anchor="middle"', "unit-label")
    words = [("zh", text.zh), ("en", text.en)]
    return "".join(svg_text(x, y, w, 'text-anchor="middle"', f"{language} unit-label") for language, w in words if w)
