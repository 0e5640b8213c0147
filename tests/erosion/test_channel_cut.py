"""Slope lengths end at channels: what the mask may do, what it may not, and the same answer from a slow search."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, ground, seeds, terrains

from shuibao.erosion import channel_cells
from shuibao.erosion.flow_paths import flow_paths
from shuibao.erosion.topography import Topography, flow_tables, slope_length, topographic_factor
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS

TOPOGRAPHY = Topography.from_rules(load_rules(["national"]))
cells = st.sampled_from([10.0, 30.0])
caps = st.sampled_from([20.0, 100.0, 300.0])


def some_channels(z: NDArray[Any], seed: int) -> NDArray[np.bool_]:
    """Return channels anywhere, few or many."""
    random = np.random.default_rng(seed)
    return random.random(z.shape) < random.choice([0.02, 0.2, 0.6])


def slow_lengths(
    receiver: NDArray[np.uint8], channel: NDArray[np.bool_], cell: float, cap: float
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return lengths and codes with channels from the codes without them, by looking upstream, in plain Python."""

    def below(r: int, c: int) -> tuple[int, int]:
        code = (receiver[r, c] - 1) % 8 + 1
        return r + DOWNHILL_ROWS[code], c + DOWNHILL_COLS[code]

    def passes_on(r: int, c: int) -> bool:
        return bool(0 < receiver[r, c] <= 8 and not channel[r, c] and not channel[below(r, c)])

    def whole(r: int, c: int) -> float:
        return cell * (math.sqrt(2.0) if receiver[r, c] and receiver[r, c] % 2 == 0 else 1.0)

    def entering(r: int, c: int) -> float:
        if channel[r, c]:
            return 0.0
        near = [(y, x) for y in range(r - 1, r + 2) for x in range(c - 1, c + 2) if (y, x) != (r, c)]
        inside = [(y, x) for y, x in near if 0 <= y < receiver.shape[0] and 0 <= x < receiver.shape[1]]
        above = [(y, x) for y, x in inside if passes_on(y, x) and below(y, x) == (r, c)]
        return max((min(entering(y, x) + whole(y, x), cap) for y, x in above), default=0.0)

    length, codes = np.zeros(receiver.shape), receiver.copy()
    for r, c in np.ndindex(receiver.shape):
        full = entering(r, c) + whole(r, c)
        ends = 0 < receiver[r, c] <= 8 and (channel[r, c] or (channel[below(r, c)] and full < cap))
        codes[r, c] += 8 * ends
        length[r, c] = min(full - (whole(r, c) / 2 if codes[r, c] > 8 else 0.0), cap)
    return length, codes


@settings(max_examples=EXAMPLES)
@given(z=terrains(), seed=seeds, cell=cells, cap=caps)
def test_lengths_with_channels_are_those_found_by_looking_upstream(z: Any, seed: int, cell: float, cap: float) -> None:
    topography, channel = replace(TOPOGRAPHY, cap=cap), some_channels(z, seed)
    expected, codes = slow_lengths(slope_length(z, cell, topography)[1], channel, cell, cap)
    length, receiver = slope_length(z, cell, topography, channel)
    np.testing.assert_array_equal(receiver, codes)
    np.testing.assert_allclose(length, np.where(np.isnan(z), np.nan, expected), rtol=1e-6)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), seed=seeds, cell=cells, cap=caps)
def test_channels_never_lengthen_a_slope_nor_raise_ls(z: Any, seed: int, cell: float, cap: float) -> None:
    topography, channel = replace(TOPOGRAPHY, cap=cap), some_channels(z, seed)
    for made in (lambda *mask: slope_length(z, cell, topography, *mask)[0],
                 lambda *mask: topographic_factor(z, cell, topography, *mask)):  # fmt: skip
        without, with_channels = made(), made(channel)
        np.testing.assert_array_equal(np.isnan(with_channels), np.isnan(without))
        assert not (with_channels > without).any()


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), seed=seeds, cell=cells)
def test_more_channels_never_lengthen_a_slope(z: Any, seed: int, cell: float) -> None:
    few = some_channels(z, seed)
    many = few | some_channels(z, seed + 1)
    assert not (slope_length(z, cell, TOPOGRAPHY, many)[0] > slope_length(z, cell, TOPOGRAPHY, few)[0]).any()


