"""Every fault that small watersheds can have is found, and named with its code and place; sound ones pass."""

from __future__ import annotations

import csv
import dataclasses
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.many_watersheds import many_watersheds

from shuibao.ground.vectors import read_vectors, write_geoparquet
from shuibao.messages import CallError, Finding, ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region
from shuibao.survey.watershed_checks import check_watersheds, cycles
from shuibao.survey.watershed_export import WRITERS, export_watersheds
from shuibao.survey.watershed_products import (
    GROUPS,
    read_watersheds,
    watershed_groups,
    watershed_rows,
    watershed_summary,
)

Columns = dict[str, Any]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return a region that was run; never to be changed."""
    return many_watersheds(tmp_path_factory.mktemp("watersheds") / "region")


@pytest.fixture
def copy(drawn: Region, tmp_path: Path) -> Region:
    shutil.copytree(drawn.folder, tmp_path / "copy")
    return load_region(tmp_path / "copy")


def changed(region: Region, name: str, change: Callable[[Columns, Any], Any]) -> list[Finding]:
    """Change a table of a region and return what the check finds then."""
    path = region.products / name
    table = read_vectors(path)
    columns = {key: values.copy() for key, values in table.columns.items()}
    geometry = table.geometry.copy()
    change(columns, geometry)
    assert table.crs is not None
    write_geoparquet(path, columns, geometry, table.crs)
    return check_watersheds(region)


def codes(region: Region) -> list[str]:
    return [str(code) for code in read_watersheds(region).column("code")]


def test_what_a_run_has_drawn_is_without_fault(drawn: Region) -> None:
    assert check_watersheds(drawn) == []
    products = read_watersheds(drawn)
    assert len(products.watersheds.geometry) >= 8
    assert len(products.units.geometry) > len(products.watersheds.geometry)
    assert (products.column("down_code") != "").any()


def set_code(value: str) -> Callable[[Columns, Any], None]:
    def change(columns: Columns, geometry: Any) -> None:
        columns["code"][0] = value

    return change


def drain_into(value: str) -> Callable[[Columns, Any], None]:
    def change(columns: Columns, geometry: Any) -> None:
        columns["down_code"][0] = value

    return change


def same_code(columns: Columns, geometry: Any) -> None:
    columns["code"][0] = columns["code"][1]


def into_itself(columns: Columns, geometry: Any) -> None:
    columns["down_code"][0] = columns["code"][0]


def larger(columns: Columns, geometry: Any) -> None:
    columns["area_m2"][0] += 900.0


def half_a_cell(columns: Columns, geometry: Any) -> None:
    columns["whole_area_m2"][0] += 450.0


def no_inflow(columns: Columns, geometry: Any) -> None:
    at = list(columns["code"]).index(next(code for code in columns["down_code"] if code))
    columns["upstream_area_m2"][at] = 0.0
    columns["code"][[0, at]] = columns["code"][[at, 0]]  # the fault is looked for in the first row
    for key in columns:
        if key != "code":
            columns[key][[0, at]] = columns[key][[at, 0]]
    geometry[[0, at]] = geometry[[at, 0]]


def outside_unsaid(columns: Columns, geometry: Any) -> None:
    columns["within_limits"][0] = not columns["within_limits"][0]


def needless_reason(columns: Columns, geometry: Any) -> None:
    at = int(np.argmax(columns["within_limits"]))
    columns["reason"][at] = "因为"


def unknown_type(columns: Columns, geometry: Any) -> None:
    columns["type"][0] = "圆形"


def same_name(columns: Columns, geometry: Any) -> None:
    columns["name"][:] = columns["name"][0]


def no_name(columns: Columns, geometry: Any) -> None:
    columns["name"][0] = ""


def no_crossing(columns: Columns, geometry: Any) -> None:
    columns["crosses_border"][0] = not columns["crosses_border"][0]


FAULTS: list[tuple[Callable[[Columns, Any], None], str]] = [
    (set_code("99000100a1"), "只能用数字与大写字母"), (set_code("99000100000000001"), "最多 16 位"),
    (set_code("8800010001"), "应以主县代码"), (same_code, "用了 2 次"), (drain_into("9900019999"), "不存在"),
    (into_itself, "水流成环"), (larger, "区内面积合计"), (larger, "各县部分合计"), (larger, "栅格 watersheds.tif"),
    (larger, "事实表中"), (half_a_cell, "不是整数个像元"), (no_inflow, "上游面积 0 m²"),
    (outside_unsaid, "within_limits 说相反"), (needless_reason, "却有原因"), (unknown_type, "应为 完整型、区间型、坡面型 之一"),
    (same_name, "内不唯一"), (no_name, "没有名称"), (no_crossing, "crosses_border 与面积不符"),
]  # fmt: skip


@pytest.mark.parametrize("change, words", FAULTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_is_found_and_named_with_code_and_place(
    copy: Region, change: Callable[[Columns, Any], None], words: str
) -> None:
    found = [f for f in changed(copy, "watersheds.parquet", change) if words in f.zh]
    assert found, words
    assert all(f.severity == "error" and f.en for f in found)
    if "合计" not in words or "各县" in words:
        assert re.fullmatch(r"watersheds\.parquet \w+ \(\d+\.\d{4}°E, \d+\.\d{4}°N\)", found[0].where)
        if words not in ("却有原因", "内不唯一"):
            assert str(read_watersheds(copy).column("code")[0]) in found[0].where


def test_all_faults_are_told_at_once(copy: Region) -> None:
    def three(columns: Columns, geometry: Any) -> None:
        columns["type"][0], columns["name"][1], columns["down_code"][2] = "圆形", "", "nowhere"

    wheres = {f.where.split()[1] for f in changed(copy, "watersheds.parquet", three)}
    assert set(codes(copy)[:3]) <= wheres


def of_no_parent(columns: Columns, geometry: Any) -> None:
    columns["parent_code"][0] = "9900019999"


def of_another_code(columns: Columns, geometry: Any) -> None:
    columns["code"][0] = "A"


def of_another_share(columns: Columns, geometry: Any) -> None:
    columns["share"][0] -= 0.01


def of_two_mains(columns: Columns, geometry: Any) -> None:
    columns["main"][:] = True


def of_another_size(columns: Columns, geometry: Any) -> None:
    columns["area_m2"][0] += 900.0


@pytest.mark.parametrize(
    "change, words",
    [
        (of_no_parent, "所属小流域“9900019999”不存在"), (of_another_code, "小流域代码-县代码"),
        (of_another_share, "按面积应为"), (of_another_share, "各县占比合计"), (of_two_mains, "管理单元标为"),
        (of_another_size, "各县部分合计"), (of_another_size, "按栅格与县界应为"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_parts_that_do_not_add_up_are_found(copy: Region, change: Callable[[Columns, Any], None], words: str) -> None:
    assert [f for f in changed(copy, "management_units.parquet", change) if words in f.zh]


def overlap(columns: Columns, geometry: Any) -> None:
    geometry[0] = geometry[0].buffer(45.0)


def gap(columns: Columns, geometry: Any) -> None:
    geometry[0] = geometry[0].buffer(-20.0)


def elsewhere(columns: Columns, geometry: Any) -> None:
    geometry[[0, -1]] = shapely.box(0.0, 0.0, 10.0, 10.0)


def nothing(columns: Columns, geometry: Any) -> None:
    geometry[0] = shapely.Polygon()


@pytest.mark.parametrize("name", ["watersheds.parquet", "management_units.parquet"])
@pytest.mark.parametrize(
    "change, words",
    [
        (overlap, "公共边不重合"), (gap, "的缝隙"), (elsewhere, "相差超出边界化简"), (nothing, "没有图形"),
    ],
    ids=["overlap", "gap", "elsewhere", "nothing"],
)  # fmt: skip
def test_gaps_and_overlaps_are_found(
    copy: Region, name: str, change: Callable[[Columns, Any], None], words: str
) -> None:
    found = [f for f in changed(copy, name, change) if words in f.zh]
    assert found
    assert all(f.where.startswith(name) for f in found)


def test_a_hole_that_is_left_between_polygons_is_found(copy: Region) -> None:
    def hollow(columns: Columns, geometry: Any) -> None:
        middle = geometry[0].representative_point().buffer(40.0, quad_segs=1)
        geometry[0] = geometry[0].difference(middle)

    found = [f for f in changed(copy, "watersheds.parquet", hollow) if "图形之间有缝隙" in f.zh]
    assert len(found) == 1
    assert re.search(r"°E, .*°N", found[0].where)


def test_a_cell_that_changes_hands_is_found_in_both_small_watersheds(copy: Region) -> None:
    numbers = read_watersheds(copy).column("number")
    with rasterio.open(copy.products / "watersheds.tif", "r+", IGNORE_COG_LAYOUT_BREAK="YES") as dataset:
        cells = dataset.read(1)
        row, col = np.argwhere(cells == numbers[0])[0]
        dataset.write(np.full((1, 1), numbers[1], np.int32), 1, window=rasterio.windows.Window(col, row, 1, 1))
    found = [f for f in check_watersheds(copy) if "whole_area_m2" in f.zh]
    assert [f.where.split()[1] for f in found] == codes(copy)[:2]


def test_a_missing_raster_is_named(copy: Region) -> None:
    (copy.products / "watersheds.tif").unlink()
    (found,) = check_watersheds(copy)
    assert found.where == "products/watersheds.tif"
    assert "shuibao run" in found.en


def test_channels_that_lead_nowhere_or_round_or_shrink_are_found(copy: Region) -> None:
    def wrong(columns: Columns, geometry: Any) -> None:
        inner = np.flatnonzero(columns["down"] > 0)
        columns["down"][inner[0]] = 10**6
        columns["down"][inner[1]] = columns["number"][inner[1]]
        columns["area_m2"][inner[2]] = 1e12

    words = " ".join(f.zh for f in changed(copy, "channels.parquet", wrong))
    assert all(part in words for part in ("下游河段 1000000 不存在", "河段成环", "汇水面积大于下游河段"))


@given(st.lists(st.integers(-1, 11), min_size=1, max_size=12))
def test_circles_are_those_that_a_walk_comes_back_on(downs: list[int]) -> None:
    below = [down if down < len(downs) else -1 for down in downs]

    def circle(start: int) -> frozenset[int] | None:
        at, seen = below[start], [start]
        while at >= 0 and at not in seen:
            seen.append(at)
            at = below[at]
        return frozenset(seen) if at == start else None

    expected = {ring for k in range(len(below)) if (ring := circle(k)) is not None}
    found = cycles(np.array(below))
    assert {frozenset(ring) for ring in found} == expected
    assert len(found) == len(expected)
    for ring in found:
        assert ring[0] == min(ring)
        assert [below[k] for k in ring] == [*ring[1:], ring[0]]


def test_a_table_without_a_column_says_which(copy: Region) -> None:
    path = copy.products / "watersheds.parquet"
    table = read_vectors(path)
    assert table.crs is not None
    write_geoparquet(path, {k: v for k, v in table.columns.items() if k != "down_code"}, table.geometry, table.crs)
    with pytest.raises(ShuibaoError, match="down_code"):
        read_watersheds(copy)


@pytest.mark.parametrize("column, values", [("area_m2", [np.nan]), ("area_m2", ["x"]), ("within_limits", [3.0])])
def test_a_column_of_the_wrong_kind_is_refused_by_name_and_row(copy: Region, column: str, values: list[Any]) -> None:
    path = copy.products / "watersheds.parquet"
    table = read_vectors(path)
    assert table.crs is not None
    wrong = np.array(values * len(table.geometry))
    write_geoparquet(path, table.columns | {column: wrong}, table.geometry, table.crs)
    with pytest.raises(ShuibaoError, match=f"列 {column} 应为.*第 1 行"):
        read_watersheds(copy)


def test_text_that_is_missing_is_a_fault_like_empty_text(copy: Region) -> None:
    def forget(columns: Columns, geometry: Any) -> None:
        for key in ("name", "type", "code"):
            columns[key][0] = None

    words = " ".join(f.zh for f in changed(copy, "watersheds.parquet", forget))
    assert all(part in words for part in ("没有名称", "类型“”应为", "代码“”只能用"))


def test_land_without_elevation_is_a_warning_and_other_faults_are_still_found(copy: Region) -> None:
    with rasterio.open(copy.folder / "inputs" / "dem.tif", "r+") as dataset:
        values = dataset.read(1)
        dataset.nodata = -9999.0
        values[48:53, 33:38] = -9999.0  # 25 cells of the region's 3600
        dataset.write(values, 1)
    run_region(copy, jobs=1)
    (finding,) = check_watersheds(copy)
    assert (finding.severity, "22500 m² 没有高程" in finding.zh) == ("warning", True)

    def lose(columns: Columns, geometry: Any) -> None:
        columns["area_m2"][0] -= 900

    found = [f.zh for f in changed(copy, "watersheds.parquet", lose) if f.severity == "error"]
    assert any("另有 22500 m² 没有高程" in zh and "相差 -900 m²" in zh for zh in found)


@pytest.mark.parametrize("by", GROUPS)
def test_groups_hold_every_small_watershed_and_all_of_the_land_once(drawn: Region, by: str) -> None:
    products = read_watersheds(drawn)
    rows = watershed_groups(products, load_rules(drawn.packs), by)
    summary = watershed_summary(products)
    assert sum(row["watersheds"] for row in rows) == summary["watersheds"] == len(watershed_rows(products))
    assert sum(row["management_units"] for row in rows) == summary["management_units"]
    assert sum(row["within_limits"] for row in rows) == summary["within_limits"]
    assert np.isclose(sum(row["in_region_km2"] for row in rows), summary["region_km2"])
    assert np.isclose(sum(row["in_region_percent"] for row in rows), 100.0)
    assert len(rows) > 1


def test_there_are_no_other_groups(drawn: Region) -> None:
    with pytest.raises(CallError, match="county"):
        watershed_groups(read_watersheds(drawn), load_rules(drawn.packs), "colour")


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_two_exports_are_the_same_bytes(drawn: Region, tmp_path: Path, kind: str) -> None:
    products = read_watersheds(drawn)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        export_watersheds(products, tmp_path / name / f"units{kind}", WRITERS, force=False)
    assert (tmp_path / "one" / f"units{kind}").read_bytes() == (tmp_path / "two" / f"units{kind}").read_bytes()


@pytest.mark.parametrize("kind", [".gpkg", ".parquet", ".geojson", ".zip"])
def test_what_is_exported_is_read_back(drawn: Region, tmp_path: Path, kind: str) -> None:
    products = read_watersheds(drawn)
    path = tmp_path / f"units{kind}"
    export_watersheds(products, path, WRITERS, force=False)
    again = read_vectors(path, layer="watersheds" if kind == ".gpkg" else None)
    assert again.columns["code"].tolist() == products.column("code").tolist()
    assert again.columns["name"].tolist() == products.column("name").tolist()
    assert np.allclose(again.columns["area_m2"].astype(float), products.column("area_m2"))
    assert again.crs is not None
    assert again.crs.is_geographic == (kind == ".geojson")
    if kind != ".geojson":
        assert np.allclose(shapely.area(again.geometry), shapely.area(products.watersheds.geometry))


@pytest.mark.parametrize("kind", [".csv", ".geojson", ".zip"])
@pytest.mark.parametrize("simulated", [True, False])
def test_made_up_land_says_so_in_files_that_keep_no_metadata(
    drawn: Region, tmp_path: Path, kind: str, simulated: bool
) -> None:
    products = read_watersheds(drawn)
    products = dataclasses.replace(products, region=dataclasses.replace(drawn, simulated=simulated))
    path = tmp_path / f"units{kind}"
    export_watersheds(products, path, WRITERS, force=False)
    if kind == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            said = [row.get("data_kind") for row in csv.DictReader(file)]
    else:
        columns = read_vectors(path).columns
        said = columns["data_kind"].tolist() if "data_kind" in columns else [None] * len(columns["code"])
    assert said == ["模拟数据" if simulated else None] * len(products.watersheds.geometry)
