"""
What is done to one tile in each pass over a grid too large for memory (分幅步骤).

Every pass reads what the passes before it left, and writes what it tells the others last: a tile whose word is there is
done, and a killed run goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.terrain import _filling_kernels as filling_kernels
from shuibao.terrain.filling import TileRim, tile_basins
from shuibao.terrain.routing import EdgeFlats, FlatLines, route_tile, weights_of
from shuibao.terrain.tiling import Ring, Tiling
from shuibao.watershed import _tiled_kernels as kernels
from shuibao.watershed.drainage import OUTLET
from shuibao.watershed.partition import join_touching
from shuibao.watershed.scratch import Scratch, pack_lines, unpack_lines, unpack_ring


class Ground(Protocol):
    """Something that knows the elevation anywhere (高程来源)."""

    def read(self, grid: Grid) -> NDArray[Any]:
        """Return the elevation, m, NaN where missing."""
        ...


class Sink(Protocol):
    """Something that takes finished rasters, tile by tile, in any order (成果去处)."""

    def take(self, name: str, tile: Grid, cells: NDArray[Any]) -> None:
        """Take the tile of a raster; it may be given again after an interruption."""
        ...


@dataclass(frozen=True)
class Works:
    """
    What all tiles of a chain share; it can be sent to another process (共同参数).

    Parameters
    ----------
    grid : Grid
        Extent.
    size : int
        Side of a tile, cells.
    ground : Ground
        Elevation to drain, as it is to be filled.
    scratch : Scratch
        Where passes leave their results.
    sink : Sink, optional
        Takes ``dem_filled`` (float32, m), ``flow_direction`` (uint8 D8 codes) and ``contributing_area`` (float32, m²).
    """

    grid: Grid
    size: int
    ground: Ground
    scratch: Scratch
    sink: Sink | None = None

    def __post_init__(self) -> None:
        """Refuse tiles without cells (检查)."""
        _ = self.tiling

    @property
    def tiling(self) -> Tiling:
        """Return how the grid is cut: as :meth:`Grid.tiles` cuts it (分幅方式)."""
        return Tiling(self.grid.rows, self.grid.cols, self.size, self.grid.row, self.grid.col)

    def tile(self, number: int) -> Grid:
        """Return a tile (图幅)."""
        rows, cols = self.tiling.window(number)
        grid = self.grid
        return Grid(
            grid.cell, grid.row + rows.start, grid.col + cols.start, rows.stop - rows.start, cols.stop - cols.start,
            grid.projection,
        )  # fmt: skip

    def give(self, name: str, number: int, cells: NDArray[Any]) -> None:
        """Hand a finished tile on (交出)."""
        if self.sink is not None:
            self.sink.take(name, self.tile(number), cells)


def basins_pass(works: Works, number: int) -> Path:
    """Find the local basins of a tile and keep what the others must know (局部盆地)."""
    _, rim = tile_basins(_ground(works, number))
    return works.scratch.keep(
        "rim", number, count=rim.count, left=rim.left, right=rim.right, level=rim.level,
        **pack_lines("heights", rim.heights), **pack_lines("labels", rim.labels),
    )  # fmt: skip


def rim_of(works: Works, number: int) -> TileRim:
    """Return what a tile told of its basins (读取摘要)."""
    kept = works.scratch.kept("rim", number)
    heights, labels = unpack_lines("heights", kept), unpack_lines("labels", kept)
    return TileRim(heights, labels, int(kept["count"]), kept["left"], kept["right"], kept["level"])


def fill_pass(works: Works, number: int) -> Path:
    """Fill a tile, route it as far as it can tell by itself, and keep the distances along its border (填洼与初步流向)."""
    ground = _ground(works, number)
    known = works.scratch.kept("flood", number)
    basins, _ = tile_basins(ground)
    filled = np.empty_like(ground)
    filling_kernels.raise_to(ground, basins.basin, basins.levels(known["levels"]), filled)
    del basins, ground
    works.scratch.put("filled", number, filled)
    works.give("dem_filled", number, filled)
    code = np.empty(filled.shape, dtype=np.uint8)
    ground = unpack_ring("heights", known).around(filled)
    flats = route_tile(ground, weights_of(works.grid.cell, filled.dtype), code)
    works.scratch.put("code", number, code)
    works.scratch.keep("flats", number, **flats.packed())
    return _tell(works, 0, number, flats.told())


def flats_pass(works: Works, number: int, round_: int) -> Path:
    """Shorten the distances in a tile's border flats by what the others told last (第 n 轮平地距离)."""
    tile = works.tile(number)
    ground = np.full((tile.rows + 2, tile.cols + 2), np.nan)  # inside it is not looked at, and level with nothing
    known = works.scratch.kept("flood", number)
    lines = unpack_lines("filled", known)
    ground[1, 1:-1], ground[-2, 1:-1], ground[1:-1, 1], ground[1:-1, -2] = (
        lines.north, lines.south, lines.west, lines.east,
    )  # fmt: skip
    unpack_ring("heights", known).put(ground)
    flats = _edge_flats(works, number)
    flats.approach(_heard(works, number, round_), ground)
    return _tell(works, round_, number, flats.told())


