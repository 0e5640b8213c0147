"""Laws of drawn areas: a coverage, as large as told, and none smaller than the rule allows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trials import trials
from tests.zoning.aggregation_lands import CELL, Case, cases

from shuibao.ground.grid import Grid
from shuibao.ground.vectors import read_vectors
from shuibao.messages import ShuibaoError
from shuibao.zoning import aggregation_drawing
from shuibao.zoning.aggregation import aggregate
from shuibao.zoning.aggregation_drawing import DrawnAreas, area_columns, draw_areas, draw_in_batches, write_areas
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


@settings(max_examples=trials(30))
@given(cases(), st.integers(1, 60))
def test_batches_are_what_is_drawn_at_once(case: Case, points: int) -> None:
    made = case.made()
    whole, batches = draw_areas(made), list(draw_in_batches(made, points))
    assert [g.wkb for drawn in batches for g in drawn.geometry] == [g.wkb for g in whole.geometry]
    for name in ("area", "perimeter", "compactness", "holes"):
        parts = [getattr(drawn, name) for drawn in batches]
        np.testing.assert_array_equal(np.concatenate([np.empty(0), *parts]), getattr(whole, name))


@pytest.mark.parametrize("kind", [0, 1])
def test_areas_written_in_batches_are_read_as_drawn(kind: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = np.zeros((20, 40), np.uint8)
    source[2:18, 2:12], source[2:18, 20:38] = kind, 2 * kind
    made = aggregate(Candidates(source), Grid(CELL, 3, 4, 20, 40), AggregationRule(smooth=10.0))
    drawn = draw_areas(made)
    monkeypatch.setattr(aggregation_drawing, "draw_in_batches", partial(draw_in_batches, points=5))
    for name in ("one.parquet", "other.parquet"):
        write_areas(made, tmp_path / name, metadata={"DATA_KIND": "simulated"})
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "other.parquet").read_bytes()
    found = read_vectors(tmp_path / "one.parquet")
    assert found.metadata == {"DATA_KIND": "simulated"}
    assert found.crs == made.grid.crs
    assert [g.wkb for g in found.geometry] == [g.wkb for g in drawn.geometry]
    for column, values in area_columns(made, drawn).items():
        np.testing.assert_array_equal(found.columns[column], values)


def test_a_file_is_left_as_it_was_when_drawing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = aggregate(Candidates(np.ones((4, 4), np.uint8)), Grid(CELL, 0, 0, 4, 4), AggregationRule())
    write_areas(made, tmp_path / "areas.parquet")
    before = (tmp_path / "areas.parquet").read_bytes()

    def failing(_: object) -> Iterator[DrawnAreas]:
        yield draw_areas(made)
        raise ShuibaoError("磁盘已满", "the disk is full")

    monkeypatch.setattr(aggregation_drawing, "draw_in_batches", failing)
    with pytest.raises(ShuibaoError, match="磁盘已满"):
        write_areas(made, tmp_path / "areas.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["areas.parquet"]
    assert (tmp_path / "areas.parquet").read_bytes() == before


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
