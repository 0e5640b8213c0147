"""
Daily rain of stations from CSV files, with everything that is wrong with them (测站逐日雨量).

Three layouts are read: one row for each station and day; one row for each day and a column for each station, whose
places stand in a second file; and a single station with date and rain. All findings come back together: errors stop a
run, warnings reach the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shuibao.erosion import rain_csv
from shuibao.erosion.rain_checks import RainLimits, check_station_days, check_stations, check_values
from shuibao.messages import CallError, Finding, ShuibaoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

UNITS = ("mm", "m", "0.1mm")
"""Units that a rain file may be in."""

__all__ = ["RainLimits", "RainRecords", "StationRain", "read_rain", "read_stations"]


@dataclass(frozen=True)
class StationRain:
    """
    Daily rain of one station (一站逐日雨量).

    Parameters
    ----------
    name : str
        Id or name of the station.
    longitude, latitude : float
        Place, degrees (CGCS2000 or WGS84); NaN where no place was given.
    dates : (days,) array of datetime64[D]
        Days, ascending, each once; days that the file leaves out are not here.
    rain : (days,) array
        Rain of each day, mm; NaN where missing.
    """

    name: str
    longitude: float
    latitude: float
    dates: NDArray[np.datetime64]
    rain: NDArray[np.float64]


@dataclass(frozen=True)
class RainRecords:
    """
    Daily rain of all stations of a file (测站逐日雨量).

    Parameters
    ----------
    stations : tuple of StationRain
        In the order of their names, so that the order of the file's rows does not matter. Empty if nothing could be
        read.
    """

    stations: tuple[StationRain, ...]

    @property
    def longitude(self) -> NDArray[np.float64]:
        """Return the longitudes of the stations, (n,), degrees."""
        return np.array([station.longitude for station in self.stations], dtype=np.float64)

    @property
    def latitude(self) -> NDArray[np.float64]:
        """Return the latitudes of the stations, (n,), degrees."""
        return np.array([station.latitude for station in self.stations], dtype=np.float64)

    @property
    def years(self) -> tuple[int, int] | None:
        """Return the first and the last year with a day, or None if there is none."""
        ends = [day for station in self.stations if station.dates.size for day in station.dates[[0, -1]]]
        if not ends:
            return None
        years = np.array(ends).astype("datetime64[Y]").astype(np.int64) + 1970
        return int(years.min()), int(years.max())


def read_rain(
    path: str | Path,
    *,
    limits: RainLimits,
    unit: str = "mm",
    stations: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    where: str = "inputs.rain",
) -> tuple[RainRecords, list[Finding]]:
    """
    Read daily rain of stations and find everything that is wrong with it (读测站逐日雨量).

    Parameters
    ----------
    path : str or Path
        CSV file. Columns station, longitude, latitude, date (or year, month, day) and rain, by their usual English or
        Chinese names; or a date column and one column for each station; or date and rain of a single station.
    limits : RainLimits
        What is believed. From :meth:`RainLimits.from_rules`.
    unit : {"mm", "m", "0.1mm"}
        Unit of the rain in the file.
    stations : str or Path, optional
        CSV file with station, longitude and latitude, where the rain file has no places.
    columns : mapping of str to str, optional
        Header of a role (station, longitude, latitude, date, year, month, day, rain) where it has an unusual name.
    where : str
        Name of the input in the findings.

    Returns
    -------
    records : RainRecords
        Rain in mm, NaN where missing; dates ascending, each once. Empty where the file could not be read.
    findings : list of Finding
        Errors and warnings; the file's rain must not be used if one is an error.

    Raises
    ------
    CallError
        If the unit is not known.
    """
    if unit not in UNITS:
        zh, en = f"{where}：不认识的雨量单位“{unit}”；可用 {'、'.join(UNITS)}", f"{where}: unknown unit '{unit}'"
        raise CallError(zh, f"{en}; use one of {', '.join(UNITS)}")
    findings: list[Finding] = []
    try:
        file = rain_csv.read_columns(Path(path), where)
        places = None
        if stations is not None:
            places, found = read_stations(stations, where=f"{where}.stations")
            findings += found
        rows = _rows(file, places, dict(columns or {}), Path(path).stem, unit, where, findings)
    except ShuibaoError as problem:
        return RainRecords(()), [*findings, Finding("error", where, problem.zh, problem.en)]
    rain = check_values(rows.rain, rows.text, unit, limits, where, findings, rows.line)
    found_stations = _stations(rows, rain, where, findings)
    check_stations(
        [(s.name, s.longitude, s.latitude, s.dates, s.rain) for s in found_stations], limits, where, findings
    )
    return RainRecords(tuple(found_stations)), findings


def read_stations(
    path: str | Path, *, where: str = "inputs.rain.stations"
) -> tuple[dict[str, tuple[float, float]], list[Finding]]:
    """
    Read the places of stations from a CSV file (读测站位置).

    Parameters
    ----------
    path : str or Path
        CSV file with columns station, longitude and latitude, by their usual English or Chinese names.
    where : str
        Name of the input in the findings.

    Returns
    -------
    places : dict of str to (longitude, latitude)
        Degrees, by station.
    findings : list of Finding
        What is wrong with the file.

    Raises
    ------
    ShuibaoError
        If the file cannot be read or lacks a column.
    """
    file = rain_csv.read_columns(Path(path), where)
    role = rain_csv.roles(file.headers, {})
    _demand(role, ("station", "longitude", "latitude"), file.headers, where)
    names = file.text(role["station"]).to_pylist()
    lon, bad_lon = rain_csv.numbers(file.text(role["longitude"]))
    lat, bad_lat = rain_csv.numbers(file.text(role["latitude"]))
    findings = []
    if bad_lon.size or bad_lat.size:
        rows = sorted({file.line(int(row)) for row in (*bad_lon, *bad_lat)})[:5]
        zh, en = (
            f"{where}：经纬度不是数值：第 {'、'.join(map(str, rows))} 行；应为十进制度",
            f"{where}: longitude or latitude is no number: line {', '.join(map(str, rows))}; give decimal degrees",
        )
        findings.append(Finding("error", where, zh, en))
    return {n: (float(x), float(y)) for n, x, y in zip(names, lon, lat, strict=True)}, findings


@dataclass
class _Rows:
    """One entry for each station and day, in the order of the file."""

    names: list[str]
    code: NDArray[np.int64]
    days: NDArray[np.datetime64]
    rain: NDArray[np.float64]
    text: pa.ChunkedArray
    places: dict[str, tuple[float, float]]
    within_day: bool
    line: Callable[[int], int]


def _rows(
    file: rain_csv.Columns,
    places: dict[str, tuple[float, float]] | None,
    given: dict[str, str],
    stem: str,
    unit: str,
    where: str,
    findings: list[Finding],
) -> _Rows:
    """Bring any of the layouts to one entry for each station and day."""
    role = _roles(file, given, where)
    if file.torn:
        zh = f"{where}：{len(file.torn)} 行的列数与表头（{len(file.headers)} 列）不符：行（列数）为"
        zh += f" {'、'.join(file.torn[:5])}；请改正"
        en = f"{where}: {len(file.torn)} rows do not have the {len(file.headers)} cells of the header: line (cells) "
        findings.append(Finding("error", where, zh, en + ", ".join(file.torn[:5])))
    days, within_day = _days(file, role, where, findings)
    columns = _station_columns(file, role, places, stem, where)
    for header in [file.headers[position] for _, position in columns]:
        said = rain_csv.header_unit(header)
        if said is not None and said != unit:
            zh = f"{where}：列“{header}”写明单位 {said}，而给定单位是 {unit}；请改正其一"
            en = f"{where}: column '{header}' says {said} but the unit given is {unit}; correct one of them"
            findings.append(Finding("error", where, zh, en))
    text = pa.chunked_array([chunk for _, p in columns for chunk in file.text(p).chunks], pa.string())
    if "station" in role and columns[0][0] == "":
        names, code = _encoded(file.text(role["station"]))
        if "" in names:
            count = int((code == names.index("")).sum())
            zh, en = f"{where}：{count} 行没有站号；请补全", f"{where}: {count} rows name no station; fill them in"
            findings.append(Finding("error", where, zh, en))
        known = _own_places(file, role, code, names, where, findings) if places is None else places
    else:
        names, known = [name for name, _ in columns], places or {}
        code = np.repeat(np.arange(len(names)), len(days))
    rain, bad = rain_csv.numbers(text)

    def line(row: int) -> int:
        return file.line(row % max(len(days), 1))

    if bad.size:
        cells = "、".join(f"第 {line(int(row))} 行“{text[int(row)].as_py()}”" for row in bad[:5])
        zh = f"{where}：雨量有 {bad.size} 个不是数值：{cells}；请改正，缺测请留空"
        en = f"{where}: {bad.size} cells of rain are no number: line "
        en += ", ".join(f"{line(int(row))} '{text[int(row)].as_py()}'" for row in bad[:5])
        findings.append(Finding("error", where, zh, f"{en}; correct them, leave missing days empty"))
    return _Rows(names, code, np.tile(days, len(columns)), rain, text, known, within_day, line)


def _roles(file: rain_csv.Columns, given: dict[str, str], where: str) -> dict[str, int]:
    """Find the roles of the columns, and refuse a file without a date or with a header that is not there."""
    absent = {role: header for role, header in given.items() if header not in file.headers}
    if absent:
        zh = f"{where}：没有列 {'、'.join(absent.values())}；文件的列是 {'、'.join(file.headers)}"
        en = f"{where}: there is no column {', '.join(absent.values())}; the file has {', '.join(file.headers)}"
        raise ShuibaoError(zh, en)
    role = rain_csv.roles(file.headers, given)
    if "date" not in role and file.headers[0] == "":  # tables written with an unnamed index of dates
        role["date"] = 0
    if "date" not in role and not {"year", "month", "day"} <= role.keys():
        _demand(role, ("date",), file.headers, where)
    return role


_PLAIN = {"station": "站号", "longitude": "经度", "latitude": "纬度", "date": "日期", "rain": "日雨量"}
"""What a column of each role is best called."""


def _demand(role: dict[str, int], wanted: tuple[str, ...], headers: list[str], where: str) -> None:
    """Refuse a file in which a role has no column."""
    missing = [name for name in wanted if name not in role]
    if missing:
        words = {name: "/".join(rain_csv.HEADERS[name][:4]) for name in missing}
        zh = (
            f"{where}：缺少列 {'、'.join(words.values())}；文件的列是 {'、'.join(headers)}；"
            f"请把该列改名为 {'、'.join(_PLAIN[name] for name in missing)}"
        )
        en = (
            f"{where}: missing column {', '.join(f'{name} ({word})' for name, word in words.items())}; "
            f"the file has {', '.join(headers)}; rename the column to {', '.join(missing)}"
        )
        raise ShuibaoError(zh, en)


def _days(
    file: rain_csv.Columns, role: dict[str, int], where: str, findings: list[Finding]
) -> tuple[NDArray[np.datetime64], bool]:
    """Return the day of each row of the file; report cells that are no date."""
    if "date" in role:
        text = file.text(role["date"])
    else:
        parts = [file.text(role[name]) for name in ("year", "month", "day")]
        text = pa.chunked_array([pc.binary_join_element_wise(*(p.combine_chunks() for p in parts), "-")], pa.string())
    days, bad, within_day = rain_csv.dates(text)
    if bad.size:
        cells = [f"{file.line(int(row))} 行“{text[int(row)].as_py()}”" for row in bad[:5]]
        zh = f"{where}：{bad.size} 个日期读不懂：第 {'、第 '.join(cells)}；应写作 2024-07-01、2024/7/1 或 20240701"
        cells = [f"{file.line(int(row))} '{text[int(row)].as_py()}'" for row in bad[:5]]
        en = f"{where}: {bad.size} dates cannot be read: line {', '.join(cells)}; write 2024-07-01 or 20240701"
        findings.append(Finding("error", where, zh, en))
    return days, within_day


def _station_columns(
    file: rain_csv.Columns,
    role: dict[str, int],
    places: dict[str, tuple[float, float]] | None,
    stem: str,
    where: str,
) -> list[tuple[str, int]]:
    """Return the name and position of each column of rain; the name is empty where a station column gives it."""
    if "rain" in role:
        alone = next(iter(places)) if places is not None and len(places) == 1 else stem
        return [("" if "station" in role else alone, role["rain"])]
    others = [(h, p) for p, h in enumerate(file.headers) if p not in role.values()]
    if "station" in role or (places is None and not (len(others) == 1 and others[0][0].isdigit())):
        _demand(role, ("rain",), file.headers, where)  # without places, only a number is taken for a station
    named = others if places is None else [(h, p) for h, p in others if h in places]
    if not named:
        found, known = [header for header, _ in others[:5]], list(places or ())[:5]
        zh = f"{where}：列 {'、'.join(found)} 都不是测站表中的站（{'、'.join(known)}）；请核对站号"
        en = f"{where}: no column of {', '.join(found)} is in the station file ({', '.join(known)}); check the ids"
        raise ShuibaoError(zh, en)
    return named


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """Return the different texts of a column, and which of them each row holds."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _own_places(
    file: rain_csv.Columns,
    role: dict[str, int],
    code: NDArray[np.int64],
    names: list[str],
    where: str,
    findings: list[Finding],
) -> dict[str, tuple[float, float]]:
    """Return the places that the rain file itself gives; report stations that are in two places."""
    if not {"longitude", "latitude"} <= role.keys():
        return {}
    first = np.unique(code, return_index=True)[1]
    lon, lat = (rain_csv.numbers(file.text(role[axis]))[0] for axis in ("longitude", "latitude"))
    moved = np.unique(code[(lon != lon[first][code]) | (lat != lat[first][code])])
    if moved.size:
        listed = [names[station] for station in moved[:5]]
        zh = f"{where}：{moved.size} 个站的经纬度前后不一或缺失：{'、'.join(listed)}；每站应只有一个位置"
        en = f"{where}: {moved.size} stations have no or more than one place: {', '.join(listed)}; give each one place"
        findings.append(Finding("error", where, zh, en))
    return {name: (float(lon[row]), float(lat[row])) for name, row in zip(names, first, strict=True)}


def _stations(rows: _Rows, rain: NDArray[np.float64], where: str, findings: list[Finding]) -> list[StationRain]:
    """Put each station's days in order, each once."""
    dated = ~np.isnat(rows.days)
    rank = np.argsort(np.argsort(np.array(rows.names, dtype=object))) if rows.names else np.empty(0, dtype=np.int64)
    code, days, values = rank[rows.code[dated]], rows.days[dated], rain[dated]
    code, days, values = check_station_days(code, days, values, sorted(rows.names), rows.within_day, where, findings)
    ends = np.searchsorted(code, np.arange(len(rows.names) + 1))
    nowhere = (float("nan"), float("nan"))
    return [
        StationRain(name, *rows.places.get(name, nowhere), days[ends[n] : ends[n + 1]], values[ends[n] : ends[n + 1]])
        for n, name in enumerate(sorted(rows.names))
    ]
