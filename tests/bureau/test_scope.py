"""Whose eyes reach how far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from bureau.office.models import Organisation
from bureau.regions.codes import parent_code, prefix_of

codes = st.builds(
    lambda province, city, county: f"{province:02d}{city:02d}{county:02d}" if city else f"{province:02d}0000",
    st.integers(11, 65), st.integers(0, 90), st.integers(0, 90),
)  # fmt: skip


@given(code=codes)
def test_a_region_lies_in_its_parent_and_every_region_in_the_nation(code: str) -> None:
    above = parent_code(code)
    while above is not None:
        assert code.startswith(prefix_of(above))
        assert len(prefix_of(above)) < len(prefix_of(code))
        code, above = above, parent_code(above)
    assert code == "000000"


@pytest.mark.parametrize(
    "region, sees",
    [
        ("000000", {"140000", "140900", "140928", "140932", "220122"}),
        ("140000", {"140000", "140900", "140928", "140932"}),
        ("140900", {"140900", "140928", "140932"}),
        ("140928", {"140928"}),
        ("220000", {"220122"}),
    ],
)
def test_a_province_sees_its_counties_and_a_county_itself(
    region: str, sees: set[str], person: Callable[..., Any]
) -> None:
    for code in ("140000", "140900", "140928", "140932", "220122"):
        Organisation.objects.create(region_id=code, name="水保站")
    who = person("view", region=region)
    assert set(Organisation.objects.filter(name="水保站").for_person(who).values_list("region_id", flat=True)) == sees


def test_nobody_who_is_not_signed_in_sees_anything(db: None) -> None:
    Organisation.objects.create(region_id="140928", name="水保站")
    assert not Organisation.objects.for_person(AnonymousUser()).exists()


def test_a_duty_holds_within_ones_region_only(person: Callable[..., Any]) -> None:
    who = person("approve", region="140900")
    assert who.may("approve", "140928")
    assert not who.may("approve", "140000")
    assert not who.may("approve", "220122")
    assert not who.may("review", "140928")


def test_who_is_deactivated_may_nothing(person: Callable[..., Any]) -> None:
    who = person("approve", region="140900", is_active=False)
    assert not who.may("approve", "140928")
