"""Memory that the process holds though nothing is in it (内存归还)."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

Result = TypeVar("Result")


def give_back() -> None:
    """
    Give memory that was freed back to the system (归还内存).

    Notes
    -----
    The allocator of Linux keeps what threads have freed, some hundreds of megabytes after work on many tiles. Elsewhere
    this does nothing.

    Examples
    --------
    >>> give_back()
    """
    trim = _trim()
    if trim is not None:
        trim(0)


def giving_back(results: Iterable[Result], every: int = 4) -> Iterator[Result]:
    """
    Yield results, and give memory back after some of them and at the end (分批归还).

    Parameters
    ----------
    results : iterable
        What is yielded.
    every : int
        After how many memory is given back.

    Examples
    --------
    >>> list(giving_back([1, 2, 3], every=2))
    [1, 2, 3]
    """
    for number, result in enumerate(results, 1):
        yield result
        if number % every == 0:
            give_back()
    give_back()


@cache
def _trim() -> Any:
    """Return what glibc gives memory back with; None without glibc."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
