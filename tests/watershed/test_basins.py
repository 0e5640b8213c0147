"""Basins: every cell belongs to the nearest outlet its water passes, and to that one only."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import EXAMPLES, directions, drainages, land, seeds, way

from shuibao.messages import ShuibaoError
from shuibao.watershed import Drainage, all_basins, basins, contributing_area


@cache
def line() -> Drainage:
    """Return cells in a line."""
    return Drainage.from_directions(np.array([[0, 1, 1, 9]], dtype=np.uint8), 30.0)


def some_outlets(drainage: Drainage, seed: int, most: int = 6) -> NDArray[np.int64]:
    """Return a few land cells in random order."""
    cells = np.flatnonzero(drainage.direction)
    return np.random.default_rng(seed).permutation(cells)[:most]


@given(directions(), seeds)
@settings(max_examples=EXAMPLES)
def test_a_cell_belongs_to_the_first_outlet_its_water_passes(direction: NDArray[np.uint8], seed: int) -> None:
    drainage = Drainage.from_directions(direction, 30.0)
    outlets = some_outlets(drainage, seed)
    number = {divmod(int(cell), direction.shape[1]): i for i, cell in enumerate(outlets, start=1)}
    label = basins(drainage, outlets)
    assert label.dtype == np.int32
    assert (label[direction == 0] == 0).all()
    for cell in land(direction):
        assert label[cell] == next((number[place] for place in way(direction, cell) if place in number), 0)


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_every_land_cell_is_in_exactly_one_of_all_basins(drainage: Drainage) -> None:
    label = all_basins(drainage)
    outlets = drainage.outlets
    assert (label.flat[outlets] == np.arange(1, outlets.size + 1)).all()
    assert ((label > 0) == (drainage.direction > 0)).all()
    sizes = np.bincount(label.ravel(), minlength=outlets.size + 1)[1:]
    assert (sizes == contributing_area(drainage).flat[outlets]).all()


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_all_basins_are_the_basins_of_all_outlets(drainage: Drainage) -> None:
    assert (all_basins(drainage) == basins(drainage, drainage.outlets)).all()


@given(drainages(), seeds)
@settings(max_examples=EXAMPLES)
def test_nested_basins_together_are_the_contributing_area_of_the_lowest(drainage: Drainage, seed: int) -> None:
    outlets = some_outlets(drainage, seed)
    label, area = basins(drainage, outlets), contributing_area(drainage)
    for i, outlet in enumerate(outlets, start=1):
        alone = basins(drainage, [outlet])
        assert np.count_nonzero(alone) == area.flat[outlet]
        assert set(np.unique(label[alone > 0])) <= {j for j, one in enumerate(outlets, 1) if alone.flat[one]} | {i}


@given(drainages(), seeds)
@settings(max_examples=EXAMPLES)
def test_the_order_in_which_outlets_are_named_changes_only_the_names(drainage: Drainage, seed: int) -> None:
    outlets = some_outlets(drainage, seed)
    ids = np.random.default_rng(seed).permutation(1000)[: outlets.size] + 1
    again = np.random.default_rng(seed + 1).permutation(outlets.size)
    assert (basins(drainage, outlets, ids) == basins(drainage, outlets[again], ids[again])).all()


@given(drainages(), seeds)
@settings(max_examples=EXAMPLES)
def test_rows_and_columns_name_the_same_outlets_as_flat_indices(drainage: Drainage, seed: int) -> None:
    outlets = some_outlets(drainage, seed)
    assume(outlets.size)
    pairs = np.column_stack(np.divmod(outlets, drainage.shape[1]))
    assert (basins(drainage, outlets) == basins(drainage, pairs)).all()


def test_no_outlets_no_basins() -> None:
    assert basins(line(), []).tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize(
    "outlets, said",
    [
        ([4], "第 1 个出口（4）在栅格之外"),
        ([3, -1], "第 2 个出口（-1）在栅格之外"),
        ([(0, 3), (1, 0)], "第 2 个出口（[1, 0]）在栅格之外"),
        ([(0, -1)], "在栅格之外；栅格为 1 行 4 列"),
        ([3, 0], "第 2 个出口在第 0 行第 0 列（自 0 起），该像元缺失"),
        ([3, 2, 1, 3], "第 1 个与第 4 个出口是同一像元，第 0 行第 3 列"),
        ([1.5], "应为整数"),
        ([[1, 2, 3]], "应为整数"),
        (3, "应为整数"),
    ],
)
def test_outlets_that_cannot_be_are_refused_by_number_and_place(outlets: Any, said: str) -> None:
    with pytest.raises(ShuibaoError) as refusal:
        basins(line(), outlets)
    assert said in refusal.value.zh


@pytest.mark.parametrize("ids", [[1], [1, 1], [0, 1], [1, 2**31], [1.0, 2.0], [1, -2]])
def test_labels_that_cannot_be_are_refused(ids: Any) -> None:
    with pytest.raises(ShuibaoError, match="汇水区编号"):
        basins(line(), [2, 3], ids)


@given(st.integers(1, 2**31 - 1))
def test_any_positive_label_of_32_bits_is_kept(number: int) -> None:
    assert basins(line(), [3], [number]).tolist() == [[0, number, number, number]]
