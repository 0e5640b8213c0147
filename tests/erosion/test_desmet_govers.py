"""LS from the area that drains into a cell: its limits, its laws, and the plane on which it is CSLE's own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.erosion import (
    DesmetGovers,
    desmet_govers_length,
    desmet_govers_ls,
    rusle_exponent,
    rusle_steepness,
    segment_length_factor,
    slope_length_exponent,
    steepness_factor,
    topographic_factor,
)
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.terrain import aspect, slope

RULES = load_rules(["national"])
GIVEN = DesmetGovers.from_rules(RULES)
FREE = replace(GIVEN, cap=0.0)
RUSLE = replace(FREE, exponent="rusle", steepness="rusle")
cells = st.sampled_from([5.0, 10.0, 30.0])
angles = st.floats(0.0, 2.0 * math.pi)
exponents = st.floats(0.05, 0.8)
areas = st.floats(0.0, 1e9)


@given(area=areas, facing=angles, m=exponents, cell=cells)
def test_it_is_the_segment_form_of_a_slope_as_wide_as_the_flow(
    area: float, facing: float, m: float, cell: float
) -> None:
    width = cell * (abs(math.sin(facing)) + abs(math.cos(facing)))
    above, own = area / width, cell * cell / width
    expected = float(segment_length_factor(above, above + own, m, GIVEN.topography))
    assert float(desmet_govers_length(area, facing, m, cell, FREE)) == pytest.approx(expected, rel=1e-6)


@given(less=areas, more=areas, facing=angles, m=exponents, cell=cells)
def test_more_water_from_above_never_lowers_l(less: float, more: float, facing: float, m: float, cell: float) -> None:
    low, high = sorted([less, more])
    for form in (FREE, GIVEN):
        l_low, l_high = desmet_govers_length(np.array([low, high]), facing, m, cell, form)
        assert l_low <= l_high * (1 + 1e-9)


@given(area=areas, facing=angles, m=exponents, cell=cells, cap=st.sampled_from([60.0, 122.0, 300.0]))
def test_beyond_the_cap_l_is_that_of_the_last_segment_of_a_slope_of_the_cap(
    area: float, facing: float, m: float, cell: float, cap: float
) -> None:
    capped = replace(GIVEN, cap=cap)
    own = cell / (abs(math.sin(facing)) + abs(math.cos(facing)))
    most = float(segment_length_factor(cap - own, cap, m, GIVEN.topography))
    found = float(desmet_govers_length(area, facing, m, cell, capped))
    assert found <= most * (1 + 1e-9)
    assert float(desmet_govers_length(1e12, facing, m, cell, capped)) == pytest.approx(most, rel=1e-6)
    assert found <= float(desmet_govers_length(area, facing, m, cell, FREE)) * (1 + 1e-12)


def test_down_a_plane_it_is_the_ls_of_csle() -> None:
    plane = np.tile(np.arange(9.0) * 3, (3, 1))  # falls westward, 10 %
    above = np.tile(900.0 * np.arange(8.0, -1.0, -1.0), (3, 1))  # cells up the plane in the row of each
    above = np.where(np.arange(9) == 8, 0.0, above - 900.0)  # slope lengths begin inside the outer ring
    like = replace(GIVEN, cap=GIVEN.topography.cap)
    found = desmet_govers_ls(above, slope(plane, 30.0), aspect(plane, 30.0), 30.0, like)
    np.testing.assert_allclose(found[1, 2:8], topographic_factor(plane, 30.0, GIVEN.topography)[1, 2:8], rtol=1e-5)


@pytest.mark.parametrize("exponent", ["csle", "rusle"])
@pytest.mark.parametrize("steepness", ["csle", "rusle"])
def test_each_form_takes_its_own_exponent_and_steepness(exponent: str, steepness: str) -> None:
    form = replace(FREE, exponent=exponent, steepness=steepness)
    theta = np.radians([0.0, 0.5, 3.0, 7.0, 20.0, 40.0])
    m = slope_length_exponent(theta, GIVEN.topography) if exponent == "csle" else rusle_exponent(theta, GIVEN)
    s = steepness_factor(theta, GIVEN.topography) if steepness == "csle" else rusle_steepness(theta, GIVEN)
    expected = desmet_govers_length(5000.0, 1.0, m, 30.0, form) * s
    np.testing.assert_array_equal(desmet_govers_ls(5000.0, theta, 1.0, 30.0, form), expected)


@pytest.mark.parametrize(
    "percent, printed",
    [
        *[(0.2, 0.04), (0.5, 0.08), (1, 0.15), (2, 0.24), (3, 0.31), (4, 0.36), (5, 0.40), (6, 0.43), (8, 0.48)],
        *[(10, 0.52), (12, 0.55), (14, 0.57), (16, 0.59), (20, 0.61), (30, 0.66), (40, 0.68), (50, 0.70), (60, 0.71)],
    ],
)
def test_the_exponent_of_rusle_is_as_printed_for_rill_and_interrill_alike(percent: float, printed: float) -> None:
    # USDA Agriculture Handbook 703, table of slope-length exponents, moderate ratio (from memory)
    assert float(rusle_exponent(math.atan(percent / 100), GIVEN)) == pytest.approx(printed, abs=0.00501)


@pytest.mark.parametrize("percent, expected", [(0, 0.03), (1, 0.1380), (8.999, 0.9980), (9.001, 1.0061), (60, 8.1435)])
def test_the_steepness_factor_of_rusle_is_as_reckoned_by_hand(percent: float, expected: float) -> None:
    assert float(rusle_steepness(math.atan(percent / 100), GIVEN)) == pytest.approx(expected, abs=5e-5)


def test_rills_lengthen_the_reach_of_a_slope() -> None:
    theta = math.radians(5.0)
    ms = [float(rusle_exponent(theta, replace(GIVEN, rill_ratio=ratio))) for ratio in (0.0, 0.5, 1.0, 2.0)]
    assert ms == sorted(set(ms))
    assert ms[0] == 0.0


def test_what_is_missing_stays_missing_and_level_ground_is_crossed_by_a_side() -> None:
    nan = math.nan
    assert np.isnan(desmet_govers_ls([nan, 900.0], [0.1, nan], 0.0, 30.0, FREE)).all()
    assert desmet_govers_ls(900.0, 0.0, nan, 30.0, FREE) == desmet_govers_ls(900.0, 0.0, 0.0, 30.0, FREE)


def test_areas_below_zero_cells_without_size_and_unknown_forms_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="减去像元自身"):
        desmet_govers_ls([-900.0, 0.0], 0.1, 0.0, 30.0, FREE)
    with pytest.raises(ShuibaoError, match="像元边长"):
        desmet_govers_ls(900.0, 0.1, 0.0, 0.0, FREE)
    with pytest.raises(CallError, match=r"desmet_govers\.exponent"):
        replace(FREE, exponent="usle")
    with pytest.raises(CallError, match=r"desmet_govers\.cap"):
        replace(FREE, cap=-1.0)
