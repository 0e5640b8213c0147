"""The cutting of channels into pieces, and their painting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import EXAMPLES, OUTLET, around, contributing_cells, directions, downstream, land, way

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.watershed import (
    Channels,
    Drainage,
    Limits,
    Outlets,
    Partition,
    count_cells,
    delineate,
    join_touching,
    paint,
    touching,
)
from shuibao.watershed.pieces import PieceKind


class Cut(NamedTuple):
    """A land, its pieces and how they were painted."""

    direction: NDArray[np.uint8]
    area: NDArray[np.int64]
    limits: Limits
    partition: Partition
    label: NDArray[np.int32]


def cut(direction: NDArray[np.uint8], limits: Limits) -> Cut:
    area = contributing_cells(direction)
    channels = Channels.from_arrays(direction, area, limits.channel)
    partition = delineate(channels, Outlets.from_arrays(direction, area), limits)
    return Cut(direction, area, limits, partition, paint(partition, Drainage.from_directions(direction, 30.0)))


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Return limits for grids of a hundred cells."""
    channel = draw(st.integers(1, 6))
    minimum = channel + draw(st.integers(0, 6))
    target = minimum + draw(st.integers(0, 10))
    maximum = target + draw(st.integers(0, 20))
    return Limits(minimum, target, maximum, maximum + draw(st.sampled_from([0, 3, 10, 1000])), channel)


cuts = st.builds(cut, directions(), limits())


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_every_land_cell_has_a_piece_and_no_other_cell_has(case: Cut) -> None:
    assert ((case.label > 0) == (case.direction > 0)).all()
    assert case.label.max(initial=0) <= case.partition.number


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_areas_known_beforehand_are_the_areas_painted(case: Cut) -> None:
    painted = count_cells(case.label, case.partition.number)
    known = case.partition.pieces.cells
    assert (painted[1:][known[1:] >= 0] == known[1:][known[1:] >= 0]).all()
    assert painted[1:].sum() == case.partition.land == np.count_nonzero(case.direction)


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_water_leaves_a_piece_only_for_the_one_the_table_names(case: Cut) -> None:
    into = case.partition.pieces.into
    for cell in land(case.direction):
        below = downstream(case.direction, cell)
        after = 0 if below is None else case.label[below]
        assert after == case.label[cell] or after == into[case.label[cell]]


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_a_basin_is_left_only_through_its_cross_section(case: Cut) -> None:
    pieces, cols = case.partition.pieces, case.direction.shape[1]
    for cell in land(case.direction):
        piece = case.label[cell]
        below = downstream(case.direction, cell)
        if pieces.kind[piece] in (PieceKind.BASIN, PieceKind.SLOPE) and (below is None or case.label[below] != piece):
            assert cell[0] * cols + cell[1] == pieces.exit[piece]
            assert case.area[cell] == pieces.through[piece]


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_pieces_form_a_forest(case: Cut) -> None:
    into = case.partition.pieces.into
    for piece in range(1, into.size):
        seen = set()
        at = piece
        while at:
            assert at not in seen, "pieces run in a circle"
            seen.add(at)
            at = int(into[at])


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_basins_are_within_the_limits_but_at_mouths_and_where_nothing_can_be_cut(case: Cut) -> None:
    pieces, limits = case.partition.pieces, case.limits
    fed = np.zeros(pieces.kind.size, dtype=bool)
    fed[pieces.into] = True
    for piece in np.flatnonzero(pieces.kind == PieceKind.BASIN):
        if pieces.border[piece] == 0:
            assert pieces.cells[piece] >= limits.minimum
        if pieces.cells[piece] > limits.maximum:
            (row, col) = divmod(int(pieces.exit[piece]), case.direction.shape[1])
            inside = [cell for cell in land(case.direction) if case.label[cell] == piece]
            assert any(_too_much_at_once(case, cell) for cell in inside), f"{row}, {col} could have been cut"


def _too_much_at_once(case: Cut, cell: tuple[int, int]) -> bool:
    """Return whether more meets at a cell than a unit may have although no tributary has the minimum."""
    small = 1
    for _, place in around(case.direction, cell):
        if case.direction[place] and downstream(case.direction, place) == cell:
            small += min(int(case.area[place]), case.limits.minimum - 1)
    return small > case.limits.maximum


@given(cuts)
@settings(max_examples=EXAMPLES)
def test_a_cell_takes_the_piece_through_which_its_water_meets_the_channel(case: Cut) -> None:
    seeds, cols = case.partition.seeds, case.direction.shape[1]
    row_of = {int(cell): k for k, cell in enumerate(seeds.cell)}
    for cell in land(case.direction):
        passed = way(case.direction, cell)
        meets = next(k for k, place in enumerate(passed) if place[0] * cols + place[1] in row_of)
        at = row_of[passed[meets][0] * cols + passed[meets][1]]
        if meets == 0:
            assert case.label[cell] == seeds.left[at]
        else:
            assert case.label[cell] in (seeds.left[at], seeds.right[at])


