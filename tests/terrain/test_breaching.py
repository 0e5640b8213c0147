"""Laws of breaching: what is dug, what is left, and that tiles of any size dig the same."""

from __future__ import annotations

import heapq
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES, NEIGHBOURS, ground, seeds, terrains

from shuibao.messages import CallError, ShuibaoError
from shuibao.terrain import BreachResult, Spare, breach_depressions, breach_window, breaching_reach

Cell = tuple[int, int]
CELL = 30.0
NOTHING_SPARED = Spare(0.0, 0.0, math.inf)


def leaves(z: NDArray[Any], cell: Cell) -> bool:
    """Tell whether water leaves the land at a cell."""
    r, c = cell
    inside = 0 < r < z.shape[0] - 1 and 0 < c < z.shape[1] - 1
    return not inside or bool(np.isnan(z[r - 1 : r + 2, c - 1 : c + 2]).any())


def beside(z: NDArray[Any], cell: Cell) -> list[Cell]:
    """Return the neighbours of a cell on the grid, clockwise from east."""
    steps = [(cell[0] + down, cell[1] + right) for down, right in NEIGHBOURS]
    return [(r, c) for r, c in steps if 0 <= r < z.shape[0] and 0 <= c < z.shape[1]]


def flats(z: NDArray[Any]) -> list[list[Cell]]:
    """Return the patches of equal cells of the land, each by its first cell."""
    seen: set[Cell] = set()
    found = []
    for start in (tuple(cell) for cell in np.argwhere(~np.isnan(z)).tolist()):
        if start in seen:
            continue
        patch, waiting = [], [start]
        seen.add(start)
        while waiting:
            cell = waiting.pop()
            patch.append(cell)
            new = [n for n in beside(z, cell) if z[n] == z[cell] and n not in seen]
            seen.update(new)
            waiting += new
        found.append(sorted(patch))
    return found


def pits(z: NDArray[Any]) -> list[list[Cell]]:
    """Return the flats that water cannot leave."""
    return [p for p in flats(z) if not any(leaves(z, c) or any(z[n] < z[c] for n in beside(z, c)) for c in p)]


def narrow(pit: list[Cell], reach: int) -> bool:
    """Tell whether a pit lies within reach of its first cell."""
    return all(max(r - pit[0][0], abs(c - pit[0][1])) <= reach for r, c in pit)


def way_out(z: NDArray[Any], pit: list[Cell], reach: int, deepest: float, sides: tuple[float, float]) -> list[Cell]:
    """Return the cheapest way from a pit to lower ground or off the land, from its end back; empty if there is none."""
    first, low = pit[0], float(z[pit[0]])
    queue: list[tuple[float, float, Cell]] = [(0.0, 0.0, cell) for cell in pit]
    best = {cell: (0.0, 0.0) for cell in pit}
    back: dict[Cell, list[Cell]] = {cell: [] for cell in pit}
    done: set[Cell] = set()
    heapq.heapify(queue)
    while queue:
        cost, length, cell = heapq.heappop(queue)
        if cell in done:
            continue
        done.add(cell)
        if z[cell] < low or leaves(z, cell):
            return [cell, *back[cell]]
        for n in beside(z, cell):
            rise = float(z[n]) - low
            far = max(abs(n[0] - first[0]), abs(n[1] - first[1])) > reach or len(back[cell]) == reach
            if far or rise > deepest or n in done:
                continue
            step = math.hypot(sides[0] * (n[1] - cell[1]), sides[1] * (n[0] - cell[0]))
            key = (cost + max(rise, 0.0) * step, length + step)
            if n not in best or key < best[n]:
                best[n], back[n] = key, [cell, *back[cell]]
                heapq.heappush(queue, (*key, n))
    return []


def levels(z: NDArray[Any], way: list[Cell], deepest: float) -> list[float]:
    """Return the level to which each cell of a way is dug, from its end back; the pit itself is last."""
    low = float(z[way[-1]])
    bottom = float(z[way[0]])
    if bottom >= low:
        bottom = float(low - (len(way) - 1) * abs(np.spacing(z.dtype.type(low))))
    line = np.linspace(bottom, low, len(way))
    least = np.maximum.accumulate([float(z[c]) - deepest for c in way])
    return np.minimum(np.maximum(np.maximum(line, least), bottom), low).tolist()


