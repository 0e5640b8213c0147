"""The rates of a region folder, with what they rest on (区域水土保持率)."""

from __future__ import annotations

from typing import Any

from shuibao.facts.rate import Rate, rates
from shuibao.facts.table import Facts
from shuibao.messages import ShuibaoError
from shuibao.rules import Targets, load_rules, load_targets
from shuibao.survey.records import read_record
from shuibao.survey.region import Region


def region_rates(region: Region) -> list[Rate]:
    """
    Return the conservation rates of a region that has been run (区域及各县水土保持率).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If it has not been run.
    """
    facts = Facts.read(region.products / "facts.parquet")
    return rates(
        facts,
        county_names(region),
        load_rules(region.packs),
        region_name=region.name,
        targets=region_targets(region),
        year=region.year,
    )


def county_names(region: Region) -> dict[str, str]:
    """
    Return the names of a region's counties by code, from its records (县名).

    Raises
    ------
    ShuibaoError
        If it has not been run.
    """
    record = read_record(region, "boundaries")
    if record is None:
        raise ShuibaoError(
            f"{region.folder} 还没有运行；请先运行 shuibao run {region.folder}。",
            f"{region.folder} has not been run; run shuibao run {region.folder} first.",
        )
    return dict(record["summary"]["counties"])


def changed_settings(region: Region) -> dict[str, tuple[Any, Any]]:
    """
    Return what of ``[region]`` and ``[water]`` has changed since the products were made: now, and then (运行之后的改动).

    Parameters
    ----------
    region : Region
        A region that has been run.
    """
    record = read_record(region, "land")
    made = record["depends"]["region"] if record is not None else None
    if not isinstance(made, dict):
        return {}
    changed = {key: (now, made.get(key)) for key, now in region.settings().items() if made.get(key) != now}
    water, led = region.water, made.get("water", {})
    return changed | {
        f"water.{key}": (water.get(key), led.get(key))
        for key in sorted({*water, *led})
        if water.get(key) != led.get(key)
    }


def region_targets(region: Region) -> Targets | None:
    """Return the region's targets, or None if it names no target pack (目标)."""
    if not region.targets:
        return None
    path = region.path_of(region.targets)
    return load_targets(path if path.suffix == ".toml" and path.is_file() else region.targets)


def area_basis(region: Region) -> tuple[str, str]:
    """Return in Chinese and English what the land area is: official control areas or the area of the cells (面积依据)."""
    given = region.inputs.get("control_areas")
    if given:
        source = given.get("source", "inputs.control_areas")
        return f"官方控制面积（{source}）", f"official control areas ({source})"
    cell = f"{region.cell:g}"
    grid_zh, grid_en = ("本地等积格网", "a local") if region.projection else ("全国等积格网", "the national")
    return (
        f"{grid_zh}上 {cell} m 像元的计数面积（未用官方控制面积）",
        f"area of {cell} m cells on {grid_en} equal-area grid (no official control areas)",
    )
