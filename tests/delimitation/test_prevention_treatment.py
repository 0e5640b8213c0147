"""The key zones of a small region: areas, borders, reasons, higher levels, planned area (模拟数据)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from tests.delimitation.key_zone_region import key_zone_region

from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.draft.prevention_treatment import planned_rows
from shuibao.delimitation.draft.unit_indices import covered_share, line_density
from shuibao.delimitation.draft.unit_tables import THEME, read_units, unit_verdicts
from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder
from shuibao.facts.table import Facts
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import read_vectors, write_geopackage
from shuibao.messages import CallError, ShuibaoError
from shuibao.survey.region import Region, load_region


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return a region with many small watersheds and a rule that some of them meet; never to be changed."""
    found = key_zone_region(tmp_path_factory.mktemp("key-zones") / "region")
    draw_zones(found, [THEME])
    return found


def inputs(folder: Path, line: str) -> Region:
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + f"\n{line}\n", encoding="utf-8")
    return load_region(folder)


@pytest.fixture
def copy(region: Region, tmp_path: Path) -> Path:
    return Path(shutil.copytree(region.folder, tmp_path / "copy"))


def test_both_kinds_are_drawn_and_what_is_in_no_zone_too(region: Region) -> None:
    assert set(read_units(region)["kind"]) == {"", "prevention", "treatment"}


def test_zones_are_the_sum_of_their_units_to_the_square_metre(region: Region) -> None:
    layer, units = read_layer(theme_folder(region.folder, THEME) / DRAWN), read_units(region)
    shapes = read_vectors(theme_folder(region.folder, THEME) / "units.parquet").geometry
    facts = Facts.read(region.products / "facts.parquet").grouped(["watershed"]).to_pydict()
    counted = dict(zip(facts["watershed"], facts["area_m2"], strict=True))
    for k, code in enumerate(layer.columns["code"]):
        mine = units["zone"] == code
        assert mine.any()
        assert round(layer.columns["area_m2"][k]) == round(shapely.area(shapes[mine]).sum())
        assert layer.columns["counted_m2"][k] == sum(counted[unit] for unit in units["code"][mine])
        assert layer.columns["unit_codes"][k].split() == sorted(units["code"][mine])
    np.testing.assert_array_equal(units["zone"] != "", units["kind"] != "")


def test_zones_share_borders_and_do_not_overlap(region: Region) -> None:
    layer = read_layer(theme_folder(region.folder, THEME) / DRAWN)
    assert shapely.is_valid(layer.geometry).all()
    assert shapely.coverage_is_valid(layer.geometry)
    assert len(set(layer.columns["name"])) == len(layer)
    assert layer.metadata["DATA_KIND"] == "模拟数据"
    assert all("市级水土流失重点" in name for name in layer.columns["name"])
    assert all(basis.startswith("key_zone_rule: ") for basis in layer.columns["basis"])
    assert all(len(basis.encode()) <= 254 for basis in layer.columns["basis"])


def test_every_unit_says_why(region: Region) -> None:
    units = read_units(region)
    for code, kind, reason in zip(units["code"], units["kind"], units["reason"], strict=True):
        assert reason.startswith("列入" if kind else "不列入")
        unit, rules = unit_verdicts(region, code)
        assert unit["reason"] == reason
        assert len(rules) == 5  # two of seven are off
        for rule in rules:
            value = units[rule["index"]][units["code"] == code][0]
            assert rule["verdict"] == (-1 if np.isnan(value) else int(eval_rule(value, rule)))  # noqa: S101


def eval_rule(value: float, rule: dict[str, Any]) -> bool:
    return value >= rule["threshold"] if rule["operator"] == ">=" else value <= rule["threshold"]


def test_two_drawings_have_the_same_bytes(region: Region, copy: Path) -> None:
    draw_zones(load_region(copy), [THEME])
    for name in (DRAWN, "units.parquet", "verdicts.parquet"):
        one, two = (theme_folder(folder, THEME) / name for folder in (region.folder, copy))
        assert one.read_bytes() == two.read_bytes(), name


def test_a_higher_level_is_not_contradicted_and_it_is_said(region: Region, copy: Path) -> None:
    units = read_units(region)
    shapes = read_vectors(theme_folder(region.folder, THEME) / "units.parquet").geometry
    treated = np.flatnonzero(units["kind"] == "treatment")
    zone = np.array([shapely.union_all(shapes[treated]), shapely.box(0, 0, 1, 1)], dtype=object)
    columns = {"种类": ["国家级水土流失重点预防区", "重点治理区"], "级别": ["国家级", "县级"]}
    write_geopackage(copy / "inputs/higher.gpkg", {"higher": (columns, zone)}, national_crs())
    line = 'higher_zones = { path = "inputs/higher.gpkg", kind = "种类", level = "级别" }'
    changed = inputs(copy, line)
    layer = draw_zones(changed, [THEME])[THEME]
    after = read_units(changed)
    assert not (after["kind"][treated] == "treatment").any()
    assert (after["higher_kind"][treated] == "prevention").all()
    clashing = treated[units["step"][treated] != "enclave"]
    assert all("上级已划为国家级重点预防区" in reason for reason in after["reason"][clashing])
    assert "1 个区域不高于本级" in layer.metadata["NOTE_higher_level"]


