"""Files that appear under their name only when they are whole (先写临时文件，写完再改名)."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shuibao.messages import ShuibaoError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


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
        If the disk is full; the temporary file is removed and an earlier file is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.{threading.get_ident():x}.tmp{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        if error.errno in _FULL:
            raise ShuibaoError(
                f"磁盘已满，{path.name} 未写完（原有文件未动）；请清理磁盘后重新运行，已完成的部分不会重算。",
                f"the disk is full and {path.name} was not finished (an earlier file is untouched); free some space and "
                "run again: what is finished is not computed again.",
            ) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


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
