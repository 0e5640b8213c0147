"""
Workbooks that people bring in (导入工作簿), opened with care and told what is wrong row by row, and those they take away.

The workbook is read by openpyxl, which tells a formula from its value: a formula is never worked out, as nobody can see what
it gives elsewhere. Files with macros, broken ones, and those that unpack to too much are refused.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from bureau.downloads import handed_out
from bureau.formulas import safe, unsafe
from bureau.refusal import Refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 5 * 2**20
"""Bytes of a workbook at most (chosen)."""
ROWS = 2000
"""Rows of a sheet at most (chosen)."""
COLUMNS = 40
"""Columns that are read (chosen): a lone cell far out must not fill the memory."""
UNPACKED = 100 * 2**20
"""Bytes that an Office file may unpack to at most (chosen)."""
MEMBERS = 2000
"""Members of an Office file at most (chosen)."""

NARROWEST, WIDEST, WORDS = 11, 42, 100
"""Widths of a column at least, at most, and at most where there is no head, characters (chosen)."""
LOOKED_AT = 200
"""Rows by which widths are found (chosen)."""


class Formula(str):
    """What a formula says (公式)."""

    __slots__ = ()


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell (一处问题): what was found, what is allowed, what to do."""

    row: int
    column: str
    message: str


class WrongRows(Refusal):
    """A workbook with rows that cannot be read (行有误): ``rows`` has what is wrong with each."""

    def __init__(self, rows: list[Any]) -> None:
        super().__init__("wrong-rows", f"有 {len(rows)} 处不合要求，全部没有导入；请改正后重新上传。")
        self.rows = rows


def open_workbook(
    name: str, contents: bytes, titles: Sequence[str], needed: Sequence[str] | None = None, *, largest: int = LARGEST,
    rows: int = ROWS,
) -> dict[str, list[list[Any]]]:  # fmt: skip
    """
    Return the cells of some sheets of a workbook (打开工作簿).

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    contents : bytes
    titles : sequence of str
        Sheets that are read.
    needed : sequence of str, optional
        Those that must be there; all of them if not given.
    largest, rows : int
        Bytes, and rows of a sheet, at most.

    Raises
    ------
    Refusal
        If it is no workbook, too large, has macros, or lacks a sheet.
    """
    sheets = _sheets(name, contents, lambda book: [sheet for sheet in book if sheet.title in titles], largest, rows)
    missing = [title for title in (titles if needed is None else needed) if title not in sheets]
    if missing:
        raise Refusal("no-sheet", f"“{name}”缺少工作表“{'”“'.join(missing)}”；请从平台下载一份，填好后原样上传。")
    return sheets


def first_sheet(name: str, contents: bytes, *, largest: int = LARGEST, rows: int = ROWS) -> list[list[Any]]:
    """
    Return the cells of the first sheet of a workbook, whatever it is called (第一张表).

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    contents : bytes
    largest, rows : int
        Bytes, and rows, at most.

    Raises
    ------
    Refusal
        If it is no workbook, too large, or has macros.
    """
    return next(iter(_sheets(name, contents, lambda book: book[:1], largest, rows).values()))


def _sheets(
    name: str, contents: bytes, chosen: Callable[[list[Any]], list[Any]], largest: int, rows: int
) -> dict[str, list[list[Any]]]:
    """Return the cells of the sheets of a workbook that are chosen, by their titles."""
    if not name.lower().endswith(".xlsx") or not contents.startswith(b"PK\x03\x04"):
        raise Refusal("not-a-workbook", f"“{name}”不是 XLSX 工作簿；请从平台下载一份，填好后原样上传。")
    if len(contents) > largest:
        raise Refusal(
            "too-large",
            f"“{name}”有 {len(contents) / 2**20:.1f} MB；不得超过 {largest // 2**20} MB，请删去多余的工作表。",
        )
    check_office(name, contents)
    try:
        book = load_workbook(io.BytesIO(contents), read_only=True, data_only=False)
        return {sheet.title: _cells(sheet, rows) for sheet in chosen(book.worksheets)}
    except Refusal:
        raise
    except Exception as broken:  # openpyxl raises whatever its parts raise
        raise Refusal("not-a-workbook", f"“{name}”打不开，可能已损坏；请用原软件重新保存后再传。") from broken


