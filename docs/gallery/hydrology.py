"""
Draw one picture of each operation on water (水文图集): ``python docs/gallery/hydrology.py OUTDIR``.

The land is a part of the imaginary Xinzhou (模拟数据). Without a Chinese font the titles are in English.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import shapely
from drawing import (
    PASTEL,
    WATER,
    Land,
    bar,
    borders,
    coloured,
    halo,
    middle,
    over,
    places,
    prepare,
    save,
    say,
    shaded,
    sheet,
    streams,
)
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from shuibao.rules import load_rules
from shuibao.terrain import (
    DOWNHILL_COLS,
    DOWNHILL_ROWS,
    breach_limits,
    burn_streams,
    condition,
    dinf_direction,
    fill_depressions,
    flow_direction,
    route,
)
from shuibao.watershed import (
    Channels,
    Drainage,
    Limits,
    Outlets,
    basins,
    compose,
    contributing_area,
    count_cells,
    delineate,
    dinf_contributing_area,
    height_above_nearest_drainage,
    paint,
    pfafstetter,
    snap_outlets,
    step_length,
    stream_links,
    touching,
)

HILLS = Land(615e3, 4170e3)  # a basin of 40 km²
LOESS = Land(525e3, 4185e3)  # many depressions
ROAD = Land(537e3, 4200e3, 12e3, 20.0)  # with a valley that a road crosses here
ROAD_AT = 227, 351
VALLEY = Land(648e3, 4200e3, 9e3)  # a wide, level valley


def stream_through(land: Land, cell: int) -> list[int]:
    """Return the cells of the largest stream through a cell, from its head to where it leaves the land."""
    receiver, area = land.drainage.receiver, land.area.ravel()
    path, head = [cell], cell
    while receiver[path[-1]] != path[-1]:
        path.append(int(receiver[path[-1]]))
    while (donors := np.flatnonzero((receiver == head) & (area >= 50))).size:
        head = int(donors[np.argmax(area[donors])])
        path.insert(0, head)
    return path


def filling() -> Figure:
    """Draw the depth of filling, and the profile of a stream through a deep depression."""
    land, depth = LOESS, LOESS.filled - LOESS.ground
    titles = [("填洼：抬高的深度", "Depth of filling"), ("沿水流的纵剖面", "Along the water")]
    figure, (left, right) = sheet([say(*title) for title in titles])
    shaded(left, land.ground, land.cell)
    bar(figure, over(left, depth, depth > 0, cmap="viridis_r", norm=LogNorm(0.1, 100)), left, "m", [0.1, 1, 10, 100])
    inner = (land.area * land.cell**2 > 2e6) & (np.indices(depth.shape).min(axis=0) > 60)
    path = stream_through(land, int(np.argmax(np.where(inner, depth, 0.0))))
    rows, cols = np.divmod(path, depth.shape[1])
    left.plot(cols + 0.5, rows + 0.5, color="#c0392b", lw=1.0)
    km = np.concatenate([[0.0], np.cumsum(step_length(land.drainage).flat[path[:-1]])]) / 1000
    before, after = land.ground.flat[path], land.filled.flat[path]
    right.fill_between(km, before, after, color="#5b9bd5", label=say("填高", "filled"))
    right.plot(km, before, color="#6b4a2b", lw=1.2, label=say("原地面", "ground"))
    right.set(xlabel="km", ylabel="m")
    right.legend(fontsize=8)
    return figure


def embankment() -> tuple[Land, NDArray[np.float32]]:
    """Return a valley with a road embankment across it, 8 m high."""
    land, (r, c) = ROAD, ROAD_AT
    row, col = np.indices(land.grid.shape)
    down, right = (int(step[land.drainage.direction[r, c]]) for step in (DOWNHILL_ROWS, DOWNHILL_COLS))
    along, across = (row - r) * down + (col - c) * right, np.abs((row - r) * right - (col - c) * down)
    road = (np.abs(along) <= 2) & (across < 40)
    ground = np.where(road, np.maximum(land.ground, land.filled[r, c] + 8.0), land.ground)
    return land, ground[r - 60 : r + 60, c - 60 : c + 60]


def breaching() -> Figure:
    """Draw what filling and the hybrid change behind an embankment."""
    land, ground = embankment()
    limits = breach_limits(load_rules(["national"]), land.cell, "hybrid")
    ways = fill_depressions(ground), condition(ground, land.cell, method="hybrid", limits=limits)
    titles = [
        ("填洼：路基后蓄满", "Filling: a lake behind the road"),
        ("填挖结合：挖开路基", "Hybrid: the road is cut"),
    ]
    figure, axes = sheet([say(*title) for title in titles])
    for at, made in zip(axes, ways, strict=True):
        change = made - ground
        shaded(at, ground, land.cell)
        image = over(at, change, change != 0, cmap="coolwarm_r", vmin=-8, vmax=8)
        volume = np.abs(change).sum(dtype=float) * land.cell**2 / 1e4
        text = say(f"土方 {volume:.1f} 万 m³", f"{volume:.1f} × 10⁴ m³")
        at.text(0.02, 0.98, text, transform=at.transAxes, va="top", fontsize=9, bbox=halo())
    bar(figure, image, axes[-1], say("高程的改变 m", "change, m"))
    return figure


def flats() -> Figure:
    """Draw D8 directions before and after flats are resolved, on the lake behind the embankment."""
    land, ground = embankment()
    filled = fill_depressions(ground)
    before, after = flow_direction(filled, land.cell)[0], route(filled, land.cell)
    window = np.s_[24:68, 54:98]  # the road, the lake and a shore
    titles = [("填洼之后：平地没有流向", "Filled: no direction"), ("平地理顺：水向出口走", "Resolved: to the way out")]
    figure, axes = sheet([say(*title) for title in titles])
    for at, code in zip(axes, (before[window], after[window]), strict=True):
        shaded(at, filled[window], land.cell)
        flat = before[window] == 0
        over(at, np.ones(code.shape), flat, cmap=ListedColormap(["#cfe3f5"]))
        rows, cols = np.nonzero((code > 0) & (code < 9))
        k, colours = code[rows, cols], np.where(flat[rows, cols], WATER, "#8a8a8a")
        at.quiver(cols + 0.5, rows + 0.5, DOWNHILL_COLS[k], DOWNHILL_ROWS[k], color=colours, angles="xy", scale_units="xy",
                  scale=1.3, pivot="mid", width=0.003, headwidth=4.5)  # fmt: skip
    return figure


def burning() -> Figure:
    """Draw channels on a level valley before and after a mapped river is burnt in."""
    land, grid = VALLEY, VALLEY.grid
    east = np.array([3.55, 3.75, 4.3, 4.3, 4.95, 5.0, 5.75, 5.8, 6.6, 7.05, 7.55, 7.8, 8.5, 8.99])
    north = np.array([8.99, 8.3, 7.8, 7.1, 6.7, 6.05, 5.6, 4.95, 4.5, 3.85, 3.4, 2.8, 2.35, 1.7])
    corners = np.column_stack([land.left + 1e3 * east, land.bottom + 1e3 * north])
    river = shapely.LineString(
        make_interp_spline(np.arange(east.size), corners, k=2)(np.linspace(0, east.size - 1, 200))
    )
    burnt = fill_depressions(burn_streams(land.ground, [river], grid, depth=10.0))
    ways = [land.drainage, Drainage.from_directions(route(burnt, land.cell), land.cell)]
    titles = [
        ("刻入之前：平坝上水流平行", "Before: parallel ways"),
        ("刻入之后：水走测绘的河", "After: along the mapped river"),
    ]
    figure, axes = sheet([say(*title) for title in titles])
    for at, drainage in zip(axes, ways, strict=True):
        area = contributing_area(drainage)
        shaded(at, land.ground, land.cell)
        at.plot(*places(river, grid).T, color="#f5b041", lw=4.0, label=say("测绘的河", "mapped river"))
        streams(at, stream_links(drainage, area * land.cell**2 > 0.6e6, area_cells=area), grid)
        at.legend(loc="upper right", fontsize=8)
    return figure


def infinite() -> Figure:
    """Draw contributing area by D8 and by D∞."""
    land, window = HILLS, np.s_[120:260, 150:290]
    angle, _ = dinf_direction(land.filled, land.cell, direction=land.drainage.direction)
    areas = land.area * (land.cell**2 / 1e4), dinf_contributing_area(angle, land.cell) / 1e4
    figure, axes = sheet([say("D8 汇水面积", "D8"), say("D∞ 汇水面积", "D∞")])
    for at, area in zip(axes, areas, strict=True):
        shaded(at, land.ground[window], land.cell)
        image = over(at, area[window], area[window] > 0, cmap="Blues", norm=LogNorm(0.09, 300))
        at.texts[0].set_zorder(5)
    bar(figure, image, axes[-1], "hm²", [0.1, 1, 10, 100])
    return figure


def strahler() -> Figure:
    """Draw streams by Strahler's order."""
    land, links = HILLS, HILLS.links(0.15)
    order = links.columns["strahler"]
    figure, (at,) = sheet([say("斯特拉勒河流分级", "Strahler's order")], 5.2)
    shaded(at, land.ground, land.cell)
    colours = plt.get_cmap("plasma_r")(np.linspace(0.25, 0.95, int(order.max())))
    lines = [places(line, land.grid) for line in links.lines(land.grid)]
    at.add_collection(LineCollection(lines, colors=colours[order - 1], linewidths=0.7 * order, capstyle="round"))
    at.legend(
        handles=[Patch(color=colours[k], label=str(k + 1)) for k in range(len(colours))], fontsize=8, loc="upper right"
    )
    return figure


