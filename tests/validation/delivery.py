"""Sediment delivered to the gauge of the real catchment, beside what was measured there, and what would reconcile them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from examples.youwuzhen_sediment import Land, deliver, weights
from numpy.typing import NDArray
from tests.validation.youwuzhen import Catchment, YearOfSediment

from shuibao.erosion import DeliveryCurve, DeliveryResult, delivery_ratio, flow_gradient
from shuibao.rules import load_rules
from shuibao.terrain import slope

AREAS = (1e4, 5e4, 1e5, 5e5, 1e6)
"""Contributing areas from which a cell is taken to be a channel, m²."""


def published() -> DeliveryCurve:
    """Return the curve of the rule pack."""
    return DeliveryCurve.from_rules(load_rules(["national"]))


def sampled_years(catchment: Catchment, years: Sequence[YearOfSediment]) -> float:
    """Return how many mean years' erosivity fell in the sampled storms of all years."""
    return sum(year.storm * year.sampled for year in years) / catchment.erosivity


def load_of(found: DeliveryResult, catchment: Catchment, year: YearOfSediment) -> float:
    """Return the sediment of the sampled storms of a year, t."""
    return float(found.exported[0]) * year.storm * year.sampled / catchment.erosivity


def horn_gradient(land: Land) -> NDArray[np.float64]:
    """Return the gradient of slope on the filled ground, that along the water where it has none (at the map's edge)."""
    steep = np.tan(slope(land.filled, land.drainage.cell_width).astype(np.float64))
    return np.where(np.isnan(steep), flow_gradient(land.drainage, land.filled), steep)


def with_cover(land: Land, *, cover: float | None = None, understory: float | None = None) -> DeliveryResult:
    """Return what another cover of forest and orchard would deliver: it changes the soil loss and the way alike."""
    given = {} if cover is None else {"cover": cover}
    before, after = weights(), weights(understory=understory, **given)
    change = np.divide(after, before, out=np.ones_like(after), where=before > 0.0)
    return deliver(land, weight=after, loss=land.loss * change[land.classes])


def reconciled(land: Land, load: float, change: Callable[[float], DeliveryCurve], low: float, high: float) -> float:
    """Return the number between two, at which the curve delivers a load in a mean year; the load rises or falls with it."""
    found = deliver(land)
    cells = land.basin & ~np.isnan(found.export)
    lost, index = land.loss[cells] * land.drainage.cell_area / 1e6, found.index[cells]

    def over(number: float) -> bool:
        curve = change(number)
        return bool((lost * delivery_ratio(index, curve.ic0, curve.k, curve.greatest)).sum() > load)

    rising = over(high)
    if over(low) == rising:
        raise ValueError(f"{load:.0f} t/a is not between what {low} and {high} deliver")
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if over(middle) == rising else (middle, high)
    return 0.5 * (low + high)


def reconciling(land: Land, load: float) -> tuple[float, float]:
    """Return the k (with the published IC0), and the IC0 (with the published k), that deliver a load in a mean year."""
    curve = published()
    k = reconciled(land, load, lambda number: replace(curve, k=number), 0.2, 50.0)
    return k, reconciled(land, load, lambda number: replace(curve, ic0=number), -20.0, 20.0)
