"""
Rival formulas for rainfall erosivity, each with author and year in its name (降雨侵蚀力的其他公式).

They share the shape of :func:`shuibao.erosion.rainfall.daily_erosivity`: erosivity of days in MJ·mm/(hm²·h), to be
gathered by :func:`shuibao.erosion.rainfall.half_month_erosivity`. Only the last one goes from months to R at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuibao.erosion.rainfall import checked_rain, power_law

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def daily_erosivity_xie2016(
    rain_mm: ArrayLike,
    month: ArrayLike,
    *,
    threshold: float,
    coefficient: float,
    amplitude: float,
    peak_month: float,
    exponent: float,
) -> NDArray[np.float64]:
    r"""
    Erosivity of each day with a coefficient that follows the months as a cosine (日降雨侵蚀力，谢云等 2016).

    Parameters
    ----------
    rain_mm, month, threshold, exponent
        As in :func:`shuibao.erosion.rainfall.daily_erosivity`.
    coefficient, amplitude : float
        Mean coefficient, and its relative amplitude about it (dimensionless).
    peak_month : float
        Month of the greatest coefficient.

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
    .. math:: R_d = \alpha_0 [1 + \eta \cos(\pi j/6 - \pi j_0/6)] P^{\beta}

    with :math:`j` the month and :math:`j_0` that of the peak, July (so that the phase is the printed 7π/6).

    References
    ----------
    Xie et al. (2016) J. Hydrology 535, 547-558. Numbers: pack ``erosivity_xie2016``.

    Examples
    --------
    One millimetre without threshold shows the coefficient of January, April, July and October:

    >>> daily_erosivity_xie2016(1.0, [1, 4, 7, 10], threshold=0, coefficient=0.2686, amplitude=0.5412,
    ...                         peak_month=7, exponent=1.7265).round(5).tolist()
    [0.12323, 0.2686, 0.41397, 0.2686]
    """
    rain = checked_rain(rain_mm)
    phase = np.pi / 6 * (np.asarray(month, dtype=np.float64) - peak_month)
    return power_law(rain, coefficient * (1 + amplitude * np.cos(phase)), exponent, threshold)


def parameters_zhang2002(
    mean_daily: float,
    mean_annual: float,
    *,
    beta_base: float,
    beta_daily: float,
    beta_annual: float,
    alpha_gain: float,
    alpha_exponent: float,
) -> tuple[float, float]:
    r"""
    Coefficient and exponent of a station's daily model from its erosive rain (章文波等 2002 的模型参数).

    Parameters
    ----------
    mean_daily : float
        Mean rain of the days at or above the threshold (:math:`P_{d12}`), mm.
    mean_annual : float
        Mean yearly sum of the rain of those days (:math:`P_{y12}`), mm.
    beta_base, beta_daily, beta_annual : float
        :math:`b_0` (dimensionless), :math:`b_1` and :math:`b_2` (mm) of the equation for :math:`\beta`.
    alpha_gain, alpha_exponent : float
        :math:`a_0, a_1` of the equation for :math:`\alpha`.

    Returns
    -------
    (alpha, beta) : float
        Coefficient and exponent of :math:`R = \alpha \sum P^{\beta}`.

    Notes
    -----
    .. math:: \beta = b_0 + b_1/P_{d12} + b_2/P_{y12}, \qquad \alpha = a_0 \beta^{a_1}

    References
    ----------
    章文波, 谢云, 刘宝元 (2002) 利用日雨量计算降雨侵蚀力的方法研究. Numbers: pack ``erosivity_zhang2002``.

    Examples
    --------
    >>> a, b = parameters_zhang2002(24, 360, beta_base=0.8363, beta_daily=18.144, beta_annual=24.455,
    ...                             alpha_gain=21.586, alpha_exponent=-7.1891)
    >>> round(b, 6), round(a, 6)
    (1.660231, 0.564104)
    """
    beta = beta_base + beta_daily / mean_daily + beta_annual / mean_annual
    return float(alpha_gain * beta**alpha_exponent), float(beta)


def daily_erosivity_zhang2002(
    rain_mm: ArrayLike, *, threshold: float, coefficient: float, exponent: float
) -> NDArray[np.float64]:
    """
    Erosivity of each day with a station's own coefficient and exponent (日降雨侵蚀力，章文波等 2002).

    Parameters
    ----------
    rain_mm : (...) array
        Rain of the day, mm.
    threshold : float
        Smallest daily rain that counts, mm.
    coefficient, exponent : float
        From :func:`parameters_zhang2002`.

    Returns
    -------
    (...) array
        Erosivity of the day, MJ·mm/(hm²·h). NaN where the rain is NaN.

    Raises
    ------
    ShuibaoError
        If any rain is negative.

    Examples
    --------
    >>> daily_erosivity_zhang2002([11, 12, 35], threshold=12, coefficient=0.564104, exponent=1.660231).round(2).tolist()
    [0.0, 34.92, 206.48]
    """
    rain = checked_rain(rain_mm)
    return power_law(rain, np.float64(coefficient), exponent, threshold)


def erosive_rain(dates: ArrayLike, rain_mm: ArrayLike, *, threshold: float) -> tuple[float, float]:
    """
    Mean rain of an erosive day, and mean yearly sum of erosive rain (侵蚀性降雨的日均量与年均量).

    Parameters
    ----------
    dates : (days,) array of datetime64
        Days of the record.
    rain_mm : (days,) array
        Rain of each day, mm; NaN is a day without a value and is left out.
    threshold : float
        Smallest daily rain that counts, mm.

    Returns
    -------
    (mean_daily, mean_annual) : float
        mm. The years are the calendar days with a value, over 365.25. (NaN, 0) where no day is erosive.

    Examples
    --------
    >>> days = np.arange("2001-01-01", "2002-01-01", dtype="datetime64[D]")
    >>> rain = np.where(np.arange(365) < 4, 20.0, 1.0)
    >>> erosive_rain(days, rain, threshold=12)
    (20.0, 80.05479452054794)
    """
    rain = checked_rain(rain_mm)
    present = ~np.isnan(rain)
    erosive = rain[present & (np.nan_to_num(rain) >= threshold)]
    years = np.unique(np.asarray(dates, dtype="datetime64[D]")[present]).size / 365.25
    mean_daily = float(erosive.mean()) if erosive.size else float("nan")
    return mean_daily, float(erosive.sum() / years) if years else float("nan")


def annual_erosivity_zhang2003(monthly_rain_mm: ArrayLike, *, coefficient: float, exponent: float) -> float:
    r"""
    Mean annual R from monthly rain alone, for records without days (由月雨量求多年平均 R，章文波、付金生 2003).

    Parameters
    ----------
    monthly_rain_mm : (years, 12) array
        Rain of each month, mm. Years with a NaN are left out.
    coefficient, exponent : float
        Pack ``erosivity_monthly``.

    Returns
    -------
    float
        R, MJ·mm/(hm²·h·a). NaN if no year is complete.

    Notes
    -----
    .. math:: F = \frac{1}{N} \sum_{y} \frac{\sum_m P_m^2}{\sum_m P_m}, \qquad R = a F^{b}

    A year without rain has F = 0.

    Examples
    --------
    The same rain in every month gives F equal to it, here 40 mm:

    >>> round(annual_erosivity_zhang2003([[40] * 12], coefficient=0.1833, exponent=1.9957), 2)
    288.66
    """
    rain = checked_rain(monthly_rain_mm).reshape(-1, 12)
    rain = rain[~np.isnan(rain).any(axis=1)]
    if not rain.size:
        return float("nan")
    total = rain.sum(axis=1)
    index = np.divide((rain**2).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    return float(coefficient * index.mean() ** exponent)
