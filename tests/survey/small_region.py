"""A tiny region folder of simulated data (模拟数据) that is run in less than a second, for every test that needs one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer

from shuibao.ground.grid import BLOCK, Grid, national_crs
from shuibao.survey.making import write_region_file
from shuibao.survey.region import SIMULATED

CELL = 30.0
SIDE = 60
"""Side of the region, cells: two counties of 60 x 30 cells each."""

MARGIN = 20
"""Cells that the inputs reach beyond the region."""

CODES = ("990001", "990002")
NAMES = ("模拟甲县", "模拟乙县")
PLACE = (111.3, 39.5)
"""Longitude and latitude of the region's upper left corner, roughly."""

INPUTS: dict[str, dict[str, Any]] = {
    "dem": {"path": "inputs/dem.tif", "unit": "m"},
    "land_use": {"path": "inputs/landuse.tif", "scheme": "shuibao"},
    "rain": {"path": "inputs/rain.csv", "unit": "mm"},
    "soil_k": {"path": "inputs/k.tif", "unit": "t hm2 h / (hm2 MJ mm)"},
    "cover": {"path": "inputs/fvc_*.tif", "unit": "1"},
    "measures": {"path": "inputs/measures.tif"},
    "tillage": {"value": 1.0},
    "boundaries": {"path": "inputs/borders.geojson"},
}
REGION: dict[str, Any] = {
    "name": "模拟区", "level": "city", "codes": [], "year": 2024, "cell": 30, "rules": ["national", "shanxi"],
    "erosion_region": "northwest_loess", "data_kind": SIMULATED, "tile": 512,
}  # fmt: skip

Changes = Mapping[str, Mapping[str, Any] | None]


@lru_cache(maxsize=1)
def region_grid() -> Grid:
    """Return the cells of the region."""
    x, y = Transformer.from_crs(4490, national_crs(), always_xy=True).transform(*PLACE)
    return Grid(CELL, round(-y / CELL), round(x / CELL), SIDE, SIDE)


def corner_grid() -> Grid:
    """Return the cells of a region of the same size over the corner of four tiles, near the other."""
    here, half = region_grid(), SIDE // 2
    return replace(
        here, row=round(here.row / BLOCK) * BLOCK - half, col=round(here.col / BLOCK) * BLOCK - half
    )  # fmt: skip


def input_grid() -> Grid:
    """Return the cells of the inputs: the region with its margin."""
    return region_grid().grown(MARGIN)


def small_region(
    folder: Path,
    *,
    inputs: Changes | None = None,
    region: Mapping[str, Any] | None = None,
    files: bool = True,
    grid: Grid | None = None,
) -> Path:
    """
    Make the region folder; it is sound unless it is changed.

    Parameters
    ----------
    folder : Path
        Folder to make.
    inputs : mapping of str to mapping or None
        Keys of inputs to change or add; None takes an input away.
    region : mapping
        Keys of ``[region]`` to change.
    files : bool
        Whether to write the input files; without them only ``region.toml`` is written anew.
    grid : Grid, optional
        Where the region lies; at :func:`region_grid` if not given.
    """
    if files:
        (folder / "inputs").mkdir(parents=True, exist_ok=True)
        for name, content in input_files(grid or region_grid()).items():
            (folder / "inputs" / name).write_bytes(content)
    tables = {name: dict(given) for name, given in INPUTS.items()}
    for name, change in (inputs or {}).items():
        if change is None:
            tables.pop(name, None)
        else:
            tables[name] = tables.get(name, {}) | dict(change)
    folder.mkdir(parents=True, exist_ok=True)
    write_region_file(folder, REGION | dict(region or {}), tables)
    return folder


