"""Conditioning: elevations from which all water leaves, by filling, breaching or both (洼地处理)."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.terrain.breaching import Spare, breach_depressions
from shuibao.terrain.cells import CellSize, sides_of
from shuibao.terrain.filling import fill_depressions
from shuibao.terrain.tiling import TILE

Method = Literal["fill", "breach", "hybrid"]

METHODS: tuple[Method, ...] = ("fill", "breach", "hybrid")
"""Ways of conditioning: fill all pits (填洼), breach what can be breached (开挖), or breach what is worth it (填挖结合)."""

SQUARE_METRES = 10_000.0
"""Square metres in a hectare."""

FEWEST_CELLS = 2
"""A breach of fewer cells crosses nothing."""


class BreachLimits(TypedDict):
    """
    What :func:`breach_depressions` and :func:`breach_window` are told beside the ground (开挖限度).

    Parameters
    ----------
    max_length_cells : int
        Longest breach, cells.
    max_depth : float
        Deepest digging, m.
    spare : Spare or None
        Which pits are left to filling.
    """

    max_length_cells: int
    max_depth: float
    spare: Spare | None


def breach_limits(rules: Rules, cell_size: CellSize, method: Method) -> BreachLimits:
    """
    Return the limits of breaching that the rules set for cells of a size (开挖限度).

    Parameters
    ----------
    rules : Rules
        Rules in force; ``conditioning.*`` is read, its last three only for the hybrid.
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    method : {"breach", "hybrid"}
        With ``"hybrid"`` small pits, and those where filling moves less earth, are spared.

    Returns
    -------
    BreachLimits

    Raises
    ------
    ShuibaoError
        If the longest breach is shorter than two cells.
    CallError
        If there is no such method.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> breach_limits(load_rules(["national"]), 30.0, "breach")
    {'max_length_cells': 16, 'max_depth': 10.0, 'spare': None}
    """
    _check(method)
    length, side = float(rules.value("conditioning.breach_length")), max(sides_of(cell_size))
    if length < FEWEST_CELLS * side:
        raise ShuibaoError(
            f"conditioning.breach_length 为 {length:g} m，不到两个像元（像元 {side:g} m），挖不通任何障碍；请加大它，或改用 fill。",
            f"conditioning.breach_length is {length:g} m, less than two cells of {side:g} m, and crosses nothing; raise it "
            "or use 'fill'.",
        )
    spare = None
    if method == "hybrid":
        depth, area, share = (
            float(rules.value(f"conditioning.{key}")) for key in ("small_depth", "small_area", "dig_share")
        )
        spare = Spare(depth, area * SQUARE_METRES, share)
    return BreachLimits(
        max_length_cells=int(length / side), max_depth=float(rules.value("conditioning.breach_depth")), spare=spare
    )


def condition(
    elevation: NDArray[Any],
    cell_size: CellSize,
    *,
    method: Method,
    limits: BreachLimits | None = None,
    tile: int = TILE,
    jobs: int | None = None,
) -> NDArray[Any]:
    r"""
    Make elevations from which all water leaves, by filling, breaching or both (洼地处理).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN; water leaves the land at the grid's edge and beside missing cells.
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    method : {"fill", "breach", "hybrid"}
        ``"fill"`` fills all pits. ``"breach"`` digs free all pits within the limits. ``"hybrid"`` digs through dams and
        embankments only: a pit stays for filling if it is small in depth and area, or if digging would move more earth
        than filling. Pits that are not dug free are filled.
    limits : BreachLimits, optional
        Limits of breaching, from :func:`breach_limits`; ``"fill"`` needs none, ``"breach"`` spares nothing.
    tile : int
        Side of the tiles that are computed at a time, cells. The result does not depend on it.
    jobs : int, optional
        Threads; one for each processor if not given.

    Returns
    -------
    (rows, cols) array
        Elevation without depressions, m, in the precision of ``elevation``; NaN where missing.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not a grid of heights or ``cell_size`` is not positive.
    CallError
        If there is no such method, or it digs and ``limits`` is not given, or a limit is not positive.

    Notes
    -----
    The hybrid judges each pit by itself, on the ground as given and within the search window of its breach. Filled from
    its bottom :math:`z_0`, lowest neighbour first, until water reaches ground below :math:`z_0` or leaves the land, the
    pit has a water level :math:`w`, an area :math:`A` and a volume; its breach is dug along cells :math:`c_i` to levels
    :math:`\ell_i`. It is breached if

    .. math:: (w - z_0 > h_s \ \text{or}\ A > A_s) \quad\text{and}\quad
              \sum_i \bigl(z(c_i) - \ell_i\bigr) \le s \sum_{z(c) < w} \bigl(w - z(c)\bigr)

    Water that would spread beyond the window counts up to there. With :math:`s = 1` the smaller change is made, which is
    Soille's aim pit by pit; behind a dam or embankment the water stands wide and the barrier is narrow, so it is cut.

    References
    ----------
    Lindsay, J. B. (2016) Efficient hybrid breaching-filling sink removal methods for flow path enforcement in digital
    elevation models. Hydrological Processes 30, 846-857. doi:10.1002/hyp.10648.
    Soille, P. (2004) Optimal removal of spurious pits in grid digital elevation models. Water Resources Research 40,
    W12509. doi:10.1029/2004WR003060.

    Examples
    --------
    A dam of 4 m and, below it, a hollow of half a metre: the dam is cut, the hollow filled.

    >>> import numpy as np
    >>> valley = np.full((3, 9), 40.0)
    >>> valley[1] = [14, 12, 11, 10, 15, 8, 6, 6.5, 5]
    >>> limits = BreachLimits(max_length_cells=4, max_depth=10.0, spare=Spare(depth=1.0, area=1e4, dig_share=1.0))
    >>> condition(valley, 30.0, method="hybrid", limits=limits)[1].tolist()
    [14.0, 12.0, 11.0, 10.0, 9.0, 8.0, 6.5, 6.5, 5.0]
    """
    _check(method)
    if method == "fill":
        return fill_depressions(elevation, tile=tile, jobs=jobs)
    if limits is None or (method == "hybrid" and limits.get("spare") is None):
        raise CallError(
            f"{method} 需要开挖限度 limits（hybrid 还要 spare）；请用 breach_limits 由规则取得。",
            f"'{method}' needs the limits of breaching ('hybrid' with spare); get them from the rules with breach_limits.",
        )
    chosen = limits if method == "hybrid" else limits | {"spare": None}
    breached = breach_depressions(elevation, cell_size, **chosen, tile=tile, jobs=jobs)
    return fill_depressions(breached.elevation, tile=tile, jobs=jobs)


def _check(method: str) -> None:
    if method not in METHODS:
        raise CallError(
            f"没有名为“{method}”的洼地处理方法；可用：{'、'.join(METHODS)}。",
            f"there is no way of conditioning called '{method}'; use one of: {', '.join(METHODS)}.",
        )
