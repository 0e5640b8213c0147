"""What people hand in is examined before any of it is believed; each refusal says what is wrong and what to do."""

import contextlib
import json
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio.raw
import pytest
import shapely
from pyproj import CRS, Transformer
from tests.delimitation.zone_folder import LAND, RULES, X0, Y0, handed_in, some_zones, square

from shuibao.delimitation.life.incoming import read_incoming
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage, write_geoparquet
from shuibao.messages import CallError, ShuibaoError

LAYER = some_zones()


def read(path, **options):
    return read_incoming(path, LAYER, RULES, LAND, **options)


def shapefile(folder, zones, encoding="UTF-8", crs=None, **columns):
    folder.mkdir(exist_ok=True)
    fields = {"code": list(zones), **columns}
    pyogrio.raw.write(
        folder / "z.shp",
        geometry=np.array([shapely.to_wkb(shape) for shape in zones.values()], dtype=object),
        field_data=[np.array(values, dtype=object) for values in fields.values()],
        fields=list(fields),
        geometry_type="Polygon",
        crs=(crs or national_crs()).to_wkt(),
        driver="ESRI Shapefile",
        encoding=encoding,
    )
    return folder / "z.shp"


def zipped(path, parts):
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.write(part, f"成果/{part.name}")
    return path


BOWTIE = shapely.Polygon([(X0, Y0), (X0 + 1000, Y0 + 1000), (X0 + 1000, Y0), (X0, Y0 + 1000)])


@pytest.mark.parametrize(
    "zones, columns, words",
    [
        ({"A1": BOWTIE}, {}, "自相交"),
        ({"A1": shapely.Polygon()}, {}, "没有图形"),
        ({"A1": square(0, 0), "X1": square(0, 0)}, {}, "与 A1 完全相同"),
        ({"": square(0, 0)}, {}, "没有编号"),
        ({"A1": square(30, 0)}, {}, "全部在区域之外"),
        ({"A1": square(-0.5, 0)}, {}, "45.0% 在区域之外"),
        ({"A1": square(0, 0)}, {"county": ["220802"]}, "220802 不在本区域"),
        ({"A1": square(0, 0)}, {"kind": ["禁止开垦陡坡地"]}, "kind 为「steep_slope」"),
        ({"A1": square(0, 0)}, {"level": ["乡级"]}, "乡级"),
    ],
)
def test_a_wrong_zone_is_refused(tmp_path, zones, columns, words):
    with pytest.raises(ShuibaoError, match=words):
        read(handed_in(tmp_path / "in.gpkg", zones, **columns))


def test_a_code_twice_is_refused(tmp_path):
    shapes = np.array([square(0, 0), square(1, 0)], dtype=object)
    write_geoparquet(tmp_path / "in.parquet", {"code": ["A1", "A1"]}, shapes, national_crs())
    with pytest.raises(ShuibaoError, match="A1：编号出现不止一次"):
        read(tmp_path / "in.parquet")


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    zones = {"A1": BOWTIE, "A2": square(30, 0), "A3": square(2, 0)}
    with pytest.raises(ShuibaoError) as refusal:
        read(handed_in(tmp_path / "in.gpkg", zones, kind=["severe", "severe", "forest"]))
    assert all(code in refusal.value.zh for code in zones)


def test_a_shape_that_crosses_itself_is_mended_where_asked(tmp_path):
    found = read(handed_in(tmp_path / "in.gpkg", {"A1": BOWTIE}), repair=True)
    assert found.geometry[0].is_valid
    assert "已修复" in found.notes[0]


def test_lines_and_points_are_refused(tmp_path):
    shapes = np.array([square(0, 0).exterior, shapely.Point(X0, Y0)], dtype=object)
    write_geoparquet(tmp_path / "in.parquet", {"code": ["A1", "A2"]}, shapes, national_crs())
    with pytest.raises(ShuibaoError, match="LinearRing|LineString"):
        read(tmp_path / "in.parquet")


