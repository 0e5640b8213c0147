"""The one pass over the land: its plan, and what is gathered from its tiles (一次遍历)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.erosion.cover import LandCover
from shuibao.erosion.intensity import intensity_breaks
from shuibao.erosion.measures import factor_table, measure_factors
from shuibao.erosion.tillage import tillage_factors
from shuibao.erosion.topography import Topography, flow_tables
from shuibao.facts.control import Residual, honour_control_areas
from shuibao.facts.table import facts_from_counts
from shuibao.ground.cog import assemble
from shuibao.ground.grid import Grid
from shuibao.ground.mosaic import write_mosaic
from shuibao.ground.reading import Classes, RasterSource, open_source
from shuibao.ground.tiff import Look
from shuibao.ground.vectors import Columns, write_geopackage, write_geoparquet
from shuibao.ground.writing import look_of
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.climate import open_climate
from shuibao.survey.counties import Counties
from shuibao.survey.executing import processors
from shuibao.survey.inputs import class_source, land_class_named, land_classes, quantity_source, unit_factor
from shuibao.survey.plan import PRODUCTS, Plan, Water, tangents
from shuibao.survey.region import Region
from shuibao.survey.soil import open_erodibility
from shuibao.survey.tile import TileCounts
from shuibao.survey.vegetation import open_vegetation
from shuibao.zoning.patches import Patches, join_patches
from shuibao.zoning.steep_slope import SteepSlopeRule, patch_list

CLIMATE, SOIL, VEGETATION = "r_factor.tif", "k_factor.tif", "b_factor.tif"
"""Products of the steps before the pass."""

DESCRIPTIONS = {
    "slope": "坡度 slope, degrees",
    "ls": "坡长坡度因子 LS",
    "soil_loss": "土壤流失量 soil loss, t/(km2 a)",
    "intensity": "土壤侵蚀强度 intensity class 1-6, 0 missing",
}
"""Band names of the products."""

INTENSITY_COLORS = {
    0: (255, 255, 255), 1: (199, 224, 180), 2: (255, 247, 153), 3: (255, 204, 92),
    4: (243, 147, 60), 5: (215, 80, 45), 6: (139, 26, 40),
}  # fmt: skip
"""Colours of the intensity classes, from 微度 to 剧烈."""


def make_plan(
    region: Region, rules: Rules, counties: Counties, grid: Grid, folder: Path, tags: Mapping[str, str],
    *, water: Water | None = None,
) -> Plan:  # fmt: skip
    """
    Return all that a tile's task needs to know (制定计算方案).

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
        Where the tiles' parts are put.
    tags : mapping of str to str
        Provenance for the products.
    water : Water, optional
        Small watersheds and contributing area; without it there are no small watersheds and no channels.
    """
    topography = Topography.from_rules(rules)
    steep = SteepSlopeRule.from_rules(rules, grid.cell)
    vegetation, width = open_vegetation(grid, region.products / VEGETATION)
    reach = max(topography.reach(grid.cell), steep.reach + 3)
    return Plan(
        grid=grid,
        counties=counties,
        dem=quantity_source(region, "dem", grid),
        land=land_source(region, rules, grid),
        erosivity=open_climate(region, grid, region.products / CLIMATE).erosivity,
        erodibility=open_erodibility(region, grid, region.products / SOIL),
        vegetation=vegetation,
        vegetation_cell=width,
        measures=_coded(region, "measures", grid),
        tillage=_coded(region, "tillage", grid),
        **_water(water, grid),
        tables=flow_tables(topography, grid.cell),
        land_cover=LandCover.from_rules(rules),
        measure_factors=_measure_factors(region, rules),
        tillage_factors=_tillage_factors(region, rules),
        slope_edges=tangents(rules.value("slope_class.breaks")),
        cover_edges=np.array(rules.value("cover_class.breaks"), dtype=np.float64),
        loss_edges=np.asarray(intensity_breaks(rules, erosion_region_of(region, rules)), dtype=np.float64),
        steep=steep,
        halo=reach,
        zone_halo=steep.reach + 1,
        looks=_looks(region, tags),
        folder=folder,
        layout=region.layout,
    )


def erosion_region_of(region: Region, rules: Rules) -> str:
    """
    Return the row of the table of tolerable soil loss: what region.toml says, or the rule packs (容许流失量分区).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        If neither names one.
    """
    if region.erosion_region:
        return region.erosion_region
    if "province.tolerable_loss_region" not in rules.keys():  # noqa: SIM118 - Rules is no mapping
        raise ShuibaoError(
            '缺少 region.erosion_region，所用规则包也没有默认的容许土壤流失量分区；请写明，如 "northwest_loess"。',
            'region.erosion_region is missing and the rule packs name none; state it, as "northwest_loess".',
        )
    return str(rules.value("province.tolerable_loss_region"))


def _looks(region: Region, tags: Mapping[str, str]) -> dict[str, Look]:
    out: dict[str, Look] = {}
    for name in PRODUCTS:
        is_class = name == "intensity"
        out[name] = look_of(
            np.uint8 if is_class else np.float32,
            tags=tags,
            colors=INTENSITY_COLORS if is_class else None,
            description=DESCRIPTIONS[name],
            codec=region.codec,
        )
    return out


def land_source(region: Region, rules: Rules, grid: Grid) -> RasterSource | int:
    """Return the land-use map as our classes, or the class that stands everywhere (打开地类)."""
    given = region.inputs["land_use"]
    if "value" in given:
        return land_class_named(rules, given["value"])
    return class_source(region, "land_use", grid, land_classes(region, rules))


def _coded(region: Region, name: str, grid: Grid) -> RasterSource | None:
    """Return a map of codes as it is; 0 means nothing is mapped."""
    if "path" not in region.inputs.get(name, {}):
        return None
    return class_source(region, name, grid, Classes.from_mapping({k: k for k in range(1, 256)}))


def _water(water: Water | None, grid: Grid) -> dict[str, Any]:
    """Return the plan's small watersheds and channels."""
    threshold = 0.0 if water is None else water.channel_area or 0.0
    return {
        "watersheds": None if water is None else open_source(water.watersheds, grid, kind="class"),
        "watershed_codes": () if water is None else water.codes,
        "contributing_area": open_source(water.area, grid) if water is not None and threshold else None,
        "channel_area": threshold,
    }