def breached_slowly(
    z: NDArray[Any], reach: int, deepest: float, sides: tuple[float, float]
) -> tuple[NDArray[Any], int, int]:
    """Return what breaching gives, pit by pit in plain Python."""
    out = z.copy()
    searched = [pit for pit in pits(z) if narrow(pit, reach)]
    ways = [way for pit in searched if (way := way_out(z, pit, reach, deepest, sides))]
    for way in ways:
        for cell, level in zip(way, levels(z, way, deepest), strict=True):
            out[cell] = min(out[cell], z.dtype.type(level))
    return out, len(ways), len(searched) - len(ways)


def dented(random: np.random.Generator, shape: Cell, holes: float) -> NDArray[np.float64]:
    """Return a terrain with many pits, some of them with flat bottoms."""
    z = ground(random, shape, holes=holes)
    for _ in range(random.integers(0, 5)):
        r, c = random.integers(0, shape[0]), random.integers(0, shape[1])
        z[r : r + random.integers(1, 4), c : c + random.integers(1, 4)] -= random.choice([2.0, 5.0, 30.0])
    if random.random() < 0.5:
        z = np.round(z / 4.0) * 4.0
    return z


@st.composite
def dented_terrains(draw: st.DrawFn, most: int = 11) -> NDArray[Any]:
    """Return a terrain with pits in single or double precision."""
    random = np.random.default_rng(draw(seeds))
    shape = draw(st.integers(1, most)), draw(st.integers(1, most))
    z = dented(random, shape, draw(st.sampled_from([0.0, 0.0, 0.02, 0.2])))
    return z.astype(draw(st.sampled_from(["float32", "float64"])))


@st.composite
def moors(draw: st.DrawFn) -> NDArray[Any]:
    """Return level land full of pits of a few depths: most searches grow long, many in vain."""
    random = np.random.default_rng(draw(seeds))
    z = random.choice([4.0, 6.0, 7.0, 9.0], (int(random.integers(5, 16)), int(random.integers(5, 16))))
    z[random.random(z.shape) < 0.01] = np.nan
    z[random.random(z.shape) < 0.03] = 1.0
    return z.astype(draw(st.sampled_from(["float32", "float64"])))


depths = st.sampled_from([0.5, 4.0, 20.0, math.inf])
reaches = st.integers(1, 6)
sides = st.sampled_from([(30.0, 30.0), (20.0, 30.0)])


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains() | moors(), reach=reaches, deepest=depths, sides=sides)
def test_breaching_digs_the_cheapest_ways_out_of_all_pits(
    z: NDArray[Any], reach: int, deepest: float, sides: tuple[float, float]
) -> None:
    expected, breached, left = breached_slowly(z, reach, deepest, sides)
    found = breach_depressions(z, sides, max_length_cells=reach, max_depth=deepest)
    np.testing.assert_allclose(found.elevation, expected, rtol=3 * float(np.finfo(z.dtype).eps), atol=0.0)
    assert (found.breached, found.left) == (breached, left)
    assert found.elevation.dtype == z.dtype


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains(), reach=reaches, deepest=depths, spared=st.booleans())
def test_the_pits_that_remain_are_old_ones_that_were_left(
    z: NDArray[Any], reach: int, deepest: float, spared: bool
) -> None:
    spare = Spare(3.0, 4 * CELL**2, 1.0) if spared else None
    found = breach_depressions(z, CELL, max_length_cells=reach, max_depth=deepest, spare=spare)
    before, after = pits(z), pits(found.elevation)
    assert {tuple(pit) for pit in after} <= {tuple(pit) for pit in before}
    assert len(after) <= found.left + sum(not narrow(pit, reach) for pit in before)
    assert found.breached + found.left == sum(narrow(pit, reach) for pit in before)


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains(), reach=reaches, deepest=depths)
def test_breaching_never_raises_and_never_digs_deeper_than_allowed(z: NDArray[Any], reach: int, deepest: float) -> None:
    found = breach_depressions(z, CELL, max_length_cells=reach, max_depth=deepest).elevation
    np.testing.assert_array_equal(np.isnan(found), np.isnan(z))
    land = ~np.isnan(z)
    assert (found[land] <= z[land]).all()
    assert (z[land] - found[land] <= deepest * (1 + 1e-6) + np.spacing(z[land])).all()


