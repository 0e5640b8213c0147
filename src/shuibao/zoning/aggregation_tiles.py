"""
The pieces of a zone in one tile: what they count, what they touch, and where their cells are (分幅聚合).

Pieces, parts and wholes are kept apart: a *piece* is cells of one class that were all in the source, or all taken in; a
*part* is of one class, a *whole* of any class, both within one fence. All are 4-connected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.zoning import _piece_kernels as kernels
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_runs import PackedRuns, TileRuns
from shuibao.zoning.aggregation_zone import CLASSES, Candidates, zone_cells

Ints = NDArray[np.int64]

NOWHERE = 2**29
"""Row or column beyond all others."""


@dataclass(frozen=True)
class TilePieces:
    """
    The pieces of a zone that one tile saw, and the runs of cells to paint them from (一幅内的聚合碎块).

    Small and picklable: all that joining and painting need. What cannot be part of an area, as it lies wholly inside the
    tile and is too small, is left out; pieces of one part and value that lie wholly inside the tile are told as one.

    Attributes
    ----------
    tile : Grid
        The tile without its halo.
    value : (pieces,) int64
        Fence times 256, plus class times 2, plus 1 if the cells were in the source.
    part, whole : (pieces,) int32
        Some piece of the part and of the whole, the same for all, within the tile and its halo of one cell.
    patches : (pieces,) int32
        How many pieces are told as one.
    cells, edges : (pieces,) int64
        Cells, and edges of cells without those within a part, to be summed by part.
    box : (pieces, 5) int32
        National first and last row, first and last column, and first column in the first row; the first row is large
        and the last row small where a piece has cells in the halo only.
    borders : (pairs, 3) int32
        Two pieces of different parts of one whole, and the edges they share.
    seams : (cells, 3) int32
        National row and column, and piece, of the cells in the halo and next to it.
    source : (16,) int64
        Cells of the tile by class in the source.
    runs : PackedRuns
        Runs of cells, the halo with them, of each row; their columns from 0 in the halo; their piece, from 1.
    """

    tile: Grid
    value: Ints
    part: NDArray[np.int32]
    whole: NDArray[np.int32]
    patches: NDArray[np.int32]
    cells: Ints
    edges: Ints
    box: NDArray[np.int32]
    borders: NDArray[np.int32]
    seams: NDArray[np.int32]
    source: Ints
    runs: PackedRuns

    @property
    def pieces(self) -> int:
        """Return the number of pieces."""
        return int(self.value.size)

    @property
    def to_paint(self) -> TileRuns:
        """Return what painting needs."""
        return TileRuns(self.tile, self.pieces, self.runs)


def tile_pieces(candidates: Candidates, tile: Grid, rule: AggregationRule) -> TilePieces:
    """
    Find the pieces of the zone in a tile and measure them (分幅聚合).

    Parameters
    ----------
    candidates : Candidates
        On the tile with a halo of ``rule.reach`` cells; no source beyond the region.
    tile : Grid
        The tile without its halo.
    rule : AggregationRule

    Returns
    -------
    TilePieces

    Raises
    ------
    ShuibaoError
        If the shape does not fit the tile with its halo.
    """
    reach = rule.reach
    check_halo(candidates, tile, reach)
    return measured_pieces(zone_cells(candidates, rule), candidates, tile, reach, rule.min_cells)


def check_halo(candidates: Candidates, tile: Grid, reach: int) -> None:
    """
    Refuse candidates that do not lie on a tile with its halo (检查).

    Parameters
    ----------
    candidates : Candidates
    tile : Grid
    reach : int
        Halo, cells.
    """
    if candidates.source.shape != tile.grown(reach).shape:
        raise ShuibaoError(
            f"聚合的 source 大小为 {candidates.source.shape}，图幅含 {reach} 个像元加边时应为 {tile.grown(reach).shape}。",
            f"source has shape {candidates.source.shape}, needed with a halo of {reach} cells is {tile.grown(reach).shape}.",
        )


def measured_pieces(zone: NDArray[Any], candidates: Candidates, tile: Grid, reach: int, least: int) -> TilePieces:
    """
    Cut a zone into pieces, choose those that may be part of an area, and measure them (量算碎块).

    Parameters
    ----------
    zone : (rows, cols) array of int
        As :func:`shuibao.zoning.aggregation_zone.zone_cells` returns it, on the tile with its halo.
    candidates : Candidates
        What it was made of.
    tile : Grid
        The tile without its halo.
    reach : int
        Halo, cells.
    least : int
        Cells of the smallest area.
    """
    around = slice(reach - 1, -(reach - 1) or None)
    ground = np.ascontiguousarray(zone[around, around])
    inside = candidates.source[reach:-reach, reach:-reach].astype(np.uint8, copy=False)
    source = np.bincount(inside.ravel(), minlength=CLASSES)
    cols = ground.shape[1]
    row_runs, first, last, value = _runs(ground)
    piece, part, whole = (np.arange(first.size, dtype=np.int32) for _ in range(3))
    inner = np.zeros(first.size, np.int32)
    pairs = np.empty((3 * first.size, 3), np.int32)
    pairs = pairs[: kernels.join_pieces(row_runs, first, last, value, cols, piece, part, whole, inner, pairs)]
    number, part_of, whole_of = _chosen(row_runs, first, last, value, cols, (piece, part, whole), least)
    count = part_of.size
    values, cells, edges = (np.zeros(count, np.int64) for _ in range(3))
    box = np.empty((count, 5), np.int64)
    box[:] = (NOWHERE, -NOWHERE, NOWHERE, -NOWHERE, NOWHERE)
    kernels.measure_pieces(row_runs, first, last, value, cols, number, inner, values, cells, edges, box)
    seams = np.empty((4 * sum(ground.shape), 3), np.int32)
    seams = seams[: kernels.list_seams(row_runs, first, last, cols, number, seams)].copy()
    group, patches = _told_as_one(values, part_of, seams[:, 2])
    lowest = np.unique(group, return_index=True)[1]
    seams[:, 2] = group[seams[:, 2]]
    seams[:, :2] += (tile.row - 1, tile.col - 1)
    number = np.where(number > 0, np.concatenate([group, [-1]])[number - 1] + 1, 0).astype(np.int32)
    kept = number > 0
    left = np.concatenate([[0], np.cumsum(kept)])[row_runs].astype(np.int32)
    box = _boxes(box, group, patches.size) + np.array([tile.row, tile.row, tile.col, tile.col, tile.col])
    box = box.astype(np.int32)
    cells, edges = (np.bincount(group, a, patches.size).astype(np.int64) for a in (cells, edges))
    return TilePieces(
        tile, values[lowest], group[part_of[lowest]], group[whole_of[lowest]], patches, cells, edges, box,
        _borders(pairs, number).astype(np.int32), seams, source, PackedRuns.of(left, first[kept], last[kept], number[kept]),
    )  # fmt: skip


def _told_as_one(value: Ints, part: NDArray[np.int32], seams: Any) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the group of each piece, those of one part and value together if they touch no seam; and their number."""
    key = part.astype(np.int64) * 2 + (value & 1)
    key[seams] = 2 * part.size + seams
    _, group, patches = np.unique(key, return_inverse=True, return_counts=True)
    return group.astype(np.int32), patches.astype(np.int32)


