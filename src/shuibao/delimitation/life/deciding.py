"""What is to become of an edit that no longer fits: kept, dropped or done again (修改取舍)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from shuibao.delimitation.life.changes import ATTRIBUTE_OPERATIONS, Change, applied, change_of, named_zones
from shuibao.delimitation.life.edits import Act, refuse_closed
from shuibao.delimitation.life.evidence import attached
from shuibao.delimitation.life.journal import Record, append, journal_for
from shuibao.delimitation.life.kind_overlaps import overlaps_of, refuse_overlaps, without
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.recorded_zones import Zone, digest_of
from shuibao.delimitation.life.redrawing import greatest_overlap, on_new_ground, open_conflicts
from shuibao.delimitation.life.versions import rebuilt, versions_of, write_derived
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.layer import ZoneLayer

Choice = Literal["keep", "drop", "redo"]
"""Keep what people drew, drop it, or say which later edit did it again (保留、放弃、重做)."""

CHOICES: tuple[Choice, ...] = ("keep", "drop", "redo")

CHOICE_NAMES = {"keep": ("保留", "kept"), "drop": ("放弃", "dropped"), "redo": ("已重做", "done again")}
"""What is said of each choice."""


def decide(
    region_folder: Path, theme: str, origin: str, choice: Choice, act: Act, rules: Rules, *, redone: int | None = None
) -> Record:
    """
    Decide about an edit that does not fit the new drawing, and record it (取舍并记录).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    origin : str
        Edit and change, as ``"3.1"``; ``"3"`` where the edit has but one that is open.
    choice : {"keep", "drop", "redo"}
        To keep a change is to make it anyway, zones of the new drawing giving way to it.
    act : Act
        Who, when, why, evidence.
    rules : Rules
        Rule packs in force.
    redone : int, optional
        Number of the later edit, for ``"redo"``.

    Raises
    ------
    ShuibaoError
        If there is no such conflict, the later edit is none, or the change cannot be made at all.
    """
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        refuse_closed(records, rules)
        origin, conflict = _open(records, origin)
        content: dict[str, Any] = {
            **act.written(), "evidence": attached(folder, act.evidence), "decides": origin,
            "choice": choice, "redone": _redone(records, choice, redone), "changes": [],
        }  # fmt: skip
        layer = None
        if choice == "keep":
            now = rebuilt(folder, versions_of(records)[-1])
            changes = forced(now, change_of(conflict["change"]), float(rules.value("zone_edit.overlap_area")))
            layer = applied(now, changes)
            refuse_overlaps(overlaps_of(layer, float(rules.value("zone_edit.overlap_area")), touched=_codes(changes)))
            content |= {"changes": [c.written() for c in changes], "layer": digest_of(layer)}
        record = append(folder, "decision", content, records=records)
        if layer is not None:
            write_derived(folder, [*records, record], layer)
        return record


def _codes(changes: Sequence[Change]) -> set[str]:
    return {zone.code for change in changes for zone in change.after}


def _open(records: Sequence[Record], origin: str) -> tuple[str, Any]:
    found = open_conflicts(records)
    mine = [key for key in found if key == origin or key.split(".")[0] == origin]
    if len(mine) != 1:
        if not found:
            raise CallError(
                f"现在没有待取舍的修改，{origin} 无须取舍；采用新底图（shuibao zones redraw）之后才会有。",
                f"no edit waits to be decided, {origin} neither; some may after shuibao zones redraw.",
            )
        raise CallError(
            f"没有待取舍的修改 {origin}；待取舍的有：{'、'.join(found)}。",
            f"there is no edit {origin} to be decided; these wait: {', '.join(found)}.",
        )
    return mine[0], found[mine[0]]


def _redone(records: Sequence[Record], choice: Choice, number: int | None) -> int | None:
    if choice != "redo":
        return None
    last = max((r.sequence for r in records if r.kind == "draw"), default=0)
    later = [r.number for r in records if r.kind == "edit" and r.sequence > last]
    if number not in later:
        raise CallError(
            f"重做应指明采用新底图之后的修改；现有：{'、'.join(map(str, later)) or '无'}，请先运行 shuibao zones edit。",
            f"to redo, name an edit made since the new drawing; there are: {', '.join(map(str, later)) or 'none'}."
            " Run shuibao zones edit first.",
        )
    return number


def forced(layer: ZoneLayer, change: Change, least: float) -> list[Change]:
    """
    Return the changes that make a change of people anyway (强制保留).

    The zones that it was about go, whatever their boundary is now; zones of its kind that it lies over give way.

    Parameters
    ----------
    layer : ZoneLayer
        The zones as they are.
    change : Change
        As it was made.
    least : float
        Least area that counts as an overlap, m².

    Raises
    ------
    ShuibaoError
        If nothing of it can be made: the zones that it takes away are gone, and it puts nothing in.
    """
    matched = [(zone, greatest_overlap(layer, zone)) for zone in change.before]
    there = [(old, new) for old, new in matched if new is not None]
    if not there and (not change.after or change.operation in ATTRIBUTE_OPERATIONS):
        raise ShuibaoError(
            "所改的区域在新底图中已不存在，无可保留；请用 --drop。",
            "the zones that were edited are no more; there is nothing to keep: use --drop.",
        )
    moved = on_new_ground(replace(change, before=tuple(old for old, _ in there)), _once([new for _, new in there]))
    gone = {zone.code for zone in moved.before}
    taken = {str(code) for code in layer.columns["code"]} - gone
    after = tuple(replace(zone, code=_free(zone.code, taken)) for zone in moved.after)
    moved = replace(moved, after=after)
    others = overlaps_of(applied(layer, [moved]), least, touched={zone.code for zone in after})
    return [moved, *_giving_way(layer, {z.code: z for z in after}, others, least, change.origin)]


def _once(zones: Sequence[Zone]) -> list[Zone]:
    """Refuse two zones of old that are one now: which of them is meant cannot be told."""
    codes = [zone.code for zone in zones]
    if len(set(codes)) < len(codes):
        raise ShuibaoError(
            f"原来的几个区域现在同在 {'、'.join(sorted(set(codes)))} 之中，无法原样保留；请重新修改后用 --redo。",
            f"zones that were several are one now ({', '.join(sorted(set(codes)))}) and the edit cannot be kept as it is; edit again and"
            " use --redo.",
        )
    return list(zones)


def _free(code: str, taken: set[str]) -> str:
    """Return a code, with a number behind it if another zone has it."""
    free, k = code, 2
    while free in taken:
        free, k = f"{code}-{k}", k + 1
    return free


def _giving_way(
    layer: ZoneLayer, kept: dict[str, Zone], found: Sequence[Any], least: float, origin: str
) -> list[Change]:
    over: dict[str, list[str]] = {}
    for overlap in found:
        mine, other = (overlap.a, overlap.b) if overlap.a in kept else (overlap.b, overlap.a)
        if other not in kept:
            over.setdefault(other, []).append(mine)
    out = []
    for zone in named_zones(layer, sorted(over)):
        left = without(zone.geometry, np.array([kept[c].geometry for c in over[zone.code]], dtype=object), least)
        after = () if left is None else (replace(zone, geometry=left),)
        out.append(Change("remove" if left is None else "reshape", (zone,), after, origin))
    return out
