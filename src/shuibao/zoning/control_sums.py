"""How much of a project lies in zones of each theme, land in two of them counted once (合计落区)."""

from __future__ import annotations

import numpy as np
import shapely

from shuibao.zoning.control import Floats, Hits, Ints, Objects, ZoneIndex, sizes

FULL = 1 - 1e-12
"""Share from which a project lies wholly in a zone, rounding of sums allowed for."""


def joint_measures(index: ZoneIndex, hits: Hits, number: int, by: Objects | None = None) -> dict[str, Floats]:
    """
    Return how much of each project lies in zones of each theme, land in two of them counted once (合计落区).

    Parameters
    ----------
    index : ZoneIndex
        The zones.
    hits : Hits
        What :func:`find_zones` found.
    number : int
        How many projects there are.
    by : (n,) array of str, optional
        What the zones are told apart by, one word a zone; their theme if not given.

    Returns
    -------
    dict of str to (number,) array of float
        By theme, and ``""`` for zones of any: m² of areas, m of lines, 0 of points.

    Examples
    --------
    >>> from shuibao.zoning.control import find_zones, index_zones
    >>> from pyproj import CRS
    >>> joint_measures(index_zones([], CRS.from_epsg(6933)), find_zones(index_zones([], CRS.from_epsg(6933)),
    ...     np.array([shapely.Point(0, 0)]), least_area=1, least_length=1), 1)
    {'': array([0.])}
    """
    words = index.theme if by is None else by
    counts = hits.counts
    found: dict[str, Floats] = {}
    for word in dict.fromkeys(words.tolist()):
        found[word] = _united(hits, np.flatnonzero(counts & (words[hits.zone] == word)), np.full(number, -1.0))
    size = np.zeros(number)
    some = hits.share > 0
    size[hits.project[some]] = hits.measure[some] / hits.share[some]
    whole = np.full(number, -1.0)
    for total in found.values():  # what one theme holds wholly, all hold wholly
        known = (size > 0) & (total >= size * FULL)
        whole[known] = np.maximum(whole[known], total[known])
    found[""] = _united(hits, np.flatnonzero(counts), whole)
    return found


def _united(hits: Hits, rows: Ints, known: Floats) -> Floats:
    """Return the measure of the union of each project's pieces; what is known already, 0 or more, is taken as it is."""
    total = np.maximum(known, 0.0)
    rows = rows[known[hits.project[rows]] < 0]
    if not len(rows):
        return total
    mine = hits.project[rows]
    first = np.flatnonzero(np.r_[True, mine[1:] != mine[:-1]])
    for begin, end in zip(first, np.r_[first[1:], len(rows)], strict=True):
        some = rows[begin:end]
        best = some[np.argmax(hits.measure[some])]
        alone = len(some) == 1 or hits.share[best] >= FULL
        united = hits.measure[best] if alone else sizes(np.array([shapely.union_all(hits.piece[some])]))[1][0]
        total[mine[begin]] = united
    return total
