"""One map sheet: relief, borders, zones with their numbers, and the list of its zones (单幅图)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from numpy.typing import NDArray

from shuibao.ground.grid import grid_over
from shuibao.report.atlas import Atlas
from shuibao.report.overview import SHADES, elevation, hillshade
from shuibao.report.sheet_canvas import Canvas, fill, stroke, trace
from shuibao.report.sheet_furniture import (
    COUNTY,
    SMALL,
    TINY,
    TOWN,
    put_footer,
    put_frame,
    put_legend,
    put_neighbours,
    put_north,
    put_scale,
    put_title,
)
from shuibao.report.sheet_labels import POINT, Box, place_labels, place_names, text_width
from shuibao.report.sheet_layout import GAP, MARGIN, TITLE, Sheet
from shuibao.survey.region import SIMULATED
from shuibao.survey.zone_inputs import COUNTY_DIGITS

Bounds = tuple[float, float, float, float]

PIXELS = 1200
"""Pixels that relief is at most wide (chosen: 100 to the inch on A3)."""

INK = 0.26
"""How dark the deepest shadow of the relief is, of black (chosen: zones and letters stay in front)."""

NUMBER = 6.5
"""Size of the zones' numbers, points."""

NAMED = 0.02
"""Share of a sheet that a town must take to be named on it."""

ROOMY = 3.0
"""How many times the room of its name a county must take to be named (chosen)."""

LISTED = 2.9
"""Height of a line of the list, mm."""


def draw_sheet(atlas: Atlas, sheet: Sheet) -> Canvas:
    """
    Return one sheet as a page (绘制一幅).

    Parameters
    ----------
    atlas : Atlas
        What it is part of.
    sheet : Sheet
        The sheet.
    """
    canvas = Canvas(atlas.paper.size, atlas.font)
    axes = canvas.axes(atlas.paper.frame, sheet.bounds)
    put_relief(axes, atlas, sheet.bounds)
    put_outside(axes, atlas, sheet.bounds)
    zones = np.flatnonzero(shapely.intersects(atlas.result.layer.geometry, shapely.box(*sheet.bounds)))
    put_zones(axes, atlas, zones)
    taken = put_borders(canvas, axes, atlas, sheet.bounds, atlas.scale)
    _numbers(canvas, axes, atlas, sheet, zones, taken)
    put_mark(canvas, axes, atlas, sheet.bounds)
    put_frame(canvas, atlas, axes, sheet.bounds, atlas.scale)
    put_title(canvas, atlas, f"第 {sheet.number} 幅 / 共 {len(atlas.sheets)} 幅")
    put_footer(canvas, atlas)
    _panel(canvas, atlas, sheet, zones)
    return canvas


