"""
The tables of docs/validation.md, made from the data: ``python -m tests.validation.tables``.

Each table has a name; the page holds it between ``<!-- table: name -->`` and ``<!-- end -->``. A test compares the two;
``--write`` puts new tables into the page.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from examples.youwuzhen import default_data, soil_erodibility
from examples.youwuzhen_sediment import Land, deliver, read_land
from tests.validation import delivery, relief, youwuzhen

from shuibao.ground.reading import Method

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
PUBLISHED_K = {201: 0.0241, 202: 0.0250, 203: 0.0329, 204: 0.0271, 205: 0.0270}


def markdown(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; the first column reads left, the rest right."""
    lines = [headers, ["---", *["---:"] * (len(headers) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def slope_table(data: Path) -> str:
    """Return differences of slope, degrees."""
    rows = []
    for place, name in relief.PLACES.items():
        for other, off in relief.slope_spreads(data / "ref_ls_saga_grass" / place).items():
            numbers = [_degrees(v) for v in (off.mean, off.p95, off.most)]
            rows.append([name, other, off.cells, *numbers, f"{off.bias:+.2f}" if off.mean > 0.005 else "0"])
    return markdown(["高程", "对照", "像元", "平均绝对差 °", "95 % 分位 °", "最大 °", "平均偏差 °"], rows)


def _degrees(value: float) -> str:
    return f"{value:.2f}" if value >= 0.005 else "< 0.0001"


def direction_table(data: Path) -> str:
    """Return how D8 directions agree with GRASS, per cent of the inner cells."""
    rows = []
    for place, name in relief.PLACES.items():
        found = relief.direction_shares(data / "ref_ls_saga_grass" / place)
        shares = (found.same, found.ours_none, found.tie, found.theirs_not_down, found.theirs_gentler)
        rows.append([name, *[f"{100 * share:.2f}" for share in shares]])
    return markdown(
        ["高程", "相同", "我方为洼地、平地", "同样陡", "GRASS 平流或上坡（穿洼）", "GRASS 取较缓的下坡"], rows
    )


def ls_table(data: Path) -> str:
    """Return our LS beside others."""
    names = {
        "saga_LS_desmet_govers": "SAGA Desmet & Govers",
        "saga_LS_moore_nieber": "SAGA Moore & Nieber",
        "saga_LS_wischmeier_smith": "SAGA Wischmeier & Smith",
        "grass_LS": "GRASS r.watershed",
    }
    rows = []
    for place, name in relief.PLACES.items():
        folder = data / "ref_ls_saga_grass" / place
        ours = relief.our_ls(relief.layer(folder, "dem"))
        for key, other in names.items():
            theirs = relief.layer(folder, key)
            both = np.isfinite(ours) & np.isfinite(theirs)
            ratio = float(np.median(ours[both] / theirs[both]))
            rank = relief.rank_correlation(ours, theirs)
            means = (f"{ours[both].mean():.1f}", f"{theirs[both].mean():.1f}")
            rows.append([name, other, f"{rank:.2f}", f"{ratio:.2f}", *means])
    return markdown(["高程", "对照", "秩相关", "比值中位数（我/它）", "平均（我）", "平均（它）"], rows)


def ls_forms_table(data: Path) -> str:
    """Return LS by several definitions: mean, median and 95th percentile of the cells that all have."""
    by_place = {name: relief.ls_forms(data / "ref_ls_saga_grass" / place) for place, name in relief.PLACES.items()}
    headers, rows = ["定义"], {}
    for name, forms in by_place.items():
        headers += [f"{name} 平均", "中位", "95 %"]
        inside = np.logical_and.reduce([np.isfinite(values) for values in forms.values()])
        for form, values in forms.items():
            own = values[inside]
            numbers = (own.mean(), np.median(own), np.percentile(own, 95))
            rows.setdefault(form, [form]).extend(f"{number:.1f}" for number in numbers)
    return markdown(headers, list(rows.values()))


def turned_table(data: Path) -> str:
    """Return what bringing real elevation to the national grid does to slope."""
    names: dict[Method, str] = {"cubic": "三次卷积（默认）", "bilinear": "双线性", "nearest": "最近邻"}
    folder = data / "ref_ls_saga_grass" / "youwuzhen"
    rows = []
    for method, name in names.items():
        t = relief.turned_slope(folder, method)
        means, steep = (f"{t.native:.2f}", f"{t.ours:.2f}"), (f"{t.steep_native:.1f}", f"{t.steep_ours:.1f}")
        rows.append([name, *means, f"{t.mean:.2f}", f"{t.p95:.2f}", *steep])
    headers = [
        "取样方法",
        "原像元平均坡度 °",
        "全国格网平均 °",
        "平均绝对差 °",
        "95 % 分位 °",
        "原 ≥ 25° %",
        "格网 ≥ 25° %",
    ]
    return markdown(headers, rows)


def erodibility_table(data: Path) -> str:
    """Return K of the soil units beside the numbers that came with the data."""
    ours = soil_erodibility(data / "area_youwuzhen" / "lookup" / "soil_properties_lookup.csv")
    rows = [[code, f"{ours[code]:.4f}", f"{k:.4f}"] for code, k in PUBLISHED_K.items()]
    return markdown(["土壤单元", "本软件 K", "数据附带的答案"], rows)


def rain_table(years: Sequence[youwuzhen.YearOfSediment], data: Path) -> str:
    """Return R by the daily model beside E·I30 of the storms."""
    rain = youwuzhen.daily_rain_by_year(data / "area_youwuzhen" / "climate" / "pcp_daily.csv")
    rows: list[list[object]] = []
    for y in years:
        rows.append([y.year, f"{rain[y.year]:.0f}", f"{y.daily:.0f}", f"{y.storm:.0f}", f"{y.daily / y.storm:.2f}"])
    wet, daily, storm = (
        sum(v) / len(years) for v in zip(*((rain[y.year], y.daily, y.storm) for y in years), strict=True)
    )
    rows.append(["平均", f"{wet:.0f}", f"{daily:.0f}", f"{storm:.0f}", f"{daily / storm:.2f}"])
    return markdown(["年", "日雨量合计 mm", "日模型 R", "次降雨 ΣE·I30", "比值"], rows)


def sediment_table(years: Sequence[youwuzhen.YearOfSediment]) -> str:
    """Return soil loss beside sediment."""
    rows = [
        [
            y.year, f"{y.loss:.0f}", y.events, f"{100 * y.sampled:.0f}", f"{y.runoff:.0f}", f"{y.load:.0f}",
            f"{y.load_by_days:.0f}（{y.days} 天）", f"{y.delivery_of_year:.3f}", f"{y.delivery:.3f}",
        ]
        for y in years
    ]  # fmt: skip
    headers = ["年", "计算流失量 t", "采样洪水 场", "所占 ΣE·I30 %", "其径流深 mm", "次洪输沙 t", "日均值输沙 t"]
    headers += ["输沙比（全年）", "输沙比（采样暴雨）"]
    return markdown(headers, rows)


def choice_table(catchment: youwuzhen.Catchment, years: Sequence[youwuzhen.YearOfSediment]) -> str:
    """Return what other choices would make of the soil loss and of the delivery ratio."""
    choices: dict[str, dict[str, float]] = {
        "采用：盖度 60.34 %，林下盖度为其 0.8，水田 T 0.0025": {},
        "盖度 71.47 %（长汀县 2013 年平均）": {"cover": 0.7147},
        "盖度 85 %": {"cover": 0.85},
        "林下盖度为冠层的 0.5（林下裸露的马尾松林）": {"understory": 0.5},
        "林下盖度与冠层相同": {"understory": 1.0},
        "水田 T = 1（规则包默认）": {"paddy": 1.0},
    }
    load = sum(y.load for y in years)
    sampled = sum(y.storm * y.sampled for y in years) / catchment.erosivity
    rows = []
    for name, other in choices.items():
        loss = youwuzhen.loss_with(catchment, **other)
        rows.append([name, f"{loss / catchment.area:.0f}", f"{load / (loss * sampled):.3f}"])
    return markdown(["选择", "多年平均模数 t/(km²·a)", "三年合计输沙比（采样暴雨）"], rows)


def delivery_table(land: Land) -> str:
    """Return what is delivered by the contributing area from which a cell is a channel."""
    rows = []
    for area in delivery.AREAS:
        found = deliver(land, channel_area=area)
        slopes = land.basin & ~np.isnan(found.index)
        index = np.percentile(found.index[slopes], [5, 50, 95])
        channels = 100.0 * float((land.basin & (land.area >= area)).sum()) / float(land.basin.sum())
        numbers = [f"{float(v[0]):.0f}" for v in (found.lost, found.lost_in_channels, found.exported)]
        row = [f"{area / 1e6:g}", f"{channels:.1f}", *(f"{v:.1f}" for v in index), *numbers]
        rows.append([*row, f"{float(found.mean_ratio[0]):.3f}"])
    headers = [
        "河道汇水面积 km²",
        "河道像元 %",
        "IC 5 %",
        "中位",
        "95 %",
        "坡面流失 t/a",
        "河道像元上 t/a",
        "到达出口 t/a",
    ]
    return markdown([*headers, "平均输移比"], rows)


def delivered_table(catchment: youwuzhen.Catchment, years: Sequence[youwuzhen.YearOfSediment], land: Land) -> str:
    """Return sediment computed beside sediment measured, and the parameters that would reconcile them."""
    found, rows = deliver(land), []
    for y in years:
        computed, share = delivery.load_of(found, catchment, y), y.storm * y.sampled / catchment.erosivity
        k, ic0 = delivery.reconciling(land, y.load / share)
        rows.append([y.year, f"{computed:.0f}", f"{y.load:.0f}", f"{computed / y.load:.2f}", f"{k:.1f}", f"{ic0:.1f}"])
    load, share = sum(y.load for y in years), delivery.sampled_years(catchment, years)
    k, ic0 = delivery.reconciling(land, load / share)
    computed = float(found.exported[0]) * share
    rows.append(["三年", f"{computed:.0f}", f"{load:.0f}", f"{computed / load:.2f}", f"{k:.1f}", f"{ic0:.1f}"])
    return markdown(["年", "计算 t", "实测 t", "计算/实测", "使一致的 k（IC0 = 0.5）", "使一致的 IC0（k = 2）"], rows)


def delivery_choice_table(catchment: youwuzhen.Catchment, years: Sequence[youwuzhen.YearOfSediment], land: Land) -> str:
    """Return what other choices would deliver."""
    curve = delivery.published()
    choices = {
        "采用：k = 2，IC0 = 0.5，上限 0.8，河道 0.1 km²": deliver(land),
        "k = 1.5": deliver(land, replace(curve, k=1.5)),
        "k = 3": deliver(land, replace(curve, k=3.0)),
        "河道 0.01 km²": deliver(land, channel_area=1e4),
        "河道 0.5 km²": deliver(land, channel_area=5e5),
        "坡降取 Horn 坡度（InVEST 的取法）": deliver(land, gradient=delivery.horn_gradient(land)),
        "盖度 71.47 %": delivery.with_cover(land, cover=0.7147),
        "盖度 85 %": delivery.with_cover(land, cover=0.85),
        "林下盖度为冠层的 0.5": delivery.with_cover(land, understory=0.5),
        "林下盖度与冠层相同": delivery.with_cover(land, understory=1.0),
    }
    load, share = sum(y.load for y in years), delivery.sampled_years(catchment, years)
    rows = []
    for name, found in choices.items():
        exported, lost = float(found.exported[0]), float(found.lost[0])
        row = [name, f"{lost:.0f}", f"{exported:.0f}", f"{exported / lost:.3f}", f"{exported * share / load:.2f}"]
        rows.append(row)
    return markdown(["选择", "坡面流失 t/a", "到达出口 t/a", "平均输移比", "三年计算/实测"], rows)


def all_tables(data: Path, folder: Path) -> dict[str, str]:
    """Return all tables by name; the region folder of the catchment is made in ``folder``."""
    catchment = youwuzhen.survey(data, folder)
    years = youwuzhen.sediment_years(catchment, data)
    land = read_land(folder, data)
    return {
        "slope": slope_table(data),
        "direction": direction_table(data),
        "ls": ls_table(data),
        "ls_forms": ls_forms_table(data),
        "turned": turned_table(data),
        "erodibility": erodibility_table(data),
        "rain": rain_table(years, data),
        "sediment": sediment_table(years),
        "choices": choice_table(catchment, years),
        "delivery": delivery_table(land),
        "delivered": delivered_table(catchment, years, land),
        "delivery_choices": delivery_choice_table(catchment, years, land),
    }


def tables_of_page(text: str) -> dict[str, str]:
    """Return the tables that a page holds between its marks."""
    found = re.findall(r"<!-- table: (\w+) -->\n+(.*?)\n+<!-- end -->", text, re.DOTALL)
    return {name: table.strip() for name, table in found}


def main() -> None:
    """Print the tables, or with --write put them into the page."""
    with tempfile.TemporaryDirectory() as folder:
        tables = all_tables(default_data(), Path(folder) / "youwuzhen")
    if "--write" in sys.argv:
        text = PAGE.read_text(encoding="utf-8")
        for name, table in tables.items():
            marks = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
            text = marks.sub(lambda match, new=table: f"{match[1]}\n{new}\n\n{match[2]}", text)  # type: ignore[misc]
        PAGE.write_text(text, encoding="utf-8")
        return
    for name, table in tables.items():
        sys.stdout.write(f"## {name}\n\n{table}\n\n")


if __name__ == "__main__":
    main()
