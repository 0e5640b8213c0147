"""Documents for a word processor: A4, Chinese fonts, the same bytes every time (公文文档)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from shuibao.ground.files import renamed
from shuibao.report.workbook import FIXED_DATE, timeless

BODY, HEADING = "仿宋", "黑体"
"""Fonts of the text and of headings; a machine without them shows another one."""

LATIN = "Times New Roman"

A4 = (210.0, 297.0)
"""Width and height of the paper, mm."""

ALIGNMENTS = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}


def new_document(
    title: str, *, size: float = 12.0, margins: tuple[float, float, float, float] = (25, 22, 22, 25)
) -> Any:
    """
    Return an empty A4 document with its fonts set (新建文档).

    Parameters
    ----------
    title : str
        Title in the file's properties.
    size : float
        Size of the text, points.
    margins : (top, bottom, left, right)
        Margins, mm.

    Returns
    -------
    docx.document.Document

    Examples
    --------
    >>> document = new_document("公告")
    >>> round(document.sections[0].page_width.mm), document.core_properties.title
    (210, '公告')
    """
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by, properties.comments = (
        title,
        "shuibao",
        "shuibao",
        "",
    )
    properties.created = properties.modified = FIXED_DATE
    style = document.styles["Normal"]
    style.font.size = Pt(size)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    set_font(style, BODY)
    page = document.sections[0]
    page.page_width, page.page_height = Mm(A4[0]), Mm(A4[1])
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = (Mm(m) for m in margins)
    return document


def set_font(holder: Any, font: str) -> None:
    """
    Set the Chinese font of a run or a style, and the Latin one beside it (设置字体).

    Parameters
    ----------
    holder : docx run or style
        What is written in it.
    font : str
        Name of the Chinese font.
    """
    holder.font.name = LATIN
    holder.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def add_paragraph(
    place: Any,
    text: str,
    *,
    align: str = "left",
    font: str = BODY,
    size: float | None = None,
    bold: bool = False,
    color: str = "",
    indent: float = 0.0,
    before: float = 0.0,
) -> Any:
    """
    Add a paragraph of one kind of letters (添加段落).

    Parameters
    ----------
    place : docx document or table cell
        Where it is added.
    text : str
        Its words.
    align : {"left", "center", "right"}
        How its lines lie.
    font : str
        Chinese font.
    size : float, optional
        Size, points; that of the document if not given.
    bold : bool
        Whether it is bold.
    color : str
        Six hexadecimal digits; empty for black.
    indent : float
        How far the first line is set in, characters.
    before : float
        Space before it, points.

    Returns
    -------
    docx.text.paragraph.Paragraph
    """
    paragraph = place.add_paragraph()
    paragraph.alignment = ALIGNMENTS[align]
    paragraph.paragraph_format.space_before = Pt(before)
    run = paragraph.add_run(text)
    set_font(run, font)
    run.bold = bold
    if size is not None:
        run.font.size = Pt(size)
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(
            indent * (size or place.part.document.styles["Normal"].font.size.pt)
        )
    if color:
        run.font.color.rgb = RGBColor.from_string(color)
    return paragraph


def add_table(
    document: Any,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float] = (),
    size: float = 9.0,
    right: Sequence[int] = (),
) -> Any:
    """
    Add a ruled table whose head is repeated on every page, and no row of which lies on two (添加表格).

    Parameters
    ----------
    document : docx document
        Where it is added.
    heads : sequence of str
        Headings of the columns.
    rows : sequence of sequence of str
        Cells.
    widths : sequence of float
        Widths of the columns, mm; even if not given.
    size : float
        Size of the letters, points.
    right : sequence of int
        Columns of numbers, which lie to the right.

    Returns
    -------
    docx.table.Table
    """
    table = document.add_table(rows=0, cols=len(heads))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=False):  # none are given: all are even
        column.width = Mm(width)
    for number, cells in enumerate([heads, *rows]):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for k, text in enumerate(cells):
            paragraph = row.cells[k].paragraphs[0]
            paragraph.alignment = ALIGNMENTS["center" if number == 0 else "right" if k in right else "left"]
            run = paragraph.add_run(text)
            run.font.size, run.bold = Pt(size), number == 0
            set_font(run, HEADING if number == 0 else BODY)
            if widths:
                row.cells[k].width = Mm(widths[k])
    for k, width in enumerate(widths):
        table.columns[k].width = Mm(width)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    return table


def write_docx(path: Path, document: Any) -> None:
    """
    Write a document, whole or not at all, without the time at which it was written (写出文档).

    Parameters
    ----------
    path : Path
        File to write.
    document : docx document
        What :func:`new_document` made.
    """
    properties = document.core_properties
    properties.created = properties.modified = FIXED_DATE
    properties.last_printed = FIXED_DATE
    buffer = io.BytesIO()
    document.save(buffer)
    with renamed(path) as temporary:
        temporary.write_bytes(timeless(buffer.getvalue()))
