"""The severe and fragile areas of a small region, what they overlap, and facts by zone (模拟数据)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from tests.delimitation.steep_region import along_cells
from tests.survey.rivers import own_pack
from tests.survey.small_region import CODES, corner_grid, small_region

from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.draft.explaining import explain
from shuibao.delimitation.draft.steep_slope import draw_steep_slopes
from shuibao.delimitation.draft.zone_rasters import ZoneCells
from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder
from shuibao.delimitation.watching.monitoring import monitoring_rows
from shuibao.delimitation.watching.overlaps import overlap_rows, pair_areas
from shuibao.delimitation.watching.zone_facts import count_by_zone, zone_facts
from shuibao.facts.by_zone import OTHERS
from shuibao.facts.table import Facts
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region
from shuibao.zoning.layer import HECTARE, THEMES, ZoneLayer

THEME = "severe_fragile"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return a region over the corner of four tiles with all three kinds of zone; never to be changed."""
    folder = tmp_path_factory.mktemp("severe-fragile") / "region"
    pack = own_pack(folder, {"minimum_area": 1.0}, unit="hm2", table="severe_fragile")
    small_region(folder, region=pack, grid=corner_grid())
    with (folder / "own.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[steep_slope.angle]\nvalue = 5\nunit = "deg"\nsource = "shuibao"\nstatus = "draft"\nbasis = "chosen"\n'
        )
        file.write(
            '\n[steep_slope.minimum_area]\nvalue = 1\nunit = "hm2"\nsource = "shuibao"\nstatus = "draft"\nbasis = "chosen"\n'
        )
        value = '{ type = "steep_sparse", slope_from = 8, cover_below = 0.5, land_groups = ["forest", "grass"] }'
        file.write(
            f'\n[fragile_rule.steep_sparse]\nvalue = {value}\nunit = "1"\nsource = "shuibao"\nstatus = "draft"\n'
        )
    found = load_region(folder)
    run_region(found, jobs=1)
    draw_zones(found, list(THEMES))
    return found


@pytest.fixture
def copy(region: Region, tmp_path: Path) -> Path:
    return Path(shutil.copytree(region.folder, tmp_path / "copy"))


def layer_of(region: Region, theme: str = THEME) -> ZoneLayer:
    return read_layer(theme_folder(region.folder, theme) / DRAWN)


def inputs(folder: Path, line: str) -> Region:
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + f"\n{line}\n", encoding="utf-8")
    return load_region(folder)


def test_both_kinds_are_drawn_with_borders_in_common(region: Region) -> None:
    layer = layer_of(region)
    assert set(layer.columns["kind"]) == {"severe", "fragile"}
    assert shapely.is_valid(layer.geometry).all()
    assert shapely.coverage_is_valid(layer.geometry)
    assert set(layer.columns["county"]) == set(CODES)
    assert layer.columns["area_hm2"].min() >= 1.0
    assert all(basis.startswith(("severe_fragile.severe_from", "fragile_rule: ")) for basis in layer.columns["basis"])
    assert all(len(basis.encode()) <= 254 for basis in layer.columns["basis"])  # what a shapefile can hold
    assert layer.metadata["DATA_KIND"] == "模拟数据"
    assert "desertified" in layer.metadata["NOTE_desertified"]


def test_what_an_area_holds_adds_up_to_its_cells(region: Region) -> None:
    layer, grid = layer_of(region), counties_of(region).grid(region.cell)
    cells = np.bincount(ZoneCells(layer).on(grid).ravel(), minlength=len(layer) + 1)[1:]
    held = {name: np.asarray(layer.columns[f"{name}_hm2"]) for name in ("severe", "fragile", "both", "other")}
    total = held["severe"] + held["fragile"] - held["both"] + held["other"]
    np.testing.assert_allclose(total, cells * 900 / HECTARE, atol=0.03)
    severe = layer.columns["kind"] == "severe"
    assert held["severe"][severe].sum() > 0.7 * layer.columns["area_hm2"][severe].sum()


