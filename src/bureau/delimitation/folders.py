"""Region folders of delimitations (划定文件夹): one is put in the place of another, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from bureau.delimitation.models import Delimitation
from shuibao.messages import ShuibaoError


def present(delimitation: Delimitation) -> None:
    """
    Hold that the region folder of a delimitation is there (划定文件夹是否在).

    Parameters
    ----------
    delimitation : Delimitation

    Raises
    ------
    ShuibaoError
        If it is gone: what that means, and what to do.
    """
    recover(delimitation.folder)
    if not (delimitation.folder / "region.toml").is_file():
        raise ShuibaoError(
            f"划定第 {delimitation.pk} 号的文件夹不在服务器上（多半是恢复时没有带上，或被移走）：各版图层与记录都在其中，"
            "现在不能比较版本、导出或继续办理；页面上的现行区域仍可查看。请告知运维人员，从备份恢复这个文件夹，不要重新划定。",
            f"the folder of delimitation {delimitation.pk} is missing; restore it from a backup.",
        )


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
