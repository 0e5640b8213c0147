"""Confirming a report and sending it back (确认与退回)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from bureau.refusal import Refusal
from bureau.tasks import services
from bureau.tasks.models import ProgressReport, Task
from bureau.tasks.panels import returned_to

Make = Callable[..., Any]


@pytest.fixture
def report(task: Callable[[str, int], Task], person: Make, now: datetime) -> ProgressReport:
    """Return a report of a county, not decided."""
    by = person("clerk", "review", region="140928")
    return services.submit(by=by, task=task("xinzhou-plan", 18), text="完成 1 万亩", year=2026, now=now)


def test_a_second_person_confirms_and_it_is_written_down(report: ProgressReport, person: Make, now: datetime) -> None:
    by = person("review", region="140900")
    services.confirm(by=by, report=report, now=now, opinion="材料齐全")
    report.refresh_from_db()
    assert (report.status, report.decided_by, report.decided_at, report.decision) == ("confirmed", by, now, "材料齐全")


def test_a_report_is_sent_back_with_a_reason(report: ProgressReport, person: Make, now: datetime) -> None:
    by = person("review", region="140928")
    with pytest.raises(Refusal, match="退回原因"):
        services.send_back(by=by, report=report, reason=" ", now=now)
    services.send_back(by=by, report=report, reason="请附照片", now=now)
    report.refresh_from_db()
    assert (report.status, report.decision) == ("returned", "请附照片")


def test_nobody_decides_their_own(report: ProgressReport, now: datetime) -> None:
    with pytest.raises(Refusal) as refused:
        services.confirm(by=report.by, report=report, now=now)
    assert refused.value.code == "oneself"


@pytest.mark.parametrize(
    "duty, region", [("review", "140932"), ("review", "220000"), ("clerk", "140900"), ("approve", "140900")]
)
def test_another_county_may_not_nor_another_duty(
    duty: str, region: str, report: ProgressReport, person: Make, now: datetime
) -> None:
    with pytest.raises(Refusal) as refused:
        services.confirm(by=person(duty, region=region), report=report, now=now)
    assert refused.value.code == "not-your-region"


def test_a_report_is_decided_once(report: ProgressReport, person: Make, now: datetime) -> None:
    one, other = person("review", region="140900"), person("review", region="140000")
    services.confirm(by=one, report=report, now=now)
    with pytest.raises(Refusal) as refused:
        services.send_back(by=other, report=report, reason="不符", now=now)
    assert refused.value.code == "decided-already"
    report.refresh_from_db()
    assert report.decided_by == one


def test_the_trail_keeps_the_report_and_its_decision(report: ProgressReport, person: Make, now: datetime) -> None:
    from django.apps import apps

    services.confirm(by=person("review", region="140900"), report=report, now=now)
    events = apps.get_model("tasks", "ProgressReportEvent").objects.filter(pgh_obj_id=report.pk).order_by("pgh_id")
    assert list(events.values_list("pgh_label", "status")) == [("insert", "submitted"), ("update", "confirmed")]


def test_the_home_page_tells_who_reported_what_was_returned_until_they_report_anew(
    report: ProgressReport, person: Make, now: datetime, client: Client
) -> None:
    assert not returned_to(report.by).exists()
    reviewer = person("review", region="140900")
    services.send_back(by=reviewer, report=report, reason="缺佐证", now=now)
    assert list(returned_to(report.by)) == [report]
    assert not returned_to(reviewer).exists()
    client.force_login(report.by, backend="django.contrib.auth.backends.ModelBackend")
    assert report.task.title in client.get("/").content.decode()
    services.submit(by=report.by, task=report.task, text="补正", year=2026, now=now)
    assert not returned_to(report.by).exists()
