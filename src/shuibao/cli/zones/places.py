"""Where a command may write: never over what is there, nor among what the region folder keeps (输出位置)."""

from __future__ import annotations

from pathlib import Path

import typer

from shuibao.messages import CallError, say

FORCE = typer.Option(False, "--force", help=say("覆盖已有的文件。", "Replace what is there."))

KEPT = ("inputs", "products", "records", "zones")
"""Folders of a region folder that only its own steps write to (区域文件夹自用的文件夹)."""

FILES = (
    ".gpkg", ".shp", ".parquet", ".geojson", ".json", ".csv", ".xlsx", ".pdf", ".docx", ".html", ".rar", ".7z", ".tar", ".gz",
)  # fmt: skip
"""Endings that nobody gives to a folder."""


def refuse_place(out: Path, endings: tuple[str, ...], *, force: bool, folder: Path | None = None) -> None:
    """
    Refuse a file that may not be written: wrong ending, no folder, the region's own, or there already (检查输出文件).

    Parameters
    ----------
    out : Path
        The file to write.
    endings : tuple of str
        How its name may end, in small letters, as ``(".pdf",)``.
    force : bool
        Whether what is there may be replaced.
    folder : Path, optional
        The region folder, whose own folders are not written to.

    Raises
    ------
    CallError
        If it cannot be written to.
    """
    if out.suffix.lower() not in endings:
        raise CallError(
            f"{out} 应以 {' 或 '.join(endings)} 结尾；请改文件名。",
            f"{out} must end in {' or '.join(endings)}; use another name.",
        )
    _refuse_folder(out, folder)
    if out.is_dir():
        raise CallError(f"{out} 是文件夹；请给出文件名。", f"{out} is a folder; give the name of a file.")
    if out.exists() and not force:
        raise CallError(
            f"{out} 已存在；请换一个名字，或加 --force 覆盖。", f"{out} exists; use another name, or --force."
        )


def refuse_package_place(out: Path, *, folder: Path) -> None:
    """
    Refuse a place where a result package may not be put (检查成果包位置).

    Parameters
    ----------
    out : Path
        A name ending in ``.zip``, or a folder.
    folder : Path
        The region folder.

    Raises
    ------
    CallError
        If it is named as another kind of file, has no folder to lie in, or lies among what the region folder keeps.
    """
    if out.suffix.lower() in FILES and not out.is_dir():
        raise CallError(
            f"{out} 应以 .zip 结尾，或是要新建的文件夹；成果包里已有 GeoPackage、shapefile 与清单。",
            f"{out} must end in .zip, or be a folder to make; GeoPackage, shapefile and list are in the package.",
        )
    _refuse_folder(out, folder)


def _refuse_folder(out: Path, folder: Path | None) -> None:
    if not out.parent.is_dir():
        raise CallError(
            f"文件夹 {out.parent} 不存在；请先建好，或换一个路径。",
            f"there is no folder {out.parent}; make it, or choose another path.",
        )
    for name in KEPT if folder is not None else ():
        if folder is not None and out.resolve().is_relative_to((folder / name).resolve()):
            raise CallError(
                f"{out} 在区域文件夹自用的 {name} 中，--force 也不写；请写到别处。",
                f"{out} lies in {name}, which the region folder keeps for itself; --force does not write there either:"
                " choose another place.",
            )
