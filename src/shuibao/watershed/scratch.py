"""Where tiles leave what later passes need: arrays in files that appear when they are whole (中间结果)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.files import renamed
from shuibao.terrain.tiling import Lines, Ring

STAGES = {
    "land": ("rim", "flood", "filled", "code", "flats", "told", "heard", "crossed", "exits", "inflow"),
    "channels": ("channels",),
    "pieces": ("seeds", "met", "around", "painted", "piece"),
    "units": ("units",),
}
"""What is kept of each stage of the chain; every stage rests on those before it."""


@dataclass(frozen=True)
class Scratch:
    """
    A folder of arrays by name and tile (中间结果文件夹).

    Parameters
    ----------
    folder : Path
        The folder, for one ground. Workers on other machines must see it under the same path.
    """

    folder: Path

    def path(self, name: str, tile: int, suffix: str) -> Path:
        """Return the file of a tile (文件名)."""
        return self.folder / f"{name}-{tile}{suffix}"

    def has(self, name: str, tile: int) -> bool:
        """Tell whether the small arrays of a tile are there (是否已有)."""
        return self.path(name, tile, ".npz").exists()

    def keep(self, name: str, tile: int, **arrays: Any) -> Path:
        """Save small arrays of a tile and return their file (保存小数组)."""
        path = self.path(name, tile, ".npz")
        with renamed(path) as temporary:
            np.savez(temporary, **arrays)
        return path

    def kept(self, name: str, tile: int) -> dict[str, NDArray[Any]]:
        """Return the small arrays of a tile (读取小数组)."""
        with np.load(self.path(name, tile, ".npz"), allow_pickle=False) as file:
            return {key: file[key] for key in file.files}

    def put(self, name: str, tile: int, cells: NDArray[Any]) -> None:
        """Save the cells of a tile (保存栅格)."""
        with renamed(self.path(name, tile, ".npy")) as temporary:
            np.save(temporary, cells)

    def get(self, name: str, tile: int) -> NDArray[Any]:
        """Return the cells of a tile (读取栅格)."""
        cells: NDArray[Any] = np.load(self.path(name, tile, ".npy"), allow_pickle=False)
        return cells

    def serve(self, stage: str, key: str) -> None:
        """
        Remove what was kept of a stage, and of those after it, unless it was kept for the same key (核对用途).

        Parameters
        ----------
        stage : str
            One of :data:`STAGES`.
        key : str
            From :func:`key_of`: all that decides what the stage finds, besides the stages before it.
        """
        mark = self._mark(stage)
        if mark.exists() and mark.read_text(encoding="utf-8") == key:
            return
        later = list(STAGES)[list(STAGES).index(stage) :]
        for name in later:  # first, so that what a killed run leaves of them is not taken for whole
            self._mark(name).unlink(missing_ok=True)
        for name in (name for stage in later for name in STAGES[stage]):
            self.drop(name)
        with renamed(mark) as temporary:
            temporary.write_text(key, encoding="utf-8")

    def _mark(self, stage: str) -> Path:
        return self.folder / f"{stage}.key"

    def drop(self, name: str) -> None:
        """Remove all files of a name (删除)."""
        for path in self.folder.glob(f"{name}-*.np?"):
            path.unlink()


def key_of(*parts: Any) -> str:
    """
    Return a key of arrays and plain values: another for any other content (用途摘要).

    Parameters
    ----------
    *parts : array or plain value
        Arrays count with type, shape and content, all else as it is printed.

    Examples
    --------
    >>> import numpy as np
    >>> key_of(5, np.arange(3)) == key_of(5, np.arange(3)), key_of(5) == key_of(6)
    (True, False)
    """
    found = hashlib.sha256()
    for part in parts:
        is_array = isinstance(part, np.ndarray)
        found.update((f"{part.dtype.str} {part.shape}" if is_array else repr(part)).encode() + b"\n")
        if is_array:
            found.update(np.ascontiguousarray(part).data)
    return found.hexdigest()


def pack_lines(prefix: str, lines: Lines | Ring) -> dict[str, NDArray[Any]]:
    """Return border lines, or a ring, as named arrays (打包)."""
    return {f"{prefix}_{side}": getattr(lines, side) for side in ("north", "south", "west", "east")}


def unpack_lines(prefix: str, arrays: dict[str, NDArray[Any]]) -> Lines:
    """Return border lines from named arrays (解包边界线)."""
    return Lines(*(arrays[f"{prefix}_{side}"] for side in ("north", "south", "west", "east")))


def unpack_ring(prefix: str, arrays: dict[str, NDArray[Any]]) -> Ring:
    """Return a ring from named arrays (解包外圈)."""
    return Ring(*(arrays[f"{prefix}_{side}"] for side in ("north", "south", "west", "east")))
