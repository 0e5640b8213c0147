"""
Terrain hydrology beside its peers, in one run on the same terrain (水文运算与同类软件并排).

    python benchmarks/hydrology.py --size 2048 [--peers topotoolbox,whitebox] [--operations fill,chain] [--json]
    python benchmarks/hydrology.py --size 6144 --record --write      keep the figures, and renew benchmarks/RESULTS.md
    python benchmarks/hydrology.py --bounded 40000                   the tiled chain, from file to file, memory measured

Filling, directions with flats, contributing area, sub-basins of 10 km², and the chain from elevation to sub-basins. Each
tool runs in a process of its own, in its own environment (hydrology_peers.py --install), from the same files, read
before the clock starts; kernels are compiled on a small terrain first. Seconds are medians of as many passes as fit
``--budget``; memory is the greatest of the whole process after the first pass. A ratio is peer / shuibao: above 1, ours
is faster. What must hold of the results is checked for every tool alike. The land is made up (模拟数据).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from hydrology_checks import check
from hydrology_peers import OURS, PEERS, run_tool
from hydrology_tables import ROWS, absent, check_table, figures, ratios, section, table, winners, write_section
from hydrology_terrain import CELL, terrain, write_plain

HERE = Path(__file__).parent
RECORD, RESULTS = HERE / "hydrology.json", HERE / "RESULTS.md"
SMALL = 256
"""Size of the terrain that kernels are compiled on, cells a side."""
UNIT = 10e6
"""Area above which a channel begins, m²: sub-basins of 10 km²."""
OPERATIONS = ("fill", "direction", "accumulation", "basins", "chain")


def make_land(folder: Path, size: int) -> tuple[Path, Path, float]:
    """Write the land as .npy and as GeoTIFF; return both, and the share of it that is valid."""
    npy, tif = folder / f"land-{size}.npy", folder / f"land-{size}.tif"
    if npy.exists() and tif.exists():
        cells = np.load(npy, mmap_mode="r")
    else:
        cells = terrain(size)
        np.save(npy, cells)
        write_plain(tif, cells)
    valid = sum(int(np.isfinite(cells[r : r + 512]).sum()) for r in range(0, size, 512))
    return npy, tif, valid / size**2


def measure(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Take the figures of all tools, ours first."""
    npy, tif, valid = make_land(folder, given.size)
    small_npy, small_tif, _ = make_land(folder, SMALL)
    job = {
        "size": given.size, "npy": str(npy), "tif": str(tif), "small_npy": str(small_npy), "small_tif": str(small_tif),
        "threshold": round(UNIT / CELL**2), "operations": given.operations, "repeats": given.repeats,
        "budget": given.budget,
    }  # fmt: skip
    tools: dict[str, Any] = {}
    ours = folder / "results" / OURS.name
    for peer in (OURS, *(PEERS[name] for name in given.peers)):
        results = folder / "results" / peer.name
        print(f"{peer.name} …", file=sys.stderr, flush=True)
        if peer.caches:
            run_tool(peer, {**job, "warm_up_only": True, "work": str(folder / "work" / peer.name)}, given.timeout)
        found = run_tool(
            peer, {**job, "work": str(folder / "work" / peer.name), "results": str(results)}, given.timeout
        )
        if "seconds" in found:
            found["version"] = peer.version()
            found["checks"] = checked(results, ours, npy)
        tools[peer.name] = found
        shutil.rmtree(folder / "work" / peer.name, ignore_errors=True)
        if peer is not OURS:
            shutil.rmtree(results, ignore_errors=True)
    shutil.rmtree(folder / "results", ignore_errors=True)
    return {
        "size": given.size,
        "cells": given.size**2,
        "valid_share": round(valid, 4),
        "operations": given.operations,
        "tools": tools,
        "machine": machine(),
    }


def checked(results: Path, ours: Path, npy: Path) -> dict[str, Any]:
    """Return what the laws say, or why they could not be asked."""
    try:
        return check(results, ours, npy)
    except (OSError, ValueError) as error:
        return {"problem": str(error)[:200]}


