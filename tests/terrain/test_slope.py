"""Laws of slope and aspect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, around, ground, interior, seeds, terrains

from shuibao.messages import ShuibaoError
from shuibao.terrain import aspect, flow_direction, slope

cells = st.floats(0.5, 200.0)


def plane(azimuth: float, gradient: float, cell: float) -> NDArray[np.float64]:
    """Return a plane that falls towards an azimuth, rad clockwise from north."""
    row, col = np.indices((5, 6))
    return -gradient * cell * (col * math.sin(azimuth) - row * math.cos(azimuth))


@given(azimuth=st.floats(0.0, 6.28), gradient=st.floats(1e-3, 10.0), cell=cells)
def test_a_plane_has_its_slope_and_faces_where_it_falls(azimuth: float, gradient: float, cell: float) -> None:
    z = plane(azimuth, gradient, cell)
    inside = np.s_[1:-1, 1:-1]
    np.testing.assert_allclose(slope(z, cell)[inside], math.atan(gradient), rtol=1e-9)
    turned = (aspect(z, cell)[inside] - azimuth + math.pi) % (2.0 * math.pi) - math.pi
    np.testing.assert_allclose(turned, 0.0, atol=1e-9)


@pytest.mark.parametrize(
    "azimuth, degrees", [((-1, 0), 0), ((-1, 1), 45), ((0, 1), 90), ((1, 1), 135), ((1, 0), 180), ((0, -1), 270)]
)
def test_aspect_is_clockwise_from_north(azimuth: tuple[int, int], degrees: float) -> None:
    row, col = np.indices((3, 3))
    z = -(azimuth[0] * row + azimuth[1] * col).astype(float)  # falls along this row and column step
    assert np.degrees(aspect(z, 30.0)[1, 1]) == pytest.approx(degrees)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), cell=cells)
def test_slope_is_horn_s_formula_written_out(z: NDArray[Any], cell: float) -> None:
    found = slope(z, cell)
    for r, c in interior(z):
        e, se, s, sw, w, nw, n, ne = (float(v) for v in around(z, r, c))
        across = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * cell)
        up = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / (8 * cell)
        expected = math.atan(math.hypot(across, up)) if not math.isnan(z[r, c]) else math.nan
        assert found[r, c] == pytest.approx(expected, rel=1e-3, abs=2e-4 / cell, nan_ok=True)


@settings(max_examples=EXAMPLES)
@given(z=terrains())
def test_slope_is_missing_where_a_neighbour_is_and_nowhere_else(z: NDArray[Any]) -> None:
    gone = np.pad(np.isnan(z), 1, constant_values=True)  # beyond the edge all is missing
    near = np.zeros(z.shape, dtype=bool)
    for down in range(3):
        for right in range(3):
            near |= gone[down : down + z.shape[0], right : right + z.shape[1]]
    np.testing.assert_array_equal(np.isnan(slope(z, 30.0)), near)
    assert np.isnan(aspect(z, 30.0)[near]).all()


@given(height=st.floats(-400.0, 9000.0), dtype=st.sampled_from(["float32", "float64"]))
def test_level_ground_has_no_slope_and_no_aspect(height: float, dtype: str) -> None:
    z = np.full((5, 6), height, dtype=dtype)
    assert (slope(z, 30.0)[1:-1, 1:-1] == 0.0).all()
    assert np.isnan(aspect(z, 30.0)).all()


@settings(max_examples=EXAMPLES)
@given(z=terrains(3))
def test_turned_land_has_the_same_slopes_and_turned_aspects(z: NDArray[Any]) -> None:
    z = z.astype(np.float64)
    np.testing.assert_allclose(slope(np.rot90(z), 30.0), np.rot90(slope(z, 30.0)), atol=1e-12)
    steep = np.rot90(slope(z, 30.0)) > 1e-9
    turned = aspect(np.rot90(z), 30.0) - (np.rot90(aspect(z, 30.0)) - math.pi / 2.0)  # rot90 is anticlockwise
    np.testing.assert_allclose(np.cos(turned[steep]), 1.0, atol=1e-9)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), factor=st.sampled_from([0.25, 0.5, 2.0, 8.0]), cell=cells)
def test_land_and_cells_enlarged_together_keep_their_slopes(z: NDArray[Any], factor: float, cell: float) -> None:
    np.testing.assert_allclose(slope(z * z.dtype.type(factor), cell * factor), slope(z, cell), rtol=1e-6)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3), factor=st.floats(0.1, 10.0), lift=st.floats(-500.0, 500.0))
def test_heights_stretched_and_lifted_stretch_the_gradient_alone(z: NDArray[Any], factor: float, lift: float) -> None:
    z = z.astype(np.float64)
    np.testing.assert_allclose(
        np.tan(slope(z * factor + lift, 30.0)), factor * np.tan(slope(z, 30.0)), rtol=1e-6, atol=1e-10
    )


@settings(max_examples=EXAMPLES)
@given(z=terrains(3))
def test_land_upside_down_faces_the_other_way(z: NDArray[Any]) -> None:
    z = z.astype(np.float64)
    np.testing.assert_array_equal(slope(-z, 30.0), slope(z, 30.0))
    turned = np.abs(aspect(-z, 30.0) - aspect(z, 30.0))
    np.testing.assert_allclose(turned[~np.isnan(turned)], math.pi, rtol=1e-12)


@given(seed=seeds)
def test_single_precision_stays_single_and_near_double(seed: int) -> None:
    z = ground(np.random.default_rng(seed), (9, 8))
    single, double = slope(z.astype(np.float32), 30.0), slope(z, 30.0)
    assert single.dtype == np.float32
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, atol=1e-5)  # 0.0006°


@pytest.mark.parametrize("dtype", ["int16", "int32", "uint8", "bool"])
def test_whole_metres_are_reckoned_in_double_precision(dtype: str) -> None:
    z = np.random.default_rng(1).integers(0, 2, (6, 6)).astype(dtype)
    assert slope(z, 30.0).dtype == np.float64
    np.testing.assert_array_equal(slope(z, 30.0), slope(z.astype(float), 30.0))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_infinite_height_is_a_missing_one(value: float, dtype: str) -> None:
    z = ground(np.random.default_rng(1), (7, 7)).astype(dtype)
    gone, infinite = z.copy(), z.copy()
    gone[3, 2], infinite[3, 2] = np.nan, value
    for of in (slope, aspect):
        np.testing.assert_array_equal(of(infinite, 30.0), of(gone, 30.0))
    for one, other in zip(flow_direction(infinite, 30.0), flow_direction(gone, 30.0), strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=EXAMPLES)
@given(z=terrains(3))
def test_aspect_is_at_least_nought_and_less_than_a_full_turn(z: NDArray[Any]) -> None:
    found = aspect(z, 30.0)
    found = found[~np.isnan(found)]
    assert (found >= 0.0).all()
    assert (found < 2.0 * math.pi).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("west", [1e-6, 1e-9, 1e-20])
def test_what_faces_a_hair_west_of_north_is_still_less_than_a_full_turn(dtype: str, west: float) -> None:
    z = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], dtype=dtype)
    z[1, 2] = west
    angle = float(aspect(z, 30.0)[1, 1])
    assert 0.0 <= angle < 2.0 * math.pi


def test_arrays_are_left_as_they_were_whatever_their_layout() -> None:
    z = ground(np.random.default_rng(2), (8, 9), holes=0.1)
    before = z.copy()
    for layout in (np.asfortranarray(z), np.repeat(z, 2, axis=1)[:, ::2], z):
        np.testing.assert_array_equal(slope(layout, 30.0), slope(before, 30.0))
        np.testing.assert_array_equal(aspect(layout, 30.0), aspect(before, 30.0))
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("of", [slope, aspect, flow_direction])
@pytest.mark.parametrize("shape", [(4,), (2, 3, 4), ()])
def test_heights_that_are_not_rows_and_columns_are_refused(of: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ShuibaoError, match=f"应为二维.*{len(shape)} 维"):
        of(np.zeros(shape), 30.0)


@pytest.mark.parametrize("of", [slope, aspect, flow_direction])
@pytest.mark.parametrize("cell", [0.0, -30.0, math.nan, math.inf])
def test_a_cell_without_a_length_is_refused(of: Any, cell: float) -> None:
    with pytest.raises(ShuibaoError, match=f"大于 0 的米数，现为 {cell}"):
        of(np.zeros((4, 4)), cell)


@pytest.mark.parametrize("of", [slope, aspect, flow_direction])
@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_land_without_a_cell_is_refused(of: Any, shape: tuple[int, int]) -> None:
    with pytest.raises(ShuibaoError, match="没有像元"):
        of(np.zeros(shape), 30.0)
