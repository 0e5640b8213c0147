"""Water over tiles in files is that of the whole grid, bit for bit."""

from __future__ import annotations

import contextlib
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
from shuibao.watershed.scratch import STAGES, Scratch, key_of
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


def painted(water: TiledWater, threshold: int, least: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Run the chain to the end with small watersheds of at least so many cells; return what paint returns."""
    channels, outlets = water.drain(threshold)
    return water.paint(parts.delineate(channels, outlets, Limits(least, 2 * least, 3 * least, 60, threshold)), channels)


def changed(key: str, z: NDArray[np.float32]) -> dict[str, Any]:
    """Return the settings of a chain, one of which is changed."""
    settings: dict[str, Any] = {"threshold": 5, "least": 10, "size": 11, "at": (0, 0), "z": z}
    others = {"threshold": 3, "least": 12, "size": 13, "at": (5, 2), "z": z[:17], "": None}
    return settings | ({key: others[key]} if key else {})


@pytest.mark.parametrize("key", ["threshold", "least", "size", "at", "z"])
@pytest.mark.parametrize("tasks", [14, 200])
def test_what_a_killed_chain_left_is_not_taken_for_another_purpose(tmp_path, key, tasks):
    z = rough(4, (25, 21))

    def found(folder: str, settings: dict[str, Any], each_done: Any = here) -> Any:
        water, rasters = chain(settings["z"], str(tmp_path / folder), settings["size"], settings["at"], each_done)
        cells, touching = painted(water, settings["threshold"], settings["least"])
        return cells.tolist(), touching.tolist(), rasters.whole

    with contextlib.suppress(KeyboardInterrupt):
        found("used", changed("", z), Dying(tasks))
    cells, touching, _ = found("used", changed(key, z))
    fresh_cells, fresh_touching, _ = found("fresh", changed(key, z))
    assert cells == fresh_cells
    assert touching == fresh_touching


def test_what_was_kept_for_the_same_purpose_is_not_made_again(tmp_path):
    z = rough(4)
    first = painted(chain(z, str(tmp_path), 16)[0], 5, 10)
    again = painted(chain(z, str(tmp_path), 16, each_done=Dying(0))[0], 5, 10)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_for_another_key_takes_those_after_it_along_and_leaves_those_before(tmp_path, stage):
    scratch = Scratch(tmp_path)
    for name in STAGES:
        scratch.serve(name, "one")
        for word in STAGES[name]:
            scratch.keep(word, 0, value=1)
            scratch.put(word, 0, np.zeros(1))
    scratch.serve(stage, "one")
    assert all(scratch.has(word, 0) for words in STAGES.values() for word in words)
    scratch.serve(stage, "other")
    later = list(STAGES)[list(STAGES).index(stage) :]
    for name, words in STAGES.items():
        assert all(scratch.has(word, 0) == (name not in later) for word in words)
        assert all(scratch.path(word, 0, ".npy").exists() == (name not in later) for word in words)


def test_a_key_is_that_of_type_shape_and_content():
    values = [5, "5", (5,), np.array([5]), np.array([[5]]), np.array([5], dtype=np.uint8), np.array([6]), np.array([])]
    keys = [key_of(value) for value in values]
    assert len(set(keys)) == len(keys)
    assert [key_of(value) for value in values] == keys
    assert key_of(1, 2) != key_of(12)


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
    z = np.full((40, 50), 3.0, dtype=np.float32)
    water, rasters = chain(z, str(tmp_path), 8)
    water.drain(4)
    np.testing.assert_array_equal(rasters.whole["flow_direction"], route(z, CELL))