def test_heights_are_dropped_with_a_note(tmp_path):
    shapes = np.array([shapely.force_3d(square(0, 0), 800.0)], dtype=object)
    write_geoparquet(tmp_path / "in.parquet", {"code": ["A1"]}, shapes, national_crs())
    found = read(tmp_path / "in.parquet")
    assert not shapely.has_z(found.geometry).any()
    assert "Z/M" in found.notes[0]


def test_arcs_become_chords_with_a_note(tmp_path):
    points = [(X0 + 100, Y0 + 500), (X0 + 900, Y0 + 500), (X0 + 100, Y0 + 500)]
    ring = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<dd", *p) for p in points)
    pyogrio.raw.write(
        tmp_path / "in.gpkg",
        geometry=np.array([struct.pack("<BII", 1, 10, 1) + ring], dtype=object),
        field_data=[np.array(["A1"], dtype=object)],
        fields=["code"],
        geometry_type="Unknown",
        crs=national_crs().to_wkt(),
        driver="GPKG",
    )
    found = read(tmp_path / "in.gpkg")
    assert found.geometry[0].area == pytest.approx(np.pi * 400**2, rel=1e-3)
    assert "圆弧" in found.notes[0]


def test_a_missing_coordinate_system_is_asked_for_and_can_be_named(tmp_path):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)})
    path.with_suffix(".prj").unlink()
    with pytest.raises(ShuibaoError, match="--crs EPSG:4490"):
        read(path)
    found = read(path, crs=national_crs().to_wkt())
    assert found.geometry[0].equals(square(0, 0))
    with pytest.raises(CallError, match="EPSG:99999999"):
        read(path, crs="EPSG:99999999")


@pytest.mark.parametrize("crs", [4490, 4326])
def test_a_wrong_coordinate_system_is_noticed(tmp_path, crs):
    shapes = np.array([square(0, 0)], dtype=object)
    write_geoparquet(tmp_path / "in.parquet", {"code": ["A1"]}, shapes, CRS.from_epsg(crs))
    with pytest.raises(ShuibaoError, match="坐标系写错"):
        read(tmp_path / "in.parquet")


def test_degrees_under_a_projected_system_are_noticed(tmp_path):
    move = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    shape = shapely.transform(square(0, 0), move.transform, interleaved=False)
    write_geopackage(
        tmp_path / "in.gpkg", {"z": ({"code": ["A1"]}, np.array([shape], dtype=object))}, CRS.from_epsg(4547)
    )
    with pytest.raises(ShuibaoError, match="像经纬度"):
        read(tmp_path / "in.gpkg")


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("named", [True, False])
def test_attributes_are_read_in_utf8_and_gbk_with_and_without_cpg(tmp_path, encoding, named):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)}, encoding, 名称=["东沟上游"], kind=["水土流失严重区"])
    if not named:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    found = read(path)
    assert found.attributes[0]["name"] == "东沟上游"


def test_a_cpg_that_names_another_encoding_is_noticed(tmp_path):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)}, "GBK", name=["东沟上游的名称"])
    path.with_suffix(".cpg").write_text("UTF-8")
    with pytest.raises(ShuibaoError, match="cpg"):
        read(path)


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_with_a_missing_part_names_it_zipped_or_not(tmp_path, part):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)})
    path.with_suffix(part).unlink()
    for given in (path, zipped(tmp_path / "z.zip", sorted(path.parent.iterdir()))):
        with pytest.raises(ShuibaoError, match=f"缺少 {part}"):
            read(given)


def test_a_zipped_shapefile_is_read_and_a_zip_of_none_or_two_is_refused(tmp_path):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)}, "GBK", 名称=["东沟上游"])
    whole = zipped(tmp_path / "z.zip", sorted(path.parent.iterdir()))
    assert read(whole).attributes[0]["name"] == "东沟上游"
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(ShuibaoError, match="正好有一个"):
        read(zipped(tmp_path / "n.zip", [tmp_path / "readme.txt"]))
    (tmp_path / "b.zip").write_bytes(b"PK not an archive")
    with pytest.raises(ShuibaoError, match="解不开"):
        read(tmp_path / "b.zip")


