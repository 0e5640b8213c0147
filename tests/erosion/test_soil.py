"""Erodibility: printed vectors, limits, refusals, and real soils."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shuibao.erosion.soil import (
    EpicCoefficients,
    NomographCoefficients,
    erodibility_epic,
    erodibility_nomograph,
    erodibility_zhang2008,
    fine_earth,
    organic_carbon,
)
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules

RULES = load_rules(["national"])
EPIC = EpicCoefficients.from_rules(RULES)
NOMOGRAPH = NomographCoefficients.from_rules(RULES)
ZHANG = {
    "slope": RULES.value("erodibility.zhang_epic_slope"),
    "intercept": RULES.value("erodibility.zhang_epic_intercept"),
}


@pytest.mark.parametrize(
    "soil,us,si", [((20, 65, 15, 0.6), 0.415229, 0.054686), ((25, 42, 33, 2.6), 0.257124, 0.033863)]
)
def test_the_epic_equation_gives_the_printed_values(soil: tuple[float, ...], us: float, si: float) -> None:
    k = float(erodibility_epic(*soil, EPIC))
    assert k / EPIC.us_to_si == pytest.approx(us, abs=5e-7)
    assert k == pytest.approx(si, abs=5e-7)


def test_the_chinese_correction_gives_the_printed_value() -> None:
    assert float(erodibility_zhang2008(erodibility_epic(20, 65, 15, 0.6, EPIC), **ZHANG)) == pytest.approx(
        0.014374, abs=5e-7
    )


def test_the_correction_refuses_soils_below_its_range() -> None:
    with pytest.raises(ShuibaoError, match=r"1 个 K 值低于 0\.0268（最小 0\.0241）"):
        erodibility_zhang2008([0.0241, 0.05], **ZHANG)


def test_the_nomograph_gives_the_worked_example_of_handbook_537() -> None:
    assert float(erodibility_nomograph(65, 30, 2.8, 2, 4, NOMOGRAPH)) == pytest.approx(
        0.31 * 0.1317, abs=0.005 * 0.1317
    )


def test_the_nomograph_is_silent_above_seventy_percent_silt() -> None:
    k = erodibility_nomograph([70.0, 70.1], 10, 2, 2, 3, NOMOGRAPH)
    assert np.isnan(k).tolist() == [False, True]


@given(sand=st.floats(0, 100), share=st.floats(0, 1), carbon=st.floats(0, 8), more=st.floats(0.01, 3))
def test_erodibility_is_positive_and_falls_with_carbon(sand: float, share: float, carbon: float, more: float) -> None:
    silt = (100 - sand) * share
    k, richer = erodibility_epic(sand, silt, 100 - sand - silt, [carbon, carbon + more], EPIC)
    assert 0 <= richer <= k < 0.1


def test_pure_sand_does_not_divide_by_nothing() -> None:
    assert float(erodibility_epic(100, 0, 0, 0.5, EPIC)) == 0.0


def test_a_missing_share_makes_k_missing() -> None:
    assert np.isnan(erodibility_epic([20.0, np.nan], [65.0, 65.0], 15, 0.6, EPIC)).tolist() == [False, True]


def test_fractions_given_for_percent_are_refused_with_the_reason() -> None:
    with pytest.raises(ShuibaoError, match="像是小数而非百分数"):
        erodibility_epic([0.2, 0.3], [0.65, 0.6], [0.15, 0.1], 0.6, EPIC)
    with pytest.raises(ShuibaoError, match="像是小数而非百分数"):
        erodibility_epic(0.2, 0.65, 0.15, 0.6, EPIC)


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ShuibaoError, match=r"之和有 1 处不是 100 %（例如 80）"):
        erodibility_epic(20, 45, 15, 0.6, EPIC)


def test_a_share_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(ShuibaoError, match="砂粒含量在 -5～-5 之间"):
        erodibility_epic(-5, 90, 15, 0.6, EPIC)


@given(parts=st.tuples(*[st.floats(0, 100)] * 3))
def test_fine_earth_adds_up_to_a_hundred_and_keeps_proportions(parts: tuple[float, float, float]) -> None:
    assume(sum(parts) > 0.01)
    sand, silt, clay = (float(v) for v in fine_earth(*parts))
    assert sand + silt + clay == pytest.approx(100)
    assert sand * parts[1] == pytest.approx(silt * parts[0])


def test_fine_earth_of_stones_alone_is_missing() -> None:
    assert np.isnan(fine_earth(0, 0, 0)).all()


def youwuzhen_soils(folder: Path) -> dict[str, dict[str, float]]:
    """Return the first layer of each soil of the catchment."""
    text = (folder / "area_youwuzhen/lookup/soil_properties_lookup.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    wanted = ("SOL_OM", "SOL_CLAY", "SOL_SILT", "SOL_SAND")
    return {row["SEQN"]: {name: float(row[name].split("-")[0]) for name in wanted} for row in rows}


def test_the_soils_of_youwuzhen_have_the_k_of_their_readme(shared_data: Path) -> None:
    expected = {"201": 0.0241, "202": 0.0250, "203": 0.0329, "204": 0.0271, "205": 0.0270}
    ratio = RULES.value("erodibility.organic_matter_per_carbon")
    for number, soil in youwuzhen_soils(shared_data).items():
        texture = fine_earth(soil["SOL_SAND"], soil["SOL_SILT"], soil["SOL_CLAY"])
        k = erodibility_epic(*texture, organic_carbon(soil["SOL_OM"], matter_per_carbon=ratio), EPIC)
        assert float(k) == pytest.approx(expected[number], abs=5e-5), number


def test_epic_goes_with_the_nomograph_values_of_american_soils(shared_data: Path) -> None:
    with (shared_data / "soil/us_ssurgo_texture_oc_K.csv").open(encoding="utf-8") as file:
        rows = [{k: float(v) for k, v in row.items() if k.endswith(("pct", "us"))} for row in csv.DictReader(file)]
    rows = [r for r in rows if r["sand_pct"] + r["silt_pct"] + r["clay_pct"] > 0 and r["K_us"] > 0]
    column = {name: np.array([r[name] for r in rows]) for name in rows[0]}
    texture = fine_earth(column["sand_pct"], column["silt_pct"], column["clay_pct"])
    k = erodibility_epic(*texture, column["oc_pct"], EPIC) / EPIC.us_to_si
    assert len(rows) == 458
    assert np.corrcoef(k, column["K_us"])[0, 1] == pytest.approx(0.82, abs=0.005)
    assert k.mean() == pytest.approx(0.22, abs=0.005)
    assert column["K_us"].mean() == pytest.approx(0.27, abs=0.005)
