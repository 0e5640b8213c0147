"""
The announcement of key zones of prevention and treatment, or of severe and fragile areas, as a document (重点区域公告).

As that of steep slopes it says only what was drawn and what the rule packs have read. The documents that were read ask
for no announcement of these kinds and name nobody who makes it: who does, and on what else, stands open as 〔待填〕.
"""

from __future__ import annotations

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
    Announcement,
    add_heading,
    add_text,
    dms,
    duty_sentence,
    in_degrees,
)
from shuibao.report.document_pdf import write_document
from shuibao.report.docx import HEADING, add_paragraph, add_table
from shuibao.rules import load_rules
from shuibao.rules.duties import Place, all_duties, duties_of

THEMES = ("prevention_treatment", "severe_fragile")

LIST_HEADS = ("编号", "名称", "种类", "级别", "区县", "面积/hm²", "中心经度", "中心纬度")
LIST_WIDTHS = (36.0, 60.0, 30.0, 20.0, 30.0, 30.0, 26.0, 26.0)
"""Headings of the list of zones, and the widths of its columns, mm."""


def write_key_zone_announcement(result: Result, words: Announcement, path: Path) -> None:
    """
    Write the announcement of the key zones of a region (生成重点区域公告).

    Parameters
    ----------
    result : Result
        Zones of a theme other than steep slopes.
    words : Announcement
        Number and date.
    path : Path
        A name ending in ``.docx``, or ``.pdf`` for the same as pages; written whole or not at all, the same bytes for the same words.

    Raises
    ------
    CallError
        If the zones are steep slopes, which have an announcement of their own, or there are none.
    """
    if result.layer.theme not in THEMES or not len(result.layer):
        raise CallError(
            "重点区域公告用于重点预防区、治理区和严重、脆弱区域，且至少有一个区域；陡坡地另有公告。",
            "an announcement of key zones is of prevention and treatment or of severe and fragile areas, and of one zone at"
            " least; steep slopes have their own.",
        )
    document = begin(result, _title(result), words)
    _body(document, result)
    sign(
        document,
        words,
        listed=f"{result.theme_name}清单",
        mapped=f"{result.theme_name}分布图",
        issuer=f"发布机关{OPEN}",
    )
    add_annexes(
        document, result, listed=f"{result.theme_name}清单", cautions=_cautions(result),
        write_list=lambda book: add_table(
            book, LIST_HEADS, zone_list(result), widths=LIST_WIDTHS, size=SMALL, right=(5, 6, 7)
        ),
    )  # fmt: skip
    write_document(path, document)


def _title(result: Result) -> str:
    return f"关于划定{result.place}{result.theme_name}的公告"


def _body(document: Any, result: Result) -> None:
    """Write the articles."""
    law = load_rules(["national"])["steep_slope.angle"].citation.title
    add_text(
        document, f"根据《{law}》和{OPEN}，经划定，现将{result.place}{result.theme_name}的范围公告如下。", before=12
    )
    add_heading(document, "一、划定范围")
    for sentence in _extent(result):
        add_text(document, sentence)
    add_heading(document, "二、面积")
    _areas(document, result)
    add_heading(document, "三、管理要求")
    for sentence in _duties(result):
        add_text(document, sentence)
    add_heading(document, "四、其他")
    add_text(document, f"范围界线以附图和划定成果矢量数据为准。公告自发布之日起施行，由{OPEN}负责解释。")


def _extent(result: Result) -> list[str]:
    """Say how many zones of each kind there are, how large, and where."""
    land = float(shapely.area(result.units.counties.geometry).sum()) / 1e6
    told = [
        f"{result.kind_names.get(t.kind, t.kind)} {t.zones} 个，面积 {t.area_hm2 / 100:,.2f} 平方千米，"
        f"占{result.place}面积的 {_share(t.area_hm2, land)}"
        for t in result.totals if t.level == "region"
    ]  # fmt: skip
    west, south, east, north = in_degrees(result, shapely.total_bounds(result.layer.geometry))
    return [
        f"共划定{'；'.join(told)}（{result.place}面积按所用县界量算为 {land:,.2f} 平方千米）。划定标准及其来源见附件 2。",
        f"地理位置在东经 {dms(west)}至 {dms(east)}、北纬 {dms(south)}至 {dms(north)}之间，区域清单见附件 1。",
    ]


