"""A new drawing of the zones, with the edits of people made to it again (重划与修改重放)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.folder import DRAWN, theme_folder
from shuibao.delimitation.life.changes import ATTRIBUTE_OPERATIONS, Change, applied, change_of
from shuibao.delimitation.life.editing import fits
from shuibao.delimitation.life.edits import Act, refuse_closed
from shuibao.delimitation.life.journal import Record, append, journal_for, read_journal
from shuibao.delimitation.life.kind_overlaps import overlaps_of
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.recorded_zones import Zone, digest_of, zones_of
from shuibao.delimitation.life.versions import keep_drawn, versions_of, write_derived
from shuibao.ground.files import sha256_of
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.layer import ZoneLayer


@dataclass(frozen=True)
class Conflict:
    """
    A change that does not fit the new drawing (不再适用的修改).

    Parameters
    ----------
    change : Change
        As it was made.
    reason, reason_en : str
        Why it does not fit.
    """

    change: Change
    reason: str
    reason_en: str

    def written(self) -> dict[str, Any]:
        """Return the conflict as plain values (写入记录)."""
        return {"change": self.change.written(), "reason": self.reason, "reason_en": self.reason_en}


@dataclass(frozen=True)
class Replay:
    """
    What the edits came to on a new drawing (重放结果).

    Parameters
    ----------
    layer : ZoneLayer
        The new drawing with the changes that fit.
    kept : tuple of Change
        Those changes, as they are on the new drawing.
    conflicts : tuple of Conflict
        The others.
    """

    layer: ZoneLayer
    kept: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


def is_redrawn(folder: Path, records: Sequence[Record]) -> bool:
    """
    Tell whether the drawn layer is another than the one that the records are about (是否有新底图).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.
    """
    found = versions_of(records)
    path = folder / DRAWN
    return bool(found) and path.exists() and sha256_of(path) != found[-1].drawn


def waiting_themes(region_folder: Path, themes: Sequence[str]) -> list[str]:
    """
    Return the themes whose new drawing is not taken up yet (待采用新底图的类别).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    themes : sequence of str
        Themes to look at.
    """
    folders = {theme: theme_folder(region_folder, theme) for theme in themes}
    return [theme for theme, folder in folders.items() if is_redrawn(folder, read_journal(folder))]


def redraw(region_folder: Path, theme: str, act: Act, rules: Rules) -> Record:
    """
    Take up a new drawing, making the edits of people to it again (采用新底图).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    act : Act
        Who takes it up, when and why.
    rules : Rules
        Rule packs in force: tolerances.

    Returns
    -------
    Record
        With ``changes`` that fit and ``conflicts`` to be decided.

    Raises
    ------
    ShuibaoError
        If the stage allows no edits, there are no records yet, or the drawing is the one there was.
    """
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        if not versions_of(records):
            raise ShuibaoError(
                "还没有人工修改或流程记录，无须重放；现行图层就是初步成果。",
                "there are no edits and no records to carry over; the zones are as they were drawn.",
            )
        if not is_redrawn(folder, records):
            raise ShuibaoError(
                f"{folder / DRAWN} 没有变化；请先运行 shuibao zones draw。",
                f"{folder / DRAWN} has not changed; run shuibao zones draw first.",
            )
        refuse_closed(records, rules)
        layer, sha256 = keep_drawn(folder)
        tolerances = {key: float(rules.value(f"zone_edit.{key}")) for key in ("fit", "overlap_area")}
        found = replayed(layer, standing_changes(records), tolerances)
        content = {
            **act.written(), "drawn": sha256, "tolerances": tolerances,
            "changes": [c.written() for c in found.kept], "conflicts": [c.written() for c in found.conflicts],
            "layer": digest_of(found.layer),
        }  # fmt: skip
        record = append(folder, "draw", content, records=records)
        write_derived(folder, [*records, record], found.layer)
        return record


def standing_changes(records: Sequence[Record]) -> list[Change]:
    """
    Return the changes of people that stand, in the order in which they are to be made again (有效修改).

    Those that were dropped, or done again by a later edit, do not.

    Parameters
    ----------
    records : sequence of Record
        The journal.
    """
    standing: list[Change] = []
    for record in records:
        if record.kind == "draw":
            standing = [change_of(c) for c in record["changes"]]
            standing += [change_of(c["change"]) for c in record["conflicts"]]
            standing.sort(key=_place)
        elif record.kind == "edit":
            standing += [change_of(c) for c in record["changes"]]
        elif record.kind == "decision":
            standing = [change for change in standing if change.origin != record["decides"]]
            standing += [change_of(c) for c in record["changes"]]
    return standing


def open_conflicts(records: Sequence[Record]) -> dict[str, Mapping[str, Any]]:
    """
    Return the conflicts of the last drawing that nobody decided yet, by the origin of the change (待取舍的修改).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record.kind == "draw":
            found = {c["change"]["origin"]: c for c in record["conflicts"]}
        elif record.kind == "decision":
            found.pop(record["decides"], None)
    return found


def _place(change: Change) -> tuple[int, ...]:
    """Return the place of a change among those of people: edit, then change within it."""
    return tuple(int(part) for part in change.origin.split("."))


