"""Areas as they are listed: rounded to 0.01 hm² so that every total is the sum of its parts (面积平差)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.zoning.layer import ZoneLayer

UNIT = 100.0
"""m² in a hundredth of a hectare, the unit that areas are listed in."""

NOISE = 1e-6
"""Of that unit: what a sum of areas may miss a whole number by and still be it (chosen: far above rounding error)."""


def listed_areas(area_m2: Any, levels: Sequence[Any] = ()) -> NDArray[np.float64]:
    r"""
    Return areas in hm², rounded so that the parts of each group add up to its rounded total (面积取整平差).

    Parameters
    ----------
    area_m2 : (n,) array
        Areas, m².
    levels : sequence of (n,) array
        The groups of each row, the widest first: counties, then towns.

    Returns
    -------
    (n,) array of float64
        Areas, hm², whole multiples of 0.01. The sum of all is the true sum, rounded; the sum of a group differs from
        its true area by less than 0.01 hm², and so does each row.

    Notes
    -----
    Largest remainders, from the total down: a group whose total is :math:`T` hundredths gives each part
    :math:`\lfloor a \rfloor` of them, and the :math:`T - \sum \lfloor a \rfloor` that are left to those with the largest
    :math:`a - \lfloor a \rfloor`, the earlier one where two are alike.

    Examples
    --------
    Three thirds of 1 hm² are listed as 1 hm² in all:

    >>> listed_areas([1e4 / 3] * 3).tolist()
    [0.34, 0.33, 0.33]
    """
    exact = np.asarray(area_m2, dtype=np.float64) / UNIT
    if not exact.size:
        return exact
    group = np.zeros(exact.size, dtype=np.int64)
    total = np.array([np.floor(exact.sum() + 0.5 + NOISE)]).astype(np.int64)
    for level in (*levels, np.arange(exact.size)):
        _, place = np.unique(np.asarray(level), return_inverse=True)
        pairs, inner = np.unique(group * (place.max() + 1) + place, return_inverse=True)
        parent = pairs // (place.max() + 1)
        total = _apportioned(np.bincount(inner, weights=exact).astype(np.float64), parent, total)
        group = inner
    return np.round(total[group] / UNIT, 2)


def listed(layer: ZoneLayer) -> ZoneLayer:
    """
    Return a layer whose areas in hm² add up by town, county and region, and kind (面积平差).

    Parameters
    ----------
    layer : ZoneLayer
        The zones, drawn or edited.

    Returns
    -------
    ZoneLayer
        The same with ``area_hm2`` as :func:`listed_areas` rounds it.
    """
    levels = [np.asarray(layer.columns[name], dtype=np.str_) for name in ("kind", "county", "town")]
    columns = {**layer.columns, "area_hm2": listed_areas(layer.columns["area_m2"], levels)}
    return replace(layer, columns=columns)


def _apportioned(exact: NDArray[np.float64], parent: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give each part its whole units, and what is left of its parent's total to the largest remainders."""
    whole = np.floor(exact + NOISE).astype(np.int64)
    left = total - np.bincount(parent, weights=whole, minlength=total.size).astype(np.int64)
    order = np.lexsort((np.arange(exact.size), -np.round(exact - whole, 6), parent))
    rank = np.arange(exact.size) - np.searchsorted(parent[order], parent[order])
    whole[order] += (rank < left[parent[order]]).astype(np.int64)
    return whole
