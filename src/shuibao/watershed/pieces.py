"""The pieces that small watersheds are joined from, and the cells they are painted from (单元片与着色种子)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.watershed._partition_kernels import on_the_right
from shuibao.watershed.channels import Channels, Outlets


class PieceKind(IntEnum):
    """What a piece is (单元片类别)."""

    BASIN = 1  # 河道断面以上未被划走的部分
    LEFT_BANK = 2  # 大河左岸坡面，含河道像元
    RIGHT_BANK = 3  # 大河右岸坡面
    SLOPE = 4  # 不经河道直接流出陆地的坡面


@dataclass(frozen=True, eq=False)
class Seeds:
    """
    Cells from which the pieces are painted: all channel cells, and outlets without a channel (着色种子).

    Attributes
    ----------
    cell : (s,) int64 array
        Flat index on the whole grid, ascending.
    left, right : (s,) int32 array
        Piece on its left and right bank, looking downstream. They differ only on large rivers.
    upstream : (s,) uint8 array
        D8 code from the cell to its main upstream channel neighbour; 0 where there is none.
    """

    cell: NDArray[np.int64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    upstream: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Pieces:
    """
    The pieces 1..P of the land before they are joined; row 0 stands for no piece (单元片).

    Attributes
    ----------
    kind : (P + 1,) uint8 array
        :class:`PieceKind`.
    exit : (P + 1,) int64 array
        Flat index of the cell at its lower end: its cross-section, the last cell of its bank, or the outlet.
    through : (P + 1,) int64 array
        Contributing area at that cell, cells; 0 for a right bank, which does not hold its river.
    into : (P + 1,) int32 array
        Piece that its water enters next; 0 where it leaves the land.
    border : (P + 1,) int32 array
        What it drains to: 0 a channel inside the land, 1 out of the land, from 2 on one bank of one large river.
    station : (P + 1,) int32 array
        Place along the large rivers that it drains to: numbers follow each other along a river; -1 on none.
    cells : (P + 1,) int64 array
        Its area, cells; -1 where only painting will tell (banks).
    """

    kind: NDArray[np.uint8]
    exit: NDArray[np.int64]
    through: NDArray[np.int64]
    into: NDArray[np.int32]
    border: NDArray[np.int32]
    station: NDArray[np.int32]
    cells: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cuts:
    """
    Where the channels are cut, before the pieces have a table (切割结果).

    Pieces are numbered: basins from the mouths up, then left and right bank of each station, then slopes.

    Attributes
    ----------
    channels, outlets : Channels, Outlets
        What was cut.
    main : (n,) int64 array
        Position of the largest tributary of each channel cell, -1 at heads.
    unit : (n,) int32 array
        Basin of each channel cell, 1..``basins``; 0 on large rivers.
    basins : int
        How many basins there are.
    station, stem : (n,) int32 array
        Station and large river of each channel cell; station -1 elsewhere.
    stations : int
        How many stations there are.
    """

    channels: Channels
    outlets: Outlets
    main: NDArray[np.int64]
    unit: NDArray[np.int32]
    basins: int
    station: NDArray[np.int32]
    stem: NDArray[np.int32]
    stations: int

    @cached_property
    def lone(self) -> NDArray[np.bool_]:
        """Which outlets have no channel (无河道出口)."""
        return ~np.isin(self.outlets.cell, self.channels.cell, assume_unique=True)

    @cached_property
    def home(self) -> NDArray[np.int64]:
        """Piece that holds each channel cell: its basin, or the left bank of its station (像元所属片)."""
        return np.where(self.station >= 0, self.left_bank(self.station), self.unit).astype(np.int64)

    def left_bank(self, station: NDArray[Any]) -> NDArray[np.int64]:
        """Return the piece that is the left bank of each station; the right bank is the next (左岸片号)."""
        return self.basins + 1 + 2 * np.asarray(station, dtype=np.int64)

    def seeds(self) -> Seeds:
        """Return the seeds in the order of their cells (着色种子)."""
        upstream = np.zeros(self.main.size, dtype=np.uint8)
        fed = self.main >= 0
        upstream[fed] = _back(self.channels.direction[self.main[fed]])
        slopes = self.basins + 2 * self.stations + 1 + np.arange(np.count_nonzero(self.lone))
        cell = np.concatenate([self.channels.cell, self.outlets.cell[self.lone]])
        order = np.argsort(cell, kind="stable")
        return Seeds(
            cell[order],
            np.concatenate([self.home, slopes])[order].astype(np.int32),
            np.concatenate([self.home + (self.station >= 0), slopes])[order].astype(np.int32),
            np.concatenate([upstream, np.zeros(slopes.size, dtype=np.uint8)])[order],
        )

    def pieces(self, ends: NDArray[np.bool_], carried: NDArray[np.int64]) -> Pieces:
        """
        Return the table of the pieces (单元片表).

        Parameters
        ----------
        ends : (n,) bool array
            Where basins end.
        carried : (n,) int64 array
            Area of the basin that ends there, cells.
        """
        parts = [_no_piece(), self._basins(np.flatnonzero(ends), carried), self._banks(), self._slopes()]
        columns = (np.concatenate([part[k] for part in parts]) for k in range(len(_COLUMN_TYPES)))
        return Pieces(*(column.astype(kind) for column, kind in zip(columns, _COLUMN_TYPES, strict=True)))

    def _basins(self, at: NDArray[np.int64], carried: NDArray[np.int64]) -> list[NDArray[Any]]:
        """Return the columns of the basins."""
        channels = self.channels
        at = at[np.argsort(self.unit[at])]
        below = channels.receiver[at]
        leaves = below == at
        onto = np.where(leaves, -1, self.station[below])
        side = np.zeros(at.size, dtype=np.int64)
        for k in np.flatnonzero((onto >= 0) & (self.main[below] != at)):
            up = int(_back(channels.direction[self.main[below[k]]]))
            from_ = int(_back(channels.direction[at[k]]))
            side[k] = on_the_right(from_, up, int(channels.direction[below[k]]))
        border = np.where(leaves, 1, np.where(onto >= 0, _bank_of(self.stem[below], side), 0))
        into = np.where(leaves, 0, self.home[below])
        kind = np.full(at.size, PieceKind.BASIN)
        return [kind, channels.cell[at], channels.cells[at], into, border, onto, carried[at]]

    def _banks(self) -> list[NDArray[Any]]:
        """Return the columns of the banks: left and right of each station in turn."""
        channels = self.channels
        river = np.flatnonzero(self.station >= 0)
        river = river[np.argsort(channels.cells[river], kind="stable")]
        last = np.zeros(self.stations, dtype=np.int64)
        last[self.station[river]] = river  # the one written last is the lowest of its station
        below = channels.receiver[last]
        station = np.arange(self.stations)
        left_into = np.where(below == last, 0, self.home[below])
        columns = [
            (np.full(self.stations, PieceKind.LEFT_BANK), np.full(self.stations, PieceKind.RIGHT_BANK)),
            (channels.cell[last], channels.cell[last]),
            (channels.cells[last], np.zeros(self.stations)),
            (left_into, self.left_bank(station)),
            (_bank_of(self.stem[last], 0), _bank_of(self.stem[last], 1)),
            (station, station),
            (np.full(self.stations, -1), np.full(self.stations, -1)),
        ]
        return [np.stack(pair, axis=1).astype(np.int64).ravel() for pair in columns]

    def _slopes(self) -> list[NDArray[Any]]:
        """Return the columns of the outlets without a channel."""
        cell, cells = self.outlets.cell[self.lone], self.outlets.cells[self.lone]
        same = np.ones(cell.size, dtype=np.int64)
        return [PieceKind.SLOPE * same, cell, cells, 0 * same, same, -same, cells]


_COLUMN_TYPES = (np.uint8, np.int64, np.int64, np.int32, np.int32, np.int32, np.int64)


def _no_piece() -> list[NDArray[Any]]:
    """Return the columns of row 0."""
    return [np.array([value], dtype=np.int64) for value in (0, -1, 0, 0, 0, -1, 0)]


def _bank_of(stem: NDArray[Any], side: Any) -> NDArray[np.int64]:
    """Return the border number of a bank of a large river."""
    return 2 + 2 * np.asarray(stem, dtype=np.int64) + side


def _back(code: NDArray[Any]) -> NDArray[Any]:
    """Return the D8 codes that point back."""
    return (np.asarray(code) + 3) % 8 + 1
