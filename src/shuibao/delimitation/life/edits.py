"""Edits of boundaries: who, when, why, on what evidence, and what exactly (边界修改记录)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shuibao.delimitation.life.changes import Change, applied, named_zones
from shuibao.delimitation.life.editing import Wishes, changes_for
from shuibao.delimitation.life.evidence import attached
from shuibao.delimitation.life.journal import Record, append, journal_for
from shuibao.delimitation.life.kind_overlaps import Resolution, overlaps_of, refuse_overlaps, without
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.recorded_zones import digest_of
from shuibao.delimitation.life.stages import current_stage
from shuibao.delimitation.life.versions import layer_of, take_up, write_derived
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.layer import ZoneLayer


@dataclass(frozen=True)
class Act:
    """
    Who does something, when, why, and on what evidence (经办).

    Parameters
    ----------
    by : str
        Who.
    on : str
        Date, ``YYYY-MM-DD``.
    why : str
        Why.
    evidence : tuple of Path
        Files that it rests on.
    """

    by: str
    on: str
    why: str = ""
    evidence: tuple[Path, ...] = ()

    def written(self) -> dict[str, str]:
        """Return who, when and why, as every record begins; evidence is kept apart (写入记录)."""
        return {"who": self.by, "when": self.on, "why": self.why}


def record_edit(
    region_folder: Path,
    theme: str,
    wishes: Wishes,
    act: Act,
    rules: Rules,
    *,
    source: Path | None = None,
    resolution: Resolution = "refuse",
) -> Record:
    """
    Change zones and record it, all or nothing (修改边界并记录).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    wishes : Wishes
        What is to be done.
    act : Act
        Who, when, why, evidence.
    rules : Rules
        Rule packs in force.
    source : Path, optional
        The file that the zones came in, which is kept with the evidence.
    resolution : {"refuse", "cut-edited", "cut-others"}
        What to do about overlaps.

    Returns
    -------
    Record
        The edit, as it was written.

    Raises
    ------
    ShuibaoError
        If the stage allows no edits, an edit does not fit, zones would overlap, or nothing would change.
    """
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        refuse_closed(records, rules)
        layer = layer_of(folder, records)
        changes = changes_for(layer, wishes, rules)
        changes, after = resolved(layer, changes, resolution, float(rules.value("zone_edit.overlap_area")))
        number = 1 + sum(r.kind == "edit" for r in records)
        named = [replace(change, origin=f"{number}.{k}") for k, change in enumerate(changes, start=1)]
        content = {
            **act.written(), "stage": current_stage(records, rules).id,
            "evidence": attached(folder, act.evidence), "source": attached(folder, [source])[0] if source else None,
            "overlaps": resolution, "changes": [c.written() for c in named], "layer": digest_of(after),
        }  # fmt: skip
        records = take_up(folder, records, layer, by=act.by, on=act.on)
        record = append(folder, "edit", content, records=records)
        write_derived(folder, [*records, record], after)
        return record


def refuse_closed(records: Sequence[Record], rules: Rules) -> None:
    """
    Refuse to change boundaries in a stage that has them settled (已定边界不可改).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        If the stage allows no edits.
    """
    stage = current_stage(records, rules)
    if not stage.edits:
        raise ShuibaoError(
            f"现为「{stage.name}」阶段，边界不可修改；如需修改，请先退回调整：shuibao zones advance … --to adjustment。",
            f"in the stage '{stage.name_en}' boundaries may not be edited; go back first: shuibao zones advance … --to"
            " adjustment.",
        )


def resolved(
    layer: ZoneLayer, changes: list[Change], resolution: Resolution, least: float
) -> tuple[list[Change], ZoneLayer]:
    """
    Return changes that leave no overlaps, and the layer that they lead to (消除重叠).

    Parameters
    ----------
    layer : ZoneLayer
        The zones as they are.
    changes : list of Change
        The changes wanted.
    resolution : {"refuse", "cut-edited", "cut-others"}
        What to do about overlaps; those between two edited zones are refused in any case.
    least : float
        Least area of an overlap, m².

    Raises
    ------
    ShuibaoError
        If overlaps are refused, or cutting leaves nothing of a zone.
    """
    after = applied(layer, changes)
    touched = {zone.code for change in changes for zone in change.after}
    found = overlaps_of(after, least, touched=touched)
    if not found or resolution == "refuse":
        refuse_overlaps(found)
        return changes, after
    refuse_overlaps([o for o in found if o.a in touched and o.b in touched])
    cut = _cut_edited if resolution == "cut-edited" else _cut_others
    changes = cut(after, changes, touched, found, least)
    after = applied(layer, changes)
    refuse_overlaps(overlaps_of(after, least, touched={zone.code for change in changes for zone in change.after}))
    return changes, after


def _cut_edited(
    after: ZoneLayer, changes: list[Change], touched: set[str], found: list[Any], least: float
) -> list[Change]:
    others: dict[str, list[str]] = {}
    for overlap in found:
        mine, other = (overlap.a, overlap.b) if overlap.a in touched else (overlap.b, overlap.a)
        others.setdefault(mine, []).append(other)
    out = []
    for change in changes:
        zones = tuple(
            replace(zone, geometry=_left(zone.code, zone.geometry, after, others[zone.code], least))
            if zone.code in others
            else zone
            for zone in change.after
        )
        out.append(replace(change, after=zones))
    return out


def _cut_others(
    after: ZoneLayer, changes: list[Change], touched: set[str], found: list[Any], least: float
) -> list[Change]:
    edited: dict[str, list[str]] = {}
    for overlap in found:
        mine, other = (overlap.a, overlap.b) if overlap.a in touched else (overlap.b, overlap.a)
        edited.setdefault(other, []).append(mine)
    more = []
    for zone in named_zones(after, sorted(edited)):
        shape = _left(zone.code, zone.geometry, after, edited[zone.code], least)
        more.append(Change("reshape", (zone,), (replace(zone, geometry=shape),)))
    return [*changes, *more]


def _left(code: str, shape: Any, layer: ZoneLayer, others: list[str], least: float) -> Any:
    taken = np.array([zone.geometry for zone in named_zones(layer, others)], dtype=object)
    left = without(shape, taken, least)
    if left is None:
        raise ShuibaoError(
            f"区域 {code} 完全在 {'、'.join(sorted(others))} 之内，裁后无剩余；请先删除其一。",
            f"zone {code} lies within {', '.join(sorted(others))}, cutting leaves nothing of it; remove one of them first.",
        )
    return left
