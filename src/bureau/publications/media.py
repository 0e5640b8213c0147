"""Files of publications in the media folder, named by what they hold (成果文件)."""

from __future__ import annotations

import shutil
from pathlib import Path

from bureau.kept_files import is_whole, name_of, stored, whole
from bureau.publications.models import Raster
from bureau.refusal import Refusal
from shuibao.ground.files import sha256_of


def raster_path(raster: Raster) -> Path:
    """
    Return where a raster is (栅格路径).

    Parameters
    ----------
    raster : Raster
    """
    return path_of(raster.sha256)


def path_of(sha256: str) -> Path:
    """
    Return where a raster of a hash is kept (按校验和存放).

    Parameters
    ----------
    sha256 : str
    """
    return stored(name_of("rasters", sha256, ".tif"))


def keep(path: Path, sha256: str) -> Path:
    """
    Copy a raster into the media folder, whole or not at all (栅格入库).

    Parameters
    ----------
    path : Path
        The product.
    sha256 : str
        What it was read as.

    Raises
    ------
    Refusal
        If it changed since, or the disk is full.
    """
    kept = path_of(sha256)
    if is_whole(kept, path.stat().st_size):
        return kept
    try:
        with whole(kept) as unfinished:
            shutil.copyfile(path, unfinished)
            if sha256_of(unfinished) != sha256:
                raise Refusal("products-changed", f"{path.name} 在发布过程中被改动；请重新发布。")
    except OSError as full:
        raise Refusal("disk", f"栅格 {path.name} 写不进成果目录（{full.strerror}）；请腾出空间后重新发布。") from full
    return kept
