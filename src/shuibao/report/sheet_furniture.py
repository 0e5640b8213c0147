"""What stands around a map: title, neighbours, legend, scale bar, north arrow, coordinates, footer (图廓整饰)."""

from __future__ import annotations

import math

from matplotlib.axes import Axes

from shuibao.report.atlas import Atlas, angle_text, round_step
from shuibao.report.sheet_canvas import Canvas
from shuibao.report.sheet_layout import FOOT, GAP, MARGIN, TITLE, Sheet
from shuibao.survey.region import SIMULATED

RED = "#a3172a"
COUNTY = {"edgecolor": "#333333", "linewidth": 1.3, "linestyle": (0, (9, 2, 1.5, 2))}
TOWN = {"edgecolor": "#555555", "linewidth": 0.7, "linestyle": (0, (4, 2))}
"""How the borders of counties and of towns are drawn."""

TICK = 45.0
"""Distance of grid lines on paper, mm, that is not exceeded."""

LONG = 18.0
"""A scale bar that is longer, mm, has a number in its middle too."""

SMALL, TINY = 7.5, 6.0
"""Sizes of letters, points."""


def put_title(canvas: Canvas, atlas: Atlas, beside: str) -> None:
    """Write the title, what page it is, and that the land is made up (图名)."""
    width, height = canvas.size
    y = height - MARGIN - TITLE / 2 + 1
    left, _, frame, _ = atlas.paper.frame
    canvas.text(left + frame / 2, y, atlas.title, 17 if atlas.paper.name == "A3" else 14, ha="center")
    canvas.text(width - MARGIN, y, beside, 9, ha="right")
    if atlas.result.simulated:
        canvas.text(left, y, f"{SIMULATED}　不反映当地实况", 11, color=RED)


def put_footer(canvas: Canvas, atlas: Atlas) -> None:
    """Write rules and sources under the map (图脚说明)."""
    left, _, _, _ = atlas.paper.frame
    letters = TINY if atlas.paper.name == "A3" else TINY - 1
    room = int((canvas.size[0] - left - MARGIN) / (letters * 25.4 / 72))
    lines = [line for text in atlas.footers() if text for line in _wrapped(text, room)]
    for number, line in enumerate(lines[:6]):
        canvas.text(left - GAP + 2, MARGIN + FOOT - 1 - number * letters * 0.5, line, letters, color="#444444")


def _wrapped(text: str, room: int) -> list[str]:
    """Cut text into lines; an ASCII letter is half as wide as a Chinese one."""
    lines, line, used = [], "", 0.0
    for letter in text:
        wide = 0.55 if ord(letter) < 128 else 1.0
        if used + wide > room:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + letter, used + wide
    return [*lines, line] if line else lines


def put_frame(
    canvas: Canvas, atlas: Atlas, axes: Axes, bounds: tuple[float, float, float, float], scale: float
) -> None:
    """Draw frame, grid crosses and coordinates: km along the sides, degrees at the corners (图廓与坐标)."""
    left, bottom, width, height = atlas.paper.frame
    step = round_step(TICK * scale / 1000)
    per_metre = 1000 / scale
    eastings = _multiples(bounds[0], bounds[2], step)
    northings = _multiples(bounds[1], bounds[3], step)
    crosses = [(x, y) for x in eastings for y in northings]
    if crosses:
        axes.plot(*zip(*crosses, strict=True), "+", color="#777777", markersize=4, markeredgewidth=0.35, zorder=6)
    for x in eastings:
        at = left + (x - bounds[0]) * per_metre
        for y, va in ((bottom - 1.2, "top"), (bottom + height + 1.0, "bottom")):
            canvas.text(at, y, f"{x / 1000:g}", TINY, ha="center", va=va, color="#444444")
    for y in northings:
        at = bottom + (y - bounds[1]) * per_metre
        for x, ha in ((left - 1.2, "right"), (left + width + 1.2, "left")):
            canvas.text(x, at, f"{y / 1000:g}", TINY, ha=ha, rotation=90, color="#444444")
    canvas.box(left - 6.5, bottom - 6.5, width + 13, height + 13, linewidth=1.0, edgecolor="#222222")
    for x, y, ha, at_x, at_y in (
        (bounds[0], bounds[1], "left", left, bottom - 4.9), (bounds[2], bounds[1], "right", left + width, bottom - 4.9),
        (bounds[0], bounds[3], "left", left, bottom + height + 4.9),
        (bounds[2], bounds[3], "right", left + width, bottom + height + 4.9),
    ):  # fmt: skip
        lon, lat = atlas.degrees(x, y)
        words = f"{angle_text(lon, 'E', 'W')}　{angle_text(lat, 'N', 'S')}"
        canvas.text(at_x, at_y, words, TINY - 0.5, ha=ha, color="#444444")


