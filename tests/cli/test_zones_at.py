"""The command that tells in which zones land lies: every form, both languages, many at once, and every refusal."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from pyproj import Transformer
from tests.cli.conftest import Call
from tests.delimitation.zoned_region import BOTTOM, LEFT, box, write_shapes, zoned_region

from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.report.control_tables import FIELDS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zoned_region(tmp_path_factory.mktemp("zones-at") / "region")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shapes(tmp_path_factory.mktemp("project") / "a.gpkg", [box(800, 500, 1000, 700)], ["采石场"])


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shapes = [box(x, 500, x + 100, 600) for x in range(0, 1700, 200)] + [box(1650, 1400, 1700, 1500)]
    return write_shapes(tmp_path_factory.mktemp("many") / "many.gpkg", shapes, [f"项目{k}" for k in range(len(shapes))])


def place(x: float, y: float) -> tuple[float, float]:
    to_degrees = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    return to_degrees.transform(LEFT + x, BOTTOM + y)


def test_a_place_is_told_its_zones_and_what_follows(
    shuibao: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = shuibao("zones", "at", folder, *place(50, 50))
    assert answer.status == 0
    assert all(word in answer.out for word in ("西预防区", "禁止开垦陡坡地", "位于 2 个重点区域", "第二十条", "草案"))
    assert "面积" not in answer.out.splitlines()[0]
    assert "模拟数据" in answer.err
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    answer = shuibao("zones", "at", folder, *place(50, 50))
    assert all(word in answer.out for word in ("lies in 2 key zones", "may not be reclaimed", "forbidden"))


def test_a_project_is_told_areas_and_shares(shuibao: Call, folder: Path, project: Path) -> None:
    whole = shuibao("zones", "at", folder, "--file", project, "--format", "json").json()
    (told,) = whole["projects"]
    assert whole["simulated"] is True
    assert {zone["code"]: zone["area_m2"] for zone in told["in_zones"]} == {
        "P1": 20000.0,
        "T1": 20000.0,
        "S1": 20000.0,
        "F1": 40000.0,
    }
    assert (told["any"], told["share"]) == (40000.0, 1.0)
    duties = {duty["id"]: duty for duty in whole["duties"]}
    assert set(told["duties"]) == set(duties)
    assert (duties["law_fragile_projects"]["clause"], duties["law_fragile_projects"]["status"]) == ("第十八条", "draft")
    assert duties["opinions_planning"]["status"] == "verified"


def test_csv_has_a_row_for_each_zone_and_one_for_each_project(shuibao: Call, folder: Path, many: Path) -> None:
    rows = shuibao("zones", "at", folder, "--file", many, "--format", "csv").csv()
    told = shuibao("zones", "at", folder, "--file", many, "--format", "json").json()["projects"]
    assert list(rows[0]) == list(FIELDS)
    assert [row["project"] for row in rows if row["record"] == "summary"] == [one["project"] for one in told]
    zones = [(row["project"], row["code"], float(row["area_m2"])) for row in rows if row["record"] == "zone"]
    assert zones == [(one["project"], zone["code"], zone["area_m2"]) for one in told for zone in one["in_zones"]]
    assert {row["data_kind"] for row in rows} == {"模拟数据"}
    assert rows[-1]["nearest"] == "T1"


def test_many_projects_are_summed_up_on_the_screen(shuibao: Call, folder: Path, many: Path) -> None:
    answer = shuibao("zones", "at", folder, "--file", many)
    assert answer.status == 0
    assert all(word in answer.out for word in ("项目0", "项目9", "重点预防区", "100.00 %"))


def test_the_answer_is_written_as_csv_and_as_a_workbook(
    shuibao: Call, folder: Path, many: Path, tmp_path: Path
) -> None:
    assert shuibao("zones", "at", folder, "--file", many, "--out", tmp_path / "a.csv").status == 0
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert rows == shuibao("zones", "at", folder, "--file", many, "--format", "csv").csv()
    for name in ("a.xlsx", "b.xlsx"):
        assert shuibao("zones", "at", folder, "--file", many, "--out", tmp_path / name).status == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["汇总", "逐区", "义务"]
    assert "模拟数据" in str(book["汇总"].cell(1, 1).value)
    zones = sum(row["record"] == "zone" for row in rows)
    assert book["逐区"].max_row == zones + 3
    again = ("zones", "at", folder, "--file", many, "--out", tmp_path / "a.csv")
    refused = shuibao(*again)
    assert (refused.status, "--force" in refused.err) == (2, True)
    assert shuibao(*again, "--force").status == 0
    refused = shuibao("zones", "at", folder, "--file", many, "--out", tmp_path / "a.pdf")
    assert (refused.status, ".xlsx" in refused.err) == (2, True)


def test_a_place_in_no_zone_is_told_the_nearest(shuibao: Call, folder: Path) -> None:
    answer = shuibao("zones", "at", folder, *place(1600, 1300))
    assert "不在任何重点区域内；最近的是 T1，相距 100.0 m" in answer.out


def test_a_place_outside_the_region_is_told_so(shuibao: Call, folder: Path) -> None:
    answer = shuibao("zones", "at", folder, *place(-3000, -3000))
    assert answer.status == 0
    assert "不在本区域内" in answer.err


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "二者取一"),
        ((112.7,), "二者取一"),
        ((112.7, 38.4, "--file", "x.gpkg"), "二者取一"),
        ((38.42, 112.73), "写反了"),
        ((200, 100), "不是经纬度"),
        (("--file", "nothing.gpkg"), "不存在"),
    ],
)
def test_a_wrong_call_is_refused(shuibao: Call, folder: Path, words: tuple[object, ...], said: str) -> None:
    answer = shuibao("zones", "at", folder, *words)
    assert answer.status == 2
    assert said in answer.err


def test_a_file_without_a_coordinate_system_is_refused_unless_it_is_named(
    shuibao: Call, folder: Path, tmp_path: Path
) -> None:
    path = write_shapes(tmp_path / "a.shp", [box(0, 0, 50, 50)], ["厂"])
    path.with_suffix(".prj").unlink()
    answer = shuibao("zones", "at", folder, "--file", path)
    assert (answer.status, "没有坐标系" in answer.err) == (1, True)
    named = shuibao("zones", "at", folder, "--file", path, "--crs", national_crs().to_proj4(), "--format", "json")
    assert named.json()["projects"][0]["size"] == pytest.approx(2500, rel=1e-6)


def two_layers(path: Path) -> Path:
    layers = {name: ({"name": [name]}, np.array([shape], dtype=object)) for name, shape in
              (("采石场", box(800, 500, 1000, 700)), ("道路", box(1650, 1400, 1700, 1500)))}  # fmt: skip
    write_geopackage(path, layers, national_crs())
    return path


def test_of_several_layers_of_projects_one_must_be_named(shuibao: Call, folder: Path, tmp_path: Path) -> None:
    path = two_layers(tmp_path / "two.gpkg")
    refused = shuibao("zones", "at", folder, "--file", path)
    assert (refused.status, "2 个图层：采石场、道路；请用 --layer" in refused.err) == (2, True)
    told = shuibao("zones", "at", folder, "--file", path, "--layer", "采石场", "--format", "json").json()
    assert [project["project"] for project in told["projects"]] == ["采石场"]


def test_of_several_layers_of_further_zones_one_must_be_named(
    shuibao: Call, folder: Path, project: Path, tmp_path: Path
) -> None:
    zones = two_layers(tmp_path / "zones.gpkg")
    words = (
        "zones",
        "at",
        folder,
        "--file",
        project,
        "--zones",
        zones,
        "--zones-kind",
        "severe",
        "--zones-level",
        "city",
    )
    refused = shuibao(*words)
    assert (refused.status, "请用 --zones-layer" in refused.err) == (2, True)
    told = shuibao(*words, "--zones-layer", "采石场", "--format", "json").json()
    assert len(told["projects"][0]["in_zones"]) == 5


def test_a_wrong_crs_is_refused_of_every_kind_of_file(
    shuibao: Call, folder: Path, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "places.csv").write_text("name,lon,lat\nx,112.7,38.4\n", "utf-8")
    for path in (project, tmp_path / "places.csv"):
        refused = shuibao("zones", "at", folder, "--file", path, "--crs", "EPSG:banana")
        assert (refused.status, "EPSG:banana" in refused.err) == (2, True)
