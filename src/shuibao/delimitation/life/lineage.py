"""Which zones became which between two layers: split, merged, divided anew (区域沿革)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from shuibao.delimitation.life.difference import Difference
from shuibao.delimitation.life.recorded_zones import Zone

How = Literal["split", "merged", "redivided"]

HOWS: dict[How, tuple[str, str]] = {
    "split": ("拆分为", "split into"), "merged": ("合并为", "merged into"), "redivided": ("重新划分为", "divided anew into"),
}  # fmt: skip
"""What became of zones, with the words for it."""

SHARE = 0.1
"""Part of the smaller of two zones that they must share for one to have come of the other (chosen)."""

NEAR = 0.05
"""Distance within which two borders are one, m (chosen: five times the rounding of coordinates)."""


@dataclass(frozen=True)
class Descent:
    """
    Zones that became others (沿革).

    Parameters
    ----------
    how : {"split", "merged", "redivided"}
    before, after : tuple of str
        Codes on both sides.
    drawn, gone : shapely geometry
        Borders within them that are new, and those that are no more, m.
    """

    how: How
    before: tuple[str, ...]
    after: tuple[str, ...]
    drawn: Any
    gone: Any


def descents(found: Difference) -> list[Descent]:
    """
    Return which zones became which, of those that are not one and the same (区域沿革).

    Land alone is looked at, not the records: two files, or two drawings, are told of as well as an edit.

    Parameters
    ----------
    found : Difference
        What differs between two layers.

    Returns
    -------
    list of Descent
        Sorted by code.

    Examples
    --------
    >>> from shuibao.delimitation.life.difference import difference
    >>> from shuibao.ground.grid import national_crs
    >>> from shuibao.zoning.layer import zone_layer
    >>> def layer(**widths):
    ...     ends = np.cumsum([0, *widths.values()])
    ...     shapes = [shapely.box(a, 0, b, 100) for a, b in zip(ends[:-1], ends[1:])]
    ...     columns = {"code": list(widths), "kind": ["steep_slope"] * len(widths)}
    ...     return zone_layer("steep_slope", columns, np.array(shapes, dtype=object), national_crs())
    >>> [(d.how, d.before, d.after, round(d.drawn.length)) for d in descents(difference(layer(a=200), layer(a=120, b=80)))]
    [('split', ('a',), ('a', 'b'), 100)]
    """
    before, after = found.zones
    if not before or not after:
        return []
    rows, columns, area = found.sides.shared
    old, new = found.sides.areas
    kept = area >= SHARE * np.minimum(old[rows], new[columns])
    size = len(before) + len(after)
    pairs = (rows[kept], len(before) + columns[kept])
    graph = coo_matrix((np.ones(int(kept.sum()), dtype=np.int8), pairs), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    groups: list[tuple[list[Zone], list[Zone]]] = [([], []) for _ in range(count)]
    for k, zone in enumerate([*before, *after]):
        groups[label[k]][k >= len(before)].append(zone)
    told = [_descent(old_zones, new_zones) for old_zones, new_zones in groups if old_zones and new_zones]
    return sorted((one for one in told if one is not None), key=lambda one: (one.before, one.after))


def _descent(before: Sequence[Zone], after: Sequence[Zone]) -> Descent | None:
    """Return what became of zones that share their land; nothing where one became one."""
    if len(before) == len(after) == 1:
        return None
    how: How = "split" if len(before) == 1 else "merged" if len(after) == 1 else "redivided"
    old, new = (shapely.boundary(_shapes(side)) for side in (before, after))
    return Descent(
        how,
        tuple(sorted(z.code for z in before)),
        tuple(sorted(z.code for z in after)),
        _without(new, old),
        _without(old, new),
    )


def _without(lines: Any, others: Any) -> Any:
    """Return the lines that do not run along others, less what counts as one border at their ends."""
    near = shapely.buffer(shapely.union_all(others), NEAR, cap_style="flat")
    return shapely.difference(shapely.union_all(lines), near)


def _shapes(zones: Sequence[Zone]) -> Any:
    return np.array([zone.geometry for zone in zones], dtype=object)
