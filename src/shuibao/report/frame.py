"""The frame of a map: from metres to the drawing, graticule, scale bar, north (图框)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shuibao.ground.grid import Grid
from shuibao.ground.transforming import between
from shuibao.report.bilingual import Text, place, svg_text

WIDTH = 520.0
"""Width of a map, in units of the drawing."""

LEFT, RIGHT, TOP = 38.0, 14.0, 44.0
"""Room beside and above the frame."""

TALLEST, LOWEST = 560.0, 250.0
"""Height of the frame at most and at least."""

MARGIN = 0.05
"""Ground around the region, as a share of it."""

TIGHT = 70.0
"""Length of a scale bar that has no room for a number in its middle, units."""

STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600)
"""Distances of graticule lines, minutes."""


@dataclass(frozen=True)
class Frame:
    """
    Where a map lies on the ground and in the drawing (图框).

    Parameters
    ----------
    west, north : float
        Upper left corner, m on the grid.
    scale : float
        Units of the drawing a metre.
    width, height : float
        Size of the frame, units.
    crs : CRS
        Coordinate system of the grid.
    """

    west: float
    north: float
    scale: float
    width: float
    height: float
    crs: CRS

    def x(self, easting: Any) -> Any:
        """Return the place of eastings in the drawing."""
        return LEFT + (easting - self.west) * self.scale

    def y(self, northing: Any) -> Any:
        """Return the place of northings in the drawing."""
        return TOP + (self.north - northing) * self.scale

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return (west, south, east, north), m on the grid."""
        south = self.north - self.height / self.scale
        return self.west, south, self.west + self.width / self.scale, self.north

    @property
    def centre(self) -> tuple[float, float]:
        """Return the easting and northing of the middle."""
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2


def frame_around(bounds: tuple[float, float, float, float], crs: CRS) -> Frame:
    """
    Return a frame with a region in its middle (绘制范围).

    Parameters
    ----------
    bounds : (west, south, east, north)
        The region, m on the grid.
    crs : CRS
        Coordinate system of the grid.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> frame = frame_around((0.0, 0.0, 1000.0, 1000.0), national_crs())
    >>> round(frame.width), round(frame.height), frame.centre
    (468, 468, (500.0, 500.0))
    """
    west, south, east, north = bounds
    width = WIDTH - LEFT - RIGHT
    wide, high = (east - west) * (1 + 2 * MARGIN), (north - south) * (1 + 2 * MARGIN)
    height = min(max(width * high / wide, LOWEST), TALLEST)
    scale = min(width / wide, height / high)
    middle = (west + east) / 2, (south + north) / 2
    return Frame(middle[0] - width / scale / 2, middle[1] + height / scale / 2, scale, width, height, crs)


@lru_cache(maxsize=8)
def to_degrees(crs: CRS) -> Transformer:
    """
    Return the way from a grid's coordinate system to longitude and latitude (到经纬度的转换).

    Parameters
    ----------
    crs : CRS
        Coordinate system of the grid.
    """
    return between(crs, 4326)


def convergence(frame: Frame) -> float:
    """
    Return how far true north lies clockwise of the grid's north in the middle of a map, degrees (子午线收敛角).

    Parameters
    ----------
    frame : Frame
        The map.

    Examples
    --------
    East of the central meridian of 105°, true north lies to the left:

    >>> from shuibao.ground.grid import national_crs
    >>> round(convergence(frame_around((580e3, 4300e3, 581e3, 4301e3), national_crs())), 1)
    -4.0
    """
    degrees = to_degrees(frame.crs)
    lon, lat = degrees.transform(*frame.centre)
    east, north = degrees.transform([lon, lon], [lat, lat + 0.01], direction="INVERSE")
    return math.degrees(math.atan2(east[1] - east[0], north[1] - north[0]))


def path_of(shapes: Sequence[Any] | NDArray[Any], frame: Frame, tolerance: float = 0.25) -> str:
    """
    Return polygons as a path of the drawing, simplified to what can be seen (多边形路径).

    Parameters
    ----------
    shapes : sequence of shapely geometry
        Polygons, m on the grid.
    frame : Frame
        The map.
    tolerance : float
        How far a line may move, units of the drawing.
    """
    simple = shapely.simplify(np.asarray(shapes, dtype=object), tolerance / frame.scale, preserve_topology=True)
    out = []
    for ring in _rings(simple):
        x = np.rint(frame.x(ring[:, 0]) * 10).astype(int)
        y = np.rint(frame.y(ring[:, 1]) * 10).astype(int)
        moves = np.stack([np.diff(x), np.diff(y)], axis=1)[:-1]
        steps = "".join(f"l{_tenth(dx)} {_tenth(dy)}" for dx, dy in moves if dx or dy)
        out.append(f"M{_tenth(x[0])} {_tenth(y[0])}{steps}z")
    return "".join(out)


