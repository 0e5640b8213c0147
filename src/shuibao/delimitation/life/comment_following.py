"""
Comments that wait, on the zones as they are now: edits and new drawings change what they are about (意见随图斑变化再对应).

Nothing is recorded: what follows from the records is told when it is asked for. An answer records the zones of then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.life.comment_matching import Match, match_comment, zones_at
from shuibao.delimitation.life.comments import Comment, comments_of
from shuibao.delimitation.life.journal import Record
from shuibao.delimitation.life.recorded_zones import Zone, zones_of
from shuibao.delimitation.life.versions import layer_of, rebuilt, versions_of
from shuibao.messages import CallError
from shuibao.rules import Rules
from shuibao.zoning.layer import ZoneLayer


@dataclass(frozen=True)
class Ground:
    """
    The zones of now, to find those again that a comment was about (现行图层).

    Parameters
    ----------
    layer : ZoneLayer
        The zones.
    tree : shapely.STRtree
        Of their shapes.
    percent : float
        Least part of a zone, or of a comment's shape, that counts, percent.
    near : float
        Distance within which a point is on a boundary, m.
    """

    layer: ZoneLayer
    tree: Any
    percent: float
    near: float


def comments_now(folder: Path, records: Sequence[Record], rules: Rules) -> list[Comment]:
    """
    Return all comments by number, those that wait for an answer matched to the zones of now (意见现状).

    A comment that was matched follows its zones: to those of now that hold at least ``zone_comment.match`` percent of
    one, or keep its code if nobody drew anew. Where nothing is left its state is ``"gone"``. A comment that matched none
    or several is matched again as when it came in, but not by its code after a new drawing, which numbers zones afresh.

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.
    rules : Rules
        Rule packs in force.
    """
    told, since = comments_of(records), _placed_at(records)
    versions = {number: len(versions_of(records[:sequence])) for number, sequence in since.items()}
    latest = len(versions_of(records))
    moved = {c.number for c in told if c.answer is None and not c.whole and versions[c.number] != latest}
    if not moved:
        return told
    layer = layer_of(folder, records)
    limits = float(rules.value("zone_comment.match")), float(rules.value("zone_edit.snap"))
    ground = Ground(layer, shapely.STRtree(layer.geometry), *limits)
    drawn = max((r.sequence for r in records if r.kind == "draw"), default=0)
    numbers = {versions[c.number] for c in told if c.number in moved and c.state == "matched"}
    then = {number: rebuilt(folder, versions_of(records)[number - 1]) for number in sorted(numbers)}
    out = []
    for comment in told:
        if comment.number not in moved:
            out.append(comment)
        elif comment.state == "matched":
            before = then[versions[comment.number]]
            out.append(_followed(comment, before, ground, redrawn=drawn > since[comment.number]))
        else:
            out.append(_matched_again(comment, ground, redrawn=drawn > since[comment.number]))
    return out


def comment_now(folder: Path, records: Sequence[Record], number: int, rules: Rules) -> Comment:
    """
    Return a comment by its number, matched to the zones of now (按号取意见现状).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.
    number : int
        Its number.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    CallError
        If there is none.
    """
    found = {comment.number: comment for comment in comments_now(folder, records, rules)}
    if number not in found:
        have = f"1–{max(found)}" if found else "—"
        raise CallError(f"没有第 {number} 条意见；现有：{have}。", f"there is no comment {number}; there are: {have}.")
    return found[number]


def _placed_at(records: Sequence[Record]) -> dict[int, int]:
    """Return by comment the record that last said which zones it is about."""
    out: dict[int, int] = {}
    for record in records:
        if record.kind == "comment":
            out |= {int(c["number"]): record.sequence for c in record["comments"]}
        elif record.kind == "assignment":
            out[int(record["comment"])] = record.sequence
    return out


def _matched_again(comment: Comment, ground: Ground, *, redrawn: bool) -> Comment:
    shape = shapely.from_wkb(comment.geometry) if comment.geometry else None
    code = "" if redrawn else comment.code
    if shape is None and not code:
        return comment
    found = match_comment(ground.layer, code, shape, ground.percent, ground.near)
    return _with(comment, found)


def _with(comment: Comment, found: Match) -> Comment:
    return replace(comment, state=found.state, codes=found.codes, reason=found.reason, reason_en=found.reason_en)


def _followed(comment: Comment, before: ZoneLayer, ground: Ground, *, redrawn: bool) -> Comment:
    rows = np.flatnonzero(np.isin(np.asarray(before.columns["code"], dtype=np.str_), comment.codes))
    found = {code for zone in zones_of(before, rows) for code in heirs(ground, zone, redrawn=redrawn)}
    if len(found) > 1 and comment.geometry:
        at = zones_at(ground.layer, shapely.from_wkb(comment.geometry), ground.percent, ground.near)
        found = found & {str(ground.layer.columns["code"][k]) for k in at} or found
    codes = tuple(sorted(found))
    if codes == tuple(sorted(comment.codes)):
        return comment
    was, now = "、".join(comment.codes), "、".join(codes)
    if not codes:
        return replace(
            comment, state="gone", reason=f"原对应 {was}，现行图层中已没有。",
            reason_en=f"was about {', '.join(comment.codes)}, of which nothing is left.",
        )  # fmt: skip
    return replace(
        comment, codes=codes, reason=f"原对应 {was}（{comment.reason}），图斑变化后为 {now}。",
        reason_en=f"was about {', '.join(comment.codes)} ({comment.reason_en}), which became {', '.join(codes)}.",
    )  # fmt: skip


def heirs(ground: Ground, zone: Zone, *, redrawn: bool) -> list[str]:
    """
    Return the codes of the zones of now that a zone of then became (图斑的后继).

    Parameters
    ----------
    ground : Ground
        The zones of now.
    zone : Zone
        The zone of then.
    redrawn : bool
        Whether zones were drawn anew since; a code then says nothing.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> from shuibao.zoning.layer import zone_layer
    >>> shapes = np.array([shapely.box(0, 0, 60, 100), shapely.box(60, 0, 100, 100)], dtype=object)
    >>> layer = zone_layer("steep_slope", {"code": ["a", "a-2"], "kind": ["steep_slope"] * 2}, shapes, national_crs())
    >>> ground = Ground(layer, shapely.STRtree(layer.geometry), 10.0, 0.01)
    >>> heirs(ground, Zone("a", {"kind": "steep_slope"}, shapely.box(0, 0, 100, 100)), redrawn=False)
    ['a', 'a-2']
    """
    codes = np.asarray(ground.layer.columns["code"], dtype=np.str_)
    kinds = np.asarray(ground.layer.columns["kind"], dtype=np.str_)
    rows = np.asarray(ground.tree.query(zone.geometry, predicate="intersects"), dtype=np.int64)
    rows = rows[kinds[rows] == zone.kind]
    shared = shapely.area(shapely.intersection(ground.layer.geometry[rows], zone.geometry))
    found = set(codes[rows[shared * 100 >= ground.percent * zone.geometry.area]].tolist())
    if not redrawn and zone.code in codes:
        found.add(zone.code)
    return sorted(found)
