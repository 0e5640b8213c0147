"""
The child that draws zones: ``python -m bureau.delimitation.child ORDER`` (划定子进程).

It has no database. It copies the region folder that the zones are drawn from, so that nothing of what was computed is
touched, and draws one theme. It ends when its standard input does: then the worker that began it is gone.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from pathlib import Path

from bureau.delimitation.parameters import write_pack
from shuibao.messages import ShuibaoError


def main() -> int:
    """Draw what was ordered; return the exit status (执行)."""
    order = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    try:
        draw(Path(order["source"]), Path(order["folder"]), order["theme"], order.get("rules"))
    except ShuibaoError as refused:
        print(refused.zh, flush=True)  # noqa: T201 - the worker reads it
        return refused.exit_status
    except OSError as wrong:
        told = f"区域文件夹写不下去（{wrong.strerror or wrong}）；请告知运维人员，处理后点“重新划定”。"
        print(told, flush=True)  # noqa: T201 - the worker reads it
        return 74
    return 0


def draw(source: Path, folder: Path, theme: str, rules: str | None = None) -> None:
    """
    Copy a region folder, and draw the zones of a theme in the copy (复制并划定).

    Parameters
    ----------
    source : Path
        Region folder that was run.
    folder : Path
        The delimitation's own; whole or not there at all.
    theme : str
    rules : str, optional
        The pack of what was chosen; empty to take one out, None to leave what there is.
    """
    from shuibao.delimitation.draft.drawing import draw_zones
    from shuibao.survey.region import load_region

    if not (folder / "region.toml").is_file():
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(source, unfinished, ignore=lambda at, names: ["zones"] if Path(at) == source else [])
        if rules is not None:
            write_pack(unfinished, rules)
        unfinished.replace(folder)
    draw_zones(load_region(folder), [theme])


def _end_with_the_worker() -> None:
    """Wait until nobody holds the other end of standard input, and end at once: the drawing is done another time."""
    while os.read(0, 1):
        pass
    os._exit(75)


if __name__ == "__main__":
    sys.exit(main())
