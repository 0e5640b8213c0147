"""Region folders of delimitations (划定文件夹): one is put in the place of another, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path


def put_in_place(folder: Path, fresh: Path) -> None:
    """
    Put a folder in the place of another (换上新文件夹).

    Parameters
    ----------
    folder : Path
        The one in use.
    fresh : Path
        Whole; beside it. It is gone afterwards.
    """
    before = _before(folder)
    shutil.rmtree(before, ignore_errors=True)
    folder.rename(before)
    fresh.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def recover(folder: Path) -> None:
    """
    Put a folder back where a program died while another was put in its place (恢复文件夹).

    Parameters
    ----------
    folder : Path
        The one in use.
    """
    before = _before(folder)
    if not folder.exists() and before.exists():
        before.rename(folder)


def carry_over(old: Path, fresh: Path) -> None:
    """
    Copy the files of a folder that another has not (并入旧文件).

    Parameters
    ----------
    old, fresh : Path
        Nothing that is in ``fresh`` is written over.
    """
    for path in sorted(old.rglob("*")):
        wanted = fresh / path.relative_to(old)
        if path.is_file() and not wanted.exists():
            wanted.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, wanted)


def _before(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.before")
