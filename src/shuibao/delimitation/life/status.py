"""Where the zones of a region stand: stage, versions, edits, comments, dates (划定进度)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shuibao.delimitation.folder import DRAWN, theme_folder
from shuibao.delimitation.life.changes import OPERATIONS
from shuibao.delimitation.life.comment_following import comments_now
from shuibao.delimitation.life.comments import OUTCOMES
from shuibao.delimitation.life.deciding import CHOICE_NAMES
from shuibao.delimitation.life.journal import RECORD_NAMES, Record, read_journal
from shuibao.delimitation.life.redrawing import is_redrawn, open_conflicts
from shuibao.delimitation.life.stages import current_stage, due_dates, may_follow, office_of, stages_of
from shuibao.delimitation.life.versions import versions_of
from shuibao.messages import CallError, say
from shuibao.rules import Rules
from shuibao.zoning.layer import THEMES


def drawn_themes(region_folder: Path) -> list[str]:
    """
    Return the themes of which a region folder has zones (已划的类别).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    """
    return [theme for theme in THEMES if (theme_folder(region_folder, theme) / DRAWN).exists()]


def chosen_theme(region_folder: Path, theme: str | None) -> str:
    """
    Return the theme asked for, or the only one that is drawn (选定类别).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str or None
        As typed.

    Raises
    ------
    CallError
        If there is no such theme, or none is named and there are several or none.
    """
    if theme is not None:
        theme_folder(region_folder, theme)
        return theme
    drawn = drawn_themes(region_folder)
    if len(drawn) == 1:
        return drawn[0]
    have = "、".join(drawn) or "无"
    raise CallError(
        f"请用 --theme 指明类别；已划的有：{have}。",
        f"name the theme by --theme; drawn are: {', '.join(drawn) or 'none'}.",
    )


def status_rows(region_folder: Path, rules: Rules, today: str) -> list[dict[str, Any]]:
    """
    Return where each theme that is drawn stands (进度一览).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    rules : Rules
        Rule packs in force.
    today : str
        Date to judge by, ``YYYY-MM-DD``.

    Returns
    -------
    list of dict
        One for each theme; ``late`` is the number of dates that were not kept.
    """
    names = theme_names(rules)
    stages = {known.id: say(known.name, known.name_en) for known in stages_of(rules)}
    rows = []
    for theme in drawn_themes(region_folder):
        folder = theme_folder(region_folder, theme)
        records = read_journal(folder)
        stage, moves = current_stage(records, rules), [r for r in records if r.kind == "stage"]
        due = due_dates(theme, records, rules, today)
        comments = comments_now(folder, records, rules)
        waiting = [comment for comment in comments if comment.answer is None]
        coming = next((d for d in due if not d.done_on), None)
        rows.append({
            "theme": theme, "theme_name": names.get(theme, theme), "stage": stage.id,
            "stage_name": say(stage.name, stage.name_en), "since": moves[-1]["when"] if moves else "",
            "office": office_of(theme, stage, rules), "next": ", ".join(may_follow(stage, rules)),
            "next_names": say("、", ", ").join(stages[to] for to in may_follow(stage, rules)),
            "versions": len(versions_of(records)), "edits": sum(r.kind == "edit" for r in records),
            "conflicts": len(open_conflicts(records)), "comments": len(comments), "open_comments": len(waiting),
            "unmatched": sum(not c.placed for c in waiting), "redrawn": is_redrawn(folder, records),
            "due": coming.by if coming else "", "late": sum(d.late for d in due), "records": len(records),
            "head": records[-1].sha256 if records else "",
        })  # fmt: skip
    return rows


def due_rows(region_folder: Path, rules: Rules, today: str) -> list[dict[str, Any]]:
    """
    Return the dates of each theme that is drawn (时限一览).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    rules : Rules
        Rule packs in force.
    today : str
        Date to judge by, ``YYYY-MM-DD``.
    """
    rows = []
    for theme in drawn_themes(region_folder):
        records = read_journal(theme_folder(region_folder, theme))
        for due in due_dates(theme, records, rules, today):
            rows.append({
                "theme": theme, "theme_name": theme_names(rules).get(theme, theme), "by": due.by,
                "work": due.work, "office": due.office, "done_on": due.done_on,
                "late": due.late, "source": due.source, "clause": due.clause,
            })  # fmt: skip
    return rows


def theme_names(rules: Rules) -> dict[str, str]:
    """
    Return the names of the themes by id, in the reader's language (类别名称).

    Parameters
    ----------
    rules : Rules
        Rule packs in force.
    """
    return {row["id"]: say(row["name"], row["name_en"]) for row in rules.value("zone_kind.themes")}


def history_rows(records: Sequence[Record], rules: Rules) -> list[dict[str, Any]]:
    """
    Return the records of a theme as a list that people can read (流程记录一览).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    rules : Rules
        Rule packs in force, for the names of stages.
    """
    stages = {stage.id: say(stage.name, stage.name_en) for stage in stages_of(rules)}
    numbers = {
        record.sequence: k for k, version in enumerate(versions_of(records), 1) for record in version.records[-1:]
    }
    return [
        {
            "sequence": record.sequence, "kind": record.kind, "kind_name": say(*RECORD_NAMES[record.kind]),
            "number": record.number, "when": record["when"],
            "who": record["who"], "what": _what(record, stages), "why": record.content.get("why", ""),
            "version": numbers.get(record.sequence), "sha256": record.sha256,
        }
        for record in records
    ]  # fmt: skip


def _what(record: Record, stages: Mapping[str, str]) -> str:
    """Return in a few words what a record did."""
    if record.kind == "stage":
        return " → ".join(stages.get(record[side], record[side]) for side in ("from", "to"))
    if record.kind == "comment":
        return say(f"{len(record['comments'])} 条意见", f"{len(record['comments'])} comments")
    if record.kind == "assignment":
        return f"#{record['comment']} → {', '.join(record['codes']) or say('全部成果', 'all of them')}"
    if record.kind == "answer":
        return f"#{record['comment']} {say(*OUTCOMES[record['outcome']])}"
    changes = ", ".join(
        f"{say(*OPERATIONS[c['operation']])} {'+'.join(sorted({z['code'] for z in (*c['before'], *c['after'])}))}"
        for c in record["changes"]
    )
    if record.kind == "decision":
        return f"{record['decides']} {say(*CHOICE_NAMES[record['choice']])}" + (f": {changes}" if changes else "")
    return changes or say("采用底图", "drawing taken up")
