"""A database for the tests of the bureau, and people who sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.bureau.browser import Answering, Visitor, launched
from tests.bureau.migrated import copy_what_is_migrated
from tests.bureau.people import make_person, make_regions
from tests.bureau.unboxed import told_here

from bureau.service.cluster import PrivateCluster, programs
from shuibao.messages import ShuibaoError


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any, django_db_use_migrations: bool
) -> None:
    """Start the cluster that the tests share; where there is no PostGIS, what needs it is skipped."""
    try:
        programs()
    except ShuibaoError as missing:
        pytest.skip(str(missing))
    PrivateCluster(Path(settings.HOME) / "cluster", durable=False).start()  # one that is there and fails is no reason
    if django_db_use_migrations:
        with django_db_blocker.unblock():
            copy_what_is_migrated()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Make regions and people once for all tests; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        make_regions()


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Return the function that makes a person: ``person("clerk", "140928")``."""
    return make_person


@pytest.fixture
def signed_in(person: Callable[..., Any]) -> Callable[..., Client]:
    """Return the function that makes a browser in which a person is signed in: ``signed_in("clerk", "140928")``."""

    def sign_in(*duties: str, region: str = "140928", with_second_factor: bool = True) -> Client:
        who = person(*duties, region=region, with_second_factor=with_second_factor)
        client = Client()
        client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        client.person = who  # type: ignore[attr-defined]
        return client

    return sign_in


@pytest.fixture
def unboxed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open what was uploaded in this process, where the sandbox is not what is asked about."""
    for room in ("commissions.patches", "commissions.uploads", "delimitation.packages"):
        monkeypatch.setattr(f"bureau.{room}.told_by", told_here)


@pytest.fixture
def today() -> date:
    """Return a day that does not move."""
    return date(2026, 3, 5)


@pytest.fixture
def regions_again(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the regions anew when a test that commits has been cleared away."""
    yield
    with django_db_blocker.unblock():
        make_regions()


@pytest.fixture
def committed(regions_again: None, transactional_db: None) -> None:
    """Let what a test writes be committed, so that other programs see it."""
    make_regions()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Launch a browser once for all tests that need one."""
    with launched() as browser:
        yield browser


@pytest.fixture
def visitor(chromium: Any, committed: None, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Return the function that puts somebody before a screen: ``visitor("desk")`` or ``visitor("phone")``."""
    visitors: list[Visitor] = []

    def visit(viewport: str = "desk") -> Visitor:
        visitors.append(Visitor(chromium, live_server.url, viewport))
        return visitors[-1]

    with Answering() as answering:
        yield visit
        for one in visitors:
            one.leave()
        answering.wait()
