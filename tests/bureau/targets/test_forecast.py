"""Laws of the forecast, and of the way to the targets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bureau.targets.conftest import figure

from bureau.publications.selectors import Basis
from bureau.refusal import Refusal
from bureau.targets.course import Shape, course
from bureau.targets.forecast import Forecast, Verdict, comparable, forecast, judge

histories = st.dictionaries(st.integers(2011, 2026), st.floats(30, 70), min_size=3, max_size=12)
rates = st.decimals(0, 100, places=2)


def least_squares(history: dict[int, float]) -> Any:
    """Return another program's line."""
    from scipy import stats  # takes a second, for one law

    years = sorted(history)
    return stats.linregress(years, [history[year] for year in years])


@given(history=histories)
def test_the_line_is_that_of_least_squares_as_another_program_has_it(history: dict[int, float]) -> None:
    made = forecast(history, [2027])
    other = least_squares(history)
    assert made is not None
    assert made.slope == pytest.approx(other.slope, abs=1e-8)
    value = other.intercept + other.slope * 2027
    assert made.middle == (pytest.approx({2027: value}, abs=1e-6) if 0 <= value <= 100 else {})


@given(history=histories)
def test_what_cannot_be_is_not_forecast_and_nothing_is_cut_to_look_as_if_it_could(history: dict[int, float]) -> None:
    made = forecast(history, range(2027, 2060))
    other = least_squares(history)
    assert made is not None
    line = {year: other.intercept + other.slope * year for year in range(2027, 2060)}
    first = next((year for year, value in line.items() if not -1e-6 <= value <= 100 + 1e-6), None)
    assert made.ends == first
    assert list(made.middle) == [year for year in line if first is None or year < first]
    assert judge(60.0, 2059, history, made) is Verdict.UNKNOWN or first is None


def test_two_years_of_different_surveys_forecast_nothing() -> None:
    """59.34 of the city's survey, 75.50 of the county's own: a line through them says 100 % in a few years."""
    city, own = (frozenset({Basis(code, ("national",), 30.0, False)}) for code in ("140900", "140928"))
    figures = {
        2022: replace(figure("140928", 2022, 59.34), bases=city), 2023: replace(figure("140928", 2023, 75.50), bases=own),
    }  # fmt: skip
    assert list(comparable(figures)) == [2023]
    same = {2022: figures[2022], 2023: replace(figures[2023], bases=city)}
    assert list(comparable(same)) == [2022, 2023]
    rates = {year: one.percent for year, one in same.items()}
    made = forecast(rates, range(2024, 2036))
    assert made is not None
    assert made.ends == 2025
    assert judge(65.0, 2035, rates, made) is Verdict.UNKNOWN


def test_rates_of_other_land_rules_cells_or_made_up_data_do_not_compare() -> None:
    basis = Basis("140900", ("national", "shanxi"), 30.0, False)
    last = replace(figure("140928", 2024, 61.0), bases=frozenset({basis}))
    for other in (
        replace(last, land_m2=last.land_m2 * 1.02), replace(last, bases=frozenset({replace(basis, cell_m=10.0)})),
        replace(last, bases=frozenset({replace(basis, packs=("national",))})),
        replace(last, bases=frozenset({replace(basis, simulated=True)})),
    ):  # fmt: skip
        assert list(comparable({2022: other, 2023: last, 2024: last})) == [2023, 2024]


def test_the_interval_of_a_worked_example() -> None:
    """60, 61, 63 in 2020–2022: slope 1.5, s² = 1/6, and t(1; 0.95) = 6.3138: 2023 is 64.33 ± 3.94."""
    made = forecast({2020: 60.0, 2021: 61.0, 2022: 63.0}, [2023])
    assert made is not None
    half = 6.313751515 * np.sqrt(1 / 6) * np.sqrt(1 + 1 / 3 + 4 / 2)
    assert made.middle[2023] == pytest.approx(64 + 1 / 3)
    assert made.high[2023] == pytest.approx(64 + 1 / 3 + half)
    assert made.low[2023] == pytest.approx(64 + 1 / 3 - half)


@given(history=histories)
def test_the_interval_holds_the_line_and_widens_with_time(history: dict[int, float]) -> None:
    made = forecast(history, range(2027, 2036))
    assert made is not None
    for year in made.middle:
        assert 0 <= made.low[year] <= made.middle[year] <= made.high[year] <= 100
    inside = [y for y in list(made.middle)[:-1] if made.low[y] > 0 and made.high[y + 1] < 100 and made.low[y + 1] > 0]
    for year in inside:
        assert made.high[year + 1] - made.low[year + 1] >= made.high[year] - made.low[year] - 1e-9


