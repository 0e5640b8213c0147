"""The step that leads the water and draws the small watersheds: its products agree with each other and with the land."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from tests.survey.cluster import cluster
from tests.survey.rivers import limits, own_pack
from tests.survey.twin_counties import changed_region, digests, extent, twin_region
from tests.survey.water_region import CELL_AREA, assert_sound, raster, small, summary, table, water

from shuibao.ground.vectors import read_vectors
from shuibao.survey import Region, run_region
from shuibao.survey.region import SIMULATED
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, contributing_area
from shuibao.watershed.scratch import Scratch
from shuibao.watershed.small_watersheds import SmallWatersheds, compose

RASTERS = ("dem_filled", "flow_direction", "contributing_area", "watersheds")
VECTORS = ("watersheds.parquet", "management_units.parquet", "channels.parquet", "watersheds.gpkg")


def twin(folder: Path, inputs: Path, *, tile: int = 512, **more: Any) -> Region:
    """Return the twin counties with small watersheds of 1 to 5 km²."""
    twin_region(folder, inputs)
    return changed_region(folder, region=own_pack(folder, limits(1.0)) | {"tile": tile}, **more)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, twin_inputs: Path) -> Region:
    """Return the twin counties after the step, in tiles of 512 by one thread; never to be changed."""
    region = twin(tmp_path_factory.mktemp("drawn") / "twin", twin_inputs)
    water(region)
    return region


def test_areas_add_up_to_the_region_and_small_watersheds_are_a_forest(drawn: Region) -> None:
    assert_sound(drawn)
    found = summary(drawn)
    assert found["unassigned_m2"] == 0
    assert found["region_m2"] == found["drawn_m2"]
    assert found["in_region"] == table(drawn).geometry.size > 100


def test_areas_of_whole_small_watersheds_lie_within_the_limits_unless_it_is_said_why(drawn: Region) -> None:
    columns = table(drawn).columns
    within = (columns["whole_area_m2"] >= 1e6) & (columns["whole_area_m2"] <= 5e6)
    np.testing.assert_array_equal(columns["within_limits"], within)
    np.testing.assert_array_equal(columns["reason"] == "", within)


def test_a_small_watershed_holds_what_flows_to_its_outlet_and_the_area_upstream(drawn: Region) -> None:
    columns, area = table(drawn).columns, raster(drawn, "contributing_area")
    grid = extent()
    closed = np.flatnonzero((columns["type"] == "完整型") & ~columns["crosses_border"])
    assert closed.size > 10
    for k in closed:
        row = round((grid.top - columns["outlet_y"][k]) / grid.cell - 0.5)
        col = round((columns["outlet_x"][k] - grid.left) / grid.cell - 0.5)
        assert columns["upstream_area_m2"][k] == 0
        assert area[row, col] == pytest.approx(
            columns["whole_area_m2"][k], rel=0.1
        )  # banks beside the outlet are added


def test_the_rasters_are_those_of_the_land_in_one_piece(drawn: Region) -> None:
    with rasterio.open(drawn.folder / "inputs/dem.tif") as dataset:
        land = dataset.read(1)
        assert (dataset.width, dataset.height) == (extent().cols, extent().rows)
    filled = fill_depressions(land)
    direction = route(filled, 30.0)
    area = contributing_area(Drainage.from_directions(direction, 30.0)) * CELL_AREA
    np.testing.assert_array_equal(raster(drawn, "dem_filled"), filled)
    np.testing.assert_array_equal(raster(drawn, "flow_direction"), direction)
    np.testing.assert_array_equal(np.nan_to_num(raster(drawn, "contributing_area")), area.astype(np.float32))
    np.testing.assert_array_equal(raster(drawn, "watersheds") > 0, ~np.isnan(land))


def test_the_shapes_touch_without_gap_or_overlap(drawn: Region) -> None:
    shapes = table(drawn).geometry
    assert shapely.is_valid(shapes).all()
    together = shapely.union_all(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(together.area, rel=1e-12)
    assert together.area == pytest.approx(summary(drawn)["region_m2"], rel=1e-3)
    parts = table(drawn, "management_units").geometry
    assert shapely.area(parts).sum() == pytest.approx(together.area, rel=1e-12)


def test_without_a_tolerance_shapes_have_the_area_of_their_cells(tmp_path: Path) -> None:
    region = small(tmp_path / "small", lines="tolerance = 0")
    water(region)
    for name in ("watersheds", "management_units"):
        found = table(region, name)
        np.testing.assert_allclose(shapely.area(found.geometry), found.columns["area_m2"], rtol=1e-12)


def test_channels_lead_to_channels_and_carry_more(drawn: Region) -> None:
    found = table(drawn, "channels").columns
    down, area = found["down"], found["area_m2"]
    inner = down > 0
    assert inner.sum() > 100
    assert (area[inner] < area[down[inner] - 1]).all()
    assert (found["strahler"][inner] <= found["strahler"][down[inner] - 1]).all()
    assert area.min() >= 0.25e6


def test_the_package_holds_the_three_tables(drawn: Region, tmp_path: Path) -> None:
    package = shutil.copy(drawn.products / "watersheds.gpkg", tmp_path)  # readers may leave a file beside it
    for layer in ("watersheds", "management_units", "channels"):
        one, other = table(drawn, layer), read_vectors(Path(package), layer=layer)
        assert list(one.columns) == list(other.columns)
        assert one.geometry.size == other.geometry.size
        np.testing.assert_array_equal(shapely.area(one.geometry), shapely.area(other.geometry))


def test_every_product_says_that_the_land_is_made_up(drawn: Region) -> None:
    for name in RASTERS:
        with rasterio.open(drawn.products / f"{name}.tif") as dataset:
            assert dataset.tags()["DATA_KIND"] == SIMULATED
    for name in VECTORS:
        assert SIMULATED.encode() in (drawn.products / name).read_bytes()


@pytest.mark.parametrize("tile, jobs", [(1024, 3), pytest.param(2048, 1, marks=pytest.mark.slow)])
def test_any_tiles_and_any_threads_write_the_same_bytes_of_water(
    tmp_path: Path, twin_inputs: Path, drawn: Region, tile: int, jobs: int
) -> None:
    found = water(twin(tmp_path / "twin", twin_inputs, tile=tile), jobs)
    assert set(found) == {*(f"{name}.tif" for name in RASTERS), *VECTORS}
    assert found == digests(drawn.products)


@pytest.mark.slow
def test_workers_of_a_cluster_write_the_bytes_that_threads_write(
    tmp_path: Path, twin_inputs: Path, drawn: Region
) -> None:
    region = twin(tmp_path / "twin", twin_inputs)
    with cluster(tmp_path / "cluster") as started:
        run_region(region, steps=["water"], scheduler=started.address)
    assert digests(region.products) == digests(drawn.products)


@pytest.mark.slow
def test_threads_write_the_same_bytes_of_small_tiles(tmp_path: Path) -> None:
    assert water(small(tmp_path / "one"), 1) == water(small(tmp_path / "three"), 3)


@pytest.mark.slow
def test_one_tile_a_file_holds_the_same_cells(tmp_path: Path) -> None:
    whole, region = small(tmp_path / "whole"), small(tmp_path / "tiles", lines='[output]\nlayout = "tiles"')
    of_whole, found = water(whole), water(region)
    for name in RASTERS:
        with rasterio.open(region.products / f"{name}.vrt") as dataset:
            np.testing.assert_array_equal(dataset.read(1), raster(whole, name))
        assert len(list((region.products / name).glob("*.tif"))) == 4
    assert {name: found[name] for name in VECTORS} == {name: of_whole[name] for name in VECTORS}
    assert not list(region.products.glob(".*"))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("every", [25, pytest.param(1, marks=pytest.mark.slow)])
def test_a_step_killed_anywhere_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    keep, killed_at, kept = Scratch.keep, 0, 0

    def killing(self: Scratch, name: str, tile: int, **arrays: Any) -> Path:
        nonlocal kept
        kept += 1
        if kept == killed_at:
            raise Killed
        return keep(self, name, tile, **arrays)

    monkeypatch.setattr(Scratch, "keep", killing)
    whole = water(small(tmp_path / "whole"))
    total = kept
    assert total > 30
    for at in range(1, total + 1, every):
        region, killed_at, kept = small(tmp_path / f"killed-{at}"), at, 0
        with pytest.raises(Killed):
            water(region)
        assert not list(region.products.glob("[!.]*")), "products appear when all is done"
        killed_at, kept = 0, 0
        assert water(region) == whole, f"killed as it kept its {at}th result"
        assert kept <= total - at + 1 + 4, "of what was kept no more than one pass is made again"


def killed(*given: Any) -> None:
    """Stand for a function in which the process ends."""
    raise Killed


@pytest.fixture
def one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all runs of a step leave their parts in one folder, whatever they depend on."""
    monkeypatch.setattr("shuibao.survey.run.fingerprint", lambda depends: "0" * 64)


