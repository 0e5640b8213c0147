"""Steep slopes of real land: as much as Horn's slope of the bare elevation has, more under a smaller angle, and no fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from examples import bigtujunga
from examples.key_zones import PACKS, slopes_under
from scipy import ndimage

from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.draft.explaining import explain
from shuibao.report.zone_package import make_package
from shuibao.rules import load_rules
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

pytestmark = pytest.mark.slow

THEME = "steep_slope"


@pytest.fixture(scope="module")
def region(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Region:
    folder = tmp_path_factory.mktemp("steep") / "bigtujunga"
    bigtujunga.make(folder, shared_data)
    found = load_region(folder)
    run_region(found)
    return found


def horn_degrees(path: Path) -> tuple[np.ndarray, float]:
    """Return Horn's slope on the elevation's own cells inside the border, degrees, and the area of a cell, hm²."""
    with rasterio.open(path) as file:
        ground, side = file.read(1).astype(float), file.res[0]
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / (8 * side)
    rise = [ndimage.correlate(ground, k, mode="nearest") for k in (kernel, kernel.T)]
    rim = round(bigtujunga.RIM / side)
    return np.degrees(np.arctan(np.hypot(*rise)))[rim:-rim, rim:-rim], side**2 / 1e4


def test_steep_land_is_what_horn_finds_on_the_bare_elevation(region: Region, shared_data: Path) -> None:
    slope, cell = horn_degrees(shared_data / bigtujunga.DEM)
    for packs in (PACKS[0], PACKS[2], PACKS[3]):
        rules = load_rules(list(packs))
        table = explain(replace(region, rules=tuple(packs)), rules, THEME).table
        columns, k = table.columns(), table.chosen
        source = columns["area_hm2"][k] - columns["commission_hm2"][k] + columns["omission_hm2"][k]
        angle = float(rules.value("steep_slope.angle"))
        assert source == pytest.approx((slope >= angle).sum() * cell, rel=0.005), angle


def test_a_province_with_a_smaller_angle_has_more_and_says_where_the_angle_was_read(region: Region) -> None:
    law, _, jilin, inner_mongolia = (slopes_under(region, packs) for packs in PACKS)
    areas = [float(shapely.area(layer.geometry).sum()) for layer in (law, jilin, inner_mongolia)]
    assert areas == sorted(areas)
    assert areas[2] > 2 * areas[0]
    assert {str(text).partition("；")[2] for text in law.columns["basis"]} == {"中华人民共和国水土保持法 第二十条"}
    assert {str(text).partition("；")[2] for text in jilin.columns["basis"]} == {"吉林省水土保持条例"}
    assert {str(text).partition("；")[2] for text in inner_mongolia.columns["basis"]} == {"内蒙古自治区水土保持条例"}


def test_its_package_has_no_fault(region: Region, tmp_path: Path) -> None:
    draw_zones(region, [THEME])
    result = read_result(region, THEME)
    report = check_package(make_package(result, tmp_path / "steep.zip"), result.rules)
    assert (report.count("error"), report.count("warning")) == (0, 0)
    assert report.zones == len(result.layer) == 350
