"""
Time and memory of the one pass over the land, beside plain reading and writing and beside plain numpy.

    python benchmarks/one_pass.py --size 2048 [--jobs 2] [--json] [--folder DIR] [--keep]

The land is imaginary (模拟数据): one piece is made and mirrored to the size asked for, so that sizes compare. Each
figure is taken in a process of its own. ``ratios.run_over_io`` is the whole ``run`` over reading the same inputs and
writing the same outputs, overviews included, with rasterio in the same number of threads, and
``ratios.run_over_plain_io`` over writing them without overviews; ``ratios.numpy_over_kernels`` is the same chain in
plain numpy over whole arrays, over the compiled kernels.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import rasterio
import shapely
from rasterio.enums import Resampling
from rasterio.windows import Window

from shuibao.ground.grid import Grid

sys.path.insert(0, str(Path(__file__).parent))

CELL = 30.0
PIECE = 2048
ROW, COL = -139264, 18432
"""Upper left cell of the land: whole tiles of the national grid, in Shanxi."""

FINE = ("dem", "landuse", "measures")
OUTPUTS = (
    "slope", "ls", "soil_loss", "intensity", "dem_filled", "flow_direction", "contributing_area", "watersheds",
)  # fmt: skip


def land_of(size: int, folder: Path, pieces: Path) -> None:
    """Make a region folder of ``size`` x ``size`` cells."""
    from shuibao.sources.imaginary import write_imaginary_inputs
    from shuibao.survey.making import write_region_file

    if not (pieces / "dem.tif").exists():
        piece = Grid(CELL, ROW, COL, PIECE, PIECE)
        write_imaginary_inputs(pieces, piece, None, 1)
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    for path in sorted(pieces.glob("*.tif")):
        mirrored(path, inputs / path.name, size, 1 if path.stem in FINE else 8)
    shutil.copy(pieces / "rain_daily.csv", inputs)
    box = Grid(CELL, ROW, COL, size, size)
    border(inputs / "border.gpkg", box)
    region = {
        "name": "基准测试", "level": "county", "codes": ["140900"], "year": 2024, "cell": 30,
        "rules": ["national", "shanxi"], "data_kind": "模拟数据",
    }  # fmt: skip
    texture = {name: f"inputs/{name}.tif" for name in ("sand", "silt", "clay")} | {"organic_carbon": "inputs/soc.tif"}
    tables: dict[str, dict[str, Any]] = {
        "dem": {"path": "inputs/dem.tif", "unit": "m"},
        "land_use": {"path": "inputs/landuse.tif", "scheme": "shuibao"},
        "measures": {"path": "inputs/measures.tif"},
        "rain": {"path": "inputs/rain_daily.csv", "unit": "mm"},
        "soil_texture": texture,
        "cover": {"path": "inputs/fvc_*.tif"},
        "boundaries": {"path": "inputs/border.gpkg"},
    }
    write_region_file(folder, region, tables)


def border(path: Path, grid: Grid) -> None:
    """Write two counties that share the land."""
    from shuibao.ground.vectors import write_geopackage

    left, bottom, right, top = grid.bounds
    middle = (left + right) / 2
    halves = np.array([shapely.box(left, bottom, middle, top), shapely.box(middle, bottom, right, top)], dtype=object)
    write_geopackage(path, {"counties": ({"code": ["990001", "990002"], "name": ["甲", "乙"]}, halves)}, grid.crs)


def mirrored(source: Path, target: Path, size: int, factor: int) -> None:
    """Write a raster of ``size`` / ``factor`` cells a side that mirrors a piece at its edges."""
    with rasterio.open(source) as dataset:
        piece, profile, tags = dataset.read(1), dataset.profile, dataset.tags()
    side, wide = piece.shape[0], size // factor
    profile.update(width=wide, height=wide, BIGTIFF="IF_SAFER")
    with rasterio.open(target, "w", **profile) as out:
        out.update_tags(**tags)
        for r in range(0, wide, side):
            for c in range(0, wide, side):
                turned = piece[:: -1 if (r // side) % 2 else 1, :: -1 if (c // side) % 2 else 1]
                part = turned[: min(side, wide - r), : min(side, wide - c)]
                out.write(np.ascontiguousarray(part), 1, window=Window(c, r, part.shape[1], part.shape[0]))


def time_run(folder: Path, jobs: int) -> dict[str, float]:
    """Run the region; its products are removed first."""
    from shuibao.survey.region import load_region
    from shuibao.survey.run import run_region

    for name in ("products", "records"):
        shutil.rmtree(folder / name, ignore_errors=True)
    began = time.perf_counter()
    done = run_region(load_region(folder), jobs=jobs)
    return {"seconds": time.perf_counter() - began, **{d.step: d.seconds for d in done}}


def time_io(folder: Path, jobs: int) -> dict[str, float]:
    """Read every input and write every output with rasterio, tile by tile, and compute nothing."""
    with rasterio.open(folder / "products" / "slope.tif") as dataset:
        rows, cols = dataset.shape
    sample = {}
    for name in OUTPUTS:
        with rasterio.open(folder / "products" / f"{name}.tif") as dataset:
            window = Window(0, 0, min(2048, cols), min(2048, rows))
            sample[name] = (dataset.read(1, window=window), dataset.profile)
    target = folder / "io"
    target.mkdir(exist_ok=True)
    inputs = sorted((folder / "inputs").glob("*.tif"))
    began = time.perf_counter()
    outs, locks = {}, {name: Lock() for name in OUTPUTS}
    for name, (_, profile) in sample.items():
        profile = {
            **profile,
            "zstd_level": 1,
            "predictor": 3 if profile["dtype"] == "float32" else 1,
            "BIGTIFF": "IF_SAFER",
        }
        outs[name] = rasterio.open(target / f"{name}.tif", "w", **profile, num_threads=jobs)

    def tile(place: tuple[int, int]) -> None:
        r, c = place
        high, wide = min(2048, rows - r), min(2048, cols - c)
        for path in inputs:
            with rasterio.open(path) as dataset:
                k = rows // dataset.height
                dataset.read(1, window=Window(c // k, r // k, wide // k, high // k))
        for name, (cells, _) in sample.items():
            with locks[name]:
                outs[name].write(cells[:high, :wide], 1, window=Window(c, r, wide, high))

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(tile, [(r, c) for r in range(0, rows, 2048) for c in range(0, cols, 2048)]))
    for out in outs.values():
        out.close()
    plain = time.perf_counter() - began
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda name: add_overviews(target / f"{name}.tif"), OUTPUTS))
    seconds = time.perf_counter() - began
    shutil.rmtree(target)
    return {"seconds": seconds, "plain_seconds": plain}


def add_overviews(path: Path) -> None:
    """Give a raster the overviews that the products have: halves down to one block."""
    with rasterio.Env(GDAL_TIFF_OVR_BLOCKSIZE=512), rasterio.open(path, "r+") as dataset:
        levels, factor = [], 2
        while max(dataset.shape) // factor >= 256:
            levels.append(factor)
            factor *= 2
        method = Resampling.average if dataset.dtypes[0] == "float32" else Resampling.mode
        dataset.build_overviews(levels, method)


def time_kernels(folder: Path, jobs: int) -> dict[str, float]:
    """Run the kernels on tiles that are in memory already, as many at a time as there are threads."""
    from shuibao.rules import load_rules
    from shuibao.survey import land, tile
    from shuibao.survey.counties import counties_of
    from shuibao.survey.region import load_region

    region = load_region(folder)
    counties = counties_of(region)
    grid = counties.grid(region.cell)
    plan = land.make_plan(region, load_rules(list(region.rules)), counties, grid, folder, {})
    box = Grid(CELL, grid.row, grid.col, min(2048, grid.rows), min(2048, grid.cols))
    ready = Ready(plan, box, tile)
    ready.compute()
    rounds = 4

    def many(_: int) -> None:
        for _ in range(rounds):
            ready.compute()

    began = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(many, range(jobs)))
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "Mcells_s": rounds * jobs * box.rows * box.cols / seconds / 1e6}


class Ready:
    """A tile whose inputs have been read."""

    def __init__(self, plan: Any, box: Grid, tile: Any) -> None:
        from shuibao.survey.windows import vegetation_on

        self.plan, self.box = plan, box
        self.ground = plan.dem.read(box.grown(plan.halo))
        self.land = plan.land.read(box)
        self.r, self.k = plan.erosivity.read(box), plan.erodibility.read(box)
        self.measure = plan.measures.read(box)
        self.tillage = np.zeros(box.shape, dtype=np.uint8)
        self.unit = self.land.astype(np.int32) + 1
        self.vegetation = vegetation_on(plan, box)
        self.labels = np.zeros(box.shape, dtype=np.int32)

    def compute(self) -> None:
        """Slope, D8 flow, slope length, LS, soil loss, class and counts: the fused kernels."""
        from shuibao.erosion.flow_paths import flow_paths
        from shuibao.survey import _kernels
        from shuibao.terrain import _kernels as terrain_kernels

        single, plan, box = np.float32, self.plan, self.box
        receiver, paths = flow_paths(self.ground, plan.tables)
        tangent = np.empty_like(self.ground)
        terrain_kernels.gradient(self.ground, box.cell, tangent)
        slope = np.empty_like(tangent)
        _kernels.arctangents(tangent, slope)
        floats = [np.empty(box.shape, dtype=np.float32) for _ in range(2)]
        classes = np.empty(box.shape, dtype=np.uint8)
        cells, grams = (np.zeros((2, 33 * plan.land_key_size), dtype=np.int64) for _ in range(2))
        none = np.empty(0, dtype=np.int64)
        _kernels.land_pass(
            plan.halo, tangent, receiver, paths, *map(single, plan.tables.branches), self.r, self.k, *self.vegetation, self.land,
            self.measure, self.tillage, self.unit, plan.land_cover.kind, single(plan.land_cover.fixed),
            single(plan.measure_factors), single(plan.tillage_factors), single(plan.slope_edges),
            single(plan.cover_edges), single(plan.loss_edges), box.cell_area, self.labels,
            np.zeros(1, dtype=np.uint8), *floats, classes, cells, grams, none, none, none,
        )  # fmt: skip


def time_numpy(folder: Path, jobs: int) -> dict[str, float]:
    """Compute the same chain in plain numpy over whole arrays in memory."""
    from numpy_chain import chain

    with rasterio.open(folder / "inputs" / "dem.tif") as dataset:
        ground = dataset.read(1)
    with rasterio.open(folder / "inputs" / "landuse.tif") as dataset:
        land = dataset.read(1)
    began = time.perf_counter()
    chain(ground, land, CELL)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "Mcells_s": ground.size / seconds / 1e6}


PARTS = {"run": time_run, "io": time_io, "kernels": time_kernels, "numpy": time_numpy}


def peak_mb() -> float:
    """Return the greatest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def apart(part: str, folder: Path, jobs: int) -> dict[str, float]:
    """Take one figure in a process of its own."""
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder), "--jobs", str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(size: int, jobs: int, folder: Path, with_numpy: bool) -> dict[str, Any]:
    """Take all figures of one size, after a run that compiles."""
    whole = folder / f"land-{size}"
    land_of(size, whole, folder / "piece")
    apart("run", whole, jobs)
    found = {part: apart(part, whole, jobs) for part in ("run", "io", "kernels")}
    if with_numpy:
        found["numpy"] = apart("numpy", whole, jobs)
    run, io, kernels = found["run"], found["io"], found["kernels"]
    ratios = {
        "run_over_io": run["seconds"] / io["seconds"],
        "run_over_plain_io": run["seconds"] / io["plain_seconds"],
    }
    if with_numpy:
        ratios["numpy_over_kernels"] = kernels["Mcells_s"] / found["numpy"]["Mcells_s"]
    shutil.rmtree(whole)
    return {
        "cells": size * size,
        "seconds": round(run["seconds"], 2),
        "Mcells_s": round(size * size / run["seconds"] / 1e6, 2),
        "peak_mb": round(run["peak_mb"]),
        "io_seconds": round(io["seconds"], 2),
        "plain_io_seconds": round(io["plain_seconds"], 2),
        "kernels_Mcells_s": round(kernels["Mcells_s"], 1),
        "ratios": {name: round(value, 2) for name, value in ratios.items()},
        "steps": {name: round(value, 2) for name, value in run.items() if name not in ("seconds", "peak_mb")},
        "jobs": jobs,
        "machine": f"{platform.machine()}, {jobs} threads, Python {platform.python_version()}",
    }


def main() -> None:
    """Take the figures of one size and print them."""
    from shuibao.survey.memory import keep_memory

    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--size", type=int, default=2048, help="cells a side, a multiple of 512")
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--json", action="store_true", help="print one JSON object")
    words.add_argument("--folder", type=Path, help="work folder; a temporary one if not given")
    words.add_argument("--no-numpy", action="store_true", help="leave out plain numpy, which needs much memory")
    words.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.part:
        keep_memory()
        print(json.dumps({**PARTS[given.part](given.folder, given.jobs), "peak_mb": peak_mb()}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        found = measure(given.size, given.jobs, given.folder or Path(temporary), not given.no_numpy)
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:18} {value}")


if __name__ == "__main__":
    main()
