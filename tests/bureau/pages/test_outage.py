"""While the database does not answer, everybody is told so in their own form, and what was typed is given back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from bureau.outage import database_is_away, disk_is_full, once_it_answers
from bureau.pages import errors
from bureau.pages.outage import WithoutTraceback, answer_to

HTML = {"accept": "text/html"}


def lost(told: str = "server closed the connection unexpectedly") -> OperationalError:
    """Return the error of a connection that was lost, as Django raises it."""
    try:
        try:
            raise psycopg.OperationalError(told)
        except psycopg.OperationalError as inner:
            raise OperationalError(told) from inner
    except OperationalError as outer:
        return outer


def full() -> OSError:
    """Return the error of a full disk."""
    return OSError(28, "No space left on device")


def answer(error: Exception, path: str = "/", *, post: dict[str, Any] | None = None, **headers: str) -> Any:
    """Return the answer to a request that failed so."""
    make = RequestFactory()
    request = make.get(path, headers=headers) if post is None else make.post(path, post, headers=headers)
    return answer_to(request, error)


@pytest.mark.parametrize(
    "path, accept, kind",
    [
        ("/tasks/", "text/html,*/*", "text/html"), ("/map/base/1/0/0.mvt", "*/*", "text/plain"),
        ("/map/numbers", "application/json", "application/json"), ("/api/v1/rates", "text/html", "application/json"),
        ("/ogc/collections", "*/*", "application/json"), ("/wfs", "*/*", "text/xml"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("error, status", [(lost(), 503), (full(), 507)])
def test_each_is_told_in_their_own_form(path: str, accept: str, kind: str, error: Exception, status: int) -> None:
    made = answer(error, path, accept=accept)
    assert (made.status_code, made["Content-Type"].split(";")[0]) == (status, kind)
    assert ("Retry-After" in made) == (status == 503)
    assert "no-store" in made["Cache-Control"]
    assert ("磁盘已满" if status == 507 else "数据库正在重启或维护") in made.content.decode()


def test_a_part_of_a_page_is_told_as_a_part() -> None:
    made = answer(lost(), "/commissions/1/", hx_request="true", accept="text/html")
    assert made.content.decode().startswith('<p class="note error" role="alert">')


def test_what_was_typed_stands_in_the_page_and_can_be_sent_again() -> None:
    made = answer(lost(), "/tasks/3/?tab=1", post={"note": "第一行\n<b>第二行</b>", "year": "2024"}, **HTML)
    page = made.content.decode()
    assert 'action="/tasks/3/?tab=1"' in page
    assert "第一行\n&lt;b&gt;第二行&lt;/b&gt;</textarea>" in page
    assert "再提交一次" in page


@pytest.mark.parametrize(
    "path, given",
    [("/account/login/", {"login": "a", "code": "123456"}), ("/office/renew/x/", {"password": "Secret-9"})],
)
def test_no_secret_is_written_into_a_page(path: str, given: dict[str, str]) -> None:
    page = answer(lost(), path, post=given, **HTML).content.decode()
    assert "再提交一次" not in page
    assert not any(value in page for value in given.values() if len(value) > 1)


def test_other_errors_are_no_outage() -> None:
    for error in (ValueError(), psycopg.errors.DeadlockDetected(), OSError(2, "No such file")):
        assert answer(error) is None
    assert database_is_away(psycopg.errors.AdminShutdown())
    assert disk_is_full(psycopg.errors.DiskFull())


def test_a_view_that_loses_its_database_is_told_so_and_asks_it_nothing(
    signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bureau.pages import views

    def panels(request: Any) -> Any:
        raise lost()

    monkeypatch.setattr(views, "panels", panels)
    client = signed_in("clerk")
    client.raise_request_exception = False
    made = client.get(reverse("home"), headers=HTML)
    assert (made.status_code, made["Retry-After"]) == (503, "10")
    assert "default-src 'self'" in made["Content-Security-Policy"]
    monkeypatch.setattr(views, "panels", lambda request: 1 / 0)
    broken = client.get(reverse("home"), headers=HTML)
    assert broken.status_code == 500
    assert "服务出错" in broken.content.decode()


def test_a_session_that_could_not_be_saved_is_the_databases_fault() -> None:
    wrong = UpdateError()
    wrong.__context__ = lost()
    assert errors.bad_request(RequestFactory().get("/", headers=HTML), wrong).status_code == 503


def test_the_log_has_a_line_for_each_request_and_no_traceback() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error: %s", ("/",), None)
    record.exc_info = (OperationalError, lost(), None)
    assert WithoutTraceback().filter(record)
    assert record.getMessage() == "Internal Server Error: /: server closed the connection unexpectedly"
    assert record.exc_info is None


def test_every_job_is_tried_again_when_the_database_is_back_and_not_when_something_else_is_wrong() -> None:
    job = Job(
        id=1,
        status=None,
        queue="q",
        lock=None,
        queueing_lock=None,
        task_name="t",
        task_kwargs={},
        attempts=3,
        worker_id=None,
    )
    tasks = [task for task in app.tasks.values() if task.queueing_lock is None and not task.name.startswith("builtin")]
    assert {"commissions.run", "commissions.publish", "delimitation.draw"} <= {task.name for task in tasks}
    for task in tasks:
        assert task.get_retry_exception(exception=lost(), job=job) is not None, task.name
    run = app.tasks["commissions.run"]
    assert run.get_retry_exception(exception=ValueError(), job=job) is None


def test_what_waits_for_the_database_is_done_once_it_answers(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    from bureau import outage

    monkeypatch.setattr(outage, "connection", type("Free", (), {"in_atomic_block": False, "close": lambda: None}))
    monkeypatch.setattr(outage, "AGAIN", 0.0)
    tries: list[int] = []

    def act() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise lost()
        return "done"

    assert once_it_answers(act) == "done"
    with pytest.raises(ZeroDivisionError):
        once_it_answers(lambda: 1 / 0)
