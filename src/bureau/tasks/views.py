"""Pages that show tasks (任务页)."""

from __future__ import annotations

import calendar as calendars
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from bureau.access import Duty, open_to
from bureau.office.models import Person
from bureau.regions.models import Region
from bureau.tasks import contradictions as documents
from bureau.tasks import drawing, mailing, selectors, services
from bureau.tasks.adding import sums_below
from bureau.tasks.dates import Kind
from bureau.tasks.forms import LinkForm
from bureau.tasks.listing import choices, list_tasks
from bureau.tasks.models import Notice, ProgressReport, Register, Task, TaskUnit, Unit
from bureau.tasks.reaching import Reaching, reached, shown_to
from bureau.tasks.recorded import progress_to_decide, quantities_of, recorded_below
from bureau.workbooks import Table, answer_with, write_workbook


@open_to()
def index(request: HttpRequest) -> HttpResponse:
    """Show the list of tasks (任务台账)."""
    by: Person = request.user  # type: ignore[assignment]
    listing = list_tasks(person=by, asked=request.GET, today=timezone.localdate())
    shown = {"listing": listing, "counts": listing.counts(), **choices(by), "tab": "index"}
    register = Register.objects.for_person(by).filter(pk=_number(listing.asked.get("register"))).first()
    figures = register.figures.filter(task=None) if register else []
    return render(request, "tasks/index.html", {**shown, "register": register, "figures": figures})


def _number(text: str | None) -> int:
    """Return a key of the query, nought if it is none."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


@open_to()
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a task: who, by when, how much, what was reported (任务)."""
    by: Person = request.user  # type: ignore[assignment]
    tasks = (
        Task.objects.for_person(by)
        .select_related("register__region")
        .prefetch_related("parts__unit", "dues", "figures")
    )
    shown = get_object_or_404(tasks, pk=pk)
    today = timezone.localdate()
    found = selectors.all_occurrences(person=by, today=today, tasks=[shown])
    reports = _with_all(ProgressReport.objects.for_person(by).filter(task=shown))
    context = {
        "task": shown, "standing": selectors.standing_of(found), "occurrences": found[::-1],
        "reports": shown_to(by, reports),
        "undated": [due for due in shown.dues.all() if due.kind in (Kind.CONTINUOUS, Kind.UNSPECIFIED)],
        "reached": reached(person=by, task=shown, today=today),
        "sums": sums_below(person=by, task=shown, year=today.year),
        "below": _below(by, shown, today),
        "findings": [f for f in documents.contradictions(person=by) if any(s.task == pk for s in f.statements)],
        "may_report": services.may_report(by, shown), "may_review": by.has_any_duty([Duty.REVIEW]),
        "may_withdraw": by.has_any_duty([Duty.CLERK]),
    }  # fmt: skip
    return render(request, "tasks/task.html", context)


def _below(by: Person, shown: Task, today: date) -> list[tuple[Region, ProgressReport | None, list[str]]]:
    """Return what the regions below reported last of a task, and what the ledger of planned quantities has of them."""
    found = selectors.counties_reported(person=by, task=shown, today=today)
    codes = [region.code for region, _ in found]
    elsewhere = quantities_of(shown.figures.all())
    kept = [
        (figure.label, recorded_below(person=by, figure=figure, quantity=elsewhere[figure.pk], codes=codes))
        for figure in shown.figures.all()
        if figure.pk in elsewhere
    ]
    return [
        (region, report, [f"{label} {told[region.code]}" for label, told in kept if region.code in told])
        for region, report in found
    ]


@open_to()
def month(request: HttpRequest) -> HttpResponse:
    """Show what one's own office owes in a month (本月应办)."""
    by: Person = request.user  # type: ignore[assignment]
    mine = list(selectors.units_of(by))
    return _month(request, by, mine, {"title": f"{by.organisation.name} 本月应办", "mine": mine, "tab": "month"})


