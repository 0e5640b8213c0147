"""Files that are kept: whole or not at all, in one way, whoever keeps them."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404

from bureau import kept_files
from bureau.downloads import kept_file
from bureau.onemap import keeping
from bureau.publications import media as rasters
from bureau.refusal import Refusal

CONTENTS = b"%PDF-1.4 evidence"
DIGEST = hashlib.sha256(CONTENTS).hexdigest()
KILLED = """
import os, sys
from pathlib import Path
from bureau.kept_files import whole
with whole(Path(sys.argv[1])) as unfinished:
    unfinished.write_bytes(b"half")
    os._exit(9)
"""
WAYS: dict[str, Callable[[Path], Any]] = {
    "contents": lambda made: kept_files.keep("evidence", made.read_bytes(), ".pdf"),
    "a file": lambda made: kept_files.keep_file("uploads", made, ".pdf"),
    "a raster": lambda made: rasters.keep(made, DIGEST),
    "a tile": lambda made: keeping.kept("aa01", made.read_bytes),
}
"""Whoever keeps files; each is given one."""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Return a media folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def files(media: Path) -> list[str]:
    """Return every file there."""
    return sorted(path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file())


def test_the_same_contents_are_kept_once(media: Path) -> None:
    found = {kept_files.keep("evidence", CONTENTS, ".pdf") for _ in range(2)}
    assert found == {(f"evidence/{DIGEST[:2]}/{DIGEST}.pdf", DIGEST)}
    assert files(media) == [f"evidence/{DIGEST[:2]}/{DIGEST}.pdf"]


def test_half_a_file_that_somebody_left_is_not_taken_for_it(media: Path) -> None:
    path, _ = kept_files.keep("evidence", CONTENTS, ".pdf")
    (media / path).write_bytes(CONTENTS[:5])
    kept_files.keep("evidence", CONTENTS, ".pdf")
    assert (media / path).read_bytes() == CONTENTS


def test_what_cannot_be_written_leaves_nothing(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, contents: bytes) -> int:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        kept_files.keep("evidence", CONTENTS, ".pdf")
    assert files(media) == []


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a file that is to be kept."""
    path = tmp_path / "made.pdf"
    path.write_bytes(CONTENTS)
    return path


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_file_is_on_the_disk_before_it_has_its_name(
    way: Callable[[Path], Any], made: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[list[str]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: names.append(files(media)))
    way(made)
    (before,), (after,) = names[0], files(media)
    assert before.endswith(".unfinished")
    assert Path(before).parent == Path(after).parent
    assert (media / after).read_bytes() == CONTENTS


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_does_not_reach_the_disk_leaves_nothing(
    way: Callable[[Path], Any], made: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with suppress(OSError, Refusal):
        assert way(made) == CONTENTS, "only a tile is of use though it was not kept"
    assert files(media) == []


def test_who_is_killed_while_writing_leaves_what_was_there(media: Path) -> None:
    path, _ = kept_files.keep("evidence", CONTENTS, ".pdf")
    assert subprocess.run([sys.executable, "-c", KILLED, str(media / path)], check=False).returncode == 9
    assert (media / path).read_bytes() == CONTENTS
    half = [name for name in files(media) if name != path]
    assert len(half) == 1
    assert half[0].endswith(".unfinished")


def test_a_file_that_somebody_took_away_is_not_found(media: Path) -> None:
    path, _ = kept_files.keep("evidence", CONTENTS, ".pdf")
    answer = kept_file(path, "现场.pdf", "application/pdf")
    assert answer.content == CONTENTS
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E7%8E%B0%E5%9C%BA.pdf"
    assert answer["Cache-Control"] == "private, no-store"
    (media / path).unlink()
    with pytest.raises(Http404):
        kept_file(path, "现场.pdf", "application/pdf")
