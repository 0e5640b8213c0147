"""Who is connected to the database (数据库连接): what they are called, since when, what they do, and how they are ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import ProgrammingError, connection
from django.utils import timezone

from shuibao.messages import ShuibaoError

PROGRAMS = {
    "bureau pages": ("网页", "pages"), "bureau worker": ("后台任务", "worker"), "psql": ("psql 命令行", "psql"),
    "pg_dump": ("正在备份的 pg_dump", "pg_dump making a backup"), "pgAdmin": ("pgAdmin", "pgAdmin"), "QGIS": ("QGIS", "QGIS"),
}  # fmt: skip
"""How a session names its program begins so; in words."""
NAMED = 8
"""Sessions that a message names at most (chosen)."""
PATIENCE = 5.0
"""Seconds that ended sessions are waited for (chosen)."""
STOP = (
    "请先停止网页和后台任务服务（单机 bureau stop，服务器 systemctl stop bureau 'bureau-worker@*'，"
    "容器 docker compose stop pages office science backup）",
    "stop pages and workers first (bureau stop, systemctl stop bureau 'bureau-worker@*', or docker compose stop pages office"
    " science backup)",
)


@dataclass(frozen=True)
class Session:
    """
    A session of somebody else (一个连接).

    Attributes
    ----------
    pid : int
    name, user, address : str
        What its program calls itself, its role, and where from; an empty address is this machine.
    since : datetime or None
        None if this role may not know.
    busy : bool
        Whether it is within a transaction.
    """

    pid: int
    name: str
    user: str
    address: str
    since: datetime | None
    busy: bool

    def said(self) -> tuple[str, str]:
        """Return who it is, in Chinese and in English (说明)."""
        zh, en = next(
            (words for begins, words in PROGRAMS.items() if self.name.startswith(begins)), (self.name, self.name)
        )
        since = timezone.localtime(self.since).strftime("%Y-%m-%d %H:%M") if self.since else "？"
        return (
            f"{zh or '未署名的程序'}（{self.name or self.user}，{self.address or '本机'}，自 {since}"
            f"{'，正在读写' if self.busy else ''}）",
            f"{en or 'a program without a name'} ({self.name or self.user}, {self.address or 'this machine'}, since {since}"
            f"{', busy' if self.busy else ''})",
        )


def others() -> list[Session]:
    """Return the sessions of others with this database, the oldest first (其他连接)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, coalesce(application_name, ''), coalesce(usename, ''), coalesce(host(client_addr), ''),"
            " backend_start, xact_start IS NOT NULL FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND coalesce(backend_type, 'client backend') = 'client backend'"
            " AND usename IS NOT NULL ORDER BY backend_start, pid"
        )
        return [Session(*row) for row in cursor.fetchall()]


def said_of(sessions: Sequence[Session]) -> tuple[str, str]:
    """
    Return who is connected, in Chinese and in English (谁在使用).

    Parameters
    ----------
    sessions : sequence of Session
    """
    zh, en = zip(*(one.said() for one in sessions[:NAMED]), strict=True)
    left = len(sessions) - NAMED
    return (
        "；".join(zh) + (f"；另有 {left} 个" if left > 0 else ""),
        "; ".join(en) + (f"; and {left} more" if left > 0 else ""),
    )


def demand_alone(disconnect: Callable[[list[Session]], bool] | None) -> None:
    """
    Refuse as long as somebody else is connected; end their sessions if that is wanted (独占数据库).

    Parameters
    ----------
    disconnect : callable or None
        Is shown the sessions and says whether they are ended; None if they are not.

    Raises
    ------
    ShuibaoError
        If somebody is connected and is not to be ended, may not be, or came back at once; it says who.
    """
    found = others()
    if not found:
        return
    zh, en = said_of(found)
    if disconnect is None:
        raise ShuibaoError(
            f"还有 {len(found)} 个连接在使用数据库：{zh}。{STOP[0]}，其余的请关闭；关不掉的，加 --disconnect 由本命令断开。",
            f"{len(found)} connections still use the database: {en}; {STOP[1]}, and close the others; --disconnect ends them.",
        )
    if not disconnect(found):
        raise ShuibaoError(
            "没有断开任何连接，也没有恢复；什么都没有改。", "Nothing was disconnected, restored or changed."
        )
    _end(found)
    left = _left()
    if left:
        zh, en = said_of(left)
        raise ShuibaoError(
            f"断开之后又有 {len(left)} 个连接：{zh}。服务会自己重连，没有恢复；{STOP[0]}，再试一次。",
            f"After disconnecting there are {len(left)} connections again: {en}. Services come back by themselves; nothing was"
            f" restored; {STOP[1]} and try again.",
        )


def _end(sessions: Sequence[Session]) -> None:
    """End sessions; another role's may be ended by its members, a superuser's by a superuser alone."""
    for one in sessions:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [one.pid])
        except ProgrammingError as closed:
            zh, en = one.said()
            raise ShuibaoError(
                f"无权断开{zh}：它属于数据库角色 {one.user}；请由该角色或数据库管理员关闭它，再恢复。",
                f"Not allowed to end {en}: it belongs to the role {one.user}; let that role or the database's administrator"
                " close it, then restore.",
            ) from closed


def _left() -> list[Session]:
    """Return who is still or again there once the ended had time to go, and services to come back."""
    until = time.monotonic() + PATIENCE
    while (left := others()) and time.monotonic() < until:
        time.sleep(0.2)
    return left
