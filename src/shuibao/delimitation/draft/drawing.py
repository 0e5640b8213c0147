"""
Drawing the zones of a region from its facts: one door for all kinds (划定初步成果).

Each theme has a function that draws it; what it draws is written as the first draft, which nobody has edited yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.draft.apportioning import listed
from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.delimitation.locking import locked_zones
from shuibao.messages import CallError, say
from shuibao.rules import Rules, load_rules
from shuibao.survey.region import Region
from shuibao.zoning.layer import ACROSS, KINDS, THEMES, ZoneLayer

Drawer = Callable[[Region, Rules], ZoneLayer]
"""What draws a theme: the region and the rules in force in, the zones out; it writes no zones, but may write tables beside them."""

DRAWERS: dict[str, str] = {
    "prevention_treatment": "shuibao.delimitation.draft.prevention_treatment:draw_prevention_treatment",
    "severe_fragile": "shuibao.delimitation.draft.severe_fragile:draw_severe_fragile",
    "steep_slope": "shuibao.delimitation.draft.steep_slope:draw_steep_slopes",
}
"""The function that draws each theme, as ``module:function``; it is imported when it is asked for (各类的划定函数)."""

RULE_KEYS = "RULE_KEYS"
"""Tag of a drawn layer: the keys of the rules it was drawn by, with commas between (所用规则键)."""


def drawer(theme: str) -> Drawer:
    """
    Return the function that draws a theme (某类区域的划定函数).

    Parameters
    ----------
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.

    Raises
    ------
    CallError
        If there is no such theme, or nothing draws it.

    Examples
    --------
    >>> drawer("steep_slope").__name__
    'draw_steep_slopes'
    """
    if theme not in DRAWERS:
        known = [name for name in THEMES if name in DRAWERS]
        raise CallError(
            f"没有这种区域「{theme}」可划；可用：{'、'.join(known)}。",
            f"there is no kind of zone '{theme}' to draw; there are: {', '.join(known)}.",
        )
    module, _, name = DRAWERS[theme].partition(":")
    function: Drawer = getattr(import_module(module), name)
    return function


def draw_zones(region: Region, themes: Sequence[str]) -> dict[str, ZoneLayer]:
    """
    Draw zones and write each theme as ``zones/THEME/drawn.parquet`` (划定并写出).

    Parameters
    ----------
    region : Region
        A region that ``shuibao run`` was done on.
    themes : sequence of str
        The themes to draw, in order.

    Returns
    -------
    dict of str to ZoneLayer
        What was drawn, by theme.

    Raises
    ------
    CallError
        If a theme is not known.
    ShuibaoError
        If the region was not run, an input is wrong, or another command draws or changes these zones.
    """
    functions = {theme: drawer(theme) for theme in themes}
    drawn = {}
    for theme, draw in functions.items():
        rules = load_rules(region.packs)  # its own memory of what this theme asks for
        with locked_zones(region.folder, theme):
            layer = draw(region, rules)
            used = ",".join(parameter.key for parameter in rules.used())
            layer = replace(layer, metadata={**layer.metadata, RULE_KEYS: used})
            write_layer(drawn_path(region, theme), layer)
        drawn[theme] = layer
    return drawn


def drawn_path(region: Region, theme: str) -> Path:
    """Return where the first draft of a theme lies (初步成果文件)."""
    return theme_folder(region.folder, theme) / DRAWN


def hundredths(area_hm2: Any) -> NDArray[np.int64]:
    """
    Return listed areas as whole hundredths of a hectare, in which they add up exactly (百分之一公顷数).

    Examples
    --------
    >>> hundredths([0.1, 0.2]).sum() / 100
    np.float64(0.3)
    """
    return np.rint(np.asarray(area_hm2, dtype=np.float64) * 100.0).astype(np.int64)


def zones_by_county(theme: str, layer: ZoneLayer) -> list[dict[str, Any]]:
    """
    Return number and area of the zones by kind and county, with a row for each kind's total (分县汇总).

    Parameters
    ----------
    theme : str
        The theme.
    layer : ZoneLayer
        Its zones.

    Returns
    -------
    list of dict
        ``theme``, ``kind``, ``county`` (empty for the total), ``county_name``, ``zones``, ``area_hm2``; the total is
        the sum of its rows to 0.01 hm².
    """
    kind, county, name = (np.asarray(layer.columns[key], dtype=np.str_) for key in ("kind", "county", "county_name"))
    area = hundredths(listed(layer).columns["area_hm2"])
    rows: list[dict[str, Any]] = []
    for each in [k for k, of in KINDS.items() if of == theme and (k in kind or theme == k)]:
        for code in [*sorted(set(county[kind == each].tolist())), None]:
            mine = (kind == each) & ((county == code) if code is not None else True)
            rows.append({
                "theme": theme, "kind": each, "county": code or "",
                "county_name": say("合计", "total") if code is None else str(name[mine][0]) or ACROSS,
                "zones": int(mine.sum()), "area_hm2": int(area[mine].sum()) / 100,
            })  # fmt: skip
    return rows
