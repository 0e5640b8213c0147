"""The stages that zones go through, from a first draft to the national map (划定阶段)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shuibao.delimitation.life.journal import Record
from shuibao.messages import CallError, ShuibaoError, say
from shuibao.rules import Rules


@dataclass(frozen=True)
class Stage:
    """
    One stage, as the rule pack says it (阶段).

    Parameters
    ----------
    id : str
        For instance ``"consultation"``.
    code : int
        Its place, from 1.
    name, name_en : str
        What it is called.
    edits : bool
        Whether boundaries may be edited in it.
    """

    id: str
    code: int
    name: str
    name_en: str
    edits: bool


@dataclass(frozen=True)
class DueDate:
    """
    Something that is to be done by a date (时限).

    Parameters
    ----------
    by : str
        The date, ``YYYY-MM-DD``.
    work, office : str
        What is to be done, and by whom, in the reader's language.
    reached : str
        Stage that shows it done.
    done_on : str
        Date on which that stage was reached; empty if it was not.
    late : bool
        Whether it was not done in time.
    source, clause : str
        Where the date stands.
    """

    by: str
    work: str
    office: str
    reached: str
    done_on: str
    late: bool
    source: str
    clause: str


def stages_of(rules: Rules) -> list[Stage]:
    """
    Return the stages in their order (全部阶段).

    Parameters
    ----------
    rules : Rules
        Rule packs in force.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> "→".join(stage.name for stage in stages_of(load_rules(["zone-life"])))
    '初步成果→实地复核→征求意见→调整→审核→公告→上图入库'
    """
    return [Stage(s["id"], s["code"], s["name"], s["name_en"], s["edits"]) for s in rules.value("zone_life.stages")]


def stage_named(text: str, rules: Rules) -> Stage:
    """
    Return a stage by its id or its name (按名称取阶段).

    Parameters
    ----------
    text : str
        For instance ``"consultation"`` or 征求意见.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    CallError
        If there is none.
    """
    known = stages_of(rules)
    for stage in known:
        if text.strip().lower() in (stage.id, stage.name, stage.name_en.lower()):
            return stage
    raise CallError(
        f"没有阶段「{text}」；可用：{'、'.join(f'{s.id}（{s.name}）' for s in known)}。",
        f"there is no stage '{text}'; there are: {', '.join(s.id for s in known)}.",
    )


def current_stage(records: Sequence[Record], rules: Rules) -> Stage:
    """
    Return the stage that zones are in; the first if nobody moved them on (当前阶段).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    rules : Rules
        Rule packs in force.
    """
    moves = [r for r in records if r.kind == "stage"]
    return stage_named(moves[-1]["to"], rules) if moves else stages_of(rules)[0]


def may_follow(stage: Stage, rules: Rules) -> list[str]:
    """
    Return the ids of the stages that may follow one (可去阶段).

    Parameters
    ----------
    stage : Stage
        The stage.
    rules : Rules
        Rule packs in force.
    """
    return [to for row in rules.value("zone_life.transitions") if row["from"] == stage.id for to in row["to"]]


def refuse_leap(stage: Stage, to: Stage, rules: Rules) -> None:
    """
    Refuse a stage that may not follow (拒绝跳步).

    Parameters
    ----------
    stage, to : Stage
        The stage now, and the one wanted.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        If it may not follow.
    """
    allowed = may_follow(stage, rules)
    if to.id in allowed:
        return
    names = {s.id: say(s.name, s.name_en) for s in stages_of(rules)}
    raise ShuibaoError(
        f"「{stage.name}」之后不能到「{to.name}」；可到：{'、'.join(names[a] for a in allowed)}。",
        f"'{to.name_en}' may not follow '{stage.name_en}'; these may: {', '.join(names[a] for a in allowed)}.",
    )


def office_of(theme: str, stage: Stage, rules: Rules) -> str:
    """
    Return who acts in a stage, in the reader's language; empty where the packs do not say (经办单位).

    Parameters
    ----------
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    stage : Stage
        The stage.
    rules : Rules
        Rule packs in force.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> rules = load_rules(["jilin"])
    >>> office_of("steep_slope", stage_named("examination", rules), rules)
    '吉林省水利厅'
    """
    for row in rules.value("zone_life.actors"):
        if row["theme"] == theme and row["stage"] == stage.id:
            return say(row["office"], row["office_en"])
    return ""


def due_dates(theme: str, records: Sequence[Record], rules: Rules, today: str) -> list[DueDate]:
    """
    Return what is to be done by when, and what is late (时限与逾期).

    Parameters
    ----------
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    records : sequence of Record
        The journal.
    rules : Rules
        Rule packs in force.
    today : str
        Date to judge by, ``YYYY-MM-DD``.

    Returns
    -------
    list of DueDate
        By date; nothing where the packs give no dates.
    """
    parameter = rules["zone_life.due"]
    reached: dict[str, str] = {}
    for record in records:
        if record.kind == "stage":
            reached.setdefault(record["to"], record["when"])
    rows: list[dict[str, Any]] = [row for row in parameter.value if row["theme"] == theme]
    order = {stage.id: stage.code for stage in stages_of(rules)}
    out = []
    for row in sorted(rows, key=lambda row: row["by"]):
        done = min((on for to, on in reached.items() if order[to] >= order[row["reached"]]), default="")
        out.append(DueDate(
            row["by"], say(row["work"], row["work_en"]), say(row["office"], row["office_en"]), row["reached"], done,
            (done or today) > row["by"], str(parameter.citation), parameter.clause,
        ))  # fmt: skip
    return out
