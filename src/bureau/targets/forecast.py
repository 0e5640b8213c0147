"""
Where the rates of the past lead to (趋势预测), and whether a target will be reached.

A straight line through the published rates by least squares, with the interval within which a single later year is
expected; with one rate there is no forecast, with two there is a line and no interval. Only rates that compare go in
(:func:`comparable`), and the line ends where it would leave 0 to 100 %: a rate that cannot be is no forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import stdtrit

from bureau.publications.selectors import RateFigure, compares

CONFIDENCE = 0.90
"""Chance that a later year lies within the interval, if the trend holds (chosen)."""


@dataclass(frozen=True)
class Forecast:
    """
    A forecast (预测).

    Attributes
    ----------
    slope : float
        Percentage points a year.
    middle : dict of int to float
        Forecast by year, percent.
    low, high : dict of int to float
        Interval by year, percent; empty with two rates.
    points : int
        Rates that it rests on.
    ends : int or None
        First year in which the line would leave 0 to 100 %; from there on nothing is forecast.
    """

    slope: float
    middle: dict[int, float]
    low: dict[int, float]
    high: dict[int, float]
    points: int
    ends: int | None = None


class Verdict(StrEnum):
    """Whether a target is, or will be, reached (达标判断)."""

    REACHED = "reached"
    MISSED = "missed"
    WILL_REACH = "will_reach"
    LIKELY = "likely"
    UNLIKELY = "unlikely"
    WILL_MISS = "will_miss"
    UNKNOWN = "unknown"


VERDICTS = {
    Verdict.REACHED: "已达标",
    Verdict.MISSED: "未达标",
    Verdict.WILL_REACH: "预计达标",
    Verdict.LIKELY: "大致可达",
    Verdict.UNLIKELY: "可能不达标",
    Verdict.WILL_MISS: "预计不达标",
    Verdict.UNKNOWN: "不足以判断",
}
"""What the verdicts are called (判断名称)."""
MISSES = (Verdict.MISSED, Verdict.UNLIKELY, Verdict.WILL_MISS)
"""Those who missed a target or will, by the trend."""


def forecast(rates: Mapping[int, float], years: Sequence[int]) -> Forecast | None:
    r"""
    Return the forecast for some years, or None where there are fewer than two rates (趋势预测).

    Parameters
    ----------
    rates : mapping of int to float
        Published rate by year, percent.
    years : sequence of int
        Years to forecast.

    Notes
    -----
    .. math::

        \hat r(t) = \bar r + b\,(t-\bar t), \qquad
        \hat r(t) \pm t_{n-2,\,0.95}\; s \sqrt{1 + \frac1n + \frac{(t-\bar t)^2}{\sum_i (t_i-\bar t)^2}}

    with :math:`s^2 = \sum_i (r_i - \hat r(t_i))^2 / (n-2)`. Years in which the line lies beyond 0 or 100 %, and those
    after, are left out; an interval is cut at 0 and 100 %, beyond which no rate can lie.

    Examples
    --------
    >>> forecast({2022: 60.0}, [2035]) is None
    True
    >>> line = forecast({2022: 60.0, 2024: 61.0}, [2035])
    >>> line.middle[2035], line.low
    (66.5, {})
    """
    if len(rates) < 2:
        return None
    when = np.array(sorted(rates), dtype=float)
    rate = np.array([rates[int(year)] for year in when])
    centre, spread = when.mean(), ((when - when.mean()) ** 2).sum()
    slope = float(((when - centre) * (rate - rate.mean())).sum() / spread)
    beyond = [int(t) for t in sorted(years) if not 0 <= rate.mean() + slope * (t - centre) <= 100]
    ends = beyond[0] if beyond else None
    named = [int(t) for t in years if ends is None or t < ends]
    ahead = np.asarray(named, dtype=float)
    middle = rate.mean() + slope * (ahead - centre)
    freedom = len(when) - 2
    if freedom == 0:
        return Forecast(slope, _by_year(named, middle), {}, {}, len(when), ends)
    left = rate - rate.mean() - slope * (when - centre)
    error = np.sqrt((left**2).sum() / freedom)
    reach = stdtrit(freedom, (1 + CONFIDENCE) / 2) * error * np.sqrt(1 + 1 / len(when) + (ahead - centre) ** 2 / spread)
    low, high = _by_year(named, middle - reach), _by_year(named, middle + reach)
    return Forecast(slope, _by_year(named, middle), low, high, len(when), ends)


def comparable(figures: Mapping[int, RateFigure]) -> dict[int, RateFigure]:
    """
    Return the rates that compare with the last one (可比的年份): of the same surveys' region, rules and cell, and of the same land.

    Parameters
    ----------
    figures : mapping of int to RateFigure
        Published rates by year.
    """
    if not figures:
        return {}
    last = figures[max(figures)]
    return {year: figure for year, figure in figures.items() if compares(figure, last)}


def judge(target: float, year: int, rates: Mapping[int, float], line: Forecast | None) -> Verdict:
    """
    Return whether a target is, or will be, reached (达标判断).

    Parameters
    ----------
    target : float
        Percent.
    year : int
        Year by which.
    rates : mapping of int to float
        Published rate by year, percent; the one of the target's year, or the first after it, decides if there is one.
    line : Forecast or None
        Nothing is told where it ends before the target's year.
    """
    since = sorted(when for when in rates if when >= year)
    if since:
        return Verdict.REACHED if round(rates[since[0]], 2) >= target else Verdict.MISSED
    if line is None or year not in line.middle:
        return Verdict.UNKNOWN
    if not line.low:
        return Verdict.LIKELY if line.middle[year] >= target else Verdict.UNLIKELY
    if line.low[year] >= target:
        return Verdict.WILL_REACH
    if line.high[year] < target:
        return Verdict.WILL_MISS
    return Verdict.LIKELY if line.middle[year] >= target else Verdict.UNLIKELY


def _by_year(years: Sequence[int], values: np.ndarray) -> dict[int, float]:
    return {year: float(min(100.0, max(0.0, value))) for year, value in zip(years, values, strict=True)}
