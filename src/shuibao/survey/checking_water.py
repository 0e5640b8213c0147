"""What leading the water asks of the inputs: rivers, area limits, and ground that water can find its way on (汇流检查)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely

from shuibao.ground.lines import Rivers, rivers_on
from shuibao.ground.vectors import read_vectors
from shuibao.rules import Rules
from shuibao.survey.checking_layers import Look
from shuibao.survey.checking_notes import Notes, listed
from shuibao.survey.checking_tallies import Layer, Tally
from shuibao.survey.inputs import path_of
from shuibao.survey.region import CODE_SCHEMES, CONDITIONING, Region
from shuibao.survey.watershed_tables import scheme_name
from shuibao.terrain.conditioning import breach_limits
from shuibao.watershed.limits import Limits, sliver_cells
from shuibao.watershed.watershed_codes import longest_code

DEEPEST = 1000.0
"""Deepest burning that leaves single-precision heights their centimetres, m."""

BURN_DEPTHS = (1.0, 100.0)
"""Depths, m, between which burning in rivers makes sense: less is below the error of elevations, more cuts through
ranges (chosen)."""

FEW_CELLS = 100
"""A contributing area of fewer cells is a hillslope, not a channel; it would be one everywhere (chosen)."""

LEVEL_SHARE = 0.05
"""Share of exactly level cells above which it is said that directions on the level follow a rule (chosen)."""


def check_rivers(look: Look) -> None:
    """
    Check the mapped rivers: can they be read, do they cross the region, have they names (河流检查).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    given = look.given("rivers")
    _check_depth(look.notes, given)
    if "path" not in given:
        return
    path, rivers = path_of(look.region, "rivers"), None
    if look.placed:
        rivers = _read(look, path, given)
    else:
        with look.notes.catching("inputs.rivers"):
            read_vectors(path, layer=given.get("layer"))
    if rivers is not None:
        _judge_rivers(look, path, given, rivers)


def _read(look: Look, path: Path, given: Mapping[str, Any]) -> Rivers | None:
    """Return the rivers; without their names where the field is wrong, so that the rest is looked at too."""
    rivers, layer, field = None, given.get("layer"), given.get("name")
    with look.notes.catching("inputs.rivers"):
        rivers = rivers_on(path, look.grid, layer=layer, name_field=field)
    if rivers is None and field is not None:
        with look.notes.catching("inputs.rivers"):
            rivers_on(path, look.grid, layer=layer)
    return rivers


def _judge_rivers(look: Look, path: Path, given: Mapping[str, Any], rivers: Rivers) -> None:
    region = shapely.union_all(look.counties.geometry)
    shapely.prepare(region)
    crossing = shapely.intersects(region, rivers.lines)
    named = [name for name, here in zip(rivers.names, crossing, strict=True) if here and name]
    count = int(crossing.sum())
    lost: Literal["error", "warning"] = "error" if any(rivers.names) and not named else "warning"
    if not count:
        look.notes.add(
            lost,
            "inputs.rivers",
            f"{path.name} 有 {len(rivers.lines)} 条河流在格网内，但没有一条经过区域；请核对文件是否为本区域的。",
            f"{path.name} has {len(rivers.lines)} rivers on the grid, but none crosses the region; check that it is the "
            "region's file.",
        )
    elif "name" not in given and not given.get("burn_depth"):
        look.notes.warn(
            "inputs.rivers",
            f"没有指明河名字段 name，也没有 burn_depth，{path.name} 不起作用；请给出其一。{_fields(path, given)[0]}",
            f"has neither name, the field of names, nor burn_depth, so that {path.name} does nothing; give one of them. "
            f"{_fields(path, given)[1]}",
        )
    elif "name" in given and not named:
        look.notes.add(
            lost,
            "inputs.rivers",
            f"{path.name} 经过区域的 {count} 条河流在字段「{given['name']}」中都没有名称，小流域将以县名编号；"
            f"请核对字段。{_fields(path, given)[0]}",
            f"none of the {count} rivers of {path.name} in the region has a name in the field '{given['name']}'; small "
            f"watersheds will be called after their counties. Check the field. {_fields(path, given)[1]}",
        )
    rivers_named = len(set(named))
    look.saw(
        "inputs.rivers", [path], f"{count} 条经过区域，{len(named)} 条有名称（{rivers_named} 个河名）",
        f"{count} cross the region, {len(named)} with names ({rivers_named} different)",
    )  # fmt: skip


