"""Checking what is not a raster: rain records and control areas (表格检查)."""

from __future__ import annotations

import numpy as np
import shapely

from shuibao.erosion.interpolation import METHODS, prepare_interpolation
from shuibao.erosion.rain_records import RainRecords
from shuibao.ground.reading import opened
from shuibao.ground.transforming import between
from shuibao.messages import ShuibaoError, counted
from shuibao.survey.checking_layers import HALF_MONTHS, Look
from shuibao.survey.checking_notes import listed
from shuibao.survey.checking_rasters import datum_of, sound_file
from shuibao.survey.checking_values import area_text
from shuibao.survey.climate import rain_records
from shuibao.survey.land import control_areas

FAR_STATION = 200e3
"""A rain station as far from the region says little of its rain, m (chosen)."""

CONTROL_DIFFERENCE = 0.05
"""A control area that differs from the area of the borders by as much is most likely in another unit (chosen)."""


def check_rain(look: Look) -> None:
    """
    Note all that is wrong with the daily rain, and stations far from the region (雨量资料检查).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    given, notes = look.given("rain"), look.notes
    if "path" not in given:
        notes.error(
            "inputs.rain.path",
            '缺少 path；请指定雨量文件，如 rain = { path = "inputs/rain_daily.csv", unit = "mm" }。',
            'is missing; name the rain file, as rain = { path = "inputs/rain_daily.csv", unit = "mm" }.',
        )
        return
    if given.get("method", METHODS[0]) not in METHODS:
        notes.error(
            "inputs.rain.method",
            f"不认识的内插方法「{given['method']}」，可用：{'、'.join(METHODS)}。",
            f"unknown method of interpolation '{given['method']}'; allowed: {', '.join(METHODS)}.",
        )
    try:
        records, findings = rain_records(look.region, look.rules)
    except ShuibaoError as problem:
        where = "inputs.rain.unit" if "unit" in problem.en else "inputs.rain"
        notes.error(where, problem.zh, problem.en)
        return
    notes.take(findings)
    if not records.stations:
        return
    years = records.years or (0, 0)
    files = [look.region.path_of(given[key]) for key in ("path", "stations") if key in given]
    count = len(records.stations)
    look.saw(
        "inputs.rain",
        files,
        f"{count} 站，{years[0]}—{years[1]} 年",
        f"{counted(count, 'station')}, {years[0]} to {years[1]}",
    )
    _check_distances(look, records)
    _check_method(look, records)


def _check_method(look: Look, records: RainRecords) -> None:
    """Say it where there are too few stations for the method asked for, as the run will."""
    method = look.given("rain").get("method", METHODS[0])
    place = np.array([records.longitude, records.latitude])
    if (
        method not in METHODS
        or look.notes.faulty("inputs.rain")
        or (place.shape[1] > 1 and not np.isfinite(place).all())
    ):
        return  # said already
    with look.notes.catching("inputs.rain"):
        look.notes.take(prepare_interpolation(place[0], place[1], np.zeros((place.shape[1], 1)), method).findings)


def _check_distances(look: Look, records: RainRecords) -> None:
    if not look.placed:
        return
    placed = [s for s in records.stations if np.isfinite([s.longitude, s.latitude]).all()]
    placed = [s for s in placed if abs(s.longitude) <= 180 and abs(s.latitude) <= 90]
    if not placed:
        return
    lon, lat = (np.array([getattr(s, axis) for s in placed]) for axis in ("longitude", "latitude"))
    away = _distance(look, lon, lat)
    far = [
        f"{s.name} ({s.longitude:g}, {s.latitude:g}) {d / 1e3:.0f} km"
        for s, d in zip(placed, away, strict=True)
        if d > FAR_STATION
    ]
    if not far:
        return
    zh, en = listed(far)
    swapped = np.abs(lon).max() <= 90 and bool((_distance(look, lat, lon) < FAR_STATION).all())
    if swapped:
        look.notes.error(
            "inputs.rain",
            f"站点都远离区域（{zh}），而经纬度对调后都在附近；请改正经度、纬度两列。",
            f"the stations are far from the region ({en}) but near it with longitude and latitude exchanged; correct "
            "the columns.",
        )
    elif len(far) == len(records.stations):
        look.notes.error(
            "inputs.rain",
            f"没有一个站在区域 {FAR_STATION / 1e3:g} km 以内：{zh}；请核对经纬度（单位度、十进制）与区划代码。",
            f"no station is within {FAR_STATION / 1e3:g} km of the region: {en}; check their places (decimal "
            "degrees) and the "
            "codes of the region.",
        )
    else:
        look.notes.warn(
            "inputs.rain",
            f"{len(far)} 站离区域 {FAR_STATION / 1e3:g} km 以上：{zh}；参与内插但代表性差，请核对位置或去掉。",
            f"{counted(len(far), 'station')} more than {FAR_STATION / 1e3:g} km from the region: {en}; used, but saying "
            "little of it. Check the places or leave them out.",
        )


def _distance(look: Look, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return how far places are from the region, m; infinite where they cannot be projected."""
    x, y = between(datum_of(look.grid), look.grid.crs).transform(lon, lat)
    points = shapely.points(np.nan_to_num(x, posinf=1e9), np.nan_to_num(y, posinf=1e9))
    away = [shapely.distance(look.counties.geometry, point).min() for point in points]
    return np.where(np.isfinite(x), np.array(away), np.inf)