def replayed(layer: ZoneLayer, changes: Sequence[Change], tolerances: Mapping[str, float]) -> Replay:
    """
    Make changes to a new drawing, each if it still fits (重放修改).

    Zones are found by greatest overlap, as codes may be others; a change fits if every zone that it takes away is there
    with nearly the boundary that it had, and what it puts in lies over no other zone of its kind.

    Parameters
    ----------
    layer : ZoneLayer
        The new drawing.
    changes : sequence of Change
        Changes in the order in which they were made.
    tolerances : mapping of str to float
        ``fit``, percent, and ``overlap_area``, m².
    """
    kept: list[Change] = []
    conflicts: list[Conflict] = []
    for _, edit in groupby(changes, key=lambda change: change.origin.split(".")[0]):
        mine = list(edit)
        for together in [mine] if not isinstance(_fitted(layer, mine, tolerances), Conflict) else [[c] for c in mine]:
            fitted = _fitted(layer, together, tolerances)
            if isinstance(fitted, Conflict):
                conflicts.append(fitted)
            else:
                layer, moved = fitted
                kept += moved
    return Replay(layer, tuple(kept), tuple(conflicts))


def _fitted(
    layer: ZoneLayer, changes: Sequence[Change], tolerances: Mapping[str, float]
) -> tuple[ZoneLayer, list[Change]] | Conflict:
    """Return changes made together on a layer, as one edit made them; or why the first that does not fit does not."""
    moved = []
    for change in changes:
        matched = _matched(layer, change, tolerances["fit"])
        if isinstance(matched, Conflict):
            return matched
        moved.append(on_new_ground(change, matched))
    try:
        after = applied(layer, moved)
    except ShuibaoError as error:
        return Conflict(changes[0], error.zh, error.en)
    for made, change in zip(moved, changes, strict=True):
        if change.operation in ATTRIBUTE_OPERATIONS and not _kind_changed(change):
            continue
        over = overlaps_of(after, tolerances["overlap_area"], touched={zone.code for zone in made.after})
        if over:
            pairs = [f"{o.a}/{o.b} {o.area_m2:,.1f} m²" for o in over[:3]]
            return Conflict(
                change, f"与新底图的区域重叠：{'、'.join(pairs)}。", f"lies over zones of the new drawing: {', '.join(pairs)}."
            )  # fmt: skip
    return after, moved


def _matched(layer: ZoneLayer, change: Change, percent: float) -> list[Zone] | Conflict:
    """Return the zones of now that a change takes away, each with nearly the boundary that it had."""
    out: list[Zone] = []
    for zone in change.before:
        found = greatest_overlap(layer, zone)
        if found is None:
            return Conflict(
                change, f"区域 {zone.code} 在新底图中已不存在。", f"zone {zone.code} is no more on the new drawing."
            )
        if not fits(zone.geometry, found.geometry, percent):
            share = shapely.symmetric_difference(zone.geometry, found.geometry).area / zone.geometry.area
            return Conflict(
                change, f"区域 {zone.code}（现编号 {found.code}）的边界与修改时相差 {share:.1%}。",
                f"the boundary of zone {zone.code} (now {found.code}) differs by {share:.1%} from when it was edited.",
            )  # fmt: skip
        out.append(found)
    return out


def _kind_changed(change: Change) -> bool:
    return {zone.kind for zone in change.before} != {zone.kind for zone in change.after}


def on_new_ground(change: Change, matched: Sequence[Zone]) -> Change:
    """
    Return a change as it is on the new drawing: zones under their codes of now (变更换到新底图).

    Parameters
    ----------
    change : Change
        As it was made.
    matched : sequence of Zone
        The zones of now, one for each that it takes away.
    """
    codes = {old.code: new.code for old, new in zip(change.before, matched, strict=True)}
    of_code = {old.code: (old, new) for old, new in zip(change.before, matched, strict=True)}
    after = []
    for zone in change.after:
        moved = replace(zone, code=codes.get(zone.code, zone.code))
        if zone.code in of_code:
            old, new = of_code[zone.code]
            set_here = {n: v for n, v in zone.attributes.items() if old.attributes.get(n) != v}
            shape = new.geometry if change.operation in ATTRIBUTE_OPERATIONS else zone.geometry
            moved = Zone(new.code, {**new.attributes, **set_here}, shape)
        after.append(moved)
    return Change(change.operation, tuple(matched), tuple(after), change.origin)


def greatest_overlap(layer: ZoneLayer, zone: Zone) -> Zone | None:
    """
    Return the zone of its kind that shares most area with one; of equals, the one of its code (最大重叠匹配).

    Parameters
    ----------
    layer : ZoneLayer
        The layer to look in.
    zone : Zone
        The zone to be found again.

    Returns
    -------
    Zone or None
        None if no zone of the kind lies over it.
    """
    kinds, codes = (np.asarray(layer.columns[name], dtype=np.str_) for name in ("kind", "code"))
    near = shapely.STRtree(layer.geometry).query(zone.geometry, predicate="intersects")
    near = near[kinds[near] == zone.kind]
    if not len(near):
        return None
    area = shapely.area(shapely.intersection(layer.geometry[near], zone.geometry))
    best = sorted(range(len(near)), key=lambda k: (-area[k], codes[near[k]] != zone.code, codes[near[k]]))[0]
    return zones_of(layer, [int(near[best])])[0] if area[best] > 0 else None
