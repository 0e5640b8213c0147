"""Names and colours of the classes that results are counted in (分类名称与颜色), from the rule packs that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bureau.publications.patch_words import UNSAID, UNSAID_COLOR, dictionary
from shuibao.messages import CallError
from shuibao.rules import Rules, load_rules
from shuibao.rules.pack import read_pack

INTENSITY_COLORS = {
    "1": "#c7e0b4", "2": "#fff799", "3": "#ffcc5c", "4": "#f3933c", "5": "#d7502d", "6": "#8b1a28",
}  # fmt: skip
"""Colours of the intensity classes, those of the products' own palette (a test holds them together)."""

LOSS_COLORS = (
    "#f4f6e4", "#e4ecc0", "#f6e9a6", "#f8d277", "#f4b04e", "#e88a3a", "#d2602e", "#ad3a2a", "#7d1f2b", "#4c1130",
)  # fmt: skip
LOSS_EDGES = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0)
"""Edges of the colours of soil loss, t/(km²·a) (chosen: a round series, the same in all years and places)."""

SLOPE_COLORS = ("#eef3dc", "#d3e3b4", "#b4cf8c", "#dcd28a", "#e6b566", "#d78a49", "#b05a36", "#7a3327")

ZONE_COLORS = {
    "prevention": "#2f7d4f", "treatment": "#c2571a", "severe": "#8b1a28", "fragile": "#b58900", "steep_slope": "#6b3fa0",
}  # fmt: skip
ZONE_NAMES = {
    "prevention": "重点预防区", "treatment": "重点治理区", "severe": "水土流失严重区域", "fragile": "生态脆弱区域",
    "steep_slope": "禁止开垦陡坡地",
}  # fmt: skip
LEVEL_NAMES = {"national": "国家级", "province": "省级", "city": "市级", "county": "县级"}

LAND_COLORS = {
    "cropland": "#d9b44a", "garden": "#b3c833", "forest": "#3f8f4f", "grass": "#9ccb7a", "built": "#a8787c",
    "water": "#6aa6cf", "bare": "#c9b89a",
}  # fmt: skip
"""Colours of the groups of land classes."""


@dataclass(frozen=True)
class Class:
    """
    A class of land (类).

    Attributes
    ----------
    code, name, color : str
    draft : bool
        Whether the rule it rests on is not verified.
    """

    code: str
    name: str
    color: str
    draft: bool = False


MISSING = Class("0", "缺测", "#d5d9d7")
UNFILLED = Class(UNSAID, "未填", UNSAID_COLOR)
PATCH_DIMENSIONS = {"verdict": "compliance", "disturbance": "type"}
"""Dictionaries of patches by the dimension that they are summed in."""


@lru_cache(maxsize=64)
def rules_of(packs: tuple[str, ...]) -> Rules:
    """
    Return the rules of some packs, read once (规则).

    Parameters
    ----------
    packs : tuple of str
        Ids.
    """
    return load_rules(list(packs))


def classes(dimension: str, packs: Sequence[str]) -> list[Class]:
    """
    Return the classes of a dimension, in order, missing last (分类).

    Parameters
    ----------
    dimension : str
        One of ``intensity``, ``land_use``, ``slope_class``, ``cover_class``, ``zone``; of patches ``verdict`` (compliance)
        and ``disturbance`` (type).
    packs : sequence of str
        Rule packs of the publication.

    Examples
    --------
    >>> [c.name for c in classes("intensity", ["national"])][:3]
    ['微度', '轻度', '中度']
    """
    return list(_classes(dimension, tuple(packs)))


@lru_cache(maxsize=256)
def _classes(dimension: str, packs: tuple[str, ...]) -> tuple[Class, ...]:
    if dimension == "zone":
        return tuple(Class(kind, name, ZONE_COLORS[kind]) for kind, name in ZONE_NAMES.items())
    if dimension in PATCH_DIMENSIONS:
        words = dictionary(PATCH_DIMENSIONS[dimension])
        return (*(Class(word.code, word.name, word.color, draft=True) for word in words), UNFILLED)
    rules = rules_of(packs)
    if dimension == "intensity":
        return (*_intensity(rules), MISSING)
    if dimension == "land_use":
        return (*_land(rules), MISSING)
    unit, factor = ("°", 1.0) if dimension == "slope_class" else ("%", 100.0)
    parameter = rules[f"{dimension}.breaks"]
    names = ranges([float(edge) for edge in parameter.value], unit, factor)
    shades = (
        SLOPE_COLORS
        if dimension == "slope_class"
        else tuple(reversed(("#1f6b3a", "#5fa35a", "#a5cf86", "#dbe8b0", "#efe3c2")))
    )
    draft = parameter.status != "verified"
    colors = [shades[round(k * (len(shades) - 1) / max(len(names) - 1, 1))] for k in range(len(names))]
    return (
        *(Class(str(k + 1), name, color, draft) for k, (name, color) in enumerate(zip(names, colors, strict=True))),
        MISSING,
    )


def _intensity(rules: Rules) -> list[Class]:
    parameter = rules["erosion_intensity.classes"]
    draft = parameter.status != "verified"
    return [
        Class(str(c["code"]), str(c["name"]), INTENSITY_COLORS.get(str(c["code"]), "#999999"), draft)
        for c in parameter.value
    ]


def _land(rules: Rules) -> list[Class]:
    found: list[dict[str, Any]] = rules.value("land_class.classes")
    return [
        Class(
            str(c["code"]), str(c["name"]), LAND_COLORS.get(str(c["group"]), "#999999"), c.get("status") != "verified"
        )
        for c in found
    ]


def ranges(edges: Sequence[float], unit: str, factor: float = 1.0) -> list[str]:
    """
    Return the names of the classes between edges (分级名称).

    Parameters
    ----------
    edges : sequence of float
        Ascending; a class holds its lower one.
    unit : str
    factor : float
        What they are multiplied by to be shown in that unit.

    Examples
    --------
    >>> ranges([0.3, 0.45], "%", 100)
    ['<30%', '30–45%', '≥45%']
    """
    text = [f"{edge * factor:g}" for edge in edges]
    middle = [f"{low}–{high}{unit}" for low, high in zip(text, text[1:], strict=False)]
    return [f"<{text[0]}{unit}", *middle, f"≥{text[-1]}{unit}"]


@lru_cache(maxsize=64)
def pack_titles(packs: tuple[str, ...]) -> str:
    """
    Return what rule packs are called (规则包名称); one that did not come along is called by its id.

    Parameters
    ----------
    packs : tuple of str
        Their ids.

    Examples
    --------
    >>> pack_titles(("shanxi", "own"))
    '山西省水土保持规则、own'
    """
    return "、".join(map(_title, packs))


def _title(pack: str) -> str:
    try:
        return read_pack(pack).title if not pack.endswith(".toml") else pack
    except CallError:
        return pack
