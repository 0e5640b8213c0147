"""Laws of drawn areas: a coverage, as large as told, and none smaller than the rule allows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from tests.trials import trials
from tests.zoning.aggregation_lands import CELL, Case, cases

from shuibao.ground.grid import Grid
from shuibao.zoning.aggregation import aggregate
from shuibao.zoning.aggregation_drawing import area_columns, draw_areas
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_zone import Candidates


@settings(max_examples=trials(50))
@given(cases())
def test_the_areas_drawn_are_a_coverage_as_large_as_told(case: Case) -> None:
    made = case.made()
    drawn = draw_areas(made)
    columns = area_columns(made, drawn)
    assert len(drawn.geometry) == len(made.areas)
    assert shapely.is_valid(drawn.geometry).all()
    assert shapely.coverage_is_valid(drawn.geometry)
    np.testing.assert_array_equal(columns["area_m2"], shapely.area(drawn.geometry))
    assert shapely.union_all(drawn.geometry).area == pytest.approx(columns["area_m2"].sum(), rel=1e-12)
    assert (columns["area_m2"] >= case.rule.min_cells * CELL**2 * (1 - 1e-9)).all()
    assert shapely.get_num_geometries(drawn.geometry).tolist() == [1] * len(made.areas)


@settings(max_examples=trials(50))
@given(cases())
def test_without_tolerances_the_cells_are_drawn(case: Case) -> None:
    rule = AggregationRule(case.rule.gap_cells, case.rule.sliver_cells, case.rule.min_cells)
    made = aggregate(case.candidates, case.grid, rule)
    drawn = draw_areas(made)
    np.testing.assert_array_equal(drawn.area, made.areas.cells * CELL**2)
    np.testing.assert_array_equal(drawn.perimeter, made.areas.edges * CELL)


def test_an_area_as_small_as_may_be_keeps_its_cells_and_a_larger_one_is_smoothed() -> None:
    source = np.zeros((40, 40), np.uint8)
    source[2:6, 2:6] = 1
    source[10:35, 10:35] = 1
    made = aggregate(Candidates(source), Grid(CELL, 0, 0, 40, 40), AggregationRule(min_cells=16, smooth=20.0))
    drawn = draw_areas(made)
    assert drawn.area[0] == 1600.0
    assert 0.95 * 62500 < drawn.area[1] < 62500
    assert drawn.compactness[0] == pytest.approx(math.pi / 4)
    assert drawn.compactness[1] > math.pi / 4 + 0.02


def test_holes_are_counted() -> None:
    source = np.ones((9, 9), np.uint8)
    source[2, 2] = source[6, 6] = 0
    made = aggregate(Candidates(source), Grid(CELL, 0, 0, 9, 9), AggregationRule())
    assert draw_areas(made).holes.tolist() == [2]
