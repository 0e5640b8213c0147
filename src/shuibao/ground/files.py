"""Files that appear under their name only when they are whole (先写临时文件，写完再改名)."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from shuibao.messages import ShuibaoError

DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Errors that say there is no more room."""
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}

DISK_FULL_WORDS = (
    "no space left", "file too large", "quota exceeded", "disk is full", "disk i/o error", "write failed", "write error",
    "failed to commit", "sqlite3_exec", " requested and ",
)  # fmt: skip
"""What GDAL and SQLite say when the disk is full: they give no error number."""

_TEMPORARY = re.compile(r"\..*\.(\d+)\.[0-9a-f]{12}\.tmp")
"""How :func:`renamed` names what is not finished, with the number of the process."""


@contextmanager
def renamed(path: Path) -> Iterator[Path]:
    """
    Give a temporary name to write to, and rename it when the block ends well (原子写出).

    Parameters
    ----------
    path : Path
        The name that the finished file shall have.

    Raises
    ------
    ShuibaoError
        If the disk is full or may not be written to; the temporary file is removed and an earlier file is left as it was.

    Notes
    -----
    A process that is killed leaves its temporary file, hidden, beside the finished ones. The next process that writes to
    the folder removes it.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.{uuid.uuid4().hex[:12]}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK | os.X_OK):  # before GDAL tries: it gives no error number
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path.parent))
        _sweep(path.parent.absolute())
        yield temporary
        temporary.replace(path)
    except ShuibaoError:
        raise
    except Exception as error:
        if is_full(error):
            raise ShuibaoError(
                f"磁盘已满，{path.name} 未写完（原有文件未动）；请清理磁盘后重新运行，已完成的部分不会重算。",
                f"the disk is full and {path.name} was not finished (an earlier file is untouched); free some space and "
                "run again: what is finished is not computed again.",
            ) from error
        if isinstance(error, OSError) and error.errno in _FORBIDDEN:
            raise ShuibaoError(
                f"没有写 {path.name} 的权限（{path.parent}）；请修改文件夹权限，或把区域文件夹放到可写的地方。",
                f"{path.name} may not be written (in {path.parent}); change the folder's permissions or move the region folder.",
            ) from error
        raise
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)


def is_full(error: BaseException) -> bool:
    """
    Tell whether an error, or one it came from, says that the disk is full (是否磁盘已满).

    Parameters
    ----------
    error : BaseException
        What was raised while writing.

    Examples
    --------
    >>> is_full(OSError(errno.ENOSPC, "No space left on device")), is_full(OSError(errno.ENOENT, "no such file"))
    (True, False)
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in DISK_FULL:
            return True
        if any(word in str(seen).lower() for word in DISK_FULL_WORDS):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def remove_unfinished(folder: Path) -> None:
    """
    Remove what :func:`renamed` left in a folder when a process was killed (清理未写完的文件).

    Parameters
    ----------
    folder : Path
        Folder to look in, not below it.
    """
    for left in folder.glob(".*.tmp*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


@cache  # a folder of a thousand tiles is looked through once
def _sweep(folder: Path) -> None:
    """Remove what processes that are no more left unfinished in a folder, and nothing else."""
    for left in list(folder.iterdir()):
        found = _TEMPORARY.match(left.name)
        if found is None or _is_alive(int(found[1])):
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with suppress(OSError):  # another process was quicker, or it is another user's
                left.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def sha256_of(path: Path) -> str:
    """
    Return the SHA-256 of a file's bytes (校验和).

    Parameters
    ----------
    path : Path
        File to read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as f:
    ...     sha256_of(Path(f.name))[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