def _fields(path: Path, given: Mapping[str, Any]) -> tuple[str, str]:
    """Return which attributes a file has."""
    zh, en = listed(list(read_vectors(path, layer=given.get("layer")).columns), most=20)
    return (f"文件的字段：{zh}。", f"Its fields: {en}.") if zh else ("文件没有字段。", "The file has no fields.")


def _check_depth(notes: Notes, given: Mapping[str, Any]) -> None:
    depth, where = given.get("burn_depth"), "inputs.rivers.burn_depth"
    if not isinstance(depth, int | float) or isinstance(depth, bool):
        return
    low, high = BURN_DEPTHS
    if not 0 < depth < np.inf:
        notes.error(
            where,
            f"{depth:g} m 应为大于 0 的米数；不刻入河道就不要写它。",
            f"{depth:g} m must be metres above 0; leave it out to burn nothing.",
        )
    elif depth > DEEPEST:
        notes.error(
            where,
            f"{depth:g} m 太深，高程的精度会丢失；请核对单位（m），不超过 {DEEPEST:g}。",
            f"{depth:g} m is too deep for heights to keep their precision; check the unit (m), {DEEPEST:g} at most.",
        )
    elif not low <= depth <= high:
        notes.warn(
            where,
            f"{depth:g} m 不在通常的 {low:g}～{high:g} m 之间：太浅不起作用，太深会截走邻谷的水；请核对单位（m）。",
            f"{depth:g} m is outside the usual {low:g} to {high:g} m: less does nothing, more draws water from other "
            "valleys; check the unit (m).",
        )


def check_limits(notes: Notes, region: Region, rules: Rules) -> None:
    """
    Check that areas and codes of small watersheds can be what the rules ask for (面积界限与代码检查).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    """
    method = region.water.get("conditioning", CONDITIONING[0])
    if method in CONDITIONING[1:]:
        with notes.catching("region.rules"):
            breach_limits(rules, region.cell, method)
    with notes.catching("region.rules"):
        sliver_cells(rules, region.cell**2)
    if region.water.get("code_scheme", CODE_SCHEMES[0]) in CODE_SCHEMES:
        with notes.catching("region.rules"):
            longest_code(rules, scheme_name(region))
    limits = None
    with notes.catching("region.rules"):
        limits = Limits.from_rules(rules, region.cell**2)
    if limits is not None and limits.channel < FEW_CELLS:
        area = float(rules.value("watershed.channel_area"))
        least = FEW_CELLS * region.cell**2 / 1e6
        notes.warn(
            "region.rules",
            f"watershed.channel_area 为 {area:g} km²，只有 {limits.channel} 个像元（{region.cell:g} m），坡面也会算作河道，"
            f"又慢又占内存；请用不小于 {least:g} km² 的值，或更小的像元。",
            f"watershed.channel_area is {area:g} km², only {limits.channel} cells of {region.cell:g} m: hillslopes count as "
            f"channels, which is slow and takes memory. Use {least:g} km² or more, or smaller cells.",
        )


def judge_ground(look: Look, layer: Layer, tally: Tally) -> None:
    """
    Note where much of the ground is exactly level, so that water is led by rule and not by the land (汇流用高程检查).

    Parameters
    ----------
    look : Look
        Is added to.
    layer : Layer
        Elevation.
    tally : Tally
        What it holds.
    """
    if tally.broken or not tally.known or tally.low == tally.high:
        return
    known = tally.cells - tally.gone
    if tally.level > LEVEL_SHARE * known:
        share = tally.level / known
        look.notes.warn(
            layer.where,
            f"{layer.label} 有 {share:.0%} 的像元与东邻等高（整米高程、水面或填平的地方）；平地上的流向按固定的规则定，"
            "不是实测的，那里的河道与小流域界线请核对，或以 rivers 的 burn_depth 刻入已知河道。",
            f"in {layer.label} {share:.0%} of the cells are exactly as high as their eastern neighbour (whole metres, water "
            "or filled ground); on the level, directions follow a fixed rule and not the land. Check channels and borders "
            "there, or burn in known rivers with burn_depth of rivers.",
        )
