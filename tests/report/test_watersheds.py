"""Laws of the section on small watersheds: it counts what the tables hold, and says what the facts say."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely

from shuibao.ground.vectors import Vectors
from shuibao.messages import ShuibaoError
from shuibao.report import make_report
from shuibao.report.bulletin import Bulletin, gather
from shuibao.report.charts import size_chart
from shuibao.report.frame import frame_around
from shuibao.report.page import page as made
from shuibao.report.watershed_map import MOST_LINKS, drawn_channels, legend_of, line_path, type_pixels
from shuibao.report.watersheds import (
    eroding_table,
    lead_text,
    losses_of,
    outside_table,
    type_table,
    watershed_table,
)
from shuibao.report.workbook import sheets
from shuibao.survey.region import Region, load_region
from shuibao.survey.watershed_products import WatershedProducts
from shuibao.watershed.small_watersheds import REASONS, TYPE_NAMES, Reason

TYPES = [zh for zh, _ in TYPE_NAMES.values()]


@pytest.fixture(scope="module")
def products(bulletin: Bulletin) -> WatershedProducts:
    assert bulletin.watersheds is not None
    return bulletin.watersheds


@pytest.fixture(scope="module")
def many(products: WatershedProducts) -> WatershedProducts:
    """Return small watersheds of all types and sizes, put together by hand."""
    count = 40
    sizes = np.linspace(4e6, 56e6, count)
    within = (sizes >= 10e6) & (sizes <= 50e6)
    columns = {
        "number": np.arange(1, count + 1), "code": np.array([f"{k:04d}" for k in range(count)], dtype=object),
        "name": np.array([f"第{k}小流域" for k in range(count)], dtype=object),
        "type": np.array([TYPES[k % 3] for k in range(count)], dtype=object),
        "county": np.array(["990001"] * count, dtype=object), "down_code": np.array([""] * count, dtype=object),
        "area_m2": sizes * 0.5, "whole_area_m2": sizes, "upstream_area_m2": np.zeros(count),
        "outlet_x": np.zeros(count), "outlet_y": np.zeros(count), "within_limits": within,
        "reason": np.array(["" if ok else REASONS[Reason.ALONE if k < 20 else Reason.INDIVISIBLE][0]
                            for k, ok in enumerate(within)], dtype=object),
        "crosses_border": np.ones(count, dtype=bool),
    }  # fmt: skip
    boxes = shapely.box(np.arange(count) * 1e3, 0.0, np.arange(1, count + 1) * 1e3, 1e3)
    record = {"summary": {"limits_km2": [10.0, 50.0], "region_m2": float(columns["area_m2"].sum())}}
    return replace(products, watersheds=Vectors(columns, boxes, products.crs), record=record)


def test_every_small_watershed_is_of_one_type_and_the_types_add_up(many: WatershedProducts) -> None:
    table = type_table(many)
    assert table.total is not None
    assert [row[1] for row in table.rows] == [14, 13, 13]
    for k in (1, 2, 3, 7):
        assert np.isclose(sum(float(row[k]) for row in table.rows), float(table.total[k]))  # type: ignore[arg-type]
    assert table.total[1] == 40
    assert np.isclose(float(table.total[3]), 100.0)  # type: ignore[arg-type]
    assert (table.total[5], table.total[6]) == (4.0, 56.0)


def test_those_outside_the_limits_are_told_by_their_reason(many: WatershedProducts) -> None:
    table = outside_table(many)
    assert table is not None
    assert table.total is not None
    within = np.asarray(many.column("within_limits"))
    assert table.total[1] == (~within).sum() == sum(int(row[1]) for row in table.rows)  # type: ignore[arg-type]
    assert {row[0].zh for row in table.rows} == set(many.column("reason")[~within])  # type: ignore[union-attr]
    held = replace(
        many, watersheds=replace(many.watersheds, columns=many.watersheds.columns | {"within_limits": within | True})
    )
    assert outside_table(held) is None


def test_the_lead_names_number_limits_and_share_in_both_languages(many: WatershedProducts) -> None:
    text = lead_text(many)
    within = np.asarray(many.column("within_limits"))
    share = 100 * many.column("area_m2")[within].sum() / many.column("area_m2").sum()
    for words in (text.zh, text.en):
        assert all(part in words for part in ("40", "4.00–56.00 km²", "10–50 km²", f"{share:.2f} %", str(within.sum())))


def test_the_chart_of_sizes_counts_every_small_watershed_once(many: WatershedProducts) -> None:
    drawn = size_chart(many)
    counts = [int(text) for text in re.findall(r'class="value">(\d+)<', drawn)]
    assert sum(counts) == 40
    names = re.findall(r'class="name"[^>]*>([\d–]+)<', drawn)
    assert (names[0], names[-1]) == ("0–5", "55–60")


def test_soil_loss_by_small_watershed_is_that_of_the_facts(bulletin: Bulletin, products: WatershedProducts) -> None:
    losses = losses_of(bulletin, products)
    assert np.isclose(losses.area_m2.sum(), bulletin.own.area_m2)
    assert np.isclose(losses.eroded_m2.sum(), bulletin.own.eroded_m2)
    assert np.isclose(losses.tonnes.sum(), bulletin.own.soil_loss_t)
    assert np.allclose(losses.area_m2, products.column("area_m2"))
    assert np.isclose(losses.known_m2.sum(), bulletin.own.area_m2 - bulletin.own.missing_m2)


def test_the_most_eroding_come_first_and_are_few(bulletin: Bulletin, products: WatershedProducts) -> None:
    table = eroding_table(bulletin, products)
    at = next(k for k, column in enumerate(table.columns) if column.title.zh == "土壤流失量")
    tonnes = [float(row[at]) for row in table.rows]  # type: ignore[arg-type]
    assert tonnes == sorted(losses_of(bulletin, products).tonnes.tolist(), reverse=True)[:10]
    assert len(eroding_table(bulletin, products, most=1).rows) == 1


def test_the_workbook_lists_all_of_them_with_their_soil_loss(bulletin: Bulletin, products: WatershedProducts) -> None:
    tables = dict(sheets(bulletin))["小流域"]
    every = tables[-1]
    assert [row[1] for row in every.rows] == products.column("code").tolist()
    assert "土壤流失量" in {column.title.zh for column in every.columns}
    alone = watershed_table(products, bulletin.county_name)
    assert "土壤流失量" not in {column.title.zh for column in alone.columns}


def test_a_pixel_has_the_type_of_its_small_watershed_and_none_outside(many: WatershedProducts) -> None:
    numbers = np.array([[0, 1, 2, 3], [40, 4, 99, 1]], dtype=np.int32)
    land = np.array([[True, True, True, True], [True, True, True, False]])
    assert type_pixels(many, numbers, land).tolist() == [[0, 1, 2, 3], [1, 1, 0, 0]]


def test_the_legend_has_a_colour_for_every_wording(many: WatershedProducts) -> None:
    colors, labels = legend_of(many)
    assert len(colors) == len(labels) == 5
    assert [label.zh.split()[1] for label in labels[:3]] == ["14", "13", "13"]
    outside = int((~np.asarray(many.column("within_limits"))).sum())
    assert labels[-1].zh == f"面积超限 {outside} 个"


def test_the_legend_says_the_area_that_the_rules_see_channels_from(products: WatershedProducts) -> None:
    _, labels = legend_of(products)
    assert "河道，集水 2.5 km² 起" in [label.zh for label in labels]


def test_of_too_many_channels_only_the_higher_orders_are_drawn(many: WatershedProducts) -> None:
    order = np.repeat(np.array([1, 2, 3], dtype=np.uint8), [MOST_LINKS, 100, 5])
    shown, least = drawn_channels(replace(many, channels=Vectors({"strahler": order}, np.empty(order.size), None)))
    assert least == 2
    assert np.array_equal(shown, order >= 2)


def test_a_line_ends_where_it_ended_on_the_ground(products: WatershedProducts) -> None:
    frame = frame_around((0.0, 4e6, 10_000.0, 4_010_000.0), products.crs)
    line = shapely.LineString([(1000.0, 4_001_000.0), (5000.0, 4_005_500.0), (9000.0, 4_001_000.0)])
    path = line_path(np.array([line], dtype=object), frame)
    steps = np.array([float(v) for v in re.findall(r"-?[\d.]+", path)]).reshape(-1, 2)
    end = steps.cumsum(axis=0)[-1]
    assert np.allclose(end, [frame.x(9000.0), frame.y(4_001_000.0)], atol=0.2)
    assert len(steps) == 3


def test_a_folder_from_before_they_were_drawn_gets_a_report_without_the_section(copied: Region) -> None:
    (copied.records / "water.json").unlink()
    bulletin = gather(copied)
    assert bulletin.watersheds is None
    text = make_report(copied).read_text(encoding="utf-8")
    assert 'id="watersheds"' not in text
    assert '"#watersheds"' not in text
    assert 'id="map-watersheds"' not in text
    assert "小流域" not in dict(sheets(bulletin))


def test_a_missing_file_of_theirs_is_named(copied: Region) -> None:
    (copied.products / "channels.parquet").unlink()
    with pytest.raises(ShuibaoError, match=r"products/channels\.parquet"):
        make_report(copied)


def test_another_way_of_drawing_them_wants_another_run(copied: Region) -> None:
    with (copied.folder / "region.toml").open("a", encoding="utf-8") as file:
        file.write('\n[water]\ncode_scheme = "tree"\n')
    with pytest.raises(ShuibaoError, match=r"water\.code_scheme"):
        make_report(load_region(copied.folder))


def test_the_section_says_which_values_are_drafts(page: str, bulletin: Bulletin) -> None:
    section = page.split('<section id="watersheds">')[1].split("</section>")[0]
    drawn = {p["key"] for p in bulletin.records["water"]["parameters"]}
    drafts = [p for p in bulletin.drafts if p["key"] in drawn and p["key"].startswith("watershed.")]
    assert drafts
    assert all(p["name"] in section and p["name_en"] in section for p in drafts)
    assert "模拟数据" in section
    verified = replace(bulletin, parameters=tuple({**p, "status": "verified"} for p in bulletin.parameters))
    assert "划分所用的草案值" not in made(verified)
