"""Laws of the choice of small watersheds: one kind at most, any one index suffices, thresholds act one way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trials import trials

from shuibao.facts.table import facts_from_counts
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.zoning.prevention_treatment import STEPS, Verdicts, choose, judge, reconcile
from shuibao.zoning.prevention_treatment_groups import Grouped, group_units, groups_of, neighbours
from shuibao.zoning.prevention_treatment_indices import facts_indices
from shuibao.zoning.prevention_treatment_reasons import basis_of, no_higher, unit_reasons
from shuibao.zoning.prevention_treatment_rules import BOTH, MET, MISSING, Method, unit_rules

RULES = load_rules(["national"])
UNIT_RULES = unit_rules(RULES)
INDICES = sorted({rule.index.id for rule in UNIT_RULES})
SIDE = 5


def made_up(seed: int) -> dict[str, Any]:
    """Return indices of all units, a tenth of them missing and many near the thresholds."""
    draw = np.random.default_rng(seed)
    out = {}
    for name in INDICES:
        values = draw.uniform(0, draw.choice([10, 40, 100]), SIDE * SIDE)
        out[name] = np.where(
            draw.random(values.size) < 0.1, np.nan, np.where(draw.random(values.size) < 0.3, values.round(), values)
        )
    return out


tables = st.integers(0, 2**32 - 1).map(made_up)
methods = st.builds(
    Method, logic=st.sampled_from(["any", "base_and_any", "all"]), exclusive_by=st.sampled_from(["margin", *BOTH]),
    exclusive_tie=st.sampled_from(BOTH), higher_conflict=st.sampled_from(["leave_out", "follow"]),
    minimum_area=st.sampled_from([0.0, 2.0, 4.0]), small_group=st.sampled_from(["join", "drop"]),
    join_distance=st.sampled_from([0.0, 1.0, 3.0]), enclave_area=st.sampled_from([0.0, 1.0, 2.0]),
)  # fmt: skip
kinds = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).choice(["", "", *BOTH], SIDE * SIDE).tolist()
)


def cells() -> Any:
    """Return a square of units of 1 m² each."""
    return np.array([shapely.box(c, r, c + 1, r + 1) for r in range(SIDE) for c in range(SIDE)], dtype=object)


AREA = np.ones(SIDE * SIDE)


def drawn(values: dict[str, Any], method: Method, higher: list[str]) -> tuple[Verdicts, Grouped]:
    verdicts = judge(values, UNIT_RULES, method.logic)
    above = np.array(higher, dtype=object)
    decision, _ = reconcile(choose(verdicts, method, AREA), verdicts, above, method)
    other = dict(zip(BOTH, reversed(BOTH), strict=True))
    barred = np.array([other.get(kind, "") for kind in higher], dtype=object)
    return verdicts, group_units(decision, neighbours(cells()), AREA, cells(), method, barred)


@settings(max_examples=trials(40))
@given(tables)
def test_any_one_index_suffices_where_no_requirement_fails(values: dict[str, Any]) -> None:
    found = judge(values, UNIT_RULES, "any")
    for kind in BOTH:
        one = (found.met[found.of_kind(kind, "base", "regional")] == MET).any(axis=0)
        required = (found.met[found.of_kind(kind, "required")] == MET).all(axis=0)
        np.testing.assert_array_equal(found.qualifies[kind], one & required)


def test_each_single_index_of_treatment_is_enough_alone() -> None:
    for rule in UNIT_RULES:
        if rule.kind == "treatment":
            found = judge({rule.index.id: np.array([rule.threshold, np.nextafter(rule.threshold, -1)])}, UNIT_RULES)
            assert found.qualifies["treatment"].tolist() == [True, False], rule.id


@settings(max_examples=trials(40))
@given(tables, st.floats(0, 100), st.floats(0, 100), st.sampled_from(UNIT_RULES))
def test_a_stricter_threshold_never_lets_more_in(values: dict[str, Any], a: float, b: float, rule: Any) -> None:
    strict, loose = (max(a, b), min(a, b)) if rule.operator.startswith(">") else (min(a, b), max(a, b))

    def fit(threshold: float) -> Any:
        rules = [replace(r, threshold=threshold) if r is rule else r for r in UNIT_RULES]
        return judge(values, rules, "any").qualifies[rule.kind]

    assert (fit(strict) <= fit(loose)).all()


@settings(max_examples=trials(40))
@given(tables, methods, kinds)
def test_a_unit_is_of_one_kind_which_a_rule_or_a_neighbour_explains(
    values: dict[str, Any], method: Method, higher: list[str]
) -> None:
    verdicts, found = drawn(values, method, higher)
    kind, step = found.decision.kind, found.decision.step
    assert set(kind) <= {"", *BOTH}
    assert set(step) <= set(STEPS)
    for each in BOTH:
        by_itself = (kind == each) & np.isin(step, ["rule", "exclusive", "detached"])
        explained = verdicts.qualifies[each] | np.isin(step, ["enclave", "detached", "higher"])
        assert explained[kind == each].all()
        assert (step[by_itself & ~verdicts.qualifies[each]] == "detached").all()
    np.testing.assert_array_equal(found.zone > 0, kind != "")


@settings(max_examples=trials(40))
@given(tables, methods, kinds)
def test_no_unit_contradicts_a_higher_level(values: dict[str, Any], method: Method, higher: list[str]) -> None:
    _, found = drawn(values, method, higher)
    above = np.array(higher, dtype=object)
    assert not ((above != "") & (found.decision.kind != "") & (found.decision.kind != above)).any()


@settings(max_examples=trials(40))
@given(tables, methods, kinds)
def test_every_unit_has_a_reason_that_names_every_index(
    values: dict[str, Any], method: Method, higher: list[str]
) -> None:
    verdicts, found = drawn(values, method, higher)
    above = no_higher(SIDE * SIDE)
    above = replace(
        above, kind=np.array(higher, object), level=np.where(np.array(higher, object) != "", "national", "")
    )
    for k, (zh, en) in enumerate(unit_reasons(verdicts, found, above)):
        inside = found.decision.kind[k] != ""
        assert zh.startswith("列入") == inside
        assert en.startswith("in the") == inside
        assert zh.startswith("不列入") == (not inside)
        for rule in UNIT_RULES:
            assert rule.index.name in zh
            assert rule.index.name_en in en
            assert f"{rule.threshold:g}" in zh


@settings(max_examples=trials(40))
@given(tables, methods)
def test_zones_hang_together_or_are_joined_for_a_reason(values: dict[str, Any], method: Method) -> None:
    verdicts, found = drawn(values, method, [""] * (SIDE * SIDE))
    group = groups_of(found.decision.kind, neighbours(cells()).pairs)
    for number in range(1, int(found.zone.max(initial=0)) + 1):
        mine = found.zone == number
        assert len(set(found.decision.kind[mine])) == 1
        main = mine & (found.decision.step != "detached")
        assert len(set(group[main])) == 1
        assert main.sum() >= method.minimum_area
        assert (found.distance[mine & ~main] <= method.join_distance).all()
        named = basis_of(verdicts, found, mine, str(found.decision.kind[mine][0]))
        assert named


def test_an_enclosed_unit_is_taken_in_and_one_at_the_rim_is_not() -> None:
    eroded = np.full(SIDE * SIDE, 50.0)
    eroded[[0, 12]] = 28.0
    method = Method(enclave_area=1.0)
    _, found = drawn({"eroded_share": eroded}, method, [""] * (SIDE * SIDE))
    assert (found.decision.kind[12], found.decision.step[12]) == ("treatment", "enclave")
    assert (found.decision.kind[0], found.decision.step[0]) == ("", "none")
    higher = [""] * (SIDE * SIDE)
    higher[12] = "prevention"
    assert drawn({"eroded_share": eroded}, method, higher)[1].decision.kind[12] == ""


def test_the_larger_margin_wins_and_ties_go_where_the_pack_says() -> None:
    values = {
        "forest_grass_share": np.array([70.0, 38.5, 42.0]), "eroded_share": np.array([20.0] * 3),
        "moderate_share": np.array([18.0, 30.0, 18.0]),
    }  # fmt: skip
    verdicts = judge(values, UNIT_RULES)
    for tie, last in (("prevention", "prevention"), ("treatment", "treatment")):
        found = choose(verdicts, Method(exclusive_tie=tie), np.ones(3))
        assert found.kind.tolist() == ["prevention", "treatment", last]
        assert set(found.step) == {"exclusive"}
    fixed = choose(verdicts, Method(exclusive_by="prevention"), np.ones(3))
    assert set(fixed.kind) == {"prevention"}


def test_a_unit_without_facts_is_out_and_says_so() -> None:
    verdicts = judge({"eroded_share": np.array([np.nan])}, UNIT_RULES)
    found = choose(verdicts, Method(), np.zeros(1))
    assert (found.kind[0], found.step[0]) == ("", "missing")
    assert (verdicts.met == MISSING).all()


def test_a_conflict_with_a_higher_level_follows_only_when_asked_or_when_it_fits() -> None:
    values = {"eroded_share": np.array([50.0, 20.0]), "forest_grass_share": np.array([10.0, 36.0]),
              "moderate_share": np.array([0.0, 60.0])}  # fmt: skip
    verdicts = judge(values, UNIT_RULES)
    own = choose(verdicts, Method(), np.ones(2))
    assert own.kind.tolist() == ["treatment", "treatment"]
    above = np.array(["prevention", "prevention"], dtype=object)
    out, clash = reconcile(own, verdicts, above, Method())
    assert out.kind.tolist() == ["", "prevention"]  # the second fits prevention too
    assert clash.tolist() == [True, True]
    assert reconcile(own, verdicts, above, Method(higher_conflict="follow"))[0].kind.tolist() == ["prevention"] * 2


def test_indices_are_shares_of_the_facts() -> None:
    names = ("county", "watershed", "land_use", "slope_class", "cover_class", "intensity", "zone", "cells", "grams")
    rows = np.array([
        [1, 1, 6, 1, 2, 1, 0, 50, 0],  # forest, no erosion
        [1, 1, 3, 4, 2, 3, 0, 30, 30_000_000],  # cropland from 6°, moderate
        [1, 1, 3, 3, 2, 2, 0, 10, 10_000_000],  # cropland below 6°, slight
        [1, 1, 9, 1, 2, 0, 0, 10, 0],  # grass, soil loss missing
        [1, 0, 6, 1, 2, 6, 0, 99, 0],  # in no small watershed
    ])  # fmt: skip
    facts = facts_from_counts(dict(zip(names, rows.T, strict=True)), ["1"], 900.0, {}, watersheds=["W"])
    found = facts_indices(facts, ["W", "X"], RULES)
    expected = {"area_m2": 90_000, "forest_grass_share": 60, "eroded_share": 40, "moderate_share": 30,
                "slope_farmland_share": 30, "disturbed_share": 0}  # fmt: skip
    assert {name: found[name][0] for name in expected} == expected
    assert found["soil_loss_modulus"][0] == pytest.approx(40 / 0.081)
    assert found["area_m2"][1] == 0
    assert np.isnan(found["eroded_share"][1])


def test_neighbours_share_a_side_not_a_corner() -> None:
    near = neighbours(cells())
    assert len(near.pairs) == 2 * SIDE * (SIDE - 1)
    assert near.rim.reshape(SIDE, SIDE)[1:-1, 1:-1].sum() == 0
    assert near.rim.sum() == SIDE**2 - (SIDE - 2) ** 2


PACK = """
[pack]
id = "own"
title = "试用"
title_en = "Trial"
includes = ["national"]
[key_zone_rule.{name}]
value = {value}
unit = "{unit}"
name = "试"
name_en = "Trial"
source = "shuibao"
status = "draft"
basis = "chosen"
confidence = "L"
"""
GOOD = '{ index = "eroded_share", operator = ">=", threshold = 45, kind = "treatment", role = "base" }'


def own(folder: Any, value: str = GOOD, name: str = "treatment_eroded", unit: str = "percent") -> Any:
    path = folder / "own.toml"
    path.write_text(PACK.format(name=name, value=value, unit=unit), encoding="utf-8")
    return load_rules(["national", path])


def test_a_province_changes_one_rule_adds_another_and_switches_one_off(tmp_path: Any) -> None:
    changed = {rule.id: rule for rule in unit_rules(own(tmp_path))}
    assert (changed["treatment_eroded"].threshold, changed["treatment_eroded"].pack) == (45, "own")
    assert len(changed) == len(UNIT_RULES)
    more = '{ index = "population_density", operator = ">", threshold = 200, kind = "treatment", role = "regional" }'
    assert len(unit_rules(own(tmp_path, more, "treatment_people", "km-2"))) == len(UNIT_RULES) + 1
    off = unit_rules(own(tmp_path, GOOD.replace("base", "off")))
    assert "treatment_eroded" not in {rule.id for rule in off}


@pytest.mark.parametrize("old, new, word", [
    ("eroded_share", "eroded_shares", "eroded_share"), (">=", "=>", ">="), ('"base"', '"basis"', "regional"),
    ("45", '"much"', "threshold"), ('"treatment"', '"both"', "prevention"), ("index", "indexes", "index"),
])  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_with_what_is_allowed(
    tmp_path: Any, old: str, new: str, word: str
) -> None:
    with pytest.raises(ShuibaoError, match=word):
        own(tmp_path, GOOD.replace(old, new, 1))


def test_a_rule_in_another_unit_than_its_index_is_refused(tmp_path: Any) -> None:
    with pytest.raises(ShuibaoError, match="percent"):
        own(tmp_path, GOOD, "another", "km-2")