@settings(max_examples=EXAMPLES)
@given(seed=seeds, reach=st.integers(1, 3), tile=st.integers(1, 11), deepest=depths, spared=st.booleans())
def test_tiles_of_any_size_dig_the_same_ways(seed: int, reach: int, tile: int, deepest: float, spared: bool) -> None:
    random = np.random.default_rng(seed)
    z = dented(random, (int(random.integers(1, 30)), int(random.integers(1, 30))), random.choice([0.0, 0.02]))
    z = z.astype(random.choice(["float32", "float64"]))
    how: dict[str, Any] = {"max_length_cells": reach, "max_depth": deepest}
    how["spare"] = Spare(2.0, 4 * CELL**2, 1.0) if spared else None
    whole = breach_depressions(z, CELL, tile=64, **how)
    parts = breach_depressions(z, CELL, tile=tile, jobs=1, **how)
    np.testing.assert_array_equal(parts.elevation, whole.elevation)
    assert (parts.breached, parts.left) == (whole.breached, whole.left)


def test_the_halo_is_as_wide_as_it_must_be() -> None:
    """A way reaches 2 cells west to the tile; its pit's search sees 2 cells east of it, and beside them no hole."""
    reach = 2
    valley = np.full((5, 20), 99.0)
    valley[2, 5:12] = [np.nan, 9.0, 20.0, 5.0, 10.0, 10.0, 12.0]
    how: dict[str, Any] = {"max_length_cells": reach, "max_depth": 50.0}
    whole = breach_depressions(valley, CELL, **how).elevation
    assert whole[2, 6] < 5.0
    dug = []
    for halo in (breaching_reach(reach), breaching_reach(reach) - 1):
        around = valley[:, max(6 - halo, 0) : 7 + halo]
        part = breach_window(around, (slice(0, 5), slice(min(halo, 6), min(halo, 6) + 1)), CELL, **how)
        dug.append(bool(part.elevation[2, 0] == whole[2, 6]))
    assert dug == [True, False]


def dam(crest: float = 14.0) -> NDArray[np.float64]:
    """Return a valley that falls eastward by 1 m a cell, with a dam across it."""
    z = np.full((5, 12), 60.0)
    z[2] = np.arange(23.0, 11.0, -1.0)
    z[2, 6] = 17.0 + crest
    return z


def test_a_dam_is_cut_evenly() -> None:
    found = breach_depressions(dam(), CELL, max_length_cells=4, max_depth=20.0)
    assert found.elevation[2].tolist() == np.arange(23.0, 11.0, -1.0).tolist()
    assert (found.breached, found.left) == (1, 0)


@pytest.mark.parametrize("length, depth", [(1, 50.0), (4, 12.9)])
def test_a_dam_that_is_too_thick_or_too_high_is_left(length: int, depth: float) -> None:
    found = breach_depressions(dam(), CELL, max_length_cells=length, max_depth=depth)
    assert (found.breached, found.left) == (0, 1)
    np.testing.assert_array_equal(found.elevation, dam())


def test_water_of_a_pit_is_led_into_a_hole() -> None:
    z = np.full((5, 9), 30.0)
    z[2, 1:8] = [10.0, 12.0, np.nan, 12.0, 13.0, 11.0, 14.0]
    found = breach_depressions(z, CELL, max_length_cells=2, max_depth=5.0)
    assert (found.breached, found.left) == (2, 0)
    assert 9.9 < found.elevation[2, 2] < 10.0
    assert found.elevation[2, 4] < found.elevation[2, 5] < 11.0


def test_beside_a_hole_there_is_no_pit() -> None:
    z = np.full((5, 5), 30.0)
    z[2, 2:4] = [np.nan, 10.0]
    found = breach_depressions(z, CELL, max_length_cells=3, max_depth=50.0)
    np.testing.assert_array_equal(found.elevation, z)
    assert found.breached == 0


def test_of_equally_cheap_ways_the_shortest_is_taken_and_then_the_first() -> None:
    z = np.full((5, 5), 10.0)
    z[2, 2] = 5.0
    z[0, :] = z[4, :] = z[:, 0] = z[:, 4] = 1.0
    found = breach_depressions(z, CELL, max_length_cells=2, max_depth=50.0)
    assert np.argwhere(found.elevation != z).tolist() == [[1, 2]]
    assert found.elevation[1, 2] == 3.0


