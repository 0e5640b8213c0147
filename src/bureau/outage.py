"""
A database that does not answer, a disk that is full (故障识别): what is told of them, and how one waits until it is over.

Both are no fault of what was asked: whoever asked is told to try again, and what runs by itself tries again.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.utils import Error
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

Result = TypeVar("Result")
AGAIN = 1.0
"""Seconds between two tries to reach a database that does not answer (chosen)."""
JOB_AGAIN = 10
"""Seconds after which a job is tried again (chosen)."""
LOST = ("08", "57P", "53300")
"""Beginnings of PostgreSQL's codes for a connection that was lost or is not given."""
NO_ROOM = "53100"
"""PostgreSQL's code for a full disk."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DEEP = 20
"""How far the causes of an error are followed."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it."""
    for _ in range(DEEP):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def database_is_away(error: BaseException | None) -> bool:
    """
    Return whether an error came of a database that does not answer (数据库不可用).

    Parameters
    ----------
    error : exception

    Examples
    --------
    >>> database_is_away(psycopg.OperationalError("the connection is closed"))
    True
    >>> database_is_away(psycopg.errors.DeadlockDetected()), database_is_away(ValueError())
    (False, False)
    """
    for one in _causes(error):
        if isinstance(one, (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)):
            inner = one.__cause__ if isinstance(one, Error) and one.__cause__ is not None else one
            state = getattr(inner, "sqlstate", None)
            if state is None or state.startswith(LOST):
                return True
    return False


def disk_is_full(error: BaseException | None) -> bool:
    """
    Return whether an error came of a disk that is full, here or at the database (磁盘已满).

    Parameters
    ----------
    error : exception

    Examples
    --------
    >>> disk_is_full(OSError(28, "No space left on device")), disk_is_full(OSError(2, "No such file"))
    (True, False)
    """
    return any(
        (isinstance(one, OSError) and one.errno in FULL) or getattr(one, "sqlstate", None) == NO_ROOM
        for one in _causes(error)
    )


def once_it_answers(act: Callable[[], Result]) -> Result:
    """
    Do something in the database; while it does not answer, wait and try again (等数据库恢复).

    Parameters
    ----------
    act : callable
        May be done twice: what it did before the connection was lost may have been kept.

    Returns
    -------
    object
        What it returns.
    """
    while True:
        try:
            return act()
        except Error as lost:
            if connection.in_atomic_block or not database_is_away(lost):
                raise
        connection.close()
        time.sleep(AGAIN)


class WhenItAnswers(BaseRetryStrategy):
    """
    Lets the worker try again what failed for want of the database or of its room (任务重试).

    Jobs may be run twice: each looks how far things are.

    Parameters
    ----------
    other : BaseRetryStrategy, optional
        Decides where something else went wrong.
    """

    def __init__(self, other: BaseRetryStrategy | None = None) -> None:
        self.other = other

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when a job is tried again; None if it is not (重试时间)."""
        if database_is_away(exception) or _database_is_full(exception):
            return RetryDecision(retry_in={"seconds": JOB_AGAIN})
        return self.other.get_retry_decision(exception=exception, job=job) if self.other else None


def _database_is_full(error: BaseException) -> bool:
    return any(getattr(one, "sqlstate", None) == NO_ROOM for one in _causes(error))


def let_jobs_try_again(app: App) -> None:
    """
    Let every job of the worker's be tried again after an outage; those that the clock begins come again anyway (任务重试).

    Parameters
    ----------
    app : App
        Procrastinate's, with all tasks of all rooms.
    """
    for task in app.tasks.values():
        if task.queueing_lock is None:
            task.retry_strategy = WhenItAnswers(task.retry_strategy)
