"""Recording a target, setting a way, reporting and withdrawing progress, with what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, transaction
from tests.bureau.people import make_person
from tests.bureau.targets.conftest import NOW

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets import planned, services
from bureau.targets.course import Shape
from bureau.targets.models import Course, PlannedQuantity, Progress, Proposal, Target
from bureau.targets.selectors import quantity_standings, shares_of

TODAY = date(2026, 3, 5)


def code_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as found, transaction.atomic():
        act()
    return found.value.code


@pytest.fixture
def dams(db: Any) -> PlannedQuantity:
    return PlannedQuantity.objects.create(
        region_id="140900", code="dams", title="淤地坝", amount=170, unit="座", sense="at_least", source="文件", clause="四",
        due=date(2025, 12, 31),
    )  # fmt: skip


def recorded(by: Any, region: Region, **fields: Any) -> Proposal:
    """Record a target of a document."""
    given = {"year": 2025, "percent": Decimal("57.00"), "source": "忻政发〔2026〕1号", "clause": "一", "since": TODAY}
    return services.propose(by=by, region=region, now=NOW, **{**given, **fields})


def approved(by: Any, region: Region, **fields: Any) -> Target:
    """Record a target, and let another approve it."""
    other = make_person("approve", region="140900")
    return services.approve_proposal(by=other, proposal=recorded(by, region, **fields), now=NOW)


def test_a_recorded_target_takes_the_place_of_the_one_in_force(xinzhou: Region, person: Callable[..., Any]) -> None:
    by = person("approve", region="140900")
    made = approved(by, xinzhou)
    assert Target.objects.in_force(TODAY).get(region=xinzhou, year=2025) == made
    assert Target.objects.get(region=xinzhou, year=2025, pack="test").superseded == TODAY
    assert code_of(lambda: recorded(by, xinzhou)) == "already-so"


@pytest.mark.parametrize("year, percent", [(2024, "99.00"), (2050, "1.00")])
def test_targets_that_fall_from_year_to_year_are_refused_and_the_other_is_named(
    year: int, percent: str, xinzhou: Region, person: Callable[..., Any]
) -> None:
    by, before = person("approve", region="140900"), Target.objects.in_force().count()
    with pytest.raises(Refusal, match="是下降") as found:
        recorded(by, xinzhou, year=year, percent=Decimal(percent))
    assert found.value.code == "targets-fall"
    assert Target.objects.in_force().count() == before
    level = Decimal("54.00") if year < 2025 else Decimal("58.00")
    recorded(by, xinzhou, year=year, percent=level)


def test_a_recorded_target_is_in_force_once_another_has_approved_it(
    xinzhou: Region, person: Callable[..., Any]
) -> None:
    by, other = person("clerk", "approve", region="140900"), person("approve", region="140000")
    made = recorded(by, xinzhou)
    assert Target.objects.in_force(TODAY).get(region=xinzhou, year=2025).percent == Decimal("54.00")
    assert code_of(lambda: recorded(other, xinzhou, percent=Decimal("56.00"))) == "waits-already"
    assert code_of(lambda: services.approve_proposal(by=by, proposal=made, now=NOW)) == "oneself"
    for stranger in (
        person("approve", region="220000"),
        person("approve", region="140928"),
        person("clerk", region="140900"),
    ):
        assert (
            code_of(lambda by=stranger: services.approve_proposal(by=by, proposal=made, now=NOW)) == "not-your-region"
        )
    assert services.approve_proposal(by=other, proposal=made, now=NOW).percent == Decimal("57.00")
    assert code_of(lambda: services.approve_proposal(by=other, proposal=made, now=NOW)) == "decided"
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(decided_by=by)


def test_a_recorded_target_is_returned_with_a_reason_and_recorded_anew(
    xinzhou: Region, person: Callable[..., Any]
) -> None:
    by, other = person("clerk", region="140900"), person("approve", region="140900")
    made = recorded(by, xinzhou)

    def give_back(who: Any, reason: str = "文号不对") -> None:
        services.return_proposal(by=who, proposal=made, reason=reason, now=NOW)

    assert code_of(lambda: give_back(person("clerk", region="140900"))) == "not-your-region"
    assert code_of(lambda: give_back(other, " ")) == "no-reason"
    give_back(other)
    assert code_of(lambda: give_back(other)) == "decided"
    recorded(by, xinzhou)


def test_what_would_fall_by_the_day_of_approval_is_refused(xinzhou: Region, person: Callable[..., Any]) -> None:
    by, other = person("clerk", region="140900"), person("approve", region="140900")
    first, second = (
        recorded(by, xinzhou, year=2028, percent=Decimal("57.00")),
        recorded(by, xinzhou, year=2030, percent=Decimal("55.00")),
    )
    services.approve_proposal(by=other, proposal=first, now=NOW)
    assert code_of(lambda: services.approve_proposal(by=other, proposal=second, now=NOW)) == "targets-fall"


def test_a_target_needs_a_document_that_is_in_force(xinzhou: Region, person: Callable[..., Any]) -> None:
    by = person("approve", region="140900")
    assert code_of(lambda: recorded(by, xinzhou, source="  ")) == "no-document"
    assert code_of(lambda: recorded(by, xinzhou, source="。")) == "no-document"
    assert code_of(lambda: recorded(by, xinzhou, since=date(2027, 1, 1))) == "day-not-possible"


def test_another_county_or_who_only_looks_may_not_record_a_target(xinzhou: Region, person: Callable[..., Any]) -> None:
    for by in (
        person("approve", region="140928"),
        person("view", region="140900"),
        person("approve", region="220000"),
    ):
        assert code_of(lambda by=by: recorded(by, xinzhou)) == "not-your-region"


def test_the_database_holds_one_target_in_force_a_year(xinzhou: Region) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.create(region=xinzhou, year=2025, percent=60, source="又一份", status="decided")


def test_a_way_of_ones_own_is_kept_year_by_year(xinzhou: Region, person: Callable[..., Any]) -> None:
    by = person("clerk", region="140900")
    own = {year: Decimal("52.5") + Decimal(year - 2022) / 2 for year in range(2023, 2035)}
    given = {"by": by, "region": xinzhou, "base": (2022, Decimal("52.50")), "now": NOW}
    own_until = {
        year: min(rate, Decimal("54.00")) if year < 2025 else max(rate, Decimal("54.00")) for year, rate in own.items()
    }
    services.set_course(shape=Shape.OWN, own={y: min(r, Decimal(58)) for y, r in own_until.items()}, **given)
    assert Course.objects.get(region=xinzhou).milestones.count() == 12
    services.set_course(shape=Shape.LINEAR, own={}, **given)
    assert Course.objects.get(region=xinzhou).milestones.count() == 0
    assert code_of(lambda: services.set_course(shape=Shape.OWN, own={}, **given)) == "years-missing"


def test_a_way_needs_a_start_and_an_end_and_ones_own_region(xinzhou: Region, person: Callable[..., Any]) -> None:
    by = person("clerk", region="140900")
    base = (2022, Decimal("52.50"))

    def set_it(by: Any, base: Any, region: Region = xinzhou) -> Course:
        return services.set_course(by=by, region=region, base=base, shape=Shape.LINEAR, own={}, now=NOW)

    assert code_of(lambda: set_it(by, None)) == "no-rate"
    assert code_of(lambda: set_it(by, (2040, Decimal(60)))) == "no-target"
    assert code_of(lambda: set_it(person("clerk", region="140928"), base)) == "not-your-region"


def confirmed(entry: Progress) -> Progress:
    planned.confirm(by=make_person("review", region="140000"), progress=entry, now=NOW)
    return entry


def reported(by: Any, dams: PlannedQuantity, region: str = "140928", **fields: Any) -> Progress:
    given = {"amount": Decimal(3), "on": date(2025, 6, 1), "evidence": "验收鉴定书"}
    place = Region.objects.get(code=region)
    return planned.report(by=by, quantity=dams, region=place, now=NOW, today=TODAY, **{**given, **fields})


def test_progress_of_the_counties_adds_up_for_the_city_and_a_county_sees_its_own(
    dams: PlannedQuantity, person: Callable[..., Any]
) -> None:
    county, city = person("clerk", region="140928"), person("clerk", region="140900")
    confirmed(reported(county, dams))
    confirmed(reported(city, dams, region="140932", amount=Decimal(14)))
    [of_county], [of_city] = (quantity_standings(who, TODAY) for who in (county, city))
    assert (of_county.done, of_county.whole, of_county.late) == (3, False, False)
    assert (of_city.done, of_city.whole, of_city.late) == (17, True, True)
    assert of_city.share == 10
    assert quantity_standings(person("clerk", region="220000"), TODAY) == []


def test_the_lines_of_the_regions_come_to_what_is_done_and_say_who_is_silent(
    dams: PlannedQuantity, person: Callable[..., Any]
) -> None:
    clerks = {code: person("clerk", region=code) for code in ("140928", "140900", "140932")}
    confirmed(reported(clerks["140928"], dams, "140928", amount=Decimal(3)))
    confirmed(reported(clerks["140928"], dams, "140928", amount=Decimal(4)))
    confirmed(reported(clerks["140900"], dams, "140900", amount=Decimal(2)))
    city, county = person("view", region="140900"), person("view", region="140928")
    shares = shares_of(city, dams)
    assert [(s.region.code, s.done, s.entries, s.whole) for s in shares] == [
        ("140900", 2, 1, False), ("140928", 7, 2, True), ("140932", 0, 0, True),
    ]  # fmt: skip
    [standing] = [q for q in quantity_standings(city, TODAY) if q.quantity == dams]
    assert sum(share.done for share in shares) == standing.done == 9
    assert [(s.region.code, s.done) for s in shares_of(county, dams)] == [("140928", 7)]
    assert [s.done for s in shares_of(person("view", region="000000"), dams)] == [2, 7, 0]


def test_the_same_is_not_reported_twice(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    by = person("clerk", region="140928")
    first = reported(by, dams)
    assert code_of(lambda: reported(by, dams)) == "already-reported"
    planned.withdraw(by=by, progress=first, reason="写错", now=NOW)
    reported(by, dams, "140928", amount=Decimal(3))


def test_progress_is_refused_where_it_cannot_be(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county, province = person("clerk", region="140928"), person("clerk", region="140000")
    assert code_of(lambda: reported(county, dams, region="140932")) == "not-your-region"
    assert code_of(lambda: reported(person("view", region="140928"), dams)) == "not-your-region"
    assert code_of(lambda: reported(province, dams, region="140121")) == "not-of-the-quantity"
    assert code_of(lambda: reported(county, dams, amount=Decimal(0))) == "not-positive"
    assert code_of(lambda: reported(county, dams, on=date(2026, 4, 1))) == "in-the-future"
    assert code_of(lambda: reported(county, dams, evidence=" ")) == "no-evidence"
    assert code_of(lambda: reported(county, dams, evidence="。.")) == "no-evidence"
    assert code_of(lambda: reported(county, dams, on=date(1900, 1, 1))) == "before-the-plan"
    assert code_of(lambda: reported(county, dams, amount=Decimal("2.5"))) == "not-whole"


def test_what_exceeds_the_plan_or_comes_late_needs_a_reason(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county = person("clerk", region="140928")
    assert code_of(lambda: reported(county, dams, amount=Decimal(171))) == "doubtful"
    assert code_of(lambda: reported(county, dams, on=date(2026, 2, 1))) == "doubtful"
    assert code_of(lambda: reported(county, dams, on=date(2026, 2, 1), because="…")) == "doubtful"
    assert reported(county, dams, amount=Decimal(171), because="超额完成，见验收表").because == "超额完成，见验收表"
    assert code_of(lambda: reported(county, dams, amount=Decimal(1))) == "doubtful"  # what waits counts into the sum


def test_no_region_treats_more_land_than_it_has(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county = person("clerk", region="140928")
    west = MultiPolygon(Polygon.from_bbox((111.0, 38.0, 111.1, 38.1)), srid=4490)
    Region.objects.filter(code="140928").update(border=west)  # some 97 km²
    PlannedQuantity.objects.filter(pk=dams.pk).update(unit="亩", amount=350_000)
    dams.refresh_from_db()
    assert code_of(lambda: reported(county, dams, amount=Decimal(10**9))) == "beyond-the-land"
    assert reported(county, dams, amount=Decimal(140_000)).pk


def test_a_county_counts_once_where_counties_are_counted(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county, city = person("clerk", region="140928"), person("clerk", region="140900")
    PlannedQuantity.objects.filter(pk=dams.pk).update(unit="个县", amount=1)
    dams.refresh_from_db()
    sure = {"because": "市里多报"}
    with pytest.raises(Refusal, match="五寨县有 1 个县，连同已报的合计 3 个") as found:
        reported(county, dams, amount=Decimal(3), **sure)
    assert found.value.code == "more-than-the-counties"
    first = reported(county, dams, amount=Decimal(1))
    again = {"amount": Decimal(1), "on": date(2025, 7, 1), **sure}
    assert code_of(lambda: reported(county, dams, **again)) == "more-than-the-counties"
    there = Region.objects.filter(code__startswith="1409", level="county").count()
    every = {"amount": Decimal(there), "region": "140900", **sure}
    assert code_of(lambda: reported(city, dams, **every)) == "more-than-the-counties"
    planned.withdraw(by=county, progress=first, reason="误报", now=NOW)
    reported(city, dams, **every)
    assert code_of(lambda: reported(county, dams, **again)) == "more-than-the-counties", "the city has them all"


def test_progress_counts_once_another_person_confirmed_it(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county, city, both = person("clerk", region="140928"), person("review", region="140900"), person("clerk", "review")
    entry = reported(county, dams)
    [standing] = quantity_standings(city, TODAY)
    assert (standing.done, standing.waiting) == (0, 1)
    other = person("review", region="140932")
    assert code_of(lambda: planned.confirm(by=other, progress=entry, now=NOW)) == "not-your-region"
    assert code_of(lambda: planned.confirm(by=county, progress=entry, now=NOW)) == "not-your-region"
    own = reported(both, dams, amount=Decimal(5))
    assert code_of(lambda: planned.confirm(by=both, progress=own, now=NOW)) == "oneself"
    planned.confirm(by=city, progress=entry, now=NOW)
    assert quantity_standings(city, TODAY)[0].done == 3
    assert code_of(lambda: planned.confirm(by=city, progress=entry, now=NOW)) == "decided-already"
    with pytest.raises(IntegrityError), transaction.atomic():
        Progress.objects.filter(pk=entry.pk).update(confirmed_by=county)


def test_only_who_reported_or_reviews_takes_progress_back(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county, city = person("clerk", region="140928"), person("clerk", "review", region="140900")
    of_city, of_county = reported(city, dams), confirmed(reported(county, dams, amount=Decimal(4)))
    of_county.refresh_from_db()
    take = lambda by, entry: planned.withdraw(by=by, progress=entry, reason="错", now=NOW)  # noqa: E731
    assert code_of(lambda: take(county, of_city)) == "not-your-region"
    assert code_of(lambda: take(county, of_county)) == "confirmed-already"
    take(city, of_county)
    take(city, of_city)


def test_a_part_of_a_plan_has_no_share(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    confirmed(reported(person("clerk", region="140928"), dams))
    [of_county] = quantity_standings(person("view", region="140928"), TODAY)
    assert (of_county.done, of_county.share, of_county.width) == (3, None, 0)


def test_withdrawn_progress_stays_and_is_not_counted(dams: PlannedQuantity, person: Callable[..., Any]) -> None:
    county = person("clerk", region="140928")
    entry = reported(county, dams)
    assert code_of(lambda: planned.withdraw(by=county, progress=entry, reason="", now=NOW)) == "no-reason"
    other = person("clerk", region="140932")
    assert code_of(lambda: planned.withdraw(by=other, progress=entry, reason="错", now=NOW)) == "not-your-region"
    planned.withdraw(by=county, progress=entry, reason="重复填报", now=NOW)
    assert quantity_standings(county, TODAY)[0].done == 0
    assert Progress.objects.filter(pk=entry.pk).exists()
    assert code_of(lambda: planned.withdraw(by=county, progress=entry, reason="再", now=NOW)) == "already-withdrawn"
