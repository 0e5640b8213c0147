"""Where the numbers of zones are written on a sheet, so that none lies on another (图斑注记)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

WIDE, HIGH = 0.56, 0.95
"""Width of a digit and height of a line, in sizes of the letters."""

POINT = 25.4 / 72
"""A point, mm."""

AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Directions in which a number may stand beside its zone, the first tried first."""


Box = tuple[float, float, float, float]
"""Left, bottom, right, top, m."""


@dataclass(frozen=True)
class Label:
    """
    The number of a zone on a sheet (注记).

    Parameters
    ----------
    text : str
        What is written.
    x, y : float
        Its middle, m.
    anchor : (float, float) or None
        Point of the zone that a line leads to; None where it stands inside.
    plain : bool
        Whether it lies wholly on its zone, so that no border runs through it.
    """

    text: str
    x: float
    y: float
    anchor: tuple[float, float] | None
    plain: bool


def short_code(code: str, *, county: bool = False) -> str:
    """
    Return what a zone is called on a map: its number without the code of the county (简号).

    Parameters
    ----------
    code : str
        Code of the zone.
    county : bool
        Whether the last two digits of the county stay before it, where several counties share a map.

    Examples
    --------
    >>> short_code("140924-00017"), short_code("140924-YZ00017", county=True), short_code("FQ-A")
    ('17', '24-YZ17', 'FQ-A')
    """
    head, dash, tail = code.rpartition("-")
    letters = tail.rstrip("0123456789")
    digits = tail[len(letters) :]
    if not dash or not digits or not letters.isascii():
        return code
    number = letters + (digits.lstrip("0") or digits)
    return f"{head[-2:]}-{number}" if county else number


def text_width(text: str, size: float) -> float:
    """
    Return about how wide words are on paper, mm (字宽).

    Parameters
    ----------
    text : str
        Words; a Chinese letter is as wide as it is high, another about two thirds of that.
    size : float
        Size of the letters, points.

    Examples
    --------
    >>> round(text_width("图1", 10.0), 2)
    5.89
    """
    return size * POINT * sum(1.0 if ord(letter) > 255 else 0.67 for letter in text)


def place_names(
    shapes: NDArray[Any],
    texts: Sequence[str],
    sizes: Sequence[float],
    bounds: Box,
    scale: float,
    room_taken: Sequence[Box] = (),
) -> tuple[list[Label], list[Box]]:
    """
    Return where the names of places are written, in the order given, and what room is taken then (配置地名).

    Parameters
    ----------
    shapes : (n,) array of shapely geometry
        Land of each place, as far as it lies on the sheet, m.
    texts : sequence of str
        Names; a Chinese letter is as wide as it is high.
    sizes : sequence of float
        Size of each name's letters, points.
    bounds : (left, bottom, right, top)
        The sheet, m.
    scale : float
        Denominator of the scale.
    room_taken : sequence of (left, bottom, right, top)
        Where something stands already.
    """
    taken: list[Box] = list(room_taken)
    found: list[Label] = []
    for shape, text, size in zip(shapes, texts, sizes, strict=True):
        height = scale / 1000 * POINT * size
        width = height * len(text)
        point = shapely.get_point(shapely.maximum_inscribed_circle(shape, tolerance=height), 0)
        for up in (0.0, 1.3, -1.3, 2.6, -2.6):
            x, y = float(point.x), float(point.y) + up * height
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            if _inside(box, bounds) and not any(_meet(box, other) for other in taken):
                taken.append(box)
                found.append(Label(text, x, y, None, False))
                break
    return found, taken


def place_labels(
    shapes: NDArray[Any], texts: Sequence[str], bounds: Box, scale: float, size: float, room_taken: Sequence[Box] = ()
) -> list[Label]:
    """
    Return the numbers that find a free place, the largest zones first (配置注记).

    Parameters
    ----------
    shapes : (n,) array of shapely geometry
        Zones, as far as they lie on the sheet, m.
    texts : sequence of str
        Their numbers.
    bounds : (left, bottom, right, top)
        The sheet, m.
    scale : int
        Denominator of the scale.
    size : float
        Size of the letters, points.
    room_taken : sequence of (left, bottom, right, top)
        Where names stand already.

    Returns
    -------
    list of Label
        No two overlap, and each lies on the sheet; a zone without a free place has none.
    """
    metres = scale / 1000 * POINT * size
    taken: list[Box] = list(room_taken)
    found: list[Label] = []
    order = np.lexsort((np.arange(len(shapes)), -shapely.area(shapes)))
    for k in order.tolist():
        width, height = WIDE * metres * max(len(texts[k]), 1), HIGH * metres
        point = shapely.point_on_surface(shapes[k])
        inner = (float(point.x), float(point.y))
        for x, y, led in _places(shapes[k], inner, width, height):
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            if _inside(box, bounds) and not any(_meet(box, other) for other in taken):
                taken.append(box)
                covered = not led and bool(shapely.covers(shapes[k], shapely.box(*box)))
                found.append(Label(texts[k], x, y, inner if led else None, covered))
                break
    return found


def _places(shape: Any, inner: tuple[float, float], width: float, height: float) -> list[tuple[float, float, bool]]:
    """Return where a number may stand: inside if there is room, else beside the zone's box."""
    left, bottom, right, top = shape.bounds
    places = [(*inner, False)]
    if right - left < width or top - bottom < height:
        places = []
    x, y = inner
    for step in (1.0, 2.2):
        for east, north in AROUND:
            across = ((right - left) / 2 if step == 1.0 else 0.0) + width * step * 0.65
            up = ((top - bottom) / 2 if step == 1.0 else 0.0) + height * step * 0.75
            places.append((x + east * across, y + north * up, True))
    return places


def _inside(box: Box, bounds: Box) -> bool:
    return box[0] >= bounds[0] and box[1] >= bounds[1] and box[2] <= bounds[2] and box[3] <= bounds[3]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
