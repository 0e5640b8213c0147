"""Drainage: every land cell once, each before the cell it drains to; wrong directions are refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import (
    EXAMPLES,
    NEIGHBOURS,
    directions,
    downstream,
    drainages,
    elevations,
    fill,
    land,
    route,
    way,
)

from shuibao import terrain
from shuibao.messages import ShuibaoError
from shuibao.watershed import Drainage, _kernels


def codes(*rows: list[int]) -> NDArray[np.uint8]:
    return np.array(rows, dtype=np.uint8)


@given(drainages())
@settings(max_examples=EXAMPLES)
def test_the_order_has_every_land_cell_once_and_each_before_the_cell_it_drains_to(drainage: Drainage) -> None:
    order = drainage.order.tolist()
    assert sorted(order) == np.flatnonzero(drainage.direction).tolist()
    place = {cell: position for position, cell in enumerate(order)}
    receiver = drainage.receiver
    assert all(receiver[cell] == cell or place[cell] < place[int(receiver[cell])] for cell in order)


@given(directions())
@settings(max_examples=EXAMPLES)
def test_the_receiver_is_the_neighbour_the_code_points_at(direction: NDArray[np.uint8]) -> None:
    receiver = Drainage.from_directions(direction, 30.0).receiver.reshape(direction.shape)
    cols = direction.shape[1]
    assert (receiver[direction == 0] == -1).all()
    for cell in land(direction):
        r, c = downstream(direction, cell) or cell
        assert receiver[cell] == r * cols + c


def test_the_order_holds_on_grids_of_several_blocks() -> None:
    random = np.random.default_rng(20)
    rows, cols = 2 * _kernels.BLOCK + 7, _kernels.BLOCK + 90
    z = 0.2 * np.arange(rows)[:, None] + random.random((rows, cols))
    z[random.random(z.shape) < 0.01] = np.nan
    ringed = np.pad(np.nan_to_num(z, nan=np.inf), 1, constant_values=np.inf)
    beside = [ringed[1 + r : 1 + r + rows, 1 + c : 1 + c + cols] for r, c in NEIGHBOURS]
    direction = np.where(np.min(beside, axis=0) < z, np.argmin(beside, axis=0) + 1, 9)  # pits are outlets
    drainage = Drainage.from_directions(np.where(np.isnan(z), 0, direction), 30.0)
    order, receiver = drainage.order, drainage.receiver
    place = np.full(z.size, -1)
    place[order] = np.arange(order.size)
    assert order.size == np.count_nonzero(~np.isnan(z))
    assert (np.sort(order) == np.flatnonzero(drainage.direction)).all()
    assert ((place[order] < place[receiver[order]]) == (receiver[order] != order)).all()


@given(elevations())
@settings(max_examples=EXAMPLES)
def test_water_on_filled_ground_never_rises_and_leaves_at_the_border(z: NDArray[np.float64]) -> None:
    filled = fill(z)
    direction = route(filled)
    assert len(land(direction)) == len(land(z))
    for cell in land(direction):
        levels = [filled[passed] for passed in way(direction, cell)]
        assert all(after <= before for before, after in zip(levels, levels[1:], strict=False))


@given(elevations())
@settings(max_examples=EXAMPLES)
def test_directions_of_filled_terrain_always_drain(z: NDArray[np.float64]) -> None:
    drainage = Drainage.from_directions(terrain.route(terrain.fill_depressions(z), 30.0), 30.0)
    assert drainage.order.size == np.count_nonzero(~np.isnan(z))


@given(directions())
@settings(max_examples=EXAMPLES)
def test_wide_indices_give_the_same_order(direction: NDArray[np.uint8]) -> None:
    drainage = Drainage.from_directions(direction, 1.0)
    assert drainage.order.dtype == np.int32
    state = np.empty(direction.shape, dtype=np.uint8)
    cells, sound = _kernels.count_inflow(direction, state)
    wide = np.empty(cells, dtype=np.int64)
    assert sound
    assert _kernels.trace_order(state.ravel(), direction.shape[1], drainage.steps, wide) == cells
    assert (wide == drainage.order).all()


def test_land_that_is_wholly_missing_has_an_empty_order() -> None:
    drainage = Drainage.from_directions(np.zeros((2, 3), dtype=np.uint8), 30.0)
    assert drainage.order.size == 0
    assert drainage.receiver.tolist() == [-1] * 6
    assert drainage.outlets.size == 0


def test_any_type_of_whole_numbers_is_read() -> None:
    assert Drainage.from_directions(np.array([[1, 9]], dtype=np.int64), 30.0).order.tolist() == [0, 1]


def test_width_and_height_of_a_cell_may_differ() -> None:
    drainage = Drainage.from_directions(codes([9]), (10.0, 25.0))
    assert (drainage.cell_width, drainage.cell_height, drainage.cell_area) == (10.0, 25.0, 250.0)


@given(directions(), st.data())
@settings(max_examples=EXAMPLES)
def test_a_circle_is_refused_and_the_cell_named_lies_on_it(direction: NDArray[np.uint8], data: st.DataObject) -> None:
    rows, cols = direction.shape
    if cols < 2:
        return
    r = data.draw(st.integers(0, rows - 1))
    c = data.draw(st.integers(0, cols - 2))
    direction[r, c], direction[r, c + 1] = 1, 5
    with pytest.raises(ShuibaoError) as refusal:
        Drainage.from_directions(direction, 30.0)
    assert f"第 {r} 行第 {c} 列" in refusal.value.zh
    assert f"row {r}, column {c}" in refusal.value.en
    assert "2 cells are in circles" in refusal.value.en


@pytest.mark.parametrize(
    "wrong, said",
    [
        (codes([9, 5, 10]), "第 0 行第 2 列（自 0 起）不是"),
        (np.array([[9, 5, -1]]), "第 0 行第 2 列（自 0 起）不是"),
        (np.array([[9, 5, 257]]), "第 0 行第 2 列（自 0 起）不是"),
        (codes([9, 5], [9, 1]), "第 1 行第 1 列（自 0 起）的流向（1）指向栅格之外"),
        (codes([7, 9]), "第 0 行第 0 列（自 0 起）的流向（7）指向栅格之外"),
        (codes([0, 5, 9]), "第 0 行第 1 列（自 0 起）的流向（5）指向栅格之外或缺失像元"),
        (np.array([[9.0]]), "整数数组"),
        (codes(), "整数数组"),
        (np.zeros((0, 4), dtype=np.uint8), "至少一个像元"),
    ],
)
def test_wrong_codes_are_refused_by_name(wrong: NDArray[np.generic], said: str) -> None:
    with pytest.raises(ShuibaoError) as refusal:
        Drainage.from_directions(wrong, 30.0)
    assert said in refusal.value.zh


@pytest.mark.parametrize("size", [0.0, -30.0, float("nan"), float("inf"), (30.0, 0.0), (1.0, 2.0, 3.0)])
def test_a_cell_size_that_is_no_length_is_refused(size: float) -> None:
    with pytest.raises(ShuibaoError, match="像元边长"):
        Drainage.from_directions(codes([9]), size)
