"""The imaginary land: the same wherever it is looked at from, and much like the loess hills of Shanxi."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.ground.grid import Grid, grid_over
from shuibao.sources.imaginary import MEASURES, elevation, land_and_measures
from shuibao.sources.imaginary.cover import cover, seasonal_curves
from shuibao.sources.imaginary.soil import soil
from shuibao.sources.imaginary.terrain import DISTRICT_ORIGIN, WIDE, Relief, relief_around
from shuibao.terrain import fill_depressions

SEED = 1
WHOLE = Grid(30.0, row=-140_000, col=20_000, rows=96, cols=120)
SAMPLE = grid_over((590_000.0, 4_180_000.0, 650_000.0, 4_240_000.0), 30.0)


@pytest.fixture(scope="module")
def whole() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return land_and_measures(WHOLE, SEED)


@pytest.fixture(scope="module")
def above() -> Relief:
    return relief_around(SAMPLE.grown(400).bounds, SEED, WIDE)


@pytest.fixture(scope="module")
def sample(above: Relief) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 3 600 km² of land."""
    return land_and_measures(SAMPLE, SEED, above)


def slope_degrees(height: np.ndarray, cell: float) -> np.ndarray:
    """Return slopes by central differences, interior only."""
    z = height.astype(float)
    dx = (z[1:-1, 2:] - z[1:-1, :-2]) / (2 * cell)
    dy = (z[2:, 1:-1] - z[:-2, 1:-1]) / (2 * cell)
    return np.degrees(np.arctan(np.hypot(dx, dy)))


@settings(max_examples=4, deadline=None)
@given(row=st.integers(0, 60), col=st.integers(0, 60), rows=st.integers(1, 30), cols=st.integers(1, 50))
def test_a_tile_is_a_window_of_the_whole(
    whole: tuple[np.ndarray, ...], row: int, col: int, rows: int, cols: int
) -> None:
    tile = Grid(30.0, WHOLE.row + row, WHOLE.col + col, rows, cols)
    window = tile.inside(WHOLE)
    for part, layer in zip(land_and_measures(tile, SEED), whole, strict=True):
        np.testing.assert_array_equal(part, layer[window])


def test_land_laid_out_from_afar_is_the_same_land(whole: tuple[np.ndarray, ...]) -> None:
    left, bottom, right, top = WHOLE.bounds
    for level in range(3):
        above = relief_around((left - 9000.0, bottom - 50.0, right + 200.0, top + 31_000.0), SEED, level)
        for part, layer in zip(land_and_measures(WHOLE, SEED, above), whole, strict=True):
            np.testing.assert_array_equal(part, layer)


def test_cells_of_ten_metres_show_the_same_hills() -> None:
    fine = elevation(Grid(10.0, row=-420_000, col=60_000, rows=90, cols=120), SEED).astype(float)
    coarse = elevation(Grid(30.0, row=-140_000, col=20_000, rows=30, cols=40), SEED).astype(float)
    np.testing.assert_array_equal(fine[1::3, 1::3], coarse)  # the middle one of nine cells has the same centre


def test_another_seed_is_another_land(whole: tuple[np.ndarray, ...]) -> None:
    assert not np.array_equal(elevation(WHOLE, SEED + 1), whole[0])


def test_heights_are_tenths_of_a_metre_and_never_missing(whole: tuple[np.ndarray, ...]) -> None:
    height = whole[0]
    assert height.dtype == np.float32
    np.testing.assert_allclose(height, np.round(height.astype(float), 1), rtol=0, atol=1e-4)


@pytest.mark.slow
def test_slopes_are_those_of_loess_hills_and_mountains(sample: tuple[np.ndarray, ...]) -> None:
    slope = slope_degrees(sample[0], SAMPLE.cell)
    shares = np.histogram(slope, [0, 2, 6, 15, 25, 90])[0] / slope.size
    assert 11 < slope.mean() < 19
    assert 0.02 < shares[0] < 0.25
    assert 0.20 < shares[2] < 0.50
    assert 0.20 < shares[3] < 0.45
    assert 0.04 < shares[4] < 0.25
    assert sample[0].min() > 500
    assert sample[0].max() < 3500


