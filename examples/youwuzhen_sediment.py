"""
Sediment at the gauge of 游屋圳: soil loss of a finished run times the delivery ratio (游屋圳出口输沙量).

    python examples/youwuzhen.py OUTDIR
    shuibao run OUTDIR
    python -m examples.youwuzhen_sediment OUTDIR [--data PATH]

The elevation is filled and routed on the grid of the products, the gauge is moved to the channel, and what is lost on
the slopes above it is followed to the channels. The parameters are the published defaults; nothing is calibrated.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.warp
from examples.youwuzhen import COVER, OUTLET, PADDY, default_data
from numpy.typing import NDArray

from shuibao.erosion import (
    COVER_WORDS,
    CoverCoefficients,
    DeliveryCurve,
    DeliveryResult,
    LandCover,
    channel_cells,
    forest_soil_loss_ratio,
    sediment_delivery,
)
from shuibao.ground.grid import Grid, grid_over, national_crs
from shuibao.ground.reading import open_source
from shuibao.ground.vectors import read_vectors
from shuibao.messages import ShuibaoError, say
from shuibao.rules import load_rules
from shuibao.survey import load_region
from shuibao.survey.inputs import class_source, land_classes
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, basins, contributing_area, snap_outlets

CHANNEL_CELLS = 1000
"""The gauge stands on a river of at least so many cells, 0.9 km²."""

NEAR = 200.0
"""How far the gauge may be moved to it, m."""


@dataclass(frozen=True, eq=False)
class Land:
    """
    The land above and around the gauge, on the national grid.

    Parameters
    ----------
    filled : (rows, cols) array
        Filled elevation, m.
    drainage : Drainage
        The way of the water.
    area : (rows, cols) array
        Contributing area, m².
    gauge : int
        Flat index of the gauge's cell on the channel.
    moved : float
        How far the gauge was moved to it, m.
    basin : (rows, cols) bool array
        Land above the gauge.
    classes : (rows, cols) uint8 array
        Land classes.
    loss : (rows, cols) array
        Soil loss, t/(km²·a).
    """

    filled: NDArray[Any]
    drainage: Drainage
    area: NDArray[np.float64]
    gauge: int
    moved: float
    basin: NDArray[np.bool_]
    classes: NDArray[np.uint8]
    loss: NDArray[np.float64]


def main() -> int:
    """Read the command line and say what arrives at the gauge."""
    parser = argparse.ArgumentParser(description=say("游屋圳出口输沙量", "Sediment at the gauge of Youwuzhen"))
    parser.add_argument("outdir", type=Path, help=say("已运行的区域文件夹", "region folder that has been run"))
    parser.add_argument("--data", type=Path, default=default_data(), help=say("数据文件夹", "folder of the data"))
    given = parser.parse_args()
    try:
        land = read_land(given.outdir, given.data)
        found = deliver(land)
    except ShuibaoError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    rows = {
        say("出口以上面积 km²", "area above the gauge, km²"): float(land.area.flat[land.gauge]) / 1e6,
        say("坡面流失量 t/a", "soil lost on slopes, t/a"): float(found.lost[0]),
        say("到达出口 t/a", "of it at the gauge, t/a"): float(found.exported[0]),
        say("平均输移比", "mean delivery ratio"): float(found.mean_ratio[0]),
    }
    for name, number in rows.items():
        print(f"{name}\t{number:.4g}")
    return 0


def read_land(folder: Path, data: Path) -> Land:
    """
    Read a finished run, route its elevation, and find the gauge on its channel.

    Parameters
    ----------
    folder : Path
        Region folder made by ``youwuzhen.py`` and run.
    data : Path
        Folder that holds ``area_youwuzhen``.

    Raises
    ------
    ShuibaoError
        If the run is not finished.
    """
    product = folder / "products" / "soil_loss.tif"
    if not product.is_file():
        raise ShuibaoError(
            f"没有 {product}；请先运行 shuibao run {folder}。",
            f"there is no {product}; run shuibao run {folder} first.",
        )
    dem, national = folder / "inputs" / "dem.tif", national_crs().to_wkt()
    region, rules = load_region(folder), load_rules(["national"])
    with rasterio.open(dem) as dataset:
        system = dataset.crs
        grid = grid_over(rasterio.warp.transform_bounds(system, national, *dataset.bounds), float(region.cell))
    filled = fill_depressions(open_source(dem, grid, method="cubic").read(grid))
    drainage = Drainage.from_directions(route(filled, grid.cell), grid.cell)
    point = read_vectors(data / "area_youwuzhen" / OUTLET).geometry[0]
    x, y = rasterio.warp.transform(system, national, [point.x], [point.y])
    snapped = snap_outlets(drainage, np.array([[x[0], y[0]]]), CHANNEL_CELLS, NEAR, transform=grid.transform)
    return Land(
        filled=filled,
        drainage=drainage,
        area=contributing_area(drainage) * grid.cell_area,
        gauge=int(snapped.cell[0]),
        moved=float(snapped.distance[0]),
        basin=np.asarray(basins(drainage, snapped.cell) > 0),
        classes=class_source(region, "land_use", grid, land_classes(region, rules)).read(grid),
        loss=_read(product, grid),
    )


def _read(path: Path, grid: Grid) -> NDArray[np.float64]:
    values: NDArray[np.float64] = open_source(path, grid, method="nearest").read(grid).astype(np.float64)
    return values


def weights(*, cover: float = COVER, understory: float | None = None, paddy: float = PADDY) -> NDArray[np.float64]:
    """
    Return the cover-management factor of each land class, B times T; NaN where there is no class.

    Parameters
    ----------
    cover : float
        Cover of forest and orchard, all year.
    understory : float, optional
        Understory cover per canopy cover; of the rule pack if not given.
    paddy : float
        T of cropland.
    """
    rules = load_rules(["national"])
    coefficients, land = CoverCoefficients.from_rules(rules), LandCover.from_rules(rules)
    share = coefficients.understory if understory is None else understory
    tree = float(forest_soil_loss_ratio(np.array(cover), np.array(cover * share), coefficients.forest))
    out = np.where(land.kind == COVER_WORDS.index("tillage"), paddy, land.fixed)
    out[land.kind == COVER_WORDS.index("forest")] = tree
    out[land.kind == 0] = np.nan
    return out


def deliver(
    land: Land,
    curve: DeliveryCurve | None = None,
    *,
    channel_area: float | None = None,
    weight: NDArray[np.float64] | None = None,
    loss: NDArray[np.float64] | None = None,
    gradient: NDArray[np.float64] | None = None,
) -> DeliveryResult:
    """
    Follow the soil loss above the gauge to the gauge.

    Parameters
    ----------
    land : Land
        The land.
    curve : DeliveryCurve, optional
        Of the rule pack if not given.
    channel_area : float, optional
        Contributing area from which a cell is a channel, m²; of the rule pack if not given.
    weight : (256,) array, optional
        Cover-management factor by land class; :func:`weights` if not given.
    loss : (rows, cols) array, optional
        Soil loss in place of that of the run, t/(km²·a).
    gradient : (rows, cols) array, optional
        Gradient in place of that along the water, m/m.
    """
    rules = load_rules(["national"])
    threshold = float(rules.value("slope_length.channel_area")) if channel_area is None else channel_area
    return sediment_delivery(
        land.filled,
        land.drainage,
        (weights() if weight is None else weight)[land.classes],
        land.loss if loss is None else loss,
        channel_cells(land.area, threshold),
        DeliveryCurve.from_rules(rules) if curve is None else curve,
        outlets=np.array([land.gauge]),
        gradient=gradient,
    )


if __name__ == "__main__":
    sys.exit(main())
