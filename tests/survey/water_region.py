"""A small region after the step that leads the water, and what holds of any (汇流步骤的小区域)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from tests.survey.rivers import limits, own_pack
from tests.survey.small_region import corner_grid, elevation, small_region, write_tif
from tests.survey.twin_counties import digests

from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.survey import Region, load_region, run_region
from shuibao.survey.counties import counties_of

CELL_AREA = 900.0


def water(region: Region, jobs: int = 1) -> dict[str, str]:
    """Run the step alone, and return the digests of what it wrote."""
    run_region(region, steps=["water"], jobs=jobs)
    return digests(region.products)


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
