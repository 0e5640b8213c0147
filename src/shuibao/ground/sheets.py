"""Tables that people write: XLSX and CSV in, as columns of text, numbers and dates (表格读取)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from shuibao.messages import ShuibaoError

MOST_TITLES = 10
"""Rows in which the heading is looked for: people put titles above it."""

_FEWEST_KNOWN = 2


def read_sheet(path: Path, known: Collection[str]) -> dict[str, list[Any]]:
    """
    Read the first sheet of a workbook, or a CSV file (读取表格).

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.csv``; CSV in UTF-8 or GBK.
    known : collection of str
        Names of columns, in small letters: the heading is the first row that holds two of them.

    Returns
    -------
    dict of str to list
        Columns by their headings; empty cells are None, empty rows are left out.

    Raises
    ------
    ShuibaoError
        If the file cannot be read, or has no such heading.
    """
    rows = _workbook(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    for k, row in enumerate(rows[:MOST_TITLES]):
        names = ["" if value is None else str(value).strip() for value in row]
        if sum(name.lower() in known for name in names) >= _FEWEST_KNOWN:
            body = [r for r in rows[k + 1 :] if any(v not in (None, "") for v in r)]
            return {
                name: [None if c >= len(r) or r[c] == "" else r[c] for r in body]
                for c, name in enumerate(names)
                if name
            }
    spoken = sorted(name for name in known if not name.isascii()) or sorted(known)
    raise ShuibaoError(
        f"{path.name} 前 {MOST_TITLES} 行中没有表头（至少两个认识的列名，可用：{'、'.join(spoken[:12])}）；请补上表头。",
        f"{path.name} has no heading in its first {MOST_TITLES} rows (two known columns at least, such as:"
        f" {', '.join(sorted(name for name in known if name.isascii())[:8])}).",
    )


def _workbook(path: Path) -> list[Sequence[Any]]:
    try:
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise ShuibaoError(
            f"{path.name} 不是可读的 XLSX（{error}）；请用 Excel 或 WPS 另存为 .xlsx。",
            f"{path.name} is no readable XLSX ({error}); save it as .xlsx again.",
        ) from error


def _csv(path: Path) -> list[Sequence[Any]]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(raw.decode(encoding), newline="")))
        except UnicodeDecodeError:
            continue
    raise ShuibaoError(
        f"{path.name} 既不是 UTF-8 也不是 GBK；请另存为 UTF-8。",
        f"{path.name} is in neither UTF-8 nor GBK; save it as UTF-8.",
    )
