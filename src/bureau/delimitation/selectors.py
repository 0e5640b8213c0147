"""What is read of delimitations (划定读取): stages, dates, who may do what next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q

from bureau.access import Duty
from bureau.delimitation.announcing import announced
from bureau.delimitation.models import Announcement, Delimitation, Entry, Status
from bureau.delimitation.services import SETTLED
from bureau.office.models import Person
from shuibao.delimitation.life.journal import Record
from shuibao.delimitation.life.stages import DueDate, due_dates, may_follow, office_of, stage_named, stages_of
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules, load_rules

PRIVATE = ("comment", "assignment", "answer")
"""Kinds of record that only the region itself and those above see: they tell of all counties."""


@lru_cache(maxsize=16)
def _rules(packs: tuple[str, ...]) -> Rules:
    try:
        return load_rules(list(packs))
    except ShuibaoError:
        return load_rules(["national"])  # a pack of a folder that is gone; stages are named in any case


def rules_of(delimitation: Delimitation) -> Rules:
    """
    Return the rules that a delimitation goes by (所依规则).

    Parameters
    ----------
    delimitation : Delimitation
    """
    return _rules(tuple(delimitation.packs) or ("national",))


@dataclass(frozen=True)
class Step:
    """
    A stage of a delimitation as its page shows it (阶段).

    Attributes
    ----------
    id, name, office : str
        Who acts in it, where the rule packs say.
    state : {"done", "now", "ahead"}
    entry : Entry or None
        The record by which it was last reached.
    said : str
        What is said in place of that record: of the announcement, which the approval only makes possible.
    """

    id: str
    name: str
    office: str
    state: str
    entry: Entry | None
    said: str = ""


def steps_of(delimitation: Delimitation, entries: Iterable[Entry]) -> list[Step]:
    """
    Return the stages in their order, and when each was last reached (阶段进度).

    Parameters
    ----------
    delimitation : Delimitation
    entries : iterable of Entry
        Its records.
    """
    rules = rules_of(delimitation)
    reached = {entry.stage: entry for entry in entries if entry.stage}
    stages = stages_of(rules)
    now = next((s.code for s in stages if s.id == delimitation.stage), 0)
    steps = [
        Step(
            stage.id, stage.name, office_of(delimitation.theme, stage, rules),
            "now" if stage.code == now else "done" if stage.code < now and _passed(stage.id, reached) else "ahead",
            reached.get(stage.id),
        )
        for stage in stages
    ]  # fmt: skip
    return [_of_announcement(step, delimitation) if step.id == "announcement" else step for step in steps]


def _of_announcement(step: Step, delimitation: Delimitation) -> Step:
    """Return the stage of announcing, dated by the announcement; the record that begins it is the approval."""
    done = announced(delimitation)
    if done is not None:
        return replace(step, entry=None, said=f"{done.dated} {done.number}")
    return replace(step, entry=None, said="已批准，待公告") if step.state == "now" else step


def _passed(stage: str, reached: dict[str, Entry]) -> bool:
    return stage == "preliminary" or stage in reached


def due_of(delimitation: Delimitation, entries: Iterable[Entry], today: str) -> list[DueDate]:
    """
    Return what is to be done by when, as the time table of the rule packs says (时限).

    Parameters
    ----------
    delimitation : Delimitation
    entries : iterable of Entry
        Its records.
    today : str
        ``YYYY-MM-DD``.
    """
    moves = [
        Record("stage", e.number, e.sequence, "", {"to": e.stage, "when": e.on}, e.sha256) for e in entries if e.stage
    ]
    return due_dates(delimitation.theme, moves, rules_of(delimitation), today)


@dataclass(frozen=True)
class Row:
    """A delimitation in the list (列表行)."""

    delimitation: Delimitation
    stage: str
    next: DueDate | None
    late: int


def rows_of(found: Sequence[Delimitation], today: str) -> list[Row]:
    """
    Return delimitations with their stage and what is due next (划定一览).

    Parameters
    ----------
    found : sequence of Delimitation
        With their entries fetched.
    today : str
    """
    rows = []
    for one in found:
        due = due_of(one, one.entries.all(), today)
        rows.append(Row(one, stage_name(one), next((d for d in due if not d.done_on), None), sum(d.late for d in due)))
    return rows


def stage_name(delimitation: Delimitation) -> str:
    """
    Return the name of the stage it is in (阶段名称).

    Parameters
    ----------
    delimitation : Delimitation
    """
    return stage_named(delimitation.stage, rules_of(delimitation)).name


def listed(person: Person) -> Any:
    """
    Return the delimitations that a person sees, with numbers of zones and of comments that wait (本人可见划定).

    Parameters
    ----------
    person : Person
    """
    waiting = Q(comments__outcome="", comments__isnull=False, comments__region__code__startswith=person.scope)
    return (
        Delimitation.objects.for_person(person)
        .select_related("region", "opened_by")
        .prefetch_related("entries")
        .annotate(waiting=Count("comments", filter=waiting, distinct=True))
        .order_by("-opened_at")
    )


@dataclass(frozen=True)
class Way:
    """A stage that somebody may move on to (可去阶段)."""

    to: str
    label: str
    back: bool


def ways_of(delimitation: Delimitation, person: Person) -> list[Way]:
    """
    Return the stages that a person may move zones to; approval is another act (可办事项).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    if delimitation.status != Status.OPEN:
        return []
    rules = rules_of(delimitation)
    stage = stage_named(delimitation.stage, rules)
    clerk = person.may(Duty.CLERK, delimitation.region_id)
    found = []
    for to in may_follow(stage, rules):
        name = stage_named(to, rules).name
        back = to == "adjustment" and stage.id in ("examination", *SETTLED)
        duties = (Duty.APPROVE,) if stage.id in SETTLED else (Duty.APPROVE, Duty.REVIEW, Duty.CLERK)
        if back and any(person.may(duty, delimitation.region_id) for duty in duties):
            found.append(Way(to, "退回调整", True))
        elif not back and clerk and to != "announcement" and (to != "mapping" or delimitation.publication_id):
            found.append(Way(to, "送审" if to == "examination" else f"进入{name}", False))
    return found


