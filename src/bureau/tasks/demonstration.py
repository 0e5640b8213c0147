"""The demonstration's registers, true to their documents, with made-up reports (模拟数据) of what was done of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from bureau.office.models import Person
from bureau.targets.loading import load_documents
from bureau.tasks import services
from bureau.tasks.loading import load_registers
from bureau.tasks.models import Due, Figure, ProgressReport, Task
from bureau.tasks.reaching import short_of
from bureau.tasks.recorded import quantities_of
from bureau.tasks.selectors import all_occurrences

UNREPORTED = {"jilin-zones": (8,), "jilin-plan": (9, 27), "xinzhou-plan": (22,)}
"""Tasks of which the demonstration leaves what is over unreported, so that the overdue list has something."""
COUNTS = {"patches_checked": "236", "plans_sampled": "64"}
BELOW = {"works_inspected": {"220122": "3"}}
"""What counties reached, so that there is something to add up: the province has not reported itself."""


@transaction.atomic
def load(*, clerks: list[Person], reviewers: list[Person], now: datetime, today: date) -> int:
    """
    Load the registers, and made-up reports of their clerks if there are none yet (装载任务演示).

    Parameters
    ----------
    clerks, reviewers : list of Person
        Who reports for the regions of the documents and below, and who confirms.
    now : datetime
    today : date

    Returns
    -------
    int
        Reports that were made.
    """
    load_registers()
    load_documents()  # what they record is not reported here
    if ProgressReport.objects.exists():
        return 0
    made = 0
    for clerk in clerks:
        for reviewer in reviewers:
            if reviewer.pk != clerk.pk and clerk.organisation.region_id.startswith(reviewer.scope):
                made += _report(clerk, reviewer, now, today)
                break
    services.remind(now=now, today=today)
    return made


def _report(clerk: Person, reviewer: Person, now: datetime, today: date) -> int:
    """Make the reports of a clerk: what is over is done, but for some; counted duties are on their way."""
    region = clerk.organisation.region_id
    tasks = Task.objects.filter(register__region_id=region).select_related("register")
    rows = []
    for occurrence in all_occurrences(person=clerk, today=today, tasks=tasks):
        if occurrence.on >= today or occurrence.task.number in UNREPORTED.get(occurrence.task.register.name, ()):
            continue
        elsewhere = quantities_of(occurrence.task.figures.all())
        if elsewhere and short_of(person=clerk, due=occurrence.due, year=occurrence.on.year):
            continue  # nobody says that it is done while the ledger of quantities says otherwise
        at = min(now, _before(now, today, occurrence.on))
        rows.append(
            _row(
                clerk,
                occurrence.task,
                f"（模拟）{occurrence.due}已按期完成。",
                at,
                occurrence.on.year,
                due=occurrence.due,
                finishes=True,
            )
        )
    for figure in Figure.objects.filter(task__in=tasks, counted=True, key__in=COUNTS).select_related("task"):
        if figure.task is None:
            continue
        text = f"（模拟）{figure.label}按月推进，累计完成 {COUNTS[figure.key]} {figure.unit}。"
        value = Decimal(COUNTS[figure.key])
        rows.append(_row(clerk, figure.task, text, now - timedelta(days=9), today.year, figure=figure, value=value))
    rows += [_part(clerk, figure, now, today) for figure in _parts(clerk)]
    for row in rows:
        row.status, row.decided_by = ProgressReport.Status.CONFIRMED, reviewer
        row.decided_at, row.decision = min(now, row.at + timedelta(days=2)), "（模拟）材料齐全。"
    seen = Task.objects.for_person(clerk).select_related("register__region").order_by("pk")
    for task in [*seen.filter(dues__kind="continuous"), *seen][:1]:
        text = "（模拟）本季度已完成现场核查，问题清单正在整理。"
        rows.append(_row(clerk, task, text, now - timedelta(days=1), today.year))
    ProgressReport.objects.bulk_create(rows)
    return len(rows)


def _parts(clerk: Person) -> list[Figure]:
    """Return the figures of documents above of which a clerk's county reached something, each quantity once."""
    region = clerk.organisation.region_id
    mine = [key for key, amounts in BELOW.items() if region in amounts]
    seen = Task.objects.for_person(clerk).exclude(register__region_id=region)
    found = Figure.objects.filter(task__in=seen, counted=True, key__in=mine).select_related("task").order_by("position")
    return list({figure.key: figure for figure in found}.values())


def _part(clerk: Person, figure: Figure, now: datetime, today: date) -> ProgressReport:
    """Return a made-up report of what a county reached of a figure."""
    assert figure.task is not None  # noqa: S101 - asked for by their tasks
    value = BELOW[figure.key][clerk.organisation.region_id]
    text = f"（模拟）本县{figure.label}累计完成 {value} {figure.unit}。"
    at = now - timedelta(days=12)
    return _row(clerk, figure.task, text, at, today.year, figure=figure, value=Decimal(value))


def _before(now: datetime, today: date, on: date) -> datetime:
    """Return a time some days before a day that is over."""
    return now - timedelta(days=(today - on).days + 5)


def _row(
    clerk: Person, task: Task, text: str, at: datetime, year: int, *, due: Due | None = None, figure: Figure | None = None,
    value: Decimal | None = None, finishes: bool = False,
) -> ProgressReport:  # fmt: skip
    """Return a made-up report."""
    return ProgressReport(
        task=task, region_id=clerk.organisation.region_id, due=due, figure=figure, value=value, finishes=finishes,
        year=year, text=text, imaginary=True, by=clerk, at=at,
    )  # fmt: skip
