"""The land whose water passes an outlet (汇水区)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shuibao.messages import ShuibaoError
from shuibao.watershed import _kernels
from shuibao.watershed.drainage import Drainage, cell_name


def basins(drainage: Drainage, outlets: ArrayLike, ids: ArrayLike | None = None) -> NDArray[np.int32]:
    """
    Label each cell with the first of the given outlets its water passes (指定出口的汇水区).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    outlets : (k,) or (k, 2) array of whole numbers
        Flat indices (row × cols + column), or rows and columns. One may lie upstream of another; its basin is then
        cut out of the other's.
    ids : (k,) array of whole numbers, optional
        Label of each outlet, from 1 up, none twice; 1, 2, 3 … if not given.

    Returns
    -------
    (rows, cols) int32 array
        The label of the nearest outlet downstream, the outlet's own cell included; 0 where missing and where the water
        passes none.

    Raises
    ------
    ShuibaoError
        If an outlet is outside the grid, missing, or given twice, or a label is not usable.

    Examples
    --------
    Two outlets on one river; the upper keeps what is its own:

    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 1, 9]], dtype=np.uint8), 30.0)
    >>> basins(drainage, [1, 2]).tolist()
    [[1, 1, 2, 0]]
    >>> basins(drainage, [(0, 3)], ids=[7]).tolist()
    [[7, 7, 7, 7]]
    """
    cells = checked_cells(drainage, outlets)
    label = np.zeros(drainage.shape, dtype=np.int32)
    label.flat[cells] = np.arange(1, cells.size + 1) if ids is None else _checked_ids(ids, cells.size)
    _label(drainage, label)
    return label


def all_basins(drainage: Drainage) -> NDArray[np.int32]:
    """
    Label each cell with the outlet at which its water leaves the land (全部汇水区).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.

    Returns
    -------
    (rows, cols) int32 array
        1, 2, 3 … in the order of the outlets, row by row (``drainage.outlets``); 0 where missing.

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[9, 5, 1, 9]], dtype=np.uint8), 30.0)
    >>> all_basins(drainage).tolist()
    [[1, 1, 2, 2]]
    """
    outlets = drainage.outlets
    label = np.zeros(drainage.shape, dtype=np.int32)
    label.flat[outlets] = np.arange(1, outlets.size + 1)
    _label(drainage, label)
    return label


def checked_cells(drainage: Drainage, cells: ArrayLike) -> NDArray[np.int64]:
    """
    Return flat indices of land cells, each once (像元检查).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    cells : (k,) or (k, 2) array of whole numbers
        Flat indices, or rows and columns.

    Raises
    ------
    ShuibaoError
        If they are of another shape or type, or one is outside the grid, missing, or given twice.
    """
    flat = flat_cells(drainage.shape, cells)
    check_on_land(drainage, flat)
    order = np.argsort(flat, kind="stable")
    twice = np.flatnonzero(flat[order[1:]] == flat[order[:-1]])
    if twice.size:
        first, again = sorted(order[twice[0] : twice[0] + 2] + 1)
        zh, en = cell_name(int(flat[first - 1]), drainage.shape[1])
        raise ShuibaoError(
            f"第 {first} 个与第 {again} 个出口是同一像元，{zh}；请去掉一个。",
            f"outlets {first} and {again} are the same cell, {en}; take one out.",
        )
    return flat


def check_on_land(drainage: Drainage, cells: NDArray[np.int64]) -> None:
    """
    Refuse cells that are missing (陆地检查).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    cells : (k,) int64 array
        Flat indices within the grid.

    Raises
    ------
    ShuibaoError
        If a cell is missing; the first is named.
    """
    missing = np.flatnonzero(drainage.direction.flat[cells] == 0)
    if missing.size:
        zh, en = cell_name(int(cells[missing[0]]), drainage.shape[1])
        raise ShuibaoError(
            f"第 {missing[0] + 1} 个出口在{zh}，该像元缺失（不在陆地上）；请把它移到陆地像元。",
            f"outlet {missing[0] + 1} at {en} is missing (not land); move it to a land cell.",
        )


def flat_cells(shape: tuple[int, int], cells: ArrayLike) -> NDArray[np.int64]:
    """
    Return flat indices of cells given flat or as rows and columns (像元索引).

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the grid.
    cells : (k,) or (k, 2) array of whole numbers
        Flat indices, or rows and columns.

    Raises
    ------
    ShuibaoError
        If they are of another shape or type, or one is outside the grid.
    """
    rows, cols = shape
    array = np.asarray(cells)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "ui" or not (array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 2)):
        raise ShuibaoError(
            f"出口应为整数：k 个像元索引，或 k×2 的行、列，现为 {array.dtype} {array.shape}。",
            f"outlets must be whole numbers: k flat indices, or k rows and columns, not {array.dtype} {array.shape}.",
        )
    inside = (array >= 0) & (array < (rows * cols if array.ndim == 1 else (rows, cols)))
    outside = np.flatnonzero(~inside.reshape(len(array), -1).all(axis=1))
    if outside.size:
        first = int(outside[0])
        place = array[first].tolist()
        raise ShuibaoError(
            f"第 {first + 1} 个出口（{place}）在栅格之外；栅格为 {rows} 行 {cols} 列，行列自 0 起。",
            f"outlet {first + 1} ({place}) is outside the grid of {rows} rows and {cols} columns (from 0).",
        )
    index = array.astype(np.int64)
    return index if index.ndim == 1 else index[:, 0] * cols + index[:, 1]


def _checked_ids(ids: ArrayLike, count: int) -> NDArray[np.int32]:
    """Return labels that are positive, fit int32 and differ."""
    array = np.asarray(ids)
    usable = array.shape == (count,) and (count == 0 or array.dtype.kind in "ui")
    if usable and count:
        usable = array.min() > 0 and array.max() <= np.iinfo(np.int32).max and np.unique(array).size == count
    if not usable:
        raise ShuibaoError(
            f"汇水区编号应为 {count} 个互不相同的正整数（不超过 2147483647），与出口一一对应，现为 {array.tolist()}。",
            f"ids must be {count} different whole numbers from 1 to 2147483647, one for each outlet, not {array.tolist()}.",
        )
    return array.astype(np.int32)


def _label(drainage: Drainage, label: NDArray[np.int32]) -> None:
    """Spread the labels of outlets over the cells above them."""
    _kernels.label_upward(drainage.direction.ravel(), drainage.steps, drainage.order, label.ravel())
