"""Laws of severe and fragile cells: any one rule suffices, all its conditions count, bounds act one way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trials import trials

from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.zoning.severe_fragile import FRAGILE, SEVERE, Cells, SevereFragileRule

RULES = load_rules(["national"])
RULE = SevereFragileRule.from_rules(RULES)
SHAPE = (6, 7)
LAYERS = ("desertified", "rocky_desert")


def made_up(seed: int) -> Cells:
    """Return cells of all land classes and intensities, a tenth of the quantities missing."""
    draw = np.random.default_rng(seed)

    def quantity(low: float, high: float) -> Any:
        return np.where(draw.random(SHAPE) < 0.1, np.nan, draw.uniform(low, high, SHAPE)).astype(np.float32)

    quantities = {"slope": quantity(0, 50), "cover": quantity(0, 1), "elevation": quantity(0, 5000)}
    layers = {name: draw.random(SHAPE) < 0.1 for name in LAYERS}
    return Cells(
        draw.integers(0, 7, SHAPE).astype(np.uint8), draw.integers(0, 22, SHAPE).astype(np.uint8), quantities, layers
    )


lands = st.integers(0, 2**32 - 1).map(made_up)


@settings(max_examples=trials(50))
@given(lands)
def test_severe_is_the_class_and_above_and_fragile_is_any_one_rule(cells: Cells) -> None:
    kind, type_of, both = RULE.classes(cells)
    severe = cells.intensity >= 4
    any_one = np.any([rule.met(cells) for rule in RULE.fragile], axis=0)
    np.testing.assert_array_equal(type_of > 0, any_one)
    np.testing.assert_array_equal(both, severe & any_one)
    np.testing.assert_array_equal(kind == SEVERE, severe)
    np.testing.assert_array_equal(kind == FRAGILE, any_one & ~severe)
    other = replace(RULE, severe_wins=False).classes(cells)[0]
    np.testing.assert_array_equal(other == FRAGILE, any_one)
    np.testing.assert_array_equal(other > 0, kind > 0)


@settings(max_examples=trials(50))
@given(lands, st.sampled_from(RULE.fragile), st.floats(0.5, 2))
def test_stricter_bounds_never_make_more_cells_fragile(cells: Cells, rule: Any, factor: float) -> None:
    stricter = {word: b * (min(factor, 1 / factor) if word == "cover_below" else max(factor, 1 / factor))
                for word, b in rule.bounds.items()}  # fmt: skip
    assert (replace(rule, bounds=stricter).met(cells) <= rule.met(cells)).all()


@settings(max_examples=trials(50))
@given(lands)
def test_what_is_missing_fulfils_no_condition(cells: Cells) -> None:
    gone = Cells(
        np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8), {k: v * np.nan for k, v in cells.quantities.items()}, {}
    )
    assert not RULE.classes(gone)[0].any()


def test_conditions_of_one_rule_must_hold_together() -> None:
    one = np.ones((1, 4), dtype=np.float32)
    cells = Cells(
        np.ones((1, 4), np.uint8), np.array([[9, 9, 3, 9]], np.uint8),
        {"slope": one * [[25, 24.9, 25, 25]], "cover": one * [[0.44, 0.44, 0.44, 0.45]], "elevation": one * 0}, {},
    )  # fmt: skip
    assert RULE.classes(cells)[0].tolist() == [[FRAGILE, 0, 0, 0]]


PACK = """
[pack]
id = "own"
title = "试用"
title_en = "Trial"
includes = ["national"]
[fragile_rule.{name}]
value = {value}
unit = "1"
name = "试"
name_en = "Trial"
source = "shuibao"
status = "draft"
basis = "chosen"
confidence = "L"
"""


def own(folder: Any, value: str, name: str = "steep_sparse") -> SevereFragileRule:
    path = folder / "own.toml"
    path.write_text(PACK.format(name=name, value=value), encoding="utf-8")
    return SevereFragileRule.from_rules(load_rules(["national", path]))


def test_a_province_changes_a_rule_adds_one_or_switches_one_off(tmp_path: Any) -> None:
    changed = own(tmp_path, '{ type = "steep_sparse", slope_from = 15 }')
    assert {r.id: r.bounds for r in changed.fragile}["steep_sparse"] == {"slope_from": 15}
    assert (
        len(own(tmp_path, '{ type = "sand", intensity_from = "very_strong", land_groups = ["bare"] }', "new").fragile)
        == 7
    )
    assert "steep_sparse" not in {r.id for r in own(tmp_path, '{ type = "" }').fragile}


@pytest.mark.parametrize("value, word", [
    ('{ type = "swamp", land = ["sand"] }', "sand"), ('{ type = "sand" }', "条件"), ('{ type = "sand", land = ["sands"] }', "sand"),
    ('{ type = "sand", layer = "dunes" }', "desertified"), ('{ type = "sand", slope_above = 5 }', "slope_from"),
    ('{ type = "sand", slope_from = "steep" }', "slope_from"), ('{ type = "sand", intensity_from = "strongest" }', "strong"),
])  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_with_what_is_allowed(tmp_path: Any, value: str, word: str) -> None:
    with pytest.raises(ShuibaoError, match=word):
        own(tmp_path, value)
