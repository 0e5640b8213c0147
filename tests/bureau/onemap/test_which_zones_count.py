"""Where a county's own steep slopes and its city's overlap, map, click, sums and interfaces all go by the later ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.onemap.conftest import MIDDLE
from tests.bureau.onemap.reading_tiles import texts, tile_at
from tests.bureau.onemap.test_page import catalogue
from tests.bureau.publications.conftest import NOW
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU, draw_zones

from bureau.interfaces.layers import LAYERS
from bureau.onemap.places import search
from bureau.publications.counting import counted_elsewhere, extents_of, that_count, zone_areas
from bureau.publications.counting.zones import _by_county, _by_prefix, _Drawn, lost
from bureau.publications.models import Publication, Zone

Act = Callable[..., Publication]
LATER, SOONER = timedelta(days=1), timedelta(days=-1)


@pytest.fixture
def own_zones(own: Act, county_run: Path, tmp_path: Path) -> Act:
    """Return the function that publishes two steep slopes of Wuzhai's own, a day after its city's unless told otherwise."""

    def act(**given: object) -> Publication:
        folder = tmp_path / "own-zones"
        shutil.copytree(county_run, folder)
        told = folder / "region.toml"
        told.write_text(told.read_text("utf-8").replace("2024", str(given.get("year", 2024))), "utf-8")
        return own(**{"folder": draw_zones(folder, count=2), "kind": "zones", "theme": "steep_slope"} | given)

    return act


def codes(zones: object) -> list[tuple[int, str]]:
    """Return whose zones they are, and their codes."""
    return sorted(zones.values_list("publication_id", "code"))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "given", [{"now": NOW + LATER}, {"now": NOW + SOONER}, {"year": 2025, "now": NOW + SOONER}, {"year": 2023}]
)
def test_of_a_county_the_zones_of_one_publication_count_and_sums_are_theirs(
    zones: Publication, own_zones: Act, given: dict[str, object]
) -> None:
    county = own_zones(**given)
    counts = max((zones, county), key=lambda p: (p.year, p.published_at))
    counted = that_count(Zone.objects.filter(publication__in=[zones, county]), "")
    assert {z.publication_id for z in counted if z.county_id == WUZHAI} == {counts.pk}
    assert {z.publication_id for z in counted if z.county_id == PIANGUAN} == {zones.pk}
    for region in (WUZHAI, PIANGUAN, XINZHOU, "140000"):
        mine = [z for z in counted if z.county_id.startswith(region.rstrip("0"))]
        area, number = zone_areas(region)["steep_slope"]
        assert number == len(mine)
        assert area == pytest.approx(sum(z.area_m2 for z in mine))


def test_alone_nothing_is_left_out(zones: Publication) -> None:
    assert lost() == {}
    assert counted_elsewhere(zones) == {}
    assert codes(that_count(Zone.objects.all(), "")) == codes(Zone.objects.all())


def test_a_later_publication_of_the_city_counts_in_all_its_counties(
    zones: Publication, own_zones: Act, signed_in: Callable[..., Client]
) -> None:
    county = own_zones(now=NOW + SOONER)
    assert counted_elsewhere(county) == {WUZHAI: zones.pk}
    assert [z["pk"] for z in catalogue(signed_in("view", region=WUZHAI))["zones"]] == [zones.pk]


def test_map_click_search_and_interfaces_show_the_same_zones(
    zones: Publication, own_zones: Act, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("view", region=XINZHOU)
    before = {z["pk"]: z["of"] for z in catalogue(client)["zones"]}
    county = own_zones()
    after = {z["pk"]: z["of"] for z in catalogue(client)["zones"]}
    assert after.keys() == {zones.pk, county.pk}
    assert before[zones.pk] != after[zones.pk], "browsers ask anew"
    at = tile_at(MIDDLE, 39.495, 10)
    left = texts(client.get(reverse("onemap:vector_tile", args=[zones.pk, "zone", *at])).content)
    for code, county_code in zones.zones.values_list("code", "county_id"):
        assert (code in left) == (county_code != WUZHAI)
    counted = codes(that_count(Zone.objects.all(), ""))
    assert codes(LAYERS["steep_slope"].rows(client.person)) == counted  # type: ignore[attr-defined]
    found = [f["code"] for f in search(client.person, "陡坡地") if f["kind"] == "禁止开垦陡坡地"]  # type: ignore[attr-defined]
    assert sorted(found) == sorted(code for _, code in counted)
    here = county.zones.first().geometry.point_on_surface
    told = client.get(reverse("onemap:here"), {"lon": here.x, "lat": here.y, "year": 2024}).content.decode()
    assert county.get_absolute_url() in told
    assert zones.get_absolute_url() not in told
    page = client.get(zones.get_absolute_url()).content.decode()
    assert county.get_absolute_url() in page


@pytest.mark.parametrize("given", [{"now": NOW + LATER}, {"year": 2025, "now": NOW + LATER}])
def test_zones_of_a_part_of_a_county_do_not_displace_those_of_the_whole(
    zones: Publication, own: Act, quarter: Path, tmp_path: Path, given: dict[str, object],
    signed_in: Callable[..., Client],
) -> None:  # fmt: skip
    """Wuzhai's own were drawn on a quarter of its land: later as they are, its city's count there."""
    folder = tmp_path / "part"
    shutil.copytree(quarter, folder)
    told = folder / "region.toml"
    told.write_text(told.read_text("utf-8").replace("2024", str(given.get("year", 2024))), "utf-8")
    part = own(**{"folder": draw_zones(folder, count=1), "kind": "zones", "theme": "steep_slope"} | given)
    assert set(part.provenance["extent"]) == {WUZHAI}
    assert lost() == {part.pk: {WUZHAI: zones.pk}}
    assert counted_elsewhere(part) == {WUZHAI: zones.pk}
    counted = that_count(Zone.objects.filter(publication__in=[zones, part]), "")
    assert codes(counted) == codes(Zone.objects.filter(publication=zones))
    assert zone_areas(WUZHAI)["steep_slope"][1] == len([z for z in counted if z.county_id == WUZHAI])
    page = signed_in("view", region=WUZHAI).get(part.get_absolute_url()).content.decode()
    assert "只覆盖五寨县土地面积的 2" in page
    assert "覆盖全县的区域成果优先采用，无论年份与发布先后" in page


def test_zones_of_a_part_count_where_there_are_no_others(
    zones: Publication, own: Act, quarter: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "part"
    shutil.copytree(quarter, folder)
    part = own(**{"folder": draw_zones(folder, count=1), "kind": "zones", "theme": "steep_slope"})
    Publication.objects.filter(pk=zones.pk).update(status="superseded", superseded_at=NOW)
    assert lost() == {}
    assert codes(that_count(Zone.objects.filter(publication=part), "")) == codes(Zone.objects.filter(publication=part))


def test_the_land_of_several_results_is_told_in_one_question(
    zones: Publication, own_zones: Act, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    both = [zones, own_zones()]
    with django_assert_num_queries(1):
        told = extents_of(both, "1409")
    assert {key: {code for code, _, _ in rows} for key, rows in told.items()} == {
        zones.pk: {WUZHAI, PIANGUAN},
        both[1].pk: {WUZHAI},
    }


@pytest.mark.django_db
def test_where_one_part_is_covered_the_rest_of_a_city_counts_as_before() -> None:
    """A city's later zones cover Wuzhai in part: its county's own count there, the city's in its other counties."""
    county, city = _Drawn(1, WUZHAI, frozenset()), _Drawn(2, XINZHOU.rstrip("0"), frozenset({WUZHAI}))
    assert _by_prefix([city, county], within=True) == {1: {WUZHAI: 2}}
    assert _by_county([city, county]) == {2: {WUZHAI: 1}}
    assert _by_county([_Drawn(2, "1409", frozenset()), county]) == {1: {WUZHAI: 2}}
