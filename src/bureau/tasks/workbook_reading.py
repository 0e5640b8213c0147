"""A register from a workbook (导入台账): all wrong rows are told at once, and then nothing is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from bureau.access import Duty
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.tasks.dates import read_phrase
from bureau.tasks.loading import store
from bureau.tasks.models import Register
from bureau.tasks.workbook import COMPARISONS, DOCUMENT, HEAD, REACHES, ROLES, SHEETS
from bureau.workbooks import Formula, WrongRows, open_workbook

LENGTHS = {
    "title": 100, "number": 40, "issuer": 60, "note": 300, "section": 60, "clause": 60, "phrase": 100, "what": 100,
    "key": 60, "label": 60, "unit": 12, "name": 60, "by": 60,
}  # fmt: skip


@transaction.atomic
def bring_in(*, by: Person, name: str, contents: bytes) -> Register:
    """
    Bring a register in from a workbook (导入台账); it stays a draft, as nobody has compared it with its document.

    Parameters
    ----------
    by : Person
        Reviews for the region of the register.
    name : str
        Name of the file.
    contents : bytes

    Raises
    ------
    Refusal
        If the file is none of ours, the region is not theirs, or the register came with the product.
    WrongRows
        If rows are wrong; nothing is written.
    """
    data = read_register(name, contents)
    document = data["register"]
    if not by.may(Duty.REVIEW, document["region"]):
        raise Refusal("not-your-region", f"导入区划 {document['region']} 的台账，需要管辖该地区的“审核”岗位。")
    if not Region.objects.filter(code=document["region"]).exists():
        raise Refusal("no-such-region", f"没有区划代码 {document['region']}；请在“{HEAD}”表填写本地区的代码。")
    there = Register.objects.filter(region_id=document["region"], number=document["number"]).first()
    if there is not None and there.verified:
        raise Refusal(
            "verified-register",
            f"{document['number']} 是已与原文核对的自带台账，不能由工作簿改写；请改用其他文号另建。",
        )
    told = hashlib.sha256(document["number"].encode()).hexdigest()[:8]
    document["id"] = there.name if there else f"r{document['region']}-{told}"
    document["status"] = Register.Status.DRAFT
    return store(data)


def read_register(name: str, contents: bytes) -> dict[str, Any]:
    """
    Return a register from the bytes of a workbook, as its file would have it (读台账).

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    contents : bytes

    Raises
    ------
    Refusal
        If the file cannot be read.
    WrongRows
        If rows are wrong.
    """
    sheets = open_workbook(name, contents, [HEAD, *SHEETS], needed=[HEAD, "任务"])
    return _Reader(sheets).read()


class _Reader:
    """Reads the sheets of a register, and remembers what is wrong."""

    def __init__(self, sheets: dict[str, list[list[Any]]]) -> None:
        self.sheets = sheets
        self.wrong: list[str] = []

    def read(self) -> dict[str, Any]:
        """Return the register, or raise what is wrong with it."""
        data: dict[str, Any] = {"register": self._document(), "unit": [], "figure": [], "task": []}
        tasks: dict[int, dict[str, Any]] = {}
        for at, row in self._rows("任务"):
            task = self._task(at, row)
            if task["number"] in tasks:
                self._tell("任务", at, f"序号 {task['number']} 出现两次；每项任务的序号应不同。")
            tasks[task["number"]] = task
        for at, row in self._rows("期限"):
            self._hang(at, "期限", row, tasks, self._due)
        for at, row in self._rows("数字"):
            if row["task"] is None:
                data["figure"].append(self._figure(at, row))
            else:
                self._hang(at, "数字", row, tasks, self._figure)
        data["unit"] = [self._unit(at, row) for at, row in self._rows("单位")]
        data["task"] = list(tasks.values())
        if not tasks and not self.wrong:
            self.wrong.append("“任务”表没有一行任务；请至少写一项。")
        self._check_twice(data)
        if self.wrong:
            raise WrongRows(self.wrong)
        return data

    def _tell(self, sheet: str, at: int, message: str) -> None:
        line = f"“{sheet}”第 {at} 行：{message}"
        if not any(told.startswith(f"“{sheet}”第 {at} 行：") for told in self.wrong):  # one message a row
            self.wrong.append(line)

    def _document(self) -> dict[str, Any]:
        """Return what the first sheet says of the document."""
        found: dict[str, Any] = {}
        for at, row in enumerate(self.sheets[HEAD], 1):
            word = DOCUMENT.get(str(row[0] or "").strip()) if row else None
            if word:
                found[word] = self._text(HEAD, at, word, row[1] if len(row) > 1 else None)
                if word == "issued":
                    found[word] = self._date(at, row[1] if len(row) > 1 else None)
        for label, word in DOCUMENT.items():
            if word in ("title", "number", "issuer", "region") and not found.get(word):
                self.wrong.append(f"“{HEAD}”表缺少“{label}”；请在该行第二格填写。")
        return found

    def _date(self, at: int, value: Any) -> date | None:
        """Return the date of a document."""
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date) or value in (None, ""):
            return value or None
        reading = read_phrase(str(value)).once
        if reading is None:
            self._tell(HEAD, at, f"成文日期“{value}”读不出；请写成 2024-10-16。")
        return reading

    def _rows(self, sheet: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the rows of a sheet that hold something, by the words of its columns."""
        rows = self.sheets.get(sheet, [])
        labels = [str(label or "").strip() for label in rows[0]] if rows else []
        missing = [label for label in SHEETS[sheet] if label not in labels]
        if rows and missing:
            self.wrong.append(f"“{sheet}”表缺少列“{'”“'.join(missing)}”；请保留下载时的表头。")
            return
        for at, cells in enumerate(rows[1:], 2):
            row = {
                SHEETS[sheet][label]: cell for label, cell in zip(labels, cells, strict=False) if label in SHEETS[sheet]
            }
            if all(cell in (None, "") for cell in row.values()):
                continue
            formula = next((cell for cell in row.values() if isinstance(cell, Formula)), None)
            if formula is not None:
                self._tell(sheet, at, f"有公式“{formula[:40]}”；请粘贴为数值后再上传。")
                continue
            yield at, row

    def _text(self, sheet: str, at: int, word: str, value: Any) -> str:
        """Return a cell as text, and tell if it is too long."""
        text = (
            "" if value is None else str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        )
        longest = LENGTHS.get(word, 60)
        if len(text.strip()) > longest:
            self._tell(sheet, at, f"“{text[:12]}…”有 {len(text.strip())} 字；不得超过 {longest} 字，请缩短。")
        return text.strip()

    def _whole(self, sheet: str, at: int, value: Any) -> int:
        """Return a task's number."""
        try:
            number = int(str(value).removesuffix(".0"))
        except ValueError:
            number = 0
        if not 0 < number < 10_000:
            self._tell(sheet, at, f"任务序号“{'' if value is None else value}”不是 1 至 9999 的整数；请填写。")
            return -at
        return number

    def _task(self, at: int, row: dict[str, Any]) -> dict[str, Any]:
        """Return a task."""
        task: dict[str, Any] = {"number": self._whole("任务", at, row["number"])}
        for word in ("section", "title", "clause"):
            task[word] = self._text("任务", at, word, row[word])
        if not task["title"]:
            self._tell("任务", at, "没有写任务；请写一个短标题。")
        for role in ROLES.values():
            names = re.split(r"[；;\n]", str(row[role] or ""))
            task[role] = [self._text("任务", at, "name", name) for name in names if name.strip()]
        named = [name for role in ROLES.values() for name in task[role]]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice:
            self._tell("任务", at, f"单位“{twice}”写了两次；一个单位在一项任务里只有一种分工。")
        return {**task, "due": [], "figure": []}

    def _hang(
        self, at: int, sheet: str, row: dict[str, Any], tasks: dict[int, dict[str, Any]],
        read: Callable[[int, dict[str, Any]], dict[str, Any]],
    ) -> None:  # fmt: skip
        """Hang a date or a figure on its task."""
        number = self._whole(sheet, at, row["task"])
        if number > 0 and number not in tasks:
            self._tell(sheet, at, f"“任务”表里没有序号 {number}；请先写该任务，或改正序号。")
        found = read(at, row)
        if number in tasks:
            tasks[number]["due" if sheet == "期限" else "figure"].append(found)

    def _due(self, at: int, row: dict[str, Any]) -> dict[str, Any]:
        """Return a date."""
        phrase = self._phrase(row["phrase"])
        return {
            "phrase": self._text("期限", at, "by", phrase), "what": self._text("期限", at, "what", row["what"]),
            "key": self._text("期限", at, "key", row["key"]), "yearly": self._yes("期限", at, row["yearly"]),
        }  # fmt: skip

    def _phrase(self, value: Any) -> Any:
        """Return words of time; a spreadsheet's own date as it is written."""
        return value.date().isoformat() if isinstance(value, datetime) else value

    def _figure(self, at: int, row: dict[str, Any]) -> dict[str, Any]:
        """Return a figure."""
        figure: dict[str, Any] = {
            word: self._text("数字", at, word, self._phrase(row[word]))
            for word in ("key", "label", "unit", "phrase", "by", "clause")
        }
        for word, label in (("key", "代号"), ("label", "名称"), ("unit", "单位")):
            if not figure[word]:
                self._tell("数字", at, f"没有写{label}；请填写。")
        figure["comparison"] = self._choice("数字", at, row["comparison"] or "达到", COMPARISONS)
        figure["yearly"], figure["counted"] = (self._yes("数字", at, row[word]) for word in ("yearly", "counted"))
        figure["value"] = self._number(at, row["value"])
        return figure

    def _number(self, at: int, value: Any) -> str:
        """Return a number above nought."""
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or not 0 < number < 10**10 or number != round(number, 4):
            self._tell("数字", at, f"数值“{'' if value is None else value}”应为大于 0、至多四位小数的数；请改正。")
            return "1"
        return f"{number.normalize():f}"

    def _yes(self, sheet: str, at: int, value: Any) -> bool:
        """Return a yes or no."""
        return self._choice(sheet, at, value or "否", {"是": "yes", "否": "", "True": "yes", "False": ""}) == "yes"

    def _choice(self, sheet: str, at: int, value: Any, choices: dict[str, str]) -> str:
        """Return one of some words."""
        if str(value).strip() not in choices:
            allowed = "、".join(word for word in choices if not word.isascii())
            self._tell(sheet, at, f"“{value}”不在可填的值之内；可填 {allowed}。")
        return choices.get(str(value).strip(), next(iter(choices.values())))

    def _unit(self, at: int, row: dict[str, Any]) -> dict[str, Any]:
        """Return a unit."""
        name = self._text("单位", at, "name", row["name"])
        if not name:
            self._tell("单位", at, "没有写名称；请填写。")
        return {"name": name, "reach": self._choice("单位", at, row["reach"] or "本级单位", REACHES)}

    def _check_twice(self, data: dict[str, Any]) -> None:
        """Tell dates and figures that are there twice."""
        for task in data["task"]:
            dues = [(due["phrase"], due["what"]) for due in task["due"]]
            if len(set(dues)) < len(dues):
                self.wrong.append(f"任务 {task['number']} 有两条相同的期限；请删去一条，或写不同的事项。")
        for number, figures in [(None, data["figure"]), *((t["number"], t["figure"]) for t in data["task"])]:
            keys = [(figure["key"], figure["phrase"], figure["by"]) for figure in figures]
            if len(set(keys)) < len(keys):
                where = f"任务 {number}" if number else "整个文件"
                self.wrong.append(f"{where}有两条相同的数字；请删去一条，或写不同的原文。")
