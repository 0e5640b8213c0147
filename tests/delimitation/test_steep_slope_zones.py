"""The steep-slope zone as it can be announced: what is left out, how it is cut, how it is listed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.delimitation.steep_region import (
    CONSTRUCTION,
    FARMLAND,
    TOWNS,
    along_cells,
    place,
    steep_region,
    write_shapes,
)

from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.draft.drawing import draw_zones, drawer, zones_by_county
from shuibao.delimitation.draft.excluding import notes_of
from shuibao.delimitation.draft.steep_slope import draw_steep_slopes
from shuibao.ground.vectors import read_vectors
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey.region import load_region

THEME = "steep_slope"
BOTH = {"construction": {"path": "inputs/construction.geojson"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a region folder that was run, with farmland, construction land and towns."""
    made = tmp_path_factory.mktemp("steep")
    steep_region(made, inputs=BOTH)
    return made


def drawn(folder: Path, packs=("national",), without=(), **changes):
    """Return what other packs and fewer inputs draw on the same land."""
    region = load_region(folder)
    inputs = {name: given for name, given in region.inputs.items() if name not in without} | changes
    return draw_steep_slopes(replace(region, inputs=inputs), load_rules(list(packs)))


def union(layer):
    return shapely.union_all(layer.geometry)


def test_without_layers_holes_and_tolerances_the_zone_is_that_of_the_run_inside_the_region(folder, tmp_path):
    own = along_cells(tmp_path, minimum_hole=(0, "hm2"))
    layer = drawn(folder, ["national", own], without=("farmland", "construction", "towns"))
    facts = read_vectors(folder / "products" / "steep_slope.parquet")
    inside = place((0, 0, 1, 1)).buffer(-300)  # beyond the region the run sees slopes, and the drawing none
    differing = union(layer).symmetric_difference(shapely.union_all(facts.geometry))
    assert differing.intersection(inside).area == 0
    assert union(layer).intersection(inside).area > 0


def test_holes_up_to_their_size_are_filled_and_told_as_taken_in(folder, tmp_path):
    packs = ["inner_mongolia", along_cells(tmp_path, minimum_hole=(0, "hm2"))]
    holed = drawn(folder, packs, without=("farmland", "construction"))
    along_cells(tmp_path, minimum_hole=(9, "hm2"), hole_length=(900, "m"))
    filled = drawn(folder, packs, without=("farmland", "construction"))
    assert union(holed).difference(union(filled)).area == 0
    more = union(filled).area - union(holed).area
    assert more > 0
    assert filled.columns["commission_m2"].sum() - holed.columns["commission_m2"].sum() >= more * 0.999
    assert filled.columns["holes"].sum() < holed.columns["holes"].sum()


def test_outlines_stay_within_the_tolerances(folder, tmp_path):
    layer, cells = drawn(folder), drawn(folder, ["national", along_cells(tmp_path)])
    reach = 15.0 + 10.0  # simplified, then smoothed
    assert union(layer).difference(union(cells).buffer(reach + 0.1)).area == 0
    assert union(cells).difference(union(layer).buffer(reach + 0.1)).area == 0
    assert union(layer).symmetric_difference(union(cells)).area > 0
    assert len(layer) == len(cells)


def test_pieces_fit_edge_to_edge_and_what_they_share_with_a_layer_is_told(folder):
    layer = drawn(folder)
    assert shapely.coverage_is_valid(layer.geometry)
    for name, share in (("FARMLAND", FARMLAND), ("CONSTRUCTION", CONSTRUCTION)):
        told = float(layer.metadata[f"OVERLAP_{name}_HM2"])
        assert told == pytest.approx(union(layer).intersection(place(share)).area / 1e4, abs=0.01)
        border = place(share).boundary.intersection(union(layer).buffer(30)).length
        assert told * 1e4 <= border * 30 / 2**0.5  # half the diagonal of a cell, on each metre


def test_nothing_of_a_layer_that_is_left_out_is_in_the_zone(folder):
    layer = drawn(folder)
    whole = drawn(folder, without=("farmland", "construction"))
    for share in (FARMLAND, CONSTRUCTION):
        inside = place(share).buffer(-30)  # the cells on its border have their centre inside or outside
        assert union(whole).intersection(inside).area > 0
        assert union(layer).intersection(inside).area == 0


