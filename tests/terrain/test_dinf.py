"""Laws of D∞ flow directions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, NEIGHBOURS, seeds, terrains

from shuibao.messages import ShuibaoError
from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, dinf_direction, fill_depressions, flow_direction, route

CELL = 30.0
TURN = 2.0 * math.pi
# Tarboton (1997), table 1: the row and column steps of e1 and e2, and the factors a_c and a_f of each facet.
PAPER = [
    ((0, 1), (-1, 1), 0, 1),
    ((-1, 0), (-1, 1), 1, -1),
    ((-1, 0), (-1, -1), 1, 1),
    ((0, -1), (-1, -1), 2, -1),
    ((0, -1), (1, -1), 2, 1),
    ((1, 0), (1, -1), 3, -1),
    ((1, 0), (1, 1), 3, 1),
    ((0, 1), (1, 1), 4, -1),
]


def plane(bearing: float, gradient: float, width: float, height: float) -> NDArray[np.float64]:
    """Return a plane of 3 × 3 cells that falls towards a bearing, rad counter-clockwise from east."""
    row, col = np.indices((3, 3))
    return -gradient * (col * width * math.cos(bearing) - row * height * math.sin(bearing))


def between(a: Any, b: Any) -> Any:
    """Return the angle between two bearings, rad."""
    return np.abs((a - b + math.pi) % TURN - math.pi)


def of_the_paper(z: NDArray[Any], r: int, c: int, width: float, height: float) -> tuple[float, float]:
    """Return angle and slope of a cell with eight neighbours by the equations as they are printed."""
    best, angle = 0.0, -1.0
    for (r1, c1), (r2, c2), a_c, a_f in PAPER:
        e0, e1, e2 = float(z[r, c]), float(z[r + r1, c + c1]), float(z[r + r2, c + c2])
        d1, d2 = (width, height) if r1 == 0 else (height, width)
        s1, s2 = (e0 - e1) / d1, (e1 - e2) / d2  # (1), (2)
        turn, s = math.atan2(s2, s1), math.hypot(s1, s2)  # (3)
        if turn < 0.0:  # (4)
            turn, s = 0.0, s1
        elif turn > math.atan2(d2, d1):  # (5)
            turn, s = math.atan2(d2, d1), (e0 - e2) / math.hypot(d1, d2)
        if s > best:
            best, angle = s, (a_f * turn + a_c * math.pi / 2.0) % TURN  # (6)
    return angle, best


def receivers(angle: float, width: float, height: float) -> list[tuple[int, int]]:
    """Return the steps to the one or two neighbours that an angle lies between."""
    corner = math.atan2(height, width)
    bearings = [0.0, corner, math.pi / 2, math.pi - corner, math.pi, math.pi + corner, 1.5 * math.pi, TURN - corner]
    steps = [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)]
    on = [k for k in range(8) if between(angle, bearings[k]) < 1e-6]
    if on:
        return [steps[on[0]]]
    k = max(k for k in range(8) if bearings[k] < angle)
    return [steps[k], steps[(k + 1) % 8]]


@given(
    bearing=st.floats(0.0, 6.28),
    gradient=st.floats(1e-3, 10.0),
    width=st.floats(0.5, 200.0),
    ratio=st.floats(0.3, 3.0),
)
def test_a_plane_has_its_bearing_and_its_slope_whatever_the_shape_of_the_cells(
    bearing: float, gradient: float, width: float, ratio: float
) -> None:
    angle, slope = dinf_direction(plane(bearing, gradient, width, width * ratio), (width, width * ratio))
    assert between(angle[1, 1], bearing) < 1e-7
    assert slope[1, 1] == pytest.approx(gradient)


@pytest.mark.parametrize("eighth", range(8))
def test_a_single_lower_neighbour_draws_all_the_water(eighth: int) -> None:
    row, col = NEIGHBOURS[-eighth % 8]
    z = np.full((3, 3), 10.0)
    z[1 + row, 1 + col] = 9.0
    angle, slope = dinf_direction(z, CELL)
    assert angle[1, 1] == pytest.approx(eighth * math.pi / 4)
    assert slope[1, 1] == pytest.approx(1.0 / (CELL * math.hypot(row, col)))


@pytest.mark.parametrize("facet", range(8))
def test_each_facet_turns_by_its_factors_in_the_table_of_the_paper(facet: int) -> None:
    (r1, c1), (r2, c2), a_c, a_f = PAPER[facet]
    z = np.full((3, 3), 10.0)
    z[1 + r1, 1 + c1], z[1 + r2, 1 + c2] = 8.0, 7.0  # s1 = 2, s2 = 1
    angle, slope = dinf_direction(z, 1.0)
    assert angle[1, 1] == pytest.approx(a_f * math.atan(0.5) + a_c * math.pi / 2)
    assert slope[1, 1] == pytest.approx(math.sqrt(5.0))


def test_water_on_a_cone_runs_away_from_its_top_at_every_bearing() -> None:
    row, col = np.indices((41, 41)) - 20
    angle, slope = dinf_direction(-np.hypot(row, col), 1.0)
    away = np.hypot(row, col)[1:-1, 1:-1] > 5.0
    bearing = np.arctan2(-row, col)[1:-1, 1:-1]
    assert between(angle[1:-1, 1:-1], bearing)[away].max() < 0.1  # D8 is off by up to π/8 = 0.39
    np.testing.assert_allclose(slope[1:-1, 1:-1][away], 1.0, atol=0.02)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), ratio=st.sampled_from([0.5, 1.0, 1.3]))
def test_where_all_neighbours_are_there_the_answer_is_that_of_the_printed_equations(
    z: NDArray[Any], ratio: float
) -> None:
    angle, slope = dinf_direction(z, (CELL, CELL * ratio))
    for r in range(1, z.shape[0] - 1):
        for c in range(1, z.shape[1] - 1):
            if not np.isnan(z[r - 1 : r + 2, c - 1 : c + 2]).any():
                bearing, fall = of_the_paper(z, r, c, CELL, CELL * ratio)
                assert slope[r, c] == pytest.approx(fall, rel=1e-6, abs=0.0)
                assert (angle[r, c] == -1.0) == (bearing == -1.0)
                if bearing >= 0.0 and fall > 1e-9:
                    # of two facets equal but for rounding either may be taken
                    assert between(float(angle[r, c]), bearing) < 1e-5 or _falls_as_much(
                        z, r, c, float(angle[r, c]), fall, ratio
                    )


def _falls_as_much(z: NDArray[Any], r: int, c: int, angle: float, fall: float, ratio: float) -> bool:
    """Tell whether some facet that falls as steeply gives this angle."""
    single = []
    for facet in PAPER:
        (r1, c1), (r2, c2), _, _ = facet
        only = np.full((3, 3), float(z[r, c]))
        only[1 + r1, 1 + c1], only[1 + r2, 1 + c2] = z[r + r1, c + c1], z[r + r2, c + c2]
        bearing, steep = of_the_paper(only, 1, 1, CELL, CELL * ratio)
        single.append(abs(steep - fall) <= 1e-6 * fall and between(bearing, angle) < 1e-5)
    return any(single)


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_water_runs_to_lower_neighbours_only_and_from_every_cell_that_has_one(z: NDArray[Any]) -> None:
    angle, slope = dinf_direction(z, (CELL, 20.0))
    around = np.pad(z, 1, constant_values=np.nan)
    for r, c in np.argwhere(~np.isnan(z)):
        neighbours = [around[r + 1 + row, c + 1 + col] for row, col in NEIGHBOURS]
        lower = any(v < z[r, c] for v in neighbours)
        assert (angle[r, c] != -1.0) == (slope[r, c] > 0.0) == lower
        if lower:
            assert 0.0 <= angle[r, c] < TURN
            for row, col in receivers(float(angle[r, c]), CELL, 20.0):
                assert around[r + 1 + row, c + 1 + col] < z[r, c]


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_what_is_missing_stays_missing_and_nothing_else_is(z: NDArray[Any]) -> None:
    angle, slope = dinf_direction(z, CELL)
    np.testing.assert_array_equal(np.isnan(angle), np.isnan(z))
    np.testing.assert_array_equal(np.isnan(slope), np.isnan(z))
    assert angle.dtype == slope.dtype == z.dtype


@settings(max_examples=EXAMPLES)
@given(z=terrains(3, holes=False))
def test_the_steepest_facet_falls_at_least_as_steeply_as_d8(z: NDArray[Any]) -> None:
    _, drop = flow_direction(z, CELL)
    _, slope = dinf_direction(z, CELL)
    inside = np.s_[1:-1, 1:-1]
    assert (slope[inside] >= drop[inside] * (1.0 - 1e-6)).all()
    assert (slope[inside] <= drop[inside] / math.cos(math.pi / 8) * (1.0 + 1e-6)).all()  # half a facet away at most


@settings(max_examples=EXAMPLES)
@given(seed=seeds)
def test_turning_and_mirroring_the_ground_turns_and_mirrors_the_water(seed: int) -> None:
    z = np.random.default_rng(seed).random((6, 7))  # no two facets are equal
    angle, slope = dinf_direction(z, (CELL, 20.0))
    turned, turned_slope = dinf_direction(np.rot90(z), (20.0, CELL))
    mirrored, mirrored_slope = dinf_direction(z[:, ::-1], (CELL, 20.0))
    falls = slope > 0.0
    np.testing.assert_allclose(np.rot90(turned_slope, -1), slope, rtol=1e-12)
    np.testing.assert_allclose(mirrored_slope[:, ::-1], slope, rtol=1e-12)
    assert between(np.rot90(turned, -1), angle + math.pi / 2)[falls].max() < 1e-9
    assert between(mirrored[:, ::-1], math.pi - angle)[falls].max() < 1e-9


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_scaling_heights_and_cells_alike_changes_nothing(z: NDArray[Any]) -> None:
    angle, slope = dinf_direction(z, CELL)
    scaled, scaled_slope = dinf_direction(z * 4.0, CELL * 4.0)
    np.testing.assert_array_equal(scaled, angle)
    np.testing.assert_array_equal(scaled_slope, slope)


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_on_filled_ground_only_outlets_are_without_a_direction_and_flats_follow_d8(z: NDArray[Any]) -> None:
    filled = fill_depressions(z)
    codes = route(filled, CELL)
    angle, slope = dinf_direction(filled, CELL, direction=codes)
    np.testing.assert_array_equal(angle == -1.0, codes == 9)
    flat = (slope == 0.0) & (codes < 9) & ~np.isnan(filled)
    steps = np.stack([-DOWNHILL_ROWS[codes[flat]], DOWNHILL_COLS[codes[flat]]])
    assert np.all(between(angle[flat], np.arctan2(*steps)) < 1e-6)


def test_on_level_ground_without_d8_codes_there_is_no_direction() -> None:
    angle, slope = dinf_direction(np.full((4, 4), 7.0), CELL)
    assert (angle == -1.0).all()
    assert (slope == 0.0).all()


def test_each_row_has_its_own_width() -> None:
    z = np.tile(np.arange(4.0), (4, 1))
    _, slope = dinf_direction(z, (np.array([1.0, 2.0, 4.0, 5.0]), 3.0))
    np.testing.assert_allclose(slope[:, 2], [1.0, 0.5, 0.25, 0.2])


@pytest.mark.parametrize("shape", [(1, 5), (5, 1)])
def test_one_row_or_column_of_cells_falls_along_itself(shape: tuple[int, int]) -> None:
    angle, slope = dinf_direction(np.arange(5.0).reshape(shape), CELL)
    assert angle.ravel().tolist() == pytest.approx([-1.0, *[math.pi if shape[0] == 1 else math.pi / 2] * 4])
    assert slope.ravel().tolist() == pytest.approx([0.0, *[1.0 / CELL] * 4])


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((np.zeros(3), 1.0, None), "二维"),
        ((np.zeros((2, 2)), 0.0, None), "大于 0"),
        ((np.zeros((2, 2)), (1.0, np.nan), None), "大于 0"),
        ((np.zeros((2, 2)), (np.ones(3), 1.0), None), "每行一个（2 个）"),
        ((np.zeros((2, 2)), 1.0, np.zeros((2, 3), dtype=np.uint8)), "同形"),
        ((np.zeros((2, 2)), 1.0, np.zeros((2, 2))), "整数"),
        ((np.zeros((2, 2)), 1.0, np.array([[0, 1], [2, 16]])), "第 1 行第 1 列"),
    ],
)
def test_what_cannot_be_computed_is_refused(arguments: tuple[Any, Any, Any], said: str) -> None:
    elevation, cell, direction = arguments
    with pytest.raises(ShuibaoError, match=said):
        dinf_direction(elevation, cell, direction=direction)
