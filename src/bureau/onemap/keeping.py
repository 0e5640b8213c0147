"""
Tiles kept on disk (瓦片缓存), by what they are known by; the folder may be emptied at any time.

What a tile shows never changes: a publication is never changed, and whose eyes it is for is part of its name. The folder
has a greatest size: the tiles that nobody looked at for longest go first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bureau.kept_files import stored, whole

SEEN_AGAIN = 86_400.0
"""How exactly it is kept when a tile was looked at last, seconds (chosen: not a write for each look)."""
ABANDONED = 3600.0
"""Seconds after which a tile that somebody began to write is taken for given up."""
ROOM = 0.8
"""To how much of the greatest size the folder is pruned (chosen)."""


def folder() -> Path:
    """Return the folder of tiles (瓦片目录)."""
    return stored("tiles")


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """
    Return a tile that was made before, or make it now and keep it (取瓦片); if the disk is full, it is not kept.

    Parameters
    ----------
    name : str
        Its ETag, hexadecimal digits.
    make : callable
        Makes it; nothing where it is empty.
    """
    path = folder() / name[:2] / name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = make()
    else:
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > SEEN_AGAIN:
                os.utime(path)
        return content
    with suppress(OSError), whole(path) as unfinished:
        unfinished.write_bytes(content)
    return content


@dataclass(frozen=True)
class Size:
    """
    How much is kept (缓存大小).

    Attributes
    ----------
    tiles, bytes : int
    """

    tiles: int
    bytes: int


def _tiles() -> Iterator[os.DirEntry[str]]:
    """Yield the files of the folder."""
    with suppress(FileNotFoundError):
        for part in list(os.scandir(folder())):
            with suppress(FileNotFoundError, NotADirectoryError):
                yield from os.scandir(part.path)


def size() -> Size:
    """Return how much is kept (缓存大小)."""
    tiles = held = 0
    for one in _tiles():
        with suppress(FileNotFoundError):
            tiles, held = tiles + 1, held + one.stat().st_size
    return Size(tiles, held)


def prune(*, now: float, most: int) -> int:
    """
    Take away the tiles that nobody looked at for longest, if the folder is larger than it may be (清理瓦片).

    Parameters
    ----------
    now : float
        Seconds since 1970.
    most : int
        Bytes that the folder may hold.

    Returns
    -------
    int
        How many were taken away.
    """
    found = []
    gone = held = 0
    for one in _tiles():
        with suppress(FileNotFoundError):
            about = one.stat()
            if "." in one.name and now - about.st_mtime > ABANDONED:
                Path(one.path).unlink()
                gone += 1
                continue
            found.append((about.st_mtime, about.st_size, one.path))
            held += about.st_size
    if held <= most:
        return gone
    for _, length, path in sorted(found):
        if held <= ROOM * most:
            break
        with suppress(FileNotFoundError):
            Path(path).unlink()
            gone += 1
        held -= length
    return gone
