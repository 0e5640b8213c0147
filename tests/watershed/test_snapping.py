"""Snapping: outlets come to the nearest channel, or down to the first, and never silently farther than allowed."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.watershed.terrains import EXAMPLES, drainages, seeds, way

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import Drainage, basins, contributing_area, length_to, snap_outlets

CHANNEL = np.array([[False, False, True, True, False]])


@cache
def line() -> Drainage:
    """Return cells in a line."""
    return Drainage.from_directions(np.array([[1, 1, 1, 9, 0]], dtype=np.uint8), 30.0)


@given(drainages(), seeds, st.integers(1, 8))
@settings(max_examples=EXAMPLES)
def test_straight_snapping_finds_the_nearest_channel_cell(drainage: Drainage, seed: int, threshold: int) -> None:
    area = contributing_area(drainage)
    channel = [divmod(int(cell), drainage.shape[1]) for cell in np.flatnonzero(area >= threshold)]
    if not channel:
        return
    start = tuple(np.random.default_rng(seed).integers(0, drainage.shape).tolist())

    def rank(cell: tuple[int, int]) -> tuple[float, int, tuple[int, int]]:
        down, right = (cell[0] - start[0]) * drainage.cell_height, (cell[1] - start[1]) * drainage.cell_width
        return down**2 + right**2, -int(area[cell]), cell

    nearest = min(channel, key=rank)
    distance = math.sqrt(rank(nearest)[0])
    snapped = snap_outlets(drainage, [start], threshold, distance)
    assert divmod(int(snapped.cell[0]), drainage.shape[1]) == nearest
    assert snapped.distance.tolist() == [distance]
    assert snapped.cells.tolist() == [area[nearest]]
    if distance > 0:
        with pytest.raises(ShuibaoError, match=rf"离河道 {distance:.1f} m，超过允许"):
            snap_outlets(drainage, [start], threshold, distance * 0.999)


@given(drainages(), seeds, st.integers(1, 8))
@settings(max_examples=EXAMPLES)
def test_snapping_along_the_flow_finds_the_first_channel_cell_downstream(
    drainage: Drainage, seed: int, threshold: int
) -> None:
    cells = np.flatnonzero(drainage.direction)
    if cells.size == 0:
        return
    start = int(np.random.default_rng(seed).choice(cells))
    channel = contributing_area(drainage) >= threshold
    cols = drainage.shape[1]
    met = [r * cols + c for r, c in way(drainage.direction, divmod(start, cols)) if channel[r, c]]
    if not met:
        with pytest.raises(ShuibaoError, match="离开陆地"):
            snap_outlets(drainage, [start], threshold, math.inf, along="flow")
        return
    snapped = snap_outlets(drainage, [start], channel, math.inf, along="flow")
    assert snapped.cell.tolist() == met[:1]
    assert snapped.distance.tolist() == [length_to(drainage, channel).flat[start]]


@given(drainages(), seeds)
@settings(max_examples=EXAMPLES)
def test_what_lies_on_the_channel_stays(drainage: Drainage, seed: int) -> None:
    cells = np.random.default_rng(seed).permutation(np.flatnonzero(drainage.direction))[:5]
    channel = np.zeros(drainage.shape, dtype=bool)
    channel.flat[cells] = True
    for along in ("straight", "flow"):
        snapped = snap_outlets(drainage, cells, channel, 0.0, along=along)
        assert snapped.cell.tolist() == cells.tolist()
        assert not snapped.distance.any()
        assert (basins(drainage, snapped.cell) > 0).sum() == contributing_area(drainage).flat[
            [cell for cell in cells if not set(way_below(drainage, cell)) & set(cells.tolist())]
        ].sum()


def way_below(drainage: Drainage, cell: int) -> list[int]:
    """Return the flat cells below a cell."""
    cols = drainage.shape[1]
    return [r * cols + c for r, c in way(drainage.direction, divmod(int(cell), cols))[1:]]


def test_of_cells_equally_near_the_one_with_more_land_above_it_is_taken_then_the_first() -> None:
    drainage = Drainage.from_directions(np.array([[9, 5, 9, 5, 5], [9, 9, 9, 9, 9]], dtype=np.uint8), 30.0)
    larger = np.array([[True, False, True, False, False], [False] * 5])
    assert snap_outlets(drainage, [1], larger, 30.0).cell.tolist() == [2]
    equal = np.array([[False] * 5, [True, False, True, False, False]])
    assert snap_outlets(drainage, [(1, 1)], equal, 30.0).cell.tolist() == [5]


def test_points_are_given_in_the_coordinates_of_the_map() -> None:
    transform = Affine(30.0, 0.0, 500_000.0, 0.0, -30.0, 4_000_000.0)
    points = [(500_001.0, 3_999_999.0), (500_089.9, 3_999_970.1)]
    snapped = snap_outlets(line(), points, CHANNEL, 60.0, transform=transform)
    assert snapped.cell.tolist() == [2, 2]
    assert snapped.distance.tolist() == [60.0, 0.0]
    for x, y in [(499_999.0, 3_999_999.0), (500_150.0, 3_999_999.0), (500_001.0, 4_000_000.1), (math.nan, 0.0)]:
        with pytest.raises(ShuibaoError, match=r"第 1 个出口（x=.*在栅格之外；栅格范围为 x 500000.0–500150.0"):
            snap_outlets(line(), [(x, y)], CHANNEL, 60.0, transform=transform)


def test_a_point_on_water_that_is_missing_comes_to_the_channel_straight_but_not_with_the_flow() -> None:
    assert snap_outlets(line(), [4], CHANNEL, 30.0).cell.tolist() == [3]
    with pytest.raises(ShuibaoError, match="该像元缺失"):
        snap_outlets(line(), [4], CHANNEL, 30.0, along="flow")


def test_channel_cells_outside_the_land_are_no_channel() -> None:
    assert snap_outlets(line(), [4], np.array([[True, False, False, False, True]]), 150.0).cell.tolist() == [0]


def test_no_outlets_none_moved() -> None:
    snapped = snap_outlets(line(), [], CHANNEL, 30.0)
    assert (snapped.cell.size, snapped.distance.size, snapped.cells.size) == (0, 0, 0)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"outlets": [1, 0]}, "第 2 个出口（第 0 行第 0 列（自 0 起））离河道 60.0 m，超过允许的 30.0 m"),
        ({"outlets": [1, 0], "along": "flow"}, "离河道 60.0 m，超过允许的 30.0 m"),
        ({"channels": 5}, "没有河道像元"),
        ({"channels": 5, "along": "flow"}, "的水流 90.0 m 后离开陆地"),
        ({"outlets": [7]}, "在栅格之外"),
        ({"max_distance": -1.0}, "应不小于 0 m"),
        ({"max_distance": math.nan}, "应不小于 0 m"),
        ({"channels": np.ones((2, 2), dtype=bool)}, "掩膜应为"),
        ({"outlets": [(1.0, 2.0, 3.0)], "transform": Affine.identity()}, "k×2"),
    ],
)
def test_what_cannot_be_snapped_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ShuibaoError) as refusal:
        snap_outlets(line(), **({"outlets": [0], "channels": CHANNEL, "max_distance": 30.0} | options))
    assert said in refusal.value.zh


def test_another_way_of_moving_is_a_wrong_call() -> None:
    with pytest.raises(CallError, match="straight"):
        snap_outlets(line(), [0], CHANNEL, 30.0, along="uphill")  # type: ignore[arg-type]
