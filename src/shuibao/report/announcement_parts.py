"""Parts that announcements of all kinds of zones have in common (公告文本要素)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from shuibao.delimitation.delivery.result import Result
from shuibao.ground.transforming import between
from shuibao.report.docx import HEADING, add_paragraph
from shuibao.rules import Parameter
from shuibao.rules.duties import Duty
from shuibao.survey.region import SIMULATED

TITLE_FONT = "方正小标宋简体"
"""Font of titles of official documents; a machine without it shows another one."""

BODY_SIZE, TITLE_SIZE, SMALL = 16.0, 22.0, 9.0
"""Sizes of the text, of the title and of the annexes, points: 三号, 二号, 小五."""

MARGINS = (37.0, 35.0, 28.0, 26.0)
"""Top, bottom, left and right margin of an official document, mm (GB/T 9704 layout, chosen)."""

STATUTES = ("法", "条例", "办法", "规定", "规定》", "实施办法")
"""How the titles of documents end that an announcement may rest on: a notice of another county is none."""

RED = "A3172A"
OPEN = "〔待填〕"


@dataclass(frozen=True)
class Announcement:
    """
    What the county adds to the result (公告要素).

    Parameters
    ----------
    number : str
        Number of the document; empty for one that is still to be given.
    dated : date or None
        Its date; None for one that is still to be given.
    corrects : str
        What is said of an announcement that this one corrects; empty where it corrects none.
    """

    number: str = ""
    dated: date | None = None
    corrects: str = ""


def add_label(document: Any) -> None:
    """Write that the land is made up (标注模拟数据)."""
    words = "模拟数据：自然条件由种子生成，不反映当地实况，不得作为公告发布。"
    add_paragraph(document, words, align="center", font=HEADING, size=12, bold=True, color=RED)


def add_heading(document: Any, words: str) -> None:
    """Write the heading of an article (条目标题)."""
    heading = add_paragraph(document, words, font=HEADING, indent=2, before=6)
    heading.paragraph_format.keep_with_next = True


def add_text(document: Any, words: str, before: float = 0) -> None:
    """Write a paragraph of an article (正文)."""
    add_paragraph(document, words, indent=2, before=before)


def in_degrees(result: Result, bounds: Any) -> tuple[float, float, float, float]:
    """Return bounds in longitude and latitude (经纬度范围)."""
    to_degrees = between(result.layer.crs, 4490)
    west, south, east, north = to_degrees.transform_bounds(*bounds)
    return west, south, east, north


def dms(degrees: float) -> str:
    """Return an angle in degrees, minutes and whole seconds (度分秒)."""
    seconds = round(abs(degrees) * 3600)
    return f"{seconds // 3600}°{seconds % 3600 // 60:02d}′{seconds % 60:02d}″"


def duty_sentence(number: int, duty: Duty) -> str:
    """Return a duty as a numbered sentence with its source (义务条文)."""
    title = duty.ground.citation.title
    source = f"《{title}》" if title.endswith(STATUTES) else f"据{title}"
    return f"（{ordinal(number)}）{duty.text.rstrip('。')}（{source}{duty.ground.clause}）。"


def ordinal(number: int) -> str:
    """Return a number in Chinese (汉字序号)."""
    digits = "〇一二三四五六七八九十"
    return digits[number] if number <= 10 else str(number)


def value_in_words(result: Result, parameter: Parameter) -> str:
    """Return a value in words: land classes by name, truth as yes and no (取值文字)."""
    value = parameter.value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        land = {str(c["id"]): str(c["name"]) for c in result.rules.value("land_class.classes")}
        return "、".join(land.get(str(item), str(item)) for item in value)
    unit = {"deg": "°", "hm2": " 公顷", "m": " m", "1": ""}.get(parameter.unit, f" {parameter.unit}")
    return f"{value:g}{unit}" if isinstance(value, int | float) else f"{value}{unit}"


def mark_pages(section: Any) -> None:
    """Put into the header of every page that the land is made up (页眉标注)."""
    add_paragraph(section.header, SIMULATED, align="right", font=HEADING, size=SMALL, color=RED)


def number_pages(section: Any) -> None:
    """Put the number of the page into the footer (页码)."""
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = 1
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)
