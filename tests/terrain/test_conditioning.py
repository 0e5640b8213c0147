"""Laws of conditioning: water leaves from everywhere, and dams are cut where pits in a field are filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.terrain.terrains import EXAMPLES
from tests.terrain.test_breaching import CELL, dented_terrains, pits, reaches

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.terrain import (
    METHODS,
    BreachLimits,
    Spare,
    breach_depressions,
    breach_limits,
    condition,
    fill_depressions,
)

methods = st.sampled_from(METHODS)


def limits(reach: int, deepest: float = 20.0) -> BreachLimits:
    """Return limits under which some pits are dug and some are spared."""
    return BreachLimits(max_length_cells=reach, max_depth=deepest, spare=Spare(2.0, 3 * CELL**2, 1.0))


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains(), reach=reaches, method=methods)
def test_no_pit_remains(z: NDArray[Any], reach: int, method: Any) -> None:
    found = condition(z, CELL, method=method, limits=limits(reach))
    assert pits(found) == []
    np.testing.assert_array_equal(np.isnan(found), np.isnan(z))
    assert found.dtype == z.dtype


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains(), reach=reaches, method=methods)
def test_nothing_is_raised_above_the_filled_ground(z: NDArray[Any], reach: int, method: Any) -> None:
    land = ~np.isnan(z)
    found = condition(z, CELL, method=method, limits=limits(reach))
    assert (found[land] <= fill_depressions(z)[land]).all()


@settings(max_examples=EXAMPLES)
@given(z=dented_terrains(), reach=reaches)
def test_filling_and_breaching_are_what_they_are_alone(z: NDArray[Any], reach: int) -> None:
    np.testing.assert_array_equal(condition(z, CELL, method="fill"), fill_depressions(z))
    dug = breach_depressions(z, CELL, max_length_cells=reach, max_depth=20.0)
    found = condition(z, CELL, method="breach", limits=limits(reach))
    np.testing.assert_array_equal(found, fill_depressions(dug.elevation))


@settings(max_examples=EXAMPLES // 2)
@given(z=dented_terrains(20), reach=st.integers(1, 3), method=methods, tile=st.integers(2, 9))
def test_tiles_of_any_size_give_the_same_ground(z: NDArray[Any], reach: int, method: Any, tile: int) -> None:
    whole = condition(z, CELL, method=method, limits=limits(reach), tile=64)
    parts = condition(z, CELL, method=method, limits=limits(reach), tile=tile, jobs=1)
    np.testing.assert_array_equal(parts, whole)


def embanked() -> NDArray[np.float32]:
    """Return a plane that falls eastward, with a road across a valley in it and hollows of one cell beside the valley."""
    rows, cols = np.indices((41, 80))
    z = 200.0 - 0.5 * cols + 0.2 * np.abs(rows - 20)
    z[:, 50] = np.maximum(z[:, 50], 178.5)  # 3.5 m above the valley floor, level with the land beside it
    z[4::8, 5:45:7] -= 1.5
    return z.astype(np.float32)


def test_the_hybrid_cuts_the_road_and_fills_the_hollows() -> None:
    z = embanked()
    found = condition(z, CELL, method="hybrid", limits=limits(6))
    lowered = np.argwhere(found < z)
    assert lowered.tolist() == [[20, 50]]
    raised = {(int(r), int(c)) for r, c in np.argwhere(found > z)}
    assert raised == {(r, c) for r in range(4, 41, 8) for c in range(5, 45, 7)}


def test_filling_alone_makes_a_lake_behind_the_road_and_breaching_alone_digs_at_the_hollows() -> None:
    z = embanked()
    filled, dug = (condition(z, CELL, method=method, limits=limits(6)) for method in ("fill", "breach"))
    assert (filled[18:23, 45:50] > z[18:23, 45:50] + 0.5).all()
    assert (dug <= z).all()
    assert (dug < z).sum() > 20


def test_the_hybrid_changes_less_ground_than_either() -> None:
    z = embanked().astype(np.float64)
    moved = {m: float(np.abs(condition(z, CELL, method=m, limits=limits(6)) - z).sum()) for m in METHODS}
    assert moved["hybrid"] < moved["breach"] < moved["fill"]


def test_on_real_mountains_the_hybrid_moves_least_and_all_water_leaves(shared_data: Path) -> None:
    with rasterio.open(shared_data / "dem" / "bigtujunga_30m.tif") as file:
        z = file.read(1).astype(np.float32)
    rules = load_rules(["national"])
    moved = []
    for method in METHODS:
        found = condition(z, CELL, method=method, limits=breach_limits(rules, CELL, method))
        assert not np.isnan(found).any()
        np.testing.assert_array_equal(fill_depressions(found), found)
        moved.append(float(np.abs(found.astype(np.float64) - z).sum()) * CELL**2)
    assert moved == pytest.approx([1.88e7, 1.82e7, 1.66e7], rel=3e-3)


def test_limits_come_from_the_rules() -> None:
    rules = load_rules(["national"])
    found = breach_limits(rules, (10.0, 20.0), "hybrid")
    assert found["max_length_cells"] == int(rules.value("conditioning.breach_length") / 20.0)
    assert found["max_depth"] == rules.value("conditioning.breach_depth")
    assert found["spare"] is not None
    assert found["spare"].area == rules.value("conditioning.small_area") * 10_000.0
    assert breach_limits(rules, 10.0, "breach")["spare"] is None
    assert "conditioning.small_area" in [p.key for p in rules.used()]


def test_cells_too_large_for_a_breach_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="两个像元"):
        breach_limits(load_rules(["national"]), 300.0, "breach")


def test_a_method_that_does_not_exist_is_refused() -> None:
    bad: Any = "dredge"
    with pytest.raises(CallError, match="fill、breach、hybrid"):
        condition(embanked(), CELL, method=bad)
    with pytest.raises(CallError, match="fill、breach、hybrid"):
        breach_limits(load_rules(["national"]), CELL, bad)


@pytest.mark.parametrize("method", ["breach", "hybrid"])
def test_digging_without_limits_is_refused(method: Any) -> None:
    with pytest.raises(CallError, match="limits"):
        condition(embanked(), CELL, method=method)


def test_the_hybrid_must_know_what_to_spare() -> None:
    with pytest.raises(CallError, match="spare"):
        condition(embanked(), CELL, method="hybrid", limits=BreachLimits(max_length_cells=6, max_depth=9.0, spare=None))