def machine() -> str:
    """Return what the figures were taken on."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {threads} threads, Python {platform.python_version()}"


def summary(run: dict[str, Any]) -> dict[str, Any]:
    """Return one JSON object: figures by row and tool, ratios, winners, and all that was measured."""
    rows = {name: figures(name, found["seconds"]) for name, found in run["tools"].items() if "seconds" in found}
    seconds = {row: {n: round(f[row], 4) for n, f in rows.items() if row in f} for row in ROWS}
    return {**run, "seconds": seconds, "ratios": ratios(run), "fastest": winners(run)}


def record(run: dict[str, Any], path: Path = RECORD) -> list[dict[str, Any]]:
    """Append a run to the file of figures; return all of it."""
    runs: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    runs.append(run)
    path.write_text(json.dumps(runs, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return runs


def names_of(text: str, known: tuple[str, ...]) -> list[str]:
    """Return the names in a list with commas; ``all`` is every one, ``none`` is none."""
    if text in ("all", "none"):
        return list(known) if text == "all" else []
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in known]
    if wrong:
        raise argparse.ArgumentTypeError(f"{', '.join(wrong)}: not one of {', '.join(known)}")
    return names


def options() -> argparse.Namespace:
    """Read the command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--size", type=int, default=2048, help="cells a side")
    words.add_argument("--peers", type=lambda text: names_of(text, tuple(PEERS)), default=list(PEERS),
                       help=f"all, none, or some of {','.join(PEERS)}")  # fmt: skip
    words.add_argument("--operations", type=lambda text: names_of(text, OPERATIONS), default=list(OPERATIONS),
                       help=f"some of {','.join(OPERATIONS)}")  # fmt: skip
    words.add_argument("--json", action="store_true", help="print one JSON object")
    words.add_argument("--repeats", type=int, default=3, help="passes at most")
    words.add_argument("--budget", type=float, default=60.0, help="seconds of passes that a tool may be repeated in")
    words.add_argument("--timeout", type=float, default=1800.0, help="seconds after which a tool is stopped")
    words.add_argument("--folder", type=Path, help="work folder, kept; a temporary one if not given")
    words.add_argument("--record", action="store_true", help=f"append the figures to {RECORD.name}")
    words.add_argument("--write", action="store_true", help=f"renew the tables of {RESULTS.name} from {RECORD.name}")
    words.add_argument("--jobs", type=int, default=2, help="threads of the tiled chain")
    words.add_argument("--interrupt", type=float, help="kill the tiled chain after so many seconds, and go on")
    words.add_argument("--bounded", type=int, metavar="N", help="run the tiled chain on N x N cells from files instead")
    return words.parse_args()


def bounded(given: argparse.Namespace, folder: Path) -> None:
    """Run the tiled chain and print, and keep if asked, what it took."""
    from hydrology_bounded import run_bounded

    found = run_bounded(given.bounded, folder, given.jobs, given.timeout, given.interrupt)
    runs = record({"bounded": found, "machine": machine()}) if given.record else []
    if given.write:
        write_section(RESULTS, section(runs or json.loads(RECORD.read_text(encoding="utf-8"))))
    print(json.dumps(found) if given.json else "\n".join(f"{name:12} {value}" for name, value in found.items()))


def main() -> None:
    """Take the figures of one size, print them, and keep them if asked."""
    given = options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if given.bounded:
            bounded(given, folder)
            return
        run = measure(given, folder)
    if given.record:
        record(run)
    if given.write:
        write_section(RESULTS, section(json.loads(RECORD.read_text(encoding="utf-8"))))
    if given.json:
        print(json.dumps(summary(run), ensure_ascii=False))
        return
    print(table(run), check_table(run), *absent(run), sep="\n\n")
    print("\nfastest:", ", ".join(f"{ROWS.get(row, row)} {name}" for row, name in winners(run).items()))


if __name__ == "__main__":
    main()
