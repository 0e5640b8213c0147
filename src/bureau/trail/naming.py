"""Who changes rows outside of pages (进程署名): the worker, and commands of an operator."""

from __future__ import annotations

import getpass
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.backends.signals import connection_created

WORKER = "后台任务"


def named(words: Sequence[str], user: str) -> dict[str, Any]:
    """
    Return what the trail says of a command (命令署名).

    Parameters
    ----------
    words : sequence of str
        What follows ``bureau`` on the command line.
    user : str
        The system's user who gave the command.

    Examples
    --------
    >>> named(["manage", "procrastinate", "worker"], "shuibao")["name"]
    '后台任务'
    >>> named(["serve", "--port", "8000"], "root")
    {'person': None, 'name': '命令行（root）', 'page': 'bureau serve'}
    """
    if list(words[:3]) == ["manage", "procrastinate", "worker"]:
        return {"person": None, "name": WORKER, "page": "bureau manage procrastinate worker"}
    plain = [word for word in words[:2] if not word.startswith("-")]
    shown = plain if plain[:1] == ["manage"] else plain[:1]
    return {"person": None, "name": f"命令行（{user}）", "page": " ".join(["bureau", *shown])}


def sign_changes_of_this_process(words: Sequence[str]) -> None:
    """
    Let every change that this process makes be told as this command's, unless a page tells more (进程署名).

    Parameters
    ----------
    words : sequence of str
        What follows ``bureau`` on the command line.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "?"
    metadata, context = json.dumps(named(words, user), ensure_ascii=False), str(uuid.uuid4())

    def sign(sender: Any, connection: Any, **more: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pghistory.context_id', %s, false), set_config('pghistory.context_metadata', %s, false)",
                [context, metadata],
            )

    connection_created.connect(sign, weak=False, dispatch_uid="bureau.trail.naming")