def test_a_file_that_is_missing_empty_without_codes_or_of_another_kind_is_refused(tmp_path):
    with pytest.raises(CallError, match="文件不存在"):
        read(tmp_path / "no.gpkg")
    (tmp_path / "a.dwg").write_bytes(b"x")
    with pytest.raises(CallError, match=r"a\.dwg"):
        read(tmp_path / "a.dwg")
    (tmp_path / "a.gpkg").write_bytes(b"x")
    with pytest.raises(ShuibaoError, match="不是可读的矢量文件"):
        read(tmp_path / "a.gpkg")
    write_geoparquet(tmp_path / "e.parquet", {"code": np.empty(0, object)}, np.empty(0, object), national_crs())
    with pytest.raises(ShuibaoError, match="没有要素"):
        read(tmp_path / "e.parquet")
    write_geoparquet(tmp_path / "n.parquet", {"x": ["1"]}, np.array([square(0, 0)]), national_crs())
    with pytest.raises(ShuibaoError, match="没有编号字段"):
        read(tmp_path / "n.parquet")


def test_codes_of_kinds_and_our_own_package_fields_are_understood(tmp_path):
    path = shapefile(
        tmp_path / "s", {"A1": square(0, 0)}, ZONE_NAME=["东沟"], KIND=[4], LEVEL=[4], COUNTY=["140902"], AREA_HM2=[1.0]
    )
    found = read(path)
    assert found.attributes[0] == {"name": "东沟", "kind": "fragile", "level": "county", "county": "140902"}


def test_arcs_in_geoparquet_which_has_none_are_refused(tmp_path):
    ring = struct.pack("<BII", 1, 8, 3) + struct.pack("<6d", 0, 0, 1, 1, 0, 0)
    geo = {"primary_column": "geometry", "columns": {"geometry": {"crs": national_crs().to_json_dict()}}}
    table = pa.table({"code": ["A1"], "geometry": [struct.pack("<BII", 1, 10, 1) + ring]})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), tmp_path / "in.parquet")
    with pytest.raises(ShuibaoError, match="读不出来的图形"):
        read(tmp_path / "in.parquet")


def test_a_wrong_crs_is_refused_though_the_file_names_its_own(tmp_path):
    path = handed_in(tmp_path / "in.gpkg", {"A1": square(0, 0)})
    with pytest.raises(CallError, match="EPSG:4940404"):
        read(path, crs="EPSG:4940404")


def test_a_crs_against_that_of_the_file_is_refused_and_the_same_one_is_not(tmp_path):
    path = handed_in(tmp_path / "in.gpkg", {"A1": square(0, 0)})
    with pytest.raises(CallError, match="自带坐标系.*去掉 --crs"):
        read(path, crs="EPSG:4490")
    assert read(path, crs=national_crs().to_wkt()).codes == ("A1",)


def two_layers(path):
    layers = {
        name: ({"code": [code], "kind": ["severe"]}, np.array([square(9 + k, 9)], dtype=object))
        for k, (name, code) in enumerate([("改动", "N1"), ("草稿", "N2")])
    }
    write_geopackage(path, layers, national_crs())
    return path


def test_of_several_layers_one_must_be_named(tmp_path):
    path = two_layers(tmp_path / "in.gpkg")
    with pytest.raises(CallError, match="2 个图层：改动、草稿；请用 --layer"):
        read(path)
    with pytest.raises(CallError, match="没有图层「图层3」；现有：改动、草稿"):
        read(path, sheet="图层3")
    assert read(path, sheet="草稿").codes == ("N2",)


