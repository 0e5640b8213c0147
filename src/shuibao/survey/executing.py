"""Where tiles are computed: threads here, or workers of a dask scheduler (执行)."""

from __future__ import annotations

import os
import pickle
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from shuibao import __version__
from shuibao.ground.reading import close_files
from shuibao.messages import CallError, ShuibaoError

RETRIES = 5
"""How often a tile is tried again when a worker fails at it for other reasons than the data."""

AHEAD = 4
"""Tiles that wait for each thread."""

CONNECT = 10
"""How long a scheduler may take to answer, s."""

PATIENCE = 60
"""How long workers, and files that they wrote, are waited for, s."""


class Crew(Protocol):
    """Something that does tasks one by one, in any order (执行者)."""

    def each_done(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield (index, result) of each item as it is done."""
        ...


class Threads:
    """Threads of this process; the compiled loops run at the same time (线程)."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def each_done(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield (index, result) of each item as it is done; the first error ends it."""
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting: dict[Future[Any], int] = {}
            left = iter(enumerate(items))
            try:
                while True:
                    while len(waiting) < self.jobs * AHEAD and (following := next(left, None)) is not None:
                        waiting[pool.submit(task, following[1])] = following[0]
                    if not waiting:
                        return
                    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield waiting.pop(future), future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class Errand:
    """
    What every task of one run shares; it is sent to each worker once (共同任务).

    Parameters
    ----------
    task : callable
        What is done to each item.
    version : str
        Version of this software, which workers must have too: other versions may write other bytes.
    run : str
        Name of this run; files that a worker holds open from earlier runs are closed when it changes.
    """

    task: Callable[[Any], Any]
    version: str
    run: str


_last = threading.local()


def on_worker(item: Any, errand: Errand) -> Any:
    """
    Do a task in a worker; what is wrong with the data is returned, for it would be as wrong the second time (执行分幅).

    Parameters
    ----------
    item : object
        What the task is done to.
    errand : Errand
        What all tasks share.
    """
    if errand.version != __version__:
        return ShuibaoError(
            f"工作进程的 shuibao 版本为 {__version__}，这里是 {errand.version}；请在各机安装同一版本。",
            f"a worker has shuibao {__version__}, and this is {errand.version}; install the same version everywhere.",
        )
    if getattr(_last, "run", None) != errand.run:
        close_files()
        _last.run = errand.run
    try:
        return errand.task(item)
    except ShuibaoError as error:
        return error


class Cluster:
    """
    Workers of a dask scheduler that share the region folder (集群).

    Parameters
    ----------
    client : distributed.Client
        Connected client.
    address : str
        Address of the scheduler, for messages.
    """

    def __init__(self, client: Any, address: str) -> None:
        self.client = client
        self.address = address

    def each_done(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield (index, result) of each item as it is done; a lost worker costs its tiles' time only."""
        self._wait_for_workers()
        errand = pickle.dumps(Errand(task, __version__, uuid.uuid4().hex))
        shared = self.client.submit(pickle.loads, errand, pure=False, retries=RETRIES)
        futures = self.client.map(on_worker, items, errand=shared, pure=False, retries=RETRIES)
        index = {future.key: k for k, future in enumerate(futures)}
        done: queue.Queue[Any] = queue.Queue()
        try:
            for future in futures:
                future.add_done_callback(done.put)
            for _ in futures:
                future = self._next(done)
                yield index[future.key], self._result(future)
                future.release()
        finally:
            with suppress(OSError):  # the scheduler may be gone
                self.client.cancel([shared, *futures])

    def _next(self, done: queue.Queue[Any]) -> Any:
        """Return the next future that is done; give up only when all workers are gone."""
        while True:
            try:
                return done.get(timeout=PATIENCE)
            except queue.Empty:
                self._wait_for_workers()

    def _wait_for_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ShuibaoError(
                f"调度器 {self.address} 没有工作进程；请在各机运行 dask worker {self.address}。",
                f"the scheduler {self.address} has no workers; run dask worker {self.address} on each machine.",
            ) from error

    def _result(self, future: Any) -> Any:
        """Return a task's result, or raise what is wrong in words that a user can act on."""
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        try:
            result = future.result()
        except KilledWorker as error:
            raise ShuibaoError(
                "同一幅多次使工作进程中断，多半是内存不足；请给工作进程更多内存，或把 region.tile 改小，再运行会从断点继续。",
                "one tile has ended several workers, most likely for want of memory; give workers more memory or make "
                "region.tile smaller. Running again goes on from here.",
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise ShuibaoError(
                f"与调度器 {self.address} 的连接中断；请确认它仍在运行，再运行会从断点继续。",
                f"the scheduler {self.address} was lost; see that it runs. Running again goes on from here.",
            ) from error
        except ModuleNotFoundError as error:
            raise ShuibaoError(
                f"工作进程里没有 {error.name}；请在各机安装与这里相同的 shuibao。",
                f"a worker lacks {error.name}; install the same shuibao on each machine as here.",
            ) from error
        if isinstance(result, ShuibaoError):
            raise result
        if isinstance(result, Path) and not _appears(result):
            raise ShuibaoError(
                f"工作进程写了 {result}，这里却看不到；各机须在同一路径下共用区域文件夹。",
                f"a worker wrote {result}, which cannot be seen here; all machines must share the region folder "
                "under the same path.",
            )
        return result


def _appears(path: Path) -> bool:
    """Tell whether a file that another machine wrote can be seen here; shared folders may be late."""
    until = time.monotonic() + PATIENCE
    while not path.exists():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@contextmanager
def crew(jobs: int | None, scheduler: str | None) -> Iterator[Crew]:
    """
    Give the crew that a run asks for (组织执行者).

    Parameters
    ----------
    jobs : int, optional
        Threads; one for each processor if not given.
    scheduler : str, optional
        Address of a dask scheduler, as ``tcp://host:8786``; its workers are used instead of threads.

    Raises
    ------
    CallError
        If ``jobs`` is not positive, or dask is not installed.
    ShuibaoError
        If the scheduler cannot be reached.
    """
    if scheduler is None:
        count = jobs if jobs is not None else processors()
        if count < 1:
            raise CallError(f"--jobs 应不小于 1，现为 {count}。", f"--jobs must be at least 1, not {count}.")
        yield Threads(count)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise CallError(
            "使用 --scheduler 需要 dask.distributed；请运行 pip install 'shuibao[cluster]'。",
            "--scheduler needs dask.distributed; run pip install 'shuibao[cluster]'.",
        ) from error
    try:
        client = Client(scheduler, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ShuibaoError(
            f"连不上调度器 {scheduler}（{error}）；请确认 dask scheduler 已启动、地址正确。",
            f"cannot reach the scheduler {scheduler} ({error}); see that it runs and the address is right.",
        ) from error
    try:
        yield Cluster(client, scheduler)
    finally:
        with suppress(OSError):
            client.close()


def processors() -> int:
    """Return how many processors this process may use (可用处理器数)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
