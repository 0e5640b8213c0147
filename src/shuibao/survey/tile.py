"""One tile: read its windows, compute, count, write its parts (分幅任务)."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.erosion.flow_paths import channel_cells, flow_paths
from shuibao.ground.cog import assemble, write_part
from shuibao.ground.files import renamed
from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.survey import _kernels
from shuibao.survey.plan import PRODUCTS, Plan
from shuibao.survey.windows import READ_CACHE, classes_on, codes_on, quantity_on, vegetation_on
from shuibao.terrain import _kernels as terrain_kernels
from shuibao.zoning.tracing import TilePatches, tile_patches

LAND_CLASSES = 32
"""Codes of land classes are below it."""


@dataclass(frozen=True)
class TileCounts:
    """
    What a tile found, small enough to be sent and kept (分幅结果).

    Parameters
    ----------
    zone, county, watershed, key : (n,) int64 arrays
        Zone (0 none, 1 inside), number of the county and of the small watershed (0 none), and key of land, slope, cover
        and intensity of each kind of cell.
    cells, grams : (n,) int64 arrays
        Cells and grams of soil a year of each kind.
    label, label_county, label_watershed, label_key, label_cells, label_grams : (m,) int64 arrays
        The same for cells of zone parts whose fate the other tiles decide, by label.
    patches : TilePatches
        Parts of the steep-slope zone.
    """

    zone: NDArray[np.int64]
    county: NDArray[np.int64]
    watershed: NDArray[np.int64]
    key: NDArray[np.int64]
    cells: NDArray[np.int64]
    grams: NDArray[np.int64]
    label: NDArray[np.int64]
    label_county: NDArray[np.int64]
    label_watershed: NDArray[np.int64]
    label_key: NDArray[np.int64]
    label_cells: NDArray[np.int64]
    label_grams: NDArray[np.int64]
    patches: TilePatches

    def save(self, path: Path) -> None:
        """Write the counts to a file that appears when it is whole (保存)."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "patches"}
        arrays |= {f"patches_{f.name}": getattr(self.patches, f.name) for f in fields(self.patches) if f.name != "tile"}
        tile = self.patches.tile
        grid = json.dumps([tile.cell, tile.row, tile.col, tile.rows, tile.cols, tile.projection])
        with renamed(path) as temporary:
            np.savez(temporary, tile=np.frombuffer(grid.encode(), dtype=np.uint8), **arrays)

    @classmethod
    def load(cls, path: Path) -> TileCounts:
        """Read the counts of a tile (读取)."""
        with np.load(path, allow_pickle=False) as file:
            grid = Grid(*json.loads(file["tile"].tobytes().decode()))
            own = {f.name: file[f.name] for f in fields(cls) if f.name != "patches"}
            of_patches = {f.name: file[f"patches_{f.name}"] for f in fields(TilePatches) if f.name != "tile"}
        return cls(patches=TilePatches(tile=grid, **of_patches), **own)


def run_tile(plan: Plan, tile: Grid) -> Path:
    """
    Compute one tile, unless it is done, and return the file of its counts (计算一幅).

    Parameters
    ----------
    plan : Plan
        What to read, compute and write.
    tile : Grid
        The tile, inside ``plan.grid``.
    """
    path = plan.counts(tile)
    if path.exists() and all(plan.has_product(name, tile) for name in PRODUCTS):
        return path
    with rasterio.Env(GDAL_CACHEMAX=READ_CACHE):
        return _run_tile(plan, tile, path)


def _run_tile(plan: Plan, tile: Grid, path: Path) -> Path:
    county = plan.counties.on(tile.grown(1))
    if not county.any():
        products = empty_products(tile)
        counts = empty_counts(tile)
    else:
        products, counts = measure_tile(plan, tile, county)
    for name in PRODUCTS:
        part = plan.part(name, tile)
        write_part(part, products[name], plan.looks[name])
        if plan.layout == "tiles":
            assemble(part.with_suffix(".tif"), tile, [(tile, part)], plan.looks[name])
            part.unlink()
    counts.save(path)
    return path


def empty_products(tile: Grid) -> dict[str, NDArray[Any]]:
    """Return products of a tile that holds no land of the region (空图幅)."""
    missing = np.full(tile.shape, np.nan, dtype=np.float32)
    return {"slope": missing, "ls": missing, "soil_loss": missing, "intensity": np.zeros(tile.shape, dtype=np.uint8)}


