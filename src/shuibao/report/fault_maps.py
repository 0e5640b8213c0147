"""Small maps of where a fault lies: the zone, its neighbours, and the fault in red (问题位置图)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Fault
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.report.bilingual import place, svg_text

WIDTH, HEIGHT = 300.0, 200.0
"""Size of the map of one place, units of the drawing."""

WIDE = 560.0
"""Width of the map of all places."""

SMALLEST = 30.0
"""Ground that a map shows at least from side to side, m."""

ROOM = 3.0
"""How many times as wide as the fault the map is."""

SEEN = 9.0
"""A fault that is smaller in the drawing is given a ring around it, units."""

DOT = 1.5
"""A zone that is smaller in the drawing is shown as a dot, units."""

MOST = 400
"""Neighbours that are drawn at most."""


@dataclass(frozen=True)
class _View:
    """A rectangle of ground and how large it is drawn."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def ground(self, margin: float = 0.1) -> tuple[float, float, float, float]:
        """Return (west, south, east, north) with some more on every side, m."""
        wide, high = self.width / self.scale, self.height / self.scale
        west, south = self.west - margin * wide, self.north - high - margin * high
        return west, south, self.west + wide * (1 + margin), self.north + margin * high

    def x(self, easting: Any) -> Any:
        return (easting - self.west) * self.scale

    def y(self, northing: Any) -> Any:
        return (self.north - northing) * self.scale


def _view(bounds: NDArray[np.float64], width: float, height: float, room: float) -> _View:
    west, south, east, north = bounds.tolist()
    wide = max((east - west) * room, SMALLEST, (north - south) * room * width / height)
    scale = width / wide
    return _View((west + east) / 2 - wide / 2, (south + north) / 2 + height / scale / 2, scale, width, height)


class Mapper:
    """Draws maps of faults; keeps an index of each layer (问题制图)."""

    def __init__(self) -> None:
        self._trees: dict[int, tuple[NDArray[np.intp], shapely.STRtree]] = {}

    def _near(self, layer: Submitted, view: _View) -> list[int]:
        """Return the rows of a layer that lie in a view."""
        if id(layer) not in self._trees:
            rows = np.flatnonzero(layer.areal & np.isfinite(shapely.bounds(layer.metric)).all(axis=1))
            self._trees[id(layer)] = rows, shapely.STRtree(layer.metric[rows])
        rows, tree = self._trees[id(layer)]
        return sorted(rows[tree.query(shapely.box(*view.ground()))].tolist())[:MOST]

    def draw(self, fault: Fault) -> str:
        """
        Return the map of one fault; empty if it has no place (一处问题的图).

        Parameters
        ----------
        fault : Fault
            The fault.
        """
        layer = fault.layer
        if layer is None or fault.lon is None or not fault.rows:
            return ""
        spot = layer.metric[fault.rows[0]] if fault.spot is None else fault.spot
        room = ROOM if fault.spot is not None else 1.6
        view = _view(shapely.bounds(spot), WIDTH, HEIGHT, room)
        own = set(fault.rows)
        others = "".join(_area(layer.metric[row], view) for row in self._near(layer, view) if row not in own)
        mine = "".join(f'<path class="own" d="{_area(layer.metric[row], view)}"/>' for row in fault.rows)
        marked = "" if fault.spot is None else _mark(spot, view)
        return (
            f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img"><path class="zone" d="{others}"/>{mine}{marked}'
            f"{_bar(view)}</svg>"
        )


