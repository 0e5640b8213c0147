"""The table of comments and what became of them, as a workbook (意见采纳情况表)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shuibao.delimitation.life.comments import zones_in_words
from shuibao.report.bilingual import Text
from shuibao.report.tables import Cell, Column, Table
from shuibao.report.workbook import write_tables

COLUMNS: dict[str, Column] = {
    "number": Column(Text("序号", "No."), "count"), "unit": Column(Text("单位", "Unit")),
    "commenter": Column(Text("提出人", "Commenter")), "date": Column(Text("日期", "Date")),
    "codes": Column(Text("图斑", "Zones")), "opinion": Column(Text("态度", "Opinion")),
    "text": Column(Text("意见内容", "Comment")), "outcome": Column(Text("采纳情况", "Outcome")),
    "answer": Column(Text("说明", "Answer")), "edit": Column(Text("修改号", "Edit"), "count"),
    "answered_by": Column(Text("答复人", "Answered by")), "answered_on": Column(Text("答复日期", "Answered on")),
    "reason": Column(Text("对应依据", "How matched")),
}  # fmt: skip
"""Columns of the table, by the names of :func:`shuibao.delimitation.life.comments.comment_rows`."""


def comment_table(rows: Sequence[Mapping[str, Any]], region: str) -> Table:
    """
    Return the table of comments and answers (意见采纳情况表).

    Parameters
    ----------
    rows : sequence of mapping
        From :func:`shuibao.delimitation.life.comments.comment_rows`.
    region : str
        Name of the region.
    """
    shown = [{**row, "codes": zones_in_words(row)} for row in rows]
    cells: list[list[Cell]] = [[row[name] if row[name] != "" else None for name in COLUMNS] for row in shown]
    title = Text(f"{region}意见采纳情况表", f"Comments and answers, {region}")
    answered = sum(bool(row["outcome"]) for row in rows)
    note = Text(f"共 {len(rows)} 条，已答复 {answered} 条。", f"{len(rows)} comments, {answered} answered.")
    return Table("comments", title, list(COLUMNS.values()), cells, note=note)


def write_comment_table(rows: Sequence[Mapping[str, Any]], path: Path, region: str, *, simulated: bool) -> None:
    """
    Write the table of comments and answers, the same bytes every time (写出意见采纳情况表).

    Parameters
    ----------
    rows : sequence of mapping
        From :func:`shuibao.delimitation.life.comments.comment_rows`.
    path : Path
        ``.xlsx`` to write, whole or not at all.
    region : str
        Name of the region.
    simulated : bool
        Whether the land is made up.
    """
    write_tables([("意见采纳情况", [comment_table(rows, region)])], path, region, simulated=simulated)
