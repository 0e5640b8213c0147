"""Lists and totals that come with the shapes, as CSV or XLSX (清单与汇总表)."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.fields import AREA_UNITS
from shuibao.delimitation.acceptance.submitted import texts

TOP = 12
"""Rows among which the heading is looked for."""

MOST_ROWS = 2_000_000
"""Rows of a sheet that are read at most."""

COUNTS = {"zones": "zones", "个数": "zones", "图斑数": "zones", "图斑个数": "zones", "数量": "zones", "count": "zones"}
"""How tables of totals call the number of zones."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class ListTable:
    """
    A table that stands beside the shapes (清单或汇总表).

    Parameters
    ----------
    where : str
        File, and sheet where it has several.
    names : tuple of str
        Standard names of the columns that are known.
    rows : tuple of mapping of str to str
        Values by standard name, as text; what is under unknown headings stands under ``*``, joined.
    """

    where: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def area(self) -> str:
        """Return the column of areas; hectares before other units."""
        return next((name for name in ("area_hm2", "area_m2", "area_km2") if name in self.names), "")


def read_tables(name: str, path: Path, names: Mapping[str, str], ledger: Ledger) -> list[ListTable]:
    """
    Return the tables of a CSV or XLSX that list zones or their totals (读取清单与汇总).

    Parameters
    ----------
    name : str
        Its name in the package.
    path : Path
        Where it lies.
    names : mapping of str to str
        Standard name for every way a heading is written, in small letters.
    ledger : Ledger
        A file that cannot be read is noted here.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheets = list(_csv(path) if path.suffix.lower() == ".csv" else _xlsx(path))
    except Exception as error:  # readers of damaged files fail in every way there is
        words = " ".join(str(error).split())[:200] or type(error).__name__
        found = (f"读不了，可能不完整或已损坏（{words}）", f"it cannot be read, and may be damaged ({words})")
        ledger.file("files-unreadable", name, found)
        return []
    tables = []
    for sheet, rows in sheets:
        table = _table(f"{name}:{sheet}" if sheet else name, rows, {**names, **COUNTS})
        if table is not None:
            tables.append(table)
    return tables


def _csv(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gbk")
    yield "", [list(row) for row in csv.reader(io.StringIO(text))]


def _xlsx(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            cells = sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
            yield sheet.title, [texts(list(row), len(row)) for row in cells]
    finally:
        book.close()


def _standard(heading: str, names: Mapping[str, str]) -> str:
    """Return the standard name of a heading; empty if it is not known."""
    return names.get(heading.strip().lower().replace("\n", ""), "")


def _table(where: str, rows: Sequence[Sequence[Any]], names: Mapping[str, str]) -> ListTable | None:
    """Return the table that some rows hold: its heading is the first row with an area and something else."""
    for top, row in enumerate(rows[:TOP]):
        known = [_standard(str(cell or ""), names) for cell in row]
        if AREA_UNITS.keys() & set(known) and len({name for name in known if name}) > 1:
            below = [row for row in rows[top + 1 :] if not _is_heading(row, known, names)]
            return ListTable(where, tuple(sorted({n for n in known if n})), tuple(_rows(below, known)))
    return None


def _is_heading(row: Sequence[Any], known: Sequence[str], names: Mapping[str, str]) -> bool:
    """Tell whether a row is a second heading, in another language."""
    same = [_standard(str(cell or ""), names) == name for cell, name in zip(row, known, strict=False) if name]
    return bool(same) and sum(same) * 2 > len(same)


def _rows(rows: Sequence[Sequence[Any]], known: Sequence[str]) -> Iterator[Row]:
    for row in rows:
        if not any(row):
            continue
        found: dict[str, str] = {}
        for name, cell in zip(known, row, strict=False):
            value = str(cell).strip()
            if name:
                found.setdefault(name, value)
            elif value:
                found["*"] = f"{found.get('*', '')} {value}".strip()
        yield found
