"""Under which name a process connects to the database (连接名称), for an operator to know it by."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def application_name(words: Sequence[str] | None = None) -> str:
    """
    Return under which name this process connects to the database (连接名称).

    Parameters
    ----------
    words : sequence of str, optional
        Of its command line; this process's if not given.

    Examples
    --------
    >>> application_name(["/opt/bin/bureau", "manage", "procrastinate", "worker", "--queues", "office"])
    'bureau worker office'
    >>> application_name(["/opt/bin/gunicorn", "-c", "gunicorn.conf.py", "bureau.wsgi:application"])
    'bureau pages'
    >>> application_name(["/opt/bin/bureau", "backup", "x.bureau"])
    'bureau backup'
    """
    given = list(sys.argv if words is None else words)
    if "procrastinate" in given and "worker" in given:
        queue = given[given.index("--queues") + 1 :][:1] if "--queues" in given else []
        return " ".join(["bureau worker", *queue])
    if any(word.startswith("bureau.wsgi") for word in given):
        return "bureau pages"
    plain = [word for word in given[1:] if not word.startswith("-")]
    act = plain[1:2] if plain[:1] == ["manage"] else plain[:1]
    return " ".join(["bureau", *act])[:60] if Path(given[0]).name in ("bureau", "__main__.py") else "bureau"
