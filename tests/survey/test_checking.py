"""All that is wrong with a region folder is listed at once, each fault with its place and its remedy."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from tests.survey.small_region import small_region

from shuibao.messages import CallError, Finding
from shuibao.survey import STEPS, load_region, run_region
from shuibao.survey.checking import check_region
from shuibao.survey.region import INPUT_KEYS

COUNTIES = {"path": "inputs/borders.geojson"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a sound region folder."""
    return small_region(tmp_path / "region")


def findings(folder: Path, **changes: Any) -> tuple[Finding, ...]:
    """Check a small region whose region.toml is changed."""
    return check_region(small_region(folder, files=False, **changes)).findings


def at(found: tuple[Finding, ...], where: str) -> Finding:
    """Return the one finding at a place."""
    here = [f for f in found if f.where == where]
    assert len(here) == 1, [f"{f.where}: {f.en}" for f in found]
    return here[0]


def says(finding: Finding, *parts: str) -> None:
    """Demand that both languages hold some parts."""
    for part in parts:
        assert part in finding.zh, f"{part!r} is not in {finding.zh!r}"
        assert part in finding.en, f"{part!r} is not in {finding.en!r}"


def test_everything_wrong_is_listed_at_once_in_the_order_of_the_file(folder: Path) -> None:
    toml = (folder / "region.toml").read_text()
    toml = toml.replace('"northwest_loess"', '"northwest_loes"').replace('"shanxi"', '"shanix"')
    toml = toml.replace("scheme =", "schema =").replace("cell = 30", "cel = 30").replace('unit = "mm"', 'unit = "inch"')
    (folder / "region.toml").write_text(toml)
    (folder / "inputs/k.tif").unlink()
    (folder / "inputs/fvc_03.tif").unlink()
    result = check_region(folder)
    assert [f.where for f in result.findings] == [
        "region.cel", "region.cell", "region.erosion_region", "region.rules",
        "inputs.land_use.schema", "inputs.rain.unit", "inputs.soil_k", "inputs.cover",
    ]  # fmt: skip
    assert result.errors == 8
    assert not result.passed
    says(at(result.findings, "region.cel"), "cel", "cell")
    says(at(result.findings, "region.erosion_region"), "northwest_loes", "northwest_loess")
    says(at(result.findings, "region.rules"), "shanix", "shanxi")
    says(at(result.findings, "inputs.land_use.schema"), "schema", "scheme")
    says(at(result.findings, "inputs.rain.unit"), "inch", "mm")
    says(at(result.findings, "inputs.soil_k"), "inputs/k.tif")
    says(at(result.findings, "inputs.cover"), "23", "24")


def test_every_finding_is_said_in_both_languages(folder: Path) -> None:
    shutil.rmtree(folder / "inputs")
    found = findings(folder, region={"cell": 25, "targets": "xinzhuo"}, inputs={"dem": {"unit": "cun"}})
    assert len(found) >= 8
    for finding in found:
        assert any("\u4e00" <= c <= "\u9fff" for c in finding.zh)
        assert not any("\u4e00" <= c <= "\u9fff" for c in finding.en.replace("「", "").replace("」", ""))


def test_a_folder_without_region_toml_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"region\.toml"):
        check_region(tmp_path)


@pytest.mark.parametrize(
    "content, word",
    [
        (b"[region\nname = 1", "TOML"),
        ("[region]\nname = '甲'".encode("gbk"), "GBK"),
        (b'[inputs]\ndem = { path = "inputs\\dem.tif" }', "/"),
    ],
    ids=["not TOML", "GBK", "backslash"],
)
def test_a_region_file_that_cannot_be_read_is_said_to_be(folder: Path, content: bytes, word: str) -> None:
    (folder / "region.toml").write_bytes(content)
    found = check_region(folder).findings
    assert [f.where for f in found] == ["region.toml"]
    says(found[0], word)


@pytest.mark.parametrize("line", ["region = 3", "inputs = 'dem.tif'", "output = []"])
def test_a_table_that_is_no_table_is_refused(folder: Path, line: str) -> None:
    (folder / "region.toml").write_text(line + "\n")
    name = line.split()[0]
    says(at(check_region(folder).findings, name), f"[{name}]")


@pytest.mark.parametrize("name", ["dem", "land_use", "rain", "soil_k", "cover"])
def test_an_input_that_must_be_there_is_asked_for_with_an_example(folder: Path, name: str) -> None:
    found = findings(folder, inputs={name: None})
    says(at(found, f"inputs.{name}"), f"{name} = {{ path = ")
    assert len(found) == 1


def test_an_input_that_says_nothing_of_its_values_is_refused(folder: Path) -> None:
    toml = (folder / "region.toml").read_text().replace('path = "inputs/dem.tif", ', "")
    (folder / "region.toml").write_text(toml)
    says(at(check_region(folder).findings, "inputs.dem"), "path")


