"""A worker that runs beside a test, as it runs beside the pages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """Keep what the worker makes in a folder of the test's own."""
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def worker(home: Path, committed: None) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Return the function that begins a worker on the test's database; all are ended afterwards."""
    begun: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bureau.settings.testing", "BUREAU_HOME": str(home),
        "BUREAU_TESTING_DATABASE": connection.settings_dict["NAME"],
        "BUREAU_TESTING_HOME": str(home),
    }  # fmt: skip

    def begin() -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "bureau", "manage", "procrastinate", "worker", "--concurrency", "2"]
        child = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begun.append(child)
        return child

    yield begin
    for child in begun:
        child.kill()
        child.wait()
