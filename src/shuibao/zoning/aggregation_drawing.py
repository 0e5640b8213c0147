"""
Areas as polygons with shared borders, simplified and smoothed together (聚合图斑成图).

Areas are measured from what is drawn, and nothing that is drawn is smaller than the rule allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.coverage_arcs import Arcs
from shuibao.zoning.aggregation import Aggregation

EPSILON = 1e-9
"""Share of an area that a sum of floating-point numbers may miss it by (chosen: far above rounding error)."""


@dataclass(frozen=True)
class DrawnAreas:
    """
    The areas as they are drawn, in the order of :class:`Aggregates` (成图图斑).

    Attributes
    ----------
    geometry : (areas,) array of shapely.Polygon
        In metres of the national grid; neighbours share their border.
    area : (areas,) float64
        Area of the polygon, m².
    perimeter : (areas,) float64
        Length of all its rings, m.
    compactness : (areas,) float64
        Of a circle 1, of a thread 0.
    holes : (areas,) int64
        Holes.
    arcs : Arcs
        The borders, each once.
    """

    geometry: NDArray[np.object_]
    area: NDArray[np.float64]
    perimeter: NDArray[np.float64]
    compactness: NDArray[np.float64]
    holes: NDArray[np.int64]
    arcs: Arcs


def draw_areas(made: Aggregation) -> DrawnAreas:
    r"""
    Draw the areas with shared borders (图斑成图).

    Parameters
    ----------
    made : Aggregation
        Its rule says how far borders may be simplified and smoothed.

    Returns
    -------
    DrawnAreas
        No gap, no overlap. An area that simplified or smoothed borders would make smaller than the rule's minimum keeps
        the borders of its cells.

    Notes
    -----
    Compactness is that of Polsby & Popper, :math:`4 \pi A / P^2`, with area :math:`A` and perimeter :math:`P`.

    References
    ----------
    Polsby & Popper (1991), The third criterion, Yale Law & Policy Review 9.

    Examples
    --------
    >>> from shuibao.ground.grid import Grid
    >>> from shuibao.zoning.aggregation import AggregationRule, Candidates, aggregate
    >>> made = aggregate(Candidates(np.ones((4, 4), np.uint8)), Grid(10.0, 0, 0, 4, 4), AggregationRule())
    >>> drawn = draw_areas(made)
    >>> drawn.area.tolist(), drawn.compactness.round(4).tolist()
    ([1600.0], [0.7854])
    """
    rule, least = made.rule, made.rule.min_cells * made.grid.cell_area * (1.0 - EPSILON)
    small = np.zeros(len(made.areas) + 1, np.bool_)
    while True:
        fixed = small[made.arcs.left] | small[made.arcs.right]
        arcs = made.arcs.simplified(rule.simplify, fixed).smoothed(rule.smooth, fixed)
        area = [shapely.area(geometry) for _, geometry in arcs.batches()]  # all of them at once are drawn but once
        found = np.flatnonzero(np.concatenate([np.empty(0), *area]) < least) + 1
        if small[found].all():
            return measured_areas(arcs.polygons()[1], arcs)
        small[found] = True
        del arcs  # before the next are made


def measured_areas(geometry: NDArray[np.object_], arcs: Arcs) -> DrawnAreas:
    """
    Measure polygons that were drawn (图斑量算).

    Parameters
    ----------
    geometry : (areas,) array of shapely.Polygon or shapely.MultiPolygon
        From ``arcs``, m.
    arcs : Arcs
        Their borders.
    """
    area = np.asarray(shapely.area(geometry), np.float64)
    length = np.asarray(shapely.length(geometry), np.float64)
    compactness = 4.0 * np.pi * area / np.maximum(length, np.finfo(float).tiny) ** 2
    holes = np.asarray(shapely.get_num_interior_rings(geometry), np.int64)  # 0 where there are several parts
    several = np.flatnonzero(shapely.get_num_geometries(geometry) > 1)
    parts, owner = shapely.get_parts(geometry[several], return_index=True)
    np.add.at(holes, several[owner], shapely.get_num_interior_rings(parts))
    return DrawnAreas(geometry, area, length, compactness, holes, arcs)


def area_columns(made: Aggregation, drawn: DrawnAreas) -> dict[str, NDArray[Any]]:
    """
    Return what is told of each area, ready to be written (聚合图斑清单).

    Parameters
    ----------
    made : Aggregation
    drawn : DrawnAreas
        From :func:`draw_areas`.

    Returns
    -------
    dict of str to (areas,) array
        ``kind`` and ``fence`` as given; ``area_m2``, ``perimeter_m``, ``compactness``, ``holes`` of what is drawn;
        ``cells``; ``patches``, those of the source; ``commission_m2``, taken in that was not in the source;
        ``converted_m2``, in the source as another class; ``easting``, ``northing`` of the first cell, m.
    """
    areas, cell = made.areas, made.grid.cell
    return {
        "kind": areas.kind.astype(np.uint8),
        "fence": areas.fence.astype(np.int32),
        "area_m2": drawn.area,
        "perimeter_m": drawn.perimeter,
        "compactness": drawn.compactness,
        "holes": drawn.holes.astype(np.int32),
        "cells": areas.cells,
        "patches": areas.patches,
        "commission_m2": areas.commission * cell**2,
        "converted_m2": areas.converted * cell**2,
        "easting": (areas.first[:, 1] + 0.5) * cell,
        "northing": -(areas.first[:, 0] + 0.5) * cell,
    }