def test_one_rate_forecasts_nothing_and_two_have_no_interval() -> None:
    assert forecast({}, [2035]) is None
    assert forecast({2024: 60.0}, [2035]) is None
    two = forecast({2022: 60.0, 2024: 61.0}, [2026])
    assert two is not None
    assert (two.middle[2026], two.low, two.high) == (62.0, {}, {})


@pytest.mark.parametrize(
    "target, verdict",
    [
        (60.0, Verdict.WILL_REACH), (61.5, Verdict.LIKELY), (62.5, Verdict.UNLIKELY), (64.0, Verdict.WILL_MISS),
    ],
)  # fmt: skip
def test_the_interval_decides_the_verdict(target: float, verdict: Verdict) -> None:
    line = Forecast(0.1, {2035: 62.0}, {2035: 61.0}, {2035: 63.0}, 5)
    assert judge(target, 2035, {2024: 61.0}, line) is verdict


def test_a_published_rate_of_the_targets_year_decides_itself() -> None:
    assert judge(60.0, 2025, {2025: 60.001}, None) is Verdict.REACHED
    assert judge(60.0, 2025, {2025: 59.996}, None) is Verdict.REACHED  # 60.00 as it is printed
    assert judge(60.0, 2025, {2024: 61.0, 2026: 59.0}, None) is Verdict.MISSED
    assert judge(60.0, 2025, {2024: 61.0}, None) is Verdict.UNKNOWN


@given(
    base=rates, gains=st.lists(st.decimals(0, 20, places=2), min_size=2, max_size=2), year=st.integers(2015, 2024),
    shape=st.sampled_from([Shape.LINEAR, Shape.FRONT_LOADED]),
)  # fmt: skip
def test_the_way_passes_every_target_and_never_falls(
    base: Decimal, gains: list[Decimal], year: int, shape: Shape
) -> None:
    targets = {2025: base + gains[0], 2035: base + gains[0] + gains[1]}
    way = course((year, base), targets, shape)
    assert sorted(way) == list(range(year, 2036))
    assert way[year] == base
    assert {y: way[y] for y in targets} == targets
    ordered = [way[y] for y in sorted(way)]
    assert ordered == sorted(ordered)


@given(
    base=rates, targets=st.dictionaries(st.integers(2018, 2035), rates, max_size=4),
    shape=st.sampled_from([Shape.LINEAR, Shape.FRONT_LOADED]),
)  # fmt: skip
def test_the_way_never_falls_and_asks_for_no_less_than_any_target(
    base: Decimal, targets: dict[int, Decimal], shape: Shape
) -> None:
    way = course((2020, base), targets, shape)
    ordered = [way[year] for year in sorted(way)]
    assert ordered == sorted(ordered)
    assert all(way[year] >= rate for year, rate in targets.items() if year in way and year > 2020)
    ahead = [rate for year, rate in targets.items() if year > 2020]
    assert not way or ordered[-1] == max([base, *ahead])


@given(base=rates, gain=st.decimals(0, 30, places=2))
def test_the_front_loaded_way_is_never_below_the_even_one(base: Decimal, gain: Decimal) -> None:
    even = course((2020, base), {2035: base + gain}, Shape.LINEAR)
    ahead = course((2020, base), {2035: base + gain}, Shape.FRONT_LOADED)
    assert all(ahead[year] >= even[year] for year in even)


def test_a_way_of_ones_own_needs_every_year_and_may_not_fall() -> None:
    start, targets = (2022, Decimal("60.00")), {2025: Decimal("63.00")}
    with pytest.raises(Refusal, match="2024") as missing:
        course(start, targets, Shape.OWN, {2023: Decimal("61")})
    assert missing.value.code == "years-missing"
    with pytest.raises(Refusal, match="2025 年的 63.00 % 低于") as falls:
        course(start, targets, Shape.OWN, {2023: Decimal("61"), 2024: Decimal("64")})
    assert falls.value.code == "path-falls"
    way = course(start, targets, Shape.OWN, {2023: Decimal("61"), 2024: Decimal("61.5"), 2025: Decimal("70")})
    assert way[2025] == Decimal("63.00")


def test_without_a_target_ahead_there_is_no_way() -> None:
    assert course((2030, Decimal(60)), {2025: Decimal(63)}, Shape.LINEAR) == {}
