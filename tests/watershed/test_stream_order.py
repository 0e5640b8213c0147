"""Strahler's order and Shreve's magnitude by their definitions, and the laws between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.stream_oracles import donors_of, forest_of, sources_above, strahler_of
from tests.watershed.terrains import EXAMPLES, directions

from shuibao.messages import ShuibaoError
from shuibao.watershed import Drainage, shreve_magnitude, strahler_order

MIRRORED = np.array([0, 5, 4, 3, 2, 1, 8, 7, 6, 9], dtype=np.uint8)
"""Direction codes seen in a mirror that swaps east and west."""


def masks(direction: NDArray[np.uint8], seed: int) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(direction.shape) < 0.8


def drained(direction: NDArray[np.uint8]) -> Drainage:
    return Drainage.from_directions(direction, 30.0)


@given(directions(), st.none() | st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_strahler_order_is_as_defined(direction: NDArray[np.uint8], seed: int | None) -> None:
    mask = None if seed is None else masks(direction, seed)
    wanted = np.zeros(direction.size, dtype=int)
    for cell, order in strahler_of(forest_of(direction, mask)).items():
        wanted[cell] = order
    found = strahler_order(drained(direction), mask)
    assert found.dtype == np.uint8
    assert found.ravel().tolist() == wanted.tolist()


@given(directions(), st.none() | st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_shreve_magnitude_counts_the_sources_upstream(direction: NDArray[np.uint8], seed: int | None) -> None:
    mask = None if seed is None else masks(direction, seed)
    wanted = np.zeros(direction.size, dtype=int)
    for cell, count in sources_above(forest_of(direction, mask)).items():
        wanted[cell] = count
    found = shreve_magnitude(drained(direction), mask)
    assert found.dtype == np.int32
    assert found.ravel().tolist() == wanted.tolist()


@given(directions())
@settings(max_examples=EXAMPLES)
def test_an_order_needs_twice_the_sources_of_the_one_before(direction: NDArray[np.uint8]) -> None:
    order = strahler_order(drained(direction)).astype(int)
    land = direction > 0
    assert (shreve_magnitude(drained(direction))[land] >= 2 ** (order[land] - 1)).all()


@given(directions())
@settings(max_examples=EXAMPLES)
def test_streams_of_an_order_are_at_most_half_as_many_as_of_the_one_before(direction: NDArray[np.uint8]) -> None:
    order = strahler_order(drained(direction)).ravel()
    donors = donors_of(forest_of(direction))
    begun = [int(order[cell]) for cell in donors if all(order[donor] < order[cell] for donor in donors[cell])]
    streams = np.bincount(begun, minlength=2)
    assert (streams[1:-1] >= 2 * streams[2:]).all()


@given(directions())
@settings(max_examples=EXAMPLES)
def test_a_mirrored_land_has_mirrored_orders(direction: NDArray[np.uint8]) -> None:
    mirrored = drained(np.ascontiguousarray(MIRRORED[direction][:, ::-1]))
    assert (strahler_order(mirrored)[:, ::-1] == strahler_order(drained(direction))).all()
    assert (shreve_magnitude(mirrored)[:, ::-1] == shreve_magnitude(drained(direction))).all()


def test_three_streams_of_one_order_meeting_at_once_raise_it_by_one() -> None:
    direction = np.array([[2, 3, 4], [0, 9, 0]], dtype=np.uint8)
    assert strahler_order(drained(direction)).tolist() == [[1, 1, 1], [0, 2, 0]]
    assert shreve_magnitude(drained(direction)).tolist() == [[1, 1, 1], [0, 3, 0]]


def test_a_smaller_stream_does_not_raise_the_order() -> None:
    direction = np.array([[1, 3, 5, 0], [0, 3, 5, 5], [0, 9, 0, 0]], dtype=np.uint8)
    assert strahler_order(drained(direction)).tolist() == [[1, 2, 1, 0], [0, 2, 1, 1], [0, 2, 0, 0]]


def test_land_without_channels_has_no_orders() -> None:
    direction = np.array([[9, 5, 0]], dtype=np.uint8)
    assert strahler_order(drained(direction), direction > 9).tolist() == [[0, 0, 0]]
    assert shreve_magnitude(drained(np.zeros((2, 2), dtype=np.uint8))).tolist() == [[0, 0], [0, 0]]


def test_a_mask_that_is_not_of_the_grid_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="布尔"):
        strahler_order(drained(np.array([[9, 5]], dtype=np.uint8)), np.array([True]))
