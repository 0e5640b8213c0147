"""The tables of a report, read off the facts by sums over their rows (公报统计表)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.facts.rate import Rate, exact_sum, first_eroded_class
from shuibao.report.bilingual import Text
from shuibao.report.bulletin import Bulletin
from shuibao.report.tables import Cell, Column, Table
from shuibao.survey.words import class_ranges

SQUARE_KILOMETRE = 1e6
HECTARE = 1e4
MISSING = Text("缺测", "Missing")
TOTAL = Text("合计", "Total")
COUNTY = Column(Text("县级行政区", "County"))
LARGEST = 20
"""Patches that the page lists; the workbook lists all."""


def classes_of(bulletin: Bulletin, dimension: str) -> dict[int, Text]:
    """
    Return the names of the classes of a dimension of the facts, by code, without missing (分级名称).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    dimension : {"intensity", "land_use", "slope_class"}
        Column of the facts.
    """
    rules = bulletin.rules
    if dimension == "slope_class":
        return {k: Text(v, v) for k, v in class_ranges(rules.value("slope_class.breaks"), "°", 1).items()}
    key = {"intensity": "erosion_intensity.classes", "land_use": "land_class.classes"}[dimension]
    return {int(c["code"]): Text(str(c["name"]), str(c["name_en"])) for c in rules.value(key)}


def present(bulletin: Bulletin, dimension: str) -> dict[int, Text]:
    """
    Return the classes that occur, missing last (出现的类别).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    dimension : str
        Column of the facts.
    """
    codes = {int(v) for v in bulletin.facts.column(dimension)}
    named = classes_of(bulletin, dimension)
    found = {k: named.get(k, Text(str(k), str(k))) for k in sorted(codes - {0})}
    return found | ({0: MISSING} if 0 in codes else {})


class Sums:
    """
    Sums of the facts over chosen rows, exact whatever their order (汇总器).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """

    def __init__(self, bulletin: Bulletin) -> None:
        facts = bulletin.facts
        self.columns = {name: facts.column(name) for name in ("county", "land_use", "slope_class", "intensity", "zone")}
        self.area = facts.column("area_m2")
        self.grams = facts.column("soil_loss_g")
        self.eroded = self.columns["intensity"] >= first_eroded_class(bulletin.rules)

    def rows(self, **chosen: Any) -> NDArray[np.bool_]:
        """Return which rows of the facts have the given codes."""
        out = np.ones(self.area.size, dtype=bool)
        for name, value in chosen.items():
            out &= self.columns[name] == value
        return out

    def km2(self, rows: NDArray[np.bool_]) -> float:
        """Return the area of some rows, km²."""
        return exact_sum(self.area[rows]) / SQUARE_KILOMETRE

    def tonnes(self, rows: NDArray[np.bool_]) -> float:
        """Return the soil loss of some rows, t/a."""
        return int(self.grams[rows].sum()) / 1e6

    def known_km2(self, rows: NDArray[np.bool_]) -> float:
        """Return the area of some rows whose soil loss is known, km²."""
        return self.km2(rows & (self.columns["intensity"] > 0))


def share(part: float, whole: float) -> float | None:
    """
    Return a part in percent of the whole, or None of nothing (占比).

    Examples
    --------
    >>> share(1.0, 4.0), share(0.0, 0.0)
    (25.0, None)
    """
    return 100.0 * part / whole if whole else None


def rate_table(bulletin: Bulletin) -> Table:
    """Return each county's rate beside its target (水土保持率与目标)."""
    year = next((r.target_year for r in bulletin.rates if r.target_year is not None), None)
    goal = Text(f"{year} 年目标" if year else "目标", f"Target {year}" if year else "Target")
    columns = [
        COUNTY,
        Column(Text("土地面积", "Land area"), "km2"),
        Column(Text("水土流失面积", "Eroded area"), "km2"),
        Column(Text("水土保持率", "Conservation rate"), "percent"),
        Column(goal, "percent"),
        Column(Text("差距", "Gap"), "points"),
        Column(Text("土壤流失量", "Soil loss"), "tonnes"),
        Column(Text("平均侵蚀模数", "Mean modulus"), "modulus"),
    ]

    def row(name: Text, rate: Rate) -> list[Cell]:
        areas = [rate.area_m2 / SQUARE_KILOMETRE, rate.eroded_m2 / SQUARE_KILOMETRE]
        return [name, *areas, rate.rate, rate.target, rate.gap, rate.soil_loss_t, rate.modulus]

    rows = [row(bulletin.county_name(r.code), r) for r in bulletin.rates[:-1]]
    return Table(
        "rates", Text("各县水土保持率与目标", "Conservation rate and target by county"), columns, rows,
        row(TOTAL, bulletin.own), Text(
            f"水土保持率 = 100 × (1 − 水土流失面积 / 土地面积)；土地面积：{bulletin.basis.zh}。",
            f"Rate = 100 × (1 − eroded area / land area); land area: {bulletin.basis.en}.",
        ),
    )  # fmt: skip


