"""Sediment that left the catchment: from the samples of runoff events, and from daily means."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Event:
    """
    One runoff event at the outlet.

    Parameters
    ----------
    name : str
        Number; it holds the year.
    storms : frozenset of str
        Storms that made it.
    load : float
        Suspended sediment, t.
    runoff : float
        Water, m³.
    """

    name: str
    storms: frozenset[str]
    load: float
    runoff: float

    @property
    def year(self) -> int:
        """Return the year of the event."""
        return int(self.name[1:5])


def read_events(path: Path) -> list[Event]:
    """
    Read the sampled events and integrate each: trapezia of flow (m³/s) times concentration (g/L = kg/m³) over time.

    In two events of 2015 the date does not go on at midnight; times that go back are of the next day.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row and row[0].startswith("R2")]
    events = []
    for name in dict.fromkeys(row[1] for row in rows):
        own = [row for row in rows if row[1] == name]
        seconds = _seconds([datetime.strptime(row[2], "%Y-%m-%d %H:%M:%S") for row in own])
        flow = np.array([float(row[3]) for row in own])
        flux = flow * np.array([float(row[4]) for row in own])
        storms = frozenset(row[0] for row in own)
        events.append(Event(name, storms, float(np.trapezoid(flux, seconds)) / 1e3, float(np.trapezoid(flow, seconds))))
    return events


def _seconds(times: list[datetime]) -> list[float]:
    """Return seconds since the first time, carried over midnights at which the date was not turned."""
    out, late = [0.0], timedelta(0)
    for before, here in zip(times, times[1:], strict=False):
        if here < before:
            late += timedelta(days=1)
        elif (here - before) >= late and late:
            late = timedelta(0)  # the date was set right again
        out.append((here + late - times[0]).total_seconds())
    return out


def event_loads(events: list[Event]) -> dict[int, float]:
    """Return the load of the sampled events by year, t."""
    years = sorted({event.year for event in events})
    return {year: sum(event.load for event in events if event.year == year) for year in years}


def daily_loads(flow: Mapping[str, float], sediment: Mapping[str, float]) -> dict[int, tuple[float, int]]:
    """Return load, t, and number of days by year, from daily mean flow (m³/s) and concentration (g/L)."""
    out: dict[int, tuple[float, int]] = {}
    for day in sorted(flow.keys() & sediment.keys()):
        load, days = out.get(int(day[:4]), (0.0, 0))
        out[int(day[:4])] = (load + flow[day] * sediment[day] * 86.4, days + 1)
    return out


def read_daily(path: Path) -> dict[str, float]:
    """Read daily values of the outlet by date."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[1].split()[0]: float(row[3]) for row in csv.reader(file) if row and row[0] == "1"}
