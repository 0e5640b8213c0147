"""Each kind of fault is planted in a clean package, and found; none is invented."""

from __future__ import annotations

import pytest
from tests.delimitation.acceptance.handed_in import RULES, Package, faults_of, found_in
from tests.delimitation.acceptance.planting import PLANTED, TEN

from shuibao.delimitation.acceptance import check_package, fault_kinds
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geoparquet
from shuibao.rules import load_rules

CASES = [
    pytest.param(kind, plant, id=f"{kind}-{plant.__name__}") for kind, plants in PLANTED.items() for plant in plants
]
ELSEWHERE = {"files-no-layer", "theme-unknown", "county-foreign", "crs-shifted", "county-crossed", "town-crossed"}
"""Kinds that the other tests plant."""


def test_a_clean_package_has_no_fault(tmp_path):
    report = check_package(Package(complete=True).write(tmp_path), RULES)
    assert report.faults == ()
    assert report.accepted
    assert report.zones == 6
    assert len(report.layers) == 2


@pytest.mark.parametrize("kind, plant", CASES)
def test_what_is_planted_is_found_and_nothing_else(kind, plant, tmp_path):
    package = Package()
    plant(package)
    assert found_in(package, tmp_path) == {kind}


def test_every_kind_of_fault_is_planted_somewhere():
    assert fault_kinds(RULES).keys() == PLANTED.keys() | ELSEWHERE


def test_ten_faults_planted_together_are_found_and_no_others(tmp_path):
    package = Package(complete=True)
    for plant in TEN:
        plant(package)
    kinds = [kind for kind, plants in PLANTED.items() for plant in plants if plant in TEN]
    assert len(set(kinds)) == len(TEN) == 10
    assert found_in(package, tmp_path) == set(kinds)


def test_a_fault_has_a_place_a_code_and_a_way_to_mend_it(tmp_path):
    package = Package()
    (an_overlap, *_) = PLANTED["overlap"]
    an_overlap(package)
    (fault,) = check_package(package.write(tmp_path), RULES).faults
    assert fault.code == "140928-0003+140928-0007"
    assert (fault.lon, fault.lat) == pytest.approx((111.748, 39.002), abs=0.01)
    assert fault.extent is not None
    west, south, east, north = fault.extent
    assert west < fault.lon < east
    assert south < fault.lat < north
    assert "2,000" in fault.found[0]
    assert fault.spot.area == pytest.approx(10 * 200)
    assert fault.row()["mend"]


def test_nothing_to_read_is_said_once(tmp_path):
    (tmp_path / "readme.txt").write_text("?")
    assert faults_of(tmp_path) == {"metadata-missing": 1, "files-no-layer": 1}


def test_a_layer_that_does_not_say_what_it_is_asks_for_its_theme(tmp_path):
    package = Package()
    columns = {name: values for name, values in package.columns.items() if name not in ("kind", "kind_name")}
    write_geoparquet(tmp_path / "zones.parquet", columns, package.shapes, national_crs())
    assert "theme-unknown" in faults_of(tmp_path / "zones.parquet")
    assert faults_of(tmp_path / "zones.parquet", theme="steep_slope") == {"field-missing": 2}


def test_a_made_up_county_is_taken_as_the_package_lists_it(tmp_path):
    package = Package()
    package.columns["county"] = ["990001"] * 6
    package.columns["town"] = [f"990001{k % 3:03d}" for k in range(6)]
    package.columns["town_name"] = ["镇"] * 6
    package.metadata = {"codes": ["990001"]}
    package.totals = [row | {"county": "990001"} for row in package.sums() if row["level"] == "县"]
    report = check_package(package.write(tmp_path), RULES)
    assert set(report.counts()) == {"county-foreign"}
    assert report.accepted


def test_a_province_may_ask_for_larger_zones_or_for_other_severities(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[pack]\nid = "own"\ntitle = "自定"\ntitle_en = "Own"\nincludes = ["national"]\n'
        '[sources.order]\ntitle = "要求"\ntitle_en = "Order"\nread = true\n'
        '[steep_slope.minimum_area]\nvalue = 16\nunit = "hm2"\nsource = "order"\nstatus = "draft"\n',
        encoding="utf-8",
    )
    report = check_package(Package().write(tmp_path / "package"), load_rules([str(own)]))
    assert report.counts() == {"area-small": 5}
