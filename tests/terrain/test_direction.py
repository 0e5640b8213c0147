"""Laws of D8 flow direction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, NEIGHBOURS, around, interior, terrains

from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, flow_direction

CELL = 30.0
LENGTHS = [1.0, math.sqrt(2.0)] * 4


def bowl_towards(code: int) -> NDArray[np.float64]:
    """Return nine level cells, the neighbour in one direction 1 m lower."""
    z = np.full((3, 3), 10.0)
    down, right = NEIGHBOURS[code - 1]
    z[1 + down, 1 + right] -= 1.0
    return z


@pytest.mark.parametrize("code", range(1, 9))
def test_directions_are_numbered_clockwise_from_east(code: int) -> None:
    direction, drop = flow_direction(bowl_towards(code), CELL)
    assert direction[1, 1] == code
    assert drop[1, 1] == pytest.approx(1.0 / (CELL * LENGTHS[code - 1]))
    assert (DOWNHILL_ROWS[code], DOWNHILL_COLS[code]) == NEIGHBOURS[code - 1]
    assert (DOWNHILL_ROWS[0], DOWNHILL_COLS[0]) == (0, 0)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3))
def test_water_goes_where_it_falls_most_steeply_and_nowhere_if_nothing_is_lower(z: NDArray[Any]) -> None:
    direction, drop = flow_direction(z, CELL)
    for r, c in interior(z):
        falls = [(float(z[r, c]) - float(v)) / (CELL * d) for v, d in zip(around(z, r, c), LENGTHS, strict=True)]
        steepest = max((fall for fall in falls if fall > 0.0), default=0.0)
        if math.isnan(z[r, c]):
            assert direction[r, c] == 0
            assert math.isnan(drop[r, c])
        else:
            assert drop[r, c] == pytest.approx(steepest, rel=1e-5)
            assert (direction[r, c] == 0) == (steepest == 0.0)
            if direction[r, c]:
                assert falls[direction[r, c] - 1] == pytest.approx(steepest, rel=1e-5)


@pytest.mark.parametrize("first", range(1, 9))
def test_of_equally_steep_neighbours_the_first_in_order_is_taken(first: int) -> None:
    z = np.full((3, 3), 10.0)
    for code in range(first, 9):  # each falls by as much per length
        down, right = NEIGHBOURS[code - 1]
        z[1 + down, 1 + right] -= LENGTHS[code - 1] * (1.0 if code == first else 1.0 - 1e-15)
    assert flow_direction(z, CELL)[0][1, 1] == first


def test_of_four_equal_neighbours_east_is_taken() -> None:
    z = np.full((3, 3), 10.0)
    z[0, 1] = z[1, 0] = z[1, 2] = z[2, 1] = 9.0
    assert flow_direction(z, CELL)[0][1, 1] == 1
    z[1, 2] = 10.0
    assert flow_direction(z, CELL)[0][1, 1] == 3  # then south


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_water_never_goes_uphill_nor_off_the_land_nor_into_a_hole(z: NDArray[Any]) -> None:
    direction, drop = flow_direction(z, CELL)
    assert direction.dtype == np.uint8
    for r, c in np.argwhere(direction):
        below = z[r + DOWNHILL_ROWS[direction[r, c]], c + DOWNHILL_COLS[direction[r, c]]]
        assert below < z[r, c]
        assert drop[r, c] > 0.0


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_the_outer_ring_and_missing_cells_have_no_direction_and_no_drop(z: NDArray[Any]) -> None:
    direction, drop = flow_direction(z, CELL)
    ring = np.ones(z.shape, dtype=bool)
    ring[1:-1, 1:-1] = False
    assert not direction[ring | np.isnan(z)].any()
    np.testing.assert_array_equal(np.isnan(drop), ring | np.isnan(z))
    np.testing.assert_array_equal(drop[~np.isnan(drop)] > 0.0, direction[~np.isnan(drop)] > 0)


def test_a_pit_and_a_flat_have_no_direction() -> None:
    z = np.full((5, 7), 10.0)
    z[2, 2] = 3.0
    direction, drop = flow_direction(z, CELL)
    assert direction[2, 2] == direction[2, 5] == 0
    assert drop[2, 2] == drop[2, 5] == 0.0
    assert direction[1:4, 1:4].tolist() == [[2, 3, 4], [1, 0, 5], [8, 7, 6]]  # all into the pit
