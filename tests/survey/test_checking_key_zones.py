"""A check looks at what the key zones may use, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from tests.survey.small_region import region_grid, small_region

from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.survey.checking import check_region

LAYER = {"path": "inputs/layer.gpkg"}


def layer(folder: Path, shapes: list[Any], columns: dict[str, Any] | None = None) -> None:
    path = folder / "inputs" / "layer.gpkg"
    path.parent.mkdir(parents=True, exist_ok=True)
    own = columns or {"id": list(range(len(shapes)))}
    write_geopackage(path, {"layer": (own, np.array(shapes, dtype=object))}, national_crs())


def found(folder: Path, name: str, given: dict[str, Any], severity: str) -> str:
    small_region(folder, files=not (folder / "inputs/dem.tif").exists(), inputs={name: given})
    where = f"inputs.{name}"
    return "\n".join(
        f.zh for f in check_region(folder).findings if f.where.startswith(where) and f.severity == severity
    )


def whole() -> Any:
    return shapely.box(*region_grid().grown(5).bounds)


@pytest.mark.parametrize("name", ["red_line", "water_sources", "desertified", "rocky_desert"])
def test_a_layer_over_the_region_is_seen_and_one_elsewhere_is_doubted(tmp_path: Path, name: str) -> None:
    layer(tmp_path, [whole()])
    assert found(tmp_path, name, LAYER, "error") == found(tmp_path, name, LAYER, "warning") == ""
    assert any(
        seen.where == f"inputs.{name}" and seen.zh.startswith("1 个面") for seen in check_region(tmp_path).inputs
    )
    layer(tmp_path, [shapely.box(0, 0, 10, 10)])
    assert "都不在区域内" in found(tmp_path, name, LAYER, "warning")


def test_a_red_line_that_does_not_span_a_county_is_told(tmp_path: Path) -> None:
    left, bottom, right, top = region_grid().bounds
    layer(tmp_path, [shapely.box(left, bottom, (left + right) / 2, top)])
    assert "模拟乙县" in found(tmp_path, "red_line", LAYER, "warning")


def test_zones_of_higher_levels_need_kind_and_level(tmp_path: Path) -> None:
    layer(tmp_path, [whole()], {"kind": ["省级重点预防区"], "level": ["省级"]})
    assert found(tmp_path, "higher_zones", LAYER, "error") == ""
    layer(tmp_path, [whole()], {"kind": ["不明"], "level": ["省级"]})
    assert "不明" in found(tmp_path, "higher_zones", LAYER, "error")
    assert "kinds" in found(tmp_path, "higher_zones", {**LAYER, "kind": "kinds"}, "error")


def test_gullies_are_lines(tmp_path: Path) -> None:
    layer(tmp_path, [whole()])
    assert "线" in found(tmp_path, "gullies", LAYER, "error")
    layer(tmp_path, [shapely.LineString(whole().exterior.coords)])
    assert found(tmp_path, "gullies", LAYER, "error") == ""


def test_a_table_of_units_needs_its_codes(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs/units.csv").write_text("code,population_density\nA,3\n", encoding="utf-8")
    given = {"path": "inputs/units.csv"}
    assert found(tmp_path, "unit_table", given, "error") == ""
    assert "编码列「编码」" in found(tmp_path, "unit_table", {**given, "code": "编码"}, "error")
    assert "读不了" in found(tmp_path, "unit_table", {"path": "inputs/none.csv"}, "error")


@pytest.mark.parametrize("given, word", [
    ({"prevention": 10.0, "unit": "mu"}, "km2"), ({"treatment": -1.0}, "大于 0"), ({"source": "规划"}, "大于 0"),
])  # fmt: skip
def test_planned_areas_are_positive_and_in_a_known_unit(tmp_path: Path, given: dict[str, Any], word: str) -> None:
    assert word in found(tmp_path, "planned_area", given, "error")
