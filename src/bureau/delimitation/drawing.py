"""Drawing the zones of a delimitation (划定): a child of the worker's draws, then the index is written."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import close_old_connections, connection, transaction

from bureau.delimitation.indexing import write_index
from bureau.delimitation.models import Delimitation, Status
from bureau.delimitation.packages import make_folder
from shuibao.messages import ShuibaoError

LINES = 8
"""Last lines of the child's words that are told (chosen)."""


def draw(pk: int) -> None:
    """
    Draw the zones of a delimitation, if they are still to be drawn (划定初步成果).

    Parameters
    ----------
    pk : int
        The delimitation. One that is drawn, or failed, is left alone; what a dead worker began is done again.
    """
    wanted = Delimitation.objects.filter(pk=pk, status=Status.DRAWING)
    made = wanted.select_related("package__region").first()
    if made is None:
        return
    made.folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(made.folder.with_suffix(".lock")):
        if not wanted.exists():
            return  # another worker drew it while this one waited
        if made.package is not None:
            code, said = _of_package(made)
        else:
            code, said = run_child({"source": made.source, "folder": str(made.folder), "theme": made.theme})
        if not connection.in_atomic_block:
            close_old_connections()  # the child may have taken an hour
        if code == 0:
            settle(pk)
            return
    lines = [line for line in said.splitlines() if line.strip()][-LINES:]
    told = "\n".join(lines) or "划定程序没有说明原因就结束了；请重新划定，仍不行请联系运维人员。"
    wanted.update(status=Status.FAILED, message=told)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """
    Wait until no other process draws the same zones; the lock goes with the process that holds it (独占划定).

    Parameters
    ----------
    path : Path
        A file to hold.
    """
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def settle(pk: int) -> None:
    """
    Write the index of what was drawn, and open the delimitation (登记初步成果).

    Parameters
    ----------
    pk : int
    """
    with transaction.atomic():
        made = Delimitation.objects.select_for_update(of=("self",)).filter(pk=pk, status=Status.DRAWING).first()
        if made is None:
            return
        try:
            write_index(made)
        except ShuibaoError as unreadable:
            made.status, made.message = Status.FAILED, f"划定成果读不出来：{unreadable.zh}"
        else:
            made.status, made.message = Status.OPEN, ""
        made.save(update_fields=["status", "message"])


def _of_package(made: Delimitation) -> tuple[int, str]:
    """Make the folder of zones that came in a package; return as a child would."""
    assert made.package is not None  # noqa: S101 - asked before
    try:
        make_folder(made.package, made.folder)
    except OSError as full:
        return 1, f"写不出区域文件夹（{full.strerror or full}）；请告知运维人员后重试。"
    return 0, ""


def run_child(order: dict[str, str]) -> tuple[int, str]:
    """
    Run the child and return its exit status and its words (执行子进程).

    Parameters
    ----------
    order : dict
        ``source``, ``folder``, ``theme``; ``rules``, a pack of what was chosen, where there is one.
    """
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "bureau.delimitation.child", json.dumps(order, ensure_ascii=False)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    ) as child:  # fmt: skip
        assert child.stdout is not None  # noqa: S101 - for the type checker
        said = child.stdout.read()
        return child.wait(), said