@lru_cache(maxsize=2)
def input_files(region: Grid) -> dict[str, bytes]:
    """Return the input files of a sound region by name."""
    with tempfile.TemporaryDirectory() as folder:
        write_inputs(Path(folder), region)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def write_inputs(folder: Path, region: Grid) -> None:
    """Write all input files of a sound region."""
    folder.mkdir(parents=True, exist_ok=True)
    grid = region.grown(MARGIN)
    write_tif(folder / "dem.tif", elevation(grid), grid)
    write_tif(folder / "landuse.tif", land_use(grid), grid, nodata=0)
    write_tif(folder / "measures.tif", np.zeros(grid.shape, dtype=np.uint8), grid, nodata=0)
    soil, vegetation = grid.coarser(4), grid.coarser(8)
    write_tif(folder / "k.tif", np.full(soil.shape, 0.035, dtype=np.float32), soil)
    for half_month in range(1, 25):
        write_tif(folder / f"fvc_{half_month:02d}.tif", cover(vegetation, half_month), vegetation)
    write_rain(folder / "rain.csv")
    write_borders(folder / "borders.geojson", region)


def elevation(grid: Grid) -> NDArray[np.float32]:
    """Return ridges and valleys, m, that follow from the place alone."""
    x, y = grid.centres()
    east, north = np.meshgrid(x, y)
    ridges = 60 * np.sin(east / 180.0) + 40 * np.cos(north / 230.0) + 15 * np.sin((east + north) / 70.0)
    return (1200.0 + ridges).astype(np.float32)


def land_use(grid: Grid) -> NDArray[np.uint8]:
    """Return patches of dry cropland, forest, shrub, grass and bare soil."""
    rows, cols = np.meshgrid(np.arange(grid.rows) + grid.row, np.arange(grid.cols) + grid.col, indexing="ij")
    kinds = np.array([3, 6, 7, 9, 15], dtype=np.uint8)
    return kinds[(rows // 9 + 2 * (cols // 7)) % kinds.size]


def cover(grid: Grid, half_month: int) -> NDArray[np.float32]:
    """Return vegetation cover, 0-1, that is best in summer."""
    x, _ = grid.centres()
    season = 0.35 - 0.25 * np.cos(2 * np.pi * (half_month - 2) / 24)
    return np.broadcast_to(season + 0.05 * np.sin(x / 500.0), grid.shape).astype(np.float32)


def write_rain(path: Path, years: int = 20) -> None:
    """Write daily rain of one station with a wet summer."""
    days = np.arange(np.datetime64("1991-01-01"), np.datetime64(f"{1991 + years}-01-01"))
    season = (days - days.astype("datetime64[Y]")).astype(int) / 365.25
    draw = np.random.default_rng(7).random((2, days.size))
    wet = draw[0] < 0.08 + 0.25 * np.exp(-(((season - 0.55) / 0.13) ** 2))
    rain = np.where(wet, -7.0 * np.log(draw[1]), 0.0).round(1)
    lines = [f"{day},{value}" for day, value in zip(days, rain.tolist(), strict=True)]
    path.write_text("\n".join(["date,rain_mm", *lines]) + "\n", encoding="utf-8")


def write_borders(path: Path, grid: Grid) -> None:
    """Write the two counties, west and east halves of the region, as GeoJSON in degrees."""
    to_degrees = Transformer.from_crs(national_crs(), 4326, always_xy=True)
    left, bottom, right, top = grid.bounds
    middle = (left + right) / 2
    features = []
    for code, name, (west, east) in zip(CODES, NAMES, ((left, middle), (middle, right)), strict=True):
        ring = [(west, bottom), (east, bottom), (east, top), (west, top), (west, bottom)]
        lon, lat = to_degrees.transform(*zip(*ring, strict=True))
        shape = {"type": "Polygon", "coordinates": [[[x, y] for x, y in zip(lon, lat, strict=True)]]}
        features.append({"type": "Feature", "properties": {"code": code, "name": name}, "geometry": shape})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))


def write_tif(
    path: Path, values: NDArray[Any], grid: Grid | None, *, nodata: float | None = None, **profile: Any
) -> None:
    """Write a raster on a grid, or with the ``crs`` and ``transform`` of ``profile``; crs None leaves it out."""
    own: dict[str, Any] = {"nodata": nodata} if nodata is not None else {}
    if grid is not None:
        own |= {"crs": grid.crs.to_wkt(), "transform": grid.transform}
    bands = values if values.ndim == 3 else values[np.newaxis]
    own |= {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": values.dtype.name}
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **({"driver": "GTiff"} | own | profile)) as dataset:
        dataset.write(bands)
        dataset.update_tags(DATA_KIND=SIMULATED)
