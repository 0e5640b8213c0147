"""The archive of a backup (备份文件): its manifest, and how it is read without trusting it."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bureau.service.installation import REGION_FOLDERS
from shuibao.messages import ShuibaoError

FORMAT, FORMATS = 2, (1, 2)
"""The first held the folder of files alone."""
MANIFEST, DUMP = "manifest.json", "database.dump"
FOLDERS = ("media", *REGION_FOLDERS)
BLOCK = 2**20
EXTENSION = re.compile(r"[a-z][a-z0-9_]*")
"""How extensions are named; the names become SQL."""


@dataclass
class Manifest:
    """
    What an archive holds (备份清单).

    Attributes
    ----------
    made : str
        When, ISO 8601.
    database : str
        Versions of PostgreSQL and PostGIS.
    rows : dict
        Rows of each table.
    members : dict
        SHA-256 of each member.
    extensions : list of str
        Extensions that the database had.
    """

    made: str
    database: str
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    extensions: list[str] = field(default_factory=list)
    format: int = FORMAT

    def as_dict(self) -> dict[str, Any]:
        """Return it for writing (字典)."""
        return asdict(self)

    @property
    def files(self) -> int:
        """Return how many files there are beside the database (文件数)."""
        return sum(name.partition("/")[0] in FOLDERS for name in self.members)


def sha256_of(source: IO[bytes], digest: Any, out: IO[bytes] | None = None) -> str:
    """Return the checksum of what is read, and copy it on the way (校验和)."""
    while block := source.read(BLOCK):
        digest.update(block)
        if out is not None:
            out.write(block)
    return str(digest.hexdigest())


class Hashing(io.RawIOBase):
    """A file that is hashed while somebody else reads it (边读边校验)."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        block = self.source.read(size)
        self.digest.update(block)
        return block


def add_file(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file; return its checksum, of the very bytes that were added (加入文件)."""
    with path.open("rb") as source:
        info = archive.gettarinfo(arcname=name, fileobj=source)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        hashing = Hashing(source)
        archive.addfile(info, hashing)
        return hashing.digest.hexdigest()


def add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    """Add a text (加入文本)."""
    data = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))


def read_manifest(path: Path) -> Manifest:
    """
    Return the manifest of an archive, every member of which is as it says (核对备份).

    Raises
    ------
    ShuibaoError
        If it is no backup, of another format, cut short, or a member was changed.
    """
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(path, "r:") as archive:
            for info in archive:
                source = archive.extractfile(info) if info.isreg() else None
                if source is None or not _safe(info.name) or info.name in found:
                    raise broken(path, f"含有不该有的项 {info.name!r}", f"holds what it should not, {info.name!r}")
                if info.name == MANIFEST:
                    manifest = Manifest(**json.load(source))
                else:
                    found[info.name] = sha256_of(source, hashlib.sha256())
    except (tarfile.TarError, EOFError, json.JSONDecodeError, UnicodeDecodeError, TypeError) as torn:
        raise broken(path, "不是备份文件，或不完整", "is no backup, or not all of it") from torn
    except OSError as closed:
        raise ShuibaoError(
            f"读不了 {path}：{closed.strerror}。", f"{path} cannot be read: {closed.strerror}."
        ) from closed
    words = manifest is None or all(EXTENSION.fullmatch(str(name)) for name in manifest.extensions)
    if manifest is None or manifest.format not in FORMATS or DUMP not in manifest.members or not words:
        raise broken(path, "没有清单，或格式不是本版本的", "has no manifest, or one of another version")
    if found != manifest.members:
        wrong = sorted(name for name in {*found, *manifest.members} if found.get(name) != manifest.members.get(name))
        raise broken(
            path,
            f"有 {len(wrong)} 项与清单不符（{wrong[0]}）",
            f"differs from its manifest in {len(wrong)} members ({wrong[0]})",
        )
    return manifest


def _safe(name: str) -> bool:
    """Return whether a member lies where members lie: no way out of the folder."""
    path = PurePosixPath(name)
    inside = path.parts[0] in FOLDERS and len(path.parts) > 1 if path.parts else False
    return not path.is_absolute() and ".." not in path.parts and (name in (MANIFEST, DUMP) or inside)


def broken(path: Path, zh: str, en: str) -> ShuibaoError:
    """Return the refusal of an archive (备份不可用)."""
    return ShuibaoError(
        f"{path} {zh}；没有改动任何数据，请换一份备份。", f"{path} {en}; nothing was touched, take another backup."
    )


def extract(path: Path, folder: Path) -> None:
    """
    Extract an archive that :func:`read_manifest` has read into an empty folder (解包).

    Parameters
    ----------
    path, folder : Path
    """
    with tarfile.open(path, "r:") as archive:
        for info in archive:
            source = archive.extractfile(info)
            if source is None or not _safe(info.name):
                raise broken(path, "在读取之间被改动", "was changed between two readings")
            target = folder / info.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                sha256_of(source, hashlib.sha256(), out)
            target.chmod(0o600)
