"""Asking a region folder in which zones projects lie: sums, duties, files of all kinds, and every refusal."""

from __future__ import annotations

import struct
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from pyproj import Transformer
from tests.delimitation.zoned_region import BOTTOM, LEFT, box, layers, write_shapes, zoned_region

from shuibao.delimitation.control.finding import (
    Answer,
    Control,
    ask,
    layer_sources,
    open_control,
    summary_rows,
    zone_rows,
)
from shuibao.delimitation.control.projects import project_at, read_projects
from shuibao.ground.grid import national_crs
from shuibao.messages import CallError, ShuibaoError

TO_DEGREES = Transformer.from_crs(national_crs(), 4490, always_xy=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zoned_region(tmp_path_factory.mktemp("control") / "region")


@lru_cache(maxsize=4)
def opened(folder: Path) -> Control:
    """Return the zones of a folder that is never changed, read once."""
    return open_control(folder)


def answer_of(folder: Path, path: Path, **options: str) -> Answer:
    control = opened(folder)
    return ask(control, read_projects(path, control.index.crs, **options))  # type: ignore[arg-type]


def degrees(x: float, y: float) -> tuple[float, float]:
    lon, lat = TO_DEGREES.transform(LEFT + x, BOTTOM + y)
    return float(lon), float(lat)


def test_a_project_gets_its_area_in_every_zone_and_its_share(folder: Path, tmp_path: Path) -> None:
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [box(800, 500, 1000, 700)], ["厂"]))
    rows = {row["code"]: (row["area_m2"], row["share"], row["relation"]) for row in zone_rows(answer)}
    assert rows == {
        "P1": (20000.0, 0.5, "partly"),
        "T1": (20000.0, 0.5, "partly"),
        "S1": (20000.0, 0.5, "partly"),
        "F1": (40000.0, 1.0, "wholly"),
    }


def test_land_in_two_zones_of_a_theme_is_counted_once(folder: Path, tmp_path: Path) -> None:
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [box(800, 500, 1000, 700)], ["厂"]))
    summary = next(iter(summary_rows(answer)))
    assert (summary["size"], summary["severe_fragile"], summary["prevention_treatment"]) == (40000, 40000, 40000)
    assert (summary["any"], summary["share"], summary["steep_slope"], summary["zones"]) == (40000, 1.0, 0.0, 4)
    assert summary["kind_names"] == "重点预防区、重点治理区、水土流失严重区、生态脆弱区"
    assert summary["nearest"] == ""


def test_two_zones_give_the_duties_of_both(folder: Path) -> None:
    control = opened(folder)

    def duties(x: float, y: float) -> set[str]:
        found = ask(control, project_at(*degrees(x, y), control.index.crs))
        return {duty.id for duty in found.duties_of(0)}

    prevention, fragile = duties(250, 250), duties(1300, 850)
    assert duties(650, 700) - duties(250, 250) == {"law_fragile_plants", "law_fragile_projects", "opinions_red_line"}
    assert "standard_grade_one" in prevention & fragile
    assert "law_steep_cultivation" in duties(50, 50)
    assert "law_steep_cultivation" not in prevention


def test_many_are_as_one_by_one(folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    corners = rng.uniform(-100, 1700, (12, 2))
    shapes = [box(x, y, x + w, y + w) for (x, y), w in zip(corners, rng.uniform(1, 400, 12), strict=True)]
    together = answer_of(folder, write_shapes(tmp_path / "all.gpkg", shapes, [f"p{k}" for k in range(12)]))
    summary, rows = list(summary_rows(together)), list(zone_rows(together))
    for k, shape in enumerate(shapes):
        alone = answer_of(folder, write_shapes(tmp_path / f"{k}.gpkg", [shape], [f"p{k}"]))
        assert next(iter(summary_rows(alone))) | {"feature": k + 1} == summary[k]
        assert [row | {"feature": k + 1} for row in zone_rows(alone)] == [r for r in rows if r["feature"] == k + 1]


def test_a_project_outside_all_zones_is_told_the_nearest(folder: Path, tmp_path: Path) -> None:
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [box(1600, 1250, 1700, 1300)], ["厂"]))
    summary = next(iter(summary_rows(answer)))
    assert (summary["zones"], summary["nearest"], summary["nearest_m"]) == (0, "T1", 50.0)
    assert all(not duty.kinds for duty in answer.duties_of(0))


def test_what_lies_outside_the_region_is_said(folder: Path, tmp_path: Path) -> None:
    shapes = [box(-900, -900, -800, -800), box(-100, 500, 100, 600)]
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", shapes, ["远", "半"]))
    assert [row["in_region"] for row in summary_rows(answer)] == [0.0, 0.5]
    notes = " ".join(note.zh for note in answer.notes)
    assert "不在本区域内：远" in notes
    assert "部分在本区域外：半" in notes


def test_a_point_on_the_border_of_two_steep_slopes_is_in_one(folder: Path, tmp_path: Path) -> None:
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [shapely.Point(LEFT + 100, BOTTOM + 50)], ["点"]))
    rows = [row for row in zone_rows(answer) if row["theme"] == "steep_slope"]
    assert [(row["code"], row["relation_name"], row["area_m2"]) for row in rows] == [("D1", "在界线上", None)]


