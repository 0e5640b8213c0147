"""Real terrain from matplotlib's sample data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from shuibao.sources.jacksboro import read_jacksboro, write_jacksboro_inputs


def test_the_raster_holds_the_sample_in_its_place(tmp_path: Path) -> None:
    described = write_jacksboro_inputs(tmp_path)
    terrain = read_jacksboro()
    with rasterio.open(tmp_path / described["inputs"]["dem"]["path"]) as layer:
        np.testing.assert_array_equal(layer.read(1), terrain.elevation)
        assert layer.crs.to_epsg() == 4326
        assert layer.transform.e < 0  # north is up
        assert layer.tags()["SHA256"] == terrain.sha256
    assert (terrain.elevation.min(), terrain.elevation.max()) == (236, 1076)


def test_the_border_lies_inside_the_elevations(tmp_path: Path) -> None:
    described = write_jacksboro_inputs(tmp_path)
    (feature,) = json.loads((tmp_path / "boundary.geojson").read_text(encoding="utf-8"))["features"]
    border = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert border.is_valid
    assert shapely.box(*read_jacksboro().bounds).buffer(-0.009).contains(border)
    assert feature["properties"]["code"] == described["code"]


def test_what_is_not_measured_is_said_to_be_stated(tmp_path: Path) -> None:
    described = write_jacksboro_inputs(tmp_path)
    assert sum(described["inputs"]["r_weights"]["value"]) == pytest.approx(1)
    assert "设定" in described["data_kind"]
    assert "不代表" in described["stated"]["zh"]
    assert described["licence"]
    assert all("value" in described["inputs"][key] for key in ("land_use", "r_factor", "soil_k", "cover"))
