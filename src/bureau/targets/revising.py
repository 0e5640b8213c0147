"""What a person changed on the page of a decomposition (页面上的修改): what differs from what the page showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from bureau.refusal import Refusal
from bureau.targets.closing import Method
from bureau.targets.lines import Change, Shown, shown_of
from bureau.targets.models import Decomposition, Line
from bureau.targets.workbook import LARGEST_NUMBER

FIELDS = ("percent", "base", "treatable")


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
        If something is no number.
    """
    found = {line.pk: _change(given, line) for line in lines if f"percent_{line.pk}" in given}
    return {key: change for key, change in found.items() if not change.empty}


def _change(given: QueryDict, line: Line) -> Change:
    """Return what was changed of one line."""
    was = _shown(given, line)
    percent, base, treatable = (_number(given, f"{name}_{line.pk}", line) for name in FIELDS)
    held = f"held_{line.pk}" in given
    moved = percent is not None and percent != was.percent
    return Change(
        percent=percent if moved or (held and not was.held) else None,
        free=was.held and not held and not moved,
        base=base if base is not None and base != was.base else None,
        treatable_m2=None if treatable is None or treatable == was.treatable else int(treatable * 10**6),
        shown=was,
    )


def _shown(given: QueryDict, line: Line) -> Shown:
    """Return what the page showed of a line."""
    if f"was_percent_{line.pk}" not in given:
        return shown_of(line)
    percent, base, treatable = (_number(given, f"was_{name}_{line.pk}", line) for name in FIELDS)
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


def keep_typed(given: QueryDict, lines: Sequence[Line], mine: Mapping[int, Change]) -> None:
    """Set beside each line that a person changed what was typed, for the page to show it again (保留所填)."""
    for line in lines:
        if line.pk in mine:
            typed = {name: given.get(f"{name}_{line.pk}", "") for name in FIELDS}
            line.typed = {**typed, "held": f"held_{line.pk}" in given or mine[line.pk].percent is not None}  # type: ignore[attr-defined]


def _number(given: QueryDict, name: str, line: Line) -> Decimal | None:
    said = given.get(name, "").strip()
    if not said:
        return None
    try:
        found = Decimal(said)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= LARGEST_NUMBER:
        raise Refusal("not-a-number", f"{line.region.name}的“{said}”不是数；请改正。")
    return found.quantize(Decimal("0.0001") if "base" in name else Decimal("0.01"))