def _measure_factors(region: Region, rules: Rules) -> NDArray[np.float64]:
    given = region.inputs.get("measures", {})
    if "path" not in given:
        return np.asarray(factor_table({}, none=1.0))
    codes = {int(k): str(v) for k, v in given["codes"].items()} if "codes" in given else None
    return np.asarray(measure_factors(rules, codes))


def _tillage_factors(region: Region, rules: Rules) -> NDArray[np.float64]:
    given = region.inputs.get("tillage", {})
    if "value" in given:
        elsewhere: float | None = float(given["value"]) * unit_factor("tillage", {"unit": "1", **given})
    elif "region" in given:
        elsewhere = float(rules.value(f"tillage.{given['region']}"))
    else:
        elsewhere = None  # the packs' default
    if "path" not in given and elsewhere is not None:
        return np.asarray(factor_table({}, none=elsewhere))
    codes = {int(k): str(v) for k, v in given["codes"].items()} if "codes" in given else None
    table = np.array(tillage_factors(rules, codes if "path" in given else {}))
    if elsewhere is not None:
        table[0] = elsewhere
    return table


def write_rasters(plan: Plan, region: Region, tiles: Sequence[Grid]) -> list[Path]:
    """
    Join the tiles' parts into the raster products (拼接栅格成果).

    Parameters
    ----------
    plan : Plan
        What the tiles were computed with.
    region : Region
        The region folder.
    tiles : sequence of Grid
        All tiles.
    """

    def write(name: str) -> list[Path]:
        if plan.layout == "tiles":
            return write_mosaic(region.products, name, plan.grid, tiles, plan.looks[name], plan.folder)
        path = region.products / f"{name}.tif"
        assemble(path, plan.grid, [(tile, plan.part(name, tile)) for tile in tiles], plan.looks[name])
        return [path]

    with ThreadPoolExecutor(processors()) as pool:
        return [path for written in pool.map(write, PRODUCTS) for path in written]


