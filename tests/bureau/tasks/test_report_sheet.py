"""Many reports in one workbook: written, filled in, brought back."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from bureau.refusal import Refusal
from bureau.tasks.models import ProgressReport
from bureau.tasks.report_sheet import COLUMNS, bring_in_reports, write_sheet
from bureau.workbooks import WrongRows

Make = Callable[..., Any]
AT = {label: at for at, label in enumerate(COLUMNS, 1)}


@pytest.fixture
def clerk(registers: None, person: Make) -> Any:
    """Return a clerk of Jilin."""
    return person("clerk", region="220000")


@pytest.fixture
def book(clerk: Any, today: date) -> Workbook:
    """Return the workbook that the clerk downloads."""
    return load_workbook(io.BytesIO(write_sheet(by=clerk, today=today)))


def line(book: Workbook, **words: str) -> int:
    """Return the row of the sheet whose cells begin so."""
    sheet = book.active
    for row in range(3, sheet.max_row + 1):
        if all(str(sheet.cell(row, AT[label]).value or "").startswith(value) for label, value in words.items()):
            return row
    raise AssertionError(words)


def fill(book: Workbook, row: int, **words: Any) -> None:
    """Fill cells of a row in."""
    for label, value in words.items():
        book.active.cell(row, AT[label]).value = value


def bring(book: Workbook, by: Any, now: datetime, today: date) -> list[ProgressReport]:
    """Bring a workbook in."""
    out = io.BytesIO()
    book.save(out)
    return bring_in_reports(by=by, name="填报表.xlsx", contents=out.getvalue(), now=now, today=today)


def test_there_is_a_line_for_every_date_that_is_not_done_and_every_counted_figure(book: Workbook) -> None:
    rows = list(book.active.iter_rows(min_row=3, values_only=True))
    assert {(row[0], row[1]) for row in rows} == {
        *(("吉水保函〔2024〕5号", n) for n in range(1, 9)), *(("吉水保〔2024〕118号", n) for n in range(1, 35)),
    }  # fmt: skip
    assert [row[3] for row in rows if row[4] == "部级遥感监管认定及查处"] == ["2024-11-30", "2025-11-30", "2026-11-30"]
    assert ["年度核查（复核）扰动图斑", "个"] in [list(row[5:7]) for row in rows]


def test_what_is_filled_in_becomes_reports_and_its_lines_go(
    book: Workbook, clerk: Any, now: datetime, today: date
) -> None:
    fill(book, line(book, 到期日="2025-11-30"), 已完成="是", 进展="'=已查处")
    fill(book, line(book, 所计数字="年度核查"), 累计完成=236, 进展="核查 236 个")
    one, two = bring(book, clerk, now, today)
    assert (one.year, one.finishes, one.due.what, one.text) == (2025, True, "部级遥感监管认定及查处", "=已查处")  # type: ignore[union-attr]
    assert (two.year, two.value, two.figure.key, two.finishes) == (2026, Decimal(236), "patches_checked", False)  # type: ignore[union-attr]
    again = load_workbook(io.BytesIO(write_sheet(by=clerk, today=today)))
    with pytest.raises(AssertionError):
        line(again, 到期日="2025-11-30")


def test_an_empty_sheet_makes_nothing(book: Workbook, clerk: Any, now: datetime, today: date) -> None:
    with pytest.raises(Refusal, match="没有一行写了进展"):
        bring(book, clerk, now, today)


def test_each_wrong_line_is_told_once_and_no_report_is_made(
    book: Workbook, clerk: Any, now: datetime, today: date
) -> None:
    good, figure, other = line(book, 到期日="2025-11-30"), line(book, 所计数字="年度核查"), line(book, 序号="5")
    fill(book, good, 进展="好")
    fill(book, figure, 累计完成="很多", 进展="x")
    fill(book, other, 已完成="是", 进展="没有期限却报完成")
    fill(book, other + 1, 序号=99, 进展="x")
    fill(book, other + 2, 到期日="2026-02-30", 进展="x")
    fill(book, other + 3, 已完成="大概", 进展="x")
    fill(book, other + 4, 累计完成="=1+1", 进展="x")
    with pytest.raises(WrongRows) as refused:
        bring(book, clerk, now, today)
    rows = refused.value.rows
    assert [row.split("：")[0] for row in rows] == [f"第 {at} 行" for at in sorted([figure, *range(other, other + 5)])]
    for words in (
        "累计完成“很多”",
        "不能报完成",
        "第 99 项任务",
        "到期日“2026-02-30”",
        "“已完成”填了“大概”",
        "有公式“=1+1”",
    ):
        assert sum(words in row for row in rows) == 1, words
    assert not ProgressReport.objects.exists()


def test_another_county_reports_only_what_it_sees(book: Workbook, person: Make, now: datetime, today: date) -> None:
    fill(book, line(book, 到期日="2025-11-30"), 进展="别人的任务")
    with pytest.raises(WrongRows) as refused:
        bring(book, person("clerk", region="140928"), now, today)
    assert "没有 吉水保〔2024〕118号 第 9 项任务" in refused.value.rows[0]


def test_the_pages_give_it_and_take_it(registers: None, signed_in: Callable[..., Any]) -> None:
    client = signed_in("clerk", region="140928")
    book = load_workbook(io.BytesIO(client.get("/tasks/sheet/").content))
    row = line(book, 所计数字="坡耕地")
    fill(book, row, 累计完成="一", 进展="治理")
    for value, words in (("一", "不合要求"), (1.5, "1 份进展已提交")):
        fill(book, row, 累计完成=value)
        out = io.BytesIO()
        book.save(out)
        given = {"file": SimpleUploadedFile("填报表.xlsx", out.getvalue())}
        assert words in client.post("/tasks/sheet/bring-in/", given, follow=True).content.decode()
    assert ProgressReport.objects.get().value == Decimal("1.5")


def test_a_doubtful_line_is_sent_to_the_page_where_one_can_tick(
    registers: None, person: Make, now: datetime, today: date
) -> None:
    by = person("clerk", region="140900")
    book = load_workbook(io.BytesIO(write_sheet(by=by, today=today)))
    fill(book, line(book, 所计数字="坡耕地"), 累计完成=50, 进展="治理")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(WrongRows) as wrong:
        bring_in_reports(by=by, name="填报表.xlsx", contents=out.getvalue(), now=now, today=today)
    assert "超过文件定的" in wrong.value.rows[0]
    assert "到任务页填报" in wrong.value.rows[0]
