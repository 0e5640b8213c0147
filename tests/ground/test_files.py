"""Laws of files that appear under their name only when they are whole."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shuibao.ground.files import is_full, renamed, sha256_of
from shuibao.messages import ShuibaoError


def test_a_file_appears_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    with renamed(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
        assert temporary.parent == path.parent  # so that renaming does not copy
        assert temporary.suffix == path.suffix  # so that drivers know the format
    assert path.read_text() == "whole"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError(errno.EIO, "a bad sector")])
def test_what_goes_wrong_comes_out_as_it_was_and_leaves_the_earlier_file(
    tmp_path: Path, error: type[BaseException] | BaseException
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("earlier")
    kind = error if isinstance(error, type) else type(error)
    with pytest.raises(kind), renamed(path) as temporary:  # noqa: PT012 - half of a file is the point
        temporary.write_text("half")
        raise error
    assert path.read_text() == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_may_not_be_written_is_told_before_anything_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root, who may run this, may always write
    tried = False
    with pytest.raises(ShuibaoError, match="没有写 a.gpkg 的权限"), renamed(tmp_path / "a.gpkg"):
        tried = True
    assert not tried
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_unfinished_goes_with_the_next_file_and_nothing_else(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    gone, here = process.pid, os.getppid()
    left = [
        f".a.{gone}.0123456789ab.tmp.gpkg",
        f".a.{gone}.0123456789ab.tmp.gpkg-journal",
        f".b c.{gone}.0123456789ab.tmp",
    ]
    stay = [f".a.{here}.0123456789ab.tmp.gpkg", f".a.{gone}.tmp", f"a.{gone}.0123456789ab.tmp", ".hidden"]
    for name in left + stay:
        (tmp_path / name).write_text("half")
    (tmp_path / f".p.{gone}.0123456789ab.tmp").mkdir()
    (tmp_path / f".p.{gone}.0123456789ab.tmp" / "list.csv").write_text("half")
    with renamed(tmp_path / "whole.txt") as temporary:
        temporary.write_text("whole")
    assert {p.name for p in tmp_path.iterdir()} == {*stay, "whole.txt"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_said_to_be_full_and_what_to_do(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(ShuibaoError, match="磁盘已满，a.txt.*清理磁盘后重新运行") as caught,
        renamed(tmp_path / "a.txt"),
    ):
        raise OSError(number, "as if")
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert "the disk is full and a.txt was not finished" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", ["No space left on device", "database or disk is full", "TIFFAppendToStrip: Write error"]
)
def test_a_full_disk_is_known_by_what_gdal_says_of_it_and_by_what_an_error_came_from(
    tmp_path: Path, words: str
) -> None:
    assert is_full(RuntimeError(words))
    outer = ValueError("could not be saved")
    outer.__cause__ = RuntimeError(words)
    assert is_full(outer)
    with pytest.raises(ShuibaoError, match="磁盘已满"), renamed(tmp_path / "a.gpkg"):
        raise RuntimeError(words)


@pytest.mark.parametrize("error", [ValueError("a column is missing"), OSError(errno.EIO, "a bad sector")])
def test_another_error_is_not_taken_for_a_full_disk(error: Exception) -> None:
    assert not is_full(error)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path, number: int) -> None:
    with pytest.raises(ShuibaoError, match=f"没有写 a.txt 的权限.*{tmp_path.name}"), renamed(tmp_path / "a.txt"):
        raise OSError(number, "as if")


def test_a_refusal_passes_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="^满$"), renamed(tmp_path / "a.txt"):
        raise ShuibaoError("满", "no space left")
    assert not list(tmp_path.iterdir())


def test_a_checksum_is_that_of_the_bytes_whatever_their_number(tmp_path: Path) -> None:
    for size in (0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1):
        raw = bytes(range(256)) * (size // 256 + 1)
        path = tmp_path / "a.bin"
        path.write_bytes(raw[:size])
        assert sha256_of(path) == hashlib.sha256(raw[:size]).hexdigest()
