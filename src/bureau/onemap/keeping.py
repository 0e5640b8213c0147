"""
Tiles kept on disk (瓦片缓存), by what they are known by; the folder may be emptied at any time.

What a tile shows never changes: a publication is never changed, and whose eyes it is for is part of its name.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from django.conf import settings


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """
    Return a tile that was made before, or make it now and keep it (取瓦片).

    Parameters
    ----------
    name : str
        Its ETag, hexadecimal digits.
    make : callable
        Makes it; nothing where it is empty.
    """
    path = Path(settings.MEDIA_ROOT) / "tiles" / name[:2] / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        content = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return content
