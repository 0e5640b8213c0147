"""Laws and printed numbers of the slope factors, and of slope length along D8 flow."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, NEIGHBOURS, around, ground, interior, seeds, terrains

from shuibao.erosion.flow_paths import flow_paths, path_tables
from shuibao.erosion.topography import (
    Topography,
    flow_tables,
    segment_length_factor,
    slope_length,
    slope_length_exponent,
    steepness_factor,
    topographic_factor,
    uniform_length_factor,
)
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, slope

TOPOGRAPHY = Topography.from_rules(load_rules(["national"]))
degrees = np.radians


@pytest.mark.parametrize(
    "angle, expected",
    [
        (0, 0.03),
        (1, 0.2185),
        (3, 0.5952),
        (5, 0.9642),
        (7, 1.5474),
        (10, 2.8429),
        (15, 4.7081),
        (20, 6.5302),
        (25, 8.2953),
        (30, 9.9900),
    ],  # fmt: skip
)
def test_the_steepness_factor_is_as_reckoned_by_hand(angle: float, expected: float) -> None:
    assert float(steepness_factor(degrees(angle), TOPOGRAPHY)) == pytest.approx(expected, abs=5e-5)


def test_the_branches_of_s_do_not_meet_and_are_not_smoothed() -> None:
    below_5, at_5, below_10, at_10 = steepness_factor(degrees([4.999, 5.0, 9.999, 10.0]), TOPOGRAPHY)
    assert below_5 > at_5  # it falls, as printed
    assert [round(float(s), 3) for s in (below_5, at_5, below_10, at_10)] == [0.971, 0.964, 2.417, 2.843]


@given(low=st.floats(0.0, 1.5), high=st.floats(0.0, 1.5))
def test_within_a_branch_steeper_is_more(low: float, high: float) -> None:
    branch = np.searchsorted(TOPOGRAPHY.s_limits, [low, high], side="right")
    if branch[0] == branch[1] and low < high:
        s = steepness_factor(np.array([low, high]), TOPOGRAPHY)
        assert 0.0 < s[0] <= s[1]


@pytest.mark.parametrize(
    "angle, expected",
    [(0, 0.2), (0.5, 0.2), (1, 0.2), (1.001, 0.3), (2.999, 0.3), (3, 0.4), (4.999, 0.4), (5, 0.5), (60, 0.5)],
)
def test_the_length_exponent_changes_where_the_table_says(angle: float, expected: float) -> None:
    assert float(slope_length_exponent(degrees(angle), TOPOGRAPHY)) == expected


@pytest.mark.parametrize("angle, expected", [(0.5, 1.3521), (2, 1.5722), (4, 1.8281), (10, 2.1257)])
def test_the_length_factor_of_100_m_is_as_reckoned_by_hand(angle: float, expected: float) -> None:
    m = slope_length_exponent(degrees(angle), TOPOGRAPHY)
    assert float(uniform_length_factor(100.0, m, TOPOGRAPHY)) == pytest.approx(expected, abs=5e-5)


def test_the_unit_plot_has_a_length_factor_of_1() -> None:
    for m in (0.2, 0.3, 0.4, 0.5):
        assert float(uniform_length_factor(TOPOGRAPHY.unit_plot, m, TOPOGRAPHY)) == 1.0


def test_two_segments_of_50_m_are_as_reckoned_by_hand() -> None:
    upper, lower = segment_length_factor([0.0, 50.0], [50.0, 100.0], 0.5, TOPOGRAPHY)
    assert float(upper) == pytest.approx(1.50312, abs=5e-6)
    assert float(lower) == pytest.approx(2.74835, abs=5e-6)
    assert float((upper + lower) / 2) == pytest.approx(2.12574, abs=5e-6)


@given(cuts=st.lists(st.floats(1.0, 150.0), min_size=1, max_size=8), m=st.sampled_from([0.2, 0.3, 0.4, 0.5]))
def test_the_segments_of_a_slope_weighted_by_length_are_the_whole(cuts: list[float], m: float) -> None:
    ends = np.cumsum(cuts)
    begins = ends - cuts
    parts = segment_length_factor(begins, ends, m, TOPOGRAPHY)
    assert np.average(parts, weights=cuts) == pytest.approx(float(uniform_length_factor(ends[-1], m, TOPOGRAPHY)))
    assert (np.diff(parts) > 0.0).all()  # farther down erodes more


def test_missing_slopes_and_lengths_stay_missing() -> None:
    assert np.isnan(steepness_factor(math.nan, TOPOGRAPHY))
    assert np.isnan(slope_length_exponent(math.nan, TOPOGRAPHY))
    assert np.isnan(uniform_length_factor(math.nan, 0.5, TOPOGRAPHY))
    assert np.isnan(segment_length_factor(0.0, 30.0, math.nan, TOPOGRAPHY))


@pytest.mark.parametrize("ends", [(50.0, 50.0), (60.0, 50.0)])
def test_a_segment_that_does_not_go_down_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ShuibaoError, match="下端坡长应大于上端坡长"):
        segment_length_factor(*ends, 0.5, TOPOGRAPHY)


@pytest.mark.parametrize(
    "cell, cap", [(30.0, 100.0), (10.0, 100.0), (30.0, 300.0), (10.0, 300.0), (12.5, 40.0), (30.0, 20.0)]
)
def test_paths_are_all_sums_of_steps_below_the_cap_in_order(cell: float, cap: float) -> None:
    after, lengths = path_tables(cell, cap)
    steps = range(math.ceil(cap / cell) + 1)
    sums = sorted(cell * (a + b * math.sqrt(2.0)) for a in steps for b in steps)
    assert lengths.tolist() == pytest.approx([s for s in sums if s < cap] + [cap])
    for code in range(1, 9):
        step = cell * (1.0 if code % 2 else math.sqrt(2.0))
        np.testing.assert_allclose(lengths[after[code]], np.minimum(lengths + step, cap), rtol=1e-12)
    np.testing.assert_array_equal(after[0], np.arange(lengths.size))


def test_a_cap_with_more_paths_than_can_be_numbered_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="坡长上限 6000"):
        path_tables(10.0, 6000.0)


def slow_lengths(z: NDArray[Any], cell: float, t: Topography) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return slope lengths and receiver codes by looking upstream from each cell, in plain Python."""
    z = z.astype(np.float64)
    code, fall = np.zeros(z.shape, dtype=int), np.full(z.shape, math.nan)
    for r, c in interior(z):
        falls = [z[r, c] - v if n % 2 == 0 else (z[r, c] - v) * math.sqrt(0.5) for n, v in enumerate(around(z, r, c))]
        falls = [0.0 if math.isnan(f) else max(f, 0.0) for f in falls]
        code[r, c] = falls.index(max(falls)) + 1 if max(falls) > 0.0 else 0
        fall[r, c] = max(falls) * (1.0 / cell) if not math.isnan(z[r, c]) else math.nan

    least, switch = math.tan(t.minimum_slope), math.tan(t.cut_switch)
    cut = np.zeros(z.shape, dtype=bool)
    for r, c in np.argwhere(code):
        down, right = NEIGHBOURS[code[r, c] - 1]
        here, below = max(fall[r, c], least), fall[r + down, c + right]
        share = t.cut_gentle if here < switch else t.cut_steep
        cut[r, c] = math.isnan(below) or max(below, least) < here * share

    def own(r: int, c: int) -> float:
        step = cell * (math.sqrt(2.0) if code[r, c] and code[r, c] % 2 == 0 else 1.0)
        return step / 2.0 if cut[r, c] else step

    def entering(r: int, c: int) -> float:
        longest = 0.0
        for number, (down, right) in enumerate(NEIGHBOURS, start=1):
            y, x = r - down, c - right
            if 0 <= y < z.shape[0] and 0 <= x < z.shape[1] and code[y, x] == number and not cut[y, x]:
                longest = max(longest, min(entering(y, x) + own(y, x), t.cap))
        return longest

    length = np.array([[min(entering(r, c) + own(r, c), t.cap) for c in range(z.shape[1])] for r in range(z.shape[0])])
    return np.where(np.isnan(z), math.nan, length), np.where(cut, code + 8, code)


