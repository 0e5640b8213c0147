"""Which files bear a report out, and where they are kept."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bureau import workbooks
from bureau.refusal import Refusal
from bureau.tasks import evidence, services
from bureau.tasks.models import Evidence, ProgressReport, Task

PDF = b"%PDF-1.4 evidence"


def office(*names: str, size: int = 3) -> bytes:
    """Return an Office file with some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, b"x" * size)
    return out.getvalue()


def refused(name: str, contents: bytes) -> str:
    """Return the code with which a file is refused."""
    with pytest.raises(Refusal) as why:
        evidence.keep(SimpleUploadedFile(name, contents))
    return why.value.code


def test_a_file_is_kept_under_the_hash_of_its_contents(storage: Any) -> None:
    kept = evidence.keep(SimpleUploadedFile("../../现场 照片.PDF", PDF))
    digest = hashlib.sha256(PDF).hexdigest()
    assert (kept.name, kept.sha256, kept.path) == ("现场 照片.PDF", digest, f"evidence/{digest[:2]}/{digest}.pdf")
    with storage.open(kept.path) as file:
        assert file.read() == PDF
    assert evidence.keep(SimpleUploadedFile("另一个名字.pdf", PDF)).path == kept.path


@pytest.mark.parametrize(
    "name, contents, code",
    [
        ("a.exe", b"MZ", "evidence-kind"), ("a.svg", b"<svg/>", "evidence-kind"), ("a.html", b"<p>", "evidence-kind"),
        ("a.xlsm", b"PK\x03\x04", "evidence-kind"), ("pdf", PDF, "evidence-kind"), ("a.pdf", b"", "evidence-size"),
        ("a.pdf", b"<html>", "evidence-contents"), ("a.png", PDF, "evidence-contents"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n", "evidence-contents"), ("a.docx", b"PK\x03\x04 broken", "evidence-contents"),
        ("a.docx", lambda: office("word/vbaProject.bin"), "evidence-macro"),
        ("a.xlsx", lambda: office("big.xml", size=workbooks.UNPACKED), "evidence-size"),
        ("a.pdf", lambda: PDF + b"x" * evidence.LARGEST, "evidence-size"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_should_be_is_refused(name: str, contents: bytes | Callable[[], bytes], code: str) -> None:
    assert refused(name, contents() if callable(contents) else contents) == code


def test_an_archive_without_office_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("shell.sh", b"#!")
    assert refused("a.docx", out.getvalue()) == "evidence-contents"


def test_a_report_whose_evidence_is_refused_is_not_written(
    task: Callable[[str, int], Task], person: Callable[..., Any], now: datetime
) -> None:
    by, shown = person("clerk", region="140900"), task("xinzhou-plan", 10)
    files = [SimpleUploadedFile("好.pdf", PDF), SimpleUploadedFile("坏.exe", b"MZ")]
    with pytest.raises(Refusal):
        services.submit(by=by, task=shown, text="做了", year=2026, now=now, files=files)
    assert not ProgressReport.objects.exists()
    many = [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(7)]
    with pytest.raises(Refusal) as why:
        services.submit(by=by, task=shown, text="做了", year=2026, now=now, files=many)
    assert why.value.code == "too-many-files"


def test_evidence_is_given_as_an_attachment_to_whoever_sees_the_report(
    task: Callable[[str, int], Task], person: Callable[..., Any], signed_in: Callable[..., Any], now: datetime,
) -> None:  # fmt: skip
    by, shown = person("clerk", region="140928"), task("xinzhou-plan", 18)
    files = [SimpleUploadedFile("照片.pdf", PDF), SimpleUploadedFile("照片（又一份）.pdf", PDF)]
    services.submit(by=by, task=shown, text="做了", year=2026, now=now, files=files)
    file = Evidence.objects.get()  # the same contents twice are one
    answer = signed_in("view", region="140900").get(f"/tasks/evidence/{file.pk}/")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert signed_in("view", region="140932").get(f"/tasks/evidence/{file.pk}/").status_code == 404
