"""The map sheets of a kind of zone as one PDF: an index, then a page for each sheet (分幅图册)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import shapely

from shuibao.delimitation.delivery.result import Result
from shuibao.messages import ShuibaoError
from shuibao.report.atlas import Atlas
from shuibao.report.chinese_fonts import chinese_font
from shuibao.report.sheet_canvas import Canvas, write_pdf
from shuibao.report.sheet_drawing import draw_sheet
from shuibao.report.sheet_index import draw_index
from shuibao.report.sheet_layout import cut_sheets, one_sheet_scale, paper_named, scale_for


def plan_sheets(result: Result, *, paper: str = "A3", scale: str = "auto") -> Atlas:
    """
    Return the sheets that the zones take (图册分幅).

    Parameters
    ----------
    result : Result
        The zones.
    paper : {"A3", "A4"}
        Paper, lying.
    scale : str
        ``auto``, or the denominator of the scale.

    Raises
    ------
    CallError
        If paper or scale cannot be, or there are too many sheets.
    ShuibaoError
        If there is no zone to draw, or no font with Chinese letters.
    """
    if not len(result.layer):
        raise ShuibaoError(
            f"{result.place}没有{result.theme_name}，没有可绘的图；请核对 --theme 与 --county。",
            f"{result.place} has no zone of the theme {result.layer.theme}; check --theme and --county.",
        )
    sheet = paper_named(paper)
    scales = [int(value) for value in result.rules.value("zone_sheets.scales")]
    shapes = result.layer.geometry
    denominator = scale_for(scale, shapes, scales, float(result.rules.value("zone_sheets.smallest")))
    everything = shapely.union_all([*result.units.counties.geometry, shapely.box(*shapely.total_bounds(shapes))])
    single = one_sheet_scale(everything, sheet, denominator, scales if scale.lower() == "auto" else ())
    if single is not None:  # a county that fits on one sheet is seen whole, and as large as it can be
        denominator, shapes = single, np.array([everything], dtype=object)
    return Atlas(result, sheet, denominator, cut_sheets(shapes, sheet, denominator), chinese_font())


def write_sheets(atlas: Atlas, path: Path, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """
    Write an index and all sheets as a PDF (生成图册).

    Parameters
    ----------
    atlas : Atlas
        From :func:`plan_sheets`.
    path : Path
        File to write, whole or not at all; the same bytes for the same zones.
    progress : callable
        Told how many pages are drawn, and how many there are.

    Returns
    -------
    int
        Number of pages.
    """

    def pages() -> Iterator[Canvas]:
        total = len(atlas.sheets) + 1
        yield draw_index(atlas)
        for done, sheet in enumerate(atlas.sheets, start=1):
            progress(done, total)
            yield draw_sheet(atlas, sheet)
        progress(total, total)

    return write_pdf(path, f"{atlas.title}（{atlas.result.region.year} 年）", pages())
