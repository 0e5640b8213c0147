"""The way of the water over a grid: what each cell drains to, and an order that follows it (汇流结构)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.terrain import OUTLET as OUTLET
from shuibao.terrain.cells import sides_of
from shuibao.watershed import _kernels


@dataclass(frozen=True, eq=False)
class Drainage:
    """
    What each cell drains to, and an order in which all can be visited once downstream (汇流结构).

    Every analysis of the room is a short loop along ``order``, or back.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the grid.
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    direction : (rows, cols) uint8 array
        0 missing, 1..8 clockwise from east (1 E, 2 SE, 3 S, 4 SW, 5 W, 6 NW, 7 N, 8 NE), 9 outlet.
    order : (land cells,) int32 array
        Flat index (row × cols + column) of every land cell once, each before the cell it drains to; int64 on grids
        of 2³¹ cells and more.
    receiver : (rows × cols,) array of the type of ``order``
        Flat index of the cell each cell drains to: its own at an outlet, -1 where missing. Worked out when asked for.

    Examples
    --------
    Three cells in a row; the water runs west and leaves at the first:

    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[9, 5, 5]], dtype=np.uint8), 30.0)
    >>> drainage.receiver.tolist(), drainage.order.tolist()
    ([0, 0, 1], [2, 1, 0])
    """

    shape: tuple[int, int]
    cell_size: float | tuple[float, float]
    direction: NDArray[np.uint8]
    order: NDArray[Any]

    @classmethod
    def from_directions(cls, direction: NDArray[Any], cell_size: float | tuple[float, float]) -> Drainage:
        """
        Read the drainage out of D8 codes (由流向建立汇流结构).

        Parameters
        ----------
        direction : (rows, cols) integer array
            0 missing, 1..8 clockwise from east, 9 outlet, as :func:`shuibao.terrain.route` gives them.
        cell_size : float or (float, float)
            Side of the cell, or its width and height, m.

        Returns
        -------
        Drainage
            In time and memory proportional to the number of cells.

        Raises
        ------
        ShuibaoError
            If ``direction`` is not a two-dimensional array of whole numbers or has no cells; if a code is not 0..9,
            points outside the grid or at a missing cell; if the water of some cell runs in a circle (the cell is
            named); or if ``cell_size`` is not positive.
        """
        codes = _checked_codes(direction)
        checked_cell_size(cell_size)
        rows, cols = codes.shape
        state = np.empty(codes.shape, dtype=np.uint8)
        land, sound = _kernels.count_inflow(codes, state)
        if not sound:
            raise _bad_code(codes, int(_kernels.first_wrong(codes)))
        order = np.empty(land, dtype=index_type(codes.size))
        done = _kernels.trace_order(state.ravel(), cols, steps(cols), order)
        if done < land:
            zh, en = cell_name(int(np.flatnonzero(state)[0]), cols)
            raise ShuibaoError(
                f"流向成环：{zh} 的水流回自己，共 {land - done} 个像元在环上；请先填洼并重新计算流向。",
                f"the directions run in a circle: the water of {en} returns to it, {land - done} cells are in"
                " circles; fill the depressions and compute the directions anew.",
            )
        return cls((rows, cols), cell_size, codes, order)

    @cached_property
    def receiver(self) -> NDArray[Any]:
        """Flat index of the cell each cell drains to: its own at an outlet, -1 where missing (下游像元)."""
        receiver = np.empty(self.direction.size, dtype=self.order.dtype)
        _kernels.receivers(self.direction.ravel(), self.steps, receiver)
        return receiver

    @property
    def steps(self) -> NDArray[np.int64]:
        """Step in flat index of each direction code 0..9 (流向步长)."""
        return steps(self.shape[1])

    @property
    def outlets(self) -> NDArray[np.int64]:
        """Flat indices of the cells where the water leaves the land, ascending (出口像元)."""
        return np.flatnonzero(self.direction == OUTLET)

    @property
    def cell_width(self) -> float:
        """Width of a cell, m (像元宽)."""
        return checked_cell_size(self.cell_size)[0]

    @property
    def cell_height(self) -> float:
        """Height of a cell, m (像元高)."""
        return checked_cell_size(self.cell_size)[1]

    @property
    def cell_area(self) -> float:
        """Area of a cell, m² (像元面积)."""
        return self.cell_width * self.cell_height


def steps(cols: int) -> NDArray[np.int64]:
    """Return the step in flat index of each direction code 0..9 on a grid of so many columns (流向步长)."""
    return _kernels.ROW_STEP * cols + _kernels.COL_STEP


def index_type(cells: int) -> type[np.int32] | type[np.int64]:
    """Return the narrowest type that holds the flat indices of so many cells (索引类型)."""
    return np.int32 if cells < 2**31 else np.int64


def checked_cell_size(cell_size: float | tuple[float, float]) -> tuple[float, float]:
    """
    Return width and height of a cell, m (像元尺寸检查).

    Parameters
    ----------
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.

    Raises
    ------
    ShuibaoError
        If a side is not a positive number.
    """
    return sides_of(cell_size)


def cell_name(cell: int, cols: int) -> tuple[str, str]:
    """Return how messages name a cell of a grid of so many columns, in Chinese and in English (像元称呼)."""
    row, col = divmod(cell, cols)
    return f"第 {row} 行第 {col} 列（自 0 起）", f"row {row}, column {col} (from 0)"


def _checked_codes(direction: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the codes as a contiguous uint8 array; what does not fit uint8 becomes 255, which no code is."""
    codes = np.asarray(direction)
    if codes.ndim != 2 or codes.size == 0 or codes.dtype.kind not in "ui":
        shape = " × ".join(map(str, codes.shape))
        raise ShuibaoError(
            f"流向应为二维整数数组（行×列，至少一个像元），现为 {codes.dtype} {shape}；请给出 D8 编码 0–9。",
            f"direction must be a two-dimensional array of whole numbers with at least one cell, not {codes.dtype}"
            f" {shape}; give D8 codes 0..9.",
        )
    if codes.dtype != np.uint8:
        codes = np.where((codes >= 0) & (codes <= OUTLET), codes, 255).astype(np.uint8)
    return np.ascontiguousarray(codes)


def _bad_code(codes: NDArray[np.uint8], cell: int) -> ShuibaoError:
    """Return what is wrong with the code of a cell: not a code, or pointing off the land."""
    zh, en = cell_name(cell, codes.shape[1])
    code = int(codes.flat[cell])
    if code > OUTLET:
        return ShuibaoError(
            f"流向编码只能是 0–9，{zh}不是；请核对编码方式（TauDEM、ESRI、GRASS 的编码须先换算）。",
            f"a direction code must be 0..9, which {en} has not; check the coding (TauDEM's, ESRI's and GRASS's"
            " must be converted first).",
        )
    return ShuibaoError(
        f"{zh}的流向（{code}）指向栅格之外或缺失像元；水在此离开陆地的，编码应为 9（出口）。",
        f"the direction ({code}) of {en} points outside the grid or at a missing cell; where water leaves the land"
        " the code must be 9 (outlet).",
    )
