"""Whether the counties' targets add up to the region's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import shape

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import check_pack, check_targets, describe, load_targets

XINZHOU = load_targets("xinzhou")
OWN = """
[pack]
id = "own"
title = "本市目标"
title_en = "Our targets"
[source]
title = "市政府文件"
read = true
[targets]
name = "某市"
name_en = "Some city"
level = "city"
code = "140900"
unit = "percent"
status = "verified"
basis = "read"
confidence = "H"
total = { 2025 = 60.0 }
counties = [
  { code = "140902", name = "甲", 2025 = 50.0 },
  { code = "140921", name = "乙", 2025 = 70.0 },
]
"""


def own(folder: Path, old: str = "", new: str = "") -> Path:
    path = folder / "own.toml"
    path.write_text(OWN.replace(old, new) if old else OWN, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name, now, later",
    [("nation", 73, 75), ("jilin", 80.21, 83.66), ("hebei", 79.96, 84.07), ("xinzhou", 63.56, 66.22)],
)
def test_the_regions_own_targets_are_those_of_their_documents(name: str, now: float, later: float) -> None:
    targets = load_targets(name)
    assert targets.totals == {2025: now, 2035: later}
    assert targets.status == "verified"
    assert targets.clause


def test_xinzhou_has_its_fourteen_counties_as_printed() -> None:
    rates = {entry.name: (entry.percent[2025], entry.percent[2035]) for entry in XINZHOU.entries}
    assert rates == {
        **{"忻府区": (71.36, 78.01), "原平市": (67.59, 70.96), "定襄县": (76.11, 81.59), "五台县": (65.12, 70.28)},
        **{"代县": (64.55, 68.53), "繁峙县": (68.7, 70.41), "宁武县": (56.04, 57.2), "静乐县": (67.02, 67.83)},
        **{"神池县": (73.23, 74.14), "五寨县": (70.81, 71.9), "岢岚县": (55.66, 56.94), "河曲县": (51.27, 52.55)},
        **{"保德县": (42.89, 46.4), "偏关县": (52.09, 52.25)},
    }
    assert "忻政办发〔2024〕4号" in XINZHOU.source


@pytest.mark.parametrize("origin", ["amap", "tianditu"])
def test_the_counties_of_xinzhou_add_up_to_the_citys_own_figures(shared_data: Path, origin: str) -> None:
    path = shared_data / "boundaries" / f"xinzhou_1409_counties_{origin}_wgs84.geojson"
    counties = json.loads(path.read_text(encoding="utf-8"))["features"]
    earth = Geod(ellps="GRS80")
    areas = {
        str(c["properties"]["district_adcode"]): abs(earth.geometry_area_perimeter(shape(c["geometry"]))[0]) / 1e6
        for c in counties
    }
    assert {c["properties"]["district_name"] for c in counties} == {entry.name for entry in XINZHOU.entries}
    check = check_targets(XINZHOU, areas)
    assert [year.verdict for year in check.years] == ["adds_up", "adds_up"]
    assert check.years[0].mean == pytest.approx(63.56, abs=0.01)
    assert check.years[1].mean == pytest.approx(66.22, abs=0.01)
    assert check.findings() == []
    assert check.area == pytest.approx(25_175, abs=20)


@given(areas=st.lists(st.floats(0.1, 1e5), min_size=14, max_size=14))
def test_the_mean_lies_between_the_lowest_and_the_highest_county(areas: list[float]) -> None:
    given_areas = {entry.code: area for entry, area in zip(XINZHOU.entries, areas, strict=True)}
    for year in check_targets(XINZHOU, given_areas, tolerance=0.01).years:
        rates = [entry.percent[year.year] for entry in XINZHOU.entries]
        assert year.mean is not None
        assert min(rates) - 1e-9 <= year.mean <= max(rates) + 1e-9


@given(factor=st.floats(0.001, 1000))
def test_the_unit_of_area_does_not_matter(factor: float) -> None:
    areas = {entry.code: 100.0 + i for i, entry in enumerate(XINZHOU.entries)}
    scaled = {code: area * factor for code, area in areas.items()}
    plain = check_targets(XINZHOU, areas, tolerance=0.01).years[0].mean
    assert check_targets(XINZHOU, scaled, tolerance=0.01).years[0].mean == pytest.approx(plain)


def test_counties_that_do_not_add_up_are_reported_with_the_difference(tmp_path: Path) -> None:
    check = check_targets(load_targets(own(tmp_path)), {"140902": 100.0, "140921": 300.0})
    assert check.years[0].verdict == "differs"
    assert check.years[0].difference == pytest.approx(5.0)
    assert not check.adds_up
    assert "+5.0000" in check.findings()[0].en


def test_a_difference_of_the_tolerance_itself_is_allowed(tmp_path: Path) -> None:
    targets = load_targets(own(tmp_path, "2025 = 60.0", "2025 = 59.99"))
    assert check_targets(targets, {"140902": 1.0, "140921": 1.0}).adds_up
    assert not check_targets(targets, {"140902": 1.0, "140921": 1.0}, tolerance=0.009).adds_up


def test_a_county_without_area_leaves_the_check_incomplete(tmp_path: Path) -> None:
    check = check_targets(load_targets(own(tmp_path)), {"140902": 100.0})
    assert (check.years[0].verdict, check.missing) == ("incomplete", ("140921",))
    assert "140921" in check.findings()[0].zh


def test_a_county_without_a_target_is_reported_and_other_regions_are_passed_over(tmp_path: Path) -> None:
    areas = {"140902": 1.0, "140921": 1.0, "140922": 5.0, "130102": 9.0}
    check = check_targets(load_targets(own(tmp_path)), areas)
    assert check.without_target == ("140922",)
    assert check.adds_up
    assert check.area == 2.0


def test_a_pack_without_counties_says_that_there_is_nothing_to_add_up() -> None:
    check = check_targets(load_targets("jilin"), {})
    assert [year.verdict for year in check.years] == ["nothing_to_add"] * 2
    assert check.adds_up
    assert "nothing to add up" in check.findings()[0].en


@pytest.mark.parametrize("area", [0.0, -1.0, float("nan"), float("inf")])
def test_an_area_that_is_not_positive_is_refused(area: float) -> None:
    with pytest.raises(ShuibaoError, match="140902"):
        check_targets(XINZHOU, {"140902": area})


def test_a_misspelt_target_pack_is_refused_with_the_right_one() -> None:
    with pytest.raises(CallError, match="xinzhou"):
        load_targets("xinzhuo")


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("2025 = 50.0", "2025 = 150.0", "between 0 and 100"),
        ("140921", "140902", "occurs twice"),
        ('"140921"', "140921", "six digits"),
        ("2025 = 50.0", "year = 50.0", "not a year"),
        ('"city"', '"town"', "must be one of: nation, province, city, county"),
        ('"percent"', '"1"', "targets are in percent"),
        ('"read"', '"recalled"', "cannot be verified"),
        ("confidence", "confidance", "Did you mean 'confidence'"),
        ("[source]", "[sources]", "there is no [source] table"),
        ("total = { 2025 = 60.0 }", "total = 60.0", "should be written"),
    ],
)
def test_a_wrong_target_pack_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    path = own(tmp_path, old, new)
    assert expected in "\n".join(f.en for f in check_pack(path))
    with pytest.raises(ShuibaoError) as refusal:
        load_targets(path)
    assert expected in refusal.value.en


def test_a_county_without_a_target_for_the_year_is_a_warning(tmp_path: Path) -> None:
    path = own(tmp_path, ", 2025 = 70.0 }", " }")
    assert [f.severity for f in check_pack(path)] == ["warning"]
    check = check_targets(load_targets(path), {"140902": 1.0, "140921": 1.0})
    assert check.years[0].verdict == "incomplete"


def test_targets_are_described_county_by_county_and_the_region_last() -> None:
    rows = describe(XINZHOU)
    assert len(rows) == 15
    assert rows[-1]["code"] == "140900"
    assert rows[-1]["2035"] == 66.22
