"""Laws of the conservation rate."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts.tables import COUNTIES, counts, facts

from shuibao.facts import Facts, Rate, facts_from_counts, honour_control_areas, rates
from shuibao.facts.rate import exact_sum, first_eroded_class, target_year
from shuibao.rules import load_rules, load_targets

RULES = load_rules(["national"])
NAMES = {"140932": "偏关县", "140929": "岢岚县", "140931": "保德县"}


def of(table: Facts, **options: Any) -> list[Rate]:
    """Return the rates of the three counties and their region."""
    return rates(table, NAMES, RULES, region_name="三县", **options)


def land(intensity: list[int], *, cells: int = 1, county: int = 1) -> Facts:
    """Return facts of one row a class."""
    found = counts(1, len(intensity))
    whole = np.ones(len(intensity), dtype=int)
    own = {"county": whole * county, "land_use": np.arange(len(intensity)), "intensity": np.array(intensity)}
    return facts_from_counts({**found, **own, "cells": whole * cells}, COUNTIES, 900.0, {})


@given(table=facts())
def test_counties_add_up_to_their_region(table: Facts) -> None:
    *counties, region = of(table)
    assert region.code == ""
    assert region.name == "三县"
    assert [r.code for r in counties] == sorted(set(table.column("county")))
    for name in ("area_m2", "eroded_m2", "missing_m2"):
        assert sum(getattr(r, name) for r in counties) == getattr(region, name)
    assert sum(round(r.soil_loss_t * 1e6) for r in counties) == round(region.soil_loss_t * 1e6)


@given(table=facts())
def test_the_rate_is_the_share_of_land_that_does_not_erode(table: Facts) -> None:
    for each in of(table):
        rows = np.isin(table.column("county"), [each.code] if each.code else COUNTIES)
        area, intensity = table.column("area_m2")[rows], table.column("intensity")[rows]
        assert each.rate == pytest.approx(100.0 * area[intensity <= 1].sum() / area.sum())
        assert 0.0 <= each.rate <= 100.0
        assert each.missing_m2 == area[intensity == 0].sum()


def test_where_nothing_erodes_the_rate_is_100() -> None:
    assert [r.rate for r in of(land([1, 1, 0]))] == [100.0, 100.0]


def test_where_all_erodes_the_rate_is_0() -> None:
    assert [r.rate for r in of(land([2, 3, 4, 5, 6]))] == [0.0, 0.0]


def test_land_without_a_soil_loss_counts_as_land_and_not_as_eroded() -> None:
    county, _ = of(land([0, 1, 2, 2]))
    assert (county.area_m2, county.eroded_m2, county.missing_m2) == (3600.0, 1800.0, 900.0)
    assert county.rate == 50.0


def test_the_modulus_is_over_the_land_that_has_one() -> None:
    county = Rate("140932", "偏关县", 3e6, 1e6, 1e6, 5000.0, None, None)
    assert county.modulus == 2500.0
    assert math.isnan(replace(county, missing_m2=3e6).modulus)


def test_no_land_has_no_rate() -> None:
    assert math.isnan(Rate("", "", 0.0, 0.0, 0.0, 0.0, None, None).rate)


def test_erosion_is_counted_from_slight_on() -> None:
    assert first_eroded_class(RULES) == 2


def test_the_denominator_is_the_control_area_where_there_is_one() -> None:
    adjusted, _ = honour_control_areas(land([1, 2, 3], cells=1000), {"140932": 2_700_123.45})
    county, region = of(adjusted)
    assert county.area_m2 == region.area_m2 == 2_700_123.45


def test_a_rate_stands_beside_its_target_and_the_gap_is_rate_less_target() -> None:
    targets = load_targets("xinzhou")
    county, region = of(land([1, 2, 2, 2]), targets=targets, year=2024)
    assert county.target == targets.percent("140932", 2025)
    assert county.target_year == 2025
    assert county.gap == 25.0 - county.target
    assert region.target == county.target != targets.percent(targets.code, 2025)  # one county is not the city


def test_the_city_s_own_target_is_for_the_land_of_all_its_counties() -> None:
    targets = load_targets("xinzhou")
    codes = sorted(entry.code for entry in targets.entries)
    number = np.arange(1, len(codes) + 1)
    same = np.ones(len(codes), dtype=int)
    found = {name: same for name in ("land_use", "slope_class", "cover_class", "intensity", "zone", "cells", "grams")}
    table = facts_from_counts({**found, "county": number}, codes, 900.0, {})
    *counties, region = of(table, targets=targets, year=2025)
    assert len(counties) == 14
    assert all(r.target is not None for r in counties)
    assert region.target == targets.percent(targets.code, 2025) == 63.56


@pytest.mark.parametrize(
    "year, goal", [(2020, 2025), (2025, 2025), (2026, 2035), (2035, 2035), (2040, 2035), (None, 2025)]
)
def test_the_target_is_that_of_the_first_year_that_is_not_before(year: int | None, goal: int) -> None:
    assert target_year(load_targets("xinzhou"), year) == goal


def test_without_targets_there_is_no_gap() -> None:
    assert target_year(None, 2025) is None
    assert [r.gap for r in of(land([1, 2]), year=2025)] == [None, None]


def test_a_county_without_a_name_is_called_by_its_code() -> None:
    assert rates(land([1]), {}, RULES, region_name="x")[0].name == "140932"


@given(areas=st.lists(st.integers(0, 10**13), max_size=50), order=st.randoms(use_true_random=False))
def test_hundredths_add_up_exactly_in_any_order(areas: list[int], order: Any) -> None:
    expected = sum(areas) / 100.0
    order.shuffle(areas)
    assert exact_sum(np.array(areas) / 100.0) == expected
