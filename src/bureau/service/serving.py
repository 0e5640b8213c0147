"""
The whole bureau on one machine (单机运行): ``bureau serve``.

The private cluster is started, the database migrated, the demonstration loaded, and then two children run until they are
interrupted: gunicorn for the pages and procrastinate for the jobs. What is there already is left as it is.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

import typer
from django.conf import settings

from bureau.service.cluster import PrivateCluster
from shuibao.messages import CallError, say

THREADS = 8
"""Requests that are answered at a time in each process (chosen: most wait for the database)."""


def serve(*, port: int, demo: bool) -> None:
    """
    Run the bureau until it is interrupted (单机运行).

    Parameters
    ----------
    port : int
        Port of the pages, on this machine's own address.
    demo : bool
        Whether the demonstration is loaded, if the database is empty.

    Raises
    ------
    ShuibaoError
        If PostgreSQL is missing, or the port is taken.
    """
    _check_port(port)
    prepare(demo=demo)
    from bureau.service.demonstration import accounts

    typer.echo(say(f"水保平台已就绪：http://127.0.0.1:{port}/", f"The bureau is ready: http://127.0.0.1:{port}/"))
    typer.echo(say("演示账号（模拟数据）：", "Accounts of the demonstration (made-up data):"))
    for account in accounts():
        typer.echo(f"  {account}")
    typer.echo(say("按 Ctrl-C 停止。", "Press Ctrl-C to stop."))
    _run_children(port)


def prepare(*, demo: bool) -> None:
    """Make the database ready: started, migrated, loaded (准备数据库)."""
    import django

    PrivateCluster(settings.HOME / "cluster").start()
    PrivateCluster(settings.HOME / "cluster").make_database("bureau")
    django.setup()
    from django.core.management import call_command

    typer.echo(say("正在准备数据库 …", "Preparing the database …"), err=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if demo:
        from bureau.service.demonstration import load

        load(tell=lambda line: typer.echo(line, err=True))


def _check_port(port: int) -> None:
    """Refuse a port that somebody listens on."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as taken:
            raise CallError(
                f"端口 {port} 已被占用；请用 --port 换一个，或停掉占用它的程序。",
                f"Port {port} is taken; choose another with --port, or stop what listens there.",
            ) from taken


def _run_children(port: int) -> None:
    """Run gunicorn and the worker until one ends or we are interrupted; then end both."""
    here = Path(sys.executable).parent
    pages = [
        here / "gunicorn", "bureau.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", str(os.cpu_count() or 1),
        "--threads", str(THREADS), "--preload", "--log-level", "warning", "--timeout", "120",
    ]  # fmt: skip
    jobs = [sys.executable, "-m", "bureau", "manage", "procrastinate", "worker", "--concurrency", "1"]
    children = [subprocess.Popen([str(word) for word in words]) for words in (pages, jobs)]  # noqa: S603

    def stop(number: int, frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.waitpid(-1, 0)
    stop(signal.SIGTERM, None)
    for child in children:
        child.wait(timeout=30)
    PrivateCluster(settings.HOME / "cluster").stop()