def empty_counts(tile: Grid) -> TileCounts:
    """Return the counts of a tile that holds no land of the region (空计数)."""
    nothing = np.zeros((tile.rows + 2, tile.cols + 2), dtype=np.uint16)
    core = np.zeros(tile.shape, dtype=np.uint8)
    patches, _ = tile_patches(nothing > 0, nothing, core.astype(np.float32), core, tile, min_cells=1)
    none = np.zeros(0, dtype=np.int64)
    columns = {f.name: none for f in fields(TileCounts) if f.name != "patches"}
    return TileCounts(**columns, patches=patches)


def measure_tile(plan: Plan, tile: Grid, county: NDArray[np.uint16]) -> tuple[dict[str, NDArray[Any]], TileCounts]:
    """
    Compute the products and counts of a tile (分幅计算).

    Parameters
    ----------
    plan : Plan
        What to read and compute.
    tile : Grid
        The tile.
    county : (rows + 2, cols + 2) array
        Number of each cell's county, with a halo of one cell.
    """
    ground = plan.dem.read(tile.grown(plan.halo))
    receiver, paths = flow_paths(ground, plan.tables, _channels(plan, tile))
    tangent = np.empty_like(ground)
    terrain_kernels.gradient(ground, tile.cell, tangent)
    del ground
    land = classes_on(plan.land, tile.grown(plan.zone_halo))
    slope = np.empty(land.shape, dtype=np.float32)
    _kernels.arctangents(tangent[_inner(plan.halo - plan.zone_halo)], slope)
    inner = _inner(plan.zone_halo - 1)
    zone = plan.steep.zone(slope, land)[inner]
    core = _inner(plan.zone_halo)
    core_land = np.ascontiguousarray(land[core])
    core_slope = np.ascontiguousarray(slope[core])
    patches, labels = tile_patches(zone, county, core_slope, core_land, tile, min_cells=plan.steep.min_cells)
    del slope, land, zone
    products, counts = _count(plan, tile, county, tangent, receiver, paths, core_land, patches, labels)
    np.rad2deg(core_slope, out=core_slope)
    core_slope[county[1:-1, 1:-1] == 0] = np.nan
    return {"slope": core_slope, **products}, counts


def _count(
    plan: Plan, tile: Grid, county: NDArray[np.uint16], tangent: Any, receiver: Any, paths: Any,
    land: NDArray[np.uint8], patches: TilePatches, labels: NDArray[np.int32],
) -> tuple[dict[str, NDArray[Any]], TileCounts]:  # fmt: skip
    """Run the fused loop and shape what it counted."""
    core_county = county[1:-1, 1:-1]
    units, unit = units_on(core_county, _watersheds(plan, tile), land)
    standing = standing_of(patches, plan.steep.min_cells)
    undecided = int(patches.cells[standing[1:] == 2].sum())
    vegetation, v_row, v_col = vegetation_on(plan, tile)
    products: dict[str, NDArray[Any]] = {name: np.empty(tile.shape, dtype=np.float32) for name in ("ls", "soil_loss")}
    products["intensity"] = np.empty(tile.shape, dtype=np.uint8)
    cells, grams = (np.zeros((2, units.shape[1] * plan.land_key_size), dtype=np.int64) for _ in range(2))
    label, key, label_grams = (np.empty(undecided, dtype=np.int64) for _ in range(3))
    listed = _kernels.land_pass(
        plan.halo, tangent, receiver, paths, *map(_single, plan.tables.branches),
        quantity_on(plan.erosivity, tile), quantity_on(plan.erodibility, tile), vegetation, v_row, v_col,
        land, codes_on(plan.measures, tile), codes_on(plan.tillage, tile), unit,
        plan.land_cover.kind, _single(plan.land_cover.fixed), _single(plan.measure_factors),
        _single(plan.tillage_factors), _single(plan.slope_edges), _single(plan.cover_edges),
        _single(plan.loss_edges), tile.cell_area,
        labels, standing, products["ls"], products["soil_loss"], products["intensity"],
        cells, grams, label, key, label_grams,
    )  # fmt: skip
    zone_of, found = np.nonzero(cells)
    county_of, watershed_of, key_of = _names(units, found, plan.land_key_size)
    pairs, where = np.unique(label[:listed] * cells.shape[1] + key[:listed], return_inverse=True)
    names, listed_key = np.divmod(pairs, cells.shape[1])
    label_county, label_watershed, label_key = _names(units, listed_key, plan.land_key_size)
    counts = TileCounts(
        zone=zone_of.astype(np.int64),
        county=county_of,
        watershed=watershed_of,
        key=key_of,
        cells=cells[zone_of, found],
        grams=grams[zone_of, found],
        label=names,
        label_county=label_county,
        label_watershed=label_watershed,
        label_key=label_key,
        label_cells=np.bincount(where, minlength=pairs.size).astype(np.int64),
        label_grams=_summed(where, label_grams[:listed], pairs.size),
        patches=patches,
    )
    return products, counts


