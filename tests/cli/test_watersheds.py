"""The command on small watersheds: list, groups, check, export; in every form, both languages, and every refusal."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from tests.cli.conftest import Call
from tests.survey.many_watersheds import many_watersheds
from tests.survey.small_region import NAMES, small_region

from shuibao.ground.vectors import read_vectors, write_geoparquet


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a region with many small watersheds, run; never to be changed."""
    return many_watersheds(tmp_path_factory.mktemp("cli-watersheds") / "region").folder


@pytest.fixture
def copy(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "copy"))


def broken(folder: Path) -> str:
    """Make a small watershed drain into one that does not exist, and return its code."""
    path = folder / "products" / "watersheds.parquet"
    table = read_vectors(path)
    downs = table.columns["down_code"].copy()
    downs[0] = "nowhere"
    assert table.crs is not None
    write_geoparquet(path, table.columns | {"down_code": downs}, table.geometry, table.crs)
    return str(table.columns["code"][0])


def test_every_small_watershed_is_listed_as_the_table_on_disk_has_it(shuibao: Call, drawn: Path) -> None:
    answer = shuibao("watersheds", drawn, "--format", "json").json()
    table = pq.read_table(drawn / "products" / "watersheds.parquet").to_pydict()
    rows = answer["watersheds"]
    assert [row["code"] for row in rows] == table["code"]
    assert [row["down_code"] for row in rows] == table["down_code"]
    assert [row["area_km2"] * 1e6 for row in rows] == pytest.approx(table["whole_area_m2"])
    assert [row["in_region_km2"] * 1e6 for row in rows] == pytest.approx(table["area_m2"])
    assert {row["county_name"] for row in rows} == set(NAMES)
    summary = answer["summary"]
    assert summary["watersheds"] == len(rows) == sum(summary["types"].values())
    assert summary["in_region_km2"] == pytest.approx(summary["region_km2"]) == 3.24
    assert summary["maximum_km2"] == max(row["area_km2"] for row in rows)
    assert summary["within_limits"] == sum(row["within_limits"] for row in rows)


def test_csv_says_what_json_says(shuibao: Call, drawn: Path) -> None:
    from_json = shuibao("watersheds", drawn, "--format", "json").json()["watersheds"]
    from_csv = shuibao("watersheds", drawn, "--format", "csv").csv()
    assert [{name: str(value) for name, value in row.items()} for row in from_json] == from_csv


