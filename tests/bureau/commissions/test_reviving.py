"""Jobs of a worker that died: taken up by another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from bureau.commissions import jobs


@pytest.fixture
def stalled(committed: None) -> Callable[..., int]:
    """Return the function that leaves a job behind, as a worker that was killed does."""

    def leave(task: Any, lock: str | None = None, **words: Any) -> int:
        key: int = task.configure(queueing_lock=lock).defer(**words)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
            )
            worker = cursor.fetchone()[0]
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, key]
            )
        return key

    return leave


def revive() -> None:
    """Look for what was left behind, as the clock does each minute."""

    async def act() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as ours:  # type: ignore[attr-defined]
            async with ours.open_async():
                await jobs.revive.func(type("Context", (), {"app": ours})(), 0)

    asyncio.run(act())


@pytest.mark.slow
def test_a_job_left_behind_waits_again(stalled: Callable[..., int]) -> None:
    key = stalled(jobs.convert, upload=0)
    revive()
    assert ProcrastinateJob.objects.get(pk=key).status == "todo"


@pytest.mark.slow
def test_of_jobs_of_which_one_may_wait_the_older_is_dropped(stalled: Callable[..., int]) -> None:
    key = stalled(jobs.convert, lock="only-one", upload=0)
    waiting = jobs.convert.configure(queueing_lock="only-one").defer(upload=1)
    revive()
    assert list(ProcrastinateJob.objects.filter(queueing_lock="only-one").values_list("pk", "status")) == [
        (waiting, "todo")
    ]
    assert key != waiting
