"""
Files that are kept (存放文件): whole or not at all, most of them under the hash of what they hold.

The same contents are kept once. Whoever is killed while writing leaves a file of another name, which nobody takes for one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings


def stored(name: str) -> Path:
    """
    Return where a file of the media folder is (存放路径).

    Parameters
    ----------
    name : str
        As it is kept in the database.
    """
    return Path(settings.MEDIA_ROOT) / name


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """
    Yield where to write a file that is to be at a place: it is there when all of it is on the disk (整份写入).

    Parameters
    ----------
    place : Path
        What was there before is there until then, and stays if anything is raised.

    Yields
    ------
    Path
        In the same folder, of another name; nothing remains of it.

    Raises
    ------
    OSError
        If the disk is full or may not be written to.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{place.name}.{uuid.uuid4().hex[:12]}.unfinished")
    try:
        yield unfinished
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(place)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def is_whole(place: Path, size: int) -> bool:
    """
    Return whether a file is at a place with all its bytes, also while somebody else takes it away (是否完整).

    Parameters
    ----------
    place : Path
    size : int
        Bytes that it should have.
    """
    try:
        return place.stat().st_size == size
    except FileNotFoundError:
        return False


def name_of(folder: str, sha256: str, ending: str) -> str:
    """
    Return the name that contents of a hash have in the media folder (按校验和命名).

    Parameters
    ----------
    folder : str
        Which of its folders.
    sha256 : str
    ending : str
        What the name ends in, with its dot.

    Examples
    --------
    >>> name_of("evidence", "ab12", ".pdf")
    'evidence/ab/ab12.pdf'
    """
    return f"{folder}/{sha256[:2]}/{sha256}{ending}"


def keep(folder: str, contents: bytes, ending: str) -> tuple[str, str]:
    """
    Keep some contents in the media folder (存放内容).

    Parameters
    ----------
    folder : str
        Which of its folders.
    contents : bytes
    ending : str
        What the name ends in, with its dot.

    Returns
    -------
    path, sha256 : str
        Where it is in the media folder, and its checksum.

    Raises
    ------
    OSError
        If the disk is full or may not be written to; nothing remains then.
    """
    digest = hashlib.sha256(contents).hexdigest()
    path = name_of(folder, digest, ending)
    if not is_whole(stored(path), len(contents)):
        with whole(stored(path)) as unfinished:
            unfinished.write_bytes(contents)
    return path, digest


def keep_file(folder: str, made: Path, ending: str) -> tuple[str, str]:
    """
    Move a file that was made into the media folder, as :func:`keep` keeps contents (存放文件).

    Raises
    ------
    OSError
        If the disk is full or may not be written to.
    """
    with made.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    path = name_of(folder, digest, ending)
    put(made, path)
    return path, digest


def put(made: Path, name: str) -> None:
    """
    Move a file to where it is kept (移入).

    Parameters
    ----------
    made : Path
    name : str
        In the media folder.

    Raises
    ------
    OSError
        If the disk is full or may not be written to.
    """
    with whole(stored(name)) as unfinished:
        shutil.move(made, unfinished)
