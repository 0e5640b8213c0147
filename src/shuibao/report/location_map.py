"""A small map of where a project lies among the zones, as a picture for a document (位置示意图)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.control.finding import Answer
from shuibao.messages import ShuibaoError
from shuibao.report.chinese_fonts import chinese_font
from shuibao.report.north import true_north
from shuibao.survey.region import SIMULATED

COLORS = {
    "prevention": ("#7fb77e", "绿"), "treatment": ("#e0b15a", "黄"), "severe": ("#cf6a4d", "红"),
    "fragile": ("#b58bbf", "紫"), "steep_slope": ("#8c6d46", "褐"),
}  # fmt: skip
"""Colour of each kind of zone, and what it is called in the caption."""

PROJECT = "#1438b8"
BORDER = "#555555"

SIZE = (52.0, 52.0)
"""Width and height, mm."""

DPI = 220

AROUND, LEAST = 0.8, 500.0
"""Land shown around a project, as part of its width, and at least, m (chosen)."""

ROOM = 0.055
"""Side of a number's room, as part of the width."""

BESIDE = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Where a number may stand, in its room's sides from the middle of its zone; the first free place is taken."""

MM = 25.4

_BAR = (1, 2, 5)


def location_map(answer: Answer, project: int, numbered: Sequence[int]) -> bytes:
    """
    Return a map of a project and the zones around it as PNG, the same bytes every time (画位置示意图).

    Letters on it are digits and Latin, so that a machine may do without a Chinese font; the document says the rest. Only
    made-up land is marked in Chinese where there is such a font, else in English.

    Parameters
    ----------
    answer : Answer
        What was found.
    project : int
        Row of the project.
    numbered : sequence of int
        Rows of the zones that bear a number, in order from 1.

    Returns
    -------
    bytes
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shape = answer.projects.geometry[project]
    window = _window(shape)
    figure = Figure(figsize=(SIZE[0] / MM, SIZE[1] / MM), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(window[0], window[2]), ylim=(window[1], window[3]), aspect="equal", xticks=[], yticks=[])
    frame, index = shapely.box(*window), answer.control.index
    shown = np.sort(index.tree.query(frame, predicate="intersects"))
    clipped = dict(zip(shown.tolist(), shapely.intersection(index.geometry[shown], frame), strict=True))
    for row, piece in clipped.items():
        _fill(axes, piece, facecolor=COLORS[str(index.kind[row])][0], alpha=0.55, edgecolor=BORDER, linewidth=0.3)
    for county in shapely.intersection(shapely.boundary(answer.control.counties.geometry), frame):
        _line(axes, county, color=BORDER, linewidth=0.7, linestyle=(0, (5, 2, 1, 2)))
    _draw_project(axes, shape)
    _number(axes, {number: clipped[row] for number, row in enumerate(numbered, 1) if row in clipped}, shape)
    _scale(axes, window, true_north(index.crs, (window[0] + window[2]) / 2, (window[1] + window[3]) / 2))
    if answer.control.simulated:
        _mark(axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def kinds_around(answer: Answer, project: int) -> list[str]:
    """
    Return the kinds of zone that the map shows, as ``KINDS`` has them (图上的区域种类).

    Parameters
    ----------
    answer : Answer
        What was found.
    project : int
        Row of the project.
    """
    index = answer.control.index
    shown = index.tree.query(shapely.box(*_window(answer.projects.geometry[project])), predicate="intersects")
    met = set(index.kind[shown].tolist())
    return [kind for kind in COLORS if kind in met]


def _number(axes: Any, pieces: Mapping[int, Any], project: Any) -> None:
    """Write the numbers of zones where they meet the project, each beside those that stand already."""
    from matplotlib.patheffects import withStroke

    step = ROOM * (axes.get_xlim()[1] - axes.get_xlim()[0])
    taken: list[tuple[float, float]] = []
    for number, piece in pieces.items():
        shared = shapely.intersection(piece, project)
        parts = shapely.get_parts(piece if shared.is_empty else shared)
        if not parts.size:
            continue
        middle = _middle(parts[np.argmax(shapely.area(parts))])
        places = [(middle[0] + right * step, middle[1] + up * step) for right, up in BESIDE]
        free = [place for place in places if all(np.hypot(*np.subtract(place, one)) >= step for one in taken)]
        x, y = (free or places)[0]
        taken.append((x, y))
        axes.text(
            x, y, str(number), fontsize=6, ha="center", va="center", color="#222222", clip_on=True, zorder=10,
            path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip


def _middle(shape: Any) -> tuple[float, float]:
    """Return a point well inside an area; any point of what has none."""
    if shape.geom_type == "Polygon" and shape.area > 0:
        point = shapely.get_point(shapely.maximum_inscribed_circle(shape), 0)
    else:
        point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)


def _mark(axes: Any) -> None:
    """Write over a map of made-up land that it is one."""
    from matplotlib.font_manager import FontProperties

    try:
        words, font = SIMULATED, FontProperties(fname=str(chinese_font()), size=6.5)
    except ShuibaoError:
        words, font = "SIMULATED DATA", FontProperties(size=5.5, weight="bold")
    axes.text(0.5, 0.97, words, transform=axes.transAxes, fontproperties=font, color="#a3172a", ha="center", va="top",
              zorder=11, bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0})  # fmt: skip


def _window(shape: Any) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.bounds(shape)
    half = max(east - west, north - south) * (0.5 + AROUND) + LEAST
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half


def _fill(axes: Any, shape: Any, **style: Any) -> None:
    """Fill the areas of a shape, holes left open."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    rings: list[NDArray[Any]] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            rings += [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
    if rings:
        axes.add_artist(PathPatch(Path.make_compound_path(*(Path(ring, closed=True) for ring in rings)), **style))


def _line(axes: Any, shape: Any, **style: Any) -> None:
    for part in shapely.get_parts(shape):
        if part.geom_type == "LineString":
            axes.plot(*shapely.get_coordinates(part).T, **style)


def _draw_project(axes: Any, shape: Any) -> None:
    dimension = shapely.get_dimensions(shape)
    if dimension == 2:
        _fill(axes, shape, facecolor="none", edgecolor=PROJECT, linewidth=1.2)
    elif dimension == 1:
        _line(axes, shape, color=PROJECT, linewidth=1.4)
    else:
        axes.plot([shape.x], [shape.y], marker="+", markersize=9, markeredgewidth=1.5, color=PROJECT)


def _scale(axes: Any, window: tuple[float, float, float, float], north: tuple[float, float]) -> None:
    """Draw a bar of a round length, and an arrow to true north."""
    width = window[2] - window[0]
    power = 10.0 ** np.floor(np.log10(width / 4))
    length = max(step * power for step in _BAR if step * power <= width / 4)
    left, bottom = window[0] + width * 0.05, window[1] + width * 0.05
    axes.plot([left, left + length], [bottom, bottom], color="black", linewidth=2, solid_capstyle="butt")
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(left + length / 2, bottom + width * 0.015, words, fontsize=5.5, ha="center", va="bottom")
    x, y = 0.93 - 0.06 * north[0], 0.85
    axes.annotate("N", xy=(x + 0.12 * north[0], y + 0.12 * north[1]), xytext=(x, y), xycoords="axes fraction", fontsize=6,
                  ha="center", va="top", arrowprops={"arrowstyle": "-|>", "linewidth": 0.8, "color": "black"})  # fmt: skip
