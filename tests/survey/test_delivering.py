"""Sediment of a region that has been run: sums that close, places that are found, and what is refused (泥沙输移)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from examples import youwuzhen as example
from pyproj import CRS, Transformer
from tests.survey.small_region import small_region

from shuibao.erosion import DeliveryCurve, sediment_delivery
from shuibao.facts import Facts
from shuibao.ground.grid import Grid, national_crs
from shuibao.ground.vectors import write_geopackage, write_geoparquet
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey import Region, delivery_checks, load_region, run_region
from shuibao.survey.counties import counties_of
from shuibao.survey.delivering import GRAMS, GROUPS, PRODUCTS, Delivered, _channel_area, deliver_region, raster_of
from shuibao.survey.delivery_checks import checked_drainage, refuse_changed, refuse_too_large
from shuibao.survey.delivery_outlets import Outlet, outlets_given, outlets_in, refuse_wrong
from shuibao.survey.delivery_weight import read_weight
from shuibao.survey.land import make_plan
from shuibao.survey.records import read_record
from shuibao.watershed import Drainage, accumulate

SUMS = ("soil_loss_t", "slope_loss_t", "delivered_t", "channel_loss_t")


@pytest.fixture(scope="module")
def twins(finished: Region, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return a copy of the twin counties that were run, whose inputs are links, and whose sediment was followed."""
    folder = tmp_path_factory.mktemp("delivery") / "twin"
    shutil.copytree(finished.folder, folder, symlinks=True)
    return load_region(folder)


@pytest.fixture(scope="module")
def found(twins: Region, mouth: Outlet) -> dict[str, Delivered]:
    """Return the sediment of the twin counties by small watershed and by county, and at their mouth."""
    return {by: deliver_region(twins, [mouth], by=by) for by in GROUPS}


@pytest.fixture(scope="module")
def grid(twins: Region) -> Grid:
    return refuse_changed(twins, load_rules(twins.packs))


@pytest.fixture(scope="module")
def mouth(twins: Region, grid: Grid) -> Outlet:
    """Return the cell inside the region through which most land drains."""
    area = raster_of(twins, "contributing_area", grid).read(grid)
    area[counties_of(twins).on(grid) == 0] = np.nan
    row, col = divmod(int(np.nanargmax(area)), grid.cols)
    return Outlet("mouth", grid.left + (col + 0.5) * grid.cell, grid.top - (row + 0.5) * grid.cell)


def grams(tonnes: float) -> int:
    return round(tonnes * GRAMS)


def product(region: Region, name: str) -> np.ndarray:
    with rasterio.open(region.products / f"{name}.tif") as dataset:
        return dataset.read(1)


@pytest.mark.parametrize("by", GROUPS)
def test_what_the_units_lose_and_deliver_is_what_the_region_loses_and_delivers(
    twins: Region, grid: Grid, found: dict[str, Delivered], by: str
) -> None:
    groups, total = found[by].groups, found[by].total
    assert len(groups) > 1
    for name in SUMS:
        assert sum(grams(row[name]) for row in groups) == grams(total[name]), name
    cells = [round(row["area_km2"] / 9e-4) for row in groups]
    assert sum(cells) == (counties_of(twins).on(grid) > 0).sum()
    assert 0.0 < total["delivered_t"] < 0.8 * total["slope_loss_t"]


@pytest.mark.parametrize("by", GROUPS)
def test_the_soil_loss_of_each_unit_is_that_of_the_facts(twins: Region, found: dict[str, Delivered], by: str) -> None:
    table = Facts.read(twins.products / "facts.parquet").grouped([by]).to_pydict()
    facts = dict(zip(table[by], table["soil_loss_g"], strict=True))
    assert {row["code"]: grams(row["soil_loss_t"]) for row in found[by].groups} == facts


def test_both_ways_of_grouping_give_one_region(found: dict[str, Delivered]) -> None:
    assert found["watershed"].total == found["county"].total
    assert found["watershed"].outlets == found["county"].outlets


