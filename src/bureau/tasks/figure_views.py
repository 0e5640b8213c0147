"""Pages of a counted figure: what the regions below reached, and taking their sum (下级汇总页)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.tasks import services
from bureau.tasks.adding import Summary, sum_below
from bureau.tasks.forms import SumForm
from bureau.tasks.models import Figure, ProgressReport, Task
from bureau.tasks.reaching import reached
from bureau.tasks.recorded import quantity_of
from bureau.workbooks import Table, answer_with, write_workbook


def _figure(request: HttpRequest, pk: int, figure: int) -> Figure:
    """Return a counted figure of a task that the person sees."""
    task = get_object_or_404(Task.objects.for_person(request.user), pk=pk)
    found = Figure.objects.filter(task=task, counted=True).select_related("register__region", "task__register__region")
    return get_object_or_404(found.defer("register__region__border", "task__register__region__border"), pk=figure)


def _year(text: str | None) -> int:
    """Return the year that is asked for, or this one."""
    this = timezone.localdate().year
    asked = int(text) if text and text.isascii() and text.isdecimal() and len(text) == 4 else this
    return asked if this - 10 <= asked <= this else this


@open_to()
def figure(request: HttpRequest, pk: int, figure: int) -> HttpResponse:
    """Show what the regions below reached of a figure, or give it as a workbook (下级汇总)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = _figure(request, pk, figure)
    quantity = quantity_of(shown)
    if quantity is not None:
        return redirect("targets:quantity", pk=quantity.pk)  # there it is recorded, and added up by region
    found = sum_below(person=by, figure=shown, year=_year(request.GET.get("year")))
    if request.GET.get("format") == "xlsx":
        return answer_with(_sheet(found), f"{found.region.name}{shown.label}下级汇总")
    return _page(request, found)


def _page(request: HttpRequest, found: Summary, form: SumForm | None = None) -> HttpResponse:
    """Show a sum, with the form that takes it for whoever may."""
    by: Person = request.user  # type: ignore[assignment]
    task, today = found.figure.task, timezone.localdate()
    assert task is not None  # noqa: S101 - figures without a task are not counted
    takes = found.total is not None and by.organisation.region_id == found.region.code
    takes = takes and services.may_report(by, task)
    context = {
        "found": found, "task": task, "form": (form or SumForm(found=found)) if takes else None, "tab": "index",
        "reached": [r for r in reached(person=by, task=task, today=today) if r.figure.pk == found.figure.pk],
        "years": range(today.year, max(today.year - 6, 2000), -1) if found.figure.yearly else [],
    }  # fmt: skip
    return render(request, "tasks/figure.html", context)


@require_POST
@open_to(Duty.CLERK)
def take_sum(request: HttpRequest, pk: int, figure: int) -> HttpResponse:
    """Report the sum of the regions below as one's own (汇总填报)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = _figure(request, pk, figure)
    year = _year(request.POST.get("year"))
    found = sum_below(person=by, figure=shown, year=year)
    form = SumForm(request.POST, request.FILES, found=found)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        services.submit_sum(by=by, figure=shown, year=year, now=timezone.now(), **form.told())
    except Refusal as refused:
        messages.error(request, refused.message)
        return redirect(f"{request.path.removesuffix('take/')}?year={year}")
    messages.success(request, "汇总数已填报为本级的进展，等待另一位审核人确认；所汇总的各份报告附在其后。")
    return redirect("tasks:task", pk=pk)


def _sheet(found: Summary) -> bytes:
    """Return a sum as a workbook."""
    columns = (
        "行政区划代码", "地区", "完成量", "单位", "计入方式", "填报人", "填报时间", "确认时间", "待确认的数", "模拟数据",
    )  # fmt: skip
    rows = [_line(found, row.branch.region, row.branch.own, row.state, row.branch.waiting) for row in found.rows]
    if found.figure.adds:
        rows.append(["", "下级合计", found.total, found.figure.unit, "", "", "", "", "", ""])
    rows.append(_line(found, found.region, found.own, "本级所报", None))
    when = f"{found.year} 年，" if found.figure.yearly else ""
    note = f"{when}计已确认的报告；上级已报的，其下级不另计。" + ("模拟数据，仅供演示。" if found.imaginary else "")
    return write_workbook(Table("下级汇总", columns, rows, note))


def _line(
    found: Summary, region: Any, own: ProgressReport | None, state: str, waiting: ProgressReport | None
) -> list[Any]:
    """Return a line of the workbook."""
    told = (
        [own.by.name, own.at.date().isoformat(), own.decided_at.date().isoformat()]
        if own and own.decided_at
        else [""] * 3
    )
    made_up = any(report is not None and report.imaginary for report in (own, waiting))
    return [
        region.code, region.name, own.value if own else None, found.figure.unit, state, *told,
        waiting.value if waiting else None, "是" if made_up else "",
    ]  # fmt: skip
