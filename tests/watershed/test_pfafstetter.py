"""Pfafstetter codes against the rule carried out on sets of cells, and the laws the digits obey."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.stream_oracles import forest_of, passed, pfafstetter_by_hand
from tests.watershed.terrains import EXAMPLES, directions

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import Drainage, all_basins, contributing_area, pfafstetter, pfafstetter_downstream
from shuibao.watershed.pfafstetter import forest_codes

COMB = np.array([[9] + [5] * 11, [0] + [7] * 11, [0, 7, 0, 7, 7, 0, 7, 0, 0, 7, 0, 0]], dtype=np.uint8)
"""A stem along the upper row; from the south eleven tributaries of one cell or two."""


def drained(direction: NDArray[np.uint8]) -> Drainage:
    return Drainage.from_directions(np.asarray(direction, dtype=np.uint8), 30.0)


def largest_outlet(drainage: Drainage) -> int:
    """Return the outlet with the most land above it."""
    outlets = drainage.outlets
    return int(outlets[np.argmax(contributing_area(drainage).ravel()[outlets])])


def ranked(drainage: Drainage, seed: int) -> NDArray[Any]:
    """Return contributing area in cells, or of random areas of cells, with many ties or with none."""
    random = np.random.default_rng(seed)
    area = contributing_area(drainage)
    kind = seed % 3
    return area if kind == 0 else area + random.integers(0, 3, area.shape) if kind == 1 else area * 0.1


@given(directions(), st.integers(0, 2**32 - 1), st.integers(1, 4), st.sampled_from([None, 0, 2, 4]))
@settings(max_examples=3 * EXAMPLES)
def test_codes_are_those_of_the_rule_on_sets_of_cells(
    direction: NDArray[np.uint8], seed: int, levels: int, smallest: int | None
) -> None:
    drainage = drained(direction)
    area = ranked(drainage, seed)
    loads = dict(enumerate(area.ravel().tolist()))
    below = forest_of(direction)
    wanted = np.zeros(direction.size, dtype=np.int64)
    for outlet in drainage.outlets.tolist():
        for cell, digits in pfafstetter_by_hand(below, loads, outlet, levels, smallest or 0).items():
            wanted[cell] = int(digits)
    found = pfafstetter(drainage, None, area=area, levels=levels, min_area=smallest)
    assert found.dtype == np.int64
    assert found.ravel().tolist() == wanted.tolist()


@given(directions(), st.integers(1, 6))
@settings(max_examples=EXAMPLES)
def test_every_cell_of_the_basin_has_a_code_of_digits_one_to_nine(direction: NDArray[np.uint8], levels: int) -> None:
    drainage = drained(direction)
    for outlet in drainage.outlets[:1]:
        code = pfafstetter(drainage, int(outlet), levels=levels)
        basin = all_basins(drainage) == all_basins(drainage).flat[outlet]
        assert (code[~basin] == 0).all()
        assert all(len(str(one)) == levels and "0" not in str(one) for one in code[basin].tolist())


@given(directions(), st.integers(1, 5))
@settings(max_examples=EXAMPLES)
def test_codes_nest(direction: NDArray[np.uint8], levels: int) -> None:
    drainage = drained(direction)
    fine, coarse = (pfafstetter(drainage, None, levels=digits) for digits in (levels + 1, levels))
    assert (fine // 10 == coarse).all()


@given(directions(), st.integers(1, 3))
@settings(max_examples=EXAMPLES)
def test_nothing_flows_into_a_unit_that_ends_in_an_even_digit(direction: NDArray[np.uint8], levels: int) -> None:
    drainage = drained(direction)
    code = pfafstetter(drainage, None, levels=levels).ravel()
    land = np.flatnonzero(code)
    below = code[drainage.receiver[land]]
    crossed = below != code[land]
    assert (below[crossed] % 2 == 1).all()


@given(directions(10), st.integers(1, 3))
@settings(max_examples=EXAMPLES)
def test_the_digits_tell_what_flows_through_what(direction: NDArray[np.uint8], levels: int) -> None:
    drainage = drained(direction)
    if not drainage.outlets.size:
        return
    code = pfafstetter(drainage, largest_outlet(drainage), levels=levels).ravel().tolist()
    below = forest_of(direction)
    flows = {(code[cell], code[after]) for cell in below if code[cell] for after in passed(below, cell)}
    units = sorted(set(code) - {0})
    for upper in units:
        for lower in units:
            assert pfafstetter_downstream(upper, lower) == (upper != lower and (upper, lower) in flows)


@given(directions(), st.integers(1, 4))
@settings(max_examples=EXAMPLES)
def test_the_unit_of_area_does_not_matter(direction: NDArray[np.uint8], levels: int) -> None:
    drainage = drained(direction)
    cells = contributing_area(drainage)
    wanted = pfafstetter(drainage, None, levels=levels)
    assert (pfafstetter(drainage, None, area=cells * 900.0, levels=levels) == wanted).all()
    assert (pfafstetter(drainage, None, area=cells.astype(np.float32), levels=levels) == wanted).all()


@given(directions(), st.sampled_from([2, 3, 5]))
@settings(max_examples=EXAMPLES)
def test_without_levels_the_codes_are_as_long_as_the_least_tributary_asks(
    direction: NDArray[np.uint8], least: int
) -> None:
    drainage = drained(direction)
    code = pfafstetter(drainage, None, min_area=least)
    levels = len(str(code.max())) if code.any() else 1
    assert (pfafstetter(drainage, None, levels=levels, min_area=least) == code).all()
    deeper = pfafstetter(drainage, None, levels=levels + 1, min_area=least)
    assert np.unique(deeper).size == np.unique(code).size
    if levels > 1:
        assert np.unique(code // 10).size < np.unique(code).size


def test_the_four_largest_are_even_and_the_land_between_them_odd() -> None:
    code = pfafstetter(drained(COMB), 0, levels=1)
    assert code.tolist() == [
        [1, 1, 3, 3, 5, 7, 7, 9, 9, 9, 9, 9],
        [0, 2, 3, 4, 6, 7, 8, 9, 9, 9, 9, 9],
        [0, 2, 0, 4, 6, 0, 8, 0, 0, 9, 0, 0],
    ]


def test_fewer_than_four_tributaries_use_fewer_digits() -> None:
    drainage = drained([[9, 5, 5, 5], [0, 7, 7, 0]])
    assert pfafstetter(drainage, 0, levels=2).tolist() == [[11, 11, 31, 51], [0, 21, 41, 0]]


def test_a_stem_alone_is_one_all_the_way_down() -> None:
    assert pfafstetter(drained([[9, 5, 5]]), 0, levels=18).tolist() == [[int("1" * 18)] * 3]


def test_tributaries_below_the_least_area_stay_with_the_stem() -> None:
    code = pfafstetter(drained(COMB), 0, min_area=2)
    assert sorted(np.unique(code).tolist()) == [0, 11, 21, 31, 41, 51, 61, 71, 81, 91, 92, 93]
    assert code[1, 2] == 31
    assert code[2, 9] == 92


def test_two_tributaries_at_one_cell_leave_an_odd_digit_unused() -> None:
    drainage = drained([[0, 3, 0, 0], [9, 5, 5, 5], [0, 7, 5, 0]])
    assert pfafstetter(drainage, 4, levels=1).tolist() == [[0, 4, 0, 0], [1, 1, 5, 5], [0, 2, 2, 0]]


def test_of_equal_donors_the_lower_index_is_the_stem() -> None:
    drainage = drained([[0, 4], [9, 0], [0, 6]])
    assert pfafstetter(drainage, 2, levels=1).tolist() == [[0, 3], [1, 0], [0, 2]]


def test_of_equal_tributaries_those_near_the_mouth_are_cut_off() -> None:
    drainage = drained([[9, 5, 5, 5, 5, 5, 5], [0, 7, 7, 7, 7, 7, 0]])
    assert pfafstetter(drainage, 0, levels=1)[1].tolist() == [0, 2, 4, 6, 8, 9, 0]


def test_an_outlet_may_lie_inside_the_land_and_be_given_as_row_and_column() -> None:
    drainage = drained(COMB)
    code = pfafstetter(drainage, [[0, 8]], levels=1)
    assert code.tolist() == pfafstetter(drainage, 8, levels=1).tolist()
    assert (code[:, :8] == 0).all()
    assert code[0, 8] == 1


def test_codes_of_a_table_number_its_rows() -> None:
    receiver, order, area = np.array([0, 0, 0, 1, 1]), np.array([3, 4, 2, 1, 0]), np.array([9.0, 6.0, 2.0, 3.5, 2.0])
    codes = forest_codes(receiver, order, area, np.array([0]), levels=1)
    assert codes.tolist() == [1, 3, 2, 5, 4]


@pytest.mark.parametrize("wanted", [{}, {"levels": 0}, {"levels": 19}, {"levels": 1, "min_area": -1.0}])
def test_depths_that_no_code_has_are_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(CallError):
        pfafstetter(drained(COMB), 0, **wanted)


def test_codes_that_would_not_end_in_eighteen_digits_are_refused() -> None:
    long = drained([[9] + [5] * 100, [0] + [7] * 100])
    with pytest.raises(CallError, match="18 位"):
        pfafstetter(long, 0, min_area=0)


def test_an_area_that_is_missing_on_land_is_refused() -> None:
    area = contributing_area(drained(COMB)).astype(float)
    area[0, 3] = np.nan
    with pytest.raises(ShuibaoError, match="第 0 行第 3 列"):
        pfafstetter(drained(COMB), 0, area=area, levels=1)
    with pytest.raises(ShuibaoError, match="形状"):
        pfafstetter(drained(COMB), 0, area=area[1:], levels=1)


@pytest.mark.parametrize(
    "outlets, told", [([0, 13], "另一出口的上游"), ([12], "缺失"), ([99], "栅格之外"), ([0, 0], "同一像元")]
)
def test_outlets_that_are_none_are_refused(outlets: list[int], told: str) -> None:
    with pytest.raises(ShuibaoError, match=told):
        pfafstetter(drained(COMB), outlets, levels=1)


@pytest.mark.parametrize("code, other", [(11, 111), (0, 1), (-3, -1)])
def test_codes_that_cannot_be_compared_are_refused(code: int, other: int) -> None:
    with pytest.raises(CallError, match="位数相同"):
        pfafstetter_downstream(code, other)