def _share(area_hm2: float, land_km2: float) -> str:
    return f"{area_hm2 / land_km2:.2f}%" if land_km2 else "—"


def _areas(document: Any, result: Result) -> None:
    """Write the table by kind and county; each kind's first row is its sum."""
    rows = [
        [result.kind_names.get(t.kind, t.kind), t.names[0], f"{t.zones}", f"{t.area_hm2:,.2f}"]
        for t in result.totals if t.level in ("region", "county")
    ]  # fmt: skip
    add_paragraph(
        document, f"{result.place}{result.theme_name}面积统计表", align="center", font=HEADING, size=12, before=6
    )
    heads = ("种类", "区县", "个数", "面积/hm²")
    add_table(document, heads, rows, widths=(50, 46, 24, 36), size=10.5, right=(2, 3))


def _duties(result: Result) -> list[str]:
    """Return what follows from the zones, as the packs have read it; drafts are for the annex."""
    found = [d for d in _asked(result) if not d.draft]
    return [duty_sentence(number, duty) for number, duty in enumerate(found, start=1)] or [f"管理要求{OPEN}。"]


def _asked(result: Result) -> list[Any]:
    columns = result.layer.columns
    counties = result.units.counties.codes
    pairs = {(str(kind), str(level)) for kind, level in zip(columns["kind"], columns["level"], strict=True)}
    places = [Place(kind, level, county) for kind, level in sorted(pairs) for county in counties]
    return [duty for duty in duties_of(all_duties(result.rules), places) if duty.kinds]


def zone_list(result: Result) -> list[list[str]]:
    """
    Return the list of zones of the announcement (区域清单).

    Parameters
    ----------
    result : Result
        The zones.

    Returns
    -------
    list of list of str
        In order of their codes: code, name, kind, level, county, area, and longitude and latitude of a point inside.
    """
    columns = result.layer.columns
    levels = {str(level["id"]): str(level["name"]) for level in result.rules.value("zone_level.classes")}
    inside = shapely.point_on_surface(result.layer.geometry)
    move = between(result.layer.crs, 4490)
    lon, lat = move.transform(shapely.get_x(inside), shapely.get_y(inside))
    texts = [columns[name] for name in ("code", "name", "kind", "level", "county_name")]
    rows = zip(*texts, columns["area_hm2"], np.atleast_1d(lon), np.atleast_1d(lat), strict=True)
    return [
        [
            str(code), str(name) or "—", result.kind_names.get(str(kind), str(kind)), levels.get(str(level), "—"),
            str(county) or "跨县", f"{float(area):,.2f}", f"{x:.6f}", f"{y:.6f}",
        ]
        for code, name, kind, level, county, area, x, y in rows
    ]  # fmt: skip


def _cautions(result: Result) -> list[str]:
    """Return what must be said: drafts first, then layers, measures and borders."""
    drafts = [p.name for p in result.drafts()]
    found = ["读到的文件没有要求这类区域发布公告，也没有规定发布机关；是否公告、由谁公告，由主管机关决定。"]
    if drafts:
        found.append(f"以下标准仍是草案，公告前应与技术指南和省级规定原文核对：{'、'.join(drafts)}。")
    duties = [
        f"{d.text.rstrip('。')}（《{d.ground.citation.title}》{d.ground.clause}）" for d in _asked(result) if d.draft
    ]
    if duties:
        found.append(
            f"以下管理要求仍是草案（没有读到原文，或原文所指的区域未必就是这一类），未写入正文，核对后再定：{'；'.join(duties)}。"
        )
    found += notes_of(result.layer.metadata)
    found.append(
        f"面积按图形在 {result.layer.crs.name} 等积投影下量算，清单取到 0.01 公顷，各区域之和等于分县之和、等于合计。"
    )
    found.append(f"县界来源：{result.units.counties.source}。")
    return found
