"""What would lead the water astray is found before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from tests.survey.rivers import own_pack, stream, write_rivers
from tests.survey.small_region import MARGIN, elevation, input_grid, region_grid, small_region, write_tif

from shuibao.ground.grid import national_crs
from shuibao.messages import Finding, ShuibaoError
from shuibao.survey import load_region, run_region
from shuibao.survey.checking import check_region

RIVERS = {"path": "inputs/rivers.gpkg", "name": "河名"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a sound region folder."""
    return small_region(tmp_path / "region")


def findings(folder: Path, **changes: Any) -> tuple[Finding, ...]:
    """Check a small region whose region.toml is changed."""
    return check_region(small_region(folder, files=False, **changes)).findings


def only(found: Sequence[Finding]) -> Finding:
    """Return the one finding that there is."""
    assert len(found) == 1, "\n".join(f"{f.where}: {f.en}" for f in found)
    return found[0]


def says(finding: Finding, *parts: str) -> None:
    """Demand that both languages hold some parts."""
    for part in parts:
        assert part in finding.zh, f"{part!r} is not in {finding.zh!r}"
        assert part in finding.en, f"{part!r} is not in {finding.en!r}"


def test_sound_rivers_have_no_findings_and_are_counted(folder: Path) -> None:
    write_rivers(folder)
    result = check_region(small_region(folder, files=False, inputs={"rivers": RIVERS | {"burn_depth": 10}}))
    assert result.findings == ()
    seen = next(i for i in result.inputs if i.where == "inputs.rivers")
    assert seen.files == ("inputs/rivers.gpkg",)
    assert seen.zh == "2 条经过区域，1 条有名称（1 个河名）"
    assert seen.en.startswith("2 cross the region, 1 with names")


def test_rivers_in_degrees_are_sound(folder: Path) -> None:
    to_degrees = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    line = shapely.transform(stream(), to_degrees.transform, interleaved=False)
    write_rivers(folder, [line], ["模拟河"], CRS.from_epsg(4490))
    assert findings(folder, inputs={"rivers": RIVERS}) == ()


def test_rivers_that_do_not_exist_are_refused(folder: Path) -> None:
    found = only(findings(folder, inputs={"rivers": RIVERS}))
    assert (found.severity, found.where) == ("error", "inputs.rivers")
    says(found, "inputs/rivers.gpkg")


def test_rivers_without_a_path_are_asked_for(folder: Path) -> None:
    says(only(findings(folder, inputs={"rivers": {"name": "河名"}})), "path")


def test_rivers_that_are_no_vectors_are_refused(folder: Path) -> None:
    (folder / "inputs/rivers.gpkg").write_text("河流")
    says(only(findings(folder, inputs={"rivers": RIVERS})), "inputs/rivers.gpkg", "GeoPackage")


def test_a_layer_that_the_file_lacks_is_refused(folder: Path) -> None:
    write_rivers(folder)
    says(only(findings(folder, inputs={"rivers": RIVERS | {"layer": "hydrology"}})), "hydrology")


def test_river_polygons_are_refused(folder: Path) -> None:
    write_rivers(folder, [stream().buffer(50.0), stream(300.0).buffer(50.0)])
    found = only(findings(folder, inputs={"rivers": RIVERS}))
    says(found, "inputs/rivers.gpkg", "Polygon")
    assert "中心线" in found.zh


def test_rivers_without_a_coordinate_system_are_refused(folder: Path) -> None:
    import pyogrio.raw

    wkb = np.array([shapely.to_wkb(stream())], dtype=object)
    names = [np.array(["模拟河"], dtype=object)]
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.raw.write(
            folder / "inputs/rivers.gpkg", wkb, names, ["河名"], geometry_type="LineString", driver="GPKG"
        )
    assert "没有坐标系" in only(findings(folder, inputs={"rivers": RIVERS})).zh


def test_a_field_that_the_rivers_lack_is_refused_with_those_they_have(folder: Path) -> None:
    write_rivers(folder)
    says(only(findings(folder, inputs={"rivers": RIVERS | {"name": "NAME"}})), "NAME", "河名", "长度")


def test_a_wrong_field_does_not_hide_that_the_rivers_are_elsewhere(folder: Path) -> None:
    write_rivers(folder, [shapely.transform(stream(), lambda xy: xy + 500_000.0)], ["模拟河"])
    found = findings(folder, inputs={"rivers": RIVERS | {"name": "NAME"}})
    assert [f.severity for f in found] == ["error", "error"]
    assert any("不相交" in f.zh and "does not touch" in f.en for f in found)


