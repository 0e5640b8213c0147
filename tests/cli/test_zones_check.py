"""The command that checks result packages: its answers, its exit status, its page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tests.delimitation.acceptance.handed_in import STEM, Package
from tests.delimitation.acceptance.planting import TEN


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    return Package(complete=True).write(tmp_path_factory.mktemp("clean") / "package")


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    package = Package()
    package.tags["DATA_KIND"] = "模拟数据"
    for plant in TEN:
        plant(package)
    package.metadata["data_kind"] = "模拟数据"
    return package.write(tmp_path_factory.mktemp("spoilt") / "package")


def test_a_clean_package_is_accepted(shuibao, clean):
    answer = shuibao("zones", "check", clean)
    assert answer.status == 0
    assert "6 个区域；错误 0，警告 0，说明 0：通过" in answer.out


def test_a_spoilt_package_is_sent_back_with_every_kind_of_fault(shuibao, spoilt):
    answer = shuibao("zones", "check", spoilt)
    assert answer.status == 1
    for kind in ("geometry-invalid", "hole-small", "area-small", "value-unknown", "total-differs", "county-name"):
        assert kind in answer.out
    assert "模拟数据" in answer.out
    assert "退回" in answer.out


def test_csv_and_json_hold_all_faults_with_places_and_what_to_do(shuibao, spoilt):
    rows = shuibao("zones", "check", spoilt, "--format", "json").json()
    assert len({row["kind"] for row in rows}) == 10
    assert rows == sorted(rows, key=lambda row: ["error", "warning", "note"].index(row["severity"]))
    invalid = next(row for row in rows if row["kind"] == "geometry-invalid")
    assert invalid["lon"] == pytest.approx(111.746, abs=0.01)
    assert {"found", "found_en", "allowed", "mend", "mend_en", "west", "north"} <= invalid.keys()
    assert len(shuibao("zones", "check", spoilt, "--format", "csv").csv()) == len(rows)


def test_warnings_alone_do_not_send_a_package_back(shuibao, tmp_path):
    package = Package(metadata=None)
    answer = shuibao("zones", "check", package.write(tmp_path / "package"))
    assert answer.status == 0
    assert "metadata-missing" in answer.out


def test_the_page_shows_each_fault_with_a_map_and_needs_nothing_beside_it(shuibao, spoilt, tmp_path):
    page = tmp_path / "faults.html"
    assert shuibao("zones", "check", spoilt, "--html", page).status == 1
    text = page.read_text("utf-8")
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) >= 7
    for drawing in drawings:
        ElementTree.fromstring(drawing)  # noqa: S314 - our own page
        assert "nan" not in drawing
        assert "inf" not in drawing
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "模拟数据" in text
    assert 'class="en"' in text
    again = tmp_path / "again.html"
    shuibao("zones", "check", spoilt, "--html", again)
    assert again.read_bytes() == page.read_bytes()


def test_the_limit_holds_for_each_kind_and_says_how_many_more(shuibao, tmp_path):
    package = Package()
    package.columns["basis"] = [""] * 6
    folder = package.write(tmp_path / "package")
    answer = shuibao("zones", "check", folder, "--limit", "2", "--html", tmp_path / "a.html")
    assert answer.out.count("field-empty") == 3
    assert "另有 4 处" in answer.out
    assert "另有 4 处" in (tmp_path / "a.html").read_text("utf-8")


def test_the_provinces_rules_set_the_minimum(shuibao, clean):
    assert shuibao("zones", "check", clean, "--rules", "shanxi").status == 0


def test_a_package_of_another_county_is_sent_back(shuibao, clean):
    answer = shuibao("zones", "check", clean / f"{STEM}.gpkg", "--county", "140921", "--format", "json")
    assert answer.status == 1
    assert {row["kind"] for row in answer.json()} == {"place-differs"}


@pytest.mark.parametrize(
    "words",
    [["nothing.zip"], [".", "--limit", "0"], [".", "--theme", "forest"], [".", "--rules", "nowhere"]],
    ids=["no package", "no limit", "no theme", "no pack"],
)
def test_a_wrong_call_is_refused(shuibao, words):
    answer = shuibao("zones", "check", *words)
    assert answer.status == 2
    assert answer.err.startswith("错误：")


def test_english_is_english(shuibao, spoilt, monkeypatch):
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    answer = shuibao("zones", "check", spoilt)
    said = re.sub("'[^']*'|模拟数据|五寨县", "", answer.out)  # what the data say stays as it is
    assert "sent back" in said
    assert not re.search(r"[\u4e00-\u9fff]", said), said
