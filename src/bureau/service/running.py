"""Who runs an installation at this moment (运行标记): one at a time, known to whoever asks, gone with its process."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from shuibao.messages import CallError, ShuibaoError

NAME = "serving.json"
PR_SET_PDEATHSIG = 1


@dataclass
class Mark:
    """
    The mark of a running bureau (运行标记).

    Attributes
    ----------
    file : file
        It is locked as long as we live: the lock, not what is written, says that we run.
    told : dict
        Process, port, children.
    """

    file: IO[str]
    told: dict[str, Any] = field(default_factory=dict)

    def ready(self, children: list[int]) -> None:
        """Write down that pages are answered, and by whom (就绪)."""
        self.write(children=children)

    def write(self, **more: Any) -> None:
        """Write down what is known (写入)."""
        self.told |= more
        self.file.seek(0)
        self.file.truncate()
        json.dump(self.told, self.file)
        self.file.flush()


@contextmanager
def take_mark(home: Path, *, port: int) -> Iterator[Mark]:
    """
    Be the one that runs an installation (占用运行标记).

    Parameters
    ----------
    home : Path
        The installation's folder; it is made if it is missing.
    port : int

    Raises
    ------
    ShuibaoError
        If somebody runs it already, or the folder cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / NAME).open("a+", encoding="utf-8")
    except OSError as closed:
        raise CallError(
            f"写不进安装目录 {home}：{closed.strerror}；请换一个可写的目录（环境变量 BUREAU_HOME）。",
            f"The installation's folder {home} cannot be written: {closed.strerror}; set BUREAU_HOME to one that can.",
        ) from closed
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            told = _read(home)
            raise CallError(
                f"平台已在运行（进程 {told.get('pid', '？')}，http://127.0.0.1:{told.get('port', '？')}/）；要另开一个，请用 BUREAU_HOME"
                " 指定另一个安装目录并换端口；要停止，请执行 bureau stop。",
                f"The bureau runs already (process {told.get('pid', '?')}, http://127.0.0.1:{told.get('port', '?')}/); for"
                " another, set BUREAU_HOME to another folder and take another port; to stop it, run bureau stop.",
            ) from held
        mark = Mark(file)
        mark.write(pid=os.getpid(), port=port)
        yield mark
        (home / NAME).unlink(missing_ok=True)


def _read(home: Path) -> dict[str, Any]:
    with suppress(OSError, json.JSONDecodeError):
        told = json.loads((home / NAME).read_text(encoding="utf-8"))
        return told if isinstance(told, dict) else {}
    return {}


def who_runs(home: Path) -> int | None:
    """
    Return the process that runs an installation; None if nobody does (运行进程).

    Parameters
    ----------
    home : Path
    """
    with suppress(OSError), (home / NAME).open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = _read(home).get("pid")
            return pid if isinstance(pid, int) else None
    return None


def stop(home: Path, *, patience: float) -> bool:
    """
    Stop the bureau that runs in an installation, and wait until it is gone (停止).

    Returns
    -------
    bool
        Whether one ran.

    Raises
    ------
    ShuibaoError
        If it does not end in time, or belongs to another user.
    """
    pid = who_runs(home)
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError as theirs:
        raise ShuibaoError(
            f"进程 {pid} 属于别的用户，停不了；请由启动它的用户停止。",
            f"Process {pid} is another user's; let them stop it.",
        ) from theirs
    until = time.monotonic() + patience
    while who_runs(home) is not None:
        if time.monotonic() > until:
            raise ShuibaoError(
                f"进程 {pid} 在 {patience:.0f} 秒内没有停下；请稍候再试，或查看其日志。",
                f"Process {pid} did not end within {patience:.0f} s; try again later, or see its log.",
            )
        time.sleep(0.1)
    return True


def dies_with_us() -> None:
    """Ask the system to end this child when its parent dies, however it dies; only Linux can (随父进程结束)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
