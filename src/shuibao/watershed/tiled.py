"""
Water over a grid too large for memory: passes over tiles, and between them a small graph solved in one place (分幅水文).

Filling follows Barnes (2016), contributing area Barnes (2017); flats and labels are made in the same way. Every result is
that of the whole grid, bit for bit, whatever the tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.terrain.filling import TileRim, flood_tiles
from shuibao.terrain.routing import FlatLines, rings_of, settle
from shuibao.terrain.tiling import Lines, on_threads
from shuibao.watershed import _tiled_kernels as kernels
from shuibao.watershed import tile_passes as passes
from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.drainage import OUTLET, steps
from shuibao.watershed.partition import Partition, join_touching
from shuibao.watershed.scratch import key_of, pack_lines
from shuibao.watershed.tile_passes import Works

EachDone = Callable[[Callable[[int], Any], Sequence[int]], Iterator[tuple[int, Any]]]
"""Does a task for each item, here or elsewhere, and yields (index, result) as they are done (执行者)."""

Progress = Callable[[str, int, int], None]
"""Told of a pass, how much of it is done, and how much there is."""


def here(task: Callable[[int], Any], items: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """Do tasks on threads of this process (本机线程)."""
    yield from enumerate(on_threads(task, items))


@dataclass
class TiledWater:
    """
    The chain over tiles: fill, route, accumulate, then paint what was decided on the channels (分幅水文链).

    What an earlier chain left in the folder is taken up as far as it was made for the same grid, tiles, threshold and
    partition; the rest is made anew. The folder is for one ground.

    Parameters
    ----------
    works : Works
        Grid, elevation, and where results are left.
    each_done : callable, optional
        Where tiles are computed; threads of this process if not given.
    progress : callable, optional
        Told how far each pass is.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from pathlib import Path
    >>> from shuibao.ground.grid import Grid
    >>> from shuibao.watershed.scratch import Scratch
    >>> class Slope:  # falls eastward
    ...     def read(self, grid):
    ...         return np.tile(-np.arange(grid.col, grid.col + grid.cols, dtype=np.float32), (grid.rows, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     works = Works(Grid(10.0, 0, 0, 4, 6), 3, Slope(), Scratch(Path(folder)))
    ...     channels, outlets = TiledWater(works).drain(threshold=5)
    >>> outlets.cells.tolist(), channels.cells.tolist()
    ([6, 6, 6, 6], [5, 6, 5, 6, 5, 6, 5, 6])
    """

    works: Works
    each_done: EachDone = here
    progress: Progress = field(default=lambda name, done, total: None)

    def drain(self, threshold: int) -> tuple[Channels, Outlets]:
        """
        Fill, route and accumulate, and return the channels and outlets of the land (填洼、流向、汇流).

        Parameters
        ----------
        threshold : int
            The least contributing area of a channel, cells.
        """
        works = self.works
        works.scratch.serve("land", key_of(works.grid, works.grid.projection, works.size))
        self._pass("rim", passes.basins_pass)
        self._flood()
        self._pass("told-0", passes.fill_pass)
        self._route()
        self._pass("exits", passes.exits_pass)
        self._pour()
        works.scratch.serve("channels", key_of(threshold))
        self._pass("channels", partial(passes.area_pass, threshold=threshold))
        return self._channels(threshold)

    def paint(self, partition: Partition, channels: Channels) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """
        Paint the pieces of a partition on all tiles; return their cells and which touch (着色).

        Parameters
        ----------
        partition : Partition
            Made of the channels and outlets that :meth:`drain` returned.
        channels : Channels
            Those channels.

        Returns
        -------
        cells : (pieces + 1,) int64 array
            Cells of each piece.
        touching : (m, 3) int64 array
            As :func:`shuibao.watershed.partition.touching` lists them.
        """
        seeds = partition.seeds
        key = key_of(seeds.cell, seeds.left, seeds.right, seeds.upstream, channels.cell, channels.direction)
        self.works.scratch.serve("pieces", key)
        self._sow(partition, channels)
        self._pass("met", passes.border_pieces_pass)
        self._hand_round()
        self._pass("painted", passes.pieces_pass)
        cells = np.zeros(partition.number + 1, dtype=np.int64)
        touching = []
        for i in range(len(self.works.tiling)):
            kept = self.works.scratch.kept("painted", i)
            cells[kept["piece"]] += kept["cells"]
            touching.append(kept["touching"])
        return cells, join_touching(touching)

    def _pass(self, word: str, task: Callable[[Works, int], Any], tiles: Sequence[int] | None = None) -> None:
        """Do a task for each tile that has not kept its word yet."""
        some = range(len(self.works.tiling)) if tiles is None else tiles
        left = [i for i in some if not self.works.scratch.has(word, i)]
        self.progress(word, len(some) - len(left), len(some))
        for done, _ in enumerate(self.each_done(partial(task, self.works), left), start=1):
            self.progress(word, len(some) - len(left) + done, len(some))

    def _flood(self) -> None:
        """Solve the graph of all tiles' basins, and tell each tile its levels and the filled heights around it."""
        scratch, tiling = self.works.scratch, self.works.tiling
        if scratch.has("flood", len(tiling) - 1):
            return
        rims = [passes.rim_of(self.works, i) for i in range(len(tiling))]
        levels = flood_tiles(tiling, rims)
        filled = [_filled_lines(rim, level) for rim, level in zip(rims, levels, strict=True)]
        for i, level in enumerate(levels):
            ring = tiling.ring(i, lambda other: filled[other], level.dtype.type(np.nan))
            scratch.keep("flood", i, levels=level, **pack_lines("heights", ring), **pack_lines("filled", filled[i]))

    def _route(self) -> None:
        """Let tiles tell each other of the flats on their borders until nothing changes, then cross those flats."""
        works, round_ = self.works, 0

        def again(tiles: Sequence[int], lines: Sequence[FlatLines]) -> list[FlatLines]:
            nonlocal round_
            round_ += 1
            self._report_lines(f"heard-{round_}", tiles, lines)
            self._pass(f"told-{round_}", partial(passes.flats_pass, round_=round_), tiles)
            return [passes.told_of(works, i, round_) for i in tiles]

        lines = settle(works.tiling, [passes.told_of(works, i, 0) for i in range(len(works.tiling))], again)
        touching = [i for i, told in enumerate(lines) if told.touching]
        self._report_lines(f"heard-{round_ + 1}", touching, lines)
        self._pass("crossed", partial(passes.cross_pass, round_=round_ + 1), touching)

    def _report_lines(self, word: str, tiles: Sequence[int], lines: Sequence[FlatLines]) -> None:
        """Give tiles the distances around them."""
        for i in tiles:
            if not self.works.scratch.has(word, i):
                low, high = rings_of(self.works.tiling, i, lines)
                self.works.scratch.keep(word, i, **pack_lines("low", low), **pack_lines("high", high))

    def _pour(self) -> None:
        """Solve the graph of what flows from tile to tile, and tell each tile what flows into it."""
        works = self.works
        if works.scratch.has("inflow", len(works.tiling) - 1):
            return
        borders = _Borders.of(works)
        amount = borders.gathered()
        into = borders.leaves_to[borders.leaving]
        inflow = np.zeros(borders.cell.size, dtype=np.int64)
        np.add.at(inflow, into, amount[borders.leaving])
        for i in range(len(works.tiling)):
            here_ = borders.of_tile(i)
            some = inflow[here_] > 0
            works.scratch.keep("inflow", i, place=borders.place[here_][some], amount=inflow[here_][some])

    def _channels(self, threshold: int) -> tuple[Channels, Outlets]:
        kept = [self.works.scratch.kept("channels", i) for i in range(len(self.works.tiling))]
        cell, cells, code, outlet, outlet_cells = (
            np.concatenate([tile[name] for tile in kept])
            for name in ("cell", "cells", "code", "outlet", "outlet_cells")
        )
        order = np.argsort(outlet, kind="stable")
        channels = Channels.from_cells(self.works.grid.shape, cell, cells, code, threshold)
        return channels, Outlets(outlet[order], outlet_cells[order])

    def _sow(self, partition: Partition, channels: Channels) -> None:
        """Give each tile the seeds in it and in the ring around it."""
        works, seeds = self.works, partition.seeds
        if works.scratch.has("seeds", len(works.tiling) - 1):
            return
        code = np.full(seeds.cell.size, OUTLET, dtype=np.uint8)
        code[np.searchsorted(seeds.cell, channels.cell)] = channels.direction
        cols = works.grid.cols
        for i in range(len(works.tiling)):
            down, across = works.tiling.window(i)
            rows = np.arange(max(down.start - 1, 0), min(down.stop + 1, works.grid.rows), dtype=np.int64)
            first = np.searchsorted(seeds.cell, rows * cols + max(across.start - 1, 0))
            last = np.searchsorted(seeds.cell, rows * cols + min(across.stop + 1, cols))
            at = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
            row, col = np.divmod(seeds.cell[at], cols)
            works.scratch.keep(
                "seeds", i, row=row - down.start + 1, col=col - across.start + 1, code=code[at],
                left=seeds.left[at], right=seeds.right[at], upstream=seeds.upstream[at],
            )  # fmt: skip

    def _hand_round(self) -> None:
        """Find the piece of every cell on a border, and tell each tile those around it."""
        works = self.works
        if works.scratch.has("around", len(works.tiling) - 1):
            return
        borders = _Borders.of(works)
        label = borders.labelled([works.scratch.kept("met", i)["found"] for i in range(len(works.tiling))])
        lines = [borders.lines(works, i, label) for i in range(len(works.tiling))]
        for i in range(len(works.tiling)):
            ring = works.tiling.ring(i, lambda other: lines[other], np.int32(0))
            works.scratch.keep("around", i, **pack_lines("piece", ring))


@dataclass(frozen=True)
class _Borders:
    """
    The land cells along the borders of all tiles, tile by tile.

    ``cell`` is their place in the whole grid and ``place`` that in their tile; ``exit`` the position in these arrays of the cell
    where their water leaves the tile, -1 if it does not; ``leaving`` tells whether it leaves here, for ``leaves_to``; ``area``
    is what the tile itself gathers there, cells.
    """

    first: NDArray[np.int64]
    cell: NDArray[np.int64]
    place: NDArray[np.int32]
    exit: NDArray[np.int64]
    leaving: NDArray[np.bool_]
    leaves_to: NDArray[np.int64]
    area: NDArray[np.int64]

    @classmethod
    def of(cls, works: Works) -> _Borders:
        kept = [works.scratch.kept("exits", i) for i in range(len(works.tiling))]
        first = np.concatenate([[0], np.cumsum([tile["border"].size for tile in kept])])
        place = np.concatenate([tile["border"] for tile in kept])
        cell = np.concatenate([passes.whole_places(works, i, tile["border"]) for i, tile in enumerate(kept)])
        code = np.concatenate([tile["code"] for tile in kept])
        exits = [
            np.where(tile["exits"] >= 0, first[i] + np.searchsorted(tile["border"], tile["exits"]), -1)
            for i, tile in enumerate(kept)
        ]
        exit_ = np.concatenate(exits).astype(np.int64)
        leaving = exit_ == np.arange(exit_.size)
        order = np.argsort(cell, kind="stable")
        target = cell + steps(works.grid.cols)[np.minimum(code, OUTLET)]
        found = np.minimum(np.searchsorted(cell, target, sorter=order), max(cell.size - 1, 0))
        leaves_to = np.where(leaving, order[found] if cell.size else 0, -1)
        return cls(first, cell, place, exit_, leaving, leaves_to, np.concatenate([tile["area"] for tile in kept]))

    def of_tile(self, tile: int) -> slice:
        return slice(int(self.first[tile]), int(self.first[tile + 1]))

    @property
    def down(self) -> NDArray[np.int64]:
        """Where water goes from each cell: over the border where it leaves, else to its exit; -1 if it ends."""
        return np.where(self.leaving, self.leaves_to, self.exit)

    def gathered(self) -> NDArray[np.int64]:
        """Return the contributing area of the cells where water leaves a tile."""
        amount = np.where(self.leaving, self.area, 0)
        kernels.add_down(self.down, amount)
        return amount

    def labelled(self, met: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
        """Return the piece of every cell, given those met inside their tile; negative ones leave it."""
        found = np.concatenate(met)
        label = np.maximum(found, 0).astype(np.int32)
        kernels.hand_up(self.down, label)
        return label

    def lines(self, works: Works, tile: int, label: NDArray[np.int32]) -> Lines:
        """Return the labels along the border of a tile; 0 where missing."""
        rows, cols = works.tiling.shape(tile)
        row, col = np.divmod(self.place[self.of_tile(tile)], cols)
        value = label[self.of_tile(tile)]
        lines = Lines(*(np.zeros(n, dtype=np.int32) for n in (cols, cols, rows, rows)))
        for line, on, along in (
            (lines.north, row == 0, col), (lines.south, row == rows - 1, col),
            (lines.west, col == 0, row), (lines.east, col == cols - 1, row),
        ):  # fmt: skip
            line[along[on]] = value[on]
        return lines


def _filled_lines(rim: TileRim, levels: NDArray[Any]) -> Lines:
    """Return the filled heights along the border of a tile; NaN where missing."""
    sides = ("north", "south", "west", "east")
    pairs = [(getattr(rim.heights, side), getattr(rim.labels, side)) for side in sides]
    return Lines(*(np.maximum(height, levels[np.maximum(label, 0)]) for height, label in pairs))