@pytest.mark.usefixtures("found")
def test_the_rasters_hold_what_the_library_gives_on_the_whole_grid(twins: Region, grid: Grid) -> None:
    rules, counties = load_rules(twins.packs), counties_of(twins)
    direction = raster_of(twins, "flow_direction", grid, kind="class").read(grid)
    filled, loss, area = (
        raster_of(twins, name, grid).read(grid) for name in ("dem_filled", "soil_loss", "contributing_area")
    )
    weight = read_weight(twins, rules, counties, grid)
    channels = area >= float(rules.value("slope_length.channel_area"))
    drainage = Drainage.from_directions(direction, grid.cell)
    curve = DeliveryCurve.from_rules(rules)
    whole = sediment_delivery(filled, drainage, weight, loss, channels, curve)
    inside = counties.on(grid) > 0
    for name, cells in zip(PRODUCTS, (whole.index, whole.ratio, whole.export), strict=True):
        expected = np.where(inside, cells, np.nan).astype(np.float32)
        np.testing.assert_array_equal(product(twins, name), expected, err_msg=name)
        assert np.isfinite(expected).any()


def test_the_weight_is_all_of_soil_loss_that_is_neither_rain_soil_relief_nor_measures(
    twins: Region, grid: Grid
) -> None:
    rules, counties = load_rules(twins.packs), counties_of(twins)
    plan = make_plan(twins, rules, counties, grid, twins.products, {})
    rain, soil = (source.read(grid) for source in (plan.erosivity, plan.erodibility))
    weight, loss, ls = read_weight(twins, rules, counties, grid), product(twins, "soil_loss"), product(twins, "ls")
    measures = plan.measure_factors[plan.measures.read(grid)]
    there = np.isfinite(loss) & np.isfinite(rain * soil * ls)
    np.testing.assert_allclose((100.0 * rain * soil * ls * weight * measures)[there], loss[there], rtol=2e-6)
    assert len(set(measures[there].tolist())) > 1
    assert np.unique(weight[there]).size > 100


@pytest.mark.usefixtures("found")
def test_the_export_is_soil_loss_times_ratio_and_never_more_than_the_greatest(twins: Region) -> None:
    ratio, export, loss = (product(twins, name) for name in ("delivery_ratio", "sediment_export", "soil_loss"))
    np.testing.assert_allclose(export, loss * ratio, rtol=1e-6)
    assert np.nanmax(ratio) <= 0.8
    assert np.nanmin(ratio) >= 0.0


