"""Interpolation of erosivity: honoured stations, sums, invariance, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shuibao.erosion.interpolation import Interpolation, interpolate_erosivity, leave_one_out, prepare_interpolation
from shuibao.erosion.rainfall import erosivity_weights
from shuibao.erosion.variogram import Variogram, distances, fit_variogram, sample_variogram, shape
from shuibao.ground.grid import Grid
from shuibao.messages import CallError, ShuibaoError

GRID = Grid(3000.0, row=-1400, col=180, rows=14, cols=11)
METHODS = ("kriging", "idw")
MODELS = ("spherical", "exponential")


def stations(seed: int, n: int = 15) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places over the grid and erosivity of 24 half-months, smooth in space, with dry winters."""
    rng = np.random.default_rng(seed)
    left, bottom, right, top = GRID.bounds
    x, y = rng.uniform(left, right, n), rng.uniform(bottom, top, n)
    season = np.clip(np.sin((np.arange(24) - 6) / 12 * np.pi), 0, None)
    wet = 200 + 100 * np.sin(x / 20000) + 80 * np.cos(y / 15000) + rng.normal(0, 5, n)
    return x, y, wet[:, None] * season * rng.uniform(0.8, 1.2, (n, 24))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_stations_keep_their_own_values(method: str, model: str, seed: int) -> None:
    x, y, r = stations(seed)
    there = prepare_interpolation(x, y, r, method, model=model).at(x, y)
    assert np.allclose(there.T, r, rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_erosivity_is_never_negative_and_its_shares_add_up_to_one(method: str, seed: int) -> None:
    x, y, r = stations(seed)
    r[::3, 10:] *= 0.01  # contrasts that make kriging overshoot
    on_grid = interpolate_erosivity(x, y, r, GRID, method)
    assert on_grid.shape == (24, *GRID.shape)
    assert (on_grid >= 0).all()
    assert np.allclose(erosivity_weights(on_grid).sum(axis=0), 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_half_months_add_up_to_interpolated_annual_erosivity(seed: int) -> None:
    x, y, r = stations(seed)
    annual = prepare_interpolation(x, y, r.sum(axis=1, keepdims=True))
    east, north = np.meshgrid(*GRID.centres())
    whole = np.maximum(annual.at(east.ravel(), north.ravel())[0].reshape(GRID.shape), 0)
    assert np.allclose(interpolate_erosivity(x, y, r, GRID).sum(axis=0), whole, rtol=1e-8, atol=1e-6)


def test_kriging_below_nothing_is_cut_without_changing_the_year() -> None:
    x, y, r = stations(4)
    r[:, 3] = np.where(np.arange(15) == 0, 300.0, 0.0)
    ready = prepare_interpolation(x, y, r)
    east, north = np.meshgrid(*GRID.centres())
    raw = ready.at(east.ravel(), north.ravel()).reshape(24, *GRID.shape)
    assert raw[3].min() < 0
    held = ready.erosivity_on(GRID)
    assert held[3].min() == 0
    assert np.allclose(held.sum(axis=0), np.maximum(raw.sum(axis=0), 0))


@pytest.mark.parametrize("method", METHODS)
@given(dx=st.integers(-500, 500), dy=st.integers(-500, 500), seed=st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_moving_stations_and_land_together_changes_nothing(method: str, dx: int, dy: int, seed: int) -> None:
    x, y, r = stations(seed)
    moved = Grid(GRID.cell, GRID.row - dy, GRID.col + dx, GRID.rows, GRID.cols)
    here = interpolate_erosivity(x, y, r, GRID, method)
    there = interpolate_erosivity(x + dx * GRID.cell, y + dy * GRID.cell, r, moved, method)
    assert np.allclose(here, there, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_tiles_are_parts_of_the_whole_to_the_bit(method: str) -> None:
    x, y, r = stations(5)
    ready = prepare_interpolation(x, y, r, method)
    whole = ready.erosivity_on(GRID)
    for tile in GRID.tiles(5):
        rows, cols = tile.inside(GRID)
        assert np.array_equal(ready.erosivity_on(tile), whole[:, rows, cols])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [1, 2])
def test_twice_the_rain_is_twice_the_erosivity_everywhere(method: str, seed: int) -> None:
    x, y, r = stations(seed)
    once, twice = interpolate_erosivity(x, y, r, GRID, method), interpolate_erosivity(x, y, 2 * r, GRID, method)
    assert np.allclose(twice, 2 * once, rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_alike_stations_give_alike_land(method: str) -> None:
    x, y, _ = stations(6)
    on_grid = interpolate_erosivity(x, y, np.full((15, 24), 40.0), GRID, method)
    assert np.allclose(on_grid, 40.0)


def test_one_station_is_everywhere() -> None:
    r = np.arange(24.0)[None]
    ready = prepare_interpolation([np.nan], [np.nan], r)
    assert ready.method == "uniform"
    assert not ready.findings
    assert (ready.erosivity_on(GRID) == np.arange(24.0)[:, None, None]).all()


def test_few_stations_fall_back_to_distance_and_say_so() -> None:
    x, y, r = stations(7, 5)
    ready = prepare_interpolation(x, y, r, "kriging", fewest=8)
    assert ready.method == "idw"
    (finding,) = ready.findings
    assert finding.severity == "warning"
    assert "只有 5 个站，不足 8 个" in finding.zh
    assert np.array_equal(ready.erosivity_on(GRID), interpolate_erosivity(x, y, r, GRID, "idw"))


def test_distance_weights_stay_between_the_stations() -> None:
    x, y, r = stations(8, 6)
    on_grid = interpolate_erosivity(x, y, r, GRID, "idw")
    assert (on_grid <= r.max(axis=0)[:, None, None] + 1e-9).all()
    assert (on_grid >= r.min(axis=0)[:, None, None] - 1e-9).all()


def test_no_station_of_two_in_one_place() -> None:
    x, y, r = stations(9)
    x[4], y[4] = x[2], y[2]
    with pytest.raises(ShuibaoError, match="第 3 个站与第 5 个站在同一位置"):
        prepare_interpolation(x, y, r)


def test_a_station_without_erosivity_is_refused() -> None:
    x, y, r = stations(9)
    r[1, 23] = np.nan
    with pytest.raises(ShuibaoError, match=r"第 \[2\] 个站缺少"):
        prepare_interpolation(x, y, r)


def test_an_unknown_method_and_uneven_stations_are_refused() -> None:
    x, y, r = stations(9)
    with pytest.raises(CallError, match="kriging、idw"):
        prepare_interpolation(x, y, r, "spline")
    with pytest.raises(ShuibaoError, match="站数不一致"):
        prepare_interpolation(x[1:], y, r)


@given(seed=st.integers(0, 30))
@settings(max_examples=10, deadline=None)
def test_a_fitted_variogram_rises_from_nothing_and_is_not_negative(seed: int) -> None:
    x, y, r = stations(seed)
    fitted = fit_variogram(x, y, r.sum(axis=1))
    along = fitted(np.linspace(0, 200_000, 50))
    assert along[0] == 0
    assert (np.diff(along) >= 0).all()
    assert fitted.nugget >= 0
    assert fitted.sill > 0


@pytest.mark.parametrize("model", MODELS)
def test_the_fit_finds_a_variogram_that_made_the_values(model: str) -> None:
    rng = np.random.default_rng(10)
    x, y = rng.uniform(0, 100_000, (2, 250))
    made = Variogram(model, 0.1, 1.0, 30_000.0)
    covariance = 1.1 - made(distances(x, y))
    fitted = [
        fit_variogram(x, y, np.linalg.cholesky(covariance + 1e-9 * np.eye(250)) @ rng.normal(size=250), model)
        for _ in range(9)
    ]
    assert np.median([f.reach for f in fitted]) == pytest.approx(30_000, rel=0.35)
    assert np.median([f.nugget + f.sill for f in fitted]) == pytest.approx(1.1, rel=0.35)


@pytest.mark.parametrize("model", MODELS)
def test_models_reach_their_sill_at_the_range(model: str) -> None:
    assert float(shape(0.0, 10.0, model)) == 0
    assert float(shape(10.0, 10.0, model)) == pytest.approx(1, abs=0.05)


def test_the_sample_variogram_holds_each_near_pair_once() -> None:
    x, y, r = stations(11)
    lag, half, pairs = sample_variogram(x, y, r.sum(axis=1))
    apart = distances(x, y)[np.triu_indices(15, 1)]
    assert pairs.sum() == (apart <= apart.max() / 2).sum()
    assert (np.diff(lag) > 0).all()
    assert (half >= 0).all()


def test_noise_without_structure_still_has_a_variogram() -> None:
    x, y, _ = stations(12)
    fitted = fit_variogram(x, y, np.where(np.arange(15) % 2, 1.0, -1.0))
    assert fitted.sill > 0


@given(seed=st.integers(0, 1000), power=st.sampled_from([1.0, 2.0, 3.0]))
@settings(max_examples=20, deadline=None)
def test_distance_weights_are_the_formula(seed: int, power: float) -> None:
    x, y, r = stations(seed, 4)
    place = np.array([x.mean() + 17.0, y.mean() - 31.0])
    apart = np.hypot(x - place[0], y - place[1])
    assume(apart.min() > 1)
    weight = apart**-power
    expected = (weight[:, None] * r).sum(axis=0) / weight.sum()
    got = prepare_interpolation(x, y, r, "idw", power=power).at(*place)[:, 0]
    assert np.allclose(got, expected)


def test_kriging_solves_the_ordinary_kriging_system() -> None:
    x, y, r = stations(13)
    ready: Interpolation = prepare_interpolation(x, y, r)
    assert ready.variogram is not None
    n = x.size
    system = np.ones((n + 1, n + 1))
    system[:n, :n], system[n, n] = ready.variogram(distances(x, y)), 0
    place = np.array([x.mean(), y.mean()])
    right = np.append(ready.variogram(np.hypot(x - place[0], y - place[1])), 1.0)
    weights = np.linalg.solve(system, right)[:n]
    assert weights.sum() == pytest.approx(1)
    assert np.allclose(ready.at(*place)[:, 0], weights @ r)


def test_smooth_rain_is_told_from_neighbours_better_than_from_the_mean() -> None:
    x, y, r = stations(14, 60)
    annual = r.sum(axis=1)
    kriged = leave_one_out(x, y, r)
    assert np.array_equal(kriged.observed, annual)
    assert kriged.rmse < 0.7 * annual.std()
    assert abs(kriged.bias) < 0.2 * annual.std()
    assert leave_one_out(x, y, r, "idw").rmse < annual.std()
