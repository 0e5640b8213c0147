"""
Patch aggregation of a file that no memory need hold (分幅聚合): run by ``aggregation.py --bounded N``.

    python aggregation_bounded.py JOB.json

Windows are read from a GeoTIFF as tiles ask for them; the areas are painted into another, tile by tile, and drawn into a
GeoParquet file, some at a time. What was drawn is read again and checked only when memory has been told.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

os.environ["GDAL_CACHEMAX"] = (
    "64"  # MB, before GDAL is loaded: else a share of the machine's memory, and measured as ours
)

import numpy as np
import rasterio
import shapely
from rasterio.windows import Window

sys.path.insert(0, str(Path(__file__).parent))

from aggregation_land import CELL, strips
from aggregation_worker import RULE, Clock, ours, peak_mb
from shuibao.ground.grid import Grid
from shuibao.ground.vectors import read_vectors
from shuibao.zoning import Candidates, aggregate_tiles, write_areas

LOOK: dict[str, Any] = {
    "driver": "GTiff", "count": 1, "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "zstd", "zstd_level": 1,
}  # fmt: skip


def write_land(path: Path, size: int) -> None:
    """Write a square of classes, strip by strip."""
    with rasterio.open(path, "w", width=size, height=size, dtype="uint8", **LOOK) as out:
        for row, classes in strips(size):
            out.write(classes, 1, window=Window(0, row, size, len(classes)))


class Source:
    """Reads windows of a file of classes, in each thread by a handle of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self.own = path, threading.local()

    def __call__(self, grid: Grid) -> Candidates:
        """Return the candidates of a window."""
        if not hasattr(self.own, "file"):
            self.own.file = rasterio.open(self.path)
        return Candidates(self.own.file.read(1, window=Window(grid.col, grid.row, grid.cols, grid.rows)))


def held_bytes(thing: Any) -> int:
    """Return the memory of the arrays of a thing."""
    return sum(a.nbytes for a in vars(thing).values() if isinstance(a, np.ndarray))


def main() -> None:
    """Aggregate a file and print what it took."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    resource.setrlimit(resource.RLIMIT_CPU, (job["processor_limit"], job["processor_limit"] + 1))
    read, grid = Source(Path(job["tif"])), Grid(CELL, 0, 0, job["size"], job["size"])
    ours(read(Grid(CELL, 0, 0, 600, 600)).source, job["jobs"], Clock())  # compile
    clock, busy = Clock(), time.process_time()
    made = aggregate_tiles(read, grid, RULE, jobs=job["jobs"])
    clock.step("aggregate")
    held = sum(t.runs.row_runs.nbytes for t in made.tiles) + sum(t.nbytes for t in made.tables) + held_bytes(made.areas)
    aside = sum(kept.size for t in made.tiles for kept in t.runs.packed)
    labels = Path(job["tif"]).with_suffix(".areas.tif")
    with rasterio.open(labels, "w", width=grid.cols, height=grid.rows, dtype="int32", **LOOK) as out:
        for k, t in enumerate(made.tiles):
            window = Window(t.tile.col, t.tile.row, t.tile.cols, t.tile.rows)
            out.write(made.tile_labels(k)[1:-1, 1:-1], 1, window=window)
    clock.step("paint")
    written = Path(job["tif"]).with_suffix(".areas.parquet")
    write_areas(made, written)
    clock.step("draw")
    total, busy, peak = sum(clock.seconds.values()), time.process_time() - busy, peak_mb()
    drawn = read_vectors(written)
    found = {
        "seconds": clock.seconds, "total": total, "cpu": busy, "ns_per_cell": total / job["size"] ** 2 * 1e9, "peak_mb": peak,
        "held_mb": held / 1e6, "aside_mb": aside / 1e6, "areas": len(made.areas),
        "area_hm2": float(drawn.columns["area_m2"].sum()) / 1e4,
        "patches": int(made.areas.patches.sum()), "invalid": int(np.count_nonzero(~shapely.is_valid(drawn.geometry))),
        "unshared_edges_m": float(shapely.length(shapely.coverage_invalid_edges(drawn.geometry)).sum()),
    }  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