def intensity_table(bulletin: Bulletin) -> Table:
    """Return the area of each intensity class by county (各县侵蚀强度面积)."""
    sums = Sums(bulletin)
    keys = [(bulletin.county_name(r.code), {"county": r.code}) for r in bulletin.rates[:-1]]
    title = Text("各县土壤侵蚀强度面积", "Area by intensity class and county")
    return _crossed(bulletin, sums, "intensity", title, COUNTY, keys)


def land_intensity_table(bulletin: Bulletin) -> Table:
    """Return the area of each intensity class by land class (各地类侵蚀强度面积)."""
    sums = Sums(bulletin)
    keys = [(name, {"land_use": code}) for code, name in present(bulletin, "land_use").items()]
    title = Text("各地类土壤侵蚀强度面积", "Area by intensity class and land class")
    return _crossed(bulletin, sums, "land-intensity", title, Column(Text("地类", "Land class")), keys)


def _crossed(
    bulletin: Bulletin, sums: Sums, name: str, title: Text, head: Column, keys: Sequence[tuple[Text, Mapping[str, Any]]]
) -> Table:
    classes = present(bulletin, "intensity")
    columns = [head, Column(Text("面积", "Area"), "km2")]
    for label in classes.values():
        columns += [Column(label, "km2"), Column(Text(f"{label.zh}占比", f"{label.en}, share"), "percent", beside=True)]
    columns += [
        Column(Text("水土流失面积", "Eroded area"), "km2"),
        Column(Text("水土流失占比", "Eroded, share"), "percent", beside=True),
    ]

    def row(label: Text, rows: NDArray[np.bool_]) -> list[Cell]:
        whole = sums.km2(rows)
        parts = [sums.km2(rows & sums.rows(intensity=code)) for code in classes] + [sums.km2(rows & sums.eroded)]
        return [label, whole, *(cell for part in parts for cell in (part, share(part, whole)))]

    body = [row(label, sums.rows(**chosen)) for label, chosen in keys]
    return Table(name, title, columns, body, row(TOTAL, sums.rows()))


def land_table(bulletin: Bulletin) -> Table:
    """Return area, eroded area and soil loss by land class (各地类面积与流失量)."""
    title = Text("各地类面积与土壤流失量", "Area and soil loss by land class")
    return _losses(bulletin, "land_use", "land-use", title, Column(Text("地类", "Land class")))


def slope_table(bulletin: Bulletin) -> Table:
    """Return area, eroded area and soil loss by slope class (各坡度级面积与流失量)."""
    title = Text("各坡度级面积与土壤流失量", "Area and soil loss by slope class")
    return _losses(bulletin, "slope_class", "slope-class", title, Column(Text("坡度", "Slope")))


def _losses(bulletin: Bulletin, dimension: str, name: str, title: Text, head: Column) -> Table:
    sums = Sums(bulletin)
    whole, all_tonnes = sums.km2(sums.rows()), sums.tonnes(sums.rows())
    columns = [
        head,
        Column(Text("面积", "Area"), "km2"), Column(Text("占总面积", "Of all land"), "percent"),
        Column(Text("水土流失面积", "Eroded area"), "km2"), Column(Text("占本类", "Of the class"), "percent"),
        Column(Text("土壤流失量", "Soil loss"), "tonnes"), Column(Text("占总流失量", "Of all soil loss"), "percent"),
        Column(Text("平均侵蚀模数", "Mean modulus"), "modulus"),
    ]  # fmt: skip

    def row(label: Text, rows: NDArray[np.bool_]) -> list[Cell]:
        area, eroded, tonnes, known = (
            sums.km2(rows),
            sums.km2(rows & sums.eroded),
            sums.tonnes(rows),
            sums.known_km2(rows),
        )
        return [
            label, area, share(area, whole), eroded, share(eroded, area), tonnes, share(tonnes, all_tonnes),
            tonnes / known if known else None,
        ]  # fmt: skip

    body = [row(label, sums.rows(**{dimension: code})) for code, label in present(bulletin, dimension).items()]
    return Table(name, title, columns, body, row(TOTAL, sums.rows()))


