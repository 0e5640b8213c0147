"""Polygons onto cells: a cell belongs to the polygon that holds its centre (矢量转栅格)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground import _burning_kernels
from shuibao.ground.grid import Grid


def burn(shapes: Iterable[tuple[Any, int]], grid: Grid) -> NDArray[np.uint16]:
    """
    Return the number of the polygon that holds each cell's centre (栅格化).

    Parameters
    ----------
    shapes : iterable of (geometry, int)
        Polygons in the grid's coordinates, m, and their numbers from 1; where they overlap the later one counts.
    grid : Grid
        Cells wanted.

    Returns
    -------
    (rows, cols) uint16 array
        Number of the polygon; 0 outside all.

    Notes
    -----
    Rows of cell centres are crossed with the rings in national coordinates (even-odd rule), so that the answer for a
    cell does not depend on the window. A centre on a border belongs to the polygon east or north of it, so that
    polygons that share a border share no cell.

    Examples
    --------
    >>> burn([(shapely.box(0.0, -60.0, 30.0, 0.0), 7)], Grid(30.0, 0, 0, 2, 2)).tolist()
    [[7, 0], [7, 0]]
    """
    out = np.zeros(grid.shape, dtype=np.uint16)
    for shape, number in shapes:
        flips = np.zeros(grid.shape, dtype=np.uint8)
        x, y, ring_end = _rings(shape)
        _burning_kernels.flip_at_edges(x, y, ring_end, grid.cell, grid.row, grid.col, flips)
        _burning_kernels.fill_between_flips(flips, number, out)
    return out


def _rings(shape: Any) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    rings = shapely.get_rings(shapely.get_parts(shape))
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.cumsum(np.bincount(ring, minlength=len(rings))).astype(np.int64)
    return np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1]), ends
