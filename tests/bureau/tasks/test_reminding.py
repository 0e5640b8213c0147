"""Reminders (提醒)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bureau.tasks import jobs, services
from bureau.tasks.models import Notice, Task

Make = Callable[..., Any]


def test_clerks_are_told_once_of_what_is_due_soon_and_once_of_what_is_over(
    registers: None, person: Make, now: datetime, today: date
) -> None:
    clerk, viewer = person("clerk", region="220000"), person("view", region="220000")
    assert services.remind(now=now, today=today) == Notice.objects.count() > 0
    assert services.remind(now=now, today=today) == 0, "each is told once"
    assert not Notice.objects.filter(person=viewer).exists()
    mine = Notice.objects.filter(person=clerk)
    soon = {notice.due.what for notice in mine.filter(kind="soon")}
    assert soon == {"各县市年度治理任务指标分解"}, "due on 31 March, 26 days ahead"
    assert {n.on for n in mine.filter(kind="late", due__phrase="每年 2 月底前")} == {date(2026, 2, 28)}
    later = today + timedelta(days=40)
    services.remind(now=now + timedelta(days=40), today=later)
    assert set(mine.filter(due__what__in=soon).values_list("kind", flat=True)) == {"soon", "late"}


def test_nobody_is_told_of_what_is_reported_as_done(
    task: Callable[[str, int], Task], person: Make, now: datetime, today: date
) -> None:
    shown, clerk = task("jilin-plan", 3), person("clerk", region="220000")
    due = shown.dues.get(phrase="每年 3 月底前")
    services.submit(by=clerk, task=shown, text="已分解", year=2026, due=due, finishes=True, now=now)
    services.remind(now=now, today=today)
    assert not Notice.objects.filter(due=due, on=date(2026, 3, 31)).exists()


def test_a_county_is_told_of_what_counties_owe_and_a_province_not_of_what_its_city_owes(
    registers: None, person: Make, now: datetime
) -> None:
    county, province = person("clerk", region="140928"), person("clerk", region="140000")
    services.remind(now=now, today=date(2025, 12, 10))
    assert Notice.objects.filter(person=county, kind="soon", due__task__number=18).count() == 1
    assert not Notice.objects.filter(person=province).exists()


def test_one_reads_ones_own_only(registers: None, person: Make, now: datetime, today: date) -> None:
    one, other = person("clerk", region="220000"), person("clerk", region="220000")
    services.remind(now=now, today=today)
    services.read_notices(by=one, now=now)
    assert not Notice.objects.filter(person=one, read=None).exists()
    assert Notice.objects.filter(person=other, read=None).exists()


def test_the_workers_job_reminds(registers: None, person: Make, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    person("clerk", region="220000")
    assert jobs.remind.func(timestamp=0) == Notice.objects.filter(at=now).count() > 0


def test_the_job_is_among_those_of_every_day() -> None:
    from procrastinate.contrib.django import app

    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["tasks.remind"] == "0 23 * * *"


def test_who_is_not_appointed_yet_or_is_deactivated_is_not_told(
    registers: None, person: Make, now: datetime, today: date
) -> None:
    from bureau.office.models import Appointment, Person

    coming, gone = person(region="220000"), person("clerk", region="220000")
    Appointment.objects.create(person=coming, duty="clerk", since=today + timedelta(days=1))
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    assert services.remind(now=now, today=today) == 0
    assert services.remind(now=now, today=today + timedelta(days=1)) > 0
    assert set(Notice.objects.values_list("person", flat=True)) == {coming.pk}
