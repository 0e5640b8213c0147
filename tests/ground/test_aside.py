"""Laws of what is put aside: it comes back as it was, from memory or from a file, and leaves nothing behind."""

from __future__ import annotations

import errno
import gc
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.ground.aside import Aside
from shuibao.ground.memory import giving_back
from shuibao.messages import ShuibaoError


@given(st.lists(st.binary(max_size=40)), st.integers(1, 60))
def test_bytes_come_back_as_they_were_from_memory_and_from_a_file(pieces: list[bytes], most: int) -> None:
    aside = Aside(most)
    kept = [aside.put(piece) for piece in pieces]
    assert [k.bytes() for k in reversed(kept)] == pieces[::-1]
    assert aside.size == sum(map(len, pieces))


def test_arrays_come_back_in_rows() -> None:
    array = np.arange(12, dtype=np.int32).reshape(3, 4)
    kept = Aside(8).put(array.T)
    np.testing.assert_array_equal(kept.array(np.int32).reshape(4, 3), array.T)


def test_the_file_has_no_name_and_is_closed_when_nothing_refers_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    aside = Aside(1)
    kept, file = aside.put(b"more than one byte"), aside._file
    assert list(tmp_path.iterdir()) == []
    del aside
    gc.collect()
    assert not file.closed
    del kept
    gc.collect()
    assert file.closed


def test_a_full_disk_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    aside = Aside()

    def full(_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(aside._file, "write", full)
    with pytest.raises(ShuibaoError, match="TMPDIR"):
        aside.put(b"anything")
    assert aside.size == 0


def test_giving_memory_back_leaves_out_no_result() -> None:
    assert list(giving_back(iter(range(10)), every=3)) == list(range(10))
