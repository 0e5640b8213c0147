"""Packages of others: other names, other encodings, other systems, places that do not fit."""

from __future__ import annotations

import errno
import zipfile

import numpy as np
import pyogrio.raw
import pytest
import shapely
from pyproj import CRS, Transformer
from tests.delimitation.acceptance.handed_in import COUNTY, NAME, RULES, SHAPES, Package, faults_of

from shuibao.delimitation.acceptance import check_layer, check_package
from shuibao.delimitation.acceptance.reading import theme_in_words
from shuibao.ground.grid import national_crs
from shuibao.ground.shapefile import TableField, write_shapefile
from shuibao.ground.vectors import read_vectors, write_geoparquet
from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import zone_layer

FOREIGN = {
    "TBBH": "code",
    "名称": "name",
    "LX": "kind",
    "级别": "level_name",
    "XZQDM": "county",
    "县名": "county_name",
    "面积": "area_hm2",
}
LACKING = {"kind_name", "level", "basis", "mean_slope", "angle", "land_use", "land_use_name", "land_use_share"}


def foreign_columns():
    columns = Package().columns
    own = {name: list(columns[standard]) for name, standard in FOREIGN.items()}
    return own | {"LX": ["禁止开垦陡坡地"] * len(SHAPES), "级别": ["县级"] * len(SHAPES)}


def write_shape(folder, encoding, crs=None, *, cpg=True, shapes=SHAPES):
    """Write a shapefile as others do, in an encoding, with or without its name."""
    columns = foreign_columns()
    folder.mkdir(exist_ok=True)
    path = folder / "禁垦图斑.shp"
    pyogrio.raw.write(
        path, geometry=np.array(shapely.to_wkb(shapes), dtype=object), fields=list(columns),
        field_data=[np.array(v, dtype=object if isinstance(v[0], str) else None) for v in columns.values()],
        geometry_type="Polygon", crs=(crs or national_crs()).to_wkt(), driver="ESRI Shapefile", encoding=encoding,
    )  # fmt: skip
    if not cpg:
        path.with_suffix(".cpg").unlink()
        raw = bytearray(path.with_suffix(".dbf").read_bytes())
        raw[29] = 0
        path.with_suffix(".dbf").write_bytes(bytes(raw))
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", [True, False], ids=["cpg", "no cpg"])
def test_a_foreign_shapefile_is_read_by_its_other_names_in_its_encoding(tmp_path, encoding, cpg):
    report = check_package(write_shape(tmp_path / "a", encoding, cpg=cpg), RULES)
    (layer,) = report.layers
    assert layer.theme == "steep_slope"
    assert {"code", "name", "kind", "level_name", "county", "county_name", "area_hm2"} <= layer.columns.keys()
    assert set(layer.columns["county_name"]) == {NAME}
    kinds = {"field-missing"} | (set() if cpg else {"files-no-encoding"})
    assert report.counts().keys() == kinds
    lacking = {fault.found[0].split()[1].split("（")[0] for fault in report.faults if fault.kind.id == "field-missing"}
    assert lacking >= LACKING