def test_at_the_mouth_passes_what_the_cells_above_it_deliver(
    twins: Region, grid: Grid, mouth: Outlet, found: dict[str, Delivered]
) -> None:
    [row] = found["county"].outlets
    direction = raster_of(twins, "flow_direction", grid, kind="class").read(grid)
    drainage = Drainage.from_directions(direction, grid.cell)
    r, c = int((grid.top - mouth.y) // grid.cell), int((mouth.x - grid.left) // grid.cell)
    above = np.zeros(direction.size, dtype=bool)
    above[r * grid.cols + c] = True
    receiver = drainage.receiver
    for cell in drainage.order[::-1]:
        above[cell] |= above[receiver[cell]]
    export = product(twins, "sediment_export").ravel()[above].astype(np.float64)
    assert row["delivered_t"] == pytest.approx(np.nansum(export) * grid.cell_area / GRAMS, rel=1e-6)
    assert row["area_km2"] == pytest.approx(above.sum() * 9e-4)
    assert row["moved_m"] == 0.0


@pytest.mark.usefixtures("found")
def test_two_runs_write_the_same_bytes_whatever_the_tiles(twins: Region, mouth: Outlet) -> None:
    before = {name: (twins.products / f"{name}.tif").read_bytes() for name in PRODUCTS}
    assert {path.stem for path in deliver_region(replace(twins, tile=1024), [mouth]).paths} == set(PRODUCTS)
    for name, content in before.items():
        assert (twins.products / f"{name}.tif").read_bytes() == content, name
    assert not list(twins.products.glob(".delivery-*"))


def test_products_say_where_they_come_from_and_the_record_what_they_rest_on(
    twins: Region, found: dict[str, Delivered]
) -> None:
    with (
        rasterio.open(twins.products / "connectivity.tif") as dataset,
        rasterio.open(twins.products / "soil_loss.tif") as other,
    ):
        own, theirs = dataset.tags(), other.tags()
        assert dataset.dtypes == ("float32",)
        assert np.isnan(dataset.nodata)
        assert dataset.transform == other.transform
    keys = ("REGION", "YEAR", "RULES_SHA256", "SOFTWARE", "DATA_KIND")
    assert {key: own[key] for key in keys} == {key: theirs[key] for key in keys}
    record = read_record(twins, "delivery")
    assert record is not None
    assert set(record["outputs"]) == {f"products/{name}.tif" for name in PRODUCTS}
    used = {p["key"]: p["status"] for p in record["parameters"]}
    assert {"delivery.ic0", "delivery.k", "slope_length.channel_area", "land_class.classes"} <= set(used)
    assert "steep_slope.angle" not in used
    assert used["slope_length.channel_area"] == "draft"
    assert record["summary"]["total"] == found["county"].total


def test_an_outlet_beside_a_channel_is_moved_to_it_and_the_way_is_said(
    twins: Region, grid: Grid, mouth: Outlet, found: dict[str, Delivered]
) -> None:
    [at] = found["county"].outlets
    least = 0.9e6 * at["area_km2"]
    beside = Outlet("beside", mouth.x, mouth.y + 40 * grid.cell)
    [moved] = deliver_region(twins, [beside], max_snap=1e5, least_area=least).outlets
    assert moved["moved_m"] > 0.0
    assert moved["area_km2"] >= 0.9 * at["area_km2"]
    short = moved["moved_m"] - 1.0
    with pytest.raises(ShuibaoError, match=r"「beside」.*km²）[\d.]+ m，超过允许的") as caught:
        deliver_region(twins, [beside], max_snap=short, least_area=least)
    assert f"{moved['moved_m']:.1f} m from the nearest channel" in caught.value.en
    with pytest.raises(ShuibaoError, match=r"没有汇水面积不小于 100000 km² 的河道"):
        deliver_region(twins, [beside], least_area=1e11)


def test_what_is_refused_leaves_the_products_as_they_were(twins: Region, grid: Grid) -> None:
    before = {name: (twins.products / f"{name}.tif").stat().st_mtime_ns for name in PRODUCTS}
    outside = Outlet("away", grid.left - 1e5, grid.top)
    with pytest.raises(ShuibaoError, match=r"「away」.*在区域格网之外"):
        deliver_region(twins, [outside])
    for options in ({"max_snap": -1.0}, {"max_snap": float("nan")}, {"least_area": 0.0}):
        with pytest.raises(CallError):
            deliver_region(twins, [Outlet("x", grid.left + 1, grid.top - 1)], **options)
    with pytest.raises(CallError, match="watershed、county"):
        deliver_region(twins, by="land_use")
    assert before == {name: (twins.products / f"{name}.tif").stat().st_mtime_ns for name in PRODUCTS}


def test_an_outlet_with_no_land_of_the_region_above_it_is_refused(twins: Region, grid: Grid) -> None:
    beyond = counties_of(twins).on(grid) == 0
    area = raster_of(twins, "contributing_area", grid).read(grid)
    direction = raster_of(twins, "flow_direction", grid, kind="class").read(grid)
    drainage = Drainage.from_directions(direction, grid.cell)
    known = accumulate(drainage, ~beyond)
    dry = np.flatnonzero((known == 0) & (area >= 1e5))
    row, col = divmod(int(dry[0]), grid.cols)
    place = Outlet("dry", grid.left + (col + 0.5) * grid.cell, grid.top - (row + 0.5) * grid.cell)
    with pytest.raises(ShuibaoError, match=r"「dry」.*没有土壤流失量"):
        deliver_region(twins, [place])


def test_points_are_found_in_any_coordinate_system_with_their_names(tmp_path: Path) -> None:
    frame, zone = Grid(30.0, 0, 0, 1, 1), CRS.from_epsg(4547)
    lon, lat = 111.5, 39.25
    [typed] = outlets_given([f"{lon},{lat}"], frame)
    assert np.allclose(typed.degrees(frame), (lon, lat), atol=1e-9)
    places = {
        "degrees.parquet": (CRS.from_epsg(4490), (lon, lat)),
        "zone.parquet": (zone, Transformer.from_crs(4490, zone, always_xy=True).transform(lon, lat)),
        "grid.parquet": (national_crs(), (typed.x, typed.y)),
    }
    for name, (crs, place) in places.items():
        points = np.array([shapely.Point(place), shapely.Point(place)], dtype=object)
        write_geoparquet(tmp_path / name, {"名称": ["三岔河", ""]}, points, crs)
        named, numbered = outlets_in(tmp_path / name, frame)
        assert (named.name, numbered.name) == ("三岔河", "2")
        assert np.hypot(named.x - typed.x, named.y - typed.y) < 0.01


@pytest.mark.parametrize("text", ["116.4", "a,b", "1,2,3", "25.6,116.4", "541000,4199000", "nan,1", ""])
def test_what_is_not_longitude_and_latitude_is_refused(text: str) -> None:
    with pytest.raises(CallError, match="--outlet"):
        outlets_given([text], Grid(30.0, 0, 0, 1, 1))


def test_files_without_points_or_coordinate_system_are_refused(tmp_path: Path) -> None:
    frame = Grid(30.0, 0, 0, 1, 1)
    square = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    write_geopackage(tmp_path / "areas.gpkg", {"a": ({"name": ["x"]}, square)}, national_crs())
    with pytest.raises(ShuibaoError, match="MultiPolygon"):
        outlets_in(tmp_path / "areas.gpkg", frame)
    (tmp_path / "plain.csv").write_text("name,lon,lat\na,111.5,39.2\n", encoding="utf-8")
    with pytest.raises(ShuibaoError):
        outlets_in(tmp_path / "plain.csv", frame)
    with pytest.raises(ShuibaoError, match="文件不存在"):
        outlets_in(tmp_path / "none.gpkg", frame)


def test_a_region_that_has_not_been_run_is_sent_to_the_run(tmp_path: Path) -> None:
    region = load_region(small_region(tmp_path / "new"))
    with pytest.raises(ShuibaoError, match=r"records/boundaries\.json.*请先运行 shuibao run"):
        deliver_region(region)
    assert not region.products.exists()


@pytest.mark.parametrize(
    "change",
    [{"inputs": {"tillage": {"value": 0.5}}}, {"region": {"year": 2023}}, {"region": {"rules": ["national", "jilin"]}}],
    ids=["input", "setting", "rules"],
)
def test_a_region_that_changed_since_it_was_run_is_sent_to_the_run(
    small_done: Region, tmp_path: Path, change: dict[str, dict[str, object]]
) -> None:
    folder = Path(shutil.copytree(small_done.folder, tmp_path / "changed"))
    small_region(folder, files=False, **change)
    with pytest.raises(ShuibaoError, match="运行之后有改动"):
        deliver_region(load_region(folder))


def test_a_layer_that_only_the_zones_use_asks_for_no_new_run(small_done: Region, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small_done.folder, tmp_path / "zoned"))
    small_region(folder, files=False, inputs={"towns": {"path": "inputs/towns.gpkg"}})
    region = load_region(folder)
    refuse_changed(region, load_rules(region.packs))
    assert "towns" in region.inputs


