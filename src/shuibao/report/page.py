"""The page: one HTML file with everything in it (公报网页)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from shuibao.report.bilingual import Text, html, number
from shuibao.report.bulletin import Bulletin
from shuibao.report.charts import intensity_chart, losses_chart, rate_chart, size_chart
from shuibao.report.counting import (
    HECTARE,
    SQUARE_KILOMETRE,
    intensity_table,
    land_intensity_table,
    land_table,
    patch_summary_table,
    patch_table,
    rate_table,
    residual_table,
    share,
    slope_table,
)
from shuibao.report.drafts import draft_lead, draft_notice
from shuibao.report.maps import draw_maps
from shuibao.report.methods import methods_html, parameters_html
from shuibao.report.page_frame import BADGE, framed
from shuibao.report.provenance import provenance_html
from shuibao.report.tables import Table, table_html
from shuibao.report.watersheds import draft_note, eroding_table, lead_text, outside_table, type_table

TEN_THOUSAND = 1e4

SECTIONS = (
    ("maps", Text("图", "Maps")),
    ("rate", Text("水土保持率与目标", "Conservation rate and target")),
    ("intensity", Text("土壤侵蚀强度", "Erosion intensity")),
    ("land", Text("土地利用", "Land use")),
    ("slope", Text("坡度", "Slope")),
    ("zone", Text("禁止开垦陡坡地", "Steep-slope zone")),
    ("watersheds", Text("小流域", "Small watersheds")),
    ("methods", Text("方法", "Methods")),
    ("parameters", Text("参数", "Parameters")),
    ("sources", Text("出处", "Provenance")),
)
"""Sections of the page in order; that on small watersheds is left out where they have not been drawn."""


def page(bulletin: Bulletin) -> str:
    """
    Return the report as one HTML page (公报 HTML).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    bodies = _bodies(bulletin)
    present = [(name, title) for name, title in SECTIONS if bodies[name]]
    sections = "".join(
        f'<section id="{name}"><h2><span class="no">{k}</span>{html(title)}</h2>{bodies[name]}</section>'
        for k, (name, title) in enumerate(present, start=1)
    )
    links = "".join(f'<a href="#{name}">{html(title)}</a>' for name, title in present)
    title = f"{bulletin.region.name} {bulletin.region.year} 年水土保持公报"
    lead = f'<p class="summary">{html(summary(bulletin))}</p>\n{_notices(bulletin)}\n<nav>{links}</nav>\n'
    mark = Text("水土保持公报", "Soil and water conservation report")
    parts = (_heading(bulletin), _cards(bulletin), lead + sections, _footer(bulletin))
    return framed(title, mark, *parts, simulated=bulletin.simulated)


def _bodies(bulletin: Bulletin) -> dict[str, str]:
    label = BADGE if bulletin.simulated else ""
    residuals = residual_table(bulletin)

    def shown(*tables: Table) -> str:
        return "".join(table_html(table, label) for table in tables)

    pair = f'<div class="pair">{rate_chart(bulletin)}{intensity_chart(bulletin)}</div>'
    maps = draw_maps(bulletin)
    return {
        "maps": maps.main,
        "rate": pair + shown(rate_table(bulletin), *([residuals] if residuals else [])),
        "intensity": shown(intensity_table(bulletin)),
        "land": losses_chart(bulletin, "land_use") + shown(land_table(bulletin), land_intensity_table(bulletin)),
        "slope": losses_chart(bulletin, "slope_class") + shown(slope_table(bulletin)),
        "zone": shown(patch_summary_table(bulletin)) + _patch_list(bulletin, label),
        "watersheds": _watersheds(bulletin, maps.watersheds, label),
        "methods": methods_html(bulletin),
        "parameters": f"<p>{html(draft_lead(bulletin))}</p>{parameters_html(bulletin)}",
        "sources": provenance_html(bulletin),
    }