def test_leaving_land_out_never_adds_any(folder, tmp_path):
    packs = ["national", along_cells(tmp_path)]
    whole = drawn(folder, packs, without=("farmland", "construction"))
    assert union(drawn(folder, packs)).difference(union(whole)).area == 0


def test_the_steeper_the_angle_the_smaller_the_zone_and_each_lies_in_the_next(folder, tmp_path):
    own = along_cells(tmp_path)
    zones = [drawn(folder, packs=[pack, own]) for pack in ("national", "jilin", "inner_mongolia")]
    assert [set(layer.columns["angle"]) for layer in zones] == [{25.0}, {20.0}, {15.0}]
    for steeper, gentler in zip(zones, zones[1:], strict=False):
        assert union(steeper).difference(union(gentler)).area == 0
        assert union(gentler).area > union(steeper).area


def test_each_zone_says_the_document_and_the_clause_it_was_drawn_under(folder):
    basis = {packs: set(drawn(folder, packs=[packs]).columns["basis"]) for packs in ("national", "jilin")}
    assert basis["national"] == {"steep_slope.angle=25°；中华人民共和国水土保持法 第二十条"}
    assert basis["jilin"] == {"steep_slope.angle=20°；吉林省水土保持条例"}  # no clause was read, none is invented


def test_the_minimum_area_is_asked_before_towns_cut_a_slope(folder, tmp_path):
    layer = drawn(folder)
    minimum = float(load_rules(["national"]).value("steep_slope.minimum_area"))
    area = np.asarray(layer.columns["area_hm2"])
    assert (np.asarray(layer.columns["slope_area_hm2"]) >= minimum).all()
    assert (np.asarray(layer.columns["slope_area_hm2"]) >= area - 0.01).all()
    packs = ["national", along_cells(tmp_path)]
    cells, cut = drawn(folder, packs), drawn(folder, packs, without=("towns",))
    assert union(cells).symmetric_difference(union(cut)).area == 0  # towns cut it and drop nothing


def test_each_patch_is_one_polygon_in_its_own_town(folder):
    layer = drawn(folder)
    assert {shape.geom_type for shape in layer.geometry} == {"Polygon"}
    assert shapely.is_valid(layer.geometry).all()
    for shape, town in zip(layer.geometry, layer.columns["town"], strict=True):
        assert place(TOWNS[town][1]).buffer(30).contains(shape)
    assert shapely.area(layer.geometry).tolist() == layer.columns["area_m2"].tolist()


def test_patches_are_numbered_by_county_from_one(folder):
    layer = drawn(folder)
    for county in set(layer.columns["county"]):
        codes = [code for code in layer.columns["code"] if code.startswith(county)]
        assert codes == [f"{county}-{k:05d}" for k in range(1, len(codes) + 1)]
        towns = [t for t, c in zip(layer.columns["town"], layer.columns["county"], strict=True) if c == county]
        assert towns == sorted(towns)


def test_towns_add_up_to_their_county_and_counties_to_the_region(folder):
    region = load_region(folder)
    draw_zones(region, [THEME])
    totals = read_result(region, THEME).totals
    county = {t.county: t.hundredths for t in totals if t.level == "county"}
    for code, hundredths in county.items():
        assert hundredths == sum(t.hundredths for t in totals if t.level == "town" and t.county == code)
    assert sum(county.values()) == next(t.hundredths for t in totals if t.level == "region")
    assert {t.town for t in totals if t.level == "town"} == set(TOWNS)


def test_tiles_of_any_size_draw_the_same(folder, tmp_path):
    whole = drawn(folder)
    region = load_region(folder)
    tiled = draw_steep_slopes(replace(region, tile=512, cell=30.0), load_rules(["national"]))
    small = draw_steep_slopes(replace(region, tile=64), load_rules(["national"]))
    for layer in (tiled, small):
        assert shapely.equals_exact(layer.geometry, whole.geometry, 0).all()
        assert layer.columns["code"].tolist() == whole.columns["code"].tolist()


