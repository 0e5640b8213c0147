"""Laws of label rasters as polygons: what is drawn is what is there, and both sides of a border are one."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest
import rasterio.features
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from tests.trials import trials

from shuibao.ground.coverage import Arcs, dissolve, join_boundaries, polygonize, tile_boundaries
from shuibao.ground.grid import Grid
from shuibao.messages import CallError, ShuibaoError

CELL = 10.0


@dataclass(frozen=True)
class Land:
    """Labels on a grid that need not begin at the origin."""

    labels: NDArray[np.int32]
    row: int = -3
    col: int = 5

    @property
    def grid(self) -> Grid:
        """Return where the labels lie."""
        return Grid(CELL, self.row, self.col, *self.labels.shape)

    def arcs(self, size: int) -> Arcs:
        """Return the arcs found by tiles of a size, given in no order."""
        around = np.pad(self.labels, 1)
        tiles = [
            tile_boundaries(around[tile.grown(1).inside(self.grid.grown(1))], tile) for tile in self.grid.tiles(size)
        ]
        return join_boundaries(tiles[::-1])


def noise(random: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.int32]:
    """Return labels without order: holes, islands and corners that touch crosswise everywhere."""
    return random.integers(0, random.integers(2, 6), shape).astype(np.int32)


def basins(random: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.int32]:
    """Return labels that lie together, with ragged borders, some of them 0."""
    number = int(random.integers(1, 8))
    places = random.uniform(0, 1, (number, 2)) * shape
    rows, cols = np.indices(shape)
    rough = random.normal(0, 1.5, (2, *shape))
    distance = [np.hypot(rows + rough[0] - r, cols + rough[1] - c) for r, c in places]
    return random.permutation(number)[np.argmin(distance, axis=0)].astype(np.int32)


@st.composite
def lands(draw: st.DrawFn) -> Land:
    """Draw labels on a grid of some size, one row or column among them."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(1, 16)), draw(st.integers(1, 16))
    labels = draw(st.sampled_from([noise, basins]))(random, shape)
    return Land(labels, draw(st.integers(-20, 20)), draw(st.integers(-20, 20)))


RING = Land(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.int32))
PINCH = Land(np.array([[1, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 1]], np.int32))
NESTED = Land(np.array([1, 2, 2, 0, 1, 0], np.int32)[5 - np.maximum(*np.abs(np.indices((11, 11)) - 5))])
CHECKED = Land(np.indices((5, 7)).sum(axis=0).astype(np.int32) % 2 + 1)
sizes = st.integers(1, 9)
tolerances = st.sampled_from([1.0, 5.0, 8.0, 15.0, 40.0, 1000.0])


def said(arcs: Arcs) -> list[bytes]:
    """Return everything that arcs say, as bytes."""
    arrays = [getattr(arcs, name) for name in Arcs.__dataclass_fields__ if name != "cell"]
    labels, geometry = arcs.polygons()
    return [a.tobytes() for a in arrays] + [labels.tobytes(), *shapely.to_wkb(geometry)]


def outline(land: Land, number: int) -> shapely.Geometry:
    """Return the union of the cells of a label."""
    rows, cols = np.nonzero(land.labels == number)
    x, y = (cols + land.col) * CELL, (rows + land.row) * -CELL
    return shapely.union_all(shapely.box(x, y - CELL, x + CELL, y))


@settings(max_examples=trials(120))
@given(lands(), sizes, tolerances)
@example(NESTED, 2, 5.0)
@example(PINCH, 2, 5.0)
@example(CHECKED, 3, 5.0)
def test_tiles_of_any_size_draw_the_same_arcs_and_polygons(land: Land, size: int, tolerance: float) -> None:
    whole, tiled = land.arcs(10**6), land.arcs(size)
    assert said(tiled) == said(whole)
    assert said(tiled.simplified(tolerance)) == said(whole.simplified(tolerance))
    labels, geometry = polygonize(land.labels, land.grid)
    assert [labels.tobytes(), *shapely.to_wkb(geometry)] == said(whole)[-1 - len(labels) :]


