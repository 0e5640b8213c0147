"""Where tiles are computed: threads here, or workers of a dask scheduler (执行)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, Protocol

from shuibao.messages import CallError, ShuibaoError

RETRIES = 5
"""How often a tile is given to another worker after its worker was lost."""

AHEAD = 4
"""Tiles that wait for each worker."""


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


class Cluster:
    """Workers of a dask scheduler that share the region folder (集群)."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def each_done(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield (index, result) of each item as it is done; a lost worker costs its tiles' time only."""
        from distributed import as_completed

        futures = self.client.map(task, items, pure=False, retries=RETRIES)
        index = {future.key: k for k, future in enumerate(futures)}
        try:
            for future in as_completed(futures):
                yield index[future.key], future.result()
                future.release()
        finally:
            self.client.cancel(futures)


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
        client = Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ShuibaoError(
            f"连不上调度器 {scheduler}（{error}）；请确认 dask scheduler 已启动、地址正确。",
            f"cannot reach the scheduler {scheduler} ({error}); see that it runs and the address is right.",
        ) from error
    try:
        yield Cluster(client)
    finally:
        client.close()


def processors() -> int:
    """Return how many processors this process may use (可用处理器数)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
