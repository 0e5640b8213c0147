"""The real catchment: its soil loss computed, its rain and its sediment measured, and what would reconcile them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from examples.youwuzhen import COVER, PADDY, make
from numpy.typing import NDArray
from tests.validation import sediment, storms

from shuibao.erosion.cover import CoverCoefficients, cover_factor
from shuibao.erosion.rain_records import RainLimits, read_rain
from shuibao.erosion.rainfall import DailyErosivity, months_of
from shuibao.facts import Facts
from shuibao.rules import load_rules
from shuibao.survey import load_region, run_region

YEARS = (2013, 2014, 2015)
PADDY_CLASS, ORCHARD_CLASS, FOREST_CLASS = 1, 4, 6


@dataclass(frozen=True)
class Catchment:
    """
    The facts of the catchment.

    Parameters
    ----------
    folder : Path
        The region folder.
    area : float
        Area, km².
    loss : (256,) array
        Soil loss of each land class in a mean year, t.
    erosivity : float
        R of the mean year, MJ·mm/(hm²·h·a).
    """

    folder: Path
    area: float
    loss: NDArray[np.float64]
    erosivity: float

    @property
    def total(self) -> float:
        """Return the soil loss of a mean year, t."""
        return float(self.loss.sum())


def survey(data: Path, folder: Path) -> Catchment:
    """Make the region folder, run it, and read its facts."""
    make(folder, data)
    run_region(load_region(folder), jobs=2)
    facts = Facts.read(folder / "products" / "facts.parquet")
    loss = np.zeros(256)
    np.add.at(loss, facts.column("land_use").astype(np.int64), facts.column("soil_loss_t"))
    daily = daily_erosivity_by_year(folder / "inputs" / "rain_daily.csv")
    return Catchment(folder, float(facts.column("area_m2").sum()) / 1e6, loss, float(np.mean(list(daily.values()))))


def daily_erosivity_by_year(path: Path) -> dict[int, float]:
    """Return R of each year by the daily model."""
    rules = load_rules(["national"])
    records, _ = read_rain(path, limits=RainLimits.from_rules(rules))
    (station,) = records.stations
    erosivity = DailyErosivity.from_rules(rules)(station.rain, months_of(station.dates))
    years = storms.years_of(station.dates)
    return {int(year): float(erosivity[years == year].sum()) for year in np.unique(years)}


def daily_rain_by_year(path: Path) -> dict[int, float]:
    """Return the rain of each year, mm."""
    records, _ = read_rain(path, limits=RainLimits.from_rules(load_rules(["national"])))
    (station,) = records.stations
    years = storms.years_of(station.dates)
    return {int(year): float(station.rain[years == year].sum()) for year in np.unique(years)}


@dataclass(frozen=True)
class YearOfSediment:
    """Soil loss and sediment of one year, t; the share of E·I30 that fell in storms whose runoff was sampled."""

    year: int
    daily: float
    storm: float
    events: int
    load: float
    runoff: float
    sampled: float
    load_by_days: float
    days: int
    loss: float

    @property
    def delivery(self) -> float:
        """Return the ratio of sampled load to the soil loss of the sampled storms."""
        return self.load / (self.loss * self.sampled)

    @property
    def delivery_of_year(self) -> float:
        """Return the ratio of sampled load to the soil loss of the whole year."""
        return self.load / self.loss


def sediment_years(catchment: Catchment, data: Path) -> list[YearOfSediment]:
    """Set soil loss beside sediment, year by year; soil loss goes with E·I30, all else being a table."""
    source = data / "area_youwuzhen"
    rain, _ = storms.read_storms(source / "climate" / "pcp_storm_5min_origin.csv")
    by_storm = storms.erosivity_by_number(rain)
    annual = storms.annual_erosivity(rain)
    daily = daily_erosivity_by_year(source / "climate" / "pcp_daily.csv")
    events = sediment.read_events(source / "observed" / "observed_storm_origin.csv")
    observed = source / "observed"
    by_days = sediment.daily_loads(
        sediment.read_daily(observed / "observed_Q.csv"), sediment.read_daily(observed / "observed_SED.csv")
    )
    out = []
    for year in YEARS:
        own = [event for event in events if event.year == year]
        sampled = set().union(*(event.storms for event in own))
        of_year = sum(value for name, value in by_storm.items() if int(name[1:5]) == year)
        out.append(YearOfSediment(
            year=year,
            daily=daily[year],
            storm=annual[year],
            events=len(own),
            load=sum(event.load for event in own),
            runoff=sum(event.runoff for event in own) / (catchment.area * 1e3),
            sampled=sum(by_storm[name] for name in sampled) / of_year,
            load_by_days=by_days[year][0],
            days=by_days[year][1],
            loss=catchment.total * annual[year] / catchment.erosivity,
        ))  # fmt: skip
    return out


def tree_factor(cover: float, understory: float) -> float:
    """Return B of forest and orchard at a cover that is the same all year."""
    even = np.full(24, 1 / 24)
    coefficients = CoverCoefficients.from_rules(load_rules(["national"]))
    year = np.full((24, 1), cover)
    return float(cover_factor(year, even, "forest", coefficients, understory=year * understory)[0])


def loss_with(catchment: Catchment, *, cover: float = COVER, understory: float = 0.8, paddy: float = PADDY) -> float:
    """Return the soil loss of a mean year, t, had other values been chosen: a class's loss goes with its own factor."""
    loss = catchment.loss.copy()
    trees = tree_factor(cover, understory) / tree_factor(COVER, chosen_understory())
    loss[[ORCHARD_CLASS, FOREST_CLASS]] *= trees
    loss[PADDY_CLASS] *= paddy / PADDY
    return float(loss.sum())


def chosen_understory() -> float:
    """Return understory cover per canopy cover of the rule pack."""
    return float(load_rules(["national"]).value("cover_factor.understory"))
