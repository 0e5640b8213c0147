"""Laws of units: what is known is converted, what is not is refused with what is near it."""

from __future__ import annotations

import pytest

from shuibao.ground.units import UNITS, factor_of
from shuibao.messages import ShuibaoError


@pytest.mark.parametrize("quantity", UNITS)
def test_every_quantity_has_a_unit_of_ours_and_every_unit_is_known_by_its_name(quantity: str) -> None:
    assert 1.0 in UNITS[quantity].values()
    for unit, factor in UNITS[quantity].items():
        assert factor_of(quantity, unit, "inputs.x.unit") == factor


@pytest.mark.parametrize(
    "quantity, unit, factor",
    [
        ("elevation", " DM ", 0.1),
        ("rain", "0.1mm", 0.1),
        ("erosivity", "MJ·mm/(hm²·h·a)", 1.0),
        ("erosivity", "MJ*mm/(ha*h*a)", 1.0),
        ("erosivity", "mj mm/(km² h a)", 0.01),
        ("erodibility", "t·hm²·h/(hm²·MJ·mm)", 1.0),
        ("cover", "%", 0.01),
    ],
)
def test_a_unit_may_be_written_as_people_write_it(quantity: str, unit: str, factor: float) -> None:
    assert factor_of(quantity, unit, "inputs.x.unit") == factor


def test_a_unit_that_is_not_known_is_refused_with_the_field_the_units_there_are_and_the_nearest() -> None:
    with pytest.raises(ShuibaoError, match="inputs.dem.unit：不认识的单位「meter」，可用：m、dm、cm、ft，是否应为 m？"):
        factor_of("elevation", "meter", "inputs.dem.unit")


def test_a_unit_like_no_other_is_refused_without_a_guess() -> None:
    with pytest.raises(ShuibaoError, match="可用：1、%。$"):
        factor_of("cover", "zzz", "inputs.cover.unit")
