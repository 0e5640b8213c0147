"""Unpacking an uploaded archive (解压): what is no honest archive is refused before anything of it is written."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

MEMBERS, UNPACKED, RATIO = 2000, 12 * 2**30, 200
"""Members of an archive, bytes of all unpacked, and unpacked over packed, that are still believed (chosen)."""
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
"""Parts of a shapefile; all but the last must be there."""
IMAGES = (".tif", ".tiff")


class Refused(Exception):  # noqa: N818 - a refusal is no error of the program
    """The file is not what it should be (资料不可用)."""


def unpacked(archive: Path, folder: Path, form: str) -> Path:
    """
    Unpack the one layer of an archive, under names of our own (解压).

    Parameters
    ----------
    archive : Path
        What was uploaded.
    folder : Path
        Where to.
    form : {"raster", "vector"}
        What it should hold.

    Returns
    -------
    Path
        The raster, or the ``.shp``.

    Raises
    ------
    Refused
        If the archive is broken, not honest, or holds no such layer or several.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir()]
            check_members(members, archive.stat().st_size)
            stem = _layer(members, form)
            wanted = PARTS if form == "vector" else (stem.suffix.lower(),)
            for member in members:
                name = PurePosixPath(member.filename)
                if name.parent == stem.parent and name.stem == stem.stem and name.suffix.lower() in wanted:
                    _unpack(opened, member, folder / f"layer{name.suffix.lower()}")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as broken:
        raise Refused("压缩包损坏、加了密码或压缩方式不受支持；请用普通 ZIP 重新打包。") from broken
    lost = [part for part in PARTS[:4] if form == "vector" and not (folder / f"layer{part}").exists()]
    if lost:
        told = "shapefile 须含 .shp、.shx、.dbf、.prj 四个部分，请补齐后重新打包。"
        raise Refused(f"压缩包里缺 {'、'.join(lost)}；{told}")
    return folder / f"layer{stem.suffix.lower()}"


def _layer(members: list[zipfile.ZipInfo], form: str) -> PurePosixPath:
    """Return the name of the one layer of an archive."""
    heads = (".shp",) if form == "vector" else IMAGES
    names = [PurePosixPath(m.filename) for m in members]
    found = [n for n in names if n.suffix.lower() in heads and not n.name.startswith((".", "__"))]
    if len(found) != 1:
        raise Refused(f"压缩包里应恰有一个 {' 或 '.join(heads)} 文件，现有 {len(found)} 个；请只打包一个图层。")
    return found[0]


def _unpack(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Write one member."""
    with opened.open(member) as packed, path.open("wb") as out:
        while chunk := packed.read(2**20):
            out.write(chunk)


def check_members(members: list[zipfile.ZipInfo], packed: int) -> None:
    """Refuse archives that are no honest ones, before anything is unpacked."""
    total = sum(m.file_size for m in members)
    if len(members) > MEMBERS or total > UNPACKED or total > RATIO * max(packed, 1):
        raise Refused(f"压缩包展开后过大（{len(members)} 个文件，{total / 2**20:.0f} MB）；请只打包需要的文件。")
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or (member.external_attr >> 16) & 0o170000 == 0o120000:
            raise Refused(f"压缩包含有不安全的路径“{member.filename[:80]}”；请重新打包。")