def _cells(sheet: Any, most: int) -> list[list[Any]]:
    """Return the cells of a sheet; a formula is kept as it is written, marked as one."""
    rows: list[list[Any]] = []
    for row in sheet.iter_rows(max_col=COLUMNS):
        if len(rows) > most:
            raise Refusal("too-large", f"工作表“{sheet.title}”超过 {most} 行；请拆成几份导入。")
        rows.append([Formula(str(c.value)) if c.data_type == "f" else unsafe(c.value) for c in row])
    return rows


def check_office(name: str, contents: bytes) -> None:
    """
    Refuse an Office file that has macros, is broken, or unpacks to too much (检查办公文件).

    Raises
    ------
    Refusal
    """
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as broken:
        raise Refusal("evidence-contents", f"“{name}”打不开，可能已损坏；请用原软件重新保存后再传。") from broken
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        raise Refusal("evidence-contents", f"“{name}”不是办公文件；请用原软件另存后再传。")
    if any("vbaproject" in member.lower() for member in names):
        raise Refusal("evidence-macro", f"“{name}”含有宏；请另存为不含宏的文件后再传。")
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED:
        raise Refusal("evidence-size", f"“{name}”解开后过大；请删去不需要的图片或工作表后再传。")


@dataclass(frozen=True)
class Table:
    """
    A table of a workbook that people take away (表).

    Attributes
    ----------
    title : str
        Name of its sheet.
    head : sequence of str
        Columns, with their units; none where the rows are lines of words.
    rows : iterable of sequences
    note : str
        A line above the head, such as 模拟数据.
    """

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[Any]]
    note: str = ""


def about(lines: Iterable[str]) -> Table:
    """Return the sheet that says where tables are from, whether anything is made up or a draft (说明页)."""
    return Table("说明", (), [[line] for line in lines])


def write_workbook(*tables: Table) -> bytes:
    """
    Return a workbook (写工作簿): a head that stays, columns as wide as what they hold, long text in several lines.

    Text that a spreadsheet would take for a formula is escaped (:func:`bureau.formulas.safe`).

    Parameters
    ----------
    *tables : Table
        A sheet each.
    """
    book = Workbook(write_only=True)
    for table in tables:
        _write(book, table)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _write(book: Workbook, table: Table) -> None:
    """Add a table to a workbook."""
    rows = [[_written(value) for value in row] for row in table.rows]
    widths = _widths(table, rows)
    sheet = book.create_sheet(table.title[:31])
    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    if table.head:
        sheet.freeze_panes = "A3" if table.note else "A2"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if table.note:
        sheet.append([safe(table.note)])
    if table.head:
        cells = [_top(sheet, safe(word)) for word in table.head]
        for cell in cells:
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="FFE4F0EB")
        sheet.append(cells)
    for row in rows:
        wraps = any(_length(value) > width for value, width in zip(row, widths, strict=False))
        sheet.append([_top(sheet, value) for value in row] if wraps else row)


def _written(value: Any) -> Any:
    """Return a value as it is written into a cell."""
    return float(value) if isinstance(value, Decimal) else safe(value)


def _top(sheet: Any, value: Any) -> WriteOnlyCell:
    """Return a cell whose text wraps."""
    cell = WriteOnlyCell(sheet, value)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _widths(table: Table, rows: Sequence[Sequence[Any]]) -> list[int]:
    """Return the widths of columns, by what the head and the first rows hold."""
    most = WIDEST if table.head else WORDS
    columns = zip_longest(table.head, *rows[:LOOKED_AT])
    return [min(most, max(NARROWEST, 2 + max(map(_length, column)))) for column in columns]


def _length(value: Any) -> int:
    """Return how long a value is; Chinese characters are as wide as two others."""
    text = "" if value is None else str(value)
    return len(text) + sum(character > "\u2e7f" for character in text)


def answer_with(contents: bytes, name: str) -> HttpResponse:
    """
    Return a workbook to be saved, kept by nobody on the way (下载工作簿).

    Parameters
    ----------
    contents : bytes
    name : str
        Name of the file, without what it ends in.
    """
    return handed_out(contents, f"{name}.xlsx", XLSX)
