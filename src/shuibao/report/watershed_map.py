"""The map of small watersheds: types, borders, channels (小流域图)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.report.bilingual import Text
from shuibao.report.frame import Frame, path_of
from shuibao.report.watersheds import NAMES
from shuibao.rules import load_rules
from shuibao.survey.watershed_products import WatershedProducts

TYPE_COLORS = ("#cfe0b4", "#f2e2a9", "#e3c7c0")
OUTSIDE_COLOR, CHANNEL_COLOR = "#b3202c", "#2a6ca8"

MOST_LINKS = 3000
"""Channels that a map shows at most; those of low order are left out first (chosen: more cannot be told apart)."""

NARROWEST, WIDER = 0.5, 0.45
"""Width of a channel of the lowest order that is drawn, and what each order adds, units of the drawing."""


def type_pixels(products: WatershedProducts, numbers: NDArray[Any], land: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """
    Return the type of small watershed of each pixel, from 1; 0 outside the region (小流域类型像素).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    numbers : (rows, cols) int array
        Number of the small watershed of each pixel, 0 none.
    land : (rows, cols) array of bool
        Pixels of the region.
    """
    own = products.column("number").astype(np.int64)
    kinds = np.zeros(max(int(own.max(initial=0)), int(numbers.max(initial=0))) + 1, dtype=np.uint8)
    for k, zh in enumerate(NAMES, start=1):
        kinds[own[products.column("type") == zh]] = k
    return np.where(land, kinds[np.maximum(numbers, 0)], 0).astype(np.uint8)


def legend_of(products: WatershedProducts) -> tuple[list[str], list[Text]]:
    """Return the colours of the map and what they stand for: types, channels, units outside the limits (图例)."""
    colors, labels = list(TYPE_COLORS), []
    kind = products.column("type")
    for zh, name in NAMES.items():
        count = int((kind == zh).sum())
        labels.append(Text(f"{name.zh} {count} 个", f"{name.en}, {count}"))
    _, least = drawn_channels(products)
    area = float(load_rules(products.region.packs).value("watershed.channel_area"))
    said = Text(f"河道，集水 {area:g} km² 起", f"channel, from {area:g} km²")
    if least > 1:
        said = Text(f"河道，{least} 级以上", f"channel, order {least} and up")
    colors, labels = [*colors, CHANNEL_COLOR], [*labels, said]
    outside = int((~np.asarray(products.column("within_limits"), dtype=bool)).sum())
    if outside:
        colors.append(OUTSIDE_COLOR)
        labels.append(Text(f"面积超限 {outside} 个", f"outside the limits, {outside}"))
    return colors, labels


def drawn_channels(products: WatershedProducts) -> tuple[NDArray[np.bool_], int]:
    """
    Return which channels a map shows, and the lowest order of those (上图河道).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    """
    order = products.channels.columns["strahler"].astype(np.int64)
    count = np.bincount(order, minlength=2)[::-1].cumsum()[::-1]
    fitting = np.flatnonzero(count[1:] <= MOST_LINKS)
    least = int(fitting[0]) + 1 if fitting.size else int(order.max(initial=1))
    return order >= least, least


def lines_over(products: WatershedProducts, frame: Frame, land: NDArray[Any]) -> str:
    """
    Return borders and channels as they are drawn over the map (小流域界与河道).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    frame : Frame
        The map.
    land : (n,) array of shapely geometry
        Polygons of the counties; channels are drawn in them alone.
    """
    shapes = products.watersheds.geometry
    if not len(shapes):
        return ""
    outside = ~np.asarray(products.column("within_limits"), dtype=bool)
    out = [
        f'<clipPath id="region-land"><path d="{path_of(land, frame)}"/></clipPath><path class="units" d="{path_of(shapes, frame)}"/>',
        f'<g clip-path="url(#region-land)">{"".join(_channels(products, frame))}</g>',
    ]
    if outside.any():
        out.append(f'<path class="outside" d="{path_of(shapes[outside], frame)}"/>')
    return "".join(out)


def _channels(products: WatershedProducts, frame: Frame) -> Iterator[str]:
    order = products.channels.columns["strahler"].astype(np.int64)
    shown, least = drawn_channels(products)
    for rank in range(least, int(order.max(initial=0)) + 1):
        path = line_path(products.channels.geometry[shown & (order == rank)], frame)
        if path:
            yield f'<path class="channel" stroke-width="{NARROWEST + WIDER * (rank - least):g}" d="{path}"/>'


def line_path(lines: NDArray[Any], frame: Frame, tolerance: float = 0.25) -> str:
    """
    Return lines as a path of the drawing, simplified to what can be seen (线路径).

    Parameters
    ----------
    lines : (n,) array of shapely geometry
        Lines, m on the grid.
    frame : Frame
        The map.
    tolerance : float
        How far a line may move, units of the drawing.
    """
    out = []
    for line in shapely.get_parts(shapely.simplify(lines, tolerance / frame.scale)):
        points = shapely.get_coordinates(line)
        if not len(points):
            continue
        x = np.rint(frame.x(points[:, 0]) * 10).astype(int)
        y = np.rint(frame.y(points[:, 1]) * 10).astype(int)
        steps = "".join(f"l{dx / 10:g} {dy / 10:g}" for dx, dy in zip(np.diff(x), np.diff(y), strict=True) if dx or dy)
        if steps:
            out.append(f"M{x[0] / 10:g} {y[0] / 10:g}{steps}")
    return "".join(out)
