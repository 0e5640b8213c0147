"""
Acceptance of a package of a hundred thousand steep slopes: `shuibao zones check`, from file to list (成果验收).

    python benchmarks/zones_check.py [--zones 100000] [--faults 100] [--profile] [--json]

Zones are made up (模拟数据): star-shaped patches of 64 corners and 5 to 10 hm² on a jittered net over the counties of
Xinzhou, with every field of a package, as GeoPackage, zipped shapefile and list. Two packages are checked: a clean one, in
which nothing may be found, and one with faults of six kinds planted, each of which must be found and nothing else. Files
are written before the clock starts.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.contract import fields_of
from shuibao.ground.grid import national_crs
from shuibao.ground.shapefile import TableField, write_shapefile
from shuibao.ground.vectors import write_geopackage
from shuibao.rules import load_rules
from shuibao.sources.boundaries import county_boundaries

THEME, CITY, YEAR = "steep_slope", "140900", 2024
STEP, RADIUS, CORNERS = 420.0, (136.0, 165.0), 64
PLANTED = ("geometry-invalid", "overlap", "area-small", "area-differs", "code-repeated", "county-name")
"""Kinds of fault that are planted, in equal numbers."""


def patches(zones: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return patches that lie apart, each within its county, and the code and name of the county of each."""
    rng = np.random.default_rng(7)
    counties = county_boundaries([CITY])
    shapes, codes, names = [], [], []
    for code, name, land in zip(counties.codes, counties.names, counties.projected(), strict=True):
        left, bottom, right, top = land.bounds
        x, y = np.meshgrid(np.arange(left, right, STEP), np.arange(bottom, top, STEP))
        centre = np.stack([x.ravel(), y.ravel()], axis=1) + rng.uniform(-20, 20, (x.size, 2))
        inner = land.buffer(-STEP / 2)
        shapely.prepare(inner)
        centre = centre[shapely.contains_xy(inner, centre[:, 0], centre[:, 1])]
        angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        size = rng.uniform(*RADIUS, (len(centre), 1)) * rng.uniform(0.97, 1.03, (len(centre), CORNERS))
        ring = np.stack([centre[:, :1] + size * np.cos(angle), centre[:, 1:] + size * np.sin(angle)], axis=2)
        shapes.append(shapely.polygons(np.round(ring, 2)))
        codes += [code] * len(centre)
        names += [name] * len(centre)
    found = np.concatenate(shapes)
    if len(found) < zones:
        raise SystemExit(f"only {len(found)} patches have room in Xinzhou")
    chosen = np.sort(rng.permutation(len(found))[:zones])
    return found[chosen], np.array(codes, dtype=object)[chosen], [names[k] for k in chosen]


def columns_of(shapes: np.ndarray, county: np.ndarray, names: list[str]) -> dict[str, list[Any]]:
    """Return the attributes that a package has."""
    n, area = len(shapes), shapely.area(shapes)
    return {
        "code": [f"{c}-{k:06d}" for k, c in enumerate(county, 1)], "name": [f"{name}陡坡地" for name in names],
        "kind": [5] * n, "kind_name": ["禁止开垦陡坡地"] * n, "level": [4] * n, "level_name": ["县级"] * n,
        "county": list(county), "county_name": list(names), "town": [""] * n, "town_name": [""] * n,
        "area_hm2": list(np.round(area / 1e4, 2)), "area_m2": list(np.round(area, 2)), "basis": ["steep_slope.angle"] * n,
        "mean_slope": [28.5] * n, "angle": [25.0] * n, "land_use": [6] * n, "land_use_name": ["有林地"] * n,
        "land_use_share": [80.0] * n, "land_mix": ["有林地 80 %"] * n,
        "perimeter_m": list(np.round(shapely.length(shapes), 1)), "slope_area_hm2": list(np.round(area / 1e4, 2)),
    }  # fmt: skip


