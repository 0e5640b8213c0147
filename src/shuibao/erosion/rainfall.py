"""
Rainfall erosivity R and its 24 half-month weights from daily rain (降雨侵蚀力因子 R).

R is in MJ·mm/(hm²·h·a). Here is the seasonal daily model of the national census and monitoring; rival formulas are in
:mod:`shuibao.erosion.rainfall_alternatives`. A half-month is days 1-15, or 16 to the end of a month; index 0 is the
first half of January, 23 the second half of December (k = index + 1 in the standard).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuibao.messages import ShuibaoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from shuibao.rules import Rules

HALF_MONTHS = 24
"""Half-months in a year."""


def daily_erosivity(
    rain_mm: ArrayLike,
    month: ArrayLike,
    *,
    threshold: float,
    warm_coefficient: float,
    cool_coefficient: float,
    exponent: float,
    warm_months: Sequence[int],
) -> NDArray[np.float64]:
    r"""
    Erosivity of each day from its rain, with one coefficient for each season (日降雨侵蚀力).

    Parameters
    ----------
    rain_mm : (...) array
        Rain of the day, mm. Days below the threshold erode nothing.
    month : (...) array
        Month of the day, 1-12.
    threshold : float
        Smallest daily rain that counts, mm; a day of exactly this rain counts.
    warm_coefficient, cool_coefficient : float
        :math:`\alpha` of the warm and of the cool season.
    exponent : float
        :math:`\beta`.
    warm_months : sequence of int
        Months of the warm season.

    Returns
    -------
    (...) array
        Erosivity of the day, MJ·mm/(hm²·h). NaN where the rain is NaN.

    Raises
    ------
    ShuibaoError
        If any rain is negative.

    Notes
    -----
    .. math:: R_d = \alpha P^{\beta}, \quad P \ge P_0

    References
    ----------
    Xie et al. (2016) J. Hydrology 535, 547-558; 区域水土流失动态监测技术规定 (2018). Coefficients: pack ``erosivity``.

    Examples
    --------
    Days of 8, 12, 35 and 60 mm in July:

    >>> rain = [8, 12, 35, 60]
    >>> numbers = dict(threshold=10, warm_coefficient=0.3937, cool_coefficient=0.3101, exponent=1.7265,
    ...                warm_months=(5, 6, 7, 8, 9))
    >>> daily_erosivity(rain, [7] * 4, **numbers).round(3).tolist()
    [0.0, 28.732, 182.389, 462.534]
    """
    rain = checked_rain(rain_mm)
    warm = np.isin(np.asarray(month), np.asarray(warm_months))
    alpha = np.where(warm, warm_coefficient, cool_coefficient)
    return power_law(rain, alpha, exponent, threshold)


def half_month_index(month: ArrayLike, day: ArrayLike) -> NDArray[np.int64]:
    """
    Index of the half-month of a day: days 1-15, and 16 to the end of the month (半月序号).

    Parameters
    ----------
    month : (...) array of int
        Month, 1-12.
    day : (...) array of int
        Day of the month, 1-31.

    Returns
    -------
    (...) array of int
        0 to 23; the standard's k is one more.

    Examples
    --------
    >>> half_month_index([1, 1, 2, 12], [15, 16, 29, 31]).tolist()
    [0, 1, 3, 23]
    """
    second = np.asarray(day, dtype=np.int64) > 15
    return np.asarray(2 * (np.asarray(month, dtype=np.int64) - 1) + second)


@dataclass(frozen=True)
class HalfMonthErosivity:
    """
    Mean erosivity of each half-month, and what it rests on (多年平均半月降雨侵蚀力).

    Parameters
    ----------
    mean : (24,) array
        Mean erosivity of each half-month, MJ·mm/(hm²·h·a); NaN where no year counts.
    years : (24,) array of int
        Years that count for each half-month.
    """

    mean: NDArray[np.float64]
    years: NDArray[np.int64]

    @property
    def annual(self) -> float:
        """Return R, MJ·mm/(hm²·h·a): the sum of the half-months; NaN where one has no year."""
        return float(self.mean.sum())

    @property
    def weights(self) -> NDArray[np.float64]:
        """Return the share of each half-month in R; their sum is 1."""
        return erosivity_weights(self.mean)


def half_month_erosivity(
    dates: ArrayLike, erosivity: ArrayLike, *, minimum_day_share: float = 1.0
) -> HalfMonthErosivity:
    r"""
    Mean erosivity of the 24 half-months from the erosivity of days (多年平均半月降雨侵蚀力).

    Parameters
    ----------
    dates : (days,) array of datetime64
        Days, in any order, each once.
    erosivity : (days,) array
        Erosivity of each day, MJ·mm/(hm²·h), NaN where there is no value. From :func:`daily_erosivity` or a rival.
    minimum_day_share : float
        Smallest share (0-1] of a half-month's calendar days that must have a value in a year for that year to count.

    Returns
    -------
    HalfMonthErosivity
        Mean and number of years of each half-month.

    Notes
    -----
    .. math:: \bar R_k = \frac{1}{N_k} \sum_{y} \frac{n_k}{n_{k,y}} \sum_{d} R_d

    :math:`n_k` is the number of calendar days of the half-month in that year, :math:`n_{k,y}` those with a value:
    missing days are taken to be like the days present. A half-month of a year with too few days is not counted,
    neither as zero nor in :math:`N_k`; a year without erosive rain counts as zero. A record that begins or ends within
    a year lends the half-months it holds.

    Examples
    --------
    >>> days = np.arange("2001-01-01", "2003-01-01", dtype="datetime64[D]")
    >>> r = half_month_erosivity(days, np.where(days == np.datetime64("2002-07-20"), 100.0, 0.0))
    >>> float(r.mean[13]), r.annual, int(r.years.min())
    (50.0, 50.0, 2)
    """
    days = np.asarray(dates, dtype="datetime64[D]")
    values = np.asarray(erosivity, dtype=np.float64)
    present = ~np.isnan(values)
    days, values = days[present], values[present]
    if not days.size:
        return HalfMonthErosivity(np.full(HALF_MONTHS, np.nan), np.zeros(HALF_MONTHS, dtype=np.int64))
    first_year = int(days.min().astype("datetime64[Y]").astype(np.int64)) + 1970
    slot = _slots(days, first_year)
    slots = (int(slot.max()) // HALF_MONTHS + 1) * HALF_MONTHS
    counted = np.bincount(slot, minlength=slots).reshape(-1, HALF_MONTHS)
    total = np.bincount(slot, weights=values, minlength=slots).reshape(-1, HALF_MONTHS)
    calendar = _calendar_days(first_year, slots // HALF_MONTHS)
    counts = (counted > 0) & (counted >= minimum_day_share * calendar)
    scaled = np.divide(total * calendar, counted, out=np.zeros_like(total), where=counts)
    years = counts.sum(axis=0)
    mean = np.divide(scaled.sum(axis=0), years, out=np.full(HALF_MONTHS, np.nan), where=years > 0)
    return HalfMonthErosivity(mean, years)


def erosivity_weights(half_month: ArrayLike) -> NDArray[np.float64]:
    """
    Share of each half-month in the erosivity of the year (半月侵蚀力比例 WR).

    Parameters
    ----------
    half_month : (24, ...) array
        Erosivity of each half-month, not negative, MJ·mm/(hm²·h·a).

    Returns
    -------
    (24, ...) array
        Weights that add up to 1 along the first axis. Where R is 0 nothing erodes and every weight is 1/24; NaN in all
        half-months where one is NaN.

    Examples
    --------
    >>> w = erosivity_weights(np.repeat([0.0, 30.0], [22, 2]))
    >>> float(w[23]), float(w.sum())
    (0.5, 1.0)
    """
    r = np.asarray(half_month, dtype=np.float64)
    total = r.sum(axis=0)
    return np.where(total == 0, 1.0 / HALF_MONTHS, r / np.where(total == 0, 1.0, total))


@dataclass(frozen=True)
class DailyErosivity:
    """
    The seasonal daily model with its numbers (日雨量侵蚀力模型参数).

    Parameters
    ----------
    threshold : float
        Smallest daily rain that counts, mm.
    warm_coefficient, cool_coefficient, exponent : float
        Numbers of the power law.
    warm_months : tuple of int
        Months of the warm season.

    Examples
    --------
    >>> model = DailyErosivity(10, 0.3937, 0.3101, 1.7265, (5, 6, 7, 8, 9))
    >>> float(model([12, 35, 60], [7, 7, 7]).sum().round(3))
    673.655
    """

    threshold: float
    warm_coefficient: float
    cool_coefficient: float
    exponent: float
    warm_months: tuple[int, ...]

    @classmethod
    def from_rules(cls, rules: Rules) -> DailyErosivity:
        """Take the numbers from the rule packs in force, table ``erosivity``."""
        return cls(
            threshold=float(rules.value("erosivity.threshold")),
            warm_coefficient=float(rules.value("erosivity.warm_coefficient")),
            cool_coefficient=float(rules.value("erosivity.cool_coefficient")),
            exponent=float(rules.value("erosivity.exponent")),
            warm_months=tuple(int(month) for month in rules.value("erosivity.warm_months")),
        )

    def __call__(self, rain_mm: ArrayLike, month: ArrayLike) -> NDArray[np.float64]:
        """Return the erosivity of each day, MJ·mm/(hm²·h): :func:`daily_erosivity`."""
        return daily_erosivity(
            rain_mm,
            month,
            threshold=self.threshold,
            warm_coefficient=self.warm_coefficient,
            cool_coefficient=self.cool_coefficient,
            exponent=self.exponent,
            warm_months=self.warm_months,
        )

    def half_months(self, dates: ArrayLike, rain_mm: ArrayLike, *, minimum_day_share: float) -> HalfMonthErosivity:
        """
        Return the mean erosivity of the 24 half-months of a station's record.

        Parameters
        ----------
        dates : (days,) array of datetime64
            Days of the record.
        rain_mm : (days,) array
            Rain of each day, mm, NaN where missing.
        minimum_day_share : float
            As in :func:`half_month_erosivity`.
        """
        days = np.asarray(dates, dtype="datetime64[D]")
        return half_month_erosivity(days, self(rain_mm, months_of(days)), minimum_day_share=minimum_day_share)


def months_of(dates: ArrayLike) -> NDArray[np.int64]:
    """
    Month of each date, 1-12 (月份).

    Parameters
    ----------
    dates : (...) array of datetime64
        Days.

    Examples
    --------
    >>> months_of(["2024-02-29", "2024-12-31"]).tolist()
    [2, 12]
    """
    months = np.asarray(dates, dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months % 12 + 1)


def _days_of_month(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Day of the month of each date, 1-31."""
    return (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1


def _slots(days: NDArray[np.datetime64], first_year: int) -> NDArray[np.int64]:
    """Running number of the half-month of each day, from the first half of January of the first year."""
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970 - first_year
    return year * HALF_MONTHS + half_month_index(months_of(days), _days_of_month(days))


def _calendar_days(first_year: int, years: int) -> NDArray[np.int64]:
    """Calendar days of each half-month of each year, (years, 24)."""
    start = np.datetime64(f"{first_year:04d}-01-01", "D")
    end = np.datetime64(f"{first_year + years:04d}-01-01", "D")
    days = np.arange(start, end)
    counted = np.bincount(_slots(days, first_year), minlength=years * HALF_MONTHS)
    return np.asarray(counted.reshape(years, HALF_MONTHS))


def checked_rain(rain_mm: ArrayLike) -> NDArray[np.float64]:
    """
    Rain as float64, refused where any of it is negative (雨量检查).

    Parameters
    ----------
    rain_mm : (...) array
        Rain, mm. NaN is missing and passes.

    Returns
    -------
    (...) array of float64
        The same values, 0 or more, or NaN.

    Raises
    ------
    ShuibaoError
        If any rain is negative.

    Examples
    --------
    >>> checked_rain([0, 3]).tolist()
    [0.0, 3.0]
    """
    rain = np.asarray(rain_mm, dtype=np.float64)
    negative = rain < 0
    if negative.any():
        count, least = int(negative.sum()), float(np.nanmin(rain))
        zh = f"雨量有 {count} 个负值，最小 {least:g} mm；雨量不能小于 0，缺测请留空"
        en = f"rain has {count} negative values, the least {least:g} mm; rain is 0 or more, leave missing days empty"
        raise ShuibaoError(zh, en)
    return rain


def power_law(
    rain: NDArray[np.float64], alpha: NDArray[np.float64] | np.float64, exponent: float, threshold: float
) -> NDArray[np.float64]:
    """
    Power of the rain at or above a threshold, and 0 below it (幂函数).

    Parameters
    ----------
    rain : (...) array
        Rain of the day, mm.
    alpha : (...) array
        Coefficient, MJ·mm/(hm²·h) per mm to the exponent.
    exponent : float
        Exponent of the rain.
    threshold : float
        Smallest rain that counts, mm.

    Returns
    -------
    (...) array
        Erosivity, MJ·mm/(hm²·h). NaN where the rain is NaN.

    Examples
    --------
    >>> power_law(np.array([1.0, 3.0]), np.float64(2.0), 2.0, 3.0).tolist()
    [0.0, 18.0]
    """
    return np.asarray(np.where(rain < threshold, 0.0, alpha * rain**exponent), dtype=np.float64)
