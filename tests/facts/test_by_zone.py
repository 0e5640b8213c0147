"""Facts by zone add up to the facts of the region, or are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.facts.by_zone import OTHERS, agreed, disturbed_and_eroded
from shuibao.facts.control import honour_control_areas
from shuibao.facts.table import Facts, facts_from_counts
from shuibao.messages import ShuibaoError

NAMES = ("county", "watershed", "land_use", "slope_class", "cover_class", "intensity", "zone")


def counted(seed: int, rows: int = 40) -> tuple[Facts, Facts]:
    """Return facts by zone and the facts of the same cells."""
    draw = np.random.default_rng(seed)
    counts = {name: draw.integers(1 if name == "county" else 0, 3, rows) for name in NAMES}
    counts |= {"cells": draw.integers(1, 50, rows), "grams": draw.integers(0, 10**9, rows)}
    counts["grams"][counts["intensity"] == 0] = 0
    by_zone = facts_from_counts(counts, ["1", "2"], 900.0, {"A": "1"}, watersheds=["w", "v"], zones=["z1", "z2"])
    counts["zone"] = np.zeros(rows, dtype=np.int64)
    return by_zone, facts_from_counts(counts, ["1", "2"], 900.0, {}, watersheds=["w", "v"])


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 2))
def test_facts_by_zone_sum_to_the_facts_even_to_control_areas(seed: int, factor: float) -> None:
    by_zone, facts = counted(seed)
    areas = {code: round(float(facts.column("area_m2")[facts.column("county") == code].sum()) * factor, 2)
             for code in set(facts.column("county"))}  # fmt: skip
    for whole in (facts, honour_control_areas(facts, areas)[0]):
        found = agreed(by_zone, whole)
        assert found.grouped(list(OTHERS)).equals(whole.grouped(list(OTHERS)))
        assert found.metadata == by_zone.metadata
        assert found.table.num_rows == by_zone.table.num_rows


def test_counts_of_another_run_are_refused() -> None:
    by_zone, _ = counted(1)
    with pytest.raises(ShuibaoError, match="shuibao run"):
        agreed(by_zone, counted(2)[1])
    fewer = Facts(by_zone.table.slice(1), {})
    with pytest.raises(ShuibaoError, match="shuibao run"):
        agreed(fewer, counted(1)[1])


def test_what_zones_hold_adds_up() -> None:
    by_zone, _ = counted(3)
    found = disturbed_and_eroded(by_zone, {"z1": 0, "z2": 1}, np.array([1]), 1, 2)
    table = by_zone.grouped(["zone"]).to_pydict()
    assert found["area_m2"].tolist() == table["area_m2"][1:]
    np.testing.assert_allclose(found["soil_loss_t"], table["soil_loss_t"][1:])
    np.testing.assert_array_equal(found["eroded_m2"], found["intensity_1_m2"] + found["intensity_2_m2"])
    np.testing.assert_array_equal(found["area_m2"], found["eroded_m2"] + found["missing_m2"])
    assert (found["disturbed_eroded_m2"] <= found["disturbed_m2"]).all()
