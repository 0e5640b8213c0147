"""Slope, flow direction and LS beside those of GRASS and SAGA on the same real elevations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.warp
from numpy.typing import NDArray

from shuibao.erosion import DesmetGovers, channel_cells, desmet_govers_ls
from shuibao.erosion.topography import Topography, topographic_factor
from shuibao.ground.grid import grid_over, national_crs
from shuibao.ground.reading import Method, open_source
from shuibao.rules import load_rules
from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, aspect, fill_depressions, flow_direction, route, slope
from shuibao.watershed import Drainage, contributing_area

CELL = 30.0
PLACES = {"youwuzhen": "游屋圳（丘陵）", "bigtujunga_300": "Big Tujunga（山地）"}
GRASS_DIRECTIONS = {1: 8, 2: 7, 3: 6, 4: 5, 5: 4, 6: 3, 7: 2, 8: 1}
"""GRASS counts directions anticlockwise from north-east, we clockwise from east; off the map it makes them negative."""


def layer(folder: Path, name: str) -> NDArray[np.float64]:
    """Read a reference raster, missing cells NaN."""
    with rasterio.open(folder / f"{name}.tif") as dataset:
        values: NDArray[np.float64] = dataset.read(1, masked=True).astype(np.float64).filled(np.nan)
    return values


@dataclass(frozen=True)
class Spread:
    """How far two layers are apart: mean, 95th percentile and greatest of the absolute differences, and the bias."""

    cells: int
    mean: float
    p95: float
    most: float
    bias: float


def spread(ours: NDArray[Any], theirs: NDArray[Any]) -> Spread:
    """Return how far two layers are apart where both have a value."""
    both = np.isfinite(ours) & np.isfinite(theirs)
    off = (ours - theirs)[both]
    far = np.abs(off)
    return Spread(off.size, float(far.mean()), float(np.percentile(far, 95)), float(far.max()), float(off.mean()))


def slope_degrees(ground: NDArray[Any]) -> NDArray[Any]:
    """Return our slope, degrees."""
    return np.degrees(slope(ground, CELL))


def zevenbergen_thorne(ground: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return slope from the four orthogonal neighbours (Zevenbergen & Thorne 1987), degrees; the outer ring missing."""
    out = np.full(ground.shape, np.nan)
    east = (ground[1:-1, 2:] - ground[1:-1, :-2]) / (2 * CELL)
    north = (ground[:-2, 1:-1] - ground[2:, 1:-1]) / (2 * CELL)
    out[1:-1, 1:-1] = np.degrees(np.arctan(np.hypot(east, north)))
    return out


def slope_spreads(folder: Path) -> dict[str, Spread]:
    """Return how far our slope is from those of GRASS and SAGA in one place."""
    ground, filled = layer(folder, "dem"), layer(folder, "saga_filled")
    saga = np.degrees(layer(folder, "saga_slope_rad_zt"))
    return {
        "GRASS r.slope.aspect（Horn）": spread(slope_degrees(ground), layer(folder, "grass_slopedeg")),
        "SAGA（Zevenbergen–Thorne，填洼高程），同样填洼": spread(slope_degrees(filled), saga),
        "SAGA，不填洼": spread(slope_degrees(ground), saga),
        "另写的 Zevenbergen–Thorne 与 SAGA": spread(zevenbergen_thorne(filled), saga),
    }


@dataclass(frozen=True)
class Directions:
    """Shares of the inner cells by how our D8 direction and that of GRASS agree."""

    same: float
    ours_none: float
    tie: float
    theirs_not_down: float
    theirs_gentler: float


def direction_shares(folder: Path) -> Directions:
    """Return how our flow directions on the ground as it is agree with those of GRASS, which crosses hollows."""
    ground, coded = layer(folder, "dem"), np.abs(layer(folder, "grass_dir8")).astype(np.int64)
    theirs = np.zeros(9, dtype=np.int64)
    theirs[list(GRASS_DIRECTIONS)] = list(GRASS_DIRECTIONS.values())
    direction, drop = flow_direction(ground, CELL)
    rows, cols = (index.ravel() for index in np.mgrid[1 : ground.shape[0] - 1, 1 : ground.shape[1] - 1])
    mine, other = direction[rows, cols].astype(np.int64), theirs[coded[rows, cols]]
    run = CELL * np.where(other % 2 == 0, np.sqrt(2.0), 1.0)
    fall = (ground[rows, cols] - ground[rows + DOWNHILL_ROWS[other], cols + DOWNHILL_COLS[other]]) / run
    best = drop[rows, cols]
    apart = (mine != other) & (mine > 0)
    tie = np.isclose(fall, best, rtol=1e-9, atol=0)
    return Directions(
        same=float((mine == other).mean()),
        ours_none=float((mine == 0).mean()),
        tie=float((apart & tie).mean()),
        theirs_not_down=float((apart & ~tie & (fall <= 0)).mean()),
        theirs_gentler=float((apart & ~tie & (fall > 0)).mean()),
    )