def _tenth(value: int) -> str:
    return f"{value / 10:g}"


def _rings(shapes: NDArray[Any]) -> Iterator[NDArray[np.float64]]:
    for polygon in shapely.get_parts(shapes):
        if not polygon.is_empty:
            for ring in (polygon.exterior, *polygon.interiors):
                yield shapely.get_coordinates(ring)


def graticule(frame: Frame) -> str:
    """
    Return meridians and parallels with their ticks and degrees (经纬网).

    Parameters
    ----------
    frame : Frame
        The map.
    """
    degrees = to_degrees(frame.crs)
    west, south, east, north = degrees.transform_bounds(*frame.bounds)
    out = []
    for lon in _marks(west, east):
        line = _curve(frame, degrees, np.full(64, lon), np.linspace(south - 0.1, north + 0.1, 64))
        for edge, label in ((TOP + frame.height, True), (TOP, False)):
            at = _crossing(line[:, 1], line[:, 0], edge)
            if at is not None and LEFT + 4 < at < LEFT + frame.width - 4:
                out.append(_tick(at, edge, 0, 4 if label else -4))
                if label:
                    text = _degrees(lon, "E", "W")
                    out.append(svg_text(at, edge + 14, text, 'text-anchor="middle"', "tick"))
        out.append(_line(line))
    for lat in _marks(south, north):
        line = _curve(frame, degrees, np.linspace(west - 0.1, east + 0.1, 64), np.full(64, lat))
        for edge, label in ((LEFT, True), (LEFT + frame.width, False)):
            at = _crossing(line[:, 0], line[:, 1], edge)
            if at is not None and TOP + 4 < at < TOP + frame.height - 4:
                out.append(_tick(edge, at, -4 if label else 4, 0))
                if label:
                    turned = f'text-anchor="middle" transform="rotate(-90 {place(edge - 8)} {place(at)})"'
                    out.append(svg_text(edge - 8, at, _degrees(lat, "N", "S"), turned, "tick"))
        out.append(_line(line))
    return "".join(out)


def _marks(low: float, high: float) -> list[float]:
    """Return round degrees between two, a few of them."""
    step = next((s for s in STEPS if (high - low) * 60 / s <= 5), STEPS[-1])
    first, last = math.ceil(low * 60 / step), math.floor(high * 60 / step)
    return [k * step / 60 for k in range(first, last + 1)]


def _degrees(value: float, positive: str, negative: str) -> str:
    minutes = round(abs(value) * 60)
    text = f"{minutes // 60}°" + (f"{minutes % 60:02d}′" if minutes % 60 else "")
    return text + (positive if value >= 0 else negative)


def _curve(frame: Frame, degrees: Transformer, lon: Any, lat: Any) -> NDArray[np.float64]:
    east, north = degrees.transform(lon, lat, direction="INVERSE")
    return np.stack([frame.x(np.asarray(east)), frame.y(np.asarray(north))], axis=1)


def _crossing(along: NDArray[np.float64], across: NDArray[np.float64], edge: float) -> float | None:
    """Return where a line crosses an edge."""
    order = np.argsort(along)
    if not along[order[0]] <= edge <= along[order[-1]]:
        return None
    return float(np.interp(edge, along[order], across[order]))


def _tick(x: float, y: float, dx: float, dy: float) -> str:
    return f'<path class="ticks" d="M{place(x)} {place(y)}l{place(dx)} {place(dy)}"/>'


