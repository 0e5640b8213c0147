"""
The whole bureau on one machine (单机运行): ``bureau serve``.

The private cluster is started, the database migrated, the demonstration loaded, and then three children run until they are
interrupted: gunicorn for the pages and procrastinate for each queue of jobs. What is there already is left as it is.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

import typer
from django.conf import settings

from bureau.service.cluster import PrivateCluster
from bureau.service.installation import SERVER, kind
from bureau.service.running import Mark, dies_with_us, take_mark
from shuibao.messages import CallError, ShuibaoError, say

THREADS = 8
"""Requests that are answered at a time in each process (chosen: most wait for the database)."""
QUEUES = ("office", "science")
"""Queues of jobs, each with a worker of its own: checks of uploads, notices and webhooks do not wait for runs."""
PATIENCE = 30
"""Seconds that children have to finish what they do."""
RESTARTS, WITHIN = 5, 60
"""How often a worker that dies is started again, within how many seconds: after that something is wrong with it."""
LOOK = 3.0
"""Seconds between two looks at the database (chosen)."""
FRONT_END = Path(__file__).parents[1] / "pages" / "static" / "dist" / "pages-page.js"
"""The scripts of every page; where they are missing, no page could be drawn."""
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
        If it runs already, the front end was not built, PostgreSQL is missing, the port is taken, the folder cannot be
        written, the settings are those of a server, or the pages ended.
    """
    if kind() == SERVER:
        raise CallError(
            "bureau serve 只用于单机，它自带数据库；正式环境请启动 bureau、"
            "bureau-worker@office、bureau-worker@science 三个服务（见 docs/bureau/operating.md）。",
            "bureau serve is for a desk and has a database of its own; on a server start the services bureau,"
            " bureau-worker@office and bureau-worker@science (docs/bureau/operating.md).",
        )
    if not FRONT_END.exists():
        raise ShuibaoError(
            f"没有网页脚本 {FRONT_END}：源码里不带它，须先构建。请在项目目录执行 make serve（会自动构建），或先执行 sh .ci/front-end。",
            f"The scripts of the pages are not there ({FRONT_END}): they are built. Run make serve in the project's folder,"
            " which builds them, or sh .ci/front-end first.",
        )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with take_mark(Path(settings.HOME), port=port) as mark:
        _check_port(port)
        cluster = PrivateCluster(settings.HOME / "cluster")
        try:
            prepare(demo=demo)
            _run_children(port, mark)
        finally:
            cluster.stop()


def _leave(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C: what was begun is tidied up."""
    raise SystemExit(128 + number)


def _answers(port: int) -> bool:
    """Return whether the pages can be asked for yet (是否应答)."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _greet(port: int) -> None:
    """Say where it is, and who may sign in."""
    from bureau.service.demonstration import accounts

    typer.echo(say(f"水保平台已就绪：http://127.0.0.1:{port}/", f"The bureau is ready: http://127.0.0.1:{port}/"))
    found = accounts()
    if found:
        typer.echo(say("演示账号（模拟数据）：", "Accounts of the demonstration (made-up data):"))
    for account in found:
        typer.echo(f"  {account}")
    typer.echo(say("按 Ctrl-C 停止。", "Press Ctrl-C to stop."))


def prepare(*, demo: bool) -> None:
    """Make the database ready: started, migrated, loaded (准备数据库)."""
    import django

    PrivateCluster(settings.HOME / "cluster").start()
    PrivateCluster(settings.HOME / "cluster").make_database("bureau")
    django.setup()
    from django.core.management import call_command

    from bureau.service.tables import check

    typer.echo(say("正在准备数据库 …", "Preparing the database …"), err=True)
    call_command("migrate", verbosity=0, interactive=False)
    check()
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
            if isinstance(taken, PermissionError):
                raise CallError(
                    f"端口 {port} 只有 root 能用；请换一个 1024 以上的（make PORT=8010 serve，或 bureau serve --port 8010）。",
                    f"Port {port} is for root only; choose one above 1024 (make PORT=8010 serve, or bureau serve --port 8010).",
                ) from taken
            raise CallError(
                f"端口 {port} 已被占用；请换一个（make PORT=8010 serve，或 bureau serve --port 8010），或停掉占用它的程序。",
                f"Port {port} is taken; choose another (make PORT=8010 serve, or bureau serve --port 8010), or stop what listens there.",
            ) from taken


@dataclass
class Child:
    """
    A program that runs beside us (子进程), and when it was started.

    Attributes
    ----------
    start : callable
        Starts it.
    process : Popen
    starts : deque
        When it was started lately.
    """

    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] = field(init=False)
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))

    def run(self) -> None:
        """Start it (启动)."""
        self.starts.append(time.monotonic())
        self.process = self.start()

    def dies_too_often(self) -> bool:
        """Return whether starting it again is in vain (反复退出)."""
        return len(self.starts) == RESTARTS and time.monotonic() - self.starts[0] < WITHIN


