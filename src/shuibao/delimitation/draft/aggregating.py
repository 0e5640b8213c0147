"""From candidate cells to the shapes of zones (候选像元聚合)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.rules import Rules
from shuibao.zoning.aggregation import aggregate_tiles
from shuibao.zoning.aggregation_drawing import area_columns, draw_areas
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_zone import Candidates


@dataclass(frozen=True)
class Aggregated:
    """
    What candidate cells were put together to (聚合结果).

    Parameters
    ----------
    kind : (n,) int64 array
        Class of each area.
    fence : (n,) int64 array
        Number of the county that it lies in; 0 where areas are not kept within counties.
    geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Shapes with shared borders, m.
    told : mapping of str to (n,) array
        What else is told of each area: perimeter, compactness, patches of the source, what was taken in.
    """

    kind: NDArray[np.int64]
    fence: NDArray[np.int64]
    geometry: NDArray[np.object_]
    told: Mapping[str, NDArray[Any]]


def aggregate_candidates(
    read: Callable[[Grid], Candidates], grid: Grid, rules: Rules, table: str, *, tile: int, jobs: int
) -> Aggregated:
    """
    Put candidate cells together to areas with shared borders, tile by tile (聚合成片).

    Parameters
    ----------
    read : callable
        Returns the candidates of a window of the region; called from several threads.
    grid : Grid
        The region.
    rules : Rules
        Asked for the widths, areas and tolerances of a table.
    table : str
        That table, as ``severe_fragile``.
    tile : int
        Side of the tiles, cells; the result does not depend on it.
    jobs : int
        Threads.
    """
    rule = AggregationRule.from_rules(rules, table, grid.cell)
    made = aggregate_tiles(read, grid, rule, tile=tile, jobs=jobs)
    drawn = draw_areas(made)
    columns = area_columns(made, drawn)
    told = {name: values for name, values in columns.items() if name not in ("kind", "fence", "area_m2", "cells")}
    return Aggregated(np.asarray(made.areas.kind), np.asarray(made.areas.fence), drawn.geometry, told)