def test_a_layer_of_a_file_that_can_have_only_one_is_refused(tmp_path):
    write_geoparquet(tmp_path / "in.parquet", {"code": ["A1"]}, np.array([square(0, 0)], dtype=object), national_crs())
    with pytest.raises(CallError, match="只有一个图层"):
        read(tmp_path / "in.parquet", sheet="改动")


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson", ".json", ".zip"])
def test_a_file_that_makes_the_reader_open_another_is_refused(tmp_path, ending):
    secret = handed_in(tmp_path / "secret.gpkg", {"A1": square(0, 0)})
    text = f"<OGRVRTDataSource><OGRVRTLayer name='zones'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    path = tmp_path / f"z{'.shp' if ending == '.zip' else ending}"
    path.write_text(text)
    for part in (".shx", ".dbf"):
        path.with_suffix(part).write_bytes(b"")
    if ending == ".zip":
        path = zipped(tmp_path / "z.zip", [path, path.with_suffix(".shx"), path.with_suffix(".dbf")])
    with pytest.raises(ShuibaoError, match="不是可读的矢量文件"):
        read(path)


def test_an_archive_that_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("z.shp", "z.shx", "z.dbf"):
            archive.writestr(part, b"0" * 20_000_000)
    with pytest.raises(ShuibaoError, match="展开后有 60000000 字节，压缩比过大"):
        read(path)


def test_a_damaged_archive_is_refused(tmp_path):
    shp = shapefile(tmp_path / "s", {"A1": square(0, 0)})
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shp.parent.iterdir()):
            archive.write(part, part.name)
    raw = (tmp_path / "z.zip").read_bytes()
    for place in range(0, len(raw), 97):
        (tmp_path / "z.zip").write_bytes(raw[:place] + b"\xff\0\xff" + raw[place + 3 :])
        with contextlib.suppress(ShuibaoError):
            read(tmp_path / "z.zip")


def test_a_folder_in_place_of_a_file_is_called_one(tmp_path):
    (tmp_path / "z.gpkg").mkdir()
    with pytest.raises(CallError, match="是文件夹，不是文件"):
        read(tmp_path / "z.gpkg")


def test_coordinates_that_are_nowhere_on_earth_are_refused(tmp_path):
    with pytest.raises(ShuibaoError, match="不在地球上"):
        read(handed_in(tmp_path / "in.gpkg", {"A1": shapely.box(1e300, 1e300, 2e300, 2e300)}))


@pytest.mark.parametrize("word", ["", "KLINGON", "ANSI 936", "OEM 936", "936", "GBK", "GB2312", "windows-936"])
def test_an_encoding_is_read_however_it_is_named_and_told_from_the_table_where_it_is_not(tmp_path, word):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)}, encoding="GBK", name=["东沟梁"])
    path.with_suffix(".cpg").write_text(word)
    assert read(path).attributes[0]["name"] == "东沟梁"


@pytest.mark.parametrize("word", ["65001", "UTF-8", "utf8", "CP65001", "nonsense"])
def test_utf_8_is_known_by_all_its_names(tmp_path, word):
    path = shapefile(tmp_path / "s", {"A1": square(0, 0)}, name=["东沟梁"])
    path.with_suffix(".cpg").write_text(word)
    assert read(path).attributes[0]["name"] == "东沟梁"


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "ogcwkt"}},
        {"type": "URL", "properties": {"url": "http://127.0.0.1:9/crs"}},
    ],
)
@pytest.mark.parametrize("key", ['"crs"', '"\\u0063rs"'])
def test_a_coordinate_system_is_not_fetched_from_anywhere(tmp_path, crs, key):
    shape = json.loads(shapely.to_geojson(shapely.box(112.7, 38.4, 112.8, 38.5)))
    content = {
        "type": "FeatureCollection",
        "crs": crs,
        "features": [{"type": "Feature", "properties": {}, "geometry": shape}],
    }
    (tmp_path / "z.geojson").write_text(json.dumps(content).replace('"crs"', key))
    with pytest.raises(ShuibaoError, match="从别处取"):
        read(tmp_path / "z.geojson")


def test_an_order_to_the_reader_is_no_geojson(tmp_path):
    secret = handed_in(tmp_path / "secret.gpkg", {"A1": square(0, 0)})
    order = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret} ! explode-collections"}
    (tmp_path / "z.json").write_text(json.dumps(order))
    with pytest.raises(ShuibaoError, match="从别处取"):
        read(tmp_path / "z.json")
