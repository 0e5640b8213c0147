"""Raster tiles (栅格瓦片): a window of a COG, warped to the map, coloured by the rule packs' classes, as a small PNG."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.vrt import WarpedVRT

from bureau.onemap.keeping import kept
from bureau.publications.classes import LOSS_COLORS, LOSS_EDGES, classes, ranges, rules_of
from bureau.publications.media import raster_path
from bureau.publications.models import Raster
from bureau.publications.pictures import picture
from bureau.regions.models import Region

SIDE = 512
HALF = 20037508.342789244
STYLE = "2"
"""Changes when the look of the tiles does, so that browsers ask anew."""

_MASKING = Lock()
"""While it masks, rasterio silences a warning for all threads; two at once would wake it for each other."""

Legend = list[tuple[str, str]]
"""Colour and name of each class, from 1."""


def legend_of(name: str, packs: Sequence[str]) -> Legend:
    """
    Return the classes of a raster: colour and name of each, from 1 (栅格图例).

    Parameters
    ----------
    name : {"intensity", "soil_loss", "slope"}
    packs : sequence of str
        Rule packs of the publication.
    """
    if name == "soil_loss":
        return list(zip(LOSS_COLORS, ranges(LOSS_EDGES, ""), strict=True))
    dimension = "slope_class" if name == "slope" else name
    return [(c.color, c.name) for c in classes(dimension, packs) if c.code != "0"]


def bounds_of(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """
    Return the bounds of a tile: west, south, east, north, m on the map (瓦片范围).

    Examples
    --------
    >>> bounds_of(1, 0, 0) == (-HALF, 0.0, 0.0, HALF)
    True
    """
    side = 2 * HALF / 2**z
    west, north = -HALF + x * side, HALF - y * side
    return west, north - side, west + side, north


def _places(bounds: tuple[float, float, float, float]) -> Affine:
    """Return where on the map each pixel of a tile is."""
    west, _, east, north = bounds
    return Affine((east - west) / SIDE, 0.0, west, 0.0, (west - east) / SIDE, north)


def etag_of(raster: Raster, z: int, x: int, y: int, masked_by: str, without: Sequence[str] = ()) -> str:
    """Return what a tile is known by: the raster, the look, whose eyes it is for, and what is left out (瓦片标识)."""
    packs = ",".join(raster.publication.packs)
    told = f"{raster.sha256} {raster.name} {packs} {STYLE} {z}/{x}/{y} {masked_by}"
    if without:
        told += f" -{','.join(without)}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def tile(raster: Raster, z: int, x: int, y: int, *, scope: str, without: Sequence[str] = ()) -> bytes | None:
    """
    Return a tile as PNG, or None where the raster has nothing (栅格瓦片).

    Parameters
    ----------
    raster : Raster
    z, x, y : int
    scope : str
        Prefix of the region codes that the person sees; land beyond it is left out.
    without : sequence of str
        Counties for which another survey counts; they are left out too, so that no two lie on each other.
    """
    region = raster.publication.region_id
    masked_by = _own(region) if region.startswith(scope) else scope
    name = etag_of(raster, z, x, y, masked_by, without)
    return kept(name, lambda: _drawn(raster, z, x, y, masked_by, without)) or None


def _drawn(raster: Raster, z: int, x: int, y: int, masked_by: str, without: Sequence[str]) -> bytes:
    bounds = bounds_of(z, x, y)
    grade = _graded(raster, bounds)
    if masked_by and grade.any():
        grade[_beyond(masked_by, bounds)] = 0
    for county in without if grade.any() else ():
        grade[~_beyond(county, bounds)] = 0
    if not grade.any():
        return b""
    return picture(grade, [color for color, _ in legend_of(raster.name, raster.publication.packs)])


def _graded(raster: Raster, bounds: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """Return the class of each pixel of a tile, 0 for none."""
    is_class = raster.name == "intensity"
    with (
        rasterio.open(raster_path(raster)) as source,
        WarpedVRT(
            source, crs="EPSG:3857", transform=_places(bounds), width=SIDE, height=SIDE,
            resampling=Resampling.nearest if is_class else Resampling.bilinear,
        ) as warped,
    ):  # fmt: skip
        values = warped.read(1)
    if is_class:
        return np.asarray(values, dtype=np.uint8)
    edges = LOSS_EDGES if raster.name == "soil_loss" else _slope_edges(tuple(raster.publication.packs))
    grade = np.searchsorted(np.asarray(edges), np.nan_to_num(values), side="right") + 1
    return np.where(np.isfinite(values), grade, 0).astype(np.uint8)


@lru_cache(maxsize=16)
def _slope_edges(packs: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(float(edge) for edge in rules_of(packs).value("slope_class.breaks"))


@lru_cache(maxsize=64)
def _border(scope: str) -> dict[str, object]:
    """Return the border of the region that a scope stands for, on the map; that there is none yet is not remembered."""
    region = Region.objects.exclude(border=None).filter(code__startswith=scope).order_by("code").first()
    if region is None or region.border is None:
        raise Region.DoesNotExist
    found: dict[str, object] = json.loads(region.border.transform(3857, clone=True).geojson)
    return found


def _own(region: str) -> str:
    """Return what a survey is cut by: a county's by the county's border, so that neighbours' surveys meet there."""
    if region.endswith("00"):
        return ""
    try:
        _border(region)
    except Region.DoesNotExist:
        return ""
    return region


def _beyond(scope: str, bounds: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    try:
        border = _border(scope)
    except Region.DoesNotExist:
        return np.ones((SIDE, SIDE), dtype=bool)
    with _MASKING:
        beyond: NDArray[np.bool_] = geometry_mask([border], (SIDE, SIDE), _places(bounds), all_touched=False)
    return beyond


def value_at(raster: Raster, lon: float, lat: float) -> float | None:
    """
    Return the value of a raster at a place, None where it has none (点值).

    Parameters
    ----------
    raster : Raster
    lon, lat : float
        Degrees.
    """
    from rasterio.warp import transform

    with rasterio.open(raster_path(raster)) as source:
        (east,), (north,) = transform("EPSG:4490", source.crs, [lon], [lat])
        value = float(next(source.sample([(east, north)]))[0])
        nothing = source.nodata
    return None if value != value or value == nothing else value
