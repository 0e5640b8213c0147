"""
Files that are kept by what they hold (按校验和存放): under the hash of their contents, whole or not at all.

The same contents are kept once. Whoever is killed while writing leaves a file of another name, which nobody takes for one.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from django.core.files.storage import default_storage


def keep(folder: str, contents: bytes, ending: str) -> tuple[str, str]:
    """
    Keep some contents in the media folder (存放文件).

    Parameters
    ----------
    folder : str
        Which of its folders.
    contents : bytes
    ending : str
        What the name ends in, with its dot.

    Returns
    -------
    path, sha256 : str
        Where it is in the media folder, and its checksum.

    Raises
    ------
    OSError
        If the disk is full or may not be written to; nothing remains then.
    """
    digest = hashlib.sha256(contents).hexdigest()
    path = f"{folder}/{digest[:2]}/{digest}{ending}"
    place = Path(default_storage.path(path))
    if place.is_file() and place.stat().st_size == len(contents):
        return path, digest
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{digest}.{uuid.uuid4().hex[:12]}.unfinished")
    try:
        unfinished.write_bytes(contents)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
    return path, digest
