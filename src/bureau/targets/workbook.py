"""What is read of the workbooks of targets (目标工作簿)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bureau.refusal import Refusal
from bureau.workbooks import Formula, first_sheet

LARGEST = 2 * 2**20
"""Largest workbook that is taken, bytes (chosen)."""
MOST_ROWS = 5000
"""Most rows that are read (chosen: a province has some hundred counties)."""
LARGEST_NUMBER = 10**10
"""Numbers of a cell are less than this (chosen: more than any area or count of a province)."""


def refuse_formula(value: Any) -> None:
    """
    Refuse a cell with a formula (拒绝公式).

    Raises
    ------
    Refusal
    """
    if isinstance(value, Formula):
        raise Refusal("formula", f"是公式 {value[:40]}；请改为数值（选择性粘贴）后再导入。")


def demand_no_formula(row: dict[str, Any], line: int) -> None:
    """
    Refuse a row with a formula (拒绝公式).

    Raises
    ------
    Refusal
        The message has the line.
    """
    for word, value in row.items():
        if isinstance(value, Formula):
            raise Refusal("formula", f"第 {line} 行“{word}”是公式 {value[:40]}；请改为数值（选择性粘贴）后再导入。")


def read_rows(upload: Any, needed: Sequence[str]) -> list[tuple[int, dict[str, Any]]]:
    """
    Return the rows of the first sheet of a workbook with their numbers, by the words of its first row (读工作簿).

    Parameters
    ----------
    upload : file
        Has ``name`` and ``read``.
    needed : sequence of str
        Columns that have to be there.

    Raises
    ------
    Refusal
        If it is too large, no XLSX, has macros, or lacks a column.
    """
    cells = first_sheet(upload.name, upload.read(), largest=LARGEST, rows=MOST_ROWS)
    table = [["" if value is None else value for value in row] for row in cells]
    head = [str(word).strip() for word in table[0]] if table else []
    missing = [word for word in needed if word not in head]
    if missing:
        raise Refusal("columns-missing", f"第一行缺少列：{'、'.join(missing)}；请用平台导出的工作簿填写。")
    return [
        (line, dict(zip(head, row, strict=False)))
        for line, row in enumerate(table[1:], start=2)
        if any(value != "" for value in row)
    ]


def has_places(number: Decimal, places: int) -> bool:
    """
    Return whether a number has no more decimals than some (小数位数).

    Examples
    --------
    >>> has_places(Decimal("75.120"), 2), has_places(Decimal("75.123"), 2)
    (True, False)
    """
    return number == round(number, places)


def number_of(value: Any, places: int) -> Decimal | None:
    """
    Return the number of a cell, full-width digits too; None if it is empty (读数).

    Raises
    ------
    Refusal
        If there is something else, a formula, or more decimals than ``places``.
    """
    refuse_formula(value)
    said = unicodedata.normalize("NFKC", str("" if value is None else value)).strip()
    if not said:
        return None
    try:
        found = Decimal(said.rstrip("%").replace(",", ""))
    except ArithmeticError:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= LARGEST_NUMBER:
        raise Refusal("not-a-number", f"“{said[:20]}”不是数；请填数字，如 12.5。")
    if not has_places(found, places):
        raise Refusal("too-many-decimals", f"{said[:20]} 小数过多；至多 {places} 位小数，请四舍五入后再填。")
    return found


def code_of(value: Any) -> str:
    """
    Return the region code of a cell, also where the spreadsheet took it for a number (读代码).

    Raises
    ------
    Refusal
        If it is no code.
    """
    refuse_formula(value)
    code = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    if not (code.isascii() and code.isdigit()) or len(code) not in (6, 9):
        raise Refusal("not-a-code", f"“{code[:20]}”不是六位或九位数字；请照导出的代码填写，或改正后再导入。")
    return code


def number_in(row: dict[str, Any], column: str, line: int, places: int) -> Decimal | None:
    """
    Return the number of a cell as :func:`number_of` does (读一格的数).

    Raises
    ------
    Refusal
        The message has the line and the column.
    """
    try:
        return number_of(row.get(column, ""), places)
    except Refusal as refused:
        raise Refusal(refused.code, f"第 {line} 行“{column}”：{refused.message}") from None


def code_in(row: dict[str, Any], line: int) -> str:
    """
    Return the region code of a row as :func:`code_of` does (读一行的代码).

    Raises
    ------
    Refusal
        The message has the line.
    """
    try:
        return code_of(row.get("行政区划代码", ""))
    except Refusal as refused:
        raise Refusal(refused.code, f"第 {line} 行“行政区划代码”：{refused.message}") from None
