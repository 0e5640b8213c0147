"""A package opened without trusting it: folder, archive or single file (打开成果包)."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from shuibao.delimitation.acceptance.fault import Ledger, Words
from shuibao.ground.files import is_full
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules

DEEPEST = 2
"""Archives inside archives: a package may be one, and holds zipped shapefiles."""

CHUNK = 1 << 20

Files = dict[str, Path]
"""Where each file of the package lies, by its name in the package."""


@dataclass(frozen=True)
class Opened:
    """
    A package that was opened (打开的成果包).

    Parameters
    ----------
    files : dict of str to Path
        Every plain file by its name in the package; of archives, what they hold, as ``a.zip/b.shp``.
    whole : dict of str to Path
        Every file as it stands in the package, archives included, for checksums.
    """

    files: Files
    whole: Files


@dataclass(frozen=True)
class _Bounds:
    """How large an archive may be."""

    size: float
    ratio: float
    files: int


@contextmanager
def opened(path: Path, rules: Rules, ledger: Ledger) -> Iterator[Opened]:
    """
    Give the files of a package by name; archives are unpacked into a folder that is removed afterwards (打开成果包).

    Parameters
    ----------
    path : Path
        Folder, ``.zip``, or one file; a ``.shp`` brings the files beside it.
    rules : Rules
        Rule packs in force; how large an archive may be.
    ledger : Ledger
        What is unsafe or cannot be read is noted here and left out.

    Raises
    ------
    CallError
        If there is no such file or folder.
    """
    if not path.exists():
        raise CallError(
            f"成果包不存在：{path}；请给出文件夹、.zip、.gpkg、.shp、.parquet 或 .geojson。",
            f"there is no package {path}; give a folder, .zip, .gpkg, .shp, .parquet or .geojson.",
        )
    bounds = _Bounds(
        rules.value("zone_acceptance.archive_size"), rules.value("zone_acceptance.archive_ratio"),
        rules.value("zone_acceptance.archive_files"),
    )  # fmt: skip
    with TemporaryDirectory(prefix="shuibao-package-") as scratch:
        unpacker = _Unpacker(Path(scratch), bounds, ledger)
        if path.is_dir():
            files = _listed(path, ledger)
        elif path.suffix.lower() == ".zip":
            files = unpacker.unpack(path, path.name, prefix="")
        else:
            files = _siblings(path)
        yield Opened(dict(sorted(_without_archives(files, unpacker).items())), files)


def _listed(folder: Path, ledger: Ledger) -> Files:
    """Return the files below a folder that are in it and not elsewhere."""
    files = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink():
            found = ("是指向别处的链接", "it is a link to somewhere else")
            ledger.file("files-unsafe", name, found, _INSIDE)
        elif file.is_file() and not any(part.startswith(".") for part in PurePosixPath(name).parts):
            files[name] = file
    return files


def _siblings(path: Path) -> Files:
    """Return a file, and the files of its name where it is a shapefile."""
    if path.suffix.lower() != ".shp":
        return {path.name: path}
    return {file.name: file for file in path.parent.iterdir() if file.is_file() and file.stem == path.stem}


def _without_archives(files: Files, unpacker: _Unpacker) -> Files:
    """Return the files with each archive replaced by what it holds."""
    plain: Files = {}
    for name, file in files.items():
        if file.suffix.lower() == ".zip":
            plain |= unpacker.unpack(file, name, prefix=f"{name}/")
        else:
            plain[name] = file
    return plain


_INSIDE: Words = ("只收包内的普通文件", "plain files inside the package only")


class _Unpacker:
    """Unpacks archives into numbered folders, as far as their bounds go."""

    def __init__(self, scratch: Path, bounds: _Bounds, ledger: Ledger) -> None:
        self.scratch, self.bounds, self.ledger = scratch, bounds, ledger
        self.room, self.number = float(bounds.size), 0

    def unpack(self, archive: Path, name: str, prefix: str) -> Files:
        """Return the files of one archive; those that are refused are noted."""
        self.number += 1
        target = self.scratch / str(self.number)
        files: Files = {}
        try:
            with zipfile.ZipFile(archive) as opened_archive:
                members = [m for m in opened_archive.infolist() if not m.is_dir()]
                if len(members) > self.bounds.files:
                    found = (f"内有 {len(members)} 个文件", f"it holds {len(members)} files")
                    allowed = (f"不超过 {self.bounds.files} 个", f"{self.bounds.files} at most")
                    self.ledger.file("files-unsafe", name, found, allowed)
                    return {}
                for k, member in enumerate(members):
                    inner = _name_of(member)
                    if self._refused(member, prefix + inner, deep=prefix.count(".zip/")):
                        continue
                    out = target / str(k) / PurePosixPath(inner).name
                    if self._copy(opened_archive, member, out, prefix + inner):
                        files[prefix + inner] = out
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
            _refuse_full(error, self.scratch)
            self.ledger.file("files-unreadable", name, _broken(error))
        return _together(files, target)

    def _refused(self, member: zipfile.ZipInfo, name: str, deep: int) -> bool:
        """Note and tell whether a member may not be unpacked."""
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or ":" in name or "\0" in name:
            self.ledger.file("files-unsafe", name, ("路径指到包外", "its path leads out of the package"), _INSIDE)
        elif stat.S_ISLNK(member.external_attr >> 16):
            self.ledger.file("files-unsafe", name, ("是指向别处的链接", "it is a link to somewhere else"), _INSIDE)
        elif member.flag_bits & 1:
            self.ledger.file("files-unreadable", name, ("加了密码", "it is encrypted"))
        elif deep >= DEEPEST - 1 and name.lower().endswith(".zip"):
            found = ("压缩包套了多层", "archives inside archives inside archives")
            self.ledger.file("files-unsafe", name, found, (f"不超过 {DEEPEST} 层", f"{DEEPEST} levels at most"))
        elif member.file_size > self.bounds.ratio * max(member.compress_size, 1) or member.file_size > self.room:
            self._too_large(name, member.file_size)
        else:
            return any(part.startswith((".", "__MACOSX")) for part in parts)
        return True

    def _too_large(self, name: str, size: int) -> None:
        found = (f"展开后有 {size} 字节", f"it unpacks to {size} bytes")
        allowed = (
            f"压缩比不超过 {self.bounds.ratio}，共不超过 {self.bounds.size:.0f} 字节",
            f"a ratio of {self.bounds.ratio} and {self.bounds.size:.0f} bytes in all at most",
        )
        self.ledger.file("files-unsafe", name, found, allowed)

    def _copy(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, out: Path, name: str) -> bool:
        """Unpack one member, never more than the archive says that it holds."""
        out.parent.mkdir(parents=True, exist_ok=True)
        left = member.file_size
        try:
            with archive.open(member) as source, out.open("wb") as sink:
                while chunk := source.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        self._too_large(name, member.file_size - left)
                        return False
                    sink.write(chunk)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
            _refuse_full(error, self.scratch)
            self.ledger.file("files-unreadable", name, _broken(error))
            return False
        self.room -= member.file_size
        return True


def _refuse_full(error: BaseException, scratch: Path) -> None:
    """Say that there is no room to unpack to, which is no fault of the package."""
    if is_full(error):
        raise ShuibaoError(
            f"临时文件夹 {scratch.parent} 所在的磁盘已满，成果包没有解开；请清理磁盘，或用环境变量 TMPDIR 指到别处。",
            f"the disk of the temporary folder {scratch.parent} is full and the package was not unpacked; free some space, or"
            " set TMPDIR to another place.",
        ) from error


def _together(files: Files, target: Path) -> Files:
    """Move files of one folder of the archive into one folder of the disk: parts of a shapefile lie side by side."""
    moved: Files = {}
    folders: dict[str, Path] = {}
    for name, file in files.items():
        folder = folders.setdefault(str(PurePosixPath(name).parent), target / f"f{len(folders)}")
        folder.mkdir(parents=True, exist_ok=True)
        moved[name] = file.rename(folder / file.name)
    return moved


def _name_of(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; names without the mark of UTF-8 are often GBK, as Windows writes them."""
    name = member.filename.replace("\\", "/")
    if member.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode("gbk")
    except UnicodeError:
        return name


def _broken(error: BaseException) -> Words:
    words = " ".join(str(error).split()) or type(error).__name__
    return f"读不了（{words}）", f"it cannot be read ({words})"