def test_rivers_beside_the_region_are_refused_for_names_and_a_warning_for_burning(folder: Path) -> None:
    left, bottom, right, top = region_grid().bounds
    write_rivers(folder, [shapely.LineString([(right + 500, bottom), (right + 500, top)])], ["模拟河"])
    found = only(findings(folder, inputs={"rivers": RIVERS}))
    assert found.severity == "error"
    says(found, "rivers.gpkg", "1")
    with pytest.raises(ShuibaoError, match="不重叠"):
        run_region(load_region(folder), steps=["water"], jobs=1)
    found = only(findings(folder, inputs={"rivers": {"path": "inputs/rivers.gpkg", "burn_depth": 5}}))
    assert found.severity == "warning"


def test_rivers_without_any_name_are_a_warning_with_the_fields(folder: Path) -> None:
    write_rivers(folder, names=["", None])
    found = only(findings(folder, inputs={"rivers": RIVERS}))
    assert found.severity == "warning"
    says(found, "2", "河名", "长度")


def test_rivers_that_do_nothing_are_a_warning(folder: Path) -> None:
    write_rivers(folder)
    found = only(findings(folder, inputs={"rivers": {"path": "inputs/rivers.gpkg"}}))
    assert found.severity == "warning"
    says(found, "name", "burn_depth", "河名")


@pytest.mark.parametrize("depth, severity", [(0, "error"), (-5, "error"), (0.2, "warning"), (1000, "warning")])
def test_a_burning_depth_must_make_sense(folder: Path, depth: float, severity: str) -> None:
    write_rivers(folder)
    found = only(findings(folder, inputs={"rivers": RIVERS | {"burn_depth": depth}}))
    assert (found.severity, found.where) == (severity, "inputs.rivers.burn_depth")
    says(found, f"{depth:g} m")


def test_rivers_are_looked_at_though_the_borders_are_wrong(folder: Path) -> None:
    found = findings(folder, inputs={"rivers": RIVERS, "boundaries": {"path": "inputs/none.shp"}})
    assert {f.where for f in found} == {"inputs.boundaries", "inputs.rivers"}


@pytest.mark.parametrize(
    "line, where, parts",
    [
        ('conditioning = "breech"', "water.conditioning", ("breech", "fill", "breach", "hybrid")),
        ('code_scheme = "pfafstetter"', "water.code_scheme", ("pfafstetter", "county", "tree")),
        ("tolerance = -1", "water.tolerance", ("-1", "0")),
        ("tolerance = inf", "water.tolerance", ("inf", "0")),
        ('tolerance = "30"', "water.tolerance", ("30", "float")),
        ("tolerence = 30", "water.tolerence", ("tolerance",)),
    ],
)
def test_wrong_values_of_water_are_refused(folder: Path, line: str, where: str, parts: tuple[str, ...]) -> None:
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8") + f"\n[water]\n{line}\n", encoding="utf-8")
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", where)
    says(found, *parts)
    with pytest.raises(ShuibaoError, match=r"water\."):
        load_region(folder)


@pytest.mark.parametrize(
    "values",
    [
        {"minimum_area": 60.0},
        {"channel_area": 11.0},
        {"target_area": 5.0},
        {"large_river_area": 20.0},
    ],
    ids=lambda values: next(iter(values)),
)
def test_area_limits_that_contradict_each_other_are_refused(folder: Path, values: dict[str, float]) -> None:
    found = only(findings(folder, region=own_pack(folder, values)))
    assert (found.severity, found.where) == ("error", "region.rules")
    says(found, *(f"watershed.{key} = {value:g}" for key, value in values.items()), "km²")
    with pytest.raises(ShuibaoError, match="互相矛盾"):
        run_region(load_region(folder), steps=["water"], jobs=1)


