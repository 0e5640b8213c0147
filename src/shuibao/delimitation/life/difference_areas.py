"""Land gained and lost between two sides of zones: all areas at once, each pair of neighbours measured once (得失面积)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.life.kind_overlaps import polygons_of

Shapes = NDArray[Any]
"""Polygons, m."""

NEGLIGIBLE = 1e-6
"""Common area that two zones of one side may have by the rounding of coordinates alone, m² (chosen)."""


@dataclass(frozen=True)
class Sides:
    r"""
    Zones before and after, and the land that they share (两侧图形).

    Where the zones of a side do not lie over each other, land gained is

    .. math:: |B \setminus A| = \sum_j |b_j| - \sum_{i,j} |a_i \cap b_j|,

    with one look into a tree for all pairs; no union of the thousands of zones of a side is made.

    Parameters
    ----------
    before, after : array of shapely geometry
        Zones of the two sides, m.
    """

    before: Shapes
    after: Shapes

    @cached_property
    def areas(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the area of each zone of either side, m² (各区域面积)."""
        return shapely.area(self.before), shapely.area(self.after)

    @cached_property
    def shared(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Return the pairs of the two sides that share land: rows before, rows after, common area in m² (共有)."""
        after, before = _pairs(self.after, self.before)
        return before, after, shapely.area(shapely.intersection(self.before[before], self.after[after]))

    @cached_property
    def doubled(self) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
        """Return the pairs of either side that lie over each other: none but in files of other people (自身重叠)."""
        return _doubled(self.before), _doubled(self.after)

    def gained_and_lost(self, before: NDArray[np.str_], after: NDArray[np.str_]) -> dict[str, tuple[float, float]]:
        """
        Return land gained and lost in each group of zones, m² (分组得失).

        Parameters
        ----------
        before, after : array of str
            Group of each zone of either side.
        """
        groups = np.unique(np.concatenate([before, after]))
        one, other = np.searchsorted(groups, before), np.searchsorted(groups, after)
        i, j, area = self.shared
        same = one[i] == other[j]
        both = np.bincount(one[i[same]], weights=area[same], minlength=len(groups))
        a, b = (np.bincount(k, weights=w, minlength=len(groups)) for k, w in zip((one, other), self.areas, strict=True))
        gained, lost = np.maximum(b - both, 0.0), np.maximum(a - both, 0.0)
        for k in self._twice(one, other):
            whole, now = (shapely.union_all(s[g == k]) for s, g in ((self.before, one), (self.after, other)))
            gained[k], lost[k] = shapely.difference(now, whole).area, shapely.difference(whole, now).area
        return {str(group): (float(gained[k]), float(lost[k])) for k, group in enumerate(groups)}

    def _twice(self, *groups: NDArray[np.intp]) -> list[int]:
        """Return the groups of which some land is in two zones of one side: only there are unions needed."""
        found: set[int] = set()
        for group, (i, j) in zip(groups, self.doubled, strict=True):
            found.update(group[i[group[i] == group[j]]].tolist())
        return sorted(found)

    def land(self, before: NDArray[np.str_], after: NDArray[np.str_]) -> tuple[Shapes, Shapes]:
        """
        Return the land that is gained and that is lost, zone by zone, whatever zones it passes between (得失土地).

        Parameters
        ----------
        before, after : array of str
            Group of each zone of either side; land that stays within a group is neither gained nor lost.
        """
        i, j, area = self.shared
        own = (before[i] == after[j]) & (area > 0)
        i, j = i[own], j[own]
        return _without(self.after, self.before, j, i), _without(self.before, self.after, i, j)


def _pairs(shapes: Shapes, others: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of shapes and of others that touch or overlap."""
    if not len(shapes) or not len(others):
        none = np.empty(0, dtype=np.intp)
        return none, none
    first, second = shapely.STRtree(others).query(shapes, predicate="intersects")
    return first, second


def _doubled(shapes: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = _pairs(shapes, shapes)
    first, second = first[first < second], second[first < second]
    over = shapely.area(shapely.intersection(shapes[first], shapes[second])) > NEGLIGIBLE
    return first[over], second[over]


def _without(shapes: Shapes, others: Shapes, rows: NDArray[np.intp], covers: NDArray[np.intp]) -> Shapes:
    """Return what is left of shapes without the others that cover them, row by row; what is all covered is left out."""
    left = shapes.copy()
    order = np.argsort(rows, kind="stable")
    rows, covers = rows[order], covers[order]
    touched, first, count = np.unique(rows, return_index=True, return_counts=True)
    over = others[covers[first]] if len(first) else others[:0]
    for k in np.flatnonzero(count > 1):
        over[k] = shapely.union_all(others[covers[first[k] : first[k] + count[k]]])
    left[touched] = polygons_each(shapely.difference(shapes[touched], over))
    return left[[shape is not None and not shape.is_empty for shape in left]] if len(left) else left


def polygons_each(shapes: Shapes) -> Shapes:
    """
    Return the polygons of each of many shapes, as :func:`~.kind_overlaps.polygons_of` does of one (逐个取面).

    Parameters
    ----------
    shapes : array of shapely geometry
        Anything; lines and points in it are dropped.

    Examples
    --------
    >>> polygons_each(np.array([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)], dtype=object)).tolist()
    [<POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))>, None]
    """
    out = np.array(shapes, dtype=object)
    sound = np.isin(shapely.get_type_id(out), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    for k in np.flatnonzero(~sound | shapely.is_empty(out)):
        out[k] = polygons_of(out[k])
    return out


def differences(shapes: Sequence[Any] | Shapes, others: Sequence[Any] | Shapes) -> Shapes:
    """
    Return what each shape has beyond the other of its pair; None where there is nothing (逐对相减).

    Parameters
    ----------
    shapes, others : sequence of shapely geometry
        As many of both.
    """
    a, b = (np.array(side, dtype=object) for side in (shapes, others))
    return polygons_each(shapely.difference(a, b)) if len(a) else a
