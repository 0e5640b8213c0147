"""Sediment delivery: the share of the soil lost on a slope that reaches a channel (泥沙输移比)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.connectivity import ConnectivityLimits, flow_gradient, index_of_connectivity
from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import Drainage, accumulate
from shuibao.watershed.accumulation import on_grid

if TYPE_CHECKING:
    from shuibao.rules import Rules

GRAMS = 1e6
"""Grams in a tonne: soil is added up in whole grams, so that sums are the same in any order."""


@dataclass(frozen=True)
class DeliveryCurve:
    """
    How the delivery ratio goes with the index of connectivity (输移比曲线).

    Parameters
    ----------
    limits : ConnectivityLimits
        Bounds of the index.
    ic0 : float
        Index at which the ratio is half the greatest.
    k : float
        The smaller, the steeper; above 0.
    greatest : float
        Greatest ratio, 0 to 1.
    """

    limits: ConnectivityLimits
    ic0: float
    k: float
    greatest: float

    @classmethod
    def from_rules(cls, rules: Rules) -> DeliveryCurve:
        """Read the table ``delivery`` of the rule packs."""
        numbers = {key: float(rules.value(f"delivery.{key}")) for key in ("ic0", "k", "greatest")}
        return cls(limits=ConnectivityLimits.from_rules(rules), **numbers)


@dataclass(frozen=True, eq=False)
class DeliveryResult:
    """
    What soil loss becomes at the channels and at the outlets (泥沙输移结果).

    Parameters
    ----------
    index : (rows, cols) float64 array
        Index of connectivity; NaN in channels and where the water meets none.
    ratio : (rows, cols) float64 array
        Delivery ratio, 0 to 1; NaN where ``index`` is.
    export : (rows, cols) float64 array
        Sediment that reaches a channel, t/(km²·a) of the cell it comes from; NaN where ratio or soil loss is.
    outlet : (k,) int64 array
        Flat index of each outlet cell.
    exported : (k,) float64 array
        Sediment that passes each outlet, t/a.
    lost : (k,) float64 array
        Soil loss above each outlet, t/a, of cells that have a delivery ratio.
    lost_in_channels : (k,) float64 array
        Soil loss computed on channel cells above each outlet, t/a; it is in neither of the two.
    without : (k,) int64 array
        Cells above each outlet, channels left out, that have no ratio or no soil loss: they give nothing here.
    """

    index: NDArray[np.float64]
    ratio: NDArray[np.float64]
    export: NDArray[np.float64]
    outlet: NDArray[np.int64]
    exported: NDArray[np.float64]
    lost: NDArray[np.float64]
    lost_in_channels: NDArray[np.float64]
    without: NDArray[np.int64]

    @property
    def mean_ratio(self) -> NDArray[np.float64]:
        """Sediment at each outlet over the soil loss above it; NaN where nothing is lost (平均输移比)."""
        return np.divide(self.exported, self.lost, out=np.full(self.lost.shape, np.nan), where=self.lost > 0.0)


def delivery_ratio(
    index: NDArray[Any] | float, ic0: float, k: float, greatest: NDArray[Any] | float
) -> NDArray[np.float64]:
    r"""
    Share of the soil lost that reaches the channel, from the index of connectivity, SDR (泥沙输移比).

    Parameters
    ----------
    index : array or float
        Index of connectivity.
    ic0 : float
        Index at which the ratio is half the greatest.
    k : float
        The smaller, the steeper; above 0.
    greatest : array or float
        Greatest ratio, 0 to 1; of a map, the share of topsoil particles finer than 1 mm.

    Returns
    -------
    array
        Ratio, 0 to ``greatest``; NaN where ``index`` or ``greatest`` is.

    Raises
    ------
    CallError
        If ``k`` is not above 0 or ``ic0`` is no number.
    ShuibaoError
        If a greatest ratio is below 0 or above 1.

    Notes
    -----
    .. math:: SDR = \frac{SDR_{max}}{1 + \exp\left(\frac{IC_0 - IC}{k}\right)}

    References
    ----------
    Vigiak, O., Borselli, L., Newham, L. T. H., McInnes, J. & Roberts, A. M. (2012) Comparison of conceptual landscape
    metrics to define hillslope-scale sediment delivery ratio. Geomorphology 138, 74-88. InVEST user guide, SDR.

    Examples
    --------
    At IC0 the ratio is half the greatest:

    >>> delivery_ratio([0.5, -5.5, 30.0], 0.5, 2.0, 0.8).round(4).tolist()
    [0.4, 0.0379, 0.8]
    """
    if not (math.isfinite(ic0) and math.isfinite(k) and k > 0.0):
        raise CallError(
            f"IC0 应为有限的数，k 应大于 0，现为 {ic0} 与 {k}；请检查 delivery.ic0 与 delivery.k。",
            f"IC0 must be a number and k above 0, not {ic0} and {k}; check delivery.ic0 and delivery.k.",
        )
    most = np.asarray(greatest, dtype=np.float64)
    if ((most < 0.0) | (most > 1.0)).any():
        raise ShuibaoError(
            f"输移比上限应在 0 到 1 之间，现有 {np.nanmin(most):g} 至 {np.nanmax(most):g}；百分数请除以 100。",
            f"the greatest delivery ratio must be between 0 and 1, not {np.nanmin(most):g} to {np.nanmax(most):g}; "
            "divide per cent by 100.",
        )
    with np.errstate(over="ignore"):  # very poor connection: exp grows to infinity, the ratio to 0
        return np.asarray(most / (1.0 + np.exp((ic0 - np.asarray(index, dtype=np.float64)) / k)))


def sediment_delivery(
    elevation: NDArray[Any],
    drainage: Drainage,
    weight: NDArray[Any],
    soil_loss: NDArray[Any],
    channels: NDArray[Any],
    curve: DeliveryCurve,
    *,
    outlets: NDArray[np.int64] | None = None,
    greatest: NDArray[Any] | float | None = None,
    gradient: NDArray[Any] | None = None,
) -> DeliveryResult:
    r"""
    Turn soil loss on the slopes into sediment at the outlets (泥沙输移：由坡面流失量求出口输沙量).

    Parameters
    ----------
    elevation : (rows, cols) array
        Filled elevation, m.
    drainage : Drainage
        The way of the water over it.
    weight : (rows, cols) array
        Cover-management factor, 0 to 1 (of CSLE, B times T).
    soil_loss : (rows, cols) array
        Soil loss, t/(km²·a), as in ``soil_loss.tif``. NaN where missing.
    channels : (rows, cols) bool array
        Channel cells; all that reaches one is taken to reach the outlet.
    curve : DeliveryCurve
        Bounds, IC0, k and the greatest ratio.
    outlets : (k,) int64 array, optional
        Flat indices of the cells at which to add up; all cells where the water leaves the land if not given.
    greatest : (rows, cols) array or float, optional
        Greatest ratio in place of the curve's: share of topsoil particles finer than 1 mm, 0 to 1.
    gradient : (rows, cols) array, optional
        Gradient in place of that along the water (:func:`flow_gradient`), m/m; InVEST takes that of slope.

    Returns
    -------
    DeliveryResult
        Index, ratio and export of each cell, sediment at each outlet.

    Raises
    ------
    ShuibaoError
        If an array has not the shape of the drainage, a soil loss is below 0, a weight or ratio is not within 0 to 1,
        or an outlet is not on the land.

    Notes
    -----
    .. math:: E_i = A_i\, SDR_i, \qquad E = \sum_{i \to outlet} E_i\, a

    *a* is the area of a cell; tonnes are added up in whole grams (decision 0004). Channel cells have no ratio: what is
    lost on them is given apart and exported nowhere, as in InVEST. Nothing is deposited in or eroded from channels.
    All is done in memory, about 80 bytes a cell at most.

    References
    ----------
    Vigiak, O. et al. (2012) Geomorphology 138, 74-88. InVEST user guide, Sediment Delivery Ratio.

    Examples
    --------
    Two cells of 1 hm² lose 50 t/hm² each and drain through a channel cell:

    >>> import numpy as np
    >>> from shuibao.rules import load_rules
    >>> curve = DeliveryCurve.from_rules(load_rules(["national"]))
    >>> drainage = Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 100.0)
    >>> z, loss = np.array([[20.0, 10.0, 0.0]]), np.array([[5000.0, 5000.0, 0.0]])
    >>> found = sediment_delivery(z, drainage, np.full((1, 3), 0.2), loss, np.array([[False, False, True]]), curve)
    >>> found.ratio.round(4).tolist(), found.lost.tolist(), found.exported.round(3).tolist()
    ([[0.0873, 0.1065, nan]], [100.0], [9.69])
    """
    loss = on_grid(drainage, soil_loss, "土壤流失量", "soil_loss").astype(np.float64)
    if (loss < 0.0).any():
        raise ShuibaoError(
            f"土壤流失量不应为负，最小为 {np.nanmin(loss):g} t/(km²·a)；请检查 soil_loss。",
            f"soil loss cannot be below 0, the least is {np.nanmin(loss):g} t/(km2 a); check soil_loss.",
        )
    at = _checked_outlets(drainage, outlets)
    steep = flow_gradient(drainage, elevation) if gradient is None else gradient
    index = index_of_connectivity(drainage, steep, weight, channels, curve.limits)
    ratio = delivery_ratio(index, curve.ic0, curve.k, curve.greatest if greatest is None else greatest)
    export = loss * ratio
    inside = (np.asarray(channels) != 0) & (drainage.direction != 0)
    lacking = np.isnan(export) & ~inside & (drainage.direction != 0)
    per_cell = GRAMS * drainage.cell_area / 1e6  # g on a cell of 1 t/km²

    def tonnes(modulus: NDArray[np.float64]) -> NDArray[np.float64]:
        grams = np.rint(np.where(np.isnan(modulus), 0.0, modulus) * per_cell).astype(np.int64)
        return accumulate(drainage, grams).ravel()[at] / GRAMS

    return DeliveryResult(
        index=index,
        ratio=ratio,
        export=export,
        outlet=at,
        exported=tonnes(export),
        lost=tonnes(np.where(np.isnan(export), np.nan, loss)),
        lost_in_channels=tonnes(np.where(inside, loss, np.nan)),
        without=accumulate(drainage, lacking).ravel()[at],
    )


def _checked_outlets(drainage: Drainage, outlets: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return the cells at which to add up, refusing those off the land."""
    if outlets is None:
        return drainage.outlets.astype(np.int64)
    cells = np.atleast_1d(np.asarray(outlets)).astype(np.int64)
    codes = drainage.direction.ravel()
    off = [int(cell) for cell in cells if not 0 <= cell < codes.size or codes[cell] == 0]
    if off:
        raise ShuibaoError(
            f"{len(off)} 个出口不在陆地像元上，第一个的序号为 {off[0]}（行 × 列数 + 列）；请先用 snap_outlets 移到河道上。",
            f"{len(off)} outlets are not on the land, the first is cell {off[0]} (row x columns + column); move them to a "
            "channel with snap_outlets first.",
        )
    return cells
