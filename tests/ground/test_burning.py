"""Laws of polygons on cells: a cell is where its centre is, whatever window it is burnt in."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.features import rasterize
from tests.trials import trials

from shuibao.ground.burning import burn
from shuibao.ground.grid import Grid

LAND = Grid(30.0, row=-140000, col=18000, rows=40, cols=50)
seeds = st.integers(0, 2**32 - 1)


def star(random: np.random.Generator, points: int = 12) -> shapely.Polygon:
    """Return a star-shaped polygon somewhere on the land, with a hole, reaching past its edge at times."""
    left, bottom, right, top = LAND.bounds
    x, y = random.uniform(left, right), random.uniform(bottom, top)
    angles = np.sort(random.uniform(0.0, 2.0 * np.pi, points))
    reach = random.uniform(60.0, 700.0, points)
    outer = np.column_stack([x + reach * np.cos(angles), y + reach * np.sin(angles)])
    hole = np.column_stack([x + 0.4 * reach * np.cos(angles), y + 0.4 * reach * np.sin(angles)])
    return shapely.Polygon(outer, [hole] if random.random() < 0.5 else [])


def counties(random: np.random.Generator, number: int = 12) -> list[shapely.Geometry]:
    """Return a division of the land and its surroundings into polygons that share their borders."""
    left, bottom, right, top = LAND.bounds
    points = shapely.MultiPoint(random.uniform((left, bottom), (right, top), (number, 2)))
    around = shapely.box(left, bottom, right, top).buffer(200.0)
    parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=around))
    return [part for part in parts if not part.is_empty]


@settings(max_examples=trials(50))
@given(seed=seeds)
def test_the_cells_of_a_polygon_are_those_that_gdal_gives_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    shapes = [(star(random), number) for number in range(1, 6)]
    theirs = rasterize(shapes, out_shape=LAND.shape, transform=LAND.transform, dtype="uint16")
    np.testing.assert_array_equal(burn(shapes, LAND), theirs)


@given(seed=seeds, row=st.integers(-5, 35), col=st.integers(-5, 45), rows=st.integers(1, 30), cols=st.integers(1, 30))
def test_a_window_is_what_the_whole_has_there(seed: int, row: int, col: int, rows: int, cols: int) -> None:
    random = np.random.default_rng(seed)
    shapes = [(star(random), number) for number in range(1, 4)]
    everything = LAND.grown(40)
    part = Grid(30.0, LAND.row + row, LAND.col + col, rows, cols)
    np.testing.assert_array_equal(burn(shapes, part), burn(shapes, everything)[part.inside(everything)])


@given(seed=seeds)
def test_neighbours_share_no_cell_and_leave_none_between_them(seed: int) -> None:
    shapes = counties(np.random.default_rng(seed))
    times = sum((burn([(shape, 1)], LAND) for shape in shapes), np.zeros(LAND.shape, np.uint16))
    assert (times == 1).all()


def squares(offset: float) -> NDArray[np.uint16]:
    """Return how often each cell is burnt by squares of 90 m whose borders are moved from the cells' by an offset."""
    left, _, _, top = LAND.bounds
    x, y = left + offset, top - offset
    boxes = [
        shapely.box(x + 90 * i, y - 90 * j - 90, x + 90 * i + 90, y - 90 * j)
        for i in range(-1, 18)
        for j in range(-1, 15)
    ]
    return sum((burn([(box, 1)], LAND) for box in boxes), np.zeros(LAND.shape, np.uint16))


def test_a_border_through_cell_centres_gives_each_to_one_side() -> None:
    assert (squares(15.0) == 1).all()
    assert (squares(0.0) == 1).all()


def test_a_centre_on_a_border_belongs_east_and_north() -> None:
    left, _, _, top = LAND.bounds
    west, north, middle_x, middle_y = (
        left - 100,
        top + 100,
        left + 315.0,
        top - 315.0,
    )  # through centres of row and col 10
    quarters = {
        1: shapely.box(west, middle_y, middle_x, north),
        2: shapely.box(middle_x, middle_y, left + 2000, north),
        3: shapely.box(west, top - 2000, middle_x, middle_y),
        4: shapely.box(middle_x, top - 2000, left + 2000, middle_y),
    }
    found = burn([(shape, number) for number, shape in quarters.items()], LAND)
    assert found[9:12, 9:12].tolist() == [[1, 2, 2], [1, 2, 2], [3, 4, 4]]


def test_where_polygons_overlap_the_later_counts() -> None:
    left, bottom, right, top = LAND.bounds
    whole, half = shapely.box(left, bottom, right, top), shapely.box(left, bottom, left + 600.0, top)
    found = burn([(whole, 1), (half, 2)], LAND)
    assert (found[:, :20] == 2).all()
    assert (found[:, 20:] == 1).all()


def test_a_county_may_be_of_several_parts_and_have_holes() -> None:
    left, bottom, right, top = LAND.bounds
    island = shapely.box(left, top - 300.0, left + 300.0, top)
    ring = shapely.box(left + 600.0, bottom, right, top).difference(
        shapely.box(left + 900.0, top - 600.0, right, top - 300.0)
    )
    found = burn([(shapely.MultiPolygon([island, ring]), 3)], LAND)
    assert found[:10, :10].all()
    assert not found[10:20, 30:].any()
    assert int((found == 3).sum()) * LAND.cell_area == island.area + ring.area


def test_no_polygon_and_a_polygon_elsewhere_burn_nothing() -> None:
    assert not burn([], LAND).any()
    assert not burn([(shapely.Polygon(), 1), (shapely.box(0.0, 0.0, 100.0, 100.0), 2)], LAND).any()
