"""Looking at raster files before they are read: are they rasters, where do they lie (栅格文件检查)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource, opened
from shuibao.ground.transforming import between, system_of
from shuibao.ground.warping import geographic_bounds
from shuibao.survey.checking_notes import Notes, listed
from shuibao.survey.checking_tallies import Layer

Box = tuple[float, float, float, float]
"""West, south, east, north, degrees; or left, bottom, right, top, m."""

CHINA: Box = (73.0, 3.0, 136.0, 54.0)
"""The nation, degrees, roughly: coordinates inside it are most likely longitude and latitude."""

NEAR = 5.0
"""How far outside a box still counts as roughly inside, degrees."""

THREE_DEGREE_ZONES, SIX_DEGREE_ZONES, CENTRAL_MERIDIANS = (25, 45), (13, 23), (75, 135)
"""Zones and central meridians of the CGCS2000 Gauss-Krueger systems; EPSG numbers them in this order."""

EPSG_THREE_DEGREE, EPSG_SIX_DEGREE, EPSG_MERIDIAN = 4513, 4491, 4534
"""EPSG codes of the first of each."""


def datum_of(grid: Grid) -> int:
    """Return the EPSG code of longitude and latitude under a grid: CGCS2000 in China, WGS84 elsewhere (经纬度基准)."""
    return 4326 if grid.projection else 4490


def box_text(box: Box) -> str:
    """
    Return a box in degrees as text (经纬度范围).

    Examples
    --------
    >>> box_text((111.2, 39.4, 111.5, 39.6))
    '111.200~111.500°E, 39.400~39.600°N'
    """
    west, south, east, north = box
    return f"{west:.3f}~{east:.3f}°E, {south:.3f}~{north:.3f}°N"


def sound_file(
    notes: Notes,
    where: str,
    path: Path,
    given: Mapping[str, Any],
    region: Box | None,
    known_counts: tuple[int, ...] = (),
) -> bool:
    """
    Look at a file: does it exist, is it a raster, does it say where it lies (查看栅格文件).

    Parameters
    ----------
    notes : Notes
        Is added to.
    where : str
        Field of ``region.toml``.
    path : Path
        The file.
    given : mapping
        What ``region.toml`` says of it.
    region : (west, south, east, north), optional
        Where the region lies, degrees, if known.
    known_counts : tuple of int
        Numbers of bands that are meant.

    Returns
    -------
    bool
        Whether the file can be opened as a source.
    """
    dataset = None
    with notes.catching(where), warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        dataset = opened(str(path))
    if dataset is None:
        return False
    bounds: Box = tuple(dataset.bounds)
    system = _system(notes, where, path.name, dataset, given, bounds, region)
    if dataset.count > 1 and "band" not in given and dataset.count not in known_counts:
        notes.warn(
            where,
            f"{path.name} 有 {dataset.count} 个波段，将用第 1 波段；请以 band 指明（三四个波段的多半是渲染过的图片，"
            "不是数据）。",
            f"{path.name} has {dataset.count} bands and the first is used; name one with band (three or four are "
            "most likely a "
            "picture, not data).",
        )
    return system is not None and _placed(notes, where, path.name, dataset, system, bounds, region)


def _system(
    notes: Notes, where: str, name: str, dataset: Any, given: Mapping[str, Any], bounds: Box, region: Box | None
) -> CRS | None:
    if "crs" in given:
        try:
            return CRS.from_user_input(given["crs"])
        except CRSError:
            notes.error(
                f"{'.'.join(where.split('.')[:2])}.crs",
                f'不认识的坐标系「{given["crs"]}」；应写作 EPSG 编号或 WKT，如 crs = "EPSG:4547"。',
                f"unknown coordinate system '{given['crs']}'; write an EPSG code or WKT, as crs = \"EPSG:4547\".",
            )
            return None
    if dataset.crs is not None:
        return system_of(dataset.crs.to_wkt())
    likely = likely_system(bounds, region)
    shown = ", ".join(f"{v:.6g}" for v in bounds)
    degrees = _like_degrees(bounds, region)
    notes.error(
        where,
        f"{name} 没有坐标系（坐标范围 {shown}{'，像是经纬度，单位为度' if degrees else ''}）；"
        "请用 gdal_edit.py -a_srs 写入坐标系，"
        f'或在 region.toml 该项中给出，{"很可能是" if likely else "如"} crs = "{likely or "EPSG:4547"}"。',
        f"{name} has no coordinate system (its coordinates run over {shown}"
        f"{', which look like degrees of longitude and latitude' if degrees else ''}); write one with gdal_edit.py "
        f'-a_srs, or give it in region.toml, {"most likely" if likely else "as"} crs = "{likely or "EPSG:4547"}".',
    )
    return None


def likely_system(bounds: Box, region: Box | None) -> str:
    """
    Return the coordinate system that bounds look like, or an empty text (推测坐标系).

    Parameters
    ----------
    bounds : (left, bottom, right, top)
        Bounds in the unknown system.
    region : (west, south, east, north), optional
        Where they should lie, degrees, if known.

    Examples
    --------
    >>> likely_system((111.2, 39.3, 112.1, 39.9), (111.0, 39.0, 112.0, 40.0))
    'EPSG:4490'
    >>> likely_system((37470000, 4350000, 37530000, 4400000), (110.6, 39.3, 111.4, 39.8))
    'EPSG:4525'
    """
    left, bottom, right, top = bounds
    if _like_degrees(bounds, region):
        return "EPSG:4490" if region is None or within(region, CHINA) else "EPSG:4326"
    if not (0 < bottom < top < 6.1e6 and left > 0):
        return ""
    zone = int((left + right) / 2e6)
    if THREE_DEGREE_ZONES[0] <= zone <= THREE_DEGREE_ZONES[1]:
        return f"EPSG:{EPSG_THREE_DEGREE + zone - THREE_DEGREE_ZONES[0]}"
    if SIX_DEGREE_ZONES[0] <= zone <= SIX_DEGREE_ZONES[1]:
        return f"EPSG:{EPSG_SIX_DEGREE + zone - SIX_DEGREE_ZONES[0]}"
    if zone == 0 and region is not None:
        meridian = 3 * round((region[0] + region[2]) / 6)
        if CENTRAL_MERIDIANS[0] <= meridian <= CENTRAL_MERIDIANS[1]:
            return f"EPSG:{EPSG_MERIDIAN + (meridian - CENTRAL_MERIDIANS[0]) // 3}"
    return ""


def within(box: Box, other: Box) -> bool:
    """Tell whether a box lies in another, or sticks out by no more than a few degrees (是否大致在内)."""
    return (
        other[0] - NEAR <= box[0] < box[2] <= other[2] + NEAR and other[1] - NEAR <= box[1] < box[3] <= other[3] + NEAR
    )


def _like_degrees(bounds: Box, region: Box | None) -> bool:
    return within(bounds, CHINA) or (region is not None and within(bounds, region))


def _placed(notes: Notes, where: str, name: str, dataset: Any, system: CRS, bounds: Box, region: Box | None) -> bool:
    """Tell whether the coordinates of a file can be those of its coordinate system."""
    shown = ", ".join(f"{v:.6g}" for v in bounds)
    if dataset.transform.is_identity:
        notes.error(
            where,
            f"{name} 没有地理定位（只有行列号，没有坐标）；请用 gdal_translate -a_ullr 或在 GIS 软件中配准后再用。",
            f"{name} is not georeferenced (rows and columns only); register it with gdal_translate -a_ullr or in a "
            "GIS.",
        )
        return False
    if system.is_geographic and max(abs(bounds[0]), abs(bounds[2])) > 361:
        notes.error(
            where,
            f"{name} 的坐标系 {system.name} 以度为单位，而坐标范围为 {shown}，像是米；坐标系写错了，"
            "请改为正确的投影坐标系。",
            f"{name} is in {system.name}, whose unit is the degree, but its coordinates run over {shown}, which look "
            "like metres; give the projected coordinate system it really has.",
        )
        return False
    if system.is_projected and _like_degrees(bounds, region):
        notes.error(
            where,
            f"{name} 的坐标系 {system.name} 以米为单位，而坐标范围为 {shown}，像是经纬度；"
            '请把坐标系改为地理坐标系，如 crs = "EPSG:4490"。',
            f"{name} is in {system.name}, whose unit is the metre, but its coordinates run over {shown}, which look "
            'like degrees; give a geographic coordinate system, as crs = "EPSG:4490".',
        )
        return False
    return True


def overlaps(notes: Notes, where: str, label: str, source: RasterSource, grid: Grid) -> bool:
    """
    Tell whether a source touches the region, and note its box and the region's if not (是否与区域相交).

    Parameters
    ----------
    notes : Notes
        Is added to.
    where : str
        Field of ``region.toml``.
    label : str
        Name of the file.
    source : RasterSource
        The file.
    grid : Grid
        The region.
    """
    mine, region = source_box(source, grid), geographic_bounds(grid)
    if mine is None or (
        mine[0] <= region[2] and region[0] <= mine[2] and mine[1] <= region[3] and region[1] <= mine[3]
    ):
        return True
    notes.error(
        where,
        f"{label} 与区域不相交：它在 {box_text(mine)}，区域在 {box_text(region)}；请核对文件、坐标系（带号、"
        "中央经线）和区划代码。",
        f"{label} does not overlap the region: it lies at {box_text(mine)}, the region at {box_text(region)}; check "
        "the "
        "file, its coordinate system (zone, central meridian) and the codes of the region.",
    )
    return False


def source_box(source: RasterSource, grid: Grid) -> Box | None:
    """Return where a source lies in degrees, or None if that cannot be said (经纬度范围)."""
    rows, cols = source.size
    side = np.linspace(0.0, 1.0, 9)
    col = np.concatenate([side, side, np.zeros(9), np.ones(9)]) * cols
    row = np.concatenate([np.zeros(9), np.ones(9), side, side]) * rows
    a, b, c, d, e, f = source.placement.transform
    x, y = a * col + b * row + c, d * col + e * row + f
    try:
        lon, lat = _to_degrees(source.placement.crs, datum_of(grid)).transform(x, y)
    except ProjError:
        return None
    lon, lat = np.asarray(lon), np.asarray(lat)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


@lru_cache(maxsize=64)
def _to_degrees(system: str, datum: int) -> Transformer:
    return between(system_of(system), datum)


def note_datums(notes: Notes, layers: Sequence[Layer]) -> None:
    """
    Warn where a datum is taken for ours because no transformation is published, once a system (基准转换不确定).

    Parameters
    ----------
    notes : Notes
        Is added to.
    layers : sequence of Layer
        Rasters that could be opened.
    """
    doubtful: dict[str, list[Layer]] = {}
    for layer in layers:
        if not layer.source.placement.certain:
            doubtful.setdefault(layer.source.placement.crs, []).append(layer)
    for system, found in doubtful.items():
        name = system_of(system).name
        zh, en = listed([layer.label for layer in found])
        notes.warn(
            found[0].where,
            f"{zh} 的坐标系为 {name}，此处没有公布的到 CGCS2000 的转换参数，按两基准相同处理，位置可能偏数十米至百余米"
            "（各图层之间不错位）。请在各项中以 datum_shift 给出三参数或七参数（到 WGS84，位置矢量法：m、角秒、ppm），"
            "如 datum_shift = [dx, dy, dz]，参数可向当地测绘部门索取。",
            f"the coordinate system of {en} is {name}, for which no transformation to CGCS2000 is published here; "
            "the datums "
            "are taken as equal and places may be tens of metres off, up to somewhat over a hundred (layers stay in "
            "place among "
            "each other). Give three or seven parameters to WGS84 (position vector: m, arc seconds, ppm) in each "
            "input, as "
            "datum_shift = [dx, dy, dz]; the surveying office has them.",
        )
