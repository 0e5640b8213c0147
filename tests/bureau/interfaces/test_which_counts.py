"""Where several results in force hold a county, programs are given those that count: no point of the land twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.bureau.onemap.conftest import borders as borders
from tests.bureau.onemap.conftest import survey as survey
from tests.bureau.onemap.conftest import zones as zones
from tests.bureau.onemap.reading_tiles import texts, tile_at
from tests.bureau.onemap.test_page import catalogue
from tests.bureau.publications.conftest import NOW
from tests.bureau.publications.conftest import county_run as county_run
from tests.bureau.publications.conftest import own as own
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU
from tests.bureau.publications.patched import columns, shapes
from tests.bureau.publications.patched import publish_some as publish_some

from bureau.interfaces.layers import LAYERS, layers_of
from bureau.onemap.places import search
from bureau.publications.counting import counted_elsewhere
from bureau.publications.models import Fact, Publication, RegionSummary, Watershed, Zone

Act = Callable[..., Publication]
Program = Callable[..., Client]


def given(client: Client, layer: str, **words: Any) -> list[dict[str, Any]]:
    """Return the properties of a layer's features."""
    answer = client.get(f"/ogc/collections/{layer}/items", words)
    assert answer.status_code == 200, answer.content
    return [feature["properties"] for feature in answer.json()["features"]]


def by_wfs(client: Client, layer: str) -> int:
    """Return how many features WFS says that a layer has."""
    words = {"SERVICE": "WFS", "VERSION": "2.0.0", "REQUEST": "GetFeature", "RESULTTYPE": "hits"}
    told = client.get("/wfs", words | {"TYPENAMES": f"app:{layer}"})
    page = b"".join(told.streaming_content) if told.streaming else told.content  # type: ignore[attr-defined]
    return int(page.decode().split('numberMatched="')[1].split('"')[0])


def surveyed(like: Publication, county: str, year: int) -> Publication:
    """Publish a survey of a county's own, of one watershed, over one of another survey's."""
    made = Publication.objects.create(
        region_id=county, kind="survey", year=year, version=1, title="调查成果（模拟）", published_at=NOW, by=like.by,
        reviewed_by=like.reviewed_by, simulated=True, content_sha256=f"{county}{year}",
    )  # fmt: skip
    one = like.watersheds.first()
    assert one is not None
    RegionSummary.objects.create(publication=made, region_id=county, land_m2=1.0, eroded_m2=0.5, soil_loss_t=0.0)
    Watershed.objects.create(
        publication=made, code="own-1", name="模拟小流域", county_id=county, area_m2=1.0, geometry=one.geometry
    )
    Publication.objects.filter(pk=made.pk).update(status="published")
    return made


def test_watersheds_are_of_one_survey_in_each_county_and_of_its_latest_year(
    survey: Publication, program: Program
) -> None:
    later = surveyed(survey, WUZHAI, 2025)
    city, county = program(XINZHOU), program(WUZHAI)
    told = given(city, "watersheds")
    assert {row["year"] for row in told if row["county"] == WUZHAI} == {2025}
    assert {row["year"] for row in told if row["county"] != WUZHAI} <= {2024}
    assert len(told) == later.watersheds.count() + survey.watersheds.filter(county_id=PIANGUAN).count()
    assert {row["year"] for row in given(city, "watersheds_2024")} == {2024}
    assert len(given(city, "watersheds_2024")) == survey.watersheds.count()
    assert {row["county"] for row in given(county, "watersheds_2025")} == {WUZHAI}
    for layer in ("watersheds", "watersheds_2024", "watersheds_2025"):
        assert by_wfs(city, layer) == len(given(city, layer))
    named = [c["id"] for c in city.get("/ogc/collections").json()["collections"]]
    assert named == [*LAYERS, "watersheds_2025", "watersheds_2024"]
    stranger = program("220122")
    assert [c["id"] for c in stranger.get("/ogc/collections").json()["collections"]] == list(LAYERS)
    assert stranger.get("/ogc/collections/watersheds_2024").status_code == 404


def test_of_a_county_and_year_the_survey_published_last_is_given_and_its_facts(
    survey: Publication,
    own: Act,
    program: Program,
) -> None:
    county = own()
    client = program(XINZHOU)
    for layer in ("watersheds", "watersheds_2024"):
        told = given(client, layer)
        assert sorted(row["code"] for row in told if row["county"] == WUZHAI) == sorted(
            county.watersheds.values_list("code", flat=True)
        )
        assert len(told) == county.watersheds.count() + survey.watersheds.filter(county_id=PIANGUAN).count()
    held = Fact.objects.filter(publication=survey)
    for words, counties in (({}, {WUZHAI, PIANGUAN}), ({"counting": "true"}, {PIANGUAN})):
        rows = client.get(f"/api/v1/publications/{survey.pk}/facts", words).json()["items"]
        assert {row["by"]["county"] for row in rows} == counties
        cells = sum(held.filter(county_id__in=counties).values_list("cells", flat=True))
        assert sum(row["cells"] for row in rows) == cells


