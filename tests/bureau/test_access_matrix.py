"""Role × page × region: every page there is, asked by everybody for everybody's land."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.bureau.matrix import ALL, Line, lines, pages
from tests.bureau.people import make_person

from bureau.regions.codes import prefix_of

LINES = lines()
REGIONS = ("140928", "140932", "140900", "140100", "140000", "220122")
"""Own county, county beside it, city above, city beside, province, county of another province."""
ROLES = ("", *ALL)
"""Each duty alone, and nobody's."""


def test_every_page_is_in_the_matrix() -> None:
    missing = sorted({name for name, _ in pages()} - set(LINES))
    assert not missing, f"pages that no tests/bureau/<room>/matrix.py names: {', '.join(missing)}"


def test_the_matrix_names_no_page_that_is_gone() -> None:
    gone = sorted(set(LINES) - {name for name, _ in pages()})
    assert not gone, f"lines of the matrix without a page: {', '.join(gone)}"


def test_every_page_says_who_may_open_it_and_the_matrix_says_the_same() -> None:
    for name, view in pages():
        if name not in LINES:
            continue  # told above
        line, access = LINES[name], getattr(view, "access", None)
        if not line.marked:
            assert line.kept_by, f"{name} is not wrapped by open_to, and its line does not say what keeps it"
            continue
        assert access is not None, f"{name} is not wrapped by open_to"
        assert {str(duty) for duty in access.duties} == set(line.duties), f"{name} asks other duties than its line"
        assert access.public == line.public, f"{name} is open to strangers, or its line says so and it is not"


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a request has done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def browser_of(*duties: str, region: str) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client(raise_request_exception=True)
    client.force_login(make_person(*duties, region=region), backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(client: Client, line: Line, method: str, region: str) -> tuple[int, str]:
    """Return the status of a page, and where it sends one."""
    with undone():
        words = line.of(region)
        query = urlencode(line.query(words))
        address = reverse(line.name, kwargs=words) + (f"?{query}" if query else "")
        response: Any = getattr(client, method)(address)
        if hasattr(response, "streaming_content") and response.streaming and not response.is_async:
            for _ in response.streaming_content:
                break
            response.close()
        return response.status_code, response.headers.get("Location", "")


def expected(line: Line, method: str, role: str, own: str, region: str) -> tuple[int, ...]:
    """Return what one may be answered: what is theirs, a refusal, or nothing found."""
    answers = line.answer(method)
    if answers is None:
        return (403, 404, 405, 302)
    if line.duties and role not in line.duties:
        return (403,)
    if line.regional and not line.everywhere and not holds(own, region):
        above = holds(region, own)
        if not (above and (line.upward if method == "get" else line.upward_post)):
            return line.foreign
    return answers


def holds(above: str, region: str) -> bool:
    """Return whether a region lies in another, or is it."""
    return region.startswith(prefix_of(above))


def wrong_answers(line: Line, own: str, roles: tuple[str, ...], regions: tuple[str, ...]) -> list[str]:
    """Ask a page as people of one region, for several regions; return the answers that are not right."""
    wrong = []
    for role in roles:
        client = browser_of(*([role] if role else []), region=own)
        for region in regions:
            for method in ("get", "post"):
                status, to = asked(client, line, method, region)
                right = expected(line, method, role, own, region)
                if status not in right:
                    who = f"{role or 'nobody'} of {own}"
                    wrong.append(f"{method} {line.name} of {region} as {who}: {status} {to}, not {right}")
    return wrong


@pytest.mark.parametrize("name", sorted(LINES))
def test_everybody_is_answered_what_their_duty_and_region_allow(name: str, db: None) -> None:
    line = LINES[name]
    if line.public:
        return
    able = tuple(role for role in ROLES if role in line.duties) or ROLES[:1]
    unable = tuple(role for role in ROLES if role not in able)
    regions = REGIONS if line.regional else REGIONS[:1]
    wrong = wrong_answers(line, "140928", able[:1], regions)
    wrong += wrong_answers(line, "140928", unable[:1], regions[:1])  # the slow test asks as everybody
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("own", ["140928", "140900", "000000"])
@pytest.mark.parametrize("name", sorted(LINES))
def test_everybody_everywhere_is_answered_what_their_duty_and_region_allow(name: str, own: str, db: None) -> None:
    line = LINES[name]
    wrong = [] if line.public else wrong_answers(line, own, ROLES, REGIONS if line.regional else REGIONS[:1])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(LINES))
def test_strangers_are_sent_to_sign_in(name: str, db: None) -> None:
    line = LINES[name]
    for method in ("get", "post"):
        status, to = asked(Client(), line, method, "140928")
        if line.public:
            answers = line.answer(method)
            assert status in (answers or (405,)), f"{method} {name} as a stranger: {status}"
            continue
        if line.answer(method) is None and status == 405:
            continue
        assert status == line.stranger, f"{method} {name} as a stranger: {status}"
        if status == 302:
            assert to.startswith(reverse("account_login")), f"{name} sends strangers to {to}"


def test_whoever_is_deactivated_is_a_stranger_from_their_next_request(db: None) -> None:
    client = browser_of("view", region="140928")
    assert client.get(reverse("home")).status_code == 200
    from bureau.office.models import Person

    Person.objects.update(is_active=False)
    assert client.get(reverse("home")).headers["Location"].startswith(reverse("account_login"))
