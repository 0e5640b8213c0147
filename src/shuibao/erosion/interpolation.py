"""
Rainfall erosivity between stations (降雨侵蚀力空间内插).

One structure serves all half-months: it is fitted to annual R, and the 24 half-months are carried by the same weights.
So the interpolated half-months add up to the interpolated R, and their shares add up to 1, in every cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuibao.erosion import _interpolation_kernels as kernels
from shuibao.erosion.variogram import Model, Variogram, distances, fit_variogram
from shuibao.messages import CallError, Finding, ShuibaoError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from shuibao.ground.grid import Grid

Method = Literal["kriging", "idw"]
METHODS = ("kriging", "idw")

FEWEST_FOR_KRIGING = 8
"""Stations below which a variogram is not believed and distance weighting is used. Chosen: 28 pairs."""

DISTANCE_POWER = 2.0
"""Power of inverse distance weighting. Chosen: the usual one."""


@dataclass(frozen=True)
class Interpolation:
    """
    Station values made ready to be read at any place (内插器).

    Fitted once, it gives every tile of a region the same values as the whole region at once.

    Parameters
    ----------
    method : {"uniform", "idw", "kriging"}
        What is done: one station is everywhere; weights by distance; ordinary kriging.
    x, y : (n,) array
        Eastings and northings of the stations, m.
    values : (n, m) array
        Values of the stations.
    power : float
        Power of the distance (idw).
    variogram : Variogram or None
        Fitted variogram (kriging).
    dual : (n + 1, m) array
        Coefficients of dual kriging.
    findings : tuple of Finding
        Why another method than the one asked for is used.
    """

    method: Literal["uniform", "idw", "kriging"]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    values: NDArray[np.float64]
    power: float
    variogram: Variogram | None
    dual: NDArray[np.float64]
    findings: tuple[Finding, ...] = ()

    def at(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """
        Return the values at places.

        Parameters
        ----------
        x, y : (places,) array
            Eastings and northings, m.

        Returns
        -------
        (m, places) array
            Values, as interpolated: kriging may give less than the least station, even below 0.
        """
        places = np.stack(np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)))
        places = np.ascontiguousarray(places.reshape(2, -1))
        out = np.empty((self.values.shape[1], places.shape[1]))
        if self.method == "uniform":
            out[:] = self.values[0][:, None]
        elif self.variogram is None:
            kernels.weigh_by_distance(self.x, self.y, self.values, self.power, places, out)
        else:
            v = self.variogram
            spherical = v.model == "spherical"
            kernels.krige(self.x, self.y, self.dual, v.nugget, v.sill, v.reach, spherical, places, out)
        return out

    def erosivity_on(self, grid: Grid) -> NDArray[np.float64]:
        """
        Return the erosivity of half-months on a grid, not negative.

        Parameters
        ----------
        grid : Grid
            Cells; choose them as coarse as rain varies, some km.

        Returns
        -------
        (24, rows, cols) array
            Erosivity, MJ·mm/(hm²·h·a), at the centres of the cells. Its sum is R and its shares are WR.
        """
        x, y = grid.centres()
        out = np.empty((self.values.shape[1], grid.rows, grid.cols))
        for row in range(grid.rows):
            layers = self.at(x, np.full(x.size, y[row]))
            kernels.hold_shares(layers)
            out[:, row] = layers
        return out


def prepare_interpolation(
    x: ArrayLike,
    y: ArrayLike,
    values: ArrayLike,
    method: Method = "kriging",
    *,
    model: Model = "spherical",
    power: float = DISTANCE_POWER,
    fewest: int = FEWEST_FOR_KRIGING,
    where: str = "inputs.rain",
) -> Interpolation:
    """
    Make station values ready for interpolation (准备内插).

    Parameters
    ----------
    x, y : (n,) array
        Eastings and northings of the stations in the national coordinate system, m.
    values : (n, m) array
        Values of the stations, for instance the erosivity of 24 half-months. The variogram is that of their sum.
    method : {"kriging", "idw"}
        Ordinary kriging, or inverse distance weighting. One station is taken as everywhere alike.
    model : {"spherical", "exponential"}
        Shape of the variogram.
    power : float
        Power of the distance (idw), dimensionless.
    fewest : int
        Stations below which kriging falls back to distance weighting, with a finding.
    where : str
        Name of the input in findings.

    Returns
    -------
    Interpolation
        Ready to be read; with findings where the method had to change.

    Raises
    ------
    CallError
        If the method is not known.
    ShuibaoError
        If a value is missing, or two stations are in one place.

    Examples
    --------
    >>> two = prepare_interpolation([0, 10], [0, 0], [[1.0], [3.0]], method="idw")
    >>> two.at([0, 5, 10], 0).tolist()
    [[1.0, 2.0, 3.0]]
    """
    if method not in METHODS:
        zh, en = f"不认识的内插方法“{method}”；可用 {'、'.join(METHODS)}", f"unknown method of interpolation '{method}'"
        raise CallError(zh, f"{en}; use one of {', '.join(METHODS)}")
    east, north, z = (np.ascontiguousarray(a, dtype=np.float64) for a in (x, y, values))
    _check_stations(east, north, z, where)
    none = np.empty((0, z.shape[1]))
    if east.size == 1:
        return Interpolation("uniform", east, north, z, power, None, none)
    annual = z.sum(axis=1)
    findings: tuple[Finding, ...] = ()
    if method == "kriging" and east.size < fewest:
        zh = f"只有 {east.size} 个站，不足 {fewest} 个，不宜克里金，改用反距离加权"
        en = f"{east.size} stations are fewer than the {fewest} that kriging needs; distance weights instead"
        findings = (Finding("warning", where, zh, en),)
    if method == "idw" or findings or np.ptp(annual) == 0:
        return Interpolation("idw", east, north, z, power, None, none, findings)
    variogram = fit_variogram(east, north, annual, model)
    return Interpolation("kriging", east, north, z, power, variogram, _dual(east, north, z, variogram))


def interpolate_erosivity(
    x: ArrayLike,
    y: ArrayLike,
    half_month: ArrayLike,
    grid: Grid,
    method: Method = "kriging",
    *,
    model: Model = "spherical",
    power: float = DISTANCE_POWER,
    fewest: int = FEWEST_FOR_KRIGING,
) -> NDArray[np.float64]:
    """
    Erosivity of half-months on a grid from stations (降雨侵蚀力内插到格网).

    Parameters
    ----------
    x, y : (n,) array
        Eastings and northings of the stations in the national coordinate system, m.
    half_month : (n, 24) array
        Erosivity of each half-month at each station, MJ·mm/(hm²·h·a).
    grid : Grid
        Cells.
    method, model, power, fewest
        As in :func:`prepare_interpolation`.

    Returns
    -------
    (24, rows, cols) array
        Erosivity, MJ·mm/(hm²·h·a), never negative; its sum is R, and its shares
        (:func:`shuibao.erosion.rainfall.erosivity_weights`) are WR and add up to 1.

    Raises
    ------
    CallError, ShuibaoError
        As :func:`prepare_interpolation`.

    Examples
    --------
    >>> from shuibao.ground.grid import Grid
    >>> one = interpolate_erosivity([0.0], [0.0], np.full((1, 24), 50.0), Grid(30.0, 0, 0, 2, 3))
    >>> one.shape, float(one.sum(axis=0)[0, 0])
    ((24, 2, 3), 1200.0)
    """
    ready = prepare_interpolation(x, y, half_month, method, model=model, power=power, fewest=fewest)
    return ready.erosivity_on(grid)


@dataclass(frozen=True)
class CrossValidation:
    """
    How well stations are told from the others (交叉验证).

    Parameters
    ----------
    observed, predicted : (n,) array
        Annual R of each station, and what the others say of it, MJ·mm/(hm²·h·a).
    """

    observed: NDArray[np.float64]
    predicted: NDArray[np.float64]

    @property
    def bias(self) -> float:
        """Return the mean error, predicted less observed, MJ·mm/(hm²·h·a)."""
        return float((self.predicted - self.observed).mean())

    @property
    def rmse(self) -> float:
        """Return the root mean square error, MJ·mm/(hm²·h·a)."""
        return float(np.sqrt(((self.predicted - self.observed) ** 2).mean()))


def leave_one_out(
    x: ArrayLike,
    y: ArrayLike,
    half_month: ArrayLike,
    method: Method = "kriging",
    *,
    model: Model = "spherical",
    power: float = DISTANCE_POWER,
    fewest: int = FEWEST_FOR_KRIGING,
) -> CrossValidation:
    """
    Predict each station's annual R from the others (逐站交叉验证).

    Parameters
    ----------
    x, y : (n,) array
        Eastings and northings of the stations, m; at least 2.
    half_month : (n, 24) array
        Erosivity of each half-month at each station, MJ·mm/(hm²·h·a).
    method, model, power, fewest
        As in :func:`prepare_interpolation`. The variogram is fitted anew without the station.

    Returns
    -------
    CrossValidation
        Observed and predicted R, with bias and root mean square error.

    Examples
    --------
    >>> check = leave_one_out([0, 1, 2], [0, 0, 0], np.full((3, 24), 10.0), method="idw")
    >>> round(check.rmse, 9)
    0.0
    """
    east, north, z = (np.asarray(a, dtype=np.float64) for a in (x, y, half_month))
    annual = z.sum(axis=1)
    predicted = np.empty(east.size)
    for station in range(east.size):
        kept = np.arange(east.size) != station
        ready = prepare_interpolation(
            east[kept], north[kept], annual[kept, None], method, model=model, power=power, fewest=fewest
        )
        predicted[station] = max(float(ready.at(east[station], north[station])[0, 0]), 0.0)
    return CrossValidation(annual, predicted)


def _dual(
    x: NDArray[np.float64], y: NDArray[np.float64], values: NDArray[np.float64], variogram: Variogram
) -> NDArray[np.float64]:
    """Solve the ordinary kriging system once for all layers: dual coefficients, (n + 1, m)."""
    n = x.size
    matrix = np.ones((n + 1, n + 1))
    matrix[:n, :n] = variogram(distances(x, y))
    matrix[n, n] = 0.0
    right = np.zeros((n + 1, values.shape[1]))
    right[:n] = values
    kernels.solve(matrix, right)
    return right


def _check_stations(x: NDArray[np.float64], y: NDArray[np.float64], values: NDArray[np.float64], where: str) -> None:
    """Refuse stations without a value or a place, and two in one place."""
    if not x.size or x.shape != y.shape or values.shape[:1] != x.shape:
        zh = f"{where}：站数不一致：x {x.size}，y {y.size}，值 {values.shape[:1]}；至少要有一个站"
        en = f"{where}: x has {x.size} stations, y {y.size}, values {values.shape[:1]}; they must agree, at least one"
        raise ShuibaoError(zh, en)
    lost = np.isnan(values).any(axis=1) | np.isnan(x) | np.isnan(y) if x.size > 1 else np.isnan(values).any(axis=1)
    if lost.any():
        rows = [int(row) + 1 for row in np.flatnonzero(lost)[:5]]
        zh = f"{where}：第 {rows} 个站缺少半月侵蚀力或位置；请补全记录或去掉这些站"
        en = f"{where}: stations number {rows} lack erosivity or a place; complete them or leave them out"
        raise ShuibaoError(zh, en)
    apart = distances(x, y)
    np.fill_diagonal(apart, np.inf)
    if x.size > 1 and apart.min() == 0:
        first, second = (int(row) + 1 for row in np.argwhere(apart == 0)[0])
        zh = f"{where}：第 {first} 个站与第 {second} 个站在同一位置；请合并或改正经纬度"
        en = f"{where}: stations number {first} and {second} are in one place; merge them or correct their places"
        raise ShuibaoError(zh, en)
