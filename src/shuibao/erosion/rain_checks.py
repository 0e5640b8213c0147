"""
What can be wrong with daily rain, and how it is said (雨量资料检查).

A value that no sky has given, or that stands for something else, is an error: somebody must look at the file. What the
method can bear, missing days or a short record, is a warning that says what it does to the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuibao.erosion.rainfall import half_month_erosivity
from shuibao.messages import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from shuibao.rules import Rules

MISSING_CODES = (-9999.0, -999.9, -999.0, -99.9, -99.0, 999.0, 999.9, 9999.0, 9999.9, 32766.0)
"""Numbers that stand for a missing day in the files of weather services; so do 999xx and 9999xx. 999 in 0.1 mm is rain."""

TRACE_CODES = (32700.0, 999990.0)
"""Numbers that stand for a trace of rain (微量) in the files of the Chinese weather service."""

Station = tuple[str, float, float, "NDArray[np.datetime64]", "NDArray[np.float64]"]


@dataclass(frozen=True)
class RainLimits:
    """
    What is believed of daily rain, and how much of it is needed (雨量资料要求).

    Parameters
    ----------
    maximum_daily : float
        Greatest daily rain that is believed, mm.
    annual_range : (low, high)
        Mean annual rain that is believed, mm; outside it the unit is probably wrong.
    minimum_years : int
        Fewest years that the method asks for.
    minimum_day_share : float
        Smallest share of a half-month's days that must have a value for its year to count, 0-1.
    """

    maximum_daily: float
    annual_range: tuple[float, float]
    minimum_years: int
    minimum_day_share: float

    @classmethod
    def from_rules(cls, rules: Rules) -> RainLimits:
        """Take the limits from the rule packs in force, tables ``rain_check`` and ``erosivity``."""
        low, high = rules.value("rain_check.annual_range")
        return cls(
            maximum_daily=float(rules.value("rain_check.maximum_daily")),
            annual_range=(float(low), float(high)),
            minimum_years=int(rules.value("erosivity.minimum_years")),
            minimum_day_share=float(rules.value("erosivity.minimum_day_share")),
        )


def check_values(
    raw: NDArray[np.float64],
    text: pa.ChunkedArray,
    unit: str,
    limits: RainLimits,
    where: str,
    findings: list[Finding],
    line: Callable[[int], int],
) -> NDArray[np.float64]:
    """
    Return rain in mm with NaN for missing codes; report codes, negative and absurd values (雨量数值检查).

    Parameters
    ----------
    raw : (n,) array
        Numbers as they stand in the file; NaN is missing.
    text : pyarrow.ChunkedArray
        The same cells as text, to quote.
    unit : {"mm", "m", "0.1mm"}
        Unit of the file.
    limits : RainLimits
        What is believed.
    where : str
        Name of the input.
    findings : list of Finding
        Is added to. Negative and absurd values are errors and become NaN.
    line : callable
        Gives the line of the file that a row, from 0, stands in.
    """
    values = np.where(np.isin(raw, TRACE_CODES), 0.0, raw)
    coded = (np.isin(values, MISSING_CODES) & ~((values == 999) & (unit == "0.1mm"))) | (
        (values >= 99900) & (values < 100000)
    )
    coded |= (values >= 999900) & (values < 1000000)
    rain = np.round(values * 1000, 6) if unit == "m" else values / 10 if unit == "0.1mm" else values.copy()
    rain[coded] = np.nan
    if coded.any():
        found = sorted({text[int(row)].as_py() for row in np.flatnonzero(coded)[:1000]})[:5]
        zh = f"{where}：{int(coded.sum())} 个缺测代码（{'、'.join(found)}）按缺测处理"
        en = f"{where}: {int(coded.sum())} missing codes ({', '.join(found)}) are taken as missing"
        findings.append(Finding("warning", where, zh, en))
    negative = rain < 0
    if negative.any():
        zh = f"{where}：雨量有 {int(negative.sum())} 个负值（{_quoted(negative, text, line, zh=True)}）；雨量不能小于 0，缺测请留空"
        quoted = _quoted(negative, text, line, zh=False)
        en = f"{where}: rain is negative in {int(negative.sum())} cells ({quoted}); leave missing days empty"
        findings.append(Finding("error", where, zh, en))
    absurd = rain > limits.maximum_daily
    if absurd.any():
        zh = (
            f"{where}：日雨量有 {int(absurd.sum())} 个大于 {limits.maximum_daily:g} mm"
            f"（{_quoted(absurd, text, line, zh=True)}；按单位 {unit} 读）；请检查数值与单位"
        )
        en = (
            f"{where}: daily rain is above {limits.maximum_daily:g} mm in {int(absurd.sum())} cells "
            f"({_quoted(absurd, text, line, zh=False)}; read in {unit}); check the values and the unit"
        )
        findings.append(Finding("error", where, zh, en))
    rain[negative | absurd] = np.nan
    return np.asarray(rain)


def check_station_days(
    code: NDArray[np.int64],
    days: NDArray[np.datetime64],
    rain: NDArray[np.float64],
    names: Sequence[str],
    within_day: bool,
    where: str,
    findings: list[Finding],
) -> tuple[NDArray[np.int64], NDArray[np.datetime64], NDArray[np.float64]]:
    """
    Sort days within stations and keep each once; report disorder and repetition (日期次序与重复检查).

    Parameters
    ----------
    code : (n,) array of int
        Station of each row.
    days : (n,) array of datetime64[D]
        Day of each row.
    rain : (n,) array
        Rain of each row, mm.
    names : sequence of str
        Name of each station code.
    within_day : bool
        Whether several times of one day occur in the file.
    where : str
        Name of the input.
    findings : list of Finding
        Is added to. Where a day is repeated with another value (an error) the first is kept.

    Returns
    -------
    code, days, rain : (m,) arrays
        By station, then day.
    """
    number = days.astype(np.int64)
    by_station = np.argsort(code, kind="stable")
    back = (np.diff(number[by_station]) < 0) & (np.diff(code[by_station]) == 0)
    if back.any():
        first = by_station[1:][back][0]
        zh = f"{where}：日期有 {int(back.sum())} 处倒序，第一处为 {names[code[first]]} 站 {days[first]}；已按日期排序"
        en = f"{where}: dates go back {int(back.sum())} times, first at {names[code[first]]} {days[first]}; sorted"
        findings.append(Finding("warning", where, zh, en))
    order = np.lexsort((np.isnan(rain), number, code))  # a value before a missing one, else as in the file
    code, days, rain, number = code[order], days[order], rain[order], number[order]
    again = np.zeros(code.size, dtype=bool)
    again[1:] = (np.diff(code) == 0) & (np.diff(number) == 0)
    if again.any():
        _report_repeated(code, days, rain, again, names, within_day, where, findings)
    return code[~again], days[~again], rain[~again]


def _report_repeated(
    code: NDArray[np.int64],
    days: NDArray[np.datetime64],
    rain: NDArray[np.float64],
    again: NDArray[np.bool_],
    names: Sequence[str],
    within_day: bool,
    where: str,
    findings: list[Finding],
) -> None:
    """Report days that occur more than once: alike is a warning, with another value an error."""
    differs = np.zeros_like(again)
    differs[1:] = again[1:] & (np.diff(rain) != 0) & ~np.isnan(rain[1:])
    shown = np.flatnonzero(differs if differs.any() else again)[:5]
    listed = ", ".join(f"{names[code[row]]} {days[row]}" for row in shown)
    count = int(again.sum())
    if within_day:
        zh = f"{where}：同一天有多个时刻（{count} 行，如 {listed}）；请先合计为日雨量"
        en = f"{where}: several times of one day ({count} rows, such as {listed}); sum them to daily rain first"
        findings.append(Finding("error", where, zh, en))
    elif differs.any():
        zh = f"{where}：同站同日重复而雨量不同 {int(differs.sum())} 行（{listed}）；请只留一个"
        en = f"{where}: {int(differs.sum())} rows repeat a station's day with another rain ({listed}); keep one of them"
        findings.append(Finding("error", where, zh, en))
    else:
        zh = f"{where}：同站同日重复 {count} 行（{listed}），雨量相同，只计一次"
        en = f"{where}: {count} rows repeat a station's day with the same rain ({listed}); counted once"
        findings.append(Finding("warning", where, zh, en))


def check_stations(stations: Sequence[Station], limits: RainLimits, where: str, findings: list[Finding]) -> None:
    """
    Report gaps, short records, places and annual rain that cannot be right (逐站检查).

    Parameters
    ----------
    stations : sequence of (name, longitude, latitude, dates, rain)
        Dates ascending, each once; rain in mm.
    limits : RainLimits
        What is believed and needed.
    where : str
        Name of the input.
    findings : list of Finding
        Is added to.
    """
    if not any(rain.size and not np.isnan(rain).all() for *_, rain in stations):
        findings.append(Finding("error", where, f"{where}：没有一个可用的日雨量", f"{where}: there is no daily rain"))
        return
    _check_places(stations, where, findings)
    _check_gaps(stations, limits, where, findings)
    _check_years(stations, limits, where, findings)


def _check_gaps(stations: Sequence[Station], limits: RainLimits, where: str, findings: list[Finding]) -> None:
    """Report missing days: how many, in how many runs, and the longest run of each station."""
    gaps = [gap for name, _, _, dates, rain in stations for gap in _gaps(name, dates, rain)]
    if gaps:
        share = f"{limits.minimum_day_share:.0%}"
        zh = f"{where}：缺日（日数/段数，最长一段）：{_some(gaps, '；')}。"
        zh += f"有值日数不足 {share} 的半月该年不计，其余按有值日折算"
        en = f"{where}: missing days (days/runs, the longest run): {_some(gaps, '; ')}. "
        en += (
            f"A half-month with values on less than {share} of its days is not counted that year, others are scaled up"
        )
        findings.append(Finding("warning", where, zh, en))


def _check_years(stations: Sequence[Station], limits: RainLimits, where: str, findings: list[Finding]) -> None:
    """Report stations with too few years, with half-months without any year, and with annual rain beyond belief."""
    short, unusable, totals = [], [], []
    for name, _, _, dates, rain in stations:
        sums = half_month_erosivity(dates, rain, minimum_day_share=limits.minimum_day_share)  # here of rain itself
        years = int(sums.years.min())
        if years == 0:
            unusable.append(name)
        elif years < limits.minimum_years:
            short.append(f"{name} {years}")
        if years and not limits.annual_range[0] <= sums.annual <= limits.annual_range[1]:
            totals.append(f"{name} {sums.annual:.4g}")
    share, (low, high) = f"{limits.minimum_day_share:.0%}", limits.annual_range
    if unusable:
        zh = f"{where}：{_some(unusable)} 站至少有一个半月没有一年够 {share} 的日数，不能求 R；请补全记录或去掉该站"
        en = f"{where}: station {_some(unusable, ', ')} has a half-month without a single year of {share} of its days; "
        findings.append(Finding("error", where, zh, f"{en}complete the record or leave the station out"))
    if short:
        zh = f"{where}：记录年数少于方法要求的 {limits.minimum_years} 年：{_some(short)} 年；R 的代表性不足"
        en = f"{where}: fewer years than the {limits.minimum_years} that the method asks for: {_some(short, ', ')}"
        findings.append(Finding("warning", where, zh, f"{en}; R is less representative"))
    if totals:
        zh = f"{where}：年均雨量不在 {low:g}～{high:g} mm 之间：{_some(totals)} mm；单位可能不对，请检查 unit"
        en = (
            f"{where}: mean annual rain is outside {low:g} to {high:g} mm: {_some(totals, ', ')} mm; is the unit right?"
        )
        findings.append(Finding("error", where, zh, en))


def _check_places(stations: Sequence[Station], where: str, findings: list[Finding]) -> None:
    """Report places that are missing though needed, not on Earth, or shared by two stations."""
    if len(stations) > 1:
        lost = [name for name, lon, lat, *_ in stations if np.isnan(lon) or np.isnan(lat)]
        if lost:
            zh = f"{where}：{_some(lost)} 站没有经纬度，不能内插；请补经度、纬度列，或另给测站表 stations"
            en = f"{where}: no place for station {_some(lost, ', ')}; add longitude and latitude, or a stations file"
            findings.append(Finding("error", where, zh, en))
    wrong = [f"{name} ({lon:g}, {lat:g})" for name, lon, lat, *_ in stations if abs(lon) > 180 or abs(lat) > 90]
    if wrong:
        zh = f"{where}：经纬度越界：{_some(wrong)}；应为度，经度 -180～180，纬度 -90～90"
        en = f"{where}: place out of range: {_some(wrong, ', ')}; give degrees, longitude first"
        findings.append(Finding("error", where, zh, en))
    seen: dict[tuple[float, float], str] = {}
    for name, lon, lat, *_ in stations:
        other = seen.setdefault((lon, lat), name)
        if other != name and not np.isnan(lon):
            zh = f"{where}：{other} 站与 {name} 站在同一位置（{lon:g}, {lat:g}）；请合并或改正"
            en = f"{where}: stations {other} and {name} are in one place ({lon:g}, {lat:g}); merge or correct them"
            findings.append(Finding("error", where, zh, en))


def _gaps(name: str, dates: NDArray[np.datetime64], rain: NDArray[np.float64]) -> list[str]:
    """Say how many days between a station's first and last value are missing, in how many runs, and the longest."""
    valued = dates[~np.isnan(rain)].astype(np.int64)
    if not valued.size:
        return [f"{name}: 0"]
    steps = np.diff(valued) - 1
    missing = int(steps.sum())
    if not missing:
        return []
    longest = int(np.argmax(steps))
    start, end = (np.datetime64(int(day), "D") for day in (valued[longest] + 1, valued[longest + 1] - 1))
    return [f"{name} {missing}/{int((steps > 0).sum())} ({start}…{end})"]


def _quoted(rows: NDArray[np.bool_], text: pa.ChunkedArray, line: Callable[[int], int], *, zh: bool) -> str:
    """Quote the first cells of some rows with their lines."""
    first = [(line(int(row)), text[int(row)].as_py()) for row in np.flatnonzero(rows)[:5]]
    if zh:
        return "、".join(f"第 {number} 行：{cell}" for number, cell in first)
    return ", ".join(f"line {number}: {cell}" for number, cell in first)


def _some(items: Sequence[str], mark: str = "、", most: int = 5) -> str:
    """Join the first items, and say how many there are if more."""
    return mark.join(items[:most]) + (f" … ({len(items)})" if len(items) > most else "")
