"""Towns of the imaginary land, with names and borders that nobody can take for real ones (模拟乡镇)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.sources.boundaries import Boundaries
from shuibao.survey.region import SIMULATED

AREA = 180.0
"""Area of a made-up town, km²; chosen, as towns of northern hills are."""

FEWEST, MOST = 3, 30
"""Towns of a county; chosen."""

ROUNDS, SAMPLES = 4, 4000
"""How often the towns' middles are moved into their land, and the points that stand for a county's land."""

FIRST = 101
"""Code of the first town of a county: in GB/T 10114 the codes of 镇 begin at 100."""


def write_made_up_towns(path: Path, borders: Boundaries, seed: int) -> int:
    """
    Cut each county into made-up towns and write them (写出模拟乡镇).

    Parameters
    ----------
    path : Path
        GeoPackage to write.
    borders : Boundaries
        The counties.
    seed : int
        Number that the towns follow from.

    Returns
    -------
    int
        Towns written: of each county 模拟1镇, 模拟2镇 and so on; together they fill it.
    """
    columns: dict[str, list[str]] = {"code": [], "name": [], "data_kind": []}
    shapes: list[Any] = []
    for code, county in zip(borders.codes, borders.projected(), strict=True):
        for k, shape in enumerate(towns_in(county, np.random.default_rng([seed, int(code)]))):
            columns["code"].append(f"{code}{FIRST + k:03d}")
            columns["name"].append(f"模拟{k + 1}镇")
            columns["data_kind"].append(SIMULATED)
            shapes.append(shape)
    write_geopackage(path, {"towns": (columns, np.array(shapes, dtype=object))}, national_crs())
    return len(shapes)


def towns_in(county: Any, random: np.random.Generator) -> list[Any]:
    """
    Cut a county into parts of much the same size (划分模拟乡镇).

    Parameters
    ----------
    county : shapely geometry
        The county, m.
    random : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    list of shapely geometry
        The parts, from north to south; they meet without gap or overlap.

    Examples
    --------
    >>> parts = towns_in(shapely.box(0.0, 0.0, 30e3, 30e3), np.random.default_rng(1))
    >>> len(parts), round(sum(part.area for part in parts) / 1e6, 3)
    (5, 900.0)
    """
    number = int(np.clip(round(county.area / 1e6 / AREA), FEWEST, MOST))
    land = _points_in(county, random)
    middles = land[random.choice(len(land), number, replace=False)]
    for _ in range(ROUNDS):
        nearest = np.hypot(*(land[:, None, :] - middles[None]).transpose(2, 0, 1)).argmin(axis=1)
        middles = np.array(
            [land[nearest == k].mean(axis=0) if (nearest == k).any() else middles[k] for k in range(number)]
        )
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(middles), extend_to=county.envelope))
    parts = [shapely.intersection(cell, county) for cell in cells]
    return sorted((p for p in parts if p.area > 0), key=lambda p: (-p.centroid.y, p.centroid.x))


def _points_in(county: Any, random: np.random.Generator) -> NDArray[np.float64]:
    """Return points spread over a county by chance."""
    left, bottom, right, top = county.bounds
    points = random.random((SAMPLES, 2)) * (right - left, top - bottom) + (left, bottom)
    return points[shapely.contains_xy(county, points[:, 0], points[:, 1])]
