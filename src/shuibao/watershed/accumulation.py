"""What gathers along the way of the water: cells, loads, the longest way from the divide (汇流累积)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.terrain.cells import heights_of
from shuibao.watershed import _kernels
from shuibao.watershed.drainage import Drainage, cell_name

LENGTH_STEP = 2.0**-24
"""
The length of a step is rounded to so many metres (60 nm, 步长精度).

Sums of such lengths are exact in double precision up to 500 000 km, so no order of adding matters.
"""


def contributing_area(drainage: Drainage) -> NDArray[np.int64]:
    r"""
    Number of cells whose water passes each cell, itself included (汇水面积，以像元计).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.

    Returns
    -------
    (rows, cols) int64 array
        Cells; 0 where missing. Times ``drainage.cell_area`` it is the contributing area, m².

    Notes
    -----
    .. math:: A_i = 1 + \sum_{j \to i} A_j

    References
    ----------
    O'Callaghan, J. F. & Mark, D. M. (1984) The extraction of drainage networks from digital elevation data.
    Computer Vision, Graphics, and Image Processing 28, 323-344.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 9], [8, 7, 0]], dtype=np.uint8), 30.0)
    >>> contributing_area(drainage).tolist()
    [[1, 4, 5], [1, 1, 0]]
    """
    area = np.empty(drainage.shape, dtype=np.int64)
    _kernels.count_upstream(drainage.direction.ravel(), drainage.steps, drainage.order, area.ravel())
    return area


def accumulate(drainage: Drainage, load: NDArray[Any], *, step: float | None = None) -> NDArray[Any]:
    r"""
    Sum of a load over all cells whose water passes each cell (负荷累积).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    load : (rows, cols) array
        What each cell gives, of any unit: t, m³, or cells of some kind (true and false). Whatever stands outside the
        land is ignored.
    step : float, optional
        Loads are rounded to whole steps of this size, in the unit of ``load``; the finest possible power of two if not
        given. Parts of one land that are added up apart must be given one step (see :func:`finest_step`).

    Returns
    -------
    (rows, cols) array
        float64 with NaN where missing; for a load of whole numbers, int64 with 0 where missing.

    Raises
    ------
    ShuibaoError
        If ``load`` has not the shape of the grid, is missing or infinite on land (how often, and the first cell), or
        its sum cannot be held in 63 bits of steps.

    Notes
    -----
    .. math:: L_i = l_i + \sum_{j \to i} L_j

    Loads are added as whole numbers of steps, so the sum is the same in whatever order and in whatever parts they
    are added, and what falls on the land leaves at the outlets to the last step. Whole numbers are exact. A number
    is rounded once, by half a step at most: of *n* land cells the step is not above :math:`2^{-60}\,n` of the largest
    load (10⁹ cells: 10⁻⁹ of it).

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 30.0)
    >>> accumulate(drainage, np.array([[0.5, 0.25, 0.125]])).tolist()
    [[0.5, 0.75, 0.875]]
    >>> accumulate(drainage, np.array([[True, False, True]])).tolist()
    [[1, 1, 2]]
    """
    values = on_land(drainage, load, "负荷", "load")
    codes = drainage.direction.ravel()
    if values.dtype.kind == "f":
        total, step_size = in_steps(drainage, values, step)
    else:
        _check_sum(_kernels.sum_on_land(codes, values.ravel()))
        total = np.empty(drainage.shape, dtype=np.int64)
        _kernels.put_on_land(codes, values.ravel(), total.ravel())
    _kernels.add_downstream(codes, drainage.steps, drainage.order, total.ravel())
    return restored(total, step_size) if values.dtype.kind == "f" else total


def longest_upstream_length(drainage: Drainage) -> NDArray[np.float64]:
    r"""
    Length of the longest way of water that ends in each cell (最长汇流路径).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.

    Returns
    -------
    (rows, cols) float64 array
        Metres along the flow from the farthest cell's centre to this one's; 0 where nothing flows in, NaN where missing.

    Notes
    -----
    .. math:: X_i = \max_{j \to i} (X_j + d_{ji}), \quad d = w,\ h \text{ or } \sqrt{w^2 + h^2}

    The length of each step is rounded to 2⁻²⁴ m (60 nm), so that sums are exact whatever the order.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 9], [8, 7, 0]], dtype=np.uint8), 30.0)
    >>> longest_upstream_length(drainage).round(3).tolist()
    [[0.0, 42.426, 72.426], [0.0, 0.0, nan]]
    """
    longest = np.empty(drainage.shape)
    _kernels.longest_downstream(
        drainage.direction.ravel(), drainage.steps, step_lengths(drainage), drainage.order, longest.ravel()
    )
    return longest


def finest_step(largest: float, cells: int) -> float:
    """
    Return the finest power of two in which so many cells with loads up to ``largest`` can be added up (最细步长).

    Parameters
    ----------
    largest : float
        Largest absolute load of any cell.
    cells : int
        Number of cells added up.

    Returns
    -------
    float
        The sum of all loads is below 2⁶² steps.

    Examples
    --------
    >>> finest_step(1.0, 1) == 2.0**-60
    True
    """
    exponent = math.frexp(largest)[1] + max(cells, 1).bit_length() - 62
    return math.ldexp(1.0, max(exponent, -1000))


def in_steps(drainage: Drainage, values: NDArray[Any], step: float | None) -> tuple[NDArray[np.int64], float]:
    """Return loads as whole numbers of steps, and the step's size (定点数)."""
    codes = drainage.direction.ravel()
    largest = float(_kernels.largest_on_land(codes, values.ravel()))
    land = drainage.order.size
    step_size = finest_step(largest, land) if step is None else float(step)
    if not (math.isfinite(step_size) and step_size > 0):
        raise ShuibaoError(
            f"步长应为大于 0 的数，现为 {step}；也可不给，由程序选取。",
            f"step must be a number above 0, not {step}; or leave it out to have it chosen.",
        )
    _check_sum(largest / step_size * land, finest_step(largest, land))
    total = np.empty(values.shape, dtype=np.int64)
    _kernels.quantize(codes, values.ravel(), 1.0 / step_size, total.ravel())
    return total, step_size


