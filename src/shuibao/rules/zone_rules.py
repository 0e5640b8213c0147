"""What is wrong inside a rule that draws a zone: an index, operator, kind or condition that does not exist (区划规则的结构)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shuibao.rules.suggestion import suggestion

OPERATORS = (">=", ">", "<=", "<")
KINDS = ("prevention", "treatment")
ROLES = ("base", "regional", "required", "off")
"""Part of a rule: 基础指标, 区域特性指标, 前提, 不用."""

RULE_WORDS = ("index", "operator", "threshold", "kind", "role")
"""What a rule on small watersheds says."""

FRAGILE_WORDS = (
    "type", "land", "land_groups", "slope_from", "cover_below", "elevation_from", "layer", "intensity_from",
)  # fmt: skip
"""What a rule on fragile cells may say; all that it says must hold."""

FRAGILE_LAYERS = ("desertified", "rocky_desert")
"""Layers of region.toml that a rule on fragile cells may ask for."""

Complaint = tuple[str, str]


def key_zone_rule(value: Mapping[str, Any], unit: str, values: Mapping[str, Any]) -> Iterator[Complaint]:
    """
    Yield what is wrong with a rule on small watersheds (查预防区、治理区规则).

    Parameters
    ----------
    value : mapping
        The rule: ``index``, ``operator``, ``threshold``, ``kind``, ``role``.
    unit : str
        Its unit, which must be the index's.
    values : mapping of str to Any
        All values in force, for the list of indices.
    """
    yield from _words(value, RULE_WORDS, RULE_WORDS)
    if set(value) != set(RULE_WORDS):
        return
    units = {str(entry["id"]): str(entry["unit"]) for entry in values.get("key_zone_index.list", [])}
    for word, known in (("operator", OPERATORS), ("kind", KINDS), ("role", ROLES), ("index", tuple(units))):
        yield from _among(word, value[word], known)
    threshold = value["threshold"]
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        yield f"threshold 为 {threshold!r}，应为一个数。", f"threshold is {threshold!r}, should be a number."
    if unit != units.get(str(value["index"]), unit):
        wanted = units[str(value["index"])]
        yield f"单位“{unit}”应为指标的单位“{wanted}”。", f"the unit '{unit}' should be the index's, '{wanted}'."


def fragile_rule(value: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Complaint]:
    """
    Yield what is wrong with a rule on fragile cells (查脆弱规则).

    Parameters
    ----------
    value : mapping
        The rule: ``type`` and conditions, see :data:`FRAGILE_WORDS`; an empty ``type`` switches it off.
    values : mapping of str to Any
        All values in force, for types, land classes and classes of intensity.
    """
    yield from _words(value, FRAGILE_WORDS, ("type",))
    if value.get("type", "") == "":
        return
    yield from _among("type", value["type"], _ids(values, "fragile_type.list"))
    if len(value) == 1:
        yield "只有 type，没有任何条件；请补上条件。", "it has a type and no condition; give one."
    for word, key in (("land", "land_class.classes"), ("land_groups", "land_class.groups")):
        for name in value.get(word, []):
            yield from _among(word, name, _ids(values, key))
    if "intensity_from" in value:
        yield from _among("intensity_from", value["intensity_from"], _ids(values, "erosion_intensity.classes"))
    if "layer" in value:
        yield from _among("layer", value["layer"], FRAGILE_LAYERS)
    for word in ("slope_from", "cover_below", "elevation_from"):
        number = value.get(word, 0)
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            yield f"{word} 为 {number!r}，应为一个数。", f"{word} is {number!r}, should be a number."


def _words(value: Mapping[str, Any], known: Sequence[str], needed: Sequence[str]) -> Iterator[Complaint]:
    missing, unknown = [w for w in needed if w not in value], [w for w in value if w not in known]
    if missing or unknown:
        yield (
            f"规则缺少 {'、'.join(missing) or '—'}，或有不认识的 {'、'.join(unknown) or '—'}；可用：{'、'.join(known)}。",
            f"the rule lacks {', '.join(missing) or '-'} or has unknown words {', '.join(unknown) or '-'}; there are: "
            f"{', '.join(known)}.",
        )


def _among(word: str, found: Any, known: Sequence[str]) -> Iterator[Complaint]:
    if known and found not in known:
        zh_hint, en_hint = suggestion(str(found), known)
        yield (
            f"{word} 为“{found}”。{zh_hint}可用：{'、'.join(known)}。",
            f"{word} is '{found}'. {en_hint}Allowed: {', '.join(known)}.",
        )


def _ids(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(entry["id"]) for entry in values.get(key, []))
