"""Dates as people write them (日期)."""

from __future__ import annotations

import datetime
import re
from typing import Any

from shuibao.messages import CallError

_WRITTEN = re.compile(r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?\s*$")


def read_date(value: Any) -> str | None:
    """
    Return a date as ``YYYY-MM-DD``, or None if it is none (读日期).

    Parameters
    ----------
    value : Any
        A date, or text such as 2024-07-01, 2024/7/1 or 2024年7月1日.

    Examples
    --------
    >>> read_date("2024年7月1日"), read_date("20240701"), read_date("2024-13-01"), read_date("next week")
    ('2024-07-01', '2024-07-01', None, None)
    """
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = str(value)
    found = _WRITTEN.match(text) or re.match(r"^\s*(\d{4})(\d{2})(\d{2})\s*$", text)
    if not found:
        return None
    try:
        return datetime.date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return None


def asked_date(value: str | None, option: str) -> str:
    """
    Return the date of an option as ``YYYY-MM-DD``; today if it is not given (选项中的日期).

    Parameters
    ----------
    value : str or None
        As typed.
    option : str
        Name of the option, for the message.

    Raises
    ------
    CallError
        If it is no date.
    """
    if value is None:
        return datetime.date.today().isoformat()
    found = read_date(value)
    if found is None:
        raise CallError(
            f"{option} 的值「{value}」不是日期；请写成 2024-07-01。",
            f"{option} '{value}' is no date; write it as 2024-07-01.",
        )
    return found


def asked_words(value: str, option: str) -> str:
    """
    Return the text of an option, which must say something (选项中的文字).

    Parameters
    ----------
    value : str
        As typed.
    option : str
        Name of the option, for the message.

    Raises
    ------
    CallError
        If it is empty.
    """
    if not value.strip():
        raise CallError(f"{option} 为空；请写明。", f"{option} is empty; say it.")
    return value.strip()
