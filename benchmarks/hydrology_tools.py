"""
The tools that the hydrology benchmark compares, each behind the same four operations (参比软件的适配).

This file runs inside each tool's own Python, with numpy and that tool and nothing else (hydrology_worker.py). ``load``
is outside the times; where a tool works on files, its reading and writing of those files is inside.

Results are given in one form: filled surface, float with NaN where missing; direction, 1..8 clockwise from east, 9
where water leaves or no direction is given, 0 missing; contributing area in cells, 0 missing; labels, 0 none.
"""

# ruff: noqa: D102 (each operation is described once, in Tool)

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

CELL = 10.0
OPERATIONS = ("fill", "direction", "accumulation", "basins")


class Tool:
    """
    A tool: ``load``, and the operations, each building on what those before it left on ``self``.

    ``fill``: the surface from which water can leave; ``direction``: D8 with flats; ``order``: cells from upstream to
    downstream, where a tool does that apart; ``accumulation``: contributing area; ``basins``: sub-basins of channels that
    begin at ``threshold`` cells of area.
    """

    results: ClassVar[dict[str, tuple[str, ...]]] = {
        "fill": ("filled",), "direction": ("directions",), "accumulation": ("area",), "basins": ("labels",),
    }  # fmt: skip
    """What each operation leaves, so that it can be dropped before the operation is repeated."""
    offers: ClassVar[tuple[str, ...]] = OPERATIONS
    chain: ClassVar[tuple[str, ...]] = OPERATIONS
    """The shortest way from elevation to basins."""
    separate: ClassVar[tuple[str, ...]] = ()
    """Operations of ``offers`` to be timed after the chain, because the chain does not need them."""

    def __init__(self, work: Path, threshold: int) -> None:
        self.work, self.threshold = work, threshold
        work.mkdir(parents=True, exist_ok=True)

    def drop(self, operation: str) -> None:
        """Forget what an operation left."""
        for name in self.results[operation]:
            self.__dict__.pop(name, None)

    def surface(self) -> Any:
        """Return the filled surface."""
        return self.filled  # type: ignore[attr-defined]

    def direction_codes(self) -> Any:
        """Return the directions, or None if they cannot be had."""
        return None

    def cells(self) -> Any:
        """Return the contributing area, cells."""
        return self.area  # type: ignore[attr-defined]

    def label(self) -> Any:
        """Return the sub-basins."""
        return self.labels  # type: ignore[attr-defined]


def from_esri(codes: Any, missing: Any) -> Any:
    """Turn the powers of two 1 E, 2 SE, 4 S, ... 128 NE into 1..8, everything else into 9, missing into 0."""
    out = np.full(codes.shape, 9, dtype=np.uint8)
    for k in range(8):
        out[codes == 2**k] = k + 1
    out[missing] = 0
    return out


def on_disk(path: Path) -> Any:
    """Read a raster with whatever this Python has."""
    from osgeo import gdal

    gdal.UseExceptions()
    return gdal.Open(str(path)).ReadAsArray()


class Shuibao(Tool):
    """shuibao, in memory."""

    results: ClassVar[dict[str, tuple[str, ...]]] = {**Tool.results, "order": ("drainage",)}
    offers = chain = ("fill", "direction", "order", "accumulation", "basins")

    def load(self, npy: Path, tif: Path) -> None:
        self.elevation = np.load(npy)

    def fill(self) -> None:
        from shuibao.terrain import fill_depressions

        self.filled = fill_depressions(self.elevation)

    def direction(self) -> None:
        from shuibao.terrain import route

        self.directions = route(self.filled, CELL)

    def order(self) -> None:
        from shuibao.watershed import Drainage

        self.drainage = Drainage.from_directions(self.directions, CELL)

    def accumulation(self) -> None:
        from shuibao.watershed import contributing_area

        self.area = contributing_area(self.drainage)

    def basins(self) -> None:
        from shuibao.watershed import Channels, links_of_channels

        channels = Channels.from_arrays(self.directions, self.area, self.threshold)
        self.labels = links_of_channels(channels, CELL).catchments(self.drainage)

    def direction_codes(self) -> Any:
        return self.directions

    def cells(self) -> Any:
        return np.where(self.directions > 0, self.area, 0)


