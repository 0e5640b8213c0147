"""Bytes that wait outside memory until they are asked for again (暂存)."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.files import is_full
from shuibao.messages import ShuibaoError

IN_MEMORY = 2**26
"""Bytes that are held in memory before a file is begun (chosen: a county needs none)."""


class Aside:
    """
    A place for bytes that are asked for again later: a little memory, then a temporary file (暂存处).

    The file lies in the folder for temporary files (``TMPDIR``). It has no name, and is gone when nothing refers to this
    any more or the process ends, whichever way. Threads may use it at the same time.

    Parameters
    ----------
    most : int
        Bytes that are held in memory before the file is begun.

    Examples
    --------
    >>> aside = Aside()
    >>> one, other = aside.put(b"water"), aside.put(np.arange(3))
    >>> one.bytes(), other.array(np.int64).tolist(), aside.size
    (b'water', [0, 1, 2], 29)
    """

    def __init__(self, most: int = IN_MEMORY) -> None:
        self.size = 0
        self._lock = Lock()
        with _room():
            self._file = tempfile.SpooledTemporaryFile(max_size=most)  # noqa: SIM115 -- closed when nothing refers to it
        weakref.finalize(self, self._file.close)

    def put(self, data: bytes | NDArray[Any]) -> Kept:
        """
        Put bytes aside (暂存).

        Parameters
        ----------
        data : bytes or array
            An array is put as its bytes, in C order.

        Returns
        -------
        Kept
            Where they are.

        Raises
        ------
        ShuibaoError
            If the disk is full.
        """
        raw = (
            np.frombuffer(data, np.uint8) if isinstance(data, bytes) else np.ascontiguousarray(data).ravel().view("u1")
        )
        with self._lock, _room():
            at = self.size
            self._file.seek(at)
            self._file.write(raw.data)
            self.size = at + raw.nbytes
        return Kept(self, at, raw.nbytes)

    def _read(self, at: int, size: int) -> bytes:
        with self._lock, _room():
            self._file.seek(at)
            return self._file.read(size)


@dataclass(frozen=True)
class Kept:
    """
    Bytes that were put aside (暂存的数据).

    Attributes
    ----------
    aside : Aside
        Where they are.
    at, size : int
        First byte, and how many.
    """

    aside: Aside
    at: int
    size: int

    def bytes(self) -> bytes:
        """Return the bytes (取回)."""
        return self.aside._read(self.at, self.size)  # one thing in two parts

    def array(self, dtype: Any) -> NDArray[Any]:
        """Return the bytes as a flat array that may not be written to (取回数组)."""
        return np.frombuffer(self.bytes(), dtype)


@contextmanager
def _room() -> Iterator[None]:
    """Say what to do if there is no room for temporary files."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        folder = tempfile.gettempdir()
        raise ShuibaoError(
            f"临时文件夹 {folder} 的磁盘已满，中间结果放不下；请清理磁盘，或把环境变量 TMPDIR 指向有空间的文件夹后重新运行。",
            f"the disk of the folder for temporary files, {folder}, is full; free some space, or let the environment"
            " variable TMPDIR name a folder that has some, and run again.",
        ) from error
