"""Outlets that sediment is asked for at: read from the call or a file, and moved onto their channels (输沙出口)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.ground.warping import geographic_bounds, same_projection
from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import Drainage
from shuibao.watershed.snapping import Snapped, snap_outlets

NAME_FIELDS = ("name", "名称", "NAME", "Name", "站名", "测站", "code", "代码")
"""Attributes that an outlet's name is taken from: the first of them that a file has."""

DEGREES = "EPSG:4326"
"""Coordinate system of outlets given in a call; CGCS2000 is the same to a metre."""


@dataclass(frozen=True)
class Outlet:
    """
    A point at which sediment is added up (出口).

    Parameters
    ----------
    name : str
        Name.
    x, y : float
        Place on the grid, m.
    """

    name: str
    x: float
    y: float

    def degrees(self, grid: Grid) -> tuple[float, float]:
        """Return longitude and latitude (经纬度)."""
        lon, lat = between(grid.crs, DEGREES).transform(self.x, self.y)
        return float(lon), float(lat)


def outlets_given(texts: Sequence[str], grid: Grid) -> list[Outlet]:
    """
    Return outlets that are written as longitude and latitude (由经纬度给出的出口).

    Parameters
    ----------
    texts : sequence of str
        Each ``LON,LAT`` in degrees.
    grid : Grid
        The region's grid.

    Raises
    ------
    CallError
        If one is not two numbers, or they are not degrees.

    Examples
    --------
    >>> [outlet] = outlets_given(["105,0.5"], Grid(30.0, 0, 0, 1, 1))
    >>> outlet.name, round(outlet.x)
    ('105,0.5', 0)
    """
    to_grid = between(DEGREES, grid.crs)
    found = []
    for text in texts:
        try:
            lon, lat = (float(part) for part in text.replace("，", ",").split(","))
        except ValueError as error:
            raise CallError(
                f"--outlet 应为“经度,纬度”，如 116.45,25.67，现为「{text}」。",
                f"--outlet takes LON,LAT as 116.45,25.67, not '{text}'.",
            ) from error
        if abs(lon) <= 90.0 < abs(lat) <= 180.0:
            raise CallError(
                f"--outlet 应先经度后纬度，「{text}」像是写反了；请改为 {lat:g},{lon:g}。",
                f"--outlet takes longitude first, '{text}' looks swapped; write {lat:g},{lon:g}.",
            )
        if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
            raise CallError(
                f"--outlet 的经纬度应为度（经度 −180–180，纬度 −90–90，先经度后纬度），现为「{text}」；米制坐标的点请存成"
                "文件，用 --outlets 给出。",
                f"--outlet takes degrees, longitude first (-180 to 180, -90 to 90), not '{text}'; give points in metres as a "
                "file with --outlets.",
            )
        x, y = to_grid.transform(lon, lat)
        found.append(Outlet(text, float(x), float(y)))
    return found


def outlets_in(path: Path, grid: Grid) -> list[Outlet]:
    """
    Read outlets from a file of points in any coordinate system (读取出口文件).

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile, GeoJSON or GeoParquet of points. Names are taken from the first of :data:`NAME_FIELDS` that
        it has; without one, and where it is empty, an outlet is called by its number from 1.
    grid : Grid
        The region's grid.

    Raises
    ------
    ShuibaoError
        If the file cannot be read, states no coordinate system, holds no points or something that is not a point, or its
        coordinates cannot be transformed.
    """
    vectors = read_vectors(path)
    shapes = np.atleast_1d(vectors.geometry)
    if vectors.crs is None:
        raise ShuibaoError(
            f"{path} 没有坐标系；请写入坐标系（如 .prj 文件）。",
            f"{path} has no coordinate system; write one (for instance a .prj file).",
        )
    there = [g for g in shapes if g is not None and not g.is_empty]
    others = sorted({g.geom_type for g in there} - {"Point"})
    if others or not there or len(there) < len(shapes):
        what = "、".join(others) or "没有图形的记录"
        raise ShuibaoError(
            f"{path} 应只有点，且每条记录都有点；现有 {len(shapes)} 条，{what}。",
            f"{path} must hold points only, one for each row; it has {len(shapes)} rows, "
            f"{', '.join(others) or 'some without a shape'}.",
        )
    x, y = _on_grid(path, np.array([[g.x, g.y] for g in there]), vectors, grid)
    names = _names(vectors, len(there))
    return [Outlet(name, float(a), float(b)) for name, a, b in zip(names, x, y, strict=True)]


def _on_grid(path: Path, points: NDArray[np.float64], vectors: Vectors, grid: Grid) -> NDArray[np.float64]:
    crs = vectors.crs
    if crs is None or same_projection(crs, grid.crs):
        return points.T
    moved = np.array(between(crs, grid.crs).transform(points[:, 0], points[:, 1]))
    if not np.isfinite(moved).all():
        raise ShuibaoError(
            f"{path} 的坐标不能从 {crs.name} 转到格网坐标系；所写的坐标系可能不对，请核对。",
            f"coordinates of {path} cannot be transformed from {crs.name} to the grid; check the stated coordinate system.",
        )
    return moved


