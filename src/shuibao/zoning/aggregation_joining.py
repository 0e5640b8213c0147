"""
The areas of a zone, joined over all tiles: too small ones dropped, small parts absorbed (跨幅聚合).

What tiles found is a small graph, solved in one place. Every step sorts by national rows and columns, so that the result
is the same, to the byte, for tiles of any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.zoning import _absorbing_kernels as kernels
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_tiles import Ints, TilePieces, summed_pairs
from shuibao.zoning.aggregation_zone import CLASSES


@dataclass(frozen=True)
class Aggregates:
    """
    The areas that cells were put together to (聚合图斑): north to south by their first cell, then west to east.

    Attributes
    ----------
    kind : (areas,) int64
        Class.
    fence : (areas,) int64
        Number of the district it lies in; 0 if none were given.
    first : (areas, 2) int64
        National row and column of the first cell.
    box : (areas, 4) int64
        National first row, last row, first column, last column.
    cells : (areas,) int64
        Cells.
    by_class : (areas, 16) int64
        Cells by class in the source; 0 is what was not in the source: the commission.
    patches : (areas,) int64
        Patches of the source that it was put together from: 4-connected cells of one class.
    edges : (areas,) int64
        Edges of cells along its border, holes too.
    omitted : (16,) int64
        Source cells by class that are in no area.
    """

    kind: Ints
    fence: Ints
    first: Ints
    box: Ints
    cells: Ints
    by_class: Ints
    patches: Ints
    edges: Ints
    omitted: Ints

    def __len__(self) -> int:
        """Return the number of areas."""
        return int(self.cells.size)

    @property
    def commission(self) -> Ints:
        """Return the cells of each area that were not in the source (纳入)."""
        return self.by_class[:, 0]

    @property
    def converted(self) -> Ints:
        """Return the cells of each area that were in the source as another class (并入的他类)."""
        own = self.by_class[np.arange(len(self)), self.kind]
        return self.cells - self.by_class[:, 0] - own

    @property
    def omission(self) -> int:
        """Return the source cells that are in no area (舍去)."""
        return int(self.omitted.sum())


def join_pieces(tiles: Sequence[TilePieces], rule: AggregationRule) -> tuple[Aggregates, tuple[NDArray[np.int32], ...]]:
    """
    Join the pieces that tiles found into the areas of the whole region (跨幅聚合).

    Parameters
    ----------
    tiles : sequence of TilePieces
        One for each tile of the region, in any order; tiles must not overlap.
    rule : AggregationRule
        Wholes with fewer than ``min_cells`` cells, or without a source cell, are dropped. Parts with fewer are absorbed
        by the neighbour with which they share most edges, the smallest part first.

    Returns
    -------
    areas : Aggregates
        The same to the byte for any division into tiles.
    tables : tuple of (pieces + 1,) int32
        For each tile, in the order given: the area, from 1, of each of its pieces; 0 where it is in none.

    Raises
    ------
    ShuibaoError
        If a tile is given twice, or tiles saw different zones where they meet.
    """
    found = _joined(tiles)
    kept = _kept(found, rule.min_cells)
    group, kind = _absorbed(found, kept, rule.min_cells)
    number = np.full(found.part_first.size, -1, np.int64)
    roots, area = np.unique(group, return_inverse=True)
    number[kept] = area
    areas = _counted(found, number, kind[roots], np.sum([t.source for t in tiles], axis=0, dtype=np.int64))
    label = (number[found.part] + 1).astype(np.int32)
    zero, offsets = np.zeros(1, np.int32), _offsets(tiles)
    tables = tuple(
        np.concatenate([zero, label[at : at + t.pieces]]) for t, at in zip(tiles, offsets.tolist(), strict=True)
    )
    return areas, tables


@dataclass(frozen=True)
class _Joined:
    """
    The pieces of all tiles, one after another, and what they are part of; parts are in the order of their first cells.

    ``piece``, ``part`` and ``whole`` number the region's own for each; ``part_whole``, ``part_cells`` and ``part_first``
    are by part.
    """

    value: Ints
    patches: Ints
    cells: Ints
    edges: Ints
    box: NDArray[np.int32]
    piece: Ints
    part: Ints
    whole: Ints
    part_first: Ints
    part_whole: Ints
    part_cells: Ints
    part_value: Ints
    borders: Ints


def _joined(tiles: Sequence[TilePieces]) -> _Joined:
    """Join the tiles' pieces across the seams, and number their parts."""
    offsets = _offsets(tiles)
    value = _stacked([t.value for t in tiles])
    box = np.concatenate([np.empty((0, 5), np.int32), *(t.box for t in tiles)])
    one, other = _seams(tiles, offsets)
    if (value[one] != value[other]).any():
        raise ShuibaoError(
            "相邻图幅在接边处所见的聚合范围不同：有图幅用了别的参数或数据；请重算这些图幅（含加边）后再合并。",
            "Tiles saw different zones where they meet: one was made with other rules or data; compute those tiles again,"
            " with their halo, and then join them.",
        )
    local = np.arange(value.size)
    lowest_part = _stacked([t.part + at for t, at in zip(tiles, offsets, strict=True)])
    lowest_whole = _stacked([t.whole + at for t, at in zip(tiles, offsets, strict=True)])
    piece = _trees(value.size, one, other)
    part = _trees(value.size, np.concatenate([one, local]), np.concatenate([other, lowest_part]))
    whole = _trees(value.size, np.concatenate([one, local]), np.concatenate([other, lowest_whole]))
    place = _places(box[:, 0], box[:, 4])
    first = np.full(int(part.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, part, place)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    part, first = rank[part], first[order]
    part_whole, part_value = np.zeros((2, first.size), np.int64)
    part_whole[part], part_value[part] = whole, value | 1
    cells = _stacked([t.cells for t in tiles])
    pairs = [t.borders + np.array([at, at, 0]) for t, at in zip(tiles, offsets, strict=True)]
    pairs_ = np.concatenate([np.empty((0, 3), np.int64), *pairs])
    return _Joined(
        value, _stacked([t.patches for t in tiles]), cells, _stacked([t.edges for t in tiles]), box, piece, part, whole, first, part_whole,
        _sum(cells, part, first.size), part_value, summed_pairs(part[pairs_[:, 0]], part[pairs_[:, 1]], pairs_[:, 2]),
    )  # fmt: skip


def _kept(found: _Joined, least: int) -> Ints:
    """Return the parts, ascending, whose whole is large enough and holds a source cell."""
    wholes = int(found.whole.max(initial=-1)) + 1
    cells = _sum(found.cells, found.whole, wholes)
    source = _sum(found.cells * (found.value & 1), found.whole, wholes)
    return np.flatnonzero((cells >= least)[found.part_whole] & (source > 0)[found.part_whole])


def _absorbed(found: _Joined, kept: Ints, least: int) -> tuple[Ints, Ints]:
    """Return the group of each part that is kept, by its first part, and the class of each group's first part."""
    place = np.full(found.part_first.size, -1, np.int64)
    place[kept] = np.arange(kept.size)
    borders = found.borders[place[found.borders[:, 0]] >= 0]
    one, other = place[borders[:, 0]], place[borders[:, 1]]
    group = np.arange(kept.size)
    kind = (found.part_value[kept] & 255) >> 1
    cells = found.part_cells[kept].copy()
    head, after = np.full(kept.size, -1, np.int64), np.empty(2 * one.size, np.int64)
    kernels.link_borders(one, other, head, after)
    total, met = np.zeros((2, kept.size), np.int64)
    kernels.absorb(one, other, borders[:, 2].copy(), head, after, least, group, cells, kind, total, met)
    number = np.empty(kept.size, np.int64)
    kernels.number_trees(group, number)
    first = np.unique(number, return_index=True)[1]
    return first[number], kind


def _counted(found: _Joined, number: Ints, kind: Ints, source: Ints) -> Aggregates:
    """Add up the pieces by area; ``number`` is the area of each part, -1 for none."""
    count = kind.size
    area = number[found.part]
    inside = area >= 0
    area, value, cells, box = area[inside], found.value[inside], found.cells[inside], found.box[inside]
    was = np.where(value & 1, (value & 255) >> 1, 0)
    by_class = _sum(cells, area * CLASSES + was, count * CLASSES).reshape(count, CLASSES)
    extent = np.empty((count, 4), np.int64)
    place = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(place, area, _places(box[:, 0], box[:, 4]))
    for k, ufunc in enumerate((np.minimum, np.maximum, np.minimum, np.maximum)):
        extent[:, k] = (1 - 2 * (k & 1)) * np.iinfo(np.int64).max
        ufunc.at(extent[:, k], area, box[:, k])
    once = np.unique(found.piece[inside], return_index=True)[1]
    patches = _sum(found.patches[inside][once] * (value[once] & 1), area[once], count)
    edges = _sum(found.edges[inside], area, count)
    one, other = number[found.borders[:, 0]], number[found.borders[:, 1]]
    within = (one == other) & (one >= 0)
    edges -= 2 * _sum(found.borders[within, 2], one[within], count)
    fence = np.zeros(count, np.int64)
    fence[area] = value >> 8
    first = np.stack([place >> 32, (place & (2**32 - 1)) - 2**31], axis=1)
    omitted = source - by_class.sum(axis=0)
    omitted[0] = 0
    return Aggregates(kind, fence, first, extent, _sum(cells, area, count), by_class, patches, edges, omitted)


def _seams(tiles: Sequence[TilePieces], offsets: Ints) -> tuple[Ints, Ints]:
    """Return the pieces that are one, in pairs: those that tiles saw at one place."""
    seen = set()
    for t in tiles:
        if t.tile in seen:
            zh = f"图幅 {t.tile.name()} 给出了两次；每个图幅只应合并一次，请去掉重复者。"
            raise ShuibaoError(zh, f"Tile {t.tile.name()} is given twice; each tile may be joined once, leave out one.")
        seen.add(t.tile)
    seams = [t.seams + np.array([0, 0, at]) for t, at in zip(tiles, offsets, strict=True)]
    cells = np.concatenate([np.empty((0, 3), np.int64), *seams])
    place = _places(cells[:, 0], cells[:, 1])
    order = np.argsort(place, kind="stable")
    place, piece = place[order], cells[order, 2]
    same = place[1:] == place[:-1]
    return piece[:-1][same], piece[1:][same]


def _places(row: NDArray[Any], col: NDArray[Any]) -> Ints:
    """Return one number for each row and column, ascending from north to south and then from west to east."""
    return (row.astype(np.int64) << 32) + (col.astype(np.int64) + 2**31)


def _offsets(tiles: Sequence[TilePieces]) -> Ints:
    """Return the number of pieces before each tile."""
    counts = np.array([t.pieces for t in tiles], np.int64)
    return np.cumsum(counts) - counts


def _trees(count: int, one: Ints, other: Ints) -> Ints:
    """Return which of the joined groups each of ``count`` things is in, by their lowest member."""
    parent, number = np.arange(count), np.empty(count, np.int64)
    kernels.unite_pairs(parent, one, other)
    kernels.number_trees(parent, number)
    return number


def _stacked(arrays: list[Any]) -> Ints:
    """Put arrays one after another as int64."""
    return np.concatenate([np.empty(0, np.int64), *arrays], dtype=np.int64)


def _sum(values: Ints, group: Ints, count: int) -> Ints:
    """Sum whole numbers by group, exactly."""
    total = np.zeros(count, np.int64)
    np.add.at(total, group, values)
    return total
