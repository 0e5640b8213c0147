"""Routing: every cell of a filled surface gets a way out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.watershed.terrains import EXAMPLES, borders, elevations, land

from shuibao.messages import ShuibaoError
from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, OUTLET, fill_depressions, flow_direction, route

tiles = st.sampled_from([1, 2, 3, 5])
sizes = st.sampled_from([1.0, 30.0, (8.3, 10.3)])


@hypothesis_settings(max_examples=2 * EXAMPLES)
@given(elevations(), tiles, sizes)
def test_directions_do_not_depend_on_the_tiles(z, tile, size):
    filled = fill_depressions(z)
    np.testing.assert_array_equal(route(filled, size, tile=tile), route(filled, size))


@hypothesis_settings(max_examples=2 * EXAMPLES)
@given(elevations(), sizes)
def test_every_cell_reaches_an_outlet_without_rising(z, size):
    filled = fill_depressions(z)
    direction = route(filled, size, tile=4)
    np.testing.assert_array_equal(direction == 0, np.isnan(z))
    for cell in land(z):
        r, c = cell
        for _ in range(z.size):
            code = direction[r, c]
            if code == OUTLET:
                break
            below = int(r + DOWNHILL_ROWS[code]), int(c + DOWNHILL_COLS[code])
            assert filled[below] <= filled[r, c]
            r, c = below
        assert direction[r, c] == OUTLET
        assert borders(z, (r, c))


@hypothesis_settings(max_examples=EXAMPLES)
@given(elevations())
def test_where_ground_falls_the_steepest_way_is_taken(z):
    filled = fill_depressions(z)
    direction = route(filled, 10.0)
    inside, _ = flow_direction(filled, 10.0)
    falls = inside > 0
    np.testing.assert_array_equal(direction[falls], inside[falls])


def test_a_flat_is_crossed_by_the_shortest_way_to_its_outlet():
    surface = np.full((7, 9), 9.0)
    surface[1:-1, 1:-1] = 5.0
    surface[3, -1] = 4.0
    direction = route(surface, 10.0, tile=3)
    for r in range(1, 6):
        for c in range(1, 8):
            y, x, steps = r, c, 0
            while (y, x) != (3, 8):
                code = direction[y, x]
                y, x, steps = y + DOWNHILL_ROWS[code], x + DOWNHILL_COLS[code], steps + 1
            assert steps == max(8 - c, abs(r - 3))


def test_water_leaves_the_foot_of_higher_ground():
    surface = np.full((9, 12), 9.0)
    surface[1:-1, 1:] = 5.0
    surface[1:-1, -1] = 4.0
    direction = route(surface, 10.0)
    assert direction[1, 5] == 2  # south-east: away from the wall in the north
    assert direction[-2, 5] == 8  # north-east: away from the wall in the south


def test_of_two_equal_ways_the_first_clockwise_from_east_is_taken():
    surface = np.full((3, 3), 1.0)
    surface[1, 1] = 2.0
    assert route(surface, 10.0)[1, 1] == 1


def test_narrow_cells_are_steeper_along_their_short_side():
    surface = np.array([[9.0, 9, 9], [9, 5, 4.3], [9, 4, 9]])
    assert route(surface, 10.0)[1, 1] == 3
    assert route(surface, (5.0, 10.0))[1, 1] == 1


def test_a_large_flat_is_routed_alike_on_any_threads():
    surface = np.full((150, 170), 3.0, dtype=np.float32)
    surface[60:90, 70:100] = 4.0
    surface[20, 30] = np.nan
    np.testing.assert_array_equal(route(surface, 10.0, tile=16, jobs=3), route(surface, 10.0, jobs=1))


def test_depressions_are_refused_with_a_place():
    z = np.full((5, 5), 5.0)
    z[2, 2] = 1.0
    with pytest.raises(ShuibaoError, match="第 2 行第 2 列.*填洼"):
        route(z, 10.0)


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), (10.0, 0.0)])
def test_cell_sizes_that_are_not_positive_are_refused(size):
    with pytest.raises(ShuibaoError, match="像元边长应为"):
        route(np.zeros((3, 3)), size)
