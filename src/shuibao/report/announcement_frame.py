"""The frame of an announcement (公告版式): title, signature and annexes, the same for zones of every kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Mm

from shuibao.delimitation.delivery.result import Result
from shuibao.report.announcement_parts import (
    BODY_SIZE,
    MARGINS,
    OPEN,
    RED,
    SMALL,
    TITLE_FONT,
    TITLE_SIZE,
    Announcement,
    add_label,
    mark_pages,
    number_pages,
    value_in_words,
)
from shuibao.report.docx import A4, HEADING, add_paragraph, add_table, new_document

GROUND_HEADS = ("标准", "取值", "来源", "条款", "状态", "说明")
GROUND_WIDTHS = (44, 56, 60, 22, 18, 58)
"""Headings of the table of rules, and the widths of its columns, mm."""


def begin(result: Result, title: str, words: Announcement) -> Any:
    """Return a document with its title and number (公告标题); made-up land is marked on every page."""
    document = new_document(title, size=BODY_SIZE, margins=MARGINS)
    number_pages(document.sections[0])
    if result.simulated:
        mark_pages(document.sections[0])
        add_label(document)
    add_paragraph(document, title, align="center", font=TITLE_FONT, size=TITLE_SIZE, before=6)
    add_paragraph(document, words.number or f"文号{OPEN}", align="center", before=12)
    if words.corrects:
        add_paragraph(document, words.corrects, align="center", before=6)
    return document


def sign(document: Any, words: Announcement, *, listed: str, mapped: str, issuer: str) -> None:
    """Write the names of list and map among the annexes, who announces and when (附件目录与落款)."""
    dated = words.dated
    text = f"{dated.year}年{dated.month}月{dated.day}日" if dated else f"日期{OPEN}"
    add_paragraph(document, f"附件：1. {listed}", indent=2, before=18)
    add_paragraph(document, "2. 划定标准及其来源", indent=5)
    add_paragraph(document, f"3. {mapped}（另附图册）", indent=5)
    add_paragraph(document, issuer, align="right", before=24)
    add_paragraph(document, text, align="right")


def add_annexes(
    document: Any, result: Result, *, listed: str, write_list: Callable[[Any], None], cautions: Sequence[str]
) -> None:
    """Write the list of zones, on lying pages, and the rules with what must be said, the first in red (附件)."""
    page = document.add_section(WD_SECTION.NEW_PAGE)
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(A4[1]), Mm(A4[0])
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(20)
    _begin_annex(document, result, 1, f"{result.place}{listed}")
    write_list(document)
    document.add_page_break()
    _begin_annex(document, result, 2, "划定标准及其来源")
    rows = [
        [p.name, value_in_words(result, p), p.source, p.clause or "—", "已核对" if p.status == "verified" else "草案", p.note]
        for p in result.grounds()
    ]  # fmt: skip
    add_table(document, GROUND_HEADS, rows, widths=GROUND_WIDTHS, size=SMALL)
    for number, note in enumerate(cautions, start=1):
        add_paragraph(document, f"{number}. {note}", size=10.5, before=4, color=RED if number == 1 else "")


def _begin_annex(document: Any, result: Result, number: int, title: str) -> None:
    if result.simulated:
        add_label(document)
    add_paragraph(document, f"附件 {number}", font=HEADING, size=12)
    add_paragraph(document, title, align="center", font=HEADING, size=14)