def _patch_list(bulletin: Bulletin, label: Text | str) -> str:
    if not len(bulletin.patches.geometry):
        return f"<p>{html(_NO_PATCHES)}</p>"
    return f'{table_html(patch_table(bulletin), label)}<p class="note">{html(_ALL_PATCHES)}</p>'


def _watersheds(bulletin: Bulletin, drawn: str, label: Text | str) -> str:
    """Return the section on small watersheds; nothing where they have not been drawn."""
    products = bulletin.watersheds
    if products is None:
        return ""
    tables = [type_table(products), outside_table(products), eroding_table(bulletin, products)]
    shown = "".join(table_html(table, label) for table in tables if table is not None)
    pair = f'<div class="maps">{drawn}<div>{size_chart(products)}{draft_note(bulletin)}</div></div>'
    return f'<p>{html(lead_text(products))}</p>{pair}{shown}<p class="note">{html(_ALL_UNITS)}</p>'


_ALL_UNITS = Text(
    "全部小流域见 tables.xlsx 与 products/watersheds.parquet、management_units.parquet（GIS 可用 products/watersheds.gpkg）。",
    "All small watersheds: tables.xlsx, products/watersheds.parquet and management_units.parquet (for GIS, "
    "products/watersheds.gpkg).",
)
_NO_PATCHES = Text("没有达到最小面积的图斑。", "There is no patch of the minimum area.")
_ALL_PATCHES = Text(
    "全部图斑见 tables.xlsx 与 products/steep_slope.parquet（GIS 可用 products/products.gpkg）。",
    "All patches: tables.xlsx and products/steep_slope.parquet (for GIS, products/products.gpkg).",
)


def _heading(bulletin: Bulletin) -> str:
    name, year = bulletin.name, bulletin.region.year
    tags = []
    if bulletin.simulated:
        tags.append(f'<span class="tag simulated">{html(BADGE)}</span>')
    if bulletin.drafts:
        count = len(bulletin.drafts)
        words = Text(f"草案：{count} 项参数未核对", f"Draft: {count} parameters not verified")
        tags.append(f'<a class="tag draft" href="#parameters">{html(words)}</a>')
    return (
        f"<h1>{html(name)}<small>{html(Text(f'{year} 年水土保持公报', f'Soil and water conservation, {year}'))}</small></h1>"
        f'<p class="tags">{"".join(tags)}</p>'
    )


def _cards(bulletin: Bulletin) -> str:
    own = bulletin.own
    patches = bulletin.patches.columns["area_m2"]
    zone = float(sum(float(a) for a in patches))
    eroded = share(own.eroded_m2, own.area_m2)
    land = Text(f"占土地面积 {number(eroded)} %", f"{number(eroded)} % of the land")
    modulus = Text(f"平均 {number(own.modulus, 1)} t/(km²·a)", f"mean {number(own.modulus, 1)} t/(km²·a)")
    part = number(share(zone, own.area_m2))
    count = Text(
        f"{number(len(patches), 0)} 块，占土地面积 {part} %", f"{number(len(patches), 0)} patches, {part} % of the land"
    )
    return "".join([
        _rate_card(bulletin),
        _card(Text("水土流失面积", "Eroded area"), number(own.eroded_m2 / SQUARE_KILOMETRE), "km²", land),
        _card(Text("土壤流失量", "Soil loss"), *_tonnes(own.soil_loss_t), modulus),
        _card(Text("禁止开垦陡坡地", "Steep-slope zone"), number(zone / HECTARE), "hm²", count),
    ])  # fmt: skip


def _tonnes(tonnes: float) -> tuple[Text, Text]:
    """Return soil loss and its unit as each language counts it."""
    if tonnes < TEN_THOUSAND:
        return Text(number(tonnes, 0), number(tonnes, 0)), Text("t/a", "t/a")
    return Text(number(tonnes / TEN_THOUSAND), number(tonnes / 1000, 1)), Text("万 t/a", "kt/a")


def _card(title: Text, value: Text | str, unit: Text | str, below: Text) -> str:
    return (
        f'<div class="card"><h3>{html(title)}</h3><p class="value">{html(value)}<small>{html(unit)}</small></p>'
        f"<p>{html(below)}</p></div>"
    )