@settings(max_examples=trials(120))
@given(lands(), sizes)
@example(RING, 9)
@example(NESTED, 9)
@example(PINCH, 9)
@example(CHECKED, 9)
def test_a_polygon_is_the_union_of_its_cells(land: Land, size: int) -> None:
    labels, geometry = land.arcs(size).polygons()
    assert labels.tolist() == [k for k in np.unique(land.labels) if k != 0]
    for number, polygon in zip(labels, geometry, strict=True):
        cells = land.labels == number
        assert polygon.is_valid, shapely.is_valid_reason(polygon)
        assert polygon.area == cells.sum() * CELL**2
        assert polygon.symmetric_difference(outline(land, number)).area == 0.0
        assert shapely.get_num_geometries(polygon) == ndimage.label(cells)[1]


@settings(max_examples=trials(60))
@given(lands(), sizes)
@example(NESTED, 9)
def test_the_polygons_are_those_of_gdal(land: Land, size: int) -> None:
    labels, geometry = land.arcs(size).polygons()
    theirs: dict[int, list[shapely.Geometry]] = {}
    for shape, number in rasterio.features.shapes(land.labels, land.labels > 0, 4, land.grid.transform):
        theirs.setdefault(int(number), []).append(shapely.geometry.shape(shape))
    assert sorted(theirs) == labels.tolist()
    for number, polygon in zip(labels, geometry, strict=True):
        union = shapely.union_all(theirs[int(number)])
        assert polygon.symmetric_difference(union).area == 0.0
        assert shapely.get_num_geometries(polygon) == len(theirs[int(number)])


@settings(max_examples=trials(120))
@given(lands(), tolerances)
@example(NESTED, 40.0)
@example(PINCH, 40.0)
@example(CHECKED, 40.0)
def test_the_polygons_are_a_coverage_before_and_after_they_are_simplified(land: Land, tolerance: float) -> None:
    arcs = land.arcs(10**6)
    labels, geometry = arcs.polygons()
    fewer_labels, fewer = arcs.simplified(tolerance).polygons()
    for drawn in (geometry, fewer):
        assert shapely.is_valid(drawn).all()
        assert shapely.coverage_is_valid(drawn)
    np.testing.assert_array_equal(fewer_labels, labels)
    np.testing.assert_array_equal(shapely.get_num_geometries(fewer), shapely.get_num_geometries(geometry))
    for one, other in zip(shapely.get_parts(geometry), shapely.get_parts(fewer), strict=True):
        assert shapely.get_num_interior_rings(one) == shapely.get_num_interior_rings(other)
    assert (shapely.area(fewer) > 0).all()
    assert shapely.area(fewer).sum() == pytest.approx(shapely.union_all(fewer).area, rel=1e-12)


@settings(max_examples=trials(80))
@given(lands(), tolerances)
def test_a_simplified_arc_is_within_the_tolerance_and_keeps_its_ends(land: Land, tolerance: float) -> None:
    arcs = land.arcs(10**6)
    fewer = arcs.simplified(tolerance)
    assert len(fewer) == len(arcs)
    assert len(fewer.corners) <= len(arcs.corners)
    for old, new in zip(lines(arcs), lines(fewer), strict=True):
        np.testing.assert_array_equal(old[[0, -1]], new[[0, -1]])
        assert set(map(tuple, new)) <= set(map(tuple, old))
        distance = shapely.hausdorff_distance(shapely.LineString(old), shapely.LineString(new), densify=0.05)
        assert distance * CELL <= tolerance + 1e-9


def lines(arcs: Arcs) -> list[NDArray[np.int32]]:
    """Return the corners of each arc."""
    return np.split(arcs.corners, arcs.end[:-1]) if len(arcs) else []