def test_a_file_that_changed_since_the_run_is_named(small_done: Region, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small_done.folder, tmp_path / "changed"))
    (folder / "inputs" / "landuse.tif").write_bytes((folder / "inputs" / "measures.tif").read_bytes())
    with pytest.raises(ShuibaoError, match=r"inputs/landuse\.tif"):
        deliver_region(load_region(folder))


def rewritten(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Write a raster anew with other values."""
    with rasterio.open(path) as dataset:
        values, profile = change(dataset.read(1)), dataset.profile
    profile |= {"height": values.shape[0], "width": values.shape[1], "dtype": values.dtype.name, "nodata": None}
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values, 1)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:600]),
    "text": lambda path: path.write_text("not a raster"),
    "zeros": lambda path: rewritten(path, np.zeros_like),
    "narrow": lambda path: rewritten(path, lambda a: np.nan_to_num(a).clip(0, 255).astype(np.uint8)),
    "small": lambda path: rewritten(path, lambda a: a[:40, :40].copy()),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["contributing_area", "flow_direction"])
def test_a_product_that_is_not_what_the_run_left_is_refused_with_how_to_renew_it(
    small_done: Region, tmp_path: Path, name: str, damage: str
) -> None:
    region = load_region(Path(shutil.copytree(small_done.folder, tmp_path / "damaged")))
    DAMAGES[damage](region.products / f"{name}.tif")
    with pytest.raises(ShuibaoError, match=rf"products/{name}\.tif.*shuibao run {re.escape(str(region.folder))}"):
        deliver_region(region)


def test_running_again_renews_a_product_that_was_damaged(small_done: Region, tmp_path: Path) -> None:
    region = load_region(Path(shutil.copytree(small_done.folder, tmp_path / "damaged")))
    DAMAGES["zeros"](region.products / "contributing_area.tif")
    run_region(region, jobs=1)
    assert product(region, "contributing_area").tobytes() == product(small_done, "contributing_area").tobytes()
    assert deliver_region(region).total == deliver_region(small_done).total


def test_a_product_of_the_right_size_that_cannot_be_read_is_to_be_deleted(small_done: Region, tmp_path: Path) -> None:
    region = load_region(Path(shutil.copytree(small_done.folder, tmp_path / "damaged")))
    path = region.products / "contributing_area.tif"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(ShuibaoError, match=r"products/contributing_area.*请删去这个文件，再运行 shuibao run"):
        deliver_region(region)


def test_areas_and_directions_that_do_not_go_together_are_refused() -> None:
    direction = np.array([[9, 5, 5]], dtype=np.uint8)
    area = np.array([[2700.0, 1800.0, 900.0]], dtype=np.float32)
    assert checked_drainage(direction, area, 30.0, "run").order.tolist() == [2, 1, 0]
    for wrong in (area * 0, -area, area * np.nan, area * np.inf, area[:, ::-1]):
        with pytest.raises(ShuibaoError, match=r"contributing_area 已损坏.*个像元的汇水面积与流向不符.*再运行 run"):
            checked_drainage(direction, wrong, 30.0, "run")
    with pytest.raises(ShuibaoError, match=r"flow_direction 已损坏.*没有一个像元有流向"):
        checked_drainage(direction * 0, area, 30.0, "run")
    with pytest.raises(ShuibaoError, match=r"flow_direction 已损坏.*流向成环"):
        checked_drainage(np.array([[1, 5, 5]], dtype=np.uint8), area, 30.0, "run")


def test_longitude_and_latitude_the_wrong_way_round_are_told_as_such() -> None:
    with pytest.raises(CallError, match="像是写反了；请改为 111.5,39.4"):
        outlets_given(["39.4,111.5"], Grid(30.0, 0, 0, 1, 1))
    west = Grid(30.0, 0, 0, 100, 100, "+proj=laea +lat_0=43 +lon_0=80 +datum=WGS84 +units=m")
    with pytest.raises(ShuibaoError, match="经度与纬度像是写反了"):
        refuse_wrong(outlets_given(["42.99,80.02"], west), 1.0, 1.0, west)


@pytest.fixture(scope="module")
def small_done(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return the small region, run; never to be changed."""
    region = load_region(small_region(tmp_path_factory.mktemp("small") / "small"))
    run_region(region, jobs=1)
    return region


def test_tiles_of_their_own_are_read_like_a_whole(small_done: Region, tmp_path: Path) -> None:
    folder = small_region(tmp_path / "tiles")
    text = (folder / "region.toml").read_text(encoding="utf-8") + '\n[output]\nlayout = "tiles"\n'
    (folder / "region.toml").write_text(text, encoding="utf-8")
    region = load_region(folder)
    run_region(region, jobs=1)
    assert deliver_region(region, by="county").groups == deliver_region(small_done, by="county").groups


def test_more_land_than_memory_is_refused_with_how_much_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_checks, "available_memory", lambda: 4 << 30)
    refuse_too_large(Grid(30.0, 0, 0, 5000, 5000))
    with pytest.raises(ShuibaoError, match=r"40000 × 40000 像元需约 \d+\.\d GB，现可用 4\.0 GB"):
        refuse_too_large(Grid(30.0, 0, 0, 40000, 40000))
    monkeypatch.setattr(delivery_checks, "available_memory", lambda: None)
    refuse_too_large(Grid(30.0, 0, 0, 40000, 40000))