def test_areas_do_not_depend_on_the_tiles(region: Region, copy: Path) -> None:
    path = copy / "region.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("tile = 512", "tile = 1024"), encoding="utf-8")
    draw_zones(load_region(copy), [THEME])
    again, layer = layer_of(load_region(copy)), layer_of(region)
    assert shapely.equals_exact(again.geometry, layer.geometry, 0).all()
    assert {k: v.tolist() for k, v in again.columns.items()} == {k: v.tolist() for k, v in layer.columns.items()}


def test_two_drawings_have_the_same_bytes(region: Region, copy: Path) -> None:
    draw_zones(load_region(copy), [THEME])
    one, two = (theme_folder(folder, THEME) / DRAWN for folder in (region.folder, copy))
    assert one.read_bytes() == two.read_bytes()


def test_mapped_layers_make_land_fragile_and_are_judged_only_if_given(region: Region, copy: Path) -> None:
    county = counties_of(region).geometry[:1]
    write_geopackage(copy / "inputs/sand.gpkg", {"s": ({"id": [1]}, county)}, national_crs())
    draw_zones(inputs(copy, 'desertified = { path = "inputs/sand.gpkg" }'), [THEME])
    layer = layer_of(load_region(copy))
    assert "NOTE_desertified" not in layer.metadata
    mine = layer.columns["county"] == CODES[0]
    assert layer.columns["area_m2"][mine].sum() == pytest.approx(shapely.area(county[0]), rel=0.02)
    assert layer.columns["sand_hm2"].sum() > 0


def test_the_urban_boundary_is_subtracted_only_if_the_pack_says_so(region: Region, copy: Path) -> None:
    county = counties_of(region).geometry[:1]
    write_geopackage(copy / "inputs/urban.gpkg", {"u": ({"id": [1]}, county)}, national_crs())
    changed = inputs(copy, 'construction = { path = "inputs/urban.gpkg" }')
    draw_zones(changed, [THEME])
    assert CODES[0] in layer_of(changed).columns["county"]
    with (copy / "own.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[severe_fragile.subtract_construction]\nvalue = true\nunit = "1"\nsource = "shuibao"\nstatus = "draft"\n'
        )
    draw_zones(load_region(copy), [THEME])
    assert set(layer_of(changed).columns["county"]) == {CODES[1]}


def test_overlaps_add_up_and_are_the_same_from_both_sides(region: Region) -> None:
    rows = overlap_rows(region)
    totals = {(row["kind"], row["with"]): row["area_m2"] for row in rows if not row["code"]}
    assert ("severe", "steep_slope") in totals
    for (kind, other), area in totals.items():
        each = [row["area_m2"] for row in rows if row["code"] and (row["kind"], row["with"]) == (kind, other)]
        assert round(sum(each), 2) == area
        assert totals[other, kind] == pytest.approx(area, abs=0.01 * len(rows))
    severe, steep = layer_of(region), layer_of(region, "steep_slope")
    mine = severe.geometry[severe.columns["kind"] == "severe"]
    both = shapely.intersection(shapely.union_all(mine), shapely.union_all(steep.geometry)).area
    assert totals["severe", "steep_slope"] == pytest.approx(both, abs=1)


def test_a_red_line_is_told_and_takes_nothing_away(region: Region, copy: Path) -> None:
    line = np.array([counties_of(region).geometry[0], counties_of(region).geometry[0]], dtype=object)
    write_geopackage(copy / "inputs/red.gpkg", {"r": ({"id": [1, 2]}, line)}, national_crs())
    changed = inputs(copy, 'red_line = { path = "inputs/red.gpkg" }')
    before = layer_of(region)
    draw_zones(changed, [THEME])
    after = layer_of(changed)
    assert shapely.equals_exact(after.geometry, before.geometry, 0).all()
    assert "没有覆盖" in after.metadata["NOTE_overlap_red_line"]
    rows = {row["kind"]: row for row in overlap_rows(changed, [THEME]) if row["with"] == "red_line" and not row["code"]}
    for kind in ("severe", "fragile"):
        mine = (after.columns["kind"] == kind) & (after.columns["county"] == CODES[0])
        assert rows[kind]["area_m2"] == pytest.approx(after.columns["area_m2"][mine].sum(), rel=0.01)  # counted once


