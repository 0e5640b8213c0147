"""Whether this machine has the compiled kernels yet (内核缓存)."""

from __future__ import annotations

from pathlib import Path


def kernels_are_cached() -> bool:
    """
    Tell whether the largest kernel has been compiled on this machine and kept on disk (内核是否已缓存).

    What cannot be found out counts as not compiled: the user is then told of a wait that may not come.
    """
    from shuibao.survey._kernels import land_pass

    cache = getattr(land_pass, "_cache", None)
    name = getattr(getattr(cache, "_impl", None), "filename_base", None)
    folder = getattr(cache, "cache_path", None)
    return bool(name and folder and any(Path(folder).glob(f"{name}*.nbc")))
