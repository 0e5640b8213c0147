"""What rasters in other coordinate systems give on the national grid: known surfaces, and real maps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.warp
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shuibao.ground.grid import Grid, grid_over, national_crs
from shuibao.ground.reading import RasterSource, close_files, open_source

WAVE = 0.02
"""Wavelength of the known surface, degrees: about 2 km."""

HEIGHT = 100.0
PLACES = {"长汀": (116.45, 25.68), "忻州": (112.70, 38.40)}
SYSTEMS = {
    "EPSG:4490": 1 / 3600,  # CGCS2000, degrees
    "EPSG:4326": 1 / 3600,
    "EPSG:4527": 30.0,  # CGCS2000 / 3-degree Gauss-Kruger zone 39
    "EPSG:32650": 30.0,  # UTM 50N, far off its meridian in Xinzhou
    "EPSG:2415": 30.0,  # Beijing 1954 / 3-degree Gauss-Kruger zone 39
    "EPSG:2363": 30.0,  # Xian 1980 / 3-degree Gauss-Kruger zone 39
}
OLD_DATUMS = {"EPSG:2415", "EPSG:2363"}

Surface = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def waves(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return heights of a surface that is known everywhere."""
    k = 2 * math.pi / WAVE
    return 800.0 + HEIGHT * np.sin(k * lon) + HEIGHT * np.cos(k * lat)