def cross_pass(works: Works, number: int, round_: int) -> Path:
    """Write the directions in a tile's border flats, given what the others told at last (平地流向)."""
    filled = works.scratch.get("filled", number)
    ground = unpack_ring("heights", works.scratch.kept("flood", number)).around(filled)
    rings = _heard(works, number, round_)
    code = works.scratch.get("code", number)
    flats = _edge_flats(works, number)
    flats.approach(rings, ground)
    flats.cross(rings, ground, code)
    works.scratch.put("code", number, code)
    return works.scratch.keep("crossed", number, round=round_)


def _edge_flats(works: Works, number: int) -> EdgeFlats:
    kept, tile = works.scratch.kept("flats", number), works.tile(number)
    return EdgeFlats.of(tile.shape, kept["cells"], kept["low"], kept["high"])


def _heard(works: Works, number: int, round_: int) -> tuple[Ring, Ring]:
    heard = works.scratch.kept(f"heard-{round_}", number)
    return unpack_ring("low", heard), unpack_ring("high", heard)


def told_of(works: Works, number: int, round_: int) -> FlatLines:
    """Return the distances that a tile told in a round (读取边界距离)."""
    kept = works.scratch.kept(f"told-{round_}", number)
    return FlatLines(unpack_lines("low", kept), unpack_lines("high", kept), bool(kept["touching"]))


def exits_pass(works: Works, number: int) -> Path:
    """Find where water that enters a tile leaves it, and how much of its own goes with it (出流)."""
    code = works.scratch.get("code", number)
    works.give("flow_direction", number, code)
    border = border_places(code)
    exits = np.empty(border.size, dtype=np.int32)
    kernels.find_exits(code, border, exits)
    area = (code != 0).astype(np.int64)
    kernels.gather(code, np.empty(code.shape, dtype=np.uint8), area)
    return works.scratch.keep(
        "exits", number, border=border, exits=exits, area=area.ravel()[border], code=code.ravel()[border]
    )


