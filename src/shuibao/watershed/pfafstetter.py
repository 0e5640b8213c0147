"""Codes that say where a basin lies in its river: Pfafstetter's (普法夫斯泰特编码)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import _stream_kernels
from shuibao.watershed.accumulation import contributing_area
from shuibao.watershed.basins import checked_cells
from shuibao.watershed.drainage import Drainage, cell_name

MOST_LEVELS = 18
"""Digits that an int64 code holds."""


def pfafstetter(
    drainage: Drainage,
    outlet_cell: ArrayLike | None,
    *,
    area: NDArray[Any] | None = None,
    levels: int | None = None,
    min_area: float | None = None,
) -> NDArray[np.int64]:
    r"""
    Pfafstetter codes of the basins of one or more outlets (普法夫斯泰特流域编码).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    outlet_cell : int, (k,) or (k, 2) integer array, or None
        Outlet of each basin: flat index (row × cols + column), or row and column. None: every outlet of the land.
    area : (rows, cols) array of whole or real numbers, optional
        Contributing area by which streams are ranked: cells, m² or km²; cells if not given. What stands at missing
        cells does not matter.
    levels : int, optional
        Digits of the codes, 1 to 18. Without it as many as ``min_area`` leaves something to divide.
    min_area : float, optional
        Least area of a tributary, in the unit of ``area``; smaller ones are never cut off. Without it every cell
        that joins a stem is a tributary.

    Returns
    -------
    (rows, cols) int64 array
        Codes of exactly ``levels`` digits 1..9; 0 outside the basins. Each basin is coded by itself.

    Raises
    ------
    CallError
        If ``levels`` is not 1..18, ``min_area`` is negative, or neither is given; if without ``levels`` more than 18
        digits would be needed.
    ShuibaoError
        If ``area`` is not a finite number at some land cell or has another shape; if an outlet is outside the grid,
        missing, given twice, or above another one.

    Notes
    -----
    The main stem runs from the outlet up the donor of greatest contributing area. Its four largest tributaries get
    2, 4, 6, 8 from the mouth upward; the interbasins, drained by the stem between them, get 1, 3, 5, 7, 9. Each of
    the nine is divided in the same way. The cell where a tributary joins belongs to the interbasin below.

    - With :math:`k < 4` tributaries the digits are 1 to :math:`2k + 1`; with none the digit is 1, down to the last
      level, so that all codes have one length.
    - Two tributaries that join at one cell leave no land between them: the odd digit there stays unused. The larger
      has the lower number.
    - Of equal donors the lower flat index is the main stem; of equal tributaries the one nearer the mouth is taken.

    References
    ----------
    Pfafstetter, O. (1989) Classificação de bacias hidrográficas: metodologia de codificação. DNOS, Rio de Janeiro.

    Verdin, K. L. & Verdin, J. P. (1999) A topological system for delineation and codification of the Earth's river
    basins. Journal of Hydrology 218, 1-12. https://doi.org/10.1016/S0022-1694(99)00011-6

    Examples
    --------
    A stem runs west along the upper row; a tributary joins it from the south:

    >>> import numpy as np
    >>> direction = np.array([[9, 5, 5, 5], [0, 7, 0, 0]], dtype=np.uint8)
    >>> drainage = Drainage.from_directions(direction, 30.0)
    >>> pfafstetter(drainage, 0, levels=1).tolist()
    [[1, 1, 3, 3], [0, 2, 0, 0]]
    """
    ranked = contributing_area(drainage).ravel() if area is None else _checked_area(drainage, area)
    roots = _checked_outlets(drainage, outlet_cell)
    code = forest_codes(drainage.receiver, drainage.order, ranked, roots, levels=levels, min_area=min_area)
    return code.reshape(drainage.shape)


def forest_codes(
    receiver: NDArray[Any],
    order: NDArray[Any],
    area: NDArray[Any],
    roots: NDArray[np.int64],
    *,
    levels: int | None = None,
    min_area: float | None = None,
) -> NDArray[np.int64]:
    """
    Pfafstetter codes of the nodes of a forest: cells, links or small watersheds (森林各节点的普法夫斯泰特编码).

    Parameters
    ----------
    receiver : (n,) integer array
        Node that each drains to; its own at a root, -1 where there is no node.
    order : (nodes,) integer array
        Every node once, each before its receiver.
    area : (n,) array of int64 or float64
        Area of each node and all nodes above it.
    roots : (k,) int64 array
        The lowest node of each basin to be coded, none above another.
    levels, min_area
        As in :func:`pfafstetter`.

    Returns
    -------
    (n,) int64 array
        Codes; 0 for nodes outside the basins.

    Raises
    ------
    CallError
        As in :func:`pfafstetter`.

    Examples
    --------
    Nodes 1 and 2 drain to 0; 1 is the larger, so the stem:

    >>> import numpy as np
    >>> receiver, order, area = np.array([0, 0, 0]), np.array([2, 1, 0]), np.array([9, 5, 3])
    >>> forest_codes(receiver, order, area, np.array([0]), levels=2).tolist()
    [11, 31, 21]
    """
    digits, least = _checked_depth(levels, min_area)
    first = np.empty(receiver.size, dtype=receiver.dtype)
    after = np.empty_like(first)
    _stream_kernels.list_donors(receiver, first, after)
    code = np.zeros(receiver.size, dtype=np.int64)
    deepest = 0
    for root in roots:
        deepest = max(deepest, _stream_kernels.pfafstetter(root, digits, least, first, after, area, code))
    if levels is None:
        if deepest == MOST_LEVELS:
            raise CallError(
                f"编码需要 {MOST_LEVELS} 位以上；请增大 min_area，或用 levels 限定位数。",
                f"the codes would need more than {MOST_LEVELS} digits; raise min_area, or bound them with levels.",
            )
        code //= 10 ** (digits - max(deepest, 1))
    _stream_kernels.spread_upstream(receiver, order, code)
    return code


def pfafstetter_downstream(code: int, other: int) -> bool:
    """
    Whether the water of one coded unit passes through another (由编码判断上下游).

    Parameters
    ----------
    code, other : int
        Pfafstetter codes of one basin, of the same number of digits.

    Returns
    -------
    bool
        True if water of ``code`` flows through ``other``: their first digits agree, the first that differs is
        smaller in ``other``, and from there on all digits of ``other`` are odd, that is, on the main stem. A unit
        is not downstream of itself.

    Raises
    ------
    CallError
        If the codes differ in length or are not positive.

    References
    ----------
    Verdin, K. L. & Verdin, J. P. (1999) A topological system for delineation and codification of the Earth's river
    basins. Journal of Hydrology 218, 1-12.

    Examples
    --------
    >>> pfafstetter_downstream(8835, 8811), pfafstetter_downstream(8835, 8832)
    (True, False)
    """
    upper, lower = str(code), str(other)
    if len(upper) != len(lower) or min(code, other) <= 0:
        raise CallError(
            f"只能比较同一流域内位数相同的编码，现为 {code} 与 {other}。",
            f"only codes of one basin with as many digits can be compared, not {code} and {other}.",
        )
    same = next((k for k, (a, b) in enumerate(zip(upper, lower, strict=True)) if a != b), len(upper))
    return lower[same:] < upper[same:] and all(digit in "13579" for digit in lower[same:])


def _checked_area(drainage: Drainage, area: NDArray[Any]) -> NDArray[Any]:
    """Return contributing area as flat int64 or float64 numbers."""
    given = np.asarray(area)
    if given.shape != drainage.shape or given.dtype.kind not in "uif":
        raise ShuibaoError(
            f"汇水面积应为与流向同形状 {drainage.shape} 的数值数组，现为 {given.dtype} {given.shape}。",
            f"area must be numbers in the drainage's shape {drainage.shape}, not {given.dtype} {given.shape}.",
        )
    wrong = (drainage.direction > 0) & ~np.isfinite(given)
    if wrong.any():
        zh, en = cell_name(int(np.argmax(wrong)), drainage.shape[1])
        raise ShuibaoError(
            f"{zh}的汇水面积缺失或为无穷大；有流向的像元都要有汇水面积。",
            f"the contributing area at {en} is missing or infinite; every cell with a direction needs one.",
        )
    return np.ascontiguousarray(given.ravel(), dtype=np.float64 if given.dtype.kind == "f" else np.int64)


def _checked_depth(levels: int | None, min_area: float | None) -> tuple[int, float]:
    """Return how many digits to go down to and the least area of a tributary."""
    if levels is None and min_area is None:
        raise CallError(
            "请给出编码位数 levels 或最小支流面积 min_area。",
            "give the number of digits, levels, or the least area of a tributary, min_area.",
        )
    if levels is not None and not 1 <= levels <= MOST_LEVELS:
        raise CallError(
            f"编码位数 levels 应为 1 至 {MOST_LEVELS}，现为 {levels}。",
            f"levels must be 1 to {MOST_LEVELS}, not {levels}.",
        )
    if min_area is not None and not min_area >= 0:
        raise CallError(
            f"最小支流面积 min_area 不能为负，现为 {min_area}。",
            f"min_area must not be negative, not {min_area}.",
        )
    return levels or MOST_LEVELS, float("-inf") if min_area is None else float(min_area)


def _checked_outlets(drainage: Drainage, outlet_cell: ArrayLike | None) -> NDArray[np.int64]:
    """Return the outlets as flat indices of land cells, none above another."""
    if outlet_cell is None:
        return drainage.outlets
    roots = np.sort(checked_cells(drainage, np.atleast_1d(np.asarray(outlet_cell))))
    marked = np.zeros(drainage.direction.size, dtype=np.bool_)
    marked[roots] = True
    above = _stream_kernels.first_above_another(roots, drainage.receiver, marked)
    if above >= 0:
        zh, en = cell_name(int(above), drainage.shape[1])
        raise ShuibaoError(
            f"出口{zh}在另一出口的上游；每个流域单独编码，请分开计算。",
            f"the outlet at {en} is above another outlet; each basin is coded by itself: compute them apart.",
        )
    return roots