def test_drawing_twice_gives_the_same_bytes(folder):
    region = load_region(folder)
    path = folder / "zones" / THEME / "drawn.parquet"
    draw_zones(region, [THEME])
    first = path.read_bytes()
    draw_zones(region, [THEME])
    assert path.read_bytes() == first


def test_the_result_says_which_layers_are_missing_or_do_not_cover_a_county(folder):
    said = " ".join(notes_of(drawn(folder).metadata))
    assert "永久基本农田图层 farmland.geojson 没有覆盖：模拟甲县" in said
    assert "模拟乙县 (只覆盖 0%)" in said
    missing = drawn(folder, without=("farmland", "construction", "towns"))
    assert len(notes_of(missing.metadata)) == 3
    assert "is not left out" in " ".join(notes_of(missing.metadata, english=True))


def test_a_layer_that_covers_the_counties_needs_no_words(folder):
    corners = [({}, place(share)) for share in ((0, 0, 0.1, 0.1), (0.9, 0.9, 1, 1), (0, 0.9, 0.1, 1), (0.9, 0, 1, 0.1))]
    write_shapes(folder / "inputs" / "corners.geojson", corners)
    layer = drawn(folder, farmland={"path": "inputs/corners.geojson"})
    assert not [note for note in notes_of(layer.metadata) if "永久基本农田" in note]


def test_towns_that_leave_land_out_are_named(folder):
    towns = [({"code": code, "name": name}, place(share)) for code, (name, share) in list(TOWNS.items())[:3]]
    write_shapes(folder / "inputs" / "three.geojson", towns)
    layer = drawn(folder, towns={"path": "inputs/three.geojson"})
    assert "" in set(layer.columns["town"])
    assert any("没有盖满：模拟乙县 (60" in note for note in notes_of(layer.metadata))


def test_made_up_land_is_called_so(folder):
    assert drawn(folder).metadata["DATA_KIND"] == "模拟数据"


def test_totals_are_printed_by_county(folder):
    layer = drawn(folder)
    rows = zones_by_county(THEME, layer)
    assert [row["county"] for row in rows] == ["990001", "990002", ""]
    assert rows[-1]["zones"] == len(layer)


def test_a_region_that_was_not_run_is_refused(tmp_path):
    region = steep_region(tmp_path, run=False)
    with pytest.raises(ShuibaoError, match="先运行 shuibao run"):
        draw_zones(region, [THEME])


def test_an_unknown_theme_is_refused():
    with pytest.raises(CallError, match="没有这种区域"):
        drawer("rivers")


@pytest.mark.parametrize(
    "change,words",
    [
        ({"path": "inputs/none.geojson"}, "文件不存在"),
        ({"path": "inputs/lines.geojson"}, "应只含面"),
        ({"path": "inputs/empty.geojson"}, "没有要素"),
        ({}, "缺少 path"),
    ],
)
def test_a_layer_that_cannot_be_used_is_refused(folder, change, words):
    line = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": [[111, 39], [112, 40]]},
    }
    for name, features in (("lines", [line]), ("empty", [])):
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / "inputs" / f"{name}.geojson").write_text(text)
    with pytest.raises(ShuibaoError, match=words):
        drawn(folder, farmland=change)


def test_a_town_without_a_code_of_nine_digits_is_refused(folder):
    write_shapes(folder / "inputs" / "bad.geojson", [({"code": "99000", "name": "甲"}, place((0, 0, 1, 1)))])
    with pytest.raises(ShuibaoError, match="不是 9 位数字"):
        drawn(folder, towns={"path": "inputs/bad.geojson"})
    with pytest.raises(ShuibaoError, match="没有字段「乡名」"):
        drawn(folder, towns={"path": "inputs/towns.geojson", "name": "乡名"})


def test_a_county_that_is_not_in_the_region_is_refused(folder):
    draw_zones(load_region(folder), [THEME])
    with pytest.raises(CallError, match="没有县「110101」"):
        read_result(load_region(folder), THEME, "110101")


@pytest.mark.slow
def test_copies_of_the_folder_draw_the_same_bytes(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    draw_zones(load_region(folder), [THEME])
    draw_zones(load_region(tmp_path / "copy"), [THEME])
    name = f"zones/{THEME}/drawn.parquet"
    assert (folder / name).read_bytes() == (tmp_path / "copy" / name).read_bytes()
