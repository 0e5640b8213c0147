"""The command of sediment: what it prints in every form, where it puts outlets, and what it refuses (泥沙输移命令)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS
from tests.cli.conftest import Call
from tests.survey.small_region import CODES, NAMES, SIDE, region_grid

from shuibao.ground.reading import open_source
from shuibao.ground.vectors import write_geoparquet
from shuibao.survey.delivery_outlets import Outlet

PRODUCTS = ("connectivity", "delivery_ratio", "sediment_export")


@pytest.fixture(scope="module")
def mouth(done: Path) -> tuple[float, float]:
    """Return longitude and latitude of the cell of the small region through which most land drains."""
    grid = region_grid()
    area = open_source(done / "products" / "contributing_area.tif", grid).read(grid)
    row, col = divmod(int(np.nanargmax(area)), SIDE)
    place = Outlet("", grid.left + (col + 0.5) * grid.cell, grid.top - (row + 0.5) * grid.cell)
    return place.degrees(grid)


def test_without_outlets_it_sums_by_small_watershed_and_writes_the_products(shuibao: Call, region: Path) -> None:
    answer = shuibao("delivery", region)
    assert answer.status == 0
    assert "小流域" in answer.out.splitlines()[0]
    assert "未经当地率定" in answer.out
    assert "草案参数：" in answer.out
    assert "slope_length.channel_area" in answer.out
    assert "模拟数据" in answer.out
    for name in PRODUCTS:
        assert (region / "products" / f"{name}.tif").is_file()
        assert f"{name}.tif" in answer.err
    assert (region / "records" / "delivery.json").is_file()


def test_every_form_says_the_same(shuibao: Call, region: Path) -> None:
    told = shuibao("delivery", region, "--by", "county", "--format", "json").json()
    rows = shuibao("delivery", region, "--by", "county", "--format", "csv").csv()
    table = shuibao("delivery", region, "--by", "county").out
    assert [row["code"] for row in rows] == [row["code"] for row in told["counties"]] == list(CODES)
    assert [row["name"] for row in rows] == list(NAMES)
    for row, other in zip(rows, told["counties"], strict=True):
        assert {key: float(row[key]) for key in row if key not in ("code", "name")} == {
            key: value for key, value in other.items() if key not in ("code", "name")
        }
        assert f"{other['delivered_t']:,.2f}" in table
        assert f"{100 * other['ratio']:.2f}" in table
    assert sum(row["delivered_t"] for row in told["counties"]) == pytest.approx(told["total"]["delivered_t"])
    assert {"delivery.ic0", "slope_length.channel_area"} <= {p["key"] for p in told["parameters"]}
    assert [Path(path).stem for path in told["products"]] == list(PRODUCTS)


def test_an_outlet_is_asked_for_by_its_degrees(shuibao: Call, region: Path, mouth: tuple[float, float]) -> None:
    place = f"{mouth[0]:.7f},{mouth[1]:.7f}"
    told = shuibao("delivery", region, "--outlet", place, "--format", "json").json()
    assert set(told) == {"total", "outlets", "parameters", "products"}
    [row] = told["outlets"]
    assert row["name"] == place
    assert row["moved_m"] == 0.0
    assert 0.0 < row["delivered_t"] <= told["total"]["delivered_t"]
    assert row["ratio"] == pytest.approx(row["delivered_t"] / row["slope_loss_t"])
    answer = shuibao("delivery", region, "--outlet", place, "--by", "watershed")
    assert answer.status == 0
    assert "出口" in answer.out.splitlines()[0]
    assert "代码" in answer.out


def test_outlets_of_a_file_and_of_the_call_stand_together(
    shuibao: Call, region: Path, mouth: tuple[float, float], tmp_path: Path
) -> None:
    points = np.array([shapely.Point(mouth)], dtype=object)
    write_geoparquet(tmp_path / "gauges.parquet", {"name": ["口子站"]}, points, CRS.from_epsg(4490))
    rows = shuibao(
        "delivery", region, "--outlets", tmp_path / "gauges.parquet", "--outlet", f"{mouth[0]},{mouth[1]}", "--format", "csv"
    ).csv()  # fmt: skip
    assert [row["name"] for row in rows] == [f"{mouth[0]},{mouth[1]}", "口子站"]
    assert rows[0] | {"name": ""} == rows[1] | {"name": ""}


@pytest.mark.parametrize(
    "words, status, said",
    [
        (("--outlet", "116.4"), 2, "--outlet 应为“经度,纬度”"),
        (("--outlet", "541000,4199000"), 2, "应为度"),
        (("--outlet", "100.0,30.0"), 1, "在区域格网之外"),
        (("--outlets", "none.gpkg"), 1, "文件不存在"),
        (("--max-snap", "100"), 2, "只与 --outlet"),
        (("--min-area", "1"), 2, "只与 --outlet"),
        (("--by", "land_use"), 2, "--by"),
        (("--outlet", "111.3,39.5", "--by", "county", "--format", "csv"), 2, "CSV 一次只写一张表"),
        (("--outlet", "111.3,39.49", "--max-snap", "-1"), 2, "--max-snap 应为不小于 0"),
        (("--outlet", "111.3,39.49", "--min-area", "1e6"), 1, "没有汇水面积不小于"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    shuibao: Call, done: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    answer = shuibao("delivery", done, *words)
    assert answer.status == status
    assert answer.err.startswith("错误：")
    assert said in answer.err
    assert answer.out == ""
    assert not (done / "products" / "connectivity.tif").exists()


def test_a_folder_that_was_not_run_and_one_that_is_not_there_are_told_apart(
    shuibao: Call, region: Path, tmp_path: Path
) -> None:
    (region / "records" / "land.json").unlink()
    answer = shuibao("delivery", region)
    assert (answer.status, "请先运行 shuibao run" in answer.err) == (1, True)
    assert shuibao("delivery", tmp_path / "nowhere").status == 2


def test_the_reader_of_english_is_answered_in_english(
    shuibao: Call, region: Path, monkeypatch: pytest.MonkeyPatch, mouth: tuple[float, float]
) -> None:
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    answer = shuibao("delivery", region, "--outlet", f"{mouth[0]},{mouth[1]}")
    assert "not calibrated" in answer.out
    words = answer.out.replace("模拟数据", "").splitlines()
    assert not any("\u4e00" <= letter <= "\u9fff" for line in words[2:] for letter in line)
