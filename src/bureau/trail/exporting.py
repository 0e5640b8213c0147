"""The audit trail as a table (留痕导出): one line for each field that changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils import timezone

from bureau.formulas import safe
from bureau.trail.telling import Change
from bureau.workbooks import Table, write_workbook

COLUMNS = ("时间", "人员", "动作", "对象类型", "对象", "编号", "字段", "原值", "新值", "页面", "事由")
MOST = 20_000
"""Changes that one export holds at most (chosen: a workbook that opens at once)."""


LONGEST = 30_000
"""Characters of a cell at most: a spreadsheet takes 32 767."""


def _told(change: Change) -> Iterator[tuple[str, str, str]]:
    """Yield each field before and after; of one that holds many entries, each that changed."""
    for field in change.fields:
        if field.items:
            yield from ((f"{field.label}：{item.label}", item.before, item.after) for item in field.items)
        else:
            yield field.label, field.before, field.after


def _cell(word: str) -> str:
    """Return a word as a cell takes it; one that is too long says how long it was."""
    return safe(word if len(word) <= LONGEST else f"{word[:LONGEST]}…（共 {len(word)} 字）")


def lines(changes: Iterable[Change]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of changes; a change without a field has one line (逐行)."""
    for change in changes:
        at = timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M:%S")
        head = (at, change.who, change.act_label, change.kind.label, change.name, str(change.pk))
        for label, before, after in list(_told(change)) or [("", "", "")]:
            yield tuple(_cell(word) for word in (*head, label, before, after, change.page, change.reason))


def as_workbook(changes: Iterable[Change]) -> bytes:
    """Return changes as a workbook (XLSX)."""
    return write_workbook(Table("留痕", COLUMNS, lines(changes)))


def as_text(changes: Iterable[Change]) -> bytes:
    """Return changes as comma-separated text that Excel reads as UTF-8 (CSV)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(lines(changes))
    return out.getvalue().encode("utf-8-sig")