def river() -> NDArray[np.uint8]:
    """Return a river that runs east through the middle row, slopes north and south of it."""
    direction = np.ones((5, 6), dtype=np.uint8)
    direction[:2] = 3
    direction[3:] = 7
    direction[2, -1] = OUTLET
    return direction


def test_north_of_a_river_that_runs_east_is_its_left_bank() -> None:
    case = cut(river(), Limits(minimum=6, target=6, maximum=6, large_river=6, channel=6))
    kind = case.partition.pieces.kind[case.label]
    assert (kind[:3, 1:] == PieceKind.LEFT_BANK).all()  # the river itself belongs to the left
    assert (kind[3:, 1:] == PieceKind.RIGHT_BANK).all()


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_banks_turn_with_the_river(turns: int) -> None:
    limits = Limits(minimum=6, target=6, maximum=6, large_river=6, channel=6)
    direction = river()
    turned = np.rot90(direction, -turns)  # clockwise by right angles
    codes = np.where(turned < OUTLET, (turned + 2 * turns - 1) % 8 + 1, OUTLET).astype(np.uint8)
    one, other = cut(direction, limits), cut(codes, limits)
    kinds = one.partition.pieces.kind[one.label]
    assert np.array_equal(np.rot90(kinds, -turns), other.partition.pieces.kind[other.label])


def test_a_channel_is_cut_above_the_junction_where_it_has_reached_the_target() -> None:
    direction = np.array(
        [[9, 5, 5, 5, 5, 5, 5, 5], [0, 0, 0, 7, 0, 0, 0, 0], [0, 0, 0, 7, 0, 0, 0, 0]], dtype=np.uint8
    )  # four cells come from the east to the junction in column 3, two from the south
    case = cut(direction, Limits(minimum=2, target=4, maximum=20, large_river=50, channel=1))
    assert case.label[0, 4] != case.label[0, 3] == case.label[1, 3]


def test_a_remainder_at_a_mouth_takes_land_from_upstream() -> None:
    direction = np.array([[9] + [5] * 10], dtype=np.uint8)  # eleven cells: 9 would leave 2
    case = cut(direction, Limits(minimum=4, target=9, maximum=9, large_river=50, channel=1))
    assert sorted(case.partition.pieces.cells[1:].tolist()) == [4, 7]


def test_limits_that_cannot_be_met_are_refused() -> None:
    with pytest.raises(CallError, match="互相矛盾"):
        Limits(minimum=10, target=30, maximum=5, large_river=500, channel=2)


def test_limits_of_cells_larger_than_units_are_refused() -> None:
    rules = load_rules(["national"])
    with pytest.raises(CallError, match="更小的像元"):
        Limits.from_rules(rules, 30e6 * 30)
    with pytest.raises(CallError, match="大于 0"):
        Limits.from_rules(rules, 0.0)


def test_channels_of_another_threshold_are_refused() -> None:
    direction = np.array([[9, 5]], dtype=np.uint8)
    area = contributing_cells(direction)
    with pytest.raises(CallError, match=r"limits\.channel"):
        delineate(Channels.from_arrays(direction, area, 2), Outlets.from_arrays(direction, area), Limits(1, 1, 1, 1, 1))


def test_outlets_of_another_land_are_refused() -> None:
    direction = np.array([[9, 5]], dtype=np.uint8)
    area = contributing_cells(direction)
    channels = Channels.from_arrays(direction, area, 1)
    for cell, cells in (([], []), ([1], [2]), ([0], [1])):
        with pytest.raises(ShuibaoError, match="第 0 行第 0 列"):
            delineate(channels, Outlets(np.array(cell, dtype=int), np.array(cells, dtype=int)), Limits(1, 1, 1, 1, 1))


def test_painting_another_grid_is_refused() -> None:
    case = cut(river(), Limits(6, 6, 6, 6, 6))
    with pytest.raises(CallError, match="格网"):
        paint(case.partition, Drainage.from_directions(np.array([[9]], dtype=np.uint8), 30.0))


@given(directions(8), st.integers(1, 7))
@settings(max_examples=EXAMPLES)
def test_touching_pieces_are_those_a_walk_finds_and_tiles_add_up(label: NDArray[np.uint8], rows: int) -> None:
    expected: dict[tuple[int, int], int] = {}
    for cell in land(label):
        for code, place in around(label, cell):
            low, high = int(label[cell]), int(label[place])
            if 0 < low < high:
                expected[low, high] = expected.get((low, high), 0) + code % 2
    whole = touching(label)
    assert {(int(a), int(b)): int(n) for a, b, n in whole} == expected
    strips = [touching(label[top : top + rows + 1]) for top in range(0, label.shape[0], rows)]
    seams = [touching(label[[top]]) for top in range(rows, label.shape[0], rows)]  # rows seen twice
    joined = join_touching(strips)
    for a, b, n in join_touching(seams):
        joined[(joined[:, 0] == a) & (joined[:, 1] == b), 2] -= n
    assert np.array_equal(joined, whole)
