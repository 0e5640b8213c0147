"""
The patches of a zone, joined over all tiles (图斑合并).

What tiles found is put together by their border lines alone: the raster is not read again. Every step sorts by national
rows and columns, so that the result is the same, to the byte, for tiles of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shuibao.messages import ShuibaoError
from shuibao.zoning import _tracing_kernels as tracing
from shuibao.zoning.tracing import LAND_CODES, TilePatches

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Patches:
    """
    The patches of a zone (图斑): one for each component and county, by county, then north to south, west to east.

    Attributes
    ----------
    county : (patches,) int64
        County index, from 1.
    first : (patches, 2) int64
        National row and column of the first cell.
    cells : (patches,) int64
        Cells.
    area : (patches,) float64
        Area, m²: cells times the area of a cell.
    component_cells : (patches,) int64
        Cells of the whole component, in whatever county: what the minimum area was asked of.
    perimeter : (patches,) float64
        Length of all rings, m.
    mean_slope : (patches,) float64
        Mean slope, deg; NaN where the slope is missing in every cell.
    land_cells : (patches, 32) int64
        Cells by land-class code; 0 is missing.
    land : (patches,) uint8
        Land class with most cells, the lower code if two have as many; 0 only where all are missing.
    parts : (patches,) int64
        4-connected parts that the county border leaves of the component.
    geometry : (patches,) array of shapely.Polygon or shapely.MultiPolygon
        In metres of the national grid.
    kept : tuple of (labels + 1,) uint8
        For each tile, in the order given: 1 where a label of its ``labels`` array is in a patch, else 0.
    """

    county: Ints
    first: Ints
    cells: Ints
    area: NDArray[np.float64]
    component_cells: Ints
    perimeter: NDArray[np.float64]
    mean_slope: NDArray[np.float64]
    land_cells: Ints
    land: NDArray[np.uint8]
    parts: Ints
    geometry: NDArray[np.object_]
    kept: tuple[NDArray[np.uint8], ...]

    def __len__(self) -> int:
        """Return the number of patches."""
        return int(self.cells.size)

    @property
    def bounds(self) -> NDArray[np.float64]:
        """Return left, bottom, right, top of each patch: (patches, 4), m."""
        return np.asarray(shapely.bounds(self.geometry), np.float64).reshape(-1, 4)


def join_patches(tiles: Sequence[TilePatches], *, min_cells: int, cell: float, apart: bool = False) -> Patches:
    """
    Join the parts that tiles found into patches of the whole region (跨幅合并图斑).

    Parameters
    ----------
    tiles : sequence of TilePatches
        One for each tile of the region, in any order; tiles must not overlap.
    min_cells : int
        A component with fewer cells is dropped. It is asked of the component as a whole, before the county border cuts
        it: a county may hold a corner of a large slope.
    cell : float
        Side of the cell, m.
    apart : bool
        Whether the parts that a county border leaves of a component are patches of their own, so that each is one
        polygon.

    Returns
    -------
    Patches
        The same to the byte for any division into tiles.

    Raises
    ------
    ShuibaoError
        If a tile is given twice, or the edges do not close to rings: a tile is missing, or saw another zone in its halo
        than its neighbour did.
    """
    _check_distinct(tiles)
    joined = _joined(tiles)
    order, patch = _order(joined, min_cells, apart)
    place = np.full(joined.county.size, -1, np.int64)
    place[order] = np.arange(order.size)
    edges = _region_edges(tiles, place[joined.part])
    corners, ring_end, ring_part = _rings(edges)
    return Patches(
        geometry=_geometry(corners, ring_end, ring_part, patch, cell),
        kept=_kept(tiles, place[joined.part] >= 0),
        **_attributes(joined, order, patch, edges, cell),
    )


def _check_distinct(tiles: Sequence[TilePatches]) -> None:
    """Refuse a tile that is given twice."""
    seen = set()
    for t in tiles:
        if t.tile in seen:
            zh = f"图幅 {t.tile.name()} 给出了两次；每个图幅只应合并一次，请去掉重复者。"
            en = f"Tile {t.tile.name()} is given twice; each tile may be joined once, leave out the second."
            raise ShuibaoError(zh, en)
        seen.add(t.tile)


@dataclass(frozen=True)
class _Parts:
    """The parts of the region, joined across the seams; ``part`` names the region's part of each tile's part."""

    part: Ints
    component: Ints
    county: Ints
    first: Ints
    cells: Ints
    component_cells: Ints
    slope_sum: Ints
    slope_cells: Ints
    land_cells: Ints


def _joined(tiles: Sequence[TilePatches]) -> _Parts:
    """Join the tiles' parts across the seams and add up what they counted."""
    offsets = _offsets(tiles)
    county = _stack([t.county for t in tiles])
    one, other = _seams(tiles, offsets)
    same = county[one] == county[other]
    parts, part = _groups(county.size, one[same], other[same])
    local = np.arange(county.size)
    lowest = _stack([t.component + at for t, at in zip(tiles, offsets, strict=True)])
    components, component = _groups(county.size, np.concatenate([one, local]), np.concatenate([other, lowest]))
    cells = _stack([t.cells for t in tiles])
    of_part = np.zeros(parts, np.int64)
    of_part[part] = component
    county_of_part = np.zeros(parts, np.int64)
    county_of_part[part] = county
    first = np.full((parts, 2), np.iinfo(np.int64).max)
    row_col = _stack([t.first for t in tiles], 2)
    by_place = np.lexsort((row_col[:, 1], row_col[:, 0]))[::-1]
    first[part[by_place]] = row_col[by_place]  # the first in order is written last
    return _Parts(
        part=part,
        component=of_part,
        county=county_of_part,
        first=first,
        cells=_sum(cells, part, parts),
        component_cells=_sum(cells, component, components)[of_part],
        slope_sum=_sum(_stack([t.slope_sum for t in tiles]), part, parts),
        slope_cells=_sum(_stack([t.slope_cells for t in tiles]), part, parts),
        land_cells=_sum(_stack([t.land_cells for t in tiles], LAND_CODES), part, parts),
    )