def put_relief(axes: Axes, atlas: Atlas, bounds: Bounds) -> None:
    """Draw the relief of the ground in light grey; nothing if the elevation is gone (晕渲)."""
    region = atlas.result.region
    grid = grid_over(bounds, region.cell, region.projection)
    grid = grid.coarser(max(1, -(-max(grid.shape) // PIXELS)))
    heights = elevation(region, grid)
    if heights is None:
        return
    shade = hillshade(heights, grid.cell)
    grey = 255 - np.rint(INK * 255 * np.clip(1 - shade / (0.82 * SHADES), 0, 1)).astype(np.uint8)
    grey[shade == 0] = 255
    left, bottom, right, top = grid.bounds
    axes.imshow(
        np.repeat(grey[:, :, np.newaxis], 3, axis=2), extent=(left, right, bottom, top), interpolation="none",
        aspect="auto", zorder=0,
    )  # fmt: skip
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])


def put_outside(axes: Axes, atlas: Atlas, bounds: Bounds) -> None:
    """Let the land fade that is not mapped (淡化区外)."""
    beyond = shapely.box(*bounds).difference(atlas.ground)
    fill(axes, [beyond], facecolor="white", alpha=0.7, linewidth=0, zorder=1)


def put_zones(axes: Axes, atlas: Atlas, zones: NDArray[Any], *, index: bool = False) -> None:
    """Draw some zones in the colours of their kinds; small ones on an index in that of their borders (绘制区域)."""
    shapes = atlas.result.layer.geometry
    for kind in atlas.present_kinds():
        own = zones[atlas.kinds[zones] == kind]
        fill(axes, shapes[own], edgecolor="none", linewidth=0, zorder=2, **atlas.look(kind, index=index))
        if not (index and atlas.specks(kind)):
            stroke(axes, shapes[own], edgecolor=atlas.colors[kind][1], linewidth=0.5, zorder=3)


def put_borders(
    canvas: Canvas,
    axes: Axes,
    atlas: Atlas,
    bounds: Bounds,
    scale: float,
    taken: Sequence[Box] = (),
    *,
    index: bool = False,
) -> list[Box]:
    """Draw the borders of towns and counties, write their names, and return what room is taken (界线与地名)."""
    window = shapely.box(*bounds)
    towns = atlas.result.units.towns
    mapped = set(atlas.result.units.counties.codes)
    letter = (SMALL + 2.5) * POINT * scale / 1000
    names = [
        (name, shape, SMALL + 2.5, ROOMY * len(name) * letter**2)
        for code, name, shape in zip(atlas.around.codes, atlas.around.names, atlas.around.geometry, strict=True)
        if index or code not in mapped or len(mapped) > 1  # the title of a sheet names its only county
    ]
    if towns.codes:
        trace(axes, atlas.town_lines, zorder=4, **TOWN)
        own = [k for k, code in enumerate(towns.codes) if code[:COUNTY_DIGITS] in mapped]
        names += [(towns.names[k], towns.geometry[k], SMALL, NAMED * window.area) for k in own]
    trace(axes, atlas.county_lines, zorder=5, **COUNTY)
    seen = shapely.intersection(np.array([shape for _, shape, _, _ in names], dtype=object), window)
    wide = np.flatnonzero(shapely.area(seen) > [least for _, _, _, least in names])
    texts, sizes = [names[k][0] for k in wide], [names[k][2] for k in wide]
    labels, taken = place_names(seen[wide], texts, sizes, bounds, scale, taken)
    size_of = dict(zip(texts, sizes, strict=True))
    for label in labels:
        axes.text(
            label.x, label.y, label.text, fontproperties=canvas.letters(size_of[label.text]), color="#33415c",
            ha="center", va="center", clip_on=True, zorder=9,
            bbox={"facecolor": "white", "alpha": 0.65, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    return taken


def _numbers(canvas: Canvas, axes: Axes, atlas: Atlas, sheet: Sheet, zones: NDArray[Any], taken: Sequence[Box]) -> None:
    """Write the numbers of the zones, with a line where one stands beside its zone."""
    seen = shapely.intersection(atlas.result.layer.geometry[zones], shapely.box(*sheet.bounds))
    wide = shapely.area(seen) > 0
    kept = [atlas.numbers[k] for k in zones[wide]]
    for label in place_labels(seen[wide], kept, sheet.bounds, atlas.scale, NUMBER, taken):
        if label.anchor is not None:
            axes.plot([label.anchor[0], label.x], [label.anchor[1], label.y], color="#333333", linewidth=0.3, zorder=8)
        axes.text(
            label.x, label.y, label.text, fontproperties=canvas.letters(NUMBER), ha="center", va="center", color="#111111",
            clip_on=True, zorder=9,
            bbox=None if label.plain else {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.2},
        )  # fmt: skip


def put_mark(canvas: Canvas, axes: Axes, atlas: Atlas, bounds: Bounds) -> None:
    """Write over a map of made-up land that it is one (模拟数据标记)."""
    if atlas.result.simulated:
        axes.text(
            (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, SIMULATED, fontproperties=canvas.letters(72),
            color="#a3172a", alpha=0.10, ha="center", va="center", rotation=30, zorder=10,
        )  # fmt: skip


def _panel(canvas: Canvas, atlas: Atlas, sheet: Sheet, zones: NDArray[Any]) -> None:
    """Fill the strip beside the map: neighbours, legend, scale, north, list."""
    left, bottom, width, height = atlas.paper.frame
    x = left + width + GAP + 3
    y = put_neighbours(canvas, atlas, sheet, x, canvas.size[1] - MARGIN - TITLE - 2)
    y = put_legend(canvas, atlas, x, y)
    put_scale(canvas, atlas.scale, x, y - 12, atlas.paper.panel - 32)
    put_north(canvas, atlas, sheet.bounds, x + atlas.paper.panel - 16, y - 17)
    _list(canvas, atlas, zones, x, y - 22, bottom)


def _list(canvas: Canvas, atlas: Atlas, zones: NDArray[Any], x: float, top: float, bottom: float) -> None:
    """List number and area of the zones on the sheet, as many as there is room for."""
    areas = [f"{float(area):,.2f}" for area in np.asarray(atlas.result.layer.columns["area_hm2"])[zones]]
    first, second = (max((text_width(words, TINY) for words in texts), default=0.0) for texts in (
        [atlas.numbers[k] for k in zones], areas,
    ))  # fmt: skip
    apart = first + second + 5.0
    across = max(int((atlas.paper.panel - 2) / apart), 1)
    rows = max(int((top - 5 - bottom) / LISTED), 0)
    canvas.text(x, top, f"本幅 {len(zones)} 个图斑：图斑号　面积/hm²", SMALL - 0.5)
    room = rows * across - 1
    for number, k in enumerate(zones[: room if len(zones) > room + 1 else None].tolist()):
        column, row = divmod(number, rows) if rows else (across, 0)
        if column >= across:
            break
        y = top - 5 - row * LISTED
        canvas.text(x + column * apart + first, y, atlas.numbers[k], TINY, ha="right")
        canvas.text(x + column * apart + first + 2.5 + second, y, areas[number], TINY, ha="right", color="#444444")
    if len(zones) > room + 1 and rows:
        canvas.text(x + (across - 1) * apart + 2, top - 5 - (rows - 1) * LISTED, "余见清单", TINY)
