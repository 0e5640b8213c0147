"""
The tiled chain on a land that no memory holds, from file to file (有限内存的分幅运算).

Called by ``hydrology.py --bounded N``. The land is written tile by tile as a product of the ground room; then filling,
directions, contributing area and small watersheds run in a process of their own, whose memory, and that of the
processes it starts, is sampled while it runs. The cost per cell is told, to be held against other sizes: it should not
grow.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

EVERY = 0.25
"""Seconds between two looks at the memory."""


def tiled_chain(dem: Path, folder: Path, jobs: int) -> dict[str, float]:
    """Run the tiled chain; return the seconds of each step. The one place that names the library's calls."""
    try:
        from shuibao.watershed import tiled  # noqa: F401
    except ImportError:
        raise SystemExit("shuibao.watershed.tiled is not there yet") from None
    raise SystemExit("the tiled chain is not connected yet")


def memory_of(session: int) -> int:
    """Return the resident memory of all processes of a session, bytes; pages they share count in each of them."""
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if os.getsid(int(folder.name)) == session:
                    status = (folder / "statm").read_text().split()
                    total += (int(status[1])) * os.sysconf("SC_PAGESIZE")
            except (OSError, ProcessLookupError):
                continue
    return total


def run_bounded(size: int, folder: Path, jobs: int, timeout: float) -> dict[str, Any]:
    """Write the land, run the chain apart, and return seconds, peak memory and cost per cell."""
    from hydrology_terrain import write_product

    dem = folder / f"dem-{size}.tif"
    if not dem.exists():
        began = time.perf_counter()
        write_product(dem, size, jobs=jobs)
        print(f"terrain written in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, str(dem), str(folder / f"bounded-{size}"), "--jobs", str(jobs)]
    began, peak = time.perf_counter(), 0
    with (folder / "bounded.json").open("w") as out:
        process = subprocess.Popen(command, stdout=out, start_new_session=True)
        while process.poll() is None:
            peak = max(peak, memory_of(process.pid))
            if time.perf_counter() - began > timeout:
                os.killpg(process.pid, 9)
                process.wait()
                raise SystemExit(f"not done after {timeout:.0f} s")
            time.sleep(EVERY)
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise SystemExit(f"the chain ended with {process.returncode}")
    found: dict[str, Any] = json.loads((folder / "bounded.json").read_text().splitlines()[-1])
    return {
        "size": size, "cells": size**2, "seconds": round(seconds, 1), "peak_mb": round(peak / 1e6),
        "ns_per_cell": round(seconds / size**2 * 1e9, 1), "steps": found, "jobs": jobs,
    }  # fmt: skip


def main() -> None:
    """Run the chain and print the seconds of its steps."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("dem", type=Path)
    words.add_argument("folder", type=Path)
    words.add_argument("--jobs", type=int, default=2)
    given = words.parse_args()
    print(json.dumps(tiled_chain(given.dem, given.folder, given.jobs)))


if __name__ == "__main__":
    main()
