"""Erosivity: the printed vectors, the laws of the daily models, and real rain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuibao.erosion.rain_records import RainLimits, read_rain
from shuibao.erosion.rainfall import (
    DailyErosivity,
    erosivity_weights,
    half_month_erosivity,
    half_month_index,
)
from shuibao.erosion.rainfall_alternatives import (
    annual_erosivity_zhang2003,
    daily_erosivity_xie2016,
    daily_erosivity_zhang2002,
    erosive_rain,
    parameters_zhang2002,
)
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules

RULES = load_rules(["national"])
MODEL = DailyErosivity.from_rules(RULES)
four_years = np.arange("2001-01-01", "2005-01-01", dtype="datetime64[D]")
LIMITS = RainLimits(1825.0, (5.0, 8000.0), 20, 0.8)

rains = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 500, allow_nan=False))


def zhang2002(mean_daily: float, mean_annual: float) -> tuple[float, float]:
    """Return alpha and beta with the numbers of the packs."""
    words = ("beta_base", "beta_daily", "beta_annual", "alpha_gain", "alpha_exponent")
    return parameters_zhang2002(mean_daily, mean_annual, **{w: RULES.value(f"erosivity_zhang2002.{w}") for w in words})


def xie2016(rain: object, month: object, threshold: float) -> np.ndarray:
    """Return the erosivity of days with the numbers of the packs."""
    words = ("coefficient", "amplitude", "peak_month", "exponent")
    numbers = {w: RULES.value(f"erosivity_xie2016.{w}") for w in words}
    return daily_erosivity_xie2016(rain, month, threshold=threshold, **numbers)


def test_days_of_july_and_october_give_the_printed_erosivity() -> None:
    days = [8, 12, 35, 60]
    assert MODEL(days, [7] * 4).round(3).tolist() == [0.0, 28.732, 182.389, 462.534]
    assert MODEL(days, [7] * 4).sum() == pytest.approx(673.655, abs=5e-4)
    assert MODEL(days, [10] * 4).sum() == pytest.approx(530.608, abs=5e-4)


def test_the_threshold_itself_counts_and_less_does_not() -> None:
    at, below = MODEL([10.0, np.nextafter(10.0, 0)], [7, 7])
    assert at > 0
    assert below == 0


@pytest.mark.parametrize("month", range(1, 13))
def test_the_warm_season_is_may_to_september(month: int) -> None:
    ratio = float(MODEL(20.0, month) / 20.0**1.7265)
    assert ratio == pytest.approx(0.3937 if 5 <= month <= 9 else 0.3101)


@given(rain=rains, month=st.integers(1, 12), more=st.floats(0, 50))
def test_more_rain_never_erodes_less(rain: np.ndarray, month: int, more: float) -> None:
    assert (MODEL(rain + more, month) >= MODEL(rain, month)).all()


def test_a_missing_day_stays_missing() -> None:
    assert np.isnan(MODEL([np.nan, 20.0], [7, 7])).tolist() == [True, False]


def test_negative_rain_is_refused_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ShuibaoError, match=r"1 个负值，最小 -3 mm"):
        MODEL([-3.0, 2.0], [7, 7])
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    with pytest.raises(ShuibaoError, match=r"1 negative values, the least -3 mm"):
        MODEL([-3.0, 2.0], [7, 7])


def test_the_coefficient_of_xie2016_follows_the_printed_months() -> None:
    assert xie2016(1.0, [1, 4, 7, 10], 0).round(5).tolist() == [0.12323, 0.26860, 0.41397, 0.26860]


def test_the_station_model_of_zhang2002_gives_the_printed_numbers() -> None:
    alpha, beta = zhang2002(24, 360)
    assert beta == pytest.approx(1.660231, abs=5e-7)
    assert alpha == pytest.approx(0.564104, abs=5e-7)
    days = daily_erosivity_zhang2002([11.9, 12, 35, 60], threshold=12, coefficient=alpha, exponent=beta)
    assert days.round(3).tolist() == [0.0, 34.918, 206.475, 505.243]


def test_months_alone_give_r_of_the_mean_index() -> None:
    wet, dry = np.full(12, 40.0), np.zeros(12)
    r = annual_erosivity_zhang2003(np.stack([wet, dry, np.full(12, np.nan)]), coefficient=0.1833, exponent=1.9957)
    assert r == pytest.approx(0.1833 * 20.0**1.9957)  # a dry year has F = 0, an incomplete one does not count


def test_erosive_rain_counts_only_days_at_the_threshold() -> None:
    daily, annual = erosive_rain(four_years, np.where(np.arange(four_years.size) % 100 < 2, 12.0, 11.9), threshold=12)
    assert daily == 12.0
    assert annual == pytest.approx(12.0 * 30 / 4, rel=0.01)


@given(month=st.integers(1, 12), day=st.integers(1, 31))
def test_a_day_is_in_one_half_month(month: int, day: int) -> None:
    index = int(half_month_index(month, day))
    assert index // 2 == month - 1
    assert index % 2 == (day > 15)


def test_the_half_months_add_up_to_the_mean_of_the_years() -> None:
    rain = np.random.default_rng(5).gamma(0.2, 30, four_years.size)
    halves = MODEL.half_months(four_years, rain, minimum_day_share=0.8)
    months = four_years.astype("datetime64[M]").astype(int) % 12 + 1
    assert halves.annual == pytest.approx(MODEL(rain, months).sum() / 4)
    assert halves.years.tolist() == [4] * 24


@given(
    r=hnp.arrays(np.float64, (24, 3), elements=st.floats(0, 1e4).filter(lambda v: v == 0 or v > 1e-200)),
)
def test_the_weights_of_a_year_add_up_to_one(r: np.ndarray) -> None:
    weights = erosivity_weights(r)
    assert np.allclose(weights.sum(axis=0), 1.0)
    assert (weights >= 0).all()


def test_weights_are_even_where_nothing_erodes_and_missing_where_a_half_month_is() -> None:
    assert np.allclose(erosivity_weights(np.zeros(24)), 1 / 24)
    r = np.ones(24)
    r[3] = np.nan
    assert np.isnan(erosivity_weights(r)).all()


def test_a_dry_year_counts_as_zero() -> None:
    values = np.where(four_years == np.datetime64("2002-07-20"), 100.0, 0.0)
    assert half_month_erosivity(four_years, values).mean[13] == 25.0


def test_missing_days_are_taken_to_be_like_the_days_present() -> None:
    july = (four_years >= np.datetime64("2002-07-16")) & (four_years <= np.datetime64("2002-07-31"))
    values = np.where(july, 10.0, 0.0)
    whole = half_month_erosivity(four_years, values, minimum_day_share=0.5).mean[13]
    values[np.flatnonzero(july)[:6]] = np.nan
    assert half_month_erosivity(four_years, values, minimum_day_share=0.5).mean[13] == pytest.approx(whole)


def test_a_half_month_with_too_few_days_does_not_count_for_its_year() -> None:
    july = (four_years >= np.datetime64("2002-07-16")) & (four_years <= np.datetime64("2002-07-31"))
    values = np.where(july, np.nan, 1.0)
    values[np.flatnonzero(july)[0]] = 50.0
    halves = half_month_erosivity(four_years, values, minimum_day_share=0.8)
    assert halves.years[13] == 3
    assert halves.mean[13] == pytest.approx(16.0)


def test_days_left_out_are_the_same_as_days_without_a_value() -> None:
    rain = np.random.default_rng(6).gamma(0.2, 30, four_years.size)
    gone = np.random.default_rng(7).random(four_years.size) < 0.1
    left_out = half_month_erosivity(four_years[~gone], rain[~gone], minimum_day_share=0.7)
    empty = half_month_erosivity(four_years, np.where(gone, np.nan, rain), minimum_day_share=0.7)
    assert np.array_equal(left_out.mean, empty.mean)
    assert np.array_equal(left_out.years, empty.years)


def test_the_order_of_days_does_not_matter() -> None:
    values = np.random.default_rng(8).integers(0, 100, four_years.size).astype(float)
    shuffled = np.random.default_rng(9).permutation(four_years.size)
    assert np.array_equal(
        half_month_erosivity(four_years, values).mean, half_month_erosivity(four_years[shuffled], values[shuffled]).mean
    )


def test_a_record_without_a_half_month_has_no_r() -> None:
    halves = half_month_erosivity(four_years[:100], np.zeros(100))
    assert np.isnan(halves.annual)
    assert halves.years.max() == 1
    assert halves.years.min() == 0
    assert half_month_erosivity(four_years[:0], []).years.tolist() == [0] * 24


def test_hetian_rain_gives_the_annual_range_of_its_readme(shared_data: Path) -> None:
    records, _ = read_rain(shared_data / "area_youwuzhen/climate/pcp_daily.csv", limits=LIMITS)
    (station,) = records.stations
    years = station.dates.astype("datetime64[Y]")
    annual = [
        MODEL.half_months(station.dates[years == y], station.rain[years == y], minimum_day_share=0.8).annual
        for y in np.unique(years)
    ]
    assert len(annual) == 6
    assert round(min(annual) / 1000, 1) == 3.8
    assert round(max(annual) / 1000, 1) == 11.0


def test_daily_models_of_the_same_school_agree_on_real_rain_within_a_third(shared_data: Path) -> None:
    path = shared_data / "rainfall/biliuhe_21401550_daily.csv"
    (station,) = read_rain(path, limits=LIMITS)[0].stations
    first = MODEL.half_months(station.dates, station.rain, minimum_day_share=0.8)
    months = station.dates.astype("datetime64[M]").astype(int) % 12 + 1
    sinusoidal = half_month_erosivity(station.dates, xie2016(station.rain, months, 9.7), minimum_day_share=0.8)
    threshold = RULES.value("erosivity_zhang2002.threshold")
    alpha, beta = zhang2002(*erosive_rain(station.dates, station.rain, threshold=threshold))
    daily = daily_erosivity_zhang2002(station.rain, threshold=threshold, coefficient=alpha, exponent=beta)
    regional = half_month_erosivity(station.dates, daily, minimum_day_share=0.8)
    assert sinusoidal.annual == pytest.approx(first.annual, rel=1 / 3)
    assert regional.annual == pytest.approx(first.annual, rel=1 / 3)
    for model in (first, sinusoidal, regional):
        assert model.weights[10:18].sum() > 0.8  # June to September, as the rain of Liaoning is