def _names(units: NDArray[np.int64], key: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], ...]:
    """Return county, small watershed, and key of land, slope, cover and class, of the pass's own keys."""
    unit, rest = np.divmod(key, size)
    return units[0, unit], units[1, unit], units[2, unit] * size + rest


def standing_of(patches: TilePatches, min_cells: int) -> NDArray[np.uint8]:
    """
    Return, by label, 1 for parts that are large enough here, 2 for those that other tiles decide, 0 for no label (归属).

    Parameters
    ----------
    patches : TilePatches
        Parts of the zone in a tile; small ones inside the tile are already left out.
    min_cells : int
        Smallest component, cells.
    """
    together = np.bincount(patches.component, weights=patches.cells, minlength=patches.parts)
    large = together[patches.component] >= min_cells
    return np.concatenate([np.zeros(1, dtype=np.uint8), np.where(large, 1, 2).astype(np.uint8)])


def _single(table: NDArray[Any]) -> NDArray[np.float32]:
    """Return a table in the precision of the cells."""
    return table.astype(np.float32)


def units_on(
    county: NDArray[Any], watershed: NDArray[np.int32], land: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """
    Number the combinations of county, small watershed and land class that occur in a tile (计数单元).

    Parameters
    ----------
    county, watershed : (rows, cols) integer arrays
        Number of each cell's county, 0 outside the region, and of its small watershed, 0 none.
    land : (rows, cols) uint8 array
        Land class, below 32.

    Returns
    -------
    units : (3, n + 1) int64 array
        County, small watershed and land class of each combination, in their order; that of number 0 is all 0.
    unit : (rows, cols) int32 array
        Number of each cell's combination; 0 outside the region.

    Examples
    --------
    >>> units, unit = units_on(np.array([[0, 1, 1, 2]]), np.array([[7, 7, 0, 7]]), np.array([[3, 3, 3, 3]], np.uint8))
    >>> units[:, unit[0]].tolist()
    [[0, 1, 1, 2], [0, 7, 0, 7], [0, 3, 3, 3]]
    """
    counties, county_at = _places(county)
    watersheds, watershed_at = _places(watershed)
    seen = np.zeros((counties.size, watersheds.size, LAND_CLASSES), dtype=np.bool_)
    _kernels.mark_combinations(county, watershed, land, county_at, watershed_at, seen)
    seen[0] = False  # outside the region
    of_county, of_watershed, of_land = np.nonzero(seen)
    number = np.zeros(seen.shape, dtype=np.int32)
    number[of_county, of_watershed, of_land] = np.arange(1, of_county.size + 1)
    unit = np.empty(land.shape, dtype=np.int32)
    _kernels.number_combinations(county, watershed, land, county_at, watershed_at, number, unit)
    units = np.stack([counties[of_county], watersheds[of_watershed], of_land])
    return np.concatenate([np.zeros((3, 1), dtype=np.int64), units], axis=1), unit


def _places(numbers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return 0 and the numbers that occur, ascending, and the place there of each number up to the highest."""
    seen = np.zeros(int(numbers.max()) + 1, dtype=np.bool_)
    _kernels.mark_present(numbers, seen)
    seen[0] = True
    present = np.flatnonzero(seen)
    places = np.zeros(seen.size, dtype=np.int32)
    places[present] = np.arange(present.size)
    return present, places


def _summed(where: NDArray[Any], values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, where, values)
    return out


def _inner(halo: int) -> tuple[slice, slice]:
    inside = slice(halo, -halo) if halo else slice(None)
    return inside, inside


def _watersheds(plan: Plan, tile: Grid) -> NDArray[np.int32]:
    """Return the number of each cell's small watershed, 0 for none."""
    if plan.watersheds is None:
        return np.zeros(tile.shape, dtype=np.int32)
    numbers: NDArray[np.int32] = plan.watersheds.read(tile)
    low, high, known = int(numbers.min()), int(numbers.max()), len(plan.watershed_codes)
    if low < 0 or high > known:
        raise ShuibaoError(
            f"{plan.watersheds.path} 中有小流域编号 {low if low < 0 else high}，而小流域表的编号为 1–{known}；请重新运行 "
            "shuibao run。",
            f"{plan.watersheds.path} holds small watershed {low if low < 0 else high}, but their table numbers them 1 to "
            f"{known}; run shuibao run again.",
        )
    return numbers


def _channels(plan: Plan, tile: Grid) -> NDArray[np.bool_] | None:
    """Return which cells of a tile and its halo are channels; None if slope lengths do not end there."""
    if plan.contributing_area is None:
        return None
    return channel_cells(plan.contributing_area.read(tile.grown(plan.halo)), plan.channel_area)
