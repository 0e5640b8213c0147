"""
Keeping memory between tiles (内存保持).

Tiles take and return the same large arrays again and again. The C library returns them to the system each time, and
threads then wait for one another while pages are mapped anew: on two processors that costs a third of the time.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8  # names of glibc's mallopt(3)
_KEPT = 2**31 - 1
_PAD = 256 * 2**20


def keep_memory() -> bool:
    """
    Ask the C library to keep freed memory for this process; call it once, before threads begin (保持内存).

    Only programs call this, not the library: it changes the whole process. Where the C library is not glibc nothing
    happens.

    Returns
    -------
    bool
        Whether it was done.
    """
    library = _glibc()
    if library is None:
        return False
    settings = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _KEPT), (_TRIM_THRESHOLD, _KEPT), (_TOP_PAD, _PAD))
    return all(library.mallopt(name, value) == 1 for name, value in settings)


def release_memory() -> bool:
    """
    Give freed memory back to the system, when the tiles are done and what follows needs it (归还内存).

    Returns
    -------
    bool
        Whether there was something to give back.
    """
    library = _glibc()
    return library is not None and library.malloc_trim(0) == 1


def _glibc() -> Any:
    """Return the C library if it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(None)
        return library if library.mallopt and library.malloc_trim else None
    except (AttributeError, OSError):
        return None
