"""B of the three kinds of vegetation, at the resolution that cover is known in (植被盖度与生物措施因子)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from shuibao.erosion.cover import CoverCoefficients, cover_layers
from shuibao.ground.grid import Grid
from shuibao.ground.parallel import in_order
from shuibao.ground.reading import RasterSource, open_source
from shuibao.ground.writing import new_raster
from shuibao.rules import Rules
from shuibao.survey.climate import HALF_MONTHS, Climate, open_climate
from shuibao.survey.executing import processors
from shuibao.survey.inputs import bands_of, class_source, land_class_named, land_classes, quantity_source, unit_factor
from shuibao.survey.region import Region

LAYERS = ("B 灌木、茶园", "B 草地", "B 林地、果园", "年均植被盖度")
"""Bands of the product."""

STATED_WIDTH = 64
"""Width of the cells of a stated cover, cells: it is the same everywhere."""

_PIECE = 256

Layers = NDArray[np.float32]


def make_vegetation(
    region: Region, rules: Rules, grid: Grid, path: Path, rain_product: Path, tags: dict[str, str]
) -> dict[str, object]:
    """
    Compute B of shrub, grass and forest and the mean cover, piece by piece, and write them (计算并写出 B 因子).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    grid : Grid
        Extent of the products.
    path : Path
        Raster to write: four bands.
    rain_product : Path
        Raster of erosivity and its half-month shares.
    tags : dict
        Provenance.

    Returns
    -------
    dict
        What the record keeps: how cover is known, and the width of its cells.
    """
    given = region.inputs["cover"]
    coefficients = CoverCoefficients.from_rules(rules)
    if "by_land" in given or "value" in given:
        width, layers, how = _stated(region, rules, grid, coefficients)
    else:
        layers_given = bands_of(region, "cover", HALF_MONTHS)
        width = quantity_source(region, "cover", grid, path=layers_given[0][0]).cells_wide(grid)
        coarse = grid.coarser(width)
        layers = _measured(region, coarse, coefficients, open_climate(region, coarse, rain_product))
        how = f"{len(layers_given)} composites" if len(layers_given) > 1 else "annual"
    _write(path, grid.coarser(width), layers, tags)
    return {"from": how, "cell": grid.coarser(width).cell, "width": width}


def _stated(
    region: Region, rules: Rules, grid: Grid, coefficients: CoverCoefficients
) -> tuple[int, Callable[[Grid], Layers], str]:
    """Return layers of cover that is stated for the region or for each land class."""
    given = region.inputs["cover"]
    even = np.full(HALF_MONTHS, 1.0 / HALF_MONTHS)
    factor = unit_factor("cover", given)
    table = np.full(256, np.nan)
    if "value" in given:
        table[:] = float(given["value"]) * factor
    for name, cover in given.get("by_land", {}).items():
        table[land_class_named(rules, name)] = float(cover) * factor
    year = np.broadcast_to(table[np.newaxis, np.newaxis], (HALF_MONTHS, 1, 256))
    of_class = cover_layers(np.nan_to_num(year, nan=0.0), even, coefficients)[:, 0]
    of_class[:, np.isnan(table)] = np.nan
    one = land_class_named(rules, region.inputs["land_use"]["value"]) if "value" in region.inputs["land_use"] else 1
    if "by_land" not in given or "value" in region.inputs["land_use"]:
        return STATED_WIDTH, lambda piece: np.broadcast_to(of_class[:, one, None, None], (4, *piece.shape)), "stated"
    land = class_source(region, "land_use", grid, land_classes(region, rules))
    return 1, lambda piece: of_class[:, land.read(piece)], "land class table"


def _measured(
    region: Region, coarse: Grid, coefficients: CoverCoefficients, climate: Climate
) -> Callable[[Grid], Layers]:
    given = bands_of(region, "cover", HALF_MONTHS)
    sources = [quantity_source(region, "cover", coarse, path=path, band=band) for path, band in given]

    def layers(piece: Grid) -> Layers:
        cover = np.stack([s.read(piece) for s in sources])
        if len(sources) == 1:
            cover = np.broadcast_to(cover, (HALF_MONTHS, *piece.shape))
        return cover_layers(cover, _weights(climate, piece), coefficients)

    return layers


def _weights(climate: Climate, piece: Grid) -> NDArray[np.float64]:
    if not isinstance(climate.weights, tuple):
        return climate.weights
    shares = np.stack([source.read(piece) for source in climate.weights]).astype(np.float64)
    return np.asarray(shares / shares.sum(axis=0))


def _write(path: Path, grid: Grid, layers: Callable[[Grid], Layers], tags: dict[str, str]) -> None:
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": len(LAYERS),
        "height": grid.rows,
        "width": grid.cols,
        "crs": rasterio.crs.CRS.from_wkt(grid.crs.to_wkt("WKT1_GDAL")),
        "transform": grid.transform,
        "nodata": np.nan,
        "tiled": True,
        "blockxsize": _PIECE,
        "blockysize": _PIECE,
        "compress": "zstd",
        "zstd_level": 1,
        "predictor": 3,
        "interleave": "band",
    }
    with new_raster(path, profile) as dataset:
        dataset.update_tags(**tags)
        for number, name in enumerate(LAYERS, start=1):
            dataset.set_band_description(number, name)
        pieces = _pieces(grid)
        for piece, cells in zip(pieces, in_order(layers, pieces, processors()), strict=True):
            rows, cols = piece.inside(grid)
            window = Window(cols.start, rows.start, piece.cols, piece.rows)
            dataset.write(cells.astype(np.float32, copy=False), window=window)


def _pieces(grid: Grid) -> list[Grid]:
    """Return the blocks that the file is stored in."""
    return [
        replace(
            grid,
            row=grid.row + r,
            col=grid.col + c,
            rows=min(_PIECE, grid.rows - r),
            cols=min(_PIECE, grid.cols - c),
        )
        for r in range(0, grid.rows, _PIECE)
        for c in range(0, grid.cols, _PIECE)
    ]


def open_vegetation(grid: Grid, product: Path) -> tuple[tuple[RasterSource, ...], int]:
    """
    Return the bands that the pass reads, on cells of their own, and the width of those in cells (打开 B 因子).

    Parameters
    ----------
    grid : Grid
        Extent of the products.
    product : Path
        Raster of :func:`make_vegetation`.
    """
    width = open_source(product, grid).cells_wide(grid)
    coarse = grid.coarser(width)
    return tuple(open_source(product, coarse, band=k) for k in range(1, len(LAYERS) + 1)), width
