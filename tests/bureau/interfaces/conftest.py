"""What was published, and programs that ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from tests.bureau.publications.conftest import folder as folder
from tests.bureau.publications.conftest import published as published

from bureau.interfaces import services

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def all_published(published: Callable[..., Any]) -> None:
    """Publish a survey and zones of Xinzhou."""
    published()
    published(kind="zones", theme="steep_slope")


@pytest.fixture
def token(person: Callable[..., Any]) -> Callable[..., str]:
    """Return the function that makes the token of somebody: ``token("140928")``."""

    def make(region: str = "140900", *duties: str) -> str:
        made, secret = services.make_token(
            person=person(*(duties or ("view",)), region=region), name="QGIS", days=30, now=NOW
        )
        type(made).objects.filter(pk=made.pk).update(expires=FAR)
        return secret

    return make


@pytest.fixture
def program(token: Callable[..., str]) -> Callable[..., Client]:
    """Return the function that makes a program with a token: ``program("140928")``."""

    def make(region: str = "140900") -> Client:
        return Client(headers={"Authorization": f"Bearer {token(region)}"})

    return make
