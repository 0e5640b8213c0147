"""The index of a set of map sheets: the county, the net of sheets with their numbers, and the totals (图幅索引)."""

from __future__ import annotations

import numpy as np
import shapely

from shuibao.report.atlas import Atlas
from shuibao.report.sheet_canvas import Canvas
from shuibao.report.sheet_drawing import Bounds, put_borders, put_mark, put_outside, put_relief, put_zones
from shuibao.report.sheet_furniture import (
    SMALL,
    TINY,
    put_footer,
    put_frame,
    put_legend,
    put_north,
    put_scale,
    put_title,
)
from shuibao.report.sheet_labels import POINT
from shuibao.report.sheet_layout import GAP, MARGIN, TITLE

RIM = 0.04
"""Share of the county that is left free around it on the index."""

LINE = 4.4
"""Height of a line of the totals, mm."""

NUMBER = 11.0
"""Size of the numbers of sheets, points."""


def draw_index(atlas: Atlas) -> Canvas:
    """
    Return the index as a page (绘制索引图).

    Parameters
    ----------
    atlas : Atlas
        The set of sheets.
    """
    canvas = Canvas(atlas.paper.size, atlas.font)
    bounds = _bounds(atlas)
    _, _, width, _ = atlas.paper.frame
    scale = (bounds[2] - bounds[0]) * 1000 / width
    axes = canvas.axes(atlas.paper.frame, bounds)
    put_relief(axes, atlas, bounds)
    put_outside(axes, atlas, bounds)
    put_zones(axes, atlas, np.arange(len(atlas.result.layer)), index=True)
    put_borders(canvas, axes, atlas, bounds, scale, _number_boxes(atlas, scale), index=True)
    for sheet in atlas.sheets:
        left, bottom, right, top = sheet.bounds
        axes.plot(
            [left, right, right, left, left],
            [bottom, bottom, top, top, bottom],
            color="#1f4e8c",
            linewidth=0.8,
            zorder=8,
        )
        axes.text(
            (left + right) / 2, (bottom + top) / 2, str(sheet.number), fontproperties=canvas.letters(NUMBER), color="#1f4e8c",
            ha="center", va="center", zorder=9, bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
    put_mark(canvas, axes, atlas, bounds)
    put_frame(canvas, atlas, axes, bounds, scale)
    put_title(canvas, atlas, f"索引图 / 共 {len(atlas.sheets)} 幅")
    put_footer(canvas, atlas)
    _panel(canvas, atlas, bounds, scale)
    return canvas


def _number_boxes(atlas: Atlas, scale: float) -> list[Bounds]:
    """Return the room that the numbers of sheets take, m."""
    half = NUMBER * POINT * scale / 1000 * 0.8
    middles = [((s.bounds[0] + s.bounds[2]) / 2, (s.bounds[1] + s.bounds[3]) / 2) for s in atlas.sheets]
    return [(x - half, y - half, x + half, y + half) for x, y in middles]


def _bounds(atlas: Atlas) -> Bounds:
    """Return what the index shows: the county and all sheets, in the shape of the frame."""
    boxes = [shapely.box(*sheet.bounds) for sheet in atlas.sheets]
    left, bottom, right, top = shapely.total_bounds(np.array([atlas.ground, *boxes], dtype=object)).tolist()
    _, _, width, height = atlas.paper.frame
    wide = max(right - left, (top - bottom) * width / height) * (1 + RIM)
    high = wide * height / width
    x, y = (left + right) / 2, (bottom + top) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _panel(canvas: Canvas, atlas: Atlas, bounds: Bounds, scale: float) -> None:
    """Fill the strip beside the map: legend, scale, north, totals."""
    left, bottom, width, _ = atlas.paper.frame
    x, top = left + width + GAP + 3, canvas.size[1] - MARGIN - TITLE - 2
    y = put_legend(canvas, atlas, x, top, index=True)
    canvas.box(x, y - 1.8, 9, 3.6, edgecolor="#1f4e8c", linewidth=0.8)
    canvas.text(x + 12, y, f"图幅及图幅号（1 : {atlas.scale:,}）", TINY + 0.5)
    put_scale(canvas, scale, x, y - 16, atlas.paper.panel - 32)
    put_north(canvas, atlas, bounds, x + atlas.paper.panel - 16, y - 21)
    _totals(canvas, atlas, x, y - 27, bottom)


def _totals(canvas: Canvas, atlas: Atlas, x: float, top: float, bottom: float) -> None:
    """List the totals by county and town, as many as there is room for."""
    right = x + atlas.paper.panel - 12
    canvas.text(x, top, "面积统计", 9)
    canvas.text(right - 20, top, "个数", TINY + 0.5, ha="right")
    canvas.text(right, top, "面积/hm²", TINY + 0.5, ha="right")
    several = len({total.kind for total in atlas.result.totals}) > 1
    one = len(atlas.result.units.counties.codes) == 1
    y = top - 6
    for total in atlas.result.totals:
        if one and total.level == "region":
            continue
        if y < bottom + LINE:
            canvas.text(x, y, "余见成果包汇总表", TINY)
            return
        county, town = total.names
        place = f"　{town}" if total.level == "town" else county
        kind = f"　{atlas.result.kind_names[total.kind]}" if several and total.level != "town" else ""
        size = SMALL if total.level != "town" else TINY + 0.5
        canvas.text(x, y, place + kind, size)
        canvas.text(right - 20, y, f"{total.zones:,}", size, ha="right")
        canvas.text(right, y, f"{total.area_hm2:,.2f}", size, ha="right")
        y -= LINE
