"""Documents that do not agree are found, and none that do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.tasks.contradictions import Statement, contradictions, find, satisfiable, stricter
from bureau.tasks.models import Due, Figure


def say(size: float, comparison: str = "eq", by: date | None = None, key: str = "area", **words: Any) -> Statement:
    """Return a statement of a size."""
    told = {"region": "140900", "measure": "亩", **words}
    return Statement(
        key, told["region"], key, str(size), str(size), "某文件", comparison, told["measure"], Fraction(size), by
    )


def test_the_known_contradictions_are_found_and_no_others(registers: None, person: Callable[..., Any]) -> None:
    found = contradictions(person=person("view", region="000000"))
    assert {(f.statements[0].key, f.kind) for f in found} == {
        ("slope_farmland", "矛盾"),
        ("zones.prevention_treatment.landed", "不一致"),
        ("zones.severe_fragile.landed", "不一致"),
        ("", "期限早于成文"),
    }
    farmland = next(f for f in found if f.contradiction)
    assert [s.said for s in farmland.statements] == ["35 万亩", "39 万亩", "35 万亩"]
    assert all("忻政办发〔2024〕4号" in s.where for s in farmland.statements)


def test_dates_that_were_over_when_the_document_was_issued_are_told(
    registers: None, person: Callable[..., Any]
) -> None:
    found = [f for f in contradictions(person=person("view", region="220000")) if f.early]
    assert [[said.said for said in f.statements] for f in found] == [
        ["2024年9月完成（2024-09-30）", "2024-10-16 成文"], ["2024年3月底前（2024-03-31）", "2024-10-16 成文"],
    ]  # fmt: skip
    assert not any(f.contradiction for f in found)
    assert all("核实" in f.advice for f in found)


def test_dates_that_differ_are_to_be_kept_by_the_earlier(registers: None, person: Callable[..., Any]) -> None:
    found = {f.statements[0].key: f for f in contradictions(person=person("view", region="220000"))}
    assert [s.said for s in found["zones.severe_fragile.landed"].statements] == [
        "2025年3月底前（2025-03-31）", "2025年6月底前（2025-06-30）",
    ]  # fmt: skip
    assert "2025-03-31" in found["zones.severe_fragile.landed"].advice
    assert "zones.steep_slope.announced" not in found, "both documents say the end of 2025"


def test_equal_quantities_of_one_key_are_no_contradiction(registers: None, person: Callable[..., Any]) -> None:
    for key, times in (("treated_area", 2), ("fine_watersheds", 3), ("pilot_counties", 3), ("conservation_rate", 6)):
        assert Figure.objects.filter(key=key).count() == times
    assert Due.objects.filter(key="zones.steep_slope.announced").count() == 2
    found = {f.statements[0].key for f in contradictions(person=person("view", region="000000"))}
    assert not found & {"treated_area", "fine_watersheds", "pilot_counties", "conservation_rate"}


def test_one_sees_the_contradictions_of_ones_region_only(registers: None, person: Callable[..., Any]) -> None:
    keys = {f.statements[0].key for f in contradictions(person=person("view", region="140900"))}
    assert keys == {"slope_farmland"}
    assert not contradictions(person=person("view", region="140121"))


def test_changing_a_figure_to_the_others_value_ends_the_contradiction(
    registers: None, person: Callable[..., Any]
) -> None:
    Figure.objects.filter(key="slope_farmland").update(value=35)
    assert not contradictions(person=person("view", region="140900"))


@given(sizes=st.lists(st.integers(1, 10**6), min_size=1, max_size=5))
def test_a_finding_is_there_if_and_only_if_sizes_differ(sizes: list[int]) -> None:
    assert bool(find([say(size) for size in sizes])) == (len(set(sizes)) > 1)


def test_only_the_same_thing_of_the_same_time_is_compared() -> None:
    one, other = date(2025, 12, 31), date(2035, 12, 31)
    assert not find([say(35, by=one), say(39, by=other)])
    assert find([say(35, by=one), say(39)])
    assert not find([say(35), say(39, key="dams")])
    assert not find([say(35), say(39, region="140928")])
    assert not find([say(35), say(39, measure="座")])


@pytest.mark.parametrize(
    "one, other, both",
    [
        (("ge", 300), ("ge", 100), True), (("eq", 100), ("ge", 100), True), (("eq", 90), ("ge", 100), False),
        (("le", 10), ("ge", 20), False), (("le", 20), ("le", 10), True), (("eq", 35), ("eq", 39), False),
    ],
)  # fmt: skip
def test_what_nothing_can_meet_is_a_contradiction(one: tuple[str, int], other: tuple[str, int], both: bool) -> None:
    statements = [say(one[1], one[0]), say(other[1], other[0])]
    assert satisfiable(*statements) == both
    assert [f.contradiction for f in find(statements)] == [not both]


def test_the_stricter_of_two_is_the_one_that_meets_both() -> None:
    assert stricter([say(300, "ge"), say(100, "ge")]).size == 300
    assert stricter([say(20, "le"), say(10, "le")]).size == 10
    assert stricter([say(100, "ge"), say(120)]).size == 120


def test_one_hectare_and_fifteen_mu_agree(registers: None, person: Callable[..., Any]) -> None:
    Figure.objects.filter(key="slope_farmland").update(value=15, unit="万亩")
    Figure.objects.filter(key="slope_farmland", task__number=18).update(value=1, unit="万hm²")
    assert not contradictions(person=person("view", region="140900"))