def gather_counts(plan: Plan, counts: Sequence[TileCounts]) -> tuple[dict[str, NDArray[np.int64]], Patches]:
    """
    Add up the tiles' counts, now that it is known which patches are large enough (汇总计数).

    Parameters
    ----------
    plan : Plan
        What the tiles were computed with.
    counts : sequence of TileCounts
        Counts of all tiles.

    Returns
    -------
    counts : dict of str to (n,) array
        Columns for :func:`shuibao.facts.facts_from_counts`.
    patches : Patches
        The patches of the steep-slope zone.
    """
    patches = join_patches([c.patches for c in counts], min_cells=plan.steep.min_cells, cell=plan.grid.cell)
    late = [kept[c.label].astype(np.int64) for kept, c in zip(patches.kept, counts, strict=True)]
    zone = np.concatenate([*(c.zone for c in counts), *late])
    county = np.concatenate([*(c.county for c in counts), *(c.label_county for c in counts)])
    watershed = np.concatenate([*(c.watershed for c in counts), *(c.label_watershed for c in counts)])
    key = np.concatenate([*(c.key for c in counts), *(c.label_key for c in counts)])
    key, intensity = np.divmod(key, 7)
    key, cover = np.divmod(key, plan.cover_edges.size + 2)
    land, slope = np.divmod(key, plan.slope_edges.size + 2)
    columns = {
        "county": county,
        "watershed": watershed,
        "land_use": land,
        "slope_class": slope,
        "cover_class": cover,
        "intensity": intensity,
        "zone": zone,
        "cells": np.concatenate([*(c.cells for c in counts), *(c.label_cells for c in counts)]),
        "grams": np.concatenate([*(c.grams for c in counts), *(c.label_grams for c in counts)]),
    }
    return columns, patches


def write_facts(
    plan: Plan, region: Region, counts: Mapping[str, NDArray[np.int64]], metadata: Mapping[str, str]
) -> tuple[Path, list[Residual]]:
    """
    Write the table of facts, adding up to the control areas where they are given (写出事实表).

    Parameters
    ----------
    plan : Plan
        What the tiles were computed with.
    region : Region
        The region folder.
    counts : mapping of str to array
        From :func:`gather_counts`.
    metadata : mapping of str to str
        Provenance.
    """
    codes = plan.counties.codes
    facts = facts_from_counts(counts, codes, plan.grid.cell_area, metadata, watersheds=plan.watershed_codes)
    control = control_areas(region)
    residuals: list[Residual] = []
    if control:
        facts, residuals = honour_control_areas(facts, control)
    path = region.products / "facts.parquet"
    facts.write(path)
    return path, residuals


def control_areas(region: Region) -> dict[str, float]:
    """
    Return the official control areas by county, m² (读取控制面积).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If the file has other columns than ``code`` and ``area``, an area is not a number, or the unit is not known.
    """
    given = region.inputs.get("control_areas", {})
    if not given:
        return {}
    units = {"km2": 1e6, "hm2": 1e4, "m2": 1.0}
    unit = given.get("unit")
    if unit not in units:
        raise ShuibaoError(
            f"inputs.control_areas.unit 为「{unit}」，可用：{'、'.join(units)}。",
            f"inputs.control_areas.unit is '{unit}'; allowed: {', '.join(units)}.",
        )
    values = dict(given.get("values", {}))
    if "path" in given:
        path = region.path_of(given["path"])
        with path.open(encoding="utf-8-sig", newline="") as file:
            values |= {row["code"]: row["area"] for row in csv.DictReader(file)}
    try:
        return {str(code): float(area) * units[unit] for code, area in values.items()}
    except (TypeError, ValueError) as error:
        raise ShuibaoError(
            f"inputs.control_areas 中有不是数字的面积（{error}）；请改正。",
            f"inputs.control_areas has an area that is not a number ({error}); correct it.",
        ) from error


def write_patches(
    region: Region, rules: Rules, counties: Counties, patches: Patches, metadata: Mapping[str, str], grid: Grid
) -> list[Path]:
    """
    Write the patches of the steep-slope zone as GeoParquet, and with the counties as a GeoPackage (写出图斑).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Names of the land classes.
    counties : Counties
        Counties of the region.
    patches : Patches
        The patches.
    metadata : mapping of str to str
        Provenance.
    grid : Grid
        Extent of the products.
    """
    crs, cell = grid.crs, grid.cell
    names = {int(c["code"]): str(c["name"]) for c in rules.value("land_class.classes")}
    columns = patch_list(patches, zip(counties.codes, counties.names, strict=True), names, cell)
    parquet = region.products / "steep_slope.parquet"
    write_geoparquet(parquet, columns, patches.geometry, crs, metadata=metadata)
    package = region.products / "products.gpkg"
    county_columns = {"code": list(counties.codes), "name": list(counties.names)}
    layers: dict[str, tuple[Columns, NDArray[np.object_]]] = {
        "counties": (county_columns, counties.geometry),
        "steep_slope": (columns, patches.geometry),
    }
    write_geopackage(package, layers, crs, metadata=metadata)
    return [parquet, package]
