"""A table as page and workbook both show it: columns with units, rows, and the sum (表格)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from shuibao.report.bilingual import Text, Wording, html, number

Kind = Literal["text", "count", "km2", "hm2", "m2", "percent", "points", "tonnes", "modulus", "degrees", "metres"]
"""What a column holds; it fixes unit, decimals and the workbook's number format."""

Cell = Text | str | float | int | None
"""What a cell holds: None where there is nothing."""

UNITS: dict[Kind, str] = {
    "text": "", "count": "", "km2": "km²", "hm2": "hm²", "m2": "m²", "percent": "%", "points": "百分点",
    "tonnes": "t/a", "modulus": "t/(km²·a)", "degrees": "°", "metres": "m",
}  # fmt: skip
"""Unit of each kind of column."""

DIGITS: dict[Kind, int] = {
    "text": 0, "count": 0, "km2": 2, "hm2": 2, "m2": 0, "percent": 2, "points": 2, "tonnes": 0, "modulus": 1,
    "degrees": 1, "metres": 0,
}  # fmt: skip
"""Decimals that are shown; the workbook holds the whole number."""


@dataclass(frozen=True)
class Column:
    """
    A column of a table (列).

    Parameters
    ----------
    title : Text
        Heading, without the unit.
    kind : str
        What it holds.
    beside : bool
        Whether the page shows it small under the column before it; the workbook gives it a column of its own.
    decimals : int, optional
        Decimals that are shown, where they are not those of the kind.
    """

    title: Text
    kind: Kind = "text"
    beside: bool = False
    decimals: int | None = None

    @property
    def unit(self) -> Text:
        """Return the unit."""
        unit = UNITS[self.kind]
        return Text(unit, "pp" if self.kind == "points" else unit)

    @property
    def digits(self) -> int:
        """Return the decimals that are shown."""
        return DIGITS[self.kind] if self.decimals is None else self.decimals


@dataclass(frozen=True)
class Table:
    """
    A table (表).

    Parameters
    ----------
    id : str
        Name for links.
    title : Text
        Title.
    columns : sequence of Column
        Columns.
    rows : sequence of sequence
        Cells, in the columns' units, not rounded.
    total : sequence, optional
        The sum, as the last row.
    note : Text, optional
        What is to be said under it.
    """

    id: str
    title: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    note: Text | None = field(default=None)


def table_html(table: Table, label: Wording = "") -> str:
    """
    Return a table for the page (表格 HTML).

    Parameters
    ----------
    table : Table
        The table.
    label : Text or str
        A label beside the title, as for made-up land.
    """
    heads = "".join(_head(column) for column in table.columns if not column.beside)
    rows = "".join(f"<tr>{_cells(table.columns, row)}</tr>" for row in table.rows)
    foot = f'<tfoot><tr class="total">{_cells(table.columns, table.total)}</tr></tfoot>' if table.total else ""
    tag = f' <span class="tag simulated">{html(label)}</span>' if label else ""
    note = f'<p class="note">{html(table.note)}</p>' if table.note else ""
    return (
        f'<figure class="table" id="table-{escape(table.id)}"><figcaption>{html(table.title)}{tag}</figcaption>'
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>{foot}</table></div>{note}</figure>'
    )


def _head(column: Column) -> str:
    unit = f'<small class="unit">{html(column.unit)}</small>' if column.unit.zh else ""
    kind = "" if column.kind == "text" else ' class="n"'
    return f'<th scope="col"{kind}>{html(column.title)}{unit}</th>'


def _cells(columns: Sequence[Column], row: Sequence[Cell]) -> str:
    out: list[str] = []
    for at, (column, value) in enumerate(zip(columns, row, strict=True)):
        shown = cell_html(column, value)
        if column.beside:
            small = "" if value in (0, None) else f"<small>{shown}{column.unit.zh}</small>"
            out[-1] = out[-1].removesuffix("</td>") + f"{small}</td>"
        elif at == 0:
            out.append(f'<th scope="row">{shown}</th>')
        else:
            out.append(f'<td class="n">{shown}</td>' if column.kind != "text" else f"<td>{shown}</td>")
    return "".join(out)


def cell_html(column: Column, value: Cell) -> str:
    """
    Return what the page shows in a cell (单元格 HTML).

    Parameters
    ----------
    column : Column
        Its column.
    value : Text, str, float, int or None
        What it holds.

    Examples
    --------
    >>> cell_html(Column(Text("面积", "Area"), "km2"), 1670.4387)
    '1,670.44'
    """
    if value is None:
        return "—"
    if isinstance(value, Text | str):
        return html(value)
    if value == 0 and column.kind != "points":
        return '<span class="zero">0</span>'
    return number(value, column.digits, sign=column.kind == "points")
