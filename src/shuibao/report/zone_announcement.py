"""
The announcement of a county's steep-slope zone as a document, ready for the county to complete (禁止开垦陡坡地公告).

It says only what was drawn and what the rule packs have read: no clause, number or approval is made up. What the county
has to add stands in brackets 〔待填〕.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.delivery.result import Result
from shuibao.delimitation.draft.excluding import notes_of
from shuibao.ground.transforming import between
from shuibao.messages import CallError
from shuibao.report.announcement_frame import add_annexes, begin, sign
from shuibao.report.announcement_parts import (
    OPEN,
    SMALL,
    STATUTES,
    Announcement,
    add_heading,
    add_text,
    dms,
    duty_sentence,
    in_degrees,
    ordinal,
)
from shuibao.report.document_pdf import write_document
from shuibao.report.docx import HEADING, add_paragraph, add_table
from shuibao.rules import Parameter, load_rules
from shuibao.rules.duties import Place, all_duties, duties_of

__all__ = ["Announcement", "legal_bases", "patch_rows", "write_announcement"]

LIST_HEADS = ("编号", "乡镇", "面积/hm²", "平均坡度/°", "主要地类", "地类构成", "所在坡地/hm²", "中心经度", "中心纬度")
LIST_WIDTHS = (34.0, 26.0, 22.0, 20.0, 22.0, 62.0, 24.0, 24.0, 24.0)
LIST_NUMBERS = (2, 3, 6, 7, 8)
"""Headings of the patch list, the widths of its columns, mm, and which of them hold numbers."""


def write_announcement(result: Result, words: Announcement, path: Path) -> None:
    """
    Write the announcement of one county's steep-slope zone (生成公告).

    Parameters
    ----------
    result : Result
        Zones of the theme ``steep_slope`` of one county.
    words : Announcement
        Number and date.
    path : Path
        A name ending in ``.docx``, or ``.pdf`` for the same as pages; written whole or not at all, the same bytes for the same words.

    Raises
    ------
    CallError
        If the zones are of another kind, or of several counties.
    """
    if result.layer.theme != "steep_slope" or len(result.units.counties.codes) != 1:
        raise CallError(
            "公告按县生成，只用于禁止开垦陡坡地；请用 --county 指定一个县。",
            "an announcement is of one county's steep slopes; name the county with --county.",
        )
    document = begin(result, _title(result), words)
    _body(document, result)
    sign(
        document,
        words,
        listed="禁止开垦陡坡地图斑清单",
        mapped="禁止开垦陡坡地分布图",
        issuer=f"{result.place}人民政府",
    )
    add_annexes(
        document, result, listed="禁止开垦陡坡地图斑清单", cautions=_cautions(result),
        write_list=lambda book: _patch_table(book, result),
    )  # fmt: skip
    write_document(path, document)


def _title(result: Result) -> str:
    return f"{result.place}人民政府关于划定禁止开垦陡坡地范围的公告"


def _body(document: Any, result: Result) -> None:
    """Write the articles."""
    angle = result.rules["steep_slope.angle"]
    basis = "、".join(legal_bases(result))
    add_text(
        document,
        f"根据{basis}，经划定，现将{result.place}行政区域内禁止开垦陡坡地范围公告如下。",
        before=12,
    )
    add_heading(document, "一、划定范围")
    for sentence in _extent(result, angle):
        add_text(document, sentence)
    add_heading(document, "二、面积")
    _areas(document, result)
    add_heading(document, "三、管理要求")
    for sentence in _duties(result, angle):
        add_text(document, sentence)
    add_heading(document, "四、其他")
    add_text(document, f"范围界线以附图和划定成果矢量数据为准。公告自发布之日起施行，由{OPEN}负责解释。")


def legal_bases(result: Result) -> list[str]:
    """
    Return the law and the province's regulation that the angle rests on, with the clauses that are known (法律依据).

    Parameters
    ----------
    result : Result
        The zones, for their rule packs.

    Returns
    -------
    list of str
        As 《title》 and clause; a clause that was not read is left out.
    """
    found = [load_rules(["national"])["steep_slope.angle"], result.rules["steep_slope.angle"]]
    return list(dict.fromkeys(_cited(p) for p in found if p.citation.title.endswith(STATUTES)))


def _cited(parameter: Parameter) -> str:
    return f"《{parameter.citation.title}》{parameter.clause}"


def _extent(result: Result, angle: Parameter) -> list[str]:
    """Say what was drawn: the rule, then number, area, slope and place."""
    rules, layer = result.rules, result.layer
    land = {str(c["id"]): str(c["name"]) for c in rules.value("land_class.classes")}
    classes = "、".join(land[str(name)] for name in rules.value("steep_slope.land"))
    bound = "以上（含）" if rules.value("steep_slope.inclusive") else "以上（不含）"
    minimum = float(rules.value("steep_slope.minimum_area"))
    out = _left_out(result)
    first = (
        f"坡度 {angle.value:g}° {bound}、地类为{classes}，连片面积不小于 {minimum:g} 公顷的坡地{out}。"
        "连片面积在按乡镇切分之前计算。"
    )
    total = next(t for t in result.totals if t.level == "county")
    towns = sum(1 for t in result.totals if t.level == "town" and t.town and t.zones)
    if not len(layer):
        return [first, f"按此标准，{result.place}没有应划定的禁止开垦陡坡地。"]
    county = float(shapely.area(result.units.counties.geometry[0])) / 1e6
    share = 100 * total.area_hm2 / 100 / county
    spread = f"，涉及 {towns} 个乡镇" if towns else ""
    slope = "" if math.isnan(total.mean_slope) else f"，平均坡度 {total.mean_slope:.1f}°"
    second = (
        f"共划定禁止开垦陡坡地 {total.zones} 块，总面积 {total.area_hm2:,.2f} 公顷{spread}{slope}，"
        f"占县域面积的 {share:.2f}%（县域面积按所用县界量算为 {county:,.2f} 平方千米）。"
    )
    west, south, east, north = in_degrees(result, shapely.total_bounds(layer.geometry))
    third = f"地理位置在东经 {dms(west)}至 {dms(east)}、北纬 {dms(south)}至 {dms(north)}之间，图斑清单见附件 1。"
    return [first, second, third]


def _left_out(result: Result) -> str:
    """Say which layers were taken out before the zone was drawn."""
    given = [
        zh for name, zh in (("farmland", "永久基本农田"), ("construction", "建设用地")) if name in result.region.inputs
    ]
    return f"，已扣除{'、'.join(given)}" if given else ""


def _areas(document: Any, result: Result) -> None:
    """Write the table by towns; its last row is their sum."""
    total = next(t for t in result.totals if t.level == "county")
    towns = [t for t in result.totals if t.level == "town"]
    rows = [
        [t.town_name or "未划入乡镇", f"{t.zones}", f"{t.area_hm2:,.2f}", _share(t, total), _slope(t.mean_slope)]
        for t in towns
    ]
    rows.append(
        ["合计", f"{total.zones}", f"{total.area_hm2:,.2f}", "100.00" if total.zones else "—", _slope(total.mean_slope)]
    )
    add_paragraph(document, f"{result.place}禁止开垦陡坡地面积统计表", align="center", font=HEADING, size=12, before=6)
    heads = ("乡镇", "图斑数", "面积/hm²", "占比/%", "平均坡度/°")
    add_table(document, heads, rows, widths=(46, 24, 34, 24, 28), size=10.5, right=(1, 2, 3, 4))


def _share(part: Any, whole: Any) -> str:
    return f"{100 * part.hundredths / whole.hundredths:.2f}" if whole.hundredths else "—"


def _slope(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.1f}"


def _duties(result: Result, angle: Parameter) -> list[str]:
    """Return what follows from the zone, as the packs have read it."""
    county = result.units.counties.codes[0]
    found = [d for d in duties_of(all_duties(result.rules), [Place("steep_slope", "county", county)]) if d.kinds]
    sentences = [duty_sentence(number, duty) for number, duty in enumerate((d for d in found if not d.draft), start=1)]
    law = load_rules(["national"])["steep_slope.angle"]
    if angle.value != law.value and angle.citation.title.endswith(STATUTES):
        sentences.append(
            f"（{ordinal(len(sentences) + 1)}）{result.place}禁止开垦的坡度为 {angle.value:g}° 以上（{_cited(angle)}）。"
        )
    return sentences or [f"管理要求{OPEN}。"]


def _patch_table(document: Any, result: Result) -> None:
    """Write the patch list; without towns, without their column."""
    shown = [k for k, head in enumerate(LIST_HEADS) if head != "乡镇" or result.units.towns.codes]
    rows = [[row[k] for k in shown] for row in patch_rows(result)]
    right = [at for at, k in enumerate(shown) if k in LIST_NUMBERS]
    widths = [LIST_WIDTHS[k] for k in shown]
    add_table(document, [LIST_HEADS[k] for k in shown], rows, widths=widths, size=SMALL, right=right)


def patch_rows(result: Result) -> list[list[str]]:
    """
    Return the patch list of the announcement (图斑清单).

    Parameters
    ----------
    result : Result
        The zones.

    Returns
    -------
    list of list of str
        In order of their codes: code, town, area, mean slope, main class, all classes, area of the whole slope, and
        longitude and latitude of a point inside.
    """
    columns = result.layer.columns
    inside = shapely.point_on_surface(result.layer.geometry)
    lon, lat = between(result.layer.crs, 4490).transform(shapely.get_x(inside), shapely.get_y(inside))
    empty = np.full(len(result.layer), "", dtype=object)
    nothing = np.full(len(result.layer), np.nan)
    text = [columns.get(name, empty) for name in ("code", "town_name", "land_use_name", "land_mix")]
    numbers = [columns.get(name, nothing) for name in ("area_hm2", "mean_slope", "slope_area_hm2")]
    return [
        [code, town or "—", f"{area:,.2f}", _slope(float(slope)), land, mix, f"{whole:,.2f}", f"{x:.6f}", f"{y:.6f}"]
        for (code, town, land, mix), (area, slope, whole), x, y in zip(
            zip(*text, strict=True), zip(*numbers, strict=True), np.atleast_1d(lon), np.atleast_1d(lat), strict=True
        )
    ]


def _cautions(result: Result) -> list[str]:
    """Return what must be said: drafts first, then layers, sources and grid."""
    drafts = [p.name for p in result.drafts()]
    found = []
    if drafts:
        found.append(f"以下标准仍是草案，公告前应与技术指南和省级规定原文核对：{'、'.join(drafts)}。")
    found += notes_of(result.layer.metadata)
    found.append(
        f"面积按 {result.region.cell:g} m 像元、{result.layer.crs.name} 等积投影量算，清单取到 0.01 公顷，"
        "各图斑之和等于乡镇之和、等于全县合计。"
    )
    found.append(f"县界来源：{result.units.counties.source}。")
    return found
