"""Counting what rasters hold inside a region, tile by tile, in bounded memory (栅格统计)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource
from shuibao.survey.counties import Counties

TILE = 1024
"""Side of the tiles that are read at a time, cells."""

FEW_CODES = 4096
"""Codes below this are counted by a table."""

STRIPE_CELLS, STRIPE_LENGTH = 8, 32
"""Rows without values are a stripe if there are at most as many together and they are at least as long (chosen)."""


@dataclass(frozen=True)
class Layer:
    """
    One band of an input, and how it is to be counted (待查图层).

    Parameters
    ----------
    where : str
        Field of ``region.toml``.
    label : str
        Name of the file, for messages.
    source : RasterSource
        The band, opened without crosswalk, in the unit of ``limits``.
    grid : Grid
        Cells it is read on.
    limits : (low, high)
        Values that are believed.
    everywhere : bool
        Whether values outside the region matter too, because the run reads them.
    rim : bool
        Whether a cell also needs its neighbours.
    """

    where: str
    label: str
    source: RasterSource
    grid: Grid
    limits: tuple[float, float] = (-np.inf, np.inf)
    everywhere: bool = False
    rim: bool = False


@dataclass
class Tally:
    """
    What a layer holds inside the region (图层统计).

    Parameters
    ----------
    counties : int
        Number of counties.
    cells : int
        Cells of the region.
    low, high : float
        Range of the values; infinite where there is none.
    outside : int
        Cells whose value is not believed.
    missing : (counties + 1,) array
        Cells without a value by county number.
    box : list of int
        First row, first column, last row and last column of those cells, national.
    centre : (2,) array
        Sum of the rows and of the columns of those cells.
    rim : int
        Cells that have a value but lack a neighbour's.
    codes : Counter
        Cells of each code, for layers of codes.
    known : int
        Cells that have a value; those outside the region too where they matter.
    total : float
        Sum of the values.
    broken : str
        Why a part of the file could not be read, or empty.
    level : int
        Cells of the region as high as their neighbour to the east, for layers whose neighbours matter.
    stripes : int
        Narrow bands without values across the region, as broken scan lines leave them, tile by tile.
    """

    counties: int
    cells: int = 0
    low: float = np.inf
    high: float = -np.inf
    outside: int = 0
    missing: NDArray[np.int64] = field(init=False)
    box: list[int] | None = None
    centre: NDArray[np.float64] = field(init=False)
    rim: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    known: int = 0
    total: float = 0.0
    broken: str = ""
    level: int = 0
    stripes: int = 0

    def __post_init__(self) -> None:
        self.missing = np.zeros(self.counties + 1, dtype=np.int64)
        self.centre = np.zeros(2)

    @property
    def gone(self) -> int:
        """Return how many cells of the region have no value."""
        return int(self.missing.sum())

    @property
    def share(self) -> float:
        """Return which share of the region has no value, 0-1."""
        return self.gone / self.cells if self.cells else 0.0

    @property
    def mean(self) -> float:
        """Return the mean of the values, NaN if there are none."""
        return self.total / self.known if self.known else np.nan

    def add(self, other: Tally) -> None:
        """Add the tally of another tile (合并)."""
        self.cells += other.cells
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.outside += other.outside
        self.missing += other.missing
        self.centre += other.centre
        self.rim += other.rim
        self.codes += other.codes
        self.known += other.known
        self.total += other.total
        self.broken = self.broken or other.broken
        self.level += other.level
        self.stripes += other.stripes
        if other.box is not None:
            mine = self.box or other.box
            first = [min(a, b) for a, b in zip(mine[:2], other.box[:2], strict=True)]
            self.box = first + [max(a, b) for a, b in zip(mine[2:], other.box[2:], strict=True)]


def tally_layers(layers: Sequence[Layer], counties: Counties, jobs: int) -> list[Tally]:
    """
    Count what each layer holds inside the region (统计各图层).

    Parameters
    ----------
    layers : sequence of Layer
        Layers; those on one grid are read tile by tile together.
    counties : Counties
        Counties of the region.
    jobs : int
        Threads.
    """
    tallies = [Tally(len(counties.codes)) for _ in layers]
    groups: dict[Grid, list[int]] = {}
    for number, layer in enumerate(layers):
        groups.setdefault(layer.grid, []).append(number)

    def look(task: tuple[Grid, list[int]]) -> list[Tally]:
        tile, numbers = task
        county = counties.on(tile)
        return [_read(layers[n], tile, county, len(counties.codes)) for n in numbers]

    tasks = [(tile, numbers) for grid, numbers in groups.items() for tile in grid.tiles(TILE)]
    with ThreadPoolExecutor(jobs) as pool:
        for (_, numbers), found in zip(tasks, pool.map(look, tasks), strict=True):
            for n, tally in zip(numbers, found, strict=True):
                tallies[n].add(tally)
    return tallies


def _read(layer: Layer, tile: Grid, county: NDArray[np.uint16], counties: int) -> Tally:
    try:
        return _look(layer, tile, county, counties)
    except rasterio.errors.RasterioError as error:
        return Tally(counties, broken=str(error))


def _look(layer: Layer, tile: Grid, county: NDArray[np.uint16], counties: int) -> Tally:
    tally = Tally(counties)
    inside = county > 0
    tally.cells = int(inside.sum())
    if not (tally.cells or layer.everywhere):
        return tally
    if layer.source.kind == "class":
        codes = layer.source.read(tile)
        tally.codes = counted(codes[inside])
        _note_missing(tally, (codes == 0) & inside, county, tile)
        return tally
    halo = 1 if layer.rim else 0
    values = layer.source.read(tile.grown(halo))
    gone = np.isnan(values)
    core = np.s_[halo : halo + tile.rows, halo : halo + tile.cols]
    if layer.rim:
        tally.level = int(((values[core] == values[1:-1, 2:]) & inside).sum())
    if layer.rim and gone.any():
        tally.rim = int((_touched(gone) & ~gone[core] & inside).sum())
        tally.stripes = stripes_of(gone[core], inside) + stripes_of(gone[core].T, inside.T)
    _note_missing(tally, gone[core] & inside, county, tile)
    known = values[core][~gone[core] if layer.everywhere else ~gone[core] & inside]
    if known.size:
        tally.low, tally.high = float(known.min()), float(known.max())
        low, high = layer.limits
        if tally.low < low or tally.high > high:
            tally.outside = int(((known < low) | (known > high)).sum())
        tally.known = int(known.size)
        tally.total = float(known.sum(dtype=np.float64))
    return tally


def counted(codes: NDArray[Any]) -> Counter[int]:
    """
    Return how many cells each code other than 0 has (代码计数).

    Parameters
    ----------
    codes : (n,) array of int
        Codes, 0 where missing.

    Examples
    --------
    >>> counted(np.array([0, 7, 7, -3]))
    Counter({7: 2, -3: 1})
    """
    few = (codes >= 0) & (codes < FEW_CODES)
    table = np.bincount(codes[few].ravel(), minlength=1)
    found: Counter[int] = Counter({int(k): int(table[k]) for k in np.flatnonzero(table) if k})
    if not few.all():
        names, numbers = np.unique(codes[~few], return_counts=True)
        found.update(dict(zip(names.tolist(), numbers.tolist(), strict=True)))
    return found


def _note_missing(tally: Tally, gone: NDArray[np.bool_], county: NDArray[np.uint16], tile: Grid) -> None:
    if not gone.any():
        return
    tally.missing = np.bincount(county[gone], minlength=tally.counties + 1).astype(np.int64)
    rows, cols = np.flatnonzero(gone.any(axis=1)), np.flatnonzero(gone.any(axis=0))
    tally.box = [int(rows[0]) + tile.row, int(cols[0]) + tile.col, int(rows[-1]) + tile.row, int(cols[-1]) + tile.col]
    by_row, by_col = gone.sum(axis=1), gone.sum(axis=0)
    tally.centre = np.array([
        float((by_row * (np.arange(tile.rows) + tile.row)).sum()),
        float((by_col * (np.arange(tile.cols) + tile.col)).sum()),
    ])  # fmt: skip


def _touched(gone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which inner cells have a missing cell among themselves and their eight neighbours."""
    wide = gone[:, :-2] | gone[:, 1:-1] | gone[:, 2:]
    return np.asarray(wide[:-2] | wide[1:-1] | wide[2:])


def stripes_of(gone: NDArray[np.bool_], inside: NDArray[np.bool_]) -> int:
    """
    Return how many narrow bands of rows lack most values, with rows that have them on both sides (条带数).

    Parameters
    ----------
    gone : (rows, cols) array of bool
        Cells without a value.
    inside : (rows, cols) array of bool
        Cells of the region.

    Examples
    --------
    >>> gone = np.zeros((9, 40), dtype=bool)
    >>> gone[[2, 3, 6]] = True
    >>> stripes_of(gone, ~np.zeros_like(gone)), stripes_of(gone.T, ~np.zeros_like(gone.T))
    (2, 0)
    """
    long = inside.sum(axis=1)
    lost = (2 * (gone & inside).sum(axis=1) > long)[long >= STRIPE_LENGTH]
    turns = np.flatnonzero(np.diff(lost.astype(np.int8)))
    if lost.size and lost[0]:
        turns = turns[1:]
    return int((np.diff(turns)[::2] <= STRIPE_CELLS).sum())
