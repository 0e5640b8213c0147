"""Laws of rasters written in tiles: what GDAL reads back, how the file is laid out, and what a failure leaves."""

from __future__ import annotations

import errno
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp, Compression
from tests.ground.geotiff import directories

from shuibao.ground import cog, writing
from shuibao.ground.cog import assemble, halved, write_part
from shuibao.ground.grid import BLOCK, Grid, national_crs
from shuibao.ground.tiff import Look
from shuibao.ground.writing import look_of, write_bands, write_raster
from shuibao.messages import ShuibaoError

GRID = Grid(30.0, -274 * BLOCK, 35 * BLOCK, 3 * BLOCK, 4 * BLOCK)
TYPES = ["float32", "uint8", "uint16", "int16", "int32"]
PALETTE = {1: (0, 112, 0), 2: (255, 255, 0), 6: (130, 0, 0)}


def picture(dtype: str, grid: Grid = GRID) -> NDArray[Any]:
    """Return a picture with noise, level places and missing cells."""
    random = np.random.default_rng(4)
    if dtype == "float32":
        cells = random.normal(500.0, 80.0, grid.shape).astype(np.float32)
        cells[random.random(grid.shape) < 0.1] = np.nan
        cells[: grid.rows // 2, : grid.cols // 3] = np.nan
        return cells
    low = -5 if dtype.startswith("i") else 0
    cells = random.integers(low, 7, grid.shape).astype(dtype)
    cells[: grid.rows // 2, : grid.cols // 3] = 0
    return cells


def joined(path: Path, cells: NDArray[Any], size: int, look: Look, grid: Grid = GRID, turn: int = 1) -> Path:
    """Write a raster from tiles of a size, given in one order or the other."""
    parts = []
    for number, tile in enumerate(grid.tiles(size)):
        part = path.parent / f"{size}_{number}.part"
        write_part(part, cells[tile.inside(grid)], look)
        parts.append((tile, part))
    assemble(path, grid, parts[::turn], look)
    for _, part in parts:
        part.unlink()
    return path


def halved_in_numpy(cells: NDArray[Any]) -> NDArray[Any]:
    """Return the mean of 2 x 2 cells that are there, or their commonest class that is not 0, the first of equals."""
    four = np.stack([cells[0::2, 0::2], cells[0::2, 1::2], cells[1::2, 0::2], cells[1::2, 1::2]])
    if cells.dtype.kind == "f":
        known = (~np.isnan(four)).sum(axis=0)
        mean = np.nansum(four.astype(np.float64), axis=0) / np.maximum(known, 1)
        return np.where(known > 0, mean, np.nan).astype(np.float32)
    votes = np.where(four == 0, 0, (four[:, np.newaxis] == four[np.newaxis]).sum(axis=1))
    return np.take_along_axis(four, votes.argmax(axis=0)[np.newaxis], axis=0)[0]


@pytest.fixture(scope="module", params=TYPES)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NDArray[Any]]:
    """Return a raster written in tiles, and what it was made of."""
    cells = picture(str(request.param))
    colors = PALETTE if request.param == "uint8" else None
    look = look_of(cells.dtype, tags={"SOURCE": "a < b & c", "YEAR": "2024"}, colors=colors, description="坡度")
    return joined(tmp_path_factory.mktemp("cog") / "a.tif", cells, 1024, look), cells


def test_the_raster_is_read_back_as_it_was(written: tuple[Path, NDArray[Any]]) -> None:
    path, cells = written
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(dataset.read(1), cells)
        assert dataset.dtypes == (cells.dtype.name,)
        assert np.isnan(dataset.nodata) if cells.dtype.kind == "f" else dataset.nodata == 0
        assert dataset.compression is Compression.zstd
        assert dataset.block_shapes == [(BLOCK, BLOCK)]


def test_every_overview_halves_the_one_before(written: tuple[Path, NDArray[Any]]) -> None:
    path, cells = written
    with rasterio.open(path) as dataset:
        assert dataset.overviews(1) == [2, 4]
    expected = cells
    for level in range(2):
        expected = halved_in_numpy(expected)
        with rasterio.open(path, overview_level=level) as dataset:
            found = dataset.read(1)
        np.testing.assert_array_equal(found, expected)


def test_the_raster_lies_where_its_grid_does_and_carries_its_provenance(written: tuple[Path, NDArray[Any]]) -> None:
    path, _ = written
    with rasterio.open(path) as dataset:
        assert dataset.transform == GRID.transform
        found = CRS.from_wkt(dataset.crs.to_wkt())
        tags = dataset.tags()
        assert dataset.descriptions == ("坡度",)
    ours = {p.name: p.value for p in national_crs().coordinate_operation.params}
    assert {p.name: p.value for p in found.coordinate_operation.params} == ours
    assert found.geodetic_crs.to_epsg() == 4490
    assert {name: tags[name] for name in ("SOURCE", "YEAR")} == {"SOURCE": "a < b & c", "YEAR": "2024"}
    assert set(tags) <= {"SOURCE", "YEAR", "AREA_OR_POINT"}  # no date, no host, no path


def test_directories_come_first_then_small_overviews_then_the_picture(written: tuple[Path, NDArray[Any]]) -> None:
    path, _ = written
    raw = path.read_bytes()
    big, places, found = directories(raw)
    assert not big
    assert places[0] == 8
    starts = [min(tags[324]) for tags in found]
    assert max(places) < min(starts)
    assert starts == sorted(starts, reverse=True)
    for larger, smaller in pairwise(found):
        assert max(smaller[324]) < min(larger[324])
    for tags in found:
        ends = np.add(tags[324], tags[325])
        assert list(ends[:-1]) == list(tags[324][1:])
    assert max(np.add(found[0][324], found[0][325])) == len(raw)


def test_a_class_raster_has_its_palette(tmp_path: Path) -> None:
    cells = picture("uint8")
    write_raster(tmp_path / "a.tif", cells, GRID, colors=PALETTE)
    with rasterio.open(tmp_path / "a.tif") as dataset:
        assert dataset.colorinterp == (ColorInterp.palette,)
        colors = dataset.colormap(1)
    assert {code: colors[code][:3] for code in PALETTE} == PALETTE


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("codec", ["zstd", "deflate"])
def test_tiles_of_any_size_in_any_order_make_the_same_bytes(tmp_path: Path, dtype: str, codec: str) -> None:
    cells = picture(dtype)
    look = look_of(cells.dtype, codec=codec, tags={"YEAR": "2024"})
    files = [joined(tmp_path / f"{size}.tif", cells, size, look) for size in (512, 1024, 2048)]
    files.append(joined(tmp_path / "turned.tif", cells, 512, look, turn=-1))
    assert len({path.read_bytes() for path in files}) == 1
    with rasterio.open(files[0]) as dataset:
        assert dataset.compression is getattr(Compression, codec)
        np.testing.assert_array_equal(dataset.read(1), cells)


def test_the_whole_in_memory_makes_the_same_bytes_as_its_tiles(tmp_path: Path) -> None:
    cells = picture("float32")
    write_raster(tmp_path / "whole.tif", cells, GRID, tags={"YEAR": "2024"})
    tiles = joined(tmp_path / "tiles.tif", cells, 1024, look_of(cells.dtype, tags={"YEAR": "2024"}))
    assert (tmp_path / "whole.tif").read_bytes() == tiles.read_bytes()


def test_a_part_of_a_block_is_filled_up_with_missing_cells(tmp_path: Path) -> None:
    part = Grid(30.0, GRID.row + 100, GRID.col + 30, 40, 50)
    cells = picture("float32", part)
    write_raster(tmp_path / "a.tif", cells, part)
    with rasterio.open(tmp_path / "a.tif") as dataset:
        found = dataset.read(1)
    inside = part.inside(part.whole_blocks())
    assert found.shape == (BLOCK, BLOCK)
    np.testing.assert_array_equal(found[inside], cells)
    found[inside] = np.nan
    assert np.isnan(found).all()


@pytest.mark.parametrize("dtype", TYPES)
def test_halving_is_the_same_as_in_numpy(dtype: str) -> None:
    cells = picture(dtype, Grid(30.0, 0, 0, 64, 48))
    np.testing.assert_array_equal(halved(cells), halved_in_numpy(cells))


def test_two_writings_make_the_same_bytes(tmp_path: Path) -> None:
    grid = Grid(30.0, GRID.row, GRID.col, BLOCK, BLOCK)
    for name in ("a.tif", "b.tif"):
        write_raster(tmp_path / name, picture("uint8", grid), grid, colors=PALETTE, tags={"YEAR": "2024"})
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_cells_that_are_not_the_grid_s_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match=r"\(3, 4\).*\(1536, 2048\)"):
        write_raster(tmp_path / "a.tif", np.zeros((3, 4), np.float32), GRID)
    with pytest.raises(ShuibaoError, match=r"\(3, 4\)"):
        write_bands(tmp_path / "a.tif", np.zeros((2, 3, 4), np.float32), GRID, descriptions=["a", "b"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", ["float64", "float16", "bool", "complex64", "int64"])
def test_cells_of_a_type_that_products_do_not_have_are_refused(tmp_path: Path, dtype: str) -> None:
    with pytest.raises(ShuibaoError, match=f"{dtype}.*float32"):
        write_raster(tmp_path / "a.tif", np.zeros(GRID.shape, dtype), GRID)


def fail_with(number: int) -> Any:
    """Return something that fails as a full disk does, or as another error."""

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, "as if")

    return fail


@pytest.mark.parametrize("place", ["write_part", "_copy_blocks", "header"])
def test_a_full_disk_leaves_the_earlier_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"earlier")
    monkeypatch.setattr(writing if place == "write_part" else cog, place, fail_with(errno.ENOSPC))
    expected = OSError if place == "write_part" else ShuibaoError
    with pytest.raises(expected, match="as if" if place == "write_part" else "磁盘已满.*a.tif"):
        write_raster(path, picture("float32"), GRID)
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]
    assert path.read_bytes() == b"earlier"


def test_a_part_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", fail_with(errno.ENOSPC))
    with pytest.raises(ShuibaoError, match="磁盘已满"):
        write_part(tmp_path / "a.part", picture("uint8"), look_of("uint8"))
    monkeypatch.undo()
    assert not list(tmp_path.iterdir())


def test_bands_are_read_back_with_their_names(tmp_path: Path) -> None:
    grid = Grid(240.0, -17500, 2250, 7, 9)
    cells = np.stack([picture("float32", grid) + k for k in range(4)])
    names = ["灌木", "草地", "乔木", "盖度"]
    for name in ("a.tif", "b.tif"):
        write_bands(tmp_path / name, cells, grid, descriptions=names, tags={"YEAR": "2024"})
    with rasterio.open(tmp_path / "a.tif") as dataset:
        np.testing.assert_array_equal(dataset.read(), cells)
        assert list(dataset.descriptions) == names
        assert dataset.transform == grid.transform
        assert dataset.tags()["YEAR"] == "2024"
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
