"""Stream burning: the ground is lowered along mapped rivers, so that water finds them (河道刻入)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground import Grid
from shuibao.ground.lines import burn_lines, touching_lines
from shuibao.messages import CallError, ShuibaoError
from shuibao.terrain.filling import elevation_of


def burn_streams(
    elevation: NDArray[Any],
    lines: Sequence[Any] | NDArray[Any],
    grid: Grid,
    *,
    depth: float,
    land: Grid | None = None,
) -> NDArray[Any]:
    r"""
    Lower the ground along mapped rivers (河道刻入).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation on ``grid``, m. Missing cells are NaN and stay so.
    lines : sequence of shapely geometry
        Rivers in the grid's coordinates, m; :func:`shuibao.ground.rivers_on` reads them from a file.
    grid : Grid
        Cells of ``elevation``.
    depth : float
        How much lower the rivers' cells become, m.
    land : Grid, optional
        The whole land if ``grid`` is a tile of it; a tile without rivers is in order, a land without is not.

    Returns
    -------
    (rows, cols) array
        Elevation, m, lowered by ``depth`` in exactly the cells along the rivers.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not a grid of heights or not of the grid's shape, or no river touches the land.
    CallError
        If ``depth`` is not a positive number.

    Notes
    -----
    .. math:: z'(c) = z(c) - h \quad\text{where a river passes}

    The profile along a river stays as it is, so pits and dams on it are still to be conditioned; ``depth`` should exceed
    the errors of the elevations beside the river.

    References
    ----------
    Hutchinson, M. F. (1989) A new procedure for gridding elevation and stream line data with automatic removal of
    spurious pits. Journal of Hydrology 106, 211-232.
    Saunders, W. (1999) Preparation of DEMs for use in environmental modeling analysis. ESRI User Conference.

    Examples
    --------
    >>> import shapely
    >>> river = shapely.LineString([(0.0, -45.0), (90.0, -45.0)])
    >>> burn_streams(np.full((3, 3), 50.0), [river], Grid(30.0, 0, 0, 3, 3), depth=10.0)[:, 0].tolist()
    [50.0, 40.0, 50.0]
    """
    ground = elevation_of(elevation)
    if ground.shape != grid.shape:
        raise ShuibaoError(
            f"高程为 {ground.shape[0]} 行 {ground.shape[1]} 列，格网为 {grid.rows} 行 {grid.cols} 列；两者应是同一格网。",
            f"elevation has {ground.shape[0]} rows and {ground.shape[1]} columns, the grid {grid.rows} and {grid.cols}; they "
            "must be one grid.",
        )
    if not 0.0 < depth < math.inf:
        raise CallError(
            f"河道刻入深度应为大于 0 的米数，现为 {depth}。",
            f"the depth of stream burning must be a positive length in metres, found {depth}.",
        )
    rivers = np.asarray(lines, dtype=object)
    touching_lines(rivers, grid if land is None else land, "河流 rivers")
    return np.where(burn_lines(rivers, grid) > 0, ground - ground.dtype.type(depth), ground)