@pytest.mark.slow
def test_water_finds_its_way_off_nearly_all_slopes(sample: tuple[np.ndarray, ...]) -> None:
    z = sample[0]
    slope = slope_degrees(z, SAMPLE.cell)
    around = [z[1 + a : z.shape[0] - 1 + a, 1 + b : z.shape[1] - 1 + b] for a in (-1, 0, 1) for b in (-1, 0, 1)]
    pits = z[1:-1, 1:-1] < np.min(around[:4] + around[5:], axis=0)
    assert pits[slope > 2].mean() < 0.005


@pytest.mark.slow
def test_filling_raises_little_land_and_no_deep_valley(sample: tuple[np.ndarray, ...]) -> None:
    raised = fill_depressions(sample[0]) - sample[0]
    assert (raised > 1).mean() < 0.03
    assert (raised > 20).mean() < 0.008
    assert raised.max() < 160


@pytest.mark.slow
def test_a_tile_is_a_window_of_the_whole_where_four_districts_meet() -> None:
    left, bottom = (480.0 * k for k in DISTRICT_ORIGIN)
    around = grid_over((left - 900.0, bottom - 900.0, left + 900.0, bottom + 900.0), 30.0)
    above = relief_around((left - 9000.0, bottom - 2000.0, left + 1500.0, bottom + 8000.0), SEED, WIDE)
    part = Grid(30.0, around.row + 10, around.col + 20, 30, 20)
    whole = elevation(around, SEED, above)
    np.testing.assert_array_equal(elevation(part, SEED), whole[part.inside(around)])


@pytest.mark.slow
def test_land_use_is_that_of_northern_shanxi(sample: tuple[np.ndarray, ...]) -> None:
    share = np.bincount(sample[1].ravel(), minlength=22) / sample[1].size
    assert 0.22 < share[[1, 2, 3]].sum() < 0.42
    assert 0.25 < share[[6, 7, 8]].sum() < 0.55
    assert 0.10 < share[9] < 0.35
    assert 0.005 < share[[10, 11, 12]].sum() < 0.08
    assert 0.003 < share[13] < 0.03
    assert share[0] == 0
    assert share[14] > 0


@pytest.mark.slow
def test_fields_lie_on_gentler_land_than_forests(sample: tuple[np.ndarray, ...]) -> None:
    height, land, measure = sample
    slope, land, measure = slope_degrees(height, SAMPLE.cell), land[1:-1, 1:-1], measure[1:-1, 1:-1]
    assert slope[np.isin(land, [1, 2, 3])].mean() < slope[land == 6].mean() - 4
    assert slope[land == 14].mean() < 6
    assert set(np.unique(measure)) <= set(MEASURES)
    assert np.isin(land[np.isin(measure, [2, 3, 4, 6])], [3, 4]).all()


@pytest.mark.slow
def test_cover_follows_the_year_and_soil_adds_up(above: Relief, sample: tuple[np.ndarray, ...]) -> None:
    grid = SAMPLE.coarser(8)
    inner = Grid(grid.cell, grid.row + 1, grid.col + 1, 40, 50)
    fine = Grid(30.0, inner.row * 8, inner.col * 8, inner.rows * 8, inner.cols * 8)
    layers = cover(inner, sample[1][fine.inside(SAMPLE)], above)
    assert layers.shape == (24, 40, 50)
    assert layers.min() >= 0
    assert layers.max() <= 1
    assert layers[:4].mean() < 0.25 < 0.5 < layers[14].mean()
    texture = soil(inner, above)
    total = texture["sand"].astype(float) + texture["silt"] + texture["clay"]
    np.testing.assert_allclose(total, 100, atol=1e-4)
    assert texture["soc"].min() > 0


def test_curves_stay_between_bare_and_closed() -> None:
    curves = seasonal_curves()
    assert (curves >= 0).all()
    assert (curves <= 1).all()
    assert (curves[:, 1] >= curves[:, 0]).all()
