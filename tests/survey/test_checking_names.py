"""The name, the level and the year of a region must go with its codes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.survey.small_region import small_region

from shuibao.survey.checking import check_region
from shuibao.survey.checking_names import check_names
from shuibao.survey.checking_notes import Notes
from shuibao.survey.region import load_region


def places(folder: Path, name: str, level: str, *codes: str) -> list[tuple[str, str, str]]:
    """Return what is said of a name, a level and codes."""
    region = load_region(small_region(folder, files=False, inputs={"boundaries": None}))
    notes = Notes(str(folder))
    check_names(notes, replace(region, name=name, level=level, codes=codes))
    assert not any(f.severity == "error" for f in notes.findings)
    return [(f.where, f.zh, f.en) for f in notes.findings]


@pytest.mark.parametrize(
    "name, level, codes",
    [
        ("五寨县", "county", ["140928"]),
        ("五寨", "county", ["140928"]),
        ("忻州市五寨县（模拟数据）", "county", ["140928"]),
        ("Wuzhai", "county", ["140928"]),
        ("忻州市", "city", ["140900"]),
        ("山西省", "province", ["140000"]),
        ("北京市", "city", ["110000"]),
        ("北京市", "province", ["110000"]),
        ("济源市", "city", ["419001"]),
        ("晋西北两县", "county", ["140928", "140932"]),
        ("忻州市", "city", ["140928", "140932"]),
    ],
)
def test_names_and_levels_as_people_write_them_are_sound(
    tmp_path: Path, name: str, level: str, codes: list[str]
) -> None:
    assert places(tmp_path, name, level, *codes) == []


@pytest.mark.parametrize(
    "name, codes, own",
    [("偏关县", ["140928"], "五寨县"), ("大同市", ["140900"], "忻州市"), ("大同市", ["140928", "140932"], "五寨县")],
)
def test_the_name_of_other_land_is_a_warning(tmp_path: Path, name: str, codes: list[str], own: str) -> None:
    level = "city" if codes == ["140900"] else "county"
    (found,) = places(tmp_path, name, level, *codes)
    assert found[0] == "region.name"
    assert own in found[1]
    assert codes[0] in found[2]


@pytest.mark.parametrize(
    "name, level, code, fits",
    [
        ("忻州市", "county", "140900", "city"),
        ("五寨县", "city", "140928", "county"),
        ("忻州市", "province", "140900", "city"),
        ("山西省", "city", "140000", "province"),
    ],
)
def test_a_level_that_is_not_that_of_the_code_is_a_warning_with_the_one_that_is(
    tmp_path: Path, name: str, level: str, code: str, fits: str
) -> None:
    (found,) = places(tmp_path, name, level, code)
    assert found[0] == "region.level"
    assert f"请改为 {fits}，" in found[1]
    assert f"make it {fits}," in found[2]


@pytest.mark.parametrize("year, sound", [(1949, False), (1950, True), (2100, True), (20204, False)])
def test_a_year_must_be_one_that_can_be_surveyed(tmp_path: Path, year: int, sound: bool) -> None:
    found = check_region(small_region(tmp_path, region={"year": year})).findings
    assert [(f.severity, f.where) for f in found] == ([] if sound else [("error", "region.year")])
