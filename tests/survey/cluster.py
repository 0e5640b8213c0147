"""A real dask scheduler and real workers on this machine, for tests; they share the file system and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SCHEDULER, _WORKER = "distributed.cli.dask_scheduler", "distributed.cli.dask_worker"


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._started(_SCHEDULER, "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        until = time.monotonic() + 30
        while not listens(self.port):
            assert time.monotonic() < until, self.log()
            assert self.scheduler.poll() is None, self.log()
            time.sleep(0.05)

    def add_worker(self, preload: str = "") -> subprocess.Popen[bytes]:
        """Start a worker of one thread, in a folder of its own, that runs some Python first."""
        number = len(self.workers)
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0"]
        if preload:
            script = self.folder / f"preload_{number}.py"
            script.write_text(preload, encoding="utf-8")
            options += ["--preload", str(script)]
        local = self.folder / f"worker_{number}"
        worker = self._started(_WORKER, self.address, *options, "--local-directory", str(local))
        self.workers.append(worker)
        return worker

    def log(self) -> str:
        """Return what the processes said."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        """End all processes, whatever they do."""
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.kill()
            process.wait(30)

    def _started(self, module: str, *options: str) -> subprocess.Popen[bytes]:
        count = len(list(self.folder.glob("*.log")))
        with (self.folder / f"{count}.log").open("wb") as log:
            command = [sys.executable, "-m", module, *options]
            return subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, env=environment())


def environment() -> dict[str, str]:
    """Return the environment of child processes: this one's, with one thread a library."""
    return os.environ | {"PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}


@contextmanager
def cluster(folder: Path, preloads: Sequence[str] = ("", "")) -> Iterator[Cluster]:
    """Give a scheduler with a worker for each preload script; all processes are ended afterwards."""
    folder.mkdir(parents=True)
    found = Cluster(folder)
    try:
        for preload in preloads:
            found.add_worker(preload)
        yield found
    finally:
        found.close()
