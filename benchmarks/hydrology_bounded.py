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
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rasterio

from hydrology_terrain import CELL, COL, ROW, TAGS, TILE, write_product
from shuibao.ground.grid import Grid

STEPS = {
    "rim": "basins",
    "told-0": "fill and route",
    "exits": "area",
    "channels": "area",
    "met": "paint",
    "painted": "paint",
}
"""Names of the passes of the chain, for the table."""

EVERY = 0.25
"""Seconds between two looks at the memory."""


def tiled_chain(dem: Path, folder: Path, jobs: int) -> dict[str, Any]:
    """Go from a file of elevations to files of four rasters; return the seconds of each step and what came of it."""
    from shuibao.ground import open_source
    from shuibao.ground.writing import look_of
    from shuibao.rules import load_rules
    from shuibao.survey.draining import WATER_RASTERS, RasterParts
    from shuibao.survey.executing import Threads
    from shuibao.survey.memory import keep_memory
    from shuibao.survey.water import summary_of
    from shuibao.watershed import Limits, delineate
    from shuibao.watershed.scratch import Scratch
    from shuibao.watershed.small_watersheds import compose
    from shuibao.watershed.tile_passes import Works, units_pass
    from shuibao.watershed.tiled import TiledWater

    keep_memory()
    grid, clock, crew = grid_in(dem), Clock(), Threads(jobs)
    (folder / "scratch").mkdir(parents=True, exist_ok=True)
    looks = {name: look_of(kind, tags=TAGS, description=about) for name, (kind, about) in WATER_RASTERS.items()}
    parts = RasterParts(folder / "scratch", looks, "whole")
    works = Works(grid, TILE, open_source(dem, grid), Scratch(folder / "scratch"), parts)
    water = TiledWater(works, crew.each_done, lambda word, done, total: clock.enter(word))
    limits = Limits.from_rules(load_rules(["national"]), grid.cell_area)
    channels, outlets = water.drain(limits.channel)
    clock.enter("delineate")
    partition = delineate(channels, outlets, limits)
    cells, touching = water.paint(partition, channels)
    clock.enter("compose")
    units = compose(partition, channels, outlets, cells, touching)
    clock.enter("units")
    for _ in crew.each_done(UnitsTask(works, units_pass, units.unit_of_piece), range(len(works.tiling))):
        pass
    clock.enter("join")
    parts.join(folder, grid, list(grid.tiles(TILE)))
    clock.enter("")
    summary = summary_of(units, outlets, grid)
    return {"steps": clock.seconds, "painted_cells": int(cells[1:].sum()), **summary}


@dataclass(frozen=True)
class UnitsTask:
    """The last pass, of one tile: its result is a raster on disk and is not kept in memory."""

    works: Any
    task: Any
    units: Any

    def __call__(self, number: int) -> None:
        """Hand on the small watersheds of a tile."""
        self.task(self.works, number, self.units)


class Clock:
    """Seconds of steps that follow one another; rounds over flats are one step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._word, self._began = "start", time.perf_counter()

    def enter(self, word: str) -> None:
        """Begin a step, if it is another than the one under way."""
        word = "flats" if word.startswith("told-") and word != "told-0" else STEPS.get(word, word)
        if word != self._word:
            now = time.perf_counter()
            self.seconds[self._word] = round(self.seconds.get(self._word, 0.0) + now - self._began, 2)
            self._word, self._began = word, now


def grid_in(dem: Path) -> Grid:
    """Return the grid that a product lies on."""
    with rasterio.open(dem) as dataset:
        return Grid(CELL, ROW, COL, dataset.height, dataset.width)


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


def watched(command: list[str], out: Path, timeout: float) -> tuple[float, int, int | None]:
    """Run a command; return its seconds, its greatest memory, and its status, None if it was stopped for its time."""
    began, peak = time.perf_counter(), 0
    with out.open("w") as file:
        process = subprocess.Popen(command, stdout=file, start_new_session=True)
        while process.poll() is None:
            peak = max(peak, memory_of(process.pid))
            if time.perf_counter() - began > timeout:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return time.perf_counter() - began, peak, None
            time.sleep(EVERY)
    return time.perf_counter() - began, peak, process.returncode


def run_bounded(size: int, folder: Path, jobs: int, timeout: float, interrupt: float | None = None) -> dict[str, Any]:
    """
    Write the land, run the chain apart, and return seconds, peak memory and cost per cell.

    With ``interrupt`` the chain is killed after so many seconds and begun again: it goes on where it was.
    """
    dem, work, out = folder / f"dem-{size}.tif", folder / f"bounded-{size}", folder / "bounded.json"
    if not dem.exists():
        began = time.perf_counter()
        write_product(dem, size, jobs=jobs)
        print(f"terrain: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    shutil.rmtree(work, ignore_errors=True)
    command = [sys.executable, __file__, str(dem), str(work), "--jobs", str(jobs)]
    before, peak_before = 0.0, 0
    if interrupt is not None:
        before, peak_before, _ = watched(command, out, interrupt)
    seconds, peak, status = watched(command, out, timeout)
    if status != 0:
        raise SystemExit(f"not done after {timeout:.0f} s" if status is None else f"the chain ended with {status}")
    found: dict[str, Any] = json.loads(out.read_text().splitlines()[-1])
    shutil.rmtree(work)
    return {
        "size": size,
        "cells": size**2,
        "seconds": round(before + seconds, 1),
        "peak_mb": round(max(peak, peak_before) / 1e6),
        "ns_per_cell": round((before + seconds) / size**2 * 1e9, 1),
        "interrupted_after": interrupt,
        "jobs": jobs,
        **found,
    }


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
