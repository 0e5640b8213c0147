"""
A document of a word processor as PDF (文档转 PDF): the same paragraphs and tables, set by Typst.

It reads what :mod:`shuibao.report.docx` makes: paragraphs of one kind of letters, ruled tables, pages that stand or lie,
a header, and the number of the page in the footer. What stands in the one stands so in the other.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from shuibao.ground.files import renamed
from shuibao.messages import ShuibaoError
from shuibao.report.chinese_fonts import chinese_font
from shuibao.report.docx import HEADING, write_docx

TEMPLATE = Path(__file__).parent / "document.typ"
SIDES = {WD_ALIGN_PARAGRAPH.CENTER: "center", WD_ALIGN_PARAGRAPH.RIGHT: "right"}
CELL_SIDES = {"center": "center", "right": "right"}


def write_pdf(path: Path, document: Any) -> None:
    """
    Write a document as PDF, whole or not at all, the same bytes for the same words (写出 PDF).

    Parameters
    ----------
    path : Path
        File to write.
    document : docx document
        What :func:`shuibao.report.docx.new_document` made.

    Raises
    ------
    ShuibaoError
        If Typst is not installed, or the machine has no font with Chinese letters.
    """
    try:
        import typst
    except ImportError as missing:
        raise ShuibaoError(
            "生成 PDF 要用 typst，这里没有安装；请执行 pip install 'shuibao[bureau]'，或改为生成 .docx。",
            "writing PDF takes typst, which is not installed: pip install 'shuibao[bureau]', or write .docx instead.",
        ) from missing
    content = content_of(document)
    font = chinese_font()
    with tempfile.TemporaryDirectory(prefix="document-") as name:
        bench = Path(name)
        (bench / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (bench / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        made = bytes(typst.compile(str(bench / TEMPLATE.name), font_paths=[str(font.parent)]))
    with renamed(path) as temporary:
        temporary.write_bytes(made)


def write_document(path: Path, document: Any) -> None:
    """
    Write a document in the form that its name asks for (按文件名写出).

    Parameters
    ----------
    path : Path
        A name ending in ``.pdf``, or else a document for a word processor is written.
    document : docx document
    """
    write = write_pdf if path.suffix.lower() == ".pdf" else write_docx
    write(path, document)


def content_of(document: Any) -> dict[str, Any]:
    """
    Return what a document says, and how, as plain values (文档内容).

    Parameters
    ----------
    document : docx document

    Examples
    --------
    >>> from shuibao.report.docx import add_paragraph, new_document
    >>> document = new_document("公告")
    >>> _ = add_paragraph(document, "正文", indent=2)
    >>> [(b["text"], b["indent"]) for b in content_of(document)["sections"][0]["blocks"]]
    [('正文', 24.0)]
    """
    return {
        "title": document.core_properties.title,
        "size": document.styles["Normal"].font.size.pt,
        "sections": [_section(section) for section in document.sections],
    }


def _section(section: Any) -> dict[str, Any]:
    """Return pages of one shape with what is on them."""
    return {
        "width": section.page_width.pt, "height": section.page_height.pt,
        "margin": {side: getattr(section, f"{side}_margin").pt for side in ("left", "right", "top", "bottom")},
        "header": [_paragraph(one) for one in section.header.paragraphs if one.text.strip()],
        "blocks": [_block(one) for one in section.iter_inner_content()],
    }  # fmt: skip


def _block(one: Paragraph | Table) -> dict[str, Any]:
    return _table(one) if isinstance(one, Table) else _paragraph(one)


def _paragraph(one: Paragraph) -> dict[str, Any]:
    """Return a paragraph; one that only ends the page says so."""
    if any(br.get(qn("w:type")) == "page" for br in one._p.iter(qn("w:br"))):
        return {"kind": "break"}
    layout, run = one.paragraph_format, next(iter(one.runs), None)
    color = run.font.color.rgb if run is not None and run.font.color is not None else None
    return {
        "kind": "paragraph", "text": one.text, "align": SIDES.get(one.alignment or WD_ALIGN_PARAGRAPH.LEFT, "left"),
        "size": run.font.size.pt if run is not None and run.font.size else None,
        "heading": run is not None and _font_of(run._r) == HEADING, "bold": bool(run is not None and run.bold),
        "color": f"#{color}" if color is not None else None,
        "indent": layout.first_line_indent.pt if layout.first_line_indent else 0.0,
        "before": layout.space_before.pt if layout.space_before else 0.0, "sticky": bool(layout.keep_with_next),
    }  # fmt: skip


def _font_of(run: Any) -> str | None:
    """Return the Chinese font of a run."""
    fonts = next(run.iter(qn("w:rFonts")), None)
    return None if fonts is None else fonts.get(qn("w:eastAsia"))


def _table(one: Table) -> dict[str, Any]:
    """Return a table; its cells are read from the file's own elements, of which long lists have many."""
    rows = [[_text(cell) for cell in row.tc_lst] for row in one._tbl.tr_lst]
    shown = one._tbl.tr_lst[min(1, len(rows) - 1)]
    size = next(one._tbl.iter(qn("w:sz")), None)
    return {
        "kind": "table", "heads": rows[0], "rows": rows[1:], "align": [_side(cell) for cell in shown.tc_lst],
        "widths": [column.width.pt if column.width else None for column in one.columns],
        "size": int(size.get(qn("w:val"))) / 2 if size is not None else None,
    }  # fmt: skip


def _text(cell: Any) -> str:
    return "".join(part.text or "" for part in cell.iter(qn("w:t")))


def _side(cell: Any) -> str:
    found = next(cell.iter(qn("w:jc")), None)
    return CELL_SIDES.get(found.get(qn("w:val")) if found is not None else "", "left")