def _rate_card(bulletin: Bulletin) -> str:
    own = bulletin.own
    mark, below = "", html(Text("没有给出目标", "No target given"))
    if own.target is not None and own.gap is not None:
        met = own.gap >= 0
        words = Text(
            f"{own.target_year} 年目标 {number(own.target)} %，{'高出' if met else '尚差'} {number(abs(own.gap))} 个百分点",
            f"Target {own.target_year}: {number(own.target)} %, {number(abs(own.gap))} points {'above' if met else 'below'}",
        )
        below = f'<span class="{"met" if met else "short"}-text">{html(words)}</span>'
        mark = f'<i class="goal" style="left:{own.target:.2f}%"></i>'
    kind = "short" if own.gap is not None and own.gap < 0 else "met"
    return (
        f'<div class="card main"><h3>{html(Text("水土保持率", "Conservation rate"))}</h3>'
        f'<p class="value">{number(own.rate)}<small>%</small></p>'
        f'<div class="gauge"><i class="{kind}" style="width:{own.rate:.2f}%"></i>{mark}</div><p>{below}</p></div>'
    )


def summary(bulletin: Bulletin) -> Text:
    """
    Return the report in one sentence (公报摘要).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    own, name, year = bulletin.own, bulletin.name, bulletin.region.year
    land, eroded = number(own.area_m2 / SQUARE_KILOMETRE), number(own.eroded_m2 / SQUARE_KILOMETRE)
    part, rate = number(share(own.eroded_m2, own.area_m2)), number(own.rate)
    loss, unit = _tonnes(own.soil_loss_t)
    zh = (
        f"{year} 年，{name.zh}土地面积 {land} km²，水土流失面积 {eroded} km²，占 {part} %，水土保持率 {rate} %；"
        f"土壤流失量 {loss.zh} {unit.zh}。土地面积为{bulletin.basis.zh}。"
    )
    en = (
        f"In {year} {name.en} had {land} km² of land, of which {eroded} km² or {part} % eroded: a conservation rate of "
        f"{rate} %. Soil loss was {loss.en} {unit.en}. Land area is {bulletin.basis.en}."
    )
    return Text(zh, en)


def _notices(bulletin: Bulletin) -> str:
    out = []
    if bulletin.simulated:
        words = Text(
            "本公报用模拟数据编成：自然条件由种子生成，不反映当地实况，不得作为管理或考核依据。",
            "This report is made from simulated data: the land is generated from a seed, is not the real one, and decides nothing.",
        )
        out.append(_notice("simulated", BADGE, [words]))
    out.append(draft_notice(bulletin))
    if bulletin.warnings:
        out.append(_notice("warning", Text("警告", "Warnings"), bulletin.warnings))
    if bulletin.region.note:
        out.append(
            _notice("remark", Text("数据说明", "About the data"), [Text(bulletin.region.note, bulletin.region.note)])
        )
    return "".join(out)


def _notice(kind: str, title: Text, lines: Sequence[Text]) -> str:
    inside = (
        f"<p>{html(lines[0])}</p>" if len(lines) == 1 else f"<ul>{''.join(f'<li>{html(t)}</li>' for t in lines)}</ul>"
    )
    return f'<div class="notice {kind}"><strong>{html(title)}</strong>{inside}</div>'


def _footer(bulletin: Bulletin) -> str:
    software = escape(str(bulletin.records["land"]["software"]))
    rounding = Text(
        "表中各数由未舍入的值各自舍入，合计由未舍入的值求和，末位可能与所示各数之和相差 1；未舍入的值见 tables.xlsx。",
        "Numbers are rounded one by one and sums are taken before rounding, so the last digit may differ by one; "
        "tables.xlsx holds them unrounded.",
    )
    return f"<p>{html(rounding)}</p><p>{software} · {escape(', '.join(bulletin.region.rules))}</p>"
