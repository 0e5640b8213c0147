"""The ground that water is led over, and where the rasters of water go (汇流用高程与成果去处)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.ground.cog import assemble, write_part
from shuibao.ground.grid import Grid
from shuibao.ground.lines import Rivers, rivers_on
from shuibao.ground.mosaic import write_mosaic
from shuibao.ground.reading import RasterSource
from shuibao.ground.tiff import Look
from shuibao.ground.writing import look_of
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.executing import processors
from shuibao.survey.inputs import path_of, quantity_source
from shuibao.survey.region import CONDITIONING, Region
from shuibao.survey.windows import READ_CACHE
from shuibao.terrain.breaching import breach_window, breaching_reach
from shuibao.terrain.conditioning import BreachLimits, breach_limits
from shuibao.terrain.stream_burning import burn_streams

WATER_RASTERS = {
    "dem_filled": (np.float32, "汇流用高程（已填洼）elevation from which all water leaves, m"),
    "flow_direction": (np.uint8, "流向 D8 code: 0 missing, 1 E, 2 SE, 3 S, 4 SW, 5 W, 6 NW, 7 N, 8 NE, 9 outlet"),
    "contributing_area": (np.float32, "汇水面积 contributing area, m2"),
    "watersheds": (np.int32, "小流域编号 number of the small watershed, 0 none"),
}
"""Rasters that the step writes: kind of number and band name."""


@dataclass(frozen=True)
class DrainedGround:
    """
    Elevation as water is to find it: rivers burned in, and dams breached where that is asked for (汇流用高程).

    Parameters
    ----------
    grid : Grid
        The land; beyond it there is nothing.
    dem : RasterSource
        Elevation, m.
    rivers : (n,) array of shapely geometry
        Rivers to burn in; none to burn nothing.
    depth : float
        How deep they are burned, m.
    limits : BreachLimits or None
        How breaching is limited; None to leave all pits to filling.
    """

    grid: Grid
    dem: RasterSource
    rivers: NDArray[Any]
    depth: float
    limits: BreachLimits | None

    def read(self, grid: Grid) -> NDArray[Any]:
        """
        Return the elevation on a part of the land, m, NaN where missing (读取).

        Parameters
        ----------
        grid : Grid
            A part of the land.
        """
        if self.limits is None:
            return self._burned(grid)
        window = _common(grid.grown(breaching_reach(self.limits["max_length_cells"])), self.grid)
        return breach_window(self._burned(window), grid.inside(window), grid.cell, **self.limits).elevation

    def _burned(self, grid: Grid) -> NDArray[Any]:
        with rasterio.Env(GDAL_CACHEMAX=READ_CACHE):
            ground = self.dem.read(grid)
        if not len(self.rivers):
            return ground
        return burn_streams(ground, self.rivers, grid, depth=self.depth, land=self.grid)


def _common(grid: Grid, land: Grid) -> Grid:
    """Return the part of a grid that lies in the land."""
    top, left = max(grid.row, land.row), max(grid.col, land.col)
    bottom, right = min(grid.row + grid.rows, land.row + land.rows), min(grid.col + grid.cols, land.col + land.cols)
    return Grid(grid.cell, top, left, bottom - top, right - left, grid.projection)


def rivers_of(region: Region, grid: Grid) -> Rivers | None:
    """
    Return the mapped rivers of a region, or None if it names none (读取河流).

    Parameters
    ----------
    region : Region
        The region folder.
    grid : Grid
        The land.
    """
    given = region.inputs.get("rivers")
    if given is None:
        return None
    return rivers_on(path_of(region, "rivers"), grid, layer=given.get("layer"), name_field=given.get("name"))


def drained_ground(region: Region, rules: Rules, grid: Grid, rivers: Rivers | None) -> DrainedGround:
    """
    Return the elevation that water is led over, as region.toml asks for it (汇流用高程).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    grid : Grid
        The land.
    rivers : Rivers or None
        Mapped rivers.

    Raises
    ------
    ShuibaoError
        If the depth to burn is not positive.
    """
    method = region.water.get("conditioning", CONDITIONING[0])
    given = region.inputs.get("rivers", {})
    depth = float(given.get("burn_depth", 0.0))
    if "burn_depth" in given and not depth > 0:
        raise ShuibaoError(
            f"inputs.rivers.burn_depth 为 {depth:g}，应为大于 0 的米数；不刻入河道就不要写它。",
            f"inputs.rivers.burn_depth is {depth:g}; it must be metres above 0. Leave it out to burn nothing.",
        )
    burned = rivers.lines if rivers is not None and depth > 0 else np.empty(0, dtype=object)
    limits = None if method == "fill" else breach_limits(rules, grid.cell, method)
    return DrainedGround(grid, quantity_source(region, "dem", grid), burned, depth, limits)


@dataclass(frozen=True)
class RasterParts:
    """
    Where tiles of the rasters of water are put until they are joined (分幅成果).

    Parameters
    ----------
    folder : Path
        Folder of the parts.
    looks : mapping of str to Look
        How each raster is stored.
    layout : {"whole", "tiles"}
        One COG a product, or one a tile.
    """

    folder: Path
    looks: Mapping[str, Look]
    layout: str

    @classmethod
    def of(cls, region: Region, folder: Path, tags: Mapping[str, str]) -> RasterParts:
        """
        Return the parts of a region's rasters (建立).

        Parameters
        ----------
        region : Region
            The region folder.
        folder : Path
            Folder of the parts.
        tags : mapping of str to str
            Provenance.
        """
        looks = {
            name: look_of(kind, tags=tags, description=description, codec=region.codec)
            for name, (kind, description) in WATER_RASTERS.items()
        }
        return cls(folder, looks, region.layout)

    def part(self, name: str, tile: Grid) -> Path:
        """Return the part file of a tile (分幅文件)."""
        return self.folder / f"{tile.name()}_{name}.part"

    def take(self, name: str, tile: Grid, cells: NDArray[Any]) -> None:
        """
        Write the part of a tile (写出分幅).

        Parameters
        ----------
        name : str
            Raster.
        tile : Grid
            The tile.
        cells : (rows, cols) array
            Its cells.
        """
        part, look = self.part(name, tile), self.looks[name]
        write_part(part, cells, look)
        if self.layout == "tiles":
            assemble(part.with_suffix(".tif"), tile, [(tile, part)], look)
            part.unlink()

    def join(self, products: Path, grid: Grid, tiles: Sequence[Grid]) -> list[Path]:
        """
        Join the parts into the rasters (拼接成果).

        Parameters
        ----------
        products : Path
            Folder of the products.
        grid : Grid
            Their extent.
        tiles : sequence of Grid
            All tiles.
        """

        def write(name: str) -> list[Path]:
            if self.layout == "tiles":
                return write_mosaic(products, name, grid, tiles, self.looks[name], self.folder)
            path = products / f"{name}.tif"
            assemble(path, grid, [(tile, self.part(name, tile)) for tile in tiles], self.looks[name])
            return [path]

        with ThreadPoolExecutor(processors()) as pool:
            return [path for written in pool.map(write, self.looks) for path in written]
