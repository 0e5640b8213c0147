"""One act at a time on a theme's zones, after what was left of the one before (划定锁)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shuibao.delimitation.life.finishing import finished, told
from shuibao.delimitation.locking import locked_zones
from shuibao.messages import ShuibaoError


@contextmanager
def alone_with_zones(region_folder: Path, theme: str) -> Iterator[Path]:
    """
    Hold the lock of a theme's zones for an act that is recorded (独占修改).

    What a command that was killed had recorded and not written out is finished first.

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.

    Yields
    ------
    Path
        The theme's folder.

    Raises
    ------
    ShuibaoError
        If another process writes these zones; if the act is refused, with what had been recorded before.
    """
    with locked_zones(region_folder, theme) as folder:
        left = finished(folder)
        try:
            yield folder
        except ShuibaoError as error:
            raise (told(error, left) if left else error) from error.__cause__
