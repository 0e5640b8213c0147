"""Index of connectivity: how well a piece of land is joined to the channel below it (泥沙连通性指数)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import Drainage, accumulate, contributing_area, downstream_sum, step_length
from shuibao.watershed.accumulation import on_grid

if TYPE_CHECKING:
    from shuibao.rules import Rules


@dataclass(frozen=True)
class ConnectivityLimits:
    """
    Bounds that keep the index finite (连通性指数的界限).

    Parameters
    ----------
    least_slope, greatest_slope : float
        Gradients below or above are taken to be these, m/m.
    least_weight : float
        Weights below are taken to be this.
    """

    least_slope: float
    greatest_slope: float
    least_weight: float

    @classmethod
    def from_rules(cls, rules: Rules) -> ConnectivityLimits:
        """Read ``delivery.slope_range`` and ``delivery.least_weight`` of the rule packs."""
        least, greatest = rules.value("delivery.slope_range")
        return cls(float(least), float(greatest), float(rules.value("delivery.least_weight")))

    def __post_init__(self) -> None:
        """Refuse bounds that leave nothing between them, or let the index be infinite."""
        if not (0.0 < self.least_slope < self.greatest_slope and self.least_weight > 0.0):
            raise CallError(
                f"连通性指数的界限应大于 0 且坡降下限小于上限，现为 {self}；请检查 delivery.slope_range 与 least_weight。",
                f"the limits of the index must be above 0 and the slopes in order, not {self}; check delivery.slope_range "
                "and least_weight.",
            )


def flow_gradient(drainage: Drainage, elevation: NDArray[Any]) -> NDArray[np.float64]:
    r"""
    Gradient of the ground along the way of the water (沿程坡降).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    elevation : (rows, cols) array
        Filled elevation, m.

    Returns
    -------
    (rows, cols) float64 array
        Fall per length to the next cell, m/m, not below 0; 0 at outlets, NaN where missing.

    Raises
    ------
    ShuibaoError
        If ``elevation`` has not the shape of the drainage.

    Notes
    -----
    .. math:: s_i = \max\left(\frac{z_i - z_{r(i)}}{d_i},\, 0\right)

    Examples
    --------
    >>> import numpy as np
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 10.0)
    >>> flow_gradient(drainage, np.array([[3.0, 2.0, 2.0]])).tolist()
    [[0.1, 0.0, 0.0]]
    """
    ground = on_grid(drainage, elevation, "高程", "elevation").astype(np.float64, copy=False).ravel()
    length = step_length(drainage).ravel()
    land = np.flatnonzero(length > 0.0)
    gradient = np.where(np.isnan(length), np.nan, 0.0)
    gradient[land] = np.maximum((ground[land] - ground[drainage.receiver[land]]) / length[land], 0.0)
    return gradient.reshape(drainage.shape)


def index_of_connectivity(
    drainage: Drainage,
    gradient: NDArray[Any],
    weight: NDArray[Any],
    channels: NDArray[Any],
    limits: ConnectivityLimits,
) -> NDArray[np.float64]:
    r"""
    Index of connectivity of each cell with the channel below it, IC (泥沙连通性指数).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    gradient : (rows, cols) array
        Gradient of the ground, m/m; from :func:`flow_gradient` or of slope.
    weight : (rows, cols) array
        How easily sediment passes, 0 to 1: the cover-management factor (of CSLE, B times T).
    channels : (rows, cols) bool array
        Cells where the way of the sediment ends: channels, and outlets where the land ends at a river.
    limits : ConnectivityLimits
        Bounds of gradient and weight.

    Returns
    -------
    (rows, cols) float64 array
        IC, dimensionless. NaN in channels, where the water meets none, and where gradient or weight is missing anywhere
        above the cell or between it and the channel.

    Raises
    ------
    ShuibaoError
        If an array has not the shape of the drainage, or a weight is below 0 or above 1.

    Notes
    -----
    .. math:: IC = \log_{10} \frac{D_{up}}{D_{dn}},\quad
              D_{up} = \bar W \bar S \sqrt A,\quad D_{dn} = \sum_i \frac{d_i}{W_i S_i}

    with means over the contributing area *A* (m², the cell itself included) and the sum over the cells from this one,
    included, to the first of ``channels``, left out. W and S within the limits.

    References
    ----------
    Borselli, L., Cassi, P. & Torri, D. (2008) Prolegomena to sediment and flow connectivity in the landscape: a GIS
    and field numerical assessment. Catena 75, 268-277. Cavalli, M., Trevisani, S., Comiti, F. & Marchi, L. (2013)
    Geomorphometric assessment of spatial sediment connectivity in small Alpine catchments. Geomorphology 188, 31-41.

    Examples
    --------
    One cell of 10 m beside a channel, gradient 0.1, weight 0.5: 0.5 · 0.1 · 10 over 10 / (0.5 · 0.1):

    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> limits = ConnectivityLimits.from_rules(load_rules(["national"]))
    >>> drainage = Drainage.from_directions(np.array([[1, 9]], dtype=np.uint8), 10.0)
    >>> ic = index_of_connectivity(drainage, np.full((1, 2), 0.1), np.full((1, 2), 0.5), np.array([[False, True]]), limits)
    >>> ic.round(4).tolist()  # log10(0.5 / 200)
    [[-2.6021, nan]]
    """
    slope = on_grid(drainage, gradient, "坡降", "gradient").astype(np.float64)
    passing = on_grid(drainage, weight, "权重", "weight").astype(np.float64)
    _check_weight(passing)
    land = drainage.direction != 0
    lacking = land & (np.isnan(slope) | np.isnan(passing))
    slope = np.where(land & ~lacking, np.clip(slope, limits.least_slope, limits.greatest_slope), 1.0)
    passing = np.where(land & ~lacking, np.maximum(passing, limits.least_weight), 1.0)
    cells = contributing_area(drainage).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 cells where missing, no length in channels
        area = cells * drainage.cell_area
        above = accumulate(drainage, passing) * accumulate(drainage, slope) / cells**2 * np.sqrt(area)
        below = downstream_sum(drainage, step_length(drainage) / (passing * slope), channels)
        index = np.log10(above / below)
    index[below == 0.0] = np.nan
    if lacking.any():
        index[accumulate(drainage, lacking) > 0] = np.nan
        index[downstream_sum(drainage, lacking.astype(np.float64), channels) > 0.0] = np.nan
    return index


def _check_weight(weight: NDArray[np.float64]) -> None:
    """Refuse weights that are no factor."""
    wrong = (weight < 0.0) | (weight > 1.0)
    if wrong.any():
        row, col = (int(index[0]) for index in np.nonzero(wrong))
        raise ShuibaoError(
            f"权重（地表覆盖与管理因子）应在 0 到 1 之间，第 {row} 行第 {col} 列（自 0 起）为 {weight[row, col]:g}，共 "
            f"{int(wrong.sum())} 个像元；百分数请除以 100。",
            f"the weight (cover and management) must be between 0 and 1, row {row}, column {col} (from 0) holds "
            f"{weight[row, col]:g}, {int(wrong.sum())} cells in all; divide per cent by 100.",
        )
