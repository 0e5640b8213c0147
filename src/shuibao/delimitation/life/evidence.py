"""What an edit or an answer rests on: files that are kept as they were (依据材料)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shuibao.ground.files import renamed, sha256_of
from shuibao.messages import CallError

FOLDER = "evidence"
"""Where they are kept, within the theme's folder, each under the hash of its bytes."""


def attached(folder: Path, files: Sequence[Path]) -> list[dict[str, Any]]:
    """
    Copy files to where they are kept, and return what a record says of them (附材料).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    files : sequence of Path
        Photographs, minutes, letters.

    Returns
    -------
    list of dict
        ``name``, ``sha256``, ``bytes`` and ``file``, within the theme's folder.

    Raises
    ------
    CallError
        If one does not exist or is a folder.
    """
    missing = [path for path in files if not path.is_file()]
    if missing:
        names = "、".join(str(path) for path in missing)
        raise CallError(
            f"附件不存在或不是文件：{names}；请核对路径。",
            f"these are no files: {', '.join(str(path) for path in missing)}; check the paths.",
        )
    return [_kept(folder, path) for path in files]


def _kept(folder: Path, path: Path) -> dict[str, Any]:
    sha256 = sha256_of(path)
    safe = re.sub(r"[^\w.\-]", "_", path.name)
    target = folder / FOLDER / f"{sha256[:16]}-{safe}"
    if not target.exists() or sha256_of(target) != sha256:
        with renamed(target) as temporary:
            shutil.copyfile(path, temporary)
    return {"name": path.name, "sha256": sha256, "bytes": target.stat().st_size, "file": f"{FOLDER}/{target.name}"}


def altered(folder: Path, content: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """
    Yield the files of a record that are not as they were: name, and whether it is gone (查材料).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    content : mapping
        Content of the record.
    """
    for kept in [*content.get("evidence", []), *([content["source"]] if content.get("source") else [])]:
        path = folder / kept["file"]
        if not path.exists():
            yield kept["file"], True
        elif sha256_of(path) != kept["sha256"]:
            yield kept["file"], False
