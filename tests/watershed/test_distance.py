"""Lengths and heights along the water: each against a walk cell by cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import EXAMPLES, Cell, drainages, elevations, fill, land, route, seeds, way

from shuibao.messages import ShuibaoError
from shuibao.watershed import (
    Drainage,
    contributing_area,
    downstream_sum,
    height_above_nearest_drainage,
    length_to,
    length_to_outlet,
    longest_upstream_length,
    step_length,
)

shares = st.sampled_from([0.0, 0.1, 0.5, 1.0])


@cache
def line() -> Drainage:
    """Return cells in a line."""
    return Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 30.0)


def some(drainage: Drainage, seed: int, share: float) -> NDArray[np.bool_]:
    """Return a random mask, on the land and off it."""
    return np.random.default_rng(seed).random(drainage.shape) < share


def walked(drainage: Drainage, mask: NDArray[np.bool_], value: Callable[[list[Cell]], float]) -> NDArray[np.float64]:
    """Return a value of the way to the first cell of the mask, that cell included; NaN without one."""
    out = np.full(drainage.shape, np.nan)
    for cell in land(drainage.direction):
        passed = way(drainage.direction, cell)
        hit = [i for i, place in enumerate(passed) if mask[place]]
        if hit:
            out[cell] = value(passed[: hit[0] + 1])
    return out


def metres(drainage: Drainage, passed: list[Cell]) -> float:
    """Return the length of a way: rows, columns and diagonals are counted, then multiplied."""
    steps = [(abs(b[0] - a[0]), abs(b[1] - a[1])) for a, b in zip(passed, passed[1:], strict=False)]
    w, h = drainage.cell_width, drainage.cell_height
    return steps.count((0, 1)) * w + steps.count((1, 0)) * h + steps.count((1, 1)) * math.hypot(w, h)


def same(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    """Return whether lengths agree to the nanometre in a metre, and are missing together."""
    return np.allclose(a, b, rtol=1e-7, atol=0.0, equal_nan=True)


@given(drainages(), seeds, shares)
@settings(max_examples=EXAMPLES)
def test_the_length_is_that_of_the_way_walked(drainage: Drainage, seed: int, share: float) -> None:
    mask = some(drainage, seed, share)
    assert same(length_to(drainage, mask), walked(drainage, mask, lambda passed: metres(drainage, passed)))
    ends = drainage.direction == 9
    assert same(length_to_outlet(drainage), walked(drainage, ends, lambda passed: metres(drainage, passed)))


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_the_length_to_the_outlets_is_that_to_a_mask_of_outlets(drainage: Drainage) -> None:
    assert length_to_outlet(drainage).tobytes() == length_to(drainage, drainage.direction == 9).tobytes()


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_the_longest_way_down_and_the_longest_way_up_are_one(drainage: Drainage) -> None:
    if drainage.order.size:
        up = longest_upstream_length(drainage).ravel()[drainage.outlets]
        assert up.max() == np.nanmax(length_to_outlet(drainage))


@given(drainages(), seeds, shares)
@settings(max_examples=EXAMPLES)
def test_the_sum_of_step_lengths_is_the_length(drainage: Drainage, seed: int, share: float) -> None:
    mask = some(drainage, seed, share)
    length = length_to(drainage, mask)
    assert downstream_sum(drainage, step_length(drainage), mask, step=2.0**-24).tobytes() == length.tobytes()


@given(drainages(), seeds, shares)
@settings(max_examples=EXAMPLES)
def test_the_sum_is_over_the_cells_passed_before_the_mask(drainage: Drainage, seed: int, share: float) -> None:
    mask = some(drainage, seed, share)
    weight = np.random.default_rng(seed + 1).integers(0, 1000, drainage.shape) / 8.0
    expected = walked(drainage, mask, lambda passed: sum(weight[place] for place in passed[:-1]))
    assert np.array_equal(downstream_sum(drainage, weight, mask), expected, equal_nan=True)


@given(elevations(), seeds, shares)
@settings(max_examples=EXAMPLES)
def test_on_filled_ground_no_cell_lies_below_its_channel(z: NDArray[Any], seed: int, share: float) -> None:
    filled = fill(z)
    drainage = Drainage.from_directions(route(filled), 30.0)
    mask = some(drainage, seed, share)
    height = height_above_nearest_drainage(drainage, filled, mask)
    assert height.dtype == z.dtype
    assert (height[~np.isnan(height)] >= 0).all()
    assert (height[mask & (drainage.direction > 0)] == 0).all()
    assert np.array_equal(
        height,
        walked(drainage, mask, lambda passed: filled[passed[0]] - filled[passed[-1]]).astype(z.dtype),
        equal_nan=True,
    )


@given(elevations(), st.integers(1, 20))
@settings(max_examples=EXAMPLES)
def test_more_channel_brings_the_channel_nearer(z: NDArray[Any], threshold: int) -> None:
    filled = fill(z)
    drainage = Drainage.from_directions(route(filled), 30.0)
    area = contributing_area(drainage)
    few, many = area >= threshold, area >= threshold // 2
    assert not (length_to(drainage, many) > length_to(drainage, few)).any()
    heights = [height_above_nearest_drainage(drainage, filled, mask) for mask in (many, few)]
    assert not (heights[0] > heights[1]).any()


def test_steps_on_cells_that_are_not_square_have_three_lengths() -> None:
    direction = np.array([[1, 2, 3], [3, 9, 3], [8, 9, 9]], dtype=np.uint8)
    lengths = step_length(Drainage.from_directions(direction, (3.0, 4.0)))
    assert lengths.tolist() == [[3.0, 5.0, 4.0], [4.0, 0.0, 4.0], [5.0, 0.0, 0.0]]


def test_lengths_of_a_real_cell_size_are_good_to_a_billionth() -> None:
    direction = np.zeros((300, 300), dtype=np.uint8)
    np.fill_diagonal(direction, 2)
    direction[-1, -1] = 9
    way_down = Drainage.from_directions(direction, 10.0 / 3.0)
    assert length_to_outlet(way_down)[0, 0] == pytest.approx(299 * 10.0 / 3.0 * math.sqrt(2.0), rel=1e-8)


@pytest.mark.parametrize("mask", [np.ones((3, 1), dtype=bool), np.ones((1, 3)), None])
def test_a_mask_of_another_shape_or_kind_is_refused(mask: Any) -> None:
    for ask in (
        lambda: length_to(line(), mask),
        lambda: downstream_sum(line(), np.ones((1, 3)), mask),
        lambda: height_above_nearest_drainage(line(), np.ones((1, 3)), mask),
    ):
        with pytest.raises(ShuibaoError, match="掩膜应为"):
            ask()


def test_missing_ground_or_weight_on_land_is_refused() -> None:
    hole = np.array([[1.0, np.nan, 0.0]])
    channel = np.array([[False, False, True]])
    with pytest.raises(ShuibaoError, match="高程在 1 个陆地像元上缺失"):
        height_above_nearest_drainage(line(), hole, channel)
    with pytest.raises(ShuibaoError, match="权重在 1 个陆地像元上缺失"):
        downstream_sum(line(), hole, channel)
