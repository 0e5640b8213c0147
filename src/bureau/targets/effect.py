"""
From which day a target applies (生效日期), and the document that says so (文件).

The day lies no earlier than the year in the number of the document, and no later than the end of the target's year. One that
is over already takes an earlier target out of force for a time that is past, so it is asked about.
"""

from __future__ import annotations

import re
from datetime import date

from bureau.refusal import Refusal

FIRST = date(2000, 1, 1)
"""Nothing applies from before this day (chosen: the first year that a target may be for)."""
NUMBERED = re.compile(r"[〔\[［(（【]\s*(\d{4})\s*年?\s*[〕\]］)）】]")
"""The year in the number of a document, as in 忻水〔2026〕1号; other brackets are read too."""


def says_something(text: str) -> bool:
    """
    Return whether a text has at least one letter, Chinese character or digit (是否写了内容).

    Examples
    --------
    >>> says_something("忻水"), says_something(" 。. "), says_something("")
    (True, False, False)
    """
    return any(character.isalnum() for character in text)


def year_in(document: str) -> int | None:
    """
    Return the year in the number of a document, None if there is none (文号年份).

    Examples
    --------
    >>> year_in("忻政办发〔2024〕4号"), year_in("关于水土保持率目标的通知")
    (2024, None)
    """
    found = NUMBERED.search(document)
    return None if found is None else int(found[1])


def demand_document(document: str) -> None:
    """
    Refuse a document of which nothing is said (核对文件).

    Raises
    ------
    Refusal
    """
    if not says_something(document):
        said = f"“{document.strip()[:20]}”" if document.strip() else "空的"
        raise Refusal(
            "no-document", f"没有写明文件：填的是{said}；目标须有印发的文件，请写标题或文号，如“忻水〔2026〕1号”。"
        )


def demand_possible_day(*, since: date, document: str, year: int, today: date) -> None:
    """
    Refuse a first day that cannot be (核对生效日期).

    Parameters
    ----------
    since : date
        First day of force.
    document : str
        Its title and number; the year in it, if there is one, is the earliest.
    year : int
        Year of the target; its last day is the latest.
    today : date

    Raises
    ------
    Refusal
        The message says which days are allowed.
    """
    issued = year_in(document)
    if issued is not None and not FIRST.year <= issued <= today.year:
        raise Refusal(
            "not-issued", f"文号里的年份是 {issued}，不在 {FIRST.year}–{today.year} 年之间；请核对文号后重填。"
        )
    first, last = max(FIRST, date(issued or FIRST.year, 1, 1)), date(year, 12, 31)
    if not first <= since <= max(last, today):
        why = f"文号〔{issued}〕的当年首日" if issued and first.year == issued else "最早可填的一天"
        latest = f"今天（{today}）" if last < today else f"目标年年底（{last}）"
        raise Refusal(
            "day-not-possible", f"生效日期 {since} 不对：不得早于 {first}（{why}），不得晚于{latest}；请照文件填写。"
        )


def doubt_of_day(*, since: date, today: date) -> str:
    """
    Return what makes a first day doubtful: it is over already; nothing if it is not (生效日期存疑).

    Parameters
    ----------
    since, today : date
    """
    if since >= today:
        return ""
    return f"生效日期 {since} 在今天（{today}）之前，原有目标自那一天起就不再执行。填错了请改正；文件确是如此，请勾选“核对过”。"


def demand_day(*, since: date, document: str, year: int, today: date, sure: bool) -> None:
    """
    Refuse a first day that cannot be, or one in the past that nobody has checked (核对生效日期).

    Raises
    ------
    Refusal
    """
    demand_possible_day(since=since, document=document, year=year, today=today)
    doubt = doubt_of_day(since=since, today=today)
    if doubt and not sure:
        raise Refusal("day-is-past", doubt)
