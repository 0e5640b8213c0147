"""Tiles on disk: the folder has a greatest size, what was looked at lately stays, a full disk spoils no map."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from bureau.onemap import keeping
from bureau.onemap.keeping import kept, prune, size
from bureau.service import inspection

NOW = time.time()


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Keep tiles in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "tiles"


def put(name: str, length: int, days_ago: float) -> Path:
    """Keep a tile that was looked at some days ago."""
    kept(name, lambda: b"x" * length)
    path = keeping.folder() / name[:2] / name
    os.utime(path, (NOW - days_ago * 86400,) * 2)
    return path


def test_those_not_looked_at_for_longest_go_first() -> None:
    paths = {days: put(f"{days:02d}aa", 100, days) for days in range(1, 11)}
    assert size() == keeping.Size(10, 1000)
    assert prune(now=NOW, most=1000) == 0
    assert prune(now=NOW, most=600) == 6, "down to four fifths of what may be"
    assert [days for days, path in paths.items() if path.exists()] == [1, 2, 3, 4]


def test_a_look_keeps_a_tile() -> None:
    old, older = put("aa01", 100, 9), put("bb02", 100, 5)
    assert kept("aa01", lambda: b"anew") == b"x" * 100
    prune(now=NOW, most=150)
    assert old.exists()
    assert not older.exists()


def test_what_nobody_finished_goes_after_an_hour(folder: Path) -> None:
    put("aa01", 100, 0)
    for name, seconds in (("aa02.1-1", 7200), ("aa03.1-1", 60)):
        (folder / "aa" / name).write_bytes(b"half")
        os.utime(folder / "aa" / name, (NOW - seconds,) * 2)
    assert prune(now=NOW, most=10**9) == 1
    assert not (folder / "aa" / "aa02.1-1").exists()


def test_a_full_disk_spoils_no_map(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert kept("aa01", lambda: b"tile") == b"tile"
    assert list(folder.rglob("*.*")) == []


def test_the_operator_is_told_how_large_it_is(settings: Any) -> None:
    settings.TILES_BYTES = 250
    put("aa01", 200, 1)
    (told,) = inspection.tiles()
    assert (told.subject, told.verdict) == ("tiles", "good")
    put("bb01", 200, 1)
    (told,) = inspection.tiles()
    assert told.verdict == "warning"
