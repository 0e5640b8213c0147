"""
The variogram of station values, fitted by least squares (变差函数).

The fit scans a ladder of ranges and solves for nugget and sill in closed form at each, so that the same stations give
the same numbers on every machine: there is no iteration whose end depends on rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Model = Literal["spherical", "exponential"]

LAGS = 12
"""Distance classes of the sample variogram. Chosen: the usual 10-15."""

LADDER = 120
"""Ranges that the fit tries. Chosen: steps of about 3 %."""


@dataclass(frozen=True)
class Variogram:
    """
    A variogram: half the mean squared difference of two places, by their distance (变差函数).

    Parameters
    ----------
    model : {"spherical", "exponential"}
        Shape.
    nugget : float
        Value just beyond distance 0, squared units of the values. At distance 0 it is 0: stations are honoured.
    sill : float
        What is added to the nugget far away, squared units of the values.
    reach : float
        Range, m: where the spherical model is flat; 3 times the length of the exponential one.

    Examples
    --------
    >>> Variogram("spherical", 1.0, 4.0, 1000.0)([0.0, 500.0, 1000.0, 5000.0]).tolist()
    [0.0, 3.75, 5.0, 5.0]
    """

    model: Model
    nugget: float
    sill: float
    reach: float

    def __call__(self, distance: ArrayLike) -> NDArray[np.float64]:
        """Return the variogram at distances in m."""
        d = np.asarray(distance, dtype=np.float64)
        return np.asarray(np.where(d > 0, self.nugget + self.sill * shape(d, self.reach, self.model), 0.0))


def shape(distance: ArrayLike, reach: float, model: Model) -> NDArray[np.float64]:
    r"""
    Variogram of sill 1 without nugget (标准变差函数).

    Parameters
    ----------
    distance : (...) array
        Distance, m.
    reach : float
        Range, m.
    model : {"spherical", "exponential"}
        Shape.

    Returns
    -------
    (...) array
        0 at distance 0, 1 (or nearly) from the range on, dimensionless.

    Notes
    -----
    .. math:: 1.5 h - 0.5 h^3 \ (h < 1), \qquad 1 - e^{-3h}, \qquad h = d / a

    Examples
    --------
    >>> shape([0.0, 500.0, 2000.0], 1000.0, "spherical").tolist()
    [0.0, 0.6875, 1.0]
    """
    h = np.asarray(distance, dtype=np.float64) / reach
    if model == "spherical":
        near = np.minimum(h, 1.0)
        return np.asarray(1.5 * near - 0.5 * near**3)
    return np.asarray(1.0 - np.exp(-3.0 * h))


def distances(x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """
    Distances between all stations (站间距离).

    Parameters
    ----------
    x, y : (n,) array
        Eastings and northings, m.

    Returns
    -------
    (n, n) array
        Distances, m.

    Examples
    --------
    >>> distances([0, 3], [0, 4]).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return np.asarray(np.hypot(east[:, None] - east, north[:, None] - north))


def sample_variogram(
    x: ArrayLike, y: ArrayLike, values: ArrayLike, *, lags: int = LAGS
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """
    Sample variogram in classes of distance up to half the greatest (样本变差函数).

    Parameters
    ----------
    x, y : (n,) array
        Eastings and northings of the stations, m.
    values : (n,) array
        Values at the stations.
    lags : int
        Classes of distance, equally wide.

    Returns
    -------
    distance : (m,) array
        Mean distance of the pairs of each class that has any, m.
    half_square : (m,) array
        Half the mean squared difference of the pairs, squared units of the values.
    pairs : (m,) array of int
        Pairs of each class.

    Examples
    --------
    >>> distance, half_square, pairs = sample_variogram([0, 1, 2], [0, 0, 0], [0, 2, 4], lags=1)
    >>> distance.tolist(), half_square.tolist(), pairs.tolist()
    ([1.0], [2.0], [2])
    """
    z = np.asarray(values, dtype=np.float64)
    first, second = np.triu_indices(z.size, 1)
    d = distances(x, y)[first, second]
    half = 0.5 * (z[first] - z[second]) ** 2
    limit = max(0.5 * d.max(), d.min())
    near = d <= limit
    lag = np.minimum((d[near] / limit * lags).astype(np.int64), lags - 1)
    pairs = np.bincount(lag, minlength=lags)
    kept = pairs > 0
    mean_d = np.bincount(lag, weights=d[near], minlength=lags)[kept] / pairs[kept]
    mean_half = np.bincount(lag, weights=half[near], minlength=lags)[kept] / pairs[kept]
    return mean_d, mean_half, pairs[kept]


def fit_variogram(x: ArrayLike, y: ArrayLike, values: ArrayLike, model: Model = "spherical") -> Variogram:
    """
    Fit a variogram to station values by least squares, weighted by pairs (变差函数拟合).

    Parameters
    ----------
    x, y : (n,) array
        Eastings and northings of the stations, m; at least 3, no two in one place.
    values : (n,) array
        Values at the stations, not all alike.
    model : {"spherical", "exponential"}
        Shape.

    Returns
    -------
    Variogram
        Nugget and sill are not negative; the range is between the least distance of two stations and twice the
        greatest. If nothing rises with distance, the variance is taken as sill at the greatest range.

    Examples
    --------
    >>> along = np.arange(20.0) * 1000
    >>> fitted = fit_variogram(along, 0 * along, np.sin(along / 5000))
    >>> fitted.nugget < 0.1 * fitted.sill
    True
    """
    lag, half, pairs = sample_variogram(x, y, values)
    between = distances(x, y)
    between = between[between > 0]
    best, least = Variogram(model, 0.0, float(np.var(np.asarray(values))), 2 * float(between.max())), np.inf
    for reach in np.geomspace(between.min(), 2 * between.max(), LADDER):
        rise = shape(lag, float(reach), model)
        nugget, sill = _nugget_and_sill(rise, half, pairs)
        misfit = float((pairs * (nugget + sill * rise - half) ** 2).sum())
        if sill > 0 and misfit < least:
            best, least = Variogram(model, nugget, sill, float(reach)), misfit
    return best


def _nugget_and_sill(
    rise: NDArray[np.float64], half: NDArray[np.float64], pairs: NDArray[np.int64]
) -> tuple[float, float]:
    """Solve half = nugget + sill * rise by weighted least squares with both not negative."""
    total, sr, sh = float(pairs.sum()), float((pairs * rise).sum()), float((pairs * half).sum())
    srr, srh = float((pairs * rise * rise).sum()), float((pairs * rise * half).sum())
    determinant = total * srr - sr * sr
    if determinant > 1e-9 * total * srr:
        sill = (total * srh - sr * sh) / determinant
        nugget = (sh - sill * sr) / total
        if sill >= 0 and nugget >= 0:
            return nugget, sill
        if sill < 0:
            return sh / total, 0.0
    return 0.0, srh / srr
