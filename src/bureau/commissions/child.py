"""
The child that computes a commission: ``python -m bureau.commissions.child ORDER`` (计算子进程).

It has no database. It makes the region folder, checks it and runs it, prints a line of JSON for each bit of progress,
and everything else in words. It ends when its standard input does: then the worker that began it is gone.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import threading
import traceback
import zipfile
from pathlib import Path
from typing import Any

from bureau.commissions.kinds import KINDS
from bureau.commissions.wording import named, said
from shuibao.messages import Finding, ShuibaoError

MAKING = "making"
"""The step before those of the survey: imaginary land is made."""
LEAST_ROOM = 2**20
"""Free bytes below which a disk is full (chosen)."""


def main() -> int:
    """Compute what was ordered; return the exit status (执行)."""
    order = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    try:
        return _compute(order)
    except ShuibaoError as refused:
        print(named(str(refused), order.get("names", {})), flush=True)  # noqa: T201 - the worker reads it
        return refused.exit_status
    except Exception as wrong:  # noqa: BLE001 - whatever it is, people are told in words
        print(_in_words(wrong, Path(order["folder"])), flush=True)  # noqa: T201 - the worker reads it
        return 74


def _in_words(wrong: Exception, folder: Path) -> str:
    """Return what went wrong, in words for people; GDAL tells of a full disk in many ways, so the disk itself is asked."""
    at = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    full = isinstance(wrong, OSError) and wrong.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full or shutil.disk_usage(at).free < LEAST_ROOM:
        return "服务器的磁盘已满，计算停在半途；已算好的部分都在。请运维人员腾出空间后，点“重新计算”接着算。"
    said = traceback.extract_tb(wrong.__traceback__)
    where = f"{Path(said[-1].filename).name}:{said[-1].lineno}" if said else "?"
    return f"计算程序出错（{type(wrong).__name__}，{where}：{str(wrong)[:300]}）；可以重新计算，仍不行请把这句话告知运维人员。"


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
    from bureau.commissions.previewing import REVIEWING, preview
    from shuibao.survey.checking import check_region
    from shuibao.survey.region import load_region
    from shuibao.survey.run import run_region

    folder = Path(order["folder"])
    if not (folder / "region.toml").exists():
        _make(folder, order)
    found = check_region(folder, write=True)
    errors = [finding for finding in found.findings if finding.severity == "error"]
    for finding in errors:
        print("：".join(_said(finding, order)), flush=True)  # noqa: T201 - the worker reads it
    if errors:
        return 1
    region = load_region(folder)
    run_region(region, progress=_tell)
    _tell(REVIEWING, 0, 1)
    preview(region, [_said(finding, order) for finding in found.findings if finding.severity == "warning"])
    _tell(REVIEWING, 1, 1)
    return 0


def _said(finding: Finding, order: dict[str, Any]) -> tuple[str, str]:
    """Return of what a finding is and what it says; whoever brought a region folder is told it as the folder has it."""
    if order.get("packed"):
        return finding.where, finding.zh
    forms = {f"inputs.{kind.serves}": kind.form for kind in KINDS.values()} if not order.get("imaginary") else {}
    form = forms.get(".".join(finding.where.split(".")[:2]), "")
    return said(finding.where, finding.zh, order.get("names", {}), form)


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
    if order.get("packed"):
        _unpack(Path(order["packed"]), folder)
        return
    region = {
        "name": name, "level": level, "codes": [order["code"]], "year": order["year"], "cell": float(order["cell"]),
        "rules": rules_of(order["code"]), "note": order["note"],
    }  # fmt: skip
    write_region_file(folder, region, laid_out(folder, order["inputs"]) | {"boundaries": {"source": "counties"}})


def laid_out(folder: Path, inputs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """
    Return the inputs as ``region.toml`` has them; archives of several rasters are unpacked into the folder (输入的写法).

    Parameters
    ----------
    folder : Path
        The region folder.
    inputs : dict
        Each with the ``path`` of an upload, and what is said of it.
    """
    found = {}
    for name, given in inputs.items():
        path = Path(given["path"])
        if path.suffix != ".zip":
            found[name] = given
            continue
        _unpack(path, folder / "inputs" / name)
        words = {key: value for key, value in given.items() if key != "path"}
        if name == "cover":
            found[name] = {"path": f"inputs/{name}/fvc_*.tif", **words}
        else:
            members = sorted((folder / "inputs" / name).glob("*.tif"))
            found[name] = {member.stem: f"inputs/{name}/{member.name}" for member in members} | words
    return found


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive that the sandbox wrote; ``region.toml`` comes last, since a folder that has it is whole."""
    with zipfile.ZipFile(archive) as packed:
        for name in sorted(packed.namelist(), key=lambda name: name == "region.toml"):
            packed.extract(name, folder)


if __name__ == "__main__":
    sys.exit(main())
