"""Management units: exact by county, shares of one, slivers marked and not moved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import ManagementUnits, count_by_county, cut_by_county, join_counts

CODES = ["140931", "140902", "140921"]


@st.composite
def lands(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rasters of units, every one with cells, and of counties."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    _, unit = np.unique(random.integers(1, 6, shape), return_inverse=True)
    unit = unit.reshape(shape) + 1
    unit[random.random(shape) < 0.1] = 0
    present = np.unique(unit[unit > 0])
    renumbered = np.searchsorted(present, unit) + 1
    return np.where(unit > 0, renumbered, 0), random.integers(0, 4, shape)


def cut(unit: NDArray[np.int64], county: NDArray[np.int64], tolerance: int = 3) -> ManagementUnits:
    return cut_by_county(count_by_county(unit, county), np.bincount(unit.ravel())[1:], CODES, tolerance)


@given(lands())
def test_parts_sum_to_their_unit_and_to_their_county_exactly(land: tuple[NDArray[np.int64], NDArray[np.int64]]) -> None:
    unit, county = land
    parts = cut(unit, county)
    for number in np.unique(unit[unit > 0]):
        assert parts.cells[parts.unit == number].sum() == (unit == number).sum()
        assert parts.share[parts.unit == number].sum() == pytest.approx(1.0)
    for number, code in enumerate(["", *CODES]):
        assert parts.cells[parts.county == code].sum() == ((county == number) & (unit > 0)).sum()


@given(lands(), st.integers(1, 12))
def test_tiles_count_as_the_whole_does(land: tuple[NDArray[np.int64], NDArray[np.int64]], rows: int) -> None:
    unit, county = land
    tiles = [count_by_county(unit[k : k + rows], county[k : k + rows]) for k in range(0, unit.shape[0], rows)]
    assert np.array_equal(join_counts(tiles), count_by_county(unit, county))


@given(lands(), st.integers(0, 20))
def test_slivers_are_the_parts_below_the_tolerance(
    land: tuple[NDArray[np.int64], NDArray[np.int64]], tolerance: int
) -> None:
    parts = cut(*land, tolerance)
    assert parts.sliver.tolist() == [cells < tolerance for cells in parts.cells.tolist()]


@given(lands())
def test_each_unit_has_one_main_county_and_it_is_the_largest_that_has_a_code(
    land: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    parts = cut(*land)
    assert parts.unit[parts.main].tolist() == np.unique(parts.unit).tolist()
    for number, code in zip(np.unique(parts.unit).tolist(), parts.main_county().tolist(), strict=True):
        own = parts.unit == number
        coded = own & (parts.county != "")
        among = coded if coded.any() else own
        most = parts.cells[among].max()
        assert code == min(parts.county[among & (parts.cells == most)])


def test_grids_that_differ_are_refused() -> None:
    with pytest.raises(CallError, match="同一格网"):
        count_by_county(np.ones((2, 2)), np.ones((2, 3)))


def test_counts_of_another_raster_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="同一张小流域栅格"):
        cut_by_county(np.array([[1, 1, 5]]), np.array([6]), CODES, 1)
    with pytest.raises(ShuibaoError, match="同一张小流域栅格"):
        cut_by_county(np.array([[1, 1, 6], [2, 1, 1]]), np.array([6]), CODES, 1)


def test_a_county_without_a_code_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="0–3"):
        cut_by_county(np.array([[1, 9, 6]]), np.array([6]), CODES, 1)
