"""
Computing a commission (计算): a region folder is made, and a child of the worker's runs it.

The run itself is resumable: what a killed worker had computed is kept, and the next one goes on. The child ends when the
worker does, since it reads from a pipe that the worker holds. It has no database, so that it computes on while the
database is away; its progress is told again as soon as somebody takes it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import close_old_connections, connection
from django.db.utils import Error
from django.utils import timezone

from bureau.commissions.models import Commission, Upload
from bureau.kept_files import stored
from bureau.outage import AGAIN, database_is_away, disk_is_full, once_it_answers

logger = logging.getLogger(__name__)
TELL_EVERY = 0.5
"""Seconds between two writes of progress (chosen)."""
LOG = 8000
"""Characters of the child's words that are kept (chosen)."""
RESUMED = "上一次执行中途停了（后台任务、服务器或数据库停止）；已算好的部分都在，正从中断处接着算。"
Status = Commission.Status


def compute(pk: int) -> None:
    """
    Compute a commission, if it is still to be computed (计算委托).

    Parameters
    ----------
    pk : int
        The commission. One that was cancelled, or is finished, is left alone; one that a dead worker left running goes on.
    """
    wanted = Commission.objects.filter(pk=pk, status__in=(Status.ORDERED, Status.RUNNING))
    commission = once_it_answers(wanted.select_related("region").first)
    if commission is None:
        return
    try:
        with _alone(commission.folder):
            _compute(commission)
    except OSError as full:
        logger.exception("计算委托 %s", pk)
        message = _not_done(full)
        once_it_answers(lambda: wanted.update(status=Status.FAILED, ended=timezone.now(), message=message))


def _compute(commission: Commission) -> None:
    """Compute a commission; nobody else computes it meanwhile."""
    pk, telling = commission.pk, Telling(commission.pk, dict(commission.told))
    if not once_it_answers(telling.begin):
        return  # another computed it while this one waited, or it was cancelled
    try:
        code, said = _run_child(commission, telling)
    except Exception as wrong:
        end(pk, Status.FAILED, _not_done(wrong), telling.notes_text())
        raise
    if code is None:
        return  # cancelled
    log = telling.notes_text() + said
    if code == 0:
        end(pk, Status.FINISHED, "\n".join(["计算完成，等待另一人审核。", *telling.notes]), log)
    else:
        end(pk, Status.FAILED, _reason(said), log)


def end(pk: int, status: str, message: str, log: str) -> None:
    """Settle a run that is under way, as soon as the database takes it (了结)."""
    running = Commission.objects.filter(pk=pk, status=Status.RUNNING)
    once_it_answers(lambda: running.update(status=status, ended=timezone.now(), message=message, log=log[-LOG:]))


def _not_done(wrong: Exception) -> str:
    """Return what people are told of a run that could not go on."""
    why = "服务器的磁盘已满" if disk_is_full(wrong) else f"{type(wrong).__name__}：{str(wrong)[:200]}"
    return f"计算没有进行下去（{why}）；请告知运维人员，处理后可以重新计算，已算好的部分会保留。"


def _reason(said: str) -> str:
    """Return what the child said last that people can read."""
    lines = [line for line in said.splitlines() if line.strip()]
    return "\n".join(lines[-12:]) or "计算程序没有说明原因就结束了；请重新计算，仍不行请联系运维人员。"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process computes in the same folder; the lock goes with the process that holds it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass
