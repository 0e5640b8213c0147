"""Laws of reading: what a cell gets depends on the cell alone, and missing is missing."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS
from tests.ground.rasters import LAND, centres_in, pixels_over, rolling, write_tif

from shuibao.ground import reading
from shuibao.ground.grid import Grid, grid_over, national_crs
from shuibao.ground.reading import Classes, RasterSource, close_files, open_source
from shuibao.messages import ShuibaoError

GAUSS_KRUEGER = CRS.from_epsg(4546)  # CGCS2000, 3 degrees, central meridian 111°E
SYSTEMS = {
    "CGCS2000 Gauss-Krüger": (GAUSS_KRUEGER, 30.0),
    "CGCS2000 degrees": (CRS.from_epsg(4490), 1 / 3600),
    "WGS84 degrees": (CRS.from_epsg(4326), 1 / 3600),
    "WGS84 UTM": (CRS.from_epsg(32649), 25.0),
}
EVERYTHING = LAND.grown(90)
windows = st.tuples(st.integers(-30, 110), st.integers(-30, 140), st.integers(1, 60), st.integers(1, 60))


def with_holes(values: NDArray[Any], share: float = 0.03) -> NDArray[Any]:
    """Return the values with some cells missing."""
    gone = np.random.default_rng(7).random(values.shape) < share
    return np.where(gone, np.nan if values.dtype.kind == "f" else 0, values).astype(values.dtype)


def in_system(folder: Path, name: str) -> Path:
    """Write hills and holes in another coordinate system over the middle of the land."""
    if name == "cells of 240 m":
        grid = LAND.coarser(8)
        return write_tif(folder / "coarse.tif", with_holes(rolling(grid)), grid.transform)
    if name == "cells of 10 m":
        grid = grid_over(LAND.bounds, 10.0)
        return write_tif(folder / "fine.tif", with_holes(rolling(grid)), grid.transform)
    if name == "the grid itself":
        return write_tif(folder / "same.tif", with_holes(rolling(LAND)), LAND.transform)
    crs, size = SYSTEMS[name]
    transform, shape = pixels_over(LAND.grown(-20), crs, size)
    return write_tif(folder / "other.tif", with_holes(rolling(Grid(30.0, 0, 0, *shape))), transform, crs)


@pytest.fixture(scope="module", params=["the grid itself", "cells of 240 m", "cells of 10 m", *SYSTEMS])
def somewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a raster, aligned or not, coarser or finer or in another coordinate system."""
    return in_system(tmp_path_factory.mktemp("sources"), str(request.param))


@pytest.fixture(scope="module", params=["nearest", "bilinear", "cubic"])
def source_and_whole(somewhere: Path, request: pytest.FixtureRequest) -> tuple[RasterSource, NDArray[Any]]:
    """Return a source and all that it holds for the land and far around."""
    source = open_source(somewhere, LAND, method=request.param)
    return source, source.read(EVERYTHING)


@settings(max_examples=25)
@given(window=windows)
def test_a_window_is_what_the_whole_has_there(
    source_and_whole: tuple[RasterSource, NDArray[Any]], window: tuple[int, int, int, int]
) -> None:
    source, whole = source_and_whole
    row, col, rows, cols = window
    part = Grid(30.0, LAND.row + row, LAND.col + col, rows, cols)
    np.testing.assert_array_equal(source.read(part), whole[part.inside(EVERYTHING)])


