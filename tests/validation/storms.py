"""Erosivity of storms from 5-minute rain, written apart from the product so that it can judge it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEP = 5
"""Minutes of a reading."""

SEPARATION = np.timedelta64(6, "h")
"""Dry time that parts two storms."""


@dataclass(frozen=True)
class Rain:
    """5-minute rain: number of the storm, beginning of the reading, depth in mm."""

    storm: NDArray[np.str_]
    time: NDArray[np.datetime64]
    depth: NDArray[np.float64]


def read_storms(path: Path) -> tuple[Rain, int]:
    """
    Read the storm file; its values are intensities, mm/h. Returns the rain and how many rows were dropped.

    A storm's number holds its year. Rows whose date is of another year are misdated (53 of 2015 stand on 2014-11-30,
    all dry); hours may lack their zero.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row and row[0].startswith("R2")]
    storm = np.array([row[0] for row in rows])
    time = np.array([datetime.strptime(row[1], "%Y-%m-%d %H:%M:%S") for row in rows], dtype="datetime64[m]")
    depth = np.array([float(row[2]) for row in rows]) * STEP / 60
    right = years_of(time) == np.array([int(name[1:5]) for name in storm])
    order = np.argsort(time[right], kind="stable")
    return Rain(storm[right][order], time[right][order], depth[right][order]), int((~right).sum())


def years_of(time: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the years of dates."""
    return np.asarray(time.astype("datetime64[Y]").astype(np.int64) + 1970)


def separated(time: NDArray[np.datetime64], depth: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Return the rows of each storm: wet readings with less than six dry hours between them."""
    wet = np.flatnonzero(depth > 0)
    breaks = np.flatnonzero(np.diff(time[wet]) >= SEPARATION) + 1
    return np.split(wet, breaks)


def storm_erosivity(time: NDArray[np.datetime64], depth: NDArray[np.float64]) -> float:
    """
    Return E·I30 of one storm, MJ·mm/(hm²·h): energy of each reading by Brown & Foster (1987), wettest half hour.

    e = 0.29 (1 - 0.72 exp(-0.05 i)), MJ/(hm²·mm), i in mm/h.
    """
    intensity = depth * 60 / STEP
    energy = float((0.29 * (1 - 0.72 * np.exp(-0.05 * intensity)) * depth).sum())
    slot = (time - time[0]).astype("timedelta64[m]").astype(np.int64) // STEP
    line = np.bincount(slot, weights=depth, minlength=int(slot[-1]) + 6)
    half_hour = np.convolve(line, np.ones(30 // STEP))
    return energy * 2.0 * float(half_hour.max())


def annual_erosivity(rain: Rain) -> dict[int, float]:
    """Return the sum of E·I30 by year, storms parted by six dry hours."""
    sums: dict[int, float] = {}
    for rows in separated(rain.time, rain.depth):
        year = int(years_of(rain.time[rows[:1]])[0])
        sums[year] = sums.get(year, 0.0) + storm_erosivity(rain.time[rows], rain.depth[rows])
    return sums


def erosivity_by_number(rain: Rain) -> dict[str, float]:
    """Return E·I30 of each storm as the observers numbered them."""
    out = {}
    for name in sorted(set(rain.storm.tolist())):
        rows = np.flatnonzero((rain.storm == name) & (rain.depth > 0))
        out[name] = storm_erosivity(rain.time[rows], rain.depth[rows]) if rows.size else 0.0
    return out
