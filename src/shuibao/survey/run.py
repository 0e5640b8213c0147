"""
Running a survey: its steps in order, each skipped when nothing it depends on has changed (运行).

A step's fingerprint is made of the hashes of its inputs, its settings, its rule packs and the software version. Files
appear under their names when they are whole, and tiles that are done are kept, so that a killed run goes on where it was.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import rasterio

from shuibao import __version__
from shuibao.ground.files import remove_unfinished
from shuibao.ground.grid import Grid
from shuibao.ground.reading import close_files
from shuibao.messages import CallError
from shuibao.rules import Rules, load_rules
from shuibao.survey import climate, soil, vegetation
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.executing import Crew, crew
from shuibao.survey.inputs import files_of
from shuibao.survey.land import (
    CLIMATE,
    SOIL,
    VEGETATION,
    gather_counts,
    make_plan,
    write_facts,
    write_patches,
    write_rasters,
)
from shuibao.survey.locking import alone
from shuibao.survey.memory import release_memory
from shuibao.survey.records import fingerprint, hashes_of, is_done, read_record, write_record
from shuibao.survey.region import SIMULATED, Region
from shuibao.survey.tile import TileCounts, run_tile
from shuibao.survey.water import WaterStep, water_of

STEPS = {
    "boundaries": ("边界", "boundaries"),
    "rain": ("降雨侵蚀力", "rainfall erosivity"),
    "soil": ("土壤可蚀性", "soil erodibility"),
    "cover": ("植被与生物措施", "vegetation cover"),
    "water": ("汇流与小流域", "drainage and small watersheds"),
    "land": ("坡度、侵蚀、区划与事实", "slope, erosion, zone and facts"),
}
"""Steps in order, with their names in Chinese and English."""

Progress = Callable[[str, int, int], None]
"""Called with a step, how much of it is done, and how much there is."""

_NEEDS = {"cover": ("rain",), "land": ("boundaries", "rain", "soil", "cover", "water")}
"""Steps whose products a step reads."""

_TILED = ("water", "land")
"""Steps whose tiles leave parts behind until the products are whole."""

DEPENDS: dict[str, tuple[str, ...]] = {
    "boundaries": ("boundaries",),
    "rain": ("rain",),
    "soil": ("soil_k", "soil_texture"),
    "cover": ("cover", "rain", "r_weights", "land_use"),
    "water": ("dem", "rivers", "boundaries"),
    "land": (
        "dem", "rivers", "land_use", "rain", "r_factor", "soil_k", "soil_texture", "cover", "r_weights", "measures", "tillage",
        "boundaries", "control_areas",
    ),
}  # fmt: skip
"""Inputs that each step rests on; all others, as those of the zones, may change without a new run (步骤所依)."""


@dataclass(frozen=True)
class Done:
    """
    What became of a step (步骤结果).

    Parameters
    ----------
    step : str
        Step.
    skipped : bool
        Whether nothing it depends on had changed.
    seconds : float
        Time it took.
    """

    step: str
    skipped: bool
    seconds: float


@dataclass(frozen=True)
class _Work:
    """What all steps of one run share."""

    region: Region
    rules: Rules
    counties: Counties
    grid: Grid
    tags: dict[str, str]
    crew: Crew
    progress: Progress


def run_region(
    region: Region,
    *,
    steps: Sequence[str] = (),
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = lambda step, done, total: None,
) -> list[Done]:
    """
    Run the steps of a survey that are not done yet (运行区域).

    Parameters
    ----------
    region : Region
        The region folder.
    steps : sequence of str
        Steps to run, in any order; all if empty.
    jobs : int, optional
        Threads; one for each processor if not given.
    scheduler : str, optional
        Address of a dask scheduler.
    progress : callable
        Told how far each step is.

    Returns
    -------
    list of Done
        The steps in order.

    Raises
    ------
    CallError
        If a step is not known.
    ShuibaoError
        If an input is wrong.
    """
    unknown = [name for name in steps if name not in STEPS]
    if unknown:
        raise CallError(
            f"没有步骤「{'、'.join(unknown)}」；可用：{'、'.join(STEPS)}。",
            f"no step {', '.join(unknown)}; there are: {', '.join(STEPS)}.",
        )
    rules = load_rules(region.packs)
    counties = counties_of(region)
    close_files()
    with alone(region), crew(jobs, scheduler) as workers:
        sweep_up(region)
        work = _Work(region, rules, counties, counties.grid(region.cell), provenance(region, rules), workers, progress)
        return [_run_step(work, name) for name in _wanted_steps(work, steps)]


def _wanted_steps(work: _Work, steps: Sequence[str]) -> list[str]:
    """Return the steps asked for, in order, with those whose products they read and that are not done yet."""
    if not steps:
        return list(STEPS)
    needed = {need for name in steps for need in _NEEDS.get(name, ())} - set(steps)
    missing = {name for name in needed if not is_done(work.region, name, fingerprint(_depends(work, name)))}
    return [name for name in STEPS if name in steps or name in missing]


def sweep_up(region: Region) -> None:
    """Remove what a killed run was writing; tiles that were finished stay (清理未写完的文件)."""
    parts = [folder for name in _TILED for folder in region.products.glob(f".{name}-*")]
    for folder in (region.products, region.records, *parts):
        remove_unfinished(folder)


def provenance(region: Region, rules: Rules) -> dict[str, str]:
    """
    Return what every product says of itself (成果元数据).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    """
    tags = {
        "REGION": region.name,
        "YEAR": str(region.year),
        "RULE_PACKS": ", ".join(Path(name).stem for name in region.rules),
        "RULES_SHA256": rules.digest(),
        "SOFTWARE": f"shuibao {__version__}",
    }
    return tags | ({"DATA_KIND": SIMULATED} if is_simulated(region) else {})


def is_simulated(region: Region) -> bool:
    """Tell whether the land is made up: region.toml or one of the rasters says so (是否模拟数据)."""
    if region.simulated:
        return True
    for name in ("dem", "land_use"):
        given = region.inputs.get(name, {})
        if "path" in given and region.path_of(given["path"]).is_file():
            with rasterio.open(region.path_of(given["path"])) as dataset:
                if dataset.tags().get("DATA_KIND") == SIMULATED:
                    return True
    return False


def input_files(region: Region, names: Sequence[str]) -> list[Path]:
    """
    Return the files of some inputs (输入文件清单).

    Parameters
    ----------
    region : Region
        The region folder.
    names : sequence of str
        Inputs.
    """
    found: list[Path] = []
    for name in names:
        given = region.inputs.get(name, {})
        if "path" in given:
            found += files_of(region, name)
        if name == "soil_texture":
            found += [
                region.path_of(v)
                for k, v in given.items()
                if k in ("sand", "silt", "clay", "organic_carbon", "organic_matter")
            ]
        if name == "rain" and "stations" in given:
            found.append(region.path_of(given["stations"]))
    return sorted({path for path in found if path.is_file()})


def _run_step(work: _Work, name: str) -> Done:
    region = work.region
    depends = _depends(work, name)
    wanted = fingerprint(depends)
    if is_done(region, name, wanted):
        _drop_parts(region, name)
        work.progress(name, 1, 1)
        return Done(name, skipped=True, seconds=0.0)
    began = time.perf_counter()
    rules = load_rules(region.packs)  # its own memory of what this step asks for
    outputs, summary = _DO[name](work, rules, wanted)
    seconds = time.perf_counter() - began
    write_record(
        region, name, wanted=wanted, depends=depends, outputs=outputs, parameters=rules.used(), summary=summary,
        seconds=seconds,
    )  # fmt: skip
    _drop_parts(region, name)
    work.progress(name, 1, 1)
    return Done(name, skipped=False, seconds=seconds)


def _drop_parts(region: Region, name: str) -> None:
    """Remove the tiles' parts, once the record says that the products are whole."""
    if name in _TILED:
        for old in region.products.glob(f".{name}-*"):
            shutil.rmtree(old, ignore_errors=True)