@open_to()
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a unit owes in a month (单位本月应办)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(Unit.objects.for_person(by).select_related("organisation", "region").distinct(), pk=pk)
    context = {"title": f"{shown.name} 本月应办", "unit": shown, "mine": [shown], "tab": "units"}
    if by.may(Duty.ADMINISTER, shown.region_id):
        context["form"] = LinkForm(by=by, unit=shown)
    return _month(request, by, [shown], context)


def _month(request: HttpRequest, by: Person, mine: list[Unit], context: dict[str, Any]) -> HttpResponse:
    """Show what some units owe in a month: what is over, what is due, what goes on."""
    today = timezone.localdate()
    first = _asked_month(request, today)
    last = _last(first)
    tasks = selectors.owed_by(units=mine, person=by)
    led = set(TaskUnit.objects.filter(unit__in=mine, role__in=selectors.LEADING).values_list("task", flat=True))
    found = [
        replace(each, owed=each.owed and each.task.pk in led)
        for each in selectors.all_occurrences(person=by, today=today, tasks=tasks)
    ]
    ongoing = tasks.filter(dues__kind__in=[Kind.CONTINUOUS, Kind.UNSPECIFIED]).select_related("register").distinct()
    counted = list(
        tasks.filter(figures__counted=True).prefetch_related("figures").select_related("register__region").distinct()
    )
    reaching = Reaching(person=by, tasks=counted)
    shown = {
        "late": [o for o in found if o.standing == "late" and o.on < first],
        "due": [o for o in found if first <= o.on <= last],
        "next": [o for o in found if last < o.on <= _last(last + timedelta(days=1))],
        "ongoing": ongoing,
        "reached": [(t, r) for t in counted for r in reaching.of(t, today.year) if r.figure.counted],
        **_around(first),
    }
    return render(request, "tasks/month.html", {**context, **shown})


def _asked_month(request: HttpRequest, today: date) -> date:
    """Return the first day of the month that is asked for, or of this one."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return today.replace(day=1)
    return asked if 2000 <= asked.year <= 2100 else today.replace(day=1)


def _last(day: date) -> date:
    """Return the last day of a month."""
    return day.replace(day=calendars.monthrange(day.year, day.month)[1])


def _around(first: date) -> dict[str, Any]:
    """Return a month, the one before and the one after, for a page that turns them."""
    return {
        "month": first,
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "after": f"{_last(first) + timedelta(days=1):%Y-%m}",
    }


@open_to()
def overdue(request: HttpRequest) -> HttpResponse:
    """Show what is over and not reported as done, or give it as a workbook (逾期清单)."""
    by: Person = request.user  # type: ignore[assignment]
    found = selectors.overdue(person=by, today=timezone.localdate())
    if request.GET.get("format") == "xlsx":
        columns = ("文号", "序号", "任务", "事项", "期限原文", "到期日", "已过天数", "牵头")
        rows = [
            (
                o.task.register.number,
                o.task.number,
                o.task.title,
                o.due.what,
                o.due.words,
                o.on.isoformat(),
                -o.days,
                _leads(o.task),
            )
            for o in found
        ]
        return answer_with(write_workbook(Table("逾期清单", columns, rows)), "逾期清单")
    return render(request, "tasks/overdue.html", {"found": found, "tab": "overdue"})


def _leads(shown: Task) -> str:
    """Return who leads a task, in words."""
    return "、".join(part.unit.name for part in shown.parts.all() if part.role == "lead")


@open_to()
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month with what is due on each day (任务日历)."""
    by: Person = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    first = _asked_month(request, today)
    found = selectors.occurrences(person=by, begin=first, end=_last(first), today=today)
    weeks = [
        [(day, day.month == first.month, [o for o in found if o.on == day]) for day in week]
        for week in calendars.Calendar().monthdatescalendar(first.year, first.month)
    ]
    context = {"weeks": weeks, "found": found, "today": today, "tab": "calendar", "days": "一二三四五六日"}
    context["imaginary"] = any(o.imaginary for o in found)
    return render(request, "tasks/calendar.html", {**context, **_around(first)})


