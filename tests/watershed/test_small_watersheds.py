"""Small watersheds: they tile the land, follow the water, form a forest, and stay within the limits or say why."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import (
    EXAMPLES,
    OUTLET,
    contributing_cells,
    directions,
    downstream,
    elevations,
    fill,
    land,
    rough,
    route,
    way,
)

from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.watershed import (
    Channels,
    Drainage,
    Limits,
    Outlets,
    SmallWatersheds,
    compose,
    contributing_area,
    count_cells,
    delineate,
    paint,
    touching,
)
from shuibao.watershed.gathering import Gathering
from shuibao.watershed.pieces import Pieces
from shuibao.watershed.small_watersheds import REASONS, TYPE_NAMES, Reason, WatershedType


class Drawn(NamedTuple):
    """A land and its small watersheds."""

    direction: NDArray[np.uint8]
    units: SmallWatersheds
    raster: NDArray[np.int32]


def draw_units(direction: NDArray[np.uint8], limits: Limits, *, seen: bool = True) -> Drawn:
    area = contributing_cells(direction)
    channels = Channels.from_arrays(direction, area, limits.channel)
    outlets = Outlets.from_arrays(direction, area)
    partition = delineate(channels, outlets, limits)
    painted = paint(partition, Drainage.from_directions(direction, 30.0))
    counts = count_cells(painted, partition.number)
    units = compose(partition, channels, outlets, counts, touching(painted) if seen else None)
    return Drawn(direction, units, units.unit_of_piece[painted])


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Return limits for grids of some hundred cells, often with large rivers."""
    channel = draw(st.integers(1, 5))
    minimum = channel + draw(st.integers(0, 6))
    target = minimum + draw(st.integers(0, 10))
    maximum = target + draw(st.integers(0, 20))
    large = maximum + draw(st.sampled_from([0, 0, 3, 10, 1000]))
    return Limits(minimum, target, maximum, large, channel, draw(st.sampled_from([0.0, 0.1, 0.4])))


drawn = st.builds(draw_units, st.one_of(directions(), directions(18)), limits(), seen=st.booleans())


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_units_tile_the_land_and_their_areas_sum_to_it_exactly(case: Drawn) -> None:
    assert ((case.raster > 0) == (case.direction > 0)).all()
    assert count_cells(case.raster, case.units.number)[1:].tolist() == case.units.cells.tolist()
    assert (case.units.cells > 0).all()
    assert case.units.cells.sum() == np.count_nonzero(case.direction)


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_water_never_returns_to_a_unit_that_it_has_left(case: Drawn) -> None:
    for cell in land(case.direction):
        passed = [int(case.raster[place]) for place in way(case.direction, cell)]
        changes = [unit for k, unit in enumerate(passed) if k == 0 or passed[k - 1] != unit]
        assert len(set(changes)) == len(changes)


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_between_a_cell_and_the_next_the_unit_changes_only_at_a_channel(case: Drawn) -> None:
    area, limits = contributing_cells(case.direction), case.units.limits
    for cell in land(case.direction):
        below = downstream(case.direction, cell)
        if below is not None and case.raster[below] != case.raster[cell]:
            assert area[cell] >= limits.minimum or area[below] >= limits.large_river


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_the_unit_below_is_where_the_water_goes_at_the_outlet(case: Drawn) -> None:
    cols = case.direction.shape[1]
    for unit in range(case.units.number):
        outlet = divmod(int(case.units.outlet[unit]), cols)
        below = downstream(case.direction, outlet)
        expected = 0 if below is None else case.raster[below]
        if case.raster[outlet] == unit + 1:
            assert case.units.down[unit] == expected
        else:  # a right bank does not hold its river
            assert case.units.type[unit] == WatershedType.SLOPE
            assert case.units.down[unit] == case.raster[outlet]


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_units_form_a_forest_numbered_downstream_and_areas_add_up_along_it(case: Drawn) -> None:
    units = case.units
    assert ((units.down == 0) | (units.down > units.unit)).all()
    total = units.cells.copy()
    for unit in units.unit:
        if units.down[unit - 1]:
            total[units.down[unit - 1] - 1] += total[unit - 1]
    assert total.tolist() == units.total.tolist()
    assert total[units.down == 0].sum() == np.count_nonzero(case.direction)


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_types_are_what_the_water_says(case: Drawn) -> None:
    units = case.units
    fed = set()
    for cell in land(case.direction):
        below = downstream(case.direction, cell)
        if below is not None and case.raster[below] != case.raster[cell]:
            fed.add(int(case.raster[below]))
    for unit in units.unit.tolist():
        kind = units.type[unit - 1]
        if kind == WatershedType.CLOSED:
            assert unit not in fed
            assert units.side[unit - 1] <= units.limits.side_share * units.cells[unit - 1] + 1e-9
            assert units.total[unit - 1] == units.cells[unit - 1]
        elif kind == WatershedType.INTERVAL and unit not in fed:
            assert contributing_cells(case.direction).flat[units.outlet[unit - 1]] >= units.limits.large_river


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_side_cells_are_those_whose_water_misses_the_outlet(case: Drawn) -> None:
    cols = case.direction.shape[1]
    side = np.zeros(case.units.number + 1, dtype=np.int64)
    for cell in land(case.direction):
        unit = int(case.raster[cell])
        own = [place for place in way(case.direction, cell) if case.raster[place] == unit]
        side[unit] += own[-1][0] * cols + own[-1][1] != case.units.outlet[unit - 1]
    holds = case.raster.ravel()[case.units.outlet] == case.units.unit
    banks = (case.units.type == WatershedType.SLOPE) & ~holds
    assert side[1:][~banks].tolist() == case.units.side[~banks].tolist()


