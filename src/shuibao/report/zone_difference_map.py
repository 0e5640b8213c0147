"""The map of what differs between two versions of zones: land gained and lost (版本差异图)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch, Rectangle
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from shuibao.delimitation.life.difference import Difference
from shuibao.ground.files import renamed
from shuibao.messages import say
from shuibao.report.chinese_fonts import chinese_font
from shuibao.report.north import true_north
from shuibao.rules import Rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import SIMULATED, Region
from shuibao.zoning.layer import HECTARE

COLORS = {"kept": "#d9d5c7", "gained": "#2c7a4b", "lost": "#b3202c", "attributes": "#2a6ca8", "border": "#8a8a8a"}
"""Land of zones in both, gained, lost; outline of zones of which attributes changed; borders of counties."""

SIZE, DPI, PIXELS = (9.0, 7.2), 150, 950
"""Inches, pixels to one, and pixels across the map."""

MARGIN, LEAST = 0.15, 2000.0
"""Land shown around what changed, as part of its extent, and the least extent shown, m (chosen)."""

NICE = (1, 2, 5)

Extent = tuple[float, float, float, float]
"""Left, bottom, right, top, m."""

Land = tuple[NDArray[Any], NDArray[Any]]
"""Land gained, and land lost."""


def write_difference_map(
    found: Difference, region: Region, rules: Rules, path: Path, *, names: tuple[str, str]
) -> None:
    """
    Draw what differs between two layers of zones, the same bytes every time (画版本差异图).

    Parameters
    ----------
    found : Difference
        From :func:`shuibao.delimitation.life.difference.difference`.
    region : Region
        The region, for its borders and its name.
    rules : Rules
        Rule packs in force, for the name of the theme.
    path : Path
        ``.png``, ``.svg`` or ``.pdf`` to write, whole or not at all.
    names : (str, str)
        What the two layers are called.
    """
    font = FontProperties(fname=str(chinese_font()))
    figure = Figure(figsize=SIZE, dpi=DPI)
    axes = figure.add_axes((0.02, 0.03, 0.72, 0.87))
    borders = counties_of(region).geometry
    extent = _extent(found, borders)
    land = found.land()
    _draw(axes, found, land, borders, extent)
    _scale(axes, extent, font)
    _north(axes, true_north(found.second.crs, (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2), font)
    _overview(figure, borders, extent)
    theme = next(say(t["name"], t["name_en"]) for t in rules.value("zone_kind.themes") if t["id"] == found.theme)
    label = say(SIMULATED, f"simulated data {SIMULATED}") if region.simulated else ""
    a, b = (version_name(name) for name in names)
    title = say(f"{region.name}　{theme}　{a} → {b}", f"{region.name}, {theme}, {a} → {b}")
    figure.text(0.02, 0.945, title, fontproperties=font, fontsize=13)
    if label:
        figure.text(0.98, 0.945, label, fontproperties=font, fontsize=12, color="#a3172a", ha="right")
    _legend(figure, found, land, font)
    metadata: dict[str, Any] = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    kind = path.suffix.lower()
    with renamed(path) as temporary, mpl.rc_context({"svg.hashsalt": "shuibao", "svg.fonttype": "path"}):
        figure.savefig(temporary, format=kind[1:], metadata=metadata[kind])


def version_name(name: str) -> str:
    """
    Return what a layer is called in a title: a version by its number, a file by its name (版本名).

    Examples
    --------
    >>> version_name("drawn"), version_name("2"), version_name("tmp/a.gpkg")
    ('底图', '第 2 版', 'a.gpkg')
    """
    if name.isdigit():
        return say(f"第 {name} 版", f"version {name}")
    known = {"drawn": say("底图", "drawn"), "current": say("现行", "current")}
    return known.get(name, Path(name).name)


def _extent(found: Difference, borders: NDArray[Any]) -> tuple[float, float, float, float]:
    """Return the land to show: around what changed, or the whole region where nothing did."""
    touched = [zone.geometry for c in found.changes for zone in (c.before, c.after) if zone is not None]
    west, south, east, north = shapely.total_bounds(np.array(touched, dtype=object) if touched else borders).tolist()
    side = max(east - west, north - south, LEAST) * (1 + 2 * MARGIN) / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - side, y - side, x + side, y + side


def _draw(axes: Axes, found: Difference, land: Land, borders: NDArray[Any], extent: Extent) -> None:
    window = shapely.box(*extent)
    gained, lost = land
    kept = found.second.geometry[shapely.intersects(found.second.geometry, window)]
    for shapes, face, edge, width in (
        (kept, COLORS["kept"], "#a8a28c", 0.4),
        (lost, COLORS["lost"], COLORS["lost"], 0.3),
        (gained, COLORS["gained"], COLORS["gained"], 0.3),
        (_named(found), "none", COLORS["attributes"], 0.9),
        (borders, "none", COLORS["border"], 0.8),
    ):
        outlines = _outlines(shapes, (extent[2] - extent[0]) / PIXELS)
        axes.add_collection(PathCollection(outlines, facecolors=face, edgecolors=edge, linewidths=width))
    axes.set_xlim(extent[0], extent[2])
    axes.set_ylim(extent[1], extent[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])


def _named(found: Difference) -> NDArray[Any]:
    """Return the zones that changed in their attributes only."""
    chosen = [c.zone.geometry for c in found.changes if c.change in ("attributes", "recoded")]
    return np.array(chosen, dtype=object)


def _outlines(shapes: NDArray[Any], pixel: float) -> list[Outline]:
    """Return polygons as paths, simplified to what can be seen."""
    parts = shapely.get_parts(shapely.simplify(shapes, pixel / 2)) if len(shapes) else []
    return [
        Outline.make_compound_path(
            *(Outline(shapely.get_coordinates(ring), closed=True) for ring in (part.exterior, *part.interiors))
        )
        for part in parts
        if not part.is_empty
    ]


def _scale(axes: Axes, extent: tuple[float, float, float, float], font: FontProperties) -> None:
    """Draw a bar of a round length, about a fifth of the map."""
    width = (extent[2] - extent[0]) / 5
    power = 10 ** np.floor(np.log10(width))
    length = max(n * power for n in NICE if n * power <= width)
    x, y = extent[0] + width / 4, extent[1] + width / 4
    axes.plot([x, x + length], [y, y], color="#333333", linewidth=2.5, solid_capstyle="butt")
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x + length / 2, y + width / 14, words, fontproperties=font, fontsize=9, ha="center")


def _north(axes: Axes, north: tuple[float, float], font: FontProperties) -> None:
    """Draw an arrow to true north into the upper right corner."""
    x, y = 0.95 - 0.04 * north[0], 0.9
    axes.annotate(
        say("北", "N"), xy=(x + 0.08 * north[0], y + 0.08 * north[1]), xytext=(x, y), xycoords="axes fraction",
        fontproperties=font, ha="center", va="top", arrowprops={"arrowstyle": "-|>", "linewidth": 1.0, "color": "#333333"},
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0},
    )  # fmt: skip


def _overview(figure: Figure, borders: NDArray[Any], extent: tuple[float, float, float, float]) -> None:
    """Draw the region small, with a frame around what the map shows."""
    axes = figure.add_axes((0.76, 0.05, 0.22, 0.26))
    west, south, east, north = shapely.total_bounds(borders).tolist()
    outlines = _outlines(borders, (east - west) / PIXELS * 4)
    axes.add_collection(PathCollection(outlines, facecolors="#f4f2ea", edgecolors=COLORS["border"], linewidths=0.4))
    width, height = extent[2] - extent[0], extent[3] - extent[1]
    axes.add_patch(
        Rectangle(extent[:2], width, height, facecolor="none", edgecolor=COLORS["lost"], linewidth=1.2, clip_on=False)
    )
    axes.set_xlim(min(west, extent[0]), max(east, extent[2]))
    axes.set_ylim(min(south, extent[1]), max(north, extent[3]))
    axes.set_aspect("equal")
    axes.axis("off")


def _legend(figure: Figure, found: Difference, land: Land, font: FontProperties) -> None:
    gained, lost = (float(shapely.area(shapes).sum()) / HECTARE for shapes in land)
    named = sum(change.change in ("attributes", "recoded") for change in found.changes)
    handles = [
        Patch(facecolor=COLORS["kept"], edgecolor="#a8a28c", label=say("未变", "unchanged")),
        Patch(facecolor=COLORS["gained"], label=say(f"增 {gained:,.2f} hm²", f"gained {gained:,.2f} hm²")),
        Patch(facecolor=COLORS["lost"], label=say(f"减 {lost:,.2f} hm²", f"lost {lost:,.2f} hm²")),
        Patch(
            facecolor="none", edgecolor=COLORS["attributes"], label=say(f"属性变化 {named} 个", f"attributes, {named}")
        ),
        Patch(facecolor="none", edgecolor=COLORS["border"], label=say("县界", "county border")),
    ]
    small = font.copy()
    small.set_size(10)
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.75, 0.9), frameon=False, prop=small)