def chequers(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return classes 1 to 4 in fields about 400 m wide."""
    return 1.0 + np.floor(lon / 0.004) % 2 + 2 * (np.floor(lat / 0.004) % 2)


def own_degrees(crs: CRS) -> Transformer:
    """Return the way from a coordinate system to degrees on its own datum."""
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def grid_at(place: str, cell: float = 30.0) -> Grid:
    """Return a grid of about 4 km around a place, anchored away from round numbers."""
    lon, lat = PLACES[place]
    x, y = Transformer.from_crs(4490, national_crs(), always_xy=True).transform(lon, lat)
    return grid_over((x - 1900, y - 2100, x + 2300, y + 1900), cell)


def write_surface(path: Path, system: str, pixel: float, place: str, surface: Surface, dtype: str) -> Path:
    """Write a surface as a raster in a coordinate system, its values those at the centres of the pixels."""
    crs = CRS.from_user_input(system)
    lon, lat = PLACES[place]
    x, y = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(lon, lat)
    half = math.ceil((4000 if pixel > 1 else 0.045) / pixel)
    transform = Affine(pixel, 0, x - half * pixel + 0.37 * pixel, 0, -pixel, y + half * pixel - 0.21 * pixel)
    index = np.arange(2 * half) + 0.5
    east, north = np.meshgrid(transform.c + index * pixel, transform.f - index * pixel)
    values = surface(*own_degrees(crs).transform(east, north)).astype(dtype)
    shape: dict[str, Any] = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": dtype}
    with rasterio.open(path, "w", driver="GTiff", crs=crs.to_wkt(), transform=transform, **shape) as dataset:
        dataset.write(values, 1)
    return path


def degrees_of(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes (CGCS2000) of the cells' centres."""
    east, north = np.meshgrid(*grid.centres())
    lon, lat = Transformer.from_crs(national_crs(), 4490, always_xy=True).transform(east, north)
    return lon, lat


def bound(pixel_metres: float) -> float:
    """Return what bilinear interpolation of the waves may be off: h²/8 (|fxx| + |fyy|), and 2 cm of misplacement."""
    metres = WAVE * 111_000 * math.cos(math.radians(39))  # the shortest wave of all places
    k = 2 * math.pi / metres
    return HEIGHT * (pixel_metres**2 / 8 * 2 * k**2 + 0.02 * 2 * k) + 1e-3


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("method", ["bilinear", "cubic"])
def test_a_known_surface_is_read_from_any_coordinate_system(
    tmp_path: Path, system: str, place: str, method: Any
) -> None:
    path = write_surface(tmp_path / "waves.tif", system, SYSTEMS[system], place, waves, "float32")
    grid = grid_at(place)
    source = open_source(path, grid, method=method)
    got = source.read(grid)
    assert not np.isnan(got).any()
    off = np.abs(got - waves(*degrees_of(grid)))
    assert off.max() < bound(31.0)
    assert source.placement.certain == (system not in OLD_DATUMS)


@pytest.mark.parametrize("place", PLACES)
def test_cubic_reading_is_closer_than_bilinear(tmp_path: Path, place: str) -> None:
    path = write_surface(tmp_path / "waves.tif", "EPSG:4527", 30.0, place, waves, "float32")
    grid = grid_at(place)
    true = waves(*degrees_of(grid))
    off = {m: np.abs(open_source(path, grid, method=m).read(grid) - true).mean() for m in ("bilinear", "cubic")}
    assert off["cubic"] < 0.3 * off["bilinear"]


@pytest.mark.parametrize("place", PLACES)
def test_a_finer_surface_is_averaged_over_the_cell(tmp_path: Path, place: str) -> None:
    path = write_surface(tmp_path / "waves.tif", "EPSG:4527", 10.0, place, waves, "float32")
    grid = grid_at(place)
    source = open_source(path, grid)
    assert source.parts in (3, 4)
    true = waves(*degrees_of(grid))
    metres = WAVE * 111_000 * math.cos(math.radians(39))
    gentlest = HEIGHT * 2 * math.pi / metres * 2  # greatest gradient of the waves; points are taken to half a pixel
    off = source.read(grid) - true
    assert np.abs(off).max() < gentlest * 5.0 + bound(30.0)
    assert abs(float(off.mean())) < 0.05


def test_the_shift_that_a_user_gives_is_the_geocentric_shift(tmp_path: Path) -> None:
    shift = (15.8, -154.4, -82.3)  # three parameters from Beijing 1954 to WGS 84
    path = write_surface(tmp_path / "waves.tif", "EPSG:2415", 30.0, "长汀", waves, "float32")
    grid = grid_at("长汀")
    got = open_source(path, grid, method="cubic", datum_shift=shift).read(grid)
    lon, lat = degrees_of(grid)
    true = waves(*shifted_degrees(lon, lat, shift))
    assert np.abs(got - true).max() < bound(31.0)
    assert np.abs(waves(lon, lat) - true).max() > 5.0  # without the shift it would be another ground


def shifted_degrees(
    lon: NDArray[np.float64], lat: NDArray[np.float64], shift: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return degrees on Beijing 1954 of places on WGS 84: through earth-centred coordinates, by hand."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    lam, phi = np.radians(lon), np.radians(lat)
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    x, y = n * np.cos(phi) * np.cos(lam) - shift[0], n * np.cos(phi) * np.sin(lam) - shift[1]
    z = n * (1 - e2) * np.sin(phi) - shift[2]
    a, f = 6378245.0, 1 / 298.3  # Krassowsky
    e2 = f * (2 - f)
    flat = np.hypot(x, y)
    phi = np.arctan2(z, flat * (1 - e2))
    for _ in range(6):
        n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
        phi = np.arctan2(z + e2 * n * np.sin(phi), flat)
    return np.degrees(np.arctan2(y, x)), np.degrees(phi)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_coarser_or_equal_class_is_that_of_the_pixel_under_the_centre(tmp_path: Path, system: str) -> None:
    path = write_surface(tmp_path / "fields.tif", system, SYSTEMS[system], "忻州", chequers, "uint8")
    grid = grid_at("忻州")
    got = open_source(path, grid, kind="class").read(grid)
    east, north = np.meshgrid(*grid.centres())
    lon, lat = degrees_of(grid)
    crs = CRS.from_user_input(system)
    x, y = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(lon, lat)
    with rasterio.open(path) as dataset:
        t, pixels = dataset.transform, dataset.read(1)
    col, row = (x - t.c) / t.a, (y - t.f) / t.e
    clear = (np.abs(col - np.round(col)) > 1e-3) & (np.abs(row - np.round(row)) > 1e-3)  # not on an edge
    want = pixels[np.floor(row).astype(int), np.floor(col).astype(int)]
    assert clear.mean() > 0.99
    np.testing.assert_array_equal(got[clear], want[clear])
    assert east.shape == got.shape


def test_a_finer_class_keeps_its_share_and_is_certain_inside_fields(tmp_path: Path) -> None:
    path = write_surface(tmp_path / "fields.tif", "EPSG:4527", 10.0, "忻州", chequers, "uint8")
    grid = grid_at("忻州")
    source = open_source(path, grid, kind="class")
    assert source.parts in (3, 4)
    got = source.read(grid)
    lon, lat = degrees_of(grid)
    u, v = lon / 0.004, lat / 0.004
    inside = (np.abs(u - np.round(u)) > 0.08) & (np.abs(v - np.round(v)) > 0.08)  # a cell from every border
    np.testing.assert_array_equal(got[inside], chequers(lon, lat)[inside].astype(np.int32))
    want = np.bincount(chequers(lon, lat).astype(int).ravel(), minlength=5) / got.size
    have = np.bincount(got.ravel(), minlength=5) / got.size
    np.testing.assert_allclose(have, want, atol=0.01)


@dataclass(frozen=True)
class RealMap:
    """A real map, how it is read, and how GDAL reads it."""

    name: str
    kind: Any
    method: Any
    resampling: rasterio.warp.Resampling


REAL = [
    RealMap("ywzdem30m", "continuous", "bilinear", rasterio.warp.Resampling.bilinear),
    RealMap("ywzdem30m", "continuous", "cubic", rasterio.warp.Resampling.cubic),
    RealMap("ywzlanduse30m_upd", "class", None, rasterio.warp.Resampling.nearest),
    RealMap("ywzsoil30m", "class", None, rasterio.warp.Resampling.nearest),
]


def real_source(shared_data: Path, real: RealMap) -> tuple[RasterSource, Grid]:
    """Return a map of the catchment in Beijing-54 and the grid that holds it all."""
    path = shared_data / "area_youwuzhen" / "spatial" / f"{real.name}.tif"
    grid = grid_at("长汀").grown(60)
    return open_source(path, grid, kind=real.kind, method=real.method), grid


@pytest.mark.parametrize("real", REAL, ids=lambda r: f"{r.name}-{r.method or r.kind}")
@pytest.mark.parametrize("size", [1, 37, 64, 512])
def test_a_real_map_read_in_tiles_is_the_map_read_whole(shared_data: Path, real: RealMap, size: int) -> None:
    source, grid = real_source(shared_data, real)
    grid = grid if size > 1 else Grid(grid.cell, grid.row + 90, grid.col + 100, 20, 25)
    whole = source.read(grid)
    for tile in grid.tiles(size):
        np.testing.assert_array_equal(source.read(tile), whole[tile.inside(grid)])
    close_files()


@pytest.mark.parametrize("real", REAL, ids=lambda r: f"{r.name}-{r.method or r.kind}")
def test_a_real_map_lies_where_gdal_puts_it(shared_data: Path, real: RealMap) -> None:
    source, grid = real_source(shared_data, real)
    ours = source.read(grid)
    theirs = np.full(grid.shape, np.nan if real.kind == "continuous" else 0, dtype=ours.dtype)
    with rasterio.open(source.path) as dataset:
        pixels = source.settled(dataset.read(1))
        rasterio.warp.reproject(
            pixels, theirs, src_transform=dataset.transform, src_crs=dataset.crs, dst_transform=grid.transform,
            dst_crs=grid.crs.to_wkt(), resampling=real.resampling, src_nodata=theirs[0, 0], dst_nodata=theirs[0, 0],
            tolerance=0.0, XSCALE=1, YSCALE=1,  # else GDAL blurs, as it does where the grids are turned to each other
        )  # fmt: skip
    if real.kind == "class":
        assert (ours > 0).sum() > 7000
        assert (ours == theirs).mean() > 0.999
        return
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.sum() > 12_000
    assert (np.isfinite(ours) ^ np.isfinite(theirs)).sum() < 0.005 * both.sum()
    inner = both.copy()
    for axis in (0, 1):
        for step in (-2, -1, 1, 2):
            inner &= np.roll(both, step, axis)
    assert np.abs(ours - theirs)[inner].max() < 0.02


def test_the_land_use_is_two_rows_short_of_the_elevation_and_lies_right_all_the_same(shared_data: Path) -> None:
    folder = shared_data / "area_youwuzhen" / "spatial"
    with rasterio.open(folder / "ywzdem30m.tif") as dem, rasterio.open(folder / "ywzlanduse30m_upd.tif") as land:
        assert (land.transform.c, land.transform.f) == pytest.approx((dem.transform.c, dem.transform.f - 60))
        rows, cols = land.shape
        outlet = dem.index(39444813.9, 2840490.8)
        codes = land.read(1)
    source, grid = real_source(shared_data, REAL[2])
    point = Transformer.from_crs(2415, national_crs(), always_xy=True).transform(39444813.9, 2840490.8)
    there = source.read(Grid(30.0, math.floor(-point[1] / 30), math.floor(point[0] / 30), 1, 1))
    assert outlet[0] - 2 < rows
    assert outlet[1] < cols
    around = codes[outlet[0] - 3 : outlet[0], outlet[1] - 1 : outlet[1] + 2]
    assert there[0, 0] in around
