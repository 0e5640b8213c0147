"""Contributing area of D∞ flow: water divided between two neighbours by angle (D∞ 汇水面积)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.terrain.dinf import CellSides, cell_sides
from shuibao.watershed import _dinf_area_kernels

Edge = Literal["keep", "missing"]


def dinf_contributing_area(
    angle: NDArray[Any],
    cell_size: CellSides,
    *,
    load: NDArray[Any] | float | None = None,
    specific: bool = False,
    edge: Edge = "keep",
) -> NDArray[np.float64]:
    r"""
    Contributing area, or load, that D∞ flow brings to each cell (D∞ 汇水面积).

    Parameters
    ----------
    angle : (rows, cols) array
        Direction of flow, rad counter-clockwise from east in [0, 2π]; -1 where the water goes to no neighbour; NaN where
        missing: as :func:`shuibao.terrain.dinf_direction` gives it.
    cell_size : float, or pair of float or (rows,) array
        Side of the square cells, m; or their width and height, each one number or one per row.
    load : float or (rows, cols) array, optional
        What each cell adds, in any unit. Without it, its area, m². Whatever stands outside the land is ignored.
    specific : bool
        Divide the sum by the width of the cell: specific contributing area, m²/m.
    edge : {"keep", "missing"}
        ``"missing"``: cells on the grid's edge or beside a missing cell, and all that their water comes to, are missing,
        since water may come to them from outside (edge contamination). ``"keep"``: nothing comes from outside.

    Returns
    -------
    (rows, cols) float64 array
        The cell's own load and all that comes to it, in the unit of the load (m² without it; by metre if ``specific``).
        NaN where ``angle`` is missing.

    Raises
    ------
    CallError
        If ``edge`` is neither of the two.
    ShuibaoError
        If ``angle`` is not two-dimensional or has no cells, or an angle is neither -1 nor in [0, 2π]; if ``load`` does not
        fit its shape, or is missing or infinite on land; if a side of the cells is not positive; if the water of some
        cells runs in a circle.

    Notes
    -----
    Between the neighbours at the angles :math:`\alpha_1 \le \alpha < \alpha_2` the water is divided as

    .. math:: f_1 = \frac{\alpha_2 - \alpha}{\alpha_2 - \alpha_1}, \qquad f_2 = 1 - f_1,
              \qquad A_i = a_i + \sum_j f_{ji} A_j

    with the angle of the diagonal, :math:`\arctan(h / w)`, for cells of width :math:`w` and height :math:`h`. A share below
    one millionth goes to the other neighbour: it is the rounding of an angle in single precision. What is given to a
    missing cell, or beyond the grid, leaves the land. A cell is computed when all that give to it are; its neighbours are
    summed in a fixed order, so that the result does not depend on the order of cells.

    References
    ----------
    Tarboton, D. G. (1997) A new method for the determination of flow directions and upslope areas in grid digital
    elevation models. Water Resources Research 33(2), 309-319. doi:10.1029/96WR03137

    Examples
    --------
    Water halfway between east and north-east is halved:

    >>> import numpy as np
    >>> angle = np.array([[-1.0, -1.0], [np.pi / 8, -1.0]])
    >>> dinf_contributing_area(angle, 10.0).tolist()
    [[100.0, 150.0], [100.0, 150.0]]
    """
    ways = _checked_angle(angle)
    width, height = cell_sides(cell_size, ways.shape[0])
    if edge not in ("keep", "missing"):
        raise CallError(
            f"edge 只能是 keep 或 missing，现为 {edge!r}。",
            f"edge must be 'keep' or 'missing', not {edge!r}.",
        )
    total = _own_load(load, ways, width * height)
    if edge == "missing":
        _dinf_area_kernels.forget_edge(ways, total)
    corner = np.arctan2(height, width)
    givers = np.empty(ways.shape, dtype=np.uint8)
    land = _dinf_area_kernels.count_givers(ways, corner, givers)
    done = _dinf_area_kernels.accumulate(ways, corner, givers, total)
    if done < land:
        raise _runs_in_a_circle(givers, ways, land - done)
    total[np.isnan(ways)] = np.nan
    if specific:
        total /= width[:, None]
    return total


def _checked_angle(angle: NDArray[Any]) -> NDArray[Any]:
    """Return the angles as a contiguous float array."""
    ways = np.asarray(angle)
    if ways.ndim != 2 or ways.size == 0:
        shape = "×".join(map(str, ways.shape))
        raise ShuibaoError(
            f"流向角（angle）应为二维数组（行×列）且至少有一个像元，现为 {shape or '一个数'}。",
            f"angle must have two dimensions (rows, cols) and at least one cell, not {shape or 'one number'}.",
        )
    if ways.dtype != np.float32:
        ways = ways.astype(np.float64)
    wrong = ~(np.isnan(ways) | (ways == -1.0) | ((ways >= 0.0) & (ways <= 2.0 * np.pi + 1e-6)))
    if wrong.any():
        row, col = (int(i) for i in np.argwhere(wrong)[0])
        raise ShuibaoError(
            f"流向角应为 -1 或 0～2π（弧度，自东逆时针），第 {row} 行第 {col} 列（自 0 起）为 {ways[row, col]}；"
            "角度以度计的请先换算。",
            f"angles must be -1 or within 0..2π (rad counter-clockwise from east), not {ways[row, col]} at row {row},"
            f" column {col} (from 0); convert degrees first.",
        )
    return np.ascontiguousarray(ways)


def _own_load(load: NDArray[Any] | float | None, ways: NDArray[Any], areas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each cell adds, as a new array: its row's area if no load is given."""
    shape = ways.shape
    if load is None:
        return np.repeat(areas[:, None], shape[1], axis=1)
    given = np.asarray(load, dtype=np.float64)
    if given.shape not in ((), shape):
        found = "×".join(map(str, given.shape))
        raise ShuibaoError(
            f"负荷（load）应为一个数，或与流向角同形（{shape[0]}×{shape[1]}），现为 {found}。",
            f"load must be one number or have the shape of the angles ({shape[0]}×{shape[1]}), not {found}.",
        )
    own = np.broadcast_to(given, shape).copy()
    wrong = ~(np.isfinite(own) | np.isnan(ways))
    if wrong.any():
        row, col = (int(i) for i in np.argwhere(wrong)[0])
        raise ShuibaoError(
            f"负荷（load）在陆地上有 {wrong.sum()} 个像元缺失或无穷大，如第 {row} 行第 {col} 列（自 0 起）；请补齐。",
            f"load is missing or infinite in {wrong.sum()} cells of the land, such as row {row}, column {col} (from 0);"
            " complete it.",
        )
    return own


def _runs_in_a_circle(givers: NDArray[np.uint8], angle: NDArray[Any], cells: int) -> ShuibaoError:
    """Return the refusal of angles by which water would run in a circle."""
    left = (givers != 255) & ~np.isnan(angle)
    row, col = (int(i) for i in np.argwhere(left)[0])
    return ShuibaoError(
        f"有 {cells} 个像元的水在绕圈或来自绕圈处，如第 {row} 行第 {col} 列（自 0 起）；"
        "请先填洼，并由同一高程求流向角与 D8 流向。",
        f"the water of {cells} cells, such as row {row}, column {col} (from 0), runs in a circle or comes from one; fill the"
        " depressions first, and take the angles and the D8 directions from the same ground.",
    )