@given(drawn)
@settings(max_examples=EXAMPLES)
def test_a_unit_outside_the_limits_says_why_and_no_other_does(case: Drawn) -> None:
    units = case.units
    small, large = units.cells < units.limits.minimum, units.cells > units.limits.maximum
    assert ((units.reason > 0) == (small | large)).all()
    assert ((units.reason == Reason.INDIVISIBLE) == large).all()
    counted = units.outside().values()
    assert sum(number for number, _ in counted) == np.count_nonzero(small | large)


@given(directions(), limits(), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_units_do_not_depend_on_how_the_tables_were_gathered(
    direction: NDArray[np.uint8], limits: Limits, random: object
) -> None:
    area = contributing_cells(direction)
    whole = Channels.from_arrays(direction, area, limits.channel)
    mixed = np.arange(whole.cell.size)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    parts = (whole.cell[mixed], whole.cells[mixed], whole.direction[mixed])
    again = Channels.from_cells(whole.shape, *parts, limits.channel)
    outlets = Outlets.from_arrays(direction, area)
    results = []
    for channels in (whole, again):
        partition = delineate(channels, outlets, limits)
        painted = paint(partition, Drainage.from_directions(direction, 30.0))
        pairs = touching(painted)
        counts = count_cells(painted, partition.number)
        results.append(compose(partition, channels, outlets, counts, pairs[:: -1 if channels is again else 1]))
    for name in ("unit_of_piece", "type", "down", "cells", "total", "outlet", "side", "reason"):
        assert np.array_equal(getattr(results[0], name), getattr(results[1], name))


@given(elevations(10, missing=False), st.integers(0, 50))
@settings(max_examples=EXAMPLES)
def test_a_land_smaller_than_the_minimum_is_one_unit_with_its_reason(z: NDArray[np.float64], spare: int) -> None:
    limit = z.size + 1 + spare
    case = draw_units(route(fill(z)), Limits(limit, limit, limit, limit, limit))
    assert case.units.cells.tolist() == [z.size]
    assert case.units.reason.tolist() == [Reason.ISLAND]


@pytest.mark.parametrize("seed", range(3))
def test_most_of_a_rough_land_is_within_the_limits(seed: int) -> None:
    z = rough(np.random.default_rng(seed), (60, 60))
    case = draw_units(route(fill(z)), Limits(60, 180, 300, 800, 15))
    outside = sum(cells for _, cells in case.units.outside().values())
    assert outside < 0.1 * case.units.cells.sum()


def gutter(cells: int) -> NDArray[np.uint8]:
    return np.array([[9] + [5] * (cells - 1)], dtype=np.uint8)


def test_the_units_of_a_long_channel_are_closed_at_its_head_and_intervals_below() -> None:
    case = draw_units(gutter(12), Limits(3, 4, 4, 100, 1))
    assert case.raster.tolist() == [[3] * 4 + [2] * 4 + [1] * 4]
    assert case.units.type.tolist() == [WatershedType.CLOSED, WatershedType.INTERVAL, WatershedType.INTERVAL]
    assert case.units.total.tolist() == [4, 8, 12]


def test_the_two_banks_of_a_large_river_are_slopes_and_the_left_holds_it() -> None:
    direction = np.ones((7, 12), dtype=np.uint8)
    direction[:3], direction[4:] = 3, 7
    direction[3, -1] = OUTLET
    case = draw_units(direction, Limits(minimum=7, target=20, maximum=35, large_river=35, channel=7))
    slopes = case.units.type == WatershedType.SLOPE
    assert slopes.sum() >= 2
    upper, lower = set(case.raster[:3, 6:].ravel().tolist()), set(case.raster[4:, 6:].ravel().tolist())
    assert not upper & lower
    assert set(case.raster[3, 6:].tolist()) <= upper
    assert (case.units.cells >= 7).all()
    assert (case.units.cells <= 35).all()


def test_slopes_along_a_border_are_gathered_in_the_order_of_the_border() -> None:
    direction = np.array([[7] * 40, [7] * 40], dtype=np.uint8)  # all runs north, out of the land
    direction[0] = OUTLET
    case = draw_units(direction, Limits(10, 20, 30, 100, 3))
    assert (case.units.cells >= 10).all()
    assert (case.units.type == WatershedType.SLOPE).all()
    top = case.raster[0].tolist()
    assert sum(a != b for a, b in zip(top[:-1], top[1:], strict=True)) == case.units.number - 1


def shares_a_side(gathering: Gathering, one: int, other: int) -> bool:
    """Return whether cells of two groups share a side, by all that touches."""
    pairs = {tuple(sorted((gathering.find(a), gathering.find(b)))) for a, b, n in gathering.touching.tolist() if n}
    return tuple(sorted((one, other))) in pairs


class Watched(Gathering):
    """A gathering that demands of every neighbour taken at a corner that none fits with which a side is shared."""

    def nearest(self, group: int, most: int, *, whole: bool, corners: bool) -> int:
        found = super().nearest(group, most, whole=whole, corners=corners)
        if found and not shares_a_side(self, group, found):
            assert corners
            assert self.cells[group] < self.limits.minimum
            for other in set(self.roots().tolist()) - {0, group}:
                fits = self.cells[group] + self.cells[other] <= self.limits.maximum and self.agree(group, other)
                beside = self.border[group] == self.border[other] and shares_a_side(self, group, other)
                assert not (fits and beside)
        return found


@given(st.one_of(directions(), directions(18)), limits())
@settings(max_examples=EXAMPLES)
def test_units_are_joined_at_a_corner_only_where_nothing_fits_that_shares_a_side(
    direction: NDArray[np.uint8], limits: Limits
) -> None:
    area = contributing_cells(direction)
    channels, outlets = Channels.from_arrays(direction, area, limits.channel), Outlets.from_arrays(direction, area)
    partition = delineate(channels, outlets, limits)
    painted = paint(partition, Drainage.from_directions(direction, 30.0))
    cells = count_cells(painted, partition.number)
    cells[0] = 0
    Watched(partition.pieces, cells, touching(painted), partition.shape, limits).gather()


@pytest.mark.parametrize(
    "pairs, minimum, together",
    [
        ([[1, 2, 0], [1, 3, 4]], 5, (1, 3)),  # 2 is nearer, but touches 1 only at a corner
        ([[1, 2, 0]], 5, (1, 2)),
        ([[1, 2, 0]], 2, ()),  # large enough: a corner is no reason to grow
    ],
)
def test_a_side_goes_before_a_near_outlet(pairs: list[list[int]], minimum: int, together: tuple[int, ...]) -> None:
    column = np.array([0, 1, 1, 1])
    pieces = Pieces(
        4 * column, np.array([-1, 0, 1, 9]), 3 * column, 0 * column, column, -column - (column == 0), 3 * column
    )
    gathering = Gathering(pieces, 3 * column, np.array(pairs), (1, 10), Limits(minimum, 6, 8, 100, 1))
    gathering.gather()
    roots = gathering.roots().tolist()
    groups = [tuple(k for k, root in enumerate(roots) if root == one) for one in set(roots)]
    assert [group for group in groups if len(group) > 1] == ([together] if together else [])


def test_counts_of_another_painting_are_refused() -> None:
    direction = gutter(6)
    area = contributing_cells(direction)
    channels, outlets = Channels.from_arrays(direction, area, 1), Outlets.from_arrays(direction, area)
    partition = delineate(channels, outlets, Limits(2, 3, 3, 100, 1))
    right = count_cells(paint(partition, Drainage.from_directions(direction, 30.0)), partition.number)
    with pytest.raises(ShuibaoError, match="着色与划分方案不符"):
        compose(partition, channels, outlets, right[::-1])
    with pytest.raises(ShuibaoError, match="项"):
        compose(partition, channels, outlets, right[:-1])


def test_every_type_and_reason_has_words_in_both_languages() -> None:
    assert set(TYPE_NAMES) == set(WatershedType)
    assert set(REASONS) == set(Reason)
    assert all(zh and en for reason, (zh, en) in REASONS.items() if reason)


@pytest.mark.parametrize("share, areas", [(0.2, [6, 4]), (0.1, [1, 5, 4])])
def test_a_lone_slope_on_the_border_is_left_to_the_unit_behind_it_if_it_is_slight(
    share: float, areas: list[int]
) -> None:
    direction = np.array([[OUTLET] + [1] * 8 + [OUTLET]], dtype=np.uint8)  # one cell leaves west, nine east
    case = draw_units(direction, Limits(4, 6, 7, 100, 1, side_share=share))
    assert case.units.cells.tolist() == areas
    assert (Reason.ALONE in case.units.outside()) == (len(areas) == 3)


def rhine(folder: Path) -> NDArray[np.uint8]:
    """Return the directions of the Rhine as D8 codes clockwise from east; it leaves the land at its mouth."""
    with rasterio.open(folder / "watersheds" / "rhine_d8_30s.tif") as source:
        powers = source.read(1)
    codes = np.zeros(256, dtype=np.uint8)
    codes[[0, 1, 2, 4, 8, 16, 32, 64, 128]] = [OUTLET, *range(1, 9)]
    return codes[powers]


def test_the_rhine_is_divided_within_the_limits_but_for_a_thousandth(shared_data: Path) -> None:
    drainage = Drainage.from_directions(rhine(shared_data), 770.0)  # 30″ are cells of about 0.6 km²
    area = contributing_area(drainage)
    limits = Limits.from_rules(load_rules(["national"]), drainage.cell_area)
    channels = Channels.from_arrays(drainage.direction, area, limits.channel)
    outlets = Outlets.from_arrays(drainage.direction, area)
    partition = delineate(channels, outlets, limits)
    painted = paint(partition, drainage)
    units = compose(partition, channels, outlets, count_cells(painted, partition.number), touching(painted))
    raster = units.unit_of_piece[painted].ravel()
    assert sum(cells for _, cells in units.outside().values()) < 0.001 * partition.land
    assert set(units.type.tolist()) == set(WatershedType)
    assert count_cells(raster, units.number)[1:].tolist() == units.cells.tolist()
    holds = raster[units.outlet] == units.unit
    below = raster[drainage.receiver[units.outlet]]
    assert (units.down[holds] == np.where(below == units.unit, 0, below)[holds]).all()
    assert (units.down[~holds] == raster[units.outlet[~holds]]).all()


def test_a_right_bank_with_a_slight_slope_of_its_own_still_drains_to_the_river() -> None:
    direction = np.ones((7, 12), dtype=np.uint8)  # a river runs east in row 1, its right bank below it
    direction[0], direction[2:] = 3, 7
    direction[1, -1] = direction[-1, -3] = OUTLET  # one cell of the bank leaves the land to the south
    case = draw_units(direction, Limits(6, 20, 60, 60, 6, side_share=0.2))
    bank = case.raster[-1, -3]
    assert bank == case.raster[-1, -4]
    assert case.units.type[bank - 1] == WatershedType.SLOPE
    assert case.units.down[bank - 1] == case.raster[1, -1] != bank
