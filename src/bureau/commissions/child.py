"""
The child that computes a commission: ``python -m bureau.commissions.child ORDER`` (计算子进程).

It has no database. It makes the region folder, checks it and runs it, prints a line of JSON for each bit of progress,
and everything else in words. It ends when its standard input does: then the worker that began it is gone.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from shuibao.messages import ShuibaoError

MAKING = "making"
"""The step before those of the survey: imaginary land is made."""


def main() -> int:
    """Compute what was ordered; return the exit status (执行)."""
    order = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    try:
        return _compute(order)
    except ShuibaoError as refused:
        print(str(refused), flush=True)  # noqa: T201 - the worker reads it
        return refused.exit_status


def _end_with_the_worker() -> None:
    """Wait until nobody holds the other end of standard input, and end at once: the run goes on another time."""
    while os.read(0, 1):
        pass
    os._exit(75)


def _tell(step: str, done: int, total: int) -> None:
    """Tell the worker how far a step is."""
    print(json.dumps({"step": step, "done": done, "total": total}), flush=True)  # noqa: T201 - the worker reads it


def _compute(order: dict[str, Any]) -> int:
    """Make the folder if there is none, check it, run it."""
    from shuibao.survey.checking import check_region
    from shuibao.survey.region import load_region
    from shuibao.survey.run import run_region

    folder = Path(order["folder"])
    if not (folder / "region.toml").exists():
        _make(folder, order)
    found = check_region(folder, write=True)
    errors = [finding for finding in found.findings if finding.severity == "error"]
    for finding in errors:
        print(f"{finding.where}：{finding}", flush=True)  # noqa: T201 - the worker reads it
    if errors:
        return 1
    run_region(load_region(folder), progress=_tell)
    return 0


def _make(folder: Path, order: dict[str, Any]) -> None:
    """Make the region folder of an order."""
    from shuibao.survey.making import level_and_name, make_imaginary_region, rules_of, write_region_file

    level, name = level_and_name(order["code"])
    if order["imaginary"]:
        make_imaginary_region(
            folder, [order["code"]], name=name, level=level, year=order["year"], cell=float(order["cell"]),
            rules=tuple(rules_of(order["code"])), seed=order["seed"],
            progress=lambda done, total: _tell(MAKING, done, total),
        )  # fmt: skip
        return
    folder.mkdir(parents=True, exist_ok=True)
    region = {
        "name": name, "level": level, "codes": [order["code"]], "year": order["year"], "cell": float(order["cell"]),
        "rules": rules_of(order["code"]), "note": order["note"],
    }  # fmt: skip
    write_region_file(folder, region, order["inputs"] | {"boundaries": {"source": "counties"}})


if __name__ == "__main__":
    sys.exit(main())
