"""REST: regions, results, rates, facts, zones at a place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from bureau.interfaces import rest
from bureau.publications.models import Fact, Publication, Zone

Program = Callable[..., Client]


def test_facts_by_any_dimensions_add_up_to_the_land_one_may_see(all_published: None, program: Program) -> None:
    survey = Publication.objects.get(kind="survey")
    for region in ("140900", "140928"):
        held = Fact.objects.filter(county__code__startswith=region.rstrip("0")).aggregate(total=Sum("area_m2"))["total"]
        for by in (["county"], ["county", "intensity"], ["watershed", "land_use", "slope_class"]):
            rows = program(region).get(f"/api/v1/publications/{survey.pk}/facts", {"by": by}).json()
            assert sum(row["area_m2"] for row in rows) == pytest.approx(held)
            assert len({tuple(row["by"].items()) for row in rows}) == len(rows)


def test_the_rates_of_a_county_are_its_own(all_published: None, program: Program) -> None:
    assert {row["region_code"] for row in program("140928").get("/api/v1/rates").json()} == {"140928"}
    assert {row["region_code"] for row in program("140900").get("/api/v1/rates").json()} >= {
        "140900",
        "140928",
        "140932",
    }


def test_a_place_lies_in_its_zone(all_published: None, program: Program) -> None:
    zone = Zone.objects.filter(county_id="140928").first()
    assert zone is not None
    at = zone.geometry.point_on_surface
    found = program("140928").get("/api/v1/zones/at", {"lon": at.x, "lat": at.y}).json()
    assert zone.code in {row["code"] for row in found}
    assert not program("220122").get("/api/v1/zones/at", {"lon": at.x, "lat": at.y}).json()


def test_a_result_of_another_city_is_not_there(all_published: None, program: Program) -> None:
    survey = Publication.objects.get(kind="survey")
    assert program("220122").get(f"/api/v1/publications/{survey.pk}/facts").status_code == 404
    assert program("220122").get("/api/v1/publications").json() == []
    assert len(program("140928").get("/api/v1/publications").json()) == 2


@pytest.mark.parametrize(
    "address",
    ["/api/v1/zones/at", "/api/v1/zones/at?lon=999&lat=0", "/api/v1/rates?year=zwei", "/api/v1/regions?level=x"],
)
def test_what_cannot_be_answered_is_refused(address: str, program: Program) -> None:
    assert program().get(address).status_code == 422


@pytest.mark.parametrize(
    "address, told",
    [
        ("/api/v1/regions?levle=county", "可用：level"),
        ("/api/v1/publications?jahr=2024", "可用：year、kind、superseded"),
        ("/api/v1/rates?year=2024&limit=5", "可用：year"),
        ("/api/v1/publications/1/facts?group=county", "可用：by"),
        ("/api/v1/zones/at?lon=111&lat=38&bbox=1", "可用：lon、lat"),
    ],
)
def test_a_word_that_is_not_known_is_refused_and_the_known_ones_are_named(
    address: str, told: str, program: Program
) -> None:
    answer = program().get(address)
    assert answer.status_code == 400
    assert answer.json()["code"] == "unknown-parameter"
    assert told in answer.json()["description"]
    assert Client().get(address).status_code == 401, "who is not known is told nothing else"


def test_a_wrong_word_is_told_what_it_should_have_been_in_chinese_marks(program: Program) -> None:
    told = program().get("/api/v1/regions", {"level": "x"}).json()["description"]
    assert "应为 nation、province、city、county、town 之一" in told


def test_facts_have_the_form_that_is_described(all_published: None, program: Program) -> None:
    survey = Publication.objects.get(kind="survey")
    by = ["county", "watershed", "land_use", "slope_class"]
    answer = program().get(f"/api/v1/publications/{survey.pk}/facts", {"by": by})
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    for row in answer.json():
        assert rest.FactOut.model_validate(row).model_dump() == row
        assert list(row["by"]) == by


def test_the_description_holds_every_address(program: Program) -> None:
    described: dict[str, Any] = program().get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/regions", "/api/v1/publications", "/api/v1/rates", "/api/v1/publications/{pk}/facts", "/api/v1/zones/at",
    }  # fmt: skip