def test_the_planned_area_is_set_beside(copy: Path) -> None:
    changed = inputs(copy, 'planned_area = { treatment = 100, unit = "hm2", source = "规划" }')
    layer = draw_zones(changed, [THEME])[THEME]
    rows = {row["kind"]: row for row in planned_rows(changed, layer)}
    drawn = layer.columns["area_m2"][layer.columns["kind"] == "treatment"].sum() / 1e6
    assert rows["treatment"]["planned_km2"] == 1.0
    assert rows["treatment"]["difference_percent"] == pytest.approx(100 * (drawn - 1))
    assert rows["prevention"]["planned_km2"] is None
    assert "相差" in layer.metadata["NOTE_planned_treatment"]


def test_indices_without_data_are_told_by_their_names(region: Region) -> None:
    notes = read_layer(theme_folder(region.folder, THEME) / DRAWN).metadata
    assert "沟壑密度" in notes["NOTE_indices"]
    assert "_" not in notes["NOTE_indices"]
    assert "_" not in notes["NOTE_EN_indices"]


def test_water_sources_gullies_and_a_table_give_indices(region: Region, copy: Path) -> None:
    codes = read_units(region)["code"]
    shapes = read_vectors(theme_folder(region.folder, THEME) / "units.parquet").geometry
    write_geopackage(copy / "inputs/water.gpkg", {"w": ({"id": [1]}, shapes[:1])}, national_crs())
    left, bottom, right, top = shapely.total_bounds(shapes)
    line = np.array([shapely.LineString([(left, bottom), (right, top)])], dtype=object)
    write_geopackage(copy / "inputs/gullies.gpkg", {"g": ({"id": [1]}, line)}, national_crs())
    text = "code,name,population_density\n" + "".join(f"{code},x,{k}\n" for k, code in enumerate(codes[:-1]))
    (copy / "inputs/units.csv").write_text(text, encoding="utf-8")
    changed = inputs(copy, 'water_sources = { path = "inputs/water.gpkg" }\ngullies = { path = "inputs/gullies.gpkg" }\n'
                     'unit_table = { path = "inputs/units.csv" }')  # fmt: skip
    draw_zones(changed, [THEME])
    after = read_units(changed)
    assert after["water_source_share"][0] == pytest.approx(100)
    assert after["water_source_share"][1:].max() < 1
    total = (after["gully_density"] * shapely.area(shapes)).sum() / 1000
    assert total == pytest.approx(shapely.intersection(line[0], shapely.union_all(shapes)).length)
    assert after["population_density"][3] == 3
    assert np.isnan(after["population_density"][-1])
    (copy / "inputs/units.csv").write_text(text + "nowhere,x,1\n", encoding="utf-8")
    with pytest.raises(ShuibaoError, match="nowhere"):
        draw_zones(changed, [THEME])


@pytest.mark.parametrize("columns, word", [
    ({"sort": ["预防"], "level": ["national"]}, "kind"), ({"kind": ["别的"], "level": ["national"]}, "别的"),
    ({"kind": ["预防"], "level": ["乡"]}, "乡"),
])  # fmt: skip
def test_zones_of_higher_levels_that_are_not_understood_are_refused(
    region: Region, copy: Path, columns: dict[str, Any], word: str
) -> None:
    shapes = read_vectors(theme_folder(region.folder, THEME) / "units.parquet").geometry[:1]
    write_geopackage(copy / "inputs/higher.gpkg", {"higher": (columns, shapes)}, national_crs())
    with pytest.raises(ShuibaoError, match=word):
        draw_zones(inputs(copy, 'higher_zones = { path = "inputs/higher.gpkg" }'), [THEME])


def test_an_unknown_unit_is_refused_and_what_is_not_drawn_says_how(region: Region, tmp_path: Path, copy: Path) -> None:
    with pytest.raises(CallError, match="nowhere"):
        unit_verdicts(region, "nowhere")
    shutil.rmtree(copy / "zones")
    with pytest.raises(ShuibaoError, match="zones draw"):
        read_units(load_region(copy))


def test_covered_shares_and_densities_are_zero_without_layers() -> None:
    shapes, nothing = np.array([shapely.box(0, 0, 1, 1)], dtype=object), np.empty(0, dtype=object)
    assert covered_share(nothing, shapes).tolist() == [0.0]
    assert line_density(nothing, shapes).tolist() == [0.0]
