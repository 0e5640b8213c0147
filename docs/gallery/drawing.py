"""What the pictures of the gallery share: the land, shading, streams, borders, and small files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt

from shuibao.ground.grid import Grid, grid_over
from shuibao.sources.imaginary import XINZHOU_SEED, elevation
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, channels_mask, contributing_area, stream_links
from shuibao.watershed.links import Links

FONTS = ("NotoSansCJK", "NotoSansSC", "SourceHanSans", "wqy-microhei", "msyh", "simhei", "PingFang")
"""How the files of fonts that have Chinese begin, the best first."""
WATER = "#1f5fa8"
PASTEL = ("#e8b36a", "#8fbf7f", "#86b6d9", "#d9a0c4", "#c9cf6b", "#b39ddb", "#f0a58f", "#7fc8bd", "#d8c3a5")
GREYS = 20


def chinese_font() -> str | None:
    """Return the name of a font that has Chinese, if the machine has one."""
    files = [Path(file) for file in sorted(font_manager.findSystemFonts())]
    for name in FONTS:
        for file in files:
            if file.name.lower().startswith(name.lower()) and "bold" not in file.name.lower():
                font_manager.fontManager.addfont(file)
                return font_manager.FontProperties(fname=file).get_name()
    return None


CHINESE = chinese_font()


def say(zh: str, en: str) -> str:
    """Return the Chinese wording if there is a font for it."""
    return zh if CHINESE else en


@dataclass(frozen=True)
class Land:
    """A square of the imaginary land: its corner, m on the national grid, side and cells, m."""

    left: float
    bottom: float
    side: float = 12e3
    cell: float = 30.0

    @cached_property
    def grid(self) -> Grid:
        """Its cells."""
        return grid_over((self.left, self.bottom, self.left + self.side, self.bottom + self.side), self.cell)

    @cached_property
    def ground(self) -> NDArray[np.float32]:
        """Its elevations, m."""
        return elevation(self.grid, XINZHOU_SEED)

    @cached_property
    def filled(self) -> NDArray[Any]:
        """Its elevations, depressions filled, m."""
        return fill_depressions(self.ground)

    @cached_property
    def drainage(self) -> Drainage:
        """The way of its water."""
        return Drainage.from_directions(route(self.filled, self.cell), self.cell)

    @cached_property
    def area(self) -> NDArray[np.int64]:
        """Contributing area, cells."""
        return contributing_area(self.drainage)

    def channels(self, square_kilometres: float) -> NDArray[np.bool_]:
        """Return the cells of channels above a contributing area."""
        return channels_mask(self.drainage, self.area, threshold_m2=square_kilometres * 1e6)

    def links(self, square_kilometres: float) -> Links:
        """Return its streams above a contributing area."""
        return stream_links(self.drainage, self.channels(square_kilometres), area_cells=self.area)


def sheet(titles: Sequence[str], width: float = 8.6, tall: float = 1.0) -> tuple[Figure, list[Axes]]:
    """Return a figure of maps side by side, so many times as tall as wide."""
    height = tall * width / len(titles) + 0.3
    figure, axes = plt.subplots(1, len(titles), figsize=(width, height), squeeze=False, layout="constrained")
    for at, title in zip(axes[0], titles, strict=True):
        at.set_title(title, fontsize=10)
    return figure, list(axes[0])


def middle(inside: NDArray[np.bool_]) -> tuple[int, int]:
    """Return column and row of the cell farthest from the border of an area."""
    row, col = np.divmod(int(np.argmax(distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1])), inside.shape[1])
    return int(col), int(row)


def shaded(axes: Axes, ground: NDArray[Any], cell: float) -> None:
    """Draw the ground from above, lit from the north-west, with a bar of length."""
    shade = LightSource(315, 45).hillshade(ground.astype(float), vert_exag=1.4, dx=cell, dy=cell)
    rows, cols = ground.shape
    shade = np.round((0.35 + 0.65 * shade) * GREYS) / GREYS  # few greys make small files
    axes.imshow(shade, cmap="gray", vmin=0, vmax=1, extent=(0, cols, rows, 0))
    length = max(n for n in (0.1, 0.2, 0.5, 1, 2, 5, 10) if 1000 * n / cell < 0.3 * cols)
    at = 0.04 * cols, 0.96 * rows
    axes.plot([at[0], at[0] + 1000 * length / cell], [at[1]] * 2, color="k", lw=3, solid_capstyle="butt")
    axes.text(at[0], at[1] - 0.015 * rows, f"{length:g} km", fontsize=8, va="bottom", bbox=halo())
    axes.text(
        0.99 * cols,
        0.99 * rows,
        say("模拟数据", "simulated"),
        fontsize=8,
        color="#a3172a",
        ha="right",
        va="bottom",
        bbox=halo(),
    )
    axes.set(xlim=(0, cols), ylim=(rows, 0), xticks=[], yticks=[])


def halo() -> dict[str, Any]:
    """Return the white ground of a label."""
    return {"facecolor": "white", "alpha": 0.65, "edgecolor": "none", "pad": 1.0}


def over(axes: Axes, values: NDArray[Any], where: NDArray[np.bool_], **style: Any) -> Any:
    """Draw values over the ground where they count."""
    rows, cols = values.shape
    return axes.imshow(np.ma.masked_array(values, ~where), extent=(0, cols, rows, 0), interpolation="nearest", **style)


def bar(figure: Figure, image: Any, axes: Axes, label: str, ticks: Sequence[float] | None = None) -> None:
    """Put a colour bar beside a map."""
    scale = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.01, ticks=ticks)
    scale.set_label(label, fontsize=9)
    if ticks is not None:
        scale.minorticks_off()
        scale.set_ticklabels([f"{tick:g}" for tick in ticks])


def streams(axes: Axes, links: Links, grid: Grid, color: str = WATER, thick: float = 0.6) -> None:
    """Draw streams as lines, wider by order."""
    lines = [places(line, grid) for line in links.lines(grid)]
    axes.add_collection(
        LineCollection(lines, colors=color, linewidths=thick * links.columns["strahler"], capstyle="round")
    )


def places(line: Any, grid: Grid) -> NDArray[np.float64]:
    """Return the points of a line in cells from the upper left corner."""
    cols, rows = ~grid.transform * shapely.get_coordinates(line).T
    return np.column_stack([cols, rows])


def borders(axes: Axes, label: NDArray[Any], color: str = "k", width: float = 0.8) -> None:
    """Draw the borders between labels."""
    down, across = np.nonzero(label[1:] != label[:-1]), np.nonzero(label[:, 1:] != label[:, :-1])
    lines = [[(c, r + 1), (c + 1, r + 1)] for r, c in zip(*down, strict=True)]
    lines += [[(c + 1, r), (c + 1, r + 1)] for r, c in zip(*across, strict=True)]
    axes.add_collection(LineCollection(lines, colors=color, linewidths=width))


def coloured(label: NDArray[Any]) -> NDArray[Any]:
    """Return an index of colour by label, such that numbers near each other differ."""
    return np.where(label > 0, (label * 5) % len(PASTEL), -1)


def prepare() -> None:
    """Set the font, and the size of letters."""
    mpl.use("Agg")
    if CHINESE:
        mpl.rcParams["font.family"] = [CHINESE, "DejaVu Sans"]
    mpl.rcParams.update({"axes.unicode_minus": False, "font.size": 9, "figure.dpi": 100})


def save(figure: Figure, path: Path) -> None:
    """Write a picture in few colours, so that it stays small."""
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
    plt.close(figure)
    image = Image.fromarray(pixels)
    image.quantize(200, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