def _order(joined: _Parts, min_cells: int, apart: bool) -> tuple[Ints, Ints]:
    """Return the parts of large enough components in the order of their patches, and the patch of each."""
    order = np.lexsort((joined.first[:, 1], joined.first[:, 0], joined.county))
    order = order[joined.component_cells[order] >= min_cells]
    whole = joined.component[order] * np.int64(joined.county.max(initial=0) + 1) + joined.county[order]
    name = order if apart else whole
    _, first, same = np.unique(name, return_index=True, return_inverse=True)
    number = np.empty(first.size, np.int64)
    number[np.argsort(first)] = np.arange(first.size)  # patches in the order of their first part
    patch = number[same]
    by_patch = np.argsort(patch, kind="stable")
    return order[by_patch], patch[by_patch]


def _offsets(tiles: Sequence[TilePatches]) -> Ints:
    """Return the number of parts before each tile."""
    counts = np.array([t.parts for t in tiles], np.int64)
    return np.cumsum(counts) - counts


def _stack(arrays: list[Any], width: int | None = None) -> Ints:
    """Put arrays one after another as int64; an empty list gives an empty array of the width asked for."""
    empty = np.empty((0,) if width is None else (0, width), np.int64)
    return np.concatenate([empty, *arrays]).astype(np.int64, copy=False)


def _sum(values: Ints, group: Ints, groups: int) -> Ints:
    """Add up values, integers, by group."""
    total = np.zeros((groups, *values.shape[1:]), np.int64)
    np.add.at(total, group, values)
    return total


def _groups(size: int, one: Ints, other: Ints) -> tuple[int, Ints]:
    """Return the number of connected groups of ``size`` things and the group of each."""
    links = coo_array((np.ones(one.size, np.uint8), (one, other)), shape=(size, size))
    count, group = connected_components(links.tocsr(), directed=False)
    return int(count), group.astype(np.int64)


