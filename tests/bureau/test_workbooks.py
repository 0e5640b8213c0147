"""Workbooks that people take away: written in one way, whoever writes them."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bureau.workbooks import NARROWEST, WIDEST, Table, about, write_workbook

HEAD = ("行政区划代码", "地区", "说明")
LONG = "这一格写得很长，" * 12


def test_the_head_stays_and_the_note_is_above_it() -> None:
    book = load_workbook(
        io.BytesIO(write_workbook(Table("甲", HEAD, []), Table("乙", HEAD, [], "模拟数据"), about(["草案"])))
    )
    assert book.sheetnames == ["甲", "乙", "说明"]
    assert (book["甲"].freeze_panes, book["乙"].freeze_panes, book["说明"].freeze_panes) == ("A2", "A3", None)
    assert [cell.value for cell in book["甲"][1]] == list(HEAD)
    assert book["乙"]["A1"].value == "模拟数据"
    assert [cell.value for cell in book["乙"][2]] == list(HEAD)
    assert all(sheet.font.bold for sheet in (*book["甲"][1], *book["乙"][2]))
    assert book["说明"]["A1"].value == "草案"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_no_cell_is_a_formula_wherever_it_stands(text: str) -> None:
    book = load_workbook(io.BytesIO(write_workbook(Table("表", (text,), [[text]], text), about([text]))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert len(cells) == 4
    assert all(cell.data_type == "s" and cell.value == f"'{text}" for cell in cells)


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    sheet = load_workbook(io.BytesIO(write_workbook(Table("表", HEAD, [[Decimal("1.50"), -2, None]])))).active
    assert [cell.value for cell in sheet[2]] == [1.5, -2, None]


def test_columns_are_as_wide_as_what_they_hold_and_long_text_wraps() -> None:
    sheet = load_workbook(io.BytesIO(write_workbook(Table("表", HEAD, [["1", "五寨县", LONG], ["2", "", ""]])))).active
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [14, NARROWEST, WIDEST]
    assert all(cell.alignment.wrap_text and cell.alignment.vertical == "top" for cell in sheet[2])


def test_only_one_place_writes_workbooks() -> None:
    rooms = Path(__file__).parents[2] / "src/bureau"
    found = {
        path.relative_to(rooms).as_posix() for path in rooms.glob("*/*.py") if "Workbook(" in path.read_text("utf-8")
    }
    assert found == {"office/bringing.py"}, (
        "the template of people has lists to choose from, and is written cell by cell"
    )
