"""
A label raster as polygons with shared borders, tile by tile (标号栅格转共边多边形).

Borders are traced in each tile as chains of corners, in whole rows and columns of the national grid; chains are joined
over the tiles by their ends alone, and the raster is not read again. What comes out is the same, to the byte, for tiles
of any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground import _coverage_kernels as kernels
from shuibao.ground.aside import Aside
from shuibao.ground.coverage_arcs import Arcs, link_arcs, node_numbers
from shuibao.ground.grid import TILE, Grid
from shuibao.messages import ShuibaoError

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TileBoundaries:
    """
    The borders between labels in one tile (分幅边界). Small, picklable, and all that joining needs.

    A chain runs between nodes, or to the edge of the tile, or round to where it began. It holds 8 bytes for each
    corner where it turns.

    Attributes
    ----------
    tile : Grid
        The tile without its halo.
    corners : (corners, 2) int32
        National row and column of the corners where chains begin, turn and end, chain after chain.
    end : (chains,) int64
        Where the corners of each chain end.
    left, right : (chains,) int32
        Label on either hand, on a map with north up; the left one is the higher.
    """

    tile: Grid
    corners: NDArray[np.int32]
    end: Ints
    left: NDArray[np.int32]
    right: NDArray[np.int32]


def tile_boundaries(labels: NDArray[Any], tile: Grid) -> TileBoundaries:
    """
    Trace the borders between labels in a tile (分幅提取边界).

    Parameters
    ----------
    labels : (rows + 2, cols + 2) array of int
        Labels with a halo of one cell, the same that the neighbouring tiles see; 0 is none. Must be 0 beyond the
        outermost tiles.
    tile : Grid
        The tile without its halo.

    Returns
    -------
    TileBoundaries
        Each border belongs to one tile: that of the cell south or east of it, or, where that cell is 0, of the other.

    Raises
    ------
    ShuibaoError
        If the shape does not fit the tile, or labels are not whole numbers from 0 to 2³¹ - 1.

    Examples
    --------
    >>> labels = np.zeros((3, 4), np.int32)
    >>> labels[1, 1:3] = 1, 2
    >>> found = tile_boundaries(labels, Grid(10.0, 0, 0, 1, 2))
    >>> list(zip(found.left.tolist(), found.right.tolist()))
    [(2, 1), (1, 0), (2, 0)]
    """
    labels = np.ascontiguousarray(_checked(labels, tile.grown(1).shape), np.int32)
    marks = np.empty((tile.rows + 1, tile.cols + 1), np.uint8)
    used = np.zeros(tile.rows + 1, np.uint8)
    turns, ends = kernels.mark_corners(labels, marks, used)
    corners = np.empty((turns + turns // 4 + ends, 2), np.int32)
    most = turns // 4 + ends // 2
    end = np.empty(most, np.int64)
    left, right = np.empty((2, most), np.int32)
    chains = kernels.trace_tile(labels, marks, used, tile.row, tile.col, corners, end, left, right)
    count = int(end[chains - 1]) if chains else 0
    return TileBoundaries(
        tile, corners[:count].copy(), end[:chains].copy(), left[:chains].copy(), right[:chains].copy()
    )


def join_boundaries(tiles: Iterable[TileBoundaries]) -> Arcs:
    """
    Join the borders that tiles found into arcs of the whole region (跨幅合并边界).

    Parameters
    ----------
    tiles : iterable of TileBoundaries
        One for each tile of the region, in any order; tiles must not overlap. A tile of 0 throughout may be left out.
        They are taken one at a time, and need not all be there at once.

    Returns
    -------
    Arcs
        The same to the byte for any division into tiles.

    Raises
    ------
    ShuibaoError
        If tiles have different cells, or the borders do not fit together: a tile is missing, is given twice, or saw
        other labels in its halo than its neighbour has.

    Notes
    -----
    An arc runs from node to node. A node is a corner where three or four borders meet: that is, three or four labels,
    or two that touch crosswise. Needs 16 bytes of memory for each corner, 8 of them for the arcs.
    """
    cell, source, end, left, right = _stacked(tiles)
    follower, follows = _followers(source, end, left, right)
    chain, place = np.empty((2, end.size), np.int64)
    arcs = kernels.find_heads(source, end, follower, follows, np.zeros(end.size, np.uint8), chain, place)
    chain, place = chain[:arcs], place[:arcs]
    step = np.sign(source[place + 1] - source[place])
    order = np.lexsort((step[:, 0] != 0, -step[:, 0] - step[:, 1], source[place, 1], source[place, 0]))
    chain, place = chain[order], place[order]
    corners = np.empty((len(source) + arcs, 2), np.int32)
    arc_end = np.empty(arcs, np.int64)
    count = kernels.write_arcs(source, end, follower, chain, place, corners, arc_end)
    del source  # what lies behind the count was never touched: no memory stands behind it
    arcs_found = link_arcs(cell, corners[:count], arc_end, left[chain], right[chain])
    if arcs_found is None:
        raise _unfit()
    return arcs_found


def polygonize(
    labels: NDArray[Any], grid: Grid, *, tolerance: float = 0.0
) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    """
    Return the polygons of a label raster, with shared borders (栅格转矢量).

    Parameters
    ----------
    labels : (rows, cols) array of int
        Labels; 0 is none.
    grid : Grid
        Where they lie.
    tolerance : float
        Borders are simplified by no more than this, m, both sides alike; 0 keeps the borders of the cells.

    Returns
    -------
    labels : (n,) int32
        Labels found, ascending.
    geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
        In metres of the national grid. Without simplification the area is cells times the area of a cell.

    Raises
    ------
    ShuibaoError
        If the shape does not fit the grid, or labels are not whole numbers from 0 to 2³¹ - 1.
    CallError
        If the tolerance is negative or not a number.

    Examples
    --------
    >>> labels, geometry = polygonize(np.array([[1, 1], [1, 2]]), Grid(10.0, 0, 0, 2, 2))
    >>> labels.tolist(), shapely.area(geometry).tolist()
    ([1, 2], [300.0, 100.0])
    >>> print(geometry[1])
    POLYGON ((10 -10, 10 -20, 20 -20, 20 -10, 10 -10))
    """
    labels = _checked(labels, grid.shape)
    return join_boundaries([_window(labels, grid, tile) for tile in grid.tiles(TILE)]).simplified(tolerance).polygons()


def dissolve(
    labels: NDArray[Any], geometry: NDArray[np.object_], parent_of_label: Mapping[int, int] | NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """
    Merge the polygons of pieces into those of their parents, which share the borders of the pieces (融合).

    Parameters
    ----------
    labels : (n,) array of int
        Labels of the pieces.
    geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Their polygons, a coverage: as :meth:`Arcs.polygons` gives them.
    parent_of_label : mapping or array, from label to int
        The parent of each piece; 0 leaves it out.

    Returns
    -------
    parents : (m,) int64
        Parents, ascending.
    geometry : (m,) array of shapely.Polygon or shapely.MultiPolygon
        Their polygons. Corners of the pieces on a parent's border stay, so that the two layers fit edge to edge.

    Raises
    ------
    ShuibaoError
        If a label has no parent.

    Examples
    --------
    >>> labels, pieces = polygonize(np.array([[1, 2, 3]]), Grid(10.0, 0, 0, 1, 3))
    >>> parents, merged = dissolve(labels, pieces, {1: 8, 2: 8, 3: 9})
    >>> parents.tolist(), shapely.area(merged).tolist()
    ([8, 9], [200.0, 100.0])
    """
    parent = np.array([_parent(label, parent_of_label) for label in np.asarray(labels).tolist()], np.int64)
    parents = np.unique(parent[parent != 0])
    merged = np.empty(parents.size, object)
    for k, one in enumerate(parents):
        merged[k] = _canonical(shapely.coverage_union_all(geometry[parent == one]))
    return parents, merged


def _checked(labels: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """Refuse labels that do not lie on the grid, or are no labels."""
    labels = np.asarray(labels)
    if labels.shape != shape:
        raise ShuibaoError(
            f"标号数组的大小为 {labels.shape}，应为 {shape}；分幅时须含 1 个像元的加边。",
            f"labels has shape {labels.shape}, needed is {shape}; a tile needs its halo of 1 cell.",
        )
    whole = np.issubdtype(labels.dtype, np.integer)
    low, high = (labels.min(initial=0), labels.max(initial=0)) if whole else (0, 0)
    if not whole or low < 0 or high > np.iinfo(np.int32).max:
        found = f"{low}…{high}" if whole else labels.dtype
        raise ShuibaoError(
            f"标号应为 0 至 2147483647 的整数（0 为无），现为 {found}；请先换成连续编号。",
            f"labels must be whole numbers from 0 (none) to 2147483647, found {found}; number them anew.",
        )
    return labels


def _window(labels: NDArray[Any], grid: Grid, tile: Grid) -> TileBoundaries:
    """Return the borders of a tile of labels in memory, 0 around them."""
    haloed = np.zeros(tile.grown(1).shape, np.int32)
    rows, cols = tile.inside(grid)
    top, left = max(rows.start - 1, 0), max(cols.start - 1, 0)
    part = labels[top : rows.stop + 1, left : cols.stop + 1]
    down, right = top - rows.start + 1, left - cols.start + 1
    haloed[down : down + part.shape[0], right : right + part.shape[1]] = part
    return tile_boundaries(haloed, tile)


def _one_cell(tiles: list[Grid]) -> float:
    """Return the side of the cell of all tiles; refuse tiles that differ, or one given twice."""
    kinds = {(t.cell, t.projection) for t in tiles}
    if len(kinds) > 1:
        raise ShuibaoError(
            f"图幅的像元边长或投影不一致：{sorted(kinds)}；同一区域只能有一张格网。",
            f"Tiles differ in cell size or projection: {sorted(kinds)}; a region has one grid.",
        )
    seen = set()
    for t in tiles:
        if t in seen:
            name = t.name()
            zh = f"图幅 {name} 给出了两次；每个图幅只应合并一次，请去掉重复者。"
            raise ShuibaoError(zh, f"Tile {name} is given twice; each tile may be joined once, leave out the second.")
        seen.add(t)
    return kinds.pop()[0] if kinds else 1.0


def _stacked(
    tiles: Iterable[TileBoundaries],
) -> tuple[float, NDArray[np.int32], Ints, NDArray[np.int32], NDArray[np.int32]]:
    """Put the chains of the tiles one after another: side of the cell, corners, end, left, right."""
    aside, none, count = Aside(), np.empty(0, np.int32), 0
    grids, kept, ends, lefts, rights = [], [], [np.empty(0, np.int64)], [none], [none]
    for t in tiles:  # corners wait aside: the tiles' and all together would be twice as many
        grids.append(t.tile)
        kept.append(aside.put(t.corners))
        ends.append(t.end + count)
        lefts.append(t.left)
        rights.append(t.right)
        count += len(t.corners)
    cell = _one_cell(grids)
    corners, at = np.empty(2 * count, np.int32), 0
    for k in kept:
        some = k.array(np.int32)
        corners[at : at + some.size] = some
        at += some.size
    return cell, corners.reshape(-1, 2), np.concatenate(ends), np.concatenate(lefts), np.concatenate(rights)


def _followers(
    corners: NDArray[np.int32], end: Ints, left: NDArray[np.int32], right: NDArray[np.int32]
) -> tuple[Ints, NDArray[np.uint8]]:
    """Return the chain that goes on from each, -1 at a node, and whether each goes on from another."""
    number = node_numbers(corners, end)
    begins, ends = number[0::2], number[1::2]
    times = np.bincount(number)
    joint = times == 2
    beginning = np.full(times.size, -1, np.int64)
    beginning[begins] = np.arange(end.size)
    follower = np.where(joint[ends], beginning[ends], -1)
    one = np.flatnonzero(joint[ends])
    other = follower[one]
    paired = one.size == joint[begins].sum() == np.count_nonzero(joint) and (other >= 0).all()
    if not paired or (times == 1).any() or (left[one] != left[other]).any() or (right[one] != right[other]).any():
        raise _unfit()
    return follower, joint[begins].astype(np.uint8)


def _unfit() -> ShuibaoError:
    """Say that the borders of tiles do not fit."""
    return ShuibaoError(
        "边界在图幅之间接不上：有图幅缺失，或相邻图幅在接边处所见的标号不同；请重算这些图幅（含加边）后再合并。",
        "The borders of tiles do not fit together: a tile is missing, or saw other labels in its halo than its"
        " neighbour has; compute those tiles again, with their halo, and then join them.",
    )


def _parent(label: int, parent_of_label: Mapping[int, int] | NDArray[Any]) -> int:
    """Return the parent of a label."""
    try:
        return int(parent_of_label[label])
    except (KeyError, IndexError):
        zh = f"标号 {label} 没有上级单元；请在对照表中补上，不需要的写 0。"
        raise ShuibaoError(zh, f"Label {label} has no parent; add it to the table, 0 to leave it out.") from None


def _canonical(geometry: Any) -> Any:
    """Return a polygon whose rings begin and turn as those of :meth:`Arcs.polygons` do, parts north to south."""
    polygons = [
        shapely.Polygon(_ring(p.exterior, 1), sorted((_ring(h, -1) for h in p.interiors), key=_first))
        for p in shapely.get_parts(geometry)
    ]
    polygons.sort(key=lambda p: _first(p.exterior.coords))
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _first(points: Any) -> tuple[float, float]:
    """Return what rings are sorted by: north to south, then west to east."""
    return -points[0][1], points[0][0]


def _ring(ring: Any, turn: int) -> NDArray[np.float64]:
    """Return the points of a ring, from its northernmost, westernmost one, shells to the left and holes to the right."""
    points = shapely.get_coordinates(ring)[:-1]
    if shapely.is_ccw(ring) != (turn > 0):
        points = points[::-1]
    first = np.lexsort((points[:, 0], -points[:, 1]))[0]
    points = np.roll(points, -first, axis=0)
    return np.concatenate([points, points[:1]])