@open_to()
def chart(request: HttpRequest) -> HttpResponse:
    """Show tasks against time (进度图)."""
    by: Person = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    registers = Register.objects.for_person(by)
    register = registers.filter(pk=_number(request.GET.get("register"))).first() or registers.first()
    year = _number(request.GET.get("year"))
    year = year if 2000 <= year <= 2100 else today.year - 2
    begin, end = date(year, 1, 1), date(year + 3, 12, 31)
    tasks = Task.objects.for_person(by).filter(register=register)
    found = [o for o in selectors.all_occurrences(person=by, today=today, tasks=tasks) if begin <= o.on <= end]
    found.sort(key=lambda o: (o.task.number, o.on))
    drawn = drawing.draw(found=found, begin=begin, end=end, today=today)
    context = {
        "chart": drawn, "registers": registers, "register": register, "year": year, "tab": "chart", "found": found,
        "years": range(today.year - 6, today.year + 7), "imaginary": any(o.imaginary for o in found),
    }  # fmt: skip
    return render(request, "tasks/chart.html", context)


@open_to()
def units(request: HttpRequest) -> HttpResponse:
    """Show the units that documents name, and what each owes (单位)."""
    by: Person = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    tasks = list(Task.objects.for_person(by).prefetch_related("parts"))
    of = selectors.standings(person=by, tasks=tasks, today=today)
    counts: dict[int, dict[str, int]] = {}
    for each in tasks:
        for part in each.parts.all():
            count = counts.setdefault(part.unit_id, dict.fromkeys(("lead", "part", "late", "soon"), 0))
            leads = part.role in selectors.LEADING
            count["lead" if leads else "part"] += 1
            count["late"] += of[each.pk].late if leads else 0
            count["soon"] += of[each.pk].code == "soon"
    seen = Unit.objects.for_person(by).select_related("region", "organisation").distinct()
    rows = [(shown, counts[shown.pk]) for shown in seen if shown.pk in counts]
    rows.sort(key=lambda row: (row[0].region_id, -row[1]["lead"], row[0].pk))
    return render(request, "tasks/units.html", {"rows": rows, "tab": "units"})


def _with_all(reports: QuerySet[ProgressReport]) -> QuerySet[ProgressReport]:
    """Return reports with all that is shown of them, in as many questions for thirty as for one."""
    found = reports.select_related(
        "task__register__region", "by", "decided_by", "region", "unit", "due", "figure"
    ).defer("region__border", "task__register__region__border")  # fmt: skip
    return found.prefetch_related("evidence", "parts__source__region", "task__dues", "task__figures")


@open_to()
def waiting(request: HttpRequest) -> HttpResponse:
    """Show the reports that wait for a second person (待确认)."""
    by: Person = request.user  # type: ignore[assignment]
    reports = ProgressReport.objects.for_person(by).filter(status=ProgressReport.Status.SUBMITTED)
    page = Paginator(_with_all(reports), 30).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "reports": shown_to(by, page.object_list),
        "may_review": by.has_any_duty([Duty.REVIEW]),
        "may_withdraw": by.has_any_duty([Duty.CLERK]),
        "quantities": progress_to_decide(by),
        "tab": "waiting",
    }
    return render(request, "tasks/waiting.html", context)


@open_to()
def contradictions(request: HttpRequest) -> HttpResponse:
    """Show where documents do not agree (矛盾)."""
    by: Person = request.user  # type: ignore[assignment]
    seen = set(Task.objects.for_person(by).order_by().values_list("pk", flat=True))
    found = [
        (finding, [(said, said.task in seen) for said in finding.statements])
        for finding in documents.contradictions(person=by)
    ]
    return render(request, "tasks/contradictions.html", {"found": found, "tab": "contradictions"})


@open_to()
def notices(request: HttpRequest) -> HttpResponse:
    """Show one's own reminders (提醒)."""
    by: Person = request.user  # type: ignore[assignment]
    mine = Notice.objects.for_person(by).filter(person=by).select_related("due__task__register")
    page = Paginator(mine, 50).get_page(request.GET.get("page"))
    unread = mine.filter(read=None).count()
    mail = {"sends": mailing.mails_are_sent(), "wanted": mailing.wants_mail(by)}
    return render(request, "tasks/notices.html", {"page": page, "unread": unread, "mail": mail, "tab": "notices"})