def _boxes(box: Ints, group: NDArray[np.int32], count: int) -> Ints:
    """Return the extent and the first cell of each group."""
    whole = np.empty((count, 5), np.int64)
    for k, ufunc in enumerate((np.minimum, np.maximum, np.minimum, np.maximum)):
        whole[:, k] = (1 - 2 * (k & 1)) * NOWHERE
        ufunc.at(whole[:, k], group, box[:, k])
    first = np.full(count, NOWHERE << 31)
    np.minimum.at(first, group, (box[:, 0] << 31) + box[:, 4])
    whole[:, 4] = first & (2**31 - 1)
    return whole


def _runs(ground: NDArray[Any]) -> tuple[Any, ...]:
    """Return the runs of a zone by row, their first and last columns, and their values."""
    most = int(np.count_nonzero(ground[:, 1:] != ground[:, :-1])) + ground.shape[0]
    row_runs = np.empty(ground.shape[0] + 1, np.int64)
    first, last = np.empty((2, most), np.int32)
    value = np.empty(most, np.int64)
    count = kernels.find_pieces(ground, row_runs, first, last, value)
    return row_runs, first[:count].copy(), last[:count].copy(), value[:count].copy()


def _chosen(
    row_runs: Any, first: Any, last: Any, value: Any, cols: int, trees: tuple[Any, ...], least: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return the piece of each run, from 1, 0 if it cannot be part of an area; part and whole of each piece."""
    cells, source = (np.zeros(first.size, np.int64) for _ in range(2))
    leaves = np.zeros(first.size, np.uint8)
    kernels.measure_wholes(row_runs, first, last, value, cols, trees[2], cells, source, leaves)
    number, part_of, whole_of = (np.empty(first.size, np.int32) for _ in range(3))
    count = kernels.choose_pieces(*trees, cells, source, leaves, least, number, part_of, whole_of)
    return number, part_of[:count].copy(), whole_of[:count].copy()


def _borders(pairs: NDArray[np.int32], number: NDArray[np.int32]) -> Ints:
    """Return the pairs of pieces that share edges, each once, and how many."""
    one, other = number[pairs[:, 0]].astype(np.int64) - 1, number[pairs[:, 1]].astype(np.int64) - 1
    chosen = one >= 0
    return summed_pairs(one[chosen], other[chosen], pairs[chosen, 2])


def summed_pairs(one: Ints, other: Ints, edges: NDArray[Any]) -> Ints:
    """
    Return each pair once, the lower number first, with the sum of its edges (邻接边).

    Parameters
    ----------
    one, other : (n,) array of int
        Numbers from 0 to 2³¹.
    edges : (n,) array of int

    Returns
    -------
    (pairs, 3) int64
        Sorted.

    Examples
    --------
    >>> summed_pairs(np.array([3, 1]), np.array([1, 3]), np.array([2, 5])).tolist()
    [[1, 3, 7]]
    """
    if one.size == 0:
        return np.empty((0, 3), np.int64)
    key = np.minimum(one, other).astype(np.int64) * 2**31 + np.maximum(one, other)
    order = np.argsort(key, kind="stable")
    key = key[order]
    begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    total = np.add.reduceat(np.asarray(edges, np.int64)[order], begins)
    low, high = np.divmod(key[begins], 2**31)
    return np.stack([low, high, total], axis=1)