def _run_children(port: int, mark: Mark) -> None:
    """Run gunicorn and a worker for each queue until we are interrupted or the pages end; then end all."""
    pages = Child(lambda: _begin(_pages(port)))
    workers = [Child(partial(_begin, _jobs(queue))) for queue in QUEUES]
    watch = Watch(PrivateCluster(settings.HOME / "cluster"))
    stopping = greeted = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    before = {number: signal.signal(number, stop) for number in STOPS}
    try:
        for child in (pages, *workers):
            child.run()
        mark.ready([child.process.pid for child in (pages, *workers)])
        while not stopping and pages.process.poll() is None:
            if not greeted and (greeted := _answers(port)):
                _greet(port)
            for jobs in workers:
                if watch.stands() and jobs.process.poll() is not None and not stopping:
                    _start_again(jobs)
            time.sleep(0.2)
    finally:
        _end([child.process for child in (pages, *workers) if hasattr(child, "process")])
        for number, handler in before.items():
            signal.signal(number, handler)
    if not stopping:
        raise ShuibaoError(
            f"网页进程意外结束（返回码 {pages.process.returncode}），已全部停止；请看上面的日志后重新启动。",
            f"The pages ended (status {pages.process.returncode}), and all was stopped; see the log above, then start again.",
        )


@dataclass
class Watch:
    """
    An eye on the database (数据库看护): one that crashed is started again, one that somebody stopped is waited for.

    Attributes
    ----------
    cluster : PrivateCluster
    looked : float
        When it was looked at last.
    standing : bool
        Whether it ran then.
    """

    cluster: PrivateCluster
    looked: float = 0.0
    standing: bool = True

    def stands(self) -> bool:
        """Return whether the database runs, as it was seen within some seconds (是否在运行)."""
        if time.monotonic() - self.looked < LOOK:
            return self.standing
        self.looked, before, self.standing = time.monotonic(), self.standing, self.cluster.running()
        if self.standing:
            if not before:
                _tell("数据库已恢复。", "The database runs again.")
        elif self.cluster.crashed():
            _tell("数据库意外停止，正在重新启动。", "The database ended unexpectedly; it is started again.")
            with suppress(ShuibaoError):
                self.cluster.start()
                self.standing = True
        elif before:
            _tell(
                "数据库已停止；网页会说明服务暂时不可用，后台任务等它恢复。数据库重新启动后自动继续，不必重启平台。",
                "The database was stopped; pages say that the service is away, and the worker waits. Once it runs again all"
                " goes on, without a restart of the bureau.",
            )
        return self.standing


def _tell(zh: str, en: str) -> None:
    """Tell the operator."""
    typer.echo(say(zh, en), err=True)


def _start_again(jobs: Child) -> None:
    """Start a worker that died again; what it was doing is taken up by the next."""
    if jobs.dies_too_often():
        raise ShuibaoError(
            f"后台任务进程在 {WITHIN} 秒内退出了 {RESTARTS} 次，已全部停止；请看上面的日志。",
            f"The worker ended {RESTARTS} times within {WITHIN} s, and all was stopped; see the log above.",
        )
    told = jobs.process.returncode
    typer.echo(
        say(
            f"后台任务进程退出（返回码 {told}），正在重新启动。",
            f"The worker ended (status {told}); it is started again.",
        ),
        err=True,
    )
    jobs.run()


def _begin(words: list[str]) -> subprocess.Popen[bytes]:
    """Start a child that hears of no Ctrl-C but ours, and dies with us even if we are killed."""
    return subprocess.Popen(words, preexec_fn=dies_with_us, start_new_session=True)  # noqa: PLW1509 - no threads yet


def _pages(port: int) -> list[str]:
    """Return the words that start gunicorn."""
    return [
        sys.executable, "-m", "gunicorn", "bureau.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", str(os.cpu_count() or 1), "--threads", str(THREADS), "--preload", "--log-level", "warning",
        "--timeout", "120", "--keep-alive", "30", "--graceful-timeout", str(PATIENCE - 10),
    ]  # fmt: skip


def _jobs(queue: str) -> list[str]:
    """Return the words that start the worker of a queue."""
    return [
        sys.executable, "-m", "bureau", "manage", "procrastinate", "worker", "--queues", queue, "--concurrency", "1",
    ]  # fmt: skip


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask children to end; end those that do not."""
    for child in children:
        child.terminate()
    until = time.monotonic() + PATIENCE
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(until - time.monotonic(), 0.1))
    for child in children:
        if child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
