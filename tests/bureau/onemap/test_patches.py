"""Disturbance patches on the map: tiles, sums, what is here, search; each within one's scope."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.onemap.reading_tiles import rows, texts, tile_at
from tests.bureau.onemap.test_page import catalogue, sheet
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU
from tests.bureau.publications.patched import publish_some as publish_some

from bureau.onemap.drawing import SQUARES
from bureau.onemap.places import search
from bureau.publications.models import Publication

SignIn = Callable[..., Client]


@pytest.fixture
def patches(publish_some: Callable[..., Publication]) -> Publication:  # noqa: F811
    """Return published patches."""
    return publish_some()


def tile(client: Client, made: Publication, z: int, lon: float = 111.4) -> str:
    """Return a tile as text."""
    answer = client.get(reverse("onemap:vector_tile", args=[made.pk, "patch", *tile_at(lon, 39.43, z)]))
    assert answer.status_code in (200, 204)
    return texts(answer.content)


def test_near_by_each_patch_is_drawn_and_a_county_gets_its_own(patches: Publication, signed_in: SignIn) -> None:
    city, county = signed_in("view", region=XINZHOU), signed_in("view", region=PIANGUAN)
    whole = tile(city, patches, 9)
    assert {"140928-2024-001", "140932-2024-001", "suspected_unapproved", "spoil"} <= set(
        word for word in ("140928-2024-001", "140932-2024-001", "suspected_unapproved", "spoil") if word in whole
    )
    assert "140928" not in tile(county, patches, 9)
    assert "140932-2024-001" in tile(county, patches, 9)
    address = reverse("onemap:vector_tile", args=[patches.pk, "patch", *tile_at(111.4, 39.43, 9)])
    assert signed_in("view", region="220122").get(address).status_code == 404


def test_far_off_patches_are_counted_in_squares(patches: Publication, signed_in: SignIn) -> None:
    for least, _, _ in SQUARES:
        found = rows(
            "SELECT sum(value), sum(area_m2) FROM onemap_shape WHERE publication_id = %s AND least_zoom = %s",
            patches.pk, least,
        )  # fmt: skip
        assert found[0][0] == 4
        assert found[0][1] == pytest.approx(sum(patches.patches.values_list("area_m2", flat=True)))
    far = tile(signed_in("view", region=XINZHOU), patches, 6)
    assert "140928-2024-001" not in far
    assert "unapproved" in far


def test_the_panel_counts_by_compliance_and_county(patches: Publication, signed_in: SignIn) -> None:
    told = signed_in("view", region=XINZHOU).get(reverse("onemap:numbers"), {"region": XINZHOU}).json()["patches"]
    assert (told["year"], told["batches"], told["simulated"]) == (2024, ["第 1 期"], True)
    assert {row["code"]: row["count"] for row in told["classes"]["patch"]} == {
        "compliant": 2, "suspected_unapproved": 1, "unapproved": 1,
    }  # fmt: skip
    assert {row["code"]: row["count"] for row in told["classes"]["patch_type"]} == {"spoil": 1, "borrow": 1, "other": 2}
    by_county = {row["code"]: (row["count"], row["suspected"], row["violation"]) for row in told["members"]}
    assert by_county == {WUZHAI: (2, 1, 1), PIANGUAN: (2, 0, 0)}
    county = signed_in("view", region=PIANGUAN).get(reverse("onemap:numbers"), {"region": PIANGUAN}).json()["patches"]
    assert sum(row["count"] for row in county["classes"]["patch"]) == 2
    assert signed_in("view", region="220122").get(reverse("onemap:numbers")).json()["patches"] is None


def test_a_click_tells_the_patch_and_a_search_finds_it(patches: Publication, signed_in: SignIn) -> None:
    at = {"lon": 111.301, "lat": 39.401}
    shown = signed_in("view", region=WUZHAI).get(reverse("onemap:here"), at).content.decode()
    for word in ("140928-2024-001", "未批先建", "弃土（渣）场", "模拟风电场", "第 1 期", "2024-05-01", "模拟数据"):
        assert word in shown
    assert "140928-2024-001" not in signed_in("view", region=PIANGUAN).get(reverse("onemap:here"), at).content.decode()
    city = signed_in("view", region=XINZHOU).person  # type: ignore[attr-defined]
    assert [found["name"] for found in search(city, "2024-002")] == ["140928-2024-002", "140932-2024-002"]
    assert [found["name"] for found in search(city, "模拟风电场")] == ["140928-2024-001"]
    county = signed_in("view", region=PIANGUAN).person  # type: ignore[attr-defined]
    assert [found["name"] for found in search(county, "2024-002")] == ["140932-2024-002"]


def test_legends_words_and_sheets_know_patches(patches: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", region=XINZHOU)
    told = catalogue(client)
    assert [batch["batch"] for batch in told["patches"]] == ["第 1 期"]
    kinds = told["patch_kinds"]
    assert "未批先建" in {kind["name"] for kind in kinds["patch"]}  # type: ignore[call-overload]
    words = client.get(reverse("onemap:words")).content.decode()
    for word in ("扰动图斑", "疑似未批先建", "五寨县"):
        assert word in words
    assert sheet(client, layers="patch,patch_type").content.startswith(b"%PDF")  # type: ignore[attr-defined]


def test_programs_are_given_patches_of_their_own_region(patches: Publication, person: Callable[..., object]) -> None:
    from bureau.interfaces.layers import LAYERS, properties

    layer = LAYERS["patches"]
    rows_ = layer.rows(person("view", region=PIANGUAN))  # type: ignore[arg-type]
    told = [properties(layer, row) for row in rows_]
    assert [row["number"] for row in told] == ["140932-2024-001", "140932-2024-002"]
    assert told[0] | {"verdict": "compliant", "type": "borrow", "simulated": True, "county_name": "偏关县"} == told[0]
