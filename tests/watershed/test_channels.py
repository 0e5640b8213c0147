"""Channels and outlets: the same graph as on the grid, in a table of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import EXAMPLES, contributing_cells, directions, downstream

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import OUTLET, Channels, Outlets


@given(directions(), st.integers(1, 12))
@settings(max_examples=EXAMPLES)
def test_the_table_holds_what_the_grid_holds(direction: NDArray[np.uint8], threshold: int) -> None:
    area = contributing_cells(direction)
    channels = Channels.from_arrays(direction, area, threshold)
    cols = direction.shape[1]
    assert channels.cell.tolist() == np.flatnonzero(area >= threshold).tolist()
    for place, cell in enumerate(channels.cell.tolist()):
        here = divmod(cell, cols)
        below = downstream(direction, here) or here
        assert divmod(int(channels.cell[channels.receiver[place]]), cols) == below
        assert channels.cells[place] == area[here]
        assert channels.direction[place] == direction[here]


@given(directions(), st.integers(1, 12), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_cells_gathered_in_any_order_give_the_same_table(
    direction: NDArray[np.uint8], threshold: int, random: object
) -> None:
    area = contributing_cells(direction)
    whole = Channels.from_arrays(direction, area, threshold)
    mixed = np.arange(whole.cell.size)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    parts = (whole.cell[mixed], whole.cells[mixed], whole.direction[mixed])
    again = Channels.from_cells(whole.shape, *parts, threshold)
    assert np.array_equal(again.cell, whole.cell)
    assert np.array_equal(again.receiver, whole.receiver)


@given(directions())
@settings(max_examples=EXAMPLES)
def test_what_leaves_at_the_outlets_is_the_land(direction: NDArray[np.uint8]) -> None:
    outlets = Outlets.from_arrays(direction, contributing_cells(direction))
    assert outlets.cells.sum() == np.count_nonzero(direction)
    assert outlets.cell.tolist() == np.flatnonzero(direction == OUTLET).tolist()


def test_a_threshold_of_no_cell_is_refused() -> None:
    with pytest.raises(CallError, match="至少 1 个像元"):
        Channels.from_arrays(np.array([[9]], dtype=np.uint8), np.array([[1]]), 0)


def test_direction_and_area_of_two_grids_are_refused() -> None:
    with pytest.raises(CallError, match="同一格网"):
        Outlets.from_arrays(np.array([[9]], dtype=np.uint8), np.array([[1, 1]]))


def test_area_that_does_not_grow_downstream_is_refused_and_the_cell_named() -> None:
    direction = np.array([[9, 5, 5]], dtype=np.uint8)
    with pytest.raises(ShuibaoError, match="第 0 行第 2 列"):
        Channels.from_arrays(direction, np.array([[3, 1, 2]]), 2)


def test_a_land_without_channels_has_an_empty_table() -> None:
    channels = Channels.from_arrays(np.array([[9, 9]], dtype=np.uint8), np.array([[1, 1]]), 5)
    assert channels.cell.size == channels.receiver.size == 0
