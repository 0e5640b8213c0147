"""Laws of the forecast, and of the way to the targets."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bureau.refusal import Refusal
from bureau.targets.course import Shape, course
from bureau.targets.forecast import Forecast, Verdict, forecast, judge

histories = st.dictionaries(st.integers(2011, 2026), st.floats(30, 70), min_size=3, max_size=12)
rates = st.decimals(0, 100, places=2)


@given(history=histories)
def test_the_line_is_that_of_least_squares_as_another_program_has_it(history: dict[int, float]) -> None:
    made = forecast(history, [2027])
    years = sorted(history)
    other = stats.linregress(years, [history[year] for year in years])
    assert made is not None
    assert made.slope == pytest.approx(other.slope, abs=1e-8)
    assert made.middle[2027] == pytest.approx(np.clip(other.intercept + other.slope * 2027, 0, 100), abs=1e-6)


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
    for year in range(2027, 2036):
        assert 0 <= made.low[year] <= made.middle[year] <= made.high[year] <= 100
    inside = [y for y in range(2027, 2035) if made.low[y] > 0 and made.high[y + 1] < 100 and made.low[y + 1] > 0]
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