def test_rules_without_channels_are_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[pack]\nid = "own"\nkind = "rules"\ntitle = "自定"\ntitle_en = "own"\n'
        '[slope_length.channel_area]\nvalue = 0\nunit = "m2"\nsource = "shuibao"\nstatus = "draft"\n'
        'basis = "chosen"\nconfidence = "L"\nname = "阈值"\nname_en = "threshold"\n',
        encoding="utf-8",
    )
    with pytest.raises(ShuibaoError, match=r"slope_length\.channel_area 为 0"):
        _channel_area(load_rules(["national", own]))


def test_the_sediment_of_the_real_catchment_is_that_of_the_validation_page(shared_data: Path, tmp_path: Path) -> None:
    region = load_region(example.make(tmp_path / "real", shared_data).parent)
    run_region(region, jobs=1)
    frame = Grid(region.cell, 0, 0, 1, 1, region.projection)
    gauge = outlets_in(shared_data / "area_youwuzhen" / example.OUTLET, frame)
    [row] = deliver_region(region, gauge).outlets
    page = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    printed = next(line for line in page.splitlines() if line.startswith("| 0.1 | 6.0 |")).split("|")
    lost, channels, delivered, ratio = (float(cell) for cell in printed[6:10])
    assert [round(row[k]) for k in ("slope_loss_t", "channel_loss_t", "delivered_t")] == [lost, channels, delivered]
    assert round(row["ratio"], 3) == ratio
    assert json.loads((region.records / "delivery.json").read_text())["summary"]["outlets"] == [row]
