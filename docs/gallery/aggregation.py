"""
Draw patch aggregation step by step, and its trade-off (图斑聚合图): ``python docs/gallery/aggregation.py OUTDIR``.

The cells are made up (模拟数据). Without a Chinese font the titles are in English.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import shapely
from drawing import prepare, save, say, sheet
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from shuibao.ground.grid import Grid
from shuibao.report.trade_off import draw_trade_off
from shuibao.zoning import AggregationRule, Candidates, aggregate, draw_areas, trade_off

CELL, SIZE = 10.0, 160
COLORS = ListedColormap(["#f4f1ea", "#c8553d", "#e9b44c", "#4f86c6"])
RULE = AggregationRule(3, 2, 150, 50, 20, simplify=15.0, smooth=10.0)


def cells(size: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return classes, 1 severe and 2 fragile, with ragged borders; and a river."""
    random = np.random.default_rng(8)
    field = sum(
        w * ndimage.gaussian_filter(random.normal(size=(size, size)), s) * s
        for s, w in ((12, 1.0), (3, 0.8), (0.8, 0.5))
    )
    which = ndimage.gaussian_filter(random.normal(size=(size, size)), 14) * 14
    source = np.where(field > 0.25, np.where(which > 0.0, 2, 1), 0).astype(np.uint8)
    rows, cols = np.indices((size, size))
    river = np.abs(cols - size * 0.55 - 14 * np.sin(rows / 22)) < 1.0
    return source, river


def picture(axes: Axes, source: NDArray[np.uint8], river: NDArray[np.bool_]) -> None:
    """Paint classes and the river."""
    axes.imshow(np.where(river, 3, source), cmap=COLORS, vmin=0, vmax=3, extent=(0, SIZE * CELL, -SIZE * CELL, 0))


def steps(out: Path) -> None:
    """Draw candidates, areas by cells, and areas as drawn."""
    source, river = cells(SIZE)
    made = aggregate(Candidates(source, barrier=river), Grid(CELL, 0, 0, SIZE, SIZE), RULE)
    drawn = draw_areas(made)
    titles = [
        say("初选像元与河流（模拟数据）", "Candidates and a river (simulated)"),
        say("聚合后的像元", "Cells after aggregation"),
        say("共边化简、光滑后的图斑", "Areas simplified and smoothed together"),
    ]
    figure, axes = sheet(titles, 10.0, 1.0)
    picture(axes[0], source, river)
    picture(axes[1], made.classes(), river)
    picture(axes[2], np.zeros_like(source), river)
    for polygon, kind in zip(drawn.geometry, made.areas.kind, strict=True):
        for part in shapely.get_parts(polygon):
            rings = [part.exterior, *part.interiors]
            axes[2].fill(
                *np.concatenate([np.asarray(r.coords) for r in rings[:1]]).T, color=COLORS(int(kind)), ec="k", lw=0.7
            )
            for ring in rings[1:]:
                axes[2].fill(*np.asarray(ring.coords).T, color=COLORS(0), ec="k", lw=0.5)
    for axis in axes:
        axis.set(xlim=(0, SIZE * CELL), ylim=(-SIZE * CELL, 0), aspect="equal")
    save(figure, out / "steps.png")


def curve(out: Path) -> None:
    """Draw the trade-off of the same kind of land, larger."""
    source, river = cells(600)
    grid = Grid(CELL, 0, 0, 600, 600)
    table = trade_off(
        lambda window: Candidates(source[window.inside(grid)], None, river[window.inside(grid)]),
        grid, RULE, gaps=[0, 10, 20, 30, 40, 50], slivers=[0, 20], areas=[0.5, 1.5, 5],
    )  # fmt: skip
    path = out / "trade-off.png"
    draw_trade_off(table, path, simulated=True)
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(64, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    prepare()
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    steps(Path(sys.argv[1]))
    curve(Path(sys.argv[1]))
