"""What an edit left unmeasured on a steep slope, measured again on the land (补充量算)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.draft.steep_slope import SteepGround, open_steep_ground, require_run
from shuibao.delimitation.draft.steep_slope_counts import count_shape, land_columns
from shuibao.ground.grid import grid_over
from shuibao.rules import Rules
from shuibao.survey.counties import Counties
from shuibao.survey.region import Region
from shuibao.zoning.layer import HECTARE, ZoneLayer

MEASURED = "mean_slope"
"""Column that is missing where a zone got another shape and nobody measured it since."""


def measured_again(region: Region, rules: Rules, counties: Counties, layer: ZoneLayer) -> ZoneLayer:
    """
    Return steep slopes with what an edit of their border left unmeasured (补充量算).

    Parameters
    ----------
    region : Region
        A region that was run; it is read only if something is missing.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Its counties.
    layer : ZoneLayer
        Zones as edited. Another theme is returned as it is.

    Returns
    -------
    ZoneLayer
        Zones without a mean slope have slope, land classes, what was taken in and the area of the whole
        slope that they touch, counted in the cells whose centres they hold; a zone that holds none keeps what it has.

    Raises
    ------
    ShuibaoError
        If something is missing and the region was not run, or an input cannot be read.
    """
    slopes = np.asarray(layer.columns.get(MEASURED, np.zeros(len(layer))), dtype=np.float64)
    rows = np.flatnonzero(np.isnan(slopes))
    if layer.theme != "steep_slope" or not rows.size:
        return layer
    require_run(region)
    ground = open_steep_ground(region, rules, counties, counties.grid(region.cell))
    tree: Any = shapely.STRtree(layer.geometry)
    columns = {name: np.array(values) for name, values in layer.columns.items()}
    for row in rows.tolist():
        for name, value in _measures(row, layer, tree, ground, region, rules).items():
            if name in columns:
                columns[name][row] = value
    return replace(layer, columns=columns)


def shape_measures(layer: ZoneLayer) -> ZoneLayer:
    """
    Return zones with compactness and holes of their shapes as they are now, where they have these columns (量算图形).

    Parameters
    ----------
    layer : ZoneLayer
        Zones, drawn or edited.
    """
    shapes = layer.geometry
    holes = np.bincount(
        np.repeat(np.arange(len(layer)), shapely.get_num_geometries(shapes)),
        weights=shapely.get_num_interior_rings(shapely.get_parts(shapes)), minlength=len(layer),
    )  # fmt: skip
    measured = {
        "compactness": 4.0 * math.pi * shapely.area(shapes) / shapely.length(shapes) ** 2,
        "holes": holes.astype(np.int32),
    }
    found = {name: values for name, values in measured.items() if name in layer.columns}
    return replace(layer, columns={**layer.columns, **found})


def _measures(
    row: int, layer: ZoneLayer, tree: Any, ground: SteepGround, region: Region, rules: Rules
) -> dict[str, Any]:
    """Return what one zone measures, by column."""
    shape = layer.geometry[row]
    grid = grid_over(tuple(shape.bounds), region.cell, region.projection)
    counts, cells = count_shape(shape, grid, ground.slope_and_land, ground.rule)
    if cells == 0:
        return {}
    land = {name: values[0] for name, values in land_columns(counts, np.array([cells]), rules).items()}
    centre = shapely.point_on_surface(shape)
    return {
        **land,
        "commission_m2": float(counts.commission[0]) * region.cell**2,
        "slope_area_hm2": round(_whole_slope(row, layer.geometry, tree) / HECTARE, 2),
        "easting": centre.x,
        "northing": centre.y,
    }


def _whole_slope(row: int, geometry: NDArray[np.object_], tree: Any) -> float:
    """Return the area of all zones that are connected with one, itself included, m²."""
    known, waiting = {row}, [row]
    while waiting:
        near = tree.query(geometry[waiting.pop()], predicate="intersects").tolist()
        new = [k for k in near if k not in known]
        known.update(new)
        waiting += new
    return float(shapely.area(geometry[sorted(known)]).sum())
