"""
How a document's words of time are read (期限字句): 每年11月底前, 2024年底前, 到2025年, “十四五”期间, 持续推进 and such.

“N月底前” ends with the last day of the month, and “年底前” with the last of the year. “X前” without 底 leaves X itself out:
2025年4月前 ends on 31 March, 每年3月1日前 with February. Where a reading is ours, and not the words', a note says so.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import models


class Kind(models.TextChoices):
    """What kind of date (期限类型)."""

    ONCE = "once", "一次"
    YEARLY = "yearly", "每年"
    CONTINUOUS = "continuous", "持续推进"
    UNSPECIFIED = "unspecified", "文件未写明日期"


@dataclass(frozen=True)
class Reading:
    """
    What words of time mean (期限读法).

    Attributes
    ----------
    kind : Kind
    year : int or None
        Of a date that comes once.
    month : int or None
    day : int or None
        None with a month: its last day.
    begins : date or None
        First day of a period that the words name.
    note : str
        What of it is our reading.
    """

    kind: Kind
    year: int | None = None
    month: int | None = None
    day: int | None = None
    begins: date | None = None
    note: str = ""

    def on(self, year: int) -> date | None:
        """Return the day it ends in a year; None if it does not come in that year (当年到期日)."""
        if self.month is None or (self.kind == Kind.ONCE and self.year != year):
            return None
        last = calendar.monthrange(year, self.month)[1]
        return date(year, self.month, min(self.day or last, last))

    @property
    def once(self) -> date | None:
        """Return the day of a date that comes once (到期日)."""
        return self.on(self.year) if self.kind == Kind.ONCE and self.year else None


def occurrences(reading: Reading, begin: date, end: date, since: date | None = None) -> Iterator[date]:
    """
    Yield the days within a span on which something is due (到期日展开).

    Parameters
    ----------
    reading : Reading
    begin, end : date
        Both included.
    since : date, optional
        When the document was issued: what comes every year does not come before it.

    Examples
    --------
    >>> [str(day) for day in occurrences(read_phrase("每年2月底前"), date(2024, 1, 1), date(2025, 12, 31))]
    ['2024-02-29', '2025-02-28']
    """
    for year in range(begin.year, end.year + 1):
        day = reading.on(year)
        if day is None or not begin <= day <= end:
            continue
        if reading.kind == Kind.YEARLY and since is not None and day < since:
            continue
        yield day


def read_phrase(phrase: str, *, yearly: bool = False) -> Reading:
    """
    Read words of time (读期限).

    Parameters
    ----------
    phrase : str
        As a document has it; blanks do not count. Empty: the document says nothing.
    yearly : bool
        Whether the document says elsewhere that it comes every year.

    Returns
    -------
    Reading
        Words that name no date are :attr:`Kind.UNSPECIFIED`.

    Examples
    --------
    >>> str(read_phrase("2024 年底前").once), str(read_phrase("2025年4月前").once)
    ('2024-12-31', '2025-03-31')
    >>> read_phrase("持续推进").kind.label
    '持续推进'
    """
    words = re.sub(r"\s+", "", phrase)
    for pattern, read in PATTERNS:
        if found := re.fullmatch(pattern, words):
            reading = read(found)
            return replace(reading, kind=Kind.YEARLY) if yearly and reading.kind == Kind.ONCE else reading
    if yearly and (found := re.fullmatch(r"(\d{1,2})月底前?", words)):
        return _month(Kind.YEARLY, None, int(found[1]))
    return Reading(Kind.UNSPECIFIED)


def _month(kind: Kind, year: int | None, month: int, note: str = "") -> Reading:
    """Return the last day of a month, refusing months that are none."""
    return Reading(kind, year, month, note=note) if 1 <= month <= 12 else Reading(Kind.UNSPECIFIED)


def _day(found: re.Match[str]) -> Reading:
    """Return a day by year, month and day; 前 leaves it out."""
    year, month, day, before = found["year"], int(found["month"]), int(found["day"]), found["before"]
    try:
        on = date(int(year) if year else 2001, month, day)  # 2001: no leap year, so that a yearly date always comes
    except ValueError:
        return Reading(Kind.UNSPECIFIED)
    kind = Kind.ONCE if year else Kind.YEARLY
    if not before:
        return Reading(kind, int(year) if year else None, month, day)
    if day == 1:
        return _before_month(kind, int(year) if year else None, month, "“前”按不含当日读")
    on -= timedelta(days=1)
    return Reading(kind, int(year) if year else None, on.month, on.day, note="“前”按不含当日读")


def _before_month(kind: Kind, year: int | None, month: int, note: str) -> Reading:
    """Return the last day before a month begins."""
    if not 1 <= month <= 12:
        return Reading(Kind.UNSPECIFIED)
    if month > 1:
        return Reading(kind, year, month - 1, note=note)
    return Reading(kind, year - 1 if year else None, 12, note=note)


def _period(found: re.Match[str]) -> Reading:
    """Return a five-year plan's period: the fourteenth is 2021 to 2025."""
    number = {"十三": 13, "十四": 14, "十五": 15, "十六": 16}[found[1]]
    last = 2020 + (number - 13) * 5
    return Reading(Kind.ONCE, last, 12, begins=date(last - 4, 1, 1), note="按规划期末计")


PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], Reading]], ...] = (
    (r"(\d{4})-(\d{2})-(\d{2})", lambda m: _iso(m)),
    (r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<before>前?)(?:完成)?", _day),
    (r"每年度?(?P<year>)(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<before>前?)(?:完成)?", _day),
    (r"(\d{4})年(\d{1,2})月底前?(?:完成)?", lambda m: _month(Kind.ONCE, int(m[1]), int(m[2]))),
    (r"(\d{4})年(\d{1,2})月(?:完成)?", lambda m: _month(Kind.ONCE, int(m[1]), int(m[2]), "只写到月，按月末计")),
    (r"(\d{4})年(\d{1,2})月前(?:完成)?", lambda m: _before_month(Kind.ONCE, int(m[1]), int(m[2]), "“前”按不含当月读")),
    (r"(\d{4})年年?底前?(?:完成)?", lambda m: _month(Kind.ONCE, int(m[1]), 12)),
    (r"到?(\d{4})年(?:制定|完成)?", lambda m: _month(Kind.ONCE, int(m[1]), 12, "只写到年，按年末计")),
    (r"每年度?(\d{1,2})月底前?(?:完成)?", lambda m: _month(Kind.YEARLY, None, int(m[1]))),
    (r"每年度?(\d{1,2})月(?:中下|下)旬(?:完成)?", lambda m: _month(Kind.YEARLY, None, int(m[1]), "旬按末日计")),
    (r"每年度?", lambda m: _month(Kind.YEARLY, None, 12, "只写每年，按年末计")),
    (r"“(十[三四五六])五”期间", _period),
    (r"持续(?:推进|开展)|长期", lambda m: Reading(Kind.CONTINUOUS)),
)  # fmt: skip
"""Words that are read, and how; the first that fits whole is taken."""


def _iso(found: re.Match[str]) -> Reading:
    """Return a day written 2025-06-30."""
    try:
        on = date.fromisoformat(found[0])
    except ValueError:
        return Reading(Kind.UNSPECIFIED)
    return Reading(Kind.ONCE, on.year, on.month, on.day)
