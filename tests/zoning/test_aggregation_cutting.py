"""Laws of areas that districts cut: pieces make up the areas, fit edge to edge, and cover no barrier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.trials import trials
from tests.zoning.aggregation_lands import CELL, Case, cases

from shuibao.ground.coverage import polygonize
from shuibao.ground.grid import Grid
from shuibao.zoning.aggregation import aggregate
from shuibao.zoning.aggregation_cutting import CutAreas, cut_areas, draw_pieces, within
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_zone import Candidates

Cells = Callable[[Grid], NDArray[np.int64]]


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Case, Cells, Cells]:
    """Draw candidates of one class with a barrier, and districts that cut them."""
    case = draw(cases())
    c, random = case.candidates, np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    barrier = np.zeros(c.source.shape, np.bool_) if c.barrier is None else c.barrier.astype(np.bool_)
    low, left = case.grid.row, case.grid.col
    rows, cols = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    numbers = 1 + random.permutation(64)

    def districts(grid: Grid) -> NDArray[np.int64]:
        row, col = np.indices(grid.shape)
        return numbers[(((row + grid.row - low) // rows) * 5 + (col + grid.col - left) // cols) % 64]

    def barrier_on(grid: Grid) -> NDArray[np.bool_]:
        inside = within(grid, case.grid)
        out = np.ones(grid.shape, np.bool_)
        out[inside] = barrier[within(case.grid, grid)]
        return out

    one = Candidates((c.source > 0).astype(np.uint8), c.claimable, barrier)
    return replace(case, candidates=one), districts, barrier_on


def cut_of(case: Case, districts: Cells, tile: int = 10**6) -> CutAreas:
    return cut_areas(case.made(tile), districts)


@settings(max_examples=trials(30))
@given(cuts())
def test_pieces_make_up_the_areas_cell_by_cell_and_each_is_of_one_area_and_district(
    given_: tuple[Case, Cells, Cells],
) -> None:
    case, districts, _ = given_
    cut = cut_of(case, districts)
    areas, pieces, unit = cut.made.labels(), cut.pieces.labels(), districts(case.grid)
    np.testing.assert_array_equal(areas > 0, pieces > 0)
    inside = pieces > 0
    np.testing.assert_array_equal(areas[inside], cut.whole[pieces[inside] - 1] + 1)
    np.testing.assert_array_equal(unit[inside], cut.pieces.areas.fence[pieces[inside] - 1])
    sums = np.bincount(cut.whole, cut.pieces.areas.cells, minlength=len(cut.made.areas))
    np.testing.assert_array_equal(sums, cut.made.areas.cells)
    assert (sums >= case.rule.min_cells).all()


@settings(max_examples=trials(30))
@given(cuts())
def test_drawn_pieces_fit_edge_to_edge_and_hold_nothing_of_a_barrier(given_: tuple[Case, Cells, Cells]) -> None:
    case, districts, barrier = given_
    cut = cut_of(case, districts)
    drawn = draw_pieces(cut, barrier)
    assert len(drawn.geometry) == len(cut)
    assert {shape.geom_type for shape in drawn.geometry} <= {"Polygon"}
    assert shapely.is_valid(drawn.geometry).all()
    assert shapely.coverage_is_valid(drawn.geometry)
    whole = np.bincount(cut.whole, drawn.area, minlength=len(cut.made.areas))
    assert (whole >= case.rule.min_cells * CELL**2 * (1 - 1e-9)).all()
    _, closed = polygonize(barrier(case.grid).astype(np.int32), case.grid)
    if len(closed):
        assert shapely.area(shapely.intersection(drawn.geometry, closed[0])).sum() == 0.0


@settings(max_examples=trials(20))
@given(cuts())
def test_tiles_of_any_size_cut_and_draw_the_same(given_: tuple[Case, Cells, Cells]) -> None:
    case, districts, barrier = given_
    one, other = (cut_of(case, districts, tile) for tile in (10**6, 7))
    np.testing.assert_array_equal(one.whole, other.whole)
    assert one.pieces.areas.first.tolist() == other.pieces.areas.first.tolist()
    drawn, tiled = (draw_pieces(cut, barrier).geometry for cut in (one, other))
    assert shapely.to_wkb(drawn).tolist() == shapely.to_wkb(tiled).tolist()


def test_borders_between_pieces_and_to_the_barrier_run_along_the_cells_and_others_are_smoothed() -> None:
    grid = Grid(CELL, 0, 0, 40, 40)
    source, barrier = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.bool_)
    source[5:35, 5:35] = 1
    barrier[5:15, 5:15] = True
    made = aggregate(Candidates(source, barrier=barrier), grid, AggregationRule(simplify=15.0, smooth=10.0))

    halves = np.where(np.arange(40) < 20, 1, 2) * np.ones((40, 1), np.int64)
    cut = cut_areas(made, lambda g: np.pad(halves, 1, mode="edge")[: g.rows, : g.cols])
    west, east = draw_pieces(cut, lambda g: np.pad(barrier, 1)[: g.rows, : g.cols]).geometry
    shared = shapely.intersection(west, east)
    assert shared.length == 300.0
    assert set(shapely.get_coordinates(shared)[:, 0]) == {200.0}
    corner = shapely.box(50.0, -150.0, 150.0, -50.0)
    assert west.intersection(corner).length == pytest.approx(200.0)
    assert shapely.Point(350.0, -350.0).distance(east) > 0  # a corner beside nothing is cut
