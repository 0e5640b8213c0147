"""Registers as workbooks: out, changed, and in again."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from bureau.formulas import safe, unsafe
from bureau.refusal import Refusal
from bureau.tasks.models import Figure, Register, Task
from bureau.tasks.workbook import data_of, write_register
from bureau.tasks.workbook_reading import bring_in, read_register
from bureau.workbooks import WrongRows

Make = Callable[..., Any]


@pytest.fixture
def book(registers: None) -> Workbook:
    """Return the workbook of Xinzhou's register, under a number of its own."""
    made = load_workbook(io.BytesIO(write_register(data_of(Register.objects.get(name="xinzhou-plan")))))
    made["文件"]["B2"] = "忻水保〔2026〕1号"
    return made


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wrong(book: Workbook) -> list[str]:
    """Return what is wrong with a workbook."""
    with pytest.raises(WrongRows) as refused:
        read_register("台账.xlsx", saved(book))
    return refused.value.rows


@pytest.mark.parametrize("name", ["jilin-zones", "jilin-plan", "xinzhou-plan"])
def test_what_is_written_is_read_the_same(name: str, registers: None) -> None:
    data = data_of(Register.objects.get(name=name))
    found = read_register("台账.xlsx", write_register(data))
    del data["register"]["id"], data["register"]["status"]
    assert found == data


def test_what_is_brought_in_is_the_same_again_and_a_draft(book: Workbook, person: Make) -> None:
    made = bring_in(by=person("review", region="140900"), name="台账.xlsx", contents=saved(book))
    one, other = data_of(Register.objects.get(name="xinzhou-plan")), data_of(made)
    assert other["register"]["status"] == "draft"
    assert {**one, "register": None} == {**other, "register": None}


def test_bringing_it_in_again_renews_it(book: Workbook, person: Make) -> None:
    by = person("review", region="140900")
    made = bring_in(by=by, name="台账.xlsx", contents=saved(book))
    kept = Task.objects.get(register=made, number=2).pk
    book["任务"]["C3"] = "改过的题名"
    book["任务"].delete_rows(37)  # the last one, 36
    again = bring_in(by=by, name="台账.xlsx", contents=saved(book))
    assert again == made
    assert Task.objects.get(pk=kept).title == "改过的题名"
    assert again.tasks.count() == 35


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_no_text_becomes_a_formula_and_every_text_comes_back(text: str) -> None:
    assert not str(safe(text)).startswith(("=", "+", "-", "@"))
    assert unsafe(safe(text)) == text or text.startswith("'")


def test_text_that_looks_like_a_formula_is_written_as_text(registers: None) -> None:
    data = data_of(Register.objects.get(name="jilin-zones"))
    data["task"][0]["title"] = '=HYPERLINK("http://x","点我")'
    contents = write_register(data)
    assert (
        CalamineWorkbook.from_filelike(io.BytesIO(contents))
        .get_sheet_by_name("任务")
        .to_python()[1][2]
        .startswith("'=")
    )
    assert load_workbook(io.BytesIO(contents))["任务"]["C2"].data_type == "s"
    assert read_register("台账.xlsx", contents)["task"][0]["title"] == data["task"][0]["title"]


def test_each_wrong_row_is_told_once_and_nothing_is_written(book: Workbook, person: Make) -> None:
    before = (Register.objects.count(), Task.objects.count(), Figure.objects.count())
    tasks, dues, figures, units = (book[name] for name in ("任务", "期限", "数字", "单位"))
    tasks["A2"], tasks["C3"], tasks["A5"], tasks["C6"] = "一", None, 3, "=1+1"
    tasks["C7"] = "很长" * 60
    dues["A2"], dues["C3"] = 99, "也许"
    figures["E2"], figures["D3"] = "很多", "大约"
    units["B2"] = "全世界"
    with pytest.raises(WrongRows) as refused:
        bring_in(by=person("review", region="140900"), name="台账.xlsx", contents=saved(book))
    rows = refused.value.rows
    for line in (
        "“任务”第 2 行：任务序号“一”", "“任务”第 3 行：没有写任务", "“任务”第 5 行：序号 3 出现两次", "“任务”第 6 行：有公式“=1+1”",
        "“任务”第 7 行：“很长", "“期限”第 2 行：“任务”表里没有序号 99", "“期限”第 3 行：“也许”", "“数字”第 2 行：数值“很多”",
        "“数字”第 3 行：“大约”", "“单位”第 2 行：“全世界”",
    ):  # fmt: skip
        assert [row.startswith(line) for row in rows].count(True) == 1, line
    places = [row.split("：")[0] for row in rows if "第" in row]
    assert len(places) == len(set(places)), "one message a row"
    assert all("；" in row for row in rows)
    assert (Register.objects.count(), Task.objects.count(), Figure.objects.count()) == before


@pytest.mark.parametrize("value", ["0", "-3", "NaN", "Infinity", "1e99", "0.00001", "", True])
def test_a_number_that_is_none_is_refused(value: Any, book: Workbook) -> None:
    book["数字"]["E2"] = value
    assert any(row.startswith("“数字”第 2 行：数值") for row in wrong(book))


def test_missing_columns_sheets_and_cells_are_told(book: Workbook) -> None:
    book["任务"]["C1"] = "工作"
    book["文件"]["B1"] = None
    assert [row for row in wrong(book) if "缺少" in row] == [
        "“文件”表缺少“名称”；请在该行第二格填写。",
        "“任务”表缺少列“任务”；请保留下载时的表头。",
    ]
    del book["任务"]
    with pytest.raises(Refusal, match="缺少工作表“任务”"):
        read_register("台账.xlsx", saved(book))


@pytest.mark.parametrize(
    "name, contents", [("a.xls", b"PK\x03\x04"), ("a.xlsx", b"text"), ("a.xlsx", b"PK\x03\x04...")]
)
def test_what_is_no_workbook_is_refused(name: str, contents: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_register(name, contents)
    assert refused.value.code in ("not-a-workbook", "evidence-contents")


def test_a_register_that_came_with_the_product_is_not_overwritten(book: Workbook, person: Make) -> None:
    book["文件"]["B2"] = "忻政办发〔2024〕4号"
    with pytest.raises(Refusal) as refused:
        bring_in(by=person("review", region="140900"), name="台账.xlsx", contents=saved(book))
    assert refused.value.code == "verified-register"


@pytest.mark.parametrize("duty, region", [("review", "140928"), ("review", "220000"), ("clerk", "140900")])
def test_another_region_may_not_bring_it_in(duty: str, region: str, book: Workbook, person: Make) -> None:
    with pytest.raises(Refusal) as refused:
        bring_in(by=person(duty, region=region), name="台账.xlsx", contents=saved(book))
    assert refused.value.code == "not-your-region"
