"""What the environment says (环境变量), or one sentence about what is wrong with it."""

from __future__ import annotations

import os
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from shuibao.messages import CallError


def whole_number(name: str, otherwise: int) -> int:
    """
    Return a whole number that the environment gives (环境变量里的整数).

    Parameters
    ----------
    name : str
        The variable.
    otherwise : int
        What holds where it is not given.

    Raises
    ------
    CallError
        If it is no whole number from 0 on.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return otherwise
    if not (given.isascii() and given.isdigit()):
        raise CallError(
            f"环境变量 {name} 是 {given!r}；应为 0 或正整数，如 {otherwise}。请改正后重试。",
            f"{name} is {given!r}; it must be a whole number from 0 on, such as {otherwise}.",
        )
    return int(given)


def conninfo(name: str, otherwise: str) -> dict[str, Any]:
    """
    Return the words of a conninfo string that the environment gives (环境变量里的数据库连接).

    Parameters
    ----------
    name : str
        The variable.
    otherwise : str
        What holds where it is not given.

    Raises
    ------
    CallError
        If it is no conninfo string of PostgreSQL; it is not quoted, since it may hold a password.
    """
    given = os.environ.get(name) or otherwise
    try:
        return dict(conninfo_to_dict(given))
    except ProgrammingError as wrong:
        raise CallError(
            f"环境变量 {name} 不是 PostgreSQL 的连接串；应如 host=… dbname=bureau user=bureau，值里有空格或引号要用单引号括起。",
            f"{name} is no conninfo string of PostgreSQL; write host=… dbname=bureau user=bureau, and put values with spaces"
            " or quotes into single quotes.",
        ) from wrong