@settings(max_examples=trials(60))
@given(lands())
def test_simplifying_moves_land_between_labels_and_makes_none(land: Land) -> None:
    labels = np.maximum(land.labels, 1)  # the outside meets the land on the frame alone
    grid = land.grid
    _, exact = polygonize(labels, grid)
    _, fewer = polygonize(labels, grid, tolerance=8.0)
    frame = shapely.union_all(fewer)
    outside = shapely.box(*grid.bounds).area - frame.area
    assert (shapely.area(fewer) - shapely.area(exact)).sum() == pytest.approx(-outside, abs=1e-6)


def test_a_staircase_becomes_a_slope() -> None:
    labels = np.tril(np.ones((40, 40), np.int32)) + 1
    _, geometry = polygonize(labels, Grid(CELL, 0, 0, 40, 40), tolerance=CELL)
    assert shapely.get_num_coordinates(geometry).sum() < 20
    assert shapely.coverage_is_valid(geometry)


@settings(max_examples=trials(80))
@given(lands(), sizes)
def test_no_corner_of_an_arc_but_its_ends_is_on_another_arc_and_ends_are_nodes(land: Land, size: int) -> None:
    around = np.pad(land.labels, 1)
    corner = [around[:-1, :-1], around[:-1, 1:], around[1:, 1:], around[1:, :-1]]
    borders = sum((a != b).astype(int) for a, b in zip(corner, corner[1:] + corner[:1], strict=True))
    for line in lines(land.arcs(size)):
        degree = borders[line[:, 0] - land.row, line[:, 1] - land.col]
        assert (degree[1:-1] == 2).all()
        closed = (line[0] == line[-1]).all()
        assert degree[0] > 2 or (closed and tuple(line[0]) == min(map(tuple, line)))
        steps = np.diff(line, axis=0) != 0
        assert (steps.sum(axis=1) == 1).all()
        assert (steps[1:] != steps[:-1]).any(axis=1).all()  # turns at every corner


@given(lands(), sizes)
def test_the_higher_label_is_on_the_left_hand(land: Land, size: int) -> None:
    arcs = land.arcs(size)
    around = np.pad(land.labels, 1)
    assert (arcs.left > arcs.right).all()
    for line, left, right in zip(lines(arcs), arcs.left, arcs.right, strict=True):
        row, col = line[0] - (land.row, land.col)
        down, over = np.sign(line[1] - line[0])
        hands = {
            (0, 1): ((0, 1), (1, 1)),
            (1, 0): ((1, 1), (1, 0)),
            (0, -1): ((1, 0), (0, 0)),
            (-1, 0): ((0, 0), (0, 1)),
        }
        one, other = hands[(int(down), int(over))]
        assert (around[row + one[0], col + one[1]], around[row + other[0], col + other[1]]) == (left, right)


@given(lands())
def test_rings_begin_in_the_north_west_with_their_inside_on_the_left(land: Land) -> None:
    _, geometry = land.arcs(10**6).polygons()
    for polygon in shapely.get_parts(geometry):
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            assert tuple(points[0]) == min(map(tuple, points), key=lambda p: (-p[1], p[0]))
            assert ring.is_ccw == (ring is polygon.exterior or ring.equals(polygon.exterior))


@given(lands(), st.integers(1, 40))
def test_batches_of_any_size_are_the_polygons(land: Land, points: int) -> None:
    arcs = land.arcs(10**6)
    labels, geometry = arcs.polygons()
    batches = list(arcs.batches(points))
    assert [k for some, _ in batches for k in some.tolist()] == labels.tolist()
    assert [w for _, some in batches for w in shapely.to_wkb(some)] == list(shapely.to_wkb(geometry))


