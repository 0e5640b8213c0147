"""What is wrong with a target pack (目标包的检查)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuibao.messages import Finding
from shuibao.rules.citation import BASES, CONFIDENCES, STATUSES, VERIFIABLE
from shuibao.rules.suggestion import suggestion

LEVELS = ("nation", "province", "city", "county")
TABLES: dict[str, tuple[str, ...]] = {
    "pack": ("id", "title", "title_en", "kind"),
    "source": ("title", "title_en", "number", "read", "note"),
    "targets": (
        *("name", "name_en", "level", "code", "unit", "status", "basis", "confidence"),
        *("clause", "note", "total", "counties"),
    ),
}
OPTIONAL = (
    *("pack.kind", "source.title_en", "source.number", "source.note"),
    *("targets.clause", "targets.note", "targets.counties"),
)
COUNTY_WORDS = ("code", "name", "name_en")
CODE_DIGITS = 6


def check_target_form(raw: Mapping[str, Any], where: str) -> list[Finding]:
    """
    Return everything that is wrong with the content of a target pack (查目标包).

    Parameters
    ----------
    raw : mapping
        The file as TOML gave it.
    where : str
        Name of the file, for messages.

    Returns
    -------
    list of Finding
        Empty if the pack is in order.
    """
    found = [*_check_tables(raw, where)]
    if found:
        return found
    found = [*_check_words(raw, where)]
    found += _check_years(raw["targets"], where)
    return found


def _error(where: str, zh: str, en: str) -> Finding:
    return Finding("error", where, zh, en)


def _check_tables(raw: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for table, words in TABLES.items():
        content = raw.get(table)
        if not isinstance(content, Mapping):
            yield _error(where, f"缺少 [{table}] 表。请补上。", f"there is no [{table}] table. Add it.")
            continue
        for word in words:
            if word not in content and f"{table}.{word}" not in OPTIONAL:
                yield _error(f"{where}:{table}", f"缺少 {word}。请补上。", f"'{word}' is missing. Add it.")
        for word in content:
            if word not in words:
                yield _unknown(f"{where}:{table}", word, words)
    for table in raw:
        if table not in TABLES:
            yield _unknown(where, table, tuple(TABLES))


def _unknown(where: str, word: str, known: tuple[str, ...]) -> Finding:
    zh_hint, en_hint = suggestion(word, known)
    return _error(
        where,
        f"不认识“{word}”。{zh_hint}可用：{'、'.join(known)}。",
        f"'{word}' is not known. {en_hint}Allowed: {', '.join(known)}.",
    )


def _check_words(raw: Mapping[str, Any], where: str) -> Iterator[Finding]:
    targets = raw["targets"]
    place = f"{where}:targets"
    for word, allowed in (("level", LEVELS), ("status", STATUSES), ("basis", BASES), ("confidence", CONFIDENCES)):
        if targets[word] not in allowed:
            yield _error(
                f"{place}.{word}",
                f"是“{targets[word]}”，只能是：{'、'.join(allowed)}。",
                f"is '{targets[word]}', must be one of: {', '.join(allowed)}.",
            )
    if targets["status"] == "verified" and targets["basis"] not in VERIFIABLE:
        yield _error(
            f"{place}.status", "没有读过来源，不能写 verified。", "cannot be verified: the source was not read."
        )
    if targets["unit"] != "percent":
        yield _error(
            f"{place}.unit",
            f"是“{targets['unit']}”，水土保持率目标的单位只能是 percent。",
            f"is '{targets['unit']}', targets are in percent.",
        )
    yield from _check_code(targets["code"], f"{place}.code")


def _check_code(code: Any, place: str) -> Iterator[Finding]:
    if not (isinstance(code, str) and len(code) == CODE_DIGITS and code.isdigit()):
        yield _error(
            place,
            f'是 {code!r}，行政区划代码应是六位数字的文字，如 "140902"。',
            f'is {code!r}, a GB/T 2260 code is a text of six digits, such as "140902".',
        )


def _check_years(targets: Mapping[str, Any], where: str) -> Iterator[Finding]:
    total, counties = targets["total"], targets.get("counties", [])
    if not isinstance(total, Mapping) or not total:
        yield _error(
            f"{where}:targets.total",
            "应写成 { 2025 = 63.56, … }。",
            "should be written { 2025 = 63.56, … }.",
        )
        return
    yield from _check_percents(total, f"{where}:targets.total")
    seen: set[str] = set()
    for county in counties:
        place = f"{where}:targets.counties {county.get('code', county.get('name', '?'))}"
        yield from _check_county(county, place, set(total), seen)


def _check_county(county: Mapping[str, Any], place: str, years: set[str], seen: set[str]) -> Iterator[Finding]:
    for word in ("code", "name"):
        if word not in county:
            yield _error(place, f"缺少 {word}。请补上。", f"'{word}' is missing. Add it.")
    code = county.get("code", "")
    yield from _check_code(code, place)
    if code in seen:
        yield _error(place, "代码重复。请去掉一个。", "the code occurs twice. Remove one.")
    seen.add(code)
    given = {key: value for key, value in county.items() if key not in COUNTY_WORDS}
    yield from _check_percents(given, place)
    for year in sorted(years - set(given)):
        yield Finding("warning", place, f"没有 {year} 年目标。", f"there is no target for {year}.")


def _check_percents(values: Mapping[str, Any], place: str) -> Iterator[Finding]:
    for year, percent in values.items():
        if not (year.isdigit() and len(year) == len("2025")):
            yield _error(place, f"“{year}”不是年份。", f"'{year}' is not a year.")
        elif isinstance(percent, bool) or not isinstance(percent, (int, float)) or not 0 <= percent <= 100:
            yield _error(
                place,
                f"{year} 年是 {percent!r}，水土保持率应在 0–100 % 之间。",
                f"{year} is {percent!r}, a rate lies between 0 and 100 %.",
            )
