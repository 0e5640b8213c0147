"""Masks, counties and tilings to draw from, and the slow plain way to the same answers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.zoning import Patches, TilePatches, join_patches, tile_patches

CELL = 30.0


@st.composite
def masks(draw: st.DrawFn, most: int = 24) -> NDArray[np.bool_]:
    """Return a mask: noise of some density, a checkerboard, or nested rings, with noise flipped into it."""
    rows, cols = draw(st.integers(1, most)), draw(st.integers(1, most))
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    noise = seed.random((rows, cols))
    r, c = np.indices((rows, cols))
    kind = draw(st.sampled_from(["noise", "checkerboard", "rings", "full"]))
    if kind == "noise":
        return noise < draw(st.sampled_from([0.2, 0.45, 0.6, 0.8, 0.95]))
    base = {
        "checkerboard": (r + c) % 2 == 0,
        "rings": np.maximum(abs(r - rows // 2), abs(c - cols // 2)) % 2 == 0,
        "full": np.ones((rows, cols), bool),
    }[kind]
    return base ^ (noise < draw(st.sampled_from([0.0, 0.05, 0.15])))


@st.composite
def lands(draw: st.DrawFn, most: int = 24) -> Land:
    """Return a region: zone, county, slope, land class, and where on the national grid it lies."""
    zone = draw(masks(most))
    county = draw(arrays(np.int32, zone.shape, elements=st.integers(0, 3), fill=st.just(1)))
    if draw(st.booleans()):  # large counties, as they are
        county = np.where(np.arange(zone.shape[1]) < zone.shape[1] // 2, 1, 2) * np.ones(zone.shape, np.int32)
    seed = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    slope = seed.random(zone.shape, dtype=np.float32)
    slope[seed.random(zone.shape) < 0.05] = np.nan
    land = seed.integers(0, 22, zone.shape, dtype=np.uint8)
    row, col = draw(st.integers(-900, -100)), draw(st.integers(100, 900))  # inside one tile of 1000
    return Land(zone, county.astype(np.int32), slope, land, Grid(CELL, row, col, *zone.shape))


class Land:
    """A small region held whole, to be cut into tiles."""

    def __init__(self, zone, county, slope, land, grid):  # type: ignore[no-untyped-def]
        self.zone, self.county, self.slope, self.land, self.grid = zone, county, slope, land, grid

    def tiles(self, size: int, min_cells: int) -> list[tuple[Grid, TilePatches, NDArray[np.int32]]]:
        """Return each tile with what was found in it."""
        haloed = self.grid.grown(1)
        zone, county = np.pad(self.zone, 1), np.pad(self.county, 1)
        found = []
        for tile in self.grid.tiles(size):
            halo, core = tile.grown(1).inside(haloed), tile.inside(self.grid)
            patches, labels = tile_patches(
                zone[halo], county[halo], self.slope[core], self.land[core], tile, min_cells=min_cells
            )
            found.append((tile, patches, labels))
        return found

    def joined(self, size: int, min_cells: int) -> tuple[Patches, NDArray[np.bool_]]:
        """Return the patches joined from tiles of a size, and the mask of the cells that were kept."""
        found = self.tiles(size, min_cells)
        patches = join_patches([p for _, p, _ in found], min_cells=min_cells, cell=CELL)
        mask = np.zeros(self.grid.shape, bool)
        for (tile, _, labels), kept in zip(found, patches.kept, strict=True):
            mask[tile.inside(self.grid)] = kept[labels]
        return patches, mask
