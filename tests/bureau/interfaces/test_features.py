"""OGC API Features: what it answers, to whom, and what it refuses."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from tests.bureau.interfaces.conftest import NOW

from bureau.interfaces import services
from bureau.interfaces.layers import LAYERS
from bureau.interfaces.models import Token
from bureau.office import recovery
from bureau.office import services as office
from bureau.office.services import hash_of
from bureau.publications.models import Watershed, Zone
from bureau.refusal import Refusal

Program = Callable[..., Client]


def items(client: Client, layer: str, **words: Any) -> dict[str, Any]:
    """Return a page of features."""
    answer = client.get(f"/ogc/collections/{layer}/items", words)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_every_page_of_features_together_is_what_the_database_holds(all_published: None, program: Program) -> None:
    client, seen, offset = program(), [], 0
    while True:
        page = items(client, "steep_slope", limit=1, offset=offset)
        seen += [feature["properties"]["code"] for feature in page["features"]]
        assert page["numberMatched"] == Zone.objects.count()
        if not any(link["rel"] == "next" for link in page["links"]):
            break
        offset += 1
    assert seen == list(Zone.objects.order_by("pk").values_list("code", flat=True))


def test_a_county_is_given_its_own_and_a_stranger_region_nothing(all_published: None, program: Program) -> None:
    whole = Zone.objects.count()
    own = Zone.objects.filter(county_id__in=["140928", "140900"]).count()
    assert 0 < own < whole
    assert items(program("140900"), "steep_slope")["numberMatched"] == whole
    assert items(program("140928"), "steep_slope")["numberMatched"] == own
    assert items(program("220122"), "steep_slope")["numberMatched"] == 0
    assert items(program("220122"), "watersheds")["numberMatched"] == 0


def test_a_feature_of_another_county_is_not_there(all_published: None, program: Program) -> None:
    other = Zone.objects.filter(county_id="140932").first()
    assert other is not None
    assert program("140900").get(f"/ogc/collections/steep_slope/items/{other.pk}").status_code == 200
    assert program("140928").get(f"/ogc/collections/steep_slope/items/{other.pk}").status_code == 404


def test_made_up_data_says_so(all_published: None, program: Program) -> None:
    for layer in ("watersheds", "steep_slope"):
        assert all(f["properties"]["simulated"] for f in items(program(), layer)["features"])


def test_a_box_chooses_what_it_touches(all_published: None, program: Program) -> None:
    client, one = program(), Watershed.objects.order_by("pk").first()
    assert one is not None
    at = one.geometry.point_on_surface
    found = items(client, "watersheds", bbox=f"{at.x - 1e-6},{at.y - 1e-6},{at.x + 1e-6},{at.y + 1e-6}")
    assert one.code in {f["properties"]["code"] for f in found["features"]}
    assert items(client, "watersheds", bbox="0,0,1,1")["numberMatched"] == 0


def test_a_property_chooses_those_that_have_it(all_published: None, program: Program) -> None:
    found = items(program(), "steep_slope", county="140928")
    assert {f["properties"]["county"] for f in found["features"]} == {"140928"}


@pytest.mark.parametrize("words, told", [
    ({"bbox": "1,2,3"}, "四个数"),
        ({"bbox": "0,0,0,0,0,0,0"}, "四个数"),
    ({"bbox": "a,b,c,d"}, "四个数"), ({"bbox": "5,0,1,1"}, "西 ≤ 东"), ({"bbox": "nan,0,1,1"}, "西 ≤ 东"),
    ({"limit": "0"}, "不小于 1"), ({"limit": "-1"}, "不小于 1"), ({"offset": "x"}, "不小于 0"), ({"colour": "red"}, "参数“colour”不可用"),
    ({"f": "html"}, "f=json"), ({"year": ["2022", "2024"]}, "给了 2 次"), ({"datetime": "2024"}, "datetime“2024”"),
    ({"datetime": ".."}, "起/止"),
    ({"datetime": "2024-02-30"}, "起/止"), ({"datetime": "2024-01-01/2022-01-01"}, "不晚于"), ({"datetime": "a/b/c"}, "起/止"),
    ({"year": "zwei"}, "year 的值"), ({"county__name": "x"}, "不可用"), ({"publication.simulated": "1"}, "不可用"),
])  # fmt: skip
def test_a_query_that_cannot_be_answered_is_refused(words: dict[str, str], told: str, program: Program) -> None:
    answer = program().get("/ogc/collections/watersheds/items", words)
    assert answer.status_code == 400
    assert told in answer.json()["description"]


def test_a_time_chooses_the_years_that_it_touches_and_nothing_where_there_are_none(
    all_published: None, program: Program
) -> None:
    client = program()
    whole = items(client, "steep_slope")["numberMatched"]
    year = items(client, "steep_slope")["features"][0]["properties"]["year"]
    for time in (
        f"{year}-01-01",
        f"{year}-12-31T23:59:59Z",
        f"{year - 1}-05-01/..",
        f"../{year}-01-01",
        f"/{year + 5}-01-01",
        "../..",
    ):
        assert items(client, "steep_slope", datetime=time)["numberMatched"] == whole, time
    assert items(client, "steep_slope", datetime=f"../{year - 1}-12-31")["numberMatched"] == 0
    regions = items(client, "regions")["numberMatched"]
    assert items(client, "regions", datetime="1950-01-01")["numberMatched"] == regions


def test_the_description_names_every_layer_and_the_landing_page_leads_to_it(program: Program) -> None:
    client = program()
    links = {link["rel"]: link["href"] for link in client.get("/ogc/").json()["links"]}
    described = client.get(links["service-desc"]).json()
    for layer in LAYERS:
        assert f"/collections/{layer}/items" in described["paths"]
    assert [c["id"] for c in client.get(links["data"]).json()["collections"]] == list(LAYERS)
    assert client.get("/ogc").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/ogc/", "/ogc/collections/watersheds/items", "/wfs?SERVICE=WFS&REQUEST=GetCapabilities", "/api/v1/regions"],
)
def test_who_has_no_good_token_is_told_how_to_come_in(address: str, token: Callable[..., str]) -> None:
    for header in (
        {},
        {"Authorization": "Bearer sb_wrong"},
        {"Authorization": "Basic ???"},
        {"Authorization": "Digest x"},
    ):
        answer = Client(headers=header).get(address)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    good = base64.b64encode(f"anybody:{token()}".encode()).decode()
    assert Client(headers={"Authorization": f"Basic {good}"}).get(address).status_code == 200


def test_a_token_that_is_ended_or_expired_or_whose_person_left_opens_nothing(token: Callable[..., str]) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    for change in ({"ended": past}, {"expires": past}):
        secret = token()
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        assert client.get("/ogc/").status_code == 200
        Token.objects.filter(token_hash=hash_of(secret)).update(**change)
        assert client.get("/ogc/").status_code == 401
    secret = token()
    person = Token.objects.get(token_hash=hash_of(secret)).person
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/ogc/").status_code == 401


def test_a_token_reads_only_and_opens_no_page(program: Program) -> None:
    client = program()
    assert client.post("/ogc/collections/watersheds/items").status_code == 405
    assert client.get("/commissions/").status_code == 302
    assert client.post("/api/v1/regions").status_code == 405


def test_another_countys_administrator_may_not_end_a_token(
    token: Callable[..., str], person: Callable[..., Any]
) -> None:
    found = Token.objects.get(token_hash=hash_of(token("140928")))
    with pytest.raises(Refusal):
        services.end_token(
            person=person("administer", region="140932"), token=found, now=datetime(2026, 3, 6, tzinfo=UTC)
        )
    services.end_token(person=person("administer", region="140900"), token=found, now=datetime(2026, 3, 6, tzinfo=UTC))
    with pytest.raises(Refusal, match="已经撤销"):
        services.end_token(person=found.person, token=found, now=datetime(2026, 3, 6, tzinfo=UTC))


def test_the_secret_is_shown_once_and_not_kept(signed_in: Callable[..., Client]) -> None:
    client = signed_in("view")
    page = client.post("/interfaces/tokens/new/", {"name": "QGIS", "days": 30}).content.decode()
    made = Token.objects.get()
    secret = page.split('rows="3">')[1].split("<")[0]
    assert hash_of(secret) == made.token_hash
    assert secret not in client.get("/interfaces/").content.decode()


FILTER = (
    '<Filter xmlns="http://www.opengis.net/fes/2.0" xmlns:app="urn:shuibao" xmlns:gml="http://www.opengis.net/gml/3.2"><BBOX>'
    "<ValueReference>app:geometry</ValueReference><gml:Envelope{}><gml:lowerCorner>{}</gml:lowerCorner>"
    "<gml:upperCorner>{}</gml:upperCorner></gml:Envelope></BBOX></Filter>"
)


@pytest.mark.parametrize("system", ["", ' srsName="urn:ogc:def:crs:EPSG::4326"'])
def test_wfs_reads_a_box_that_names_no_system_in_its_own(system: str, all_published: None, program: Program) -> None:
    one = Zone.objects.order_by("pk").first()
    assert one is not None
    at = one.geometry.point_on_surface
    words = {"SERVICE": "WFS", "VERSION": "2.0.0", "REQUEST": "GetFeature", "TYPENAMES": "app:steep_slope"}
    box = FILTER.format(system, f"{at.y} {at.x}", f"{at.y + 1e-6} {at.x + 1e-6}")
    answer = program().get("/wfs", words | {"FILTER": box})
    assert answer.status_code == 200, answer.content
    page = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert f"<app:code>{one.code}</app:code>" in page
    assert "<gml:name>" not in page
    assert page.count("<app:code>") < Zone.objects.count()


def test_tokens_of_who_is_deactivated_or_given_a_new_password_end_for_good(
    token: Callable[..., str], person: Callable[..., Any]
) -> None:
    by = person("administer", region="140900")
    for end in ("deactivate", "renew"):
        secret = token()
        whom = Token.objects.get(token_hash=hash_of(secret)).person
        if end == "deactivate":
            office.deactivate(by=by, person=whom)
            office.reactivate(by=by, person=whom)
        else:
            _, link = recovery.offer_new_password(by=by, person=whom, reason="口令泄露，当面核对", now=NOW)
            recovery.renew_password(token=link, password="Good-enough-2", now=NOW)
        assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/ogc/").status_code == 401
        assert Token.objects.get(token_hash=hash_of(secret)).ended is not None


def test_who_administers_sees_the_tokens_of_others_on_their_page_and_ends_them(
    token: Callable[..., str], signed_in: Callable[..., Client]
) -> None:
    found = Token.objects.get(token_hash=hash_of(token("140928")))
    page, client = f"/office/people/{found.person_id}/", signed_in("administer", region="140900")
    shown = client.get(page).content.decode()
    assert "接口令牌" in shown
    assert f"/interfaces/tokens/{found.pk}/end/" in shown
    assert client.post(f"/interfaces/tokens/{found.pk}/end/").headers["Location"] == page
    assert f"/interfaces/tokens/{found.pk}/end/" not in client.get(page).content.decode()
    stranger = signed_in("administer", region="220000")
    assert stranger.post(f"/interfaces/tokens/{found.pk}/end/").status_code == 404
