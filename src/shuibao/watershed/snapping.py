"""Moving outlets onto the channels they were meant for (出口捕捉)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import _kernels
from shuibao.watershed.accumulation import contributing_area, step_lengths
from shuibao.watershed.basins import check_on_land, flat_cells
from shuibao.watershed.distance import checked_mask
from shuibao.watershed.drainage import Drainage, cell_name


@dataclass(frozen=True, eq=False)
class Snapped:
    """
    Outlets moved onto channels (捕捉后的出口).

    Attributes
    ----------
    cell : (k,) int64 array
        Flat index of the channel cell of each outlet, as :func:`basins` takes them.
    distance : (k,) float64 array
        How far each was moved, m, from the centre of the cell it lay in.
    cells : (k,) int64 array
        Contributing area of the channel cell, cells.
    """

    cell: NDArray[np.int64]
    distance: NDArray[np.float64]
    cells: NDArray[np.int64]


def snap_outlets(
    drainage: Drainage,
    outlets: ArrayLike,
    channels: NDArray[Any] | int,
    max_distance: float,
    *,
    transform: Affine | None = None,
    along: Literal["straight", "flow"] = "straight",
    area: NDArray[np.int64] | None = None,
) -> Snapped:
    """
    Move each outlet to the channel, straight to the nearest or down with the water (出口捕捉到河道).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    outlets : (k,) or (k, 2) array
        Flat indices of cells, or rows and columns; with ``transform``, map coordinates *x*, *y* of points.
    channels : (rows, cols) bool array, or int
        True on channel cells; or the contributing area, cells, from which a cell is channel.
    max_distance : float
        How far an outlet may be moved, m.
    transform : Affine, optional
        From column and row to *x* and *y*, as of a raster file.
    along : {"straight", "flow"}
        To the nearest channel cell by straight distance between centres (of equals the one with the larger
        contributing area, then the first row by row); or to the first channel cell downstream, as TauDEM does.
    area : (rows, cols) int64 array, optional
        :func:`contributing_area`, if it is at hand.

    Returns
    -------
    Snapped
        Cell, distance and contributing area of each outlet, in their order. Two outlets may come to the same cell.

    Raises
    ------
    ShuibaoError
        If an outlet is outside the grid, or no channel is within ``max_distance`` (the message has the distance
        found), or with ``along="flow"`` the outlet is missing or its water meets no channel.
    CallError
        If ``along`` is something else, or ``transform`` is no Affine.

    References
    ----------
    Tarboton, D. G. (2015) TauDEM, MoveOutletsToStreams. Utah State University.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[3, 3, 3], [1, 1, 9]], dtype=np.uint8), 30.0)
    >>> snapped = snap_outlets(drainage, [(0, 0)], 4, 50.0)
    >>> snapped.cell.tolist(), snapped.distance.tolist(), snapped.cells.tolist()
    ([4], [42.4...], [4])
    """
    if along not in ("straight", "flow"):
        raise CallError(
            f"along 只能是 straight（直线）或 flow（沿水流），现为 {along}。",
            f"along must be 'straight' or 'flow', not {along!r}.",
        )
    if not max_distance >= 0:
        raise ShuibaoError(
            f"允许移动的距离应不小于 0 m，现为 {max_distance}。",
            f"max_distance must be 0 m or more, not {max_distance}.",
        )
    places = flat_cells(drainage.shape, outlets if transform is None else cells_of_points(drainage, outlets, transform))
    if area is None:
        area = contributing_area(drainage)
    target = area >= channels if isinstance(channels, int | np.integer) else checked_mask(drainage, channels)
    target = target & (drainage.direction != 0)
    if along == "flow":
        check_on_land(drainage, places)
    move = _straight if along == "straight" else _downstream
    cell = np.empty(places.size, dtype=np.int64)
    distance = np.empty(places.size)
    for i, place in enumerate(places.tolist()):
        cell[i], distance[i] = move(drainage, target, area, place, max_distance)
        if cell[i] < 0 or distance[i] > max_distance:
            raise _refusal(drainage, i + 1, place, int(cell[i]), float(distance[i]), max_distance)
    return Snapped(cell, distance, area.flat[cell])


def cells_of_points(drainage: Drainage, points: ArrayLike, transform: Affine) -> NDArray[np.int64]:
    """
    Return row and column of the cell each point lies in (点所在像元).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    points : (k, 2) array
        Map coordinates *x*, *y*, in the grid's reference system.
    transform : Affine
        From column and row to *x* and *y*.

    Raises
    ------
    ShuibaoError
        If they are not pairs of numbers, or a point is outside the grid.
    CallError
        If ``transform`` is no Affine.
    """
    if not isinstance(transform, Affine):
        raise CallError(
            f"transform 应为 affine.Affine（如 rasterio 的 transform），现为 {type(transform).__name__}；"
            "GDAL 的六个数请用 Affine.from_gdal(*transform)。",
            f"transform must be an affine.Affine (as rasterio's transform), not {type(transform).__name__}; put GDAL's six"
            " numbers through Affine.from_gdal(*transform).",
        )
    xy = np.asarray(points, dtype=np.float64)
    if xy.size == 0:
        return np.empty((0, 2), dtype=np.int64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ShuibaoError(
            f"出口坐标应为 k×2 的数组（x, y），现为 {xy.shape}。", f"points must be k pairs of x and y, not {xy.shape}."
        )
    a, b, c, d, e, f = tuple(~transform)[:6]
    col, row = a * xy[:, 0] + b * xy[:, 1] + c, d * xy[:, 0] + e * xy[:, 1] + f
    rows, cols = drainage.shape
    outside = np.flatnonzero(~((row >= 0) & (row < rows) & (col >= 0) & (col < cols)))
    if outside.size:
        first = int(outside[0])
        west, north = transform.c, transform.f
        east, south = west + cols * transform.a + rows * transform.b, north + cols * transform.d + rows * transform.e
        x, y = xy[first]
        raise ShuibaoError(
            f"第 {first + 1} 个出口（x={x}, y={y}）在栅格之外；栅格范围为 x {west}–{east}，y {south}–{north}，请核对坐标系。",
            f"outlet {first + 1} (x={x}, y={y}) is outside the grid, x {west} to {east}, y {south} to {north}; check"
            " the reference system.",
        )
    return np.column_stack([np.floor(row), np.floor(col)]).astype(np.int64)


def _straight(
    drainage: Drainage, target: NDArray[np.bool_], area: NDArray[np.int64], cell: int, limit: float
) -> tuple[int, float]:
    """Return the nearest channel cell and its distance, m; the true nearest also where it lies beyond the limit."""
    rows, cols = drainage.shape
    width, height = drainage.cell_width, drainage.cell_height
    best, square = -1, math.inf
    for reach in (limit, math.inf):
        if best < 0 or math.sqrt(square) > limit:
            window = int(min(reach / height, rows)), int(min(reach / width, cols))
            best, square = _kernels.nearest_target(target, area, *divmod(cell, cols), *window, width, height)
    if best < 0:
        raise ShuibaoError(
            "栅格里没有河道像元，出口无处可移；请核对河道掩膜，或减小阈值。",
            "no cell of the grid is channel, so an outlet cannot be moved to one; check the mask, or lower the"
            " threshold.",
        )
    return int(best), math.sqrt(square)


def _downstream(
    drainage: Drainage, target: NDArray[np.bool_], area: NDArray[np.int64], cell: int, limit: float
) -> tuple[int, float]:
    """Return the first channel cell downstream and the length of the way to it, m; -1 where the water meets none."""
    best, moved = _kernels.first_target_below(
        drainage.direction.ravel(), drainage.steps, step_lengths(drainage), target.ravel(), cell
    )
    return int(best), float(moved)


def _refusal(drainage: Drainage, number: int, cell: int, found: int, moved: float, limit: float) -> ShuibaoError:
    """Return why an outlet is not moved."""
    zh, en = cell_name(cell, drainage.shape[1])
    if found < 0:
        return ShuibaoError(
            f"第 {number} 个出口（{zh}）的水流 {moved:.1f} m 后离开陆地，一路没有河道；请核对位置，或减小河道阈值。",
            f"the water of outlet {number} ({en}) leaves the land after {moved:.1f} m and meets no channel; check the"
            " place, or lower the threshold of channels.",
        )
    return ShuibaoError(
        f"第 {number} 个出口（{zh}）离河道 {moved:.1f} m，超过允许的 {limit} m；请核对位置与坐标系，或放宽距离。",
        f"outlet {number} ({en}) is {moved:.1f} m from the channel, beyond the {limit} m allowed; check the place and"
        " its reference system, or allow more.",
    )
