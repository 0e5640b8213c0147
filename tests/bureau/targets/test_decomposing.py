"""The acts of dividing a target, with what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.bureau.targets.conftest import NOW

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets import decomposing
from bureau.targets.closing import Method, closes, mean_of
from bureau.targets.lines import Change
from bureau.targets.models import Decomposition, Target


def rates_of(made: Decomposition) -> dict[str, str]:
    return {line.region_id: str(line.percent) for line in made.lines.all()}


def code_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as found, transaction.atomic():
        act()
    return found.value.code


def test_a_draft_closes_from_the_last_year_that_all_counties_have(begin: Callable[..., Any]) -> None:
    made = begin()
    assert rates_of(made) == {"140928": "62.03", "140932": "51.32"}
    assert made.area_source == "2024 年公布成果的土地面积"
    assert made.simulated
    assert closes(mean_of((line.area_m2, line.percent) for line in made.lines.all()), Decimal("54.00"))


def test_by_treatable_area_who_can_treat_more_gains_more(begin: Callable[..., Any]) -> None:
    made = begin(method=Method.TREATABLE)
    by_code = {line.region_id: line for line in made.lines.select_related("decomposition")}
    assert by_code["140932"].gain > by_code["140928"].gain
    assert closes(mean_of((line.area_m2, line.percent) for line in by_code.values()), Decimal("54.00"))


def test_only_one_decomposition_is_open_at_a_time(begin: Callable[..., Any]) -> None:
    begin()
    assert code_of(begin) == "already-open"


def test_a_region_without_a_target_or_without_members_has_nothing_to_divide(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    assert code_of(lambda: begin(year=2030)) == "no-target"
    county = Region.objects.get(code="140928")
    Target.objects.create(region=county, year=2025, percent=60, source="文件", status="decided")
    by = person("clerk", region="140928")
    act = lambda: decomposing.begin(by=by, region=county, year=2025, method=Method.EQUAL, figures={}, now=NOW)  # noqa: E731
    assert code_of(act) == "no-members"


def test_counties_without_rates_and_without_borders_are_refused(xinzhou: Region, person: Callable[..., Any]) -> None:
    by = person("clerk", region="140900")
    act = lambda: decomposing.begin(by=by, region=xinzhou, year=2025, method=Method.EQUAL, figures={}, now=NOW)  # noqa: E731
    assert code_of(act) == "no-areas"


def test_a_clerk_of_a_county_or_of_another_province_may_not_divide_the_citys_target(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    for by in (person("clerk", region="140928"), person("clerk", region="220000"), person("review", region="140900")):
        assert code_of(lambda by=by: begin(by)) == "not-your-region"


def test_a_county_that_is_changed_is_held_and_the_rest_close_again(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    by = person("clerk", region="140900")
    made = begin(by)
    line = made.lines.get(region_id="140928")
    decomposing.revise(by=by, decomposition=made, changes={line.pk: Change(percent=Decimal("63.03"))})
    assert rates_of(made) == {"140928": "63.03", "140932": "50.99"}
    decomposing.revise(by=by, decomposition=made, changes={line.pk: Change(free=True)})
    assert rates_of(made) == {"140928": "62.03", "140932": "51.32"}


def test_a_change_that_cannot_close_changes_nothing_and_says_the_gap(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    by = person("clerk", region="140900")
    made = begin(by)
    line = made.lines.get(region_id="140928")
    with pytest.raises(Refusal, match="比目标 54.00 % 多 1.73 个百分点") as found, transaction.atomic():
        decomposing.revise(by=by, decomposition=made, changes={line.pk: Change(percent=Decimal("72.00"))})
    assert found.value.code == "floors-too-high"
    assert rates_of(made) == {"140928": "62.03", "140932": "51.32"}
    too_low = {line.pk: Change(percent=Decimal("60.00"))}
    assert code_of(lambda: decomposing.revise(by=by, decomposition=made, changes=too_low)) == "out-of-bounds"


def test_less_treatable_area_lowers_the_ceiling(begin: Callable[..., Any], person: Callable[..., Any]) -> None:
    by = person("clerk", region="140900")
    made = begin(by)
    line = made.lines.get(region_id="140928")
    decomposing.revise(by=by, decomposition=made, changes={line.pk: Change(treatable_m2=5 * 10**6)})
    line = made.lines.select_related("decomposition").get(region_id="140928")
    assert line.ceiling == Decimal("61.50")
    assert rates_of(made) == {"140928": "61.50", "140932": "51.50"}
    too_much = {line.pk: Change(treatable_m2=2 * 10**9)}
    assert code_of(lambda: decomposing.revise(by=by, decomposition=made, changes=too_much)) == "not-within"


def test_a_missing_rate_is_filled_in_county_by_county(
    xinzhou: Region, person: Callable[..., Any], publish: Callable[..., None]
) -> None:
    from bureau.targets.actuals import published

    by = person("clerk", region="140900")
    figures = published("1409")
    made = decomposing.begin(by=by, region=xinzhou, year=2025, method=Method.EQUAL, figures=figures, now=NOW)
    made.lines.update(base=None, percent=None)
    assert code_of(lambda: decomposing.submit(by=by, decomposition=made, now=NOW)) == "base-missing"
    for code, rate in (("140928", "61"), ("140932", "50.3")):
        line = made.lines.get(region_id=code)
        change = {line.pk: Change(base=Decimal(rate), base_source="县填报")}
        decomposing.revise(by=by, decomposition=made, changes=change)
    assert rates_of(made) == {"140928": "62.03", "140932": "51.32"}


def test_the_later_target_is_not_below_the_earlier_one(begin: Callable[..., Any]) -> None:
    county = Region.objects.get(code="140932")
    Target.objects.create(region=county, year=2025, percent=Decimal("56.00"), source="文件", status="decided")
    made = begin(year=2035)
    line = made.lines.select_related("decomposition").get(region_id="140932")
    assert line.floor == Decimal("56.00")
    assert line.percent >= 56


def test_another_approves_and_the_lines_become_targets(begin: Callable[..., Any], person: Callable[..., Any]) -> None:
    by, chief = person("clerk", region="140900"), person("approve", region="140000")
    made = begin(by)
    decomposing.submit(by=by, decomposition=made, now=NOW)
    decomposing.approve(by=chief, decomposition=made, now=NOW)
    day = date(2026, 3, 1)
    given = {"by": chief, "decomposition": made, "since": day, "today": date(2026, 3, 5), "sure": True}
    assert code_of(lambda: decomposing.put_in_force(document=" 。", **given)) == "no-document"
    unchecked = {**given, "sure": False}
    assert code_of(lambda: decomposing.put_in_force(document="忻水〔2026〕1号", **unchecked)) == "day-is-past"
    for wrong in (
        date(2025, 12, 31),
        date(1990, 1, 1),
        date(2026, 4, 1),
    ):  # the target's year is 2025: nothing lies ahead
        never = {**given, "since": wrong}
        assert code_of(lambda g=never: decomposing.put_in_force(document="忻水〔2026〕1号", **g)) == "day-not-possible"
    assert decomposing.put_in_force(document="忻水〔2026〕1号", **given) == 2
    found = Target.objects.in_force(date(2026, 3, 5)).get(region_id="140928", year=2025)
    assert (found.percent, found.source, found.decomposition_id, found.simulated) == (
        Decimal("62.03"), "忻水〔2026〕1号", made.pk, True,
    )  # fmt: skip
    assert code_of(lambda: decomposing.put_in_force(document="again", **given)) == "wrong-state"


def test_whoever_made_or_submitted_it_may_not_approve_it(begin: Callable[..., Any], person: Callable[..., Any]) -> None:
    both = person("clerk", "approve", region="140900")
    made = begin(both)
    decomposing.submit(by=both, decomposition=made, now=NOW)
    assert code_of(lambda: decomposing.approve(by=both, decomposition=made, now=NOW)) == "same-person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Decomposition.objects.filter(pk=made.pk).update(approved_by=both)


def test_a_county_or_a_clerk_may_not_approve(begin: Callable[..., Any], person: Callable[..., Any]) -> None:
    by = person("clerk", region="140900")
    made = begin(by)
    decomposing.submit(by=by, decomposition=made, now=NOW)
    for other in (person("approve", region="140928"), person("clerk", region="140900")):
        act = lambda other=other: decomposing.approve(by=other, decomposition=made, now=NOW)  # noqa: E731
        assert code_of(act) == "not-your-region"


def test_what_was_sent_back_says_why_and_can_be_changed_again(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    by, chief = person("clerk", region="140900"), person("approve", region="140900")
    made = begin(by)
    decomposing.submit(by=by, decomposition=made, now=NOW)
    act = lambda: decomposing.revise(by=by, decomposition=made, changes={})  # noqa: E731
    assert code_of(act) == "wrong-state"
    assert code_of(lambda: decomposing.send_back(by=chief, decomposition=made, reason=" ")) == "no-reason"
    decomposing.send_back(by=chief, decomposition=made, reason="偏关县请再核")
    assert (made.state, made.returned_for) == ("draft", "偏关县请再核")
    act()


def test_a_target_that_changed_meanwhile_stops_the_approval(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    by, chief = person("clerk", region="140900"), person("approve", region="140900")
    made = begin(by)
    decomposing.submit(by=by, decomposition=made, now=NOW)
    Target.objects.filter(region_id="140900", year=2025).update(percent=Decimal("55.00"))
    assert code_of(lambda: decomposing.approve(by=chief, decomposition=made, now=NOW)) == "target-changed"


def test_a_submitted_one_is_not_discarded_and_a_discarded_one_makes_room(
    begin: Callable[..., Any], person: Callable[..., Any]
) -> None:
    by = person("clerk", region="140900")
    made = begin(by)
    decomposing.discard(by=by, decomposition=made)
    again = begin(by)
    decomposing.submit(by=by, decomposition=again, now=NOW)
    assert code_of(lambda: decomposing.discard(by=by, decomposition=again)) == "wrong-state"
    assert code_of(lambda: decomposing.discard(by=by, decomposition=made)) == "wrong-state"
