"""
One tool's figures in one process (参比测量进程): run by hydrology.py with the Python that has the tool.

    PYTHON hydrology_worker.py JOB.json

The job names the tool, the terrain, a small terrain to warm up on, the operations and a folder. The chain is run once
first; the greatest memory of the process is taken right after, before anything is repeated. Then the chain is repeated,
and what the chain does not need is timed. One JSON object is printed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from hydrology_programs import Grass, Saga
from hydrology_tools import Overflow, PyFlwDir, PySheds, Shuibao, Tool, TopoToolbox, Whitebox

TOOLS: dict[str, type[Tool]] = {
    "shuibao": Shuibao, "topotoolbox": TopoToolbox, "whitebox": Whitebox, "pyflwdir": PyFlwDir, "pysheds": PySheds,
    "overflow": Overflow, "grass": Grass, "saga": Saga,
}  # fmt: skip


def peak_bytes() -> int:
    """Return the greatest memory of this process or, if more, of one that it ran."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss of a new process counts its parent's memory too
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return max(children, int(line.split()[1]) * 1024)
    return max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def timed(tool: Tool, operation: str) -> float:
    """Do one operation; return its seconds."""
    tool.drop(operation)
    began = time.perf_counter()
    own = getattr(tool, operation)()
    return own if isinstance(own, float) else time.perf_counter() - began


def chain(tool: Tool) -> dict[str, float]:
    """Go the whole way from elevation to basins; return the seconds of each step."""
    for operation in tool.offers:
        tool.drop(operation)
    return {operation: timed(tool, operation) for operation in tool.chain}


def wanted(tool: Tool, operations: list[str]) -> tuple[str, ...]:
    """Return the steps of the chain up to the last operation asked for."""
    steps = tool.chain
    if set(steps) & {"whole"} or set(operations) & {"basins", "chain"}:
        return steps
    last = max((steps.index(name) for name in operations if name in steps), default=0)
    return steps[: last + 1]


def measure(job: dict[str, Any]) -> None:
    """Take all figures of a tool and write them, then its results."""
    kind, work = TOOLS[job["tool"]], Path(job["work"])
    warm = kind(work / "warm", 200)
    warm.load(Path(job["small_npy"]), Path(job["small_tif"]))
    for _ in range(2):
        chain(warm)
    for operation in kind.separate:
        timed(warm, operation)
    if job.get("warm_up_only"):
        answer(job, {})
        return
    tool = kind(work / "whole", job["threshold"])
    tool.chain = wanted(tool, job["operations"])
    tool.load(Path(job["npy"]), Path(job["tif"]))
    before = peak_bytes()
    passes = [chain(tool)]
    found: dict[str, Any] = {"peak_bytes": peak_bytes(), "peak_before_bytes": before}
    spent = sum(passes[0].values())
    while len(passes) < job["repeats"] and spent + sum(passes[0].values()) < job["budget"]:
        passes.append(chain(tool))
        spent += sum(passes[-1].values())
    seconds = {operation: [done[operation] for done in passes] for operation in tool.chain}
    for operation in kind.separate:
        if operation in job["operations"]:
            seconds[operation] = [timed(tool, operation) for _ in range(len(passes))]
    answer(job, {**found, "seconds": seconds})  # before the results are turned about, which takes memory of its own
    save(tool, set(seconds), Path(job["results"]))


def answer(job: dict[str, Any], found: dict[str, Any]) -> None:
    """Write what was found."""
    Path(job["answer"]).write_text(json.dumps(found))


def save(tool: Tool, done: set[str], folder: Path) -> None:
    """Write the results in the one form, for the laws to be checked elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    if "fill" in done:
        np.save(folder / "surface.npy", np.asarray(tool.surface(), dtype=np.float32))
    if done & {"accumulation", "whole"}:
        np.save(folder / "cells.npy", np.asarray(tool.cells(), dtype=np.float64))
        codes = tool.direction_codes()
        if codes is not None:
            np.save(folder / "directions.npy", np.asarray(codes, dtype=np.uint8))
    if done & {"basins", "whole"}:
        np.save(folder / "labels.npy", np.asarray(tool.label(), dtype=np.int64))


def main() -> None:
    """Do the job; say in JSON what came of it."""
    job = json.loads(Path(sys.argv[1]).read_text())
    offered = Path("/proc/self/oom_score_adj")
    if offered.exists():
        offered.write_text("1000")  # if memory runs out, this process goes and no other
    try:
        measure(job)
    except Exception as error:
        traceback.print_exc()
        if not Path(job["answer"]).exists():
            answer(job, {"error": f"{type(error).__name__}: {error}"[:300]})
        sys.exit(1)


if __name__ == "__main__":
    main()
