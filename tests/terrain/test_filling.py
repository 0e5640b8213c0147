"""Filling: the least surface from which water can leave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.watershed.terrains import EXAMPLES, borders, elevations, fill, land

from shuibao.messages import ShuibaoError
from shuibao.terrain import fill_depressions

tiles = st.sampled_from([1, 2, 3, 5, 16])


@hypothesis_settings(max_examples=2 * EXAMPLES)
@given(elevations(), tiles)
def test_filling_is_what_a_heap_finds_whatever_the_tiles(z, tile):
    filled = fill_depressions(z, tile=tile)
    np.testing.assert_array_equal(filled, fill(z))
    assert filled.dtype == z.dtype


@hypothesis_settings(max_examples=EXAMPLES)
@given(elevations(), tiles)
def test_filling_never_lowers_and_leaves_borders_alone(z, tile):
    filled = fill_depressions(z, tile=tile)
    present = ~np.isnan(z)
    np.testing.assert_array_equal(np.isnan(filled), np.isnan(z))
    assert (filled[present] >= z[present]).all()
    assert all(filled[cell] == z[cell] for cell in land(z) if borders(z, cell))


@hypothesis_settings(max_examples=EXAMPLES)
@given(elevations())
def test_filling_twice_changes_nothing(z):
    filled = fill_depressions(z, tile=4)
    np.testing.assert_array_equal(fill_depressions(filled, tile=3), filled)


@hypothesis_settings(max_examples=EXAMPLES)
@given(elevations(), st.integers(0, 2**32 - 1))
def test_higher_ground_fills_no_lower(z, seed):
    raised = z + np.random.default_rng(seed).integers(0, 3, z.shape).astype(z.dtype)
    low, high = fill_depressions(z), fill_depressions(raised)
    assert (high[~np.isnan(z)] >= low[~np.isnan(z)]).all()


def test_threads_do_not_change_the_surface():
    z = np.random.default_rng(3).normal(0, 1, (300, 211)).astype(np.float32)
    whole = fill_depressions(z, jobs=1)
    np.testing.assert_array_equal(fill_depressions(z, tile=64, jobs=3), whole)


def test_a_hole_is_an_outlet_and_never_a_dam():
    z = np.array([[9, 9, 9, 9, 9], [9, 2, np.nan, 3, 9], [9, 9, 9, 9, 9]], dtype=np.float32)
    np.testing.assert_array_equal(fill_depressions(z), z)


def test_constant_ground_stays():
    z = np.full((40, 30), 7.5, dtype=np.float32)
    np.testing.assert_array_equal(fill_depressions(z, tile=8), z)


def test_whole_numbers_are_filled_as_they_are():
    z = np.array([[5, 5, 5], [5, 1, 5], [5, 5, 4]], dtype=np.int16)
    assert fill_depressions(z)[1, 1] == 4


def test_land_that_is_all_missing_stays_so():
    assert np.isnan(fill_depressions(np.full((5, 9), np.nan), tile=3)).all()


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_infinite_heights_are_refused_with_their_place(bad):
    z = np.zeros((4, 5))
    z[2, 3] = bad
    with pytest.raises(ShuibaoError, match="第 2 行第 3 列"):
        fill_depressions(z)


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 2, 2)])
def test_what_is_no_grid_is_refused(shape):
    with pytest.raises(ShuibaoError, match="二维"):
        fill_depressions(np.zeros(shape))
