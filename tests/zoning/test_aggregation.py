"""Laws of patch aggregation: the same twice, the same by tiles, never across a barrier, and what is counted is there."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from tests.trials import trials
from tests.zoning.aggregation_lands import CELL, Case, cases, plain_zone

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.zoning.aggregation import Aggregation, aggregate
from shuibao.zoning.aggregation_joining import join_pieces
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_tiles import TilePieces, tile_pieces
from shuibao.zoning.aggregation_zone import Candidates, zone_cells
from shuibao.zoning.cleaning import clean


def said(made: Aggregation) -> list[bytes]:
    """Return everything that an aggregation says, as bytes."""
    arcs = made.borders().simplified(made.rule.simplify).smoothed(made.rule.smooth)
    table = [np.ascontiguousarray(getattr(made.areas, name)).tobytes() for name in made.areas.__dataclass_fields__]
    return [*table, made.labels().tobytes(), *shapely.to_wkb(arcs.polygons()[1])]


@settings(max_examples=trials(80))
@given(cases())
def test_aggregating_again_changes_nothing(case: Case) -> None:
    once = case.made()
    twice = case.again(once.classes())
    np.testing.assert_array_equal(twice.labels(), once.labels())
    assert twice.areas.commission.sum() == 0
    assert twice.areas.omission == 0


@settings(max_examples=trials(50))
@given(cases(), st.integers(1, 40))
def test_tiles_of_any_size_make_the_same_areas(case: Case, size: int) -> None:
    assert said(case.made(size)) == said(case.made())


@settings(max_examples=trials(40))
@given(cases(most=12))
def test_the_zone_is_what_the_equations_say(case: Case) -> None:
    rows, cols = case.grid.shape
    reach = case.rule.reach
    found = zone_cells(padded(case.candidates, reach), case.rule)[reach : reach + rows, reach : reach + cols]
    np.testing.assert_array_equal(found > 0, plain_zone(case))


def padded(candidates: Candidates, reach: int) -> Candidates:
    """Return candidates with land beyond them that may not be claimed."""
    claimable = candidates.claimable
    claimable = np.ones(candidates.source.shape, bool) if claimable is None else claimable
    barrier, fence = candidates.barrier, candidates.fence
    return Candidates(
        np.pad(candidates.source, reach),
        np.pad(claimable, reach),
        None if barrier is None else np.pad(barrier, reach),
        None if fence is None else np.pad(fence, reach),
    )


@settings(max_examples=trials(40))
@given(cases())
def test_an_area_is_one_part_of_one_class_and_district_without_barrier(case: Case) -> None:
    made = case.made()
    labels, kinds = made.labels(), made.classes()
    c = case.candidates
    for k in range(1, len(made.areas) + 1):
        cells = labels == k
        assert ndimage.label(cells)[1] == 1
        assert np.unique(kinds[cells]).tolist() == [made.areas.kind[k - 1]]
        if c.fence is not None:
            assert np.unique(c.fence[cells]).tolist() == [made.areas.fence[k - 1]]
        if c.barrier is not None:
            assert not c.barrier[cells].any()
        assert cells.sum() >= case.rule.min_cells


@settings(max_examples=trials(40))
@given(cases())
def test_what_is_told_of_an_area_is_what_is_there(case: Case) -> None:
    made = case.made()
    labels, source, areas = made.labels(), case.candidates.source, made.areas
    inside = np.where(labels > 0, source, 0)
    if case.candidates.barrier is not None:
        source_left = np.where(case.candidates.barrier, 0, source)
        assert not ((labels == 0) & (inside > 0) & (source_left == 0)).any()
    for k in range(1, len(areas) + 1):
        cells = labels == k
        rows, cols = np.nonzero(cells)
        assert areas.cells[k - 1] == cells.sum()
        np.testing.assert_array_equal(areas.by_class[k - 1], np.bincount(source[cells], minlength=16))
        first = rows[0] + case.grid.row, cols[0] + case.grid.col
        assert tuple(areas.first[k - 1]) == first
        assert areas.box[k - 1].tolist() == [
            rows.min() + case.grid.row, rows.max() + case.grid.row, cols.min() + case.grid.col,
            cols.max() + case.grid.col,
        ]  # fmt: skip
        assert areas.patches[k - 1] == sum(
            ndimage.label(cells & (source == c))[1] for c in np.unique(source[cells]) if c
        )
        around = np.pad(cells, 1)
        assert areas.edges[k - 1] == sum(np.count_nonzero(np.diff(around.astype(int), axis=axis)) for axis in (0, 1))
    np.testing.assert_array_equal(areas.omitted[1:], np.bincount(source[labels == 0], minlength=16)[1:])
    assert areas.cells.sum() - areas.commission.sum() + areas.omission == (source > 0).sum()


@settings(max_examples=trials(40))
@given(cases())
def test_without_barriers_holes_and_districts_it_is_the_cleaning_of_steep_slopes(case: Case) -> None:
    source = (case.candidates.source > 0).astype(np.uint8)
    claimable = case.candidates.claimable
    rule = AggregationRule(gap_cells=case.rule.gap_cells, sliver_cells=case.rule.sliver_cells)
    made = aggregate(Candidates(source, claimable), case.grid, rule)
    old = clean(source, np.ones_like(source) if claimable is None else claimable, rule.gap_cells, rule.sliver_cells)
    parts, count = ndimage.label(old)
    empty = [k for k in range(1, count + 1) if not source[parts == k].any()]  # all of it taken in
    np.testing.assert_array_equal(made.labels() > 0, old & ~np.isin(parts, empty))


def test_a_gap_is_closed_but_not_over_a_river_however_it_runs() -> None:
    source = np.ones((9, 12), np.uint8)
    source[:, 5:7] = 0
    rule = AggregationRule(gap_cells=2)
    grid = Grid(CELL, 0, 0, 9, 12)
    assert len(aggregate(Candidates(source), grid, rule).areas) == 1
    river = np.zeros(source.shape, bool)
    river[np.arange(9), [5, 5, 6, 6, 5, 5, 6, 6, 5]] = True  # touches by corners only
    made = aggregate(Candidates(source, barrier=river), grid, rule)
    assert len(made.areas) == 2
    assert (made.labels()[river] == 0).all()
    assert made.areas.commission.sum() == 0


def test_land_between_a_patch_and_a_river_is_not_taken_for_what_lies_beyond() -> None:
    source = np.zeros((8, 9), np.uint8)
    source[:, :3], source[:, 6:] = 1, 1
    river = np.zeros(source.shape, bool)
    river[:, 5] = True
    rule = AggregationRule(gap_cells=3)
    assert aggregate(Candidates(source), Grid(CELL, 0, 0, 8, 9), rule).areas.commission.sum() == 24
    assert aggregate(Candidates(source, barrier=river), Grid(CELL, 0, 0, 8, 9), rule).areas.commission.sum() == 0


def test_a_hole_with_a_barrier_a_large_hole_and_a_road_stay() -> None:
    source = np.ones((12, 40), np.uint8)
    source[2:4, 2:4] = source[2:4, 8:10] = source[2:6, 14:18] = source[10, 2:30] = 0
    barrier = np.zeros(source.shape, bool)
    barrier[2, 8] = True
    rule = AggregationRule(hole_cells=16, hole_side=10)
    made = aggregate(Candidates(source, barrier=barrier), Grid(CELL, 0, 0, 12, 40), rule)
    assert made.areas.commission.tolist() == [4]
    assert (made.labels()[2:4, 2:4] == 1).all()


def test_a_small_hole_is_filled_before_slivers_are_dropped() -> None:
    source = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8)
    rule = AggregationRule(sliver_cells=1, hole_cells=2, hole_side=1)
    assert aggregate(Candidates(source), Grid(CELL, 0, 0, 3, 3), rule).areas.cells.tolist() == [9]


def test_a_small_part_goes_to_the_neighbour_with_the_longest_border() -> None:
    source = np.repeat(np.array([[1, 1, 1, 1, 3, 2, 2, 2, 2]], np.uint8), 6, axis=0)
    source[0, 4] = 1
    source[3, 3] = 3  # one edge more to class 1, three edges in all
    made = aggregate(Candidates(source), Grid(CELL, 0, 0, 6, 9), AggregationRule(min_cells=8))
    assert made.areas.kind.tolist() == [1, 2]
    assert made.areas.converted.tolist() == [6, 0]


def test_of_two_neighbours_with_as_long_a_border_the_larger_takes_it() -> None:
    source = np.array([[1, 1, 3, 2, 2, 2]], np.uint8)
    made = aggregate(Candidates(source), Grid(CELL, 0, 0, 1, 6), AggregationRule(min_cells=2))
    assert made.classes().tolist() == [[1, 1, 2, 2, 2, 2]]


def test_an_area_that_is_all_taken_in_is_none() -> None:
    source = np.zeros((7, 9), np.uint8)
    source[:, 0], source[:, 8] = 1, 1
    claimable = np.zeros(source.shape, bool)
    claimable[:, 3:6] = True  # not next to either patch
    made = aggregate(Candidates(source, claimable), Grid(CELL, 0, 0, 7, 9), AggregationRule(gap_cells=7))
    assert made.areas.commission.sum() == 0


def test_nothing_gives_no_area() -> None:
    made = aggregate(Candidates(np.zeros((5, 5), np.uint8)), Grid(CELL, 0, 0, 5, 5), AggregationRule(2, 1, 4, 3, 3))
    assert len(made.areas) == 0
    assert made.labels().sum() == 0
    assert len(made.borders()) == 0


@pytest.mark.parametrize("table", ["steep_slope", "severe_fragile"])
def test_the_rules_of_both_kinds_have_all_parameters(table: str) -> None:
    rule = AggregationRule.from_rules(load_rules(["national"]), table, 10.0)
    assert rule.gap_cells > 0
    assert rule.min_cells > 1
    assert rule.hole_reach > 0
    assert rule.simplify > 0
    assert rule.smooth > 0


def test_a_negative_width_is_refused_and_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    pack = tmp_path / "own.toml"
    words = 'unit = "m"\nsource = "shuibao"\nstatus = "draft"\nbasis = "chosen"\nconfidence = "L"'
    pack.write_text(
        f'[pack]\nid = "own"\ntitle = "甲"\ntitle_en = "A"\nincludes = ["national"]\n'
        f'[steep_slope.gap_width]\nvalue = -3\n{words}\nname = "乙"\nname_en = "B"\n',
        encoding="utf-8",
    )
    with pytest.raises(ShuibaoError, match=r"steep_slope\.gap_width"):
        AggregationRule.from_rules(load_rules(["national", pack]), "steep_slope", 10.0)


@pytest.mark.parametrize(
    "given_, words",
    [
        ({"source": np.full((2, 3), 16)}, "source 应为 0 至 15"),
        ({"source": np.full((2, 3), 1.5)}, "source 应为 0 至 15"),
        ({"source": np.ones((2, 3), int), "barrier": np.ones((3, 2), bool)}, "barrier 大小"),
        ({"source": np.ones((2, 3), int), "fence": np.full((2, 3), -1)}, "fence 应为 0"),
    ],
)
def test_candidates_that_cannot_be_are_refused(given_: dict[str, NDArray[np.generic]], words: str) -> None:
    with pytest.raises(ShuibaoError, match=words):
        Candidates(**given_)


def test_a_tile_given_twice_and_tiles_that_do_not_fit_are_refused() -> None:
    grid, rule = Grid(CELL, 0, 0, 6, 6), AggregationRule()
    reach = 3 + 2 * rule.reach

    def pieces(kind: int) -> list[TilePieces]:
        candidates = Candidates(np.full((reach, reach), kind, np.uint8))
        return [tile_pieces(candidates, tile, rule) for tile in grid.tiles(3)]

    full, other = pieces(1), pieces(2)
    with pytest.raises(ShuibaoError, match="两次"):
        join_pieces([full[0], full[0]], rule)
    with pytest.raises(ShuibaoError, match="不同"):
        join_pieces([full[0], other[1]], rule)
    with pytest.raises(ShuibaoError, match="格网"):
        aggregate(Candidates(np.ones((2, 2), np.uint8)), grid, rule)