@pytest.mark.parametrize("theme", THEMES)
def test_facts_by_zone_sum_to_the_facts_of_the_region(region: Region, theme: str) -> None:
    facts = Facts.read(region.products / "facts.parquet")
    layer = layer_of(region, theme)
    found = zone_facts(region, theme, layer)
    assert found.table.column_names == facts.table.column_names
    assert found.grouped(list(OTHERS)).equals(facts.grouped(list(OTHERS)))
    assert set(found.column("zone")) <= {"", *layer.columns["code"]}
    again = zone_facts(region, theme, layer)  # read, not counted
    assert again.table.equals(found.table)
    path = theme_folder(region.folder, theme) / "facts.parquet"
    before = path.read_bytes()
    path.unlink()
    zone_facts(region, theme, layer)
    assert path.read_bytes() == before


def test_the_parameters_in_force_explain_as_many_areas_as_are_drawn(region: Region) -> None:
    table = explain(region, load_rules(region.packs), THEME).table
    assert table.areas[table.chosen] == len(layer_of(region)) > 0
    assert len(set(table.areas.tolist())) > 1


def test_steep_slopes_counted_are_steep_slopes_drawn_along_the_cells(copy: Path, tmp_path: Path) -> None:
    region = load_region(copy)
    layer = draw_steep_slopes(region, load_rules([*region.packs, along_cells(tmp_path)]))
    table = zone_facts(region, "steep_slope", layer).grouped(["zone"]).to_pydict()
    counted = dict(zip(table["zone"], table["area_m2"], strict=True))
    assert [counted[code] for code in layer.columns["code"]] == layer.columns["area_m2"].tolist()


def test_products_of_another_run_are_refused(copy: Path) -> None:
    found = load_region(copy)
    layer = layer_of(found)
    shutil.copyfile(copy / "products/ls.tif", copy / "products/soil_loss.tif")
    with pytest.raises(ShuibaoError, match="shuibao run"):
        count_by_zone(found, layer)


def test_monitoring_tells_the_year_and_its_change(region: Region, copy: Path) -> None:
    rows = monitoring_rows(region, by="zone")
    kinds = {row["kind"]: row for row in monitoring_rows(region)}
    for kind, row in kinds.items():
        each = [r for r in rows if r["kind"] == kind]
        assert row["zones"] == len(each)
        for name in ("area_hm2", "eroded_hm2", "disturbed_hm2", "intensity_6_hm2"):
            assert sum(r[name] for r in each) == pytest.approx(row[name])
    assert kinds["severe"]["eroded_percent"] > 90
    same = monitoring_rows(region, [THEME], against=region)
    assert all(row["eroded_hm2_change"] == 0 and row["soil_loss_t_change"] == 0 for row in same)
    other = inputs(copy, "").folder / "region.toml"
    other.write_text(other.read_text(encoding="utf-8").replace("value = 1\n", "value = 0.1\n").replace(
        "tillage = { value = 1 }", "tillage = { value = 0.1 }"), encoding="utf-8")  # fmt: skip
    changed = load_region(copy)
    run_region(changed, jobs=1)
    (row,) = (r for r in monitoring_rows(region, [THEME], against=changed) if r["kind"] == "severe")
    assert row["soil_loss_t_change"] == pytest.approx(row["soil_loss_t"] - row["soil_loss_t_before"])
    assert row["soil_loss_t_change"] > 0
    with pytest.raises(CallError, match="zone"):
        monitoring_rows(region, by="town")


def test_pairs_are_the_same_whichever_side_is_larger() -> None:
    draw = np.random.default_rng(5)

    def some(count: int, size: float) -> Any:
        corner = draw.uniform(0, 20, (count, 2))
        return np.array([shapely.Point(x, y).buffer(size, quad_segs=int(4 + size)) for x, y in corner], dtype=object)

    one, other = some(12, 1.5), some(9, 6.0)
    first, second, area = pair_areas(one, other)
    expected = shapely.area(shapely.intersection(one[:, None], other[None, :]))
    found = np.zeros_like(expected)
    found[first, second] = area
    np.testing.assert_allclose(found, expected, atol=1e-9)
    back = pair_areas(other, one)
    assert sorted(zip(back[1], back[0], strict=True)) == list(zip(first, second, strict=True))
