"""
A one-page opinion on a project or plan: the zones that it lies in and what follows (征求意见回复).

It says what was compared and found, no more: what was not read in its source is marked as a draft, and a duty told in
other words than its source's is marked as the gist.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from docx.shared import Mm, Pt

from shuibao.delimitation.control.finding import RELATION_NAMES, Answer, layer_sources
from shuibao.report.docx import HEADING, add_paragraph, add_table, new_document, write_docx
from shuibao.report.location_map import COLORS, SIZE, kinds_around, location_map
from shuibao.rules.duties import Duty
from shuibao.survey.region import SIMULATED
from shuibao.zoning.layer import hectares

MOST_ZONES = 7
"""Zones that the table lists one by one, the largest parts first; the others are summed up."""

OTHERS_DUTIES = ("management",)
"""What authorities owe, not the one who asks."""

TEXT_WIDTH, TABLE_WIDTH = 166.0, 106.0
"""Width of the text, and of the table beside the map, mm."""

EVERYWHERE = "（以下各处适用，不限于重点区域）"

SIZES = (9.0, 8.5, 8.0, 7.5, 7.0)
"""Letters of the table of duties, points: the largest with which the page is likely to hold it."""

ROOM = 125.0
"""Height that the table of duties may take, mm, for the page to be one."""

WIDTHS = (17.0, 26.0, 83.0, 40.0)
"""Columns of the table of duties, mm."""

RED = "A3172A"

_MM_OF_POINT = 0.3528


@dataclass(frozen=True)
class Letter:
    """
    What an opinion says besides what was found (意见的抬头与落款).

    Parameters
    ----------
    project : str
        Name of the project or plan.
    to : str
        Who asked; a blank if empty.
    sender : str
        Who answers; a blank if empty.
    number : str
        Number of the document; a blank if empty.
    day : date, optional
        Its date; a blank if not given.
    """

    project: str
    to: str = ""
    sender: str = ""
    number: str = ""
    day: date | None = None


def write_opinion(answer: Answer, letter: Letter, path: Path, *, project: int = 0) -> None:
    """
    Write the opinion as DOCX (写出征求意见回复).

    Parameters
    ----------
    answer : Answer
        What was found.
    letter : Letter
        Addressee, number, date.
    path : Path
        File to write, whole or not at all.
    project : int
        Row of the project.
    """
    document = new_document(f"关于{letter.project}水土保持重点区域的意见", size=10.5, margins=(18, 15, 22, 22))
    if answer.control.simulated:
        words = f"{SIMULATED}：自然条件由种子生成，不反映当地实况，本件不得作为依据"
        add_paragraph(document, words, align="center", font=HEADING, size=9, bold=True, color=RED)
    add_paragraph(document, letter.number or "〔　　　〕　　号", align="right", size=10)
    title = f"关于“{letter.project}”水土保持重点区域的意见"
    add_paragraph(document, title, align="center", font=HEADING, size=15, bold=True, before=4)
    add_paragraph(document, f"{letter.to or '　　　　　　'}：", before=6)
    add_paragraph(
        document, f"“{letter.project}”征求意见材料收悉。经与水土保持重点区域划定成果比对，意见如下：", indent=2
    )
    add_paragraph(document, "一、所在区域", font=HEADING, indent=2, before=3)
    add_paragraph(document, _whereabouts(answer, project), indent=2)
    numbered = largest_zones(answer, project)
    _zones_beside_map(document, answer, project, numbered)
    add_paragraph(document, "二、应当遵守的规定", font=HEADING, indent=2, before=3)
    _add_duties(document, answer, project)
    _add_notes(document, answer, owed_duties(answer, project))
    _sign(document, letter)
    write_docx(path, document)


def largest_zones(answer: Answer, project: int) -> list[int]:
    """
    Return the rows of the zones that the table lists, the largest parts first (列出的区域).

    Parameters
    ----------
    answer : Answer
        What was found.
    project : int
        Row of the project.
    """
    hits = answer.hits
    mine = np.flatnonzero((hits.project == project) & hits.counts)
    order = mine[np.argsort(-hits.measure[mine], kind="stable")]
    return [int(zone) for zone in hits.zone[order[:MOST_ZONES]]]


def owed_duties(answer: Answer, project: int) -> list[Duty]:
    """
    Return the duties of the one who asks, those of the zones before those that hold everywhere (义务).

    Parameters
    ----------
    answer : Answer
        What was found.
    project : int
        Row of the project.
    """
    found = [duty for duty in answer.duties_of(project) if duty.activity not in OTHERS_DUTIES]
    return [duty for duty in found if duty.kinds] + [duty for duty in found if not duty.kinds]


def _whereabouts(answer: Answer, project: int) -> str:
    dimension, size, inside = int(answer.dimension[project]), float(answer.size[project]), float(answer.inside[project])
    named = dict(zip(answer.control.counties.codes, answer.control.counties.names, strict=True))
    counties = "、".join(named[code] for code in answer.counties[project])
    what = {2: f"项目范围面积 {hectares(size)} hm²", 1: f"项目线路长 {size / 1e3:,.3f} km", 0: "项目位置（点）"}[
        dimension
    ]
    where = f"{what}，位于{counties or answer.control.region.name + '以外'}"
    if 0 < inside < 1 - 1e-6:
        where += f"（{inside * 100:.2f} % 在{answer.control.region.name}范围内，范围以外未比对）"
    if not len(answer.zones_of(project)):
        near = int(answer.nearest[project])
        index = answer.control.index
        kinds = answer.control.rules.value("zone_kind.classes")
        kind = next(entry["name"] for entry in kinds if entry["id"] == index.kind[near])
        far = f"{answer.distance[project]:,.0f} m"
        return f"{where}，不在已划定的水土保持重点区域内；最近的是{kind}“{index.name[near] or index.code[near]}”，相距约 {far}。"
    if dimension == 0:
        return f"{where}，在下列水土保持重点区域内。"
    joint = float(answer.joint[""][project])
    amount = f"{hectares(joint)} hm²" if dimension == 2 else f"{joint / 1e3:,.3f} km"
    return f"{where}，其中 {amount}（{joint / size * 100:.2f} %）在下列水土保持重点区域内，重叠部分只计一次。"


def _zones_beside_map(document: Any, answer: Answer, project: int, numbered: Sequence[int]) -> None:
    """Put the table of zones to the left of the map."""
    frame = document.add_table(rows=1, cols=2)
    frame.autofit = False
    left, right = frame.rows[0].cells
    for column, cell, width in zip(frame.columns, (left, right), (TABLE_WIDTH, TEXT_WIDTH - TABLE_WIDTH), strict=True):
        column.width = cell.width = Mm(width)
    picture = right.paragraphs[0].add_run()
    picture.add_picture(io.BytesIO(location_map(answer, project, numbered)), width=Mm(SIZE[0]))
    kinds = kinds_around(answer, project)
    names = {entry["id"]: entry["name"] for entry in answer.control.rules.value("zone_kind.classes")}
    legend = "；".join(f"{COLORS[kind][1]}：{names[kind]}" for kind in kinds)
    label = f"（{SIMULATED}）" if answer.control.simulated else ""
    caption = f"位置示意{label}。蓝：项目{'；' + legend if legend else ''}；点划线：县界"
    add_paragraph(right, caption, size=7, color=RED if answer.control.simulated else "")
    heads, rows = zone_table(answer, project, numbered)
    if rows:
        add_table(left, heads, rows, widths=(11, 28, 32, 19, 16), size=8, right=(3, 4))
        for empty in (left.paragraphs[0], left.paragraphs[-1]):  # a cell must end in a paragraph
            empty.paragraph_format.line_spacing = Pt(2)
    else:
        add_paragraph(left, "（无）", size=9)


def zone_table(answer: Answer, project: int, numbered: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """
    Return the table of zones: number on the map, name, kind and level, how much, share (区域表).

    Parameters
    ----------
    answer : Answer
        What was found.
    project : int
        Row of the project.
    numbered : sequence of int
        Rows of the zones that are listed; what else there is, is summed up.

    Returns
    -------
    heads : list of str
        Headings.
    rows : list of list of str
        Cells.
    """
    hits, index, rules = answer.hits, answer.control.index, answer.control.rules
    kinds = {entry["id"]: entry["name"] for entry in rules.value("zone_kind.classes")}
    levels = {entry["id"]: entry["name"] for entry in rules.value("zone_level.classes")}
    dimension, size = int(answer.dimension[project]), float(answer.size[project])
    unit = {2: "面积/hm²", 1: "长度/km", 0: "位置"}[dimension]
    found = np.flatnonzero((hits.project == project) & hits.counts)
    pair = {int(hits.zone[k]): int(k) for k in found}
    rows = []
    for number, zone in enumerate(numbered, 1):
        k = pair[zone]
        amount = RELATION_NAMES[hits.relation[k]][0] if dimension == 0 else _amount(hits.measure[k], dimension)
        share = "—" if dimension == 0 else f"{hits.share[k] * 100:.2f}"
        what = f"{levels.get(index.level[zone], '')}{kinds[index.kind[zone]]}"
        rows.append([str(number), index.name[zone] or index.code[zone], what, amount, share])
    rest = [k for zone, k in pair.items() if zone not in set(numbered)]
    if rest:
        total = float(hits.measure[rest].sum())
        share = "—" if dimension == 0 else f"{total / size * 100:.2f}"
        rows.append(["", f"其余 {len(rest)} 个区域", "", "—" if dimension == 0 else _amount(total, dimension), share])
    return ["图号", "名称", "级别与种类", unit, "份额/%"], rows


def _amount(measure: float, dimension: int) -> str:
    """Return how much of a project it is: hm² of an area, km of a line to the metre."""
    return hectares(measure) if dimension == 2 else f"{measure / 1e3:,.3f}"


def _add_duties(document: Any, answer: Answer, project: int) -> None:
    """Add the table of duties; those that hold everywhere are only counted where the page cannot hold them."""
    duties = owed_duties(answer, project)
    rows, common = (_duty_cells(answer, [d for d in duties if bool(d.kinds) == own]) for own in (True, False))
    whole = [*rows, ["—", "—", EVERYWHERE, "—"], *common] if common else rows
    if rows and _height(whole, WIDTHS, SIZES[-1]) > ROOM:
        left_out = f"（另有 {len(common)} 项各处都适用的一般规定，限于篇幅未列）"
        whole = [*rows, ["—", "—", left_out, "—"]]
    size = next((size for size in SIZES if _height(whole, WIDTHS, size) <= ROOM), SIZES[-1])
    add_table(document, ["性质", "活动", "规定", "依据"], whole, widths=WIDTHS, size=size)


def _duty_cells(answer: Answer, duties: Sequence[Duty]) -> list[list[str]]:
    """Return duties as cells: a draft and the gist of a source are marked."""
    rules = answer.control.rules
    names = {e["id"]: e["name"] for table in ("activity", "modality") for e in rules.value(f"zone_{table}.classes")}
    rows = []
    for duty in duties:
        mark = ("（大意）" if duty.ground.note.startswith("转述") else "") + ("【草案】" if duty.draft else "")
        ground = f"{_short(duty)} {duty.ground.clause or '条号待核'}"
        rows.append([names[duty.modality], names[duty.activity], f"{duty.text}{mark}", ground])
    return rows


def _short(duty: Duty) -> str:
    """Return a source as the table cites it: by its number where it has one."""
    citation = duty.ground.citation
    return citation.number or citation.title


def _height(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> float:
    """Return about how high a table will be, mm: a Chinese letter is as wide as its size, others half of that."""
    letter = size * _MM_OF_POINT
    total = letter * 1.35
    for cells in rows:
        lines = [
            ceil(sum(1.0 if ord(ch) > 255 else 0.55 for ch in text) * letter / (width - 4.0))
            for text, width in zip(cells, widths, strict=True)
        ]
        total += max(1, *lines) * letter * 1.35
    return total


def _add_notes(document: Any, answer: Answer, duties: Sequence[Duty]) -> None:
    sources = "；".join(note.zh for note in layer_sources(answer.control))
    cited = dict.fromkeys(str(duty.ground.citation) for duty in duties if duty.ground.citation.number)
    words = [f"区域依据：{sources}。"] + ([f"所引文件：{'；'.join(cited)}。"] if cited else [])
    words += [note.zh for note in answer.notes]
    words.append("标【草案】的规定未读到原文，作出决定前应核对；规则见水土保持规则包，本意见只就重点区域而言。")
    add_paragraph(document, "".join(words), size=7.5, before=3)


def _sign(document: Any, letter: Letter) -> None:
    day = f"{letter.day.year}年{letter.day.month}月{letter.day.day}日" if letter.day else "　　年　月　日"
    add_paragraph(document, f"{letter.sender or '（单位）'}（印）　　", align="right", before=8)
    add_paragraph(document, f"{day}　　", align="right")
