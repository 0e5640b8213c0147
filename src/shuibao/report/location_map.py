"""A small map of where a project lies among the zones, as a picture for a document (位置示意图)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.control.finding import Answer

COLORS = {
    "prevention": "#7fb77e", "treatment": "#e0b15a", "severe": "#cf6a4d", "fragile": "#b58bbf", "steep_slope": "#8c6d46",
}  # fmt: skip
"""Colour of each kind of zone."""

COLOR_NAMES = {"prevention": "绿", "treatment": "黄", "severe": "红", "fragile": "紫", "steep_slope": "褐"}

PROJECT = "#1438b8"
BORDER = "#555555"

SIZE = (52.0, 52.0)
"""Width and height, mm."""

DPI = 220

AROUND, LEAST = 0.8, 500.0
"""Land shown around a project, as part of its width, and at least, m (chosen)."""

MM = 25.4

_BAR = (1, 2, 5)


def location_map(answer: Answer, project: int, numbered: Sequence[int]) -> bytes:
    """
    Return a map of a project and the zones around it as PNG, the same bytes every time (画位置示意图).

    Letters on it are digits and Latin only, since a machine may have no Chinese font; the document says the rest.

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
        _fill(axes, piece, facecolor=COLORS[str(index.kind[row])], alpha=0.55, edgecolor=BORDER, linewidth=0.3)
    for county in shapely.intersection(shapely.boundary(answer.control.counties.geometry), frame):
        _line(axes, county, color=BORDER, linewidth=0.7, linestyle=(0, (5, 2, 1, 2)))
    _draw_project(axes, shape)
    for number, row in enumerate(numbered, 1):
        if row in clipped and not clipped[row].is_empty:
            spot = shapely.point_on_surface(clipped[row])
            axes.text(spot.x, spot.y, str(number), fontsize=6, ha="center", va="center", color="#222222", clip_on=True)
    _scale(axes, window)
    if answer.control.simulated:
        axes.text(0.5, 0.97, "SIMULATED DATA", transform=axes.transAxes, fontsize=5.5, color="#a3172a", ha="center",
                  va="top", weight="bold")  # fmt: skip
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
        axes.add_patch(PathPatch(Path.make_compound_path(*(Path(ring, closed=True) for ring in rings)), **style))


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


def _scale(axes: Any, window: tuple[float, float, float, float]) -> None:
    """Draw a bar of a round length, and an arrow to the grid's north."""
    width = window[2] - window[0]
    power = 10.0 ** np.floor(np.log10(width / 4))
    length = max(step * power for step in _BAR if step * power <= width / 4)
    left, bottom = window[0] + width * 0.05, window[1] + width * 0.05
    axes.plot([left, left + length], [bottom, bottom], color="black", linewidth=2, solid_capstyle="butt")
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(left + length / 2, bottom + width * 0.015, words, fontsize=5.5, ha="center", va="bottom")
    axes.annotate("N", xy=(0.94, 0.96), xytext=(0.94, 0.84), xycoords="axes fraction", fontsize=6, ha="center",
                  arrowprops={"arrowstyle": "-|>", "linewidth": 0.8, "color": "black"})  # fmt: skip
