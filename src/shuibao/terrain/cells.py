"""What the room is given: elevations as arrays of numbers, and sides of cells as lengths (高程与像元的检查)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError

CellSize = float | tuple[float, float]
"""Side of a square cell, or width and height, m."""


def heights_of(elevation: Any) -> NDArray[Any]:
    """
    Return elevations as float32 or float64, masked cells missing, refusing what are no real numbers (高程取值).

    Parameters
    ----------
    elevation : array
        Elevation, m. The masked cells of a masked array become NaN. float32 stays, all else becomes float64.

    Raises
    ------
    ShuibaoError
        If the values are no real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> heights_of(np.ma.masked_equal([[3, -9999]], -9999)).tolist()
    [[3.0, nan]]
    """
    given = np.ma.asanyarray(elevation) if np.ma.isMaskedArray(elevation) else np.asarray(elevation)
    if given.dtype.kind not in "buif":
        raise ShuibaoError(
            f"高程应为实数数组，现为 {given.dtype}；请给出以 m 为单位的高程。",
            f"elevation must be an array of real numbers, not {given.dtype}; give elevations in metres.",
        )
    if given.dtype != np.float32:
        given = given.astype(np.float64)
    return np.asarray(np.ma.filled(given, np.nan))


def sides_of(cell_size: Any) -> tuple[float, float]:
    """
    Return the width and height of a cell, m, refusing what is not positive (像元边长).

    Parameters
    ----------
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.

    Raises
    ------
    ShuibaoError
        If it is neither a positive number nor a pair of them.

    Examples
    --------
    >>> sides_of(30), sides_of((30.0, 20.0))
    ((30.0, 30.0), (30.0, 20.0))
    """
    pair = cell_size if isinstance(cell_size, tuple | list) or np.ndim(cell_size) == 1 else (cell_size, cell_size)
    if len(pair) != 2 or not all(_is_length(side) for side in pair):
        raise ShuibaoError(
            f"像元边长应为大于 0 的米数，或（宽，高）两个数，现为 {cell_size!r}；经纬度栅格请先投影。",
            f"cell_size must be a positive length in metres, or (width, height), not {cell_size!r}; project a grid in "
            "degrees first.",
        )
    return float(pair[0]), float(pair[1])


def side_of(cell_size: Any) -> float:
    """
    Return the side of a square cell, m, refusing what is not positive (方形像元边长).

    Parameters
    ----------
    cell_size : float
        Side of the square cell, m.

    Raises
    ------
    ShuibaoError
        If it is not one positive number.

    Examples
    --------
    >>> side_of(30)
    30.0
    """
    if not _is_length(cell_size):
        raise ShuibaoError(
            f"像元边长应为一个（方形像元）大于 0 的米数，现为 {cell_size!r}；经纬度栅格请先投影。",
            f"cell_size must be one positive length in metres (square cells), not {cell_size!r}; project a grid in "
            "degrees first.",
        )
    return float(cell_size)


def _is_length(side: Any) -> bool:
    if isinstance(side, str | bytes | bool):
        return False
    try:
        return 0.0 < float(side) < math.inf
    except (TypeError, ValueError, OverflowError):
        return False
