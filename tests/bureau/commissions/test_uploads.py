"""Uploads: received, converted, refused; and what happens when there is no room."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.bureau.commissions.test_sandbox import tif

from bureau.commissions import uploads
from bureau.commissions.models import Upload
from bureau.kept_files import stored
from bureau.refusal import Refusal
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take it that what is uploaded fits its region; test_fitting.py asks the check itself."""
    monkeypatch.setattr(uploads, "_fit", lambda *given: {"findings": [], "errors": 0, "warnings": 0})


def received(by: Any, content: bytes, name: str = "dem.tif", **given: Any) -> Upload:
    """Receive a file."""
    words = {"region": Region.objects.get(code="140928"), "kind": "dem", "said": "m"} | given
    return uploads.receive(by=by, file=SimpleUploadedFile(name, content), now=NOW, **words)


def kept(folder: Path) -> list[str]:
    """Return the files that are kept."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_received_is_converted_and_kept_by_its_checksum(person: Callable[..., Any], tmp_path: Path) -> None:
    made = received(person("clerk"), tif(tmp_path / "a.tif").read_bytes())
    assert ProcrastinateJob.objects.get().args == {"upload": made.pk}
    uploads.settle(made.pk)
    made.refresh_from_db()
    assert made.status == "ready"
    assert made.details["width"] == 4
    content = stored(made.path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == made.sha256
    assert kept(tmp_path / "media") == [made.path], "what was uploaded is gone, only what came out is kept"


def test_the_same_file_twice_is_kept_once_and_settling_again_changes_nothing(
    person: Callable[..., Any], tmp_path: Path
) -> None:
    content = tif(tmp_path / "a.tif").read_bytes()
    pair = [received(person("clerk"), content) for _ in range(2)]
    for made in pair:
        uploads.settle(made.pk)
        uploads.settle(made.pk)
    paths = {Upload.objects.get(pk=made.pk).path for made in pair}
    assert kept(tmp_path / "media") == sorted(paths)
    assert len(paths) == 1


def test_what_is_refused_says_why_and_leaves_nothing(person: Callable[..., Any], tmp_path: Path) -> None:
    made = received(person("clerk"), b"<VRTDataset/>")
    uploads.settle(made.pk)
    made.refresh_from_db()
    assert made.status == "refused"
    assert "不是 GeoTIFF" in made.message
    assert not kept(tmp_path / "media")


@pytest.mark.parametrize(
    "name, given, code",
    [
        ("dem.vrt", {}, "wrong-suffix"),
        ("dem.tif.exe", {}, "wrong-suffix"),
        ("dem", {}, "wrong-suffix"),
        ("dem.tif", {"said": "ft"}, "wrong-kind"),
        ("dem.tif", {"kind": "secret"}, "wrong-kind"),
    ],
)
def test_what_is_no_such_file_is_not_received(
    name: str, given: dict[str, Any], code: str, person: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refused:
        received(person("clerk"), b"II*\0", name, **given)
    assert refused.value.code == code
    assert not kept(tmp_path / "media")


def test_an_empty_file_and_another_countys_are_not_received(person: Callable[..., Any]) -> None:
    with pytest.raises(Refusal, match="0 字节"):
        received(person("clerk"), b"")
    with pytest.raises(Refusal, match="不在您的经办范围"):
        received(person("clerk"), b"II*\0", region=Region.objects.get(code="140932"))


def test_a_name_that_leads_elsewhere_is_only_a_name(person: Callable[..., Any], tmp_path: Path) -> None:
    made = received(person("clerk"), b"II*\0", "../../../etc/dem.tif")
    assert made.name == "dem.tif"
    assert kept(tmp_path / "media") == [made.raw]


def test_a_full_disk_is_told_and_leaves_nothing(
    signed_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path.open

    def full(path: Path, mode: str = "r", *words: Any, **more: Any) -> Any:
        opened = before(path, mode, *words, **more)
        if "incoming" in str(path) and "x" in mode:
            opened.write(b"half")
            return Full(opened)
        return opened

    monkeypatch.setattr(Path, "open", full)
    page = signed_in("clerk").post(
        "/commissions/uploads/new/",
        {"region": "140928", "kind": "dem|m", "file": SimpleUploadedFile("dem.tif", b"II*\0" * 100)},
    )
    assert "服务器存不下这个文件" in page.content.decode()
    assert not Upload.objects.exists()
    assert not kept(tmp_path / "media")


class Full:
    """A file on a disk that is full."""

    def __init__(self, opened: Any) -> None:
        self.opened = opened

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *given: Any) -> None:
        self.opened.close()

    def write(self, content: bytes) -> None:
        """Refuse, as the system does."""
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_form_takes_a_file_and_the_list_tells_what_became_of_it(
    signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    clerk = signed_in("clerk")
    file = SimpleUploadedFile("高程.tif", tif(tmp_path / "a.tif").read_bytes())
    page = clerk.post("/commissions/uploads/new/", {"region": "140928", "kind": "dem|m", "file": file}, follow=True)
    assert "正在检查" in page.content.decode()
    assert "等待检查" in page.content.decode()
    uploads.settle(Upload.objects.get().pk)
    page = clerk.get("/commissions/uploads/").content.decode()
    assert "4 × 3 像元" in page
    assert "可用" in page
