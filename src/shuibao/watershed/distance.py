"""How far the water of each cell runs, and how high it stands above the channel it reaches (沿程距离与高差)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.watershed import _kernels
from shuibao.watershed.accumulation import in_steps, on_land, restored, step_lengths
from shuibao.watershed.drainage import Drainage


def step_length(drainage: Drainage) -> NDArray[np.float64]:
    r"""
    Length of the step the water takes when it leaves each cell (单步流长).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.

    Returns
    -------
    (rows, cols) float64 array
        Metres from centre to centre: the cell's width, its height, or its diagonal; 0 at outlets, NaN where missing.

    Notes
    -----
    Rounded to 2⁻²⁴ m (60 nm), as in all lengths along the water.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 3], [0, 9]], dtype=np.uint8), (30.0, 20.0))
    >>> step_length(drainage).tolist()
    [[30.0, 20.0], [nan, 0.0]]
    """
    metres = step_lengths(drainage)
    metres[0] = np.nan
    lengths = np.empty(drainage.shape)
    _kernels.look_up(drainage.direction.ravel(), metres, lengths.ravel())
    return lengths


def length_to_outlet(drainage: Drainage) -> NDArray[np.float64]:
    r"""
    Length of the way of the water from each cell to where it leaves the land (至出口流长).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.

    Returns
    -------
    (rows, cols) float64 array
        Metres from centre to centre; 0 at outlets, NaN where missing.

    Notes
    -----
    .. math:: X_i = d_i + X_{r(i)}, \quad d = w,\ h \text{ or } \sqrt{w^2 + h^2}

    The length of each step is rounded to 2⁻²⁴ m (60 nm), so that sums are exact whatever the order.

    Examples
    --------
    >>> import numpy as np
    >>> length_to_outlet(Drainage.from_directions(np.array([[9, 5], [7, 6]], dtype=np.uint8), 30.0)).round(3).tolist()
    [[0.0, 30.0], [30.0, 42.426]]
    """
    nowhere = np.zeros(drainage.shape, dtype=np.bool_)
    return _length(drainage, nowhere, 0.0)


def length_to(drainage: Drainage, mask: NDArray[Any]) -> NDArray[np.float64]:
    r"""
    Length of the way of the water from each cell to the first cell of a mask, such as channels (至河道流长).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) bool array
        True where the way ends. Cells outside the land are ignored.

    Returns
    -------
    (rows, cols) float64 array
        Metres from centre to centre; 0 on the mask, NaN where missing and where the water meets no cell of it.

    Raises
    ------
    ShuibaoError
        If ``mask`` has not the shape of the grid.

    Notes
    -----
    As :func:`length_to_outlet`, with :math:`X = 0` on the mask.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 1, 9]], dtype=np.uint8), 30.0)
    >>> length_to(drainage, np.array([[False, False, True, False]])).tolist()
    [[60.0, 30.0, 0.0, nan]]
    """
    return _length(drainage, checked_mask(drainage, mask), np.nan)


def downstream_sum(
    drainage: Drainage, weight: NDArray[Any], mask: NDArray[Any], *, step: float | None = None
) -> NDArray[np.float64]:
    r"""
    Sum of a weight over the cells the water passes before it meets a mask, such as channels (沿程累计).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    weight : (rows, cols) array
        What each cell adds to the ways through it, of any unit. Whatever stands outside the land is ignored.
    mask : (rows, cols) bool array
        True where the way ends; such a cell adds nothing. Cells outside the land are ignored.
    step : float, optional
        Weights are rounded to whole steps of this size, as loads are by :func:`accumulate`.

    Returns
    -------
    (rows, cols) float64 array
        The cell itself included, the cell of the mask not: 0 on the mask, NaN where missing and where the water meets
        no cell of the mask.

    Raises
    ------
    ShuibaoError
        If ``weight`` or ``mask`` has not the shape of the grid, or ``weight`` is missing or infinite on land.

    Notes
    -----
    .. math:: D_i = w_i + D_{r(i)}, \quad D = 0 \text{ on the mask}

    With the length of each step over weight and slope this is the downslope part of the index of connectivity.

    References
    ----------
    Borselli, L., Cassi, P. & Torri, D. (2008) Prolegomena to sediment and flow connectivity in the landscape: a GIS
    and field numerical assessment. Catena 75, 268-277.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 1, 9]], dtype=np.uint8), 30.0)
    >>> downstream_sum(drainage, np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[False, False, True, False]])).tolist()
    [[3.0, 2.0, 0.0, nan]]
    """
    target = checked_mask(drainage, mask)
    total, step_size = in_steps(drainage, on_land(drainage, weight, "权重", "weight"), step)
    _kernels.sum_upward(drainage.direction.ravel(), drainage.steps, drainage.order, target.ravel(), total.ravel())
    return restored(total, step_size)


def height_above_nearest_drainage(drainage: Drainage, elevation: NDArray[Any], channels: NDArray[Any]) -> NDArray[Any]:
    r"""
    Height of each cell above the channel cell its water reaches first, HAND (至最近河道高差).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    elevation : (rows, cols) array
        Filled elevation, m. On the unfilled ground the height is below 0 in depressions.
    channels : (rows, cols) bool array
        True on channel cells. Cells outside the land are ignored.

    Returns
    -------
    (rows, cols) array
        Metres, in the precision of ``elevation`` (float32 stays float32, all else is float64); 0 on channels, NaN
        where missing and where the water meets no channel.

    Raises
    ------
    ShuibaoError
        If an array has not the shape of the grid, or ``elevation`` is missing or infinite on land.

    Notes
    -----
    .. math:: h_i = z_i - z_{c(i)}

    with *c* the first channel cell downstream of *i*.

    References
    ----------
    Rennó, C. D. et al. (2008) HAND, a new terrain descriptor using SRTM-DEM. Remote Sensing of Environment 112,
    3469-3481. Nobre, A. D. et al. (2011) Height Above the Nearest Drainage. Journal of Hydrology 404, 13-29.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 1, 9]], dtype=np.uint8), 30.0)
    >>> z = np.array([[7.0, 5.0, 2.0, 1.0]])
    >>> height_above_nearest_drainage(drainage, z, np.array([[False, False, True, False]])).tolist()
    [[5.0, 3.0, 0.0, nan]]
    """
    target = checked_mask(drainage, channels)
    z = on_land(drainage, elevation, "高程", "elevation")
    if z.dtype != np.float32:
        z = z.astype(np.float64)
    height = np.empty_like(z)
    _kernels.carry_upward(
        drainage.direction.ravel(), drainage.steps, drainage.order, target.ravel(), z.ravel(), height.ravel()
    )
    return np.subtract(z, height, out=height)


def checked_mask(drainage: Drainage, mask: NDArray[Any]) -> NDArray[np.bool_]:
    """
    Return a mask as a contiguous array of true and false (掩膜检查).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) array
        Bool, or whole numbers that are 0 or 1. Masked cells of a masked array are false.

    Raises
    ------
    ShuibaoError
        If the shape is not the grid's, or the values are not true and false.
    """
    array = np.asarray(np.ma.filled(mask, 0) if np.ma.isMaskedArray(mask) else mask)
    if array.shape != drainage.shape or array.dtype.kind not in "bui":
        raise ShuibaoError(
            f"掩膜应为 {drainage.shape} 的真假数组，与流向同形，现为 {array.dtype} {array.shape}。",
            f"the mask must be an array of true and false of the shape of the directions {drainage.shape}, not"
            f" {array.dtype} {array.shape}.",
        )
    if array.dtype.kind != "b" and ((array < 0) | (array > 1)).any():
        raise ShuibaoError(
            f"掩膜应为真假数组，或只有 0 与 1，现为 {array.dtype}，从 {array.min()} 到 {array.max()}；汇水面积请先取阈值"
            "（area >= 阈值）。",
            f"the mask must be true and false, or only 0 and 1, not {array.dtype} from {array.min()} to {array.max()}; put"
            " contributing area through a threshold first (area >= threshold).",
        )
    return np.ascontiguousarray(array, dtype=np.bool_)


def _length(drainage: Drainage, target: NDArray[np.bool_], at_outlet: float) -> NDArray[np.float64]:
    """Return the length of the way from each cell to its target or outlet, m."""
    total = np.empty(drainage.shape)
    codes, lengths = drainage.direction.ravel(), step_lengths(drainage)
    _kernels.length_upward(codes, drainage.steps, lengths, drainage.order, target.ravel(), at_outlet, total.ravel())
    return total