@settings(max_examples=EXAMPLES)
@given(z=terrains(), cell=st.sampled_from([10.0, 30.0]), cap=st.sampled_from([20.0, 100.0, 300.0]))
def test_slope_lengths_are_those_found_by_looking_upstream_from_each_cell(z: Any, cell: float, cap: float) -> None:
    topography = replace(TOPOGRAPHY, cap=cap)
    z = z.astype(np.float64)
    length, receiver = slope_length(z, cell, topography)
    expected, codes = slow_lengths(z, cell, topography)
    np.testing.assert_array_equal(receiver, codes)
    np.testing.assert_allclose(length, expected, rtol=1e-6)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), cell=st.sampled_from([10.0, 30.0]))
def test_a_slope_length_is_at_least_half_a_cell_and_at_most_the_cap(z: NDArray[Any], cell: float) -> None:
    length, _ = slope_length(z, cell, TOPOGRAPHY)
    np.testing.assert_array_equal(np.isnan(length), np.isnan(z))
    known = length[~np.isnan(length)]
    assert (known >= cell / 2).all()
    assert (known <= TOPOGRAPHY.cap).all()


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), cell=st.sampled_from([10.0, 30.0]))
def test_along_uncut_flow_the_length_grows_until_the_cap(z: NDArray[Any], cell: float) -> None:
    length, receiver = slope_length(z, cell, TOPOGRAPHY)
    for r, c in np.argwhere((receiver > 0) & (receiver <= 8)):
        below = length[r + DOWNHILL_ROWS[receiver[r, c]], c + DOWNHILL_COLS[receiver[r, c]]]
        assert below > length[r, c] or below == length[r, c] == TOPOGRAPHY.cap


