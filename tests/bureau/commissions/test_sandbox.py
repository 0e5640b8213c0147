"""What may be uploaded, and what an enemy would try."""

from __future__ import annotations

import os
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from bureau.commissions import sandbox
from bureau.commissions.sandbox import Refused, converted


def tif(path: Path, values: Any = None, crs: str | None = "EPSG:4490", **look: Any) -> Path:
    """Write a GeoTIFF."""
    values = np.arange(12, dtype="float32").reshape(3, 4) if values is None else values
    rows, cols = values.shape
    kept = {"driver": "GTiff", "count": 1, "transform": rasterio.Affine(0.01, 0, 111, 0, -0.01, 39)} | look
    with rasterio.open(path, "w", width=cols, height=rows, dtype=values.dtype, crs=crs, **kept) as out:
        out.write(values, 1)
    return path


def shapefile(folder: Path) -> dict[str, bytes]:
    """Return the parts of a shapefile."""
    line = np.array([shapely.to_wkb(shapely.LineString([[111, 39], [112, 39]]))], dtype=object)
    pyogrio.raw.write(folder / "river.shp", line, [np.array(["清水河"], dtype=object)], ["name"], crs="EPSG:4490",
                      geometry_type="LineString", driver="ESRI Shapefile", encoding="UTF-8")  # fmt: skip
    return {path.name: path.read_bytes() for path in folder.glob("river.*")}


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def raster(raw: Path, whole_numbers: bool = False) -> tuple[dict[str, Any], Path]:
    """Convert a raster."""
    made = raw.with_name("made.tif")
    return converted(raw, made, form="raster", whole_numbers=whole_numbers), made


def test_a_raster_comes_out_with_the_same_cells(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(700, 900)).astype("float32")
    told, made = raster(tif(tmp_path / "a.tif", values, nodata=-9999))
    with rasterio.open(made) as out:
        assert (out.read(1) == values).all()
        assert (out.nodata, out.crs.to_epsg()) == (-9999, 4490)
    assert (told["width"], told["height"]) == (900, 700)


def test_a_raster_in_an_archive_comes_out_too(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"高程/dem.tif": tif(tmp_path / "a.tif").read_bytes()})
    assert raster(archive)[0]["width"] == 4


@pytest.mark.parametrize("content, told", [
    (b"<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>", "不是 GeoTIFF"),
    (b"", "不是 GeoTIFF"),
    (b"II*\0" + b"\xff" * 200, "损坏|读不出来"),
])  # fmt: skip
def test_what_is_no_raster_is_refused(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(Refused, match=told):
        raster(tmp_path / "a.tif")


def test_a_raster_cut_short_is_refused(tmp_path: Path) -> None:
    path = tif(tmp_path / "a.tif", np.random.default_rng(1).normal(size=(700, 900)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(Refused, match="损坏|读不出来"):
        raster(path)


def test_a_raster_without_coordinates_and_codes_that_are_no_whole_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="没有坐标系"):
        raster(tif(tmp_path / "a.tif", crs=None))
    with pytest.raises(Refused, match="应为整数"):
        raster(tif(tmp_path / "b.tif"), whole_numbers=True)


def test_a_text_named_shp_never_makes_gdal_read_another_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("name,x,y\n机密,111,39\n", encoding="utf-8")
    trap = f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    parts = shapefile(tmp_path) | {"river.shp": trap.encode()}
    with pytest.raises(Refused, match="不是 GeoPackage 或 shapefile"):
        converted(zipped(tmp_path / "a.zip", parts), tmp_path / "made.gpkg", form="vector", whole_numbers=False)
    (tmp_path / "a.gpkg").write_text(trap)
    with pytest.raises(Refused, match="不是 GeoPackage 或 shapefile"):
        converted(tmp_path / "a.gpkg", tmp_path / "made.gpkg", form="vector", whole_numbers=False)
    assert not (tmp_path / "made.gpkg").exists()


def test_a_shapefile_comes_out_as_it_was_and_without_a_part_is_refused(tmp_path: Path) -> None:
    parts = shapefile(tmp_path)
    told = converted(zipped(tmp_path / "a.zip", parts), tmp_path / "made.gpkg", form="vector", whole_numbers=False)
    assert told["features"] == 1
    assert pyogrio.raw.read(tmp_path / "made.gpkg")[3][0][0] == "清水河"
    for lost in (".shx", ".dbf", ".prj"):
        left = {name: content for name, content in parts.items() if not name.endswith(lost)}
        with pytest.raises(Refused, match=f"缺 {lost}"):
            converted(zipped(tmp_path / "b.zip", left), tmp_path / "m.gpkg", form="vector", whole_numbers=False)


@pytest.mark.parametrize("name", ["../../etc/river.shp", "/etc/river.shp", "a\\..\\..\\river.shp"])
def test_a_path_that_leads_out_of_an_archive_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="不安全的路径"):
        raster(zipped(tmp_path / "a.zip", {name: struct.pack(">i", 9994)}))


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        link = zipfile.ZipInfo("dem.tif")
        link.external_attr = 0o120777 << 16
        out.writestr(link, "/etc/passwd")
    with pytest.raises(Refused, match="不安全的路径"):
        raster(tmp_path / "a.zip")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="展开后过大"):
        raster(zipped(tmp_path / "a.zip", {"dem.tif": bytes(40 * 2**20)}))


