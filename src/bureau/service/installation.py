"""What and where an installation is (安装): a desk of one's own, or a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from bureau.service.cluster import PrivateCluster

DESK, SERVER, TESTING = "desk", "production", "testing"
REGION_FOLDERS = ("commissions", "delimitations", "demonstration")
"""Folders of region folders, beside that of files."""
SUFFIX = ".bureau"
"""How backups are named."""


def kind() -> str:
    """Return ``desk``, ``production`` or ``testing``, by the settings in force (安装类型)."""
    return str(settings.SETTINGS_MODULE).rsplit(".", 1)[-1]


def media_folder() -> Path:
    """Return the folder of uploads, rasters and photographs (文件目录)."""
    return Path(settings.MEDIA_ROOT)


def kept_folders() -> dict[str, Path]:
    """
    Return the folders of an installation that hold what cannot be made again, by their name in a backup (要备份的目录).

    Uploads, evidence, photographs and rasters; region folders of commissions, with what was computed; those of
    delimitations, with the record of every act; the ones of the demonstration, which delimitations may come from.
    """
    home = Path(settings.HOME)
    return {"media": media_folder(), **{name: home / name for name in REGION_FOLDERS}}


def backups_folder() -> Path:
    """Return the folder of backups (备份目录)."""
    return Path(getattr(settings, "BACKUPS", settings.HOME / "backups"))


def latest_backup() -> Path | None:
    """Return the newest backup in the folder of backups (最近备份)."""
    folder = backups_folder()
    found = [path for path in folder.glob(f"*{SUFFIX}") if path.is_file()] if folder.is_dir() else []
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


@contextmanager
def database_at_hand() -> Iterator[None]:
    """On a desk whose cluster rests, start it, and let it rest again afterwards (临时启动数据库)."""
    cluster = PrivateCluster(settings.HOME / "cluster")
    rests = kind() == DESK and not cluster.running()
    if rests:
        cluster.start()
        cluster.make_database("bureau")
    try:
        yield
    finally:
        if rests:
            from django.db import connection

            connection.close()
            cluster.stop()
