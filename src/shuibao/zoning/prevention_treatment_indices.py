"""
The indices of small watersheds that the facts give: shares of their land (小流域指标).

What is a share of what is written in the rule packs, index by index; no raster is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.facts.table import Facts
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules

SQUARE_KILOMETRE = 1e6

SOURCES = ("facts", "modulus", "channels", "gullies", "water_sources", "table")
"""Where an index may come from: 事实表、平均模数、河道、侵蚀沟图层、水源地图层、指标表."""


@dataclass(frozen=True)
class Index:
    """
    One index of small watersheds (小流域指标).

    Parameters
    ----------
    id, name, name_en, unit : str
        Its id, names and unit.
    origin : str
        One of :data:`SOURCES`.
    words : mapping
        What else the rule pack says of it: the conditions of a share.
    """

    id: str
    name: str
    name_en: str
    unit: str
    origin: str
    words: Mapping[str, Any]


def indices_of(rules: Rules) -> list[Index]:
    """
    Return the indices that the rule packs define, in their order (指标清单).

    Parameters
    ----------
    rules : Rules
        Asked for ``key_zone_index.list``.

    Raises
    ------
    ShuibaoError
        If an index comes from nowhere that is known.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> [index.id for index in indices_of(load_rules(["national"]))][:2]
    ['forest_grass_share', 'eroded_share']
    """
    found = []
    for entry in rules.value("key_zone_index.list"):
        origin = str(entry.get("from", ""))
        if origin not in SOURCES:
            raise ShuibaoError(
                f"规则 key_zone_index.list 中指标 {entry['id']} 的 from 为「{origin}」；可用：{'、'.join(SOURCES)}。",
                f"rule key_zone_index.list: index {entry['id']} is from '{origin}'; allowed: {', '.join(SOURCES)}.",
            )
        words = {key: value for key, value in entry.items() if key not in ("id", "name", "name_en", "unit", "from")}
        own, name, name_en, unit = (str(entry[key]) for key in ("id", "name", "name_en", "unit"))
        found.append(Index(own, name, name_en, unit, origin, words))
    return found


def facts_indices(facts: Facts, codes: Sequence[str], rules: Rules) -> dict[str, NDArray[np.float64]]:
    r"""
    Return the indices that facts give for small watersheds (由事实表计算小流域指标).

    Parameters
    ----------
    facts : Facts
        Facts of a region.
    codes : sequence of str
        Codes of the small watersheds.
    rules : Rules
        Rule packs in force.

    Returns
    -------
    dict of str to (n,) array
        ``area_m2``, and each index whose ``from`` is ``facts`` (percent) or ``modulus`` (t/(km² a)). NaN for a small
        watershed without facts; land whose soil loss is missing counts as land and not as eroded.

    Raises
    ------
    ShuibaoError
        If a condition asks for a bound that the facts do not keep apart, or for a class that does not exist.

    Notes
    -----
    .. math:: I = 100 \frac{\sum A_\mathrm{rows\ that\ fulfil\ the\ conditions}}{\sum A}, \qquad
              M = \frac{\sum \text{soil loss}}{\sum A_\mathrm{known}}
    """
    place = {code: k for k, code in enumerate(codes)}
    known, at = facts.places("watershed")
    unit = np.array([place.get(code, -1) for code in known], dtype=np.int64)[at] if known else np.zeros(0, np.int64)
    own = unit >= 0
    area = facts.column("area_m2")

    def summed(values: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        rows = own & chosen
        hundredths = np.zeros(len(codes), dtype=np.int64)
        np.add.at(hundredths, unit[rows], np.rint(values[rows] * 100.0).astype(np.int64))
        return hundredths / 100.0

    everything = np.ones(area.size, dtype=np.bool_)
    whole = summed(area, everything)
    out = {"area_m2": whole}
    for index in indices_of(rules):
        if index.origin == "facts":
            out[index.id] = _ratio(100.0 * summed(area, _rows(facts, index, rules)), whole)
        elif index.origin == "modulus":
            known_area = summed(area, facts.column("intensity") > 0)
            out[index.id] = _ratio(summed(facts.column("soil_loss_t"), everything), known_area / SQUARE_KILOMETRE)
    return out


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(part.size, np.nan), where=whole > 0)


def _rows(facts: Facts, index: Index, rules: Rules) -> NDArray[np.bool_]:
    """Return which rows of the facts fulfil all conditions of an index."""
    out = np.ones(facts.table.num_rows, dtype=np.bool_)
    for word, value in index.words.items():
        if word == "land_groups":
            out &= np.isin(facts.column("land_use"), land_codes(rules, groups=value))
        elif word == "land":
            out &= np.isin(facts.column("land_use"), land_codes(rules, classes=value))
        elif word == "intensity_from":
            out &= facts.column("intensity") >= intensity_code(rules, str(value))
        elif word == "slope_from":
            out &= facts.column("slope_class") >= _reached(rules, "slope_class.breaks", float(value), index)
        elif word == "cover_below":
            cover = facts.column("cover_class")
            out &= (cover > 0) & (cover < _reached(rules, "cover_class.breaks", float(value), index))
        else:
            raise ShuibaoError(
                f"规则 key_zone_index.list 中指标 {index.id} 有不认识的条件「{word}」；请改正规则包。",
                f"rule key_zone_index.list: index {index.id} has an unknown condition '{word}'; correct the rule pack.",
            )
    return out


def _reached(rules: Rules, key: str, bound: float, index: Index) -> int:
    """Return the class of the facts that begins at a bound."""
    breaks = [float(b) for b in rules.value(key)]
    if bound not in breaks:
        raise ShuibaoError(
            f"指标 {index.id} 的界限 {bound:g} 不在事实表的分级界限 {key} = {breaks} 中；请改用其中之一。",
            f"index {index.id} asks for {bound:g}, which is none of the class breaks of the facts, {key} = {breaks}; use "
            "one of them.",
        )
    return breaks.index(bound) + 2


def land_codes(rules: Rules, *, classes: Sequence[str] = (), groups: Sequence[str] = ()) -> list[int]:
    """
    Return the codes of land classes by their ids or by their groups (地类代码).

    Parameters
    ----------
    rules : Rules
        Asked for ``land_class.classes``.
    classes, groups : sequence of str
        Ids of classes, and of groups of classes.

    Raises
    ------
    ShuibaoError
        If there is no such class or group.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> land_codes(load_rules(["national"]), groups=["grass"], classes=["sand"])
    [9, 17]
    """
    table = rules.value("land_class.classes")
    for wanted, word in ((classes, "id"), (groups, "group")):
        known = sorted({str(entry[word]) for entry in table})
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise ShuibaoError(
                f"规则中的地类 {'、'.join(unknown)} 不存在；可用：{'、'.join(known)}。请改正规则包。",
                f"the rules name land classes that do not exist: {', '.join(unknown)}; there are {', '.join(known)}. "
                "Correct the rule pack.",
            )
    return sorted(int(entry["code"]) for entry in table if entry["id"] in classes or entry["group"] in groups)


def intensity_code(rules: Rules, name: str) -> int:
    """
    Return the code of a class of intensity (强度级代码).

    Parameters
    ----------
    rules : Rules
        Asked for ``erosion_intensity.classes``.
    name : str
        Id of the class.

    Raises
    ------
    ShuibaoError
        If there is no such class.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> intensity_code(load_rules(["national"]), "strong")
    4
    """
    codes = {str(entry["id"]): int(entry["code"]) for entry in rules.value("erosion_intensity.classes")}
    if name not in codes:
        raise ShuibaoError(
            f"规则中的强度级「{name}」不存在；可用：{'、'.join(codes)}。请改正规则包。",
            f"the rules name a class of intensity '{name}' that does not exist; there are {', '.join(codes)}. Correct the "
            "rule pack.",
        )
    return codes[name]
