"""Results on standard output: a table for people, CSV or JSON for programs (结果输出)."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import typer

Row = Mapping[str, Any]

LONGEST = 80
"""Characters of a cell of the table for people; what is longer ends in … and is whole in CSV and JSON."""


class Format(StrEnum):
    """Forms that results can be printed in (输出格式)."""

    table = "table"
    csv = "csv"
    json = "json"


def print_rows(rows: Sequence[Row], headings: Mapping[str, str], form: Format, *, note: str = "") -> None:
    """
    Print rows of results (输出结果表).

    Parameters
    ----------
    rows : sequence of mapping
        Results.
    headings : mapping of str to str
        Columns of the table for people, with their headings; CSV and JSON have all columns under their own names.
    form : Format
        Table, CSV or JSON.
    note : str
        A line below the table for people.
    """
    if form is Format.json:
        typer.echo(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1))
    elif form is Format.csv:
        typer.echo(csv_of(rows, headings), nl=False)
    else:
        _print_table(rows, headings)
        if note:
            typer.echo(note)


def csv_of(rows: Sequence[Row], names: Iterable[str]) -> str:
    """
    Return rows of results as CSV (结果成 CSV).

    Parameters
    ----------
    rows : sequence of mapping
        Results, all with the same columns.
    names : iterable of str
        Columns where there are no rows.

    Examples
    --------
    >>> csv_of([{"code": "A1", "area": 1.5}], []).splitlines()
    ['code,area', 'A1,1.5']
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]) if rows else list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _print_table(rows: Sequence[Row], headings: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, header_style="bold")
    for name, heading in headings.items():
        number = all(isinstance(row.get(name), int | float) or row.get(name) is None for row in rows)
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_shown(row.get(name))) for name in headings))
    width = None if sys.stdout.isatty() else 400
    Console(width=width, highlight=False).print(table)


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        text = f"{value:,.2f}"
        return "0.00" if text == "-0.00" else text
    if isinstance(value, bool):
        return "✓" if value else "✗"
    text = f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
