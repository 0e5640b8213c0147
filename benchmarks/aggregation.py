"""
Patch aggregation beside the usual chain, in one run on the same cells (图斑聚合与通常做法并排).

    python benchmarks/aggregation.py --size 6000 [--json] [--no-usual]
    python benchmarks/aggregation.py --size 6000 --record --write --beside "nothing"    keep, and renew RESULTS.md
    python benchmarks/aggregation.py --bounded 20000            tiled, from a file to polygons, memory measured

The usual chain: rasterio polygonizes, shapely buffers out, unites, buffers in, again for slivers, drops small parts and
simplifies as a coverage. The simple one closes no gap: it polygonizes, simplifies as a coverage, drops small areas; the
filtered one drops them first. A chain that takes too many processor seconds (``--processor-limit``) is stopped, and
what it took until then is told as the least it would have taken. Each chain runs in a process of its own from the same
file, read before the clock starts; kernels are compiled on a small part first. Memory is the greatest of the whole
process. A ratio is usual / shuibao; processor seconds tell more than those of the clock where the machine does other
things meanwhile. The land is made up (模拟数据).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent))

from aggregation_land import CELL, land
from aggregation_tables import section, summary_lines, write_section

HERE = Path(__file__).parent
RECORD, RESULTS = HERE / "aggregation.json", HERE / "RESULTS.md"
CHAINS = ("shuibao", "shuibao-1", "filtered", "simple", "usual")
PEERS = CHAINS[2:]


def run_worker(job: dict[str, Any], folder: Path, script: str, timeout: float) -> dict[str, Any]:
    """Run a worker in a process of its own; return what it printed."""
    path = folder / f"job-{job['chain']}.json"
    path.write_text(json.dumps(job), encoding="utf-8")
    command = [sys.executable, str(HERE / script), str(path)]
    before = children_seconds()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        used = children_seconds() - before
        return {"problem": f"满 {timeout:.0f} s 而停，未完；其间得处理器 {used:.0f} s", "cpu_at_least": used}
    if done.returncode == -signal.SIGXCPU:
        used = children_seconds() - before
        return {"problem": f"满处理器 {used:.0f} s 而停，未完", "cpu_at_least": used}
    if done.returncode != 0:
        return {"problem": done.stderr.strip().splitlines()[-1][:200] if done.stderr else str(done.returncode)}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def children_seconds() -> float:
    """Return the processor seconds of all workers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Take the figures of all chains, and compare what they drew."""
    npy = folder / f"classes-{given.size}.npy"
    if not npy.exists():
        np.save(npy, land(given.size))
    source = np.load(npy)
    patches = sum(int(ndimage.label(source == kind)[1]) for kind in (1, 2))
    share = float((source > 0).mean())
    del source
    chains: dict[str, Any] = {}
    for name in CHAINS[: 4 if given.no_usual else 5]:
        print(f"{name} …", file=sys.stderr, flush=True)
        keep = folder / f"drawn-{name}.npy"
        job = {
            "chain": name,
            "npy": str(npy),
            "keep": str(keep),
            "jobs": given.jobs,
            "processor_limit": given.processor_limit,
        }
        chains[name] = run_worker(job, folder, "aggregation_worker.py", given.timeout)
    run = {
        "size": given.size, "cells": given.size**2, "patches": patches, "source_share": round(share, 4),
        "chains": chains, "beside": given.beside, "machine": machine(),
    }  # fmt: skip
    mine = chains["shuibao"]
    for name, found in chains.items():
        if name in PEERS and "cpu_at_least" in found and "cpu" in mine:
            run[f"{name}_over_shuibao_at_least"] = {"cpu": found["cpu_at_least"] / mine["cpu"]}
        if name in PEERS and "total" in found and "total" in mine:
            run[f"{name}_over_shuibao"] = {
                "seconds": found["total"] / mine["total"],
                "seconds_1_thread": found["total"] / chains["shuibao-1"]["total"],
                "cpu": found["cpu"] / mine["cpu"],
                "memory": found["peak_mb"] / mine["peak_mb"],
                **agreement(folder, name),
            }
    return run


def agreement(folder: Path, name: str) -> dict[str, float]:
    """Return how far the cells of a chain and ours agree, and whether ours by one thread and by two are the same."""
    mine, theirs, one = (np.load(folder / f"drawn-{chain}.npy") for chain in ("shuibao", name, "shuibao-1"))
    both, either = np.count_nonzero((mine > 0) & (theirs > 0)), np.count_nonzero((mine > 0) | (theirs > 0))
    same = np.count_nonzero((mine == theirs) & (mine > 0))
    return {
        "overlap_of_union": round(float(both / either), 4),
        "same_class": round(float(same / both), 4),
        "threads_agree": float((mine == one).all()),
    }


def machine() -> str:
    """Return what the figures were taken on."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {threads} threads, Python {platform.python_version()}"


def bounded(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Aggregate a file that is read tile by tile; return what it took."""
    from aggregation_bounded import write_land

    tif = folder / f"classes-{given.bounded}.tif"
    if not tif.exists():
        write_land(tif, given.bounded)
    job = {
        "chain": "bounded",
        "tif": str(tif),
        "size": given.bounded,
        "jobs": given.jobs,
        "processor_limit": given.processor_limit,
    }
    began = time.perf_counter()
    found = run_worker(job, folder, "aggregation_bounded.py", given.timeout)
    wall = time.perf_counter() - began
    return {"bounded": {"size": given.bounded, "wall": wall, **found}, "beside": given.beside, "machine": machine()}


def record(run: dict[str, Any], path: Path = RECORD) -> None:
    """Append a run to the file of figures."""
    runs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    path.write_text(json.dumps([*runs, run], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def options() -> argparse.Namespace:
    """Read the command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--size", type=int, default=2000, help="cells a side")
    words.add_argument(
        "--bounded", type=int, metavar="N", help="aggregate N x N cells from a file, tile by tile, instead"
    )
    words.add_argument("--no-usual", action="store_true", help="leave the usual chain with buffers out")
    words.add_argument("--json", action="store_true", help="print one JSON object")
    words.add_argument("--jobs", type=int, default=2, help="threads of ours")
    words.add_argument(
        "--processor-limit", type=int, default=900, help="processor seconds after which a chain is stopped"
    )
    words.add_argument("--timeout", type=float, default=3600.0, help="seconds after which a chain is stopped")
    words.add_argument("--folder", type=Path, help="work folder, kept; a temporary one if not given")
    words.add_argument("--beside", default="", help="what else the machine did meanwhile, kept with the figures")
    words.add_argument("--record", action="store_true", help=f"append the figures to {RECORD.name}")
    words.add_argument("--write", action="store_true", help=f"renew the tables of {RESULTS.name} from {RECORD.name}")
    return words.parse_args()


def main() -> None:
    """Take the figures, print them, and keep them if asked."""
    given = options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        run = bounded(given, folder) if given.bounded else measure(given, folder)
    if given.record:
        record(run)
    if given.write:
        write_section(RESULTS, section(json.loads(RECORD.read_text(encoding="utf-8"))))
    print(json.dumps(run, ensure_ascii=False) if given.json else "\n".join(summary_lines(run, CELL)))


if __name__ == "__main__":
    main()