def plant(shapes: np.ndarray, columns: dict[str, list[Any]], each: int) -> None:
    """Plant faults of each kind into patches of their own."""
    rows = iter(np.random.default_rng(1).permutation(len(shapes) // 2)[: each * len(PLANTED)].tolist())

    def reshape(row: int, shape: Any) -> None:
        shapes[row] = shape
        columns["area_m2"][row], columns["perimeter_m"][row] = round(shape.area, 2), round(shape.length, 1)
        columns["area_hm2"][row] = columns["slope_area_hm2"][row] = round(shape.area / 1e4, 2)

    for _ in range(each):
        row = 2 * next(rows)
        xy = shapely.get_coordinates(shapes[row])
        shapes[row] = shapely.polygons(xy[[0, 20, 10, *range(21, len(xy))]])
        row = 2 * next(rows)
        reshape(row, shapely.transform(shapes[row + 1], lambda xy: np.round(xy + (100, 0), 2)))
        row = 2 * next(rows)
        x, y = shapely.get_coordinates(shapes[row].centroid)[0].round(2)
        reshape(row, shapely.box(x - 50, y - 50, x + 50, y + 50))
        columns["area_hm2"][2 * next(rows)] += 1.0
        row = 2 * next(rows)
        columns["code"][row] = columns["code"][row + 1]
        row = 2 * next(rows)
        columns["county_name"][row] = "别的县"


def write(folder: Path, shapes: np.ndarray, columns: dict[str, list[Any]]) -> Path:
    """Write a package."""
    folder.mkdir()
    rules, stem = load_rules(["national"]), f"{CITY}_{THEME}_{YEAR}"
    fields = [field for field in fields_of(rules, THEME) if field.name in columns]
    values = {f.name: np.array(columns[f.name], dtype=object if f.type == "text" else None) for f in fields}
    write_geopackage(
        folder / f"{stem}.gpkg",
        {THEME: (values, shapes)},
        national_crs(),
        metadata={"THEME": THEME, "DATA_KIND": "模拟数据"},
    )
    table = [TableField(f.short, f.type, f.width, f.decimals) for f in fields]
    short = {f.short: values[f.name] for f in fields}
    write_shapefile(folder / f"{stem}.shp.zip", stem, table, short, shapes, national_crs())
    with (folder / f"{stem}_list.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([f.name for f in fields])
        rows.writerows(zip(*(values[f.name].tolist() for f in fields), strict=True))
    content = {
        "format": "another/1", "theme": THEME, "theme_name": "禁止开垦陡坡地", "region": "模拟忻州", "level": "city",
        "codes": [CITY], "year": YEAR, "crs": {"name": national_crs().name}, "precision_m": 0.01, "zones": len(shapes),
        "area_hm2": round(sum(columns["area_hm2"]), 2), "totals": [], "rules": [{"key": "steep_slope.angle"}], "notes": [],
        "software": "shuibao", "files": {}, "data_kind": "模拟数据",
    }  # fmt: skip
    (folder / "metadata.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return folder


def check(package: Path, profile: bool) -> dict[str, Any]:
    """Check a package by the command, in a process of its own."""
    words = ["zones", "check", str(package), "--format", "json"]
    call = f"from shuibao.cli import main; main({words!r})"
    options = ["-m", "cProfile", "-s", "tottime"] if profile else []
    script = package.parent / "call.py"
    script.write_text(call, encoding="utf-8")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, *options, str(script)], capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = done.stdout
    if profile:
        end = text.rfind("]\n") + 1
        print("\n".join(text[end:].splitlines()[:60]), file=sys.stderr)
        text = text[:end]
    faults = json.loads(text) if text.strip() else []
    return {
        "wall_s": wall, "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": after.ru_maxrss / 1024, "faults": dict(Counter(row["kind"] for row in faults)),
        "megabytes": sum(p.stat().st_size for p in package.iterdir()) / 1e6,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zones", type=int, default=100_000)
    parser.add_argument("--faults", type=int, default=100, help="faults of each kind")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        shapes, county, names = patches(given.zones)
        for name in ("clean", "spoilt"):
            columns = columns_of(shapes, county, names)
            if name == "spoilt":
                plant(shapes, columns, given.faults)
            found[name] = check(write(Path(temporary) / name, shapes, columns), given.profile)
    if given.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for name, of in found.items():
        print(
            f"{name}: {given.zones} zones, {of['megabytes']:.0f} MB, {of['wall_s']:.1f} s, processor {of['cpu_s']:.1f} s,"
            f" peak {of['peak_mb']:.0f} MB, faults {of['faults']}"
        )


if __name__ == "__main__":
    main()
