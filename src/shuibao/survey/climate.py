"""Erosivity of the region: from daily rain, or as given (降雨侵蚀力)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.interpolation import leave_one_out, prepare_interpolation
from shuibao.erosion.rain_checks import RainLimits
from shuibao.erosion.rain_records import RainRecords, read_rain
from shuibao.erosion.rainfall import DailyErosivity, erosivity_weights
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource, open_source
from shuibao.ground.transforming import between
from shuibao.ground.writing import write_bands
from shuibao.messages import Finding
from shuibao.rules import Rules
from shuibao.survey.inputs import placing, quantity_source, unit_factor
from shuibao.survey.region import Region

CLIMATE_CELL = 1200.0
"""Side of the cells on which erosivity between stations is computed, m (chosen: far below the distance of stations)."""

HALF_MONTHS = 24


@dataclass(frozen=True)
class Climate:
    """
    Erosivity and its course through the year (降雨侵蚀力及其年内分配).

    Parameters
    ----------
    erosivity : RasterSource or float
        R, MJ·mm/(hm²·h·a).
    weights : tuple of RasterSource, or (24,) array
        Share of each half-month.
    """

    erosivity: RasterSource | float
    weights: tuple[RasterSource, ...] | NDArray[np.float64]


def climate_grid(grid: Grid) -> Grid:
    """Return the coarse grid of erosivity over a region, with two cells around (气候格网)."""
    return grid.coarser(round(CLIMATE_CELL / grid.cell)).grown(2)


def rain_records(region: Region, rules: Rules) -> tuple[RainRecords, list[Finding]]:
    """
    Read the region's daily rain with all that is wrong with it (读取日雨量).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    """
    given = region.inputs["rain"]
    stations = given.get("stations")
    return read_rain(
        region.path_of(given["path"]),
        limits=RainLimits.from_rules(rules),
        unit="".join(given.get("unit", "mm").split()),
        stations=region.path_of(stations) if stations else None,
    )


def make_erosivity(region: Region, rules: Rules, grid: Grid, path: Path, tags: dict[str, str]) -> dict[str, object]:
    """
    Compute R and the half-month shares from daily rain and write them as one raster (计算并写出降雨侵蚀力).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    grid : Grid
        Extent of the products.
    path : Path
        Raster to write: R, then 24 shares.
    tags : dict
        Provenance.

    Returns
    -------
    dict
        What the record keeps: stations with their R and years, method, cross-validation.
    """
    records, _ = rain_records(region, rules)
    model = DailyErosivity.from_rules(rules)
    share = float(rules.value("erosivity.minimum_day_share"))
    tables = [model.half_months(s.dates, s.rain, minimum_day_share=share) for s in records.stations]
    half_month = np.stack([t.mean for t in tables])
    x, y = station_places(records, region, grid)
    method = region.inputs["rain"].get("method", "kriging")
    ready = prepare_interpolation(x, y, half_month, method)
    coarse = climate_grid(grid)
    on_grid = ready.erosivity_on(coarse)
    annual = on_grid.sum(axis=0)
    shares = erosivity_weights(on_grid)
    layers = np.concatenate([annual[np.newaxis], shares]).astype(np.float32)
    names = ["R 降雨侵蚀力", *[f"WR_{k:02d} 半月比例" for k in range(1, HALF_MONTHS + 1)]]
    write_bands(path, layers, coarse, descriptions=names, tags=tags)
    stations = [
        {
            "name": s.name,
            "longitude": _known(s.longitude, region.inputs["rain"].get("lon")),
            "latitude": _known(s.latitude, region.inputs["rain"].get("lat")),
            "R": round(float(t.annual), 1),
            "years": years_of(s.dates),
        }
        for s, t in zip(records.stations, tables, strict=True)
    ]
    summary: dict[str, object] = {
        "findings": [{"severity": f.severity, "where": f.where, "zh": f.zh, "en": f.en} for f in ready.findings],
        "method": ready.method,
        "stations": stations,
        "mean_R": round(float(annual.mean()), 1),
    }
    if len(stations) >= 4:
        check = leave_one_out(x, y, half_month, method)
        summary["leave_one_out"] = {"bias": round(check.bias, 1), "rmse": round(check.rmse, 1)}
    return summary


def _known(degrees: float, stated: float | None) -> float | None:
    """Return a station's coordinate, or the one region.toml states, or nothing."""
    return stated if np.isnan(degrees) else degrees


def years_of(dates: NDArray[np.datetime64]) -> list[int]:
    """Return first and last year of some dates (起止年份)."""
    if not dates.size:
        return []
    years = dates[[0, -1]].astype("datetime64[Y]").astype(int) + 1970
    return [int(years[0]), int(years[1])]


def station_places(records: RainRecords, region: Region, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return eastings and northings of the stations on the grid, m (站点坐标).

    A single station without coordinates stands for the whole region; its place does not matter.
    """
    given = region.inputs["rain"]
    lon, lat = records.longitude, records.latitude
    lon = np.where(np.isnan(lon), given.get("lon", 105.0), lon)
    lat = np.where(np.isnan(lat), given.get("lat", 35.0), lat)
    x, y = between(4490 if not grid.projection else 4326, grid.crs).transform(lon, lat)
    return np.asarray(x), np.asarray(y)


def open_climate(region: Region, grid: Grid, product: Path) -> Climate:
    """
    Return the erosivity that the pass and the cover factor read (打开降雨侵蚀力).

    Parameters
    ----------
    region : Region
        The region folder.
    grid : Grid
        Extent of the products.
    product : Path
        Raster of :func:`make_erosivity`, where rain is given.
    """
    if "r_factor" in region.inputs:
        given = region.inputs["r_factor"]
        value = given.get("value")
        erosivity: RasterSource | float = (
            float(value) * unit_factor("r_factor", given)
            if value is not None
            else quantity_source(region, "r_factor", grid)
        )
        return Climate(erosivity, _given_weights(region, grid))
    bands = [open_source(product, grid, band=k) for k in range(1, HALF_MONTHS + 2)]
    return Climate(bands[0], tuple(bands[1:]))


def _given_weights(region: Region, grid: Grid) -> tuple[RasterSource, ...] | NDArray[np.float64]:
    given = region.inputs.get("r_weights", {})
    if "path" in given:
        path = region.path_of(given["path"])
        return tuple(open_source(path, grid, **(placing(given) | {"band": k})) for k in range(1, HALF_MONTHS + 1))
    shares = np.asarray(given.get("value", [1.0] * HALF_MONTHS), dtype=np.float64)
    return np.asarray(erosivity_weights(shares))
