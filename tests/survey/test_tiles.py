"""However the land is cut and whoever computes it, the same bytes come out (分幅等于整幅)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from tests.survey.twin_counties import EAST, WEST, digests, extent, twin_region

from shuibao.facts import Facts
from shuibao.survey import Region, run_region
from shuibao.survey.counties import counties_of

RASTERS = ("slope", "ls", "soil_loss", "intensity", "r_factor", "k_factor")
PRODUCTS = {
    "slope.tif", "ls.tif", "soil_loss.tif", "intensity.tif", "facts.parquet", "steep_slope.parquet", "products.gpkg",
    "counties.parquet", "r_factor.tif", "k_factor.tif", "b_factor.tif",
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


def test_the_land_is_cut_into_six_tiles_and_holds_a_zone_that_crosses_them(finished: Region) -> None:
    assert len(list(extent().tiles(512))) == 6
    zone = Facts.read(finished.products / "facts.parquet").grouped(["zone"]).to_pydict()
    assert zone["zone"] == [0, 1]
    assert zone["cells"][1] > 1000


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("tile", [512, 1024, 2048])
def test_any_tiles_and_any_threads_write_the_same_bytes(
    tmp_path: Path, twin_inputs: Path, finished: Region, tile: int, jobs: int
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs, region={"tile": tile})
    run_region(region, jobs=jobs)
    found = digests(region.products)
    assert set(found) == PRODUCTS
    assert found == digests(finished.products)


@pytest.mark.parametrize("code", [WEST, EAST])
def test_a_county_run_alone_has_the_cells_it_has_beside_its_neighbour(
    tmp_path: Path, twin_inputs: Path, finished: Region, code: str
) -> None:
    alone = twin_region(tmp_path / code, twin_inputs, codes=[code])
    run_region(alone, jobs=2)
    own = counties_of(alone).on(extent()) > 0
    assert own.sum() > 40_000
    for product in RASTERS:
        np.testing.assert_array_equal(
            on_extent(alone, product)[own], on_extent(finished, product)[own], err_msg=product
        )


def test_two_counties_run_apart_fill_the_land_without_gap_or_overlap(
    tmp_path: Path, twin_inputs: Path, finished: Region
) -> None:
    owned = []
    for code in (WEST, EAST):
        alone = twin_region(tmp_path / code, twin_inputs, codes=[code])
        run_region(alone, jobs=2)
        owned.append(on_extent(alone, "intensity"))
    assert not ((owned[0] > 0) & (owned[1] > 0)).any()
    np.testing.assert_array_equal(np.maximum(*owned), on_extent(finished, "intensity"))
