"""Laws of asking which zones land lies in: areas add up, borders belong to one zone, many are as one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from shuibao.ground.grid import national_crs
from shuibao.messages import ShuibaoError
from shuibao.zoning.control import Hits, ZoneIndex, find_zones, index_zones, nearest_zones
from shuibao.zoning.control_sums import joint_measures
from shuibao.zoning.layer import zone_layer

SIDE, STEP = 6, 100.0
"""Zones: a coverage of SIDE x SIDE squares of STEP metres."""


def squares() -> np.ndarray:
    boxes = [
        shapely.box(col * STEP, row * STEP, (col + 1) * STEP, (row + 1) * STEP)
        for row in range(SIDE)
        for col in range(SIDE)
    ]
    return np.array(boxes, dtype=object)


def layer(theme: str, kinds: list[str], shapes: object, *, level: str = "county"):
    shapes = np.array(shapes, dtype=object)
    codes = [f"{theme[:2]}{k:04d}" for k in range(len(shapes))]
    columns = {"code": codes, "kind": kinds * (len(shapes) // len(kinds)), "level": [level] * len(shapes)}
    return zone_layer(theme, columns, shapes, national_crs())


COVERAGE = index_zones([layer("severe_fragile", ["severe", "fragile"], squares())], national_crs())
OVERLAPPING = index_zones(
    [
        layer("severe_fragile", ["severe", "fragile"], squares()),
        layer("severe_fragile", ["severe"], [shapely.box(50, 50, 420, 380)], level="province"),
        layer("prevention_treatment", ["prevention"], [shapely.box(-50, -50, 250, 700)]),
    ],
    national_crs(),
)

spot = st.tuples(st.floats(-80, 680, width=32), st.floats(-80, 680, width=32))
whole_spot = st.tuples(st.integers(-8, 68), st.integers(-8, 68)).map(lambda p: (p[0] * 10.0, p[1] * 10.0))
areas = st.one_of(
    st.lists(spot, min_size=3, max_size=8),
    st.lists(whole_spot, min_size=3, max_size=8),  # corners on borders of zones
).map(lambda p: shapely.convex_hull(shapely.multipoints(p)))
areas = areas.filter(lambda g: g.geom_type == "Polygon" and g.area > 1)


def ask(index: ZoneIndex, *projects: object) -> Hits:
    return find_zones(index, np.array(projects, dtype=object), least_area=1.0, least_length=1.0)


@given(areas)
def test_the_areas_in_a_coverage_of_zones_are_the_area_of_the_project_in_their_union(project: shapely.Polygon) -> None:
    inside = shapely.intersection(project, shapely.box(0, 0, SIDE * STEP, SIDE * STEP)).area
    assert ask(COVERAGE, project).measure.sum() == pytest.approx(inside, abs=1e-6)


@given(areas)
def test_the_area_in_one_theme_never_exceeds_the_project(project: shapely.Polygon) -> None:
    joint = joint_measures(OVERLAPPING, ask(OVERLAPPING, project), 1)
    assert set(joint) == {"severe_fragile", "prevention_treatment", ""}
    for theme, area in joint.items():
        assert area[0] <= project.area * (1 + 1e-9) + 1e-6, theme
    assert joint[""][0] >= max(area[0] for area in joint.values()) - 1e-6


@given(areas, st.floats(-50, 650))
def test_a_project_cut_in_two_has_the_same_sums(project: shapely.Polygon, at: float) -> None:
    halves = [shapely.intersection(project, shapely.box(*box)) for box in ((-999, -999, at, 999), (at, -999, 999, 999))]
    halves = [half for half in halves if half.geom_type == "Polygon" and half.area > 0]
    whole, parts = ask(OVERLAPPING, project), ask(OVERLAPPING, *halves)
    sums = [np.bincount(hits.zone, hits.measure, len(OVERLAPPING)) for hits in (whole, parts)]
    assert sums[0] == pytest.approx(sums[1], abs=1e-6)


@given(st.lists(areas, min_size=1, max_size=5))
def test_many_together_are_as_one_by_one(projects: list[shapely.Polygon]) -> None:
    together = ask(OVERLAPPING, *projects)
    for k, project in enumerate(projects):
        alone, mine = ask(OVERLAPPING, project), together.project == k
        assert alone.zone.tolist() == together.zone[mine].tolist()
        assert alone.measure.tolist() == together.measure[mine].tolist()
        assert alone.relation.tolist() == together.relation[mine].tolist()


@given(st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_a_point_anywhere_belongs_to_exactly_one_zone_of_a_coverage(at: tuple[int, int]) -> None:
    hits = ask(COVERAGE, shapely.Point(at[0] * 10, at[1] * 10))
    on_border = at[0] % 10 == 0 or at[1] % 10 == 0
    assert len(hits) == 1
    assert hits.relation[0] == ("border" if on_border else "wholly")


def test_a_point_on_a_border_belongs_to_the_first_zone_unless_another_of_its_theme_holds_it() -> None:
    assert ask(COVERAGE, shapely.Point(100, 50)).zone.tolist() == [0]
    inner = index_zones([layer("severe_fragile", ["severe"], [shapely.box(0, 0, 10, 10), shapely.box(5, 0, 20, 10)])],
                        national_crs())  # fmt: skip
    hits = ask(inner, shapely.Point(10, 5))
    assert (hits.zone.tolist(), hits.relation.tolist()) == ([1], ["wholly"])


def test_zones_of_other_themes_and_levels_hold_the_point_too() -> None:
    hits = ask(OVERLAPPING, shapely.Point(150, 150))
    assert sorted(OVERLAPPING.theme[hits.zone]) == ["prevention_treatment", "severe_fragile", "severe_fragile"]


def test_a_line_is_measured_in_metres_and_its_part_along_a_border_is_counted_once() -> None:
    hits = ask(COVERAGE, shapely.LineString([(100, -50), (100, 650)]), shapely.LineString([(50, 50), (150, 50)]))
    assert hits.measure[hits.project == 0].sum() == pytest.approx(600)
    assert hits.measure[hits.project == 1].tolist() == [50, 50]
    assert hits.share[hits.project == 1].tolist() == [0.5, 0.5]


def test_an_area_that_only_touches_a_zone_is_not_in_it() -> None:
    assert len(ask(COVERAGE, shapely.box(600, 0, 700, 100))) == 0
    assert len(ask(COVERAGE, shapely.Polygon([(600, 50), (650, 0), (650, 99)]))) == 0


def test_an_area_of_which_some_only_touches_has_its_area_measured() -> None:
    notched = shapely.Polygon([(550, 0), (700, 0), (700, 60), (600, 60), (600, 80), (550, 80)])
    hits = ask(COVERAGE, notched)
    assert hits.measure.tolist() == [4000.0]
    assert hits.piece[0].geom_type == "Polygon"


def test_less_than_borders_may_differ_by_is_an_edge_and_does_not_count() -> None:
    hits = ask(COVERAGE, shapely.box(599.995, 0, 700, 100), shapely.box(500.0, 0, 600.005, 100))
    assert hits.relation.tolist() == ["edge", "wholly"]
    assert hits.counts.tolist() == [False, True]
    assert joint_measures(COVERAGE, hits, 2)["severe_fragile"].tolist() == [0.0, pytest.approx(10000)]


def test_a_project_smaller_than_the_least_area_still_lies_where_it_lies() -> None:
    hits = ask(COVERAGE, shapely.box(10, 10, 10.5, 10.5))
    assert (hits.relation.tolist(), hits.share.tolist()) == (["wholly"], [1.0])


def test_a_zone_wholly_inside_a_project_gives_its_own_area() -> None:
    hits = ask(COVERAGE, shapely.box(-10, -10, 110, 110))
    assert hits.measure[0] == 10000.0
    assert hits.measure.sum() == pytest.approx(110 * 110)


def test_a_project_in_several_pieces_with_a_hole_is_measured_as_it_is() -> None:
    ring = shapely.box(10, 10, 90, 90).difference(shapely.box(20, 20, 80, 80))
    project = shapely.multipolygons([ring, shapely.box(310, 10, 320, 20)])
    assert ask(COVERAGE, project).measure.tolist() == [80**2 - 60**2, 100.0]


def test_areas_are_those_of_the_ellipsoid() -> None:
    lon, lat = np.array([112.7, 112.75, 112.76, 112.71]), np.array([38.4, 38.41, 38.45, 38.44])
    on_ellipsoid = abs(Geod(ellps="GRS80").polygon_area_perimeter(lon, lat)[0])
    x, y = Transformer.from_crs(4490, national_crs(), always_xy=True).transform(lon, lat)
    project = shapely.Polygon(np.column_stack([x, y]))
    index = index_zones([layer("steep_slope", ["steep_slope"], [project.buffer(1000)])], national_crs())
    assert ask(index, project).measure[0] == pytest.approx(on_ellipsoid, rel=1e-5)


def test_the_nearest_zone_is_the_first_of_those_as_near() -> None:
    zone, far = nearest_zones(COVERAGE, np.array([shapely.Point(-30, 100), shapely.Point(50, 50)], dtype=object))
    assert (zone.tolist(), far.tolist()) == ([0, 0], [30.0, 0.0])


def test_without_zones_nothing_is_found_and_nothing_is_near() -> None:
    nothing = index_zones([], national_crs())
    project = np.array([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(ask(nothing, *project)) == 0
    zone, far = nearest_zones(nothing, project)
    assert zone.tolist() == [-1, -1]
    assert np.isnan(far).all()


def test_layers_of_two_coordinate_systems_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="坐标系"):
        index_zones([layer("steep_slope", ["steep_slope"], [shapely.box(0, 0, 1, 1)])], CRS.from_epsg(6933))
