"""A NUL in what is sent is refused at the door, each in their own form; addresses that are not there as well."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.test import Client

from bureau.pages.outage import WithoutTraceback


@pytest.mark.parametrize(
    "address",
    ["/trail/?act=%00", "/office/people/?q=%00", "/office/people/?q%00=1", "/publications/?year=20%0024", "/%00"],
)
def test_a_nul_in_an_address_is_refused_with_a_page(address: str, signed_in: Callable[..., Client]) -> None:
    answer = signed_in("administer", region="140900").get(address)
    assert answer.status_code == 400
    assert "空字符" in answer.content.decode()


@pytest.mark.parametrize(
    "address, kind",
    [
        ("/ogc/collections/regions/items?code=%00", "application/json"), ("/ogc/collections/regions/items/%00", "application/json"),
        ("/api/v1/regions?level=%00", "application/json"), ("/wfs?service=%00", "text/xml"),
    ],
)  # fmt: skip
def test_programs_are_told_of_a_nul_in_their_form(address: str, kind: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (400, kind)


def test_a_nul_in_a_form_a_cookie_or_json_is_refused(signed_in: Callable[..., Client]) -> None:
    client = signed_in("administer", region="140900")
    assert client.post("/account/login/", {"login": "a\0b", "password": "x"}).status_code == 400
    assert client.post("/map/", {"a": "\0"}, content_type="application/json").status_code == 400
    client.cookies["sessionid"] = "abcdefgh\0ijkl"
    assert client.get("/").status_code == 400


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/nothing", "/ogc/nothing", "/api/v2/regions"])
def test_programs_are_told_in_json_that_an_address_is_not_there(address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "application/json")
    assert "/api/v1/openapi.json" in answer.json()["description"]


@pytest.mark.parametrize(
    "error", [PermissionDenied("此页需要“批准”岗位。"), DisallowedHost("Invalid HTTP_HOST header: 'a'.")]
)
def test_what_is_no_fault_of_ours_has_no_traceback_in_the_log(error: Exception) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden: %s", ("/a%20b",), None)
    record.exc_info = (type(error), error, None)
    assert WithoutTraceback().filter(record)
    assert record.exc_info is None
    assert record.getMessage() == f"Forbidden: /a%20b: {error}"