def restored(total: NDArray[np.int64], step_size: float) -> NDArray[np.float64]:
    """Return whole numbers of steps as numbers, in the same memory; no sum becomes NaN (还原)."""
    out = total.view(np.float64)
    _kernels.restore(total.ravel(), step_size, out.ravel())
    return out


def step_lengths(drainage: Drainage) -> NDArray[np.float64]:
    """Return the length of a step along each code 0..9, m, in whole ``LENGTH_STEP``; 0 at an outlet (步长表)."""
    width, height = drainage.cell_width, drainage.cell_height
    diagonal = math.hypot(width, height)
    metres = [0.0, width, diagonal, height, diagonal, width, diagonal, height, diagonal, 0.0]
    return np.rint(np.array(metres) / LENGTH_STEP) * LENGTH_STEP


def on_grid(drainage: Drainage, values: NDArray[Any], zh: str, en: str) -> NDArray[Any]:
    """
    Return values as an array of the drainage's shape (格网检查).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    values : (rows, cols) array
        A number for each cell.
    zh, en : str
        What messages call them.

    Raises
    ------
    ShuibaoError
        If the shape is not the drainage's, or the values are no numbers.
    """
    array = heights_of(values) if np.ma.isMaskedArray(values) else np.asarray(values)
    if array.shape != drainage.shape or array.dtype.kind not in "buif":
        raise ShuibaoError(
            f"{zh}应为 {drainage.shape} 的数值数组，与流向同形，现为 {array.dtype} {array.shape}；请裁切到同一格网。",
            f"{en} must be an array of numbers of the shape of the directions {drainage.shape}, not {array.dtype} "
            f"{array.shape}; clip both to one grid.",
        )
    return array


def on_land(drainage: Drainage, values: NDArray[Any], zh: str, en: str) -> NDArray[Any]:
    """
    Return values as a contiguous array that has a number on every land cell (陆地取值检查).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    values : (rows, cols) array
        A number for each cell.
    zh, en : str
        What messages call them.

    Raises
    ------
    ShuibaoError
        If the shape is not the grid's, or a land cell has no finite number: how many, and the first.
    """
    array = on_grid(drainage, values, zh, en)
    if array.dtype.kind == "f":
        lacking = ~np.isfinite(array) & (drainage.direction != 0)
        if lacking.any():
            cells = np.flatnonzero(lacking)
            where_zh, where_en = cell_name(int(cells[0]), drainage.shape[1])
            raise ShuibaoError(
                f"{zh}在 {cells.size} 个陆地像元上缺失或无穷大，第一个在{where_zh}；请先补齐，或把这些像元从陆地中去掉。",
                f"{en} is missing or infinite on {cells.size} land cells, the first at {where_en}; fill it in, or take"
                " these cells out of the land.",
            )
        if array.dtype.itemsize not in (4, 8):
            array = array.astype(np.float64)
    return np.ascontiguousarray(array)


def _check_sum(sum_in_steps: float, step: float | None = None) -> None:
    """Refuse sums that 63 bits cannot hold."""
    if sum_in_steps >= 2.0**62.5:
        zh, en = (
            ("请换用较大的单位", "use a larger unit") if step is None else (f"不能小于 {step}", f"take {step} or more")
        )
        raise ShuibaoError(
            f"负荷之和约 {sum_in_steps:.3g} 步，超出 63 位整数；步长：{zh}。",
            f"the loads add up to about {sum_in_steps:.3g} steps, beyond 63 bits; the step: {en}.",
        )