def test_a_theme_that_is_not_drawn_is_said_and_a_region_without_zones_is_refused(tmp_path: Path) -> None:
    control = open_control(zoned_region(tmp_path / "one", themes=1))
    assert [note.zh for note in control.notes] == [
        "没有划定成果：水土流失严重、生态脆弱区域；查询不含这一类。",
        "没有划定成果：禁止开垦陡坡地；查询不含这一类。",
    ]
    with pytest.raises(ShuibaoError, match="zones draw"):
        open_control(zoned_region(tmp_path / "none", themes=0))


def test_zones_given_beside_the_region_are_asked_too(folder: Path, tmp_path: Path) -> None:
    file = write_shapes(tmp_path / "national.gpkg", [box(0, 1500, 1800, 1800)], ["国家级区"])
    control = open_control(folder, [file], kind="prevention", level="province")
    found = ask(control, project_at(*degrees(1700, 1700), control.index.crs))
    assert [(row["code"], row["name"], row["level"]) for row in zone_rows(found)] == [
        ("national-00001", "国家级区", "province")
    ]
    assert "水土流失重点预防区和重点治理区：外来图层 national.gpkg，1 个" in [n.zh for n in layer_sources(control)]
    with pytest.raises(CallError, match="--zones-kind"):
        open_control(folder, [file])
    with pytest.raises(CallError, match="国家"):
        open_control(folder, [file], kind="prevention", level="国家")


def test_lines_are_measured_in_metres(folder: Path, tmp_path: Path) -> None:
    line = shapely.LineString([(LEFT + 800, BOTTOM + 1000), (LEFT + 1000, BOTTOM + 1000)])
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [line], ["路"]))
    assert [(row["code"], row["length_m"], row["area_m2"]) for row in zone_rows(answer)] == [
        ("P1", 100.0, None),
        ("T1", 100.0, None),
    ]
    assert next(iter(summary_rows(answer)))["unit"] == "m"


def test_a_project_in_degrees_has_the_area_it_has_in_metres(folder: Path, tmp_path: Path) -> None:
    shape = shapely.transform(box(950, 100, 1150, 250), TO_DEGREES.transform, interleaved=False)
    answer = answer_of(folder, write_shapes(tmp_path / "a.geojson", [shape], ["厂"], crs="EPSG:4326"))
    assert [row["area_m2"] for row in zone_rows(answer)] == [pytest.approx(30000, rel=1e-4)]


def test_heights_mixed_kinds_and_empty_shapes_are_taken_as_far_as_they_go(folder: Path, tmp_path: Path) -> None:
    deep = shapely.force_3d(box(0, 0, 10, 10), 5.0)
    mixed = shapely.GeometryCollection([box(20, 0, 30, 10), shapely.Point(LEFT, BOTTOM)])
    points = shapely.MultiPoint([(LEFT + 5, BOTTOM + 5), (LEFT + 905, BOTTOM + 5)])
    path = write_shapes(tmp_path / "a.gpkg", [deep, mixed, None, points], ["高", "混", "空", "点"])
    answer = answer_of(folder, path)
    assert answer.projects.names == ("高", "混", "点", "点")
    assert answer.dimension.tolist() == [2, 2, 0, 0]
    assert answer.size.tolist() == pytest.approx([100.0, 100.0, 0.0, 0.0])
    notes = " ".join(note.zh for note in answer.notes)
    assert all(words in notes for words in ("第 3 个要素没有图形", "第 2 个要素是混合图形", "1 个名称出现多次（点）"))


def test_a_border_that_crosses_itself_is_mended_and_said(folder: Path, tmp_path: Path) -> None:
    bow = shapely.Polygon([(LEFT, BOTTOM), (LEFT + 100, BOTTOM + 100), (LEFT + 100, BOTTOM), (LEFT, BOTTOM + 100)])
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [bow], ["结"]))
    assert answer.size.tolist() == pytest.approx([5000.0])
    assert "自相交，已修复，面积 0.50 hm²" in answer.notes[0].zh
    flat = shapely.Polygon([(LEFT, BOTTOM), (LEFT + 100, BOTTOM), (LEFT, BOTTOM)])
    with pytest.raises(ShuibaoError, match="没有面积"):
        answer_of(folder, write_shapes(tmp_path / "b.gpkg", [flat], ["线"]))


def test_the_same_shape_twice_is_said(folder: Path, tmp_path: Path) -> None:
    answer = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [box(0, 0, 9, 9)] * 2, ["甲", "乙"]))
    assert "1 个要素与别的要素图形相同" in answer.notes[0].zh
    assert len(list(summary_rows(answer))) == 2


