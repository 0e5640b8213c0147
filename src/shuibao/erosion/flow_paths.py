"""
Slope length as whole steps: the few lengths that D8 flow on a grid can have, and L of each (坡长步数表).

A path of D8 flow is some orthogonal and some diagonal steps, so below the cap there are few lengths (8 at 30 m and a
cap of 100 m). The loops over cells carry the number of the path; length and L are looked up, exact and fast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion import _kernels
from shuibao.messages import ShuibaoError
from shuibao.terrain import _kernels as terrain_kernels

STRAIGHT, DIAGONAL = 1024.0, 1448.0
"""A step across a cell and its diagonal, in whole units: sums of steps keep their order (checked for each cap)."""

MOST_SWEEPS = 10
"""Steps to the cap up to which sweeping all cells is faster than walking from ridge to foot (measured)."""


@dataclass(frozen=True)
class FlowTables:
    """
    What the compiled loops look up for one cell size (查找表).

    Parameters
    ----------
    cell_size : float
        Side of the cell, m.
    cuts : (4,) tuple of float
        Least gradient, gradient that divides gentle from steep, share on gentle, share on steep ground.
    after : (9, paths) uint16 array
        Path after a step in each direction; paths are numbered from the shortest to the cap.
    number : (units + 1,) uint16 array
        Path of each length in whole units (:data:`UNITS` a cell), for sweeps; empty where sweeps would not pay.
    lengths : (17, paths) float64 array
        Slope length at the lower end of a cell by its receiver code and the path into it, m.
    branches : tuple of arrays
        Bounds (tangents), gains and offsets of S; bounds of m; L by branch of m, receiver code and path.
    """

    cell_size: float
    cuts: tuple[float, float, float, float]
    after: NDArray[np.uint16]
    number: NDArray[np.uint16]
    lengths: NDArray[np.float64]
    branches: tuple[NDArray[Any], ...]


def own_lengths(cell_size: float) -> NDArray[np.float64]:
    """Return the length of flow in a cell by receiver code, m: half a step where the flow is cut (自身坡长)."""
    step = np.array([1.0] + [1.0, math.sqrt(2.0)] * 4)
    return np.concatenate([step, 0.5 * step[1:]]) * cell_size


def path_tables(cell_size: float, cap: float) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """
    Return the succession and the lengths of all paths, numbered from the shortest to the cap (路径表).

    Parameters
    ----------
    cell_size, cap : float
        Side of the cell and longest slope length, m.

    Returns
    -------
    after : (9, paths) uint16 array
        Path after a step in each direction from each path; the last path, the cap, stays.
    lengths : (paths,) float64 array
        Length of each path, m, ascending.

    Raises
    ------
    ShuibaoError
        If the cap is so many cells that there are more paths than can be numbered.

    Examples
    --------
    At 30 m and a cap of 100 m a path is 0, 1, √2, 2, 1+√2, 2√2 or 3 steps, or the cap:

    >>> after, lengths = path_tables(30.0, 100.0)
    >>> lengths.round(1).tolist()
    [0.0, 30.0, 42.4, 60.0, 72.4, 84.9, 90.0, 100.0]
    >>> after[1].tolist()  # a step east
    [1, 3, 4, 6, 7, 7, 7, 7]
    """
    width = math.ceil(cap / cell_size) + 1
    orthogonal, diagonal = np.divmod(np.arange(width * width), width)
    raw = (orthogonal + diagonal * math.sqrt(2.0)) * cell_size
    kept = np.flatnonzero(raw < cap)
    kept = kept[np.argsort(raw[kept], kind="stable")]
    if kept.size > np.iinfo(np.uint16).max:
        raise ShuibaoError(
            f"坡长上限 {cap:g} m 对 {cell_size:g} m 像元过大（路径有 {kept.size} 种，至多 65535 种）；请减小 "
            "slope_length.cap 或用较大的像元。",
            f"a slope length cap of {cap:g} m is too much for cells of {cell_size:g} m ({kept.size} paths, at most 65535); "
            "lower slope_length.cap or use larger cells.",
        )
    number = np.full(width * width + width + 1, kept.size, dtype=np.uint16)
    number[kept] = np.arange(kept.size)
    last = np.uint16(kept.size)
    east, south_east = (np.append(number[kept + step], last) for step in (width, 1))
    after = np.stack([np.arange(kept.size + 1, dtype=np.uint16), *[east, south_east] * 4])
    return after, np.append(raw[kept], cap)


def unit_numbers(cell_size: float, cap: float) -> NDArray[np.uint16]:
    """
    Return the path of each length in whole units, or nothing where sweeps would not pay or order would be lost (路径号).

    Parameters
    ----------
    cell_size, cap : float
        Side of the cell and longest slope length, m.

    Examples
    --------
    >>> number = unit_numbers(30.0, 100.0)
    >>> number[[0, 1024, 1448, 2048, len(number) - 1]].tolist()
    [0, 1, 2, 3, 7]
    """
    steps = math.ceil(cap / cell_size)
    width = steps + 2
    straight, diagonal = np.divmod(np.arange(width * width), width)
    length = (straight + diagonal * math.sqrt(2.0)) * cell_size
    units = (straight * STRAIGHT + diagonal * DIAGONAL).astype(np.int64)
    kept = np.flatnonzero(length < cap)
    kept = kept[np.argsort(length[kept], kind="stable")]
    top = int(units[kept].max()) + 1
    if steps > MOST_SWEEPS or (np.diff(units[kept]) <= 0).any() or units[length >= cap].min() < top:
        return np.empty(0, dtype=np.uint16)
    number = np.zeros(top + 1, dtype=np.uint16)
    number[units[kept]] = np.arange(kept.size)
    number[top] = kept.size
    return number


def flow_paths(
    ground: NDArray[Any], tables: FlowTables, channel: NDArray[Any] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """
    Return receiver codes and the path into each cell (流向与汇入路径).

    Parameters
    ----------
    ground : (rows, cols) float array
        Elevation, m; NaN where missing.
    tables : FlowTables
        Look-up tables of the cell size.
    channel : (rows, cols) bool or uint8 array, optional
        Cells that are channels (not 0), with the halo of ``ground``: slope lengths end before them.

    Returns
    -------
    receiver : (rows, cols) uint8 array
        0 none, 1..8 clockwise from east, plus 8 where the flow is cut in the cell.
    paths : (rows, cols) uint16 array
        Number of the longest uncut path into the cell.
    """
    direction = np.empty(ground.shape, dtype=np.uint8)
    drop = np.empty_like(ground)
    terrain_kernels.steepest_descent(ground, tables.cell_size, direction, drop)
    receiver = np.empty_like(direction)
    _kernels.cut_flow(direction, drop, *tables.cuts, receiver)
    if channel is not None:
        channel = channel.astype(np.uint8, copy=False)
        _kernels.close_channels(receiver, channel)
    paths = np.empty(ground.shape, dtype=np.uint16)
    if tables.number.size:
        _sweep(receiver, tables.number, drop if drop.dtype == np.float32 else drop.astype(np.float32), paths)
    else:
        _kernels.slope_length(receiver, tables.after, direction, paths)
    if channel is not None:
        _kernels.end_at_channels(receiver, channel, tables.after, paths)
    return receiver, paths


def channel_cells(contributing_area: NDArray[Any], threshold: float) -> NDArray[np.bool_]:
    r"""
    Cells that are channels because enough land drains through them (河道像元).

    Parameters
    ----------
    contributing_area : (rows, cols) array
        Area that drains through each cell, the cell included, m². NaN where missing: no channel.
    threshold : float
        Least area of a channel, m²; 0 for no channels at all. From :attr:`Topography.channel_area`.

    Returns
    -------
    (rows, cols) bool array
        True in channels.

    Raises
    ------
    ShuibaoError
        If the threshold is negative or not a number.

    Notes
    -----
    .. math:: A \ge A_0

    The area must be the real one, over the whole land that drains there: of a tile with its halo only it is too small.
    Decision 0015.

    Examples
    --------
    >>> import numpy as np
    >>> area = np.array([[9e2, 9.99e4, 1e5, np.nan]])
    >>> channel_cells(area, 1e5).tolist()
    [[False, False, True, False]]
    >>> channel_cells(area, 0.0).any().item()  # switched off
    False
    """
    if not threshold >= 0.0:
        raise ShuibaoError(
            f"河道汇水面积阈值应不小于 0 m²（0 为不截断），现为 {threshold}；请检查 slope_length.channel_area。",
            f"the contributing area of a channel must be 0 m² (no cut) or more, not {threshold}; "
            "check slope_length.channel_area.",
        )
    area = np.asarray(contributing_area)
    return np.asarray(area >= threshold) if threshold > 0.0 else np.zeros(area.shape, dtype=np.bool_)


def checked_channel(channel: NDArray[Any] | None, ground: NDArray[Any]) -> NDArray[np.uint8] | None:
    """
    Return the channel cells as 0 and 1 on the grid of the ground, or nothing where there are none (河道像元检查).

    Parameters
    ----------
    channel : (rows, cols) bool or uint8 array, or None
        Cells that are channels.
    ground : (rows, cols) array
        Elevation, m.

    Raises
    ------
    ShuibaoError
        If the channels are not on the grid of the ground, or are not yes-or-no values.
    """
    if channel is None:
        return None
    cells = np.asarray(channel)
    if cells.shape != ground.shape:
        raise ShuibaoError(
            f"河道像元 {cells.shape} 与高程 {ground.shape} 不是同一格网；请裁切到同一范围。",
            f"channel has shape {cells.shape} but elevation {ground.shape}; clip both to one grid.",
        )
    if cells.dtype not in (np.bool_, np.uint8):
        raise ShuibaoError(
            f"河道像元应为 bool 或 uint8（0 不是河道），现为 {cells.dtype}；汇水面积请先经 channel_cells 取阈值。",
            f"channel must be bool or uint8 (0 is no channel), not {cells.dtype}; put contributing area through "
            "channel_cells first.",
        )
    return (cells != 0).astype(np.uint8)


def _sweep(
    receiver: NDArray[np.uint8], number: NDArray[np.uint16], spare: NDArray[np.float32], paths: NDArray[np.uint16]
) -> None:
    """Find the path into each cell by as many sweeps as the cap has steps; ``spare`` is overwritten."""
    before, after = np.zeros(receiver.shape, dtype=np.float32), spare
    after[:] = 0.0
    cap = np.float32(number.size - 1)
    for _ in range(math.ceil(cap / STRAIGHT)):
        _kernels.sweep_lengths(receiver, before, np.float32(STRAIGHT), np.float32(DIAGONAL), cap, after)
        before, after = after, before
    _kernels.number_paths(before, number, paths)
