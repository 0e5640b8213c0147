"""D8 flow direction: each cell drains to its steepest lower neighbour (单流向)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.terrain import _kernels
from shuibao.terrain.slope import checked_elevation

DOWNHILL_ROWS = _kernels.ROW_STEP
"""Row step of each direction code 0..8 (0 none, then clockwise from east)."""

DOWNHILL_COLS = _kernels.COL_STEP
"""Column step of each direction code 0..8."""


def flow_direction(elevation: NDArray[Any], cell_size: float) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    r"""
    D8 flow direction and the gradient along it (单流向与最大下坡坡降).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN; they are passed over as receivers.
    cell_size : float
        Side of the square cell, m. Projected grids only.

    Returns
    -------
    direction : (rows, cols) uint8 array
        0 where no neighbour is lower (pits, flats, missing cells, the outer ring), else 1..8 clockwise from east:
        1 E, 2 SE, 3 S, 4 SW, 5 W, 6 NW, 7 N, 8 NE. Of equally steep neighbours the first in that order.
    drop : (rows, cols) array
        Fall per length along the direction, m/m; 0 in pits and flats, NaN where missing and in the outer ring.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, or ``cell_size`` is not a positive number.

    Notes
    -----
    .. math:: \max_n \frac{z - z_n}{d_n},\quad d_n = d \text{ or } \sqrt 2\, d

    The ground is taken as it is: depressions are not filled here.

    References
    ----------
    O'Callaghan, J. F. & Mark, D. M. (1984) The extraction of drainage networks from digital elevation data.
    Computer Vision, Graphics, and Image Processing 28, 323-344.

    Examples
    --------
    >>> import numpy as np
    >>> direction, drop = flow_direction(np.tile(np.arange(3.0), (3, 1)), 10.0)
    >>> int(direction[1, 1]), round(float(drop[1, 1]), 3)  # falls west
    (5, 0.1)
    """
    ground = checked_elevation(elevation, cell_size)
    direction = np.empty(ground.shape, dtype=np.uint8)
    drop = np.empty_like(ground)
    _kernels.steepest_descent(ground, float(cell_size), direction, drop)
    return direction, drop