def test_a_pit_is_dug_to_an_edge_that_is_higher_than_itself() -> None:
    z = np.full((3, 4), 9.0, dtype=np.float32)
    z[1, 1] = 2.0
    found = breach_depressions(z, CELL, max_length_cells=3, max_depth=50.0)
    assert found.breached == 1
    assert found.elevation[0, 1] == np.nextafter(np.float32(2.0), np.float32(0.0))


def test_a_lake_wider_than_the_search_is_neither_dug_nor_counted() -> None:
    z = np.full((7, 20), 9.0)
    z[2:5, 2:18] = 4.0
    found = breach_depressions(z, CELL, max_length_cells=5, max_depth=50.0)
    assert (found.breached, found.left) == (0, 0)
    np.testing.assert_array_equal(found.elevation, z)


def test_small_pits_are_spared_and_dams_are_cut() -> None:
    z = dam()
    z[2, 9] = 12.5  # half a metre deep, one cell
    both = breach_depressions(z, CELL, max_length_cells=4, max_depth=20.0)
    assert (both.breached, both.left) == (2, 0)
    found = breach_depressions(z, CELL, max_length_cells=6, max_depth=20.0, spare=Spare(2.0, 2 * CELL**2, 1.0))
    assert (found.breached, found.left) == (1, 1)
    assert found.elevation[2, 9] == 12.5
    assert found.elevation[2, 6] == 17.0


@pytest.mark.parametrize("share, breached", [(0.93, 0), (0.94, 1)])
def test_a_pit_is_filled_where_that_moves_less_earth(share: float, breached: int) -> None:
    # 14 m are dug; filling behind the dam, up to the edge at 23 m, takes 5 + 4 + 3 + 2 + 1 m
    spare = Spare(0.0, 0.0, share)
    assert breach_depressions(dam(), CELL, max_length_cells=6, max_depth=20.0, spare=spare).breached == breached


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains(), reach=reaches)
def test_sparing_nothing_digs_at_most_what_is_dug_without(z: NDArray[Any], reach: int) -> None:
    free = breach_depressions(z, CELL, max_length_cells=reach, max_depth=20.0)
    spared = breach_depressions(z, CELL, max_length_cells=reach, max_depth=20.0, spare=NOTHING_SPARED)
    land = ~np.isnan(z)
    assert (free.elevation[land] <= spared.elevation[land]).all()
    assert spared.breached <= free.breached


def test_ground_without_pits_is_returned_as_it_was() -> None:
    for z in (np.full((4, 5), 7.0), np.full((3, 3), np.nan), np.arange(12.0).reshape(1, 12)):
        found = breach_depressions(z, CELL, max_length_cells=3, max_depth=1.0)
        np.testing.assert_array_equal(found.elevation, z)
        assert isinstance(found, BreachResult)
        assert (found.breached, found.left) == (0, 0)


@pytest.mark.parametrize("length, depth", [(0, 1.0), (3, 0.0), (3, math.nan)])
def test_limits_must_be_positive(length: int, depth: float) -> None:
    with pytest.raises(CallError, match="开挖"):
        breach_depressions(dam(), CELL, max_length_cells=length, max_depth=depth)


@pytest.mark.parametrize("size", [0.0, -30.0, (30.0, math.nan)])
def test_the_cell_must_have_a_size(size: Any) -> None:
    with pytest.raises(ShuibaoError, match="像元"):
        breach_depressions(dam(), size, max_length_cells=3, max_depth=1.0)


@settings(max_examples=EXAMPLES)
@given(z=terrains(1, 10), reach=reaches)
def test_breaching_again_digs_nothing_from_pits_that_were_breached(z: NDArray[Any], reach: int) -> None:
    once = breach_depressions(z, CELL, max_length_cells=reach, max_depth=math.inf)
    if once.left == 0 and all(narrow(pit, reach) for pit in pits(z)):
        twice = breach_depressions(once.elevation, CELL, max_length_cells=reach, max_depth=math.inf)
        np.testing.assert_array_equal(twice.elevation, once.elevation)
        assert twice.breached == 0
