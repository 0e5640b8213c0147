"""Erodibility of the region: as given, from a table of soils, or from texture (土壤可蚀性)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.soil import EpicCoefficients, erodibility_epic, erodibility_zhang2008, fine_earth, organic_carbon
from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource, open_source
from shuibao.ground.writing import write_raster
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.inputs import class_source, placing, quantity_source, unit_factor
from shuibao.survey.region import Region

TEXTURE = ("sand", "silt", "clay")


def needs_product(region: Region) -> bool:
    """Tell whether erodibility has to be computed into a raster first (是否需要先计算 K)."""
    return "soil_texture" in region.inputs or "table" in region.inputs.get("soil_k", {})


def make_erodibility(region: Region, rules: Rules, grid: Grid, path: Path, tags: dict[str, str]) -> dict[str, object]:
    """
    Compute K and write it on cells as wide as the source's own (计算并写出可蚀性).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    grid : Grid
        Extent of the products.
    path : Path
        Raster to write.
    tags : dict
        Provenance.

    Returns
    -------
    dict
        What the record keeps: how K was found, its mean, and the width of its cells.
    """
    if "soil_texture" in region.inputs:
        width, values = _from_texture(region, rules, grid)
        how = "EPIC" + (" + zhang2008" if region.inputs["soil_texture"].get("correction") == "zhang2008" else "")
    else:
        width, values = _from_table(region, grid)
        how = "table"
    coarse = grid.coarser(width)
    write_raster(path, values.astype(np.float32), coarse, tags=tags, description="K 土壤可蚀性")
    return {"from": how, "mean_K": round(float(np.nanmean(values)), 5), "cell": coarse.cell}


def _from_texture(region: Region, rules: Rules, grid: Grid) -> tuple[int, NDArray[np.float64]]:
    given = region.inputs["soil_texture"]
    first = open_source(region.path_of(given["sand"]), grid, **placing(given))
    width = first.cells_wide(grid)
    coarse = grid.coarser(width)

    def layer(name: str) -> NDArray[np.float64]:
        source = open_source(region.path_of(given[name]), coarse, **placing(given))
        values: NDArray[np.float64] = source.read(coarse).astype(np.float64)
        return values

    sand, silt, clay = fine_earth(*(layer(name) for name in TEXTURE))
    if "organic_carbon" in given:
        carbon = layer("organic_carbon")
    else:
        ratio = float(rules.value("erodibility.organic_matter_per_carbon"))
        carbon = organic_carbon(layer("organic_matter"), matter_per_carbon=ratio)
    k = np.asarray(erodibility_epic(sand, silt, clay, carbon, EpicCoefficients.from_rules(rules)))
    return width, _corrected(k, given.get("correction", "none"), rules)


def _corrected(k: NDArray[np.float64], correction: str, rules: Rules) -> NDArray[np.float64]:
    """Return K after the correction for Chinese soils that region.toml asks for."""
    if correction == "none":
        return k
    if correction == "zhang2008":
        slope = float(rules.value("erodibility.zhang_epic_slope"))
        intercept = float(rules.value("erodibility.zhang_epic_intercept"))
        return np.asarray(erodibility_zhang2008(k, slope=slope, intercept=intercept))
    raise ShuibaoError(
        f"inputs.soil_texture.correction 为「{correction}」，可用：none、zhang2008（张科利 2008 修正）。",
        f"inputs.soil_texture.correction is '{correction}'; allowed: none, zhang2008.",
    )


def _from_table(region: Region, grid: Grid) -> tuple[int, NDArray[np.float64]]:
    given = region.inputs["soil_k"]
    source = class_source(region, "soil_k", grid, None)
    width = source.cells_wide(grid)
    coarse = grid.coarser(width)
    codes = class_source(region, "soil_k", coarse, None).read(coarse)
    values = np.full(codes.shape, np.nan)
    for code, k in given["table"].items():
        values[codes == int(code)] = float(k)
    return width, values * unit_factor("soil_k", given)


def open_erodibility(region: Region, grid: Grid, product: Path) -> RasterSource | float:
    """
    Return the erodibility that the pass reads (打开可蚀性).

    Parameters
    ----------
    region : Region
        The region folder.
    grid : Grid
        Extent of the products.
    product : Path
        Raster of :func:`make_erodibility`, where it was made.
    """
    if needs_product(region):
        return open_source(product, grid, method="nearest")
    given = region.inputs["soil_k"]
    if "value" in given:
        return float(given["value"]) * unit_factor("soil_k", given)
    return quantity_source(region, "soil_k", grid)
