"""Zones drawn elsewhere: read under any of their names, refused where they do not say what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from tests.delimitation.zoned_region import BOTTOM, LEFT, box

from shuibao.delimitation.control.outside_zones import read_outside_zones
from shuibao.ground.grid import national_crs
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules

RULES = load_rules(["national"])


def file_of(path: Path, columns: dict[str, list[Any]], shapes: list[Any] | None = None, **options: Any) -> Path:
    number = len(next(iter(columns.values())))
    shapes = shapes or [box(k * 100, 0, k * 100 + 100, 100) for k in range(number)]
    values = [np.array(v, dtype=object if isinstance(v[0], str) else None) for v in columns.values()]
    pyogrio.raw.write(
        path, geometry=np.array(shapely.to_wkb(np.array(shapes, dtype=object)), dtype=object), field_data=values,
        fields=list(columns), geometry_type="Polygon" if path.suffix == ".shp" else "Unknown",
        crs=national_crs().to_wkt(), **options,
    )  # fmt: skip
    return path


def read(path: Path, **options: Any) -> Any:
    return read_outside_zones(path, national_crs(), RULES, **options)


@pytest.mark.parametrize(
    "kinds, levels",
    [
        (["prevention", "severe"], ["national", "province"]),
        ([1, 3], [1, 2]),
        (["重点预防区", "水土流失严重区"], ["国家级", "省级"]),
    ],
)
def test_kinds_and_levels_are_known_by_id_by_code_and_by_name(tmp_path: Path, kinds: Any, levels: Any) -> None:
    columns = {"ZONE_CODE": ["A1", "B2"], "ZONE_NAME": ["甲", "乙"], "KIND": kinds, "LEVEL": levels}
    layers, notes = read(file_of(tmp_path / "a.gpkg", columns))
    assert [(layer.theme, layer.columns["kind"].tolist(), layer.columns["level"].tolist()) for layer in layers] == [
        ("prevention_treatment", ["prevention"], ["national"]),
        ("severe_fragile", ["severe"], ["province"]),
    ]
    assert [layer.columns["code"].tolist() for layer in layers] == [["A1"], ["B2"]]
    assert layers[0].columns["area_m2"].tolist() == [10000.0]
    assert not notes


def test_a_gbk_shapefile_with_chinese_names_is_read(tmp_path: Path) -> None:
    columns = {"名称": ["多沙粗沙区"], "KIND_NAME": ["x"], "KIND": ["重点治理区"], "LEVEL": ["国家级"]}
    layers, _ = read(file_of(tmp_path / "a.shp", columns, encoding="GBK"))
    assert layers[0].columns["name"].tolist() == ["多沙粗沙区"]


def test_codes_that_are_missing_or_twice_are_numbered_by_the_file(tmp_path: Path) -> None:
    for name, codes in (("twice", ["A", "A"]), ("lost", ["A", ""])):
        layers, _ = read(file_of(tmp_path / f"{name}.gpkg", {"code": codes}), kind="treatment", level="national")
        assert layers[0].columns["code"].tolist() == [f"{name}-00001", f"{name}-00002"]


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.gpkg", {"KIND": ["预防保护区"], "LEVEL": ["国家级"]})
    with pytest.raises(ShuibaoError, match="预防保护区.*prevention"):
        read(path)
    path = file_of(tmp_path / "b.gpkg", {"KIND": ["重点预防区", ""], "LEVEL": ["国家级", "国家级"]})
    with pytest.raises(ShuibaoError, match="不认识"):
        read(path)
    assert read(path, kind="treatment")[0][0].columns["kind"].tolist() == ["prevention", "treatment"]


def test_what_the_file_does_not_say_must_be_given(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.gpkg", {"KIND": ["重点预防区"]})
    with pytest.raises(CallError, match="--zones-level"):
        read(path)
    with pytest.raises(CallError, match="不存在"):
        read(path, level="village")
    assert read(path, level="city")[0][0].columns["level"].tolist() == ["city"]


def test_what_is_no_area_is_left_out_and_what_crosses_itself_is_mended(tmp_path: Path) -> None:
    bow = shapely.Polygon([(LEFT, BOTTOM), (LEFT + 10, BOTTOM + 10), (LEFT + 10, BOTTOM), (LEFT, BOTTOM + 10)])
    shapes = [bow, shapely.Point(LEFT, BOTTOM)]
    layers, notes = read(file_of(tmp_path / "a.gpkg", {"code": ["a", "b"]}, shapes), kind="severe", level="county")
    assert layers[0].columns["area_m2"].tolist() == pytest.approx([50.0])
    assert [note.zh for note in notes] == ["a.gpkg 有 1 个要素不是面，已略去。", "a.gpkg 有 1 个区域自相交，已修复。"]
    with pytest.raises(ShuibaoError, match="没有面"):
        read(file_of(tmp_path / "b.gpkg", {"code": ["b"]}, shapes[1:]), kind="severe", level="county")