def profile(heights: list[float]) -> NDArray[np.float64]:
    """Return a long slope that falls westward with these heights from west to east."""
    return np.tile(np.array(heights), (3, 1))


def test_a_plane_grows_by_a_cell_a_step_until_the_cap() -> None:
    length, receiver = slope_length(profile([3.0 * k for k in range(8)]), 30.0, TOPOGRAPHY)
    assert length[1, 1:7].tolist() == [100.0, 100.0, 100.0, 90.0, 60.0, 30.0]
    assert receiver[1, 2:7].tolist() == [5] * 5


def test_where_steep_ground_turns_gentle_the_flow_is_cut_in_half_a_cell() -> None:
    heights = [0.0, 0.3, 0.6, 0.9, 1.2, 4.2, 7.2, 10.2, 13.2]  # 10 % down to column 4, then 1 %
    length, receiver = slope_length(profile(heights), 30.0, replace(TOPOGRAPHY, cap=1000.0))
    assert receiver[1, 1:8].tolist() == [13, 5, 5, 5, 13, 5, 5]  # cut at column 5, and at the edge of the known
    assert length[1, 1:8].tolist() == [105.0, 90.0, 60.0, 30.0, 75.0, 60.0, 30.0]


@pytest.mark.parametrize("gradient, share", [(0.04, 0.7), (0.10, 0.5)], ids=["gentle", "steep"])
def test_flow_is_cut_below_its_share_and_not_at_it(gradient: float, share: float) -> None:
    for ratio, is_cut in ((share * 0.99, True), (share * 1.01, False)):
        fall = 30.0 * gradient
        gentle = fall * ratio
        heights = np.cumsum([0.0, gentle, gentle, gentle, fall, fall, fall]).tolist()
        assert (slope_length(profile(heights), 30.0, TOPOGRAPHY)[1][1, 4] > 8) == is_cut


def test_flatter_than_the_least_slope_is_never_too_flat() -> None:
    least = 30.0 * math.tan(TOPOGRAPHY.minimum_slope)
    heights = np.cumsum([0.0, *[least * 0.01] * 3, *[least * 0.9] * 3]).tolist()
    assert (slope_length(profile(heights), 30.0, TOPOGRAPHY)[1][1, 2:6] == 5).all()


