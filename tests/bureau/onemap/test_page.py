"""The page of the map: its layers, numbers, places, words and sheets, each within one's scope."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.gis.geos import Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU, run_county

from bureau.onemap.catalogue import catalogue as what_there_is
from bureau.onemap.places import coordinate, search
from bureau.onemap.rasters import legend_of
from bureau.onemap.sheets import _legends
from bureau.publications.models import Publication
from bureau.publications.pictures import picture
from bureau.publications.selectors import rates

SignIn = Callable[..., Client]


def catalogue(client: Client) -> dict[str, list[dict[str, object]]]:
    """Return what the page is told."""
    page = client.get(reverse("onemap:map")).content.decode()
    found = re.search(r'<script id="catalogue" type="application/json">(.*?)</script>', page, re.S)
    assert found is not None
    told: dict[str, list[dict[str, object]]] = json.loads(found[1])
    return told


def test_the_map_offers_what_one_may_see(survey: Publication, zones: Publication, signed_in: SignIn) -> None:
    told = catalogue(signed_in("view", region=WUZHAI))
    assert [s["pk"] for s in told["surveys"]] == [survey.pk]
    assert [z["theme"] for z in told["zones"]] == ["steep_slope"]
    elsewhere = catalogue(signed_in("view", region="220122"))
    assert elsewhere["surveys"] == elsewhere["zones"] == []


def test_legends_are_the_classes_of_the_rule_packs() -> None:
    assert [name for _, name in legend_of("intensity", ["national"])] == [
        "微度",
        "轻度",
        "中度",
        "强烈",
        "极强烈",
        "剧烈",
    ]
    assert len(legend_of("soil_loss", ["national"])) == 10
    assert legend_of("slope", ["national"])[0][1] == "<2°"


def test_the_numbers_are_those_published(survey: Publication, zones: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", region=XINZHOU)
    told = client.get(reverse("onemap:numbers"), {"region": XINZHOU}).json()
    figure = next(f for f in rates("1409") if f.region_code == XINZHOU)
    assert told["rate"]["percent"] == pytest.approx(figure.percent, abs=0.005)
    assert told["years"] == [2024]
    assert {m["code"] for m in told["members"]} == {WUZHAI, PIANGUAN}
    assert sum(row["km2"][0] for row in told["classes"]["intensity"]) == pytest.approx(figure.land_m2 / 1e6, abs=0.05)
    assert told["zones"][0]["count"] == 7
    eroded = sum(row["km2"][0] for row in told["classes"]["intensity"] if row["code"] not in {"0", "1"})
    assert eroded == pytest.approx(figure.eroded_m2 / 1e6, abs=0.05)


def test_the_numbers_of_a_watershed_are_of_its_facts(survey: Publication, signed_in: SignIn) -> None:
    watershed = survey.watersheds.order_by("-area_m2").first()
    assert watershed is not None
    client = signed_in("view", region=XINZHOU)
    told = client.get(reverse("onemap:numbers"), {"watershed": watershed.code, "year": 2024}).json()
    assert told["region"]["name"] == watershed.name
    facts = sum(survey.facts.filter(watershed=watershed.code).values_list("area_m2", flat=True))
    assert sum(row["km2"][0] for row in told["classes"]["intensity"]) == pytest.approx(facts / 1e6, abs=0.01)


def test_nobody_gets_the_numbers_of_others(survey: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", region=WUZHAI)
    for region in (PIANGUAN, XINZHOU, "220122", "999999"):
        assert client.get(reverse("onemap:numbers"), {"region": region}).status_code == 404
        assert client.get(reverse("onemap:words"), {"region": region}).status_code == 404
    foreign = survey.watersheds.filter(county_id=PIANGUAN).first()
    if foreign is not None:
        assert client.get(reverse("onemap:numbers"), {"watershed": foreign.code}).status_code == 404


def test_a_click_tells_what_is_here(survey: Publication, zones: Publication, signed_in: SignIn) -> None:
    zone = zones.zones.filter(county_id=WUZHAI).first()
    assert zone is not None
    at = zone.geometry.point_on_surface
    client = signed_in("view", region=XINZHOU)
    told = client.get(reverse("onemap:here"), {"lon": at.x, "lat": at.y, "year": 2024}).content.decode()
    for word in ("五寨县", "禁止开垦陡坡地", zone.name, "义务", "土壤侵蚀模数", "模拟数据", str(survey), "依据"):
        assert word in told
    other = signed_in("view", region=PIANGUAN)
    told = other.get(reverse("onemap:here"), {"lon": at.x, "lat": at.y, "year": 2024}).content.decode()
    assert "不在您的数据范围" in told
    assert zone.name not in told


@pytest.mark.parametrize(
    "words", [{}, {"lon": "a", "lat": "1"}, {"lon": "200", "lat": "1"}, {"lon": "nan", "lat": "1"}]
)
def test_there_is_no_such_place(signed_in: SignIn, words: dict[str, str]) -> None:
    assert signed_in("view").get(reverse("onemap:here"), words).status_code == 404


def test_a_search_finds_names_codes_and_coordinates(survey: Publication, zones: Publication, signed_in: SignIn) -> None:
    person = signed_in("view", region=XINZHOU).person  # type: ignore[attr-defined]
    assert [f["name"] for f in search(person, "五寨")] == ["五寨县"]
    assert PIANGUAN in {f["code"] for f in search(person, "1409")}
    assert "陡坡地0号（模拟）" in {f["name"] for f in search(person, "陡坡地0号")}
    assert search(person, "39.49, 111.31")[0]["at"] == (111.31, 39.49)
    assert not search(person, "")
    county = signed_in("view", region=WUZHAI).person  # type: ignore[attr-defined]
    assert not search(county, "偏关")
    assert {f["code"][:6] for f in search(county, "陡坡地")} == {WUZHAI, XINZHOU}


@pytest.mark.parametrize(
    "text",
    [
        "111.5, 39.44", "39.44，111.5", "东经111.5 北纬39.44", "北纬39.44°，东经111.5°", "N39.44 E111.5", "39.44 E111.5", "39.44N,111.5E",
        "39.44N111.5E", "39°26′24″N 111°30′E", "111°30'E 39°26'24\"N", "北纬39度26分24秒 东经111度30分", "纬度39.44；经度：111.5",
    ],
)  # fmt: skip
def test_a_coordinate_may_be_written_as_people_write_it(text: str) -> None:
    assert coordinate(text) == (111.5, 39.44)


@pytest.mark.parametrize(
    "text", ["东经111.5 东经39.44", "111.5", "140928", "111.5 39.44 7", "40.1-111", "五寨 111", "E", "95 190"]
)
def test_what_is_no_coordinate_is_none(text: str) -> None:
    assert coordinate(text) is None


def test_watersheds_are_found_once_with_their_year(
    survey: Publication, own: Callable[..., Publication], tmp_path: Path, signed_in: SignIn
) -> None:
    shed = survey.watersheds.filter(county_id=WUZHAI).order_by("code").first()
    assert shed is not None
    client = signed_in("view", region=WUZHAI)
    own(folder=run_county(tmp_path / "later", year=2025), year=2025)
    for year in (2024, 2025):
        found = client.get(reverse("onemap:search"), {"q": shed.name, "year": year}).json()["found"]
        kinds = {f["kind"] for f in found if "watershed" in f}
        assert kinds <= {f"小流域 {year} 年"}
        codes = [f["code"] for f in found if "watershed" in f]
        assert len(codes) == len(set(codes))
    without = client.get(reverse("onemap:search"), {"q": shed.name, "year": 1999}).json()["found"]
    assert {f["year"] for f in without if "watershed" in f} <= {2025}


def test_the_map_opens_at_the_latest_year_that_most_counties_have(
    survey: Publication, own: Callable[..., Publication], tmp_path: Path, signed_in: SignIn
) -> None:
    own(folder=run_county(tmp_path / "later", year=2025), year=2025)
    city, county = (catalogue(signed_in("view", region=region)) for region in (XINZHOU, WUZHAI))
    assert city["year"] == 2024
    assert city["counties"] == {"of": 2, "by_year": {"2024": 2, "2025": 1}}
    assert county["year"] == 2025
    assert county["counties"] == {"of": 1, "by_year": {"2024": 1, "2025": 1}}


def test_everything_is_told_in_words_too(survey: Publication, zones: Publication, signed_in: SignIn) -> None:
    told = signed_in("view", region=XINZHOU).get(reverse("onemap:words")).content.decode()
    for word in ("水土保持率", "轻度", "旱地", "禁止开垦陡坡地", "五寨县", "模拟数据", "2024"):
        assert word in told


def sheet(client: Client, **given: object) -> object:
    """Ask for a sheet."""
    import numpy as np

    png = picture(np.ones((96, 144), dtype=np.uint8), ["#c7e0b4"])
    words = {
        "picture": SimpleUploadedFile("map.png", png, "image/png"), "title": "忻州市水土保持图", "paper": "a4",
        "layers": "intensity,steep_slope,watershed", "year": 2024, "metres_per_pixel": 120.0,
    }  # fmt: skip
    return client.post(reverse("onemap:sheet"), words | given)


def test_a_sheet_is_a_pdf(survey: Publication, zones: Publication, signed_in: SignIn) -> None:
    answer = sheet(signed_in("view", region=XINZHOU))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


def legends(client: Client, layers: str, **given: object) -> set[str]:
    """Return what the legends of a sheet name."""
    person = client.person  # type: ignore[attr-defined]
    told = {"year": 2024, "box": None, **given}
    made, _, _ = _legends(person, what_there_is(person), layers.split(","), told["year"], told["box"])  # type: ignore[arg-type]
    return {legend["title"] for legend in made if not legend["line"]} | {
        row[1] for legend in made if legend["line"] for row in legend["rows"]
    }


def test_a_legend_tells_of_the_layers_that_are_drawn_and_of_no_others(
    survey: Publication, zones: Publication, signed_in: SignIn
) -> None:
    client = signed_in("view", region=XINZHOU)
    everything = "intensity,soil_loss,steep_slope,prevention_treatment,severe_fragile,patch,patch_type,watershed"
    assert legends(client, everything) == {"土壤侵蚀强度", "土壤流失量（t/(km²·a)）", "重点区域", "小流域界"}
    assert legends(client, everything, year=2020) == {"重点区域"}
    assert legends(client, "prevention_treatment,severe_fragile,patch") == set()
    far = Polygon.from_bbox((120, 40, 121, 41))
    assert legends(client, everything, box=far) == set()
    near = Polygon.from_bbox((111.2, 39.4, 111.4, 39.6))
    assert legends(client, everything, box=near) == legends(client, everything)


def test_a_legend_of_zones_names_the_kinds_that_there_are(zones: Publication, signed_in: SignIn) -> None:
    person = signed_in("view", region=XINZHOU).person  # type: ignore[attr-defined]
    made, sources, simulated = _legends(person, what_there_is(person), ["steep_slope"], 2024, None)
    assert [row[1] for row in made[0]["rows"]] == ["禁止开垦陡坡地"]
    assert sources == [zones.title]
    assert simulated


def test_where_no_zones_are_published_nothing_is_cleared(survey: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", region=XINZHOU)
    told = client.get(reverse("onemap:here"), {"lon": 111.30, "lat": 39.49, "year": 2024}).content.decode()
    assert "五寨县还没有发布重点区域" in told
    assert "不在已发布的重点区域" not in told


def test_which_zones_are_published_is_said_beside(zones: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", region=WUZHAI)
    told = client.get(reverse("onemap:here"), {"lon": 111.2990, "lat": 39.4842, "year": 2024}).content.decode()
    assert "不在已发布的重点区域（禁止开垦陡坡地）内" in told
    assert "还没有发布：重点预防区和重点治理区、水土流失严重、生态脆弱区域" in told


def test_without_scripts_the_words_come_first(signed_in: SignIn, borders: None) -> None:
    page = signed_in("view", region=XINZHOU).get(reverse("onemap:map")).content.decode()
    assert page.index("<noscript>") < page.index('id="onemap"')
    assert reverse("onemap:words") in page[page.index("<noscript>") : page.index("</noscript>")]


def test_a_sheet_of_something_else_is_refused(signed_in: SignIn, borders: None) -> None:
    client = signed_in("view", region=XINZHOU)
    for given in (
        {"picture": SimpleUploadedFile("map.png", b"<svg onload=alert(1)>", "image/png")},
        {"picture": SimpleUploadedFile("map.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 40, "image/png")},
        {"paper": "a0"}, {"metres_per_pixel": "x"}, {"title": ""}, {"bounds": "1,2,3"}, {"bounds": "5,1,4,2"},
    ):  # fmt: skip
        answer = sheet(client, **given)
        assert answer.status_code == 400
        assert answer.json()["message"]


def test_the_sheet_sets_titles_as_text_not_as_typst(survey: Publication, signed_in: SignIn) -> None:
    answer = sheet(signed_in("view", region=XINZHOU), title='#panic("x") $ ] \\ "')
    assert answer.status_code == 200


def test_no_page_of_the_map_asks_anybody_else(signed_in: SignIn, borders: None) -> None:
    answer = signed_in("view", region=XINZHOU).get(reverse("onemap:map"))
    policy = answer.headers["Content-Security-Policy"]
    assert "connect-src 'self';" in f"{policy};"
    assert not re.search(r'(src|href)="https?://', answer.content.decode())
