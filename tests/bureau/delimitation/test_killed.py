"""A worker that is killed while zones are drawn: another draws them, to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.bureau.delimitation.zoned import NOW, XINZHOU
from tests.bureau.people import make_person
from tests.bureau.publications.folders import run_folder
from tests.bureau.service.test_outage import files_of
from tests.bureau.worker import worker as worker

from bureau.delimitation import jobs
from bureau.delimitation.models import Delimitation, ZoneShape

THEME = "severe_fragile"
"""Of the themes, the one that the small folder has zones of."""


def drawing(folder: Path) -> list[int]:
    """Return the processes that draw in a folder."""
    found = subprocess.run(
        ["pgrep", "-f", f"delimitation.child.*{folder}"], capture_output=True, text=True, check=False
    )
    return [int(word) for word in found.stdout.split()]


def wait(ready: Callable[[], Any], seconds: float, every: float = 0.02) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it took too long"
        time.sleep(every)


def held_child(folder: Path) -> int:
    """Hold the process that draws as soon as it has its copy, so that it is in the midst of it however quick the machine."""
    wait(lambda: drawing(folder), 200)
    (child,) = drawing(folder)
    wait((folder / "region.toml").exists, 200, every=0.001)
    os.kill(child, signal.SIGSTOP)
    return child


def status_of(made: Delimitation) -> str:
    """Return how far a delimitation is."""
    made.refresh_from_db()
    return str(made.status)


@pytest.mark.slow
def test_zones_that_a_killed_worker_was_drawing_are_drawn_by_another(
    worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    source = run_folder(tmp_path / "source")
    clerk = make_person("clerk", region=XINZHOU)
    made = Delimitation.objects.create(
        region_id=XINZHOU, theme=THEME, year=2024, source=str(source), opened_by=clerk, opened_at=NOW, status="drawing"
    )
    jobs.draw.defer(delimitation=made.pk)
    first = worker()
    child = held_child(made.folder)
    first.send_signal(signal.SIGKILL)
    first.wait()
    os.kill(child, signal.SIGCONT)
    wait(lambda: not drawing(made.folder), 60)
    assert status_of(made) == "drawing", "the kill came too late to show anything"

    worker()
    wait(lambda: status_of(made) != "drawing", 400)
    assert made.status == "open", made.message
    undisturbed = tmp_path / "undisturbed"
    order = {"source": str(source), "folder": str(undisturbed), "theme": THEME}
    words = [sys.executable, "-m", "bureau.delimitation.child", json.dumps(order)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as other:
        assert other.wait(timeout=400) == 0
    assert files_of(made.folder) == files_of(undisturbed)
    assert ZoneShape.objects.filter(delimitation=made).exists()