@pytest.mark.parametrize(
    "name, unit, proposal",
    [("dem", "metre", "m"), ("soil_k", "t hm2 h / hm2 MJ mm", "t hm2 h / (hm2 MJ mm)"), ("cover", "percent", "%")],
)
def test_an_unknown_unit_is_refused_with_those_that_are_known(
    folder: Path, name: str, unit: str, proposal: str
) -> None:
    says(at(findings(folder, inputs={name: {"unit": unit}}), f"inputs.{name}.unit"), unit, proposal)


def test_a_missing_unit_is_asked_for(folder: Path) -> None:
    toml = (folder / "region.toml").read_text().replace(', unit = "t hm2 h / (hm2 MJ mm)"', "")
    (folder / "region.toml").write_text(toml)
    says(at(check_region(folder).findings, "inputs.soil_k.unit"), "unit")


def test_a_county_code_that_does_not_exist_is_refused_with_its_neighbours(folder: Path) -> None:
    found = findings(folder, region={"codes": ["140999", "141099"]}, inputs={"boundaries": None})
    wrong = [f for f in found if f.where == "region.codes"]
    assert len(wrong) == 2
    says(wrong[0], "140999", "1409")
    says(wrong[1], "141099", "1410")


def test_no_code_and_no_borders_are_refused(folder: Path) -> None:
    says(at(findings(folder, inputs={"boundaries": None}), "region.codes"), "GB/T 2260", "inputs.boundaries.path")


def test_repeated_codes_are_a_warning(folder: Path) -> None:
    found = findings(folder, region={"codes": ["990001", "990001"]})
    assert at(found, "region.codes").severity == "warning"
    says(at(found, "region.codes"), "990001")


def test_borders_without_the_field_are_refused(folder: Path) -> None:
    found = findings(folder, inputs={"boundaries": {"code": "adcode"}})
    says(at(found, "inputs.boundaries"), "adcode", "inputs.boundaries.code", "borders.geojson")


def test_borders_that_are_missing_are_refused(folder: Path) -> None:
    found = findings(folder, inputs={"boundaries": {"path": "inputs/county.shp"}})
    says(at(found, "inputs.boundaries"), "inputs/county.shp")


def test_an_unknown_target_pack_is_refused_with_a_proposal(folder: Path) -> None:
    says(at(findings(folder, region={"targets": "xinzhuo"}), "region.targets"), "xinzhuo", "xinzhou")


def test_counties_without_a_target_are_a_warning(folder: Path) -> None:
    found = at(findings(folder, region={"targets": "xinzhou"}), "region.targets")
    assert found.severity == "warning"
    says(found, "990001", "xinzhou")


def test_rule_packs_without_the_nations_are_refused(folder: Path) -> None:
    says(at(findings(folder, region={"rules": []}), "region.rules"), 'rules = ["national", "shanxi"]')


@pytest.mark.parametrize("name", ["measures", "tillage"])
def test_measures_and_tillage_that_are_not_given_are_a_warning(folder: Path, name: str) -> None:
    found = findings(folder, inputs={name: None})
    assert len(found) == 1
    assert at(found, f"inputs.{name}").severity == "warning"
    says(found[0], {"measures": "E = 1", "tillage": "T = 1"}[name], f"{name} = {{ ")


