"""Attributes: fields that are there, filled in, of the right type, from the code tables, unique (属性检查)."""

from __future__ import annotations

import re

from shuibao.delimitation.acceptance.encoding import is_garbled
from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.fields import code_table
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.delimitation.contract import Field, fields_of
from shuibao.rules import Rules
from shuibao.zoning.layer import THEMES

FITTING = {"text": {"text"}, "integer": {"integer", "real"}, "real": {"integer", "real"}}
"""Types of a file that will do for each type that is asked for: a dBase table knows numbers only."""

TYPE_NAMES = {
    "text": ("文字", "text"), "integer": ("整数", "a whole number"), "real": ("小数", "a number"), "other": ("别的类型", "of another type"),
}  # fmt: skip

MOST_NAMES = 24
"""Values of a code table that are shown."""

SHOWN = 40
"""Characters of a value that are shown."""


def check_attributes(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """
    Check the attributes of a layer against the table of fields (属性检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force; ``zone_package.fields`` and the code tables that it names.
    ledger : Ledger
        Where faults are noted.
    """
    if layer.theme not in THEMES:
        found = ("元数据、图层名和种类都没有说明类别", "neither metadata nor the layer's name nor its kinds tell")
        ledger.file("theme-unknown", layer.where, found, ("、".join(THEMES), ", ".join(THEMES)))
        fields = [rule for rule in fields_of(rules, "all") if rule.name == "code"]
    else:
        fields = fields_of(rules, layer.theme)
    for rule in fields:
        if rule.name in layer.columns:
            _check_field(layer, rule, rules, ledger)
        elif rule.required:
            found = (f"没有字段 {rule.name}（{rule.title}）", f"there is no field {rule.name} ({rule.title_en})")
            names = " / ".join(name for name in (rule.name, rule.short) if name)
            ledger.file("field-missing", layer.where, found, (f"字段名 {names}", f"named {names}"))
    _garbled(layer, ledger)
    _code_pattern(layer, rules, ledger)


def _check_field(layer: Submitted, rule: Field, rules: Rules, ledger: Ledger) -> None:
    given = layer.given[rule.name]
    values = layer.texts(rule.name)
    coded = rule.codes.partition(":")[0] in rules
    kind = layer.types[rule.name]
    if any(values) and not coded and kind not in FITTING[rule.type]:
        found = (f"字段 {given} 是{TYPE_NAMES[kind][0]}", f"the field {given} is {TYPE_NAMES[kind][1]}")
        ledger.file("field-type", layer.where, found, TYPE_NAMES[rule.type])
    if rule.required:
        for row in (r for r, value in enumerate(values) if not value):
            ledger.zone(
                "field-empty",
                layer,
                [row],
                (f"字段 {given} 为空", f"the field {given} is empty"),
                ("必填", "filled in"),
            )
    if coded:
        _codes(layer, rule, rules, values, ledger)
    if rule.unique:
        _unique(layer, rule, values, ledger)
    if rule.width and rule.type == "text":
        for row, size in ((r, len(value.encode())) for r, value in enumerate(values) if len(value) * 4 > rule.width):
            if size > rule.width:
                found = (f"字段 {given} 有 {size} 字节", f"the field {given} has {size} bytes")
                ledger.zone("field-long", layer, [row], found, (f"不超过 {rule.width}", f"{rule.width} at most"))


def _codes(layer: Submitted, rule: Field, rules: Rules, values: list[str], ledger: Ledger) -> None:
    table = code_table(rules, rule.codes, layer.theme)
    wrong = {value for value in set(values) if value and value not in table}
    if not wrong:
        return
    by_id: dict[str, list[str]] = {}
    for written, name in table.items():
        by_id.setdefault(name, []).append(written)
    names = [words[0] for words in by_id.values()][:MOST_NAMES]
    for row in (r for r, value in enumerate(values) if value in wrong):
        given = layer.given[rule.name]
        found = (f"字段 {given} 是“{_shown(values[row])}”", f"the field {given} is '{_shown(values[row])}'")
        ledger.zone("value-unknown", layer, [row], found, ("、".join(names), ", ".join(names)))


def _unique(layer: Submitted, rule: Field, values: list[str], ledger: Ledger) -> None:
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if value:
            rows.setdefault(value, []).append(row)
    for value, of in rows.items():
        if len(of) > 1:
            found = (f"编号“{_shown(value)}”出现 {len(of)} 次", f"the code '{_shown(value)}' occurs {len(of)} times")
            ledger.zone("code-repeated", layer, of, found, ("每个一次", "once each"))


def _garbled(layer: Submitted, ledger: Ledger) -> None:
    """Note text read in the wrong encoding, once for each field."""
    for name, given in layer.given.items():
        values = [value for value in set(layer.columns[name].tolist()) if isinstance(value, str)]
        wrong = sorted(value for value in values if is_garbled(value))
        if is_garbled(given):
            wrong.insert(0, given)
        if wrong:
            found = (
                f"字段 {given} 有 {len(wrong)} 种值是乱码，如“{_shown(wrong[0])}”",
                f"{len(wrong)} values of the field {given} are garbled, as '{_shown(wrong[0])}'",
            )
            ledger.file("text-garbled", layer.where, found, ("UTF-8，附 .cpg", "UTF-8 with a .cpg"))


def _code_pattern(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    pattern = rules.value("zone_acceptance.code_pattern")
    for row, code in enumerate(layer.codes):
        if code and not re.fullmatch(pattern, code):
            found = (f"编号是“{_shown(code)}”", f"the code is '{_shown(code)}'")
            ledger.zone("code-pattern", layer, [row], found, (pattern, pattern))


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