def leveled(like: Publication, region: str, year: int) -> Publication:
    """Publish a zone of treatment for a region, over all of another publication's zones."""
    made = Publication.objects.create(
        region_id=region, kind="zones", theme="prevention_treatment", year=year, version=1, title="重点治理区（模拟）",
        published_at=NOW, by=like.by, reviewed_by=like.reviewed_by, simulated=True, content_sha256=f"{region}{year}",
    )  # fmt: skip
    first = like.zones.first()
    assert first is not None
    Zone.objects.create(
        publication=made, theme=made.theme, kind="treatment", code="治理-1", name="治理区（模拟）", level="county",
        county_id=region, area_m2=first.area_m2, geometry=first.geometry,
    )  # fmt: skip
    Publication.objects.filter(pk=made.pk).update(status="published")
    made.refresh_from_db()
    return made


def test_of_zones_with_a_level_the_latest_year_of_a_region_counts(
    zones: Publication, program: Program, signed_in: Callable[..., Client]
) -> None:
    """Two years of one region's own count once; those of its city lie beside them."""
    older, newer = leveled(zones, WUZHAI, 2024), leveled(zones, WUZHAI, 2025)
    beside = leveled(zones, XINZHOU, 2023)
    client = program(XINZHOU)
    told = given(client, "prevention_treatment")
    assert {row["year"] for row in told} == {2025, 2023}
    assert len(told) == 2 == by_wfs(client, "prevention_treatment")
    assert not counted_elsewhere(beside)
    assert counted_elsewhere(older) == {WUZHAI: newer.pk}
    page = signed_in("view", region=XINZHOU)
    assert {z["pk"] for z in catalogue(page)["zones"]} == {zones.pk, newer.pk, beside.pk}
    assert len(given(client, "steep_slope")) == zones.zones.count(), "classes do not override each other"
    zone = newer.zones.first()
    assert zone is not None
    at = zone.geometry.point_on_surface
    rows = client.get("/api/v1/zones/at", {"lon": at.x, "lat": at.y}).json()["items"]
    assert {(r["year"], r["version"], r["simulated"]) for r in rows if r["theme"] != "steep_slope"} == {
        (2025, 1, True), (2023, 1, True),
    }  # fmt: skip


def test_of_a_batch_that_city_and_county_published_the_countys_own_patches_are_given(
    publish_some: Act, program: Program, signed_in: Callable[..., Client]
) -> None:
    city = publish_some()
    earlier = publish_some(year=2023)
    county = publish_some(
        {name: values[:1] for name, values in columns().items()}, shapes()[:1], region=WUZHAI,
        now=NOW + timedelta(days=1),
    )  # fmt: skip
    numbers = ["140928-2024-001", "140932-2024-001", "140932-2024-002"]
    client = program(XINZHOU)
    assert sorted(row["number"] for row in given(client, "patches")) == numbers
    assert sorted(row["number"] for row in given(client, "patches_2024")) == numbers
    assert len(given(client, "patches_2023")) == by_wfs(client, "patches_2023") == 4
    assert counted_elsewhere(city) == {WUZHAI: county.pk}
    page = signed_in("view", region=XINZHOU)
    found = search(page.person, "140928-2024")  # type: ignore[attr-defined]
    assert sorted(f["patch"] for f in found) == sorted(
        [*earlier.patches.filter(county_id=WUZHAI).values_list("number", flat=True), "140928-2024-001"]
    )
    at = tile_at(111.4, 39.43, 9)
    drawn = [texts(page.get(reverse("onemap:vector_tile", args=[p.pk, "patch", *at])).content) for p in (city, county)]
    assert ["140928-2024-001" in one for one in drawn] == [False, True]
    assert ["140932-2024-001" in one for one in drawn] == [True, False]
    here = page.get(reverse("onemap:here"), {"lon": 111.301, "lat": 39.401, "year": 2024}).content.decode()
    assert here.count("140928-2024-001") == 1
    assert {p["pk"]: bool(p["of"]) for p in catalogue(page)["patches"]} == {
        city.pk: True, county.pk: False, earlier.pk: False,
    }  # fmt: skip
    told = page.get(city.get_absolute_url()).content.decode()
    assert "同一批次在有的县另有更晚发布的图斑" in told
    assert county.get_absolute_url() in told
    assert "同一批次" not in page.get(county.get_absolute_url()).content.decode()
    mine = catalogue(signed_in("view", region=WUZHAI))["patches"]
    assert {p["pk"] for p in mine} == {county.pk, earlier.pk}


def test_every_layer_has_rows_only_of_results_in_force(survey: Publication, own: Act, person: Act) -> None:
    who: Any = person("view", region=XINZHOU)
    layers = layers_of(who)
    assert [layers[name].title for name in ("watersheds", "watersheds_2024")] == ["小流域", "小流域（2024 年）"]
    assert {row.publication_id for row in layers["watersheds_2024"].rows(who)} == {survey.pk}