def border_places(code: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the land cells along the border of a tile, as flat places, ascending (边界陆地像元)."""
    inside = np.zeros(code.shape, dtype=np.bool_)
    inside[1:-1, 1:-1] = True
    return np.flatnonzero((code != 0) & ~inside).astype(np.int32)


def area_pass(works: Works, number: int, threshold: int) -> Path:
    """Accumulate a tile with what flows into it, and keep its channels and outlets (汇流累积)."""
    code = works.scratch.get("code", number)
    inflow = works.scratch.kept("inflow", number)
    area = (code != 0).astype(np.int64)
    area.ravel()[inflow["place"]] += inflow["amount"]
    kernels.gather(code, np.empty(code.shape, dtype=np.uint8), area)
    if works.sink is not None:
        square_metres = (area * works.grid.cell_area).astype(np.float32)
        square_metres[code == 0] = np.nan
        works.give("contributing_area", number, square_metres)
    channel, outlet = np.flatnonzero(area >= threshold), np.flatnonzero(code == OUTLET)
    return works.scratch.keep(
        "channels", number,
        cell=whole_places(works, number, channel), cells=area.ravel()[channel], code=code.ravel()[channel],
        outlet=whole_places(works, number, outlet), outlet_cells=area.ravel()[outlet],
    )  # fmt: skip


def whole_places(works: Works, number: int, places: NDArray[Any]) -> NDArray[np.int64]:
    """Return flat places in a tile as flat places in the whole grid (全图像元号)."""
    rows, cols = works.tiling.window(number)
    row, col = np.divmod(places.astype(np.int64), cols.stop - cols.start)
    return (rows.start + row) * works.grid.cols + cols.start + col


def border_pieces_pass(works: Works, number: int) -> Path:
    """Follow the water from the cells on a tile's border to a piece, or out of the tile (边界归属)."""
    code = works.scratch.get("code", number)
    border = border_places(code)
    rows, cols = code.shape
    placed = ((border // cols + 1) * (cols + 2) + border % cols + 1).astype(np.int32)
    label = _painted(works, number, code, None, placed)
    found = label.ravel()[placed]
    beyond = found < 0
    place = -found[beyond].astype(np.int64) - 1  # in the padded tile
    row, col = np.divmod(place, cols + 2)
    found[beyond] = -((row - 1) * cols + col - 1) - 1
    return works.scratch.keep("met", number, found=found)


def pieces_pass(works: Works, number: int) -> Path:
    """Paint the pieces of a tile, and keep how many cells each has and which touch (着色)."""
    code = works.scratch.get("code", number)
    known = unpack_ring("piece", works.scratch.kept("around", number))
    label = _painted(works, number, code, known, np.empty(0, dtype=np.int32))
    known.put(label)
    works.scratch.put("piece", number, label[1:-1, 1:-1])
    counts = np.bincount(label[1:-1, 1:-1].ravel())
    piece = np.flatnonzero(counts)
    cells = counts[piece]
    return works.scratch.keep("painted", number, piece=piece, cells=cells, touching=_touching(label))


def _touching(label: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the pairs of pieces that touch in a tile within its ring; each seam is seen from the north or west only."""
    pairs = np.empty((kernels.count_touching(label) + 1, 3), dtype=np.int64)
    return join_touching([pairs[: kernels.list_touching(label, pairs)]])


def units_pass(works: Works, number: int, units: NDArray[np.int32]) -> NDArray[np.int32]:
    """
    Return the small watershed of each cell of a tile, and hand it on as ``watersheds`` (小流域).

    Parameters
    ----------
    works : Works
        The chain.
    number : int
        The tile.
    units : (pieces + 1,) int32 array
        Unit of each piece; 0 for none.
    """
    pieces = works.scratch.get("piece", number)
    out = np.empty(pieces.shape, dtype=np.int32)
    kernels.renumber(pieces, units, out)
    works.give("watersheds", number, out)
    return out


def _painted(
    works: Works, number: int, code: NDArray[np.uint8], around: Ring | None, border: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the pieces of a tile within a ring; of its border only, negative where they are not known, without ``around``."""
    seeds = works.scratch.kept("seeds", number)
    shape = (code.shape[0] + 2, code.shape[1] + 2)
    codes = np.zeros(shape, dtype=np.uint8)
    codes[1:-1, 1:-1] = code
    codes[seeds["row"], seeds["col"]] = seeds["code"]
    seed = np.full(shape, -1, dtype=np.int32)
    seed[seeds["row"], seeds["col"]] = np.arange(seeds["row"].size, dtype=np.int32)
    known = np.zeros(shape, dtype=np.int32)
    if around is not None:
        around.put(known)
    label = np.zeros(shape, dtype=np.int32)
    kernels.paint_tile(
        codes, seed, known, seeds["left"], seeds["right"], seeds["upstream"], label, around is None, border
    )
    return label


def _tell(works: Works, round_: int, number: int, told: FlatLines) -> Path:
    return works.scratch.keep(
        f"told-{round_}", number, touching=told.touching, **pack_lines("low", told.low), **pack_lines("high", told.high)
    )


def _ground(works: Works, number: int) -> NDArray[Any]:
    """Return the elevation of a tile; refuse infinite heights."""
    tile = works.tile(number)
    ground = works.ground.read(tile)
    infinite = np.isinf(ground)
    if infinite.any():
        row, col = np.argwhere(infinite)[0]
        east, north = tile.left + (col + 0.5) * tile.cell, tile.top - (row + 0.5) * tile.cell
        raise ShuibaoError(
            f"高程在东 {east:.0f} m、北 {north:.0f} m 处为无穷大（该图幅共 {int(infinite.sum())} 个）；请改为缺测或真实高程。",
            f"the elevation at {east:.0f} m east, {north:.0f} m north is infinite ({int(infinite.sum())} such cells in this "
            "tile); make them missing or give the real heights.",
        )
    return ground