def overview(layer: Submitted, faults: list[Fault]) -> str:
    """
    Return a map of all zones of a layer with a dot at every fault (问题分布图).

    Parameters
    ----------
    layer : Submitted
        The layer.
    faults : list of Fault
        Faults; those without a place in this layer are left out.
    """
    bounds = shapely.bounds(layer.metric)
    known = layer.areal & np.isfinite(bounds).all(axis=1)
    if not known.any():
        return ""
    boxes = bounds[known]
    whole = np.array([*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)])
    ratio = (whole[3] - whole[1]) / max(whole[2] - whole[0], 1.0)
    view = _view(whole, WIDE, min(max(WIDE * ratio, 240.0), 520.0), 1.1)
    size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) * view.scale
    shapes = layer.metric[known]
    drawn = "".join(_area(shape, view) for shape in shapes[size >= DOT])
    dots = "".join(
        f"M{place(x)} {place(y)}h1v1h-1z"
        for x, y in np.unique(np.stack([view.x(boxes[:, 0]), view.y(boxes[:, 3])], axis=1)[size < DOT].round(), axis=0)
    )
    marks = []
    for fault in reversed(faults):
        if fault.layer is layer and fault.lon is not None:
            x, y = _middle(layer.metric[fault.rows[0]] if fault.spot is None else fault.spot, view)
            marks.append(f'<circle class="dot {fault.kind.severity}" cx="{place(x)}" cy="{place(y)}" r="4"/>')
    unique = "".join(dict.fromkeys(marks))
    return (
        f'<svg viewBox="0 0 {view.width:g} {view.height:g}" role="img"><path class="zone" d="{drawn}{dots}"/>{unique}'
        f"{_bar(view)}</svg>"
    )


def _area(shape: shapely.Geometry, view: _View) -> str:
    """Return what a view shows of a shape, valid or not, as a path."""
    if shape is None:
        return ""
    ground = view.ground()
    simple = shape
    if shapely.is_valid(shape):
        simple = shapely.clip_by_rect(shapely.simplify(shape, 0.3 / view.scale, preserve_topology=True), *ground)
    if simple.geom_type == "GeometryCollection":
        simple = shapely.union_all([p for p in simple.geoms if p.geom_type.endswith("Polygon")])
    out = []
    for part in shapely.get_parts(simple):
        lines = (part.exterior, *part.interiors) if part.geom_type == "Polygon" else (part,)
        for line in lines:
            points = shapely.get_coordinates(line)
            if len(points) and np.isfinite(points).all():
                pairs = (
                    f"{place(x)} {place(y)}" for x, y in zip(view.x(points[:, 0]), view.y(points[:, 1]), strict=True)
                )
                out.append("M" + "L".join(pairs) + ("z" if part.geom_type == "Polygon" else ""))
    return "".join(out)


def _middle(spot: shapely.Geometry, view: _View) -> tuple[float, float]:
    west, south, east, north = shapely.bounds(spot).tolist()
    return float(view.x((west + east) / 2)), float(view.y((south + north) / 2))


def _mark(spot: shapely.Geometry, view: _View) -> str:
    """Return a fault in red, with a ring around it where it would be too small to be seen."""
    x, y = _middle(spot, view)
    west, south, east, north = shapely.bounds(spot).tolist()
    size = max(east - west, north - south) * view.scale
    ring = f'<circle class="ring" cx="{place(x)}" cy="{place(y)}" r="13"/>'
    if spot.geom_type.endswith("Point"):
        return f'<circle class="dot" cx="{place(x)}" cy="{place(y)}" r="3"/>{ring}'
    kind = "line" if spot.geom_type.endswith("LineString") else "spot"
    return f'<path class="{kind}" d="{_area(spot, view)}"/>' + (ring if size < SEEN else "")


def _bar(view: _View) -> str:
    """Return a scale bar in the lower left corner."""
    wanted = 0.3 * view.width / view.scale
    power = 10.0 ** math.floor(math.log10(wanted))
    metres = power * max(step for step in (1, 2, 5) if step * power <= wanted)
    length, y = metres * view.scale, view.height - 9
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return f'<path d="M9 {place(y - 4)}v4h{place(length)}v-4" fill="none" stroke="#222"/>' + svg_text(
        13 + length, y + 1, text, style="legend"
    )
