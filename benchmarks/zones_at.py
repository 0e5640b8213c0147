"""
A thousand projects asked of a hundred thousand zones: `shuibao zones at`, from files to file (批量管控查询).

    python benchmarks/zones_at.py [--projects 1000] [--zones 100000] [--json]

Zones are made up (模拟数据): a jittered coverage of six-sided units of prevention and treatment (60 %), blobs of 64 corners
that are severe or fragile and overlap each other (10 %), and steep slopes of 64 corners (30 %), on 300 x 300 km. Projects:
70 % areas of 48 corners, 20 % lines, 10 % points. Files are written before the clock starts. Some projects are also asked
without the tree, each of every zone: the areas must be equal.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

from shuibao.delimitation.control.finding import ask, open_control, summary_rows, zone_rows
from shuibao.delimitation.control.projects import read_projects
from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.ground.grid import national_crs
from shuibao.survey.making import write_region_file
from shuibao.zoning.layer import zone_layer

LEFT, BOTTOM, SIDE = 600_000.0, 4_000_000.0, 300_000.0
CHECKED = 25
"""Projects that are asked without the tree."""


def blobs(rng: np.random.Generator, number: int, radius: tuple[float, float], corners: int) -> np.ndarray:
    """Return star-shaped areas of about a radius, m."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    size = rng.uniform(*radius, (number, 1)) * rng.uniform(0.7, 1.3, (number, corners))
    centre = rng.uniform(0, SIDE, (number, 2)) + (LEFT, BOTTOM)
    x, y = centre[:, :1] + size * np.cos(angle), centre[:, 1:] + size * np.sin(angle)
    return shapely.polygons(np.stack([x, y], axis=2))


def coverage(rng: np.random.Generator, number: int) -> np.ndarray:
    """Return units that share their borders."""
    across = int(np.sqrt(number))
    step = SIDE / across
    grid = np.stack(np.meshgrid(np.arange(across), np.arange(across)), axis=-1).reshape(-1, 2)
    points = (grid + rng.uniform(0.1, 0.9, grid.shape)) * step + (LEFT, BOTTOM)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    return shapely.intersection(cells, shapely.box(LEFT, BOTTOM, LEFT + SIDE, BOTTOM + SIDE))


def make(folder: Path, zones: int, projects: int) -> tuple[Path, Path, int]:
    """Write the region with its zones, and the projects."""
    rng = np.random.default_rng(7)
    region = {
        "name": "模拟区", "level": "city", "codes": [], "year": 2024, "cell": 30, "rules": ["national", "shanxi"],
        "erosion_region": "northwest_loess", "data_kind": "模拟数据",
    }  # fmt: skip
    write_region_file(folder, region, {"boundaries": {"path": "counties.gpkg"}})
    halves = [shapely.box(LEFT + x, BOTTOM, LEFT + x + SIDE / 2, BOTTOM + SIDE) for x in (0, SIDE / 2)]
    write_shapes(folder / "counties.gpkg", np.array(halves), {"code": ["140902", "140921"], "name": ["甲县", "乙县"]})
    shares = {"prevention_treatment": 0.6, "severe_fragile": 0.1, "steep_slope": 0.3}
    count = 0
    for theme, share in shares.items():
        number = int(zones * share)
        if theme == "prevention_treatment":
            shapes, kinds = coverage(rng, number), ("prevention", "treatment")
        elif theme == "severe_fragile":
            shapes, kinds = blobs(rng, number, (500, 3000), 64), ("severe", "fragile")
        else:
            shapes, kinds = blobs(rng, number, (80, 400), 64), ("steep_slope",)
        columns = {
            "code": [f"{theme[:2]}{k:06d}" for k in range(len(shapes))], "level": ["county"] * len(shapes),
            "kind": [kinds[k % len(kinds)] for k in range(len(shapes))], "county": ["140902"] * len(shapes),
        }  # fmt: skip
        write_layer(theme_folder(folder, theme) / DRAWN, zone_layer(theme, columns, shapes, national_crs()))
        count += len(shapes)
    areas, lines = int(projects * 0.7), int(projects * 0.2)
    along = rng.uniform(0, SIDE, (lines, 1, 2)) + (LEFT, BOTTOM) + np.cumsum(rng.normal(0, 800, (lines, 30, 2)), axis=1)
    points = rng.uniform(0, SIDE, (projects - areas - lines, 2)) + (LEFT, BOTTOM)
    shapes = np.concatenate([blobs(rng, areas, (50, 2000), 48), shapely.linestrings(along), shapely.points(points)])
    path = folder / "projects.gpkg"
    write_shapes(path, shapes, {"name": [f"项目{k:05d}" for k in range(len(shapes))]})
    return folder, path, count


def write_shapes(path: Path, shapes: np.ndarray, columns: dict[str, list[str]]) -> None:
    kinds = {g.geom_type for g in shapes}
    pyogrio.raw.write(
        path, geometry=np.array(shapely.to_wkb(shapes), dtype=object), fields=list(columns), crs=national_crs().to_wkt(),
        field_data=[np.array(v, dtype=object) for v in columns.values()],
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
    )  # fmt: skip


def measure(folder: Path, path: Path) -> dict[str, Any]:
    """Take the parts within one process, then the command from files to file."""
    seconds = {}
    start = time.perf_counter()
    control = open_control(folder)
    seconds["open"] = time.perf_counter() - start
    start = time.perf_counter()
    projects = read_projects(path, control.index.crs)
    seconds["read"] = time.perf_counter() - start
    start = time.perf_counter()
    answer = ask(control, projects)
    seconds["ask"] = time.perf_counter() - start
    start = time.perf_counter()
    rows = sum(1 for _ in zone_rows(answer)) + sum(1 for _ in summary_rows(answer))
    seconds["rows"] = time.perf_counter() - start
    greatest = worst(control.index.geometry, projects.geometry, answer)
    for kind in ("csv", "xlsx"):
        out = folder / f"answer.{kind}"
        words = ["zones", "at", str(folder), "--file", str(path), "--out", str(out)]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", f"from shuibao.cli import main; main({words!r})"], check=True,
                       capture_output=True)  # fmt: skip
        seconds[kind] = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds[f"{kind}_cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        "seconds": seconds,
        "rows": rows,
        "pairs": len(answer.hits),
        "peak_mb": peak,
        "greatest_difference_m2": greatest,
    }


def worst(zones: np.ndarray, projects: np.ndarray, answer: Any) -> float:
    """Return by how much an area differs from that without the tree, m²; infinite if other zones are hit."""
    greatest = 0.0
    areas = np.flatnonzero(answer.dimension == 2)
    for row in areas[:: max(1, len(areas) // CHECKED)]:
        plain = shapely.area(shapely.intersection(zones, projects[row]))
        ours = np.zeros(len(zones))
        mine = answer.hits.project == row
        ours[answer.hits.zone[mine]] = answer.hits.measure[mine]
        greatest = max(greatest, float(np.abs(plain - ours).max()))
    return greatest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--zones", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, path, zones = make(Path(temporary), given.zones, given.projects)
        found = {"projects": given.projects, "zones": zones, **measure(folder, path)}
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['projects']} projects x {found['zones']} zones: {found['pairs']} pairs, {found['peak_mb']:.0f} MB")
    for name, value in found["seconds"].items():
        print(f"  {name:8s} {value:7.2f} s")
    print(f"  greatest difference from asking without the tree: {found['greatest_difference_m2']:.2g} m²")


if __name__ == "__main__":
    main()
