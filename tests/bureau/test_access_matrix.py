"""Role × page × region: every page there is, asked by everybody for everybody's land."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import product
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
ROOMS = {
    room: tuple(line for line in LINES.values() if line.name.partition(":")[0] == room)
    for room in {name.partition(":")[0] for name in LINES}
}
"""The lines of each room; a page without a room is one of its own."""
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
    """Take back what was done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Browsers(dict[str, Client]):
    """Browsers in which people of one region are signed in, one for each role, begun when they are wanted."""

    def __init__(self, region: str) -> None:
        super().__init__()
        self.region = region

    def __missing__(self, role: str) -> Client:
        who = make_person(*([role] if role else []), region=self.region)
        self[role] = Client(raise_request_exception=True)
        self[role].force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        return self[role]


def asked(client: Client, line: Line, method: str, words: dict[str, Any]) -> tuple[int, str]:
    """Return the status of a page, and where it sends one; what it did is taken back."""
    query = urlencode(line.query(words))
    address = reverse(line.name, kwargs=words) + (f"?{query}" if query else "")
    before = deepcopy(client.cookies)
    with undone():
        response: Any = getattr(client, method)(address)
        if hasattr(response, "streaming_content") and response.streaming and not response.is_async:
            for _ in response.streaming_content:
                break
            response.close()
    client.cookies = before
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


def wrong_answers(line: Line, browsers: Browsers, roles: tuple[str, ...], regions: tuple[str, ...]) -> list[str]:
    """Ask a page as people of one region, for several regions; return the answers that are not right."""
    wrong, own = [], browsers.region
    clients = {role: browsers[role] for role in roles}
    for region in regions:
        with undone():
            words = line.of(region)
            for role, method in product(roles, ("get", "post")):
                status, to = asked(clients[role], line, method, words)
                right = expected(line, method, role, own, region)
                if status not in right:
                    who = f"{role or 'nobody'} of {own}"
                    wrong.append(f"{method} {line.name} of {region} as {who}: {status} {to}, not {right}")
    return wrong


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_everybody_is_answered_what_their_duty_and_region_allow(room: str, db: None) -> None:
    wrong, browsers = [], Browsers("140928")
    for line in (line for line in ROOMS[room] if not line.public):
        able = tuple(role for role in ROLES if role in line.duties) or ROLES[:1]
        unable = tuple(role for role in ROLES if role not in able)
        wrong += wrong_answers(line, browsers, able[:1], REGIONS if line.regional else REGIONS[:1])
        wrong += wrong_answers(line, browsers, unable[:1], REGIONS[:1])  # the slow test asks as everybody
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("own", ["140928", "140900", "000000"])
@pytest.mark.parametrize("name", sorted(LINES))
def test_everybody_everywhere_is_answered_what_their_duty_and_region_allow(name: str, own: str, db: None) -> None:
    line = LINES[name]
    regions = REGIONS if line.regional else REGIONS[:1]
    wrong = [] if line.public else wrong_answers(line, Browsers(own), ROLES, regions)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_strangers_are_sent_to_sign_in(room: str, db: None) -> None:
    wrong = []
    for line in ROOMS[room]:
        with undone():
            words = line.of("140928")
            for method in ("get", "post"):
                status, to = asked(Client(), line, method, words)
                if not turned_away(line, method, status, to):
                    wrong.append(f"{method} {line.name} as a stranger: {status} {to}")
    assert not wrong, "\n".join(wrong)


def turned_away(line: Line, method: str, status: int, to: str) -> bool:
    """Return whether an answer is what a stranger is to be given."""
    answers = line.answer(method)
    if line.public:
        return status in (answers or (405,))
    if answers is None and status == 405:
        return True
    return status == line.stranger and (status != 302 or to.startswith(reverse("account_login")))


def test_whoever_is_deactivated_is_a_stranger_from_their_next_request(db: None) -> None:
    client = Browsers("140928")["view"]
    assert client.get(reverse("home")).status_code == 200
    from bureau.office.models import Person

    Person.objects.update(is_active=False)
    assert client.get(reverse("home")).headers["Location"].startswith(reverse("account_login"))
