"""One COG a tile says what one COG says, and so does another compression (分幅布局与压缩)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from tests.survey.twin_counties import changed_region, digests, extent, twin_region

from shuibao.ground.grid import national_crs
from shuibao.survey import Region, run_region

RASTERS = ("slope", "ls", "soil_loss", "intensity")


@pytest.fixture(scope="module")
def tiled(tmp_path_factory: pytest.TempPathFactory, twin_inputs: Path) -> Region:
    region = twin_region(tmp_path_factory.mktemp("tiled") / "twin", twin_inputs, output={"layout": "tiles"})
    run_region(region, jobs=2)
    return region


def assert_same_rasters(one: Path, other: Path) -> None:
    with rasterio.open(one) as a, rasterio.open(other) as b:
        assert (a.crs, a.transform, a.shape, a.dtypes) == (b.crs, b.transform, b.shape, b.dtypes)
        np.testing.assert_array_equal(a.read(), b.read())


@pytest.mark.parametrize("name", RASTERS)
def test_the_joined_tiles_equal_the_whole_raster(tiled: Region, finished: Region, name: str) -> None:
    assert_same_rasters(tiled.products / f"{name}.vrt", finished.products / f"{name}.tif")
    with (
        rasterio.open(tiled.products / f"{name}.vrt") as joined,
        rasterio.open(finished.products / f"{name}.tif") as whole,
    ):
        kept = {key: value for key, value in whole.tags().items() if key.isupper() and key != "AREA_OR_POINT"}
        assert kept["REGION"] == "模拟双县"
        assert kept.items() <= joined.tags().items()


@pytest.mark.parametrize("name", RASTERS)
def test_each_tile_is_a_cog_of_its_own(tiled: Region, name: str) -> None:
    tiles = sorted((tiled.products / name).glob("*.tif"))
    assert [path.stem for path in tiles] == sorted(tile.name() for tile in extent().tiles(512))
    for path in tiles:
        with rasterio.open(path) as dataset:
            assert (dataset.shape, dataset.block_shapes) == ((512, 512), [(512, 512)])
            assert dataset.tags()["REGION"] == "模拟双县"
            starts = [int(dataset.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))]
            starts += [int(dataset.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1, ovr=0))]
            assert starts == sorted(starts, reverse=True)  # the coarsest picture comes first


def test_facts_and_zone_do_not_depend_on_the_layout(tiled: Region, finished: Region) -> None:
    for name in ("facts.parquet", "steep_slope.parquet", "products.gpkg", "counties.parquet"):
        assert digests(tiled.products)[name] == digests(finished.products)[name]
    assert not list(tiled.products.glob(".*"))
    assert not list(tiled.products.glob("slope.tif"))


@pytest.mark.parametrize("name", RASTERS)
def test_the_catalogue_leads_to_every_tile_and_says_where_it_lies(tiled: Region, name: str) -> None:
    folder = tiled.products / name
    collection = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
    assert (collection["type"], collection["stac_version"], collection["id"]) == ("Collection", "1.0.0", name)
    assert collection["license"]
    items = [
        json.loads((folder / link["href"]).read_text("utf-8")) for link in collection["links"] if link["rel"] == "item"
    ]
    assert len(items) == 6
    west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
    to_degrees = Transformer.from_crs(national_crs(), 4326, always_xy=True)
    for item in items:
        assert (item["type"], item["collection"]) == ("Feature", name)
        assert item["properties"]["start_datetime"] == "2024-01-01T00:00:00Z"
        with rasterio.open(folder / item["assets"]["data"]["href"]) as dataset:
            assert item["properties"]["proj:shape"] == list(dataset.shape)
            assert item["properties"]["proj:transform"] == list(dataset.transform)[:6]
            x, y = dataset.xy(256, 256)
        lon, lat = to_degrees.transform(x, y)
        assert item["bbox"][0] < lon < item["bbox"][2]
        assert item["bbox"][1] < lat < item["bbox"][3]
        assert west <= item["bbox"][0] <= item["bbox"][2] <= east
        assert south <= item["bbox"][1] <= item["bbox"][3] <= north


@pytest.mark.slow
def test_another_compression_holds_the_same_cells(tmp_path: Path, twin_inputs: Path, finished: Region) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs, output={"codec": "deflate"})
    run_region(region, jobs=2)
    for name in RASTERS:
        path = region.products / f"{name}.tif"
        assert_same_rasters(path, finished.products / f"{name}.tif")
        with rasterio.open(path) as dataset, rasterio.open(finished.products / f"{name}.tif") as usual:
            assert (dataset.compression.name, usual.compression.name) == ("deflate", "zstd")
    assert digests(region.products)["facts.parquet"] == digests(finished.products)["facts.parquet"]


@pytest.mark.slow
def test_tiles_of_the_layout_are_written_the_same_every_time(tmp_path: Path, twin_inputs: Path, tiled: Region) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs, output={"layout": "tiles"})
    run_region(region, jobs=2)
    assert digests(region.products) == digests(tiled.products)


@pytest.mark.slow
def test_another_layout_leaves_nothing_of_the_old_one(tmp_path: Path, finished: Region, tiled: Region) -> None:
    shutil.copytree(tiled.folder, tmp_path / "twin", symlinks=True)
    region = changed_region(tmp_path / "twin")
    run_region(region, jobs=2)
    assert digests(region.products) == digests(finished.products)
    assert not (region.products / "slope").exists()