def test_an_archive_of_many_rasters_or_none_is_refused(tmp_path: Path) -> None:
    content = tif(tmp_path / "a.tif").read_bytes()
    for members in ({"a.tif": content, "b.tif": content}, {"a.txt": b"x"}):
        with pytest.raises(Refused, match="恰有一个"):
            raster(zipped(tmp_path / "a.zip", members))
    (tmp_path / "c.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(Refused, match="压缩包损坏"):
        raster(tmp_path / "c.zip")


def table(content: bytes, folder: Path) -> tuple[dict[str, Any], str]:
    """Convert a table."""
    (folder / "rain.csv").write_bytes(content)
    told = converted(folder / "rain.csv", folder / "made.csv", form="table", whole_numbers=False)
    return told, (folder / "made.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_table_of_either_encoding_comes_out_in_utf8(encoding: str, tmp_path: Path) -> None:
    told, text = table("站名,雨量\r\n五寨,12.5\r\n".encode(encoding), tmp_path)
    assert text == "站名,雨量\n五寨,12.5\n"
    assert told == {"columns": ["站名", "雨量"], "rows": 1}


@pytest.mark.parametrize("content, told", [
    (b"name,mm\n=HYPERLINK(\"http://x\"),1\n", "公式"),
    (b"name,mm\n@SUM(A1),1\n", "公式"),
    (b"name,mm\n", "没有数据行"),
    (b"PK\x03\x04\0\0\0\0xl/vbaProject.bin", "不是文本"),
])  # fmt: skip
def test_formulas_and_what_is_no_table_are_refused(content: bytes, told: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=told):
        table(content, tmp_path)


def test_a_huge_raster_of_few_bytes_does_not_take_the_machines_memory(tmp_path: Path) -> None:
    big = tmp_path / "a.tif"
    with rasterio.open(big, "w", driver="GTiff", width=200_000, height=200_000, count=1, dtype="float64", crs="EPSG:4490",
                       transform=rasterio.Affine(1e-4, 0, 100, 0, -1e-4, 40), sparse_ok=True, tiled=False,
                       blockysize=200_000, BIGTIFF="YES"):  # fmt: skip
        pass
    with pytest.raises(Refused, match="太大"):
        raster(big)


@pytest.mark.parametrize("user", [None, 65534])
def test_the_child_has_no_network_where_the_system_allows(user: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if user is not None and os.geteuid():
        pytest.skip("only root can try as somebody else")
    run = subprocess.run
    monkeypatch.setattr(sandbox.subprocess, "run", lambda words, **options: run(words, user=user, **options))
    sandbox._without_network.cache_clear()
    way = sandbox._without_network()
    sandbox._without_network.cache_clear()
    if not way:
        pytest.skip("this system gives nobody a network of their own")
    told = run([*way, "cat", "/proc/net/dev"], user=user, capture_output=True, text=True, check=True).stdout
    assert [
        line.partition(":")[0].strip() for line in told.splitlines()[2:] if not line.lstrip().startswith("ifb")
    ] == ["lo"]
