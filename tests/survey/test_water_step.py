"""The step that leads the water and draws the small watersheds: its products agree with each other and with the land."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from tests.survey.cluster import cluster
from tests.survey.rivers import limits, own_pack, stream, write_rivers
from tests.survey.small_region import corner_grid, elevation, small_region, write_tif
from tests.survey.twin_counties import changed_region, digests, extent, twin_region

from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.messages import ShuibaoError
from shuibao.survey import Region, load_region, run_region
from shuibao.survey.counties import counties_of
from shuibao.survey.region import SIMULATED
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, contributing_area
from shuibao.watershed.scratch import Scratch

RASTERS = ("dem_filled", "flow_direction", "contributing_area", "watersheds")
VECTORS = ("watersheds.parquet", "management_units.parquet", "channels.parquet", "watersheds.gpkg")
CELL_AREA = 900.0
RIVERS = {"rivers": {"path": "inputs/rivers.gpkg", "name": "河名"}}


def water(region: Region, jobs: int = 1) -> dict[str, str]:
    """Run the step alone, and return the digests of what it wrote."""
    run_region(region, steps=["water"], jobs=jobs)
    return digests(region.products)


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


def small(folder: Path, *, lines: str = "", inputs: Mapping[str, Any] | None = None, files: bool = True) -> Region:
    """Return a small region over the corner of four tiles, with small watersheds of 0.1 to 0.5 km²."""
    small_region(folder, region=own_pack(folder, limits(0.1)), inputs=inputs, files=files, grid=corner_grid())
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"\n[water]\n{lines}\n", encoding="utf-8")
    return load_region(folder)


def dem(region: Region, values: NDArray[Any], **profile: Any) -> None:
    """Write the elevation model of a small region anew."""
    write_tif(region.folder / "inputs/dem.tif", values, corner_grid().grown(20), **profile)


def ground() -> NDArray[np.float32]:
    """Return the elevation of a small region."""
    return elevation(corner_grid().grown(20))


def raster(region: Region, name: str) -> NDArray[Any]:
    """Return a raster of a region."""
    with rasterio.open(region.products / f"{name}.tif") as dataset:
        return np.asarray(dataset.read(1))


def table(region: Region, name: str = "watersheds") -> Vectors:
    """Return a table of a region with its shapes."""
    return read_vectors(region.products / f"{name}.parquet")


def summary(region: Region) -> dict[str, Any]:
    """Return what the record says of the step."""
    record = json.loads((region.records / "water.json").read_text(encoding="utf-8"))
    return dict(record["summary"])


def assert_sound(region: Region) -> None:
    """Demand what holds of any region: areas add up, the small watersheds are a forest, and parts are theirs."""
    units, parts = table(region), table(region, "management_units")
    county = counties_of(region).on(counties_of(region).grid(region.cell))
    number = raster(region, "watersheds")[county > 0]
    cells = np.bincount(number)
    own, code = units.columns["area_m2"], units.columns["code"]
    np.testing.assert_array_equal(own, cells[units.columns["number"]] * CELL_AREA)
    assert own.sum() == cells[1:].sum() * CELL_AREA == parts.columns["area_m2"].sum() == summary(region)["drawn_m2"]
    assert summary(region)["region_m2"] == number.size * CELL_AREA
    assert summary(region)["unassigned_m2"] == cells[0] * CELL_AREA
    assert len(set(code)) == code.size
    assert len(set(parts.columns["code"])) == parts.columns["code"].size
    for k, parent in enumerate(code):
        mine = parts.columns["parent_code"] == parent
        assert parts.columns["area_m2"][mine].sum() == own[k]
        assert parts.columns["share"][mine].sum() == pytest.approx(own[k] / units.columns["whole_area_m2"][k])
    down = dict(zip(code, units.columns["down_code"], strict=True))
    assert set(down.values()) <= {*code, ""}
    for start in code:
        passed = {start}
        while (start := down[start]) != "":
            assert start not in passed, "water comes back to where it was"
            passed.add(start)


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


@pytest.mark.parametrize("tile, jobs", [(1024, 3), (2048, 1)])
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


def test_threads_write_the_same_bytes_of_small_tiles(tmp_path: Path) -> None:
    assert water(small(tmp_path / "one"), 1) == water(small(tmp_path / "three"), 3)


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


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
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


def test_named_rivers_give_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    region = small(folder, inputs=RIVERS)
    write_rivers(folder, [stream(grid=corner_grid()), stream(1e4, corner_grid())], ["模拟甲河", "模拟乙河"])
    water(region)
    assert_sound(region)
    units = table(region)
    along = shapely.length(shapely.intersection(units.geometry, stream(grid=corner_grid())))
    named = np.array(["模拟甲河" in name for name in units.columns["name"]])
    assert named.any()
    np.testing.assert_array_equal(named, along > 0)
    assert not any("模拟乙河" in name for name in units.columns["name"]), "it lies beside the region"
    assert len(set(units.columns["name"])) == units.columns["name"].size


def test_rivers_in_degrees_give_the_same_as_in_metres(tmp_path: Path) -> None:
    to_degrees = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    line, found = stream(grid=corner_grid()), []
    turned = shapely.transform(line, to_degrees.transform, interleaved=False)
    for k, (shape, crs) in enumerate([(line, national_crs()), (turned, CRS.from_epsg(4490))]):
        folder = tmp_path / str(k)
        region = small(folder, inputs={"rivers": RIVERS["rivers"] | {"burn_depth": 20}})
        write_rivers(folder, [shape], ["模拟河"], crs)
        found.append(water(region))
    assert found[0] == found[1]


def test_burned_rivers_carry_the_water(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    line = stream(grid=corner_grid())
    region = small(folder, inputs={"rivers": RIVERS["rivers"] | {"burn_depth": 200}})
    write_rivers(folder, [line], ["模拟河"])
    water(region)
    assert_sound(region)
    channels = table(region, "channels").geometry
    near = shapely.buffer(line, 45.0)
    inside = shapely.box(*corner_grid().bounds)
    along = shapely.intersection(line, inside).length
    assert shapely.intersection(shapely.union_all(channels), near).length > 0.6 * along
    free = small(tmp_path / "free")
    water(free)
    other = shapely.union_all(table(free, "channels").geometry)
    assert shapely.intersection(other, near).length < 0.4 * along


def test_rivers_elsewhere_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    region = small(folder, inputs=RIVERS)
    write_rivers(folder, [stream(5e5, corner_grid())], ["模拟河"])
    with pytest.raises(ShuibaoError, match="不相交"):
        water(region)
    assert not list(region.products.glob("[!.]*"))


@pytest.mark.parametrize("method", ["breach", "hybrid"])
def test_dams_can_be_breached(tmp_path: Path, method: str) -> None:
    found = []
    for lines in (f'conditioning = "{method}"', ""):
        region = small(tmp_path / (method if lines else "fill"), lines=lines)
        values = ground() + np.linspace(0, 300, 100, dtype=np.float32)  # falls westward
        values[:, 60:62] += 8  # a dam across all valleys
        dem(region, values)
        water(region)
        assert_sound(region)
        found.append(region)
    region, filled = found
    lowered = raster(region, "dem_filled") < raster(filled, "dem_filled")
    assert lowered.any(), "a dam was cut"
    assert not (raster(region, "dem_filled") > raster(filled, "dem_filled")).any()


def test_breaching_does_not_depend_on_the_tiles(tmp_path: Path) -> None:
    found = []
    for tile in (512, 1024):
        folder = tmp_path / str(tile)
        small(folder, lines='conditioning = "breach"')
        path = folder / "region.toml"
        path.write_text(path.read_text("utf-8").replace("tile = 512", f"tile = {tile}"), encoding="utf-8")
        found.append(water(load_region(folder)))
    assert found[0] == found[1]


def test_codes_can_follow_the_tree_of_streams(tmp_path: Path) -> None:
    by_county, by_tree = small(tmp_path / "county"), small(tmp_path / "tree", lines='code_scheme = "tree"')
    water(by_county)
    water(by_tree)
    assert_sound(by_tree)
    one, other = table(by_county), table(by_tree)
    np.testing.assert_array_equal(one.columns["number"], other.columns["number"])
    assert not set(one.columns["code"]) & set(other.columns["code"])
    same = [by.columns["area_m2"].sum() for by in (one, other)]
    assert same[0] == same[1]


def test_stripes_without_elevation_take_the_water(tmp_path: Path) -> None:
    region = small(tmp_path / "small")
    values = ground()
    values[45::12] = np.nan
    dem(region, values)
    water(region)
    assert_sound(region)
    gone = np.isnan(raster(region, "dem_filled"))
    np.testing.assert_array_equal(raster(region, "watersheds") == 0, gone)
    np.testing.assert_array_equal(raster(region, "flow_direction") == 0, gone)
    assert summary(region)["unassigned_m2"] > 0


def test_whole_metres_and_level_ground_are_led_off(tmp_path: Path) -> None:
    region = small(tmp_path / "small")
    dem(region, np.rint(1200 + (ground() - 1200) / 60).astype(np.int16))
    water(region)
    assert_sound(region)
    assert summary(region)["unassigned_m2"] == 0


def test_level_land_is_one_flat_that_is_led_off(tmp_path: Path) -> None:
    region = small(tmp_path / "small")
    dem(region, np.full_like(ground(), 1200))
    water(region)
    assert_sound(region)
    assert summary(region)["unassigned_m2"] == 0
    assert (raster(region, "flow_direction")[np.isfinite(raster(region, "dem_filled"))] > 0).all()


def test_land_without_any_elevation_is_refused_or_empty(tmp_path: Path) -> None:
    region = small(tmp_path / "small")
    dem(region, np.full_like(ground(), np.nan))
    water(region)
    assert table(region).geometry.size == 0
    assert summary(region)["unassigned_m2"] == summary(region)["region_m2"] == 3600 * CELL_AREA


def test_limits_that_cannot_be_met_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    small(folder)
    own_pack(folder, limits(0.1) | {"minimum_area": 1.0})
    with pytest.raises(ShuibaoError, match="互相矛盾"):
        water(load_region(folder))
    assert not list((folder / "products").glob("[!.]*"))


def test_a_second_run_does_nothing(drawn: Region) -> None:
    (done,) = run_region(drawn, steps=["water"], jobs=1)
    assert done.skipped
