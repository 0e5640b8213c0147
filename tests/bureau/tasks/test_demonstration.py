"""The demonstration of tasks: the documents as they are, the reports made up and saying so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from bureau.tasks.demonstration import load
from bureau.tasks.models import ProgressReport, Register
from bureau.tasks.selectors import overdue


def test_every_report_is_marked_as_made_up_and_loading_again_adds_none(
    person: Callable[..., Any], now: datetime, today: date
) -> None:
    clerks = [person("clerk", region=region) for region in ("220000", "140900", "140928", "220122")]
    reviewers = [person("review", region=region) for region in ("140000", "220000")]
    made = load(clerks=clerks, reviewers=reviewers, now=now, today=today)
    assert made == ProgressReport.objects.count() > 20
    assert not ProgressReport.objects.filter(imaginary=False).exists()
    assert all("模拟" in report.text for report in ProgressReport.objects.all())
    assert set(Register.objects.values_list("status", flat=True)) == {"verified"}
    assert ProgressReport.objects.filter(status="submitted").count() == 4
    assert load(clerks=clerks, reviewers=reviewers, now=now, today=today) == 0
    late = {(o.task.register.name, o.task.number) for o in overdue(person=clerks[0], today=today)}
    assert late == {("jilin-zones", 8), ("jilin-plan", 6), ("jilin-plan", 9), ("jilin-plan", 27)}
