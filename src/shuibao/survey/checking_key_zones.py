"""Looking at the layers and tables that the key zones may use: planning lines, zones above, gullies, tables (重点区输入检查)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from shuibao.ground.lines import rivers_on
from shuibao.survey.checking_layers import Look
from shuibao.survey.checking_notes import listed
from shuibao.survey.inputs import path_of
from shuibao.survey.key_zone_inputs import higher_zones_of, planned_areas, unit_table_of
from shuibao.survey.zone_inputs import Shapes, shapes_of, uncovered

POLYGON_LAYERS = {
    "red_line": ("生态保护红线", "ecological red line"),
    "water_sources": ("水源地", "water-source areas"),
    "desertified": ("沙化土地", "desertified land"),
    "rocky_desert": ("石漠化土地", "rocky desert"),
    "higher_zones": ("上级重点区", "zones of higher levels"),
}
"""Inputs of polygons that are looked at here, with their names."""


def check_key_zone_inputs(look: Look) -> None:
    """
    Check what the key zones may use, as far as region.toml names it (重点区输入检查).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    for name in POLYGON_LAYERS:
        if look.given(name):
            _check_polygons(look, name)
    checks: dict[str, Callable[[Look], None]] = {
        "gullies": _check_gullies, "unit_table": _check_table, "planned_area": _check_planned,
    }  # fmt: skip
    for name, check in checks.items():
        if look.given(name):
            with look.notes.catching(f"inputs.{name}"):
                check(look)


def _check_polygons(look: Look, name: str) -> None:
    """Note a layer that cannot be used, and warn of one that does not touch the region or spans only a part of it."""
    shapes: Shapes | None = None
    with look.notes.catching(f"inputs.{name}"):
        above = higher_zones_of(look.region) if name == "higher_zones" else None
        shapes = shapes_of(look.region, name) if above is None else above.shapes
    if shapes is None:
        return
    zh, en = POLYGON_LAYERS[name]
    count = len(shapes.geometry)
    if look.placed:
        tree = shapely.STRtree(shapes.geometry)
        count = np.unique(tree.query(look.counties.geometry, predicate="intersects")[1]).size
        if not count:
            look.notes.warn(
                f"inputs.{name}",
                f"{shapes.source} 的 {len(shapes.geometry)} 个面都不在区域内；若本区域确无{zh}可不理会，否则请核对坐标系与文件。",
                f"none of the {len(shapes.geometry)} polygons of {shapes.source} lies in the region; never mind if it has no "
                f"{en}, else check the coordinate system and the file.",
            )
        elif name == "red_line":
            _check_reach(look, shapes)
    look.saw(f"inputs.{name}", [path_of(look.region, name)], f"{count} 个面在区域内", f"{count} polygons in the region")


def _check_reach(look: Look, shapes: Shapes) -> None:
    least = float(look.rules.value("zone_package.layer_cover")) / 100
    short = [f"{name}（{100 * share:.0f} %）" for name, share in uncovered(shapes, look.counties, least)]
    if short:
        zh, en = listed(short)
        look.notes.warn(
            f"inputs.{shapes.name}",
            f"{shapes.source} 的外轮廓没有盖满这些县：{zh}；那里的重叠面积可能偏小，成果上会注明。",
            f"the outline of {shapes.source} does not cover these counties: {en}; overlaps there may be too small, and the "
            "result will say so.",
        )


def _check_gullies(look: Look) -> None:
    path = path_of(look.region, "gullies")
    found = rivers_on(path, look.grid, layer=look.given("gullies").get("layer"))
    look.saw("inputs.gullies", [path], f"{len(found.lines)} 条在格网内", f"{len(found.lines)} lines on the grid")


def _check_table(look: Look) -> None:
    key, rows = unit_table_of(look.region)
    columns = [name for name in (rows[0] if rows else {}) if name != key]
    look.saw(
        "inputs.unit_table", [path_of(look.region, "unit_table")], f"{len(rows)} 行，列 {'、'.join(columns)}",
        f"{len(rows)} rows, columns {', '.join(columns)}",
    )  # fmt: skip


def _check_planned(look: Look) -> None:
    planned = planned_areas(look.region)
    text = ", ".join(f"{kind} {area:g} km²" for kind, area in planned.items())
    look.saw("inputs.planned_area", [], text, text)
