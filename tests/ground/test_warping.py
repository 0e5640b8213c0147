"""Laws of finding a cell in a source of another coordinate system."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from tests.trials import trials

from shuibao.ground.grid import Grid
from shuibao.ground.warping import NODE_STEP, Placement, geographic_bounds, place

METRE = Affine(1.0, 0.0, 0.0, 0.0, -1.0, 0.0)


def between_nodes(placement: Placement, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pixel coordinates of the cell centres, interpolated between the nodes."""
    *tables, off_row, off_col = placement.pixel_nodes(grid)
    (i, fr), (j, fc) = (
        ((np.arange(n) + off) // NODE_STEP, ((np.arange(n) + off) % NODE_STEP + 0.5) / NODE_STEP)
        for n, off in ((grid.rows, off_row), (grid.cols, off_col))
    )
    x, y = (
        (t[i][:, j] * (1 - fc) + t[i][:, j + 1] * fc) * (1 - fr)[:, np.newaxis]
        + (t[i + 1][:, j] * (1 - fc) + t[i + 1][:, j + 1] * fc) * fr[:, np.newaxis]
        for t in tables
    )
    return x, y


@pytest.mark.parametrize(
    "code, degree",
    [(4546, 1.0), (4544, 1.0), (32649, 1.0), (4490, 111_000.0)],
    ids=["Gauss-Krüger", "the zone beside", "UTM", "degrees"],
)
@pytest.mark.parametrize("cell, apart", [(10.0, 0.0016), (30.0, 0.0145)])
def test_between_the_nodes_a_cell_is_found_to_the_centimetre(
    code: int, degree: float, cell: float, apart: float
) -> None:
    grid = Grid(cell, int(-4.2e6 / cell), int(5.4e5 / cell), 300, 300)
    crs = CRS.from_epsg(code)
    x, y = between_nodes(place(crs, METRE, grid), grid)
    east, north = Transformer.from_crs(grid.crs, crs, always_xy=True).transform(*np.meshgrid(*grid.centres()))
    assert np.hypot(x - east, y + north).max() * degree < apart


@settings(max_examples=trials(30))
@given(
    row=st.integers(-200_000, -60_000),
    col=st.integers(-100_000, 100_000),
    rows=st.integers(1, 200),
    cols=st.integers(1, 200),
)
def test_the_nodes_are_those_of_the_nation_and_surround_the_grid(row: int, col: int, rows: int, cols: int) -> None:
    grid = Grid(30.0, row, col, rows, cols)
    placement = place(grid.crs, grid.transform, grid)
    x, y, off_row, off_col = placement.pixel_nodes(grid)
    assert 0 <= off_row < NODE_STEP
    assert 0 <= off_col < NODE_STEP
    np.testing.assert_allclose(x[0], np.arange(x.shape[1]) * NODE_STEP - off_col, atol=1e-6)
    np.testing.assert_allclose(y[:, 0], np.arange(y.shape[0]) * NODE_STEP - off_row, atol=1e-6)
    assert x[0, -1] >= cols
    assert y[-1, 0] >= rows
    assert placement.pixels_per_cell(grid) == pytest.approx(1.0)


def test_degrees_around_a_grid_hold_it() -> None:
    grid = Grid(30.0, row=-140000, col=18000, rows=2000, cols=3000)
    west, south, east, north = geographic_bounds(grid)
    left, bottom, right, top = grid.bounds
    corners = Transformer.from_crs(grid.crs, 4326, always_xy=True).transform(
        [left, right, left, right, (left + right) / 2], [bottom, bottom, top, top, top]
    )
    assert west <= min(corners[0])
    assert max(corners[0]) <= east
    assert south <= min(corners[1])
    assert max(corners[1]) <= north
    assert east - west < 1.3
    assert north - south < 0.75


@pytest.mark.parametrize("code", [4546, 4490, 4326, 32649])
def test_a_datum_that_is_known_here_is_brought_over_by_a_named_operation(code: int) -> None:
    placement = place(CRS.from_epsg(code), METRE, Grid(30.0, row=-140000, col=18000, rows=20, cols=30))
    assert placement.certain
    assert placement.operation


def test_a_datum_without_published_parameters_here_is_said_to_be_uncertain() -> None:
    xian_1980 = CRS.from_epsg(4610)
    grid = Grid(30.0, row=-140000, col=18000, rows=20, cols=30)
    assert not place(xian_1980, METRE, grid).certain
    assert place(xian_1980, METRE, grid, (1.0, 2.0, 3.0)).certain  # the user knows