class TopoToolbox(Tool):
    """topotoolbox: FlowObject fills, carves flats and sorts in one; ``fill`` alone is not part of its chain."""

    chain = ("direction", "accumulation", "basins")
    separate = ("fill",)

    def load(self, npy: Path, tif: Path) -> None:
        import topotoolbox

        self.grid = topotoolbox.GridObject()
        self.grid.z, self.grid.cellsize = np.load(npy), CELL

    def fill(self) -> None:
        self.filled = self.grid.fillsinks()

    def direction(self) -> None:
        import topotoolbox

        self.directions = topotoolbox.FlowObject(self.grid)

    def accumulation(self) -> None:
        self.area = self.directions.flow_accumulation()

    def basins(self) -> None:
        import topotoolbox

        flow = self.directions
        streams = topotoolbox.StreamObject(flow, stream_pixels=np.asarray(self.area.z >= self.threshold))
        ends = streams.streampoi("bconfluences") | streams.streampoi("outlets")
        self.labels = flow.drainagebasins(outlets=streams.stream[ends])

    def surface(self) -> Any:
        return self.filled.z

    def direction_codes(self) -> Any:
        return from_esri(self.directions.direction, np.isnan(self.grid.z))

    def cells(self) -> Any:
        return np.where(np.isnan(self.grid.z), 0, self.area.z)

    def label(self) -> Any:
        return self.labels.z


class Whitebox(Tool):
    """whitebox-workflows, rasters in its memory store: its chain fills with ``fix_flats``, which grades the flats."""

    results: ClassVar[dict[str, tuple[str, ...]]] = {
        "graded": ("surface_graded",), "fill": ("filled",), "direction": ("directions",), "accumulation": ("area",),
        "basins": ("labels", "streams"),
    }  # fmt: skip
    offers = ("graded", *OPERATIONS)
    chain = ("graded", "direction", "accumulation", "basins")
    separate = ("fill",)

    def load(self, npy: Path, tif: Path) -> None:
        import whitebox_workflows

        self.environment = whitebox_workflows.WbEnvironment()
        self.environment.verbose = False
        self.water = self.environment.hydrology
        self.dem = self.environment.read_raster(str(tif), "m")

    def drop(self, operation: str) -> None:
        for name in self.results[operation]:
            if name in self.__dict__:
                self.environment.remove_raster_from_memory(self.__dict__.pop(name))

    def fill(self) -> None:
        self.filled = self.water.fill_depressions(dem=self.dem, fix_flats=False)

    def graded(self) -> None:
        self.surface_graded = self.water.fill_depressions(dem=self.dem, fix_flats=True)

    def direction(self) -> None:
        self.directions = self.water.d8_pointer(dem=self.surface_graded, esri_pntr=True)

    def accumulation(self) -> None:
        self.area = self.water.d8_flow_accum(
            input=self.directions, out_type="cells", input_is_pointer=True, esri_pntr=True
        )

    def basins(self) -> None:
        self.streams = self.environment.streams.extract_streams(
            flow_accumulation=self.area, threshold=float(self.threshold)
        )
        self.labels = self.water.subbasins(d8_pntr=self.directions, streams=self.streams, esri_pntr=True)

    def _missing(self) -> Any:
        return self.dem.to_numpy() == -9999.0

    def surface(self) -> Any:
        return np.where(self._missing(), np.nan, self.filled.to_numpy())

    def direction_codes(self) -> Any:
        return from_esri(self.directions.to_numpy(), self._missing())

    def cells(self) -> Any:
        return np.where(self._missing(), 0, self.area.to_numpy())

    def label(self) -> Any:
        found = self.labels.to_numpy()
        return np.where(found > 0, found, 0)


class PyFlwDir(Tool):
    """pyflwdir: filling gives directions at once; ``order`` parses them."""

    results: ClassVar[dict[str, tuple[str, ...]]] = {
        "fill": ("filled", "directions"), "order": ("network",), "accumulation": ("area",), "basins": ("labels",),
    }  # fmt: skip
    offers = chain = ("fill", "order", "accumulation", "basins")

    def load(self, npy: Path, tif: Path) -> None:
        elevation = np.load(npy)
        elevation[np.isnan(elevation)] = -9999.0
        self.elevation = elevation

    def fill(self) -> None:
        from pyflwdir.dem import fill_depressions

        self.filled, self.directions = fill_depressions(self.elevation, nodata=-9999.0, outlets="edge")

    def order(self) -> None:
        import pyflwdir
        from affine import Affine

        place = Affine(CELL, 0.0, 0.0, 0.0, -CELL, 0.0)
        self.network = pyflwdir.from_array(self.directions, ftype="d8", check_ftype=False, transform=place)
        self.network.order_cells()

    def accumulation(self) -> None:
        self.area = self.network.upstream_area("cell")

    def basins(self) -> None:
        self.labels, _ = self.network.subbasins_area(float(self.threshold), uparea=self.area)

    def surface(self) -> Any:
        return np.where(self.elevation == -9999.0, np.nan, self.filled)

    def direction_codes(self) -> Any:
        return from_esri(self.directions, self.elevation == -9999.0)

    def cells(self) -> Any:
        return np.maximum(self.area, 0)


