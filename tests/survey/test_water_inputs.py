"""Rivers, ways of conditioning, codes and bad ground: what the step of the water makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from tests.survey.rivers import limits, own_pack, stream, write_rivers
from tests.survey.small_region import corner_grid
from tests.survey.water_region import CELL_AREA, assert_sound, dem, ground, raster, small, summary, table, water

from shuibao.ground.grid import national_crs
from shuibao.messages import ShuibaoError
from shuibao.survey import load_region

RIVERS = {"rivers": {"path": "inputs/rivers.gpkg", "name": "河名"}}


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


@pytest.mark.slow
def test_an_interval_is_named_after_the_river_at_its_outlet_and_a_closed_unit_after_the_longest(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    water(small(folder))
    units = table(load_region(folder))
    outlets = shapely.points(units.columns["outlet_x"], units.columns["outlet_y"])
    lines, names = [], []
    for kind in ("区间型", "完整型"):
        k = int(np.argmax((units.columns["type"] == kind) & shapely.covers(units.geometry, outlets)))
        shape, outlet = units.geometry[k].buffer(-1.0), outlets[k]
        assert units.columns["type"][k] == kind
        far = max(shapely.get_parts(shapely.points(shapely.get_coordinates(shape))), key=outlet.distance)
        long = shapely.intersection(shape, far.buffer(far.distance(outlet) / 2).exterior)
        short = shapely.intersection(shape, outlet.buffer(45.0).exterior)
        assert 0 < short.length < long.length
        lines += [short, long]
        names += [f"模拟{kind}短河", f"模拟{kind}长河"]
    region = small(folder, inputs=RIVERS, files=False)
    write_rivers(folder, lines, names)
    water(region)
    found = sorted(name for name in table(region).columns["name"] if "河" in name)
    assert found == ["模拟区间型短河小流域", "模拟完整型长河小流域"]


@pytest.mark.slow
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


@pytest.mark.slow
def test_breaching_does_not_depend_on_the_tiles(tmp_path: Path) -> None:
    found = []
    for tile in (512, 1024):
        folder = tmp_path / str(tile)
        small(folder, lines='conditioning = "breach"')
        path = folder / "region.toml"
        path.write_text(path.read_text("utf-8").replace("tile = 512", f"tile = {tile}"), encoding="utf-8")
        found.append(water(load_region(folder)))
    assert found[0] == found[1]


@pytest.mark.slow
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
