"""The rivers of the imaginary land follow its valleys, and nobody takes their names for real ones (模拟河流)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from tests.survey.small_region import write_tif
from tests.survey.twin_counties import borders, extent

from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.survey.made_up_rivers import write_made_up_rivers
from shuibao.survey.region import SIMULATED


@pytest.fixture(scope="module")
def region() -> shapely.Geometry:
    return shapely.union_all(list(borders().values()))


@pytest.fixture(scope="module")
def rivers(tmp_path_factory: pytest.TempPathFactory, twin_inputs: Path, region: shapely.Geometry) -> Vectors:
    path = tmp_path_factory.mktemp("rivers") / "rivers.gpkg"
    count = write_made_up_rivers(path, twin_inputs / "dem.tif", extent(), region)
    found = read_vectors(path)
    assert found.geometry.size == count > 0
    return found


def test_rivers_are_named_so_that_they_are_seen_to_be_made_up(rivers: Vectors) -> None:
    count = rivers.geometry.size
    assert rivers.columns["name"].tolist() == [f"模拟{k}号河" for k in range(1, count + 1)]
    assert set(rivers.columns["data_kind"]) == {SIMULATED}


def test_every_river_is_one_line_that_crosses_the_region_and_no_two_share_a_stretch(
    rivers: Vectors, region: shapely.Geometry
) -> None:
    assert shapely.intersects(rivers.geometry, region).all()
    assert all(shapely.line_merge(g).geom_type == "LineString" for g in rivers.geometry)
    together = shapely.union_all(rivers.geometry)
    assert shapely.length(rivers.geometry).sum() == pytest.approx(together.length)


def test_rivers_run_in_the_valleys(rivers: Vectors, twin_inputs: Path) -> None:
    line = shapely.line_merge(rivers.geometry[0])
    with rasterio.open(twin_inputs / "dem.tif") as dataset:

        def height(along: shapely.Geometry) -> float:
            """Return the mean height along a line, m."""
            places = [along.interpolate(share, normalized=True) for share in np.linspace(0, 1, 50)]
            return float(np.nanmean([value[0] for value in dataset.sample([(p.x, p.y) for p in places])]))

        assert height(line) + 20 < min(height(shapely.offset_curve(line, far)) for far in (-1500.0, 1500.0))


def test_the_same_land_has_the_same_rivers(tmp_path: Path, twin_inputs: Path, region: shapely.Geometry) -> None:
    for name in ("one.gpkg", "other.gpkg"):
        write_made_up_rivers(tmp_path / name, twin_inputs / "dem.tif", extent(), region)
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "other.gpkg").read_bytes()


def test_land_without_a_river_gets_no_file(tmp_path: Path, twin_inputs: Path, region: shapely.Geometry) -> None:
    path, grid = tmp_path / "rivers.gpkg", extent()
    corner = shapely.box(grid.left, grid.top - 60, grid.left + 60, grid.top)
    assert write_made_up_rivers(path, twin_inputs / "dem.tif", grid, corner) == 0
    write_tif(tmp_path / "dem.tif", np.full(grid.shape, np.nan, dtype=np.float32), grid, nodata=np.nan)
    assert write_made_up_rivers(path, tmp_path / "dem.tif", grid, region) == 0
    assert not path.exists()