def _names(vectors: Vectors, count: int) -> list[str]:
    field = next((name for name in NAME_FIELDS if name in vectors.columns), None)
    values: list[Any] = [None] * count if field is None else vectors.columns[field].tolist()
    said = ["" if v is None or v != v else str(v).strip() for v in values]  # noqa: PLR0124 - NaN
    return [name or str(number) for number, name in enumerate(said, start=1)]


def refuse_wrong(outlets: Sequence[Outlet], least_area: float, max_distance: float, grid: Grid) -> None:
    """
    Refuse outlets that cannot be moved to a channel whatever the land is (出口检查).

    Parameters
    ----------
    outlets : sequence of Outlet
        The outlets.
    least_area : float
        Contributing area of the channel an outlet may be moved to, m².
    max_distance : float
        How far it may be moved, m.
    grid : Grid
        The region's grid.

    Raises
    ------
    CallError
        If the distance is negative, or the area not above 0.
    ShuibaoError
        If an outlet is outside the grid.
    """
    if not 0.0 <= max_distance < math.inf:
        raise CallError(
            f"--max-snap 应为不小于 0 的米数，现为 {max_distance:g}。",
            f"--max-snap takes metres, 0 or more, not {max_distance:g}.",
        )
    if not 0.0 < least_area < math.inf:
        raise CallError(
            f"--min-area 应为大于 0 的平方千米数，现为 {least_area / 1e6:g}。",
            f"--min-area takes km² above 0, not {least_area / 1e6:g}.",
        )
    for outlet in outlets:
        _refuse_outside(outlet, grid)


def place_outlets(
    outlets: Sequence[Outlet],
    drainage: Drainage,
    area: NDArray[np.float32],
    least_area: float,
    max_distance: float,
    grid: Grid,
) -> Snapped:
    """
    Move outlets to the nearest channel (出口移到河道).

    Parameters
    ----------
    outlets : sequence of Outlet
        The outlets, as :func:`refuse_wrong` lets them pass.
    drainage : Drainage
        The way of the water.
    area : (rows, cols) float32 array
        Contributing area, m².
    least_area : float
        Contributing area of the channel an outlet may be moved to, m².
    max_distance : float
        How far it may be moved, m.
    grid : Grid
        The region's grid.

    Raises
    ------
    ShuibaoError
        If no such channel is near enough; the message has the distance found.
    """
    channels = area >= least_area
    least = f"{least_area / 1e6:g}"
    if not channels.any():
        raise ShuibaoError(
            f"全区没有汇水面积不小于 {least} km² 的河道，最大为 {np.nanmax(area) / 1e6:.2f} km²；请减小 --min-area。",
            f"there is no channel of {least} km2 or more, the largest has {np.nanmax(area) / 1e6:.2f} km2; lower --min-area.",
        )
    points = np.array([[outlet.x, outlet.y] for outlet in outlets])
    found = snap_outlets(drainage, points, channels, math.inf, transform=grid.transform)
    for outlet, moved in zip(outlets, found.distance.tolist(), strict=True):
        if moved > max_distance:
            raise ShuibaoError(
                f"出口「{outlet.name}」离最近的河道（汇水面积不小于 {least} km²）{moved:.1f} m，超过允许的 {max_distance:g} m；"
                "请核对位置与坐标系，或用 --max-snap 放宽。",
                f"outlet '{outlet.name}' is {moved:.1f} m from the nearest channel (of {least} km2 or more), beyond the "
                f"{max_distance:g} m allowed; check the place and its coordinate system, or allow more with --max-snap.",
            )
    return found


def _refuse_outside(outlet: Outlet, grid: Grid) -> None:
    left, bottom, right, top = grid.bounds
    if left <= outlet.x < right and bottom < outlet.y <= top:
        return
    west, south, east, north = (f"{v:g}" for v in geographic_bounds(grid))
    lon, lat = (f"{v:.5f}" for v in outlet.degrees(grid))
    swapped = float(west) <= float(lat) <= float(east) and float(south) <= float(lon) <= float(north)
    hint_zh, hint_en = (
        ("经度与纬度像是写反了，应先经度后纬度", "longitude comes first, and these look swapped")
        if swapped
        else ("请核对位置与坐标系", "check the place and its coordinate system")
    )
    raise ShuibaoError(
        f"出口「{outlet.name}」（{lon}, {lat}）在区域格网之外；格网约为经度 {west} 至 {east}、纬度 {south} 至 {north}；"
        f"{hint_zh}。",
        f"outlet '{outlet.name}' ({lon}, {lat}) is outside the region's grid, about longitude {west} to {east} and "
        f"latitude {south} to {north}; {hint_en}.",
    )