def test_a_wrong_name_of_the_encoding_is_found_and_the_text_is_still_read(tmp_path):
    path = write_shape(tmp_path / "a", "GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    report = check_package(path, RULES)
    assert "text-garbled" in report.counts()
    assert set(report.layers[0].columns["county_name"]) == {NAME}


@pytest.mark.parametrize("unit", [1.0, 1e4, 1e6])
def test_the_unit_of_a_column_called_area_is_seen_from_the_shapes(tmp_path, unit):
    columns = foreign_columns() | {"面积": [round(shape.area / unit, 4) for shape in SHAPES]}
    write_geoparquet(tmp_path / "陡坡.parquet", columns, SHAPES, national_crs())
    assert "area-differs" not in faults_of(tmp_path / "陡坡.parquet")


@pytest.mark.parametrize("code", [4490, 4545, 4546])
def test_degrees_and_three_degree_zones_are_measured_on_the_ellipsoid(tmp_path, code):
    move = Transformer.from_crs(national_crs(), code, always_xy=True).transform
    shapes = [shapely.transform(shape, move, interleaved=False) for shape in SHAPES]
    report = check_package(write_shape(tmp_path / "a", "UTF-8", CRS.from_epsg(code), shapes=shapes), RULES)
    assert report.counts().keys() == {"field-missing"}


def test_a_national_grid_with_its_name_changed_is_still_known(tmp_path):
    path = write_shape(tmp_path / "a", "UTF-8")
    prj = path.with_suffix(".prj")
    prj.write_text(CRS.from_wkt(prj.read_text()).to_wkt("WKT1_ESRI").replace("CGCS2000_/_China_Albers", "My_Albers"))
    assert faults_of(path).keys() == {"field-missing"}


def test_degrees_in_a_file_of_shapes_for_the_web_are_no_fault(tmp_path):
    move = Transformer.from_crs(national_crs(), 4326, always_xy=True).transform
    shapes = [shapely.transform(shape, move, interleaved=False) for shape in SHAPES]
    columns = foreign_columns()
    pyogrio.raw.write(
        tmp_path / "陡坡.geojson", geometry=np.array(shapely.to_wkb(shapes), dtype=object), fields=list(columns),
        field_data=[np.array(v, dtype=object if isinstance(v[0], str) else None) for v in columns.values()],
        geometry_type="Polygon", crs="EPSG:4326", driver="GeoJSON", COORDINATE_PRECISION="9",
    )  # fmt: skip
    assert faults_of(tmp_path / "陡坡.geojson").keys() == {"field-missing"}


def test_two_layers_of_one_theme_may_not_overlap(tmp_path):
    for name, shape in (("预防区", SHAPES[2]), ("治理区", SHAPES[2].buffer(-20))):
        kind = "prevention" if name == "预防区" else "treatment"
        columns = {"code": [name[:1]], "kind": [kind], "level": ["county"], "county": [COUNTY]}
        write_geoparquet(tmp_path / f"{name}.parquet", columns, [shape], national_crs())
    report = check_package(tmp_path, RULES)
    assert report.counts()["overlap"] == 1


def test_levels_may_lie_over_each_other_but_not_within_one(tmp_path):
    inside = SHAPES[2].buffer(-20)
    for levels, overlaps in ((["national", "county"], 0), (["county", "county"], 1)):
        columns = {"code": ["a", "b"], "kind": ["prevention", "prevention"], "level": levels, "county": [COUNTY] * 2}
        layer = zone_layer("prevention_treatment", columns, np.array([SHAPES[2], inside], dtype=object), national_crs())
        assert sum(fault.kind.id == "overlap" for fault in check_layer(layer, RULES)) == overlaps


def test_a_layer_in_memory_is_checked_without_the_fields_of_a_package():
    columns = Package().columns
    layer = zone_layer(
        "steep_slope", {"code": columns["code"], "kind": ["steep_slope"] * 6, "county": columns["county"]},
        np.array(SHAPES, dtype=object), national_crs(),
    )  # fmt: skip
    assert check_layer(layer, RULES, [COUNTY]) == []
    assert {fault.kind.id for fault in check_layer(layer, RULES, ["140921"])} == {"place-differs"}


def test_many_slivers_are_found_one_by_one(tmp_path):
    shapes = [shapely.box(x, 0, x + 1.0, 300) for x in 600000.0 + np.arange(0, 12000, 4)]
    shapes = [shapely.transform(shape, lambda xy: xy + [0, 4.2e6]) for shape in shapes]
    columns = {"code": [f"s{k:05d}" for k in range(len(shapes))], "kind": ["severe"] * len(shapes)}
    layer = zone_layer("severe_fragile", columns, np.array(shapes, dtype=object), national_crs())
    found = check_layer(layer, RULES)
    assert sum(fault.kind.id == "sliver" for fault in found) == len(shapes) == 3000


def test_shapes_from_a_web_map_are_suspected_and_true_ones_are_not(shared_data, tmp_path):
    found = {}
    for name in ("xinzhou_140900_full_DATAV_GCJ02.json", "xinzhou_1409_counties_tianditu_wgs84.geojson"):
        borders = read_vectors(shared_data / "boundaries" / name)
        codes = [str(code) for code in borders.columns.get("adcode", borders.columns.get("district_adcode"))]
        columns = {"code": codes, "county": codes, "kind": ["prevention"] * len(codes)}
        write_geoparquet(tmp_path / "a.parquet", columns, borders.geometry, CRS.from_epsg(4490))
        found[name] = set(faults_of(tmp_path / "a.parquet", theme="prevention_treatment")) - {"field-missing"}
    assert list(found.values()) == [{"crs-shifted"}, set()]


def test_names_in_an_archive_from_windows_are_read(tmp_path):
    path = write_shape(tmp_path / "a", "UTF-8")
    with zipfile.ZipFile(tmp_path / "成果.zip", "w") as packed:
        for part in path.parent.iterdir():
            packed.writestr(OldName(part.name.encode("gbk").decode("cp437")), part.read_bytes())
    report = check_package(tmp_path / "成果.zip", RULES)
    assert report.layers[0].where == "禁垦图斑.shp"
    assert theme_in_words(report.layers[0].where, RULES) == "steep_slope"


class OldName(zipfile.ZipInfo):
    """A member whose name is bytes of GBK without a mark, as Windows writes it."""

    def _encodeFilenameFlags(self):  # noqa: N802
        return self.filename.encode("cp437"), self.flag_bits


def test_a_package_written_in_geojson_says_so_when_it_is_none(tmp_path):
    (tmp_path / "a.geojson").write_text('{"type": "Topology"}')
    assert faults_of(tmp_path / "a.geojson").keys() == {"files-unreadable", "files-no-layer"}


def test_a_shapefile_needs_its_table(tmp_path):
    path = write_shapefile_with(tmp_path)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist() if not name.endswith(".dbf")}
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    assert "files-missing-part" in faults_of(tmp_path / "b.zip")


def write_shapefile_with(folder):
    columns = {"CODE": np.array(["a"] * len(SHAPES), dtype=object)}
    geometry = np.array(SHAPES, dtype=object)
    write_shapefile(folder / "a.zip", "a", [TableField("CODE", "text", 5)], columns, geometry, national_crs())
    return folder / "a.zip"


def test_a_disk_that_is_full_is_no_fault_of_the_package(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.gpkg", b"SQLite format 3\0")

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "open", full)
    with pytest.raises(ShuibaoError, match="临时文件夹.*已满，成果包没有解开"):
        check_package(tmp_path / "a.zip", RULES)
