"""Slope, flow direction and LS against GRASS and SAGA on two real elevations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.validation import relief

from shuibao.erosion.topography import Topography, segment_length_factor
from shuibao.rules import load_rules
from shuibao.terrain import flow_direction

HORN, SAGA, SAGA_UNFILLED, OWN = (
    "GRASS r.slope.aspect（Horn）",
    "SAGA（Zevenbergen–Thorne，填洼高程），同样填洼",
    "SAGA，不填洼",
    "另写的 Zevenbergen–Thorne 与 SAGA",
)


@pytest.fixture(params=sorted(relief.PLACES))
def place(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    """Return the folder of one place."""
    return shared_data / "ref_ls_saga_grass" / str(request.param)


def test_slope_is_that_of_grass_in_the_interior_and_missing_where_it_is(place: Path) -> None:
    ours = relief.slope_degrees(relief.layer(place, "dem"))
    theirs = relief.layer(place, "grass_slopedeg")
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    assert np.nanmax(np.abs(ours - theirs)) < 1e-4  # the issue asks for 0.01


def test_slope_in_single_precision_is_that_of_grass_too(place: Path) -> None:
    ours = relief.slope_degrees(relief.layer(place, "dem").astype(np.float32))
    assert ours.dtype == np.float32
    assert np.nanmax(np.abs(ours - relief.layer(place, "grass_slopedeg"))) < 1e-4


def test_slope_is_near_that_of_saga_which_is_another_method_on_filled_ground(place: Path) -> None:
    found = relief.slope_spreads(place)
    assert found[OWN].most < 1e-4  # so the method and the ground are what we say they are
    assert found[SAGA].mean < 0.8
    assert found[SAGA].p95 < 2.0
    assert found[SAGA].bias < 0  # eight neighbours smooth more than four
    assert found[SAGA_UNFILLED].most > found[SAGA].most - 1e-9


def test_no_neighbour_falls_more_steeply_than_the_one_that_water_goes_to(place: Path) -> None:
    ground = relief.layer(place, "dem")
    direction, drop = flow_direction(ground, relief.CELL)
    here = ground[1:-1, 1:-1]
    steepest = np.full(here.shape, -np.inf)
    for row in (-1, 0, 1):
        for col in (-1, 0, 1):
            if row or col:
                there = ground[1 + row : ground.shape[0] - 1 + row, 1 + col : ground.shape[1] - 1 + col]
                steepest = np.maximum(steepest, (here - there) / (relief.CELL * np.hypot(row, col)))
    np.testing.assert_array_equal(direction[1:-1, 1:-1] == 0, steepest <= 0)
    np.testing.assert_allclose(drop[1:-1, 1:-1], np.maximum(steepest, 0.0), rtol=1e-12)


def test_flow_goes_where_grass_sends_it_but_for_hollows_ties_and_its_search(place: Path) -> None:
    found = relief.direction_shares(place)
    assert found.same > 0.98
    whole = found.same + found.ours_none + found.tie + found.theirs_not_down + found.theirs_gentler
    assert whole == pytest.approx(1.0)
    assert found.theirs_gentler < 0.01


def test_ls_ranks_the_land_as_other_definitions_do_but_does_not_equal_them(place: Path) -> None:
    ours = relief.our_ls(relief.layer(place, "dem"))
    for name in ("saga_LS_desmet_govers", "saga_LS_moore_nieber", "saga_LS_wischmeier_smith"):
        theirs = relief.layer(place, name)
        assert relief.rank_correlation(ours, theirs) > 0.6
        assert 0.5 < float(np.nanmedian(ours / theirs)) < 2.5
    assert relief.rank_correlation(ours, relief.layer(place, "grass_LS")) > 0.3


def test_ls_stays_below_that_of_the_last_segment_before_the_cap(place: Path) -> None:
    rules = Topography.from_rules(load_rules(["national"]))
    ours = relief.our_ls(relief.layer(place, "dem"))
    steepest = np.radians(np.nanmax(relief.slope_degrees(relief.layer(place, "dem"))))
    steepness = rules.s_gain[-1] * np.sin(steepest) + rules.s_offset[-1]
    own = relief.CELL / 2  # the shortest length that a cell adds
    longest = float(segment_length_factor(rules.cap - own, rules.cap, rules.m_values.max(), rules))
    assert np.nanmax(ours) <= longest * steepness
    assert np.nanmin(ours) > 0


def test_bringing_elevation_to_the_national_grid_keeps_slope_by_cubic_and_flattens_it_by_bilinear(
    shared_data: Path,
) -> None:
    folder = shared_data / "ref_ls_saga_grass" / "youwuzhen"
    cubic, bilinear = (relief.turned_slope(folder, method) for method in ("cubic", "bilinear"))
    assert abs(cubic.ours - cubic.native) < 0.1
    assert abs(cubic.steep_ours - cubic.steep_native) < 0.1
    assert bilinear.ours - bilinear.native < -0.2
