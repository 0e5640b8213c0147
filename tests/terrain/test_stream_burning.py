"""Laws of stream burning: exactly the rivers' cells are lowered, and water follows them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.terrain.terrains import EXAMPLES, ground, seeds

from shuibao.ground import Grid, burn_lines
from shuibao.messages import CallError, ShuibaoError
from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, OUTLET, burn_streams, fill_depressions, route

LAND = Grid(30.0, row=-140000, col=18000, rows=30, cols=40)


def meander(random: np.random.Generator) -> shapely.LineString:
    """Return a river that flows from the west to the east edge and never turns back."""
    left, bottom, right, top = LAND.bounds
    x = np.linspace(left + 1.0, right - 1.0, 9)
    return shapely.LineString(np.column_stack([x, random.uniform(bottom + 100.0, top - 100.0, 9)]))


@settings(max_examples=EXAMPLES)
@given(seed=seeds, kind=st.sampled_from(["float32", "float64"]))
def test_burning_lowers_exactly_the_cells_on_the_lines(seed: int, kind: str) -> None:
    random = np.random.default_rng(seed)
    z = ground(random, LAND.shape, holes=0.05).astype(kind)
    lines = [meander(random), meander(random)]
    found = burn_streams(z, lines, LAND, depth=8.0)
    on = burn_lines(lines, LAND) > 0
    np.testing.assert_array_equal(found[~on], z[~on])
    np.testing.assert_array_equal(found[on], z[on] - z.dtype.type(8.0))
    assert found.dtype == z.dtype


@settings(max_examples=EXAMPLES)
@given(seed=seeds, size=st.integers(7, 33))
def test_tiles_are_burnt_as_the_whole_is(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    z = ground(random, LAND.shape)
    lines = [meander(random)]
    whole = burn_streams(z, lines, LAND, depth=5.0)
    for tile in LAND.tiles(size):
        part = tile.inside(LAND)
        np.testing.assert_array_equal(burn_streams(z[part], lines, tile, depth=5.0, land=LAND), whole[part])


@settings(max_examples=EXAMPLES)
@given(seed=seeds)
def test_water_follows_a_river_that_is_burnt_deep(seed: int) -> None:
    random = np.random.default_rng(seed)
    row, col = np.indices(LAND.shape)
    z = 500.0 - 0.1 * col + 3.0 * random.random(LAND.shape)  # rough, hardly tilted
    river = meander(random)
    on = burn_lines([river], LAND) > 0
    z[on] = 500.0 - 0.1 * col[on]  # a bed that falls with the river
    direction = route(fill_depressions(burn_streams(z, [river], LAND, depth=50.0)), LAND.cell)
    r, c = np.argwhere(on)[np.argwhere(on)[:, 1].argmin()]
    steps = 0
    while direction[r, c] != OUTLET:
        assert on[r, c]
        r, c = r + DOWNHILL_ROWS[direction[r, c]], c + DOWNHILL_COLS[direction[r, c]]
        steps += 1
    assert on[r, c]
    assert c == LAND.cols - 1 or steps == 0


def away() -> shapely.LineString:
    """Return a river that does not touch the land."""
    return shapely.LineString([(0.0, 0.0), (900.0, 900.0)])


def test_rivers_outside_the_land_are_refused_with_both_extents() -> None:
    with pytest.raises(
        ShuibaoError, match=r"河流范围 \(0, 0, 900, 900\)，格网范围 \(540000, 4199100, 541200, 4200000\)"
    ):
        burn_streams(np.zeros(LAND.shape), [away()], LAND, depth=5.0)
    with pytest.raises(ShuibaoError, match="没有河流"):
        burn_streams(np.zeros(LAND.shape), [], LAND, depth=5.0)


def test_a_tile_without_rivers_is_in_order() -> None:
    left, _, _, top = LAND.bounds
    corner = shapely.LineString([(left + 5.0, top - 5.0), (left + 35.0, top - 5.0)])
    tile = Grid(30.0, LAND.row + 20, LAND.col + 20, 4, 4)
    assert not burn_streams(np.zeros((4, 4)), [corner], tile, depth=5.0, land=LAND).any()


def test_ground_of_another_shape_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="同一格网"):
        burn_streams(np.zeros((3, 3)), [meander(np.random.default_rng(0))], LAND, depth=5.0)


@pytest.mark.parametrize("depth", [0.0, -1.0, math.nan, math.inf])
def test_the_depth_must_be_positive(depth: Any) -> None:
    with pytest.raises(CallError, match="刻入深度"):
        burn_streams(np.zeros(LAND.shape), [meander(np.random.default_rng(0))], LAND, depth=depth)