@settings(max_examples=25)
@given(window=windows)
def test_a_window_of_classes_is_what_the_whole_has_there(
    tmp_path_factory: pytest.TempPathFactory, window: tuple[int, int, int, int]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "classes.tif"
    if not folder.exists():
        transform, shape = pixels_over(LAND, GAUSS_KRUEGER, 12.5)
        classes = np.random.default_rng(3).integers(0, 4, (shape[0] // 8 + 1, shape[1] // 8 + 1), dtype=np.uint8)
        write_tif(folder, np.kron(classes, np.ones((8, 8), np.uint8))[: shape[0], : shape[1]], transform, GAUSS_KRUEGER)
    source = open_source(folder, LAND, kind="class")
    row, col, rows, cols = window
    part = Grid(30.0, LAND.row + row, LAND.col + col, rows, cols)
    np.testing.assert_array_equal(source.read(part), source.read(EVERYTHING)[part.inside(EVERYTHING)])


def test_a_raster_on_the_grid_is_read_back_as_it_is(tmp_path: Path) -> None:
    values = with_holes(rolling(LAND))
    source = open_source(write_tif(tmp_path / "dem.tif", values, LAND.transform), LAND)
    assert source.read(LAND).dtype == np.float32
    np.testing.assert_array_equal(source.read(LAND), values)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("method", ["bilinear", "cubic"])
def test_a_plane_is_a_plane_in_every_coordinate_system(tmp_path: Path, name: str, method: Any) -> None:
    crs, size = SYSTEMS[name]
    transform, shape = pixels_over(LAND, crs, size)
    east, north = centres_in(LAND, crs, transform, shape)

    def plane(x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
        return 0.03 * (x - LAND.left) + 0.04 * (y - LAND.top)

    path = write_tif(tmp_path / "plane.tif", plane(east, north), transform, crs)
    found = open_source(path, LAND, method=method).read(LAND)
    expected = plane(*np.meshgrid(*LAND.centres()))
    # 0.05 m of height a metre: a cell is found to within 10 cm
    np.testing.assert_allclose(found, expected, atol=0.005)


@pytest.mark.parametrize("method", ["nearest", "bilinear", "cubic"])
def test_a_raster_whose_rows_run_northward_is_the_same_land(tmp_path: Path, method: Any) -> None:
    transform, shape = pixels_over(LAND, GAUSS_KRUEGER, 35.0)
    values = with_holes(rolling(Grid(30.0, 0, 0, *shape)))
    bottom = transform.f + transform.e * shape[0]
    northward = Affine(transform.a, 0.0, transform.c, 0.0, -transform.e, bottom)
    paths = [
        write_tif(tmp_path / "south.tif", values, transform, GAUSS_KRUEGER),
        write_tif(tmp_path / "north.tif", values[::-1], northward, GAUSS_KRUEGER),
    ]
    south, north = (open_source(path, LAND, method=method).read(LAND) for path in paths)
    np.testing.assert_array_equal(np.isnan(north), np.isnan(south))
    np.testing.assert_allclose(north, south, atol=1e-3)


def test_threads_read_what_one_would(tmp_path: Path) -> None:
    source = open_source(in_system(tmp_path, "WGS84 UTM"), LAND, method="cubic")
    tiles = list(LAND.tiles(16))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(source.read, tiles))
    whole = source.read(LAND)
    for tile, part in zip(tiles, found, strict=True):
        np.testing.assert_array_equal(part, whole[tile.inside(LAND)])


@pytest.mark.parametrize("nodata", [-3.4028234663852886e38, -32768.0, -9999.9])
def test_the_nodata_of_single_precision_is_found_again(tmp_path: Path, nodata: float) -> None:
    values = rolling(LAND)
    values[8, 9] = nodata
    path = write_tif(tmp_path / "dem.tif", values, LAND.transform, nodata=float(np.float32(nodata)))
    for told in (None, nodata):
        gone = np.isnan(open_source(path, LAND, nodata=told).read(LAND))
        assert np.argwhere(gone).tolist() == [[8, 9]]


def test_nearest_takes_the_pixel_that_holds_the_centre(tmp_path: Path) -> None:
    transform, shape = pixels_over(LAND, GAUSS_KRUEGER, 45.0)
    numbers = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    path = write_tif(tmp_path / "numbers.tif", numbers, transform, GAUSS_KRUEGER)
    found = open_source(path, LAND, kind="class").read(LAND)
    east, north = centres_in(LAND, GAUSS_KRUEGER, transform, shape)
    x, y = np.meshgrid(*LAND.centres())
    pixel = np.unravel_index(found, shape)
    # the pixel's centre is within half a diagonal, and 1 m for the stretch of the projection, of the cell's
    assert np.hypot(east[pixel] - x, north[pixel] - y).max() < 45.0 / np.sqrt(2) + 1.0


def test_datum_parameters_given_apart_are_those_written_into_the_system(tmp_path: Path) -> None:
    shift = (-24.1, -123.6, -93.2, -0.08, -0.15, 0.21, -0.33)
    bare = "+proj=tmerc +lon_0=111 +k=1 +x_0=500000 +ellps=krass +units=m +type=crs"
    bound = bare.replace("+units", f"+towgs84={','.join(map(str, shift))} +units")
    transform, shape = pixels_over(LAND, CRS.from_proj4(bound), 30.0)
    path = write_tif(tmp_path / "old.tif", rolling(Grid(30.0, 0, 0, *shape)), transform)
    given_apart = open_source(path, LAND, crs=bare, datum_shift=shift)
    written_in = open_source(path, LAND, crs=bound)
    assert given_apart.placement.certain
    np.testing.assert_allclose(given_apart.read(LAND), written_in.read(LAND), atol=0.01)
    unshifted = open_source(path, LAND, crs=bare)
    assert not unshifted.placement.certain  # datums taken as one, and said so
    assert np.nanmax(np.abs(unshifted.read(LAND) - written_in.read(LAND))) > 1.0


@pytest.mark.parametrize("count", [1, 2, 4, 6, 8])
def test_datum_parameters_are_three_or_seven(tmp_path: Path, count: int) -> None:
    path = write_tif(tmp_path / "dem.tif", rolling(LAND), LAND.transform, GAUSS_KRUEGER)
    with pytest.raises(ShuibaoError, match=f"3 个或 7 个参数.*{count}"):
        open_source(path, LAND, datum_shift=(1.0,) * count)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_values_of_every_type_become_single_precision(tmp_path: Path, dtype: str) -> None:
    values = np.random.default_rng(1).integers(1, 200, LAND.shape).astype(dtype)
    path = write_tif(tmp_path / "any.tif", values, LAND.transform, nodata=200)
    found = open_source(path, LAND, scale=0.1).read(LAND)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, values * 0.1, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_nodata_is_missing_before_units_are_changed(tmp_path: Path, dtype: str) -> None:
    values = np.arange(LAND.rows * LAND.cols, dtype=dtype).reshape(LAND.shape) % 500
    values[3, 4] = -9999
    path = write_tif(tmp_path / "dem.tif", values, LAND.transform, nodata=-9999)
    found = open_source(path, LAND, scale=0.1).read(LAND)
    assert np.argwhere(np.isnan(found)).tolist() == [[3, 4]]


def test_nan_and_infinity_are_missing_whatever_nodata_is(tmp_path: Path) -> None:
    values = rolling(LAND)
    values[1, 1], values[2, 2], values[3, 3], values[4, 4] = np.nan, np.inf, -np.inf, -1.0
    path = write_tif(tmp_path / "dem.tif", values, LAND.transform, nodata=-1.0)
    gone = np.isnan(open_source(path, LAND).read(LAND))
    assert np.argwhere(gone).tolist() == [[1, 1], [2, 2], [3, 3], [4, 4]]


def test_nodata_that_is_given_counts_instead_of_the_file_s(tmp_path: Path) -> None:
    values = rolling(LAND)
    values[5, 6], values[7, 8] = -1.0, -2.0
    path = write_tif(tmp_path / "dem.tif", values, LAND.transform, nodata=-1.0)
    gone = np.isnan(open_source(path, LAND, nodata=-2.0).read(LAND))
    assert np.argwhere(gone).tolist() == [[7, 8]]


@pytest.mark.parametrize("nodata", [-9999.0, 65535.0, 0.5, 1e39])
@pytest.mark.parametrize("kind", ["continuous", "class"])
def test_nodata_that_no_pixel_can_hold_makes_nothing_missing(tmp_path: Path, nodata: float, kind: Any) -> None:
    values = np.full(LAND.shape, 7, dtype=np.uint8)
    path = write_tif(tmp_path / "any.tif", values, LAND.transform)
    assert (open_source(path, LAND, kind=kind, nodata=nodata).read(LAND) == 7).all()


def test_nodata_of_a_half_is_not_nought(tmp_path: Path) -> None:
    values = np.zeros(LAND.shape, dtype=np.uint8)
    path = write_tif(tmp_path / "any.tif", values, LAND.transform)
    assert (open_source(path, LAND, nodata=0.5).read(LAND) == 0).all()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32"])
def test_codes_are_translated_and_unknown_ones_are_missing(tmp_path: Path, dtype: str) -> None:
    values = np.full(LAND.shape, 11, dtype=dtype)
    values[0, :4] = [12, 99, 120, 0]
    path = write_tif(tmp_path / "land.tif", values, LAND.transform, nodata=12)
    crosswalk = Classes.from_mapping({120: 5, 11: 3, 12: 4})
    found = open_source(path, LAND, kind="class", classes=crosswalk).read(LAND)
    assert found.dtype == np.uint8
    assert found[0, :5].tolist() == [0, 0, 5, 0, 3]  # nodata, unknown, 120, unknown, 11
    assert (found[1:] == 3).all()


def test_a_code_of_nought_may_have_a_class_and_a_missing_pixel_still_has_none(tmp_path: Path) -> None:
    values = np.zeros(LAND.shape, dtype=np.float32)
    values[2, 3], values[4, 5] = np.nan, np.inf
    path = write_tif(tmp_path / "land.tif", values, LAND.transform)
    found = open_source(path, LAND, kind="class", classes=Classes.from_mapping({0: 9})).read(LAND)
    assert np.argwhere(found == 0).tolist() == [[2, 3], [4, 5]]
    assert set(np.unique(found)) == {0, 9}


def test_codes_without_a_crosswalk_keep_their_numbers(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(0, 40_000, LAND.shape, dtype=np.uint16)
    found = open_source(write_tif(tmp_path / "a.tif", values, LAND.transform), LAND, kind="class").read(LAND)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, values)


@given(
    st.dictionaries(st.integers(-300, 100_000), st.integers(1, 255), min_size=1), st.lists(st.integers(-400, 100_100))
)
def test_a_crosswalk_is_its_mapping(mapping: dict[int, int], codes: list[int]) -> None:
    found = Classes.from_mapping(mapping).translate(np.array(codes, dtype=np.int64))
    assert found.tolist() == [mapping.get(code, 0) for code in codes]


@pytest.mark.parametrize("method", ["nearest", "bilinear", "cubic"])
@pytest.mark.parametrize("name", ["the grid itself", "cells of 240 m", "cells of 10 m", "CGCS2000 Gauss-Krüger"])
def test_beyond_the_source_all_is_missing(tmp_path: Path, name: str, method: Any) -> None:
    path = in_system(tmp_path, name)
    with rasterio.open(path) as dataset:
        transform, shape = dataset.transform, dataset.shape
        crs = CRS.from_wkt(dataset.crs.to_wkt())
    source = open_source(path, LAND, method=method)
    wide = LAND.grown(60)
    east, north = centres_in(Grid(1.0, 0, 0, 1, 1), crs, transform, shape)
    reach = max(transform.a, 30.0)
    x, y = np.meshgrid(*wide.centres())
    beyond = (x < east.min() - reach) | (x > east.max() + reach) | (y < north.min() - reach) | (y > north.max() + reach)
    assert beyond.any()
    assert np.isnan(source.read(wide)[beyond]).all()
    far = replace(LAND, row=LAND.row - 9000)
    assert np.isnan(source.read(far)).all()


def test_classes_beyond_the_source_are_missing(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "ones.tif", np.ones(LAND.shape, np.uint8), LAND.transform)
    found = open_source(path, LAND, kind="class").read(LAND.grown(5))
    assert found.sum() == LAND.rows * LAND.cols
    assert (found[5:-5, 5:-5] == 1).all()


def test_the_second_band_is_the_second_band(tmp_path: Path) -> None:
    bands = np.stack([rolling(LAND, seed) for seed in (1, 2, 3)])
    path = write_tif(tmp_path / "bands.tif", bands, LAND.transform)
    np.testing.assert_array_equal(open_source(path, LAND, band=2).read(LAND), bands[1])


def test_a_source_can_be_sent_to_another_process(tmp_path: Path) -> None:
    source = open_source(in_system(tmp_path, "WGS84 UTM"), LAND, method="cubic")
    sent: RasterSource = pickle.loads(pickle.dumps(source))  # noqa: S301 - our own bytes
    close_files()
    np.testing.assert_array_equal(sent.read(LAND), source.read(LAND))


def test_only_so_many_files_are_held_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close_files()
    monkeypatch.setattr(reading, "_FILES_KEPT", 3)
    paths = [str(write_tif(tmp_path / f"{k}.tif", rolling(LAND), LAND.transform)) for k in range(5)]
    first = reading.opened(paths[0])
    assert reading.opened(paths[0]) is first
    for path in paths[1:]:
        reading.opened(path)
    assert first.closed
    assert not reading.opened(paths[4]).closed
    close_files()
    assert reading.opened(paths[0]) is not first


@pytest.mark.parametrize(
    "size, wide", [(30.0, 1), (240.0, 8), (10.0, 1), (100.0, 3)], ids=["same", "eight", "finer", "three and a bit"]
)
def test_a_pixel_is_so_many_whole_cells_wide(tmp_path: Path, size: float, wide: int) -> None:
    grid = grid_over(LAND.bounds, size)
    source = open_source(write_tif(tmp_path / "a.tif", rolling(grid), grid.transform), LAND)
    assert source.cells_wide(LAND) == wide


@pytest.mark.parametrize(
    "proj",
    [
        "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m +type=crs",
        "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m +type=crs",
    ],
)
def test_our_projection_is_known_under_other_names(tmp_path: Path, proj: str) -> None:
    values = rolling(LAND)
    path = write_tif(tmp_path / "a.tif", values, LAND.transform, CRS.from_proj4(proj))
    source = open_source(path, LAND)
    assert source.aligned == (LAND.row, LAND.col, 1)
    np.testing.assert_array_equal(source.read(LAND), values)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(30.0, 0.0, LAND.left + 7.5, 0.0, -30.0, LAND.top),
        Affine(33.0, 0.0, LAND.left, 0.0, -33.0, LAND.top),
        Affine(29.9, 2.6, LAND.left, 2.6, -29.9, LAND.top),
        Affine(30.0, 0.0, LAND.left, 0.0, -60.0, LAND.top),
    ],
    ids=["moved", "larger", "turned", "oblong"],
)
def test_what_is_not_whole_cells_is_not_taken_for_them(tmp_path: Path, transform: Affine) -> None:
    path = write_tif(tmp_path / "a.tif", rolling(LAND), transform)
    assert open_source(path, LAND).aligned is None


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match=r"文件不存在：.*none\.tif"):
        open_source(tmp_path / "none.tif", LAND)


def test_what_is_not_a_raster_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dem.tif"
    path.write_text("not a picture")
    with pytest.raises(ShuibaoError, match="不是可读的栅格"):
        open_source(path, LAND)


def test_a_band_that_is_not_there_is_refused_with_how_many_there_are(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", rolling(LAND), LAND.transform)
    with pytest.raises(ShuibaoError, match="没有第 2 波段（共 1 个）"):
        open_source(path, LAND, band=2)


def test_a_raster_without_a_coordinate_system_is_refused_unless_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "bare.tif"
    values = rolling(LAND)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": LAND.rows, "width": LAND.cols}
    with rasterio.open(path, "w", transform=LAND.transform, **profile) as dataset:
        dataset.write(values, 1)
    with pytest.raises(ShuibaoError, match="没有坐标系.*crs ="):
        open_source(path, LAND)
    found = open_source(path, LAND, crs=national_crs().to_wkt()).read(LAND)
    np.testing.assert_array_equal(found, values)


def test_a_coordinate_system_that_cannot_be_read_is_refused_with_what_was_written(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", rolling(LAND), LAND.transform)
    with pytest.raises(ShuibaoError, match="EPSG:999999"):
        open_source(path, LAND, crs="EPSG:999999")
