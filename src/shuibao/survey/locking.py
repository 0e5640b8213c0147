"""One run at a time in a region folder (运行锁)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shuibao.messages import ShuibaoError
from shuibao.survey.region import Region


@contextmanager
def alone(region: Region) -> Iterator[None]:
    """
    Refuse a second run in a region folder while one is under way on this machine (独占运行).

    The lock lies outside the folder and goes with the process that holds it, however that ends.

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If another process runs in it.
    """
    path = lock_of(region.folder)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ShuibaoError(
                f"{region.folder} 正在由另一个 shuibao run 计算；请等它结束再运行。",
                f"another shuibao run is at work in {region.folder}; wait for it to end.",
            ) from error
        yield
    finally:
        os.close(descriptor)


def lock_of(folder: Path) -> Path:
    """
    Return the lock file of a folder: one for each user, in the folder for temporary files (锁文件).

    Parameters
    ----------
    folder : Path
        The region folder.
    """
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"shuibao-{os.getuid()}-{name}.lock"
