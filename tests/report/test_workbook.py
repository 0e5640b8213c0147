"""Laws of the workbook: timeless, safe, and equal to the page's tables."""

from __future__ import annotations

import math
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from tests.report.conftest import FORMULA

from shuibao.report.bulletin import Bulletin
from shuibao.report.parameter_words import unit_text
from shuibao.report.workbook import UNSAFE, escaped, sheets
from shuibao.rules.pack import pack_ids, read_pack

NAMES = ["总表", "县级强度", "地类", "坡度", "陡坡地图斑", "小流域", "目标", "参数", "来源"]


@pytest.fixture(scope="module")
def book(report: Path) -> Workbook:
    return load_workbook(report / "tables.xlsx")


def same(one: list[float], other: list[float]) -> bool:
    """Tell whether two rows of numbers are equal to the sixteen digits that a workbook holds."""
    return len(one) == len(other) and all(math.isclose(a, b, rel_tol=1e-15) for a, b in zip(one, other, strict=True))


def test_the_workbook_has_the_sheets_in_order(book: Workbook) -> None:
    assert book.sheetnames == NAMES


def test_every_sheet_begins_with_the_label_of_made_up_land_and_keeps_its_head_in_sight(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert str(sheet.cell(1, 1).value).startswith("模拟数据")
        assert sheet.freeze_panes == "B4"
        assert sheet.cell(3, 1).font.bold


def test_the_workbook_bears_no_time(report: Path) -> None:
    with zipfile.ZipFile(report / "tables.xlsx") as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert core.count("2000-01-01T00:00:00Z") == 2


def test_every_number_of_the_tables_stands_in_the_workbook_unrounded(book: Workbook, bulletin: Bulletin) -> None:
    compared = 0
    for name, tables in sheets(bulletin):
        found = [[float(c.value) for c in row if isinstance(c.value, int | float)] for row in book[name].iter_rows()]
        for table in tables:
            for cells in [*table.rows, *([table.total] if table.total else [])]:
                numbers = [float(v) for v in cells if isinstance(v, int | float)]
                assert any(same(numbers, row) for row in found), (name, cells)
                compared += len(numbers)
    assert compared > 200


def test_no_cell_is_a_formula_and_text_that_looks_like_one_is_quoted(book: Workbook) -> None:
    texts = [
        cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)
    ]
    assert all(cell.data_type == "s" for cell in texts)
    assert not [cell.value for cell in texts if cell.value.startswith(UNSAFE)]
    assert f"'{FORMULA}" in {cell.value for cell in texts}


@given(text=st.text(max_size=20))
def test_escaped_text_never_begins_a_formula_and_loses_nothing_that_can_be_seen(text: str) -> None:
    safe = escaped(text)
    assert not safe.startswith(UNSAFE)
    assert "".join(ch for ch in safe.removeprefix("'") if ch.isprintable()) == "".join(
        ch for ch in text.removeprefix("'") if ch.isprintable()
    )


def test_headings_name_their_units(book: Workbook) -> None:
    heads = [cell.value for cell in book["目标"][3]]
    assert heads[:5] == ["县级行政区", "土地面积（km²）", "水土流失面积（km²）", "水土保持率（%）", "2025 年目标（%）"]


def test_every_parameter_and_checksum_stands_in_the_workbook(book: Workbook, bulletin: Bulletin) -> None:
    keys = {cell.value for cell in book["参数"]["B"]}
    assert {p["key"] for p in bulletin.parameters} <= keys
    sources = {cell.value for cell in book["来源"]["C"]}
    assert {d for record in bulletin.records.values() for d in record["depends"]["files"].values()} <= sources


def test_units_settings_and_classes_are_in_chinese(book: Workbook, bulletin: Bulletin) -> None:
    heads = [cell.value for cell in book["参数"][3]]
    columns = {head: [row[k].value for row in book["参数"].iter_rows(min_row=4)] for k, head in enumerate(heads)}
    assert {"km2", "hm2", "deg", "percent", "t km-2 a-1"}.isdisjoint(columns["单位"])
    assert "°" in columns["单位"]
    values = dict(zip(columns["键"], columns["值"], strict=True))
    assert values["conservation_rate.eroded_from"] == "轻度"
    assert "name_en" not in str(values["land_class.classes"])
    sources = {row[1].value: row[2].value for row in book["来源"].iter_rows(min_row=4)}
    assert sources["高程"].startswith("文件 inputs/dem.tif")
    assert bulletin.region.erosion_region not in sources.values()


@pytest.mark.parametrize("pack", pack_ids())
def test_every_unit_of_the_packs_is_written_with_powers_above(pack: str) -> None:
    for entry in read_pack(pack).entries:
        unit = unit_text(str(entry.words["unit"]))
        assert not re.search(r"(?:hm|km|m|cm)[0-9-]|-\d|1e4", f"{unit.zh} {unit.en}"), entry.key
