"""D∞ flow direction: water follows the steepest of eight triangular facets around the cell (D∞ 流向)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.terrain import _dinf_kernels
from shuibao.terrain.slope import checked_elevation

Side = float | NDArray[Any]
"""A length, m: one for all rows, or one for each."""

CellSides = Side | tuple[Side, Side]
"""Side of square cells, or width and height of the cells (of each row)."""


def dinf_direction(
    elevation: NDArray[Any], cell_size: CellSides, *, direction: NDArray[Any] | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    r"""
    D∞ flow direction and the slope along it (D∞ 流向与坡降).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m, depressions filled. Missing cells are NaN.
    cell_size : float, or pair of float or (rows,) array
        Side of the square cells, m; or their width (eastward) and height (southward), each one number or one per row, so
        that a grid in degrees can be given its lengths in metres.
    direction : (rows, cols) array of codes 0..9, optional
        D8 codes of the same ground, 1..8 clockwise from east, 9 outlet. Where no facet falls (level ground) the water goes
        as this says; without it level ground has no direction.

    Returns
    -------
    angle : (rows, cols) array
        Direction of flow, rad counter-clockwise from east in [0, 2π); -1 where the water goes to no neighbour (it leaves
        the land there; or the ground is level and ``direction`` is not given or has none); NaN where missing.
    slope : (rows, cols) array
        Steepest slope downward, m/m; 0 where no facet falls, NaN where missing. Both are in the precision of
        ``elevation`` (float32 stays float32, all else is float64).

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, a side of the cells is not positive or there are not as
        many as rows, or ``direction`` has another shape or codes other than 0..9.

    Notes
    -----
    Each of the eight facets has the corners :math:`e_0` (the cell), :math:`e_1` (a neighbour across a side, at distance
    :math:`d_1`) and :math:`e_2` (the diagonal neighbour beside it, :math:`d_2` from :math:`e_1`). Equation numbers are
    those of the paper:

    .. math::

       s_1 &= (e_0 - e_1) / d_1 \qquad (1) \\
       s_2 &= (e_1 - e_2) / d_2 \qquad (2) \\
       r &= \arctan(s_2 / s_1), \quad s = \sqrt{s_1^2 + s_2^2} \qquad (3) \\
       r < 0 &: \quad r = 0,\; s = s_1 \qquad (4) \\
       r > \arctan(d_2 / d_1) &: \quad r = \arctan(d_2 / d_1),\; s = (e_0 - e_2) / \sqrt{d_1^2 + d_2^2} \qquad (5) \\
       \alpha &= a_f\, r + a_c\, \pi / 2 \qquad (6)

    of the facet whose :math:`s` is greatest; of equal ones the first counter-clockwise from east. :math:`a_c` and
    :math:`a_f` of the facets are 0, 1, 1, 2, 2, 3, 3, 4 and 1, -1, 1, -1, 1, -1, 1, -1 (table 1).

    A facet that lacks one of its two neighbours (the grid's edge, a missing cell) counts with the side to the other, so
    that every cell with a lower neighbour has a direction, and none points outside the land. TauDEM gives such cells none.
    Both neighbours that an angle within a facet lies between are lower than the cell: water never runs in a circle.

    References
    ----------
    Tarboton, D. G. (1997) A new method for the determination of flow directions and upslope areas in grid digital
    elevation models. Water Resources Research 33(2), 309-319. doi:10.1029/96WR03137

    Examples
    --------
    A plane that falls 1 in 10 towards 30° north of east:

    >>> import numpy as np
    >>> row, col = np.indices((3, 3))
    >>> plane = -0.1 * 30.0 * (col * np.cos(np.pi / 6) - row * np.sin(np.pi / 6))
    >>> angle, slope = dinf_direction(plane, 30.0)
    >>> round(float(np.degrees(angle[1, 1])), 6), round(float(slope[1, 1]), 6)
    (30.0, 0.1)
    """
    ground = checked_elevation(elevation, 1.0)
    width, height = cell_sides(cell_size, ground.shape[0])
    none = np.zeros(ground.shape, dtype=np.uint8)
    codes = none if direction is None else _checked_codes(direction, ground.shape)
    padded = np.pad(ground, 1, constant_values=np.nan)
    angle, slope = np.empty_like(ground), np.empty_like(ground)
    _dinf_kernels.facet_directions(padded, width, height, codes, angle, slope)
    return angle, slope


def cell_sides(cell_size: CellSides, rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return the width and the height of the cells of each row, m (逐行像元尺寸).

    Parameters
    ----------
    cell_size : float, or pair of float or (rows,) array
        Side of the square cells, m; or their width and height, each one number or one per row.
    rows : int
        Rows of the grid.

    Raises
    ------
    ShuibaoError
        If a length is not positive, or there are neither one nor as many as rows.
    """
    pair = cell_size if isinstance(cell_size, tuple) else (cell_size, cell_size)
    sides = np.empty((2, rows))
    for i, lengths in enumerate(pair):
        given = np.asarray(lengths)
        if len(pair) != sides.shape[0] or given.dtype.kind not in "uif":
            raise ShuibaoError(
                f"像元边长应为大于 0 的米数，或（宽，高）两个数，现为 {cell_size!r}；经纬度栅格请先投影，或逐行给出米数。",
                f"cell_size must be a positive length in metres, or (width, height), not {cell_size!r}; project a grid in"
                " degrees first, or give the metres of each row.",
            )
        if given.shape not in ((), (rows,)):
            shape = "×".join(map(str, given.shape))
            raise ShuibaoError(
                f"像元的宽、高应为一个数，或每行一个（{rows} 个），现为 {shape} 个；请核对。",
                f"width and height of the cells must be one number, or one for each of {rows} rows, not {shape}.",
            )
        if not (np.isfinite(given) & (given > 0.0)).all():
            bad = given[~(np.isfinite(given) & (given > 0.0))].flat[0]
            raise ShuibaoError(
                f"像元边长应为大于 0 的米数，现有 {bad}；经纬度栅格请先投影，或逐行给出米数。",
                f"sides of cells must be positive lengths in metres, not {bad}; project a grid in degrees first, or give"
                " the metres of each row.",
            )
        sides[i] = given
    return sides[0], sides[1]


def _checked_codes(direction: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return D8 codes as uint8, of the shape of the ground."""
    codes = np.asarray(direction)
    if codes.shape != shape or codes.dtype.kind not in "ui":
        found = "×".join(map(str, codes.shape))
        raise ShuibaoError(
            f"流向（direction）应为与高程同形的整数数组（{shape[0]}×{shape[1]}），现为 {codes.dtype} {found}。",
            f"direction must be whole numbers in the shape of the elevations ({shape[0]}×{shape[1]}), not {codes.dtype}"
            f" {found}.",
        )
    wrong = (codes < 0) | (codes > 9)
    if wrong.any():
        row, col = (int(i) for i in np.argwhere(wrong)[0])
        raise ShuibaoError(
            f"流向编码应为 0～9，第 {row} 行第 {col} 列（自 0 起）为 {codes[row, col]}；别的软件的编码请先换算。",
            f"direction codes must be 0..9, not {codes[row, col]} at row {row}, column {col} (from 0); convert the codes"
            " of other programs first.",
        )
    return np.ascontiguousarray(codes, dtype=np.uint8)
