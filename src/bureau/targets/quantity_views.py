"""Pages of planned quantities (规划任务量页)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.office.models import Person
from bureau.pages.faults import text_in
from bureau.refusal import Refusal
from bureau.targets import bringing, planned
from bureau.targets.forms import ProgressForm, ReasonForm, WorkbookForm
from bureau.targets.models import Progress
from bureau.targets.selectors import QuantityStanding, progress_for, quantity_standings, shares_of
from bureau.targets.views import person_of
from bureau.workbooks import Table, WrongRows, about, answer_with, write_workbook


@open_to()
def listing(request: HttpRequest) -> HttpResponse:
    """Show all planned quantities with what is done (规划任务量)."""
    found = quantity_standings(person_of(request), timezone.localdate())
    return render(request, "targets/quantities.html", {"found": found, "simulated": any(q.simulated for q in found)})


def _standing(person: Person, pk: int) -> QuantityStanding:
    """Return a planned quantity that the person may see."""
    for found in quantity_standings(person, timezone.localdate()):
        if found.quantity.pk == pk:
            return found
    raise Http404


@open_to()
def quantity(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a planned quantity, and report what was done (任务量)."""
    person, today = person_of(request), timezone.localdate()
    shown = _standing(person, pk)
    may_report = person.has_any_duty([Duty.CLERK])
    form = ProgressForm((request.POST or None) if may_report else None, by=person, quantity=shown.quantity, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            planned.report(by=person, quantity=shown.quantity, now=timezone.now(), today=today, **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "进展已填报；另一位审核人确认后计入。")
            return redirect("targets:quantity", pk=pk)
    return _page(request, shown, form if may_report else None, WorkbookForm(), [])


def _page(
    request: HttpRequest,
    shown: QuantityStanding,
    form: ProgressForm | None,
    import_form: WorkbookForm,
    wrong: list[Any],
) -> HttpResponse:
    """Show a planned quantity, with what is wrong in a workbook that was brought in."""
    person = person_of(request)
    shares = shares_of(person, shown.quantity)
    entries = (
        progress_for(person, shown.quantity)
        .select_related("region", "by__organisation", "confirmed_by", "withdrawn_by")
        .defer("region__border")
    )
    reviews = person.has_any_duty([Duty.REVIEW])
    rows = [
        (
            entry, reviews and planned.may_decide(person, entry), planned.may_withdraw(person, entry),
            "已退回" if planned.was_returned(entry) else "已撤销",
        )
        for entry in entries
    ]  # fmt: skip
    return render(
        request,
        "targets/quantity.html",
        {
            "shown": shown, "quantity": shown.quantity, "form": form, "entries": rows, "wrong": wrong,
            "shares": shares, "silent": [each for each in shares if not each.entries], "import_form": import_form,
        },
    )  # fmt: skip


def _entry(person: Person, pk: int) -> Progress:
    """Return a report that the person may see."""
    seen = Progress.objects.for_person(person).select_related("quantity", "region", "by__organisation__region")
    return get_object_or_404(seen.defer("region__border", "by__organisation__region__border"), pk=pk)


@require_POST
@open_to(Duty.REVIEW)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a report of another person (确认进展)."""
    person = person_of(request)
    entry = _entry(person, pk)
    try:
        planned.confirm(by=person, progress=entry, now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "已确认，计入完成量。")
    return redirect("targets:quantity", pk=entry.quantity_id)


@require_POST
@open_to(Duty.CLERK, Duty.REVIEW)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a report, or send it back (撤销、退回进展)."""
    person = person_of(request)
    entry = _entry(person, pk)
    form = ReasonForm(request.POST)
    act = planned.way_back(person, entry)
    try:
        planned.withdraw(by=person, progress=entry, reason=text_in(form, "reason"), now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"这一条进展已{act}，不再计入。")
    return redirect("targets:quantity", pk=entry.quantity_id)


@open_to()
def workbook(request: HttpRequest) -> HttpResponse:
    """Give all planned quantities and their progress as a workbook (导出任务量)."""
    person = person_of(request)
    found = quantity_standings(person, timezone.localdate())
    head = (
        "行政区", "任务量", "数量", "单位", "要求", "时段", "期限", "文件", "条款", "文件内的矛盾",
        "已完成", "完成率（%）", "待确认（条）", "口径", "数据",
    )  # fmt: skip
    rows = [
        [
            each.quantity.region.name, each.quantity.title, each.quantity.amount, each.quantity.unit,
            each.quantity.get_sense_display(), each.quantity.period, each.quantity.due, each.quantity.source,
            each.quantity.clause, each.quantity.contradiction, each.done, None if each.share is None else round(each.share, 2),
            each.waiting, "全部" if each.whole else f"{person.organisation.region.name}完成的部分", "模拟数据" if each.simulated else "",
        ]
        for each in found
    ]  # fmt: skip
    made_up = any(each.simulated for each in found)
    notes = [f"规划任务量与进展，{timezone.localdate():%Y-%m-%d} 导出；数量出自所列文件的条款。"]
    if made_up:
        notes.append("本表的进展含模拟数据，不反映任何地方的真实情况。")
    content = write_workbook(Table("任务量", head, rows), about(notes))
    return answer_with(content, f"规划任务量{'（模拟数据）' if made_up else ''}")


@open_to(Duty.CLERK)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the workbook in which progress of a quantity is filled in (填报模板)."""
    person = person_of(request)
    shown = _standing(person, pk)
    contents = bringing.write_sheet(by=person, quantity=shown.quantity)
    return answer_with(contents, f"{shown.quantity.title}填报模板（{person.organisation.region.name}）")


@require_POST
@open_to(Duty.CLERK)
def take_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Take reports of progress from a workbook, all or none (导入进展)."""
    person, today = person_of(request), timezone.localdate()
    shown = _standing(person, pk)
    form = WorkbookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, shown, ProgressForm(None, by=person, quantity=shown.quantity, today=today), form, [])
    try:
        taken = bringing.bring_in(
            by=person, quantity=shown.quantity, upload=form.cleaned_data["workbook"], now=timezone.now(), today=today
        )
    except Refusal as refused:
        wrong = refused.rows if isinstance(refused, WrongRows) else []
        if not wrong:
            form.add_error(None, refused.message)
        return _page(request, shown, ProgressForm(None, by=person, quantity=shown.quantity, today=today), form, wrong)
    messages.success(request, f"已导入 {len(taken)} 条进展；另一位审核人确认后计入。")
    return redirect("targets:quantity", pk=pk)
