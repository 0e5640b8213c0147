"""
Every page of the matrix in a real browser: nothing in anybody's way, on a desk and on a phone.

The walk asks the matrix, which must name every page there is: a new page is walked from the day it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.bureau.browser import VIEWPORTS, Visitor
from tests.bureau.matrix import ALL, Line, lines
from tests.bureau.people import make_person

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]
REGION = "140900"
SIGNS_OUT = "account_logout"
"""Walked last: the page itself asks first, but nothing shall come after it."""


def address_of(line: Line) -> str:
    """Return the address of a page, of a thing that is made for it."""
    words = line.of(REGION)
    query = urlencode(line.query(words))
    return reverse(line.name, kwargs=words) + (f"?{query}" if query else "")


def is_page(answer: Any) -> bool:
    """Return whether an answer is a whole page: no file, no part of a page, no way elsewhere, no refusal."""
    if answer.status_code != 200 or getattr(answer, "streaming", False):
        return False
    is_html = answer.headers["Content-Type"].startswith("text/html")
    return is_html and answer.content[:100].lstrip().lower().startswith(b"<!doctype")


def addresses(client: Client, *, public: bool) -> Iterator[str]:
    """Yield the addresses that answer with a page."""
    for line in sorted(lines().values(), key=lambda line: (line.name == SIGNS_OUT, line.name)):
        answers = line.answer("get")
        if line.public == public and answers and 200 in answers:
            address = address_of(line)
            answer = client.get(address)
            answer.close()
            if is_page(answer):
                yield address


def in_the_way(somebody: Visitor, address: str) -> list[str]:
    """Open a page; return what is in anybody's way there."""
    page = somebody.open(address)
    if urlsplit(page.url).path != urlsplit(address).path:
        return [f"{address} led to {page.url}"]
    return somebody.barriers()


def test_nothing_is_in_the_way_on_any_page(viewport: str, visitor: Callable[[str], Visitor]) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    cache.clear()
    who, secret = make_person(*ALL, region=REGION, with_second_factor=False), generate_totp_secret()
    TOTP.activate(who, secret)
    client, somebody = Client(), visitor(viewport)
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    somebody.sign_in(who, secret).get_by_role("heading", name="工作台").wait_for()
    found = list(addresses(client, public=False))
    assert len(found) > 50, "the matrix was read wrongly"
    barriers = [barrier for address in found for barrier in in_the_way(somebody, address)]
    barriers += somebody.complaints
    assert not barriers, "\n".join(barriers)


def test_nothing_is_in_the_way_of_strangers(viewport: str, visitor: Callable[[str], Visitor]) -> None:
    somebody = visitor(viewport)
    found = list(addresses(Client(), public=True))
    assert reverse("account_login") in found
    barriers = [barrier for address in found for barrier in in_the_way(somebody, address)]
    barriers += somebody.complaints
    assert not barriers, "\n".join(barriers)
