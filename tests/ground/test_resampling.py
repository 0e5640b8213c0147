"""Laws of what a cell takes from coarser and finer pixels, each beside the slow plain way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.ground.rasters import LAND, rolling, write_tif

from shuibao.ground import _kernels
from shuibao.ground.grid import Grid, grid_over
from shuibao.ground.reading import Classes, open_source

COARSE = Grid(240.0, row=-17500, col=2250, rows=7, cols=9)
FINE_LAND = Grid(30.0, COARSE.row * 8, COARSE.col * 8, COARSE.rows * 8, COARSE.cols * 8)
seeds = st.integers(0, 2**32 - 1)


@given(factor=st.sampled_from([2, 3, 8]), seed=seeds)
def test_a_coarse_quantity_is_interpolated_between_pixel_centres(
    factor: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    coarse = Grid(30.0 * factor, row=-4000, col=700, rows=5, cols=6)
    values = np.random.default_rng(seed).normal(size=coarse.shape)
    path = tmp_path_factory.mktemp("coarse") / "a.tif"
    write_tif(path, values, coarse.transform)
    land = Grid(30.0, coarse.row * factor, coarse.col * factor, coarse.rows * factor, coarse.cols * factor)
    x, y = land.centres()
    centre_x, centre_y = coarse.centres()
    along = np.array([np.interp(x, centre_x, row) for row in values])
    expected = np.array([np.interp(-y, -centre_y, column) for column in along.T]).T
    np.testing.assert_allclose(open_source(path, land).read(land), expected, atol=1e-6)
    nearest = open_source(path, land, method="nearest").read(land)
    np.testing.assert_array_equal(nearest, np.kron(values.astype(np.float32), np.ones((factor, factor), np.float32)))


@given(seed=seeds, factor=st.sampled_from([3, 8]))
def test_a_missing_coarse_pixel_is_missing_and_lends_its_weight_to_its_neighbours(
    seed: int, factor: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    coarse = Grid(30.0 * factor, row=-4000, col=700, rows=5, cols=6)
    random = np.random.default_rng(seed)
    gone = random.random(coarse.shape) < 0.3
    path = tmp_path_factory.mktemp("coarse") / "a.tif"
    write_tif(path, np.where(gone, np.nan, 5.0), coarse.transform)
    land = Grid(30.0, coarse.row * factor, coarse.col * factor, coarse.rows * factor, coarse.cols * factor)
    found = open_source(path, land).read(land)
    holes = np.kron(gone, np.ones((factor, factor), bool))
    np.testing.assert_array_equal(np.isnan(found), holes)
    np.testing.assert_allclose(found[~holes], 5.0, rtol=1e-6)  # a level surface stays level beside holes


def test_coarse_classes_are_copied_to_the_cells_in_them(tmp_path: Path) -> None:
    classes = np.random.default_rng(1).integers(0, 9, COARSE.shape, dtype=np.uint8)
    path = write_tif(tmp_path / "land.tif", classes, COARSE.transform)
    found = open_source(path, FINE_LAND, kind="class").read(FINE_LAND)
    np.testing.assert_array_equal(found, np.kron(classes, np.ones((8, 8), np.uint8)))


def cut(values: NDArray[np.generic], parts: int) -> NDArray[np.generic]:
    """Return the pixels of each cell along the last axis."""
    rows, cols = values.shape[0] // parts, values.shape[1] // parts
    return values.reshape(rows, parts, cols, parts).swapaxes(1, 2).reshape(rows, cols, parts * parts)


@pytest.mark.parametrize("parts", [2, 3, 6])
def test_finer_quantities_are_averaged_and_missing_when_more_than_half_are(tmp_path: Path, parts: int) -> None:
    fine = grid_over(LAND.bounds, 30.0 / parts)
    values = rolling(fine)
    random = np.random.default_rng(parts)
    values[random.random(fine.shape) < np.linspace(0.0, 1.0, fine.cols)] = np.nan
    path = write_tif(tmp_path / "fine.tif", values, fine.transform)
    found = open_source(path, LAND).read(LAND)
    pixels = cut(values, parts).astype(np.float64)
    known = (~np.isnan(pixels)).sum(axis=2)
    enough = 2 * known >= parts**2
    expected = np.where(enough, np.nansum(pixels, axis=2) / np.maximum(known, 1), np.nan)
    assert 0 < enough.sum() < enough.size
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_of_finer_classes_the_commonest_is_taken_and_of_equals_the_lower(tmp_path: Path, parts: int) -> None:
    fine = grid_over(LAND.bounds, 30.0 / parts)
    codes = np.random.default_rng(parts).integers(0, 4, fine.shape, dtype=np.uint8)
    path = write_tif(tmp_path / "fine.tif", codes, fine.transform)
    crosswalk = Classes.from_mapping({1: 10, 2: 20, 3: 30})
    found = open_source(path, LAND, kind="class", classes=crosswalk).read(LAND)
    pixels = cut(codes, parts)
    expected = np.array([[np.bincount(p, minlength=4).argmax() * 10 for p in row] for row in pixels])
    np.testing.assert_array_equal(found, expected)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=16))
def test_the_commonest_is_the_commonest(values: list[int]) -> None:
    array = np.array(values, dtype=np.uint8)
    assert _kernels.commonest(array) == np.bincount(array).argmax()


def test_cubic_convolution_keeps_a_quadratic(tmp_path: Path) -> None:
    coarse = Grid(45.0, row=-93400, col=11990, rows=90, cols=120)  # not whole cells, so it is interpolated
    x, y = np.meshgrid(*((axis - axis.mean()) / 1000.0 for axis in coarse.centres()))
    path = write_tif(tmp_path / "bowl.tif", 3.0 * x**2 - 2.0 * x * y + y**2, coarse.transform)
    inside = grid_over(coarse.bounds, 30.0).grown(-5)
    here_x, here_y = np.meshgrid(
        *((axis - whole.mean()) / 1000.0 for axis, whole in zip(inside.centres(), coarse.centres(), strict=True))
    )
    expected = 3.0 * here_x**2 - 2.0 * here_x * here_y + here_y**2
    cubic = open_source(path, inside, method="cubic").read(inside)
    bilinear = open_source(path, inside, method="bilinear").read(inside)
    np.testing.assert_allclose(cubic, expected, atol=2e-6)
    assert np.abs(bilinear - expected).max() > 1e-4  # and bilinear does not


def test_cubic_convolution_beside_a_hole_is_bilinear(tmp_path: Path) -> None:
    coarse = Grid(45.0, row=-93400, col=11990, rows=40, cols=40)
    values = rolling(coarse)
    values[20, 20] = np.nan
    path = write_tif(tmp_path / "a.tif", values, coarse.transform)
    inside = grid_over(coarse.bounds, 30.0)
    cubic = open_source(path, inside, method="cubic").read(inside)
    bilinear = open_source(path, inside, method="bilinear").read(inside)
    np.testing.assert_array_equal(np.isnan(cubic), np.isnan(bilinear))
    x, y = np.meshgrid(*inside.centres())
    centre = coarse.left + 20.5 * 45.0, coarse.top - 20.5 * 45.0
    near = (np.abs(x - centre[0]) < 45.0) & (np.abs(y - centre[1]) < 45.0)
    np.testing.assert_array_equal(cubic[near], bilinear[near])
    assert (cubic[~near] != bilinear[~near]).mean() > 0.5


def test_values_between_pixels_stay_within_them(tmp_path: Path) -> None:
    coarse = Grid(45.0, row=-93400, col=11990, rows=30, cols=30)
    values = np.random.default_rng(5).random(coarse.shape, dtype=np.float32)
    path = write_tif(tmp_path / "a.tif", values, coarse.transform)
    inside = grid_over(coarse.bounds, 30.0)
    found = open_source(path, inside).read(inside)
    assert np.nanmin(found) >= values.min()
    assert np.nanmax(found) <= values.max()
