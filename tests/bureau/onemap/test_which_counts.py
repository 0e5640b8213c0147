"""Where a county's own survey and its city's overlap, numbers, map, words and sheet all go by the one that counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.onemap.conftest import MIDDLE, NORTH, SOUTH
from tests.bureau.onemap.reading_tiles import colors, texts, tile_at
from tests.bureau.onemap.test_page import catalogue
from tests.bureau.publications.conftest import NOW
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.onemap import rasters
from bureau.onemap.places import search
from bureau.publications.counting import counted_elsewhere, survey_of
from bureau.publications.models import Publication
from bureau.publications.selectors import rates

Act = Callable[..., Publication]
SignIn = Callable[..., Client]
AT = tile_at(MIDDLE, 39.495, 13)
LATER, SOONER = timedelta(days=1), timedelta(days=-1)


@pytest.fixture(autouse=True)
def no_border_kept() -> None:
    """Forget borders of other tests."""
    rasters._border.cache_clear()


def pixels(client: Client, publication: dict[str, object], name: str) -> np.ndarray:
    """Return where a survey of the catalogue draws something on the tile."""
    address = reverse("onemap:raster_tile", args=[publication["pk"], name, *AT])
    answer = client.get(address, {"of": publication["of"]})
    side = rasters.SIDE
    return (
        colors(answer.content).astype(bool).reshape(side, side, -1).any(-1)
        if answer.content
        else np.zeros((side, side), bool)
    )


@pytest.mark.parametrize("apart, whose", [(LATER, "own"), (SOONER, "city's")])
@pytest.mark.parametrize("region", [WUZHAI, XINZHOU])
def test_what_is_drawn_for_a_county_is_what_its_numbers_come_from(
    survey: Publication, own: Act, signed_in: SignIn, apart: timedelta, whose: str, region: str
) -> None:
    county = own(now=NOW + apart)
    counts = county if whose == "own" else survey
    client = signed_in("view", region=region)
    figure = next(f for f in rates(WUZHAI) if f.year == 2024)
    assert figure.publication == counts.pk
    assert survey_of(WUZHAI, 2024) == counts
    told = client.get(reverse("onemap:numbers"), {"region": WUZHAI, "year": 2024}).json()
    assert told["rate"]["publication"] == counts.pk
    drawn = catalogue(client)["surveys"]
    assert {s["pk"] for s in drawn} == ({counts.pk} if region == WUZHAI else {counts.pk, survey.pk})
    parts = [pixels(client, s, "slope") for s in drawn]
    assert not (sum(part.astype(int) for part in parts) > 1).any(), "two surveys lie on each other"
    west, _, east, _ = rasters.bounds_of(*AT)
    column = int((MIDDLE / 180 * rasters.HALF - west) / (east - west) * rasters.SIDE)
    for s, part in zip(drawn, parts, strict=True):
        assert part[:, : max(column - 2, 0)].any() == (s["pk"] == counts.pk)


def test_the_law_holds_at_every_place_of_a_click(survey: Publication, own: Act, signed_in: SignIn) -> None:
    county = own()
    client = signed_in("view", region=XINZHOU)
    for lon, made in ((MIDDLE - 0.008, county), (MIDDLE + 0.008, survey)):
        told = client.get(
            reverse("onemap:here"), {"lon": lon, "lat": (SOUTH + NORTH) / 2, "year": 2024}
        ).content.decode()
        assert made.get_absolute_url() in told


def test_a_survey_that_counts_nowhere_is_not_on_the_map(survey: Publication, own: Act, signed_in: SignIn) -> None:
    county = own(now=NOW - LATER)
    assert counted_elsewhere(county) == {WUZHAI: survey.pk}
    assert [s["pk"] for s in catalogue(signed_in("view", region=WUZHAI))["surveys"]] == [survey.pk]


def test_addresses_of_tiles_change_when_another_survey_comes_to_count(
    survey: Publication, own: Act, signed_in: SignIn
) -> None:
    client = signed_in("view", region=XINZHOU)
    before = {s["pk"]: s["of"] for s in catalogue(client)["surveys"]}
    own()
    after = {s["pk"]: s["of"] for s in catalogue(client)["surveys"]}
    assert before[survey.pk] != after[survey.pk]


def test_watersheds_are_those_of_the_survey_that_counts(survey: Publication, own: Act, signed_in: SignIn) -> None:
    county = own()
    client = signed_in("view", region=XINZHOU)
    at = tile_at(MIDDLE, 39.495, 10)
    left = texts(client.get(reverse("onemap:vector_tile", args=[survey.pk, "watershed", *at])).content)
    mine = set(survey.watersheds.filter(county_id=WUZHAI).values_list("code", flat=True))
    assert mine
    assert not [code for code in mine if code in left]
    others = survey.watersheds.filter(county_id=PIANGUAN).values_list("code", flat=True)
    assert all(code in left for code in others)
    for code in mine:
        answer = client.get(reverse("onemap:numbers"), {"watershed": code, "year": 2024})
        assert answer.status_code == 404 or answer.json()["rate"]["publication"] == county.pk
    found = {f["code"] for f in search(client.person, "") if "watershed" in f}  # type: ignore[attr-defined]
    assert not found & (mine - set(county.watersheds.values_list("code", flat=True)))


def test_a_city_has_no_rate_beside_its_target_until_all_its_counties_are_published(
    survey: Publication, own: Act, signed_in: SignIn, tmp_path: Path
) -> None:
    from tests.bureau.publications.folders import run_county

    own(folder=run_county(tmp_path / "later", year=2025), year=2025)
    client = signed_in("view", region=XINZHOU)
    told = client.get(reverse("onemap:numbers"), {"region": XINZHOU, "year": 2025}).json()
    assert told["year"] == 2025
    assert told["rate"]["percent"] is None
    assert (told["rate"]["published"], told["rate"]["counties"]) == (1, 2)
    assert [c["year"] for c in told["course"]] == told["years"] == [2024]
    assert told["begun"] == [2024, 2025]
    assert told["shown"] == [2024, 2025]
    both = [sum(row["km2"][k] for row in told["classes"]["intensity"]) for k in (0, 1)]
    assert both[1] == pytest.approx(told["rate"]["land_km2"], abs=0.01)
    assert both[1] < both[0]
    assert {m["code"]: m["percent"] is None for m in told["members"]} == {WUZHAI: False, PIANGUAN: True}
    words = client.get(reverse("onemap:words"), {"region": XINZHOU, "year": 2025}).content.decode()
    assert "2025 年只发布了 1／2 个县" in words
    assert "2025（部分）" in words
    county = client.get(reverse("onemap:numbers"), {"region": WUZHAI, "year": 2025}).json()
    assert county["rate"]["complete"]
    assert county["years"] == [2024, 2025]
    assert county["unlike"] == [2024]  # the city's survey then, the county's own now