@pytest.mark.usefixtures("one_folder")
@pytest.mark.parametrize(
    "key, value",
    [("minimum_area", 0.15), ("channel_area", 0.02), pytest.param("large_river_area", 2.0, marks=pytest.mark.slow)],
)
def test_what_a_killed_step_left_is_not_taken_for_other_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: float
) -> None:
    def limited(folder: Path) -> Region:
        region = small(folder, files=not folder.exists())
        own_pack(folder, limits(0.1) | {key: value})
        return region

    with monkeypatch.context() as dying:
        dying.setattr("shuibao.survey.water.write_watersheds", killed)
        with pytest.raises(Killed):
            water(small(tmp_path / "used"))
    assert list((tmp_path / "used").glob("products/.water-*/units-*.npz"))
    assert water(limited(tmp_path / "used")) == water(limited(tmp_path / "fresh"))


@pytest.mark.slow
@pytest.mark.usefixtures("one_folder")
def test_what_a_killed_step_left_is_not_taken_for_other_units_of_the_same_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def joined(*given: Any) -> SmallWatersheds:
        units = compose(*given)
        return replace(units, unit_of_piece=np.minimum(units.unit_of_piece, 1))

    with monkeypatch.context() as dying:
        dying.setattr("shuibao.survey.water.compose", joined)
        dying.setattr("shuibao.survey.water.write_watersheds", killed)
        with pytest.raises(Killed):
            water(small(tmp_path / "used"))
    assert water(small(tmp_path / "used", files=False)) == water(small(tmp_path / "fresh"))


def test_a_second_run_does_nothing(drawn: Region) -> None:
    (done,) = run_region(drawn, steps=["water"], jobs=1)
    assert done.skipped
