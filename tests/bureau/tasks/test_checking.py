"""Amounts that cannot be are refused, doubtful ones asked about, and the same is not reported twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.tasks import services
from bureau.tasks.models import Figure, ProgressReport, Task

Make = Callable[..., Any]


@pytest.fixture
def farmland(registers: None) -> Figure:
    """Return the slope farmland that Xinzhou is to treat, 35 万亩 or 39."""
    return Figure.objects.filter(register__name="xinzhou-plan", unit="万亩", task__isnull=False).first()  # type: ignore[return-value]


@pytest.fixture
def watersheds(registers: None) -> Figure:
    """Return the watersheds that Xinzhou is to make."""
    return Figure.objects.get(register__name="xinzhou-plan", unit="条", task__isnull=False)


def report(by: Any, figure: Figure, value: str, now: datetime, **words: Any) -> ProgressReport:
    given = {"text": "已治理", "year": 2026, **words}
    return services.submit(by=by, task=figure.task, figure=figure, value=Decimal(value), now=now, **given)


def refused(*given: Any, **words: Any) -> str:
    with pytest.raises(Refusal) as why:
        report(*given, **words)
    return why.value.code


def test_what_cannot_be_is_refused(farmland: Figure, watersheds: Figure, person: Make, now: datetime) -> None:
    by = person("clerk", region="140928")
    assert refused(by, watersheds, "2.5", now) == "not-whole"
    border = MultiPolygon(Polygon.from_bbox((111.0, 38.0, 111.1, 38.1)), srid=4490)  # some 97 km², less than 15 万亩
    Region.objects.filter(code="140928").update(border=border)
    assert refused(by, farmland, "1000000000", now) == "beyond-the-land"
    assert refused(by, farmland, "20", now) == "beyond-the-land"
    assert report(by, farmland, "10", now).value == 10


def test_more_than_the_document_asks_needs_a_second_look(watersheds: Figure, person: Make, now: datetime) -> None:
    by, more = person("clerk", region="140928"), str(watersheds.value * 10 + 1)
    assert refused(by, watersheds, more, now) == "doubtful"
    assert report(by, watersheds, more, now, sure=True).pk


def test_the_same_is_reported_once(watersheds: Figure, person: Make, now: datetime) -> None:
    by = person("clerk", region="140928")
    first = report(by, watersheds, "1", now)
    assert refused(by, watersheds, "1", now) == "reported-already"
    services.withdraw(by=by, report=first, now=now)
    report(by, watersheds, "1", now)
    report(by, watersheds, "2", now)


def test_the_form_says_the_unit_and_asks_where_it_doubts(watersheds: Figure, signed_in: Make) -> None:
    client, address = signed_in("clerk", region="140928"), reverse("tasks:report", args=[watersheds.task_id])
    shown = client.get(address).content.decode()
    assert re.search(r"累计完成量（[^）]*条[^）]*）", shown)
    assert "核对过，确实如此" not in shown
    given = {"text": "很多", "figure": watersheds.pk, "value": "1000"}
    asked = client.post(address, given).content.decode()
    assert "超过文件定的" in asked
    assert 'name="sure"' in asked
    assert "数太大" in client.post(address, {**given, "value": "1" * 20}).content.decode()
    assert client.post(address, {**given, "sure": "on"}).status_code == 302
    assert ProgressReport.objects.get().value == 1000


def test_who_confirms_sees_at_once_that_something_waits(watersheds: Figure, signed_in: Make, now: datetime) -> None:
    county, city = signed_in("clerk", region="140928"), signed_in("review", region="140900")
    report(county.person, watersheds, "1", now)
    shown = city.get(reverse("tasks:index")).content.decode()
    assert re.search(r"<b>1</b><span>待确认的进展</span>", shown)
    assert "等您确认 1" in city.get(reverse("home")).content.decode()
    assert "等您确认" not in county.get(reverse("home")).content.decode()


def test_the_chart_tells_what_is_past_from_what_is_to_come(registers: None, signed_in: Make) -> None:
    shown = signed_in("view", region="140900").get(reverse("tasks:chart"), {"year": 2025}).content.decode()
    assert '<span class="entry past">配合，期限已过</span>' in shown


def test_a_changed_title_in_the_sheet_is_told(registers: None, person: Make, now: datetime) -> None:
    from bureau.tasks.report_sheet import _told

    by, task = person("clerk", region="220000"), Task.objects.filter(register__region="220000").first()
    assert task is not None
    row = {"文号": task.register.number, "序号": task.number, "任务": "另一个名字", "到期日": "", "进展": "x"}
    with pytest.raises(Refusal) as why:
        _told(by, row, now.date())
    assert why.value.code == "title-changed"
