"""Accumulation: what falls on the land leaves at the outlets, to the last step and in whatever order it is added."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import EXAMPLES, contributing_cells, directions, drainages, land, seeds, way

from shuibao.messages import ShuibaoError
from shuibao.watershed import (
    Drainage,
    _kernels,
    accumulate,
    contributing_area,
    finest_step,
    length_to_outlet,
    longest_upstream_length,
)


@cache
def line() -> Drainage:
    """Return cells in a line."""
    return Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 30.0)


@given(directions())
@settings(max_examples=EXAMPLES)
def test_contributing_area_is_the_number_of_cells_whose_way_passes(direction: NDArray[np.uint8]) -> None:
    area = contributing_area(Drainage.from_directions(direction, 30.0))
    assert area.dtype == np.int64
    assert (area == contributing_cells(direction)).all()


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_all_land_leaves_at_the_outlets_and_area_grows_downstream(drainage: Drainage) -> None:
    area = contributing_area(drainage).ravel()
    assert area[drainage.outlets].sum() == drainage.order.size
    inner = drainage.order[drainage.receiver[drainage.order] != drainage.order]
    assert (area[drainage.receiver[inner]] >= area[inner] + 1).all()


@given(drainages(), seeds, st.sampled_from([1e-9, 1.0, 3e12]))
@settings(max_examples=EXAMPLES)
def test_what_falls_on_the_land_leaves_at_the_outlets_to_the_last_step(
    drainage: Drainage, seed: int, scale: float
) -> None:
    load = scale * np.random.default_rng(seed).normal(size=drainage.shape)
    total = accumulate(drainage, load).ravel()
    present = drainage.direction.ravel() > 0
    assert np.isnan(total[~present]).all()
    if not present.any():
        return
    step = Fraction(finest_step(float(np.abs(load.ravel()[present]).max()), drainage.order.size))
    fallen = sum(round(Fraction(one) / step) for one in load.ravel()[present])
    left = sum(Fraction(one) / step for one in total[drainage.outlets])
    rounding = sum(Fraction(math.ulp(one)) / step for one in total[drainage.outlets])
    assert abs(fallen - left) <= rounding


@given(drainages(), seeds)
@settings(max_examples=EXAMPLES)
def test_the_sum_is_within_half_a_step_for_each_cell_of_the_exact_one(drainage: Drainage, seed: int) -> None:
    load = np.random.default_rng(seed).lognormal(0.0, 3.0, drainage.shape)
    total = accumulate(drainage, load, step=2.0**-20)
    exact = {cell: Fraction(0) for cell in land(drainage.direction)}
    count = contributing_area(drainage)
    for cell in exact:
        for passed in way(drainage.direction, cell):
            exact[passed] += Fraction(load[cell])
    for cell, value in exact.items():
        assert abs(Fraction(total[cell]) - value) <= count[cell] * Fraction(1, 2**21)


@given(drainages(), seeds)
@settings(max_examples=EXAMPLES)
def test_any_order_that_follows_the_water_gives_the_same_bytes(drainage: Drainage, seed: int) -> None:
    random = np.random.default_rng(seed)
    load = random.lognormal(0.0, 3.0, drainage.shape)
    rank = length_to_outlet(drainage).ravel()[drainage.order]
    other = drainage.order[np.lexsort((random.random(rank.size), -rank))]
    again = Drainage(drainage.shape, drainage.cell_size, drainage.direction, other)
    assert accumulate(drainage, load).tobytes() == accumulate(again, load).tobytes()
    assert longest_upstream_length(drainage).tobytes() == longest_upstream_length(again).tobytes()
    assert length_to_outlet(drainage).tobytes() == length_to_outlet(again).tobytes()


@given(drainages(), seeds, st.sampled_from(["int8", "uint16", "int64", "bool"]))
@settings(max_examples=EXAMPLES)
def test_whole_numbers_stay_whole(drainage: Drainage, seed: int, kind: str) -> None:
    low, high = {"int8": (-128, 128), "uint16": (0, 65536), "int64": (-(2**50), 2**50), "bool": (0, 2)}[kind]
    load = np.random.default_rng(seed).integers(low, high, drainage.shape).astype(kind)
    expected = np.zeros(drainage.shape, dtype=np.int64)
    for cell in land(drainage.direction):
        for passed in way(drainage.direction, cell):
            expected[passed] += int(load[cell])
    total = accumulate(drainage, load)
    assert total.dtype == np.int64
    assert (total == expected).all()


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_a_load_of_one_everywhere_is_the_contributing_area(drainage: Drainage) -> None:
    area = contributing_area(drainage)
    assert (accumulate(drainage, np.ones(drainage.shape, dtype=np.uint8)) == area).all()
    assert np.array_equal(accumulate(drainage, np.ones(drainage.shape)), np.where(area, area, np.nan), equal_nan=True)


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_the_longest_way_is_the_longest_of_all_ways_that_end_in_the_cell(drainage: Drainage) -> None:
    longest = longest_upstream_length(drainage)
    expected = np.where(drainage.direction > 0, 0.0, np.nan)
    width, height = drainage.cell_width, drainage.cell_height
    for start in land(drainage.direction):
        gone = 0.0
        passed = way(drainage.direction, start)
        for (r, c), after in zip(passed, passed[1:], strict=False):
            gone += math.hypot((after[0] - r) * height, (after[1] - c) * width)
            expected[after] = max(expected[after], gone)
    assert np.allclose(longest, expected, rtol=1e-7, atol=0.0, equal_nan=True)


def test_loads_outside_the_land_are_ignored() -> None:
    drainage = Drainage.from_directions(np.array([[1, 9, 0]], dtype=np.uint8), 30.0)
    assert accumulate(drainage, np.array([[1.0, 2.0, np.nan]]))[0, :2].tolist() == [1.0, 3.0]
    assert accumulate(drainage, np.array([[1.0, 2.0, 1e300]]))[0, :2].tolist() == [1.0, 3.0]
    assert accumulate(drainage, np.array([[1, 2, 2**62]]))[0].tolist() == [1, 3, 0]


def test_a_load_of_nothing_adds_up_to_nothing() -> None:
    assert accumulate(line(), np.zeros((1, 3))).tolist() == [[0.0, 0.0, 0.0]]


def test_loads_of_single_precision_are_added_in_double() -> None:
    total = accumulate(line(), np.array([[2.0**24, 1.0, 1.0]], dtype=np.float32))
    assert total.dtype == np.float64
    assert total.tolist() == [[2.0**24, 2.0**24 + 1, 2.0**24 + 2]]


@given(st.floats(1e-300, 1e300), st.integers(1, 10**10))
def test_the_finest_step_holds_the_sum_and_is_not_much_coarser_than_it_must_be(largest: float, cells: int) -> None:
    steps = Fraction(largest) / Fraction(finest_step(largest, cells)) * cells
    assert 2**59 < steps < 2**62 or finest_step(largest, cells) == 2.0**-1000


def test_a_missing_load_on_land_is_refused_with_how_many_and_where() -> None:
    with pytest.raises(ShuibaoError) as refusal:
        accumulate(line(), np.array([[1.0, np.nan, np.inf]]))
    assert "2 个陆地像元" in refusal.value.zh
    assert "第 0 行第 1 列" in refusal.value.zh
    assert "2 land cells, the first at row 0, column 1" in refusal.value.en


@pytest.mark.parametrize("load", [np.ones((3, 1)), np.ones(3), np.array([["a", "b", "c"]]), 1.0])
def test_a_load_of_another_shape_or_kind_is_refused(load: NDArray[np.generic]) -> None:
    with pytest.raises(ShuibaoError, match=r"与流向同形"):
        accumulate(line(), load)


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan"), float("inf")])
def test_a_step_that_is_no_size_is_refused(step: float) -> None:
    with pytest.raises(ShuibaoError, match="步长应为大于 0"):
        accumulate(line(), np.ones((1, 3)), step=step)


def test_sums_beyond_63_bits_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="超出 63 位"):
        accumulate(line(), np.full((1, 3), 2**62))
    with pytest.raises(ShuibaoError, match="步长：不能小于"):
        accumulate(line(), np.ones((1, 3)), step=1e-19)


def test_areas_beyond_32_bits_are_counted() -> None:
    direction = np.array([1, 1, 9], dtype=np.uint8)
    total = np.array([2**31, 2**40, 1])
    _kernels.add_downstream(direction, line().steps, line().order, total)
    assert total.tolist() == [2**31, 2**40 + 2**31, 2**40 + 2**31 + 1]