def hand() -> Figure:
    """Draw height above the nearest drainage."""
    land = HILLS
    height = height_above_nearest_drainage(land.drainage, land.filled, land.channels(0.5))
    figure, (at,) = sheet([say("至最近河道高差 HAND", "Height above nearest drainage")], 5.6)
    shaded(at, land.ground, land.cell)
    bar(figure, over(at, height, np.isfinite(height), cmap="YlGnBu_r", vmin=0, vmax=200, alpha=0.75), at, "m")
    streams(at, land.links(0.5), land.grid, color="white", thick=0.4)
    return figure


def given_outlets() -> Figure:
    """Draw points beside streams, where they are moved to, and the basins of these."""
    land = HILLS
    points = np.array([(362, 48), (232, 112), (292, 186), (186, 246), (106, 342)])
    snapped = snap_outlets(land.drainage, points, land.channels(0.8), 600.0)
    label = basins(land.drainage, snapped.cell)
    figure, (at,) = sheet([say("指定出口：捕捉到河道，再划汇水区", "Given outlets, snapped, and their basins")], 5.2)
    shaded(at, land.ground, land.cell)
    over(at, coloured(label), label > 0, cmap=ListedColormap(PASTEL), vmin=0, vmax=len(PASTEL) - 1, alpha=0.6)
    borders(at, label)
    streams(at, land.links(0.8), land.grid)
    rows, cols = np.divmod(snapped.cell, land.grid.cols)
    for (r, c), row, col, metres in zip(points, rows, cols, snapped.distance, strict=True):
        at.annotate(
            "", (col + 0.5, row + 0.5), (c + 0.5, r + 0.5), arrowprops={"arrowstyle": "-|>", "color": "k", "lw": 1.2}
        )
        at.text(c + 6, r - 6, f"{metres:.0f} m", fontsize=8, bbox=halo())
    at.plot(points[:, 1] + 0.5, points[:, 0] + 0.5, "o", color="white", mec="k", ms=6, label=say("给定的点", "given"))
    at.plot(cols + 0.5, rows + 0.5, "s", color="#c0392b", mec="k", ms=5, label=say("捕捉后的出口", "snapped"))
    at.legend(loc="upper right", fontsize=8)
    return figure


