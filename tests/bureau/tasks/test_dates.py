"""What words of time mean."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.tasks.dates import Kind, occurrences, read_phrase

years, months = st.integers(2000, 2060), st.integers(1, 12)


@given(year=years, month=months)
def test_the_end_of_a_month_is_its_last_day(year: int, month: int) -> None:
    for words in (f"{year}年{month}月底前", f"{year} 年 {month} 月底前完成"):
        day = read_phrase(words).once
        assert day is not None
        assert (day + timedelta(days=1)).day == 1
        assert (day.year, day.month) == (year, month)


@given(year=years, month=months)
def test_before_a_month_or_a_day_is_before_it(year: int, month: int) -> None:
    assert read_phrase(f"{year}年{month}月前").once == date(year, month, 1) - timedelta(days=1)
    day = monthrange(year, month)[1]
    assert read_phrase(f"{year}年{month}月{day}日前").once == date(year, month, day) - timedelta(days=1)
    assert read_phrase(f"{year}年{month}月{day}日").once == date(year, month, day)


@given(month=months, begin=st.dates(date(2000, 1, 1), date(2060, 1, 1)), length=st.integers(0, 2000))
def test_what_comes_every_year_comes_once_in_each(month: int, begin: date, length: int) -> None:
    end = begin + timedelta(days=length)
    found = list(occurrences(read_phrase(f"每年{month}月底前"), begin, end))
    every = [begin + timedelta(days=n) for n in range(length + 1)]
    assert found == [day for day in every if day.month == month and (day + timedelta(days=1)).day == 1]


@pytest.mark.parametrize(
    "words, day",
    [
        ("2024年底前", "2024-12-31"), ("2024 年底完成", "2024-12-31"), ("2025年年底", "2025-12-31"),
        ("2025年制定", "2025-12-31"), ("到2025年", "2025-12-31"), ("到 2030 年", "2030-12-31"),
        ("“十四五”期间", "2025-12-31"), ("2024 年 9 月完成", "2024-09-30"), ("2025年4月前", "2025-03-31"),
        ("2024-10-16", "2024-10-16"), ("2024年1月前", "2023-12-31"),
    ],
)  # fmt: skip
def test_words_that_name_a_day_once(words: str, day: str) -> None:
    assert str(read_phrase(words).once) == day


@pytest.mark.parametrize(
    "words, year, day",
    [
        ("每年2月底前", 2024, "2024-02-29"), ("每年2月底前", 2025, "2025-02-28"), ("每年3月1日前", 2024, "2024-02-29"),
        ("每年12月中下旬", 2026, "2026-12-31"), ("每年度", 2026, "2026-12-31"), ("每年5月20日前", 2026, "2026-05-19"),
    ],
)  # fmt: skip
def test_words_that_name_a_day_of_every_year(words: str, year: int, day: str) -> None:
    assert str(read_phrase(words).on(year)) == day


@pytest.mark.parametrize(
    "words", ["按年度推动", "", "按时完成", "2024年13月底前", "2024年2月30日", "2024-02-30", "尽快"]
)
def test_words_that_name_no_day_have_none(words: str) -> None:
    assert read_phrase(words).kind == Kind.UNSPECIFIED
    assert read_phrase(words).once is None


def test_a_period_begins_and_ends_with_the_plan() -> None:
    reading = read_phrase("“十四五”期间")
    assert (reading.begins, reading.once) == (date(2021, 1, 1), date(2025, 12, 31))


def test_nothing_comes_before_its_document() -> None:
    days = occurrences(read_phrase("每年2月底前"), date(2020, 1, 1), date(2026, 12, 31), since=date(2024, 10, 16))
    assert [str(day) for day in days] == ["2025-02-28", "2026-02-28"]


def test_what_the_document_says_elsewhere_comes_every_year() -> None:
    assert read_phrase("12 月底前").kind == Kind.UNSPECIFIED
    assert str(read_phrase("12 月底前", yearly=True).on(2026)) == "2026-12-31"
