"""The trade-off of patch aggregation as a drawing, for ``--explain`` (聚合参数取舍图)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.files import renamed
from shuibao.messages import language
from shuibao.zoning.aggregation_trade_off import TradeOff

FONTS = ("notosanscjk", "notosanssc", "sourcehansans", "wqy-microhei", "msyh", "simhei", "pingfang")
"""How the files of fonts that have Chinese begin, the best first."""

COLORS = ("#1b6ca8", "#c8553d", "#588157", "#8d5a97", "#b8860b", "#3d405b")
DASHES = ("-", "--", ":", "-.")
SALT = "shuibao"
"""Names inside an SVG are made of it: the same every time."""

Say = Callable[[str, str], str]


def draw_trade_off(
    table: TradeOff, path: Path, *, simulated: bool = False, remarks: Sequence[tuple[str, str]] = ()
) -> None:
    """
    Draw the trade-off: what each gap width, minimum area and sliver width takes in and leaves out (绘制取舍图).

    Parameters
    ----------
    table : TradeOff
        From :func:`shuibao.zoning.trade_off`.
    path : Path
        Where it is written; ``.svg``, ``.png`` or ``.pdf`` by its ending.
    simulated : bool
        Whether the land is made up: then the drawing says so.
    remarks : sequence of (str, str)
        What else the drawing says under its title, in Chinese and in English.

    Notes
    -----
    A colour is a minimum area, a dash a sliver width; the chosen row has a ring. In the language of the reader; in
    English where the machine has no font with Chinese. The same bytes every time on one machine.
    """
    from matplotlib import rc_context  # heavy, and wanted by this drawing only
    from matplotlib.figure import Figure

    font = _chinese_font() if language() == "zh" else None
    settings: Any = {
        "font.family": [font, "DejaVu Sans"] if font else ["DejaVu Sans"],
        "font.size": 9.0,
        "axes.unicode_minus": False,
        "svg.hashsalt": SALT,
        "svg.fonttype": "path",
    }

    def say(zh: str, en: str) -> str:
        return zh if font else en

    with rc_context(settings):
        figure = Figure(figsize=(11.0, 6.8), layout="constrained")
        axes = figure.subplots(2, 3).ravel()
        for axis, (title, label, values) in zip(axes, _panels(table, say), strict=False):
            _draw_panel(axis, table, values)
            axis.set(title=title, xlabel=say("合并间隙宽度 / m", "Width of gaps closed, m"), ylabel=label)
        _draw_curve(axes[5], table, say)
        handles = _key(table, say)
        figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 8), frameon=False)
        badge = say("（模拟数据）", " (simulated data)") if simulated else ""
        title = say("图斑聚合参数取舍", "Trade-off of patch aggregation") + badge
        figure.suptitle("\n".join([title, *(say(zh, en) for zh, en in remarks)]))
        with renamed(path) as unfinished:
            figure.savefig(unfinished, format=path.suffix.lstrip("."), dpi=120, metadata=_metadata(path))


def _panels(table: TradeOff, say: Say) -> Iterator[tuple[str, str, NDArray[Any]]]:
    """Yield the title, the label and the values of each panel."""
    columns = table.columns()
    yield say("图斑数", "Areas"), say("个", "number"), columns["areas"]
    yield say("总面积", "Area of all"), say("hm²", "hm²"), columns["area_hm2"]
    yield say("紧凑度（沿像元，面积加权）", "Compactness (along cells)"), "4πA/P²", columns["compactness"]
    yield say("纳入率", "Commission"), say("占图斑面积 / %", "% of the areas"), columns["commission_share"] * 100
    yield say("舍去率", "Omission"), say("占初选面积 / %", "% of the source"), columns["omission_share"] * 100


def _groups(table: TradeOff) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Yield the rows of each minimum area and sliver width, by gap width, with the numbers of colour and dash."""
    for a, area in enumerate(np.unique(table.minimum_area)):
        for s, sliver in enumerate(np.unique(table.sliver_width)):
            rows = np.flatnonzero((table.minimum_area == area) & (table.sliver_width == sliver))
            yield a, s, rows[np.argsort(table.gap_width[rows], kind="stable")]


def _draw_panel(axis: Any, table: TradeOff, values: NDArray[Any]) -> None:
    """Draw one line for each minimum area and sliver width over the gap width, and a ring at the chosen row."""
    for a, s, rows in _groups(table):
        axis.plot(
            table.gap_width[rows],
            values[rows],
            DASHES[s % len(DASHES)],
            color=COLORS[a % len(COLORS)],
            marker=".",
            lw=1.2,
        )
    if table.chosen >= 0:
        axis.plot(table.gap_width[table.chosen], values[table.chosen], "o", ms=11, mfc="none", mec="#111111", mew=1.5)
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axis.grid(color="#dddddd", lw=0.5)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _draw_curve(axis: Any, table: TradeOff, say: Say) -> None:
    """Draw what is left out against what is taken in."""
    columns = table.columns()
    taken, left = columns["commission_share"] * 100, columns["omission_share"] * 100
    for a, s, rows in _groups(table):
        axis.plot(taken[rows], left[rows], DASHES[s % len(DASHES)], color=COLORS[a % len(COLORS)], marker=".", lw=1.2)
    if table.chosen >= 0:
        axis.plot(taken[table.chosen], left[table.chosen], "o", ms=11, mfc="none", mec="#111111", mew=1.5)
    axis.set(
        title=say("纳入与舍去", "Taken in and left out"),
        xlabel=say("纳入率 / %", "Commission, %"),
        ylabel=say("舍去率 / %", "Omission, %"),
    )
    axis.grid(color="#dddddd", lw=0.5)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _key(table: TradeOff, say: Say) -> list[Any]:
    """Return what colours and dashes mean."""
    from matplotlib.lines import Line2D

    found = []
    for a, area in enumerate(np.unique(table.minimum_area)):
        label = say(f"最小面积 {area:g} hm²", f"minimum area {area:g} hm²")
        found.append(Line2D([], [], color=COLORS[a % len(COLORS)], label=label))
    for s, sliver in enumerate(np.unique(table.sliver_width)):
        label = say(f"去狭条 {sliver:g} m", f"slivers of {sliver:g} m")
        found.append(Line2D([], [], color="#333333", ls=DASHES[s % len(DASHES)], label=label))
    if table.chosen >= 0:
        ring: dict[str, Any] = {"marker": "o", "ms": 9, "mfc": "none", "mec": "#111111", "ls": ""}
        found.append(Line2D([], [], label=say("现行参数", "as chosen"), **ring))
    return found


def _metadata(path: Path) -> dict[str, Any]:
    """Return metadata without the time of day."""
    known: dict[str, dict[str, Any]] = {
        ".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": SALT},
    }  # fmt: skip
    return known.get(path.suffix, {})


def _chinese_font() -> str | None:
    """Return the name of a font that has Chinese, if the machine has one."""
    from matplotlib import font_manager

    files = [Path(file) for file in sorted(font_manager.findSystemFonts())]
    for name in FONTS:
        for file in files:
            if file.name.lower().startswith(name) and "bold" not in file.name.lower():
                font_manager.fontManager.addfont(file)
                return str(font_manager.FontProperties(fname=file).get_name())
    return None
