"""The small watersheds in a report: how many, how large, why some are outside the limits, which erode most (公报小流域)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shuibao.facts.rate import exact_sum, first_eroded_class
from shuibao.report.bilingual import Text, html, number
from shuibao.report.bulletin import Bulletin
from shuibao.report.counting import COUNTY, SQUARE_KILOMETRE, TOTAL, share
from shuibao.report.methods import value_html
from shuibao.report.tables import Cell, Column, Table
from shuibao.survey.watershed_products import WatershedProducts, watershed_summary
from shuibao.watershed.small_watersheds import REASONS, TYPE_NAMES

MOST_ERODING = 10
"""Small watersheds that the page lists; the workbook lists all."""

NAMES = {zh: Text(zh, en) for zh, en in TYPE_NAMES.values()}
"""Types as the tables name them."""

WHY = {zh: Text(zh, en) for zh, en in REASONS.values() if zh}
"""Reasons for being outside the limits, as the tables name them."""

UNIT = Column(Text("小流域", "Small watershed"))
AREA = Column(Text("面积", "Area"), "km2")
INSIDE = Column(Text("区内面积", "In the region"), "km2")
COUNT = Column(Text("个数", "Number"), "count")
SHARE = Column(Text("占区域", "Of the region"), "percent")


def lead_text(products: WatershedProducts) -> Text:
    """
    Return how many small watersheds there are, of which sizes and types, in a sentence (小流域概述).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    """
    found = watershed_summary(products)
    if not found["watersheds"]:
        return Text("区域内没有划出小流域。", "No small watershed was drawn in the region.")
    low, high = found["limits_km2"]
    kinds = [(NAMES[zh], found["types"].get(zh, 0)) for zh in NAMES]
    least, mean, most = (number(found[name]) for name in ("minimum_km2", "mean_km2", "maximum_km2"))
    within, part = found["within_limits"], number(found["within_limits_percent"])
    count, parts, crossing = found["watersheds"], found["management_units"], found["crossing_border"]
    zh = (
        f"全区划为 {count} 个小流域（{'、'.join(f'{name.zh} {k} 个' for name, k in kinds)}），按县切为 {parts} 个管理单元；"
        f"面积 {least}–{most} km²，平均 {mean} km²。面积在 {low:.4g}–{high:.4g} km² 之内的 {within} 个，占区域的 {part} %。"
    )
    en = (
        f"There are {count} small watersheds ({', '.join(f'{k} {name.en}' for name, k in kinds)}), cut by county into "
        f"{parts} management units; they have {least}–{most} km², on the mean {mean} km². {within} of them, {part} % of the "
        f"region, are within {low:.4g}–{high:.4g} km²."
    )
    if crossing:
        zh += f"其中 {crossing} 个越出区域边界：限值按整个小流域判定，区内面积只计区内部分。"
        en += f" {crossing} reach beyond the border: the limits are those of the whole, the area in the region of that part."
    return Text(zh, en)


def type_table(products: WatershedProducts) -> Table:
    """Return number and size of the small watersheds by type (各类小流域)."""
    kind, own, whole = (products.column(name) for name in ("type", "area_m2", "whole_area_m2"))
    within = np.asarray(products.column("within_limits"), dtype=bool)
    all_m2 = exact_sum(own)
    sizes = [("平均面积", "Mean"), ("最小", "Least"), ("最大", "Greatest")]
    columns = [
        Column(Text("类型", "Type")), COUNT, INSIDE, SHARE, *(Column(Text(zh, en), "km2") for zh, en in sizes),
        Column(Text("面积在限内", "Within the limits"), "count"),
    ]  # fmt: skip

    def row(label: Text, chosen: NDArray[np.bool_]) -> list[Cell]:
        area, km2 = exact_sum(own[chosen]), whole[chosen] / SQUARE_KILOMETRE
        mean = exact_sum(whole[chosen]) / SQUARE_KILOMETRE / km2.size if km2.size else None
        ends = [float(km2.min()), float(km2.max())] if km2.size else [None, None]
        count, held = int(chosen.sum()), int((chosen & within).sum())
        return [label, count, area / SQUARE_KILOMETRE, share(area, all_m2), mean, *ends, held]

    rows = [row(label, kind == zh) for zh, label in NAMES.items()]
    title = Text("各类小流域", "Small watersheds by type")
    note = Text(
        "平均、最小、最大按整个小流域计。完整型：没有外来水，由一处河口流出；区间型：有上游小流域汇入；坡面型：大河一岸或散流的坡面。",
        "Mean, least and greatest are of whole units. Closed: nothing drains into it and all leaves through one channel; "
        "interval: others drain into it; slope: a bank of a large river, or land that leaves past any one channel.",
    )
    return Table("watershed-types", title, columns, rows, row(TOTAL, np.ones(own.size, dtype=bool)), note)


def outside_table(products: WatershedProducts) -> Table | None:
    """Return why small watersheds are outside the limits, and how much of the region that is; None if none is (超限原因)."""
    within = np.asarray(products.column("within_limits"), dtype=bool)
    if within.all():
        return None
    reason, own, whole = (products.column(name) for name in ("reason", "area_m2", "whole_area_m2"))
    columns = [
        Column(Text("原因", "Reason")), COUNT, Column(Text("整个面积", "Whole area"), "km2"), INSIDE, SHARE,
    ]  # fmt: skip
    all_m2 = exact_sum(own)

    def row(label: Text | str, chosen: NDArray[np.bool_]) -> list[Cell]:
        inside = exact_sum(own[chosen])
        areas = [exact_sum(whole[chosen]) / SQUARE_KILOMETRE, inside / SQUARE_KILOMETRE]
        return [label, int(chosen.sum()), *areas, share(inside, all_m2)]

    found = sorted(set(reason[~within].tolist()))
    rows = [row(WHY.get(word, word), ~within & (reason == word)) for word in found]
    title = Text("面积超限的小流域及原因", "Small watersheds outside the limits, and why")
    return Table("watershed-limits", title, columns, rows, row(TOTAL, ~within))


@dataclass(frozen=True)
class Losses:
    """
    What the facts say of each small watershed, in the order of the table (各小流域侵蚀).

    Parameters
    ----------
    area_m2, eroded_m2, known_m2 : (n,) array
        Land, eroded land, and land whose soil loss is known, m². Adjusted to control areas where those were given.
    tonnes : (n,) array
        Soil loss, t/a.
    """

    area_m2: NDArray[np.float64]
    eroded_m2: NDArray[np.float64]
    known_m2: NDArray[np.float64]
    tonnes: NDArray[np.float64]


def losses_of(bulletin: Bulletin, products: WatershedProducts) -> Losses:
    """
    Return what the facts say of each small watershed (汇总各小流域).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    products : WatershedProducts
        The products of its region.
    """
    facts = bulletin.by_watershed
    row = {code: k for k, code in enumerate(products.column("code").tolist())}
    values, place = facts.places("watershed")
    at = np.array([row.get(code, -1) for code in values], dtype=np.int64)[place]
    intensity = facts.column("intensity")
    hundredths = np.rint(facts.column("area_m2") * 100.0).astype(np.int64)

    def added(amounts: NDArray[np.int64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        out = np.zeros(len(row), dtype=np.int64)
        np.add.at(out, at[chosen], amounts[chosen])
        return out.astype(np.float64)

    land, eroded = at >= 0, (at >= 0) & (intensity >= first_eroded_class(bulletin.rules))
    area, lost, known = (added(hundredths, chosen) / 100.0 for chosen in (land, eroded, land & (intensity > 0)))
    return Losses(area, lost, known, added(facts.column("soil_loss_g"), land) / 1e6)


def eroding_table(bulletin: Bulletin, products: WatershedProducts, most: int = MOST_ERODING) -> Table:
    """
    Return the small watersheds with the greatest soil loss (流失量最大的小流域).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    products : WatershedProducts
        The products of its region.
    most : int
        How many at most.
    """
    losses = losses_of(bulletin, products)
    order = np.lexsort((np.arange(losses.tonnes.size), -losses.tonnes))[:most]
    pick = _identity(bulletin.county_name, products) + [(INSIDE, lambda k: float(losses.area_m2[k]) / SQUARE_KILOMETRE)]
    pick += _erosion(losses, float(losses.tonnes.sum()))
    title = Text(
        f"土壤流失量最大的 {order.size} 个小流域", f"The {order.size} small watersheds with the greatest soil loss"
    )
    rows = [[value(int(k)) for _, value in pick] for k in order]
    note = Text("只计区域内的部分；全部小流域见 tables.xlsx。", "Of what lies in the region; all are in tables.xlsx.")
    return Table("watershed-erosion", title, [c for c, _ in pick], rows, None, note)


Pick = list[tuple[Column, Callable[[int], Cell]]]
"""Columns, and what each holds in a row of the small watersheds."""


def _identity(county: Callable[[str], Text], products: WatershedProducts) -> Pick:
    name, code, kind, where = (products.column(key) for key in ("name", "code", "type", "county"))
    return [
        (UNIT, lambda k: str(name[k])),
        (Column(Text("代码", "Code")), lambda k: str(code[k])),
        (Column(Text("类型", "Type")), lambda k: NAMES.get(str(kind[k]), str(kind[k]))),
        (COUNTY, lambda k: county(str(where[k]))),
    ]


def _erosion(losses: Losses, all_tonnes: float) -> Pick:
    def modulus(k: int) -> Cell:
        return float(losses.tonnes[k] / losses.known_m2[k] * SQUARE_KILOMETRE) if losses.known_m2[k] else None

    return [
        (Column(Text("水土流失面积", "Eroded area"), "km2"), lambda k: float(losses.eroded_m2[k]) / SQUARE_KILOMETRE),
        (
            Column(Text("水土保持率", "Conservation rate"), "percent"),
            lambda k: share(float(losses.area_m2[k] - losses.eroded_m2[k]), float(losses.area_m2[k])),
        ),
        (Column(Text("土壤流失量", "Soil loss"), "tonnes"), lambda k: float(losses.tonnes[k])),
        (
            Column(Text("占总流失量", "Of all soil loss"), "percent"),
            lambda k: share(float(losses.tonnes[k]), all_tonnes),
        ),
        (Column(Text("平均侵蚀模数", "Mean modulus"), "modulus"), modulus),
    ]


def watershed_table(products: WatershedProducts, county: Callable[[str], Text], losses: Losses | None = None) -> Table:
    """
    Return all small watersheds one by one, upstream before downstream (小流域清单).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    county : callable
        Gives the name of a county's code.
    losses : Losses, optional
        What the facts say of each.
    """
    got = products.watersheds.columns
    within = np.asarray(got["within_limits"], dtype=bool)
    pick = _identity(county, products) + [
        (AREA, lambda k: float(got["whole_area_m2"][k]) / SQUARE_KILOMETRE),
        (INSIDE, lambda k: float(got["area_m2"][k]) / SQUARE_KILOMETRE),
        (
            Column(Text("上游面积", "Upstream area"), "km2"),
            lambda k: float(got["upstream_area_m2"][k]) / SQUARE_KILOMETRE,
        ),
        (Column(Text("流入", "Drains into")), lambda k: str(got["down_code"][k]) or None),
        (
            Column(Text("面积在限内", "Within the limits")),
            lambda k: Text("是", "yes") if within[k] else Text("否", "no"),
        ),
        (Column(Text("超限原因", "Why not")), lambda k: WHY.get(str(got["reason"][k]))),
        (Column(Text("出口东坐标", "Easting of the outlet"), "metres"), lambda k: float(got["outlet_x"][k])),
        (Column(Text("出口北坐标", "Northing of the outlet"), "metres"), lambda k: float(got["outlet_y"][k])),
    ]
    if losses is not None:
        pick += _erosion(losses, float(losses.tonnes.sum()))
    rows = [[value(k) for _, value in pick] for k in range(within.size)]
    return Table("watersheds", Text("小流域清单", "Small watersheds"), [c for c, _ in pick], rows)


def draft_note(bulletin: Bulletin) -> str:
    """
    Return which draft values the small watersheds were drawn with, as HTML; nothing if none is a draft (划分用草案值).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    drawn = {p["key"] for p in bulletin.records.get("water", {}).get("parameters", [])}
    drafts = [p for p in bulletin.drafts if p["key"] in drawn and p["key"].startswith("watershed.")]
    if not drafts:
        return ""
    title = html(Text("划分所用的草案值", "Draft values they were drawn with"))
    values = "".join(
        f"<li>{html(Text(p['name'], p['name_en'] or p['name']))} {value_html(p['value'])} {html(_UNITS.get(p['unit'], ''))}</li>"
        for p in drafts
    )
    link = f'<a href="#parameters">{html(Text("出处见“参数”", "see Parameters"))}</a>'
    return f'<div class="notice draft"><strong>{title}</strong> {link}<ul>{values}</ul></div>'


_UNITS = {"km2": Text("km²", "km²"), "percent": Text("%", "%"), "characters": Text("位", "characters")}
