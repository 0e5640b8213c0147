"""What and where an installation is (安装): a desk of one's own, or a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from bureau.service.cluster import PrivateCluster

DESK, SERVER, TESTING = "desk", "production", "testing"
SUFFIX = ".bureau"
"""How backups are named."""


def kind() -> str:
    """Return ``desk``, ``production`` or ``testing``, by the settings in force (安装类型)."""
    return str(settings.SETTINGS_MODULE).rsplit(".", 1)[-1]


def media_folder() -> Path:
    """Return the folder of uploads, rasters and photographs (文件目录)."""
    return Path(settings.MEDIA_ROOT)


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