@pytest.mark.parametrize("land, asked", [("dry_cropland", True), ("grass", False)])
def test_measures_and_tillage_are_asked_for_where_there_may_be_cropland(folder: Path, land: str, asked: bool) -> None:
    text = (folder / "region.toml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("measures", "tillage", "land_use"))]
    lines.insert(lines.index("[inputs]") + 1, f'land_use = {{ value = "{land}" }}')
    (folder / "region.toml").write_text("\n".join(lines))
    found = [f.where for f in check_region(folder).findings]
    assert found == (["inputs.measures", "inputs.tillage"] if asked else [])


def test_two_inputs_that_stand_for_each_other_are_a_warning(folder: Path) -> None:
    given = {"value": 1500, "unit": "MJ mm / (hm2 h a)"}
    found = at(findings(folder, inputs={"r_factor": given}), "inputs.rain")
    assert found.severity == "warning"
    says(found, "r_factor")


@pytest.mark.parametrize("value, fits", [(1500, True), (150000, False), (-1, False)])
def test_a_stated_erosivity_must_be_possible(folder: Path, value: float, fits: bool) -> None:
    given = {"value": value, "unit": "MJ mm / (hm2 h a)"}
    weights = {"value": [1.0] * 24}
    found = findings(folder, inputs={"rain": None, "r_factor": given, "r_weights": weights})
    assert (found == ()) is fits
    if not fits:
        says(at(found, "inputs.r_factor.value"), f"{value:g}", "unit")


def test_half_month_shares_must_be_24(folder: Path) -> None:
    given = {"value": 1500, "unit": "MJ mm / (hm2 h a)"}
    found = findings(folder, inputs={"rain": None, "r_factor": given, "r_weights": {"value": [1.0] * 12}})
    says(at(found, "inputs.r_weights.value"), "24", "12")


def test_stated_cover_must_name_land_classes_and_be_a_share(folder: Path) -> None:
    cover = {"by_land": {"forrest": 0.8, "grass": 45, "shrub": 0.4}}
    toml_changes = {"cover": None}
    small_region(folder, files=False, inputs=toml_changes)
    path = folder / "region.toml"
    path.write_text(path.read_text() + "cover = { by_land = { forrest = 0.8, grass = 45, shrub = 0.4 } }\n")
    found = check_region(folder).findings
    assert cover["by_land"].keys() == {"forrest", "grass", "shrub"}
    says(at(found, "inputs.cover.by_land.forrest"), "forrest", "forest")
    says(at(found, "inputs.cover.by_land.grass"), "45", 'unit = "%"')
    says(at(found, "inputs.cover.by_land"), "forest: ")


def test_control_areas_must_be_of_the_region(folder: Path) -> None:
    areas = {"unit": "km2", "values": {"990001": 1.62, "990009": 5.0}}
    found = findings(folder, inputs={"control_areas": areas})
    assert [f.severity for f in found if f.where == "inputs.control_areas"] == ["error", "warning"]
    says(found[0], "990009", "990001")
    says(found[1], "990002")


@pytest.mark.parametrize(
    "change, parts",
    [
        ({"unit": "mu", "values": {"990001": 1.62}}, ("mu", "km2")),
        ({"unit": "km2", "path": "inputs/areas.csv"}, ("inputs/areas.csv",)),
        ({"unit": "km2", "values": {"990001": "1.6 万"}}, ("1.6 万",)),
        ({"unit": "hm2", "values": {"990001": 1.62, "990002": 162.0}}, ("5%", "990001", "unit")),
    ],
    ids=["unit", "missing file", "no number", "wrong unit"],
)
def test_control_areas_must_be_areas(folder: Path, change: dict[str, Any], parts: tuple[str, ...]) -> None:
    found = [f for f in findings(folder, inputs={"control_areas": change}) if "control_areas" in f.where]
    assert len(found) == 1
    says(found[0], *parts)


@pytest.mark.parametrize("free, severity", [(10_000, "error"), (150_000, "warning")])
def test_a_disk_that_is_nearly_full_is_said_before_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, free: int, severity: str
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(1, 1, free))
    found = at(check_region(folder).findings, "products")
    assert found.severity == severity
    says(found, "GB")


def test_findings_are_written_for_the_report_when_asked(folder: Path) -> None:
    small_region(folder, files=False, region={"codes": ["990001", "990001"]})
    result = check_region(folder, write=True)
    text = (folder / "records/check.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert [list(f) for f in content["findings"]] == [["en", "severity", "where", "zh"]]
    assert content["findings"][0]["zh"] == result.findings[0].zh
    assert str(folder) not in text
    assert check_region(folder, write=True) == result
    assert (folder / "records/check.json").read_text(encoding="utf-8") == text


def test_a_region_that_passes_can_be_run(folder: Path) -> None:
    assert check_region(folder).passed
    done = run_region(load_region(folder), jobs=1)
    assert {d.step for d in done} == set(STEPS)


WEIRD: dict[type, list[Any]] = {
    str: ["", "inputs", "inputs/none.tif", "inputs/rain.csv", "EPSG:0"],
    int: [0, -1, 99],
    list: [[], [1, 2], ["a", "b", "c"]],
    dict: [{}, {"a": 1}, {"1": "x"}],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(INPUT_KEYS))
def test_whatever_an_input_holds_the_check_answers_with_findings(folder: Path, name: str) -> None:
    keys = {key: WEIRD[kind if isinstance(kind, type) else int] for key, kind in INPUT_KEYS[name].items()}
    for turn in range(3):
        small_region(folder, files=False, inputs={name: {key: values[turn] for key, values in keys.items()}})
        assert any(f.where.startswith(f"inputs.{name}") for f in check_region(folder).findings)


def test_a_datum_shift_must_be_numbers(folder: Path) -> None:
    found = at(findings(folder, inputs={"dem": {"datum_shift": ["dx", "dy", "dz"]}}), "inputs.dem")
    says(found, "datum_shift", "3", "7", "dx")


@pytest.mark.parametrize("key, value, parts", [("tile", 700, ("700", "512")), ("cell", 25, ("25", "10", "30"))])
def test_sizes_that_the_grid_does_not_have_are_refused(
    folder: Path, key: str, value: int, parts: tuple[str, ...]
) -> None:
    says(at(findings(folder, region={key: value}), f"region.{key}"), *parts)


def test_an_unknown_codec_is_refused(folder: Path) -> None:
    path = folder / "region.toml"
    path.write_text(path.read_text() + '\n[output]\ncodec = "lzw"\n')
    says(at(check_region(folder).findings, "output.codec"), "lzw", "zstd", "deflate")