def may_approve(delimitation: Delimitation, person: Person) -> bool:
    """
    Return whether a person may approve what was submitted (可否批准).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    submitted = delimitation.stage == "examination" and delimitation.submitted_by_id not in (None, person.pk)
    return submitted and person.may(Duty.APPROVE, delimitation.region_id)


def may_edit(delimitation: Delimitation, person: Person) -> bool:
    """
    Return whether a person may edit the zones in the stage that they are in (可否修改).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    return is_being_worked_on(delimitation) and person.may(Duty.CLERK, delimitation.region_id)


def is_being_worked_on(delimitation: Delimitation) -> bool:
    """
    Return whether zones may be edited and comments made in the stage that they are in (可否修改与提意见).

    Parameters
    ----------
    delimitation : Delimitation
    """
    return delimitation.status == Status.OPEN and stage_named(delimitation.stage, rules_of(delimitation)).edits


def may_announce(delimitation: Delimitation, person: Person) -> bool:
    """
    Return whether a person may announce what was approved (可否公告).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    if delimitation.stage != "announcement" or delimitation.approved_by_id is None:
        return False
    under_way = delimitation.announcements.filter(status=Announcement.Status.ORDERED)
    if announced(delimitation) is not None or under_way.exists():
        return False
    return person.may(Duty.CLERK, delimitation.region_id)


def entries_of(delimitation: Delimitation, person: Person) -> Any:
    """
    Return the records that a person sees; people of a part of the region do not see what others said (本人可见记录).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    found = Entry.objects.for_person(person).filter(delimitation=delimitation)
    return found if delimitation.region_id.startswith(person.scope) else found.exclude(kind__in=PRIVATE)
