"""Laws of shapes and their attributes: out and in again they are the same, and so are the bytes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
import pytest
import shapely
from numpy.typing import NDArray

from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import read_vectors, write_geopackage, write_geoparquet
from shuibao.ground.warping import same_projection
from shuibao.messages import ShuibaoError

COLUMNS = {
    "code": np.array(["140932", "140929", "140931"]),
    "name": ["偏关县", "岢岚县", "保德县"],
    "area_m2": np.array([1.5e9, 1.98e9, 1.0e9]),
    "cells": np.array([3, 2, 1], dtype=np.int64),
}
SHAPES = np.array(
    [
        shapely.box(0.0, 0.0, 100.0, 100.0),
        shapely.MultiPolygon([shapely.box(200.0, 0.0, 300.0, 100.0), shapely.box(400.0, 0.0, 500.0, 100.0)]),
        shapely.box(0.0, 200.0, 300.0, 500.0).difference(shapely.box(100.0, 300.0, 200.0, 400.0)),
    ],
    dtype=object,
)


def same_shapes(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Tell whether shapes are equal, polygons and multi-polygons of one part alike."""
    return bool(shapely.equals(found, expected).all())


def test_geoparquet_is_read_back_as_it_was(tmp_path: Path) -> None:
    write_geoparquet(tmp_path / "a.parquet", COLUMNS, SHAPES, national_crs(), metadata={"SOURCE": "模拟数据"})
    found = read_vectors(tmp_path / "a.parquet")
    assert list(found.columns) == list(COLUMNS)
    for name, values in COLUMNS.items():
        assert found.columns[name].tolist() == np.asarray(values).tolist()
    assert same_shapes(found.geometry, SHAPES)
    assert found.crs is not None
    assert same_projection(found.crs, national_crs())


def test_geoparquet_says_what_the_standard_asks(tmp_path: Path) -> None:
    write_geoparquet(tmp_path / "a.parquet", COLUMNS, SHAPES, national_crs(), metadata={"SOURCE": "模拟数据"})
    metadata = pq.read_schema(tmp_path / "a.parquet").metadata
    geo = json.loads(metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert column["encoding"] == "WKB"
    assert set(column["geometry_types"]) == {"Polygon", "MultiPolygon"}
    assert column["bbox"] == [0.0, 0.0, 500.0, 500.0]
    assert column["crs"]["type"] == "ProjectedCRS"
    assert "模拟数据" in b"".join(metadata.values()).decode()


def test_a_geopackage_is_read_back_layer_by_layer(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    second = {"patch": np.array([7], dtype=np.int32)}
    write_geopackage(
        path,
        {"counties": (COLUMNS, SHAPES), "zone": (second, SHAPES[:1])},
        national_crs(),
        metadata={"SOURCE": "模拟数据"},
    )
    counties, zone = (read_vectors(path, layer=name) for name in ("counties", "zone"))
    for name, values in COLUMNS.items():
        assert counties.columns[name].tolist() == np.asarray(values).tolist()
    assert same_shapes(counties.geometry, SHAPES)
    assert {g.geom_type for g in counties.geometry} == {"MultiPolygon"}
    assert zone.columns["patch"].tolist() == [7]
    assert counties.crs is not None
    assert same_projection(counties.crs, national_crs())
    with sqlite3.connect(path) as database:
        assert "模拟数据" in str(database.execute("select metadata from gpkg_metadata").fetchall())
    database.close()


def test_a_geopackage_layer_may_be_empty(tmp_path: Path) -> None:
    none = np.array([], dtype=object)
    columns = {"county": np.array([], dtype=object), "area_m2": np.array([], dtype=np.float64)}
    write_geopackage(tmp_path / "a.gpkg", {"zone": (columns, none)}, national_crs())
    write_geoparquet(tmp_path / "a.parquet", columns, none, national_crs())
    for name in ("a.gpkg", "a.parquet"):
        found = read_vectors(tmp_path / name)
        assert len(found.geometry) == 0
        assert sorted(found.columns) == sorted(columns)


def test_two_writings_make_the_same_bytes(tmp_path: Path) -> None:
    for number in (1, 2):
        write_geoparquet(tmp_path / f"{number}.parquet", COLUMNS, SHAPES, national_crs(), metadata={"YEAR": "2024"})
        folder = tmp_path / str(number)
        layers = {"counties": (COLUMNS, SHAPES), "zone": (COLUMNS, SHAPES)}
        write_geopackage(folder / "a.gpkg", layers, national_crs(), metadata={"YEAR": "2024"})
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
    assert (tmp_path / "1" / "a.gpkg").read_bytes() == (tmp_path / "2" / "a.gpkg").read_bytes()


def write_shapefile(path: Path, encoding: str, *, crs: str | None = "EPSG:4490", declared: bool = True) -> Path:
    """Write counties as a shapefile, its attributes in an encoding that is declared or not."""
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(SHAPES[[0, 2]]), dtype=object),
        field_data=[np.array(["偏关县", "保德县"], dtype=object), np.array([1.0, 2.0])],
        fields=["NAME", "AREA"],
        geometry_type="Polygon",
        crs=crs,
        driver="ESRI Shapefile",
        encoding=encoding,
    )
    if not declared:
        path.with_suffix(".cpg").unlink()
        dbf = path.with_suffix(".dbf")
        raw = bytearray(dbf.read_bytes())
        raw[29] = 0  # the language driver
        dbf.write_bytes(raw)
    return path


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
def test_a_shapefile_is_read_in_the_encoding_it_has(tmp_path: Path, encoding: str, declared: bool) -> None:
    found = read_vectors(write_shapefile(tmp_path / "a.shp", encoding, declared=declared))
    assert found.columns["NAME"].tolist() == ["偏关县", "保德县"]
    assert found.columns["AREA"].tolist() == [1.0, 2.0]
    assert found.crs is not None
    assert found.crs.to_epsg() == 4490


