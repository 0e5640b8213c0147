"""Files of the imaginary land: labelled, on the national grid, the same whatever made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
import rasterio
import shapely
from pyarrow import csv

from shuibao.ground.grid import BLOCK, Grid, national_crs
from shuibao.messages import ShuibaoError
from shuibao.sources.imaginary import land_and_measures, write_imaginary_inputs
from shuibao.sources.imaginary.rain import daily_rain, stations_around
from shuibao.sources.imaginary.terrain import WIDE, relief_around

SEED = 7
GRID = Grid(30.0, row=-274 * BLOCK + 100, col=40 * BLOCK + 50, rows=200, cols=700)
MASK = shapely.box(*Grid(30.0, GRID.row + 20, GRID.col + 20, 100, 400).bounds)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("imaginary")
    return folder, write_imaginary_inputs(folder, GRID, MASK, SEED, jobs=2)


def test_every_raster_says_that_it_is_made_up(made: tuple[Path, dict[str, Any]]) -> None:
    folder, described = made
    rasters = sorted(folder.glob("*.tif"))
    assert len(rasters) == 3 + 4 + 24
    for path in rasters:
        with rasterio.open(path) as layer:
            tags = layer.tags()
            assert tags["DATA_KIND"] == "模拟数据"
            assert tags["SEED"] == str(SEED)
            assert tags["SOURCE"]
            assert "模拟数据" in layer.descriptions[0]
    assert described["data_kind"] == "模拟数据"
    assert described["licence"]
    assert set(described["sha256"]) == {path.name for path in folder.iterdir()}


def test_rasters_lie_on_whole_blocks_of_the_national_grid(made: tuple[Path, dict[str, Any]]) -> None:
    with rasterio.open(made[0] / "dem.tif") as layer:
        assert layer.transform == GRID.whole_blocks().transform
        assert layer.shape == GRID.whole_blocks().shape
        assert layer.block_shapes == [(BLOCK, BLOCK)]
        assert national_crs().equals(layer.crs.to_wkt())
    with rasterio.open(made[0] / "fvc_12.tif") as layer:
        assert layer.bounds == tuple(GRID.whole_blocks().bounds)
        assert layer.res == (240.0, 240.0)


def test_files_hold_the_land_and_nothing_far_from_the_region(made: tuple[Path, dict[str, Any]]) -> None:
    grid = GRID.whole_blocks()
    height, land, measure = land_and_measures(GRID, SEED)
    for name, whole, nothing in (("dem", height, np.nan), ("landuse", land, 0), ("measures", measure, 0)):
        with rasterio.open(made[0] / f"{name}.tif") as layer:
            stored = layer.read(1)
        region = Grid(30.0, GRID.row + 20, GRID.col + 20, 100, 400)
        np.testing.assert_array_equal(stored[region.inside(grid)], whole[region.inside(GRID)])
        assert np.array_equal(stored[0, -1], nothing, equal_nan=name == "dem")


def test_cover_and_soil_reach_every_cell_of_the_region(made: tuple[Path, dict[str, Any]]) -> None:
    for name in ("fvc_01", "fvc_24", "sand", "silt", "clay", "soc"):
        with rasterio.open(made[0] / f"{name}.tif") as layer:
            wide = layer.read(1)
        rows, cols = (
            Grid(30.0, GRID.row + 20, GRID.col + 20, 100, 400).coarser(8).inside(GRID.whole_blocks().coarser(8))
        )
        assert np.isfinite(wide[rows, cols]).all()
        assert np.isnan(wide).any()


@pytest.mark.slow
def test_more_workers_make_the_same_files(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    again = write_imaginary_inputs(tmp_path, GRID, MASK, SEED, jobs=1)
    assert again["sha256"] == made[1]["sha256"]


def test_rain_is_thirty_whole_years_of_every_station(made: tuple[Path, dict[str, Any]]) -> None:
    table = csv.read_csv(made[0] / "rain_daily.csv")
    assert table.column_names == ["station", "lon", "lat", "date", "rain_mm"]
    counts = table.group_by("station").aggregate([("date", "count_distinct")])
    assert set(counts["date_count_distinct"].to_pylist()) == {10_958}
    assert pc.min(table["rain_mm"]).as_py() == 0
    assert all(name.startswith("模拟站") for name in counts["station"].to_pylist())


@pytest.mark.slow
def test_rain_is_that_of_northern_shanxi() -> None:
    bounds = (507_000.0, 4_111_000.0, 760_000.0, 4_280_000.0)
    stations = stations_around(relief_around(bounds, SEED, 0), bounds, 0.0)
    dates, rain = daily_rain(stations, SEED)
    month = dates.astype("datetime64[M]").astype(int) % 12
    annual = rain.sum(axis=1) / 30
    assert 15 <= len(stations.names) <= 40
    assert 400 < annual.mean() < 560
    assert annual.max() < 900
    assert 0.60 < rain[:, (month >= 5) & (month <= 8)].sum() / rain.sum() < 0.75
    assert 60 < (rain >= 0.1).sum(axis=1).mean() / 30 < 100
    assert rain.max() < 250
    near = np.corrcoef(rain[:, month == 6])
    assert near[np.triu_indices_from(near, 1)].mean() > 0.15  # one rain falls on many stations


@pytest.mark.slow
def test_neighbours_share_the_stations_between_them() -> None:
    above = relief_around((530_000.0, 4_100_000.0, 730_000.0, 4_260_000.0), SEED, WIDE)
    one = stations_around(above, (560_000.0, 4_130_000.0, 650_000.0, 4_230_000.0))
    other = stations_around(above, (600_000.0, 4_130_000.0, 700_000.0, 4_230_000.0))
    shared = [name for name in one.names if name in other.names]
    assert shared
    first, second = daily_rain(one, SEED, 1991, 1992)[1], daily_rain(other, SEED, 1991, 1992)[1]
    for name in shared:
        np.testing.assert_array_equal(first[one.names.index(name)], second[other.names.index(name)])


def test_cells_that_do_not_divide_the_cover_cell_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="不能整除"):
        write_imaginary_inputs(tmp_path, Grid(50.0, 0, 0, 8, 8), None, SEED)


@pytest.mark.slow
def test_ten_metre_files_hold_the_same_land(tmp_path: Path) -> None:
    grid = Grid(10.0, row=-822 * BLOCK, col=121 * BLOCK, rows=2 * BLOCK, cols=BLOCK)
    first = write_imaginary_inputs(tmp_path / "a", grid, None, SEED, jobs=2)
    second = write_imaginary_inputs(tmp_path / "b", grid, None, SEED, jobs=1)
    assert first["sha256"] == second["sha256"]
    height, land, _ = land_and_measures(grid, SEED)
    with rasterio.open(tmp_path / "a" / "dem.tif") as dem, rasterio.open(tmp_path / "a" / "landuse.tif") as landuse:
        np.testing.assert_array_equal(dem.read(1), height)
        np.testing.assert_array_equal(landuse.read(1), land)
    with rasterio.open(tmp_path / "a" / "fvc_14.tif") as layer:
        assert np.isfinite(layer.read(1)).all()


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_imaginary_inputs(tmp_path, GRID, MASK, SEED, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == [".unfinished"]
    write_imaginary_inputs(tmp_path, GRID, MASK, SEED)
    assert (tmp_path / "dem.tif").exists()
    assert not (tmp_path / ".unfinished").exists()
