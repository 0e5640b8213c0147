"""Laws of arcs that wait aside: what is drawn from them is what arcs in memory draw, however they are cut up."""

from __future__ import annotations

import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from tests.trials import trials

from shuibao.ground import arcs_aside, coverage_smoothing
from shuibao.ground.arcs_aside import ArcsAside
from shuibao.ground.coverage import TileBoundaries, join_boundaries, tile_boundaries
from shuibao.ground.coverage_arcs import Arcs
from shuibao.ground.coverage_smoothing import arc_ranges
from shuibao.ground.grid import Grid

CELL = 10.0
labels = arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))


def arcs_of(land: NDArray[np.int32]) -> Arcs:
    return join_boundaries([tile_boundaries(np.pad(land, 1), Grid(CELL, 40, -7, *land.shape))])


@settings(max_examples=trials(60))
@given(labels, st.sampled_from([0.0, 15.0, 40.0]), st.sampled_from([0.0, 10.0, 30.0]), st.data())
def test_polygons_and_areas_are_those_of_arcs_in_memory(
    land: NDArray[np.int32], simplify: float, smooth: float, data: st.DataObject
) -> None:
    arcs = arcs_of(land)
    fixed = np.array(data.draw(st.lists(st.booleans(), min_size=len(arcs), max_size=len(arcs))), bool)
    jobs, part, gap = data.draw(st.tuples(st.integers(1, 2), st.integers(1, 30), st.integers(0, 9)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arcs_aside, "PART", part)
        patch.setattr(arcs_aside, "GAP", gap)
        patch.setattr(coverage_smoothing, "PART", part)
        drawn = ArcsAside.of(arcs).drawn(simplify, smooth, fixed, jobs)
        batches = list(drawn.batches(points=part))
        whole = drawn.polygons()
    wanted = arcs.simplified(simplify, fixed).smoothed(smooth, fixed)
    names, geometry = wanted.polygons()
    np.testing.assert_array_equal(whole[0], names)
    assert shapely.to_wkb(whole[1]).tolist() == shapely.to_wkb(geometry).tolist()
    assert [g.wkb for _, some in batches for g in some] == [g.wkb for g in geometry]
    assert [n for some, _ in batches for n in some.tolist()] == names.tolist()
    np.testing.assert_array_equal(drawn.areas()[0], names)
    np.testing.assert_allclose(drawn.areas()[1], shapely.area(geometry), rtol=1e-12)


@given(labels)
def test_arcs_come_back_as_they_were(land: NDArray[np.int32]) -> None:
    arcs = arcs_of(land)
    back = ArcsAside.of(arcs).back()
    np.testing.assert_array_equal(back.corners, arcs.corners)
    np.testing.assert_array_equal(back.end, arcs.end)


@given(st.lists(st.integers(2, 9), max_size=20), st.integers(1, 40))
def test_ranges_of_arcs_leave_none_out_and_are_not_too_large(lengths: list[int], corners: int) -> None:
    end = np.cumsum(np.array(lengths, np.int64))
    found = arc_ranges(end, corners)
    assert [arc for low, high in found for arc in range(low, high)] == list(range(end.size))
    assert all(sum(lengths[low : high - 1]) <= corners for low, high in found)


def test_tiles_are_joined_one_at_a_time() -> None:
    land = np.arange(36, dtype=np.int32).reshape(6, 6) // 5
    whole, grid = np.pad(land, 1), Grid(CELL, 0, 0, 6, 6)
    given_: list[weakref.ref[TileBoundaries]] = []

    def traced() -> Iterator[TileBoundaries]:
        for tile in grid.tiles(3):
            rows, cols = tile.inside(grid)
            found = tile_boundaries(whole[rows.start : rows.stop + 2, cols.start : cols.stop + 2], tile)
            given_.append(weakref.ref(found))
            yield found
            del found
            assert sum(one() is not None for one in given_) <= 1

    joined = join_boundaries(traced())
    assert len(given_) == 4
    np.testing.assert_array_equal(joined.corners, join_boundaries([tile_boundaries(whole, grid)]).corners)
