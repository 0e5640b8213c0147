"""Laws of control areas: they are met to the hundredth of a square metre, and what was moved is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts.tables import COUNTIES, counts, facts

from shuibao.facts import Facts, facts_from_counts, honour_control_areas
from shuibao.facts.control import shared_out
from shuibao.facts.rate import exact_sum
from shuibao.messages import ShuibaoError

stretches = st.floats(0.9, 1.1)


def hundredths(areas: np.ndarray) -> int:
    """Return the sum of areas in whole hundredths of a square metre."""
    return int(np.rint(areas * 100.0).astype(np.int64).sum())


@given(shares=st.lists(st.integers(1, 10**7), min_size=1, max_size=60), total=st.integers(1, 10**13))
def test_what_is_shared_out_is_all_there_was(shares: list[int], total: int) -> None:
    sizes = np.array(shares, dtype=float) * 900.0
    parts = shared_out(sizes, total / 100.0)
    assert hundredths(parts) == total
    assert (parts >= 0.0).all()
    ideal = sizes / sizes.sum() * (total / 100.0)
    assert np.abs(parts - ideal).max() < 0.01 + 1e-12 * total


@given(shares=st.lists(st.integers(1, 10**6), min_size=2, max_size=30), total=st.integers(1, 10**10))
def test_the_larger_never_gets_less(shares: list[int], total: int) -> None:
    parts = shared_out(np.sort(np.array(shares, dtype=float)), total / 100.0)
    assert (np.diff(parts) >= 0.0)[np.diff(np.sort(shares)) > 0].all()


def test_the_largest_remainders_get_the_odd_hundredths() -> None:
    assert shared_out(np.array([1.0, 1.0, 1.0]), 0.05).tolist() == [0.02, 0.02, 0.01]
    assert shared_out(np.array([5.0, 3.0, 1.0]), 0.05).tolist() == [0.03, 0.02, 0.0]  # 2.78, 1.67, 0.56


@given(table=facts(3), stretch=stretches)
def test_each_county_adds_up_to_its_control_area_and_the_others_stay(table: Facts, stretch: float) -> None:
    county, measured = table.column("county"), table.column("area_m2")
    code = str(county[0])
    control = round(float(measured[county == code].sum()) * stretch, 2)
    adjusted, residuals = honour_control_areas(table, {code: control})
    areas = adjusted.column("area_m2")
    assert exact_sum(areas[county == code]) == control
    np.testing.assert_array_equal(areas[county != code], measured[county != code])
    (residual,) = residuals
    assert (residual.code, residual.control_m2) == (code, control)
    assert residual.measured_m2 == measured[county == code].sum()
    assert residual.difference_m2 == control - residual.measured_m2
    assert residual.percent == pytest.approx(100.0 * (1.0 - residual.measured_m2 / control))


@given(table=facts(3), stretch=stretches)
def test_nothing_but_areas_is_changed(table: Facts, stretch: float) -> None:
    code = str(table.column("county")[0])
    before = table.table
    adjusted, _ = honour_control_areas(table, {code: 1e9 * stretch})
    assert adjusted.table.drop_columns(["area_m2"]).equals(before.drop_columns(["area_m2"]))
    assert adjusted.table.column_names == before.column_names
    assert adjusted.metadata == table.metadata
    assert table.table is before


@given(table=facts(3))
def test_honouring_an_area_twice_is_honouring_it_once(table: Facts) -> None:
    code = str(table.column("county")[0])
    once, _ = honour_control_areas(table, {code: 1_234_567.89})
    twice, residuals = honour_control_areas(once, {code: 1_234_567.89})
    assert exact_sum(twice.column("area_m2")) == exact_sum(once.column("area_m2"))
    np.testing.assert_allclose(twice.column("area_m2"), once.column("area_m2"), atol=0.011)
    assert residuals[0].difference_m2 == pytest.approx(0.0, abs=1e-6)


def test_the_area_counted_on_the_grid_moves_nothing() -> None:
    table = facts_from_counts(counts(1, 20), COUNTIES, 900.0, {})
    county, area = table.column("county"), table.column("area_m2")
    own = {code: float(area[county == code].sum()) for code in set(county)}
    adjusted, residuals = honour_control_areas(table, own)
    np.testing.assert_array_equal(adjusted.column("area_m2"), area)
    assert [r.difference_m2 for r in residuals] == [0.0] * len(own)
    assert [r.code for r in residuals] == sorted(own)


@pytest.mark.parametrize("control", [0.0, -1.0, float("nan"), float("inf")])
def test_a_control_area_that_is_none_is_refused(control: float) -> None:
    table = facts_from_counts({**counts(1, 5), "county": np.ones(5, dtype=int)}, COUNTIES, 900.0, {})
    with pytest.raises(ShuibaoError, match=f"140932 的控制面积为 {control}，应大于 0"):
        honour_control_areas(table, {"140932": control})


def test_a_control_area_of_a_county_elsewhere_is_refused() -> None:
    table = facts_from_counts(counts(1, 5), COUNTIES, 900.0, {})
    with pytest.raises(ShuibaoError, match="110000 不在本区域内"):
        honour_control_areas(table, {"110000": 1e9})
