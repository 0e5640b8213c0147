"""Taking in comments, saying which zones they are about, and answering them one by one (意见登记与答复)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import shapely

from shuibao.delimitation.life.changes import named_zones
from shuibao.delimitation.life.comment_following import comment_now
from shuibao.delimitation.life.comment_matching import Match, match_comment
from shuibao.delimitation.life.comment_reading import Said, read_comments
from shuibao.delimitation.life.comments import OUTCOMES, Comment, comments_of
from shuibao.delimitation.life.edits import Act
from shuibao.delimitation.life.evidence import attached
from shuibao.delimitation.life.journal import Record, append, journal_for
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.versions import CURRENT, layer_of, take_up, write_derived
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.layer import ZoneLayer


def take_in(
    region_folder: Path, theme: str, path: Path, act: Act, rules: Rules, *, crs: str | None = None, sheet: str = ""
) -> tuple[list[Comment], int]:
    """
    Take in comments from a file, each with the zone that it is about (登记意见).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    path : Path
        A layer or a table; it is kept.
    act : Act
        Who takes them in, and when.
    rules : Rules
        Rule packs in force.
    crs : str, optional
        Coordinate system for a file that names none.
    sheet : str
        Layer of a GeoPackage that has several.

    Returns
    -------
    comments : list of Comment
        Those that are new.
    known : int
        Number of those that were there already and were passed over.

    Raises
    ------
    ShuibaoError
        If the file is wrong, or all of its comments were there already.
    """
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        layer = layer_of(folder, records)
        earlier = comments_of(records)
        seen = {(c.unit, c.commenter, c.text, c.date, c.opinion, c.code, c.geometry) for c in earlier}
        limits = float(rules.value("zone_comment.match")), float(rules.value("zone_edit.snap"))
        given = read_comments(path, layer.crs, rules, crs=crs, layer=sheet)
        new = [said for said in dict.fromkeys(given) if _key(said) not in seen]
        if not new:
            raise ShuibaoError(
                f"{path.name} 的 {len(given)} 条意见都已登记过；没有新的记录。",
                f"all {len(given)} comments of {path.name} were taken in before; no record is made.",
            )
        comments = [_comment(len(earlier) + k, said, layer, limits) for k, said in enumerate(new, start=1)]
        source = attached(folder, [path])[0]
        records = take_up(folder, records, layer, by=act.by, on=act.on)
        if not (folder / CURRENT).exists():
            write_derived(folder, records, layer)
        content = {**act.written(), "source": source, "comments": [c.written() for c in comments]}
        append(folder, "comment", content, records=records)
        return comments, len(given) - len(new)


def _key(said: Said) -> tuple[str, ...]:
    shape = "" if said.shape is None else shapely.to_wkb(said.shape, hex=True, byte_order=1)
    return said.unit, said.commenter, said.text, said.date, said.opinion, said.code, shape


def _comment(number: int, said: Said, layer: ZoneLayer, limits: tuple[float, float]) -> Comment:
    found = _match(said, layer, limits)
    unit, commenter, text, date, opinion, code, shape = _key(said)
    return Comment(
        number,
        unit,
        commenter,
        text,
        date,
        opinion,
        code,
        shape,
        found.state,
        found.codes,
        found.reason,
        found.reason_en,
    )


def _match(said: Said, layer: ZoneLayer, limits: tuple[float, float]) -> Match:
    """Return what a comment is about; who agrees and names no place agrees with all of it."""
    if said.opinion == "agree" and not said.code and said.shape is None:
        return Match("matched", (), "同意，没有指明图斑：针对全部成果", "agrees and names no zone: about all of them")
    return match_comment(layer, said.code, said.shape, *limits)


def assign(region_folder: Path, theme: str, number: int, codes: Sequence[str], act: Act, rules: Rules) -> Record:
    """
    Say by hand which zones a comment is about; none for one about all of them (指定意见对应的图斑).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    number : int
        Number of the comment.
    codes : sequence of str
        Codes of zones.
    act : Act
        Who, when, why.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        If there is no such zone.
    """
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        comment_now(folder, records, number, rules)
        named_zones(layer_of(folder, records), list(codes))
        content = {**act.written(), "comment": number, "codes": list(codes)}
        return append(folder, "assignment", content, records=records)


def answer(
    region_folder: Path, theme: str, number: int, outcome: str, act: Act, rules: Rules, *, edit: int | None = None
) -> Record:
    """
    Answer a comment; a later answer counts, the earlier stays on record (答复意见).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    number : int
        Number of the comment.
    outcome : str
        One of :data:`shuibao.delimitation.life.comments.OUTCOMES`.
    act : Act
        Who, when, the answer's text, evidence.
    rules : Rules
        Rule packs in force.
    edit : int, optional
        Number of the edit that was made of it.

    Raises
    ------
    CallError
        If there is no such comment, outcome or edit.
    ShuibaoError
        If it is not known yet which zones the comment is about.
    """
    if outcome not in OUTCOMES:
        raise CallError(
            f"没有这种答复「{outcome}」；可用：{'、'.join(OUTCOMES)}。",
            f"no outcome '{outcome}': {', '.join(OUTCOMES)}.",
        )
    with alone_with_zones(region_folder, theme) as folder:
        records = journal_for(folder, act.on)
        comment = comment_now(folder, records, number, rules)
        if not comment.placed:
            zh, en = comment.reason.rstrip("。"), comment.reason_en.rstrip(".")
            raise ShuibaoError(
                f"第 {number} 条意见还没有对应图斑（{zh}）；请先用 shuibao zones assign 指定，针对全部成果的加 --whole。",
                f"it is not known which zones comment {number} is about ({en}); say so by shuibao zones assign, with --whole if"
                " it is about all of them.",
            )
        edits = [r.number for r in records if r.kind == "edit"]
        if edit is not None and edit not in edits:
            raise CallError(
                f"没有第 {edit} 次修改；现有：{'、'.join(map(str, edits)) or '无'}。",
                f"there is no edit {edit}; there are: {', '.join(map(str, edits)) or 'none'}.",
            )
        content = {
            **act.written(), "evidence": attached(folder, act.evidence), "comment": number, "codes": list(comment.codes),
            "outcome": outcome, "edit": edit,
        }  # fmt: skip
        return append(folder, "answer", content, records=records)
