"""A check says what is wrong with farmland, construction land and towns before anything is drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from tests.delimitation.steep_region import CONSTRUCTION, TOWNS, place, steep_region, write_shapes

from shuibao.ground.grid import national_crs
from shuibao.rules import load_rules
from shuibao.survey.checking import check_region
from shuibao.survey.checking_layers import Look
from shuibao.survey.checking_notes import Notes
from shuibao.survey.checking_zones import check_zone_layers
from shuibao.survey.counties import counties_of
from shuibao.survey.region import load_region


@pytest.fixture
def folder(tmp_path):
    steep_region(tmp_path, run=False, inputs={"construction": {"path": "inputs/construction.geojson"}})
    return tmp_path


def looked(folder: Path) -> Notes:
    """Return what the check of the zones' layers alone notes."""
    region = load_region(folder)
    counties = counties_of(region)
    notes = Notes(str(folder))
    check_zone_layers(Look(notes, region, load_rules(["national"]), counties, counties.grid(region.cell)))
    return notes


def found(folder: Path, name: str, severity: str) -> str:
    findings = looked(folder).findings
    return "\n".join(f.zh for f in findings if f.where.startswith(f"inputs.{name}") and f.severity == severity)


def towns(folder: Path, rows) -> None:
    write_shapes(folder / "inputs" / "towns.geojson", [({"code": c, "name": n}, place(p)) for c, n, p in rows])


def sound_towns():
    return [(code, name, share) for code, (name, share) in TOWNS.items()]


def test_a_check_of_the_region_looks_at_its_towns(folder):
    result = check_region(folder)
    assert not [f for f in result.findings if f.where.startswith("inputs.towns")]
    assert any(seen.where == "inputs.towns" and seen.zh.startswith("4 个面") for seen in result.inputs)


def test_a_layer_that_does_not_span_a_county_is_a_warning(folder):
    assert "模拟乙县（0 %）" in found(folder, "farmland", "warning")
    assert found(folder, "farmland", "error") == ""


def test_a_layer_of_another_place_is_an_error(folder):
    write_shapes(folder / "inputs" / "construction.geojson", [({}, place((50, 50, 51, 51)))])
    assert "都不在区域内" in found(folder, "construction", "error")


def test_a_layer_without_a_coordinate_system_is_an_error(folder):
    shape = shapely.to_wkb(np.array([place(CONSTRUCTION)], dtype=object))
    pyogrio.raw.write(
        folder / "inputs" / "bare.shp", geometry=shape, field_data=[np.zeros(1)], fields=["n"], crs=national_crs().to_wkt(),
        geometry_type="Polygon", driver="ESRI Shapefile",
    )  # fmt: skip
    (folder / "inputs" / "bare.prj").unlink()
    text = (folder / "region.toml").read_text(encoding="utf-8").replace("construction.geojson", "bare.shp")
    (folder / "region.toml").write_text(text, encoding="utf-8")
    assert "没有坐标系" in found(folder, "construction", "error")


def test_lines_are_an_error(folder):
    line = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": [[111, 39], [112, 40]]},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [line]})
    (folder / "inputs" / "construction.geojson").write_text(text)
    assert "应只含面" in found(folder, "construction", "error")


def test_polygons_that_cross_themselves_are_mended_with_a_warning(folder):
    left, bottom, right, top = place(CONSTRUCTION).bounds
    bow = shapely.Polygon([(left, bottom), (right, top), (right, bottom), (left, top - 71)])
    write_shapes(folder / "inputs" / "construction.geojson", [({}, bow)])
    assert "1 个自相交" in found(folder, "construction", "warning")


def test_towns_in_gbk_are_read(folder):
    shapes = shapely.to_wkb(np.array([place(share) for _, share in TOWNS.values()], dtype=object))
    fields = [np.array(list(TOWNS), dtype=object), np.array([name for name, _ in TOWNS.values()], dtype=object)]
    pyogrio.raw.write(
        folder / "inputs" / "towns.shp", geometry=shapes, field_data=fields, fields=["code", "name"],
        crs=national_crs().to_wkt(), geometry_type="Polygon", driver="ESRI Shapefile", encoding="GBK",
    )  # fmt: skip
    (folder / "inputs" / "towns.cpg").unlink()
    text = (folder / "region.toml").read_text(encoding="utf-8").replace("towns.geojson", "towns.shp")
    (folder / "region.toml").write_text(text, encoding="utf-8")
    assert found(folder, "towns", "error") == found(folder, "towns", "warning") == ""


@pytest.mark.parametrize(
    "row,severity,words",
    [
        (("99000", "模拟甲镇", (0.0, 0.0, 0.5, 0.45)), "error", "99000 不是 9 位数字"),
        (("990001001", "", (0.0, 0.0, 0.5, 0.45)), "error", "名称字段为空"),
        (("880001001", "模拟甲镇", (0.0, 0.0, 0.5, 0.45)), "warning", "不属于区域内任何县"),
        (("990001001", "模拟甲镇", (0.0, 0.0, 0.5, 0.6)), "warning", "互相重叠：模拟甲镇、模拟乙乡"),
        (("990001001", "模拟甲镇", (0.0, 0.0, 0.5, 0.2)), "warning", "没有盖满这些县：模拟甲县（75"),
        (("990001102", "模拟甲镇", (0.0, 0.0, 0.5, 0.45)), "warning", "990001102 出现多次"),
    ],
)
def test_towns_that_are_wrong_are_named(folder, row, severity, words):
    towns(folder, [row, *sound_towns()[1:]])
    assert words in found(folder, "towns", severity)


def test_a_field_that_does_not_exist_is_an_error_with_those_there_are(folder):
    text = (folder / "region.toml").read_text(encoding="utf-8")
    text = text.replace('inputs/towns.geojson"', 'inputs/towns.geojson", name = "乡名"')
    (folder / "region.toml").write_text(text, encoding="utf-8")
    assert "没有字段「乡名」（现有：code、name）" in found(folder, "towns", "error")
