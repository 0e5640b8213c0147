"""Pages that change tasks' progress, and files that they give (任务办理)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.downloads import kept_file
from bureau.office.models import Person
from bureau.pages.faults import faults_of
from bureau.refusal import Refusal
from bureau.tasks import mailing, services
from bureau.tasks.forms import LinkForm, ReportForm, WorkbookForm
from bureau.tasks.listing import Row, list_tasks
from bureau.tasks.models import Evidence, ProgressReport, Register, Task, Unit
from bureau.tasks.recorded import quantities_of
from bureau.tasks.report_sheet import bring_in_reports, write_sheet
from bureau.tasks.workbook import data_of, write_register
from bureau.tasks.workbook_reading import bring_in as bring_in_workbook
from bureau.workbooks import LARGEST, Table, WrongRows, answer_with, write_workbook


@open_to(Duty.CLERK)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Report what was done of a task (填报进展)."""
    by: Person = request.user  # type: ignore[assignment]
    task = get_object_or_404(Task.objects.for_person(by).select_related("register__region"), pk=pk)
    if not services.may_report(by, task):
        messages.error(request, f"这项任务不由{by.organisation.region.name}承担，不能填报；可以查看下级的进展。")
        return redirect("tasks:task", pk=pk)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReportForm(
        *given, by=by, task=task, today=timezone.localdate(), initial={"when": request.GET.get("when", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.submit(by=by, task=task, now=timezone.now(), **form.told())
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "进展已提交，等待另一位审核人确认。")
            return redirect("tasks:task", pk=pk)
    elsewhere = {quantity.pk: quantity for quantity in quantities_of(task.figures.all()).values()}
    return render(request, "tasks/report.html", {"form": form, "task": task, "elsewhere": elsewhere.values()})


@open_to(Duty.CLERK)
def report_sheet(request: HttpRequest) -> HttpResponse:
    """Give the workbook in which many reports are filled in (下载填报表)."""
    by: Person = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    return answer_with(write_sheet(by=by, today=today), f"{by.organisation.region.name}任务进展填报表-{today}")


@open_to(Duty.CLERK)
def bring_in_sheet(request: HttpRequest) -> HttpResponse:
    """Make the reports of a workbook (导入填报表)."""
    by: Person = request.user  # type: ignore[assignment]

    def take(name: str, contents: bytes) -> str:
        made = bring_in_reports(by=by, name=name, contents=contents, now=timezone.now(), today=timezone.localdate())
        return f"{len(made)} 份进展已提交，等待另一位审核人确认。"

    return _brought_in(request, take, "tasks/bring_in_sheet.html", "waiting")


def _brought_in(request: HttpRequest, take: Callable[[str, bytes], str], page: str, tab: str) -> HttpResponse:
    """Take a workbook that was sent, and say what came of it; else show the page that asks for one."""
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form, wrong = WorkbookForm(*given), []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            messages.success(request, take(file.name, file.read(LARGEST + 1)))
            return redirect(f"tasks:{tab}")
        except Refusal as refused:
            wrong = refused.rows if isinstance(refused, WrongRows) else []
            form.add_error(None, refused.message)
    return render(request, page, {"form": form, "wrong": wrong, "tab": tab})


@require_POST
@open_to(Duty.REVIEW)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a report, send it back, or take a confirmation back (确认、退回与撤销)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(ProgressReport.objects.for_person(by).select_related("region", "by"), pk=pk)
    act, words = request.POST.get("act"), request.POST.get("reason", "")
    try:
        if act == "confirm":
            services.confirm(by=by, report=shown, opinion=words, now=timezone.now())
            messages.success(request, "已确认。")
        elif act == "return":
            services.send_back(by=by, report=shown, reason=words, now=timezone.now())
            messages.success(request, "已退回，填报人可重新填报。")
        elif act == "revoke":
            services.revoke(by=by, report=shown, reason=words, now=timezone.now())
            messages.success(request, "确认已撤销，报告退回填报人，不再计入。")
        else:
            messages.error(request, "没有选择确认或退回；请在报告下方选择。")
    except Refusal as refused:
        messages.error(request, refused.message)
    return _back(request, shown)


@require_POST
@open_to(Duty.CLERK)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a report of one's own region that waits (撤回进展)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(ProgressReport.objects.for_person(by).select_related("region"), pk=pk)
    try:
        services.withdraw(by=by, report=shown, now=timezone.now())
        messages.success(request, "已撤回，不再计入；可以重新填报。")
    except Refusal as refused:
        messages.error(request, refused.message)
    return _back(request, shown)


def _back(request: HttpRequest, shown: ProgressReport) -> HttpResponse:
    """Go back to the page of this house that was left, or to the task."""
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("tasks:task", pk=shown.task_id)


@open_to()
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a file that bears a report out, as an attachment (佐证下载)."""
    by: Person = request.user  # type: ignore[assignment]
    file = get_object_or_404(Evidence.objects.for_person(by), pk=pk)
    return kept_file(file.path, file.name, file.media_type)  # at most ten megabytes, see evidence.LARGEST


@require_POST
@open_to(Duty.ADMINISTER)
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which organisation a unit is (指定对应机构)."""
    by: Person = request.user  # type: ignore[assignment]
    unit = get_object_or_404(Unit.objects.for_person(by).distinct(), pk=pk)
    form = LinkForm(request.POST, by=by, unit=unit)
    if form.is_valid():
        try:
            services.link_unit(by=by, unit=unit, organisation=form.cleaned_data["organisation"])
            messages.success(request, "对应机构已保存。")
        except Refusal as refused:
            messages.error(request, refused.message)
    else:
        messages.error(request, f"对应机构没有保存。{faults_of(form)}")
    return redirect("tasks:unit", pk=pk)


@require_POST
@open_to()
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark one's own reminders as read (全部已读)."""
    by: Person = request.user  # type: ignore[assignment]
    services.read_notices(by=by, now=timezone.now())
    return redirect("tasks:notices")


@require_POST
@open_to()
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Take down whether one wants reminders by mail (选择是否接收提醒邮件)."""
    by: Person = request.user  # type: ignore[assignment]
    wanted = request.POST.get("wanted") == "yes"
    mailing.choose(by=by, wanted=wanted)
    messages.success(request, f"已{'开启' if wanted else '关闭'}提醒邮件；平台内的提醒照旧。")
    return redirect("tasks:notices")


@open_to()
def ledger(request: HttpRequest) -> HttpResponse:
    """Give the list of tasks, as it is filtered, as a workbook (下载清单)."""
    by: Person = request.user  # type: ignore[assignment]
    listing = list_tasks(person=by, asked=request.GET, today=timezone.localdate())
    reports = ProgressReport.objects.for_person(by).standing()
    last: dict[int, ProgressReport] = {}
    for each in (
        reports.filter(task__in=[row.task.pk for row in listing.rows]).select_related("region").order_by("at", "pk")
    ):
        last[each.task_id] = each
    columns = (
        "文号", "序号", "部分", "任务", "牵头", "负责", "配合", "正文涉及", "期限", "数字", "状态", "下一到期日", "最近进展",
        "填报地区", "报告状态", "模拟数据",
    )  # fmt: skip
    rows = [ledger_row(row, last.get(row.task.pk)) for row in listing.rows]
    note = "模拟数据：含编造的进展报告，仅供演示。" if any(each.imaginary for each in last.values()) else ""
    return answer_with(write_workbook(Table("任务清单", columns, rows, note)), f"任务清单-{timezone.localdate()}")


def ledger_row(row: Row, last: ProgressReport | None) -> list[Any]:
    """Return a line of the list for a workbook (清单一行)."""
    task, parts = row.task, list(row.task.parts.all())
    roles = [
        "、".join(p.unit.name for p in parts if p.role == role)
        for role in ("lead", "responsible", "cooperate", "addressed")
    ]
    dues = "\n".join(f"{due.words} {due.what}".strip() for due in task.dues.all())
    figures = "\n".join(str(figure) for figure in task.figures.all())
    following = row.standing.next.on.isoformat() if row.standing.next else ""
    told = (
        (last.text, last.region.name, last.get_status_display(), "是" if last.imaginary else "") if last else ("",) * 4
    )
    return [
        task.register.number, task.number, task.section, task.title, *roles, dues, figures, row.standing.label, following, *told,
    ]  # fmt: skip


@open_to()
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a register as a workbook that can be brought back (下载台账)."""
    by: Person = request.user  # type: ignore[assignment]
    register = get_object_or_404(Register.objects.for_person(by).within(by.scope), pk=pk)
    return answer_with(write_register(data_of(register)), register.title)


@open_to(Duty.REVIEW)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Bring a register in from a workbook (导入台账)."""
    by: Person = request.user  # type: ignore[assignment]

    def take(name: str, contents: bytes) -> str:
        register = bring_in_workbook(by=by, name=name, contents=contents)
        return f"{register} 已导入，{register.tasks.count()} 项任务；标为草案，待与原文核对。"

    return _brought_in(request, take, "tasks/bring_in.html", "index")
