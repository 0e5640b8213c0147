"""Cleaning: gaps close, slivers go, and a tile with its halo cleans as the whole does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from tests.trials import trials
from tests.zoning.strategies import masks

from shuibao.ground.grid import Grid
from shuibao.zoning import clean, cleaning_reach

widths = st.integers(0, 6)
Mask = NDArray[np.bool_]


def claimable_of(mask: Mask, seed: int) -> Mask:
    """Return the cells a gap may take: nine in ten, and all candidates."""
    return mask | (np.random.default_rng(seed).random(mask.shape) < 0.9)


@given(masks(40), widths, widths, st.integers(1, 30), st.integers(0, 99))
@settings(max_examples=trials(100), deadline=None)
def test_tiles_with_their_halo_clean_as_the_whole(mask: Mask, gap: int, sliver: int, size: int, seed: int) -> None:
    claimable = claimable_of(mask, seed)
    whole = clean(mask, claimable, gap, sliver)
    reach = cleaning_reach(gap, sliver)
    grid = Grid(10.0, -7, 13, *mask.shape)
    haloed = grid.grown(reach)
    candidate, ground = np.pad(mask, reach), np.pad(claimable, reach)
    for tile in grid.tiles(size):
        grown = tile.grown(reach)
        window = grown.inside(haloed)
        cleaned = clean(candidate[window], ground[window], gap, sliver)[tile.inside(grown)]
        np.testing.assert_array_equal(cleaned, whole[tile.inside(grid)])


@given(masks(30), widths, widths, st.integers(0, 99))
@settings(max_examples=trials(100), deadline=None)
def test_cleaning_agrees_with_scipy(mask: Mask, gap: int, sliver: int, seed: int) -> None:
    claimable = claimable_of(mask, seed)
    room = gap + sliver + 2
    candidate = np.pad(mask, room)
    square = np.ones((gap + 1, gap + 1), bool)
    closed = ndimage.binary_closing(candidate, square) if gap else candidate
    joined = candidate | (closed & np.pad(claimable, room))
    expected = ndimage.binary_opening(joined, np.ones((sliver + 1, sliver + 1), bool)) if sliver else joined
    np.testing.assert_array_equal(clean(mask, claimable, gap, sliver), expected[room:-room, room:-room])


@given(masks(30), widths, widths)
@settings(max_examples=trials(100), deadline=None)
def test_no_direction_is_favoured(mask: Mask, gap: int, sliver: int) -> None:
    cleaned = clean(mask, np.ones_like(mask), gap, sliver)
    for turn in (np.fliplr, np.flipud, np.transpose):
        turned = turn(mask)
        np.testing.assert_array_equal(clean(turned, np.ones_like(turned), gap, sliver), turn(cleaned))


@given(masks(30), widths, widths, st.integers(0, 99))
@settings(max_examples=trials(100), deadline=None)
def test_cleaning_claims_only_what_may_be_claimed(mask: Mask, gap: int, sliver: int, seed: int) -> None:
    claimable = claimable_of(mask, seed)
    cleaned = clean(mask, claimable, gap, sliver)
    assert not (cleaned & ~claimable).any()
    np.testing.assert_array_equal(clean(cleaned, cleaned, 0, sliver), cleaned)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_gap_is_closed_up_to_the_width_and_not_beyond(width: int) -> None:
    mask = np.ones((9, 20), bool)
    mask[:, 8 : 8 + width] = False
    for gap in range(6):
        filled = clean(mask, np.ones_like(mask), gap, 0)[4, 8 : 8 + width]
        assert filled.all() == (width <= gap)
        assert filled.any() == (width <= gap)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_strip_is_dropped_up_to_the_width_and_not_beyond(width: int) -> None:
    mask = np.zeros((9, 20), bool)
    mask[:, 8 : 8 + width] = True
    for sliver in range(6):
        assert clean(mask, np.ones_like(mask), 0, sliver).sum() == (mask.sum() if width > sliver else 0)


def test_cleaning_by_nothing_changes_nothing_and_copies() -> None:
    mask = np.eye(4, dtype=bool)
    cleaned = clean(mask, np.zeros_like(mask), 0, 0)
    np.testing.assert_array_equal(cleaned, mask)
    assert cleaned is not mask


def test_bytes_are_taken_as_masks() -> None:
    mask = np.array([[1, 0, 1], [1, 0, 1]], np.uint8)
    assert clean(mask, np.ones_like(mask), 1, 1).all()
