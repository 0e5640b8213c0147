"""Slope length and steepness factors of CSLE along D8 flow (坡长坡度因子)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion import _kernels
from shuibao.erosion.flow_paths import FlowTables, checked_channel, flow_paths, own_lengths, path_tables, unit_numbers
from shuibao.messages import ShuibaoError
from shuibao.terrain import _kernels as terrain_kernels
from shuibao.terrain.slope import checked_elevation

if TYPE_CHECKING:
    from shuibao.rules import Rules


@dataclass(frozen=True)
class Topography:
    """
    The numbers of the L and S factors, read once from the rule packs (坡长坡度因子参数).

    Parameters
    ----------
    s_limits, s_gain, s_offset : (n,), (n + 1,), (n + 1,) float arrays
        Branches of S: upper bounds, rad, ascending; gain and offset of each branch.
    m_limits, m_values : (n,), (n + 1,) float arrays
        Branches of the slope-length exponent: upper bounds, rad, ascending; exponent of each branch.
    unit_plot : float
        Length of the unit plot, m.
    cap : float
        Longest slope length, m.
    cut_gentle, cut_steep : float
        Flow is cut where the next cell's gradient is below this share of its own, by whether that is gentle or steep.
    cut_switch : float
        Slope that divides gentle from steep, rad.
    minimum_slope : float
        Slope that flatter ground is given in the test for cuts, rad.
    channel_area : float
        Contributing area from which a cell is a channel, that ends slope lengths, m²; 0 for no such end.
    """

    s_limits: NDArray[np.float64]
    s_gain: NDArray[np.float64]
    s_offset: NDArray[np.float64]
    m_limits: NDArray[np.float64]
    m_values: NDArray[np.float64]
    unit_plot: float
    cap: float
    cut_gentle: float
    cut_steep: float
    cut_switch: float
    minimum_slope: float
    channel_area: float

    @classmethod
    def from_rules(cls, rules: Rules) -> Topography:
        """Read the tables ``slope_factor``, ``length_exponent`` and ``slope_length`` of the rule packs."""
        s_limits, s_branches = _branches(rules.value("slope_factor.branches"), "below")
        m_limits, m_branches = _branches(rules.value("length_exponent.branches"), "upto")
        return cls(
            s_limits=s_limits,
            s_gain=np.array([float(b["gain"]) for b in s_branches]),
            s_offset=np.array([float(b["offset"]) for b in s_branches]),
            m_limits=m_limits,
            m_values=np.array([float(b["m"]) for b in m_branches]),
            unit_plot=float(rules.value("slope_length.unit_plot")),
            cap=float(rules.value("slope_length.cap")),
            cut_gentle=float(rules.value("slope_length.cut_gentle")),
            cut_steep=float(rules.value("slope_length.cut_steep")),
            cut_switch=math.radians(rules.value("slope_length.cut_switch")),
            minimum_slope=math.radians(rules.value("slope_length.minimum_slope")),
            channel_area=float(rules.value("slope_length.channel_area")),
        )

    def reach(self, cell_size: float) -> int:
        """
        Return how many cells away the ground can matter to a cell's factors (影响半径).

        A slope length grows by at least half a cell a cell and ends at the cap, so what is farther upstream than the cap
        cannot be felt; the directions and the cut there need three cells more.
        """
        return math.ceil(self.cap / cell_size) + 4


def _branches(table: list[dict[str, Any]], bound: str) -> tuple[NDArray[np.float64], list[dict[str, Any]]]:
    """Return the upper bounds of all branches but the last, rad, so that a value at a bound joins the right branch."""
    limits = []
    for entry in table[:-1]:
        limit = math.radians(entry[bound])
        limits.append(math.nextafter(limit, math.inf) if entry.get("closed") == "right" else limit)
    return np.array(limits, dtype=np.float64), table


def steepness_factor(slope: NDArray[Any] | float, topography: Topography) -> NDArray[np.float64]:
    r"""
    Slope steepness factor S (坡度因子).

    Parameters
    ----------
    slope : array or float
        Slope angle, rad.
    topography : Topography
        Branches of the factor.

    Returns
    -------
    array
        S, dimensionless; NaN where ``slope`` is NaN.

    Notes
    -----
    .. math:: S = a_k \sin\theta + b_k

    The branches do not meet: S falls from 0.971 to 0.964 at 5°. They are used as printed.

    References
    ----------
    Liu, B. Y., Nearing, M. A. & Risse, L. M. (1994) Slope gradient effects on soil loss for steep slopes.
    Trans. ASAE 37(6), 1835-1840.

    Examples
    --------
    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> t = Topography.from_rules(load_rules(["national"]))
    >>> steepness_factor(np.radians([0.0, 5.0, 25.0]), t).round(4).tolist()
    [0.03, 0.9642, 8.2953]
    """
    angle = np.asarray(slope, dtype=np.float64)
    k = np.searchsorted(topography.s_limits, angle, side="right").clip(max=topography.s_limits.size)
    return topography.s_gain[k] * np.sin(angle) + topography.s_offset[k]


def slope_length_exponent(slope: NDArray[Any] | float, topography: Topography) -> NDArray[np.float64]:
    """
    Slope length exponent m (坡长指数).

    Parameters
    ----------
    slope : array or float
        Slope angle, rad.
    topography : Topography
        Branches of the exponent.

    Returns
    -------
    array
        m, dimensionless; NaN where ``slope`` is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> t = Topography.from_rules(load_rules(["national"]))
    >>> slope_length_exponent(np.radians([1.0, 2.0, 3.0, 5.0]), t).tolist()
    [0.2, 0.3, 0.4, 0.5]
    """
    angle = np.asarray(slope, dtype=np.float64)
    k = np.searchsorted(topography.m_limits, angle, side="right").clip(max=topography.m_limits.size)
    return np.where(np.isnan(angle), np.nan, topography.m_values[k])


def uniform_length_factor(
    length: NDArray[Any] | float, exponent: NDArray[Any] | float, topography: Topography
) -> NDArray[np.float64]:
    r"""
    Slope length factor L of a uniform slope (均匀坡坡长因子).

    Parameters
    ----------
    length : array or float
        Slope length, m.
    exponent : array or float
        Slope length exponent m.
    topography : Topography
        Length of the unit plot.

    Returns
    -------
    array
        L, dimensionless; NaN where either is NaN.

    Notes
    -----
    .. math:: L = (\lambda / 22.13)^m

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> t = Topography.from_rules(load_rules(["national"]))
    >>> float(uniform_length_factor(100.0, 0.5, t).round(4))
    2.1257
    """
    return (np.asarray(length, dtype=np.float64) / topography.unit_plot) ** exponent


def segment_length_factor(
    length_in: NDArray[Any] | float,
    length_out: NDArray[Any] | float,
    exponent: NDArray[Any] | float,
    topography: Topography,
) -> NDArray[np.float64]:
    r"""
    Slope length factor L of one segment of a slope (分段坡坡长因子).

    Parameters
    ----------
    length_in, length_out : array or float
        Slope length at the segment's upper and lower edge, m.
    exponent : array or float
        Slope length exponent m of the segment.
    topography : Topography
        Length of the unit plot.

    Returns
    -------
    array
        L, dimensionless; NaN where an argument is NaN.

    Raises
    ------
    ShuibaoError
        If a segment has no length.

    Notes
    -----
    .. math:: L_i = \frac{\lambda_i^{m+1} - \lambda_{i-1}^{m+1}}{(\lambda_i - \lambda_{i-1})\, 22.13^m}

    Weighted by their lengths, the segments of a slope give the L of the whole.

    References
    ----------
    Foster, G. R. & Wischmeier, W. H. (1974) Evaluating irregular slopes for soil loss prediction.
    Trans. ASAE 17(2), 305-309.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> t = Topography.from_rules(load_rules(["national"]))
    >>> segment_length_factor([0.0, 50.0], [50.0, 100.0], 0.5, t).round(5).tolist()
    [1.50312, 2.74835]
    """
    above = np.asarray(length_in, dtype=np.float64)
    below = np.asarray(length_out, dtype=np.float64)
    if np.any(below <= above):
        raise ShuibaoError(
            "坡段下端坡长应大于上端坡长；请检查 length_in 与 length_out 的次序。",
            "each segment must end farther down than it begins; check the order of length_in and length_out.",
        )
    m = np.asarray(exponent, dtype=np.float64)
    return (below ** (m + 1) - above ** (m + 1)) / ((below - above) * topography.unit_plot**m)


def slope_length(
    elevation: NDArray[Any], cell_size: float, topography: Topography, channel: NDArray[Any] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    r"""
    Slope length at the lower end of each cell along D8 flow (坡长).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN.
    cell_size : float
        Side of the square cell, m.
    topography : Topography
        Cap and cut-offs.
    channel : (rows, cols) bool or uint8 array, optional
        Cells that are channels (:func:`channel_cells`): no slope length runs into or out of them.

    Returns
    -------
    length : (rows, cols) float32 array
        Slope length, m, not above the cap. NaN where elevation is missing.
    receiver : (rows, cols) uint8 array
        Direction in which the length goes on, 1..8 clockwise from east; the same plus 8 where the flow is cut in the
        cell; 0 where nothing is lower.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, ``cell_size`` is not a positive number, or ``channel``
        is not on the grid of ``elevation``.

    Notes
    -----
    The longest length that flows in, uncut, plus the cell's own: d or :math:`\sqrt2 d`, half of it where the flow is
    cut there. Flow is cut where the next cell's gradient is below a share (0.7 on gentle, 0.5 on steep ground) of its
    own, and at channels (decision 0015). A length never grows above the cap, so that nothing farther away than the cap
    can matter to a cell.

    References
    ----------
    Van Remortel, R. D., Maichle, R. W. & Hickey, R. J. (2004) Computing the LS factor for the RUSLE through
    array-based slope processing of digital elevation data. Computers & Geosciences 30, 1043-1053.

    Examples
    --------
    Down a plane the length grows cell by cell until the cap:

    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> t = Topography.from_rules(load_rules(["national"]))
    >>> plane = np.tile(np.arange(8.0) * 3, (3, 1))
    >>> slope_length(plane, 30.0, t)[0][1, 1:7].tolist()
    [100.0, 100.0, 100.0, 90.0, 60.0, 30.0]
    """
    ground = checked_elevation(elevation, cell_size)
    tables = flow_tables(topography, float(cell_size))
    receiver, paths = flow_paths(ground, tables, checked_channel(channel, ground))
    length = tables.lengths[receiver, paths].astype(np.float32)
    length[np.isnan(ground)] = np.nan
    return length, receiver


def topographic_factor(
    elevation: NDArray[Any], cell_size: float, topography: Topography, channel: NDArray[Any] | None = None
) -> NDArray[np.float32]:
    r"""
    Topographic factor L·S of each cell (坡长坡度因子).

    Parameters
    ----------
    elevation : (rows, cols) array
        Ground elevation, m. Missing cells are NaN.
    cell_size : float
        Side of the square cell, m.
    topography : Topography
        Branches, cap and cut-offs.
    channel : (rows, cols) bool or uint8 array, optional
        Cells that are channels (:func:`channel_cells`): no slope length runs into or out of them.

    Returns
    -------
    (rows, cols) float32 array
        L·S, dimensionless. NaN where Horn's slope is missing.

    Raises
    ------
    ShuibaoError
        If ``elevation`` is not two-dimensional or has no cells, ``cell_size`` is not a positive number, or ``channel``
        is not on the grid of ``elevation``.

    Notes
    -----
    S and m from Horn's slope; L of the segment that each cell is, from the slope length along D8 flow. A cell beyond the
    cap erodes as the last segment of a slope of the cap's length (decision 0002).

    Examples
    --------
    On a plane of 10 % the first cell below the ridge has L of a 30 m slope:

    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> t = Topography.from_rules(load_rules(["national"]))
    >>> plane = np.tile(np.arange(8.0) * 3, (3, 1))
    >>> round(float(topographic_factor(plane, 30.0, t)[1, 6]), 3)
    1.364
    """
    ground = checked_elevation(elevation, cell_size)
    tables = flow_tables(topography, float(cell_size))
    receiver, paths = flow_paths(ground, tables, checked_channel(channel, ground))
    tangent = np.empty_like(ground)
    terrain_kernels.gradient(ground, float(cell_size), tangent)
    out = np.empty(ground.shape, dtype=np.float32)
    _kernels.length_steepness(tangent, receiver, paths, *tables.branches, out)
    return out


def flow_tables(topography: Topography, cell_size: float) -> FlowTables:
    """
    Return what the compiled loops look up for a cell size (构建查找表).

    Parameters
    ----------
    topography : Topography
        Branches, cap and cut-offs.
    cell_size : float
        Side of the square cell, m.
    """
    t = topography
    after, entering = path_tables(cell_size, t.cap)
    own = np.minimum(own_lengths(cell_size), t.cap)[:, np.newaxis]
    lengths = np.minimum(entering[np.newaxis] + own, t.cap)
    factors = np.stack([segment_length_factor(lengths - own, lengths, m, t) for m in t.m_values])
    return FlowTables(
        cell_size=cell_size,
        cuts=(math.tan(t.minimum_slope), math.tan(t.cut_switch), t.cut_gentle, t.cut_steep),
        after=after,
        number=unit_numbers(cell_size, t.cap),
        lengths=lengths,
        branches=(np.tan(t.s_limits), t.s_gain, t.s_offset, np.tan(t.m_limits), factors),
    )
