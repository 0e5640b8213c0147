"""Laws of dividing a target among counties."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bureau.refusal import Refusal
from bureau.targets.closing import Division, Member, Method, closes, divide, mean_of
from shuibao.rules.targets import load_targets

XINZHOU_KM2 = {
    "140902": 1984.24, "140981": 2527.87, "140921": 847.41, "140922": 2867.89, "140923": 1746.34, "140924": 2388.64,
    "140925": 1948.54, "140926": 2043.35, "140927": 1477.36, "140928": 1382.70, "140929": 1996.32, "140930": 1311.19,
    "140931": 992.68, "140932": 1670.44,
}  # fmt: skip
"""Areas of the counties of Xinzhou on the ellipsoid, km², of the borders that the bureau loads."""
methods = st.sampled_from(list(Method))


@st.composite
def regions(draw: st.DrawFn) -> tuple[list[Member], Decimal]:
    """Draw counties, and a target that lies within their bounds."""
    members = []
    for number in range(draw(st.integers(1, 12))):
        area = draw(st.integers(1_000_000, 5_000_000_000))
        base = Decimal(draw(st.integers(1, 999_999))) / 10_000
        eroded = int(area * (100 - base) / 100)
        treatable = draw(st.integers(min(eroded, 1), eroded))
        floor = base.quantize(Decimal("0.01"), rounding="ROUND_CEILING")
        ceiling = min(Decimal(100), base + Decimal(treatable) * 100 / area)
        members.append(
            Member(f"1409{number:02d}", f"{number}县", area, base, treatable, min(floor, Decimal(100)), ceiling)
        )
    members = [m if m.lowest <= m.highest else replace(m, ceiling=m.floor) for m in members]
    low = mean_of((m.area, Decimal(m.lowest) / 100) for m in members)
    high = mean_of((m.area, Decimal(m.highest) / 100) for m in members)
    between = low + (high - low) * Fraction(draw(st.integers(0, 1000)), 1000)
    return members, Decimal(round(between * 100)) / 100


@given(region=regions(), method=methods)
def test_a_division_closes_to_the_printed_target(region: tuple[list[Member], Decimal], method: Method) -> None:
    members, target = region
    made = _made(members, target, method)
    assert closes(made.mean, target)
    assert made.mean == mean_of((m.area, made.percent[m.code]) for m in members)
    assert round(float(made.mean), 2) == pytest.approx(float(target), abs=0.0051)


@given(region=regions(), method=methods)
def test_a_division_keeps_every_county_within_its_bounds(region: tuple[list[Member], Decimal], method: Method) -> None:
    members, target = region
    made = _made(members, target, method)
    for m in members:
        assert m.floor <= made.percent[m.code] <= m.ceiling
        assert made.percent[m.code] == made.percent[m.code].quantize(Decimal("0.01"))


@given(region=regions(), method=methods, more=st.integers(1, 500))
def test_a_higher_target_lowers_no_countys_share(
    region: tuple[list[Member], Decimal], method: Method, more: int
) -> None:
    members, target = region
    most = mean_of((m.area, Decimal(m.highest)) for m in members)
    higher = max(target, min(target + Decimal(more) / 100, Decimal(int(most)) / 100))
    less, greater = _made(members, target, method), _made(members, higher, method)
    for m in members:
        assert greater.exact[m.code] >= less.exact[m.code]
        assert greater.percent[m.code] >= less.percent[m.code] - Decimal("0.01")


@given(region=regions(), method=methods, shuffled=st.randoms())
def test_the_order_of_counties_does_not_matter(
    region: tuple[list[Member], Decimal], method: Method, shuffled: object
) -> None:
    members, target = region
    other = list(members)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    assert _made(members, target, method).percent == _made(other, target, method).percent


@given(region=regions(), method=methods, factor=st.integers(2, 10_000))
def test_the_unit_of_area_does_not_matter(region: tuple[list[Member], Decimal], method: Method, factor: int) -> None:
    members, target = region
    larger = [replace(m, area=m.area * factor, treatable=m.treatable * factor) for m in members]
    assert _made(members, target, method).percent == _made(larger, target, method).percent


@given(region=regions(), method=methods, data=st.data())
def test_a_held_county_stays_and_the_rest_close(
    region: tuple[list[Member], Decimal], method: Method, data: st.DataObject
) -> None:
    members, target = region
    at = data.draw(st.integers(0, len(members) - 1))
    steps = data.draw(st.integers(members[at].lowest, members[at].highest))
    members[at] = replace(members[at], held=Decimal(steps) / 100)
    made = _made(members, target, method)
    assert made.percent[members[at].code] == members[at].held
    assert closes(made.mean, target)


@given(region=regions())
def test_equal_gain_gives_counties_away_from_their_bounds_the_same(region: tuple[list[Member], Decimal]) -> None:
    members, target = region
    made = _made(members, target, Method.EQUAL)
    gains = {
        made.exact[m.code] - Fraction(m.base)
        for m in members
        if Fraction(m.lowest, 100) < made.exact[m.code] < Fraction(m.highest, 100)
    }
    assert len(gains) <= 1


@pytest.mark.parametrize("year, total, mean", [(2025, "63.56", 63.5577), (2035, "66.22", 66.2158)])
def test_the_printed_targets_of_xinzhous_fourteen_counties_close_on_the_citys(
    year: int, total: str, mean: float
) -> None:
    targets = load_targets("xinzhou")
    assert f"{targets.totals[year]:.2f}" == total
    found = mean_of(
        (round(XINZHOU_KM2[county.code] * 1e6), Decimal(str(county.percent[year]))) for county in targets.entries
    )
    assert float(found) == pytest.approx(mean, abs=5e-5)
    assert closes(found, Decimal(total))


def test_counties_held_at_their_printed_targets_are_given_back_as_they_are() -> None:
    targets = load_targets("xinzhou")
    members = [
        Member(c.code, c.name, round(XINZHOU_KM2[c.code] * 1e6), Decimal(40), 10**8, held=Decimal(str(c.percent[2025])))
        for c in targets.entries
    ]
    made = divide(members, Decimal("63.56"), Method.EQUAL)
    assert made.percent == {c.code: Decimal(str(c.percent[2025])) for c in targets.entries}


def test_two_counties_by_hand() -> None:
    """100 and 300 km², 50 % and 70 %: the mean is 65; to 66.00 everybody gains 1; by treatable area 10 : 30 km² too."""
    members = [
        Member("1", "甲", 100, Decimal(50), 10, Decimal(50), Decimal(60)),
        Member("2", "乙", 300, Decimal(70), 30, Decimal(70), Decimal(80)),
    ]
    for method in (Method.EQUAL, Method.TREATABLE):
        assert divide(members, Decimal(66), method).percent == {"1": Decimal(51), "2": Decimal(71)}
    as_now = divide(members, Decimal(66), Method.AS_NOW)
    assert as_now.percent == {"1": Decimal("50.77"), "2": Decimal("71.08")}
    assert as_now.mean == Fraction("66.0025")


def test_ceilings_that_are_too_low_are_refused_with_the_gap() -> None:
    members = [
        Member("1", "甲", 10**8, Decimal(50), 10**7, Decimal(50), Decimal(60)),
        Member("2", "乙", 3 * 10**8, Decimal(70), 3 * 10**7, Decimal(70), Decimal(80)),
    ]
    with pytest.raises(Refusal, match=r"75\.00 %，比目标 76\.50 % 少 1\.50 个百分点（6\.00 km²）") as refused:
        divide(members, Decimal("76.50"), Method.EQUAL)
    assert refused.value.code == "ceilings-too-low"


def test_floors_that_are_too_high_are_refused_with_the_gap() -> None:
    members = [Member("1", "甲", 10**8, Decimal(50), 0, Decimal(50), Decimal(50))]
    with pytest.raises(Refusal, match=r"已有 50\.00 %，比目标 49\.00 % 多 1\.00 个百分点（1\.00 km²）") as refused:
        divide(members, Decimal(49), Method.EQUAL)
    assert refused.value.code == "floors-too-high"


def test_bounds_that_cross_are_refused_by_the_countys_name() -> None:
    with pytest.raises(Refusal, match="甲（60.00–50.00）"):
        divide([Member("1", "甲", 1, Decimal(50), 1, Decimal(60), Decimal(50))], Decimal(55), Method.EQUAL)


def test_a_method_that_moves_nobody_is_refused() -> None:
    with pytest.raises(Refusal, match="请换一种方法"):
        divide([Member("1", "甲", 100, Decimal(0), 50)], Decimal(10), Method.AS_NOW)


def _made(members: list[Member], target: Decimal, method: Method) -> Division:
    try:
        return divide(members, target, method)
    except Refusal:
        assume(False)
        raise
