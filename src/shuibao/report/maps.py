"""The maps of a report: slope, soil loss, intensity, steep-slope zone, small watersheds (公报地图)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.erosion.intensity import intensity_breaks
from shuibao.ground.grid import grid_over
from shuibao.report.bilingual import Text, html, number, place, svg_text
from shuibao.report.bulletin import Bulletin
from shuibao.report.counting import HECTARE, classes_of
from shuibao.report.frame import (
    LEFT,
    TOP,
    WIDTH,
    Frame,
    convergence,
    county_labels,
    county_places,
    emptiest,
    frame_around,
    graticule,
    north_arrow,
    path_of,
    scale_bar,
)
from shuibao.report.overview import MapPixels, elevation, hillshade, map_pixels, shade_palette
from shuibao.report.page_frame import BADGE
from shuibao.report.png import Color, data_url, paletted_png
from shuibao.report.watershed_labels import Box, short_codes, watershed_labels
from shuibao.report.watershed_map import legend_of, lines_over, type_pixels
from shuibao.survey.land import INTENSITY_COLORS

SLOPE_COLORS = ("#eef3dc", "#d3e3b4", "#b4cf8c", "#dcd28a", "#e6b566", "#d78a49", "#b05a36", "#7a3327")
LOSS_COLORS = (
    "#f4f6e4",
    "#e4ecc0",
    "#f6e9a6",
    "#f8d277",
    "#f4b04e",
    "#e88a3a",
    "#d2602e",
    "#ad3a2a",
    "#7d1f2b",
    "#4c1130",
)
ZONE_LAND, ZONE_STEEP, ZONE_PATCH = "#e9ece0", "#f1c58c", "#b3202c"

LEGEND_ROW = 19.0

FEW_PIXELS = 600
"""A map of fewer pixels is shown with their edges, so that no colour arises between classes (chosen)."""
SERIES = (1, 2, 5)
"""Steps of a round series; the map's own, no standard's."""


@dataclass(frozen=True)
class Layer:
    """
    What one map shows (图层).

    Parameters
    ----------
    id : str
        Name.
    title, unit : Text
        Title of the map, and of its legend with the unit.
    index : (rows, cols) array of uint8
        Number of each pixel's colour; 0 is clear.
    colors : sequence of str
        Colours from 1 on.
    labels : sequence of Text
        Their legend.
    over : str
        What is drawn over the pixels.
    names : callable, optional
        Gives labels that keep clear of boxes in the drawing (left, top, right, bottom).
    """

    id: str
    title: Text
    unit: Text
    index: NDArray[np.uint8]
    colors: Sequence[str]
    labels: Sequence[Text]
    over: str = ""
    names: Callable[[Sequence[Box]], str] | None = None


@dataclass(frozen=True)
class Maps:
    """
    The maps of a report as HTML with drawings inside (公报地图).

    Parameters
    ----------
    main : str
        The four maps that begin a report, with what all maps share.
    watersheds : str
        The map of small watersheds, which uses what those share; empty where there are none.
    """

    main: str
    watersheds: str


def draw_maps(bulletin: Bulletin) -> Maps:
    """
    Return the maps of a report (绘制公报地图).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    shapes = bulletin.counties.geometry
    bounds = tuple(float(v) for v in shapely.total_bounds(shapes))
    over = grid_over((bounds[0], bounds[1], bounds[2], bounds[3]), bulletin.region.cell, bulletin.region.projection)
    pixels = map_pixels(over)
    frame = frame_around((bounds[0], bounds[1], bounds[2], bounds[3]), pixels.grid.crs)
    intensity = pixels.read(bulletin.region, "intensity")
    slope = pixels.read(bulletin.region, "slope")
    layers = [
        _slope_layer(bulletin, slope),
        _loss_layer(pixels.read(bulletin.region, "soil_loss")),
        _intensity_layer(bulletin, intensity),
        _zone_layer(bulletin, slope, frame),
    ]
    units = _watershed_layer(bulletin, pixels, np.isfinite(slope), frame)
    every = [*layers, *([units] if units is not None else [])]
    rows = max(-(-len(layer.labels) // _columns(layer)) for layer in every)
    sheet = _Sheet(bulletin, frame, pixels, np.isfinite(slope), rows)
    main = sheet.shared() + '<div class="maps">' + "".join(sheet.map(layer) for layer in layers) + "</div>"
    return Maps(main, sheet.map(units) if units is not None else "")


def classed(values: NDArray[Any], edges: Sequence[float]) -> NDArray[np.uint8]:
    """
    Return the class of each value, which holds its lower edge: 1 below the first edge; 0 where missing (分级).

    Parameters
    ----------
    values : array
        Values, NaN where missing.
    edges : sequence of float
        Edges, ascending.

    Examples
    --------
    >>> classed(np.array([0.0, 5.0, 99.0, np.nan]), [5.0, 15.0]).tolist()
    [1, 2, 3, 0]
    """
    grade = np.searchsorted(np.asarray(edges), np.nan_to_num(values), side="right") + 1
    return np.where(np.isfinite(values), grade, 0).astype(np.uint8)


def round_series(low: float, high: float, most: int) -> list[float]:
    """
    Return round numbers 1, 2, 5, 10, 20 … from about ``low`` to about ``high`` (整数分级界限).

    Parameters
    ----------
    low, high : float
        Positive numbers.
    most : int
        How many at most; the smallest are left out.

    Examples
    --------
    >>> round_series(90.0, 12000.0, 9)
    [100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0]
    """
    every = [step * 10.0**power for power in range(-3, 8) for step in SERIES]
    kept = [v for v in every if low <= v <= high]
    return kept[-most:] if kept else [low]


def _slope_layer(bulletin: Bulletin, slope: NDArray[Any]) -> Layer:
    edges = [float(v) for v in bulletin.rules.value("slope_class.breaks")]
    labels = list(classes_of(bulletin, "slope_class").values())
    colors = _spread(SLOPE_COLORS, len(labels))
    return Layer("slope", Text("坡度", "Slope"), Text("坡度（°）", "Slope, °"), classed(slope, edges), colors, labels)


def _loss_layer(loss: NDArray[Any]) -> Layer:
    positive = loss[np.isfinite(loss) & (loss > 0)]
    low, high = np.quantile(positive, [0.05, 0.995]).tolist() if positive.size else (1.0, 10.0)
    edges = round_series(low, high, len(LOSS_COLORS) - 1)
    text = [number(v, 0) if v >= 1 else f"{v:g}" for v in edges]
    middle = [f"{a}–{b}" for a, b in zip(text, text[1:], strict=False)]
    labels = [Text(v, v) for v in (f"<{text[0]}", *middle, f"≥{text[-1]}")]
    title, unit = Text("土壤流失量", "Soil loss"), Text("土壤侵蚀模数 t/(km²·a)", "Soil loss, t/(km²·a)")
    return Layer("soil_loss", title, unit, classed(loss, edges), _spread(LOSS_COLORS, len(labels)), labels)


def _intensity_layer(bulletin: Bulletin, intensity: NDArray[Any]) -> Layer:
    edges = [number(v, 0) for v in intensity_breaks(bulletin.rules, bulletin.region.erosion_region)]
    ranges = [f"<{edges[1]}", *(f"{a}–{b}" for a, b in zip(edges[1:], edges[2:], strict=False)), f"≥{edges[-1]}"]
    names = classes_of(bulletin, "intensity")
    labels = [
        Text(f"{n.zh} {r}", f"{n.en} {r}") for n, r in zip((names[k] for k in sorted(names)), ranges, strict=True)
    ]
    colors = ["#{:02x}{:02x}{:02x}".format(*INTENSITY_COLORS[k]) for k in sorted(names)]
    title = Text("土壤侵蚀强度", "Erosion intensity")
    unit = Text("侵蚀强度分级，侵蚀模数 t/(km²·a)", "Intensity class, soil loss in t/(km²·a)")
    return Layer("intensity", title, unit, np.asarray(intensity, dtype=np.uint8), colors, labels)


def _zone_layer(bulletin: Bulletin, slope: NDArray[Any], frame: Frame) -> Layer:
    angle = float(bulletin.rules.value("steep_slope.angle"))
    shapes = bulletin.patches.geometry
    total = number(float(np.asarray(bulletin.patches.columns["area_m2"], dtype=float).sum()) / HECTARE)
    count, path = number(len(shapes), 0), path_of(shapes, frame) if len(shapes) else ""
    labels = [
        Text(f"禁止开垦陡坡地 {count} 块，{total} hm²", f"Steep-slope zone: {count} patches, {total} hm²"),
        Text(f"其余坡度 ≥{angle:g}° 的土地", f"Other land of ≥{angle:g}°"),
        Text(f"坡度 <{angle:g}° 的土地", f"Land of <{angle:g}°"),
    ]
    return Layer(
        "steep_slope", Text("禁止开垦陡坡地", "Steep-slope zone"),
        Text(f"禁止开垦坡度 {angle:g}°", f"No reclamation from {angle:g}°"),
        np.where(np.isfinite(slope), 3 - classed(slope, [angle]) + 1, 0).astype(np.uint8),
        [ZONE_PATCH, ZONE_STEEP, ZONE_LAND], labels,
        f'<path class="patches" fill-rule="evenodd" d="{path}"/>' if path else "",
    )  # fmt: skip


def _watershed_layer(bulletin: Bulletin, pixels: MapPixels, land: NDArray[np.bool_], frame: Frame) -> Layer | None:
    products = bulletin.watersheds
    if products is None:
        return None
    colors, labels = legend_of(products)
    _, common = short_codes(products)
    left_off = Text(f"，代码省去前面的 {common}", f" without {common}") if common else Text("", "")
    unit = Text(
        f"小流域类型与河道；注记为河名或代码{left_off.zh}", f"Types of small watersheds, channels; codes{left_off.en}"
    )
    title, counties = Text("小流域", "Small watersheds"), bulletin.counties.geometry
    index = type_pixels(products, pixels.read(bulletin.region, "watersheds"), land)
    over = lines_over(products, frame, counties)
    return Layer(
        "watersheds", title, unit, index, colors, labels, over,
        lambda taken: watershed_labels(products, frame, counties, taken),
    )  # fmt: skip


def _spread(colors: Sequence[str], count: int) -> list[str]:
    """Return ``count`` of the colours from the first to the last."""
    return [colors[round(k * (len(colors) - 1) / max(count - 1, 1))] for k in range(count)]


def _rgba(color: str) -> Color:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16), 255


class _Sheet:
    """What the maps of one report have in common."""

    def __init__(self, bulletin: Bulletin, frame: Frame, pixels: MapPixels, land: NDArray[np.bool_], rows: int) -> None:
        self.bulletin, self.frame, self.pixels, self.land, self.rows = bulletin, frame, pixels, land, rows
        self.graticule = graticule(frame)
        self.taken: list[Box] = []
        self.furniture = self._furniture()
        codes = [str(code) for code in bulletin.counties.columns["code"]]
        several = len(codes) > 1
        shapes = bulletin.counties.geometry
        self.labels = county_labels(codes, shapes, frame, bulletin.county_name) if several else ""
        for code, (x, y) in zip(codes, county_places(shapes, frame), strict=True) if several else ():
            half = max(6.0 * len(bulletin.county_name(code).zh), 3.5 * len(bulletin.county_name(code).en))
            self.taken.append((x - half, y - 7, x + half, y + 6))

    def shared(self) -> str:
        """Return what all maps use: the frame, the shade, the borders."""
        frame, bulletin = self.frame, self.bulletin
        ground = elevation(bulletin.region, self.pixels.grid)
        shade = '<g id="shade"/>'
        if ground is not None:
            lit = np.where(self.land, hillshade(ground, self.pixels.grid.cell), 0).astype(np.uint8)
            shade = self._image(paletted_png(lit, shade_palette()), 'id="shade"')
        borders = path_of(bulletin.counties.geometry, frame)
        outline = path_of([shapely.union_all(bulletin.counties.geometry)], frame)
        box = f'x="{LEFT}" y="{TOP}" width="{place(frame.width)}" height="{place(frame.height)}"'
        return (
            '<svg class="defs" width="0" height="0" aria-hidden="true"><defs>'
            f'<clipPath id="frame"><rect {box}/></clipPath>{shade}'
            f'<g id="borders"><path class="border" d="{borders}"/><path class="outline" d="{outline}"/></g>'
            "</defs></svg>"
        )

    def map(self, layer: Layer) -> str:
        """Return one map."""
        frame, name, year = self.frame, self.bulletin.name, self.bulletin.region.year
        title = Text(f"{name.zh} {year} 年{layer.title.zh}图", f"{layer.title.en}, {name.en} {year}")
        png = paletted_png(layer.index, [(0, 0, 0, 0), *(_rgba(color) for color in layer.colors)])
        box = f'x="{LEFT}" y="{TOP}" width="{place(frame.width)}" height="{place(frame.height)}"'
        outer = f'x="{LEFT - 4}" y="{TOP - 4}" width="{place(frame.width + 8)}" height="{place(frame.height + 8)}"'
        below = TOP + frame.height + 34
        height = below + 18 + self.rows * LEGEND_ROW + 22
        coarse = max(self.pixels.grid.shape) < FEW_PIXELS
        sharp = 'style="image-rendering:pixelated"' if coarse else ""
        names = layer.names(self.taken) if layer.names else ""
        drawn = [
            f'<rect class="paper" {box}/><g clip-path="url(#frame)">{self._image(png, sharp)}<use href="#shade"/>',
            f"{layer.over}</g>{self.graticule}<use href='#borders'/>{names}{self.labels}{self._watermark()}",
            f'<rect class="neatline" {box}/><rect class="outer" {outer}/>{self.furniture}',
            svg_text(WIDTH / 2, 24, title, 'text-anchor="middle"', "title"),
            _legend(layer, below),
            svg_text(LEFT, height - 6, self._source(), "", "source"),
        ]
        size = f'viewBox="0 0 {WIDTH:g} {place(height)}"'
        label = f'aria-label="{html(title.zh)} {html(title.en)}"'
        return f'<figure class="map-card" id="map-{layer.id}"><svg class="map" {size} role="img" {label}>{"".join(drawn)}</svg></figure>'

    def _image(self, png: bytes, attributes: str) -> str:
        left, bottom, right, top = self.pixels.grid.bounds
        x, y = self.frame.x(left), self.frame.y(top)
        size = f'width="{self.frame.x(right) - x:.3f}" height="{self.frame.y(bottom) - y:.3f}"'
        return f'<image {attributes} x="{x:.3f}" y="{y:.3f}" {size} preserveAspectRatio="none" href="{data_url(png)}"/>'

    def _furniture(self) -> str:
        """Return north arrow, scale bar and the label of made-up land, each where it hides least."""
        frame, grid = self.frame, self.pixels.grid
        right, bottom = LEFT + frame.width, TOP + frame.height
        x, y = emptiest(self.land, grid, frame, [(right - 44, TOP + 6), (LEFT + 6, TOP + 6)], (38.0, 60.0))
        arrow = north_arrow(frame, x + 19, y + 40)
        width = 0.24 * frame.width + 40
        sx, sy = emptiest(
            self.land, grid, frame, [(LEFT + 6, bottom - 32), (right - width, bottom - 32)], (width, 28.0)
        )
        bar = scale_bar(frame, sx + 12, sy + 20)
        self.taken += [(x, y, x + 38, y + 60), (sx, sy, sx + width, sy + 28)]
        if not self.bulletin.simulated:
            return arrow + bar
        rooms = [(LEFT + 8, TOP + 8), (right - 100, TOP + 8), (LEFT + 8, bottom - 28), (right - 100, bottom - 28)]
        free = [(p, q) for p, q in rooms if abs(p - x) > 80 or q > y + 60]
        free = [(p, q) for p, q in free if abs(p - sx) > 110 or q < sy - 40]
        bx, by = emptiest(self.land, grid, frame, free, (92.0, 20.0))
        self.taken.append((bx, by, bx + 92, by + 20))
        box = f'<rect class="badge" x="{place(bx)}" y="{place(by)}" width="92" height="20" rx="3"/>'
        return arrow + bar + box + svg_text(bx + 46, by + 14.5, BADGE, 'text-anchor="middle"', "badge-text")

    def _watermark(self) -> str:
        if not self.bulletin.simulated:
            return ""
        x, y = LEFT + self.frame.width / 2, TOP + self.frame.height / 2
        turn = f'text-anchor="middle" transform="rotate(-24 {place(x)} {place(y)})"'
        return svg_text(x, y + 18, BADGE, turn, "watermark")

    def _source(self) -> Text:
        region, pixel = self.bulletin.region, self.pixels.grid.cell
        turn = convergence(self.frame)
        north = Text(
            f"真北偏{'左' if turn < 0 else '右'} {abs(turn):.1f}°",
            f"true north {abs(turn):.1f}° {'left' if turn < 0 else 'right'}",
        )
        if abs(turn) < 0.05:
            north = Text("上方为真北", "true north is up")
        packs = Text("、".join(region.rules), ", ".join(region.rules))
        return Text(
            f"概视 {pixel:g} m，统计按 {region.cell:g} m 像元 · {north.zh} · 规则 {packs.zh}",
            f"Drawn at {pixel:g} m, counted at {region.cell:g} m · {north.en} · rules {packs.en}",
        )


def _columns(layer: Layer) -> int:
    """Return how many entries of a legend stand side by side."""
    longest = max(max(len(t.zh.encode("gbk", "replace")), len(t.en)) for t in layer.labels)
    return 4 if longest <= 15 else 3 if longest <= 18 else 2 if longest <= 30 else 1


def _legend(layer: Layer, top: float) -> str:
    cols = _columns(layer)
    width = (WIDTH - LEFT - 14) / cols
    out = [svg_text(LEFT, top, layer.unit, "", "legend-title")]
    for k, (color, label) in enumerate(zip(layer.colors, layer.labels, strict=True)):
        x, y = LEFT + (k % cols) * width, top + 10 + (k // cols) * LEGEND_ROW
        out.append(f'<rect class="swatch" x="{place(x)}" y="{place(y)}" width="18" height="12" fill="{color}"/>')
        out.append(svg_text(x + 24, y + 10.5, label, "", "legend"))
    return "".join(out)
