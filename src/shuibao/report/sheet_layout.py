"""How a county is cut into map sheets: paper, scale, frames, numbers (分幅).

Sheets lie side by side over the zones, from north to south and west to east; those without a zone are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.messages import CallError

PAPERS = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
"""Width and height of the paper, lying, mm."""

MARGIN, TITLE, FOOT, PANEL, GAP = 12.0, 16.0, 13.0, {"A3": 66.0, "A4": 56.0}, 8.0
"""Rim of the paper; heights of title and footer; width of the legend by paper; room for coordinates, mm."""

SMALL_ZONES = 25
"""Percentile of area that counts as a small zone: pieces that towns cut off are smaller still (chosen)."""

MOST_SHEETS = 400
"""More sheets than this are refused: it is a wrong scale (chosen)."""


@dataclass(frozen=True)
class Paper:
    """
    A kind of paper and the map's place on it (图幅).

    Parameters
    ----------
    name : {"A3", "A4"}
        Its name.
    """

    name: str

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height, mm."""
        return PAPERS[self.name]

    @property
    def panel(self) -> float:
        """Return the width of the legend, mm."""
        return PANEL[self.name]

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Return left, bottom, width and height of the map's frame, mm."""
        width, height = self.size
        left, bottom = MARGIN + GAP, MARGIN + FOOT + GAP
        return left, bottom, width - left - self.panel - MARGIN - GAP, height - bottom - MARGIN - TITLE - GAP


@dataclass(frozen=True)
class Sheet:
    """
    One map sheet (图幅).

    Parameters
    ----------
    number : int
        From 1, in reading order.
    row, col : int
        Place in the net of sheets, from its upper left corner.
    bounds : (left, bottom, right, top)
        What it shows, m.
    """

    number: int
    row: int
    col: int
    bounds: tuple[float, float, float, float]


def paper_named(name: str) -> Paper:
    """
    Return the paper of a name (纸张).

    Raises
    ------
    CallError
        If it is not known.

    Examples
    --------
    >>> paper_named("a3").size
    (420.0, 297.0)
    """
    if name.upper() not in PAPERS:
        raise CallError(
            f"--paper 为「{name}」，可用：{'、'.join(PAPERS)}。", f"--paper is '{name}'; use {', '.join(PAPERS)}."
        )
    return Paper(name.upper())


def scale_for(asked: str, geometry: NDArray[Any], scales: Sequence[int], smallest_mm: float) -> int:
    """
    Return the denominator of the scale (比例尺分母).

    Parameters
    ----------
    asked : str
        ``auto``, or a denominator such as ``25000`` or ``1:25000``.
    geometry : (n,) array of shapely geometry
        Zones, m.
    scales : sequence of int
        Denominators to choose from.
    smallest_mm : float
        Side on paper, mm, that zones of the percentile :data:`SMALL_ZONES` must keep.

    Raises
    ------
    CallError
        If what is asked is no scale.

    Examples
    --------
    A square of 5 hm² has sides of 4.5 mm at 1:50 000:

    >>> scale_for("auto", np.array([shapely.box(0, 0, 250, 200)]), [10000, 25000, 50000, 100000], 4.0)
    50000
    """
    if asked.lower() != "auto":
        text = asked.replace("：", ":").removeprefix("1:").replace(",", "").replace(" ", "")
        if not text.isdigit() or not 100 <= int(text) <= 10_000_000:
            raise CallError(
                f"--scale 为「{asked}」，应是 auto 或比例尺分母，如 25000。",
                f"--scale is '{asked}'; give auto or a denominator, as 25000.",
            )
        return int(text)
    if not len(geometry):
        return max(scales)
    side = math.sqrt(float(np.percentile(shapely.area(geometry), SMALL_ZONES)))
    fitting = [scale for scale in sorted(scales) if 1000 * side / scale >= smallest_mm]
    return fitting[-1] if fitting else min(scales)


def one_sheet_scale(land: Any, paper: Paper, scale: int, scales: Sequence[int]) -> int | None:
    """
    Return the largest scale, not below the given one, at which all land fits on one sheet (单幅比例尺).

    Parameters
    ----------
    land : shapely geometry
        What must be seen, m.
    paper : Paper
        Paper.
    scale : int
        Denominator of the scale that is enough.
    scales : sequence of int
        Denominators to choose from.

    Returns
    -------
    int or None
        None if the land does not fit at ``scale`` either.

    Examples
    --------
    >>> one_sheet_scale(shapely.box(0, 0, 3600, 2700), paper_named("A3"), 50000, [10000, 25000, 50000])
    25000
    """
    left, bottom, right, top = land.bounds
    _, _, width, height = paper.frame
    needed = 1000 * max((right - left) / width, (top - bottom) / height)
    fitting = [value for value in (*scales, scale) if needed <= value <= scale]
    return min(fitting) if fitting else None


def cut_sheets(geometry: NDArray[Any], paper: Paper, scale: int) -> list[Sheet]:
    """
    Return the sheets that hold a zone (划分图幅).

    Parameters
    ----------
    geometry : (n,) array of shapely geometry
        Zones, m.
    paper : Paper
        Paper.
    scale : int
        Denominator of the scale.

    Returns
    -------
    list of Sheet
        In reading order. Every zone lies wholly in their union.

    Raises
    ------
    CallError
        If there would be more than :data:`MOST_SHEETS`.
    """
    sheets = _net(geometry, paper, scale)
    if len(sheets) > MOST_SHEETS:
        fits = _fitting(geometry, paper, scale)
        raise CallError(
            f"1:{scale} 需要 {MOST_SHEETS} 幅以上；请用更小的比例尺（如 --scale {fits}）{'' if paper.name == 'A3' else '、A3'}，"
            "或用 --county 分县。",
            f"1:{scale} takes more than {MOST_SHEETS} sheets; use a smaller scale (as --scale {fits})"
            f"{'' if paper.name == 'A3' else ', A3'}, or one county at a time with --county.",
        )
    return sheets


def _fitting(geometry: NDArray[Any], paper: Paper, scale: int) -> int:
    """Return the next smaller round scale that takes no more sheets than may be."""
    power = 10 ** (len(str(scale)) - 1)
    while True:
        for step in (power, 2 * power, 5 * power // 2, 5 * power):
            if step > scale and len(_net(geometry, paper, step)) <= MOST_SHEETS:
                return step
        power *= 10


def _net(geometry: NDArray[Any], paper: Paper, scale: int) -> list[Sheet]:
    """Return the sheets that hold a zone, no more than one beyond the most that may be."""
    if not len(geometry):
        return []
    left, bottom, right, top = shapely.total_bounds(geometry).tolist()
    _, _, width, height = (value * scale / 1000 for value in paper.frame)
    cols, rows = max(math.ceil((right - left) / width), 1), max(math.ceil((top - bottom) / height), 1)
    west = (left + right) / 2 - cols * width / 2
    north = (bottom + top) / 2 + rows * height / 2
    tree = shapely.STRtree(geometry)
    sheets: list[Sheet] = []
    for row in range(rows):
        for col in range(cols):
            x, y = west + col * width, north - row * height
            bounds = (x, y - height, x + width, y)
            if tree.query(shapely.box(*bounds), predicate="intersects").size:
                sheets.append(Sheet(len(sheets) + 1, row, col, bounds))
            if len(sheets) > MOST_SHEETS:
                return sheets
    return sheets
