"""Paper to draw on in millimetres, and a PDF of such pages with the same bytes every time (画布)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from shuibao.ground.files import renamed

INCH = 25.4

SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 42, "pdf.compression": 9, "axes.linewidth": 0.6, "path.simplify": False, "image.composite_image": False,
}  # fmt: skip
"""Fonts go into the PDF as outlines of the letters that are used, so that words can be searched."""

_SUBSET = re.compile(rb"/([A-Z]{6})\+")


class Canvas:
    """
    One page on which places are given in millimetres from its lower left corner (一页).

    Parameters
    ----------
    size : (width, height)
        Paper, mm.
    font : Path
        File of the font.
    """

    def __init__(self, size: tuple[float, float], font: Path) -> None:
        self.size, self.font = size, font
        self.figure = Figure(figsize=(size[0] / INCH, size[1] / INCH))
        FigureCanvasPdf(self.figure)

    def axes(self, box: tuple[float, float, float, float], bounds: tuple[float, float, float, float]) -> Axes:
        """
        Return axes over a box of the page that show some ground (地图窗口).

        Parameters
        ----------
        box : (left, bottom, width, height)
            On the page, mm.
        bounds : (left, bottom, right, top)
            Ground, m.
        """
        (width, height), (left, bottom, wide, high) = self.size, box
        axes = self.figure.add_axes((left / width, bottom / height, wide / width, high / height))
        axes.set_xlim(bounds[0], bounds[2])
        axes.set_ylim(bounds[1], bounds[3])
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def letters(self, size: float) -> FontProperties:
        """Return the font in a size, points (字号)."""
        return FontProperties(fname=str(self.font), size=size)

    def text(self, x: float, y: float, words: str, size: float, **options: Any) -> None:
        """Write words at a place of the page, mm (写字)."""
        options = {"color": "#222222", "va": "center", **options}
        self.figure.text(x / self.size[0], y / self.size[1], words, fontproperties=self.letters(size), **options)

    def box(self, left: float, bottom: float, width: float, height: float, **options: Any) -> None:
        """Draw a rectangle on the page, mm (画框)."""
        wide, high = self.size
        shape = Rectangle(
            (left / wide, bottom / high), width / wide, height / high, transform=self.figure.transFigure,
            **{"fill": False, "linewidth": 0.5, "edgecolor": "#444444", **options},
        )  # fmt: skip
        self.figure.add_artist(shape)

    def line(self, xs: Sequence[float], ys: Sequence[float], **options: Any) -> None:
        """Draw a line on the page, mm (画线)."""
        line = mpl.lines.Line2D(
            np.asarray(xs) / self.size[0], np.asarray(ys) / self.size[1], transform=self.figure.transFigure,
            **{"color": "#333333", "linewidth": 0.6, **options},
        )  # fmt: skip
        self.figure.add_artist(line)


def fill(axes: Axes, shapes: NDArray[Any] | Sequence[Any], **options: Any) -> None:
    """
    Fill polygons as one drawing; their holes stay open (填充面).

    Parameters
    ----------
    axes : matplotlib Axes
        Where.
    shapes : sequence of shapely geometry
        Polygons, in the ground's coordinates.
    **options
        Of :class:`matplotlib.patches.PathPatch`.
    """
    polygons = shapely.get_parts(np.asarray(shapes, dtype=object))
    polygons = polygons[(shapely.get_type_id(polygons) == 3) & ~shapely.is_empty(polygons)]
    polygons = shapely.normalize(polygons)  # shells one way, holes the other
    if len(polygons):
        outline = _outline(shapely.get_rings(polygons))
        axes.add_artist(PathPatch(outline, **options))  # not add_patch: it takes every edge for a curve to find limits


def stroke(axes: Axes, shapes: NDArray[Any] | Sequence[Any], **options: Any) -> None:
    """Draw the borders of polygons as lines (描边)."""
    fill(axes, shapes, facecolor="none", **options)


def trace(axes: Axes, lines: Any, **options: Any) -> None:
    """Draw lines as one drawing, each once, so that dashes stay dashes where areas meet (描线)."""
    parts = shapely.get_parts(lines)
    parts = parts[(shapely.get_type_id(parts) == 1) & ~shapely.is_empty(parts)]
    if len(parts):
        points, line = shapely.get_coordinates(parts, return_index=True)
        codes = np.full(len(points), Outline.LINETO, dtype=np.uint8)
        codes[np.flatnonzero(np.diff(line, prepend=-1))] = Outline.MOVETO
        axes.add_artist(PathPatch(Outline(points, codes), facecolor="none", **options))


def _outline(rings: NDArray[Any]) -> Outline:
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Outline.LINETO, dtype=np.uint8)
    codes[np.flatnonzero(np.diff(ring, prepend=-1))] = Outline.MOVETO
    codes[np.flatnonzero(np.diff(ring, append=ring[-1] + 1))] = Outline.CLOSEPOLY
    return Outline(points, codes)


def write_pdf(path: Path, title: str, pages: Iterable[Canvas]) -> int:
    """
    Write pages as a PDF, whole or not at all, without a date and with its fonts cut to what is used (写出 PDF).

    Parameters
    ----------
    path : Path
        File to write.
    title : str
        Title in its properties.
    pages : iterable of Canvas
        The pages; each is drawn and let go before the next.

    Returns
    -------
    int
        Number of pages.
    """
    buffer, count = io.BytesIO(), 0
    properties = {"Title": title, "Creator": "shuibao", "Producer": "shuibao", "CreationDate": None}
    with mpl.rc_context(SETTINGS), PdfPages(buffer, metadata=properties) as file:
        for page in pages:
            file.savefig(page.figure)
            count += 1
    data = _SUBSET.sub(b"/SHUIBA+", buffer.getvalue())  # matplotlib draws these six letters by a random hash
    with renamed(path) as temporary:
        temporary.write_bytes(data)
    return count
