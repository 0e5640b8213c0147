"""Areas: of the shapes, stated, and the least that a zone may have (面积检查)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.fields import AREA_UNITS
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.rules import Rules
from shuibao.zoning.layer import HECTARE

UNSAID = "area"
"""A column of areas whose name does not say its unit."""

WHOLE = "slope_area_hm2"
"""The column that states the area of the whole patch before it was cut by town and county, hm²."""


def check_areas(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """
    Check stated areas against the shapes, and the shapes against the minimum (面积检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    """
    _stated(layer, rules, ledger)
    _minimum(layer, rules, ledger)


def numbers(values: NDArray[np.object_] | None, size: int) -> NDArray[np.float64]:
    """
    Return a column as numbers; NaN where it holds none (成数值).

    Parameters
    ----------
    values : (n,) array or None
        A column.
    size : int
        Rows, for a column that is not there.

    Examples
    --------
    >>> numbers(np.array([1, "2.5", None, "a"], dtype=object), 4).tolist()
    [1.0, 2.5, nan, nan]
    """
    found = np.full(size, np.nan)
    for row, value in enumerate([] if values is None else values):
        try:
            found[row] = float(value) if value is not None and value != "" else np.nan
        except (TypeError, ValueError):
            continue
    return found


def with_area_unit(layer: Submitted) -> Submitted:
    """
    Return a layer whose areas of unknown unit are put under the unit that agrees with the shapes (判断面积单位).

    Parameters
    ----------
    layer : Submitted
        The layer; unchanged if it has no such column, or one with a unit as well.
    """
    if UNSAID not in layer.columns:
        return layer
    stated = numbers(layer.columns[UNSAID], len(layer))
    known = np.isfinite(stated) & (stated > 0) & np.isfinite(layer.area_m2)
    ratio = float(np.median(layer.area_m2[known] / stated[known])) if known.any() else HECTARE
    name = min(AREA_UNITS, key=lambda unit: abs(np.log(ratio / AREA_UNITS[unit])) if ratio > 0 else 0.0)
    if name in layer.columns:
        return layer
    return replace(
        layer,
        columns={name if n == UNSAID else n: v for n, v in layer.columns.items()},
        given={name if n == UNSAID else n: v for n, v in layer.given.items()},
        types={name if n == UNSAID else n: v for n, v in layer.types.items()},
    )


def _stated(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    share = rules.value("zone_acceptance.area_share")
    rounding = rules.value("zone_acceptance.area_rounding") * HECTARE
    planar = np.full(len(layer), np.nan)
    if not layer.in_degrees:
        planar[layer.sound] = shapely.area(layer.geometry[layer.sound])
    for name, unit in AREA_UNITS.items():
        stated = numbers(layer.columns.get(name), len(layer)) * unit
        allowed = max(rounding, 0.005 * unit) if name != "area_m2" else rounding / 100
        tolerance = allowed * (1 + 1e-9) + share * layer.area_m2
        wrong = np.abs(stated - layer.area_m2) > tolerance
        flat = wrong & (np.abs(stated - planar) <= tolerance)
        for row in np.flatnonzero(wrong):
            found = (
                f"{layer.given.get(name, name)} 填 {stated[row] / unit:,.2f}，图形为 {layer.area_m2[row] / unit:,.2f}",
                f"{layer.given.get(name, name)} is {stated[row] / unit:,.2f}, the shape has {layer.area_m2[row] / unit:,.2f}",
            )
            bound = tolerance[row] / unit
            words = (f"相差不超过 {bound:.4g}", f"within {bound:.4g}")
            ledger.zone("area-planar" if flat[row] else "area-differs", layer, [row], found, words)


def _minimum(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """Note zones below the minimum, as they were before they were cut by town: what touches counts together."""
    keys = {row["theme"]: row["minimum"] for row in rules.value("zone_acceptance.themes")}
    key = keys.get(layer.theme, "")
    if not key or key not in rules:
        return
    least = float(rules.value(key)) * HECTARE
    slack = rules.value("zone_acceptance.area_rounding") * HECTARE
    whole = np.nan_to_num(numbers(layer.columns.get(WHOLE), len(layer))) * HECTARE
    small = layer.sound & (np.fmax(layer.area_m2, whole) < least - slack)
    joined = _joined_area(layer, small, least, rules.value("zone_acceptance.touching"))
    for row in np.flatnonzero(small & (joined < least - slack)):
        found = (
            f"{layer.area_m2[row] / HECTARE:.2f} hm²，连同相接的 {joined[row] / HECTARE:.2f} hm²",
            f"{layer.area_m2[row] / HECTARE:.2f} hm², with what it touches {joined[row] / HECTARE:.2f} hm²",
        )
        allowed = (f"切分前不小于 {least / HECTARE:g} hm²", f"{least / HECTARE:g} hm² or more before cutting")
        ledger.zone("area-small", layer, [row], found, allowed)


def _joined_area(layer: Submitted, small: NDArray[np.bool_], least: float, distance: float) -> NDArray[np.float64]:
    """Return the area of all that each small zone is joined to along a side, itself included, m²."""
    rows = np.flatnonzero(small)
    joined = np.where(small, layer.area_m2, np.nan)
    if not len(rows):
        return joined
    usable = np.flatnonzero(layer.sound)
    shapes, grown = layer.metric[usable], shapely.buffer(layer.metric[rows], distance)
    first, second = shapely.STRtree(shapes).query(grown, predicate="intersects")
    a, b = rows[first], usable[second]
    kind = np.array(layer.texts("kind"), dtype=object)
    along = (a != b) & (kind[a] == kind[b])
    first, a, b = first[along], a[along], b[along]
    sides = shapely.area(shapely.intersection(grown[first], layer.metric[b])) > 4 * distance**2
    a, b = a[sides], b[sides]
    size = len(layer)
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    total = np.bincount(group, weights=np.nan_to_num(layer.area_m2))
    joined[rows] = total[group[rows]]
    return joined
