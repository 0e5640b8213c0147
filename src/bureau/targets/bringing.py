"""
Progress of a quantity from a workbook (用工作簿填报): a line for each place, filled in and brought back.

Lines without progress are passed over. All lines are looked at, all that is wrong is told with its row, and as long as
anything is, nothing is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets import planned
from bureau.targets.models import PlannedQuantity, Progress
from bureau.targets.selectors import places_of
from bureau.targets.workbook import code_in, demand_no_formula, number_in, read_rows
from bureau.workbooks import Table, WrongRows, about, write_workbook

TITLE = "填报"
CODE, PLACE, QUANTITY, UNIT = "行政区划代码", "行政区", "任务量", "计量单位"
AMOUNT, ON, EVIDENCE, BECAUSE = "本次完成量", "完成日期", "依据", "原因"
COLUMNS = (CODE, PLACE, QUANTITY, UNIT, AMOUNT, ON, EVIDENCE, BECAUSE)
FILLED = (AMOUNT, ON, EVIDENCE, BECAUSE)
"""What is filled in; the columns before are the form's own."""
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def write_sheet(*, by: Person, quantity: PlannedQuantity) -> bytes:
    """
    Return the workbook in which progress of a quantity is filled in, with the places of whoever downloads it (填报模板).

    Parameters
    ----------
    by : Person
    quantity : PlannedQuantity
    """
    rows = [
        (place.code, place.name, quantity.title, quantity.unit, "", "", "", "") for place in places_of(by, quantity)
    ]
    notes = (
        f"{quantity.region.name}“{quantity.title}”的填报模板；数量以{quantity.unit}计，出自{quantity.source}。",
        f"只填“{'”“'.join(FILLED)}”；四列都空着的行不导入，一地有几次进展的，复制那一行。",
        "完成日期写成 2025-11-30 的样子；依据写验收文件、文号、地点等。",
        "超出计划、逾期或早于文件印发之年的，“原因”必填，其余不填。",
        "单元格里不能有公式。有一行不合要求，全部不导入，每一处都列出行号。",
    )
    return write_workbook(Table(TITLE, COLUMNS, rows), about(notes))


@transaction.atomic
def bring_in(*, by: Person, quantity: PlannedQuantity, upload: Any, now: datetime, today: date) -> list[Progress]:
    """
    Report what a workbook says of a quantity, all or none (导入进展).

    Parameters
    ----------
    by : Person
        Who reports, as in :func:`bureau.targets.planned.report`.
    quantity : PlannedQuantity
    upload : file
        Has ``name`` and ``read``.
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
    for at, row in _filled(upload):
        try:
            demand_no_formula(row, at)
            told = _told(by, quantity, row, at)
            with transaction.atomic():
                made.append(planned.report(by=by, quantity=quantity, now=now, today=today, **told))
        except Refusal as refused:
            said = refused.message
            wrong.append(said if said.startswith(f"第 {at} 行") else f"第 {at} 行：{said}")
    if wrong:
        raise WrongRows(wrong)
    if not made:
        raise Refusal("nothing-filled-in", f"“{upload.name}”没有一行填了进展；请填写“{AMOUNT}”等列后再上传。")
    return made


def _filled(upload: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows in which something is filled in."""
    for at, row in read_rows(upload, (CODE, AMOUNT, ON, EVIDENCE)):
        if any(str(row.get(word) or "").strip() for word in FILLED):
            yield at, row


def _told(by: Person, quantity: PlannedQuantity, row: dict[str, Any], at: int) -> dict[str, Any]:
    """Return what a row says, as :func:`planned.report` takes it."""
    code = code_in(row, at)
    region = Region.objects.filter(code=code, code__startswith=by.scope).defer("border").first()
    if region is None:
        raise Refusal("not-your-region", f"{code} 不在您的数据范围内，或没有这个行政区；请删去该行。")
    for word, is_so in ((QUANTITY, quantity.title), (UNIT, quantity.unit)):
        if str(row.get(word) or is_so).strip() != is_so:
            raise Refusal(
                "not-this-quantity", f"“{word}”写的是“{row[word]}”，这里是“{is_so}”；请用本任务量的模板填写。"
            )
    amount = number_in(row, AMOUNT, at, 2)
    if amount is None:
        raise Refusal("no-amount", f"没有填“{AMOUNT}”；请填以{quantity.unit}计的数，不报的请把这一行清空。")
    return {
        "region": region, "amount": Decimal(amount), "on": _day(row[ON]), "evidence": str(row[EVIDENCE] or "")[:500],
        "because": str(row.get(BECAUSE) or ""),
    }  # fmt: skip


def _day(value: Any) -> date:
    """Return the day of a cell."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    said = unicodedata.normalize("NFKC", str(value or "")).strip()
    found = DAY.fullmatch(said)
    try:
        return date(*(int(part) for part in found.groups())) if found else date.fromisoformat(said)
    except ValueError:
        shown = f"写的是“{said[:20]}”，不是日期" if said else "没有填"
        raise Refusal("not-a-day", f"“{ON}”{shown}；请写成 2025-11-30 的样子。") from None
