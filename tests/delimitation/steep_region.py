"""A small region of steep simulated land with towns, farmland and construction land (陡坡的模拟小区域)."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from tests.survey.small_region import CODES, input_grid, region_grid, small_region, write_tif

from shuibao.ground.grid import Grid, national_crs
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

TOWNS = {
    "990001001": ("模拟甲镇", (0.0, 0.0, 0.5, 0.45)),
    "990001102": ("模拟乙乡", (0.0, 0.45, 0.5, 1.0)),
    "990002001": ("模拟丙镇", (0.5, 0.0, 0.8, 1.0)),
    "990002002": ("模拟丁镇", (0.8, 0.0, 1.0, 1.0)),
}
"""Code, name and place (left, bottom, right, top, as shares of the region) of the towns."""

FARMLAND = (0.2, 0.3, 0.35, 0.7)
CONSTRUCTION = (0.6, 0.1, 0.7, 0.4)
LAYERS = {"towns": {"path": "inputs/towns.geojson"}, "farmland": {"path": "inputs/farmland.geojson"}}


def place(share: tuple[float, float, float, float], grid: Grid | None = None) -> shapely.Polygon:
    """Return a part of the region, m, from its shares."""
    left, bottom, right, top = (grid or region_grid()).bounds
    x, y = right - left, top - bottom
    return shapely.box(left + share[0] * x, bottom + share[1] * y, left + share[2] * x, bottom + share[3] * y)


def steep_ground(grid: Grid) -> NDArray[np.float32]:
    """Return ridges and valleys of which about a third is steeper than 25°, m."""
    x, y = grid.centres()
    east, north = np.meshgrid(x, y)
    return (1200.0 + 170 * np.sin(east / 250.0) + 120 * np.cos(north / 300.0)).astype(np.float32)


def steep_region(
    folder: Path,
    *,
    inputs: Mapping[str, Mapping[str, Any] | None] | None = None,
    region: Mapping[str, Any] | None = None,
    run: bool = True,
    layers: bool = True,
) -> Region:
    """
    Make a region folder whose land is steep, with towns and farmland, and run it.

    What many modules ask for alike is made and run once, and copied.
    """
    if run and layers and not inputs and not region:
        return load_region(Path(shutil.copytree(_run_once(), folder, dirs_exist_ok=True)))
    return _steep_region(folder, inputs=inputs, region=region, run=run, layers=layers)


@cache
def _run_once() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="shuibao-steep-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _steep_region(folder, inputs=None, region=None, run=True, layers=True).folder


def _steep_region(
    folder: Path,
    *,
    inputs: Mapping[str, Mapping[str, Any] | None] | None,
    region: Mapping[str, Any] | None,
    run: bool,
    layers: bool,
) -> Region:
    extra = {**(LAYERS if layers else {}), **(inputs or {})}
    small_region(folder, inputs=extra, region=region)
    grid = input_grid()
    write_tif(folder / "inputs" / "dem.tif", steep_ground(grid), grid)
    towns = [({"code": code, "name": name}, place(share)) for code, (name, share) in TOWNS.items()]
    write_shapes(folder / "inputs" / "towns.geojson", towns)
    write_shapes(folder / "inputs" / "farmland.geojson", [({}, place(FARMLAND))])
    write_shapes(folder / "inputs" / "construction.geojson", [({}, place(CONSTRUCTION))])
    loaded = load_region(folder)
    if run:
        run_region(loaded, jobs=1)
    return loaded


def write_shapes(path: Path, shapes: list[tuple[dict[str, Any], Any]]) -> None:
    """Write shapes, m on the national grid, as GeoJSON in degrees, with points every 50 m."""
    to_degrees = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    features = []
    for properties, shape in shapes:
        dense = shapely.segmentize(shape, 50.0) if shape.is_valid else shape  # it would be mended
        flat = shapely.transform(dense, to_degrees.transform, interleaved=False)
        features.append({"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(flat))})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))


def along_cells(folder: Path, **others: tuple[float, str]) -> Path:
    """Return a pack by which borders run along the cells, as the laws of cells want it."""
    rules = {"simplify_tolerance": (0, "m"), "smooth_tolerance": (0, "m"), **others}
    words = 'source = "shuibao"\nstatus = "draft"\nbasis = "chosen"\nconfidence = "L"\nname = "甲"\nname_en = "A"'
    text = '[pack]\nid = "along_cells"\ntitle = "甲"\ntitle_en = "A"\nincludes = ["national"]\n'
    for name, (value, unit) in rules.items():
        text += f'[steep_slope.{name}]\nvalue = {value}\nunit = "{unit}"\n{words}\n'
    (folder / "along_cells.toml").write_text(text, encoding="utf-8")
    return folder / "along_cells.toml"


__all__ = [
    "CODES",
    "CONSTRUCTION",
    "FARMLAND",
    "TOWNS",
    "along_cells",
    "place",
    "steep_ground",
    "steep_region",
    "write_shapes",
]
