"""
Many reports at once (填报表): a workbook with a line for everything that a region may report, filled in and brought back.

Lines without a word of progress are passed over. One wrong line, and no report is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.tasks import services
from bureau.tasks.models import Due, Figure, ProgressReport, Task
from bureau.tasks.recorded import quantities_of
from bureau.tasks.selectors import all_occurrences
from bureau.workbooks import Formula, Table, WrongRows, open_workbook, write_workbook

TITLE = "填报表"
COLUMNS = ("文号", "序号", "任务", "到期日", "事项", "所计数字", "计量单位", "累计完成", "已完成", "进展")
NOTE = "只填后三列：写了“进展”的行才导入；报完成的，“已完成”填“是”；“累计完成”只填在有所计数字的行。"


def write_sheet(*, by: Person, today: date) -> bytes:
    """
    Return the workbook in which a clerk fills in reports (填报表).

    Parameters
    ----------
    by : Person
    today : date
    """
    return write_workbook(Table(TITLE, COLUMNS, _lines(by, today), NOTE))


def _lines(by: Person, today: date) -> Iterator[tuple[Any, ...]]:
    """Yield a line for each date that is not done, each counted figure, and each task that has neither."""
    seen = Task.objects.for_person(by).select_related("register__region").prefetch_related("figures")
    tasks = [task for task in seen if by.organisation.region_id.startswith(task.register.region.prefix)]
    elsewhere = quantities_of(figure for task in tasks for figure in task.figures.all())
    open_ones = [o for o in all_occurrences(person=by, today=today, tasks=tasks) if o.report is None]
    for task in tasks:
        head = (task.register.number, task.number, task.title)
        mine = [o for o in open_ones if o.task.pk == task.pk]
        figures = [figure for figure in task.figures.all() if figure.counted and figure.pk not in elsewhere]
        yield from ((*head, o.on.isoformat(), o.due.what, "", "", "", "", "") for o in mine)
        yield from ((*head, "", "", figure.label, figure.unit, "", "", "") for figure in figures)
        if not mine and not figures:
            yield (*head, "", "", "", "", "", "", "")


@transaction.atomic
def bring_in_reports(*, by: Person, name: str, contents: bytes, now: datetime, today: date) -> list[ProgressReport]:
    """
    Make the reports of a workbook (导入填报表).

    Parameters
    ----------
    by : Person
        Who reports, as in :func:`bureau.tasks.services.submit`.
    name : str
        Name of the file.
    contents : bytes
    now : datetime
    today : date

    Raises
    ------
    Refusal
        If the file is none of ours, or has nothing filled in.
    WrongRows
        If rows are wrong; no report is made.
    """
    made, wrong = [], []
    for at, row in _rows(name, contents):
        formula = next((cell for cell in row.values() if isinstance(cell, Formula)), None)
        try:
            if formula is not None:
                raise Refusal("formula", f"有公式“{formula[:40]}”；请粘贴为数值后再上传。")
            with transaction.atomic():
                made.append(services.submit(by=by, now=now, **_told(by, row, today)))
        except Refusal as refused:
            there = "这里不能勾选，请把这一行留空，到任务页填报。" if refused.code == "doubtful" else ""
            wrong.append(f"第 {at} 行：{refused.message}{there}")
    if wrong:
        raise WrongRows(wrong)
    if not made:
        raise Refusal("nothing-filled-in", f"“{name}”没有一行写了进展；请填写“进展”一列后再上传。")
    return made


def _rows(name: str, contents: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines in which progress is told."""
    sheet = open_workbook(name, contents, [TITLE])[TITLE]
    labels = [str(cell or "").strip() for cell in sheet[1]] if len(sheet) > 1 else []
    missing = [label for label in COLUMNS if label not in labels]
    if missing:
        raise Refusal("no-column", f"“{TITLE}”第 2 行缺少列“{'”“'.join(missing)}”；请保留下载时的表头。")
    for at, cells in enumerate(sheet[2:], 3):
        row = dict(zip(labels, cells, strict=False))
        if str(row.get("进展") or "").strip():
            yield at, row


def _told(by: Person, row: dict[str, Any], today: date) -> dict[str, Any]:
    """Return what a line says, as :func:`services.submit` takes it; refuse what cannot be found."""
    number, order = str(row["文号"] or "").strip(), str(row["序号"] or "").strip().removesuffix(".0")
    tasks = Task.objects.for_person(by).select_related("register__region")
    task = tasks.filter(
        register__number=number, number=int(order) if order.isdecimal() and len(order) < 5 else 0
    ).first()
    if task is None:
        raise Refusal("no-such-task", f"没有 {number or '（空）'} 第 {order or '（空）'} 项任务；请不要改动前几列。")
    title = str(row["任务"] or "").strip()
    if title not in ("", task.title):
        raise Refusal(
            "title-changed",
            f"第 {task.number} 项任务是“{task.title}”，表里写成“{title[:40]}”；请不要改动前几列，进展只写在“进展”一列。",
        )
    on = _day(row["到期日"])
    due = _due(task, str(row["事项"] or "").strip(), on) if on else None
    figure = _figure(task, str(row["所计数字"] or "").strip())
    done = str(row["已完成"] or "").strip()
    if done not in ("", "是", "否"):
        raise Refusal("not-yes-or-no", f"“已完成”填了“{done}”；可填 是、否，或不填。")
    return {
        "task": task, "due": due, "year": on.year if on else today.year, "figure": figure,
        "value": _number(row["累计完成"]), "finishes": done == "是", "text": str(row["进展"]).strip()[:2000],
    }  # fmt: skip


def _day(value: Any) -> date | None:
    """Return the day of a cell."""
    if isinstance(value, datetime):
        return value.date()
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as wrong:
        raise Refusal("not-a-day", f"到期日“{value}”读不出；请不要改动前几列。") from wrong


def _due(task: Task, what: str, on: date) -> Due:
    """Return the date of a task that ends on a day."""
    for due in task.dues.filter(what=what):
        if due.reading.on(on.year) == on:
            return due
    raise Refusal("no-such-date", f"这项任务没有 {on} 到期的“{what}”；请不要改动前几列。")


def _figure(task: Task, label: str) -> Figure | None:
    """Return the figure of a task that has a name."""
    if not label:
        return None
    figure = task.figures.filter(label=label, counted=True).first()
    if figure is None:
        raise Refusal("no-such-figure", f"这项任务没有所计数字“{label}”；请不要改动前几列。")
    return figure


def _number(value: Any) -> Decimal | None:
    """Return the number of a cell."""
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < 10**10 or number != round(number, 4):
        raise Refusal("not-a-number", f"累计完成“{value}”应为不小于 0、至多四位小数的数；请改正。")
    return number
