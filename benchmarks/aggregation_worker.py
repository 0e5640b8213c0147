"""
One chain of patch aggregation in one process (聚合测量进程): run by aggregation.py.

    python aggregation_worker.py JOB.json

The job names the chain (``shuibao``, ``shuibao-1`` for one thread, ``filtered``, ``simple``, ``usual``), a file of classes
and what to keep.
One JSON object is printed: the seconds of each step, the greatest memory, and what was drawn.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from aggregation_land import CELL
from shuibao.ground.grid import Grid
from shuibao.zoning import AggregationRule, Candidates, aggregate, draw_areas

RULE = AggregationRule(
    gap_cells=3, sliver_cells=2, min_cells=500, hole_cells=50, hole_side=20, simplify=15.0, smooth=10.0
)
"""Gaps of 30 m, slivers of 20 m, 5 hm², holes of 0.5 hm², 15 m and 10 m: as steep slopes at 10 m, but for slivers."""

Polygons = NDArray[np.object_]


class Clock:
    """Takes the seconds of steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.began = time.perf_counter()

    def step(self, name: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self.seconds[name] = now - self.began
        self.began = now


def peak_mb() -> int:
    """Return the greatest memory of this process, MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def ours(source: NDArray[np.uint8], jobs: int, clock: Clock) -> tuple[Polygons, NDArray[np.int64]]:
    """Aggregate and draw; return polygons and their classes."""
    grid = Grid(CELL, 0, 0, *source.shape)
    made = aggregate(Candidates(source), grid, RULE, jobs=jobs)
    clock.step("aggregate")
    drawn = draw_areas(made)
    clock.step("draw")
    return drawn.geometry, made.areas.kind


def polygonized(source: NDArray[np.uint8]) -> tuple[Polygons, NDArray[np.int64]]:
    """
    Return the raw patches as rasterio polygonizes them, and their classes.

    All polygons are built at once from their coordinates: of the ways that were tried the fastest, a third faster than
    ``shapely.geometry.shape`` one by one.
    """
    points, rings, shells, kinds = [], [0], [0], []
    for shape, kind in rasterio.features.shapes(source, source > 0, 4, Affine(CELL, 0, 0, 0, -CELL, 0)):
        for ring in shape["coordinates"]:
            points.append(np.array(ring))
            rings.append(rings[-1] + len(ring))
        shells.append(len(rings) - 1)
        kinds.append(kind)
    offsets = np.array(rings), np.array(shells)
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, np.concatenate(points), offsets), np.array(
        kinds, int
    )


def filtered(source: NDArray[np.uint8], clock: Clock) -> tuple[Polygons, NDArray[np.int64]]:
    """Do less than is usually done: polygonize, drop small areas at once, simplify only the few that are left."""
    raw, kinds = polygonized(source)
    clock.step("polygonize")
    kept = shapely.area(raw) >= RULE.min_cells * CELL**2
    simplified = shapely.coverage_simplify(raw[kept], RULE.simplify)
    clock.step("simplify")
    return simplified, kinds[kept]


def simple(source: NDArray[np.uint8], clock: Clock) -> tuple[Polygons, NDArray[np.int64]]:
    """Do the least that is usually done: polygonize, simplify as a coverage, drop small areas; no gap is closed."""
    raw, kinds = polygonized(source)
    clock.step("polygonize")
    simplified = shapely.coverage_simplify(raw, RULE.simplify)
    kept = shapely.area(simplified) >= RULE.min_cells * CELL**2
    clock.step("simplify")
    return simplified[kept], kinds[kept]


def usual(source: NDArray[np.uint8], clock: Clock) -> tuple[Polygons, NDArray[np.int64]]:
    """
    Do what is usually done with rasterio and shapely: polygonize, buffer out and in, drop, simplify as a coverage.

    Half the gap out, union, half the gap in; half the sliver in, and out again; holes and areas below the minimum
    dropped; what fragile land lies in severe land cut out. Buffers have mitred corners and are made part by part: of
    what was tried, the fastest.
    """
    raw, raw_kinds = polygonized(source)
    clock.step("polygonize")
    gap, sliver = (RULE.gap_cells + 0.2) * CELL / 2, (RULE.sliver_cells + 0.2) * CELL / 2
    merged = {}
    for kind in (1, 2):
        grown = shapely.union_all(shapely.buffer(raw[raw_kinds == kind], gap, join_style="mitre"))
        closed = buffered(shapely.get_parts(grown), -gap)
        filled = np.array([without_holes(p, RULE.hole_cells * CELL**2) for p in closed], object)
        merged[kind] = shapely.union_all(buffered(buffered(filled, -sliver), sliver))
    merged[2] = shapely.difference(merged[2], merged[1])
    clock.step("buffer and union")
    parts = [shapely.get_parts(merged[kind]) for kind in (1, 2)]
    kinds = np.repeat([1, 2], [p.size for p in parts])
    polygons = np.concatenate(parts)
    kept = shapely.area(polygons) >= RULE.min_cells * CELL**2
    drawn = shapely.coverage_simplify(polygons[kept], RULE.simplify)
    clock.step("simplify")
    return drawn, kinds[kept]


def buffered(polygons: Polygons, distance: float) -> Polygons:
    """Return what polygons become by a buffer, part by part."""
    parts = shapely.get_parts(shapely.buffer(polygons, distance, join_style="mitre"))
    return parts[~shapely.is_empty(parts)]


def without_holes(polygon: Any, least: float) -> Any:
    """Return a polygon without its small holes."""
    rings = [r for r in polygon.interiors if shapely.Polygon(r).area >= least]
    return polygon if len(rings) == len(polygon.interiors) else shapely.Polygon(polygon.exterior, rings)


def told(polygons: Polygons, kinds: NDArray[np.int64], shape: tuple[int, int], keep: Path) -> dict[str, Any]:
    """Return what was drawn, and keep the cells of each class for comparison."""
    transform = Affine(CELL, 0, 0, 0, -CELL, 0)
    cells = rasterio.features.rasterize(zip(polygons, kinds.tolist(), strict=True), shape, transform=transform)
    np.save(keep, cells.astype(np.uint8))
    area, together = float(shapely.area(polygons).sum()), float(shapely.union_all(polygons).area)
    invalid = shapely.coverage_invalid_edges(polygons)
    return {
        "areas": len(polygons),
        "area_hm2": area / 1e4,
        "overlap_m2": area - together,
        "invalid": int(np.count_nonzero(~shapely.is_valid(polygons))),
        "unshared_edges_m": float(shapely.length(invalid).sum()),
        "below_minimum": int(np.count_nonzero(shapely.area(polygons) < RULE.min_cells * CELL**2 * (1 - 1e-9))),
        "points": int(shapely.get_num_coordinates(polygons).sum()),
    }


def main() -> None:
    """Do the job and print what it took."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    resource.setrlimit(resource.RLIMIT_CPU, (job["processor_limit"], job["processor_limit"] + 1))
    source = np.load(job["npy"])
    jobs = 1 if job["chain"] == "shuibao-1" else job["jobs"]
    theirs = {"filtered": filtered, "simple": simple, "usual": usual}.get(job["chain"])
    if theirs is None:  # compile
        ours(source[:600, :600].copy(), jobs, Clock())
    clock, busy = Clock(), time.process_time()
    polygons, kinds = theirs(source, clock) if theirs else ours(source, jobs, clock)
    peak, busy = peak_mb(), time.process_time() - busy
    found = told(polygons, kinds, source.shape, Path(job["keep"]))
    print(
        json.dumps(
            {"seconds": clock.seconds, "total": sum(clock.seconds.values()), "cpu": busy, "peak_mb": peak, **found}
        )
    )


if __name__ == "__main__":
    main()
