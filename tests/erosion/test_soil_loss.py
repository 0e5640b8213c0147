"""Soil loss, measures, tillage and intensity: printed chains, edges, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuibao.erosion.cover import CoverCoefficients, cover_factor
from shuibao.erosion.intensity import classify_intensity, classify_sheet_erosion, intensity_breaks
from shuibao.erosion.measures import factor_table, look_up, measure_factors
from shuibao.erosion.soil_loss import per_square_kilometre, sediment_depth, soil_loss, soil_retention
from shuibao.erosion.tillage import combined_tillage, tillage_factors
from shuibao.erosion.topography import Topography, slope_length_exponent, steepness_factor, uniform_length_factor
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules

RULES = load_rules(["national"])
TERRAIN = Topography.from_rules(RULES)
LOESS = intensity_breaks(RULES, "northwest_loess")
REGIONS = ("northwest_loess", "northeast_black_soil", "north_rocky", "south_red_soil", "southwest_karst")

factors = hnp.arrays(np.float64, 7, elements=st.floats(0, 100))


def loss(r: float, k: float, degrees: float, length: float, **land: float) -> float:
    """Return A of a uniform slope, t/(hm²·a)."""
    slope = np.radians(degrees)
    exponent = slope_length_exponent(slope, TERRAIN)
    return float(
        soil_loss(r, k, uniform_length_factor(length, exponent, TERRAIN), steepness_factor(slope, TERRAIN), **land)
    )


def test_steep_cropland_on_loess_is_severe() -> None:
    a = loss(1800, 0.045, 12, 60, tillage=0.42)
    assert a == pytest.approx(201.284, abs=5e-4)
    assert per_square_kilometre(a) == pytest.approx(20128, abs=0.5)
    assert classify_intensity(per_square_kilometre(a), LOESS) == 6


def test_the_same_land_terraced_is_slight() -> None:
    a = loss(1800, 0.045, 12, 60, tillage=0.42, measures=RULES.value("measure.level_terrace_earth"))
    assert a == pytest.approx(16.908, abs=5e-4)
    assert classify_intensity(per_square_kilometre(a), LOESS) == 2


def test_long_gentle_black_soil_is_slight() -> None:
    a = loss(2500, 0.036, 2.5, 100, tillage=0.33)
    assert a == pytest.approx(23.398, abs=5e-4)
    assert classify_intensity(per_square_kilometre(a), intensity_breaks(RULES, "northeast_black_soil")) == 2


def test_half_covered_grass_on_a_steep_slope_is_strong() -> None:
    b = float(cover_factor(np.full(24, 0.5), np.full(24, 1 / 24), "grass", CoverCoefficients.from_rules(RULES)))
    a = loss(1800, 0.045, 20, 50, cover=b)
    assert a == pytest.approx(51.111, abs=5e-3)
    assert classify_intensity(per_square_kilometre(a), LOESS) == 4


@given(f=factors, which=st.integers(0, 6))
def test_soil_loss_is_in_proportion_to_each_factor(f: np.ndarray, which: int) -> None:
    double = f.copy()
    double[which] *= 2
    assert float(soil_loss(*double)) == pytest.approx(2 * float(soil_loss(*f)))


@pytest.mark.parametrize("which", range(7))
def test_any_missing_factor_makes_the_loss_missing(which: int) -> None:
    f = [np.ones((2, 3)) for _ in range(7)]
    f[which][1, 2] = np.nan
    assert np.argwhere(np.isnan(soil_loss(*f))).tolist() == [[1, 2]]


def test_factors_broadcast() -> None:
    assert soil_loss(1000.0, np.full((1, 3), 0.04), 1, np.ones((2, 1))).shape == (2, 3)


@given(f=factors, land=hnp.arrays(np.float64, 3, elements=st.floats(0, 1)))
def test_what_is_kept_and_what_is_lost_make_the_potential(f: np.ndarray, land: np.ndarray) -> None:
    potential, actual = soil_loss(*f[:4]), soil_loss(*f[:4], *land)
    assert soil_retention(potential, actual) >= 0
    assert float(soil_retention(potential, actual) + actual) == pytest.approx(float(potential))


def test_depths_of_the_class_edges_are_those_of_the_standard() -> None:
    density = RULES.value("erosion_intensity.bulk_density")
    assert sediment_depth(LOESS[2:], density).round(1).tolist() == RULES.value("erosion_intensity.loss_depth")


@pytest.mark.parametrize("region", REGIONS)
def test_a_class_holds_its_lower_edge(region: str) -> None:
    breaks = intensity_breaks(RULES, region)
    assert breaks.tolist() == [0, RULES.value(f"tolerable_loss.{region}"), 2500, 5000, 8000, 15000]
    assert classify_intensity(breaks, breaks).tolist() == [1, 2, 3, 4, 5, 6]
    assert classify_intensity(np.nextafter(breaks[1:], 0), breaks).tolist() == [1, 2, 3, 4, 5]


@given(hnp.arrays(np.float64, 30, elements=st.floats(0, 1e6)))
def test_more_loss_is_never_a_lower_class(a: np.ndarray) -> None:
    classes = classify_intensity(np.sort(a), LOESS)
    assert (np.diff(classes.astype(int)) >= 0).all()
    assert classes.dtype == np.uint8
    assert set(classes.tolist()) <= {1, 2, 3, 4, 5, 6}


def test_missing_loss_has_no_class() -> None:
    assert classify_intensity([np.nan, 0.0], LOESS).tolist() == [0, 1]


def test_classes_that_do_not_rise_are_refused() -> None:
    class Odd:
        def value(self, key: str) -> object:
            return 3000 if key.startswith("tolerable") else RULES.value(key)

    with pytest.raises(CallError, match="不是递增的"):
        intensity_breaks(Odd(), "anywhere")


def sheet(degrees: object, cover: object, cropland: object) -> list[int]:
    """Return sheet-erosion classes with the tables of the packs."""
    words = ("slope_breaks", "cover_breaks", "classes")
    numbers = {word: RULES.value(f"sheet_matrix.{word}") for word in words}
    numbers["cropland_classes"] = RULES.value("sheet_matrix.cropland")
    return classify_sheet_erosion(np.radians(degrees), cover, cropland, **numbers).tolist()


def test_sheet_erosion_follows_the_matrix() -> None:
    slopes = [4.9, 5, 8, 15, 25, 35]
    assert sheet(slopes, 0.8, False) == [1, 1, 1, 1, 1, 1]
    assert sheet(slopes, 0.6, False) == [1, 2, 2, 2, 3, 3]
    assert sheet(slopes, 0.5, False) == [1, 2, 2, 3, 3, 4]
    assert sheet(slopes, 0.3, False) == [1, 2, 3, 3, 4, 5]
    assert sheet(slopes, 0.1, False) == [1, 3, 3, 4, 5, 6]
    assert sheet(slopes, np.nan, True) == [1, 2, 3, 4, 5, 6]


def test_sheet_erosion_of_unknown_slope_or_cover_has_no_class() -> None:
    assert sheet([np.nan, 10, np.nan], [0.5, np.nan, 0.5], [False, False, True]) == [0, 0, 0]


def test_no_measure_leaves_the_loss_and_a_terrace_spares_nine_tenths() -> None:
    table = measure_factors(RULES)
    assert table[0] == table[1] == 1.0
    assert table[2] == 0.084
    assert np.isnan(table[200])
    assert measure_factors(RULES, {7: "fish_scale_pit"})[7] == 0.249


def test_unknown_codes_of_measures_are_listed_with_their_cells() -> None:
    with pytest.raises(ShuibaoError, match=r"inputs.measures：有不认识的代码（像元数）9 \(2\)、40 \(1\)"):
        look_up([0, 9, 9, 40], factor_table({1: 0.5}, none=1.0), where="inputs.measures")


@pytest.mark.parametrize("code", [0, -1, 256])
def test_codes_that_no_byte_can_hold_are_refused(code: int) -> None:
    with pytest.raises(ShuibaoError, match="不在 1～255"):
        factor_table({code: 0.5}, none=1.0)


def test_tillage_without_a_map_spares_nothing() -> None:
    table = tillage_factors(RULES, {1: "northwest_irrigated", 2: "no_till"})
    assert table[:3].tolist() == [RULES.value("tillage.default"), 0.281, 0.136]
    assert combined_tillage(0.281) == 0.281
    assert (tillage_factors(RULES)[1:18] <= 1).all()
