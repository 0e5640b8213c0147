"""From which day a target applies: never before its document, never after its year, and not ahead of its day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from tests.bureau.people import make_person

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets import services
from bureau.targets.effect import demand_day, doubt_of_day
from bureau.targets.models import Target

TODAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    "document, since, said",
    [
        ("忻水〔2026〕1号", date(2025, 12, 31), "不得早于 2026-01-01"), ("忻水[2026]1号", date(1990, 1, 1), "不得早于 2026-01-01"),
        ("通知", date(1990, 1, 1), "不得早于 2000-01-01"), ("通知", date(2036, 1, 1), "不得晚于目标年年底（2035-12-31）"),
        ("忻水〔2062〕1号", TODAY, "文号里的年份是 2062"), ("忻水〔1026〕1号", TODAY, "文号里的年份是 1026"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_refused_and_the_allowed_ones_are_named(document: str, since: date, said: str) -> None:
    with pytest.raises(Refusal) as found:
        demand_day(since=since, document=document, year=2035, today=TODAY, sure=True)
    assert said in found.value.message


def test_a_day_ahead_is_taken_as_it_is_and_one_that_is_past_only_when_it_was_checked() -> None:
    given: dict[str, Any] = {"document": "忻水〔2024〕1号", "year": 2035, "today": TODAY}
    demand_day(since=date(2035, 12, 31), sure=False, **given)
    demand_day(since=TODAY, sure=False, **given)
    past = TODAY - timedelta(days=1)
    with pytest.raises(Refusal, match="请勾选“核对过”"):
        demand_day(since=past, sure=False, **given)
    demand_day(since=past, sure=True, **given)
    assert doubt_of_day(since=TODAY, today=TODAY) == ""


def test_a_target_that_begins_later_leaves_the_one_in_force_until_its_day(
    xinzhou: Region, person: Callable[..., Any]
) -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    later = today + timedelta(days=40)
    by, other = person("clerk", region="140900"), make_person("approve", region="140900")
    given: dict[str, Any] = {"by": by, "region": xinzhou, "year": 2035, "clause": "一", "now": now}
    made = services.propose(percent=Decimal("59.00"), source="甲文件", since=later, **given)
    ahead = services.approve_proposal(by=other, proposal=made, now=now)

    def stands(on: date) -> str:
        return str(Target.objects.in_force(on).get(region=xinzhou, year=2035).percent)

    assert (stands(today), stands(later - timedelta(days=1)), stands(later)) == ("58.00", "58.00", "59.00")
    assert list(Target.objects.all().ahead(today)) == [ahead]
    assert list(Target.objects.all().over(today)) == []
    made = services.propose(percent=Decimal("58.50"), source="乙文件", since=today, **given)
    services.approve_proposal(by=other, proposal=made, now=now)
    assert (stands(today), stands(later)) == ("58.50", "58.50"), "what was decided last applies"
    assert list(Target.objects.all().ahead(today)) == []