class PySheds(Tool):
    """pysheds: pits, depressions, flats, directions, accumulation; it has no sub-basins."""

    offers = ("fill", "direction", "accumulation")
    chain = ("fill", "direction", "accumulation")
    results: ClassVar[dict[str, tuple[str, ...]]] = {**Tool.results, "direction": ("directions", "inflated")}

    def load(self, npy: Path, tif: Path) -> None:
        from affine import Affine
        from pysheds.grid import Grid
        from pysheds.view import Raster, ViewFinder

        elevation = np.load(npy)
        elevation[np.isnan(elevation)] = -9999.0  # NaN would leave flats beside missing cells without a way out
        place = Affine(CELL, 0.0, 0.0, 0.0, -CELL, 0.0)
        view = ViewFinder(affine=place, shape=elevation.shape, nodata=np.float32(-9999.0))
        self.dem = Raster(elevation, view)
        self.grid = Grid.from_raster(self.dem)

    def fill(self) -> None:
        self.filled = self.grid.fill_depressions(self.grid.fill_pits(self.dem))

    def direction(self) -> None:
        self.inflated = self.grid.resolve_flats(self.filled)
        self.directions = self.grid.flowdir(self.inflated)

    def accumulation(self) -> None:
        self.area = self.grid.accumulation(self.directions)

    def surface(self) -> Any:
        return np.where(self._missing(), np.nan, np.asarray(self.filled))

    def _missing(self) -> Any:
        return np.asarray(self.dem) == -9999.0

    def direction_codes(self) -> Any:
        return from_esri(np.asarray(self.directions), self._missing())

    def cells(self) -> Any:
        return np.where(self._missing(), 0, np.asarray(self.area))


class Overflow(Tool):
    """overflow-hydro, tiled, from file to file."""

    results: ClassVar[dict[str, tuple[str, ...]]] = {name: () for name in OPERATIONS}

    def load(self, npy: Path, tif: Path) -> None:
        from osgeo import gdal

        if not hasattr(gdal.Dataset, "Close"):  # before GDAL 3.8
            gdal.Dataset.Close = lambda dataset: dataset.FlushCache()
        self.dem = str(tif)
        rows = np.load(npy, mmap_mode="r").shape[0]
        self.tile = 2048 if rows > 2048 else rows // 2  # several tiles at any size, so that all is compiled

    def _path(self, name: str) -> str:
        return str(self.work / name)

    def fill(self) -> None:
        import overflow

        overflow.fill(self.dem, self._path("filled.tif"), chunk_size=self.tile, working_dir=str(self.work))

    def direction(self) -> None:
        import overflow

        overflow.flow_direction(
            self._path("filled.tif"), self._path("directions.tif"), chunk_size=self.tile, working_dir=str(self.work)
        )

    def accumulation(self) -> None:
        import overflow

        overflow.accumulation(self._path("directions.tif"), self._path("area.tif"), chunk_size=self.tile)

    def basins(self) -> None:
        import overflow

        folder = self.work / "streams"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        overflow.streams(
            self._path("area.tif"), self._path("directions.tif"), str(folder), self.threshold, chunk_size=self.tile
        )
        points = str(folder / "streams.gpkg")
        overflow.basins(
            self._path("directions.tif"), points, self._path("labels.tif"), chunk_size=self.tile, layer_name="junctions"
        )

    def _missing(self) -> Any:
        return on_disk(Path(self.dem)) == -9999.0

    def surface(self) -> Any:
        return np.where(self._missing(), np.nan, on_disk(self.work / "filled.tif"))

    def direction_codes(self) -> Any:
        codes = on_disk(self.work / "directions.tif")
        out = np.where(codes < 8, (8 - codes.astype(np.int16)) % 8 + 1, 9).astype(np.uint8)
        out[self._missing()] = 0
        return out

    def cells(self) -> Any:
        return np.where(self._missing(), 0, on_disk(self.work / "area.tif"))

    def label(self) -> Any:
        return on_disk(self.work / "labels.tif")