def test_a_gbk_table_without_a_code_page_is_read(folder: Path, tmp_path: Path) -> None:
    path = write_shapes(tmp_path / "a.shp", [box(0, 0, 50, 50)], ["水电站"], encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert answer_of(folder, path).projects.names == ("水电站",)


def test_a_zipped_shapefile_is_read_and_one_that_lacks_a_part_is_refused(folder: Path, tmp_path: Path) -> None:
    path = write_shapes(tmp_path / "a.shp", [box(0, 0, 50, 50)], ["厂"])
    parts = sorted(tmp_path.glob("a.*"))
    for name, left_out in (("whole", ""), ("cut", ".shx"), ("lost", ".prj")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for part in parts:
                if part.suffix != left_out:
                    archive.write(part, part.name)
    assert answer_of(folder, tmp_path / "whole.zip").projects.names == ("厂",)
    with pytest.raises(ShuibaoError, match=r"缺少 \.shx"):
        answer_of(folder, tmp_path / "cut.zip")
    with pytest.raises(ShuibaoError, match="没有坐标系"):
        answer_of(folder, tmp_path / "lost.zip")
    assert answer_of(folder, tmp_path / "lost.zip", given_crs=national_crs().to_wkt()).size[0] == pytest.approx(2500)
    path.with_suffix(".dbf").unlink()
    with pytest.raises(ShuibaoError, match=r"缺少 \.dbf"):
        answer_of(folder, path)


def test_a_name_field_that_is_not_there_is_refused_with_those_that_are(folder: Path, tmp_path: Path) -> None:
    path = write_shapes(tmp_path / "a.gpkg", [box(0, 0, 50, 50)], ["厂"])
    with pytest.raises(CallError, match="项目名.*现有：name"):
        answer_of(folder, path, name_field="项目名")


def test_a_project_that_is_not_in_the_file_is_refused(folder: Path, tmp_path: Path) -> None:
    projects = answer_of(folder, write_shapes(tmp_path / "a.gpkg", [box(0, 0, 50, 50)], ["厂"])).projects
    assert projects.named("厂").names == ("厂",)
    with pytest.raises(CallError, match="没有名为「矿」的项目；有：厂"):
        projects.named("矿")


def test_places_come_as_csv_in_chinese_and_in_gbk(folder: Path, tmp_path: Path) -> None:
    lon, lat = degrees(50, 50)
    path = tmp_path / "点.csv"
    path.write_bytes(f"项目名称,经度,纬度\n风电场,{lon},{lat}\n".encode("gbk"))
    answer = answer_of(folder, path)
    assert answer.projects.names == ("风电场",)
    assert {row["code"] for row in zone_rows(answer)} == {"P1", "D1"}
    path.write_text("项目名称,经度,纬度\n甲,112度,38\n", "utf-8")
    with pytest.raises(ShuibaoError, match="第 2 行"):
        answer_of(folder, path)
    path.write_text("项目名称,经度,纬度\n", "utf-8")
    with pytest.raises(ShuibaoError, match="没有行"):
        answer_of(folder, path)
    path.write_text("项目名称,东,北\n甲,112,38\n", "utf-8")
    with pytest.raises(ShuibaoError, match="缺少经纬度列"):
        answer_of(folder, path)


def test_swapped_longitude_and_latitude_are_seen(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"写反了.*112\.730000 38\.420000"):
        project_at(38.42, 112.73, national_crs())
    path = tmp_path / "a.csv"
    path.write_text("name,lon,lat\n甲,38.42,112.73\n乙,38.5,112.8\n", "utf-8")
    with pytest.raises(CallError, match="写反了"):
        read_projects(path, national_crs())
    with pytest.raises(CallError, match="不是经纬度"):
        project_at(200.0, 95.0, national_crs())


def test_files_that_are_none_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CallError, match="不存在"):
        answer_of(folder, tmp_path / "nothing.shp")
    with pytest.raises(CallError, match="不存在"):
        answer_of(folder, tmp_path / "nothing.csv")
    (tmp_path / "a.docx").write_bytes(b"x")
    with pytest.raises(CallError, match="不认识"):
        answer_of(folder, tmp_path / "a.docx")
    with pytest.raises(ShuibaoError, match="没有图形"):
        answer_of(folder, write_shapes(tmp_path / "e.gpkg", [None, None], ["a", "b"]))


def test_simulated_land_is_known_from_the_region_or_from_the_zones(folder: Path, tmp_path: Path) -> None:
    assert open_control(folder).simulated
    assert layers()[0].metadata["DATA_KIND"] == "模拟数据"


def test_arcs_become_chords_and_that_is_said(folder: Path, tmp_path: Path) -> None:
    turns = [(LEFT + 100, BOTTOM + 500), (LEFT + 300, BOTTOM + 500), (LEFT + 100, BOTTOM + 500)]
    ring = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<dd", *turn) for turn in turns)
    pyogrio.raw.write(
        tmp_path / "a.gpkg", geometry=np.array([struct.pack("<BII", 1, 10, 1) + ring], dtype=object), field_data=[],
        fields=[], geometry_type="Unknown", crs=national_crs().to_wkt(), driver="GPKG",
    )  # fmt: skip
    answer = answer_of(folder, tmp_path / "a.gpkg")
    assert answer.size[0] == pytest.approx(np.pi * 100**2, rel=1e-3)
    assert "1 个弧线图形已化为折线" in answer.notes[0].zh
