"""From units of a kind to zones that hang together: neighbours, enclosed and isolated groups (连片成区)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shuibao.zoning.prevention_treatment import Decision
from shuibao.zoning.prevention_treatment_rules import BOTH, Floats, Method

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """
    Which units of a coverage share a border (相邻关系).

    Parameters
    ----------
    pairs : (m, 2) int64 array
        Units that share a side of positive length, the lower first; each pair once.
    rim : (n,) array of bool
        Whether a unit has a side that no other shares.
    """

    pairs: Ints
    rim: NDArray[np.bool_]


def neighbours(geometry: NDArray[np.object_]) -> Neighbours:
    """
    Find which units share a side (相邻单元).

    Parameters
    ----------
    geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Units of a coverage: borders that are shared have the same corners on both sides.

    Returns
    -------
    Neighbours
        Units that touch in a corner only are no neighbours.

    Examples
    --------
    >>> found = neighbours(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 1, 3, 2)]))
    >>> found.pairs.tolist(), found.rim.tolist()
    ([[0, 1]], [True, True, True])
    """
    count = len(geometry)
    parts, owner = shapely.get_parts(np.asarray(geometry, dtype=object), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1] if len(ring) else np.zeros(0, dtype=bool)
    ends = np.hstack([points[:-1], points[1:]])[inside] if len(points) else np.zeros((0, 4))
    unit = owner[of_part[ring[:-1][inside]]] if len(ring) else np.zeros(0, dtype=np.int64)
    flip = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[flip] = ends[flip][:, [2, 3, 0, 1]]
    order = np.lexsort(ends.T)
    ends, unit = ends[order], unit[order]
    same = (ends[1:] == ends[:-1]).all(axis=1)
    pairs = np.sort(np.column_stack([unit[:-1], unit[1:]])[same], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int64)
    alone = ~(np.append(same, False) | np.insert(same, 0, False)) if len(ends) else np.zeros(0, dtype=bool)
    rim = np.zeros(count, dtype=np.bool_)
    rim[unit[alone]] = True
    return Neighbours(pairs.reshape(-1, 2), rim)


def groups_of(labels: NDArray[np.object_], pairs: Ints) -> Ints:
    """
    Number the groups of adjoining units of one label (连通分组).

    Parameters
    ----------
    labels : (n,) array of str
        Label of each unit; also those without one, ``""``, form groups.
    pairs : (m, 2) array
        Units that adjoin.

    Returns
    -------
    (n,) int64 array
        Number of each unit's group, from 0, in order of their first units.

    Examples
    --------
    >>> groups_of(np.array(["a", "b", "a"], dtype=object), np.array([[0, 1], [0, 2]])).tolist()
    [0, 1, 0]
    """
    one, other = pairs[labels[pairs[:, 0]] == labels[pairs[:, 1]]].T
    graph = coo_array((np.ones(one.size), (one, other)), shape=(labels.size, labels.size))
    _, found = connected_components(graph, directed=False)
    _, first, where = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[where]


@dataclass(frozen=True)
class Grouped:
    """
    Units in zones (成区结果).

    Parameters
    ----------
    decision : Decision
        Kinds, after enclosed groups were taken in and isolated ones joined or dropped.
    zone : (n,) int64 array
        Number of each unit's zone, from 1 in order of first units; 0 for none.
    group_area : (n,) array
        Area of the group of its kind that each unit was in before small ones were joined or dropped, m²; 0 for none.
    distance : (n,) array
        How far a joined group lies from its zone, m; NaN for others.
    """

    decision: Decision
    zone: Ints
    group_area: Floats
    distance: Floats


def group_units(
    decision: Decision, near: Neighbours, area: Floats, geometry: NDArray[np.object_], method: Method,
    barred: NDArray[np.object_],
) -> Grouped:  # fmt: skip
    """
    Group adjoining units of one kind into zones (连片成区).

    Parameters
    ----------
    decision : Decision
        Kind of each unit.
    near : Neighbours
        Which units adjoin.
    area : (n,) array
        Area of each unit, m².
    geometry : (n,) array of shapely geometry
        Their shapes, for distances.
    method : Method
        Which groups are taken in, joined or dropped.
    barred : (n,) array of str
        Kind that a unit may not become, because a higher level has it as the other; empty for none.

    Returns
    -------
    Grouped
    """
    decision = _take_in(decision, near, area, method, barred)
    group = groups_of(decision.kind, near.pairs)
    size = np.bincount(group, weights=area)
    inside = decision.kind != ""
    small = inside & (size[group] < method.minimum_area)
    large = inside & ~small
    zone = np.where(large, group, -1)
    distance = np.full(area.size, np.nan)
    for number in np.unique(group[small]).tolist():
        mine = group == number
        kind = str(decision.kind[mine][0])
        nearest, gap = _nearest(geometry, mine, large & (decision.kind == kind))
        if method.small_group == "join" and nearest >= 0 and gap <= method.join_distance:
            zone[mine], distance[mine] = group[nearest], gap
            decision = decision.changed(mine, kind, "detached")
        else:
            decision = decision.changed(mine, "", "small")
    return Grouped(decision, _renumbered(zone), np.where(inside, size[group], 0.0), distance)


def _take_in(
    decision: Decision, near: Neighbours, area: Floats, method: Method, barred: NDArray[np.object_]
) -> Decision:
    """Take in groups without a kind that one zone encloses."""
    group = groups_of(decision.kind, near.pairs)
    size = np.bincount(group, weights=area)
    for number in np.unique(group[decision.kind == ""]).tolist():
        mine = group == number
        if near.rim[mine].any() or size[number] > method.enclave_area or (decision.step[mine] == "higher").any():
            continue
        outside = np.concatenate([
            near.pairs[mine[near.pairs[:, 0]] & ~mine[near.pairs[:, 1]], 1],
            near.pairs[mine[near.pairs[:, 1]] & ~mine[near.pairs[:, 0]], 0],
        ])  # fmt: skip
        if len(set(group[outside].tolist())) == 1:
            kind = str(decision.kind[outside[0]])
            if kind in BOTH and not (barred[mine] == kind).any():
                decision = decision.changed(mine, kind, "enclave")
    return decision


def _nearest(geometry: NDArray[np.object_], mine: NDArray[np.bool_], others: NDArray[np.bool_]) -> tuple[int, float]:
    """Return the nearest of other units, the first of equals, and how far it is; -1 if there is none."""
    if not others.any():
        return -1, np.inf
    places = np.flatnonzero(others)
    tree = shapely.STRtree(geometry[places])
    found, gap = tree.query_nearest(geometry[mine], return_distance=True, all_matches=True)
    best = float(gap.min())
    return int(places[found[1][gap == best]].min()), best


def _renumbered(zone: Ints) -> Ints:
    """Return the zones numbered from 1 in order of their first units, 0 for none."""
    numbers, first = np.unique(zone[zone >= 0], return_index=True)
    order = numbers[np.argsort(first)]
    place = {int(number): k + 1 for k, number in enumerate(order.tolist())}
    return np.array([place.get(int(number), 0) for number in zone.tolist()], dtype=np.int64)