@settings(max_examples=trials(60))
@given(lands(), tolerances)
def test_dissolved_pieces_are_their_parents_and_share_their_borders(land: Land, tolerance: float) -> None:
    labels, pieces = polygonize(land.labels, land.grid, tolerance=tolerance)
    parent = {int(k): int(k) // 2 for k in labels}
    parents, merged = dissolve(labels, pieces, parent)
    assert parents.tolist() == sorted(set(parent.values()) - {0})
    assert shapely.coverage_is_valid(merged)
    for number, polygon in zip(parents, merged, strict=True):
        children = pieces[[parent[int(k)] == number for k in labels]]
        assert polygon.area == pytest.approx(shapely.area(children).sum(), rel=1e-12)
        corners = set(map(tuple, shapely.get_coordinates(polygon)))
        assert corners <= set(map(tuple, shapely.get_coordinates(children)))
        for child in children:
            edge = shapely.intersection(child.boundary, polygon.boundary)
            assert edge.length == pytest.approx(shapely.shared_paths(child.boundary, polygon.boundary).length, abs=1e-6)


def test_pieces_of_one_label_dissolve_to_what_the_raster_would_draw() -> None:
    labels, pieces = polygonize(NESTED.labels, NESTED.grid)
    _, merged = dissolve(labels, pieces, np.array([0, 1, 1]))
    _, drawn = polygonize(np.minimum(NESTED.labels, 1), NESTED.grid)
    assert list(shapely.to_wkb(merged)) == list(shapely.to_wkb(drawn))


def test_no_labels_are_no_polygons() -> None:
    labels, geometry = polygonize(np.zeros((3, 3), np.int32), Grid(CELL, 0, 0, 3, 3), tolerance=5.0)
    assert (labels.size, geometry.size) == (0, 0)
    assert len(join_boundaries([])) == 0


def test_boundaries_can_be_sent_between_processes() -> None:
    found = tile_boundaries(np.pad(PINCH.labels, 1), PINCH.grid)
    sent = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert said(join_boundaries([sent])) == said(join_boundaries([found]))


def test_a_missing_tile_is_found() -> None:
    around = np.pad(CHECKED.labels, 1)
    tiles = [
        tile_boundaries(around[tile.grown(1).inside(CHECKED.grid.grown(1))], tile) for tile in CHECKED.grid.tiles(2)
    ]
    for left_out in range(len(tiles)):
        with pytest.raises(ShuibaoError, match="图幅缺失"):
            join_boundaries(tiles[:left_out] + tiles[left_out + 1 :])
    with pytest.raises(ShuibaoError, match="给出了两次"):
        join_boundaries([*tiles, tiles[0]])
    with pytest.raises(ShuibaoError, match="像元边长"):
        join_boundaries([*tiles, replace(tiles[0], tile=replace(tiles[0].tile, cell=30.0))])


def test_other_labels_in_the_halo_than_the_neighbour_has_are_found() -> None:
    west, east = Grid(CELL, 0, 0, 1, 2), Grid(CELL, 0, 2, 1, 1)
    there = np.pad(np.array([[1, 1, 2]], np.int32), 1)
    other = np.pad(np.array([[1, 3, 2]], np.int32), 1)
    with pytest.raises(ShuibaoError, match="图幅"):
        join_boundaries([tile_boundaries(there[:, :4], west), tile_boundaries(other[:, 2:], east)])


def test_labels_that_are_none_are_refused() -> None:
    grid = Grid(CELL, 0, 0, 2, 2)
    for labels in (np.array([[1, -1], [0, 0]]), np.ones((2, 2)), np.array([[2**31, 0], [0, 0]])):
        with pytest.raises(ShuibaoError, match="标号应为"):
            polygonize(labels, grid)
    with pytest.raises(ShuibaoError, match="大小为"):
        polygonize(np.ones((3, 2), np.int32), grid)
    with pytest.raises(ShuibaoError, match="没有上级"):
        dissolve(*polygonize(np.ones((2, 2), np.int32), grid), {2: 1})
    for tolerance in (-1.0, float("nan"), float("inf")):
        with pytest.raises(CallError, match="容差"):
            polygonize(np.ones((2, 2), np.int32), grid, tolerance=tolerance)
