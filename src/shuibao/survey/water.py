"""Water and small watersheds: the step before the land is measured (水系与小流域步骤)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.coverage import TileBoundaries, tile_boundaries
from shuibao.ground.grid import Grid
from shuibao.rules import Rules
from shuibao.survey.counties import Counties
from shuibao.survey.draining import RasterParts, drained_ground, rivers_of
from shuibao.survey.executing import Crew
from shuibao.survey.plan import Water
from shuibao.survey.region import Region
from shuibao.survey.watershed_tables import Drawn, scheme_name, write_watersheds
from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.county_cut import join_counts
from shuibao.watershed.limits import Limits, sliver_cells
from shuibao.watershed.partition import delineate
from shuibao.watershed.scratch import Scratch, key_of, unpack_ring
from shuibao.watershed.small_watersheds import Reason, SmallWatersheds, WatershedType, compose
from shuibao.watershed.tile_passes import Works, units_pass
from shuibao.watershed.tiled import TiledWater
from shuibao.watershed.watershed_codes import longest_code

PASSES = 10
"""Passes over the tiles that progress is told of; rounds over flats count as one."""


@dataclass(frozen=True)
class UnitsTask:
    """
    What the last pass over the tiles does: small watersheds, their counts and borders (小流域出图).

    Parameters
    ----------
    works : Works
        The chain.
    units : (pieces + 1,) int32 array
        Unit of each piece.
    counties : Counties
        Counties of the region.
    """

    works: Works
    units: NDArray[np.int32]
    counties: Counties

    def __call__(self, number: int) -> Path:
        """
        Hand on the tile's small watersheds, and keep counts by county and borders (一幅).

        Parameters
        ----------
        number : int
            The tile.
        """
        works, tile = self.works, self.works.tile(number)
        unit = np.zeros((tile.rows + 2, tile.cols + 2), dtype=np.int32)
        unpack_ring("piece", works.scratch.kept("around", number)).put(unit)
        unit = self.units[unit]
        unit[1:-1, 1:-1] = units_pass(works, number, self.units)
        county = self.counties.on(tile.grown(1)).astype(np.int32)
        part = unit * (len(self.counties.codes) + 1) + county
        counts = _counted(part[1:-1, 1:-1])
        part[(county == 0) | (unit == 0)] = 0
        borders = tile_boundaries(part, tile)
        return works.scratch.keep(
            "units", number, part=counts[0], cells=counts[1], corners=borders.corners, end=borders.end,
            left=borders.left, right=borders.right,
        )  # fmt: skip


def _counted(labels: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the labels of a tile and the cells of each; runs are counted, which are few."""
    flat = labels.ravel()
    first = np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1])
    length = np.diff(np.append(first, flat.size))
    found, where = np.unique(flat[first], return_inverse=True)
    cells = np.zeros(found.size, dtype=np.int64)
    np.add.at(cells, where, length)
    return found, cells


