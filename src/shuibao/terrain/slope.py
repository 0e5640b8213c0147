"""Slope and aspect of the ground by Horn's third-order differences (坡度、坡向)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.terrain import _kernels
from shuibao.terrain.cells import heights_of, side_of


def slope(elevation: NDArray[Any], cell_size: float) -> NDArray[Any]:
    r"""
    Slope angle of each cell (坡度).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN.
    cell_size : float
        Side of the square cell, m. Projected grids only.

    Returns
    -------
    (rows, cols) array
        Slope angle, rad, in the precision of ``elevation`` (float32 stays float32, all else is float64). NaN where
        the cell or one of its eight neighbours is missing, so in the outer ring too.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, or ``cell_size`` is not a positive number.

    Notes
    -----
    .. math:: \tan\theta = \sqrt{z_x^2 + z_y^2},\quad
              z_x = \frac{(z_{ne} + 2 z_e + z_{se}) - (z_{nw} + 2 z_w + z_{sw})}{8 d}

    and :math:`z_y` alike. GDAL and GRASS use the same differences.

    References
    ----------
    Horn, B. K. P. (1981) Hill shading and the reflectance map. Proc. IEEE 69(1), 14-47.

    Examples
    --------
    A plane that rises 1 m in 10 m:

    >>> import numpy as np
    >>> plane = np.tile(np.arange(5.0), (5, 1))
    >>> float(np.tan(slope(plane, 10.0)[2, 2]).round(6))
    0.1
    """
    ground = checked_elevation(elevation, cell_size)
    tangent = np.empty_like(ground)
    _kernels.gradient(ground, float(cell_size), tangent)
    return np.arctan(tangent)


def aspect(elevation: NDArray[Any], cell_size: float) -> NDArray[Any]:
    r"""
    Downhill direction of each cell (坡向).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN.
    cell_size : float
        Side of the square cell, m; it does not change the angle and is asked for so that units are seen to.

    Returns
    -------
    (rows, cols) array
        Direction in which the ground falls, rad, clockwise from north in [0, 2π). NaN on level ground, where a
        neighbour is missing, and in the outer ring.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, or ``cell_size`` is not a positive number.

    Notes
    -----
    .. math:: \alpha = \operatorname{atan2}(-z_x, -z_y) \bmod 2\pi

    with :math:`z_x` eastward and :math:`z_y` northward, from the differences of :func:`slope`.

    References
    ----------
    Horn, B. K. P. (1981) Hill shading and the reflectance map. Proc. IEEE 69(1), 14-47.

    Examples
    --------
    Ground that rises eastward faces west, 270°:

    >>> import numpy as np
    >>> plane = np.tile(np.arange(5.0), (5, 1))
    >>> float(np.degrees(aspect(plane, 10.0)[2, 2]))
    270.0
    """
    ground = checked_elevation(elevation, cell_size)
    out = np.empty_like(ground)
    _kernels.facing(ground, out)
    return out


def checked_elevation(elevation: NDArray[Any], cell_size: float) -> NDArray[Any]:
    """
    Return the elevations as a contiguous float array, infinite cells missing (高程检查).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m.
    cell_size : float
        Side of the square cell, m.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, or ``cell_size`` is not a positive number.
    """
    ground = heights_of(elevation)
    if ground.ndim != 2:
        raise ShuibaoError(
            f"高程数组应为二维（行×列），现为 {ground.ndim} 维；请给出单波段高程。",
            f"elevation must have two dimensions (rows, cols), not {ground.ndim}; give one band of elevations.",
        )
    if ground.size == 0:
        raise ShuibaoError(
            f"高程数组没有像元（{ground.shape[0]} 行 {ground.shape[1]} 列）；请核对裁切范围。",
            f"elevation has no cells ({ground.shape[0]} rows, {ground.shape[1]} columns); check what was clipped.",
        )
    side_of(cell_size)
    if np.isinf(ground).any():
        ground = np.where(np.isinf(ground), np.nan, ground)
    return np.ascontiguousarray(ground)
