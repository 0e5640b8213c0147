"""A region folder that has been run, and what is published from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.bureau.publications.folders import (
    WUZHAI,
    XINZHOU,
    city_otherwise,
    city_with_zones,
    county,
    quarter_of_a_county,
)
from tests.bureau.publications.patched import publish_some as publish_some

from bureau.publications.models import Publication
from bureau.publications.services import publish
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that was run and has zones; never to be changed."""
    return city_with_zones(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def another_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of the same place and year, with other results."""
    return city_otherwise(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def county_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of Wuzhai alone, of the same year, with other results."""
    return county(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of a quarter of Wuzhai's land, of the same year."""
    return quarter_of_a_county(tmp_path_factory.getbasetemp())


@pytest.fixture
def published(person: Callable[..., Any], folder: Path, settings: Any, tmp_path: Path) -> Callable[..., Publication]:
    """Return the function that publishes as two people of the city: ``published(kind="zones", theme=…)``."""
    settings.MEDIA_ROOT = tmp_path / "media"
    by, reviewer = person("clerk", region=XINZHOU), person("review", region=XINZHOU)

    def act(**given: Any) -> Publication:
        words: dict[str, Any] = {
            "folder": folder, "kind": "survey", "region": Region.objects.get(code=XINZHOU), "year": 2024, "by": by,
            "reviewed_by": reviewer, "now": NOW,
        }  # fmt: skip
        return publish(**words | given)

    return act


@pytest.fixture
def own(published: Callable[..., Publication], county_run: Path) -> Callable[..., Publication]:
    """Return the function that publishes Wuzhai's own survey, a day after its city's unless told otherwise."""

    def act(**given: Any) -> Publication:
        words = {"folder": county_run, "region": Region.objects.get(code=WUZHAI), "now": NOW + timedelta(days=1)}
        return published(**words | given)

    return act