@pytest.mark.parametrize(
    "key, value, unit, allowed",
    [
        ("sliver_area", -0.1, "km2", ("不小于 0", "of at least 0")),
        ("sliver_area", float("nan"), "km2", ("不小于 0", "of at least 0")),
        ("minimum_area", 0, "km2", ("大于 0", "above 0")),
        ("maximum_area", float("nan"), "km2", ("大于 0", "above 0")),
        ("side_share", 100, "percent", ("小于 100", "below 100")),
        ("wscd_length", 9, "characters", ("不小于 10 的整数", "at least 10 characters")),
        ("wscd_length", 12.5, "characters", ("不小于 10 的整数", "at least 10 characters")),
    ],
)
def test_a_rule_of_small_watersheds_that_cannot_be_is_refused_before_anything_is_computed(
    folder: Path, key: str, value: float, unit: str, allowed: tuple[str, str]
) -> None:
    found = only(findings(folder, region=own_pack(folder, {key: value}, unit)))
    assert (found.severity, found.where) == ("error", "region.rules")
    says(found, f"watershed.{key}", f"{value}")
    assert allowed[0] in found.zh
    assert "请改规则包" in found.zh
    assert allowed[1] in found.en
    with pytest.raises(ShuibaoError, match=f"watershed.{key}"):
        run_region(load_region(folder), steps=["water"], jobs=1)
    assert not list(folder.glob("products/.water-*/*.npz"))


def test_codes_by_tree_may_be_shorter_than_those_by_county(folder: Path) -> None:
    small_region(folder, files=False, region=own_pack(folder, {"wscd_length": 9}, "characters"))
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[water]\ncode_scheme = "tree"\n', encoding="utf-8")
    assert check_region(folder).findings == ()


def test_borders_are_not_simplified_beyond_ten_cells(folder: Path) -> None:
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[water]\ntolerance = 301\n", encoding="utf-8")
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", "water.tolerance")
    says(found, "301", "300 m", "10 ")


def test_channels_of_a_few_cells_are_a_warning(folder: Path) -> None:
    found = only(findings(folder, region=own_pack(folder, {"channel_area": 0.02})))
    assert (found.severity, found.where) == ("warning", "region.rules")
    says(found, "watershed.channel_area", "0.02 km²", "23", "30 m", "0.09 km²")


def test_breaches_shorter_than_two_cells_are_refused(folder: Path) -> None:
    rules = own_pack(folder, {"breach_length": 40}, unit="m", table="conditioning")
    assert findings(folder, region=rules) == (), "only breaching needs it"
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[water]\nconditioning = "breach"\n', encoding="utf-8")
    says(only(check_region(folder).findings), "conditioning.breach_length", "40 m")


def test_whole_metres_on_a_plain_are_a_warning(folder: Path) -> None:
    grid = input_grid()
    plain = np.rint(1200 + elevation(grid) / 100).astype(np.int16)
    write_tif(folder / "inputs/dem.tif", plain, grid)
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("warning", "inputs.dem")
    says(found, "dem.tif", "burn_depth", "%")


def test_whole_metres_in_the_mountains_are_sound(folder: Path) -> None:
    grid = input_grid()
    write_tif(folder / "inputs/dem.tif", np.rint(3 * elevation(grid)).astype(np.int16), grid)
    assert check_region(folder).findings == ()


def test_stripes_without_elevation_are_named_as_such(folder: Path) -> None:
    grid = input_grid()
    values = elevation(grid)
    for row in (40, 61):
        values[row : row + 2] = np.nan
    write_tif(folder / "inputs/dem.tif", values, grid)
    found = only([f for f in check_region(folder).findings if f.severity == "error"])
    says(found, "2", "dem.tif")
    assert "有 2 处像扫描条带" in found.zh
    assert "2 gaps like stripes" in found.en


def test_a_hole_is_said_to_take_the_water(folder: Path) -> None:
    grid = input_grid()
    values = elevation(grid)
    values[50, 50:53] = np.nan
    write_tif(folder / "inputs/dem.tif", values, grid)
    found = [f for f in check_region(folder).findings if "离开陆地" in f.zh and "leaves the land" in f.en]
    says(only(found), "0.0027 km²")
    assert "条带" not in only(found).zh


def test_an_undeclared_missing_value_beside_the_region_is_refused(folder: Path) -> None:
    grid = input_grid()
    values = elevation(grid)
    values[: MARGIN - 5] = -9999  # water is led over the land around the region too
    write_tif(folder / "inputs/dem.tif", values, grid)
    found = only(check_region(folder).findings)
    assert (found.severity, found.where) == ("error", "inputs.dem")
    says(found, "nodata = -9999")


def test_water_comes_after_the_other_tables(folder: Path) -> None:
    path = folder / "region.toml"
    text = path.read_text(encoding="utf-8").replace("northwest_loess", "northwest_loes")
    path.write_text(text + '\n[water]\ntolerance = -1\n[output]\ncodec = "lzw"\n', encoding="utf-8")
    assert [f.where for f in check_region(folder).findings] == [
        "region.erosion_region",
        "output.codec",
        "water.tolerance",
    ]
