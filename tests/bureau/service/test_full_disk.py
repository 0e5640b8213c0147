"""A disk that is full: people are told once, nothing half remains, and what failed is done once there is room."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.bureau.people import make_person
from tests.bureau.service.test_outage import files_of

from bureau.commissions import publishing, running, services
from bureau.commissions.models import Commission, Upload
from bureau.publications.models import Publication
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SMALL = 2 * 2**20


@dataclass
class Disk:
    """
    A place where little can be written: a file system of its own, or else a limit upon the size of files.

    Attributes
    ----------
    place : Path
    mounted : bool
    """

    place: Path
    mounted: bool

    def make_room(self) -> None:
        """Let the disk be large."""
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,size=1g", str(self.place)], check=True)
        else:
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            )

    def fill_up(self) -> None:
        """Let the disk be as small as what lies on it."""
        if self.mounted:
            filler, free = self.place / "filler", shutil.disk_usage(self.place).free
            filler.write_bytes(b"\0" * free)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Return a small disk."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = os.geteuid() == 0 and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)], check=False, capture_output=True
        ).returncode
        == 0
    )
    if not mounted and not hasattr(resource, "RLIMIT_FSIZE"):
        pytest.skip("no small file system can be mounted here, and the size of files cannot be limited")
    made = Disk(place, mounted)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    yield made
    if mounted:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
    else:
        made.make_room()


def post_upload(client: Client, size: int) -> Any:
    """Upload a file of some bytes."""
    given = {"region": "140928", "kind": "dem|m", "file": SimpleUploadedFile("dem.tif", b"II*\0" * (size // 4))}
    return client.post(reverse("commissions:upload"), given, headers={"accept": "text/html"})


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("where", ["media", "received"])
def test_an_upload_that_finds_no_room_is_refused_and_the_next_one_taken(
    where: str, disk: Disk, settings: Any, tmp_path: Path, signed_in: Callable[..., Client]
) -> None:
    settings.MEDIA_ROOT = disk.place if where == "media" else tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(disk.place) if where == "received" else None
    clerk = signed_in("clerk")
    clerk.raise_request_exception = False
    answer = post_upload(clerk, 3 * SMALL)
    text = answer.content.decode()
    assert (answer.status_code, "没有保存" in text) == (200 if where == "media" else 507, True), text
    assert text.count("磁盘已满") == 1
    assert "Traceback" not in text
    assert not Upload.objects.exists()
    assert [path for path in disk.place.rglob("*") if path.is_file()] == [], "nothing half remains"
    disk.make_room()
    assert post_upload(clerk, 3 * SMALL).status_code == 302
    assert Upload.objects.get().status == "received"


@pytest.mark.slow
@pytest.mark.django_db
def test_a_run_and_its_publishing_that_find_no_room_are_told_and_done_later(
    disk: Disk, settings: Any, tmp_path: Path
) -> None:
    if not disk.mounted:
        pytest.skip(
            "a run writes many small files: it takes a file system of its own to stop it, and only root mounts one"
        )
    settings.HOME, settings.MEDIA_ROOT = disk.place, disk.place / "media"
    clerk, reviewer = make_person("clerk", region="140900"), make_person("review", region="140900")
    made = services.order(
        by=clerk, region=Region.objects.get(code="140932"), year=2024, cell=30, imaginary=True, now=NOW
    )
    running.compute(made.pk)
    made.refresh_from_db()
    assert made.status == "failed", made.message
    assert "磁盘已满" in made.message
    assert "Traceback" not in made.message + made.log

    disk.make_room()
    services.again(by=clerk, commission=made, now=NOW)
    running.compute(made.pk)
    made.refresh_from_db()
    assert made.status == "finished", made.message
    same_as_on_a_large_disk(made, tmp_path)

    disk.fill_up()
    services.accept(by=reviewer, commission=made, reason="同意", now=NOW)
    publishing.publish_commission(made.pk)
    made.refresh_from_db()
    assert (made.status, Publication.objects.count()) == ("finished", 0), made.message
    assert "磁盘已满" in made.message
    assert list((disk.place / "media").rglob("*.unfinished")) == []

    (disk.place / "filler").unlink()
    services.accept(by=reviewer, commission=made, reason="同意", now=NOW)
    publishing.publish_commission(made.pk)
    made.refresh_from_db()
    assert (made.status, Publication.objects.count()) == ("published", 1), made.message


def same_as_on_a_large_disk(made: Commission, tmp_path: Path) -> None:
    """See that what was computed in two goes is, byte by byte, what one go gives."""
    order = running.order_of(made) | {"folder": str(tmp_path / "large")}
    words = [sys.executable, "-m", "bureau.commissions.child", json.dumps(order)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        assert child.wait(timeout=400) == 0
    mine, other = files_of(made.folder), files_of(tmp_path / "large")
    assert mine == other
