"""Whether raster, facts and tables count the same cells in every small watershed (小流域计数核对)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from shuibao.facts.table import Facts
from shuibao.ground.grid import Grid
from shuibao.messages import Finding
from shuibao.survey.counties import Counties
from shuibao.survey.watershed_coverage_checks import Spot
from shuibao.survey.watershed_products import WatershedProducts
from shuibao.watershed.county_cut import join_counts


def count_findings(products: WatershedProducts, counties: Counties, spot: Spot) -> Iterator[Finding]:
    """
    Compare the cells of the raster and of the facts with the areas of the tables (计数核对).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    counties : Counties
        Its counties.
    spot : callable
        Gives how a row of the small watersheds is called, and where it lies.
    """
    region = products.region
    path = region.products / f"watersheds{'.tif' if region.layout == 'whole' else '.vrt'}"
    if not path.is_file():
        yield Finding(
            "error", f"products/{path.name}", f"缺少；请运行 shuibao run {region.folder} water。",
            f"missing; run shuibao run {region.folder} water.",
        )  # fmt: skip
    else:
        yield from _raster(products, counties, spot, path)
    if (region.products / "facts.parquet").is_file():
        yield from _facts(products, spot)


def _raster(products: WatershedProducts, counties: Counties, spot: Spot, path: Path) -> Iterator[Finding]:
    region = products.region
    grid = counties.grid(region.cell)
    with rasterio.open(path) as dataset:
        if (dataset.height, dataset.width) != grid.shape or not dataset.transform.almost_equals(grid.transform, 1e-6):
            yield Finding(
                "error", f"products/{path.name}", "范围与区域格网不符；县界可能改过，请运行 shuibao run。",
                "does not lie on the grid of the region; its borders may have changed: run shuibao run.",
            )  # fmt: skip
            return
        counts = counted_cells(dataset, grid, counties, region.tile)
    number = products.column("number").astype(np.int64)
    highest = max(int(counts[:, 0].max(initial=0)), int(number.max(initial=0)))
    whole, inside = (np.zeros(highest + 1, dtype=np.int64) for _ in range(2))
    np.add.at(whole, counts[:, 0], counts[:, 2])
    np.add.at(inside, counts[:, 0], np.where(counts[:, 1] > 0, counts[:, 2], 0))
    for column, found in (("whole_area_m2", whole), ("area_m2", inside)):
        said = np.rint(products.column(column) / grid.cell_area).astype(np.int64)
        for k in np.flatnonzero(said != found[number]):
            where, place = spot(int(k))
            yield Finding(
                "error", f"{where} {place}", f"{column} 为 {said[k]} 个像元，栅格 {path.name} 中为 {found[number[k]]} 个。",
                f"{column} is {said[k]} cells, in {path.name} there are {found[number[k]]}.",
            )  # fmt: skip
    for unit in np.setdiff1d(np.flatnonzero(inside[1:]) + 1, number):
        yield Finding(
            "error", f"products/{path.name}", f"第 {unit} 号小流域在区域内有 {inside[unit]} 个像元，表中没有。",
            f"small watershed {unit} has {inside[unit]} cells in the region and is not in the table.",
        )  # fmt: skip
    yield from _parts(products, counties, counts, grid)


def counted_cells(dataset: rasterio.DatasetReader, grid: Grid, counties: Counties, tile: int) -> NDArray[np.int64]:
    """
    Count the cells of each small watershed in each county, tile by tile (按小流域与县计数).

    Parameters
    ----------
    dataset : DatasetReader
        Raster of the numbers of small watersheds, 0 none.
    grid : Grid
        Its cells.
    counties : Counties
        Counties of the region.
    tile : int
        Side of the tiles, cells.

    Returns
    -------
    (m, 3) int64 array
        Small watershed (0 none), county (0 none), cells; sorted.
    """
    base = len(counties.codes) + 1
    parts = []
    for part in grid.tiles(tile):
        window = Window(part.col - grid.col, part.row - grid.row, part.cols, part.rows)
        unit = dataset.read(1, window=window).astype(np.int64)
        labels = (unit * base + counties.on(part)).ravel()
        lowest = int(labels.min())
        cells = np.bincount(labels - lowest)
        found = np.flatnonzero(cells)
        parts.append(np.column_stack([*np.divmod(found + lowest, base), cells[found]]))
    return join_counts(parts)


def _parts(products: WatershedProducts, counties: Counties, counts: NDArray[np.int64], grid: Grid) -> Iterator[Finding]:
    """Yield the management units that are not what the raster and the borders of counties make them."""
    code = dict(zip(products.column("number").tolist(), products.column("code").tolist(), strict=True))
    kept = (counts[:, 0] > 0) & (counts[:, 1] > 0)
    found = {
        f"{code.get(unit, unit)}-{counties.codes[county - 1]}": cells for unit, county, cells in counts[kept].tolist()
    }
    got = products.units.columns
    said = dict(zip(got["code"].tolist(), np.rint(got["area_m2"] / grid.cell_area).astype(int).tolist(), strict=True))
    for name in sorted(set(found) | set(said)):
        if found.get(name, 0) != said.get(name, 0):
            yield Finding(
                "error", f"management_units.parquet {name}",
                f"表中 {said.get(name, 0)} 个像元，按栅格与县界应为 {found.get(name, 0)} 个。",
                f"{said.get(name, 0)} cells in the table, {found.get(name, 0)} by the raster and the counties.",
            )  # fmt: skip


def _facts(products: WatershedProducts, spot: Spot) -> Iterator[Finding]:
    facts = Facts.read(products.region.products / "facts.parquet")
    if "watershed" not in facts.table.column_names:
        return
    codes, place = facts.places("watershed")
    sums = np.zeros(len(codes), dtype=np.int64)
    np.add.at(sums, place, facts.column("cells"))
    found = dict(zip(codes, sums.tolist(), strict=True))
    said = np.rint(products.column("area_m2") / products.region.cell**2).astype(np.int64)
    for k, code in enumerate(products.column("code").tolist()):
        if found.get(code, 0) != said[k]:
            where, at = spot(k)
            yield Finding(
                "error", f"{where} {at}", f"区内 {said[k]} 个像元，事实表中为 {found.get(code, 0)} 个。",
                f"{said[k]} cells in the region, {found.get(code, 0)} in the facts.",
            )  # fmt: skip