def patch_summary_table(bulletin: Bulletin) -> Table:
    """Return number, area and mean slope of the steep-slope patches by county (各县陡坡地图斑)."""
    got = bulletin.patches.columns
    codes, areas = np.asarray(got["county"], dtype=object), np.asarray(got["area_m2"], dtype=np.float64)
    slopes = np.asarray(got["mean_slope"], dtype=np.float64)
    columns = [
        COUNTY, Column(Text("图斑数", "Patches"), "count"), Column(Text("面积", "Area"), "hm2"),
        Column(Text("占土地面积", "Of all land"), "percent"), Column(Text("平均坡度", "Mean slope"), "degrees"),
        Column(Text("最大图斑", "Largest patch"), "hm2"),
    ]  # fmt: skip

    def row(label: Text, chosen: NDArray[np.bool_], land_m2: float) -> list[Cell]:
        area = exact_sum(areas[chosen])
        slope = float((slopes[chosen] * areas[chosen]).sum() / area) if area else None
        largest = float(areas[chosen].max()) / HECTARE if chosen.any() else None
        return [label, int(chosen.sum()), area / HECTARE, share(area, land_m2), slope, largest]

    body = [row(bulletin.county_name(r.code), codes == r.code, r.area_m2) for r in bulletin.rates[:-1]]
    every = np.ones(codes.size, dtype=bool)
    title = Text("各县禁止开垦陡坡地图斑", "Patches of the steep-slope zone by county")
    return Table("patches", title, columns, body, row(TOTAL, every, bulletin.own.area_m2))


def patch_table(bulletin: Bulletin, *, most: int | None = LARGEST) -> Table:
    """
    Return the patches of the steep-slope zone, the largest first (图斑清单).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    most : int, optional
        How many at most; without it all, in order of their numbers, with their coordinates.
    """
    got, lands = bulletin.patches.columns, classes_of(bulletin, "land_use")
    pick: list[tuple[Column, Callable[[int], Cell]]] = [
        (Column(Text("图斑编号", "Number")), lambda k: str(got["number"][k])),
        (COUNTY, lambda k: bulletin.county_name(str(got["county"][k]))),
        (Column(Text("面积", "Area"), "hm2"), lambda k: float(got["area_m2"][k]) / HECTARE),
        (Column(Text("平均坡度", "Mean slope"), "degrees"), lambda k: float(got["mean_slope"][k])),
        (
            Column(Text("主要地类", "Main land class")),
            lambda k: lands.get(int(got["land_use"][k]), str(got["land_use_name"][k])),
        ),
        (Column(Text("主要地类占比", "Its share"), "percent", decimals=1), lambda k: float(got["land_use_share"][k])),
        (Column(Text("周长", "Perimeter"), "metres"), lambda k: float(got["perimeter_m"][k])),
    ]
    order = list(range(len(got["number"])))
    title = Text("禁止开垦陡坡地图斑清单", "Patches of the steep-slope zone")
    if most is not None:
        areas = np.asarray(got["area_m2"], dtype=np.float64)
        order = [int(k) for k in np.lexsort((np.arange(areas.size), -areas))[:most]]
        title = Text(f"面积最大的 {len(order)} 个图斑", f"The {len(order)} largest patches")
    else:
        pick += [
            (Column(Text("首像元东坐标", "Easting of first cell"), "metres"), lambda k: float(got["easting"][k])),
            (Column(Text("首像元北坐标", "Northing of first cell"), "metres"), lambda k: float(got["northing"][k])),
        ]
    return Table("patch-list", title, [c for c, _ in pick], [[value(k) for _, value in pick] for k in order])


def residual_table(bulletin: Bulletin) -> Table | None:
    """Return what was moved so that counties add up to their control areas; None if none were given (控制面积残差)."""
    residuals = bulletin.records["land"].get("summary", {}).get("residuals", [])
    if not residuals:
        return None
    columns = [
        COUNTY, Column(Text("格网计数面积", "Area on the grid"), "km2"), Column(Text("控制面积", "Control area"), "km2"),
        Column(Text("残差", "Residual"), "hm2"), Column(Text("残差占控制面积", "Residual, share"), "percent"),
    ]  # fmt: skip

    def row(label: Text, measured: float, control: float) -> list[Cell]:
        left = control - measured
        areas = [measured / SQUARE_KILOMETRE, control / SQUARE_KILOMETRE]
        return [label, *areas, left / HECTARE, share(left, control)]

    body = [row(bulletin.county_name(code), measured, control) for code, measured, control in residuals]
    sums = [sum(r[k] for r in residuals) for k in (1, 2)]
    return Table(
        "residuals", Text("控制面积平差", "Adjustment to control areas"), columns, body, row(TOTAL, *sums),
        Text("残差 = 控制面积 − 格网计数面积，按面积分摊到各行。", "Residual = control − grid; it is shared out by area."),
    )  # fmt: skip
