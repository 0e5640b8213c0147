"""The facts say what the rasters say, to the cell and to the gram (事实与栅格一致)."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from tests.survey.twin_counties import EAST, WEST, extent

from shuibao.facts import Facts
from shuibao.ground.vectors import read_vectors
from shuibao.survey import SIMULATED, STEPS, Region
from shuibao.survey.counties import counties_of
from shuibao.survey.rating import region_rates

CELL_AREA = 900.0
CODES = (WEST, EAST)


@pytest.fixture(scope="module")
def facts(finished: Region) -> Facts:
    return Facts.read(finished.products / "facts.parquet")


@pytest.fixture(scope="module")
def county(finished: Region) -> NDArray[np.uint16]:
    return counties_of(finished).on(extent())


def raster(region: Region, product: str) -> NDArray[np.generic]:
    with rasterio.open(region.products / f"{product}.tif") as dataset:
        return dataset.read(1)


def test_a_county_has_the_area_of_its_cells(facts: Facts, county: NDArray[np.uint16]) -> None:
    found = facts.grouped(["county"]).to_pydict()
    assert found["county"] == list(CODES)
    assert found["cells"] == [int((county == k).sum()) for k in (1, 2)]
    assert found["area_m2"] == [cells * CELL_AREA for cells in found["cells"]]


def test_classes_counties_and_region_add_up_exactly(facts: Facts) -> None:
    (whole,) = facts.grouped([]).to_pylist()
    for by in (["county"], ["land_use"], ["slope_class", "intensity"], ["zone", "county", "cover_class"]):
        parts = facts.grouped(by).to_pydict()
        for measure in ("cells", "area_m2", "soil_loss_g"):
            assert sum(parts[measure]) == whole[measure]


def test_intensity_and_rate_are_those_of_the_intensity_raster(
    finished: Region, facts: Facts, county: NDArray[np.uint16]
) -> None:
    intensity = raster(finished, "intensity")
    by_class = facts.grouped(["county", "intensity"]).to_pylist()
    counted = {(r["county"], r["intensity"]): r["cells"] for r in by_class}
    for number, code in enumerate(CODES, start=1):
        own = intensity[county == number]
        assert {k: n for (c, k), n in counted.items() if c == code} == {
            int(k): int((own == k).sum()) for k in np.unique(own)
        }
        rate = next(r for r in region_rates(finished) if r.code == code)
        assert rate.rate == pytest.approx(100 * (1 - (own >= 2).mean()), abs=1e-12)


def test_the_region_erodes_as_its_counties_do_together(finished: Region) -> None:
    *counties, region = region_rates(finished)
    assert region.name == finished.name
    assert region.area_m2 == sum(c.area_m2 for c in counties)
    assert region.eroded_m2 == sum(c.eroded_m2 for c in counties)
    weighted = sum(c.rate * c.area_m2 for c in counties) / region.area_m2
    assert region.rate == pytest.approx(weighted, abs=1e-12)


def test_soil_loss_is_the_sum_of_the_cells_whole_grams(
    finished: Region, facts: Facts, county: NDArray[np.uint16]
) -> None:
    loss = raster(finished, "soil_loss")
    grams = np.rint(loss.astype(np.float64) * CELL_AREA)
    found = dict(zip(CODES, facts.grouped(["county"]).to_pydict()["soil_loss_g"], strict=True))
    for number, code in enumerate(CODES, start=1):
        assert found[code] == int(np.nansum(grams[county == number]))


def test_the_zone_has_the_area_of_its_patches(finished: Region, facts: Facts) -> None:
    patches = read_vectors(finished.products / "steep_slope.parquet")
    assert patches.geometry.size > 5
    by_zone = facts.grouped(["zone"]).to_pydict()
    assert by_zone["area_m2"][1] == shapely.area(patches.geometry).sum()
    by_county = {r["county"]: r["area_m2"] for r in facts.grouped(["county", "zone"]).to_pylist() if r["zone"] == 1}
    codes = patches.columns["county"]
    for code, area in by_county.items():
        assert shapely.area(patches.geometry[codes == code]).sum() == area


def test_what_lies_outside_the_region_is_missing(finished: Region, county: NDArray[np.uint16]) -> None:
    outside = county == 0
    assert not raster(finished, "intensity")[outside].any()
    for product in ("slope", "ls", "soil_loss"):
        assert np.isnan(raster(finished, product)[outside]).all()


def test_every_product_says_that_the_land_is_made_up(finished: Region) -> None:
    for path in finished.products.glob("*.tif"):
        with rasterio.open(path) as dataset:
            assert dataset.tags()["DATA_KIND"] == SIMULATED
            assert dataset.tags()["RULE_PACKS"] == "national, shanxi"
    for name in ("facts.parquet", "steep_slope.parquet", "products.gpkg"):
        assert SIMULATED.encode() in (finished.products / name).read_bytes() or SIMULATED in metadata(finished, name)


def metadata(region: Region, name: str) -> str:
    import pyarrow.parquet as pq

    raw = pq.read_schema(region.products / name).metadata
    return json.dumps({k.decode(): v.decode() for k, v in raw.items()}, ensure_ascii=False)


def test_records_tell_inputs_parameters_and_packs(finished: Region) -> None:
    for step in STEPS:
        record = json.loads((finished.records / f"{step}.json").read_text(encoding="utf-8"))
        assert record["step"] == step
        assert record["software"].startswith("shuibao ")
        for name, digest in record["depends"]["files"].items():
            assert hashlib.sha256((finished.folder / name).read_bytes()).hexdigest() == digest
        assert all((finished.folder / name).stat().st_size == size for name, size in record["outputs"].items())
    land = json.loads((finished.records / "land.json").read_text(encoding="utf-8"))
    used = {p["key"]: p for p in land["parameters"]}
    assert used["steep_slope.angle"]["value"] == 25
    assert {p["status"] for p in used.values()} <= {"verified", "draft"}
