"""One hand at a time on a theme's zones (划定锁)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shuibao.delimitation.folder import theme_folder
from shuibao.messages import ShuibaoError
from shuibao.survey.locking import lock_of


@contextmanager
def locked_zones(region_folder: Path, theme: str) -> Iterator[Path]:
    """
    Refuse a second command that writes a theme's zones while one is under way on this machine (独占写入).

    The lock lies outside the folder and goes with the process that holds it, however that ends.

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.

    Yields
    ------
    Path
        The theme's folder.

    Raises
    ------
    ShuibaoError
        If another process writes these zones.
    """
    folder = theme_folder(region_folder, theme)
    descriptor = os.open(lock_of(folder), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ShuibaoError(
                f"{folder} 正由另一个 shuibao zones 命令修改；请等它结束再运行，这一类没有写入任何内容。",
                f"another shuibao zones command is changing {folder}; wait for it to end: nothing of this theme was written.",
            ) from error
        yield folder
    finally:
        os.close(descriptor)
