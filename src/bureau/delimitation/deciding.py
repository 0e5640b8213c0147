"""Deciding what becomes of changes that no longer fit a new drawing (取舍): kept, dropped, or done again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import numpy as np
import shapely

from bureau.access import Duty
from bureau.delimitation.acting import alone_with, evidence_of, words_needed
from bureau.delimitation.editing import Reason
from bureau.delimitation.indexing import degrees, zones_folder
from bureau.delimitation.models import Delimitation
from bureau.office.models import Person
from bureau.refusal import Refusal
from shuibao.delimitation.life.changes import OPERATIONS, change_of
from shuibao.delimitation.life.deciding import Choice
from shuibao.delimitation.life.deciding import decide as choose
from shuibao.delimitation.life.journal import read_journal
from shuibao.delimitation.life.redrawing import open_conflicts
from shuibao.delimitation.life.versions import layer_of

CHOICES = (
    ("keep", "保留：按人工修改的边界，新底图让位"), ("drop", "放弃：按新底图"), ("redo", "重做：已在新底图上另作修改"),
)  # fmt: skip
"""What may become of a change, in words."""


@dataclass(frozen=True)
class Conflict:
    """
    A change that waits for a decision (待取舍的修改).

    Attributes
    ----------
    origin : str
        Edit and change, as ``"3.1"``.
    operation, reason : str
        What was done, and why it no longer fits.
    before, after : list of str
        Codes of the zones that it took away and put in.
    edit : Entry or None
        The record by which it was made.
    shape : dict or None
        GeoJSON of what people had drawn.
    """

    origin: str
    operation: str
    reason: str
    before: list[str]
    after: list[str]
    edit: Any
    shape: dict[str, Any] | None


def conflicts_of(delimitation: Delimitation) -> list[Conflict]:
    """
    Return the changes that wait for a decision (待取舍的修改).

    Parameters
    ----------
    delimitation : Delimitation
    """
    folder = zones_folder(delimitation)
    records = read_journal(folder)
    waiting = open_conflicts(records)
    if not waiting:
        return []
    crs = layer_of(folder, records).crs
    edits = {entry.number: entry for entry in delimitation.entries.filter(kind="edit")}
    found = []
    for origin, told in waiting.items():
        change = change_of(told["change"])
        shapes = [zone.geometry for zone in change.after or change.before]
        whole = degrees(np.array([shapely.union_all(shapes)], dtype=object), crs)[0] if shapes else None
        found.append(Conflict(
            origin, OPERATIONS[change.operation][0], told["reason"], [z.code for z in change.before],
            [z.code for z in change.after], edits.get(int(origin.partition(".")[0])),
            None if whole is None else json.loads(shapely.to_geojson(shapely.set_precision(whole, 1e-7, mode="pointwise"))),
        ))  # fmt: skip
    return found


def decide(
    *, by: Person, delimitation: Delimitation, origin: str, choice: str, reason: Reason, now: datetime, redone: int | None = None
) -> None:  # fmt: skip
    """
    Decide what becomes of a change that no longer fits (取舍).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    delimitation : Delimitation
    origin : str
        Edit and change, as ``"3.1"``.
    choice : {"keep", "drop", "redo"}
    reason : Reason
        Evidence may be added.
    now : datetime
    redone : int, optional
        Number of the later edit that did it again.

    Raises
    ------
    Refusal
        If it is not theirs, says no reason, was decided already, or cannot be kept.
    """
    if not by.may(Duty.CLERK, delimitation.region_id):
        raise Refusal("not-your-region", f"取舍由{delimitation.region}的经办人员办理。")
    if choice not in dict(CHOICES):
        raise Refusal("no-choice", "请在保留、放弃、重做中选一个。")
    why = words_needed(reason.why, "取舍的理由")
    kept = evidence_of(reason.files)
    with alone_with(delimitation, by=by, now=now) as ground:
        locked = ground.delimitation
        if origin not in open_conflicts(read_journal(zones_folder(locked))):
            raise Refusal("decided", f"修改 {origin} 已有取舍，或不须取舍；请刷新后再看。")
        choose(
            locked.folder,
            locked.theme,
            origin,
            cast("Choice", choice),
            ground.act(why, kept),
            ground.rules,
            redone=redone,
        )
    delimitation.refresh_from_db()
