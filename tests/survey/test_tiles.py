"""However the land is cut and whoever computes it, the same bytes come out (分幅等于整幅)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from tests.survey.twin_counties import EAST, WEST, digests, extent, twin_region

from shuibao.erosion.topography import Topography
from shuibao.facts import Facts
from shuibao.rules import load_rules
from shuibao.survey import Region, run_region
from shuibao.survey.counties import counties_of

RASTERS = ("slope", "ls", "soil_loss", "intensity", "r_factor", "k_factor")
CHANNELLED = ("ls", "soil_loss", "intensity")
"""Products that know of channels, and so of the water that comes from elsewhere."""

PRODUCTS = {
    "slope.tif", "ls.tif", "soil_loss.tif", "intensity.tif", "facts.parquet", "steep_slope.parquet", "products.gpkg",
    "counties.parquet", "r_factor.tif", "k_factor.tif", "b_factor.tif", "dem_filled.tif", "flow_direction.tif",
    "contributing_area.tif", "watersheds.tif", "channels.parquet", "watersheds.parquet", "management_units.parquet",
    "watersheds.gpkg",
}  # fmt: skip


def on_extent(region: Region, product: str) -> NDArray[np.generic]:
    """Return a product of a part of the twin counties on the extent of both; what is outside is missing."""
    whole = extent()
    with rasterio.open(region.products / f"{product}.tif") as dataset:
        values = dataset.read(1)
        col = round(dataset.transform.c / whole.cell) - whole.col
        row = round(-dataset.transform.f / whole.cell) - whole.row
    out = np.full(whole.shape, np.nan if values.dtype.kind == "f" else 0, dtype=values.dtype)
    out[row : row + values.shape[0], col : col + values.shape[1]] = values
    return out


def near_other_channels(region: Region, both: Region) -> NDArray[np.bool_]:
    """Return where a slope may end at a channel of one run that is none in the other, for want of a neighbour's water."""
    topography = Topography.from_rules(load_rules(region.packs))
    one, other = (on_extent(each, "contributing_area") >= topography.channel_area for each in (region, both))
    reach = topography.reach(extent().cell)
    near = np.pad(one != other, reach)
    for axis in (0, 1):
        near = np.lib.stride_tricks.sliding_window_view(near, 2 * reach + 1, axis=axis).any(axis=-1)
    return near


def test_the_land_is_cut_into_six_tiles_and_holds_a_zone_that_crosses_them(finished: Region) -> None:
    assert len(list(extent().tiles(512))) == 6
    zone = Facts.read(finished.products / "facts.parquet").grouped(["zone"]).to_pydict()
    assert zone["zone"] == [0, 1]
    assert zone["cells"][1] > 1000


@pytest.mark.parametrize(
    "tile, jobs",
    [
        (512, 2),
        *(
            pytest.param(*other, marks=pytest.mark.slow)
            for other in [(512, 1), (1024, 1), (1024, 2), (2048, 1), (2048, 2)]
        ),
    ],
)
def test_any_tiles_and_any_threads_write_the_same_bytes(
    tmp_path: Path, twin_inputs: Path, finished: Region, tile: int, jobs: int
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs, region={"tile": tile})
    run_region(region, jobs=jobs)
    found = digests(region.products)
    assert set(found) == PRODUCTS
    assert found == digests(finished.products)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, twin_inputs: Path) -> dict[str, Region]:
    """Return each of the twin counties, run alone; never to be changed."""
    folder = tmp_path_factory.mktemp("apart")
    found = {code: twin_region(folder / code, twin_inputs, codes=[code]) for code in (WEST, EAST)}
    for region in found.values():
        run_region(region, jobs=2)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("code", [WEST, EAST])
def test_a_county_run_alone_has_the_cells_it_has_beside_its_neighbour(
    apart: dict[str, Region], finished: Region, code: str
) -> None:
    alone = apart[code]
    own = counties_of(alone).on(extent()) > 0
    assert own.sum() > 40_000
    sure = own & ~near_other_channels(alone, finished)
    assert sure.sum() > 0.95 * own.sum()
    for product in RASTERS:
        here = sure if product in CHANNELLED else own
        np.testing.assert_array_equal(
            on_extent(alone, product)[here], on_extent(finished, product)[here], err_msg=product
        )


@pytest.mark.slow
def test_two_counties_run_apart_fill_the_land_without_gap_or_overlap(
    apart: dict[str, Region], finished: Region
) -> None:
    owned, sure = [], np.ones(extent().shape, dtype=bool)
    for alone in apart.values():
        owned.append(on_extent(alone, "intensity"))
        sure &= ~((counties_of(alone).on(extent()) > 0) & near_other_channels(alone, finished))
    whole = on_extent(finished, "intensity")
    assert not ((owned[0] > 0) & (owned[1] > 0)).any()
    np.testing.assert_array_equal(np.maximum(*owned) > 0, whole > 0)
    np.testing.assert_array_equal(np.maximum(*owned)[sure], whole[sure])
