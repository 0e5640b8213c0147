"""
Thirty years of daily rain at the stations of the imaginary land (模拟逐日降雨).

Stations stand on a jittered lattice of the nation, so that two neighbours share the stations between them. On every day
a field of chance spans the land; where it is high enough for the month, and lower after a wet day, it rains. Amounts
follow a Weibull distribution, its scale set by the month and the height of the station.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from shuibao.ground.grid import national_crs
from shuibao.ground.transforming import between
from shuibao.sources.imaginary.terrain import Bounds, Relief, height_seen_from_afar

FIRST_YEAR, LAST_YEAR = 1991, 2020

SPACING = 45_000.0
"""Distance between stations, m."""

STATION_MARGIN = 28_000.0
"""How far around a region its stations are taken, m."""

MONTHLY_RAIN = np.array([3.0, 5.0, 12.0, 24.0, 38.0, 60.0, 103.0, 97.0, 61.0, 29.0, 11.0, 3.0])
"""Mean rain of each month at 1 200 m, mm; chosen after the climate of northern Shanxi."""

WET_DAYS = np.array([2.0, 3.0, 4.0, 5.0, 6.5, 10.0, 12.5, 11.5, 9.0, 6.0, 3.5, 2.0])
"""Mean number of days with rain in each month; chosen."""

PERSISTENCE = 0.22
"""How much likelier rain is after a wet day than after a dry one, probability; chosen."""

SHARED = 0.80
"""Share of the chance of a day that stations have in common with their neighbours; chosen."""

SHAPE = 0.68
"""Shape of the Weibull distribution of the rain of a wet day; chosen."""

_REGION = 260_000.0  # m across a rain field


@dataclass(frozen=True)
class Stations:
    """
    Rain stations of the imaginary land (模拟雨量站).

    Attributes
    ----------
    names : tuple of str
        Name of each station; contains its lattice place, the same for every region that holds it.
    places : (stations, 2) array of int
        Lattice column and row.
    x, y : (stations,) array
        Place in the national coordinate system, m.
    lon, lat : (stations,) array
        Place, degrees, to 0.0001.
    height : (stations,) array
        Height, m.
    """

    names: tuple[str, ...]
    places: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    height: NDArray[np.float64]


def _mixed(*parts: NDArray[Any] | int) -> NDArray[np.float64]:
    """Return numbers in (0, 1) from whole numbers, by mixing their bits."""
    h = np.zeros(1, dtype=np.uint64)
    for part in parts:
        h = h * np.uint64(0x9E3779B97F4A7C15) + np.asarray(part).astype(np.int64).astype(np.uint64)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(31)
    return ((h >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53


def _normal(*parts: NDArray[Any] | int) -> NDArray[np.float64]:
    """Return standard normal numbers from whole numbers (Box and Muller 1958)."""
    first, second = _mixed(*parts, 1), _mixed(*parts, 2)
    normal: NDArray[np.float64] = np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second)
    return normal


def stations_around(relief: Relief, bounds: Bounds, margin: float = STATION_MARGIN) -> Stations:
    """
    Return the rain stations in and around a rectangle (区域内外的雨量站).

    Parameters
    ----------
    relief : Relief
        The land around the rectangle and its margin.
    bounds : (left, bottom, right, top)
        Rectangle in the national coordinate system, m.
    margin : float
        How far around the rectangle stations are taken, m.
    """
    left, bottom, right, top = bounds
    seed = relief.seed
    cols = np.arange(math.floor((left - margin) / SPACING) - 1, math.ceil((right + margin) / SPACING) + 1)
    rows = np.arange(math.floor((bottom - margin) / SPACING) - 1, math.ceil((top + margin) / SPACING) + 1)
    col, row = (part.ravel() for part in np.meshgrid(cols, rows))
    x = (col + 0.15 + 0.7 * _mixed(col, row, seed, 11)) * SPACING
    y = (row + 0.15 + 0.7 * _mixed(col, row, seed, 12)) * SPACING
    inside = (x >= left - margin) & (x <= right + margin) & (y >= bottom - margin) & (y <= top + margin)
    col, row, x, y = col[inside], row[inside], x[inside], y[inside]
    to_degrees = between(national_crs(), pyproj.CRS.from_epsg(4490))
    lon, lat = to_degrees.transform(x, y)
    height = [height_seen_from_afar(relief, px, py) for px, py in zip(x.tolist(), y.tolist(), strict=True)]
    return Stations(
        names=tuple(f"模拟站{c:03d}-{r:03d}" for c, r in zip(col.tolist(), row.tolist(), strict=True)),
        places=np.column_stack([col, row]),
        x=x,
        y=y,
        lon=np.round(lon, 4),
        lat=np.round(lat, 4),
        height=np.array(height),
    )


def _chance(stations: Stations, days: NDArray[np.int64], seed: int, salt: int) -> NDArray[np.float64]:
    """Return a standard normal number for every station and day, alike among neighbours; (stations, days)."""
    gx, gy = stations.x / _REGION, stations.y / _REGION
    i, j = np.floor(gx).astype(np.int64), np.floor(gy).astype(np.int64)
    u, v = gx - i, gy - j
    field = np.zeros((len(stations.names), days.size))
    weight = np.zeros(len(stations.names))
    for a, wa in ((0, 1.0 - u), (1, u)):
        for b, wb in ((0, 1.0 - v), (1, v)):
            corner = _normal((i + a)[:, None], (j + b)[:, None], days[None, :], seed, salt)
            field += (wa * wb)[:, None] * corner
            weight += (wa * wb) ** 2
    own = _normal(stations.places[:, :1], stations.places[:, 1:], days[None, :], seed, salt + 1)
    share = math.sqrt(SHARED)
    return share * field / np.sqrt(weight)[:, None] + math.sqrt(1.0 - SHARED) * own


def daily_rain(
    stations: Stations, seed: int, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR
) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """
    Return the rain of every day at every station (逐日降雨).

    Parameters
    ----------
    stations : Stations
        Where.
    seed : int
        Number that the whole land follows from.
    first_year, last_year : int
        Years, both included.

    Returns
    -------
    dates : (days,) array of datetime64[D]
        Every day of the years.
    rain : (stations, days) array
        mm, to 0.1. Never missing.
    """
    dates = np.arange(np.datetime64(f"{first_year}-01-01"), np.datetime64(f"{last_year + 1}-01-01"))
    days = dates.astype(np.int64)
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    length = np.array([31.0, 28.25, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0])
    often = WET_DAYS / length
    after_dry = often * (1.0 - PERSISTENCE) / (1.0 - PERSISTENCE * often)
    after_wet = np.minimum(after_dry + PERSISTENCE, 0.95)
    bar_dry = np.array([NormalDist().inv_cdf(1.0 - p) for p in after_dry])[month]
    bar_wet = np.array([NormalDist().inv_cdf(1.0 - p) for p in after_wet])[month]
    year = dates.astype("datetime64[Y]").astype(np.int64)
    wetness = 0.12 * _normal(year, seed, 41)[None, :]  # some years are wetter
    occurs = _chance(stations, days, seed, 42) + wetness
    wet = np.zeros(occurs.shape, dtype=bool)
    before = np.zeros(len(stations.names), dtype=bool)
    for d in range(days.size):
        before = occurs[:, d] > np.where(before, bar_wet[d], bar_dry[d])
        wet[:, d] = before
    # share of the mean amount: normal to uniform by the logistic curve, uniform to Weibull
    uniform = 1.0 / (1.0 + np.exp(1.702 * _chance(stations, days, seed, 44)))
    amount = (-np.log(uniform)) ** (1.0 / SHAPE) / math.gamma(1.0 + 1.0 / SHAPE)
    wetter_high = np.clip(1.0 + 0.00042 * (stations.height - 1200.0), 0.85, 1.8)
    mean = (MONTHLY_RAIN / WET_DAYS)[month]
    rain = np.where(wet, amount * mean[None, :] * wetter_high[:, None], 0.0)
    return dates, np.floor(rain * 10.0 + 0.5) / 10.0