def test_the_width_of_a_field_is_not_taken_for_text(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path / "a.shp", "UTF-8", declared=False)
    dbf = path.with_suffix(".dbf")
    raw = bytearray(dbf.read_bytes())
    raw[32 + 31] = 0xFE  # a reserved byte of the first field, as a width of 254 is: no UTF-8
    dbf.write_bytes(raw)
    assert read_vectors(path).columns["NAME"].tolist() == ["偏关县", "保德县"]


@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_shapes_without_a_coordinate_system_say_so(tmp_path: Path) -> None:
    assert read_vectors(write_shapefile(tmp_path / "a.shp", "UTF-8", crs=None)).crs is None


def test_geoparquet_that_says_nothing_of_its_system_is_in_degrees(tmp_path: Path) -> None:
    table = pa.table({"geometry": shapely.to_wkb(SHAPES).tolist()})
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), tmp_path / "a.parquet")
    crs = read_vectors(tmp_path / "a.parquet").crs
    assert crs is not None
    assert crs.is_geographic


def test_parquet_that_is_not_geoparquet_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(ShuibaoError, match="不是 GeoParquet"):
        read_vectors(tmp_path / "a.parquet")


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.parquet"])
def test_what_is_not_a_vector_file_is_refused_and_what_is_missing_said_to_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(ShuibaoError, match=f"文件不存在：.*{name}"):
        read_vectors(tmp_path / name)
    (tmp_path / name).write_text("nothing of the kind")
    with pytest.raises(ShuibaoError, match="不是可读的矢量文件|不是 GeoParquet"):
        read_vectors(tmp_path / name)


def test_a_layer_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write_geopackage(tmp_path / "a.gpkg", {"counties": (COLUMNS, SHAPES)}, national_crs())
    with pytest.raises(ShuibaoError, match="不是可读的矢量文件"):
        read_vectors(tmp_path / "a.gpkg", layer="towns")
