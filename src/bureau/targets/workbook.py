"""Workbooks of targets, out and in (目标工作簿)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from bureau.formulas import safe
from bureau.refusal import Refusal

LARGEST = 2 * 2**20
"""Largest workbook that is taken, bytes (chosen)."""
LARGEST_OPEN = 50 * 2**20
"""Largest sum of its parts when opened, bytes (chosen)."""
MOST_ROWS = 5000
"""Most rows that are read (chosen: a province has some hundred counties)."""
MOST_COLUMNS = 40
"""Most columns that are read (chosen)."""
LARGEST_NUMBER = 10**10
"""Numbers of a cell are less than this (chosen: more than any area or count of a province)."""
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cell(value: Any) -> Any:
    """
    Return what is written into a cell: text that a spreadsheet would take for a formula is escaped (单元格).

    Examples
    --------
    >>> cell("=1+1"), cell("五寨县"), cell(-1.5), cell(None)
    ("'=1+1", '五寨县', -1.5, '')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return float(value)
    return safe(value)


def workbook(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]], notes: Sequence[str]) -> bytes:
    """
    Return a workbook of one table, and a sheet that says where it is from (工作簿).

    Parameters
    ----------
    title : str
        Name of the sheet.
    head : sequence of str
        Columns, with their units.
    rows : iterable of sequence
    notes : sequence of str
        Sources, and whether anything is made up.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append([cell(word) for word in head])
    for row in rows:
        sheet.append([cell(value) for value in row])
    for number, word in enumerate(head, start=1):
        top = sheet.cell(1, number)
        top.font, top.fill = Font(bold=True), PatternFill("solid", fgColor="E4F0EB")
        top.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(number)].width = max(11, 2 + 2 * len(word))
    sheet.freeze_panes = "A2"
    about = book.create_sheet("说明")
    for note in notes:
        about.append([cell(note)])
    about.column_dimensions["A"].width = 100
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def answer(content: bytes, name: str) -> HttpResponse:
    """Return a workbook to be saved (下载)."""
    response = HttpResponse(content, content_type=TYPE)
    from django.utils.http import content_disposition_header

    response["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx")
    response["Cache-Control"] = "private, no-store"
    return response


def rows_of(upload: Any, needed: Sequence[str]) -> list[dict[str, Any]]:
    """
    Return the rows of the first sheet of a workbook, by the words of its first row (读工作簿).

    Parameters
    ----------
    upload : file
        Has ``size`` and ``read``.
    needed : sequence of str
        Columns that have to be there.

    Raises
    ------
    Refusal
        If it is too large, no XLSX, or lacks a column.
    """
    if upload.size > LARGEST:
        raise Refusal("too-large", f"文件有 {upload.size / 2**20:.1f} MB，最多 {LARGEST // 2**20} MB；请只留需要的表。")
    content = upload.read()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_OPEN:
                raise Refusal("too-large", "文件展开后过大；请只留需要的表，另存后再试。")
        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        bounds = {"max_row": MOST_ROWS + 2, "max_col": MOST_COLUMNS}  # a lone cell far out must not fill the memory
        table = [["" if v is None else v for v in row] for row in sheet.iter_rows(values_only=True, **bounds)]
    except Refusal:
        raise
    except Exception as broken:  # openpyxl raises whatever its parts raise
        raise Refusal("not-a-workbook", "文件不是可读的 XLSX；请用导出的工作簿填写，另存为 XLSX 后再导入。") from broken
    if len(table) > MOST_ROWS + 1:
        raise Refusal("too-many-rows", f"表的内容超过 {MOST_ROWS} 行；请去掉多余的行。")
    head = [str(word).strip() for word in table[0]] if table else []
    missing = [word for word in needed if word not in head]
    if missing:
        raise Refusal("columns-missing", f"第一行缺少列：{'、'.join(missing)}；请用导出的工作簿填写。")
    return [dict(zip(head, row, strict=False)) for row in table[1:] if any(value != "" for value in row)]


def number_in(row: dict[str, Any], column: str, line: int) -> Decimal | None:
    """
    Return the number of a cell; None if it is empty (读数).

    Raises
    ------
    Refusal
        If there is something else; the message has the line.
    """
    value = row.get(column, "")
    if value in ("", None):
        return None
    try:
        found = Decimal(str(value).strip().rstrip("%").replace(",", ""))
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= LARGEST_NUMBER:
        raise Refusal("not-a-number", f"第 {line} 行“{column}”是“{value}”，不是数；请改正后再导入。")
    return found


def code_in(row: dict[str, Any], line: int) -> str:
    """
    Return the region code of a row, also where the spreadsheet took it for a number (读代码).

    Raises
    ------
    Refusal
        If it is no code.
    """
    value = row.get("行政区划代码", "")
    code = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    if not (code.isascii() and code.isdigit()) or len(code) not in (6, 9):
        raise Refusal("not-a-code", f"第 {line} 行的行政区划代码“{value}”不是六位或九位数字；请改正后再导入。")
    return code