def _line(line: NDArray[np.float64]) -> str:
    points = "L".join(f"{place(x)} {place(y)}" for x, y in line[:: max(1, len(line) // 16)])
    return f'<path class="graticule" clip-path="url(#frame)" d="M{points}"/>'


def scale_bar(frame: Frame, x: float, y: float) -> str:
    """
    Return a scale bar with its left end at a place (比例尺).

    Parameters
    ----------
    frame : Frame
        The map.
    x, y : float
        Place in the drawing.
    """
    km = bar_length(frame)
    length = km * 1000 * frame.scale
    half = length / 2
    labels = [(0.0, "0"), (half, f"{km / 2:g}"), (length, f"{km:g} km")]
    if length < TIGHT:
        del labels[1]
    texts = "".join(svg_text(x + at, y - 5, text, 'text-anchor="middle"', "scale") for at, text in labels)
    return (
        f'<g class="bar"><rect class="plate" x="{place(x - 10)}" y="{place(y - 19)}" width="{place(length + 38)}" height="28" rx="3"/>'
        f'{texts}<rect x="{place(x)}" y="{place(y)}" width="{place(half)}" height="4" fill="#222"/>'
        f'<rect x="{place(x + half)}" y="{place(y)}" width="{place(half)}" height="4" fill="#fff"/>'
        f'<rect x="{place(x)}" y="{place(y)}" width="{place(length)}" height="4" fill="none" stroke="#222"/></g>'
    )


def bar_length(frame: Frame) -> float:
    """
    Return a round length of about a fifth of the map, km (比例尺长度).

    Parameters
    ----------
    frame : Frame
        The map.
    """
    wanted = 0.24 * frame.width / frame.scale / 1000
    power = 10.0 ** math.floor(math.log10(wanted))
    return power * max(step for step in (1, 2, 5) if step * power <= wanted * (1 + 1e-9))


def north_arrow(frame: Frame, x: float, y: float) -> str:
    """
    Return an arrow to true north (指北针).

    Parameters
    ----------
    frame : Frame
        The map.
    x, y : float
        Its middle in the drawing.
    """
    turn = f"translate({place(x)} {place(y)}) rotate({convergence(frame):.2f})"
    return (
        f'<rect class="plate" x="{place(x - 15)}" y="{place(y - 34)}" width="30" height="48" rx="3"/>'
        f'<g class="north" transform="{turn}"><path d="M0 -17L6 9L0 5z" fill="#222"/>'
        '<path d="M0 -17L-6 9L0 5z" fill="#fff" stroke="#222" stroke-width=".8"/>'
        + svg_text(0, -20, "N", 'text-anchor="middle"', "scale")
        + "</g>"
    )


def emptiest(
    land: NDArray[np.bool_], grid: Grid, frame: Frame, corners: Sequence[tuple[float, float]], size: tuple[float, float]
) -> tuple[float, float]:
    """
    Return the corner of the map that hides least of the land (最空的角).

    Parameters
    ----------
    land : (rows, cols) array of bool
        Pixels of the region.
    grid : Grid
        The pixels.
    frame : Frame
        The map.
    corners : sequence of (x, y)
        Upper left corners of the boxes to choose from, in the drawing.
    size : (width, height)
        Size of the box, units.
    """
    easting, northing = grid.centres()
    x, y = frame.x(easting), frame.y(northing)

    def hidden(corner: tuple[float, float]) -> int:
        cols = (x >= corner[0]) & (x <= corner[0] + size[0])
        rows = (y >= corner[1]) & (y <= corner[1] + size[1])
        return int(land[np.ix_(rows, cols)].sum())

    return min(corners, key=hidden)


Labelled = Callable[[str], Text]
"""Gives a county's name from its code."""


def county_labels(codes: Sequence[str], shapes: NDArray[Any], frame: Frame, name: Labelled) -> str:
    """
    Return the names of counties where they have most room (县名注记).

    Parameters
    ----------
    codes : sequence of str
        Codes.
    shapes : (counties,) array of shapely geometry
        Polygons, m on the grid.
    frame : Frame
        The map.
    name : callable
        Gives the name of a code.
    """
    places = county_places(shapes, frame)
    return "".join(
        svg_text(x, y + 4, name(str(code)), 'text-anchor="middle"', "county")
        for code, (x, y) in zip(codes, places, strict=True)
    )


def county_places(shapes: NDArray[Any], frame: Frame) -> list[tuple[float, float]]:
    """
    Return where counties have most room for their names, in the drawing (县名位置).

    Parameters
    ----------
    shapes : (counties,) array of shapely geometry
        Polygons, m on the grid.
    frame : Frame
        The map.
    """
    out = []
    for shape in shapes:
        parts = shapely.get_parts(shape)
        largest = parts[int(np.argmax(shapely.area(parts)))]
        coarse = shapely.simplify(largest, 1.0 / frame.scale, preserve_topology=True)
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(coarse, 3.0 / frame.scale))[0]
        out.append((float(frame.x(middle[0])), float(frame.y(middle[1]))))
    return out