def test_a_pit_takes_what_comes_and_passes_nothing_on() -> None:
    z = np.abs(np.arange(-4.0, 5.0)) * np.ones((3, 1))  # a trench
    length, receiver = slope_length(z * 3.0, 30.0, replace(TOPOGRAPHY, cap=1000.0))
    assert receiver[1, 4] == 0
    assert receiver[1, 3] > 8  # nothing falls from the bottom on
    assert receiver[1, 5] > 8
    assert length[1, 4] == 30.0


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), cell=st.sampled_from([10.0, 30.0]))
def test_the_topographic_factor_is_l_times_s_of_its_parts(z: NDArray[Any], cell: float) -> None:
    tables = flow_tables(TOPOGRAPHY, cell)
    receiver, paths = flow_paths(z, tables)
    _, entering = path_tables(cell, TOPOGRAPHY.cap)
    step = cell * np.array([1.0] + [1.0, math.sqrt(2.0)] * 4 + [0.5, math.sqrt(0.5)] * 4)[receiver]
    end = np.minimum(entering[paths] + step, TOPOGRAPHY.cap)
    theta = slope(z, cell).astype(np.float64)
    m = slope_length_exponent(theta, TOPOGRAPHY)
    expected = segment_length_factor(end - step, end, m, TOPOGRAPHY) * steepness_factor(theta, TOPOGRAPHY)
    found = topographic_factor(z, cell, TOPOGRAPHY)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(theta))
    edges = np.concatenate([TOPOGRAPHY.s_limits, TOPOGRAPHY.m_limits])
    away = (np.abs(theta[..., np.newaxis] - edges) > 1e-5).all(axis=-1)  # at an edge rounding may choose a branch
    np.testing.assert_allclose(found[away], expected[away], rtol=1e-5)


@settings(max_examples=12 if EXAMPLES < 80 else 60)
@given(
    seed=seeds,
    cell=st.sampled_from([10.0, 30.0]),
    cap=st.sampled_from([100.0, 300.0]),
    dtype=st.sampled_from(["float32", "float64"]),
    holes=st.sampled_from([0.0, 0.0, 0.02]),
)
def test_a_tile_with_its_reach_around_it_is_what_the_whole_has_there(
    seed: int, cell: float, cap: float, dtype: str, holes: float
) -> None:
    topography = replace(TOPOGRAPHY, cap=cap)
    random = np.random.default_rng(seed)
    reach, core = topography.reach(cell), 6
    beyond = int(random.integers(1, 6))
    size = core + 2 * (reach + beyond)
    z = ground(random, (size, size), holes=holes).astype(dtype)
    here = np.s_[beyond + reach : beyond + reach + core, beyond + reach : beyond + reach + core]
    tile = z[beyond:-beyond, beyond:-beyond]
    inner = np.s_[reach:-reach, reach:-reach]
    np.testing.assert_array_equal(
        topographic_factor(tile, cell, topography)[inner], topographic_factor(z, cell, topography)[here]
    )
    for part, whole in zip(slope_length(tile, cell, topography), slope_length(z, cell, topography), strict=True):
        np.testing.assert_array_equal(part[inner], whole[here])


def test_with_less_around_it_a_tile_would_differ() -> None:
    z = np.tile(profile([3.0 * k for k in range(60)]), (3, 1))
    whole = slope_length(z, 10.0, TOPOGRAPHY)[0][4, 20]
    assert whole == TOPOGRAPHY.cap
    reach = TOPOGRAPHY.reach(10.0)
    assert slope_length(z[:, : 20 + reach + 1], 10.0, TOPOGRAPHY)[0][4, 20] == whole
    assert slope_length(z[:, : 20 + reach - 4], 10.0, TOPOGRAPHY)[0][4, 20] < whole


def test_the_slope_is_longer_where_the_rules_let_it_be() -> None:
    z = profile([3.0 * k for k in range(40)])
    longest = [slope_length(z, 30.0, replace(TOPOGRAPHY, cap=cap))[0][1].max() for cap in (20.0, 100.0, 300.0, 900.0)]
    assert longest == [20.0, 100.0, 300.0, 900.0]