def test_the_table_ends_in_a_line_on_the_region(shuibao: Call, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = shuibao("watersheds", drawn)
    assert answer.status == 0
    last = answer.out.splitlines()[-1]
    assert last.startswith("模拟数据")
    assert all(word in last for word in ("个小流域", "完整型", "区内合计 3.24 km²，区域 3.24 km²"))
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    answer = shuibao("watersheds", drawn)
    assert all(word in answer.out for word in ("drains into", "interval", "small watersheds", "the region of 3.24 km²"))
    assert "区间型" not in answer.out


def test_top_gives_the_largest(shuibao: Call, drawn: Path) -> None:
    rows = shuibao("watersheds", drawn, "--format", "json").json()["watersheds"]
    largest = shuibao("watersheds", drawn, "--top", 3, "--format", "json").json()["watersheds"]
    assert [row["area_km2"] for row in largest] == sorted((row["area_km2"] for row in rows), reverse=True)[:3]


@pytest.mark.parametrize("by", ["county", "type", "size"])
def test_groups_add_up_to_the_region(shuibao: Call, drawn: Path, by: str) -> None:
    answer = shuibao("watersheds", drawn, "--by", by, "--format", "json").json()
    groups = answer["groups"]
    assert sum(row["watersheds"] for row in groups) == answer["summary"]["watersheds"]
    assert sum(row["in_region_km2"] for row in groups) == pytest.approx(3.24)
    assert shuibao("watersheds", drawn, "--by", by).status == 0
    if by == "county":
        assert [row["in_region_km2"] for row in groups] == pytest.approx([1.62, 1.62])
        assert [row["county_name"] for row in groups] == list(NAMES)


def test_check_passes_what_a_run_has_drawn(shuibao: Call, drawn: Path) -> None:
    answer = shuibao("watersheds", drawn, "--check")
    assert answer.status == 0
    assert answer.out.startswith("共 0 处错误，0 处警告。")
    assert shuibao("watersheds", drawn, "--check", "--format", "json").json() == []


def test_check_names_a_fault_and_answers_one(shuibao: Call, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = broken(copy)
    answer = shuibao("watersheds", copy, "--check")
    assert answer.status == 1
    assert f"[错误] watersheds.parquet {code} (" in answer.out
    assert "流入的“nowhere”不存在" in answer.out
    (row,) = shuibao("watersheds", copy, "--check", "--format", "csv").csv()
    assert (row["severity"], code in row["where"], "nowhere" in row["en"]) == ("error", True, True)
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert "drains into 'nowhere', which does not exist" in shuibao("watersheds", copy, "--check").out


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "zip", "parquet", "csv", "xlsx"])
def test_export_writes_what_the_name_says(shuibao: Call, drawn: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"units.{kind}"
    answer = shuibao("watersheds", drawn, "--export", path)
    assert answer.status == 0, answer.err
    assert str(path) in answer.out
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    codes = pq.read_table(drawn / "products" / "watersheds.parquet")["code"].to_pylist()
    if kind == "csv":
        text = path.read_text(encoding="utf-8-sig")
        assert [line.split(",")[1] for line in text.splitlines()[1:]] == codes
    elif kind == "xlsx":
        sheet = load_workbook(path)["小流域"]
        assert str(sheet.cell(1, 1).value).startswith("模拟数据")
        assert [sheet.cell(row, 2).value for row in range(4, 4 + len(codes))] == codes
    else:
        assert read_vectors(path, layer="watersheds").columns["code"].tolist() == codes


def test_the_package_holds_parts_and_channels_too(shuibao: Call, drawn: Path, tmp_path: Path) -> None:
    path = tmp_path / "units.gpkg"
    assert shuibao("watersheds", drawn, "--export", path).status == 0
    for layer in ("management_units", "channels"):
        table = read_vectors(drawn / "products" / f"{layer}.parquet")
        again = read_vectors(path, layer=layer)
        assert len(again.geometry) == len(table.geometry) > 0
        assert np.allclose(again.columns["area_m2"].astype(float), table.columns["area_m2"].astype(float))


def test_export_does_not_write_over_a_file_unless_it_is_forced_to(shuibao: Call, drawn: Path, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("mine", encoding="utf-8")
    answer = shuibao("watersheds", drawn, "--export", path)
    assert (answer.status, path.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in answer.err
    assert shuibao("watersheds", drawn, "--export", path, "--force").status == 0
    assert path.read_text(encoding="utf-8") != "mine"


def test_a_folder_is_not_written_over_by_force_either(shuibao: Call, drawn: Path, tmp_path: Path) -> None:
    (tmp_path / "units.csv").mkdir()
    answer = shuibao("watersheds", drawn, "--export", tmp_path / "units.csv", "--force")
    assert answer.status == 2
    assert "已存在" in answer.err


@pytest.mark.parametrize("name", ["watersheds.parquet", "watersheds.gpkg", "new.csv"])
def test_products_are_not_written_over_by_force_either(shuibao: Call, copy: Path, name: str) -> None:
    before = {path.name: path.read_bytes() for path in (copy / "products").iterdir()}
    answer = shuibao("watersheds", copy, "--export", copy / "inputs" / ".." / "products" / name, "--force")
    assert answer.status == 2
    assert "成果文件夹" in answer.err
    assert {path.name: path.read_bytes() for path in (copy / "products").iterdir()} == before


@pytest.mark.parametrize(
    "words, said",
    [
        (["--export", "units.shp"], ".zip"),
        (["--export", "units"], ".gpkg"),
        (["--export", "nowhere/units.csv"], "文件夹 nowhere 不存在"),
        (["--check", "--export", "units.csv"], "分两次"),
        (["--check", "--by", "type"], "--by"),
        (["--export", "units.csv", "--top", "3"], "--top"),
        (["--force"], "--export"),
        (["--top", "0"], "--top 应不小于 1"),
        (["--top", "x"], "参数 --top 的值不对"),
        (["--by", "colour"], "county"),
    ],
)
def test_a_wrong_call_says_what_is_right_and_writes_nothing(
    shuibao: Call, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = shuibao("watersheds", drawn, *words)
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [[], ["--check"], ["--export", "units.csv"], ["--by", "type"]])
def test_a_region_that_was_not_run_says_what_to_do(shuibao: Call, tmp_path: Path, words: list[str]) -> None:
    answer = shuibao("watersheds", small_region(tmp_path / "new", files=False), *words)
    assert answer.status == 1
    assert "shuibao run" in answer.err


def test_no_region_at_all_is_a_wrong_call(shuibao: Call, tmp_path: Path) -> None:
    assert shuibao("watersheds", tmp_path / "none").status == 2


def test_what_changed_in_region_toml_since_then_is_told_aside(shuibao: Call, copy: Path) -> None:
    path = copy / "region.toml"
    path.write_text(path.read_text("utf-8") + "\n[water]\ntolerance = 15\n", "utf-8")
    answer = shuibao("watersheds", copy, "--format", "csv")
    assert answer.status == 0
    assert "water.tolerance 现为 15" in answer.err
    assert "water.tolerance" not in answer.out


def cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def garbage_inside(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 300) + content[-200:])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["watersheds.parquet", "management_units.parquet", "channels.parquet"])
@pytest.mark.parametrize("spoil", [cut_short, garbage_inside])
def test_a_damaged_table_is_named_and_made_again_by_a_run(
    shuibao: Call, copy: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    spoil(copy / "products" / name)
    answer = shuibao("watersheds", copy)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"错误：products/{name} 无法读取")
    assert f"请删去它，重新运行 shuibao run {copy}" in answer.err
    (copy / "products" / name).unlink()
    assert shuibao("run", copy, "--jobs", "1").status == 0
    assert shuibao("watersheds", copy).status == 0


@pytest.mark.parametrize(
    "name, words, said",
    [
        ("watersheds.tif", ["watersheds", "--check"], "错误：watersheds.tif 读写不了"),
        ("contributing_area.tif", ["delivery"], "错误：products/contributing_area.tif 的大小与运行时写下的不同"),
    ],
)
def test_a_damaged_raster_is_named_and_made_again_by_a_run(
    shuibao: Call, copy: Path, name: str, words: list[str], said: str
) -> None:
    cut_short(copy / "products" / name)
    answer = shuibao(words[0], copy, *words[1:])
    assert answer.status == 1
    assert answer.err.splitlines()[-1].startswith(said)
    assert "运行 shuibao run" in answer.err
    (copy / "products" / name).unlink()
    assert shuibao("run", copy, "--jobs", "1").status == 0
    assert shuibao(words[0], copy, *words[1:]).status == 0
