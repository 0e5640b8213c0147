"""The pass over the land takes small watersheds and channels from the hydrology before it, and loses nothing by it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.survey.twin_counties import EAST, WEST, extent

from shuibao.erosion.topography import Topography
from shuibao.facts import DIMENSIONS, Facts, facts_from_counts
from shuibao.ground.cog import assemble, write_part
from shuibao.ground.grid import Grid
from shuibao.ground.mosaic import write_mosaic
from shuibao.ground.writing import look_of, write_raster
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey import Region
from shuibao.survey.counties import counties_of
from shuibao.survey.land import gather_counts, make_plan
from shuibao.survey.plan import Water
from shuibao.survey.tile import TileCounts, measure_tile, units_on

CODES = ("B2", "A1", "C3", "A0", "B1")
THRESHOLD = 1e5
OTHERS = [name for name in DIMENSIONS if name != "watershed"]


def labels() -> NDArray[np.int32]:
    """Return crooked patches of five small watersheds and of land of none."""
    whole = extent()
    rows, cols = np.mgrid[: whole.rows, : whole.cols]
    crooked = (rows + (cols // 11) % 7) // 61 * 5 + (cols + (rows // 13) % 5) // 83
    return (crooked * 7 % (len(CODES) + 1)).astype(np.int32)


def area() -> NDArray[np.float32]:
    """Return a contributing area with channels here and there, and missing cells."""
    random = np.random.default_rng(3)
    found = random.uniform(0.0, 1.01 * THRESHOLD, extent().shape).astype(np.float32)
    found[random.random(found.shape) < 0.01] = np.nan
    return found


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("water")
    write_raster(folder / "watersheds.tif", labels(), extent())
    write_raster(folder / "contributing_area.tif", area(), extent())
    write_as_tiles(folder, "watersheds", labels())
    write_as_tiles(folder, "contributing_area", area())
    return folder


def write_as_tiles(folder: Path, name: str, values: NDArray[Any]) -> None:
    """Write a raster as one COG a tile, under a virtual raster."""
    look, tiles = look_of(values.dtype), list(extent().tiles(512))
    for tile in tiles:
        part = folder / "part"
        write_part(part, np.ascontiguousarray(values[tile.inside(extent())]), look)
        assemble(folder / f"{tile.name()}_{name}.tif", tile, [(tile, part)], look)
    write_mosaic(folder, name, extent(), tiles, look, folder)


def water(folder: Path, suffix: str = ".tif", *, channel_area: float | None = None) -> Water:
    return Water(folder / f"watersheds{suffix}", folder / f"contributing_area{suffix}", CODES, channel_area)


def measured(region: Region, folder: Path, given: Water | None, size: int = 512) -> tuple[Facts, dict[str, Any]]:
    """Return facts and rasters of the land, computed tile by tile."""
    counties = counties_of(region)
    plan = make_plan(region, load_rules(region.packs), counties, extent(), folder, {}, water=given)
    products: dict[str, Any] = {name: np.zeros(extent().shape, np.float32) for name in ("slope", "ls", "soil_loss")}
    counts = []
    for number, tile in enumerate(extent().tiles(size)):
        found, counted = measure_tile(plan, tile, counties.on(tile.grown(1)))
        for name, values in products.items():
            values[tile.inside(extent())] = found[name]
        counted.save(folder / f"{number}.npz")
        counts.append(TileCounts.load(folder / f"{number}.npz"))
    columns, _ = gather_counts(plan, counts)
    codes = plan.watershed_codes
    return facts_from_counts(columns, counties.codes, plan.grid.cell_area, {}, watersheds=codes), products


@pytest.fixture(scope="module")
def dry(finished: Region, tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, dict[str, Any]]:
    return measured(finished, tmp_path_factory.mktemp("dry"), None)


@pytest.fixture(scope="module")
def divided(finished: Region, rasters: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, dict[str, Any]]:
    return measured(finished, tmp_path_factory.mktemp("divided"), water(rasters))


@pytest.fixture(scope="module")
def cut(finished: Region, rasters: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, dict[str, Any]]:
    return measured(finished, tmp_path_factory.mktemp("cut"), water(rasters, channel_area=THRESHOLD))


def assert_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def test_small_watersheds_change_nothing_that_is_not_asked_by_them(
    dry: tuple[Facts, Any], divided: tuple[Facts, Any]
) -> None:
    assert set(dry[0].column("watershed")) == {""}
    assert divided[0].table.num_rows > 2 * dry[0].table.num_rows
    assert divided[0].grouped(OTHERS).equals(dry[0].grouped(OTHERS))
    assert_same(divided[1], dry[1])


def test_each_cell_is_counted_in_its_own_county_and_small_watershed(finished: Region, divided: Any) -> None:
    facts, products = divided
    county, watershed = counties_of(finished).on(extent()), labels()
    grams = np.rint(np.nan_to_num(products["soil_loss"].astype(np.float64)) * extent().cell_area)
    expected = [
        (code, own, int(here.sum()), int(grams[here].sum()))
        for k, code in enumerate((WEST, EAST), start=1)
        for own, number in sorted(zip(("", *CODES), range(6), strict=True))
        if (here := (county == k) & (watershed == number)).any()
    ]
    assert len(expected) == 12
    found = facts.grouped(["county", "watershed"]).select(["county", "watershed", "cells", "soil_loss_g"])
    assert [tuple(row.values()) for row in found.to_pylist()] == expected


def test_cells_of_the_steep_slope_zone_keep_their_small_watershed(dry: tuple[Facts, Any], divided: Any) -> None:
    steep = [row for row in divided[0].grouped(["zone", "watershed"]).to_pylist() if row["zone"] == 1]
    assert {row["watershed"] for row in steep} == {"", *CODES}
    assert sum(row["cells"] for row in steep) == dry[0].grouped(["zone"])["cells"][1].as_py()


@pytest.mark.slow
@pytest.mark.parametrize(
    "size, suffix",
    [(1024, ".vrt"), (1024, ".tif"), (512, ".vrt")],
)
def test_tiles_and_layout_of_the_water_do_not_matter(
    tmp_path: Path, finished: Region, rasters: Path, cut: Any, size: int, suffix: str
) -> None:
    facts, products = measured(finished, tmp_path, water(rasters, suffix, channel_area=THRESHOLD), size)
    assert facts.table.equals(cut[0].table)
    assert_same(products, cut[1])


def test_channels_shorten_slopes_near_them_and_nowhere_else(divided: Any, cut: Any, finished: Region) -> None:
    before, after = divided[1], cut[1]
    np.testing.assert_array_equal(after["slope"], before["slope"])
    np.testing.assert_array_equal(np.isnan(after["ls"]), np.isnan(before["ls"]))
    lower = after["ls"] < before["ls"]
    assert not (after["ls"] > before["ls"]).any()
    channel = area() >= THRESHOLD
    reach = Topography.from_rules(load_rules(finished.packs)).reach(30.0)
    near = np.pad(channel, reach)
    for axis in (0, 1):
        near = np.lib.stride_tricks.sliding_window_view(near, 2 * reach + 1, axis=axis).any(axis=-1)
    assert lower.any()
    assert (lower[~channel]).any()  # where slopes end before a channel
    assert not lower[~near].any()
    assert (~near & ~np.isnan(before["ls"])).sum() > 1000


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [None, 0.0])
def test_without_a_threshold_there_are_no_channels(
    tmp_path: Path, finished: Region, rasters: Path, divided: Any, threshold: float | None
) -> None:
    facts, products = measured(finished, tmp_path, water(rasters, channel_area=threshold), 1024)
    assert facts.table.equals(divided[0].table)
    assert_same(products, divided[1])


@pytest.mark.parametrize("number", [-1, len(CODES) + 1])
def test_a_small_watershed_without_a_code_is_refused(tmp_path: Path, finished: Region, number: int) -> None:
    wrong = labels()
    wrong[wrong.shape[0] // 2, wrong.shape[1] // 2] = number
    write_raster(tmp_path / "watersheds.tif", wrong, extent())
    with pytest.raises(ShuibaoError, match=f"watersheds.tif 中有小流域编号 {number}，而小流域表的编号为 1–5"):
        measured(finished, tmp_path, water(tmp_path), 1024)


numbers = st.integers(0, 2**32 - 1)


@given(seed=numbers, rows=st.integers(1, 12), cols=st.integers(1, 12))
def test_cells_share_a_unit_if_they_share_county_small_watershed_and_land(seed: int, rows: int, cols: int) -> None:
    random = np.random.default_rng(seed)
    county = random.integers(0, 4, (rows, cols), dtype=np.uint16)
    watershed = random.choice(np.array([0, 1, 7, 60_000, 3_000_000], dtype=np.int32), (rows, cols))
    land = random.integers(0, 32, (rows, cols), dtype=np.uint8)
    units, unit = units_on(county, watershed, land)
    inside = county > 0
    np.testing.assert_array_equal(unit > 0, inside)
    named = units[:, unit]
    for own, values in zip(named, (county, watershed, land), strict=True):
        np.testing.assert_array_equal(own, np.where(inside, values, 0))
    listed = list(map(tuple, units[:, 1:].T.tolist()))
    assert listed == sorted(set(zip(county[inside], watershed[inside], land[inside], strict=True)))


def test_a_tile_outside_the_watersheds_has_none(tmp_path: Path, finished: Region) -> None:
    part = next(extent().tiles(512))
    write_raster(tmp_path / "watersheds.tif", np.ones(part.shape, dtype=np.int32), part)
    facts, _ = measured(finished, tmp_path, water(tmp_path), 1024)
    found = dict(zip(*(facts.grouped(["watershed"])[name].to_pylist() for name in ("watershed", "cells")), strict=True))
    inside = (counties_of(finished).on(extent()) > 0)[part.inside(extent())].sum()
    assert found[CODES[0]] == inside
    assert set(found) == {"", CODES[0]}


def test_the_halo_of_the_grid_has_no_channels(rasters: Path, finished: Region, tmp_path: Path) -> None:
    plan = make_plan(
        finished, load_rules(finished.packs), counties_of(finished), extent(), tmp_path, {},
        water=water(rasters, channel_area=THRESHOLD),
    )  # fmt: skip
    assert plan.contributing_area is not None
    corner = Grid(extent().cell, extent().row - 8, extent().col - 8, 16, 16)
    found = plan.contributing_area.read(corner)
    assert np.isnan(found[:8]).all()
    assert np.isnan(found[:, :8]).all()
    np.testing.assert_array_equal(found[8:, 8:], area()[:8, :8])
