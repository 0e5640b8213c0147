"""The corners of arcs, sorted by place, and cut, some arcs at a time (弧段光滑)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shuibao.ground import _simplifying_kernels as simplifying
from shuibao.ground import _smoothing_kernels as smoothing
from shuibao.ground.parallel import in_order
from shuibao.messages import ShuibaoError

Ints = NDArray[np.int64]
Corners = NDArray[np.int32]

ROUNDS = ((64, 0.75), (8, 0.25))
"""
Into how many parts each round of cutting divides a straight, and its share of the tolerance (chosen): the second has
smaller corners. Parts are powers of two, so that the finer cell is exact.
"""

PART = 2**20
"""Corners of arcs that are cut together: beside them only what is written is held."""


def smoothed_parts(
    cell: float, corners: Corners, end: Ints, may: NDArray[np.uint8], tolerance: float, jobs: int
) -> Iterator[tuple[Corners, Ints]]:
    """
    Cut the corners of arcs in two rounds; yield what comes of some arcs at a time (分批光滑).

    Parameters
    ----------
    cell : float
        Side of the cell of the corners, m.
    corners : (corners, 2) int32
        Corners, arc after arc.
    end : (arcs,) int64
        Where those of each arc end.
    may : (arcs,) uint8
        What may move of each arc: FIXED, OPEN or CLOSED.
    tolerance : float
        m.
    jobs : int
        Threads; the result does not depend on them.

    Yields
    ------
    corners : (corners, 2) int32
        On a grid finer by all the parts of :data:`ROUNDS`.
    end : (arcs,) int64
        Where the corners of each of these arcs end, the first beginning at 0.

    Raises
    ------
    ShuibaoError
        If rows or columns are so many that the finer grid cannot number them.
    """
    for number, (parts, share) in enumerate(ROUNDS):
        cell /= parts
        corners = _finer(corners, parts)
        cuts = _planned(corners, end, parts, (tolerance * share / cell) ** 2, may, jobs)
        pieces = (_written(corners, end, parts, cuts, low, high) for low, high in arc_ranges(end, PART))
        if number + 1 == len(ROUNDS):
            yield from pieces
        else:
            corners, end = joined_parts(pieces, len(corners) + int(np.count_nonzero(cuts)), end.size)


def joined_parts(parts: Iterator[tuple[Corners, Ints]], corners: int, arcs: int) -> tuple[Corners, Ints]:
    """
    Put parts of arcs one after another (合并).

    Parameters
    ----------
    parts : iterator of (corners, end)
        As :func:`smoothed_parts` yields them.
    corners, arcs : int
        How many there are in all.
    """
    whole, end = np.empty((corners, 2), np.int32), np.empty(arcs, np.int64)
    at, arc = 0, 0
    for some, some_end in parts:
        whole[at : at + len(some)] = some
        end[arc : arc + some_end.size] = some_end + at
        at, arc = at + len(some), arc + some_end.size
    return whole, end


def arc_ranges(end: Ints, corners: int) -> list[tuple[int, int]]:
    """
    Divide arcs into ranges of about so many corners, each of one arc at least (弧段分批).

    Examples
    --------
    >>> arc_ranges(np.array([3, 5, 9, 30, 32]), 5)
    [(0, 2), (2, 4), (4, 5)]
    """
    total = int(end[-1]) if end.size else 0
    at = np.searchsorted(end, np.arange(corners, total, corners)) + 1
    places = np.unique(np.concatenate([[0], at, [end.size]]))
    return [(int(low), int(high)) for low, high in pairwise(places)]


def buckets(corners: Corners) -> tuple[Corners, int, Corners, Corners]:
    """
    Sort the corners into squares of about four (按方格排列).

    Parameters
    ----------
    corners : (corners, 2) int32

    Returns
    -------
    low : (2,) int32
        Lowest row and column.
    size : int
        Side of a square.
    start : (rows, cols + 1) int32
        Where the corners of each square begin, and where those of the row end.
    items : (corners,) int32
        Corners, square by square.
    """
    low = corners.min(axis=0)
    span = corners.max(axis=0).astype(np.int64) - low + 1
    size = int(max(math.sqrt(4.0 * span[0] * span[1] / len(corners)), 1.0))
    rows, cols = (int(s) for s in (span - 1) // size + 1)
    start = np.zeros((rows, cols + 1), np.int32)
    items = np.empty(len(corners), np.int32)
    simplifying.sort_into_buckets(corners, low, size, start, items)
    return low, size, start, items


def _finer(corners: Corners, parts: int) -> Corners:
    """Return corners on a finer grid."""
    finest = max(int(corners.max()), -int(corners.min())) * parts
    if finest > np.iinfo(np.int32).max:
        raise ShuibaoError(
            f"边界的行列号过大（加密后 {finest}，最多 2147483647），无法光滑；请用较大的像元或把光滑容差设为 0。",
            f"rows and columns are too many to smooth (refined {finest}, at most 2147483647); use larger cells, or a"
            " smoothing tolerance of 0.",
        )
    return corners * np.int32(parts)


def _planned(
    corners: Corners, end: Ints, parts: int, most: float, may: NDArray[np.uint8], jobs: int
) -> NDArray[np.uint16]:
    """Return how each corner is cut, 0 for not at all."""
    cuts, sorted_ = np.empty(len(corners), np.uint16), buckets(corners)

    def plan(arcs: tuple[int, int]) -> None:
        smoothing.plan_cuts(corners, end, may, *arcs, parts, most, *sorted_, cuts)

    for _ in in_order(plan, arc_ranges(end, PART), jobs):
        pass
    return cuts


def _written(
    corners: Corners, end: Ints, parts: int, cuts: NDArray[np.uint16], low: int, high: int
) -> tuple[Corners, Ints]:
    """Return some arcs with their corners cut."""
    begin, last = int(end[low - 1]) if low else 0, int(end[high - 1])
    mine = cuts[begin:last]
    out, out_end = np.empty((mine.size + int(np.count_nonzero(mine)), 2), np.int32), np.empty(high - low, np.int64)
    smoothing.write_cuts(corners[begin:last], end[low:high] - begin, parts, mine, out, out_end)
    return out, out_end
