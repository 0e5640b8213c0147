"""Vegetation cover from NDVI (由 NDVI 求植被覆盖度)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuibao.messages import ShuibaoError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def vegetation_cover(ndvi: ArrayLike, *, bare: float, full: float) -> NDArray[np.float64]:
    r"""
    Vegetation cover from NDVI by pixel dichotomy (像元二分模型求植被覆盖度).

    Parameters
    ----------
    ndvi : (...) array
        Normalised difference vegetation index, -1 to 1.
    bare, full : float
        NDVI of bare soil and of full cover. From :func:`ndvi_endmembers` or from plots.

    Returns
    -------
    (...) array
        Cover, 0-1, clipped. NaN where NDVI is NaN.

    Raises
    ------
    ShuibaoError
        If ``full`` is not above ``bare``.

    Notes
    -----
    .. math:: FVC = \frac{NDVI - NDVI_{soil}}{NDVI_{veg} - NDVI_{soil}}

    Examples
    --------
    >>> vegetation_cover([0.0, 0.5, 1.0], bare=0.25, full=0.75).tolist()
    [0.0, 0.5, 1.0]
    """
    if not full > bare:
        zh = f"全覆盖 NDVI（{full:g}）应大于裸土 NDVI（{bare:g}）；请检查两端取值"
        en = f"NDVI of full cover ({full:g}) must be above NDVI of bare soil ({bare:g}); check the two end members"
        raise ShuibaoError(zh, en)
    return np.asarray(np.clip((np.asarray(ndvi, dtype=np.float64) - bare) / (full - bare), 0.0, 1.0))


def ndvi_endmembers(ndvi: ArrayLike, *, low_percent: float, high_percent: float) -> tuple[float, float]:
    """
    NDVI of bare soil and of full cover from the cumulative distribution (NDVI 累积频率端元).

    Parameters
    ----------
    ndvi : (...) array
        NDVI of the region; NaN is left out.
    low_percent, high_percent : float
        Cumulative shares taken for bare soil and for full cover, %: 5 and 95, or 0.5 and 99.5.

    Returns
    -------
    (bare, full) : float
        The two end members.

    Examples
    --------
    >>> ndvi_endmembers(np.linspace(0, 1, 101), low_percent=25, high_percent=75)
    (0.25, 0.75)
    """
    values = np.asarray(ndvi, dtype=np.float64)
    bare, full = np.percentile(values[~np.isnan(values)], [low_percent, high_percent])
    return float(bare), float(full)