@dataclass(frozen=True)
class WaterStep:
    """
    All that the step needs (步骤参数).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Counties of the region.
    grid : Grid
        Extent of the products.
    folder : Path
        Where tiles leave their parts.
    tags : mapping of str to str
        Provenance.
    crew : Crew
        Who computes.
    progress : callable
        Told how much is done, and how much there is.
    """

    region: Region
    rules: Rules
    counties: Counties
    grid: Grid
    folder: Path
    tags: Mapping[str, str]
    crew: Crew
    progress: Callable[[int, int], None]

    def run(self) -> tuple[list[Path], dict[str, Any]]:
        """Lead the water, draw the small watersheds, write the products and return them with a summary (执行)."""
        self._refuse_early()
        rivers = rivers_of(self.region, self.grid)
        parts = RasterParts.of(self.region, self.folder, self.tags)
        ground = drained_ground(self.region, self.rules, self.grid, rivers)
        works = Works(self.grid, self.region.tile, ground, Scratch(self.folder), parts)
        water = TiledWater(works, self.crew.each_done, self._pass)
        limits = Limits.from_rules(self.rules, self.grid.cell_area)
        channels, outlets = water.drain(limits.channel)
        units = self._drawn(water, channels, outlets, limits)
        counts, borders = self._painted(works, units)
        rasters = parts.join(self.region.products, self.grid, list(self.grid.tiles(self.region.tile)))
        drawn = Drawn(units, channels, counts, borders, rivers)
        vectors, words = write_watersheds(self.region, self.rules, self.counties, self.grid, drawn, self.tags)
        return [*rasters, *vectors], words | summary_of(units, outlets, self.grid)

    def _refuse_early(self) -> None:
        """Refuse rules that only the tables would stumble on, after all tiles are done."""
        sliver_cells(self.rules, self.grid.cell_area)
        longest_code(self.rules, scheme_name(self.region))

    def _drawn(self, water: TiledWater, channels: Channels, outlets: Outlets, limits: Limits) -> SmallWatersheds:
        partition = delineate(channels, outlets, limits)
        cells, touching = water.paint(partition, channels)
        return compose(partition, channels, outlets, cells, touching)

    def _painted(self, works: Works, units: SmallWatersheds) -> tuple[NDArray[np.int64], list[TileBoundaries]]:
        """Return the cells of each unit in each county, and the borders between the parts."""
        tiles = range(len(works.tiling))
        outlines = np.frombuffer(
            shapely.to_wkb(shapely.GeometryCollection(list(self.counties.geometry))), dtype=np.uint8
        )
        works.scratch.serve("units", key_of(units.unit_of_piece, self.counties.codes, outlines))
        left = [i for i in tiles if not works.scratch.has("units", i)]
        task = UnitsTask(works, units.unit_of_piece, self.counties)
        for done, _ in enumerate(self.crew.each_done(task, left), start=1):
            self._pass("units", len(tiles) - len(left) + done, len(tiles))
        counts, borders = [], []
        for i in tiles:
            kept = works.scratch.kept("units", i)
            unit, county = np.divmod(kept["part"].astype(np.int64), len(self.counties.codes) + 1)
            counts.append(np.column_stack([unit, county, kept["cells"]]))
            borders.append(TileBoundaries(works.tile(i), kept["corners"], kept["end"], kept["left"], kept["right"]))
        return join_counts(counts), borders

    def _pass(self, word: str, done: int, total: int) -> None:
        order = ("rim", "told-0", "told-1", "crossed", "exits", "channels", "met", "painted", "units")
        name = "told-1" if word.startswith("told-") and word != "told-0" else word
        if total:
            self.progress((order.index(name) * total + done) * 100 // (PASSES * total), 100)


def summary_of(units: SmallWatersheds, outlets: Outlets, grid: Grid) -> dict[str, Any]:
    """
    Return what the record says of the small watersheds (小流域摘要).

    Parameters
    ----------
    units : SmallWatersheds
        Small watersheds of the whole grid.
    outlets : Outlets
        Where water leaves the land.
    grid : Grid
        Extent.
    """
    area = grid.cell_area / 1e6
    limits = units.limits
    within = units.reason == Reason.WITHIN
    return {
        "watersheds": units.number,
        "types": {kind.name.lower(): int(np.count_nonzero(units.type == kind)) for kind in WatershedType},
        "limits_km2": [limits.minimum * area, limits.maximum * area],
        "within_limits": [int(np.count_nonzero(within)), float(units.cells[within].sum() * area)],
        "outside_limits": {
            reason.name.lower(): [count, cells * area] for reason, (count, cells) in units.outside().items()
        },
        "land_km2": float(outlets.cells.sum() * area),
        "outlets": int(outlets.cell.size),
    }


def water_of(region: Region, rules: Rules, codes: Sequence[str]) -> Water:
    """
    Return what the pass over the land needs of the water (供一遍过地用的水系成果).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    codes : sequence of str
        Code of each small watershed, from number 1.
    """
    suffix = ".tif" if region.layout == "whole" else ".vrt"
    channel = float(rules.value("slope_length.channel_area"))
    return Water(
        watersheds=region.products / f"watersheds{suffix}",
        area=region.products / f"contributing_area{suffix}",
        codes=tuple(codes),
        channel_area=channel if channel > 0 else None,
    )
