"""Laws of D∞ contributing area."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, seeds, terrains

from shuibao.messages import CallError, ShuibaoError
from shuibao.terrain import dinf_direction, fill_depressions, route
from shuibao.watershed import Drainage, contributing_area, dinf_contributing_area

CELL = 30.0
AROUND = [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)]


def angles(z: NDArray[Any], cell: float | tuple[float, float] = CELL) -> NDArray[Any]:
    """Return the D∞ directions of a terrain after filling, flats crossed by D8."""
    filled = fill_depressions(z)
    return dinf_direction(filled, cell, direction=route(filled, cell))[0]


def of_codes(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the angles of D8 directions on square cells."""
    bearing = (9 - codes.astype(np.int64)) % 8 * (math.pi / 4)
    return np.where(codes == 0, np.nan, np.where(codes == 9, -1.0, bearing))


def by_hand(angle: NDArray[Any], width: float, height: float, load: NDArray[Any]) -> NDArray[np.float64]:
    """Return what reaches each cell, every cell's load followed down on its own, shares multiplied."""
    rows, cols = angle.shape
    corner = math.atan2(height, width)
    bearings = [math.pi / 2 * k + (0.0, corner)[side] for k in range(4) for side in range(2)]
    bearings = [b if k % 4 != 3 else math.pi / 2 * (k // 2 + 1) - corner for k, b in enumerate(bearings)] + [
        2 * math.pi
    ]
    out = np.where(np.isnan(angle), np.nan, 0.0)

    def follow(r: int, c: int, amount: float) -> None:
        if not (0 <= r < rows and 0 <= c < cols) or np.isnan(angle[r, c]):
            return
        out[r, c] += amount
        if angle[r, c] < 0.0:
            return
        k = max(k for k in range(8) if bearings[k] <= angle[r, c] + 1e-6)
        share = min(max((angle[r, c] - bearings[k]) / (bearings[k + 1] - bearings[k]), 0.0), 1.0)
        for part, (row, col) in ((1.0 - share, AROUND[k]), (share, AROUND[(k + 1) % 8])):
            if part > 1e-5:
                follow(r + row, c + col, amount * part)

    for r, c in np.argwhere(~np.isnan(angle)):
        follow(r, c, float(load[r, c]))
    return out


@settings(max_examples=EXAMPLES)
@given(z=terrains(most=6), ratio=st.sampled_from([0.6, 1.0, 1.7]))
def test_each_cell_gets_what_following_every_drop_would_bring(z: NDArray[Any], ratio: float) -> None:
    angle = angles(z, (CELL, CELL * ratio))
    load = np.random.default_rng(1).random(z.shape)
    found = dinf_contributing_area(angle, (CELL, CELL * ratio), load=load)
    np.testing.assert_allclose(found, by_hand(angle, CELL, CELL * ratio, load), rtol=1e-3)


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_what_falls_on_the_land_leaves_at_the_outlets(z: NDArray[Any]) -> None:
    angle = angles(z)
    area = dinf_contributing_area(angle, CELL)
    assert area[angle == -1.0].sum() == pytest.approx(np.isfinite(z).sum() * CELL**2, rel=1e-12)
    load = np.random.default_rng(2).random(z.shape)
    gathered = dinf_contributing_area(angle, CELL, load=load)
    assert gathered[angle == -1.0].sum() == pytest.approx(load[np.isfinite(z)].sum(), rel=1e-12)


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_where_every_angle_points_at_a_neighbour_it_is_d8(z: NDArray[Any]) -> None:
    codes = route(fill_depressions(z), CELL)
    cells = contributing_area(Drainage.from_directions(codes, CELL))
    for kind in (np.float64, np.float32):  # rounding of the angle sends no water astray
        area = dinf_contributing_area(of_codes(codes).astype(kind), CELL)
        np.testing.assert_array_equal(np.nan_to_num(area), cells * CELL**2)


@settings(max_examples=EXAMPLES)
@given(seed=seeds)
def test_turning_the_ground_turns_the_area(seed: int) -> None:
    z = np.random.default_rng(seed).random((7, 6))
    area = dinf_contributing_area(dinf_direction(z, (CELL, 20.0))[0], (CELL, 20.0))
    turned = dinf_contributing_area(dinf_direction(np.rot90(z), (20.0, CELL))[0], (20.0, CELL))
    np.testing.assert_allclose(np.rot90(turned, -1), area, rtol=1e-6)


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_area_is_linear_in_the_load_and_at_least_the_cell_s_own(z: NDArray[Any]) -> None:
    angle = angles(z)
    one = dinf_contributing_area(angle, CELL)
    np.testing.assert_allclose(dinf_contributing_area(angle, CELL, load=2.0 * CELL**2), 2.0 * one, rtol=1e-12)
    assert (one[~np.isnan(one)] >= CELL**2).all()
    np.testing.assert_array_equal(np.isnan(one), np.isnan(angle))


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_edge_contamination_is_what_water_from_outside_could_reach(z: NDArray[Any]) -> None:
    angle = angles(z)
    kept, cut = (dinf_contributing_area(angle, CELL, edge=edge) for edge in ("keep", "missing"))
    around = np.pad(np.isnan(angle), 1, constant_values=True)
    beside = np.zeros(z.shape, dtype=bool)
    for row, col in AROUND:
        beside |= around[1 + row : 1 + row + z.shape[0], 1 + col : 1 + col + z.shape[1]]
    reached = dinf_contributing_area(angle, CELL, load=(beside & ~np.isnan(angle)).astype(float))
    np.testing.assert_array_equal(np.isnan(cut), np.isnan(angle) | (reached > 0.0))
    np.testing.assert_array_equal(cut[~np.isnan(cut)], kept[~np.isnan(cut)])


def test_a_hillside_that_falls_between_two_neighbours_spreads_its_water_evenly() -> None:
    row, col = np.indices((40, 40))
    angle, _ = dinf_direction(-(col * math.cos(0.3) - row * math.sin(0.3)), 1.0)
    specific = dinf_contributing_area(angle, 1.0, specific=True)
    inner = (39 - row >= col) & (row > 1) & (col < 38)  # each column's water climbs a row at most: none is lost below
    assert inner.sum() > 100
    np.testing.assert_allclose(specific[inner], (col + 1.0)[inner], rtol=1e-9)


def test_each_row_has_its_own_area_and_width() -> None:
    angle = np.full((3, 2), -1.0)
    width, height = np.array([1.0, 2.0, 4.0]), np.array([3.0, 3.0, 5.0])
    assert dinf_contributing_area(angle, (width, height))[:, 0].tolist() == [3.0, 6.0, 20.0]
    assert dinf_contributing_area(angle, (width, height), specific=True)[:, 0].tolist() == [3.0, 3.0, 5.0]


def test_water_sent_to_a_missing_cell_or_off_the_grid_leaves_the_land() -> None:
    angle = np.array([[np.nan, math.pi, 0.0], [math.pi / 2 - 0.2, 3.0, 7 * math.pi / 4]])
    area = dinf_contributing_area(angle, 1.0)
    west, north_east = (3.0 - 0.75 * math.pi) / (math.pi / 4), 0.2 / (math.pi / 4)
    assert area[1, 0] == pytest.approx(1.0 + west)
    assert area[0, 1] == pytest.approx(1.0 + north_east * (1.0 + west))
    assert area[:, 2].tolist() == [1.0, 1.0]
    assert np.isnan(area[0, 0])


def test_water_that_runs_in_a_circle_is_refused_and_told_where() -> None:
    angle = np.array([[-1.0, 0.0, math.pi], [-1.0, -1.0, math.pi / 2]])
    with pytest.raises(ShuibaoError, match="2 个像元的水在绕圈.*第 0 行第 1 列"):
        dinf_contributing_area(angle, CELL)


@pytest.mark.parametrize(
    "angle, options, said",
    [
        (np.zeros(3), {}, "二维"),
        (np.zeros((0, 3)), {}, "至少有一个像元"),
        (np.array([[0.0, 90.0]]), {}, "第 0 行第 1 列（自 0 起）为 90.0"),
        (np.array([[0.0, -2.0]]), {}, "为 -2.0"),
        (np.array([[0.0, np.inf]]), {}, "为 inf"),
        (np.zeros((1, 2)), {"load": np.zeros((2, 1))}, "同形"),
        (np.zeros((1, 2)), {"load": np.array([[0.0, np.nan]])}, "1 个像元缺失或无穷大，如第 0 行第 1 列"),
    ],
)
def test_what_cannot_be_computed_is_refused(angle: NDArray[Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(ShuibaoError, match=said):
        dinf_contributing_area(angle, CELL, **options)


def test_loads_outside_the_land_are_ignored() -> None:
    angle = np.array([[np.nan, -1.0]])
    found = dinf_contributing_area(angle, CELL, load=np.array([[np.inf, 2.0]]))
    np.testing.assert_array_equal(found, [[np.nan, 2.0]])


def test_an_unknown_edge_is_a_wrong_call() -> None:
    with pytest.raises(CallError, match="keep 或 missing"):
        dinf_contributing_area(np.zeros((1, 1)), CELL, edge="drop")  # type: ignore[arg-type]
