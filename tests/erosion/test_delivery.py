"""Sediment delivery beside a slow reckoning cell by cell, its limits and its laws."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, ground, seeds

from shuibao.erosion import (
    ConnectivityLimits,
    DeliveryCurve,
    delivery_ratio,
    flow_gradient,
    index_of_connectivity,
    sediment_delivery,
)
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage

RULES = load_rules(["national"])
CURVE = DeliveryCurve.from_rules(RULES)
LIMITS = CURVE.limits
FEW = min(EXAMPLES, 30)


@dataclass(frozen=True)
class Land:
    """A small piece of land, its water and its soil."""

    z: NDArray[Any]
    drainage: Drainage
    weight: NDArray[np.float64]
    loss: NDArray[np.float64]
    channels: NDArray[np.bool_]

    @property
    def delivered(self) -> Any:
        return sediment_delivery(self.z, self.drainage, self.weight, self.loss, self.channels, CURVE)


@st.composite
def lands(draw: st.DrawFn, *, holes: bool = True, missing: bool = False) -> Land:
    """Draw filled ground with its water, some channels, and cover and soil loss at random."""
    random = np.random.default_rng(draw(seeds))
    shape = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    share = draw(st.sampled_from([0.0, 0.1])) if holes else 0.0
    z = fill_depressions(ground(random, shape, holes=share))
    cell = draw(st.sampled_from([10.0, 30.0, (20.0, 30.0)]))
    weight = random.choice([0.0, 0.0005, 0.003, 0.1, 0.4, 1.0], shape)
    loss = random.gamma(1.0, 2000.0, shape)
    if missing:
        weight[random.random(shape) < 0.08] = np.nan
        loss[random.random(shape) < 0.08] = np.nan
    channels = random.random(shape) < draw(st.sampled_from([0.0, 0.1, 0.4]))
    return Land(z, Drainage.from_directions(route(z, cell), cell), weight, loss, channels)


def slow_index(land: Land, gradient: NDArray[Any], limits: ConnectivityLimits) -> NDArray[np.float64]:
    """Return the index of connectivity by walking from each cell, in plain Python."""
    d, cols = land.drainage, land.drainage.shape[1]
    width, height = d.cell_width, d.cell_height
    receiver = d.receiver.tolist()
    channel = [bool(c) for c in land.channels.ravel()]
    s = [min(max(v, limits.least_slope), limits.greatest_slope) if v == v else v for v in gradient.ravel().tolist()]
    w = [max(v, limits.least_weight) if v == v else v for v in land.weight.ravel().tolist()]

    def step(cell: int) -> float:
        there = receiver[cell]
        return math.hypot((there % cols - cell % cols) * width, (there // cols - cell // cols) * height)

    def way(cell: int) -> list[int]:
        cells = [cell]
        while receiver[cells[-1]] != cells[-1]:
            cells.append(receiver[cells[-1]])
        return cells

    ways = {cell: way(cell) for cell in range(len(receiver)) if receiver[cell] >= 0}
    out = np.full(len(receiver), math.nan)
    for cell, down in ways.items():
        ends = [channel[c] for c in down]
        if True not in ends or channel[cell]:
            continue
        path = down[: ends.index(True)]
        above = [c for c, cells in ways.items() if cell in cells]
        mean_w, mean_s = sum(w[c] for c in above) / len(above), sum(s[c] for c in above) / len(above)
        up = mean_w * mean_s * math.sqrt(len(above) * width * height)
        out[cell] = math.log10(up / sum(step(c) / (w[c] * s[c]) for c in path))
    return out.reshape(d.shape)


@settings(max_examples=FEW)
@given(land=lands(missing=True))
def test_the_index_is_that_found_by_walking_from_each_cell(land: Land) -> None:
    gradient = flow_gradient(land.drainage, land.z)
    found = index_of_connectivity(land.drainage, gradient, land.weight, land.channels, LIMITS)
    np.testing.assert_allclose(found, slow_index(land, gradient, LIMITS), rtol=1e-9)


@settings(max_examples=FEW)
@given(land=lands())
def test_the_gradient_is_fall_over_length_and_never_below_0(land: Land) -> None:
    d, cols = land.drainage, land.drainage.shape[1]
    found, z = flow_gradient(d, land.z).ravel(), land.z.ravel()
    for cell, there in enumerate(d.receiver.tolist()):
        if there < 0 or there == cell:
            assert np.isnan(found[cell]) if there < 0 else found[cell] == 0.0
            continue
        run = math.hypot((there % cols - cell % cols) * d.cell_width, (there // cols - cell // cols) * d.cell_height)
        assert found[cell] == pytest.approx((z[cell] - z[there]) / run, rel=1e-6)
        assert found[cell] >= 0.0


@settings(max_examples=FEW)
@given(land=lands(missing=True))
def test_what_reaches_the_outlets_is_what_leaves_the_cells(land: Land) -> None:
    found, area = land.delivered, land.drainage.cell_area / 1e6
    assert found.exported.sum() == pytest.approx(np.nansum(found.export) * area, abs=1e-6 * found.export.size)
    known = ~np.isnan(found.export)
    assert found.lost.sum() == pytest.approx(land.loss[known].sum() * area, abs=1e-6 * found.export.size)
    inside = land.channels & (land.drainage.direction != 0)
    assert found.lost_in_channels.sum() == pytest.approx(np.nansum(land.loss[inside]) * area, abs=1e-4)
    assert found.without.sum() == ((land.drainage.direction != 0) & ~inside & ~known).sum()


@settings(max_examples=FEW)
@given(land=lands())
def test_no_more_arrives_than_the_greatest_share_of_what_is_lost(land: Land) -> None:
    found = land.delivered
    assert (found.exported <= CURVE.greatest * found.lost + 1e-5 * found.export.size).all()
    known = found.ratio[~np.isnan(found.ratio)]
    assert ((known >= 0.0) & (known <= CURVE.greatest)).all()
    np.testing.assert_array_equal(np.isnan(found.ratio), np.isnan(found.index))


@settings(max_examples=FEW)
@given(land=lands(), seed=seeds)
def test_better_cover_anywhere_never_brings_more_to_the_channel(land: Land, seed: int) -> None:
    covered = np.random.default_rng(seed).choice([0.1, 1.0], land.z.shape)
    better = replace(land, weight=land.weight * covered).delivered
    assert not (better.ratio > land.delivered.ratio * (1 + 1e-9)).any()


@settings(max_examples=FEW)
@given(land=lands(), seed=seeds)
def test_more_channels_never_lower_the_ratio_of_a_slope(land: Land, seed: int) -> None:
    more = land.channels | (np.random.default_rng(seed).random(land.z.shape) < 0.2)
    slope = ~more & ~np.isnan(land.delivered.ratio)
    nearer = replace(land, channels=more).delivered
    assert (nearer.ratio[slope] >= land.delivered.ratio[slope] * (1 - 1e-9)).all()


@settings(max_examples=FEW)
@given(land=lands(missing=True))
def test_channels_and_land_that_meets_none_have_no_ratio_and_give_nothing(land: Land) -> None:
    found = land.delivered
    assert np.isnan(found.ratio[land.channels]).all()
    none = replace(land, channels=np.zeros(land.z.shape, dtype=np.bool_)).delivered
    assert np.isnan(none.ratio).all()
    assert not none.exported.any()
    assert np.isnan(none.mean_ratio).all()


@given(low=st.floats(-20, 20), high=st.floats(-20, 20), k=st.floats(0.2, 5.0), greatest=st.floats(0.0, 1.0))
def test_better_joined_delivers_more(low: float, high: float, k: float, greatest: float) -> None:
    less, more = delivery_ratio(sorted([low, high]), 0.5, k, greatest)
    assert 0.0 <= less <= more <= greatest


def test_the_curve_passes_its_known_points() -> None:
    at, far, near = delivery_ratio([0.5, -1e4, 1e4], 0.5, 2.0, 0.8)
    assert (float(at), float(far), float(near)) == (0.4, 0.0, 0.8)
    one_k = float(delivery_ratio(2.5, 0.5, 2.0, 0.8))
    assert one_k == pytest.approx(0.8 / (1 + math.exp(-1)))
    assert np.isnan(delivery_ratio(math.nan, 0.5, 2.0, 0.8))


def test_a_hillside_of_one_cover_is_as_reckoned_by_hand() -> None:
    drainage = Drainage.from_directions(np.array([[1, 1, 1, 9]], dtype=np.uint8), 30.0)
    z = np.array([[9.0, 6.0, 3.0, 0.0]])
    weight, channels = np.full((1, 4), 0.1), np.array([[False, False, False, True]])
    found = sediment_delivery(z, drainage, weight, np.full((1, 4), 1000.0), channels, CURVE)
    up = [0.1 * 0.1 * math.sqrt(900.0 * n) for n in (1, 2, 3)]
    down = [30.0 * n / (0.1 * 0.1) for n in (3, 2, 1)]
    index = [math.log10(u / d) for u, d in zip(up, down, strict=True)]
    np.testing.assert_allclose(found.index[0, :3], index, rtol=1e-12)
    ratio = [0.8 / (1 + math.exp((0.5 - ic) / 2)) for ic in index]
    np.testing.assert_allclose(found.export[0, :3], [1000 * r for r in ratio], rtol=1e-12)
    assert float(found.exported[0]) == pytest.approx(sum(0.9 * r for r in ratio), abs=2e-6)
    assert (float(found.lost[0]), float(found.lost_in_channels[0])) == (2.7, 0.9)


def test_gradients_and_weights_are_kept_within_their_limits() -> None:
    drainage = Drainage.from_directions(np.array([[1, 9]], dtype=np.uint8), 10.0)
    channels = np.array([[False, True]])

    def index(gradient: float, weight: float) -> float:
        pair = np.full((1, 2), gradient), np.full((1, 2), weight)
        return float(index_of_connectivity(drainage, *pair, channels, LIMITS)[0, 0])

    assert index(0.0, 0.0) == index(0.005, 0.001)
    assert index(7.0, 1.0) == index(1.0, 1.0)
    assert index(0.5, 1.0) < index(1.0, 1.0)


def test_the_share_of_fine_soil_can_take_the_place_of_the_greatest_ratio() -> None:
    drainage = Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 30.0)
    z, one = np.array([[2.0, 1.0, 0.0]]), np.ones((1, 3))
    channels = np.array([[False, False, True]])
    full = sediment_delivery(z, drainage, one, 1e3 * one, channels, CURVE, greatest=1.0)
    fine = sediment_delivery(z, drainage, one, 1e3 * one, channels, CURVE, greatest=np.array([[0.5, 0.25, 1.0]]))
    np.testing.assert_allclose(fine.export[0, :2], full.export[0, :2] * [0.5, 0.25])


def test_another_gradient_can_take_the_place_of_that_along_the_water() -> None:
    drainage = Drainage.from_directions(np.array([[1, 1, 9]], dtype=np.uint8), 30.0)
    z, one, channels = np.array([[2.0, 1.0, 0.0]]), np.ones((1, 3)), np.array([[False, False, True]])
    own = sediment_delivery(z, drainage, one, one, channels, CURVE)
    same = sediment_delivery(z, drainage, one, one, channels, CURVE, gradient=flow_gradient(drainage, z))
    steeper = sediment_delivery(z, drainage, one, one, channels, CURVE, gradient=np.full((1, 3), 0.5))
    np.testing.assert_array_equal(same.export, own.export)
    assert (steeper.ratio[0, :2] > own.ratio[0, :2]).all()


def test_sediment_can_be_asked_for_at_any_cell() -> None:
    drainage = Drainage.from_directions(np.array([[1, 1, 9, 9]], dtype=np.uint8), 30.0)
    z, one = np.array([[2.0, 1.0, 0.0, 5.0]]), np.ones((1, 4))
    channels = np.array([[False, True, True, False]])
    found = sediment_delivery(z, drainage, one, one, channels, CURVE, outlets=np.array([1, 2]))
    assert found.exported[0] == found.exported[1] > 0.0
    assert found.without.tolist() == [0, 0]
    everywhere = sediment_delivery(z, drainage, one, one, channels, CURVE)
    assert everywhere.outlet.tolist() == [2, 3]
    assert everywhere.without.tolist() == [0, 1]  # the last cell meets no channel


def test_what_cannot_be_is_refused_with_what_to_do() -> None:
    drainage = Drainage.from_directions(np.array([[1, 9]], dtype=np.uint8), 30.0)
    z, one, channels = np.array([[1.0, 0.0]]), np.ones((1, 2)), np.array([[False, True]])
    for wrong, words in [
        ({"weight": 40 * one}, "百分数请除以 100"),
        ({"soil_loss": -one}, "不应为负"),
        ({"weight": np.ones((2, 2))}, "同一格网"),
        ({"elevation": np.ones((3, 2))}, "高程应为"),
        ({"channels": np.ones((1, 3), dtype=bool)}, "掩膜"),
        ({"outlets": np.array([5])}, "snap_outlets"),
        ({"greatest": 80.0}, "输移比上限"),
    ]:
        given_ = {"elevation": z, "weight": one, "soil_loss": one, "channels": channels} | wrong
        with pytest.raises(ShuibaoError, match=words):
            sediment_delivery(drainage=drainage, curve=CURVE, **given_)
    with pytest.raises(CallError, match=r"delivery\.k"):
        delivery_ratio(0.0, 0.5, 0.0, 0.8)
    with pytest.raises(CallError, match=r"delivery\.slope_range"):
        replace(LIMITS, least_slope=0.0)
