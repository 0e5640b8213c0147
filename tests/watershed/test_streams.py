"""Channels by threshold, and channels drawn by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.stream_oracles import forest_of
from tests.watershed.terrains import EXAMPLES, contributing_cells, directions, drainages

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import Channels, Drainage, channels_from_mask, channels_mask, contributing_area
from shuibao.watershed.streams import forest

AREA = np.array([[3, 2, 1, 99]])


@cache
def row() -> Drainage:
    """Return cells in a row."""
    return Drainage.from_directions(np.array([[9, 5, 5, 0]], dtype=np.uint8), 30.0)


@given(drainages(), st.integers(1, 12))
@settings(max_examples=EXAMPLES)
def test_a_channel_is_a_land_cell_with_the_threshold_of_cells_above_it(drainage: Drainage, least: int) -> None:
    mask = channels_mask(drainage, contributing_area(drainage), threshold_cells=least)
    assert (mask == ((contributing_cells(drainage.direction) >= least) & (drainage.direction > 0))).all()


@given(drainages(), st.integers(1, 12))
@settings(max_examples=EXAMPLES)
def test_a_channel_drains_to_a_channel(drainage: Drainage, least: int) -> None:
    mask = channels_mask(drainage, contributing_area(drainage), threshold_cells=least).ravel()
    assert mask[drainage.receiver[mask]].all()


@given(drainages(), st.integers(1, 12))
@settings(max_examples=EXAMPLES)
def test_a_threshold_in_square_metres_is_so_many_whole_cells(drainage: Drainage, least: int) -> None:
    area = contributing_area(drainage)
    wanted = channels_mask(drainage, area, threshold_cells=least)
    assert (channels_mask(drainage, area, threshold_m2=least * drainage.cell_area) == wanted).all()
    assert (channels_mask(drainage, area, threshold_m2=(least - 0.5) * drainage.cell_area) == wanted).all()


def test_a_threshold_of_a_tenth_of_a_metre_cell_is_not_lost_to_rounding() -> None:
    small = Drainage.from_directions(row().direction, 0.1)
    assert channels_mask(small, AREA, threshold_m2=3 * 0.1 * 0.1).tolist() == [[True, False, False, False]]


@given(drainages(), st.integers(1, 12))
@settings(max_examples=EXAMPLES)
def test_the_table_of_a_threshold_mask_is_the_table_of_the_threshold(drainage: Drainage, least: int) -> None:
    area = contributing_area(drainage)
    table = channels_from_mask(drainage, channels_mask(drainage, area, threshold_cells=least))
    wanted = Channels.from_arrays(drainage.direction, area, least)
    for name in ("cell", "receiver", "cells", "direction"):
        found = getattr(table, name)
        assert found.dtype == getattr(wanted, name).dtype
        assert found.tolist() == getattr(wanted, name).tolist()


@given(directions(), st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_channels_of_any_mask_end_where_the_mask_ends(direction: NDArray[np.uint8], seed: int) -> None:
    mask = np.random.default_rng(seed).random(direction.shape) < 0.7
    table = channels_from_mask(Drainage.from_directions(direction, 1.0), mask)
    below = forest_of(direction, mask)
    assert table.cell.tolist() == sorted(below)
    for position, cell in enumerate(table.cell.tolist()):
        receiver = table.cell[table.receiver[position]]
        assert receiver == (cell if below[cell] is None else below[cell])


@given(directions(), st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_a_forest_visits_every_node_before_its_receiver(direction: NDArray[np.uint8], seed: int) -> None:
    mask = np.random.default_rng(seed).random(direction.shape) < 0.7
    nodes = forest(Drainage.from_directions(direction, 1.0), mask)
    place = np.empty(nodes.cell.size, dtype=int)
    place[nodes.order] = np.arange(nodes.cell.size)
    assert sorted(nodes.order.tolist()) == list(range(nodes.cell.size))
    own = nodes.receiver == np.arange(nodes.cell.size)
    assert (own | (place[nodes.receiver] > place)).all()


@pytest.mark.parametrize("given_thresholds", [{}, {"threshold_cells": 2, "threshold_m2": 100.0}])
def test_one_threshold_is_wanted(given_thresholds: dict[str, Any]) -> None:
    with pytest.raises(CallError, match="之一"):
        channels_mask(row(), AREA, **given_thresholds)


@pytest.mark.parametrize("bad", [{"threshold_cells": 0}, {"threshold_m2": -1.0}, {"threshold_m2": float("nan")}])
def test_a_threshold_below_one_cell_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(CallError, match="至少 1 个像元"):
        channels_mask(row(), AREA, **bad)


@pytest.mark.parametrize("area", [AREA.T, AREA.astype(float)])
def test_areas_of_another_shape_or_in_fractions_are_refused(area: NDArray[Any]) -> None:
    with pytest.raises(ShuibaoError, match="像元数"):
        channels_mask(row(), area, threshold_cells=1)
    with pytest.raises(ShuibaoError, match="像元数"):
        channels_from_mask(row(), AREA > 0, area_cells=area)


@pytest.mark.parametrize("mask", [AREA.T > 0, AREA])
def test_a_mask_of_another_shape_or_kind_is_refused(mask: NDArray[Any]) -> None:
    with pytest.raises(ShuibaoError, match="布尔"):
        channels_from_mask(row(), mask)


def test_contributing_area_that_shrinks_downstream_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="增大"):
        channels_from_mask(row(), AREA > 0, area_cells=AREA[:, ::-1])
