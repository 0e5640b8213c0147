"""
Facts with the zones of a theme as their last dimension, which add up to the facts of the region (分区事实).

The zones are counted apart from the facts, so that they may be drawn, edited and drawn again; what is counted must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shuibao.facts.control import shared_out
from shuibao.facts.table import DIMENSIONS, Facts
from shuibao.messages import ShuibaoError

OTHERS = tuple(name for name in DIMENSIONS if name != "zone")
"""Dimensions that the region's facts and those by zone have in common."""


def agreed(by_zone: Facts, facts: Facts) -> Facts:
    """
    Give facts by zone the areas of the region's facts, of which they must be parts (与事实表一致).

    Parameters
    ----------
    by_zone : Facts
        Facts whose dimension ``zone`` holds the codes of zones, empty for none.
    facts : Facts
        The facts of the same region; their areas may have been adjusted to control areas.

    Returns
    -------
    Facts
        The same rows. Cells, areas (to 0.01 m²) and soil loss of each combination of the other dimensions are those of
        ``facts`` when summed over the zones.

    Raises
    ------
    ShuibaoError
        If cells or soil loss of a combination differ: the products are not those that the zones were counted on.

    Examples
    --------
    >>> from shuibao.facts.table import facts_from_counts
    >>> one = np.ones(2, dtype=np.int64)
    >>> counts = dict.fromkeys(("county", "land_use", "slope_class", "cover_class", "intensity", "cells", "grams"), one)
    >>> both = {"zone": np.array([0, 1])}
    >>> by_zone = facts_from_counts({**counts, **both}, ["c"], 900.0, {}, zones=["A"])
    >>> agreed(by_zone, facts_from_counts({**counts, **both}, ["c"], 900.0, {})).column("zone").tolist()
    ['', 'A']
    """
    theirs, ours = _keys(facts, by_zone)
    keys, first = np.unique(theirs, return_inverse=True)
    place = np.searchsorted(keys, ours)
    known = (place < keys.size) & (keys[place.clip(max=keys.size - 1)] == ours) if keys.size else np.zeros(0, bool)
    for name in ("cells", "soil_loss_g"):
        wanted, found = np.zeros(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.int64)
        np.add.at(wanted, first, facts.column(name))
        np.add.at(found, place[known], by_zone.column(name)[known])
        if not known.all() or (wanted != found).any():
            raise _differ(int((wanted != found).sum()) + int((~known).sum()))
    area = _areas(by_zone.column("area_m2"), place, facts.column("area_m2"), first)
    at = by_zone.table.column_names.index("area_m2")
    return Facts(by_zone.table.set_column(at, "area_m2", pa.array(area)), by_zone.metadata)


def _keys(facts: Facts, by_zone: Facts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return one number for each combination of the dimensions that both have."""
    split = facts.table.num_rows
    total = np.zeros(split + by_zone.table.num_rows, dtype=np.int64)
    for name in OTHERS:
        values = np.concatenate([facts.column(name), by_zone.column(name)])
        known, at = np.unique(values.astype(np.str_) if values.dtype == object else values, return_inverse=True)
        total = total * known.size + at
    return total[:split], total[split:]


def _areas(
    counted: NDArray[np.float64], place: NDArray[np.int64], given: NDArray[np.float64], first: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return areas that add up to those given, to 0.01 m²; as counted where those do already."""
    size = int(first.max(initial=-1)) + 1
    wanted, found = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.add.at(wanted, first, np.rint(given * 100.0).astype(np.int64))
    np.add.at(found, place, np.rint(counted * 100.0).astype(np.int64))
    out = counted.copy()
    order = np.argsort(place, kind="stable")
    begin = np.searchsorted(place[order], np.arange(size + 1))
    for k in np.flatnonzero(wanted != found).tolist():
        rows = order[begin[k] : begin[k + 1]]
        out[rows] = shared_out(counted[rows], wanted[k] / 100.0)
    return out


def _differ(rows: int) -> ShuibaoError:
    return ShuibaoError(
        f"分区计数与 facts.parquet 不一致（{rows} 种组合）：成果与输入不是同一次运行的；请先运行 shuibao run，再重试。",
        f"counts by zone differ from facts.parquet in {rows} combinations: products and inputs are not of one run; run "
        "shuibao run first, then try again.",
    )


def disturbed_and_eroded(
    facts: Facts, zones: Mapping[str, int], disturbed: NDArray[Any], eroded_from: int, classes: int
) -> dict[str, NDArray[np.float64]]:
    """
    Return what monitoring asks of each zone (分区监测指标).

    Parameters
    ----------
    facts : Facts
        Facts by zone.
    zones : mapping of str to int
        Row of each zone's code; other codes are left out.
    disturbed : (n,) integer array
        Codes of the land classes that count as human disturbance.
    eroded_from : int
        Lowest class of intensity that is eroded.
    classes : int
        Number of classes of intensity.

    Returns
    -------
    dict of str to (zones,) array
        ``area_m2``, ``eroded_m2``, ``missing_m2``, ``soil_loss_t``, ``disturbed_m2``, ``disturbed_eroded_m2``, and
        ``intensity_1_m2`` and so on; exact to 0.01 m².
    """
    codes, at = facts.places("zone")
    row = np.array([zones.get(str(code), -1) for code in codes], dtype=np.int64)[at] if codes else np.zeros(0, np.int64)
    area, intensity = facts.column("area_m2"), facts.column("intensity")
    human = np.isin(facts.column("land_use"), disturbed)
    eroded = intensity >= eroded_from

    def summed(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        rows = chosen & (row >= 0)
        out = np.zeros(len(zones), dtype=np.int64)
        np.add.at(out, row[rows], np.rint(area[rows] * 100.0).astype(np.int64))
        return out / 100.0

    grams = np.zeros(len(zones), dtype=np.int64)
    np.add.at(grams, row[row >= 0], facts.column("soil_loss_g")[row >= 0])
    every = np.ones(area.size, dtype=np.bool_)
    found = {
        "area_m2": summed(every), "eroded_m2": summed(eroded), "missing_m2": summed(intensity == 0),
        "soil_loss_t": grams / 1e6, "disturbed_m2": summed(human), "disturbed_eroded_m2": summed(human & eroded),
    }  # fmt: skip
    return found | {f"intensity_{k}_m2": summed(intensity == k) for k in range(1, classes + 1)}
