"""
The parts of a zone in one tile: what they count, and the edges that bound them (分幅斑块).

A *part* is a 4-connected set of zone cells of one county; a *component* is a 4-connected set of zone cells of any
county. The minimum area is asked of the component, and the patch is drawn by county: both are kept apart here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.zoning import _labelling_kernels as labelling
from shuibao.zoning import _tracing_kernels as tracing

LAND_CODES = 32
"""Land-class codes that are counted: 0 (missing) to 31."""

MICRO_DEGREES = {"rad": 1e6 * 180.0 / np.pi, "deg": 1e6}
"""Millionths of a degree in one unit of slope: slopes are summed as integers, so that order cannot matter."""

SlopeUnit = Literal["rad", "deg"]


@dataclass(frozen=True)
class TilePatches:
    """
    The parts of a zone that one tile saw (一幅内的斑块部分). Small, picklable, and all that joining needs.

    Attributes
    ----------
    tile : Grid
        The tile without its halo.
    component : (parts,) int32
        Lowest part, from 0, of the component within the tile.
    county : (parts,) int32
        County index, from 1.
    first : (parts, 2) int32
        National row and column of the first cell, north to south and then west to east.
    cells, slope_sum, slope_cells : (parts,) int64
        Cells; sum of slope, millionths of a degree; cells whose slope is not missing.
    land_cells : (parts, 32) int32
        Cells by land-class code; 0 is missing.
    north, south, west, east : (cols,) or (rows,) int32
        Labels, part + 1, along the four border lines of the tile; 0 outside the parts.
    edges : (edges, 5) int32
        Part, national row and column of the corner where the edge begins, its length down and right, cells. The part
        lies on the left hand on a map with north up.
    """

    tile: Grid
    component: NDArray[np.int32]
    county: NDArray[np.int32]
    first: NDArray[np.int32]
    cells: NDArray[np.int64]
    slope_sum: NDArray[np.int64]
    slope_cells: NDArray[np.int64]
    land_cells: NDArray[np.int32]
    north: NDArray[np.int32]
    south: NDArray[np.int32]
    west: NDArray[np.int32]
    east: NDArray[np.int32]
    edges: NDArray[np.int32]

    @property
    def parts(self) -> int:
        """Return the number of parts; labels run from 1 to it."""
        return int(self.cells.size)


def tile_patches(
    zone: NDArray[Any],
    county: NDArray[Any],
    slope: NDArray[Any],
    land: NDArray[Any],
    tile: Grid,
    *,
    min_cells: int,
    slope_unit: SlopeUnit = "rad",
) -> tuple[TilePatches, NDArray[np.int32]]:
    """
    Find the parts of a zone in a tile, measure them and trace their edges (分幅提取斑块).

    Parameters
    ----------
    zone : (rows + 2, cols + 2) array of bool
        The cleaned zone with a halo of one cell, the same that the neighbouring tiles see.
    county : (rows + 2, cols + 2) array of int
        County index, from 1, in the order of the county codes; 0 outside every county: such a cell is not zone. Must be
        0 beyond the outermost tiles.
    slope : (rows, cols) array
        Slope angle, rad or deg as ``slope_unit`` says. NaN is left out of the mean.
    land : (rows, cols) array of uint8
        Land-class code; 0 missing. Codes from 32 up are not counted.
    tile : Grid
        The tile without its halo.
    min_cells : int
        A component that lies wholly inside the tile and has fewer cells is dropped here.
    slope_unit : {"rad", "deg"}
        Unit of ``slope``.

    Returns
    -------
    patches : TilePatches
        What :func:`join_patches` needs of this tile.
    labels : (rows, cols) int32 array
        Part + 1 of each cell; 0 where there is no zone or its component was dropped.

    Raises
    ------
    ShuibaoError
        If the shapes do not fit the tile.
    """
    _check_shapes(zone, county, slope, land, tile)
    runs = _runs(np.multiply(np.asarray(zone, np.bool_), county), tile)
    component = _components(runs)
    label, kept = _chosen(runs, component, min_cells)
    label_of_run = label[runs.part]
    labels = np.zeros(tile.shape, np.int32)
    begin = np.zeros((kept, 2), np.int32)
    cells, slope_sum, slope_cells = (np.zeros(kept, np.int64) for _ in range(3))
    land_cells = np.zeros((kept, LAND_CODES), np.int32)
    labelling.count_parts(
        runs.row_runs, runs.first, runs.last, label_of_run, slope, MICRO_DEGREES[slope_unit], land,
        labels, begin, cells, slope_sum, slope_cells, land_cells,
    )  # fmt: skip
    patches = TilePatches(
        tile=tile,
        component=label[component[label > 0]] - np.int32(1),
        county=runs.ground[begin[:, 0] + 1, begin[:, 1] + 1].astype(np.int32),
        first=begin + np.array([tile.row, tile.col], np.int32),
        cells=cells,
        slope_sum=slope_sum,
        slope_cells=slope_cells,
        land_cells=land_cells,
        north=labels[0].copy(),
        south=labels[-1].copy(),
        west=labels[:, 0].copy(),
        east=labels[:, -1].copy(),
        edges=_edges(runs, label_of_run, tile),
    )
    return patches, labels


@dataclass(frozen=True)
class _Runs:
    """The runs of zone cells of a tile, row by row; ``ground`` is the county index where there is zone, else 0."""

    ground: NDArray[Any]
    row_runs: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    part: NDArray[np.int32]


def _runs(ground: NDArray[Any], tile: Grid) -> _Runs:
    """Find the runs; the part of each is still to be numbered."""
    row_runs = np.empty(tile.rows + 1, np.int32)
    room = np.empty((2, tile.rows * tile.cols), np.int32)  # only what is written takes memory
    count = labelling.find_runs(ground, row_runs, room[0], room[1])
    first, last = room[:, :count].copy()
    return _Runs(ground, row_runs, first, last, np.empty(count, np.int32))


def _components(runs: _Runs) -> NDArray[np.int32]:
    """Number the part of each run; return the component, its lowest part, of each part."""
    same = np.arange(runs.first.size, dtype=np.int32)
    whole = same.copy()
    labelling.join_runs(runs.ground, runs.row_runs, runs.first, runs.last, same, whole)
    component = np.empty(runs.first.size, np.int32)
    return component[: labelling.number_parts(same, whole, runs.part, component)]


def _chosen(runs: _Runs, component: NDArray[np.int32], min_cells: int) -> tuple[NDArray[np.int32], int]:
    """Label the parts of the components that are large enough or leave the tile; return labels and their count."""
    cells = np.zeros(component.size, np.int64)
    leaves = np.zeros(component.size, np.uint8)
    labelling.measure_components(
        runs.ground, runs.row_runs, runs.first, runs.last, runs.part, component, cells, leaves
    )  # fmt: skip
    label = np.empty(component.size, np.int32)
    return label, labelling.choose_parts(component, cells, leaves, min_cells, label)


def _edges(runs: _Runs, label_of_run: NDArray[np.int32], tile: Grid) -> NDArray[np.int32]:
    """Return the edges of the labelled runs, in national rows and columns."""
    labelled = int(np.count_nonzero(label_of_run))
    edges = np.empty((8 * labelled + 2 * tile.cols, 5), np.int32)  # two upright, at most three level ones a side
    west, east = np.full((2, tile.cols), -1, np.int32)
    count = tracing.tile_edges(runs.ground, runs.row_runs, runs.first, runs.last, label_of_run, west, east, edges)
    traced: NDArray[np.int32] = edges[:count].copy()
    traced[:, 1] += np.int32(tile.row)
    traced[:, 2] += np.int32(tile.col)
    return traced


def _check_shapes(zone: Any, county: Any, slope: Any, land: Any, tile: Grid) -> None:
    """Refuse arrays that do not lie on the tile."""
    haloed = tile.grown(1).shape
    for name, array, shape in (
        ("zone", zone, haloed),
        ("county", county, haloed),
        ("slope", slope, tile.shape),
        ("land", land, tile.shape),
    ):
        if array.shape != shape:
            zh = f"{name} 的大小为 {array.shape}，该图幅应为 {shape}（zone、county 含 1 个像元的加边）；请按图幅裁切。"
            en = f"{name} has shape {array.shape}, the tile needs {shape} (zone, county: with a halo of 1); cut it so."
            raise ShuibaoError(zh, en)