def _seams(tiles: Sequence[TilePatches], offsets: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of tiles' parts whose cells are neighbours across a seam."""
    ones, others = [], []
    for facing, back, down, right in (("east", "west", 0, 1), ("south", "north", 1, 0)):
        place, part = _border(tiles, offsets, facing, down, right)
        place_beyond, part_beyond = _border(tiles, offsets, back, 0, 0)
        _, here, there = np.intersect1d(place, place_beyond, assume_unique=True, return_indices=True)
        ones.append(part[here])
        others.append(part_beyond[there])
    return np.concatenate(ones), np.concatenate(others)


def _border(tiles: Sequence[TilePatches], offsets: Ints, side: str, down: int, right: int) -> tuple[Ints, Ints]:
    """Return the place, one number, of each labelled cell on one side of the tiles, moved by a cell, and its part."""
    places, parts = [], []
    for t, offset in zip(tiles, offsets, strict=True):
        line = getattr(t, side)
        along = np.flatnonzero(line)
        level = side in ("north", "south")
        row = t.tile.row + (along if not level else 0 if side == "north" else t.tile.rows - 1)
        col = t.tile.col + (along if level else 0 if side == "west" else t.tile.cols - 1)
        places.append(((row + down) * np.int64(2**32)) + (col + right))
        parts.append(line[along] - 1 + offset)
    return _stack(places), _stack(parts)


def _region_edges(tiles: Sequence[TilePatches], place: Ints) -> NDArray[np.int32]:
    """Return the edges of the parts that have a place in the order of parts, under that place."""
    found = [np.empty((0, 5), np.int32)]
    for t, offset in zip(tiles, _offsets(tiles), strict=True):
        part = place[offset + t.edges[:, 0]]
        edges = t.edges[part >= 0].copy()
        edges[:, 0] = part[part >= 0]
        found.append(edges)
    return np.concatenate(found)


def _rings(edges: NDArray[np.int32]) -> tuple[NDArray[np.int32], Ints, Ints]:
    """Chain edges to closed rings: their corners (row, column), where each ends, and the part of each, in order."""
    low = edges[:, 1:3].min(axis=0, initial=np.iinfo(np.int32).max).astype(np.int64)
    high = edges[:, 1:3].max(axis=0, initial=np.iinfo(np.int32).min).astype(np.int64)
    rows, cols = (high - low + 1).tolist() if len(edges) else (0, 0)
    begin = (edges[:, 0].astype(np.int64) * rows + (edges[:, 1] - low[0])) * cols + (edges[:, 2] - low[1])
    by_begin = np.argsort(begin)
    edges, begin = np.ascontiguousarray(edges[by_begin]), begin[by_begin]
    end = begin + edges[:, 3].astype(np.int64) * cols + edges[:, 4]
    by_end = np.argsort(end)
    if not np.array_equal(end[by_end], begin):
        zh = "图斑边界不闭合：有图幅缺失，或相邻图幅在接边处所见的区划不同；请重算这些图幅（含加边）后再合并。"
        en = (
            "The edges of the patches do not close to rings: a tile is missing, or saw another zone in its halo than"
            " its neighbour did; compute those tiles again, with their halo, and then join them."
        )
        raise ShuibaoError(zh, en)
    follower = np.empty(len(edges), np.int64)
    tracing.follow_edges(begin, by_end, edges, follower)
    most = len(edges) // 4
    corners = np.empty((len(edges) + most, 2), np.int32)
    ring_end, ring_part = np.empty((2, most), np.int64)
    rings = tracing.trace_rings(edges, follower, np.zeros(len(edges), np.uint8), corners, ring_end, ring_part)
    used = ring_end[rings - 1] if rings else 0
    return corners[:used], ring_end[:rings], ring_part[:rings]


def _geometry(corners: Any, ring_end: Ints, ring_part: Ints, patch: Ints, cell: float) -> NDArray[np.object_]:
    """Build the polygons: the first ring of a part is its shell, the others its holes."""
    points = np.stack([corners[:, 1] * cell, corners[:, 0] * -cell], axis=1) + 0.0  # no negative zero
    ring_of_point = np.repeat(np.arange(ring_end.size), np.diff(ring_end, prepend=0))
    rings = shapely.linearrings(points, indices=ring_of_point)
    polygons = shapely.polygons(rings, indices=ring_part) if ring_end.size else np.empty(0, object)
    geometry = np.empty(int(patch.max(initial=-1)) + 1, object)
    parts = np.bincount(patch, minlength=geometry.size)
    alone = parts == 1
    geometry[alone] = polygons[alone[patch]]
    if not alone.all():
        several = ~alone[patch]
        _, place = np.unique(patch[several], return_inverse=True)
        geometry[~alone] = shapely.multipolygons(polygons[several], indices=place)
    return geometry


def _attributes(joined: _Parts, order: Ints, patch: Ints, edges: NDArray[np.int32], cell: float) -> dict[str, Any]:
    """Add up what the parts counted by patch."""
    count = int(patch.max(initial=-1)) + 1
    begins = order[np.searchsorted(patch, np.arange(count))]
    cells = _sum(joined.cells[order], patch, count)
    slope_sum = _sum(joined.slope_sum[order], patch, count)
    slope_cells = _sum(joined.slope_cells[order], patch, count)
    land_cells = _sum(joined.land_cells[order], patch, count)
    length = np.abs(edges[:, 3]) + np.abs(edges[:, 4])
    known = land_cells[:, 1:]
    return {
        "county": joined.county[begins],
        "first": joined.first[begins],
        "cells": cells,
        "area": cells * (cell * cell),
        "component_cells": joined.component_cells[begins],
        "perimeter": _sum(length.astype(np.int64), patch[edges[:, 0]], count) * cell,
        "mean_slope": np.where(slope_cells > 0, slope_sum / np.maximum(slope_cells, 1), np.nan) / 1e6,
        "land_cells": land_cells,
        "land": np.where(known.any(axis=1), known.argmax(axis=1) + 1, 0).astype(np.uint8),
        "parts": np.bincount(patch, minlength=count).astype(np.int64),
    }


def _kept(tiles: Sequence[TilePatches], kept: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], ...]:
    """Return for each tile, label by label, whether it is in a patch."""
    zero = np.zeros(1, np.uint8)
    return tuple(
        np.concatenate([zero, kept[at : at + t.parts].astype(np.uint8)])
        for t, at in zip(tiles, _offsets(tiles), strict=True)
    )