def check_weights(look: Look) -> None:
    """
    Check the half-months' shares that go with a given erosivity (半月比例检查).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    given = look.given("r_weights")
    if "value" in given:
        shares = [v for v in given["value"] if isinstance(v, int | float)]
        total = sum(shares)
        if len(shares) != HALF_MONTHS or len(given["value"]) != HALF_MONTHS or min(shares) < 0 or total <= 0:
            look.notes.error(
                "inputs.r_weights.value",
                f"应为 24 个不小于 0 的数（每半月一个），现有 {len(given['value'])} 个，合计 {total:g}；请补齐。",
                f"takes 24 numbers of at least 0, one a half-month; there are {len(given['value'])}, {total:g} in all. "
                "Complete them.",
            )
    elif "path" in given:
        path = look.region.path_of(given["path"])
        if sound_file(look.notes, "inputs.r_weights", path, given, look.box, (HALF_MONTHS,)):
            bands = opened(str(path)).count
            if bands < HALF_MONTHS:
                look.notes.error(
                    "inputs.r_weights",
                    f"{path.name} 应有 24 个波段（每半月一个），现有 {bands} 个；请补齐。",
                    f"{path.name} takes 24 bands, one a half-month; it has {bands}. Complete it.",
                )
    elif not given and "r_factor" in look.region.inputs and "by_land" not in look.given("cover"):
        look.notes.warn(
            "inputs.r_weights",
            "没有给出半月侵蚀力比例，24 个半月按相等处理；雨季植被较好，B 会偏大。请给出 r_weights 或改用日雨量 rain。",
            "no half-month shares of erosivity are given, so all 24 count alike; vegetation is better in the wet "
            "season, so B "
            "comes out too large. Give r_weights, or daily rain.",
        )


def check_control_areas(look: Look) -> None:
    """
    Check the official areas: codes, numbers, unit, and how far they are from the borders' own (控制面积检查).

    Parameters
    ----------
    look : Look
        Is added to.
    """
    where, given = "inputs.control_areas", look.given("control_areas")
    if not given:
        return
    if not ("path" in given or "values" in given):
        look.notes.error(
            where,
            "没有面积；请给出 values = { 县代码 = 面积 } 或 path。",
            "holds no areas; give values = { code = area } or path.",
        )
        return
    try:
        areas = control_areas(look.region)
    except ShuibaoError as problem:
        look.notes.error(where, problem.zh, problem.en)
        return
    except FileNotFoundError:
        path = look.region.path_of(given["path"])
        look.notes.error(
            f"{where}.path", f"文件不存在：{path}；请核对路径。", f"file not found: {path}; check the path."
        )
        return
    except (KeyError, UnicodeDecodeError, OSError) as error:
        look.notes.error(
            f"{where}.path",
            f"读不出面积（{error!r}）；应为 UTF-8 的 CSV，有 code 与 area 两列。",
            f"no areas can be read ({error!r}); it takes CSV in UTF-8 with the columns code and area.",
        )
        return
    if look.placed:
        _compare_areas(look, areas)


def _compare_areas(look: Look, areas: dict[str, float]) -> None:
    where, notes = "inputs.control_areas", look.notes
    own = dict(zip(look.counties.codes, shapely.area(look.counties.geometry).tolist(), strict=True))
    strange = [code for code in areas if code not in own]
    if strange:
        zh, en = listed(strange)
        have = listed(list(own))
        notes.error(
            where,
            f"有不在本区域的代码 {zh}；本区域的县为 {have[0]}。请改正代码或删去。",
            f"holds codes that are not in the region: {en}; the region has {have[1]}. Correct or remove them.",
        )
    absent = [code for code in own if code not in areas]
    if absent:
        zh, en = listed(absent)
        notes.warn(
            where, f"{zh} 没有控制面积，按格网面积计。", f"{en} have no control area; their area on the grid is taken."
        )
    wrong = [f"{code} {area / 1e6:,.6g} km²" for code, area in areas.items() if not 0 < area < float("inf")]
    if wrong:
        zh, en = listed(wrong)
        notes.error(where, f"面积应大于 0：{zh}。请改正。", f"areas must be positive: {en}. Correct them.")
    apart = [
        f"{code} {area_text(areas[code] / 1e6)} / {area_text(own[code] / 1e6)} km²"
        for code in areas
        if code in own and abs(areas[code] - own[code]) > CONTROL_DIFFERENCE * own[code]
    ]
    if apart:
        zh, en = listed(apart)
        notes.warn(
            where,
            f"控制面积与边界面积相差 {CONTROL_DIFFERENCE:.0%} 以上（控制/边界）：{zh}；请核对 unit 与边界。",
            f"control areas differ from those of the borders by more than {CONTROL_DIFFERENCE:.0%} (control/border): "
            f"{en}; check "
            "the unit and the borders.",
        )
