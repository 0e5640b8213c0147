"""The list of tasks and its filters (任务清单)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet

from bureau.office.models import Person
from bureau.tasks.models import ProgressReport, ProgressReportQuerySet, Register, Task, TaskUnit, Unit
from bureau.tasks.selectors import STANDINGS, Standing, standings

WHEN = {"month": "本月到期", "quarter": "90 天内到期", "year": "今年到期", "none": "无固定日期"}
"""What one may ask of the next date."""


@dataclass(frozen=True)
class Row:
    """A line of the list (清单一行)."""

    task: Task
    standing: Standing


@dataclass(frozen=True)
class Listing:
    """
    Tasks that fit what was asked, and where each stands (清单).

    Attributes
    ----------
    rows : list of Row
    asked : dict
        The filters that hold.
    """

    rows: list[Row]
    asked: dict[str, str]

    @property
    def groups(self) -> list[tuple[Register, list[Row]]]:
        """Return the lines by their register (按文件分组)."""
        found: dict[int, tuple[Register, list[Row]]] = {}
        for row in self.rows:
            found.setdefault(row.task.register_id, (row.task.register, []))[1].append(row)
        return list(found.values())

    def counts(self) -> dict[str, int]:
        """Return how many stand where (各状态项数)."""
        return {code: sum(row.standing.code == code for row in self.rows) for code in STANDINGS}


def list_tasks(*, person: Person, asked: Mapping[str, str], today: date) -> Listing:
    """
    Return the tasks that fit some filters, of those that a person sees (任务清单).

    Parameters
    ----------
    person : Person
    asked : mapping
        ``register`` and ``unit`` are keys, ``standing`` and ``when`` words of :data:`STANDINGS` and :data:`WHEN`, ``q`` a
        text. What is not understood is passed over.
    today : date
    """
    told = {word: asked.get(word, "").strip() for word in ("register", "unit", "standing", "when", "q")}
    told = {word: value for word, value in told.items() if value}
    parts = TaskUnit.objects.select_related("unit")
    tasks = Task.objects.for_person(person).select_related("register__region")
    tasks = tasks.prefetch_related(Prefetch("parts", parts), "dues", "figures")
    found = list(_narrowed(tasks, told))
    of = standings(person=person, tasks=found, today=today)
    rows = [Row(task, of[task.pk]) for task in found]
    if told.get("standing") in STANDINGS:
        rows = [row for row in rows if row.standing.code == told["standing"]]
    if told.get("when") in WHEN:
        rows = [row for row in rows if _fits(row.standing, told["when"], today)]
    return Listing(rows, told)


def _narrowed(tasks: QuerySet[Task], told: Mapping[str, str]) -> QuerySet[Task]:
    """Return the tasks of a register, of a unit, and with some words."""
    for word, path in (("register", "register_id"), ("unit", "parts__unit_id")):
        if told.get(word, "").isdecimal() and len(told[word]) < 10:
            tasks = tasks.filter(**{path: int(told[word])})
    if text := told.get("q", "").replace("\x00", ""):
        words = ("title", "section", "clause", "register__title", "register__number")
        fits = Q(pk__in=[])
        for word in words:
            fits |= Q(**{f"{word}__icontains": text})
        named = TaskUnit.objects.filter(unit__name__icontains=text).values("task")
        what = Task.objects.filter(Q(dues__what__icontains=text) | Q(figures__label__icontains=text)).values("pk")
        tasks = tasks.filter(fits | Q(pk__in=named) | Q(pk__in=what))
    return tasks


def _fits(standing: Standing, when: str, today: date) -> bool:
    """Return whether the next date of a task is in a time."""
    if when == "none":
        return standing.code == "open"
    on = standing.next.on if standing.next else None
    if on is None:
        return False
    if when == "month":
        return (on.year, on.month) == (today.year, today.month)
    if when == "year":
        return on.year == today.year
    return today <= on <= today + timedelta(days=90)


def waiting_for(person: Person) -> ProgressReportQuerySet:
    """Return the reports that a person sees and nobody has decided yet (待确认的进展)."""
    return ProgressReport.objects.for_person(person).filter(status=ProgressReport.Status.SUBMITTED)


def choices(person: Person) -> dict[str, object]:
    """Return what the filters may be set to (筛选项)."""
    return {
        "registers": Register.objects.for_person(person),
        "units": Unit.objects.for_person(person).distinct(),
        "standings": STANDINGS,
        "whens": WHEN,
        "waiting": waiting_for(person).count(),
    }
