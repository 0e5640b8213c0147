"""Laws of the national grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.ground.grid import BLOCK, Grid, equal_area_crs, grid_over, national_crs
from shuibao.messages import CallError, ShuibaoError

grids = st.builds(
    Grid,
    st.sampled_from([10.0, 30.0]),
    st.integers(-600_000, 600_000),
    st.integers(-300_000, 300_000),
    st.integers(1, 300),
    st.integers(1, 300),
)


@given(grid=grids, size=st.integers(17, 400))
def test_tiles_cover_every_cell_once(grid: Grid, size: int) -> None:
    seen = np.zeros(grid.shape, dtype=int)
    for tile in grid.tiles(size):
        seen[tile.inside(grid)] += 1
        assert tile.rows > 0
        assert tile.cols > 0
        assert tile.row // size == (tile.row + tile.rows - 1) // size  # within one tile of the nation
        assert tile.col // size == (tile.col + tile.cols - 1) // size
    assert (seen == 1).all()


@given(grid=grids, size=st.integers(17, 400))
def test_no_two_tiles_have_one_name(grid: Grid, size: int) -> None:
    names = [tile.name() for tile in grid.tiles(size)]
    assert len(set(names)) == len(names)


def test_the_name_of_a_tile_is_its_lower_left_corner() -> None:
    assert Grid(30.0, row=-140000, col=18000, rows=512, cols=512).name() == "30m_x+018000_y+139488"


@given(grid=grids, other=grids, size=st.integers(17, 400))
def test_the_tiles_of_two_counties_meet_edge_to_edge(grid: Grid, other: Grid, size: int) -> None:
    other = Grid(grid.cell, other.row, other.col, other.rows, other.cols)
    for one in grid.tiles(size):
        for two in other.tiles(size):
            same_tile = one.row // size == two.row // size and one.col // size == two.col // size
            overlap = (
                one.row < two.row + two.rows
                and two.row < one.row + one.rows
                and one.col < two.col + two.cols
                and two.col < one.col + one.cols
            )
            assert same_tile or not overlap


@given(grid=grids)
def test_whole_blocks_hold_the_grid_and_are_the_smallest_that_do(grid: Grid) -> None:
    whole = grid.whole_blocks()
    rows, cols = grid.inside(whole)
    assert 0 <= rows.start < BLOCK
    assert 0 <= cols.start < BLOCK
    assert 0 <= whole.rows - rows.stop < BLOCK
    assert 0 <= whole.cols - cols.stop < BLOCK
    assert [v % BLOCK for v in (whole.row, whole.col, whole.rows, whole.cols)] == [0, 0, 0, 0]
    assert whole.whole_blocks() == whole


@given(grid=grids, factor=st.integers(1, 12))
def test_a_coarser_grid_holds_the_grid_and_begins_at_the_origin(grid: Grid, factor: int) -> None:
    coarse = grid.coarser(factor)
    assert coarse.cell == grid.cell * factor
    left, bottom, right, top = coarse.bounds
    assert left <= grid.bounds[0] < left + coarse.cell
    assert bottom <= grid.bounds[1] < bottom + coarse.cell
    assert right - coarse.cell < grid.bounds[2] <= right
    assert top - coarse.cell < grid.bounds[3] <= top


@given(grid=grids, halo=st.integers(0, 40))
def test_a_halo_is_taken_off_again_by_its_slices(grid: Grid, halo: int) -> None:
    grown = grid.grown(halo)
    assert np.zeros(grown.shape)[grid.inside(grown)].shape == grid.shape
    assert grown.grown(-halo) == grid


@given(grid=grids)
def test_centres_lie_half_a_cell_inside_the_bounds(grid: Grid) -> None:
    x, y = grid.centres()
    left, bottom, right, top = grid.bounds
    assert x.shape == (grid.cols,)
    assert y.shape == (grid.rows,)
    assert (x[0] - left, right - x[-1]) == (grid.cell / 2, grid.cell / 2)
    assert (top - y[0], y[-1] - bottom) == (grid.cell / 2, grid.cell / 2)
    assert (grid.transform.c, grid.transform.f) == (left, top)
    assert (grid.transform.a, grid.transform.e) == (grid.cell, -grid.cell)


@given(grid=grids)
def test_the_grid_over_the_bounds_of_a_grid_is_that_grid(grid: Grid) -> None:
    assert grid_over(grid.bounds, grid.cell) == grid


@given(
    left=st.floats(-3e6, 3e6),
    bottom=st.floats(1e6, 6e6),
    width=st.floats(1.0, 9e3),
    height=st.floats(1.0, 9e3),
    cell=st.sampled_from([10.0, 30.0]),
)
def test_the_grid_over_a_rectangle_holds_it_and_no_row_more(
    left: float, bottom: float, width: float, height: float, cell: float
) -> None:
    grid = grid_over((left, bottom, left + width, bottom + height), cell)
    west, south, east, north = grid.bounds
    assert west <= left < west + cell
    assert south <= bottom < south + cell
    assert east - cell < left + width <= east
    assert north - cell < bottom + height <= north


def test_the_national_grid_is_albers_on_cgcs2000() -> None:
    crs = national_crs()
    parameters = {p.name: p.value for p in crs.coordinate_operation.params}
    assert crs.geodetic_crs.to_epsg() == 4490
    assert crs.coordinate_operation.method_name == "Albers Equal Area"
    assert [parameters[f"Latitude of {k} standard parallel"] for k in ("1st", "2nd")] == [25, 47]
    assert parameters["Longitude of false origin"] == 105


@pytest.mark.parametrize(
    "projection",
    ["EPSG:32649", "EPSG:4547", "EPSG:4490", "EPSG:3857", "+proj=laea +lat_0=36 +lon_0=-84 +units=us-ft +type=crs"],
)
def test_a_projection_that_does_not_keep_areas_in_metres_is_refused(projection: str) -> None:
    with pytest.raises(ShuibaoError, match="等积"):
        equal_area_crs(projection)


def test_a_projection_that_cannot_be_read_is_refused_with_what_was_written() -> None:
    with pytest.raises(ShuibaoError, match="EPSG:999999"):
        equal_area_crs("EPSG:999999")


def test_land_outside_china_has_a_grid_in_its_own_projection() -> None:
    laea = "+proj=laea +lat_0=36.5 +lon_0=-84.3 +datum=WGS84 +units=m +type=crs"
    grid = grid_over((-1000.0, -1000.0, 1000.0, 1000.0), 30.0, laea)
    assert grid.crs.coordinate_operation.method_name == "Lambert Azimuthal Equal Area"
    assert all(
        part.projection == laea for part in (*grid.tiles(32), grid.grown(3), grid.coarser(8), grid.whole_blocks())
    )
    assert grid != grid_over((-1000.0, -1000.0, 1000.0, 1000.0), 30.0)


@pytest.mark.parametrize("cell", [0.0, -30.0, float("nan"), float("inf")])
def test_a_grid_of_cells_without_a_size_is_refused(cell: float) -> None:
    with pytest.raises(CallError, match="像元边长应为大于 0 的米数"):
        Grid(cell, 0, 0, 2, 2)
