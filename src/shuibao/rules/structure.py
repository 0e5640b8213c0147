"""What is wrong inside a value: classes out of order, breaks that do not rise, ids that do not exist (值的结构)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from shuibao.messages import Finding
from shuibao.rules.duty_checking import duty_complaints
from shuibao.rules.suggestion import suggestion
from shuibao.rules.zone_rules import fragile_rule, key_zone_rule

COVERS = ("tillage", "shrub", "grass", "forest", "fixed")
"""How a land class comes by its biological factor."""

FRACTIONS = ("measure", "tillage")
"""Tables whose values lie between 0 and 1."""

RIGHT_ANGLE = 90
LARGEST_CODE = 65535

Complaint = tuple[str, str]


def check_structure(key: str, value: Any, unit: str, where: str, values: Mapping[str, Any]) -> list[Finding]:
    """
    Return what is wrong inside one value (查结构).

    Parameters
    ----------
    key : str
        Dotted key; it says what the value should look like.
    value : Any
        The value.
    unit : str
        Its unit.
    where : str
        File and key, for messages.
    values : mapping of str to Any
        All values in force, by key, for ids that refer to other tables.

    Examples
    --------
    >>> [f.severity for f in check_structure("cover_class.breaks", [0.3, 0.2, 0.6], "1", "my.toml", {})]
    ['error']
    """
    try:
        return [Finding("error", where, zh, en) for zh, en in _complaints(key, value, unit, values)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [
            Finding(
                "error",
                where,
                f"值的写法不对（{type(error).__name__}：{error}）。请对照 national 中的同名键。",
                f"the value is not written as it should be ({type(error).__name__}: {error}). Compare national.",
            )
        ]


def _complaints(key: str, value: Any, unit: str, values: Mapping[str, Any]) -> Iterator[Complaint]:
    table, _, name = key.partition(".")
    if table.startswith("scheme_"):
        yield from _scheme(value, values)
    elif table == "zone_duty":
        yield from duty_complaints(value, values)
    elif table == "key_zone_rule":
        yield from key_zone_rule(value, unit, values)
    elif table == "fragile_rule":
        yield from fragile_rule(value, values)
    elif key in _BY_KEY:
        yield from _BY_KEY[key](value, values)
    elif name.endswith("breaks"):
        yield from _breaks(value)
    elif name == "branches":
        yield from _branches(value)
    elif table in FRACTIONS and not 0 <= value <= 1:
        yield f"是 {value}，应在 0–1 之间。", f"is {value}, should lie between 0 and 1."
    elif unit == "deg" and isinstance(value, (int, float)) and not 0 <= value <= RIGHT_ANGLE:
        yield f"是 {value}°，应在 0–90° 之间。", f"is {value}°, should lie between 0° and 90°."


def _breaks(value: Sequence[float]) -> Iterator[Complaint]:
    rises = all(a < b for a, b in pairwise(value))
    falls = all(a > b for a, b in pairwise(value))
    if not rises and not falls:
        yield f"界限 {value} 没有依次增减。", f"the breaks {value} neither rise nor fall throughout."


def _branches(value: Sequence[Mapping[str, Any]]) -> Iterator[Complaint]:
    bounds = [branch.get("below", branch.get("upto")) for branch in value]
    if bounds[-1] is not None or None in bounds[:-1]:
        yield (
            "除最后一段外都要有上界（below 或 upto），最后一段没有。",
            "every branch but the last needs an upper bound (below or upto), the last has none.",
        )
    elif any(a >= b for a, b in pairwise(bounds[:-1])):
        yield f"各段上界 {bounds[:-1]} 没有依次增大。", f"the upper bounds {bounds[:-1]} do not rise."


def _intensity(value: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> Iterator[Complaint]:
    yield from _codes(value)
    yield from _names(value)
    if [c["code"] for c in value] != list(range(1, len(value) + 1)):
        yield "代码应从 1 起连续。", "the codes should run from 1 without gaps."
    bounds = [c["upto"] for c in value if not isinstance(c.get("upto", ""), str)]
    if any(a >= b for a, b in pairwise(bounds)):
        yield f"各级上限 {bounds} 没有依次增大。", f"the upper bounds {bounds} do not rise."
    if "upto" in value[-1] or any("upto" not in c for c in value[:-1]):
        yield "除最高级外都要有上限 upto。", "every class but the highest needs its upper bound, upto."
    for bound in (c["upto"] for c in value[:-1] if isinstance(c.get("upto"), str)):
        if bound != "tolerable_loss":
            yield (
                f"上限“{bound}”不是数，也不是 tolerable_loss。",
                f"the bound '{bound}' is neither a number nor tolerable_loss.",
            )
    lowest = [v for k, v in values.items() if k.startswith("tolerable_loss.")]
    if bounds and lowest and max(lowest) >= bounds[0] and value[0].get("upto") == "tolerable_loss":
        yield (
            f"最大的容许流失量 {max(lowest)} 不小于轻度上限 {bounds[0]}。",
            f"the greatest tolerable loss {max(lowest)} is not below the bound {bounds[0]} of the next class.",
        )


def _land_classes(value: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> Iterator[Complaint]:
    yield from _codes(value)
    yield from _names(value)
    groups = {group["id"] for group in values.get("land_class.groups", [])}
    for entry in value:
        if entry["cover"] not in COVERS:
            yield from _unknown(entry["cover"], COVERS, f"地类 {entry['id']} 的 cover", f"cover of {entry['id']}")
        if (entry["cover"] == "fixed") != ("b" in entry):
            yield (
                f"地类 {entry['id']}：cover 为 fixed 时要有 b，否则不要。",
                f"land class {entry['id']}: b goes with cover 'fixed' and with no other.",
            )
        if groups and entry["group"] not in groups:
            yield from _unknown(entry["group"], groups, f"地类 {entry['id']} 的 group", f"group of {entry['id']}")


def _scheme(value: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> Iterator[Complaint]:
    yield from _codes(value, ordered=False)
    known = _land_ids(values)
    for entry in value:
        if entry["land_class"] not in known:
            yield from _unknown(entry["land_class"], known, f"代码 {entry['code']}", f"code {entry['code']}")


def _steep_land(value: Sequence[str], values: Mapping[str, Any]) -> Iterator[Complaint]:
    known = _land_ids(values)
    for name in value:
        if name not in known:
            yield from _unknown(name, known, "地类", "land class")


def _factor_codes(value: Sequence[Mapping[str, Any]], values: Mapping[str, Any], table: str) -> Iterator[Complaint]:
    yield from _codes(value)
    known = [key.removeprefix(f"{table}.") for key in values if key.startswith(f"{table}.")]
    for entry in value:
        if entry["id"] not in known:
            yield from _unknown(entry["id"], known, "措施", table)


def _land_ids(values: Mapping[str, Any]) -> list[str]:
    return [entry["id"] for entry in values.get("land_class.classes", [])]


def _codes(value: Sequence[Mapping[str, Any]], *, ordered: bool = True) -> Iterator[Complaint]:
    codes = [entry["code"] for entry in value]
    wrong = [code for code in codes if type(code) is not int or not 0 < code <= LARGEST_CODE]
    if wrong:
        yield (
            f"代码 {wrong} 应是 1–{LARGEST_CODE} 的整数（0 表示缺测）。",
            f"the codes {wrong} should be whole numbers from 1 to {LARGEST_CODE} (0 is missing).",
        )
    elif len(set(codes)) < len(codes):
        twice = sorted({code for code in codes if codes.count(code) > 1})
        yield f"代码 {twice} 重复。", f"the codes {twice} occur twice."
    elif ordered and codes != sorted(codes):
        yield "代码没有由小到大排列。", "the codes are not in ascending order."


def _names(value: Sequence[Mapping[str, Any]]) -> Iterator[Complaint]:
    for entry in value:
        if not entry.get("name") or not entry.get("name_en"):
            yield f"{entry['id']} 缺少 name 或 name_en。", f"{entry['id']} lacks name or name_en."
    ids = [entry["id"] for entry in value]
    if len(set(ids)) < len(ids):
        yield "id 有重复。", "an id occurs twice."


def _unknown(name: str, known: Any, zh_what: str, en_what: str) -> Iterator[Complaint]:
    zh_hint, en_hint = suggestion(name, known)
    allowed = sorted(known)
    yield (
        f"{zh_what}“{name}”不存在。{zh_hint}可用：{'、'.join(allowed)}。",
        f"{en_what}: '{name}' does not exist. {en_hint}Allowed: {', '.join(allowed)}.",
    )


_BY_KEY: dict[str, Callable[[Any, Mapping[str, Any]], Iterator[Complaint]]] = {
    "erosion_intensity.classes": _intensity,
    "wind_intensity.classes": _intensity,
    "land_class.classes": _land_classes,
    "measure_code.classes": partial(_factor_codes, table="measure"),
    "tillage_code.classes": partial(_factor_codes, table="tillage"),
    "steep_slope.land": _steep_land,
}
