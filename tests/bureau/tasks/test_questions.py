"""Pages ask the database as many questions for many rows as for few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bureau.tasks.models import Due, ProgressReport, Task
from bureau.tasks.reaching import short_of

XINZHOU = "140900"


def questions(client: Client, address: str) -> list[str]:
    """Return what a page asks, once it has been looked at."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked]


@pytest.fixture
def wait(registers: None, person: Callable[..., Any], now: datetime) -> Callable[[int], None]:
    """Return the function that makes reports of Xinzhou's that say that all is done, each of another task, and wait."""
    by = person("clerk", region=XINZHOU)
    counted = Due.objects.filter(task__register__region=XINZHOU, task__figures__counted=True).select_related("task")
    dues = {
        due.task_id: (due, year)
        for due in counted for year in (2025, 2026, 2027, 2030) if short_of(person=by, due=due, year=year)
    }  # fmt: skip

    def make(count: int) -> None:
        done = set(ProgressReport.objects.values_list("task_id", flat=True))
        left = [both for task, both in sorted(dues.items()) if task not in done]
        assert len(left) >= count, len(left)
        for due, year in left[:count]:
            ProgressReport.objects.create(
                task=due.task,
                due=due,
                year=year,
                region_id=XINZHOU,
                text="已完成（模拟）",
                finishes=True,
                by=by,
                at=now,
            )

    return make


def test_reports_that_wait_are_weighed_together(wait: Callable[[int], None], signed_in: Callable[..., Client]) -> None:
    client = signed_in("review", region=XINZHOU)
    wait(1)
    few = questions(client, "/tasks/waiting/")
    wait(2)
    assert client.get("/tasks/waiting/").content.decode().count("文件定的数还没有达到") == 3
    assert len(questions(client, "/tasks/waiting/")) == len(few)


def test_so_are_those_of_one_task(wait: Callable[[int], None], signed_in: Callable[..., Client]) -> None:
    client = signed_in("review", region=XINZHOU)
    wait(1)
    one = ProgressReport.objects.get()
    address = f"/tasks/{one.task_id}/"
    few = questions(client, address)
    for _ in range(3):
        one.pk, one.year = None, one.year + 1
        one.save()
    assert len(questions(client, address)) == len(few)


def test_the_month_of_an_office_asks_of_all_its_figures_at_once(
    registers: None, person: Callable[..., Any], signed_in: Callable[..., Client]
) -> None:
    asked = questions(signed_in("clerk", region="220000"), "/tasks/month/")
    of_figures = [sql for sql in asked if 'FROM "tasks_progressreport" INNER JOIN "tasks_figure"' in sql]
    assert Task.objects.filter(register__region="220000", figures__counted=True).distinct().count() > 3
    assert len(of_figures) <= 1
    assert sum("targets_progress" in sql for sql in asked) <= 2
