"""
Areas as polygons with shared borders, simplified and smoothed together (聚合图斑成图).

Areas are measured from what is drawn, and nothing that is drawn is smaller than the rule allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.arcs_aside import ArcsAside
from shuibao.ground.coverage_arcs import BATCH
from shuibao.ground.vector_batches import write_geoparquet_batches
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
    """

    geometry: NDArray[np.object_]
    area: NDArray[np.float64]
    perimeter: NDArray[np.float64]
    compactness: NDArray[np.float64]
    holes: NDArray[np.int64]


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
    return measured_areas(drawn_borders(made).polygons()[1])


def draw_in_batches(made: Aggregation, points: int = BATCH) -> Iterator[DrawnAreas]:
    """
    Draw the areas some at a time, for regions whose polygons no memory need hold (分批成图).

    Parameters
    ----------
    made : Aggregation
        As for :func:`draw_areas`.
    points : int
        Areas are taken together until they have so many points.

    Yields
    ------
    DrawnAreas
        The next areas in their order. All batches together are what :func:`draw_areas` returns.

    Examples
    --------
    >>> from shuibao.ground.grid import Grid
    >>> from shuibao.zoning.aggregation import AggregationRule, Candidates, aggregate
    >>> source = np.array([[1, 0, 1, 0, 1]], np.uint8)
    >>> made = aggregate(Candidates(source), Grid(10.0, 0, 0, 1, 5), AggregationRule())
    >>> [drawn.area.tolist() for drawn in draw_in_batches(made, points=10)]
    [[100.0, 100.0], [100.0]]
    """
    for _, geometry in drawn_borders(made).batches(points):
        yield measured_areas(geometry)


def drawn_borders(made: Aggregation) -> ArcsAside:
    """
    Simplify and smooth the borders of the areas (图斑界线).

    Parameters
    ----------
    made : Aggregation
        As for :func:`draw_areas`.

    Returns
    -------
    ArcsAside
        Borders of areas that they would make smaller than the rule's minimum are those of the cells.
    """
    rule, least = made.rule, made.rule.min_cells * made.grid.cell_area * (1.0 - EPSILON)
    borders, small = ArcsAside.of(made.borders()), np.zeros(len(made.areas) + 1, np.bool_)
    while True:
        fixed = small[borders.arcs.left] | small[borders.arcs.right]
        arcs = borders.drawn(rule.simplify, rule.smooth, fixed, made.jobs)
        found = np.flatnonzero(arcs.areas()[1] < least) + 1
        if small[found].all():
            return arcs
        small[found] = True


def measured_areas(geometry: NDArray[np.object_]) -> DrawnAreas:
    """
    Measure polygons that were drawn (图斑量算).

    Parameters
    ----------
    geometry : (areas,) array of shapely.Polygon or shapely.MultiPolygon
        Sharing borders, m.
    """
    area = np.asarray(shapely.area(geometry), np.float64)
    length = np.asarray(shapely.length(geometry), np.float64)
    compactness = 4.0 * np.pi * area / np.maximum(length, np.finfo(float).tiny) ** 2
    holes = np.asarray(shapely.get_num_interior_rings(geometry), np.int64)  # 0 where there are several parts
    several = np.flatnonzero(shapely.get_num_geometries(geometry) > 1)
    parts, owner = shapely.get_parts(geometry[several], return_index=True)
    np.add.at(holes, several[owner], shapely.get_num_interior_rings(parts))
    return DrawnAreas(geometry, area, length, compactness, holes)


def write_areas(made: Aggregation, path: Path, *, metadata: Mapping[str, str] | None = None) -> None:
    """
    Draw the areas and write them as GeoParquet, some at a time (分批成图并写出).

    Parameters
    ----------
    made : Aggregation
        As for :func:`draw_areas`.
    path : Path
        File to write, whole or not at all: what :func:`area_columns` tells of each area, and its polygon.
    metadata : mapping of str to str, optional
        Provenance, kept in the file.

    Raises
    ------
    ShuibaoError
        If the disk is full or may not be written to.
    """

    def batches() -> Iterator[tuple[dict[str, NDArray[Any]], NDArray[np.object_]]]:
        at = 0
        for drawn in draw_in_batches(made):
            behind = at + len(drawn.geometry)
            yield area_columns(made, drawn, slice(at, behind)), drawn.geometry
            at = behind
        if at == 0:
            none = measured_areas(np.empty(0, object))
            yield area_columns(made, none), none.geometry

    write_geoparquet_batches(path, batches(), made.grid.crs, metadata=metadata)


def area_columns(made: Aggregation, drawn: DrawnAreas, rows: slice = slice(None)) -> dict[str, NDArray[Any]]:
    """
    Return what is told of each area, ready to be written (聚合图斑清单).

    Parameters
    ----------
    made : Aggregation
    drawn : DrawnAreas
        From :func:`draw_areas`, or a batch of :func:`draw_in_batches`.
    rows : slice
        Which areas those are; all if not given.

    Returns
    -------
    dict of str to (areas,) array
        ``kind`` and ``fence`` as given; ``area_m2``, ``perimeter_m``, ``compactness``, ``holes`` of what is drawn;
        ``cells``; ``patches``, those of the source; ``commission_m2``, taken in that was not in the source;
        ``converted_m2``, in the source as another class; ``easting``, ``northing`` of the first cell, m.
    """
    areas, cell = made.areas, made.grid.cell
    return {
        "kind": areas.kind[rows].astype(np.uint8),
        "fence": areas.fence[rows].astype(np.int32),
        "area_m2": drawn.area,
        "perimeter_m": drawn.perimeter,
        "compactness": drawn.compactness,
        "holes": drawn.holes.astype(np.int32),
        "cells": areas.cells[rows],
        "patches": areas.patches[rows],
        "commission_m2": areas.commission[rows] * cell**2,
        "converted_m2": areas.converted[rows] * cell**2,
        "easting": (areas.first[rows, 1] + 0.5) * cell,
        "northing": -(areas.first[rows, 0] + 0.5) * cell,
    }
