"""A run by the worker: computed, gone on with after a kill, cancelled, published."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from tests.bureau.people import make_person

from bureau.commissions import running, services
from bureau.commissions.models import Commission
from bureau.publications.models import Publication
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PIANGUAN = "140932"


def ordered() -> Commission:
    """Return an order of imaginary land in the smallest county of Xinzhou."""
    clerk = make_person("clerk", region="140900")
    region = Region.objects.get(code=PIANGUAN)
    return services.order(by=clerk, region=region, year=2024, cell=30, imaginary=True, now=NOW)


def test_a_run_that_was_cancelled_before_it_began_is_not_computed(home: Path, person: Callable[..., Any]) -> None:
    made = ordered()
    services.cancel(by=made.by, commission=made, now=NOW)
    running.compute(made.pk)
    made.refresh_from_db()
    assert made.status == "cancelled"
    assert not made.folder.exists()


def test_a_run_that_cannot_be_says_why(home: Path, person: Callable[..., Any]) -> None:
    made = ordered()
    made.folder.mkdir(parents=True)
    (made.folder / "region.toml").write_text("[region]\nname = '偏关县'\nyear = 'zwei'\n", encoding="utf-8")
    running.compute(made.pk)
    made.refresh_from_db()
    assert made.status == "failed"
    assert "year" in made.message
    assert "Traceback" not in made.message


def wait_for(commission: Commission, *statuses: str, seconds: float = 240, step: str = "") -> None:
    """Wait until a commission has one of some statuses, or has begun a step."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        commission.refresh_from_db()
        if commission.status in statuses and (not step or step in commission.told):
            return
        time.sleep(0.3)
    pytest.fail(f"still {commission.status} {commission.told} after {seconds} s: {commission.message} {commission.log}")


def children_computing(home: Path) -> list[int]:
    """Return the processes that compute commissions of this installation."""
    words = ["pgrep", "-f", f"bureau.commissions.child.*{home}"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_and_what_is_accepted_is_published(
    home: Path, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    made = ordered()
    first = worker()
    wait_for(made, "running", step="making")
    first.send_signal(signal.SIGKILL)
    first.wait()
    until = time.monotonic() + 60
    while children_computing(home) and time.monotonic() < until:
        time.sleep(0.2)
    assert not children_computing(home), "the child goes on without its worker"
    worker()
    wait_for(made, "finished", "failed")
    assert made.status == "finished", made.message
    services.accept(by=make_person("review", region="140900"), commission=made, reason="同意", now=NOW)
    wait_for(made, "published", "failed")
    assert made.status == "published", made.message
    publication = Publication.objects.get()
    assert (publication.region_id, publication.year, publication.simulated) == (PIANGUAN, 2024, True)
    assert home != settings.MEDIA_ROOT or (home / "media").exists()


@pytest.mark.slow
def test_a_run_that_is_cancelled_stops(home: Path, worker: Callable[[], subprocess.Popen[bytes]]) -> None:
    made = ordered()
    worker()
    wait_for(made, "running", step="making")
    services.cancel(by=made.by, commission=made, now=NOW)
    until = time.monotonic() + 60
    while children_computing(home) and time.monotonic() < until:
        time.sleep(0.2)
    assert not children_computing(home)
    made.refresh_from_db()
    assert made.status == "cancelled"
