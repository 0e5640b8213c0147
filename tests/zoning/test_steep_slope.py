"""The steep-slope zone: the province's angle, the land classes of the rule, and the list of patches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.zoning import PATCH_COLUMNS, SteepSlopeRule, join_patches, patch_list, tile_patches

FOREST, GRASS, PADDY, BARE_SOIL = 6, 9, 1, 15


class Said:
    """Rules that say what a test wants."""

    def __init__(self, **changed: Any) -> None:
        self.values = {
            "angle": 25,
            "inclusive": True,
            "land": ["forest", "grass"],
            "minimum_area": 5,
            "gap_width": 30,
            "sliver_width": 30,
        } | changed

    def value(self, key: str) -> Any:
        """Return a value by key."""
        if key == "land_class.classes":
            return [{"code": FOREST, "id": "forest"}, {"code": GRASS, "id": "grass"}, {"code": PADDY, "id": "paddy"}]
        return self.values[key.removeprefix("steep_slope.")]


def rule(cell: float = 30.0, **changed: Any) -> SteepSlopeRule:
    """Return the rule that says what a test wants."""
    return SteepSlopeRule.from_rules(Said(**changed), cell)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "province, angle", [("national", 25.0), ("shanxi", 25.0), ("jilin", 20.0), ("inner_mongolia", 15.0)]
)
def test_each_province_has_its_angle(province: str, angle: float) -> None:
    assert SteepSlopeRule.from_rules(load_rules(["national", province]), 30.0).angle == angle


def test_every_number_comes_from_the_rules() -> None:
    rules = load_rules(["national"])
    SteepSlopeRule.from_rules(rules, 30.0)
    asked = {p.key for p in rules.used()}
    names = ("angle", "inclusive", "land", "minimum_area", "gap_width", "sliver_width")
    assert {f"steep_slope.{n}" for n in names} <= asked


def test_ploughed_land_and_houses_are_not_in_the_zone() -> None:
    national = SteepSlopeRule.from_rules(load_rules(["national"]), 30.0)
    codes = np.flatnonzero(national.land)
    assert {FOREST, GRASS, BARE_SOIL} <= set(codes.tolist())
    assert not set(codes.tolist()) & {0, 1, 2, 3, 10, 11, 12, 13, 14}


@pytest.mark.parametrize(
    "cell, area, cells", [(30.0, 5, 56), (10.0, 5, 500), (10.0, 0, 0), (30.0, 0.09, 1), (10.0, 0.07, 7)]
)
def test_no_patch_is_smaller_than_the_minimum_area(cell: float, area: float, cells: int) -> None:
    assert rule(cell, minimum_area=area).min_cells == cells


@pytest.mark.parametrize("cell, width, cells", [(30.0, 30, 1), (10.0, 30, 3), (30.0, 29, 0), (0.1, 0.3, 3)])
def test_widths_are_whole_cells_rounded_down(cell: float, width: float, cells: int) -> None:
    made = rule(cell, gap_width=width, sliver_width=width)
    assert (made.gap_cells, made.sliver_cells, made.reach) == (cells, cells, 2 * cells)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("unit", ["rad", "deg"])
def test_the_angle_itself_is_steep_where_the_rule_says_so(dtype: Any, unit: Any) -> None:
    angle = 25.0 if unit == "deg" else math.radians(25.0)
    below, above = np.nextafter(dtype(angle), dtype(0)), np.nextafter(dtype(angle), dtype(90))
    slope = np.array([[below, angle, above, np.nan]], dtype)
    land = np.full(slope.shape, GRASS, np.uint8)
    assert rule().candidate(slope, land, unit).tolist() == [[False, True, True, False]]
    assert rule(inclusive=False).candidate(slope, land, unit).tolist() == [[False, False, True, False]]


def test_only_the_land_classes_of_the_rule_count() -> None:
    land = np.array([[0, PADDY, FOREST, GRASS, BARE_SOIL, 255]], np.uint8)
    assert rule().candidate(np.ones(land.shape), land).tolist() == [[False, False, True, True, False, False]]


def test_a_gentle_gap_is_closed_and_a_house_in_it_is_not() -> None:
    slope = np.full((8, 9), 0.6, np.float32)
    slope[:, 4] = 0.1
    land = np.full(slope.shape, FOREST, np.uint8)
    land[4, 4] = PADDY
    zone = rule().zone(slope, land)
    assert zone.sum() == zone.size - 1
    assert not zone[4, 4]


@pytest.mark.parametrize(
    "wrong", [{"angle": 0}, {"angle": 90}, {"minimum_area": -1}, {"gap_width": float("nan")}, {"land": ["meadow"]}]
)
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ShuibaoError, match=next(iter(wrong))):
        rule(**wrong)


def test_the_list_says_what_the_patches_are() -> None:
    zone = np.zeros((12, 14), bool)
    zone[1:11, 1:13] = True
    county = np.where(np.arange(14) < 9, 1, 2) * np.ones((12, 1), np.int32)
    land = np.full((10, 12), FOREST, np.uint8)
    land[:3] = GRASS
    slope = np.full((10, 12), 30.0)
    found, _ = tile_patches(zone, county, slope, land, Grid(30.0, -10, 20, 10, 12), min_cells=56, slope_unit="deg")
    patches = join_patches([found], min_cells=56, cell=30.0)
    listed = patch_list(patches, [("140902", "忻府区"), ("140921", "定襄县")], {FOREST: "有林地", GRASS: "草地"}, 30.0)
    assert list(listed) == list(PATCH_COLUMNS)
    assert listed["number"].tolist() == ["140902-00001", "140921-00001"]
    assert listed["county_name"].tolist() == ["忻府区", "定襄县"]
    assert listed["area_hm2"].tolist() == [7.2, 3.6]
    assert listed["area_m2"].tolist() == [72000.0, 36000.0]
    assert listed["slope_area_hm2"].tolist() == [10.8, 10.8]
    assert listed["mean_slope"].tolist() == [30.0, 30.0]
    assert listed["land_use_name"].tolist() == ["有林地", "有林地"]
    assert listed["land_use_share"].tolist() == [70.0, 70.0]
    assert listed["perimeter_m"].tolist() == [1080.0, 840.0]
    assert listed["easting"].tolist() == [615.0, 855.0]
    assert listed["northing"].tolist() == [285.0, 285.0]


def test_the_list_of_no_patches_has_all_columns() -> None:
    listed = patch_list(join_patches([], min_cells=1, cell=30.0), [], {}, 30.0)
    assert list(listed) == list(PATCH_COLUMNS)
    assert all(len(column) == 0 for column in listed.values())
