"""Files that are kept by what they hold: whole or not at all."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest

from bureau import kept_files

CONTENTS = b"%PDF-1.4 evidence"
DIGEST = hashlib.sha256(CONTENTS).hexdigest()


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