def _depends(work: _Work, name: str) -> dict[str, Any]:
    region = work.region
    inputs = {key: region.inputs[key] for key in DEPENDS[name] if key in region.inputs}
    return {
        "inputs": inputs,
        "files": hashes_of(region, input_files(region, DEPENDS[name])),
        "region": region.settings() | ({"water": dict(region.water)} if name in ("water", "land") else {}),
        "output": [region.codec, region.layout],
        "rules": work.rules.digest(),
        "borders": work.counties.source,
        "software": __version__,
    }


def _boundaries(work: _Work, rules: Rules, wanted: str) -> tuple[list[Path], Mapping[str, Any]]:
    path = work.region.products / "counties.parquet"
    work.counties.write(path)
    grid = work.grid
    summary = {
        "counties": dict(zip(work.counties.codes, work.counties.names, strict=True)),
        "source": work.counties.source,
    }
    return [path], summary | {"grid": [grid.cell, grid.row, grid.col, grid.rows, grid.cols]}


def _rain(work: _Work, rules: Rules, wanted: str) -> tuple[list[Path], Mapping[str, Any]]:
    region = work.region
    if "rain" not in region.inputs:
        return [], {"from": "r_factor"}
    path = region.products / CLIMATE
    return [path], climate.make_erosivity(region, rules, work.grid, path, work.tags)


