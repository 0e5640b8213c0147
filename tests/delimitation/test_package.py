"""A result package holds what the rule pack says, adds up, and is the same twice."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
import shapely
from tests.delimitation.steep_region import steep_region

from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.contract import fields_of, values_of
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.delivery.totals import totals_of
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.ground.files import sha256_of
from shuibao.ground.shapefile import TableField, dbf_table, write_shapefile
from shuibao.ground.vectors import read_vectors
from shuibao.messages import CallError, ShuibaoError
from shuibao.report.zone_package import make_package, rounded
from shuibao.rules import load_rules
from shuibao.zoning.layer import KINDS, THEMES, zone_layer

THEME, STEM = "steep_slope", "990000_steep_slope_2024"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    region = steep_region(tmp_path_factory.mktemp("packed"))
    draw_zones(region, [THEME])
    return read_result(region, THEME)


@pytest.fixture(scope="module")
def package(result, tmp_path_factory):
    return make_package(result, tmp_path_factory.mktemp("out") / "package")


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def hundredths(text):
    return round(float(text) * 100)


def test_a_package_holds_the_files_that_the_rule_pack_names(package):
    names = {entry["path"].format(stem=STEM) for entry in load_rules(["national"]).value("zone_package.files")}
    assert {path.name for path in package.iterdir()} == names


def test_two_packages_have_the_same_bytes(result, tmp_path):
    first, second = (make_package(result, tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()


def test_a_zip_holds_the_same_as_a_folder(result, package, tmp_path):
    with zipfile.ZipFile(make_package(result, tmp_path / "a.zip")) as made:
        assert {name: made.read(name) for name in made.namelist()} == {
            p.name: p.read_bytes() for p in package.iterdir()
        }


def test_geopackage_and_shapefile_hold_the_zones_that_were_drawn(result, package):
    geopackage = read_vectors(package / f"{STEM}.gpkg")
    shapefile = read_vectors(package / f"{STEM}.shp.zip")
    for made in (geopackage, shapefile):
        assert made.crs is not None
        assert made.crs.to_dict()["proj"] == "aea"
        parts = shapely.get_num_geometries(made.geometry)
        assert parts.tolist() == [1] * len(result.layer)
        apart = shapely.hausdorff_distance(shapely.get_geometry(made.geometry, 0), result.layer.geometry)
        assert (apart <= 0.005 * 2**0.5 + 1e-9).all()  # coordinates are rounded to 0.01 m
    assert shapely.equals(shapely.normalize(geopackage.geometry), shapely.normalize(shapefile.geometry)).all()
    fields = fields_of(result.rules, THEME)
    assert list(geopackage.columns) == [field.name for field in fields]
    assert list(shapefile.columns) == [field.short for field in fields]
    for field in fields:
        assert geopackage.columns[field.name].tolist() == pytest.approx(shapefile.columns[field.short].tolist()) or (
            field.type == "text"
            and [str(t) for t in geopackage.columns[field.name]] == list(shapefile.columns[field.short])
        )


def test_kinds_and_levels_stand_as_codes_beside_their_names(package):
    row = rows_of(package / f"{STEM}_list.csv")[0]
    assert (row["kind"], row["kind_name"]) == ("5", "禁止开垦陡坡地")
    assert (row["level"], row["level_name"]) == ("4", "县级")


def test_list_totals_and_metadata_add_up_to_a_hundredth_of_a_hectare(package):
    totals = rows_of(package / f"{STEM}_totals.csv")
    listed = rows_of(package / f"{STEM}_list.csv")
    whole = next(hundredths(row["area_hm2"]) for row in totals if row["level"] == "合计")
    assert whole == sum(hundredths(row["area_hm2"]) for row in listed)
    assert whole == sum(hundredths(row["area_hm2"]) for row in totals if row["level"] == "县")
    assert whole == sum(hundredths(row["area_hm2"]) for row in totals if row["level"] == "乡镇")
    metadata = json.loads((package / "metadata.json").read_text(encoding="utf-8"))
    assert hundredths(metadata["area_hm2"]) == whole


def test_the_metadata_hold_what_is_asked_and_the_checksums_fit(package):
    metadata = json.loads((package / "metadata.json").read_text(encoding="utf-8"))
    assert set(load_rules(["national"]).value("zone_package.metadata")) <= set(metadata)
    assert metadata["data_kind"] == "模拟数据"
    assert metadata["files"] == {p.name: sha256_of(p) for p in sorted(package.iterdir()) if p.name != "metadata.json"}
    angle = next(rule for rule in metadata["rules"] if rule["key"] == "steep_slope.angle")
    assert (angle["value"], angle["status"]) == (25, "verified")
    assert any("不覆盖" in note or "没有覆盖" in note for note in metadata["notes"])


def test_the_workbook_says_that_the_land_is_made_up(package):
    book = openpyxl.load_workbook(package / f"{STEM}_list.xlsx")
    assert book.sheetnames == ["汇总", "清单", "说明"]
    assert "模拟数据" in book["清单"]["A1"].value


def test_a_package_of_one_county_holds_only_its_zones(result, tmp_path):
    own = read_result(result.region, THEME, "990002")
    package = make_package(own, tmp_path / "own")
    assert {row["county"] for row in rows_of(package / "990002_steep_slope_2024_list.csv")} == {"990002"}


def test_what_is_there_is_not_replaced_unasked(result, tmp_path):
    out = make_package(result, tmp_path / "p")
    with pytest.raises(CallError, match="--force"):
        make_package(result, out)
    (out / "left.txt").write_text("of an earlier package")
    make_package(result, out, force=True)
    assert not (out / "left.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(CallError, match="不是成果包"):
        make_package(result, tmp_path / "mine", force=True)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"


def test_an_earlier_package_stays_where_the_new_one_fails(result, tmp_path, monkeypatch):
    out = make_package(result, tmp_path / "p")
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def halfway(made, temporary):
        temporary.mkdir()
        (temporary / "half.gpkg").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", halfway)
    with pytest.raises(ShuibaoError, match="磁盘已满"):
        make_package(result, out, force=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_a_package_of_nothing_is_still_a_package(result, tmp_path):
    none = replace(result, layer=result.layer.subset(np.zeros(len(result.layer), dtype=bool)), totals=[])
    package = make_package(none, tmp_path / "none")
    assert len(read_vectors(package / f"{STEM}.gpkg").geometry) == 0
    assert rows_of(package / f"{STEM}_list.csv") == []


def test_a_zone_that_lacks_a_required_field_is_refused(result, tmp_path):
    columns = {**result.layer.columns, "basis": np.full(len(result.layer), "", dtype=object)}
    with pytest.raises(ShuibaoError, match="basis（划定依据）"):
        make_package(replace(result, layer=replace(result.layer, columns=columns)), tmp_path / "p")


def test_a_kind_that_is_in_no_code_table_is_refused():
    rules = load_rules(["national"])
    shapes = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    layer = zone_layer(THEME, {"code": ["a"], "kind": ["swamp"], "level": ["county"]}, shapes, None)
    with pytest.raises(ShuibaoError, match="zone_kind.classes"):
        values_of(layer, rules, fields_of(rules, THEME))


@pytest.mark.parametrize("theme", THEMES)
def test_fields_of_a_theme_have_names_that_a_shapefile_holds(theme):
    rules = load_rules(["national"])
    fields = fields_of(rules, theme)
    for names in ([f.name for f in fields], [f.short for f in fields]):
        assert len(set(names)) == len(names)
    assert all(len(f.short) <= 10 and f.short.isascii() for f in fields)
    assert {f.type for f in fields} <= {"text", "integer", "real"}
    assert {kind["id"] for kind in rules.value("zone_kind.classes") if kind["theme"] == theme} == {
        kind for kind, of in KINDS.items() if of == theme
    }


def test_coordinates_are_rounded_without_spoiling_a_shape():
    thin = shapely.Polygon([(0, 0), (1, 0.0001), (1, 0.0002)])
    plain = shapely.Polygon([(0.0011, 0), (1.0049, 0), (1, 1)])
    near = rounded(np.array([thin, plain], dtype=object), 0.01)
    assert near[0].equals(thin)
    assert shapely.get_coordinates(near[1]).tolist()[:2] == [[0.0, 0.0], [1.0, 0.0]]


def test_text_is_cut_at_a_whole_character():
    table = dbf_table([TableField("NAME", "text", 5)], {"NAME": ["水土保持"]}, 1)
    assert table.endswith("水".encode() + b"  \x1a")


def test_a_number_that_does_not_fit_its_field_is_refused():
    with pytest.raises(ShuibaoError, match="超过宽度 3"):
        dbf_table([TableField("N", "integer", 3)], {"N": [12345]}, 1)


def test_a_name_that_no_shapefile_holds_is_refused(tmp_path):
    with pytest.raises(ShuibaoError, match="ASCII"):
        write_shapefile(tmp_path / "a.zip", "a", [TableField("平均坡度", "real", 8)], {}, np.empty(0, object), None)


def test_zones_that_are_not_cut_by_town_are_not_listed_by_town(result):
    bare = {name: np.full(len(result.layer), "", dtype=object) for name in ("town", "town_name")}
    layer = replace(result.layer, columns={**result.layer.columns, **bare})
    assert {total.level for total in totals_of(layer, result.units)} == {"region", "county"}


def test_zones_across_counties_are_not_said_to_be_absent_from_a_county(result):
    layer = result.layer
    bare = {name: np.full(len(layer), "", dtype=object) for name in ("county", "county_name", "town", "town_name")}
    totals = totals_of(replace(layer, columns={**layer.columns, **bare}), result.units)
    assert [(total.level, total.county) for total in totals] == [("region", ""), ("county", "")]
    assert {total.zones for total in totals} == {len(layer)}
    assert [total.names for total in totals] == [("合计", ""), ("跨县", "")]


def test_totals_of_zones_across_counties_are_named_and_pass_the_check(result, tmp_path):
    layer, one = result.layer, result.layer.columns["county"][0]
    shared = np.asarray(layer.columns["county"]) != one
    bare = {n: np.where(shared, "", layer.columns[n]) for n in ("county", "county_name", "town", "town_name")}
    fragile = {"kind": np.full(len(layer), "fragile", dtype=object)}  # steep slopes must have a county
    layer = replace(layer, theme="severe_fragile", columns={**layer.columns, **bare, **fragile})
    across = replace(result, layer=layer, totals=totals_of(layer, result.units))
    package = make_package(across, tmp_path / "across.zip")
    report = check_package(package, result.rules)
    assert report.count("error") == 0
    assert "跨县" in json.dumps(
        json.loads(zipfile.ZipFile(package).read("metadata.json"))["totals"], ensure_ascii=False
    )
