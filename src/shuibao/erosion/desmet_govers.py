"""LS factor from the area that drains into a cell, after Desmet & Govers (汇水面积坡长坡度因子)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.topography import Topography, slope_length_exponent, steepness_factor
from shuibao.messages import CallError, ShuibaoError

if TYPE_CHECKING:
    from shuibao.rules import Rules

Form = Literal["csle", "rusle"]
"""Whose exponent or steepness factor."""


@dataclass(frozen=True)
class DesmetGovers:
    """
    The numbers of the LS factor of Desmet & Govers (汇水面积坡长坡度因子参数).

    Parameters
    ----------
    topography : Topography
        Branches of S and m of CSLE, and the length of the unit plot.
    exponent, steepness : {"csle", "rusle"}
        Whose slope-length exponent and whose steepness factor.
    rill_ratio : float
        Rill to interrill susceptibility; multiplies β of RUSLE.
    beta : (divisor, gain, exponent, offset)
        Coefficients of β of RUSLE.
    below : float
        Gradient below which RUSLE's steepness factor is gentle, m/m.
    gentle, steep : (gain, offset)
        RUSLE's steepness factor.
    cap : float
        Longest equivalent slope length, m; 0 for none.
    """

    topography: Topography
    exponent: Form
    steepness: Form
    rill_ratio: float
    beta: tuple[float, float, float, float]
    below: float
    gentle: tuple[float, float]
    steep: tuple[float, float]
    cap: float

    @classmethod
    def from_rules(cls, rules: Rules) -> DesmetGovers:
        """Read the table ``desmet_govers``, ``length_exponent_rusle`` and what :class:`Topography` needs."""
        table = {key: rules.value(f"desmet_govers.{key}") for key in ("rusle_gentle", "rusle_steep")}
        beta = rules.value("length_exponent_rusle.beta")
        return cls(
            topography=Topography.from_rules(rules),
            exponent=rules.value("desmet_govers.exponent"),
            steepness=rules.value("desmet_govers.steepness"),
            rill_ratio=float(rules.value("desmet_govers.rill_ratio")),
            beta=(float(beta["divisor"]), float(beta["gain"]), float(beta["exponent"]), float(beta["offset"])),
            below=float(rules.value("desmet_govers.rusle_below")) / 100.0,
            gentle=(float(table["rusle_gentle"]["gain"]), float(table["rusle_gentle"]["offset"])),
            steep=(float(table["rusle_steep"]["gain"]), float(table["rusle_steep"]["offset"])),
            cap=float(rules.value("desmet_govers.cap")),
        )

    def __post_init__(self) -> None:
        """Refuse forms that do not exist and caps that are no length."""
        for key, form in (("exponent", self.exponent), ("steepness", self.steepness)):
            if form not in ("csle", "rusle"):
                raise CallError(
                    f"desmet_govers.{key} 应为 csle 或 rusle，现为 {form}。",
                    f"desmet_govers.{key} must be csle or rusle, not {form}.",
                )
        if not (math.isfinite(self.cap) and self.cap >= 0.0):
            raise CallError(
                f"desmet_govers.cap 应为不小于 0 的米数（0 为不限），现为 {self.cap}。",
                f"desmet_govers.cap must be a length of 0 m (none) or more, not {self.cap}.",
            )


def rusle_exponent(slope: NDArray[Any] | float, parameters: DesmetGovers) -> NDArray[np.float64]:
    r"""
    Slope length exponent m of RUSLE, from the ratio of rill to interrill erosion (RUSLE 坡长指数).

    Parameters
    ----------
    slope : array or float
        Slope angle, rad.
    parameters : DesmetGovers
        Coefficients of β.

    Returns
    -------
    array
        m, dimensionless, in [0, 1); NaN where ``slope`` is NaN.

    Notes
    -----
    .. math:: m = \frac{\beta}{1 + \beta},\quad \beta = r\,\frac{\sin\theta / 0.0896}{3 \sin^{0.8}\theta + 0.56}

    References
    ----------
    McCool, D. K., Foster, G. R., Mutchler, C. K. & Meyer, L. D. (1989) Revised slope length factor for the Universal
    Soil Loss Equation. Trans. ASAE 32(5), 1571-1576.

    Examples
    --------
    At 9 % rill and interrill erosion are about alike:

    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> p = DesmetGovers.from_rules(load_rules(["national"]))
    >>> float(rusle_exponent(np.arctan(0.09), p).round(3))
    0.501
    """
    divisor, gain, exponent, offset = parameters.beta
    sine = np.sin(np.asarray(slope, dtype=np.float64))
    beta = parameters.rill_ratio * (sine / divisor) / (gain * sine**exponent + offset)
    return np.asarray(beta / (1.0 + beta))


def rusle_steepness(slope: NDArray[Any] | float, parameters: DesmetGovers) -> NDArray[np.float64]:
    r"""
    Slope steepness factor S of RUSLE (RUSLE 坡度因子).

    Parameters
    ----------
    slope : array or float
        Slope angle, rad.
    parameters : DesmetGovers
        The two branches.

    Returns
    -------
    array
        S, dimensionless; NaN where ``slope`` is NaN.

    Notes
    -----
    .. math:: S = 10.8 \sin\theta + 0.03 \;\; (\tan\theta < 9\,\%), \quad 16.8 \sin\theta - 0.50 \;\; (\ge 9\,\%)

    References
    ----------
    McCool, D. K., Brown, L. C., Foster, G. R., Mutchler, C. K. & Meyer, L. D. (1987) Revised slope steepness factor
    for the Universal Soil Loss Equation. Trans. ASAE 30(5), 1387-1396.

    Examples
    --------
    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> p = DesmetGovers.from_rules(load_rules(["national"]))
    >>> rusle_steepness(np.arctan([0.05, 0.09, 0.30]), p).round(3).tolist()
    [0.569, 1.006, 4.327]
    """
    angle = np.asarray(slope, dtype=np.float64)
    gentle = angle < np.arctan(parameters.below)
    gain, offset = (np.where(gentle, a, b) for a, b in zip(parameters.gentle, parameters.steep, strict=True))
    return np.asarray(gain * np.sin(angle) + offset)


def desmet_govers_length(
    contributing_area: NDArray[Any] | float,
    aspect: NDArray[Any] | float,
    exponent: NDArray[Any] | float,
    cell_size: float,
    parameters: DesmetGovers,
) -> NDArray[np.float64]:
    r"""
    Slope length factor L of a cell from the area that drains into it (汇水面积坡长因子).

    Parameters
    ----------
    contributing_area : array or float
        Area that drains **into** the cell, the cell itself not counted, m². An area, not an area per unit of contour.
    aspect : array or float
        Direction in which the ground falls, rad; NaN on level ground, where the flow is taken to cross a side.
    exponent : array or float
        Slope length exponent m.
    cell_size : float
        Side of the square cell, m.
    parameters : DesmetGovers
        Length of the unit plot, and cap.

    Returns
    -------
    array
        L, dimensionless; NaN where area or exponent is NaN.

    Raises
    ------
    ShuibaoError
        If an area is negative, or ``cell_size`` is not a positive number.

    Notes
    -----
    .. math:: L = \frac{(A + D^2)^{m+1} - A^{m+1}}{D^{m+2}\, x^m\, 22.13^m},\quad
              x = |\sin\alpha| + |\cos\alpha|

    On a plane this is the segment form (:func:`segment_length_factor`) with :math:`\lambda = A / (D x)` at the upper edge.
    The cap keeps that length at the lower edge, as decision 0002 does: :math:`A \le D x\,\mathrm{cap} - D^2`.

    References
    ----------
    Desmet, P. J. J. & Govers, G. (1996) A GIS procedure for automatically calculating the USLE LS factor on
    topographically complex landscape units. J. Soil Water Conserv. 51(5), 427-433.

    Examples
    --------
    The second 50 m of a slope of 100 m, as in the segment form:

    >>> from shuibao.rules import load_rules
    >>> p = DesmetGovers.from_rules(load_rules(["national"]))
    >>> float(desmet_govers_length(2500.0, 0.0, 0.5, 50.0, p).round(5))
    2.74835
    """
    area = np.asarray(contributing_area, dtype=np.float64)
    if not (math.isfinite(cell_size) and cell_size > 0):
        raise ShuibaoError(
            f"像元边长应为大于 0 的米数，现为 {cell_size}。",
            f"cell_size must be a positive length in metres, not {cell_size}.",
        )
    if (area < 0.0).any():
        raise ShuibaoError(
            f"流入面积最小为 {np.nanmin(area):g} m²，不应为负；汇水面积应先减去像元自身。",
            f"the area that drains in is {np.nanmin(area):g} m² at least, and cannot be below 0; take the cell itself "
            "off the contributing area.",
        )
    direction = np.asarray(aspect, dtype=np.float64)
    width = np.where(np.isnan(direction), 1.0, np.abs(np.sin(direction)) + np.abs(np.cos(direction)))
    cell, m = cell_size * cell_size, np.asarray(exponent, dtype=np.float64)
    if parameters.cap > 0.0:
        area = np.minimum(area, np.maximum(parameters.cap * cell_size * width - cell, 0.0))
    unit = parameters.topography.unit_plot
    return np.asarray(((area + cell) ** (m + 1) - area ** (m + 1)) / (cell_size ** (m + 2) * (width * unit) ** m))


def desmet_govers_ls(
    contributing_area: NDArray[Any] | float,
    slope: NDArray[Any] | float,
    aspect: NDArray[Any] | float,
    cell_size: float,
    parameters: DesmetGovers,
) -> NDArray[np.float64]:
    r"""
    LS factor of a cell from the area that drains into it (汇水面积坡长坡度因子).

    Parameters
    ----------
    contributing_area : array or float
        Area that drains **into** the cell, the cell itself not counted, m².
    slope : array or float
        Slope angle, rad.
    aspect : array or float
        Direction in which the ground falls, rad; NaN on level ground.
    cell_size : float
        Side of the square cell, m.
    parameters : DesmetGovers
        Whose exponent and steepness factor, and the cap.

    Returns
    -------
    array
        L·S, dimensionless; NaN where area or slope is NaN.

    Raises
    ------
    ShuibaoError
        If an area is negative, or ``cell_size`` is not a positive number.

    Notes
    -----
    .. math:: LS = L(A, m, \alpha)\; S(\theta)

    It is a factor of its own, for comparison; CSLE's LS is :func:`topographic_factor`. For :math:`A` SAGA puts the area per
    unit of contour and InVEST the root of the area, both of which are lengths: their LS is several times smaller.

    References
    ----------
    Desmet, P. J. J. & Govers, G. (1996) A GIS procedure for automatically calculating the USLE LS factor on
    topographically complex landscape units. J. Soil Water Conserv. 51(5), 427-433.

    Examples
    --------
    The unit plot, 22.13 m long at 9 %, is 1 by definition and 1.006 by the fit of RUSLE:

    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from shuibao.rules import load_rules
    >>> p = replace(DesmetGovers.from_rules(load_rules(["national"])), exponent="rusle", steepness="rusle")
    >>> float(desmet_govers_ls(0.0, np.arctan(0.09), 0.0, 22.13, p).round(3))
    1.006
    """
    p = parameters
    m = rusle_exponent(slope, p) if p.exponent == "rusle" else slope_length_exponent(slope, p.topography)
    s = rusle_steepness(slope, p) if p.steepness == "rusle" else steepness_factor(slope, p.topography)
    return desmet_govers_length(contributing_area, aspect, m, cell_size, p) * s
