"""The numbers of the standards stand in the packs, and give the values that were computed from them by hand."""

from __future__ import annotations

import math

import pytest

from shuibao.rules import Rules, load_rules

NUMBERS = {
    "tolerable_loss.northwest_loess": 1000,
    "tolerable_loss.northeast_black_soil": 200,
    "tolerable_loss.north_rocky": 200,
    "tolerable_loss.south_red_soil": 500,
    "tolerable_loss.southwest_karst": 500,
    "tolerable_loss.north_sandy": 200,
    "erosion_intensity.bulk_density": 1.35,
    "erosivity.threshold": 10,
    "erosivity.warm_coefficient": 0.3937,
    "erosivity.cool_coefficient": 0.3101,
    "erosivity.exponent": 1.7265,
    "erosivity.warm_months": [5, 6, 7, 8, 9],
    "erosivity.census_threshold": 12,
    "erosivity_xie2016.coefficient": 0.2686,
    "erosivity_xie2016.amplitude": 0.5412,
    "erosivity_xie2016.threshold": 9.7,
    "erosivity_zhang2002.threshold": 12,
    "erosivity_monthly.coefficient": 0.1833,
    "erosivity_monthly.exponent": 1.9957,
    "erosivity_event.factors": [1.12, 1.15, 1.17, 1.19, 1.22, 1.24],
    "erodibility.us_to_si": 0.1317,
    "erodibility.zhang_epic_slope": 0.51575,
    "erodibility.zhang_epic_intercept": -0.01383,
    "erodibility.zhang_nomograph_slope": 0.55066,
    "erodibility.zhang_nomograph_intercept": -0.00911,
    "slope_factor_original.top_gain": 21.91,
    "slope_length.unit_plot": 22.13,
    "slope_length.cap": 100,
    "slope_length.cut_gentle": 0.7,
    "slope_length.cut_steep": 0.5,
    "slope_length.cut_switch": 2.8624,
    "slope_length.minimum_slope": 0.1,
    "slope_length_alternative.unit_plot": 22.1,
    "slope_length_alternative.cut_switch": 5,
    "cover_factor.shrub": [1.17647, 0.86242, 1.05905],
    "cover_factor.grass": [1.25, 0.78845, 1.05968],
    "cover_factor.forest": [0.44468, 3.20096, 0.04099, 0.025],
    "cover_factor_cai.intercept": 0.6508,
    "cover_factor_cai.slope": 0.3436,
    "cover_factor_cai.upper": 78.3,
    "measure.none": 1,
    "measure.level_terrace_earth": 0.084,
    "measure.level_terrace_stone": 0.121,
    "measure.sloping_terrace": 0.414,
    "measure.interval_terrace": 0.347,
    "measure.field_ridge": 0.347,
    "measure.level_bench": 0.151,
    "measure.level_trench": 0.335,
    "measure.fish_scale_pit": 0.249,
    "measure.orchard_pit": 0.160,
    "tillage.default": 1,
    "tillage.northwest_irrigated": 0.281,
    "tillage.yunnan_plateau": 0.353,
    "tillage.yunnan_guizhou_border": 0.417,
    "tillage.south_yunnan": 0.456,
    "tillage.contour": 0.431,
    "tillage.contour_ridge": 0.425,
    "tillage.ridged_plots": 0.152,
    "tillage.pit_planting": 0.499,
    "tillage.drought_trench": 0.213,
    "tillage.fallow_furrow": 0.425,
    "tillage.earthing_up": 0.499,
    "tillage.grass_rotation": 0.225,
    "tillage.intercropping": 0.225,
    "tillage.strip_intercropping": 0.225,
    "tillage.green_manure": 0.225,
    "tillage.stubble": 0.212,
    "tillage.no_till": 0.136,
    "slope_class.breaks": [2, 5, 6, 8, 15, 25, 35],
    "slope_class.land_survey": [2, 6, 15, 25],
    "slope_class.sl190": [5, 8, 15, 25, 35],
    "cover_class.breaks": [0.30, 0.45, 0.60, 0.75],
    "steep_slope.angle": 25,
    "steep_slope.inclusive": True,
    "steep_slope.minimum_area": 5,
    "wind_intensity.depth_breaks": [2, 10, 25, 50, 100],
    "wind_intensity.cover_breaks": [70, 50, 30, 10],
    "gully_intensity.area_share_breaks": [10, 25, 35, 50],
    "gully_intensity.density_breaks": [1, 2, 3, 5, 7],
    "gravity_intensity.area_share_breaks": [10, 15, 20, 30],
    "debris_flow_intensity.volume_breaks": [1, 2, 5],
    "wind_erosion.correction": 0.893,
    "wind_rweq.length_gain": 150.71,
    "wind_rweq.length_exponent": -0.3711,
    "wind_rweq.transport_gain": 109.8,
    "freeze_thaw.tolerable_upto": 1.92,
    "construction_general.overturned_k": 2.13,
    "construction_cut.inflow_exponent": 0.95,
    "watershed.maximum_area": 50,
    "gully.minimum_length": 50,
    "check_dam.key_volume": [50, 500],
    "conservation_rate.tolerance": 0.01,
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(["national"])


@pytest.mark.parametrize("key", NUMBERS)
def test_a_number_of_the_standards_stands_in_the_national_pack(rules: Rules, key: str) -> None:
    assert rules.value(key) == NUMBERS[key]


def test_water_erosion_is_graded_at_2500_5000_8000_and_15000(rules: Rules) -> None:
    bounds = [c.get("upto") for c in rules.value("erosion_intensity.classes")]
    assert bounds == ["tolerable_loss", 2500, 5000, 8000, 15000, None]


def test_erosivity_of_four_july_days_is_673_655_and_of_four_october_days_530_608(rules: Rules) -> None:
    power = sum(
        p ** rules.value("erosivity.exponent") for p in (8, 12, 35, 60) if p >= rules.value("erosivity.threshold")
    )
    assert rules.value("erosivity.warm_coefficient") * power == pytest.approx(673.655, abs=0.001)
    assert rules.value("erosivity.cool_coefficient") * power == pytest.approx(530.608, abs=0.001)


@pytest.mark.parametrize("month, factor", [(1, 0.12323), (4, 0.26860), (7, 0.41397), (10, 0.26860)])
def test_the_sinusoidal_coefficient_peaks_in_july(rules: Rules, month: int, factor: float) -> None:
    phase = math.pi / 6 * (month - rules.value("erosivity_xie2016.peak_month"))
    wave = 1 + rules.value("erosivity_xie2016.amplitude") * math.cos(phase)
    assert rules.value("erosivity_xie2016.coefficient") * wave == pytest.approx(factor, abs=5e-6)


def test_the_half_month_method_of_2002_gives_its_worked_example(rules: Rules) -> None:
    t = {name: p.value for name, p in rules.table("erosivity_zhang2002").items()}
    beta = t["beta_base"] + t["beta_daily"] / 24 + t["beta_annual"] / 360
    alpha = t["alpha_gain"] * beta ** t["alpha_exponent"]
    assert (beta, alpha) == (pytest.approx(1.660231, abs=1e-6), pytest.approx(0.564104, abs=1e-6))


def _epic(rules: Rules, sand: float, silt: float, clay: float, carbon: float) -> float:
    e = rules.value("erodibility.epic")
    fine = 1 - sand / 100
    return float(
        (e["sand_base"] + e["sand_gain"] * math.exp(-e["sand_rate"] * sand * (1 - silt / 100)))
        * (silt / (clay + silt)) ** e["silt_exponent"]
        * (1 - e["carbon_gain"] * carbon / (carbon + math.exp(e["carbon_shift"] - e["carbon_rate"] * carbon)))
        * (1 - e["fine_gain"] * fine / (fine + math.exp(-e["fine_shift"] + e["fine_rate"] * fine)))
    )


@pytest.mark.parametrize(
    "soil, us, si", [((20, 65, 15, 0.6), 0.415229, 0.054686), ((25, 42, 33, 2.6), 0.257124, 0.033863)]
)
def test_erodibility_of_two_soils_is_as_computed_by_hand(rules: Rules, soil: tuple, us: float, si: float) -> None:
    k = _epic(rules, *soil)
    assert k == pytest.approx(us, abs=1e-6)
    assert k * rules.value("erodibility.us_to_si") == pytest.approx(si, abs=1e-6)


@pytest.mark.parametrize(
    "angle, factor",
    [(0, 0.03), (1, 0.2185), (3, 0.5952), (5, 0.9642), (7, 1.5474), (10, 2.8429), (15, 4.7081), (30, 9.99)],
)
def test_the_slope_factor_is_as_computed_by_hand(rules: Rules, angle: float, factor: float) -> None:
    branch = next(b for b in rules.value("slope_factor.branches") if angle < b.get("below", 91))
    assert branch["gain"] * math.sin(math.radians(angle)) + branch["offset"] == pytest.approx(factor, abs=5e-5)


@pytest.mark.parametrize("angle, factor", [(0.5, 1.3521), (2, 1.5722), (4, 1.8281), (10, 2.1257)])
def test_the_length_factor_of_100_m_is_as_computed_by_hand(rules: Rules, angle: float, factor: float) -> None:
    m = next(b["m"] for b in rules.value("length_exponent.branches") if angle <= b.get("upto", 91))
    assert (100 / rules.value("slope_length.unit_plot")) ** m == pytest.approx(factor, abs=5e-5)


@pytest.mark.parametrize("kind, bare, full", [("shrub", 0.4905, 0.0037), ("grass", 0.4906, 0.0038)])
def test_the_soil_loss_ratio_of_shrub_and_grass_is_as_computed_by_hand(
    rules: Rules, kind: str, bare: float, full: float
) -> None:
    a, b, c = rules.value(f"cover_factor.{kind}")
    assert 1 / (a + b) == pytest.approx(bare, abs=5e-5)
    assert 1 / (a + b * c**100) == pytest.approx(full, abs=5e-5)


@pytest.mark.parametrize(
    "canopy, under, ratio",
    [(0.6, 0.3, 0.1328), (0.6, 0.6, 0.0380), (0.6, 0.9, 0.0064), (0, 0, 0.4287), (1, 1, 0.0021), (1, 0, 0.3583)],
)
def test_the_soil_loss_ratio_of_forest_is_as_computed_by_hand(
    rules: Rules, canopy: float, under: float, ratio: float
) -> None:
    a, b, c, d = rules.value("cover_factor.forest")
    slr = a * math.exp(-b * under) - c * math.exp(canopy - canopy * under) + d
    assert slr == pytest.approx(ratio, abs=5e-5)


def test_the_wind_equations_give_their_worked_exponentials(rules: Rules) -> None:
    wind = rules.value("wind_erosion.correction") * 10.5
    c, g, s = (rules.value(f"wind_erosion.{k}") for k in ("cropland", "grass", "sand"))
    crop = math.exp(c["constant"] + c["roughness"] / 0.5 + c["wind"] * wind ** c["exponent"])
    grass = math.exp(g["constant"] + g["cover"] * 30**2 + g["wind"] / 10.5)
    sand = math.exp(s["constant"] + s["cover"] * 5 + s["wind"] * math.log(wind) / wind)
    assert (crop, grass, sand) == (
        pytest.approx(0.041354, abs=1e-6),
        pytest.approx(0.009852, abs=1e-6),
        pytest.approx(0.416000, abs=1e-6),
    )


def test_weights_of_freeze_thaw_sum_to_one(rules: Rules) -> None:
    assert sum(rules.value("freeze_thaw.weights").values()) == pytest.approx(1)


def test_the_gully_survey_adds_up(rules: Rules) -> None:
    t = {name: p.value for name, p in rules.table("gully").items()}
    provinces = [t[f"number_{p}"] for p in ("jilin", "liaoning", "heilongjiang", "inner_mongolia")]
    assert t["number_main"] + t["number_branch"] == pytest.approx(t["number"])
    assert t["number_developing"] + t["number_stable"] == pytest.approx(t["number"])
    assert sum(provinces) == pytest.approx(t["number"])
    assert t["total_length"] / t["surveyed_area"] == pytest.approx(t["density"], abs=5e-5)


@pytest.mark.parametrize("year", ["2019", "2024"])
def test_water_and_wind_erosion_make_up_the_national_area(rules: Rules, year: str) -> None:
    water, wind, both = (
        rules.value(f"conservation_rate.national_{kind}")[year] for kind in ("water_area", "wind_area", "eroded_area")
    )
    assert water + wind == pytest.approx(both)


@pytest.mark.parametrize("year", ["2022", "2023", "2024"])
def test_the_national_rate_follows_from_eroded_area_and_its_own_basis(rules: Rules, year: str) -> None:
    low, high = rules.value("conservation_rate.national_basis")[year]
    eroded = rules.value("conservation_rate.national_eroded_area")[year]
    rate = rules.value("conservation_rate.national")[year]
    assert 100 * (1 - eroded / low) - 0.01 <= rate <= 100 * (1 - eroded / high) + 0.01
