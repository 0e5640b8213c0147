"""The registers of Jilin and Xinzhou, and a task of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from bureau.tasks.loading import load_registers
from bureau.tasks.models import Task


@pytest.fixture
def registers(db: None) -> None:
    """Load the registers that come with the product."""
    load_registers()


@pytest.fixture
def task(registers: None) -> Callable[[str, int], Task]:
    """Return the function that fetches a task: ``task("xinzhou-plan", 18)``."""
    return lambda register, number: Task.objects.get(register__name=register, number=number)


@pytest.fixture
def now() -> datetime:
    """Return a time that does not move."""
    return datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Any:
    """Keep evidence in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return default_storage
