"""
Registers as workbooks (台账工作簿): what is written can be changed in a spreadsheet and brought back.

Text that a spreadsheet would take for a formula gets an apostrophe before it, and loses it when it is read again.
"""

from __future__ import annotations

from typing import Any

from bureau.tasks.dates import Kind, read_phrase
from bureau.tasks.models import Figure, Register, TaskUnit
from bureau.tasks.scope import Reach
from bureau.workbooks import Table, write_workbook

HEAD = "文件"
"""Sheet of the document itself: a name and a value in each row."""
DOCUMENT = {
    "名称": "title",
    "文号": "number",
    "发文机关": "issuer",
    "成文日期": "issued",
    "行政区划代码": "region",
    "说明": "note",
}
ROLES = {str(TaskUnit.Role(role).label): str(role) for role in TaskUnit.Role.values}
REACHES = {str(Reach(value).label): str(value) for value in Reach.values}
COMPARISONS = {str(Figure.Comparison(value).label): str(value) for value in Figure.Comparison.values}
SHEETS: dict[str, dict[str, str]] = {
    "任务": {"序号": "number", "部分": "section", "任务": "title", "条款": "clause", **ROLES},
    "期限": {"任务序号": "task", "期限原文": "phrase", "每年": "yearly", "事项": "what", "代号": "key"},
    "数字": {
        "任务序号": "task", "代号": "key", "名称": "label", "比较": "comparison", "数值": "value", "单位": "unit",
        "原文": "phrase", "期限原文": "by", "每年": "yearly", "计数": "counted", "条款": "clause",
    },
    "单位": {"名称": "name", "所指范围": "reach"},
}  # fmt: skip
"""Sheets, their columns, and the words of the registers' files that they hold."""


def data_of(register: Register) -> dict[str, Any]:
    """
    Return a register in the words of its file (台账数据).

    Parameters
    ----------
    register : Register
    """
    tasks = register.tasks.prefetch_related("parts__unit", "dues", "figures")
    units = {part.unit for task in tasks for part in task.parts.all()}
    document = {word: getattr(register, word) for word in ("title", "number", "issuer", "issued", "note")}
    figures = register.figures.filter(task=None)
    return {
        "register": {**document, "id": register.name, "region": register.region_id, "status": register.status},
        "unit": [{"name": unit.name, "reach": unit.reach} for unit in sorted(units, key=lambda unit: unit.pk)],
        "figure": [_figure(figure) for figure in figures],
        "task": [
            {
                "number": task.number, "section": task.section, "title": task.title, "clause": task.clause,
                **{role: [p.unit.name for p in task.parts.all() if p.role == role] for role in ROLES.values()},
                "due": [
                    {"phrase": d.phrase, "what": d.what, "key": d.key, "yearly": _adds_yearly(d.phrase, d.kind)}
                    for d in task.dues.all()
                    if d.phrase or d.what
                ],
                "figure": [_figure(figure) for figure in task.figures.all()],
            }
            for task in tasks
        ],
    }  # fmt: skip


def _adds_yearly(phrase: str, kind: str) -> bool:
    """Return whether a date comes every year though its words do not say so."""
    return kind == Kind.YEARLY and read_phrase(phrase).kind != Kind.YEARLY


def _figure(figure: Figure) -> dict[str, Any]:
    """Return a figure in the words of the registers' files."""
    words = ("key", "label", "comparison", "unit", "phrase", "yearly", "counted", "clause")
    return {
        **{word: getattr(figure, word) for word in words},
        "value": f"{figure.value.normalize():f}", "by": figure.by_phrase,
    }  # fmt: skip


def write_register(data: dict[str, Any]) -> bytes:
    """
    Return a register as a workbook (导出台账).

    Parameters
    ----------
    data : dict
        As :func:`data_of` returns it.
    """
    told = data["register"]
    head = [(label, _word(told.get(word))) for label, word in DOCUMENT.items()]
    rows = {
        "任务": data["task"],
        "期限": [{"task": task["number"], **due} for task in data["task"] for due in task["due"]],
        "数字": [*data["figure"], *({"task": t["number"], **f} for t in data["task"] for f in t["figure"])],
        "单位": data["unit"],
    }
    return write_workbook(
        Table(HEAD, (), [*head, ("核对状态", "已与原文核对" if told.get("status") == "verified" else "草案")]),
        *(
            Table(title, list(of), [[_shown(word, row.get(word)) for word in of.values()] for row in rows[title]])
            for title, of in SHEETS.items()
        ),
    )


def _word(value: Any) -> Any:
    """Return what the document says of itself as people read it."""
    return value.isoformat() if hasattr(value, "isoformat") else value or ""


def _shown(word: str, value: Any) -> Any:
    """Return a value as people read it in a cell."""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, list):
        return "；".join(value)  # names of units hold 、 themselves: 各县（市、区）政府
    for names, of in ((REACHES, "reach"), (COMPARISONS, "comparison")):
        if word == of:
            return next(label for label, code in names.items() if code == value)
    return value