class Telling:
    """
    What is told of a run while it runs (计算进度): how far it is, and what happened to it.

    Attributes
    ----------
    pk : int
        The commission.
    told : dict
        Step by step, how much is done and how much there is.
    notes : list of str
        What happened, in words for people.
    since : datetime or None
        Since when the database does not take what is told.
    """

    pk: int
    told: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    since: datetime | None = None

    def notes_text(self) -> str:
        """Return what happened, a line each (经过)."""
        return "".join(f"{note}\n" for note in self.notes)

    def begin(self) -> bool:
        """Let the run begin, or go on where a dead worker left it; return whether it may (开始)."""
        now = timezone.now()
        ordered = Commission.objects.filter(pk=self.pk, status=Status.ORDERED)
        if ordered.update(status=Status.RUNNING, begun=now, message=""):
            return True
        left = Commission.objects.filter(pk=self.pk, status=Status.RUNNING)
        note = f"{timezone.localtime(now):%H:%M:%S} {RESUMED}"
        if not left.update(message=note):
            return False
        self.notes.append(note)
        return True

    def tell(self) -> bool:
        """Write down how far the run is; return whether it is still wanted. While nobody takes it, it is (写进度)."""
        try:
            return self._write()
        except Error as lost:
            if connection.in_atomic_block or not database_is_away(lost):
                raise
            connection.close()
            self.since = self.since or timezone.now()
            return True

    def tell_at_last(self) -> bool:
        """As :meth:`tell`, and wait until it is taken (最后一次写进度)."""
        wanted = self.tell()
        while self.since is not None:
            time.sleep(AGAIN)
            wanted = self.tell()
        return wanted

    def _write(self) -> bool:
        if not connection.in_atomic_block:
            close_old_connections()
        notes = [*self.notes, self._what_happened(self.since)] if self.since else self.notes
        fields = {"told": self.told} | ({"message": "\n".join(notes)} if notes else {})
        wanted = Commission.objects.filter(pk=self.pk, status=Status.RUNNING).update(**fields)
        self.notes, self.since = notes, None
        return bool(wanted)

    def _what_happened(self, since: datetime) -> str:
        """Return what is told of a database that was away and is back."""
        span = f"{timezone.localtime(since):%H:%M:%S} 至 {timezone.localtime():%H:%M:%S}"
        return f"{span} 数据库没有应答；其间照常计算，结果不受影响。"


def order_of(commission: Commission) -> dict[str, Any]:
    """Return what the child needs to know (委托单)."""
    from bureau.commissions.kinds import FOLDER, KINDS

    chosen = list(commission.inputs.all())
    inputs = {
        KINDS[upload.kind].serves: {
            "path": str(stored(upload.path)),
            **KINDS[upload.kind].words(upload.said, upload.details.get("columns", ())),
        }
        for upload in chosen
        if upload.kind != FOLDER
    }
    packed = [str(stored(upload.path)) for upload in chosen if upload.kind == FOLDER]
    return {
        "folder": str(commission.folder), "code": commission.region_id, "year": commission.year, "cell": commission.cell,
        "imaginary": commission.imaginary, "seed": commission.seed, "inputs": inputs, "note": commission.note,
        "packed": packed[0] if packed else "", "names": _names(chosen),
    }  # fmt: skip


def _names(chosen: Iterable[Upload]) -> dict[str, str]:
    """Return the names that people know uploads by, by those that we keep them under."""
    from bureau.commissions.uploads import names_of

    found: dict[str, str] = {}
    for upload in chosen:
        found |= names_of(upload, stored(upload.path))
    return found


def _run_child(commission: Commission, telling: Telling) -> tuple[int | None, str]:
    """Run the child, tell its progress, and return its exit status (None if it was cancelled) and its words."""
    order = once_it_answers(lambda: order_of(commission))
    child = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "bureau.commissions.child", json.dumps(order, ensure_ascii=False)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert child.stdout is not None  # noqa: S101 - for the type checker
    said, last = "", 0.0
    try:
        for line in child.stdout:
            if not line.startswith("{"):
                said = (said + line)[-LOG:]
                continue
            step = json.loads(line)
            telling.told[step["step"]] = [step["done"], step["total"]]
            if time.monotonic() - last > TELL_EVERY or step["done"] == step["total"]:
                last = time.monotonic()
                if not telling.tell():
                    return None, said
        if not telling.tell_at_last():
            return None, said
        return child.wait(), said
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
