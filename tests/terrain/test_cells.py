"""Masked cells are missing, and what is no elevation or no side of a cell is refused in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from shuibao.ground import Grid
from shuibao.messages import CallError, ShuibaoError
from shuibao.terrain import (
    aspect,
    breach_depressions,
    burn_streams,
    condition,
    dinf_direction,
    fill_depressions,
    flow_direction,
    route,
    slope,
)
from shuibao.terrain.cells import heights_of
from shuibao.terrain.tiling import Tiling

HILLS = np.array([[row * row + 3 * col % 7 for col in range(9)] for row in range(8)])
MASK = np.zeros(HILLS.shape, dtype=bool)
MASK[2, 3] = MASK[5, 6] = MASK[6, 1] = True


def burnt(ground: Any) -> Any:
    river = shapely.LineString([(0.0, -45.0), (270.0, -45.0)])
    return burn_streams(ground, [river], Grid(30.0, 0, 0, 8, 9), depth=5.0)


def filled(ground: Any) -> Any:
    """Fill before routing, but keep the mask."""
    level = fill_depressions(np.where(MASK, np.nan, HILLS))
    return np.ma.masked_array(np.nan_to_num(level, nan=-9999.0), MASK) if np.ma.isMaskedArray(ground) else level


CALLS: dict[str, Callable[[Any], Any]] = {
    "fill": fill_depressions,
    "route": lambda ground: route(filled(ground), 30.0),
    "slope": lambda ground: slope(ground, 30.0),
    "aspect": lambda ground: aspect(ground, 30.0),
    "flow_direction": lambda ground: flow_direction(ground, 30.0)[1],
    "condition": lambda ground: condition(ground, 30.0, method="fill"),
    "breach": lambda ground: breach_depressions(ground, 30.0, max_length_cells=3, max_depth=9.0).elevation,
    "burn": burnt,
    "dinf": lambda ground: dinf_direction(ground, 30.0)[0],
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", [np.int16, np.float32, np.float64])
def test_masked_cells_are_missing_cells(name: str, kind: Any) -> None:
    masked = np.ma.masked_array(np.where(MASK, -9999, HILLS).astype(kind), MASK)
    plain = np.where(MASK, np.nan, HILLS).astype(np.float32 if kind is np.float32 else np.float64)
    got = CALLS[name](masked)
    assert not np.ma.isMaskedArray(got)
    np.testing.assert_array_equal(got, CALLS[name](plain))


def test_a_masked_array_is_left_as_it_was() -> None:
    masked = np.ma.masked_array(HILLS.astype(np.float32), MASK)
    heights_of(masked)
    assert np.array_equal(masked.data, HILLS.astype(np.float32))
    assert np.array_equal(masked.mask, MASK)


@pytest.mark.parametrize("ground", [HILLS.astype(str), HILLS + 1j, HILLS.astype(object)])
@pytest.mark.parametrize("name", ["fill", "slope", "breach", "dinf"])
def test_elevations_that_are_no_real_numbers_are_refused(name: str, ground: Any) -> None:
    with pytest.raises(ShuibaoError, match="高程应为实数数组"):
        CALLS[name](ground)


@pytest.mark.parametrize("size", ["30", None, (30,), (30, 30, 30), (30, None), 0, -1.0, np.nan, np.inf, True])
def test_a_cell_size_that_is_no_length_nor_pair_is_refused(size: Any) -> None:
    level = np.zeros((3, 3))
    for call in (
        lambda: route(level, size),
        lambda: dinf_direction(level, size),
        lambda: breach_depressions(level, size, max_length_cells=2, max_depth=1.0),
        lambda: slope(level, size),
        lambda: aspect(level, size),
        lambda: flow_direction(level, size),
    ):
        with pytest.raises(ShuibaoError, match="像元边长应为.*经纬度栅格请先投影"):
            call()


def test_square_cells_are_asked_for_one_side() -> None:
    with pytest.raises(ShuibaoError, match="方形像元"):
        slope(np.zeros((3, 3)), (30, 40))  # type: ignore[arg-type]


def test_sides_may_be_of_any_real_kind() -> None:
    steps = np.add.outer(np.arange(4.0), np.arange(4.0))
    sizes: list[Any] = [30, np.float32(30), np.int16(30), (30, 30.0), np.array([30, 30])]
    for size in sizes:
        assert np.array_equal(route(steps, size), route(steps, 30.0))


def test_the_hybrid_is_refused_limits_without_spare() -> None:
    limits: Any = {"max_length_cells": 3, "max_depth": 9.0}
    with pytest.raises(CallError, match="spare"):
        condition(HILLS, 30.0, method="hybrid", limits=limits)


@pytest.mark.parametrize("size", [0, -4])
def test_tiles_have_at_least_one_cell(size: int) -> None:
    with pytest.raises(CallError, match="分幅边长至少 1 个像元"):
        Tiling(4, 4, size)
    with pytest.raises(CallError, match="分幅边长至少 1 个像元"):
        fill_depressions(HILLS, tile=size)


def test_messages_count_rows_and_columns_from_nought_and_say_so() -> None:
    ground = HILLS.astype(float)
    ground[2, 5] = np.inf
    with pytest.raises(ShuibaoError, match="第 2 行第 5 列（自 0 起）") as refusal:
        fill_depressions(ground)
    assert "row 2, column 5 (from 0)" in refusal.value.en
    pit = np.full((3, 4), 5.0)
    pit[1, 2] = 1.0
    with pytest.raises(ShuibaoError, match="第 1 行第 2 列，自 0 起") as left:
        route(pit, 30.0)
    assert "row 1, column 2, from 0" in left.value.en