@settings(max_examples=EXAMPLES)
@given(z=terrains(), cell=cells, dtype=st.sampled_from([np.bool_, np.uint8]))
def test_no_channel_changes_not_a_bit(z: Any, cell: float, dtype: Any) -> None:
    tables = flow_tables(TOPOGRAPHY, cell)
    none = np.zeros(z.shape, dtype=dtype)
    for with_none, without in zip(flow_paths(z, tables, none), flow_paths(z, tables), strict=True):
        np.testing.assert_array_equal(with_none, without)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), seed=seeds, cell=cells)
def test_in_a_channel_no_length_is_more_than_one_step(z: Any, seed: int, cell: float) -> None:
    channel = some_channels(z, seed)
    length, receiver = slope_length(z, cell, replace(TOPOGRAPHY, cap=300.0), channel)
    step = cell * np.where(receiver > 8, 0.5, 1.0) * np.where((receiver > 0) & (receiver % 2 == 0), math.sqrt(2.0), 1.0)
    inside = channel & ~np.isnan(z)
    np.testing.assert_allclose(length[inside], step[inside], rtol=1e-6)


@settings(max_examples=12 if EXAMPLES < 80 else 60)
@given(seed=seeds, cell=cells, cap=st.sampled_from([100.0, 300.0]))
def test_a_tile_with_its_reach_around_it_is_what_the_whole_has_there(seed: int, cell: float, cap: float) -> None:
    topography = replace(TOPOGRAPHY, cap=cap)
    random = np.random.default_rng(seed)
    reach, core = topography.reach(cell), 6
    beyond = int(random.integers(1, 6))
    z = ground(random, (core + 2 * (reach + beyond),) * 2, holes=float(random.choice([0.0, 0.02]))).astype(np.float32)
    channel = some_channels(z, seed)
    first = beyond + reach
    here, tile, inner = np.s_[first : first + core, first : first + core], np.s_[beyond:-beyond], np.s_[reach:-reach]
    small, mask = z[tile, tile], channel[tile, tile]
    np.testing.assert_array_equal(
        topographic_factor(small, cell, topography, mask)[inner, inner],
        topographic_factor(z, cell, topography, channel)[here],
    )
    for part, whole in zip(
        slope_length(small, cell, topography, mask), slope_length(z, cell, topography, channel), strict=True
    ):
        np.testing.assert_array_equal(part[inner, inner], whole[here])


def test_a_slope_ends_half_a_cell_before_the_channel_unless_it_has_reached_the_cap() -> None:
    slope = np.tile(3.0 * np.arange(9.0), (3, 1))  # falls westward
    channel = np.zeros(slope.shape, dtype=np.bool_)
    channel[:, 4] = True
    long = replace(TOPOGRAPHY, cap=1000.0)
    length, receiver = slope_length(slope, 30.0, long, channel)
    assert length[1, 1:8].tolist() == [
        75.0,
        60.0,
        30.0,
        15.0,
        75.0,
        60.0,
        30.0,
    ]  # column 5 at 60 + 15, the channel at 15
    assert receiver[1, 1:8].tolist() == [13, 5, 5, 13, 13, 5, 5]
    capped, codes = slope_length(slope, 30.0, replace(TOPOGRAPHY, cap=70.0), channel)
    assert (capped[1, 5], codes[1, 5]) == (70.0, 5)


def test_channels_are_where_the_area_reaches_the_threshold() -> None:
    area = np.array([[np.nan, 0.0, 9.99e4, 1e5, 1e9]])
    assert channel_cells(area, 1e5).tolist() == [[False, False, False, True, True]]
    assert not channel_cells(area, 0.0).any()


@pytest.mark.parametrize("threshold", [-1.0, math.nan])
def test_a_threshold_that_is_no_area_is_refused(threshold: float) -> None:
    with pytest.raises(ShuibaoError, match=r"slope_length\.channel_area"):
        channel_cells(np.ones((2, 2)), threshold)


def test_channels_off_the_grid_or_given_as_areas_are_refused() -> None:
    z = np.tile(np.arange(4.0), (4, 1))
    with pytest.raises(ShuibaoError, match=r"\(3, 4\) 与高程 \(4, 4\)"):
        slope_length(z, 30.0, TOPOGRAPHY, np.zeros((3, 4), dtype=np.uint8))
    with pytest.raises(ShuibaoError, match="channel_cells"):
        topographic_factor(z, 30.0, TOPOGRAPHY, np.full((4, 4), 1e6))
