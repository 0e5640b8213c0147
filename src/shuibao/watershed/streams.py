"""Channels by a threshold of contributing area, and the forest that they make (河道)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed.accumulation import contributing_area
from shuibao.watershed.channels import Channels, checked_threshold
from shuibao.watershed.drainage import Drainage

_ROUNDING = 1e-12
"""Relative error allowed when a threshold in m² is an exact number of cells."""


class Forest(NamedTuple):
    """
    Some cells of a drainage as nodes 0.. of a forest (像元森林).

    Attributes
    ----------
    cell : (n,) int64 array
        Flat index of each node, ascending.
    receiver : (n,) integer array
        Node that each drains to; its own where the water leaves these cells.
    order : (n,) integer array
        Every node once, each before its receiver.
    """

    cell: NDArray[np.int64]
    receiver: NDArray[Any]
    order: NDArray[Any]


def channels_mask(
    drainage: Drainage,
    area_cells: NDArray[Any],
    *,
    threshold_cells: int | None = None,
    threshold_m2: float | None = None,
) -> NDArray[np.bool_]:
    """
    Cells with at least a threshold of contributing area (河道像元).

    Parameters
    ----------
    drainage : Drainage
        The land; its cells' size turns m² into cells.
    area_cells : (rows, cols) integer array
        Contributing area, cells, the cell itself included. What stands at missing cells does not matter.
    threshold_cells : int, optional
        Least contributing area of a channel, cells.
    threshold_m2 : float, optional
        The same, m². Give one of the two.

    Returns
    -------
    (rows, cols) bool array
        False at missing cells. What a channel cell drains to is a channel cell.

    Raises
    ------
    CallError
        If not exactly one threshold is given, or it is less than one cell.
    ShuibaoError
        If ``area_cells`` is not a whole-number array of the drainage's shape.

    References
    ----------
    O'Callaghan, J. F. & Mark, D. M. (1984) The extraction of drainage networks from digital elevation data.
    Computer Vision, Graphics, and Image Processing 28, 323-344.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[9, 5, 5]], dtype=np.uint8), 30.0)
    >>> channels_mask(drainage, np.array([[3, 2, 1]]), threshold_m2=1800.0).tolist()
    [[True, True, False]]
    """
    area = checked_area_cells(drainage, area_cells)
    if (threshold_cells is None) == (threshold_m2 is None):
        raise CallError(
            "河道阈值请给出 threshold_cells（像元数）与 threshold_m2（平方米）之一。",
            "give one of threshold_cells and threshold_m2 as the channel threshold.",
        )
    if threshold_cells is None:
        threshold_cells = _in_cells(float(threshold_m2 or 0.0), drainage.cell_area)
    return (drainage.direction > 0) & (area >= checked_threshold(threshold_cells))


def channels_from_mask(drainage: Drainage, mask: NDArray[Any], *, area_cells: NDArray[Any] | None = None) -> Channels:
    """
    Table of the channel cells of any mask, for instance one drawn by another program (由掩膜成河道表).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) bool array
        Channel cells; those on missing land are passed over.
    area_cells : (rows, cols) integer array, optional
        Contributing area, cells, the cell itself included; computed if not given.

    Returns
    -------
    Channels
        With ``threshold`` 0. Where a channel cell drains to one that is not in the mask the channel ends, as it does
        where it leaves the land.

    Raises
    ------
    ShuibaoError
        If the arrays are not of the drainage's shape, or contributing area does not grow downstream.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[9, 5, 5]], dtype=np.uint8), 30.0)
    >>> mask = np.array([[False, True, True]])
    >>> channels_from_mask(drainage, mask).receiver.tolist()
    [0, 0]
    """
    area = contributing_area(drainage) if area_cells is None else checked_area_cells(drainage, area_cells)
    cell, receiver, _ = forest(drainage, mask)
    receiver = receiver.astype(np.int64)
    cells = area.ravel()[cell].astype(np.int64)
    if ((cells[receiver] <= cells) & (receiver != np.arange(cell.size))).any():
        raise ShuibaoError(
            "汇水面积须沿水流增大；请用由同一流向算得的像元数。",
            "contributing area must grow downstream; give the cells counted with the same directions.",
        )
    return Channels(drainage.shape, cell, receiver, cells, drainage.direction.ravel()[cell], 0)


def forest(drainage: Drainage, mask: NDArray[Any]) -> Forest:
    """
    Return the cells of a mask as a forest (像元森林).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) bool array
        Cells to take; those on missing land are passed over.

    Raises
    ------
    ShuibaoError
        If ``mask`` is not a bool array of the drainage's shape.
    """
    chosen = _checked_mask(drainage, mask).ravel() & (drainage.direction.ravel() > 0)
    cell = np.flatnonzero(chosen)
    target = cell + drainage.steps[drainage.direction.ravel()[cell]]
    node = np.arange(cell.size, dtype=drainage.order.dtype)
    below = np.minimum(np.searchsorted(cell, target), cell.size - 1)
    receiver = np.where(cell[below] == target, below, node).astype(node.dtype)
    order = np.searchsorted(cell, drainage.order[chosen[drainage.order]]).astype(node.dtype)
    return Forest(cell, receiver, order)


def checked_area_cells(drainage: Drainage, area_cells: NDArray[Any]) -> NDArray[Any]:
    """
    Return contributing areas that are whole numbers on the drainage's grid (集水像元数检查).

    Parameters
    ----------
    drainage : Drainage
        The land.
    area_cells : (rows, cols) integer array
        Contributing area, cells.

    Raises
    ------
    ShuibaoError
        If the shapes differ or the numbers are not whole.
    """
    area = np.asarray(area_cells)
    if area.shape != drainage.shape or area.dtype.kind not in "ui":
        raise ShuibaoError(
            f"汇水面积应为与流向同形状 {drainage.shape} 的整数数组（像元数），现为 {area.dtype} {area.shape}。",
            f"area_cells must be whole numbers of cells in the drainage's shape {drainage.shape}, not {area.dtype}"
            f" {area.shape}.",
        )
    return area


def _checked_mask(drainage: Drainage, mask: NDArray[Any]) -> NDArray[np.bool_]:
    chosen = np.asarray(mask)
    if chosen.shape != drainage.shape or chosen.dtype != np.bool_:
        raise ShuibaoError(
            f"河道掩膜应为与流向同形状 {drainage.shape} 的布尔数组，现为 {chosen.dtype} {chosen.shape}。",
            f"the channel mask must be a bool array of the drainage's shape {drainage.shape}, not {chosen.dtype}"
            f" {chosen.shape}.",
        )
    return chosen


def _in_cells(threshold_m2: float, cell_area: float) -> int:
    """Return the least number of cells that cover so many m²; 0 if it is no positive number."""
    if not (math.isfinite(threshold_m2) and threshold_m2 > 0):
        return 0
    return math.ceil(threshold_m2 / cell_area * (1 - _ROUNDING))
