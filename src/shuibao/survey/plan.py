"""All that a tile's task needs to know, in one object that can be sent to another process (计算方案)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.cover import LandCover
from shuibao.erosion.flow_paths import FlowTables
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource
from shuibao.ground.tiff import Look
from shuibao.survey.counties import Counties
from shuibao.zoning.steep_slope import SteepSlopeRule

PRODUCTS = ("slope", "ls", "soil_loss", "intensity")
"""Rasters that the pass writes."""


@dataclass(frozen=True)
class Water:
    """
    What the pass over the land takes from the hydrology before it (水文步骤的成果).

    Parameters
    ----------
    watersheds : Path
        Raster of the number of each cell's small watershed, int32; 0 none.
    area : Path
        Raster of contributing area, m²; NaN where missing.
    codes : tuple of str
        Code of each small watershed, by number from 1.
    channel_area : float or None
        Contributing area from which a cell is a channel that ends slope lengths, m²; 0 or None for no such end.
    """

    watersheds: Path
    area: Path
    codes: tuple[str, ...]
    channel_area: float | None = None


@dataclass(frozen=True)
class Plan:
    """
    What the one pass over the land reads, computes and writes (一次遍历的计算方案).

    Parameters
    ----------
    grid : Grid
        Extent of the products.
    counties : Counties
        Counties, by number from 1.
    dem, erosivity, erodibility : RasterSource or float
        Elevation, m; R; K. A number stands for the same value everywhere.
    land : RasterSource or int
        Land classes.
    vegetation : RasterSource tuple
        B of shrub, grass and forest, and the mean cover, on a grid of its own.
    vegetation_cell : int
        Width of a cell of that grid, cells.
    measures, tillage : RasterSource or None
        Codes of engineering measures and of tillage.
    watersheds : RasterSource or None
        Numbers of the small watersheds, int32.
    watershed_codes : tuple of str
        Code of each small watershed, by number from 1.
    contributing_area : RasterSource or None
        Contributing area, m²; None where slope lengths do not end at channels.
    channel_area : float
        Contributing area from which a cell is a channel, m²; 0 for no channels.
    tables : FlowTables
        Look-up tables of L and S.
    land_cover : LandCover
        How each land class comes by its B.
    measure_factors, tillage_factors : (256,) arrays
        E and T by code.
    slope_edges, cover_edges, loss_edges : arrays
        Class edges: tangents, shares, t/(km²·a).
    steep : SteepSlopeRule
        Rule of the steep-slope zone.
    halo : int
        Cells around a tile whose elevation can matter to it.
    zone_halo : int
        Cells around a tile whose slope and land can matter to the zone in it.
    looks : mapping of str to Look
        How each product is stored.
    folder : Path
        Where tiles' parts are put.
    layout : {"whole", "tiles"}
        One COG a product, or one a tile.
    """

    grid: Grid
    counties: Counties
    dem: RasterSource
    land: RasterSource | int
    erosivity: RasterSource | float
    erodibility: RasterSource | float
    vegetation: tuple[RasterSource, ...]
    vegetation_cell: int
    measures: RasterSource | None
    tillage: RasterSource | None
    watersheds: RasterSource | None
    watershed_codes: tuple[str, ...]
    contributing_area: RasterSource | None
    channel_area: float
    tables: FlowTables
    land_cover: LandCover
    measure_factors: NDArray[np.float64]
    tillage_factors: NDArray[np.float64]
    slope_edges: NDArray[np.float64]
    cover_edges: NDArray[np.float64]
    loss_edges: NDArray[np.float64]
    steep: SteepSlopeRule
    halo: int
    zone_halo: int
    looks: Mapping[str, Look]
    folder: Path
    layout: str

    @property
    def land_key_size(self) -> int:
        """Return how many keys a land class of a county has: slope x cover x class (每地类键数)."""
        return (self.slope_edges.size + 2) * (self.cover_edges.size + 2) * 7

    def part(self, product: str, tile: Grid) -> Path:
        """Return the part file of a product's tile (分幅文件)."""
        return self.folder / f"{tile.name()}_{product}.part"

    def has_product(self, product: str, tile: Grid) -> bool:
        """Tell whether a tile's part is there, or has been moved to its place already (分幅是否齐全)."""
        part = self.part(product, tile)
        if self.layout != "tiles":
            return part.exists()
        moved = self.folder.parent / product / f"{tile.name()}.tif"
        return part.with_suffix(".tif").exists() or moved.exists()

    def counts(self, tile: Grid) -> Path:
        """Return the file of a tile's counts and zone parts; it is written last (分幅计数文件)."""
        return self.folder / f"{tile.name()}_counts.npz"


def tangents(degrees: list[float]) -> NDArray[np.float64]:
    """Return the tangents of angles in degrees (角度的正切)."""
    return np.array([math.tan(math.radians(d)) for d in degrees], dtype=np.float64)
