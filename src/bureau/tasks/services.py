"""Everything that writes tasks' progress (任务业务): reporting, confirming, returning, linking units, reminding."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from bureau.access import Duty
from bureau.office.models import Appointment, Organisation, Person
from bureau.refusal import Refusal
from bureau.tasks import evidence
from bureau.tasks.adding import sum_below
from bureau.tasks.checking import doubt, refuse_again, refuse_impossible
from bureau.tasks.models import Due, Evidence, Figure, Notice, ProgressReport, ReportPart, Task, Unit
from bureau.tasks.reaching import unreached
from bureau.tasks.recorded import quantity_of
from bureau.tasks.selectors import SOON, occurrences, units_to_sign_for

LONG_AGO = timedelta(days=366)
"""What is over for longer draws no reminder any more (chosen); the overdue list has it."""


@transaction.atomic
def submit(
    *, by: Person, task: Task, text: str, year: int, now: datetime, due: Due | None = None, figure: Figure | None = None,
    value: Decimal | None = None, finishes: bool = False, unit: Unit | None = None,
    files: Sequence[UploadedFile[Any]] = (), imaginary: bool = False, sure: bool = False,
) -> ProgressReport:  # fmt: skip
    """
    Report what was done of a task (填报进展).

    Parameters
    ----------
    by : Person
        A clerk of the document's region, or of one below that the task names; the report is their region's.
    task : Task
    text : str
        What was done.
    year : int
        Year that it is of.
    now : datetime
    due : Due, optional
        Which date of the task it is of.
    figure : Figure, optional
        What ``value`` counts: how much was reached in all, in the year for figures that come every year.
    value : Decimal, optional
    finishes : bool
        Whether what was due is done.
    unit : Unit, optional
        Which unit's part it is.
    files : sequence of UploadedFile
        Evidence.
    imaginary : bool
        Whether it is made up.
    sure : bool
        Whether a doubtful amount was looked at twice, see :func:`bureau.tasks.checking.doubt`.

    Raises
    ------
    Refusal
        If it is not theirs to report, what it refers to is of another task, the amount cannot be or is doubtful, or the same
        was reported before.
    """
    _check_reporter(by, task)
    _check_contents(by, task, text, due, figure, value, unit)
    if figure is not None and value is not None:
        refuse_impossible(figure, value, by.organisation.region)
        doubtful = "" if sure else doubt(figure, value)
        if doubtful:
            raise Refusal("doubtful", doubtful)
    if finishes and (due is None or due.reading.on(year) is None):
        raise Refusal("no-such-date", f"所选期限在 {year} 年没有到期日，不能报完成；请选择期限与年度，或去掉“已完成”。")
    if finishes and due is not None and not sure:
        doubtful = unreached(person=by, due=due, year=year, figure=figure, value=value)
        if doubtful:
            raise Refusal("doubtful", doubtful)
    if len(files) > evidence.MOST:
        raise Refusal(
            "too-many-files", f"一次传了 {len(files)} 个文件；每份报告最多 {evidence.MOST} 个，请合并后再传。"
        )
    report = ProgressReport(
        task=task, region=by.organisation.region, unit=unit, due=due, figure=figure, year=year, text=text.strip(),
        value=value, finishes=finishes, imaginary=imaginary, by=by, at=now,
    )  # fmt: skip
    if not files and not finishes:
        refuse_again(report)
    kept = [evidence.keep(file) for file in files]
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError as twice:
        raise Refusal("finished-already", f"“{due}”{year} 年已报完成，不能重复报；请查看本页的进展报告。") from twice
    for file in {file.sha256: file for file in kept}.values():
        Evidence.objects.create(
            report=report,
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
            path=file.path,
        )
    return report


@transaction.atomic
def submit_sum(
    *, by: Person, figure: Figure, year: int, seen: Collection[int], beside: Decimal, text: str, now: datetime,
    files: Sequence[UploadedFile[Any]] = (), imaginary: bool = False,
) -> ProgressReport:  # fmt: skip
    """
    Report as one's own region's what the regions below reached, with their reports as evidence (汇总填报).

    Parameters
    ----------
    by : Person
        A clerk of the region that they are added up for.
    figure : Figure
    year : int
        Year that it is of.
    seen : collection of int
        Keys of the reports that the person was shown: if others count by now, nothing is reported.
    beside : Decimal
        What the region reached itself and nobody below reported.
    text : str
    now : datetime
    files : sequence of UploadedFile
    imaginary : bool
        Whether what is said beside is made up; a sum of made-up reports is anyway.

    Raises
    ------
    Refusal
        If nobody below reported, the amounts cannot be added, others count by now, or :func:`submit` refuses.
    """
    if figure.task is None or not figure.counted or not figure.adds:
        raise Refusal("not-added", f"“{figure.label}”以{figure.unit}计，各地的数不能相加；请直接填报本级的数。")
    _check_reporter(by, figure.task)
    if beside < 0:
        raise Refusal("value-below-nought", f"本级另有的数为 {beside}；应不小于 0，请核对。")
    found = sum_below(person=by, figure=figure, year=year, region=by.organisation.region)
    if found.total is None:
        raise Refusal("nothing-below", "下级还没有已确认的填报，没有可汇总的数；请先督促下级填报，或直接填报本级的数。")
    if {report.pk for report in found.counted} != set(seen):
        raise Refusal("sum-changed", "打开本页之后下级的填报有变化，合计已不是所见的数；请核对新的明细后再报。")
    report = submit(
        by=by, task=figure.task, text=text, year=year, now=now, figure=figure, value=found.total + beside, files=files,
        imaginary=imaginary or any(part.imaginary for part in found.counted), sure=True,
    )  # fmt: skip
    ReportPart.objects.bulk_create(ReportPart(report=report, source=part) for part in found.counted)
    return report


def may_report(by: Person, task: Task) -> bool:
    """Return whether a person may report of a task (可否填报)."""
    return (
        by.may(Duty.CLERK, by.organisation.region_id)
        and by.organisation.region_id.startswith(task.register.region.prefix)
        and Task.objects.for_person(by).filter(pk=task.pk).exists()
    )


def _check_reporter(by: Person, task: Task) -> None:
    """Refuse whoever may not report of a task."""
    if not by.may(Duty.CLERK, by.organisation.region_id):
        raise Refusal("not-a-clerk", "填报进展需要“经办”岗位；请由本机构的经办人填报，或请管理员任命。")
    if not may_report(by, task):
        raise Refusal(
            "not-your-task",
            f"“{task.title}”不由{by.organisation.region.name}承担，不能填报；请由 {task.register.region.name}"
            "或该任务点到的下级填报。",
        )


def _check_contents(
    by: Person, task: Task, text: str, due: Due | None, figure: Figure | None, value: Decimal | None, unit: Unit | None
) -> None:
    """Refuse a report that says nothing, or speaks of another task."""
    if not text.strip():
        raise Refusal("no-text", "没有写进展；请用一两句话写明做了什么。")
    if (due and due.task_id != task.pk) or (figure and figure.task_id != task.pk):
        raise Refusal("another-task", "所选的期限或数字不属于这项任务；请重新选择。")
    if unit and not units_to_sign_for(by, task).filter(pk=unit.pk).exists():
        raise Refusal("another-unit", f"“{unit}”不在这项任务的分工里，或者不是您能代表的单位；请从列出的单位中选择。")
    if (figure is None) != (value is None):
        raise Refusal("value-without-figure", "完成量与所计的数字要一起填；只填了其中一个，请补上或都不填。")
    if figure and not figure.counted:
        raise Refusal("not-counted", f"“{figure.label}”不按完成量填报；请只写进展。")
    quantity = quantity_of(figure) if figure else None
    if figure and quantity:
        raise Refusal(
            "recorded-elsewhere",
            f"“{figure.label}”的完成量记在“目标”的规划任务量“{quantity.title}”里，逐项填报，任务页自动取数；"
            "这里请只写进展，数请填到那里。",
        )


@transaction.atomic
def confirm(*, by: Person, report: ProgressReport, now: datetime, opinion: str = "") -> None:
    """
    Confirm a report that another person made (确认进展).

    Raises
    ------
    Refusal
        If it is one's own, not of one's region, or decided already.
    """
    _decide(by, report, ProgressReport.Status.CONFIRMED, opinion, now)


@transaction.atomic
def send_back(*, by: Person, report: ProgressReport, reason: str, now: datetime) -> None:
    """
    Send a report back, with the reason (退回进展); whoever made it reports anew.

    Raises
    ------
    Refusal
        If no reason is given, it is one's own, not of one's region, or decided already.
    """
    if not reason.strip():
        raise Refusal("no-reason", "没有写退回原因；请写明要补正什么。")
    _decide(by, report, ProgressReport.Status.RETURNED, reason, now)


@transaction.atomic
def revoke(*, by: Person, report: ProgressReport, reason: str, now: datetime) -> None:
    """
    Take a confirmation back that turned out wrong (撤销确认); the report is sent back, and counts no more.

    Raises
    ------
    Refusal
        If no reason is given, it is one's own, not of one's region, or not confirmed.
    """
    if not reason.strip():
        raise Refusal("no-reason", "没有写撤销原因；请写明哪里不实，填报人才能重报。")
    _check_decider(by, report)
    confirmed = ProgressReport.objects.filter(pk=report.pk, status=ProgressReport.Status.CONFIRMED)
    words = {"decided_by": by, "decided_at": now, "decision": reason.strip()[:300]}
    if confirmed.update(status=ProgressReport.Status.RETURNED, **words) != 1:
        raise Refusal("not-confirmed", "这份报告不是已确认的，没有可撤销的确认；请刷新后查看。")


@transaction.atomic
def withdraw(*, by: Person, report: ProgressReport, now: datetime) -> None:
    """
    Withdraw a report of one's own region that nobody has decided yet (撤回进展); it counts no more.

    Raises
    ------
    Refusal
        If it is another region's, or decided already.
    """
    if by.organisation.region_id != report.region_id or not by.may(Duty.CLERK, report.region_id):
        raise Refusal("not-your-region", f"撤回{report.region.name}的报告，须由该地区的经办人办理。")
    waiting = ProgressReport.objects.filter(pk=report.pk, status=ProgressReport.Status.SUBMITTED)
    if waiting.update(status=ProgressReport.Status.WITHDRAWN, decided_at=now) != 1:
        raise Refusal("decided-already", "这份报告已经确认、退回或撤回，不能再撤回；已确认而有误的，请审核人撤销确认。")


def _check_decider(by: Person, report: ProgressReport) -> None:
    """Refuse whoever may not decide a report."""
    if not by.may(Duty.REVIEW, report.region_id):
        raise Refusal("not-your-region", f"确认或退回{report.region.name}的报告，需要管辖该地区的“审核”岗位。")
    if by.pk == report.by_id:
        raise Refusal("oneself", "不能确认或退回自己填报的进展；请由另一位审核人办理。")


def _decide(by: Person, report: ProgressReport, status: ProgressReport.Status, words: str, now: datetime) -> None:
    """Decide a report: once, by another person who reviews for the region."""
    _check_decider(by, report)
    waiting = ProgressReport.objects.filter(pk=report.pk, status=ProgressReport.Status.SUBMITTED)
    if waiting.update(status=status, decided_by=by, decided_at=now, decision=words.strip()[:300]) != 1:
        raise Refusal("decided-already", "这份报告已经确认或退回，不能重复办理；请刷新后查看。")


@transaction.atomic
def link_unit(*, by: Person, unit: Unit, organisation: Organisation | None) -> None:
    """
    Say which organisation a unit of a document is (单位对应机构); None: none.

    Raises
    ------
    Refusal
        If the unit or the organisation is not of one's region.
    """
    if not by.may(Duty.ADMINISTER, unit.region_id):
        raise Refusal("not-your-region", f"“{unit}”不在您的管理范围内，不能指定对应机构。")
    if organisation is not None and not by.may(Duty.ADMINISTER, organisation.region_id):
        raise Refusal("not-your-region", f"{organisation} 不在您的管理范围内；请选择本地区的机构。")
    Unit.objects.filter(pk=unit.pk).update(organisation=organisation)


@transaction.atomic
def remind(*, now: datetime, today: date) -> int:
    """
    Tell clerks and reviewers what is due soon, and what is over (发提醒); each of it once.

    Returns
    -------
    int
        Notices that are new.
    """
    before = Notice.objects.count()
    appointed = Appointment.objects.in_force(today).filter(duty__in=(Duty.CLERK, Duty.REVIEW)).values("person")
    people = Person.objects.filter(is_active=True, pk__in=appointed).select_related("organisation__region")
    for person in people:
        mine = [
            o
            for o in occurrences(person=person, begin=today - LONG_AGO, end=today + SOON, today=today)
            if o.region == person.organisation.region_id and o.standing in ("soon", "late")
        ]
        Notice.objects.bulk_create(
            [
                Notice(
                    person=person, due=o.due, on=o.on, at=now,
                    kind=Notice.Kind.LATE if o.standing == "late" else Notice.Kind.SOON,
                )
                for o in mine
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return Notice.objects.count() - before


@transaction.atomic
def read_notices(*, by: Person, now: datetime) -> int:
    """Mark one's own notices as read (全部已读); return how many were not."""
    return Notice.objects.filter(person=by, read=None).update(read=now)
