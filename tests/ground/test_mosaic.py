"""Laws of products that are one raster a tile: joined they are the whole, and the catalogue says where they lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.ground.cog import assemble, write_part
from shuibao.ground.grid import BLOCK, Grid
from shuibao.ground.mosaic import write_mosaic
from shuibao.ground.reading import close_files, open_source
from shuibao.ground.writing import look_of

GRID = Grid(30.0, -274 * BLOCK, 35 * BLOCK, 2 * BLOCK, 2 * BLOCK)
TAGS = {"SOURCE": "a < b & c", "YEAR": "2024"}


def picture(dtype: str) -> NDArray[Any]:
    """Return a picture with missing cells and a tile with nothing."""
    random = np.random.default_rng(1)
    if dtype == "uint8":
        cells = random.integers(0, 7, GRID.shape, dtype=np.uint8)
        cells[:BLOCK, :BLOCK] = 0
        return cells
    values = random.normal(20.0, 5.0, GRID.shape).astype(np.float32)
    values[random.random(GRID.shape) < 0.1] = np.nan
    values[:BLOCK, :BLOCK] = np.nan
    return values


def mosaic(folder: Path, dtype: str) -> tuple[list[Path], NDArray[Any]]:
    """Write a product tile by tile."""
    cells = picture(dtype)
    look = look_of(dtype, tags=TAGS, description="坡度")
    tiles = list(GRID.tiles(BLOCK))
    parts = folder / "parts"
    for tile in tiles:
        part = parts / f"{tile.name()}_slope.part"
        write_part(part, cells[tile.inside(GRID)], look)
        assemble(part.with_suffix(".tif"), tile, [(tile, part)], look)
        part.unlink()
    return write_mosaic(folder / "products", "slope", GRID, tiles, look, parts), cells


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_the_virtual_raster_is_the_whole(tmp_path: Path, dtype: str) -> None:
    written, cells = mosaic(tmp_path, dtype)
    assert all(path.is_file() for path in written)
    assert not list((tmp_path / "parts").iterdir())
    with rasterio.open(tmp_path / "products" / "slope.vrt") as dataset:
        np.testing.assert_array_equal(dataset.read(1), cells)
        assert dataset.transform == GRID.transform
        assert dataset.dtypes == (dtype,)
        assert dataset.descriptions == ("坡度",)
        assert {name: dataset.tags()[name] for name in TAGS} == TAGS
        assert np.isnan(dataset.nodata) if dtype == "float32" else dataset.nodata == 0


def test_the_products_may_be_moved_together(tmp_path: Path) -> None:
    _, cells = mosaic(tmp_path, "float32")
    moved = (tmp_path / "products").rename(tmp_path / "elsewhere")
    np.testing.assert_array_equal(open_source(moved / "slope.vrt", GRID).read(GRID), cells)
    close_files()


def test_the_catalogue_has_what_stac_asks_for_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    mosaic(tmp_path, "float32")
    folder = tmp_path / "products" / "slope"
    collection = json.loads((folder / "collection.json").read_text("utf-8"))
    assert {"type", "stac_version", "id", "description", "license", "extent", "links"} <= set(collection)
    assert (collection["type"], collection["id"]) == ("Collection", "slope")
    links = [link["href"] for link in collection["links"] if link["rel"] == "item"]
    assert len(links) == len(set(links)) == 4
    boxes = []
    for href in links:
        item = json.loads((folder / href).read_text("utf-8"))
        required = {"type", "stac_version", "id", "geometry", "bbox", "properties", "links", "assets", "collection"}
        assert required <= set(item)
        assert item["collection"] == "slope"
        assert item["properties"]["datetime"] is None
        assert item["properties"]["start_datetime"] < item["properties"]["end_datetime"]
        with rasterio.open(folder / item["assets"]["data"]["href"]) as dataset:
            assert list(dataset.shape) == item["properties"]["proj:shape"]
            assert list(dataset.transform)[:6] == item["properties"]["proj:transform"]
        assert CRS.from_wkt(item["properties"]["proj:wkt2"]) == GRID.crs
        west, south, east, north = item["bbox"]
        assert -180 < west < east < 180
        assert 0 < south < north < 90
        boxes.append(item["bbox"])
    low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
    assert collection["extent"]["spatial"]["bbox"] == [[*low, *high]]


def test_two_writings_make_the_same_bytes_and_name_no_place(tmp_path: Path) -> None:
    first, _ = mosaic(tmp_path / "a", "float32")
    second, _ = mosaic(tmp_path / "b", "float32")
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
        assert str(tmp_path).encode() not in one.read_bytes()


def test_joining_again_what_is_joined_changes_nothing(tmp_path: Path) -> None:
    written, _ = mosaic(tmp_path, "float32")
    before = [path.read_bytes() for path in written]
    look = look_of("float32", tags=TAGS, description="坡度")
    again = write_mosaic(tmp_path / "products", "slope", GRID, list(GRID.tiles(BLOCK)), look, tmp_path / "parts")
    assert again == written
    assert [path.read_bytes() for path in again] == before