def pfafstetter_codes() -> Figure:
    """Draw Pfafstetter's codes of the largest basin, of one and of two digits."""
    land = HILLS
    outlet = int(np.argmax(land.area))
    figure, axes = sheet(
        [say("普法夫斯泰特编码：一位", "Pfafstetter: one digit"), say("两位", "two digits")], 7.0, 1.34
    )
    for at, levels in zip(axes, (1, 2), strict=True):
        code = pfafstetter(land.drainage, outlet, area=land.area, levels=levels)[:, :300]
        shaded(at, land.ground[:, :300], land.cell)
        sides = ListedColormap(["#f3dfae", "#9cc3e6"])
        over(at, (code + 1.0) % 2, code > 0, cmap=sides, vmin=0, vmax=1, alpha=0.6)
        borders(at, code)
        streams(at, land.links(0.5), land.grid, thick=0.4)
        for number in np.unique(code[code > 0]):
            if np.count_nonzero(code == number) >= 300:
                at.text(*middle(code == number), str(number), fontsize=15 - 4 * levels, ha="center", va="center")
    return figure


def small_watersheds() -> Figure:
    """Draw small watersheds by type, with the way of the water between them."""
    land = Land(600e3, 4130e3, 45e3)
    limits = Limits.from_rules(load_rules(["national"]), land.cell**2)
    channels = Channels.from_arrays(land.drainage.direction, land.area, limits.channel)
    outlets = Outlets.from_arrays(land.drainage.direction, land.area)
    partition = delineate(channels, outlets, limits)
    pieces = paint(partition, land.drainage)
    units = compose(partition, channels, outlets, count_cells(pieces, partition.number), touching(pieces))
    label = units.unit_of_piece[pieces]
    figure, (at,) = sheet([say("小流域：类型与去向", "Small watersheds: types and ways")], 5.8)
    shaded(at, land.ground, land.cell)
    colours = ListedColormap(["#8fbf7f", "#86b6d9", "#e8b36a"])
    over(at, units.type[np.maximum(label, 1) - 1].astype(float), label > 0, cmap=colours, vmin=1, vmax=3, alpha=0.6)
    borders(at, label)
    centres = np.array([middle(label == n) for n in units.unit])
    ways = [(centres[n - 1], centres[units.down[n - 1] - 1]) for n in units.unit if units.down[n - 1]]
    for start, end in ways:
        at.annotate(
            "", end, start, arrowprops={"arrowstyle": "-|>", "color": WATER, "lw": 1.0, "shrinkA": 0, "shrinkB": 2}
        )
    at.plot(*centres.T, "o", ms=2.5, color=WATER)
    names = say("完整型", "closed"), say("区间型", "interval"), say("坡面型", "slope")
    found = [f"{name} {int((units.type == k + 1).sum())}" for k, name in enumerate(names)]
    handles = [Patch(color=colours(k), label=text) for k, text in enumerate(found)]
    at.legend(handles=handles, loc="upper right", fontsize=8)
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "filling": filling,
    "breaching": breaching,
    "flats": flats,
    "burning": burning,
    "dinf": infinite,
    "strahler": strahler,
    "hand": hand,
    "basins": given_outlets,
    "pfafstetter": pfafstetter_codes,
    "small-watersheds": small_watersheds,
}


def main() -> None:
    """Draw all pictures, or those named, into a folder."""
    if len(sys.argv) < 2:
        sys.exit("python docs/gallery/hydrology.py OUTDIR [PICTURE ...]")
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or list(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    prepare()
    for name in wanted:
        save(PICTURES[name](), folder / f"{name}.png")


if __name__ == "__main__":
    main()
