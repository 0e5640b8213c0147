"""Rain files: every layout is read, and every fault is found and said."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from shuibao.erosion.rain_csv import decoded
from shuibao.erosion.rain_records import RainLimits, RainRecords, read_rain, read_stations
from shuibao.messages import CallError, Finding, ShuibaoError
from shuibao.rules import load_rules

LIMITS = RainLimits(maximum_daily=1825.0, annual_range=(5.0, 8000.0), minimum_years=2, minimum_day_share=0.8)
DAYS = np.arange("2019-01-01", "2022-01-01", dtype="datetime64[D]")
RAIN = np.round(np.random.default_rng(3).gamma(0.2, 15, DAYS.size), 1)


def rows(station: str = "53673", lon: float = 112.7, lat: float = 38.4) -> list[str]:
    """Return the rows of one station without fault."""
    return [f"{station},{lon},{lat},{day},{rain}" for day, rain in zip(DAYS, RAIN, strict=True)]


def write(
    folder: Path,
    lines: Sequence[str],
    header: str = "站号,经度,纬度,日期,日雨量",
    encoding: str = "utf-8",
    name: str = "rain.csv",
) -> Path:
    """Write a rain file and return its path."""
    path = folder / name
    path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
    return path


def read(path: Path, **options: object) -> tuple[RainRecords, list[Finding]]:
    """Read a rain file with the limits of these tests."""
    return read_rain(path, limits=LIMITS, **options)


def only(findings: list[Finding], severity: str) -> str:
    """Return the one finding there is, and make sure of its severity and of its English."""
    (finding,) = findings
    assert finding.severity == severity
    assert finding.en.startswith(f"{finding.where}: ")
    return finding.zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_both_encodings_of_offices_are_read(tmp_path: Path, encoding: str) -> None:
    records, findings = read(write(tmp_path, rows("五台山"), encoding=encoding))
    assert findings == []
    (station,) = records.stations
    assert (station.name, station.longitude, station.latitude) == ("五台山", 112.7, 38.4)
    assert np.array_equal(station.dates, DAYS)
    assert np.array_equal(station.rain, RAIN)
    assert records.years == (2019, 2021)


@pytest.mark.parametrize(
    "header",
    [
        "station,lon,lat,date,rain_mm",
        "StationID,Longitude,Latitude,DATETIME,prcp (mm/day)",
        "区站号,东经,北纬,观测日期,日降水量（毫米）",
        "站名,经度,纬度,日期,降水量",
    ],
)
def test_the_usual_names_of_columns_are_known(tmp_path: Path, header: str) -> None:
    records, findings = read(write(tmp_path, rows(), header))
    assert findings == []
    assert np.array_equal(records.stations[0].rain, RAIN)


@pytest.mark.parametrize(
    "form", ["{y}-{m:02d}-{d:02d}", "{y}/{m}/{d}", "{y}{m:02d}{d:02d}", "{y}年{m}月{d}日", "{y}-{m}-{d} 08:00:00"]
)
def test_the_usual_forms_of_dates_are_known(tmp_path: Path, form: str) -> None:
    dates = [form.format(y=d.year, m=d.month, d=d.day) for d in DAYS.tolist()]
    lines = [f"A,{date},{rain}" for date, rain in zip(dates, RAIN, strict=True)]
    records, findings = read(write(tmp_path, lines, "station,date,rain"))
    assert findings == []
    assert np.array_equal(records.stations[0].dates, DAYS)


def test_year_month_and_day_may_be_columns(tmp_path: Path) -> None:
    lines = [f"A,{d.year},{d.month},{d.day},{rain}" for d, rain in zip(DAYS.tolist(), RAIN, strict=True)]
    records, findings = read(write(tmp_path, lines, "站号,年,月,日,降水量"))
    assert findings == []
    assert np.array_equal(records.stations[0].dates, DAYS)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_line_ends_are_read(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "rain.csv"
    lines = ["# 说明", "", "date,rain", *(f"{day},{rain}" for day, rain in zip(DAYS, RAIN, strict=True))]
    path.write_bytes("\r\n".join(line.replace(",", separator) for line in lines).encode())
    records, findings = read(path)
    assert findings == []
    assert np.array_equal(records.stations[0].rain, RAIN)
    assert records.stations[0].name == "rain"


@pytest.mark.parametrize("unit,factor", [("mm", 1), ("m", 0.001), ("0.1mm", 10)])
def test_rain_comes_out_in_millimetres(tmp_path: Path, unit: str, factor: float) -> None:
    lines = [f"{day},{rain * factor:.7g}" for day, rain in zip(DAYS, RAIN, strict=True)]
    records, findings = read(write(tmp_path, lines, "date,rain"), unit=unit)
    assert findings == []
    assert np.array_equal(records.stations[0].rain, RAIN)


def test_an_unknown_unit_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"单位“inch”；可用 mm、m、0\.1mm"):
        read(write(tmp_path, rows()), unit="inch")


def test_a_unit_in_the_header_that_contradicts_the_call_is_an_error(tmp_path: Path) -> None:
    lines = [f"{day},{10 * rain:.0f}" for day, rain in zip(DAYS, RAIN, strict=True)]
    _, findings = read(write(tmp_path, lines, "日期,降水量(0.1mm)"))
    assert "写明单位 0.1mm，而给定单位是 mm" in only(findings[:1], "error")
    records, findings = read(write(tmp_path, lines, "日期,降水量(0.1mm)"), unit="0.1mm")
    assert findings == []
    assert np.array_equal(records.stations[0].rain, RAIN)


def test_rain_read_in_the_wrong_unit_is_noticed(tmp_path: Path) -> None:
    lines = [f"{day},{rain / 1000}" for day, rain in zip(DAYS, RAIN, strict=True)]
    _, findings = read(write(tmp_path, lines, "date,rain"))
    assert "单位可能不对" in only(findings, "error")


def test_a_column_for_each_station_takes_places_from_a_second_file(tmp_path: Path) -> None:
    places = write(tmp_path, ["乙,113,39", "甲,112.5,38.5"], "站名,经度,纬度", "gbk", "stations.csv")
    lines = [f"{day},{rain},{rain + 1},7" for day, rain in zip(DAYS, RAIN, strict=True)]
    records, findings = read(write(tmp_path, lines, "日期,甲,乙,丙"), stations=places)
    assert findings == []
    by_name = {station.name: station for station in records.stations}
    assert sorted(by_name) == ["乙", "甲"]
    assert by_name["甲"].longitude == 112.5
    assert np.array_equal(by_name["乙"].rain, RAIN + 1)
    assert records.longitude.tolist() == [s.longitude for s in records.stations]


def test_rows_without_places_take_them_from_a_second_file(tmp_path: Path) -> None:
    places = write(tmp_path, ["A,113,39", "B,112.5,38.5"], "station,lon,lat", name="stations.csv")
    lines = [f"{s},{day},{rain}" for s in "AB" for day, rain in zip(DAYS, RAIN, strict=True)]
    records, findings = read(write(tmp_path, lines, "station,date,rain"), stations=places)
    assert findings == []
    assert records.latitude.tolist() == [39.0, 38.5]


def test_a_station_column_that_no_place_knows_is_refused(tmp_path: Path) -> None:
    places = write(tmp_path, ["A,113,39"], "station,lon,lat", name="stations.csv")
    lines = [f"{day},{rain}" for day, rain in zip(DAYS, RAIN, strict=True)]
    records, findings = read(write(tmp_path, lines, "date,C"), stations=places)
    assert "列 C 都不是测站表中的站（A）" in only(findings, "error")
    assert records.stations == ()


def test_columns_may_be_named_by_the_caller(tmp_path: Path) -> None:
    lines = [f"{day},{rain},9" for day, rain in zip(DAYS, RAIN, strict=True)]
    path = write(tmp_path, lines, "when,what,prcp")
    records, findings = read(path, columns={"date": "when", "rain": "what"})
    assert findings == []
    assert np.array_equal(records.stations[0].rain, RAIN)
    _, findings = read(path, columns={"date": "wenn"})
    assert "没有列 wenn；文件的列是 when、what、prcp" in only(findings, "error")


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing_but_a_warning(tmp_path: Path, seed: int) -> None:
    lines = rows() + rows("A", 113.0, 38.0)
    shuffled = [lines[n] for n in np.random.default_rng(seed).permutation(len(lines))]
    straight, _ = read(write(tmp_path, lines))
    mixed, findings = read(write(tmp_path, shuffled))
    assert "倒序" in only(findings, "warning")
    for one, other in zip(straight.stations, mixed.stations, strict=True):
        assert one.name == other.name
        assert np.array_equal(one.dates, other.dates)
        assert np.array_equal(one.rain, other.rain)


def test_missing_days_are_counted_by_station_and_place(tmp_path: Path) -> None:
    lines = rows()
    del lines[100:110], lines[400]
    records, findings = read(write(tmp_path, lines))
    message = only(findings, "warning")
    assert "53673 11/2 (2019-04-11…2019-04-20)" in message
    assert "不足 80% 的半月该年不计" in message
    assert records.stations[0].dates.size == DAYS.size - 11


@pytest.mark.parametrize("word", ["", "NA", "缺测", "-", "null", "NaN"])
def test_words_for_missing_are_missing_days(tmp_path: Path, word: str) -> None:
    lines = rows()
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},{word}"
    records, findings = read(write(tmp_path, lines))
    assert "53673 1/1 (2019-02-20…2019-02-20)" in only(findings, "warning")
    assert np.flatnonzero(np.isnan(records.stations[0].rain)).tolist() == [50]


@pytest.mark.parametrize(
    "code", ["-99", "-99.9", "-9999", "99999", "99990", "999999", "32766", "999", "999.9", "9999.9"]
)
def test_missing_codes_are_missing_and_said(tmp_path: Path, code: str) -> None:
    lines = rows()
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},{code}"
    records, findings = read(write(tmp_path, lines))
    assert [f.severity for f in findings] == ["warning", "warning"]
    assert f"1 个缺测代码（{code}）按缺测处理" in findings[0].zh
    assert np.isnan(records.stations[0].rain[50])


@pytest.mark.parametrize("trace", ["T", "微量", "32700", "999990"])
def test_a_trace_of_rain_is_none(tmp_path: Path, trace: str) -> None:
    lines = rows()
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},{trace}"
    records, findings = read(write(tmp_path, lines))
    assert findings == []
    assert records.stations[0].rain[50] == 0


@pytest.mark.parametrize(
    "value,said",
    [
        ("-3.5", "1 个负值（第 52 行：-3.5）"),
        ("1825.1", "1 个大于 1825 mm（第 52 行：1825.1；按单位 mm 读）"),
        ("12,5", "列数"),
        ("1o.5", "1 个不是数值：第 52 行“1o.5”"),
        ("inf", "1 个不是数值"),
    ],
)
def test_values_that_no_sky_gave_are_errors_with_their_row(tmp_path: Path, value: str, said: str) -> None:
    lines = rows()
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},{value}"
    records, findings = read(write(tmp_path, lines))
    errors = [f for f in findings if f.severity == "error"]
    assert said in only(errors, "error")
    assert np.nansum(records.stations[0].rain) == pytest.approx(RAIN.sum() - RAIN[50])


def test_the_world_record_of_a_day_is_believed(tmp_path: Path) -> None:
    lines = rows()
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},1825"
    assert read(write(tmp_path, lines))[1] == []


def test_a_day_repeated_alike_counts_once(tmp_path: Path) -> None:
    lines = rows()
    records, findings = read(write(tmp_path, [*lines[:51], lines[50], *lines[51:]]))
    assert f"重复 1 行（53673 {DAYS[50]}），雨量相同，只计一次" in only(findings, "warning")
    assert np.array_equal(records.stations[0].rain, RAIN)


def test_a_day_repeated_with_another_rain_is_an_error(tmp_path: Path) -> None:
    lines = rows()
    lines.insert(51, f"53673,112.7,38.4,{DAYS[50]},77")
    _, findings = read(write(tmp_path, lines))
    assert f"重复而雨量不同 1 行（53673 {DAYS[50]}）" in only(findings, "error")


def test_hours_are_not_taken_for_days(tmp_path: Path) -> None:
    lines = [f"{day} {hour:02d}:00,{rain}" for day, rain in zip(DAYS, RAIN, strict=True) for hour in (8, 20)]
    _, findings = read(write(tmp_path, lines, "time,rain"))
    assert "请先合计为日雨量" in only(findings, "error")


def test_lines_are_those_of_the_file_below_remarks_and_torn_rows(tmp_path: Path) -> None:
    lines = rows()
    lines[3] += ",7"
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},-3"
    path = write(tmp_path, ["站号,经度,纬度,日期,日雨量", *lines], "# from the office")
    said = [f.zh for f in read(path)[1] if f.severity == "error"]
    assert [text in one for text, one in zip(("6 (6)", "第 53 行：-3"), said, strict=True)] == [True, True], said


def test_999_tenths_of_a_millimetre_are_rain(tmp_path: Path) -> None:
    lines = [f"{day},{round(rain * 10)}" for day, rain in zip(DAYS, RAIN, strict=True)]
    lines[50] = f"{DAYS[50]},999"
    records, findings = read(write(tmp_path, lines, "日期,雨量"), unit="0.1mm")
    assert findings == []
    assert records.stations[0].rain[50] == pytest.approx(99.9)


@pytest.mark.parametrize("header", ["20-20时降水量", "20-20时累计降水量(mm)", "08-08时降水量"])
def test_a_day_may_begin_at_any_of_the_services_hours(tmp_path: Path, header: str) -> None:
    lines = [f"{day},{rain}" for day, rain in zip(DAYS, RAIN, strict=True)]
    assert read(write(tmp_path, lines, f"日期,{header}"))[1] == []
    assert "请把该列改名为 日雨量" in only(read(write(tmp_path, lines, "日期,08-20时降水量"))[1], "error")


@pytest.mark.parametrize("date", ["2019-02-30", "1/2/2019", "", "yesterday"])
def test_a_date_that_is_none_is_an_error_with_its_row(tmp_path: Path, date: str) -> None:
    lines = rows()
    lines[1] = f"53673,112.7,38.4,{date},0"
    _, findings = read(write(tmp_path, lines))
    errors = [f for f in findings if f.severity == "error"]
    assert f"1 个日期读不懂：第 3 行“{date}”" in only(errors, "error")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rain.csv"
    path.write_bytes(b"date,rain\n2019-01-01,\xff\xff\n")
    assert "第 2 行既不是 UTF-8 也不是 GBK" in only(read(path)[1], "error")
    path.write_bytes(b"PK\x03\x04 a workbook")
    assert "Excel" in only(read(path)[1], "error")
    with pytest.raises(ShuibaoError, match="UTF-16"):
        decoded("日期,雨量".encode("utf-16"), "rain.csv")


@pytest.mark.parametrize(
    "header,missing",
    [
        ("站号,经度,纬度,日雨量", "date/日期"),
        ("站号,日期,气温", "日雨量/日降水量"),
        ("date,a,b", "日雨量/日降水量"),
        ("date,temperature", "日雨量/日降水量"),
    ],
)
def test_a_missing_column_is_named_beside_those_there_are(tmp_path: Path, header: str, missing: str) -> None:
    records, findings = read(write(tmp_path, [",".join("2019-01-01" for _ in header.split(","))], header))
    message = only(findings, "error")
    assert missing in message
    assert "、".join(header.split(",")) in message
    assert records.stations == ()
    assert records.years is None


def test_a_quotation_mark_that_is_not_closed_is_said(tmp_path: Path) -> None:
    _, findings = read(write(tmp_path, ['2019-01-01,"3', *["2019-01-02,3"] * 200_000], "date,rain"))
    assert "请检查引号是否成对" in only(findings, "error")


def test_rows_without_a_station_are_an_error(tmp_path: Path) -> None:
    _, findings = read(write(tmp_path, [*rows(), ",113,38,2019-01-01,3"]))
    assert "1 行没有站号" in only(findings[:1], "error")


@pytest.mark.parametrize("text", ["", "# only a remark\n", "\n\n"])
def test_a_file_without_header_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rain.csv"
    path.write_text(text, "utf-8")
    assert "没有表头" in only(read(path)[1], "error")


def test_a_header_alone_is_no_rain(tmp_path: Path) -> None:
    assert "没有一个可用的日雨量" in only(read(write(tmp_path, []))[1], "error")
    assert "没有一个可用的日雨量" in only(read(write(tmp_path, ["A,,,2019-01-01,"]))[1][-1:], "error")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = only(read(tmp_path / "no.csv")[1], "error")
    assert f"文件不存在：{tmp_path / 'no.csv'}" in said
    assert "No such" not in said
    assert "读不了文件" in only(read(tmp_path)[1], "error")


def test_a_short_record_is_a_warning(tmp_path: Path) -> None:
    _, findings = read(write(tmp_path, rows()[:365]))
    assert "少于方法要求的 2 年：53673 1 年" in only(findings, "warning")


def test_a_record_that_lacks_a_half_month_is_an_error(tmp_path: Path) -> None:
    _, findings = read(write(tmp_path, rows()[:300]))
    assert "53673 站至少有一个半月没有一年够 80% 的日数" in only(findings, "error")


def test_several_stations_need_places_and_one_does_not(tmp_path: Path) -> None:
    one = [f"A,{day},{rain}" for day, rain in zip(DAYS, RAIN, strict=True)]
    two = [f"B,{day},{rain}" for day, rain in zip(DAYS, RAIN, strict=True)]
    assert read(write(tmp_path, one, "station,date,rain"))[1] == []
    assert "A、B 站没有经纬度" in only(read(write(tmp_path, one + two, "station,date,rain"))[1], "error")


def test_places_that_move_are_off_the_earth_or_shared_are_errors(tmp_path: Path) -> None:
    lines = rows()
    lines[7] = lines[7].replace("112.7", "112.8")
    assert "53673" in only(read(write(tmp_path, lines))[1], "error")
    assert "经纬度越界：53673 (38.4, 112.7)" in only(read(write(tmp_path, rows(lon=38.4, lat=112.7)))[1], "error")
    assert "53673 站与 X 站在同一位置" in only(read(write(tmp_path, rows() + rows("X")))[1], "error")


def test_a_stations_file_without_numbers_or_columns_is_refused(tmp_path: Path) -> None:
    _, findings = read_stations(write(tmp_path, ["A,113,north"], "station,lon,lat", name="stations.csv"))
    assert "经纬度不是数值：第 2 行" in only(findings, "error")
    with pytest.raises(ShuibaoError, match="缺少列 latitude/lat"):
        read_stations(write(tmp_path, ["A,113"], "station,lon", name="stations.csv"))


def test_all_faults_are_found_at_once(tmp_path: Path) -> None:
    lines = rows()
    lines[50] = f"53673,112.7,38.4,{DAYS[50]},-3"
    lines[60] = f"53673,112.7,38.4,{DAYS[60]},9000"
    lines[70] = f"53673,112.7,38.4,{DAYS[70]},much"
    lines[80] = "53673,112.7,38.4,1919-13-01,3"
    lines[90], lines[91] = lines[91], lines[90]
    lines.append(lines[95])
    del lines[200:204]
    _, findings = read(write(tmp_path, lines, encoding="gbk"))
    said = "\n".join(f.zh for f in findings)
    for fault in ("负值", "大于 1825 mm", "不是数值", "读不懂", "倒序", "重复", "缺日"):
        assert fault in said
    assert all(f.where == "inputs.rain" for f in findings)


def test_the_limits_come_from_the_rules() -> None:
    rules = load_rules(["national"])
    limits = RainLimits.from_rules(rules)
    assert 1000 < limits.maximum_daily <= 1825  # the record of a day on Earth
    assert 0 < limits.annual_range[0] < limits.annual_range[1]
    assert limits.minimum_years > 1
    assert 0.5 < limits.minimum_day_share <= 1
    assert {p.key for p in rules.used()} >= {"rain_check.maximum_daily", "erosivity.minimum_day_share"}


def test_real_files_of_four_origins_are_read(shared_data: Path) -> None:
    hetian, _ = read(
        shared_data / "area_youwuzhen/climate/pcp_daily.csv",
        stations=shared_data / "area_youwuzhen/climate/Sites_P.csv",
    )
    assert hetian.stations[0].dates.size == 2192
    assert (hetian.stations[0].name, hetian.stations[0].longitude) == ("81502750", 116.4)
    helmond, findings = read(shared_data / "rainfall/RD_Helmond.csv", unit="m")
    assert findings == []
    assert helmond.stations[0].dates.size == 8870
    biliuhe, _ = read(shared_data / "rainfall/biliuhe_21401550_daily.csv")
    assert biliuhe.years == (2012, 2022)
    _, findings = read(shared_data / "rainfall/RD_Helmond.csv")
    assert "单位可能不对" in only(findings, "error")


def test_real_files_that_are_not_daily_rain_are_refused(shared_data: Path) -> None:
    for path in (
        "area_youwuzhen/climate/meteo_daily.csv",
        "rainfall/biliuhe_21401550_hourly.csv",
        "rainfall/cfsr_p451919_1979_2014.pcp",
        "area_youwuzhen/spatial/ywzdem30m.tif",
    ):
        _, findings = read(shared_data / path)
        assert any(f.severity == "error" for f in findings), path


@pytest.mark.slow
def test_a_million_rows_are_read_in_seconds(tmp_path: Path) -> None:
    lines = [line for n in range(920) for line in rows(str(50000 + n), 100 + n / 100)]
    path = write(tmp_path, lines, encoding="gbk")
    start = time.process_time()  # what else the machine does is not counted
    records, findings = read(path)
    assert time.process_time() - start < 10
    assert findings == []
    assert len(records.stations) == 920
