"""Rain of the real catchment: E·I30 of its storms, and the daily model beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.validation import storms, youwuzhen

from shuibao.erosion.rain_records import RainLimits, read_rain
from shuibao.rules import load_rules

PUBLISHED = {2013: 5982, 2014: 6296, 2015: 3987}
"""Sums of E·I30 that came with the data, MJ·mm/(hm²·h·a)."""


@pytest.fixture(scope="module")
def climate(shared_data: Path) -> Path:
    """Return the folder of the catchment's rain."""
    return shared_data / "area_youwuzhen" / "climate"


def test_a_half_hour_of_thirty_millimetres_an_hour_has_the_erosivity_of_the_handbook() -> None:
    start = np.datetime64("2015-05-01T12:00", "m")
    time = start + np.arange(6) * np.timedelta64(5, "m")
    energy = 0.29 * (1 - 0.72 * np.exp(-0.05 * 30)) * 15
    assert storms.storm_erosivity(time, np.full(6, 2.5)) == pytest.approx(energy * 30)


def test_the_wettest_half_hour_may_lie_anywhere_and_gaps_are_dry() -> None:
    start = np.datetime64("2015-05-01T12:00", "m")
    time = start + np.array([0, 60, 70, 80, 200]) * np.timedelta64(1, "m")
    depth = np.array([1.0, 3.0, 4.0, 5.0, 1.0])
    intensity = depth * 12
    energy = (0.29 * (1 - 0.72 * np.exp(-0.05 * intensity)) * depth).sum()
    assert storms.storm_erosivity(time, depth) == pytest.approx(energy * 24)


def test_six_dry_hours_part_two_storms() -> None:
    start = np.datetime64("2015-05-01T12:00", "m")
    time = start + np.array([0, 5, 360, 725]) * np.timedelta64(1, "m")
    parts = storms.separated(time, np.array([1.0, 1.0, 1.0, 1.0]))
    assert [part.tolist() for part in parts] == [[0, 1, 2], [3]]


def test_storm_erosivity_is_what_came_with_the_data(climate: Path) -> None:
    rain, dropped = storms.read_storms(climate / "pcp_storm_5min_origin.csv")
    assert dropped == 53
    found = storms.annual_erosivity(rain)
    assert sorted(found) == sorted(PUBLISHED)
    for year, value in PUBLISHED.items():
        assert found[year] == pytest.approx(value, rel=1e-3)


def test_the_storm_file_holds_intensities_not_depths(climate: Path) -> None:
    rain, _ = storms.read_storms(climate / "pcp_storm_5min_origin.csv")
    daily = youwuzhen.daily_rain_by_year(climate / "pcp_daily.csv")
    for year in PUBLISHED:
        stormy = rain.depth[storms.years_of(rain.time) == year].sum()
        assert 0.7 < stormy / daily[year] < 0.85  # as depths it would be twelve times the rain that fell


def test_the_daily_model_is_within_a_third_of_the_storms_in_every_year(climate: Path) -> None:
    daily = youwuzhen.daily_erosivity_by_year(climate / "pcp_daily.csv")
    for year, value in PUBLISHED.items():
        assert 0.67 < daily[year] / value < 1.0  # it may not be above: storms hold four fifths of the rain
    assert sum(daily[year] for year in PUBLISHED) / sum(PUBLISHED.values()) == pytest.approx(0.85, abs=0.02)


def test_six_years_of_rain_are_read_as_they_stand_and_are_too_few(climate: Path) -> None:
    records, findings = read_rain(climate / "pcp_daily.csv", limits=RainLimits.from_rules(load_rules(["national"])))
    (station,) = records.stations
    assert (station.name, station.dates.size, int(np.isnan(station.rain).sum())) == ("81502750", 2192, 0)
    (few,) = findings
    assert few.severity == "warning"
    assert "6 年" in few.zh
    assert "6" in few.en
