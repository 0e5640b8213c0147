"""Pieces that are too small joined along the border they drain to, or through their water (小片归并)."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from shuibao.watershed.limits import Limits
from shuibao.watershed.pieces import PieceKind, Pieces

Rank = tuple[int, int]
"""How near two neighbours are: squared distance of their outlets in cells, then common sides, negative."""


class Gathering:
    """
    Groups of pieces that grow until they have the minimum (归并过程).

    A group is known by one of its pieces, its root. What may be joined drains to the same border: out of the land, or
    to one bank of one large river. A left bank holds its river: two of them are joined only if one follows the other
    along the river, and what drains into the river is joined to a bank only where all of it drains into that bank.
    So water never returns to a unit that it has left.

    Parameters
    ----------
    pieces : Pieces
        What the pieces are.
    cells : (P + 1,) int64 array
        Their areas, cells.
    touching : (m, 3) int64 array
        Which of them touch.
    shape : (int, int)
        Rows and columns of the whole grid.
    limits : Limits
        Areas in cells.
    """

    def __init__(
        self,
        pieces: Pieces,
        cells: NDArray[np.int64],
        touching: NDArray[np.int64],
        shape: tuple[int, int],
        limits: Limits,
    ) -> None:
        self.pieces, self.limits, self.touching = pieces, limits, touching
        self.root = list(range(cells.size))
        self.cells: list[int] = cells.tolist()
        self.border: list[int] = pieces.border.tolist()
        self.holds: list[bool] = (pieces.kind == PieceKind.LEFT_BANK).tolist()
        self.low: list[int] = pieces.station.tolist()
        self.high: list[int] = pieces.station.tolist()
        whole = (pieces.kind == PieceKind.BASIN) & (cells >= limits.minimum)
        self.whole: list[bool] = whole.tolist()
        self.near = self._neighbours(touching, shape[1])

    def _neighbours(self, touching: NDArray[np.int64], cols: int) -> dict[int, dict[int, Rank]]:
        """Return the neighbours of each piece on its own border, with how near they are."""
        border, exit_ = self.pieces.border, self.pieces.exit
        one, other, sides = touching.T
        same = (border[one] == border[other]) & (border[one] > 0)
        one, other, sides = one[same], other[same], sides[same]
        down, right = exit_[one] // cols - exit_[other] // cols, exit_[one] % cols - exit_[other] % cols
        near: dict[int, dict[int, Rank]] = {}
        rows = zip(one.tolist(), other.tolist(), (down**2 + right**2).tolist(), (-sides).tolist(), strict=True)
        for a, b, distance, shared in rows:
            near.setdefault(a, {})[b] = near.setdefault(b, {})[a] = (distance, shared)
        return near

    def find(self, piece: int) -> int:
        """Return the root of the group of a piece (所属组)."""
        while self.root[piece] != piece:
            self.root[piece] = self.root[self.root[piece]]
            piece = self.root[piece]
        return piece

    def roots(self) -> NDArray[np.int64]:
        """Return the root of each piece (各片所属组)."""
        return np.array([self.find(piece) for piece in range(len(self.root))], dtype=np.int64)

    def join(self, one: int, other: int) -> int:
        """Make two groups one and return its root, the lower of the two (合并)."""
        one, other = min(one, other), max(one, other)
        self.root[other] = one
        self.cells[one] += self.cells[other]
        self.low[one], self.high[one] = self._stations(one, other)
        if self.border[one] == 0 or (self.holds[other] and not self.holds[one]):
            self.border[one] = self.border[other]
        self.holds[one] |= self.holds[other]
        self.whole[one] |= self.whole[other]
        mine, theirs = self.near.pop(one, {}), self.near.pop(other, {})
        for group, rank in theirs.items():
            mine[group] = _nearer(rank, mine.get(group))
            back = self.near.get(group)
            if back is not None and other in back:
                back[one] = _nearer(back.pop(other), back.get(one))
        for gone in (one, other):
            mine.pop(gone, None)
        self.near[one] = mine
        return one

    def _stations(self, one: int, other: int) -> tuple[int, int]:
        """Return the stations of two groups as one: those that one of them holds, else all they drain to."""
        if self.holds[one] != self.holds[other]:
            holder = one if self.holds[one] else other
            return self.low[holder], self.high[holder]
        if self.low[one] < 0 or self.low[other] < 0:
            return max(self.low[one], self.low[other]), max(self.high[one], self.high[other])
        return min(self.low[one], self.low[other]), max(self.high[one], self.high[other])

    def agree(self, one: int, other: int) -> bool:
        """Return whether no water would return to the two groups as one unit (水流相容)."""
        if self.holds[one] and self.holds[other]:
            return self.high[one] + 1 == self.low[other] or self.high[other] + 1 == self.low[one]
        if self.holds[other]:
            one, other = other, one
        return not self.holds[one] or (self.low[one] <= self.low[other] and self.high[other] <= self.high[one])

    def nearest(self, group: int, most: int, *, whole: bool, corners: bool) -> int:
        """
        Return the nearest neighbour on the same border that can be joined without exceeding ``most``; 0 if none.

        Units that are whole basins are passed over unless ``whole``, those that share no side of a cell unless ``corners``;
        both come last.
        """
        found = 0
        best: tuple[bool, bool, int, int, int, int] | None = None
        for other, rank in self.near.get(group, {}).items():
            if (self.whole[other] and not whole) or self.cells[group] + self.cells[other] > most:
                continue
            if not (rank[1] or corners):
                continue
            key = (not rank[1], self.whole[other], *rank, self.cells[other], other)
            if (best is None or key < best) and self.agree(group, other):
                found, best = other, key
        return found

    def gather(self) -> None:
        """
        Join what is small along the borders, then through the water (归并).

        The smallest group first takes its nearest neighbour: below the minimum if both stay within the maximum, from
        there on if both stay within the target. What is still too small is joined to a whole basin beside it on the
        border, then to the unit that all its water enters, or that drains into it. All this is done with neighbours
        that share a side of a cell; what is still too small then, in the same order, with those that touch at a
        corner. Last, slopes that leave the land are left to the unit behind them, as far as ``limits.side_share`` of it.
        """
        self._along_borders(self.limits.target, whole=False)
        for corners in (False, True):
            self._along_borders(self.limits.minimum, whole=True, corners=corners)
            while self._through_water(corners=corners):
                pass
        self._backwards()

    def _along_borders(self, wanted: int, *, whole: bool, corners: bool = False) -> None:
        """Join groups of fewer cells than are wanted along the borders, the smallest first."""
        minimum, target, maximum = self.limits.minimum, self.limits.target, self.limits.maximum
        queue = [(self.cells[g], g) for g in self._loose() if self.cells[g] < wanted]
        heapq.heapify(queue)
        while queue:
            cells, group = heapq.heappop(queue)
            if self.root[group] != group or self.cells[group] != cells:
                continue
            other = self.nearest(group, maximum if cells < minimum else target, whole=whole, corners=corners)
            if other:
                joined = self.join(group, other)
                if self.cells[joined] < wanted:
                    heapq.heappush(queue, (self.cells[joined], joined))

    def _loose(self) -> Iterator[int]:
        """Yield the groups on borders that are no whole basins and have cells."""
        for group in range(1, len(self.root)):
            if self.root[group] == group and self.border[group] and not self.whole[group] and self.cells[group]:
                yield group

    def small(self) -> list[int]:
        """Return the groups below the minimum, the smallest first (不足下限的组)."""
        groups = (g for g in range(1, len(self.root)) if self.root[g] == g)
        return sorted((g for g in groups if 0 < self.cells[g] < self.limits.minimum), key=lambda g: (self.cells[g], g))

    def _through_water(self, *, corners: bool) -> bool:
        """Join small groups with the one their water enters or that enters them; return whether any was."""
        below, above = self.links()
        beside = self._beside(self.small())
        changed = False
        for group, own in [(g, self.cells[g]) for g in self.small()]:
            if self.root[group] != group or self.cells[group] != own:
                continue  # its links are others now; the next time
            linked = {self.find(g) for g in above.get(group, [])} | {self.find(below.get(group, group))}
            room = self.limits.maximum - own
            sides = {self.find(g) for g in beside.get(group, ())}
            fitting = [g for g in linked - {group} if self.cells[g] <= room and (corners or g in sides)]
            if fitting:
                self.join(group, min(fitting, key=lambda g: (g not in sides, self.cells[g], g)))
                changed = True
        return changed

    def _beside(self, groups: Collection[int]) -> dict[int, dict[int, int]]:
        """Return what shares sides of cells with each of some groups, and how many (公共边)."""
        beside: dict[int, dict[int, int]] = {g: {} for g in groups}
        roots = self.roots()
        lone = np.isin(roots, list(beside))
        near = self.touching[(lone[self.touching[:, 0]] | lone[self.touching[:, 1]]) & (self.touching[:, 2] > 0)]
        for one, other, sides in near.tolist():
            a, b = int(roots[one]), int(roots[other])
            for group, unit in ((a, b), (b, a)):
                if group in beside and a != b:
                    beside[group][unit] = beside[group].get(unit, 0) + sides
        return beside

    def _backwards(self) -> None:
        """Join what is small and leaves the land to the unit with which it has most sides in common."""
        behind = self._beside([g for g in self.small() if self.border[g] == 1])
        aside: dict[int, int] = {}
        for group, beside in behind.items():
            own = self.cells[group]
            for unit in (self.find(u) for u in sorted(beside, key=lambda u: (-beside[u], u)) if u not in behind):
                whole, taken = own + self.cells[unit], own + aside.get(unit, 0)
                if whole <= self.limits.maximum and taken <= self.limits.side_share * whole:
                    aside[self.join(group, unit)] = taken
                    break

    def links(self) -> tuple[dict[int, int], dict[int, list[int]]]:
        """Return the one group that all water of a group enters, and the groups that enter each such (水流相连)."""
        roots = self.roots()
        held = np.asarray(self.cells)[roots] > 0
        into = self.pieces.into
        crossing = np.flatnonzero((roots != roots[into]) & held)
        pairs = np.unique(np.column_stack([roots[crossing], roots[into[crossing]]]), axis=0)
        sources, counts = np.unique(pairs[:, 0], return_counts=True)
        single = pairs[np.isin(pairs[:, 0], sources[counts == 1]) & (pairs[:, 1] > 0)]
        below = {int(a): int(b) for a, b in single}
        above: dict[int, list[int]] = {}
        for a, b in below.items():
            above.setdefault(b, []).append(a)
        return below, above


def _nearer(rank: Rank, other: Rank | None) -> Rank:
    """Return the nearness of two groups from that of their parts: the nearest outlets, all common sides."""
    return rank if other is None else (min(rank[0], other[0]), rank[1] + other[1])
