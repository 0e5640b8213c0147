"""Every fault of the rain records is found before anything is computed, and said so that it can be mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.survey.small_region import PLACE, small_region, write_rain

from shuibao.messages import Finding
from shuibao.survey.checking import check_region
from shuibao.survey.checking_values import area_text

Lines = list[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a sound region folder."""
    return small_region(tmp_path / "region")


def spoil(folder: Path, change: Callable[[Lines], Lines]) -> tuple[Finding, ...]:
    """Change the lines of the rain file and check."""
    path = folder / "inputs/rain.csv"
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n", encoding="utf-8")
    return check_region(folder).findings


def replaced(line: int, text: str) -> Callable[[Lines], Lines]:
    """Return a change of one line."""
    return lambda lines: [*lines[:line], text, *lines[line + 1 :]]


@pytest.mark.parametrize(
    "change, severity, zh, en",
    [
        (replaced(9, "1991-01-09,-3.2"), "error", "-3.2", "negative"),
        (replaced(9, "1991-01-09,2500"), "error", "2500", "1100 mm"),
        (replaced(9, "1991-13-09,1"), "error", "1991-13-09", "1991-13-09"),
        (replaced(9, "1991-01-09,雨"), "error", "雨", "no number"),
        (lambda rows: rows[:3000] + rows[3100:], "warning", "100/1", "100/1"),
        (lambda rows: [rows[0], *rows[200:400], *rows[1:200], *rows[400:]], "warning", "倒序", "go back"),
        (lambda rows: [*rows[:10], rows[9], *rows[10:]], "warning", "重复", "repeat"),
        (lambda rows: rows[: 366 * 6], "warning", "年数少于", "fewer years"),
        (lambda rows: ["day;amount", *rows[1:]], "error", "缺少列", "missing column"),
    ],
    ids=["negative", "absurd", "no date", "no number", "gap", "disorder", "twice", "few years", "headers"],
)
def test_faults_of_the_rain_reach_the_check(
    folder: Path, change: Callable[[Lines], Lines], severity: str, zh: str, en: str
) -> None:
    found = [f for f in spoil(folder, change) if f.where == "inputs.rain"]
    assert [f.severity for f in found if zh in f.zh and en in f.en] == [severity], [f.en for f in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_rain_in_the_usual_encodings_is_sound(folder: Path, encoding: str) -> None:
    path = folder / "inputs/rain.csv"
    text = path.read_text().replace("date,rain_mm", "日期,日雨量（毫米）")
    path.write_bytes(text.encode(encoding))
    assert check_region(folder).findings == ()


def test_rain_in_another_encoding_is_refused(folder: Path) -> None:
    path = folder / "inputs/rain.csv"
    path.write_bytes(path.read_text().encode("utf-16"))
    (found,) = check_region(folder).findings
    assert "UTF-8" in found.zh
    assert "GBK" in found.en


def test_a_missing_rain_file_is_named(folder: Path) -> None:
    (folder / "inputs/rain.csv").unlink()
    (found,) = check_region(folder).findings
    assert (found.severity, found.where) == ("error", "inputs.rain")
    assert found.zh == "文件不存在：inputs/rain.csv；请核对路径。"
    assert found.en == "file not found: inputs/rain.csv; check the path."


def test_no_message_repeats_the_place_it_stands_at(folder: Path) -> None:
    small_region(folder, files=False, inputs={"rain": {"unit": "inch", "stations": "inputs/none.csv"}})
    found = list(check_region(folder).findings)
    small_region(folder, files=False, inputs={"rain": {"unit": "mm"}})
    found += spoil(folder, replaced(9, "1991-01-09,-3.2"))
    small_region(folder, files=False, inputs={"rain": {"stations": "inputs/none.csv"}})
    found += check_region(folder).findings
    assert {"inputs.rain", "inputs.rain.unit", "inputs.rain.stations"} <= {f.where for f in found}
    assert not any(f.zh.startswith("inputs.") or f.en.startswith("inputs.") for f in found)


def test_rain_in_another_unit_is_recognised(folder: Path) -> None:
    small_region(folder, files=False, inputs={"rain": {"unit": "0.1mm"}})
    found = [f for f in check_region(folder).findings if f.severity == "error"]
    assert found
    assert all("0.1mm" in f.zh or "unit" in f.zh for f in found)


def test_an_unknown_method_is_refused(folder: Path) -> None:
    small_region(folder, files=False, inputs={"rain": {"method": "spline"}})
    (found,) = check_region(folder).findings
    assert found.where == "inputs.rain.method"
    assert "kriging" in found.zh
    assert "idw" in found.en


def stations(folder: Path, places: dict[str, tuple[float, float]]) -> tuple[Finding, ...]:
    """Give the region the same rain at several places, a little changed, and check."""
    one = (folder / "inputs/rain.csv").read_text().splitlines()[1:]
    rows = ["station,lon,lat,date,rain_mm"]
    for name, (lon, lat) in places.items():
        rows += [f"{name},{lon},{lat},{row}" for row in one]
    (folder / "inputs/rain.csv").write_text("\n".join(rows) + "\n")
    return check_region(folder).findings


def test_a_station_far_away_is_a_warning(folder: Path) -> None:
    write_rain(folder / "inputs/rain.csv", years=20)
    found = stations(folder, {"near": PLACE, "far": (PLACE[0] + 3, PLACE[1])})
    far = [f for f in found if "km" in f.zh]
    assert [f.severity for f in far] == ["warning"]
    assert "far (114.3, 39.5)" in far[0].zh
    assert "200 km" in far[0].en


@pytest.mark.parametrize("method, warned", [("kriging", True), ("idw", False)])
def test_fewer_stations_than_kriging_needs_are_a_warning(folder: Path, method: str, warned: bool) -> None:
    small_region(folder, files=False, inputs={"rain": {"method": method}})
    found = stations(folder, {"a": PLACE, "b": (PLACE[0] + 0.2, PLACE[1])})
    assert [(f.severity, f.where) for f in found] == [("warning", "inputs.rain")] * warned
    assert all("2 个站，不足 8 个" in f.zh and "2 stations are fewer than the 8" in f.en for f in found)


@pytest.mark.parametrize(
    "places, zh, en",
    [
        ({"a": (120.0, 30.0), "b": (121.0, 30.0)}, "没有一个站在区域 200 km 以内", "no station is within 200 km"),
        ({"a": (39.5, 80.3), "b": (39.4, 80.2)}, "没有一个站", "no station"),
    ],
)
def test_stations_all_far_away_are_refused(folder: Path, places: Any, zh: str, en: str) -> None:
    found = [f for f in stations(folder, places) if f.severity == "error"]
    assert [(zh in f.zh, en in f.en) for f in found] == [(True, True)], [f.en for f in found]


@pytest.mark.parametrize("km2, text", [(22690.4, "22,690"), (1e7, "10,000,000"), (999.96, "1000"), (0.81, "0.81")])
def test_areas_are_written_without_powers_of_ten(km2: float, text: str) -> None:
    assert area_text(km2) == text
