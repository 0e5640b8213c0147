"""The one pass over a tile says what the public functions say one after the other, and counts what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, ground, seeds

from shuibao.erosion.cover import LandCover
from shuibao.erosion.flow_paths import flow_paths
from shuibao.erosion.intensity import classify_intensity, intensity_breaks
from shuibao.erosion.soil_loss import per_square_kilometre, soil_loss
from shuibao.erosion.topography import Topography, flow_tables, topographic_factor
from shuibao.rules import load_rules
from shuibao.survey import _kernels
from shuibao.terrain import _kernels as terrain_kernels
from shuibao.terrain import slope

RULES = load_rules(["national"])
TOPOGRAPHY = Topography.from_rules(RULES)
LAND_COVER = LandCover.from_rules(RULES)
LOSS_EDGES = intensity_breaks(RULES, "northwest_loess")
SLOPE_EDGES = np.radians(RULES.value("slope_class.breaks"))
COVER_EDGES = np.array(RULES.value("cover_class.breaks"))
CELL, HALO, SHAPE, COARSE = 30.0, TOPOGRAPHY.reach(30.0), (24, 32), 8
SLOPES, COVERS = SLOPE_EDGES.size + 2, COVER_EDGES.size + 2
KEYS = 32 * SLOPES * COVERS * 7
LARGE, UNDECIDED = 1, 2


@dataclass
class Pass:
    """A piece of land, what the fused pass found on it, and what it was given."""

    elevation: NDArray[Any]
    erosivity: NDArray[Any]
    erodibility: NDArray[Any]
    b: NDArray[Any]
    cover: NDArray[Any]
    land: NDArray[Any]
    measure_e: NDArray[Any]
    tillage_t: NDArray[Any]
    county: NDArray[Any]
    standing: NDArray[Any]
    ls: NDArray[Any]
    loss: NDArray[Any]
    grade: NDArray[Any]
    cells: NDArray[Any]
    grams: NDArray[Any]
    listed: list[NDArray[Any]]


def single(table: NDArray[Any]) -> NDArray[np.float32]:
    return table.astype(np.float32)


def passed_over(seed: int) -> Pass:
    """Return what the fused pass finds on a random piece of land."""
    random = np.random.default_rng(seed)
    z = ground(random, (SHAPE[0] + 2 * HALO, SHAPE[1] + 2 * HALO), holes=0.005).astype(np.float32)
    tables = flow_tables(TOPOGRAPHY, CELL)
    receiver, paths = flow_paths(z, tables)
    tangent = np.empty_like(z)
    terrain_kernels.gradient(z, CELL, tangent)

    erosivity = random.uniform(500.0, 3000.0, SHAPE).astype(np.float32)
    erodibility = random.uniform(0.01, 0.06, SHAPE).astype(np.float32)
    erodibility[random.random(SHAPE) < 0.02] = np.nan
    vegetation = random.uniform(0.0, 1.0, (4, SHAPE[0] // COARSE, SHAPE[1] // COARSE)).astype(np.float32)
    vegetation[:, 1, 1] = np.nan
    rows, cols = (np.arange(n) // COARSE for n in SHAPE)
    land = random.choice(np.array([0, 1, 3, 4, 6, 7, 9, 10, 12, 14, 15], dtype=np.uint8), SHAPE)
    measure, tillage = (random.integers(0, 3, SHAPE, dtype=np.uint8) for _ in range(2))
    county = random.integers(0, 3, SHAPE, dtype=np.uint8)
    factors_e, factors_t = np.array([1.0, 0.084, 0.414]), np.array([1.0, 0.42, 0.33])
    labels = random.integers(0, 4, SHAPE, dtype=np.int32)
    standing = np.array([0, LARGE, UNDECIDED, UNDECIDED], dtype=np.uint8)

    ls, loss = (np.empty(SHAPE, dtype=np.float32) for _ in range(2))
    grade = np.empty(SHAPE, dtype=np.uint8)
    unit = np.where(county > 0, county * 32 + land, 0).astype(np.int32)
    cells, grams = (np.zeros((2, 3 * KEYS), dtype=np.int64) for _ in range(2))
    listed = [np.zeros(land.size, dtype=np.int64) for _ in range(3)]
    number = _kernels.land_pass(
        HALO, tangent, receiver, paths, *map(single, tables.branches),
        erosivity, erodibility, vegetation, rows, cols, land, measure, tillage, unit,
        LAND_COVER.kind, single(LAND_COVER.fixed), single(factors_e), single(factors_t),
        single(np.tan(SLOPE_EDGES)), single(COVER_EDGES), single(LOSS_EDGES), CELL**2,
        labels, standing, ls, loss, grade, cells, grams, *listed,
    )  # fmt: skip
    on_cells = vegetation[:, rows[:, np.newaxis], cols[np.newaxis]]
    kind = LAND_COVER.kind[land]
    grown = np.choose(np.clip(kind - 2.0, 0, 2).astype(int), on_cells[:3])
    b = np.where((kind >= 2) & (kind <= 4), grown, LAND_COVER.fixed[land])
    tilled = np.where(kind == 1, factors_t[tillage], 1.0)
    return Pass(
        z, erosivity, erodibility, b, on_cells[3], land, factors_e[measure], tilled, county, standing[labels],
        ls, loss, grade, cells, grams, [each[:number] for each in listed],
    )  # fmt: skip


def inner(values: NDArray[Any]) -> NDArray[Any]:
    return values[HALO:-HALO, HALO:-HALO]


@settings(max_examples=min(EXAMPLES, 30))
@given(seed=seeds)
def test_ls_is_that_of_the_public_function(seed: int) -> None:
    found = passed_over(seed)
    expected = inner(topographic_factor(found.elevation, CELL, TOPOGRAPHY))
    expected = np.where(found.county > 0, expected, np.nan)
    theta = inner(slope(found.elevation, CELL)).astype(float)
    edges = np.concatenate([TOPOGRAPHY.s_limits, TOPOGRAPHY.m_limits])
    away = (np.abs(theta[..., np.newaxis] - edges) > 1e-5).all(axis=-1)
    np.testing.assert_array_equal(np.isnan(found.ls), np.isnan(expected))
    np.testing.assert_allclose(found.ls[away], expected[away], rtol=2e-6)


@settings(max_examples=min(EXAMPLES, 30))
@given(seed=seeds)
def test_soil_loss_is_the_product_of_the_factors_and_nothing_where_nothing_can_erode(seed: int) -> None:
    found = passed_over(seed)
    bet = found.b * found.measure_e * found.tillage_t
    product = per_square_kilometre(
        soil_loss(found.erosivity, found.erodibility, found.ls, 1.0, found.b, found.measure_e, found.tillage_t)
    )
    expected = np.where(found.county == 0, np.nan, np.where(bet == 0.0, 0.0, product))
    np.testing.assert_array_equal(np.isnan(found.loss), np.isnan(expected))
    np.testing.assert_allclose(found.loss, expected, rtol=2e-6)


@settings(max_examples=min(EXAMPLES, 30))
@given(seed=seeds)
def test_a_cell_s_class_is_that_of_its_soil_loss(seed: int) -> None:
    found = passed_over(seed)
    np.testing.assert_array_equal(found.grade, classify_intensity(found.loss, LOSS_EDGES))


def combinations(found: Pass) -> NDArray[np.int64]:
    """Return the key of each cell, from the public functions, and -1 outside the counties."""
    theta = inner(slope(found.elevation, CELL)).astype(float)
    steep = np.where(np.isnan(theta), 0, 1 + np.searchsorted(SLOPE_EDGES, theta, side="right"))
    dense = np.where(np.isnan(found.cover), 0, 1 + np.searchsorted(COVER_EDGES, found.cover, side="right"))
    key = ((found.county.astype(np.int64) * 32 + found.land) * SLOPES + steep) * COVERS + dense
    return np.where(found.county > 0, key * 7 + found.grade, -1)


@settings(max_examples=min(EXAMPLES, 30))
@given(seed=seeds)
def test_every_cell_of_a_county_is_counted_once_under_its_own_combination(seed: int) -> None:
    found = passed_over(seed)
    key = combinations(found)
    grams = np.where(found.grade > 0, np.rint(np.nan_to_num(found.loss.astype(float)) * CELL**2), 0).astype(np.int64)
    for zone in (0, LARGE):
        here = (found.standing == zone) & (key >= 0)
        np.testing.assert_array_equal(found.cells[zone], np.bincount(key[here], minlength=3 * KEYS))
        for each in np.unique(key[here]):
            assert found.grams[zone, each] == grams[here & (key == each)].sum()
    _, listed_keys, listed_grams = found.listed
    here = (found.standing == UNDECIDED) & (key >= 0)
    assert sorted(zip(listed_keys, listed_grams, strict=True)) == sorted(zip(key[here], grams[here], strict=True))
    assert found.cells.sum() + listed_keys.size == (found.county > 0).sum()


def test_the_arctangent_is_right_to_3e_7() -> None:
    x = np.concatenate([[0.0], np.geomspace(1e-12, 1e9, 200_000), np.linspace(0.0, 6.0, 200_000)]).astype(np.float32)
    out = np.empty((1, x.size), dtype=np.float32)
    _kernels.arctangents(x[np.newaxis], out)
    assert np.abs(out[0] - np.arctan(x.astype(np.float64))).max() <= 3e-7
    assert out[0, 0] == 0.0


@pytest.mark.parametrize("x, angle", [(np.nan, np.nan), (np.inf, np.pi / 2)])
def test_the_arctangent_of_what_is_missing_is_missing(x: float, angle: float) -> None:
    out = np.empty((1, 1), dtype=np.float32)
    _kernels.arctangents(np.array([[x]], dtype=np.float32), out)
    assert out[0, 0] == pytest.approx(angle, rel=1e-6, nan_ok=True)


@given(st.lists(st.floats(-1.0, 9.0) | st.just(float("nan")), max_size=20), st.lists(st.floats(0.0, 8.0), max_size=6))
def test_the_class_of_a_value_is_how_many_edges_it_reaches(values: list[float], edges: list[float]) -> None:
    found = np.empty(len(values), dtype=np.uint8)
    _kernels.count_reached(np.array(values), np.array(sorted(edges)), np.uint8(1), found)
    expected = [0 if v != v else 1 + sum(v >= edge for edge in edges) for v in values]
    assert found.tolist() == expected