def _soil(work: _Work, rules: Rules, wanted: str) -> tuple[list[Path], Mapping[str, Any]]:
    region = work.region
    if not soil.needs_product(region):
        return [], {"from": "given"}
    path = region.products / SOIL
    return [path], soil.make_erodibility(region, rules, work.grid, path, work.tags)


def _cover(work: _Work, rules: Rules, wanted: str) -> tuple[list[Path], Mapping[str, Any]]:
    path = work.region.products / VEGETATION
    rain = work.region.products / CLIMATE
    return [path], vegetation.make_vegetation(work.region, rules, work.grid, path, rain, work.tags)


def _water(work: _Work, rules: Rules, wanted: str) -> tuple[list[Path], Mapping[str, Any]]:
    region = work.region
    folder = region.products / f".water-{wanted[:16]}-{region.tile}"
    folder.mkdir(parents=True, exist_ok=True)
    step = WaterStep(
        region, rules, work.counties, work.grid, folder, work.tags, work.crew, partial(work.progress, "water")
    )
    outputs, summary = step.run()
    release_memory()
    return outputs, summary


def _land(work: _Work, rules: Rules, wanted: str) -> tuple[list[Path], Mapping[str, Any]]:
    region = work.region
    folder = region.products / f".land-{wanted[:16]}-{region.tile}"
    folder.mkdir(parents=True, exist_ok=True)
    codes = _watershed_codes(region)
    water = water_of(region, rules, codes)
    plan = make_plan(region, rules, work.counties, work.grid, folder, work.tags, water=water)
    tiles = list(work.grid.tiles(region.tile))
    work.progress("land", 0, len(tiles))
    for done, _ in enumerate(work.crew.each_done(partial(run_tile, plan), tiles), start=1):
        work.progress("land", done, len(tiles) + 1)
    release_memory()
    with ThreadPoolExecutor(1) as pool:
        rasters = pool.submit(write_rasters, plan, region, tiles)
        counts, patches = gather_counts(plan, [TileCounts.load(plan.counts(tile)) for tile in tiles])
        facts, residuals = write_facts(plan, region, counts, work.tags)
        vectors = write_patches(region, rules, work.counties, patches, work.tags, plan.grid)
        outputs = [*rasters.result(), facts, *vectors]
    summary = {
        "cells": int(counts["cells"].sum()),
        "patches": len(patches),
        "patch_area_m2": float(patches.area.sum()),
        "residuals": [[r.code, r.measured_m2, r.control_m2] for r in residuals],
        "datum_operations": datum_operations(plan),
    }
    return outputs, summary


def _watershed_codes(region: Region) -> list[str]:
    """Return the codes of the small watersheds by number, as the step before has recorded them."""
    record = read_record(region, "water")
    return [] if record is None else list(record["summary"]["codes"])


def datum_operations(plan: Any) -> dict[str, list[Any]]:
    """Return how each raster was brought to the national grid, and whether the datum operation is published (基准转换)."""
    sources = {"dem": plan.dem, "land_use": plan.land, "r_factor": plan.erosivity, "soil_k": plan.erodibility}
    return {
        name: [source.placement.operation, source.placement.certain]
        for name, source in sources.items()
        if hasattr(source, "placement")
    }


_DO: dict[str, Callable[[_Work, Rules, str], tuple[list[Path], Mapping[str, Any]]]] = {
    "boundaries": _boundaries,
    "rain": _rain,
    "soil": _soil,
    "cover": _cover,
    "water": _water,
    "land": _land,
}
