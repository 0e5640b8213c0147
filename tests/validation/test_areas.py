"""Area: the national grid is equal-area, so cells counted are ellipsoidal area."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from shuibao.ground.grid import Grid, national_crs
from shuibao.sources.boundaries import county_areas, county_boundaries

SEMI_MAJOR, FLATTENING = 6378137.0, 1 / 298.257222101

TO_NATIONAL = Transformer.from_crs(4490, national_crs(), always_xy=True)


def ellipsoidal_area(south: float, north: float, wide: float) -> float:
    """
    Return the area between two parallels over a span of longitude, m²: the series of the third land survey (三调).

    Degrees; CGCS2000. S = 2 b² Δλ [A sin(ΔB/2) cos Bm - B sin(3ΔB/2) cos 3Bm + ...].
    """
    minor = SEMI_MAJOR * (1 - FLATTENING)
    e2 = FLATTENING * (2 - FLATTENING)
    e4, e6, e8 = e2**2, e2**3, e2**4
    series = (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8,
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        1 / 112 * e6 + 45 / 2304 * e8,
        5 / 2304 * e8,
    )
    step, mean = math.radians(north - south), math.radians((north + south) / 2)
    terms = (
        (-1) ** k * factor * math.sin((2 * k + 1) * step / 2) * math.cos((2 * k + 1) * mean)
        for k, factor in enumerate(series)
    )
    return 2 * minor**2 * math.radians(wide) * sum(terms)


def projected_area(west: float, south: float, wide: float, high: float, points: int = 2000) -> float:
    """Return the area on the national grid of a quadrangle of degrees whose sides are drawn with many points, m²."""
    along = np.linspace(0, 1, points)
    lon = np.concatenate([west + wide * along, np.full(points, west + wide), west + wide * along[::-1]])
    lat = np.concatenate([np.full(points, south), south + high * along, np.full(points, south + high)])
    x, y = TO_NATIONAL.transform(
        np.concatenate([lon, np.full(points, west)]), np.concatenate([lat, south + high * along[::-1]])
    )
    return float(shapely.area(shapely.polygons(np.column_stack([x, y]))))


@pytest.mark.parametrize(
    "south, north, wide, square_kilometres",
    [(43, 44, 1, 8985.4831), (37, 38, 1, 9813.9519), (43, 43.01, 0.01, 0.9057883)],
)
def test_the_series_gives_the_printed_areas(south: float, north: float, wide: float, square_kilometres: float) -> None:
    digits = len(str(square_kilometres).split(".")[1])
    assert round(ellipsoidal_area(south, north, wide) / 1e6, digits) == square_kilometres


def test_the_series_gives_the_whole_earth() -> None:
    assert ellipsoidal_area(-90, 90, 360) / 1e6 == pytest.approx(510_065_621.7, abs=0.5)


@pytest.mark.parametrize("west", [73.0, 105.0, 112.0, 134.0])
@pytest.mark.parametrize("south, square_kilometres", [(43, 8985.4831), (37, 9813.9519)])
def test_the_national_grid_keeps_the_area_of_a_degree_wherever_it_lies(
    west: float, south: float, square_kilometres: float
) -> None:
    assert projected_area(west, south, 1, 1) / 1e6 == pytest.approx(square_kilometres, rel=1e-6)


@given(
    west=st.floats(73, 134), south=st.floats(3.5, 53), wide=st.floats(0.01, 1.5), high=st.floats(0.01, 1.0)
)  # fmt: skip
def test_the_national_grid_keeps_every_area_in_the_country(west: float, south: float, wide: float, high: float) -> None:
    want = ellipsoidal_area(south, south + high, wide)
    assert projected_area(west, south, wide, high) == pytest.approx(want, rel=1e-6)


@given(
    cell=st.sampled_from([10.0, 30.0]), lon=st.floats(75, 133), lat=st.floats(18, 52)
)  # fmt: skip
def test_a_cell_has_its_nominal_area_on_the_ellipsoid(cell: float, lon: float, lat: float) -> None:
    x, y = TO_NATIONAL.transform(lon, lat)
    grid = Grid(cell, math.floor(-y / cell), math.floor(x / cell), 1, 1)
    left, bottom, right, top = grid.bounds
    ring = square(left, bottom, right, top, points=8)
    lons, lats = TO_NATIONAL.transform(*ring, direction="INVERSE")
    area, _ = Geod(a=SEMI_MAJOR, f=FLATTENING).polygon_area_perimeter(lons, lats)
    assert abs(area) == pytest.approx(grid.cell_area, rel=1e-5)  # geodesics are not the straight sides of the cell


def square(
    left: float, bottom: float, right: float, top: float, points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y along the sides of a square, anticlockwise."""
    along = np.linspace(0, 1, points, endpoint=False)
    x = np.concatenate([
        left + (right - left) * along, np.full(points, right), right - (right - left) * along, np.full(points, left)
    ])  # fmt: skip
    y = np.concatenate([
        np.full(points, bottom), bottom + (top - bottom) * along, np.full(points, top), top - (top - bottom) * along
    ])  # fmt: skip
    return x, y


def test_a_sheet_of_cells_has_the_area_of_the_ellipsoid_to_a_millionth() -> None:
    grid = Grid(30.0, -140_000, 18_000, 2048, 2048)
    x, y = square(*grid.bounds, points=4000)
    lons, lats = TO_NATIONAL.transform(x, y, direction="INVERSE")
    area, _ = Geod(a=SEMI_MAJOR, f=FLATTENING).polygon_area_perimeter(lons, lats)
    assert abs(area) == pytest.approx(grid.cell_area * grid.rows * grid.cols, rel=1e-6)


@pytest.mark.parametrize("code", ["140902", "350821"])
def test_a_county_has_the_area_that_geodesics_enclose(code: str) -> None:
    border = county_boundaries([code])
    area, _ = Geod(a=SEMI_MAJOR, f=FLATTENING).geometry_area_perimeter(border.geometry[0])
    assert county_areas([code])[code] * 1e6 == pytest.approx(abs(area), rel=1e-5)
