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
            rows = program(region).get(f"/api/v1/publications/{survey.pk}/facts", {"by": by}).json()["items"]
            assert sum(row["area_m2"] for row in rows) == pytest.approx(held)
            assert len({tuple(row["by"].items()) for row in rows}) == len(rows)


def test_the_rates_of_a_county_are_its_own(all_published: None, program: Program) -> None:
    assert {row["region_code"] for row in program("140928").get("/api/v1/rates").json()["items"]} == {"140928"}
    assert {row["region_code"] for row in program("140900").get("/api/v1/rates").json()["items"]} >= {
        "140900",
        "140928",
        "140932",
    }


def test_a_place_lies_in_its_zone(all_published: None, program: Program) -> None:
    zone = Zone.objects.filter(county_id="140928").first()
    assert zone is not None
    at = zone.geometry.point_on_surface
    found = program("140928").get("/api/v1/zones/at", {"lon": at.x, "lat": at.y}).json()["items"]
    assert zone.code in {row["code"] for row in found}
    assert not program("220122").get("/api/v1/zones/at", {"lon": at.x, "lat": at.y}).json()["items"]


def test_a_result_of_another_city_is_not_there(all_published: None, program: Program) -> None:
    survey = Publication.objects.get(kind="survey")
    assert program("220122").get(f"/api/v1/publications/{survey.pk}/facts").status_code == 404
    assert program("220122").get("/api/v1/publications").json()["items"] == []
    assert program("140928").get("/api/v1/publications").json()["matched"] == 2


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/zones/at",
        "/api/v1/rates?limit=0",
        "/api/v1/regions?offset=-1",
        "/api/v1/zones/at?lon=999&lat=0",
        "/api/v1/rates?year=zwei",
        "/api/v1/regions?level=x",
    ],
)
def test_what_cannot_be_answered_is_refused(address: str, program: Program) -> None:
    assert program().get(address).status_code == 422


@pytest.mark.parametrize(
    "address, told",
    [
        ("/api/v1/regions?levle=county", "可用：limit、offset、level"),
        ("/api/v1/publications?jahr=2024", "可用：limit、offset、year、kind、superseded"),
        ("/api/v1/rates?year=2024&top=5", "可用：limit、offset、year"),
        ("/api/v1/publications/1/facts?group=county", "可用：limit、offset、by、counting"),
        ("/api/v1/zones/at?lon=111&lat=38&bbox=1", "可用：lon、lat、limit、offset"),
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
    for row in answer.json()["items"]:
        assert rest.FactOut.model_validate(row).model_dump() == row
        assert list(row["by"]) == by


def test_the_description_holds_every_address(program: Program) -> None:
    described: dict[str, Any] = program().get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/regions", "/api/v1/publications", "/api/v1/rates", "/api/v1/publications/{pk}/facts", "/api/v1/zones/at",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address, limit",
    [("/api/v1/regions", 700), ("/api/v1/rates", 2), ("/api/v1/publications?kind=survey", 1), ("facts?by=watershed&by=slope_class", 7)],
)  # fmt: skip
def test_pages_one_after_another_are_the_whole_in_one_order(
    address: str, limit: int, all_published: None, program: Program
) -> None:
    client = program("140000")
    if address.startswith("facts"):
        address = f"/api/v1/publications/{Publication.objects.get(kind='survey').pk}/{address}"
    more = "&" if "?" in address else "?"
    whole = client.get(f"{address}{more}limit=10000").json()
    seen: list[Any] = []
    at: str | None = f"{address}{more}limit={limit}"
    while at is not None:
        page = client.get(at).json()
        assert (page["matched"], page["returned"]) == (whole["matched"], len(page["items"]))
        seen += page["items"]
        at = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == whole["items"]
    assert len(seen) == whole["matched"] > 0


def test_a_page_is_never_longer_than_the_most_and_leads_back(all_published: None, program: Program) -> None:
    page = program().get("/api/v1/rates", {"limit": 5, "offset": 2}).json()
    assert {link["rel"] for link in page["links"]} >= {"self", "prev"}
    assert "offset=0" in next(link["href"] for link in page["links"] if link["rel"] == "prev")
    beyond = program().get("/api/v1/rates", {"offset": 10**6}).json()
    assert (beyond["items"], beyond["returned"]) == ([], 0)


def test_a_word_given_twice_is_refused_unless_it_may_have_several_values(all_published: None, program: Program) -> None:
    answer = program().get("/api/v1/rates?year=2022&year=2024")
    assert (answer.status_code, answer.json()["code"]) == (400, "given-twice")
    assert "给了 2 次" in answer.json()["description"]
    assert program().get("/api/v1/publications/1/facts?by=county&by=intensity").status_code == 404
