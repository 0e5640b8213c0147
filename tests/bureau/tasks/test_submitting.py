"""Reporting what was done of a task (填报进展)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bureau.refusal import Refusal
from bureau.tasks import services
from bureau.tasks.models import ProgressReport, Task
from bureau.tasks.reaching import reached
from bureau.tasks.selectors import all_occurrences, standings

Fetch = Callable[[str, int], Task]
Make = Callable[..., Any]


def refused(**words: Any) -> str:
    """Return the code with which a report is refused."""
    with pytest.raises(Refusal) as why:
        services.submit(**words)
    assert any(mark in why.value.message for mark in "；。")
    return why.value.code


def test_what_is_reported_as_done_waits_for_a_second_person(task: Fetch, person: Make, now: datetime) -> None:
    shown, by = task("xinzhou-plan", 16), person("clerk", region="140900")
    due = shown.dues.get()
    ask = {"by": by, "task": shown, "text": "试点县已选定", "year": 2025, "due": due, "finishes": True, "now": now}
    assert refused(**ask) == "doubtful", "nobody has reported the one county that the document asks for"
    report = services.submit(**ask, sure=True)
    assert (report.status, report.region_id, report.by) == ("submitted", "140900", by)
    standing = standings(person=by, tasks=[shown], today=date(2026, 3, 5))[shown.pk]
    assert standing.code == "waiting"
    services.confirm(by=person("review", region="140900"), report=report, now=now)
    assert standings(person=by, tasks=[shown], today=date(2026, 3, 5))[shown.pk].code == "done"


def test_a_county_reports_for_itself_of_a_task_that_names_counties(task: Fetch, person: Make, now: datetime) -> None:
    shown = task("xinzhou-plan", 18)
    report = services.submit(
        by=person("clerk", region="140928"), task=shown, text="本县治理 1 万亩", year=2026, now=now
    )
    assert report.region_id == "140928"
    assert not ProgressReport.objects.for_person(person("view", region="140932")).exists()
    assert ProgressReport.objects.for_person(person("view", region="140900")).get() == report


def test_a_countys_report_does_not_end_what_the_city_owes(task: Fetch, person: Make, now: datetime) -> None:
    shown, county, city = task("xinzhou-plan", 16), person("clerk", region="140928"), person("clerk", region="140900")
    words = {
        "task": shown,
        "text": "完成",
        "year": 2025,
        "due": shown.dues.get(),
        "finishes": True,
        "now": now,
        "sure": True,
    }
    services.submit(by=county, **words)
    day = date(2026, 3, 5)
    assert standings(person=county, tasks=[shown], today=day)[shown.pk].code == "waiting"
    assert standings(person=city, tasks=[shown], today=day)[shown.pk].code == "late"
    services.submit(by=city, **words)


@pytest.mark.parametrize("region", ["140000", "140121", "220122", "140928"])
def test_another_region_may_not(region: str, task: Fetch, person: Make, now: datetime) -> None:
    by = person("clerk", region=region)  # task 10 names the city's bureau only
    assert refused(by=by, task=task("xinzhou-plan", 10), text="已做", year=2026, now=now) == "not-your-task"


@pytest.mark.parametrize("duty", ["view", "review", "approve", "administer"])
def test_only_a_clerk_may(duty: str, task: Fetch, person: Make, now: datetime) -> None:
    by = person(duty, region="140900")
    assert refused(by=by, task=task("xinzhou-plan", 10), text="已做", year=2026, now=now) == "not-a-clerk"


def test_what_is_done_is_reported_once_a_year(task: Fetch, person: Make, now: datetime) -> None:
    shown, by = task("jilin-plan", 9), person("clerk", region="220000")
    due = shown.dues.get(what="部级遥感监管认定及查处")
    words = {"by": by, "task": shown, "text": "完成", "due": due, "finishes": True, "now": now}
    first = services.submit(year=2024, **words)
    services.submit(year=2025, **words)
    assert refused(year=2024, **words) == "finished-already"
    services.send_back(by=person("review", region="220000"), report=first, reason="请附清单", now=now)
    services.submit(year=2024, **words)


def test_what_does_not_hang_together_is_refused(task: Fetch, person: Make, now: datetime) -> None:
    shown, other, by = task("jilin-plan", 9), task("jilin-plan", 8), person("clerk", region="220000")
    figure = shown.figures.get()
    ask: dict[str, Any] = {"by": by, "task": shown, "year": 2026, "now": now, "text": "做了"}
    assert refused(**{**ask, "text": "  "}) == "no-text"
    assert refused(**ask, due=other.dues.first()) == "another-task"
    assert refused(**ask, figure=other.figures.get(), value=Decimal(1)) == "another-task"
    assert refused(**ask, figure=figure) == "value-without-figure"
    assert refused(**ask, value=Decimal(1)) == "value-without-figure"
    assert refused(**ask, figure=figure, value=Decimal(-1)) == "value-below-nought"
    assert refused(**ask, finishes=True) == "no-such-date"
    assert refused(**ask, unit=task("xinzhou-plan", 1).parts.first().unit) == "another-unit"  # type: ignore[union-attr]
    months = task("jilin-plan", 12)
    counted = months.figures.get()
    assert refused(**{**ask, "task": months}, figure=counted, value=Decimal(1)) == "not-counted"
    continuous = task("jilin-plan", 5).dues.get()
    assert refused(**{**ask, "task": continuous.task}, due=continuous, finishes=True) == "no-such-date"


def test_a_figure_of_every_year_is_reached_by_the_latest_confirmed_report_of_the_year(
    task: Fetch, person: Make, now: datetime, today: date
) -> None:
    shown, by, reviewer = task("jilin-plan", 9), person("clerk", region="220000"), person("review", region="220000")
    figure = shown.figures.get()
    for year, value, confirmed in ((2025, 310, True), (2026, 90, True), (2026, 150, True), (2026, 290, False)):
        report = services.submit(
            by=by, task=shown, text="核查", year=year, figure=figure, value=Decimal(value), now=now
        )  # fmt: skip
        if confirmed:
            services.confirm(by=reviewer, report=report, now=now)
    [found] = reached(person=by, task=shown, today=today)
    assert (found.amount, found.share, found.met) == ("150 个", Decimal(50), False)
    assert reached(person=by, task=shown, today=date(2025, 12, 1))[0].met
    assert reached(person=by, task=shown, today=date(2027, 1, 1))[0].share is None


def test_the_database_itself_holds_the_rules(task: Fetch, person: Make, now: datetime) -> None:
    shown, by = task("jilin-plan", 9), person("clerk", region="220000")
    ask: dict[str, Any] = {"task": shown, "region_id": "220000", "year": 2026, "text": "做了", "by": by, "at": now}
    wrong: list[dict[str, Any]] = [
        {"status": "confirmed"}, {"status": "confirmed", "decided_by": by, "decided_at": now}, {"finishes": True},
        {"value": 3}, {"figure": shown.figures.get()}, {"figure": shown.figures.get(), "value": -1},
    ]  # fmt: skip
    for words in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            ProgressReport.objects.create(**ask, **words)


def test_what_is_due_comes_in_order_and_knows_what_is_left(registers: None, person: Make, today: date) -> None:
    found = all_occurrences(person=person("view", region="220000"), today=today)
    assert found == sorted(found, key=lambda o: o.on)
    left = {o.on: o.left for o in found}
    assert left[date(2026, 2, 28)] == "已过 5 天"
    assert left[date(2026, 3, 31)] == "还有 26 天"
    assert max(o.on for o in found if o.due.kind == "yearly") <= date(2027, 3, 6)
