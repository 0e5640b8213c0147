"""A delimitation that is drawn, in a home of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.bureau.delimitation.zoned import XINZHOU, draw, opened
from tests.bureau.publications.folders import city

from bureau.delimitation.models import Delimitation
from bureau.office.models import Person


@pytest.fixture(scope="session")
def zoned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that was run and has zones; never to be changed."""
    return draw(
        shutil.copytree(city(tmp_path_factory.getbasetemp()), tmp_path_factory.mktemp("delimitation") / "region")
    )


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """Keep folders and files in a place of the test's own."""
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def clerk(person: Callable[..., Person]) -> Person:
    """Return a clerk of the city."""
    return person("clerk", region=XINZHOU)


@pytest.fixture
def delimitation(home: Path, zoned_folder: Path, clerk: Person) -> Delimitation:
    """Return a delimitation of the city with zones in two counties."""
    return opened(zoned_folder, clerk)