def our_ls(ground: NDArray[Any]) -> NDArray[np.float64]:
    """Return our LS."""
    factor = topographic_factor(ground, CELL, Topography.from_rules(load_rules(["national"])))
    return factor.astype(np.float64)


def saga_slope_and_facing(filled: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return slope and aspect of Zevenbergen & Thorne, rad; aspect missing on level ground, the outer ring missing."""
    theta, facing = np.full(filled.shape, np.nan), np.full(filled.shape, np.nan)
    east = (filled[1:-1, 2:] - filled[1:-1, :-2]) / (2 * CELL)
    north = (filled[:-2, 1:-1] - filled[2:, 1:-1]) / (2 * CELL)
    theta[1:-1, 1:-1] = np.arctan(np.hypot(east, north))
    facing[1:-1, 1:-1] = np.where(np.hypot(east, north) > 0.0, np.arctan2(-east, -north), np.nan)
    return theta, facing


SAGA_LEAST_SLOPE = 0.001
"""Slope that flatter ground is given in SAGA's LS, rad; found from its output."""


def as_saga(folder: Path) -> NDArray[np.float64]:
    """Return the LS that our function gives when fed as SAGA feeds itself: the area per contour in place of the area."""
    theta, facing = saga_slope_and_facing(layer(folder, "saga_filled"))
    form = replace(DesmetGovers.from_rules(load_rules(["national"])), exponent="rusle", steepness="rusle", cap=0.0)
    return desmet_govers_ls(
        layer(folder, "saga_specific_area"), np.maximum(theta, SAGA_LEAST_SLOPE), facing, CELL, form
    )


def ls_forms(folder: Path) -> dict[str, NDArray[np.float64]]:
    """Return LS by several definitions on one filled ground, SAGA's last."""
    ground = fill_depressions(layer(folder, "dem"))
    drainage = Drainage.from_directions(route(ground, CELL), CELL)
    area = contributing_area(drainage) * CELL * CELL
    topography = Topography.from_rules(load_rules(["national"]))
    given = DesmetGovers.from_rules(load_rules(["national"]))
    theta, facing = slope(ground, CELL).astype(np.float64), aspect(ground, CELL).astype(np.float64)

    def form(entering: NDArray[np.float64], **changed: Any) -> NDArray[np.float64]:
        return desmet_govers_ls(np.maximum(entering, 0.0), theta, facing, CELL, replace(given, **changed))

    entering, spread_out = area - CELL * CELL, layer(folder, "saga_catcharea_mfd_m2") - CELL * CELL
    rusle = {"exponent": "rusle", "steepness": "rusle"}
    channel = channel_cells(area, topography.channel_area)
    return {
        "CSLE（坡长，上限 100 m）": topographic_factor(ground, CELL, topography).astype(np.float64),
        "CSLE，河道处截断": topographic_factor(ground, CELL, topography, channel).astype(np.float64),
        "D&G，CSLE 的 m 与 S，上限 100 m": form(entering, cap=topography.cap),
        "D&G，CSLE 的 m 与 S，上限 122 m（默认）": form(entering),
        "D&G，CSLE 的 m 与 S，不限": form(entering, cap=0.0),
        "D&G，RUSLE 的 m 与 S，上限 122 m": form(entering, **rusle),
        "D&G，RUSLE 的 m 与 S，不限": form(entering, cap=0.0, **rusle),
        "同上，SAGA 的多流向汇水面积": form(spread_out, cap=0.0, **rusle),
        "同上，单宽面积代替面积（SAGA 的用法）": as_saga(folder),
        "SAGA Desmet & Govers": layer(folder, "saga_LS_desmet_govers"),
    }


def rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return Spearman's rank correlation where both have a value; equal values share their mean rank."""
    both = np.isfinite(a) & np.isfinite(b)
    return float(np.corrcoef(_ranks(a[both]), _ranks(b[both]))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[where], dtype=np.float64)


@dataclass(frozen=True)
class Turned:
    """Slope after the elevation was brought to the national grid, beside GRASS's slope on the elevation's own pixels."""

    native: float
    ours: float
    mean: float
    p95: float
    steep_native: float
    steep_ours: float


def turned_slope(folder: Path, method: Method) -> Turned:
    """Return what bringing the elevation to the national grid does to slope; steep is 25 degrees and more, per cent."""
    path = folder / "dem.tif"
    with rasterio.open(path) as dataset:
        bounds = rasterio.warp.transform_bounds(dataset.crs, national_crs().to_wkt(), *dataset.bounds)
    grid = grid_over(bounds, CELL)
    ours = slope_degrees(open_source(path, grid, method=method).read(grid))
    theirs = open_source(folder / "grass_slopedeg.tif", grid, method="nearest").read(grid).astype(np.float64)
    both = np.isfinite(ours) & np.isfinite(theirs)
    mine, other = ours[both], theirs[both]
    far = np.abs(mine - other)
    return Turned(
        native=float(other.mean()),
        ours=float(mine.mean()),
        mean=float(far.mean()),
        p95=float(np.percentile(far, 95)),
        steep_native=100.0 * float((other >= 25).mean()),
        steep_ours=100.0 * float((mine >= 25).mean()),
    )
