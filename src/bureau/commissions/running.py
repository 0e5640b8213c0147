"""
Computing a commission (计算): a region folder is made, and a child of the worker's runs it.

The run itself is resumable: what a killed worker had computed is kept, and the next one goes on. The child ends when the
worker does, since it reads from a pipe that the worker holds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from bureau.commissions.models import Commission

TELL_EVERY = 0.5
"""Seconds between two writes of progress (chosen)."""
LOG = 8000
"""Characters of the child's words that are kept (chosen)."""
Status = Commission.Status


def compute(pk: int) -> None:
    """
    Compute a commission, if it is still to be computed (计算委托).

    Parameters
    ----------
    pk : int
        The commission. One that was cancelled, or is finished, is left alone; one that a dead worker left running goes on.
    """
    begun = Commission.objects.filter(pk=pk, status__in=(Status.ORDERED, Status.RUNNING))
    if not begun.update(status=Status.RUNNING, begun=timezone.now(), message=""):
        return
    commission = Commission.objects.select_related("region").get(pk=pk)
    code, said = _run_child(commission)
    if code is None:
        return  # cancelled
    if code == 0:
        end(pk, Status.FINISHED, "计算完成，等待另一人审核。", said)
    else:
        end(pk, Status.FAILED, _reason(said), said)


def end(pk: int, status: str, message: str, log: str) -> None:
    """Settle a run that is under way (了结)."""
    Commission.objects.filter(pk=pk, status=Status.RUNNING).update(
        status=status, ended=timezone.now(), message=message, log=log[-LOG:]
    )


def _reason(said: str) -> str:
    """Return what the child said last that people can read."""
    lines = [line for line in said.splitlines() if line.strip()]
    return "\n".join(lines[-12:]) or "计算程序没有说明原因就结束了；请重新计算，仍不行请联系运维人员。"


def order_of(commission: Commission) -> dict[str, Any]:
    """Return what the child needs to know (委托单)."""
    from bureau.commissions.kinds import KINDS
    from bureau.commissions.uploads import stored

    inputs = {
        upload.kind: {"path": str(stored(upload.path)), **KINDS[upload.kind].words(upload.said)}
        for upload in commission.inputs.all()
    }
    return {
        "folder": str(commission.folder), "code": commission.region_id, "year": commission.year, "cell": commission.cell,
        "imaginary": commission.imaginary, "seed": commission.seed, "inputs": inputs, "note": commission.note,
    }  # fmt: skip


def _run_child(commission: Commission) -> tuple[int | None, str]:
    """Run the child, tell its progress, and return its exit status (None if it was cancelled) and its words."""
    child = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "bureau.commissions.child", json.dumps(order_of(commission), ensure_ascii=False)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert child.stdout is not None  # noqa: S101 - for the type checker
    said, told, last = "", dict(commission.told), 0.0
    try:
        for line in child.stdout:
            if not line.startswith("{"):
                said = (said + line)[-LOG:]
                continue
            step = json.loads(line)
            told[step["step"]] = [step["done"], step["total"]]
            if time.monotonic() - last > TELL_EVERY or step["done"] == step["total"]:
                last = time.monotonic()
                close_old_connections()
                if not Commission.objects.filter(pk=commission.pk, status=Status.RUNNING).update(told=told):
                    return None, said
        return child.wait(), said
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
