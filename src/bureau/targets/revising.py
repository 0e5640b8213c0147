"""
What a person changed on the page of a decomposition (页面上的修改): what differs from what the page showed.

Everything that is wrong is told at once, and nothing is changed as long as anything is; what was typed stays on the page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from bureau.refusal import Refusal
from bureau.targets.closing import Method
from bureau.targets.lines import SAID, Change, Shown, shown_of
from bureau.targets.models import Decomposition, Line
from bureau.targets.workbook import LARGEST_NUMBER, has_places

FIELDS = {"percent": ("目标", 2), "base": ("现状率", 4), "treatable": ("可治理面积", 2)}
"""What can be written of a line: how it is called, and how many decimals it has."""


def changes_in(given: QueryDict, lines: Sequence[Line]) -> dict[int, Change]:
    """
    Return what a person has changed (所作的修改): a target that differs from the one shown is held from now on.

    Parameters
    ----------
    given : QueryDict
        ``percent_<key>``, ``held_<key>``, ``base_<key>``, ``treatable_<key>``, and the same with ``was_`` before them as the
        page showed them; where those are missing, the lines as they stand count as shown.
    lines : sequence of Line

    Raises
    ------
    Refusal
        If anything is no number, has too many decimals, or was emptied; the message has all of it.
    """
    found, wrong = {}, []
    for line in lines:
        if f"percent_{line.pk}" in given:
            try:
                found[line.pk] = _change(given, line)
            except Refusal as refused:
                wrong.append(refused)
    if wrong:
        raise Refusal(wrong[0].code, "".join(each.message for each in wrong))
    return {key: change for key, change in found.items() if not change.empty}


def _change(given: QueryDict, line: Line) -> Change:
    """Return what was changed of one line."""
    was = _shown(given, line)
    percent, base, treatable = (_number(given, f"{name}_{line.pk}", name, line) for name in FIELDS)
    held = f"held_{line.pk}" in given
    _demand_nothing_emptied(given, line, was, held)
    moved = percent is not None and percent != was.percent
    return Change(
        percent=percent if moved or (held and not was.held) else None,
        free=was.held and not held and not moved,
        base=base if base is not None and base != was.base else None,
        treatable_m2=None if treatable is None or treatable == was.treatable else int(treatable * 10**6),
        shown=was,
    )


def _demand_nothing_emptied(given: QueryDict, line: Line, was: Shown, held: bool) -> None:
    """Refuse a field that held a number and holds none any more; a target that is let go may be empty."""
    before = {"percent": was.percent, "base": was.base, "treatable": was.treatable}
    for name, value in before.items():
        emptied = value is not None and given.get(f"{name}_{line.pk}", "-").strip() == ""
        if emptied and not (name == "percent" and was.held and not held):
            how = "；要它随其他各地一起动，请取消“固定”" if name == "percent" else ""
            raise Refusal(
                "emptied", f"{line.region.name}的{FIELDS[name][0]}被清空了，原为 {value}；请填数，或改回原值{how}。"
            )


def _shown(given: QueryDict, line: Line) -> Shown:
    """Return what the page showed of a line."""
    if f"was_percent_{line.pk}" not in given:
        return shown_of(line)
    percent, base, treatable = (_number(given, f"was_{name}_{line.pk}", name, line) for name in FIELDS)
    return Shown(f"was_held_{line.pk}" in given, percent, base, treatable)


def settings_in(given: QueryDict, shown: Decomposition) -> dict[str, Any]:
    """Return the method and what goes with it, as they were shown and as they were changed (方法的修改)."""
    if "method" not in given:
        return {}
    method = given["method"] if given["method"] in list(Method) else shown.method
    was = (shown.method, shown.keep_present)
    if given.get("was_method") in list(Method):
        was = (str(given["was_method"]), "was_keep_present" in given)
    keep = "keep_present" in given
    return {
        "method": Method(method) if method != was[0] else None,
        "keep_present": keep if keep != was[1] else None,
        "seen": was,
    }


def others_changed(given: QueryDict, lines: Sequence[Line], mine: Mapping[int, Change]) -> list[str]:
    """Return the names of the regions that somebody else has changed since the page was opened (他人的修改)."""
    return [line.region.name for line in lines if line.pk not in mine and _shown(given, line).moved_to(shown_of(line))]


def keep_typed(given: QueryDict, lines: Sequence[Line]) -> None:
    """Set beside each line in which something was typed what it was, for the page to show it again (保留所填)."""
    for line in lines:
        typed = {name: given.get(f"{name}_{line.pk}", "").strip() for name in FIELDS}
        was = {name: given.get(f"was_{name}_{line.pk}", "").strip() for name in FIELDS}
        held = f"held_{line.pk}" in given
        if f"percent_{line.pk}" in given and (typed != was or held != (f"was_held_{line.pk}" in given)):
            line.typed = {**typed, "held": held}  # type: ignore[attr-defined]


def said_of(mine: Mapping[int, Change], lines: Sequence[Line], settings: Mapping[str, Any]) -> str:
    """Return what was changed, in words; nothing if nothing was (改了什么)."""
    names = [line.region.name for line in lines if line.pk in mine]
    told = "、".join(names[:SAID]) + (f" 等 {len(names)} 处" if len(names) > SAID else "")
    method = settings.get("method") is not None or settings.get("keep_present") is not None
    return "、".join(word for word in ("分解方法" if method else "", told) if word)


def _number(given: QueryDict, field: str, name: str, line: Line) -> Decimal | None:
    """Return the number of a field, full-width digits too; None if it is empty."""
    said = given.get(field, "").strip()
    if not said:
        return None
    label, places = FIELDS[name]
    try:
        found = Decimal(unicodedata.normalize("NFKC", said))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= LARGEST_NUMBER:
        raise Refusal("not-a-number", f"{line.region.name}的{label}“{said[:20]}”不是数；请改正。")
    if not has_places(found, places):
        raise Refusal(
            "too-many-decimals", f"{line.region.name}的{label} {said[:20]} 小数过多；至多 {places} 位小数，请改正。"
        )
    return found.quantize(Decimal(1).scaleb(-places))
