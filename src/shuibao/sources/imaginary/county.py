"""
The inputs of an imaginary region, written tile by tile (模拟区域的全部输入).

Every file says that it is made up: ``DATA_KIND=模拟数据`` in its tags, 模拟站 in the names of the rain stations.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import rasterio
import shapely
from numpy.typing import NDArray
from pyarrow import csv
from rasterio.windows import Window

from shuibao.ground.burning import burn
from shuibao.ground.files import sha256_of
from shuibao.ground.grid import BLOCK, Grid
from shuibao.ground.parallel import in_order
from shuibao.messages import ShuibaoError
from shuibao.sources.imaginary.cover import CELL, HALF_MONTHS, cover
from shuibao.sources.imaginary.land import MEASURES, land_and_measures
from shuibao.sources.imaginary.rain import FIRST_YEAR, LAST_YEAR, STATION_MARGIN, daily_rain, stations_around
from shuibao.sources.imaginary.soil import LAYERS, soil
from shuibao.sources.imaginary.terrain import WIDE, Relief, relief_around

DATA_KIND = "模拟数据"
"""What every file of the imaginary land is labelled with: simulated data."""

SOURCE = "shuibao imaginary county 模拟县"
VERSION = "2"
"""Version of the imaginary land: another number, another land."""

LICENCE = "CC0-1.0"

XINZHOU_SEED = 474
"""
Seed of the demonstration in Xinzhou; chosen among 4 000 so that wide basins fall in 忻府, 定襄 and 原平 and the highest
ranges in 繁峙, 宁武 and 五台, roughly where the real ones are. Nothing else of the land is fitted to the place.
"""

MARGIN = 2000.0
"""How far around the region the inputs reach, m."""

_TILE = 3 * BLOCK
_SMALL_BLOCK = 64

Array = NDArray[Any]


@dataclass(frozen=True)
class _Plan:
    """What a tile needs to know (分幅任务)."""

    grid: Grid
    wide_grid: Grid
    above: Relief
    mask: shapely.Geometry | None
    wide_mask: shapely.Geometry | None


def _wide_grid(grid: Grid) -> Grid:
    factor = CELL / grid.cell
    if factor != round(factor):
        zh = f"像元 {grid.cell:g} m 不能整除覆盖度像元 {CELL:g} m；可用 10 m 或 30 m。"
        en = f"Cells of {grid.cell:g} m do not divide the cover cell of {CELL:g} m evenly; use 10 m or 30 m."
        raise ShuibaoError(zh, en)
    return grid.coarser(round(factor))


def _covered(grid: Grid, mask: shapely.Geometry | None) -> NDArray[np.bool_]:
    if mask is None:
        return np.ones(grid.shape, dtype=bool)
    return burn([(mask, 1)], grid) > 0


def _make_tile(tile: Grid, plan: _Plan) -> dict[str, tuple[Grid, Array]]:
    """Return every layer of a tile of the wide grid, clipped to the region; nothing where the region is far away."""
    if plan.wide_mask is not None and not shapely.intersects(plan.wide_mask, shapely.box(*tile.bounds)):
        return {}
    factor = round(CELL / plan.grid.cell)
    whole = Grid(plan.grid.cell, tile.row * factor, tile.col * factor, tile.rows * factor, tile.cols * factor)
    relief = relief_around(whole.grown(1).bounds, plan.above.seed, above=plan.above)
    height, land, measure = land_and_measures(whole, plan.above.seed, relief)
    layers: dict[str, tuple[Grid, Array]] = {}
    wide_inside = _covered(tile, plan.wide_mask)
    for name, layer in soil(tile, relief).items():
        layers[name] = (tile, np.where(wide_inside, layer, np.float32(np.nan)))
    for k, layer in enumerate(cover(tile, land, relief)):
        layers[f"fvc_{k + 1:02d}"] = (tile, np.where(wide_inside, layer, np.float32(np.nan)))
    part = _overlap(whole, plan.grid)
    rows, cols = part.inside(whole)
    inside = _covered(part, plan.mask)
    layers["dem"] = (part, np.where(inside, height[rows, cols], np.float32(np.nan)))
    layers["landuse"] = (part, np.where(inside, land[rows, cols], np.uint8(0)))
    layers["measures"] = (part, np.where(inside, measure[rows, cols], np.uint8(0)))
    return layers


def _overlap(one: Grid, other: Grid) -> Grid:
    row, col = max(one.row, other.row), max(one.col, other.col)
    row_end = min(one.row + one.rows, other.row + other.rows)
    col_end = min(one.col + one.cols, other.col + other.cols)
    return Grid(one.cell, row, col, row_end - row, col_end - col)


_DESCRIPTIONS: dict[str, tuple[str, str]] = {
    "dem": ("高程", "m"),
    "landuse": ("土地利用", "land_class"),
    "measures": ("水土保持工程措施", "measure_code"),
    **{name: (chinese, "%") for name, chinese in LAYERS.items()},
    **{f"fvc_{k:02d}": (f"第 {k} 个半月植被覆盖度", "1") for k in range(1, HALF_MONTHS + 1)},
}


def _open(folder: Path, name: str, plan: _Plan) -> Any:
    """Open a layer for writing, whole blocks of the national grid, with its label."""
    classes, fine = name in ("landuse", "measures"), name in ("dem", "landuse", "measures")
    grid, block = (plan.grid, BLOCK) if fine else (plan.wide_grid, _SMALL_BLOCK)
    layer = rasterio.open(
        folder / f"{name}.tif", "w", driver="GTiff", dtype="uint8" if classes else "float32", count=1,
        nodata=0 if classes else np.nan, crs=grid.crs, transform=grid.transform, height=grid.rows, width=grid.cols,
        tiled=True, blockxsize=block, blockysize=block, compress="zstd", zstd_level=1, predictor=1 if classes else 3,
        sparse_ok=True, bigtiff="if_safer",
    )  # fmt: skip
    description, unit = _DESCRIPTIONS[name]
    layer.update_tags(DATA_KIND=DATA_KIND, SOURCE=SOURCE, SEED=str(plan.above.seed), LICENCE=LICENCE, VERSION=VERSION)
    layer.update_tags(1, UNIT=unit)
    layer.set_band_description(1, f"{description}（{DATA_KIND}）")
    return layer


def _write_rain(path: Path, plan: _Plan) -> int:
    """Write the daily rain of the stations in and around the region; return how many stations there are."""
    stations = stations_around(plan.above, plan.grid.bounds)
    dates, rain = daily_rain(stations, plan.above.seed)
    count = len(stations.names)
    table = pa.table(
        {
            "station": pa.array(np.repeat(np.array(stations.names), dates.size)),
            "lon": pa.array(np.repeat(stations.lon, dates.size)),
            "lat": pa.array(np.repeat(stations.lat, dates.size)),
            "date": pa.array(np.tile(dates, count)),
            "rain_mm": pa.array(rain.ravel()),
        }
    )
    with path.open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())
        csv.write_csv(table, file, csv.WriteOptions(include_header=False, quoting_style="none"))
    return count


def write_imaginary_inputs(
    folder: Path,
    grid: Grid,
    mask_geometry: shapely.Geometry | None,
    seed: int,
    *,
    jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """
    Write all inputs of an imaginary region, tile by tile (写出模拟区域输入).

    Files appear in the folder when all are whole; a run that is killed leaves only ``.unfinished``.

    Parameters
    ----------
    folder : Path
        Where to; made if it is not there.
    grid : Grid
        Extent and cell of the region; widened to whole blocks of the national grid. 10 m or 30 m cells.
    mask_geometry : shapely geometry, optional
        The region in the national coordinate system, m. Land farther than 2 km from it is left out: NaN in the
        rasters of numbers, 0 in those of classes.
    seed : int
        Number that the whole land follows from.
    jobs : int
        Tiles that are made at a time. The files do not depend on it.
    progress : callable, optional
        Called with tiles done and tiles in all.

    Returns
    -------
    dict
        ``inputs``: for ``dem``, ``land_use``, ``measures``, ``sand``, ``silt``, ``clay``, ``organic_carbon``, ``cover``
        and ``rain`` the file in ``folder`` with its unit, scheme or codes; ``data_kind``, ``source``, ``licence``,
        ``version``, ``seed``, ``stations``, ``years``; ``sha256`` of every file.

    Raises
    ------
    ShuibaoError
        If the cell does not divide 240 m evenly.
    """
    unfinished = folder / ".unfinished"
    unfinished.mkdir(parents=True, exist_ok=True)
    grid = grid.whole_blocks()
    wide_grid = _wide_grid(grid)
    left, bottom, right, top = grid.bounds
    widened = (left - STATION_MARGIN, bottom - STATION_MARGIN, right + STATION_MARGIN, top + STATION_MARGIN)
    above = relief_around(widened, seed, WIDE)
    mask = None if mask_geometry is None else shapely.buffer(mask_geometry, MARGIN)
    wide_mask = None if mask is None else shapely.buffer(mask, CELL)
    plan = _Plan(grid, wide_grid, above, mask, wide_mask)
    tiles = list(wide_grid.tiles(round(_TILE * grid.cell / CELL)))
    with ExitStack() as files:
        files.enter_context(rasterio.Env(GDAL_CACHEMAX=256 * 2**20))
        layers = {name: files.enter_context(_open(unfinished, name, plan)) for name in _DESCRIPTIONS}
        for done, made in enumerate(in_order(lambda tile: _make_tile(tile, plan), tiles, jobs), start=1):
            for name, (part, array) in made.items():
                whole = grid if part.cell == grid.cell else wide_grid
                window = Window(part.col - whole.col, part.row - whole.row, part.cols, part.rows)
                layers[name].write(array, 1, window=window)
            if progress is not None:
                progress(done, len(tiles))
    stations = _write_rain(unfinished / "rain_daily.csv", plan)
    for path in sorted(unfinished.iterdir()):
        path.replace(folder / path.name)
    unfinished.rmdir()
    return _description(folder, seed, stations)


def _description(folder: Path, seed: int, stations: int) -> dict[str, Any]:
    names = [*(f"{name}.tif" for name in _DESCRIPTIONS), "rain_daily.csv"]
    return {
        "inputs": {
            "dem": {"path": "dem.tif", "unit": "m"},
            "land_use": {"path": "landuse.tif", "scheme": "shuibao"},
            "measures": {"path": "measures.tif", "codes": {code: measure for code, measure in MEASURES.items()}},
            "sand": {"path": "sand.tif", "unit": "%"},
            "silt": {"path": "silt.tif", "unit": "%"},
            "clay": {"path": "clay.tif", "unit": "%"},
            "organic_carbon": {"path": "soc.tif", "unit": "%"},
            "cover": {"path": "fvc_*.tif", "unit": "1"},
            "rain": {"path": "rain_daily.csv", "unit": "mm"},
        },
        "data_kind": DATA_KIND,
        "source": SOURCE,
        "licence": LICENCE,
        "version": VERSION,
        "seed": seed,
        "stations": stations,
        "years": [FIRST_YEAR, LAST_YEAR],
        "sha256": {name: sha256_of(folder / name) for name in names},
    }