def _multiples(low: float, high: float, step: float) -> list[float]:
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def put_north(canvas: Canvas, atlas: Atlas, bounds: tuple[float, float, float, float], x: float, y: float) -> None:
    """Draw an arrow to true north at a place of the page (指北针)."""
    east, north = atlas.north((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    tip, side = 11.0, 2.6
    canvas.line([x, x + tip * east], [y, y + tip * north], linewidth=0.9)
    for hand in (1, -1):
        canvas.line(
            [x + tip * east, x + (tip - 4) * east + hand * side * north * 0.5],
            [y + tip * north, y + (tip - 4) * north - hand * side * east * 0.5],
            linewidth=0.9,
        )
    canvas.text(x + (tip + 2.4) * east, y + (tip + 2.4) * north, "北", SMALL, ha="center")


def put_scale(canvas: Canvas, scale: float, x: float, y: float, room: float) -> None:
    """Draw a scale bar no longer than there is room, and write the scale over it (比例尺)."""
    metres = round_step(room * scale / 1000)
    length = metres * 1000 / scale
    parts = 4
    for k in range(parts):
        face = "#333333" if k % 2 == 0 else "white"
        canvas.box(x + k * length / parts, y, length / parts, 1.6, fill=True, facecolor=face, edgecolor="#333333")
    unit, divisor = ("km", 1000) if metres >= 1000 else ("m", 1)
    for k in (0, parts // 2, parts) if length > LONG else (0, parts):
        words = f"{metres * k / parts / divisor:g}" + (f" {unit}" if k == parts else "")
        canvas.text(x + k * length / parts, y - 2.2, words, TINY, ha="center")
    canvas.text(x, y + 4.4, f"1 : {scale:,.0f}", 9)


def put_legend(canvas: Canvas, atlas: Atlas, x: float, top: float, *, index: bool = False) -> float:
    """Draw the legend of a sheet or of the index and return where it ends, mm from the lower edge (图例)."""
    canvas.text(x, top, "图例", 9)
    y = top - 7
    for kind in atlas.present_kinds():
        canvas.box(x, y - 1.8, 9, 3.6, fill=True, linewidth=0, **atlas.look(kind, index=index))
        canvas.box(x, y - 1.8, 9, 3.6, edgecolor=atlas.colors[kind][1], linewidth=0.6)
        canvas.text(x + 12, y, atlas.result.kind_names[kind], SMALL)
        y -= 6
    borders = [("县界", COUNTY), *([("乡镇界", TOWN)] if atlas.result.units.towns.codes else [])]
    for name, look in borders:
        canvas.line(
            [x, x + 9], [y, y], color=look["edgecolor"], linewidth=look["linewidth"], linestyle=look["linestyle"]
        )
        canvas.text(x + 12, y, name, SMALL)
        y -= 6
    if not index:
        canvas.text(x, y, atlas.numbers[0], SMALL)
        canvas.text(x + 12, y, "图斑号，完整编号见清单", TINY + 0.5)
        y -= 5
    return y


def put_neighbours(canvas: Canvas, atlas: Atlas, sheet: Sheet, x: float, top: float) -> float:
    """Draw the sheets around this one with their numbers and return where they end (接图表)."""
    numbers = {(s.row, s.col): s.number for s in atlas.sheets}
    wide, high = 11.0, 7.0
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            number = numbers.get((sheet.row + down, sheet.col + right))
            left, bottom = x + (right + 1) * wide, top - (down + 2) * high
            own = down == 0 and right == 0
            canvas.box(left, bottom, wide, high, fill=own, facecolor="#dddddd", linewidth=0.4)
            if number is not None:
                canvas.text(left + wide / 2, bottom + high / 2, str(number), SMALL, ha="center")
    canvas.text(x + 3 * wide + 3, top - 1.5 * high, "接图表", TINY)
    return top - 3 * high - 6
