"""Every job has a worker: one for the office, one for science."""

from __future__ import annotations

from pathlib import Path

from procrastinate.contrib.django import app

from bureau.service import serving
from bureau.service.inspection_database import WORKERS

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_every_job_is_in_a_queue_that_a_worker_takes_from() -> None:
    ours = {name: task.queue for name, task in app.tasks.items() if "procrastinate." not in name}
    assert ours
    assert not {name: queue for name, queue in ours.items() if queue not in serving.QUEUES}
    assert len(serving.QUEUES) == WORKERS


def test_what_the_office_waits_for_does_not_wait_for_runs() -> None:
    queues = {name: task.queue for name, task in app.tasks.items()}
    assert queues["commissions.run"] == "science"
    assert {queues[name] for name in ("commissions.convert", "tasks.remind", "interfaces.deliver")} == {"office"}


def test_each_queue_has_a_worker_on_a_desk_on_a_server_and_in_containers() -> None:
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for queue in serving.QUEUES:
        words = serving._jobs(queue)
        assert words[words.index("--queues") + 1] == queue
        assert f'"--queues", "{queue}"' in compose
    assert "--queues %i" in (DEPLOY / "systemd" / "bureau-worker@.service").read_text(encoding="utf-8")
