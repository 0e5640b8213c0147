"""Water over tiles in files is that of the whole grid, bit for bit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.terrains import EXAMPLES, elevations

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Channels, Drainage, Limits, Outlets, contributing_area
from shuibao.watershed import partition as parts
from shuibao.watershed.scratch import Scratch
from shuibao.watershed.tile_passes import Works, units_pass
from shuibao.watershed.tiled import TiledWater, here

CELL = 10.0


@dataclass
class Land:
    """A terrain in memory, read by grid."""

    elevation: NDArray[Any]
    grid: Grid

    def read(self, grid: Grid) -> NDArray[Any]:
        return self.elevation[grid.inside(self.grid)]


@dataclass
class Rasters:
    """Takes tiles and puts them together."""

    grid: Grid
    whole: dict[str, NDArray[Any]] = field(default_factory=dict)

    def take(self, name: str, tile: Grid, cells: NDArray[Any]) -> None:
        self.whole.setdefault(name, np.zeros(self.grid.shape, dtype=cells.dtype))[tile.inside(self.grid)] = cells


def chain(
    z: NDArray[Any], folder: str, size: int, at: tuple[int, int] = (0, 0), each_done: Any = here
) -> tuple[TiledWater, Rasters]:
    grid = Grid(CELL, *at, *z.shape)
    rasters = Rasters(grid)
    return TiledWater(Works(grid, size, Land(z, grid), Scratch(Path(folder)), rasters), each_done), rasters


places = st.tuples(st.integers(-9, 9), st.integers(-9, 9))


@hypothesis_settings(max_examples=EXAMPLES // 2)
@given(elevations(), st.integers(2, 9), places, st.integers(1, 6))
def test_tiles_give_the_whole_grid(z, size, at, threshold):
    filled = fill_depressions(z)
    direction = route(filled, CELL)
    area = contributing_area(Drainage.from_directions(direction, CELL))
    with tempfile.TemporaryDirectory() as folder:
        water, rasters = chain(z, folder, size, at)
        channels, outlets = water.drain(threshold)
    np.testing.assert_array_equal(rasters.whole["dem_filled"], filled)
    np.testing.assert_array_equal(rasters.whole["flow_direction"], direction)
    square_metres = np.where(direction > 0, (area * CELL**2).astype(np.float32), np.float32(np.nan))
    np.testing.assert_array_equal(rasters.whole["contributing_area"], square_metres)
    whole = Channels.from_arrays(direction, area, threshold)
    for name in ("cell", "receiver", "cells", "direction"):
        np.testing.assert_array_equal(getattr(channels, name), getattr(whole, name))
    leaving = Outlets.from_arrays(direction, area)
    np.testing.assert_array_equal(outlets.cell, leaving.cell)
    np.testing.assert_array_equal(outlets.cells, leaving.cells)
    assert outlets.cells.sum() == np.count_nonzero(~np.isnan(z))


@hypothesis_settings(max_examples=EXAMPLES // 2)
@given(elevations(), st.integers(2, 9), places, st.integers(1, 4))
def test_pieces_painted_on_tiles_are_those_of_the_whole_grid(z, size, at, threshold):
    if np.isnan(z).all():
        return
    direction = route(fill_depressions(z), CELL)
    drainage = Drainage.from_directions(direction, CELL)
    limits = Limits(2 * threshold, 3 * threshold, 4 * threshold, 8 * threshold, threshold)
    with tempfile.TemporaryDirectory() as folder:
        water, rasters = chain(z, folder, size, at)
        channels, outlets = water.drain(threshold)
        partition = parts.delineate(channels, outlets, limits)
        cells, touching = water.paint(partition, channels)
        own = np.arange(partition.number + 1, dtype=np.int32)
        for i in range(len(water.works.tiling)):
            units_pass(water.works, i, own)
    label = parts.paint(partition, drainage)
    np.testing.assert_array_equal(rasters.whole["watersheds"], label)
    np.testing.assert_array_equal(cells[1:], parts.count_cells(label, partition.number)[1:])
    np.testing.assert_array_equal(touching, parts.touching(label))


def rough(seed: int, shape: tuple[int, int] = (61, 47)) -> NDArray[np.float32]:
    random = np.random.default_rng(seed)
    z = np.round(random.normal(0, 2, shape)).astype(np.float32)
    z[random.random(shape) < 0.02] = np.nan
    return z


@dataclass
class Dying:
    """Does some tasks and then stops, as a killed run does."""

    left: int

    def __call__(self, task: Callable[[int], Any], items: Sequence[int]) -> Iterator[tuple[int, Any]]:
        for at, item in enumerate(items):
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            yield at, task(item)


def test_a_killed_chain_goes_on_where_it_was(tmp_path):
    z = rough(1)
    one, whole = chain(z, str(tmp_path / "whole"), 16)
    channels, _ = one.drain(5)
    rasters = Rasters(Grid(CELL, 0, 0, *z.shape))
    for _ in range(200):
        again, part = chain(z, str(tmp_path / "killed"), 16, each_done=Dying(7))
        try:
            found, _ = again.drain(5)
        except KeyboardInterrupt:
            found = None
        for name, cells in part.whole.items():
            rasters.whole.setdefault(name, np.zeros_like(cells))
            given_now = cells != 0
            rasters.whole[name][given_now] = cells[given_now]
        if found is not None:
            break
    assert found is not None
    np.testing.assert_array_equal(found.cell, channels.cell)
    for name in ("dem_filled", "flow_direction", "contributing_area"):
        np.testing.assert_array_equal(rasters.whole[name], whole.whole[name])


def test_one_task_lost_a_tile_is_made_again(tmp_path):
    z = rough(2)
    water, _ = chain(z, str(tmp_path), 16)
    channels, _ = water.drain(3)
    (tmp_path / "channels-4.npz").unlink()
    again, _ = chain(z, str(tmp_path), 16)
    np.testing.assert_array_equal(again.drain(3)[0].cell, channels.cell)


def test_infinite_heights_are_refused_with_their_place(tmp_path):
    z = rough(3)
    z[20, 30] = np.inf
    water, _ = chain(z, str(tmp_path), 16)
    with pytest.raises(ShuibaoError, match="东 305 m、北 -205 m"):
        water.drain(3)


def test_land_that_is_all_missing_has_no_channels(tmp_path):
    water, _ = chain(np.full((9, 9), np.nan, dtype=np.float32), str(tmp_path), 4)
    channels, outlets = water.drain(1)
    assert channels.cell.size == outlets.cell.size == 0


def test_a_constant_plain_is_routed_alike_on_any_tiles(tmp_path):
    z = np.full((70, 90), 3.0, dtype=np.float32)
    water, rasters = chain(z, str(tmp_path), 8)
    water.drain(4)
    np.testing.assert_array_equal(rasters.whole["flow_direction"], route(z, CELL))
