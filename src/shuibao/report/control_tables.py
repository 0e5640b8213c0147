"""The answer about many projects as one CSV or workbook: a row for each zone, and one that sums up (批量查询结果表)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shuibao.delimitation.control.finding import Answer, summary_rows, zone_rows
from shuibao.ground.files import renamed
from shuibao.messages import CallError
from shuibao.report.bilingual import Text
from shuibao.report.tables import Cell, Column, Kind, Table
from shuibao.report.workbook import escaped, write_tables
from shuibao.rules.duties import duty_row
from shuibao.survey.region import SIMULATED

FIELDS = (
    "record", "project", "feature", "shape", "size", "unit", "code", "name", "theme", "kind", "kind_name", "level",
    "level_name", "county", "county_name", "area_m2", "length_m", "share", "relation", "relation_name", "in_region",
    "prevention_treatment", "severe_fragile", "steep_slope", "any", "zones", "nearest", "nearest_m", "forbidden",
    "restricted", "required", "drafts", "duties", "data_kind",
)  # fmt: skip
"""
Columns of the CSV. ``record`` is ``zone`` (one project in one zone) or ``summary`` (one project); what a row does not have
is empty. ``data_kind`` says in every row that land is made up.
"""

KINDS = (".csv", ".xlsx")


def answer_records(answer: Answer) -> Iterator[dict[str, Any]]:
    """
    Yield the rows of the answer: for each project its zones, then its summary (结果行).

    Parameters
    ----------
    answer : Answer
        What was found.
    """
    zones = zone_rows(answer)
    held = next(zones, None)
    label = SIMULATED if answer.control.simulated else ""
    for number, summary in enumerate(summary_rows(answer)):
        while held is not None and held["feature"] == summary["feature"] and held["project"] == summary["project"]:
            yield {"record": "zone", **held, "data_kind": label}
            held = next(zones, None)
        duties = " ".join(duty.id for duty in answer.duties_of(number) if duty.kinds)
        yield {
            "record": "summary", **summary, "kind": summary["kinds"], "kind_name": summary["kind_names"],
            "county": summary["counties"], "duties": duties, "data_kind": label,
        }  # fmt: skip


def write_answer(answer: Answer, path: Path) -> None:
    """
    Write the answer as CSV or as a workbook (写出查询结果).

    Parameters
    ----------
    answer : Answer
        What was found.
    path : Path
        File to write, whole or not at all; ``.csv`` or ``.xlsx``.

    Raises
    ------
    CallError
        If it is neither.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise CallError(
            f"不知道怎样写「{path.name}」；--out 的文件名应以 .csv 或 .xlsx 结尾。",
            f"cannot tell how to write '{path.name}'; the name given to --out must end in .csv or .xlsx.",
        )
    if kind == ".xlsx":
        title = f"{answer.control.region.name} {answer.projects.source}"
        write_tables(_sheets(answer), path, title, simulated=answer.control.simulated)
        return
    with renamed(path) as temporary:
        temporary.write_text("\ufeff" + csv_text(answer), encoding="utf-8", newline="")


def csv_text(answer: Answer) -> str:
    """
    Return the answer as CSV (结果 CSV).

    Parameters
    ----------
    answer : Answer
        What was found.
    """
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in answer_records(answer):
        writer.writerow({k: escaped(v) if isinstance(v, str) else v for k, v in row.items() if v is not None})
    return buffer.getvalue()


_SUMMARY: tuple[tuple[str, str, Kind], ...] = (
    ("project", "项目", "text"), ("feature", "要素号", "count"), ("size", "面积/m² 或长度/m", "m2"),
    ("in_region", "在本区域内的份额", "text"), ("kind_names", "所在区域", "text"), ("zones", "区域个数", "count"),
    ("prevention_treatment", "重点预防区和治理区", "m2"), ("severe_fragile", "严重、脆弱区域", "m2"),
    ("steep_slope", "禁止开垦陡坡地", "m2"), ("any", "合计（重叠只计一次）", "m2"), ("share", "占项目的份额", "text"),
    ("nearest", "最近的区域", "text"), ("nearest_m", "距离", "metres"), ("forbidden", "禁止", "count"),
    ("restricted", "限制或禁止", "count"), ("required", "应当", "count"), ("drafts", "其中草案", "count"),
)  # fmt: skip

_ZONE: tuple[tuple[str, str, Kind], ...] = (
    ("project", "项目", "text"), ("feature", "要素号", "count"), ("code", "区域编号", "text"), ("name", "名称", "text"),
    ("kind_name", "种类", "text"), ("level_name", "级别", "text"), ("county_name", "县", "text"), ("area_m2", "面积", "m2"),
    ("length_m", "长度", "metres"), ("share", "占项目的份额", "text"), ("relation_name", "位置关系", "text"),
)  # fmt: skip

_DUTY: tuple[tuple[str, str], ...] = (
    ("id", "编号"), ("modality_name", "性质"), ("activity_name", "活动"), ("text", "内容"), ("source", "来源"),
    ("clause", "条款"), ("status_name", "状态"), ("note", "说明"),
)  # fmt: skip


def _sheets(answer: Answer) -> list[tuple[str, list[Table]]]:
    notes = Text(" ".join(note.zh for note in answer.notes), "")
    summary = _table("summary", "逐项汇总", _SUMMARY, list(summary_rows(answer)), notes if notes.zh else None)
    zones = _table("zones", "逐区结果", _ZONE, list(zone_rows(answer)), None)
    return [("汇总", [summary]), ("逐区", [zones]), ("义务", [_duties(answer)])]


def _table(
    name: str, title: str, columns: tuple[tuple[str, str, Kind], ...], rows: list[dict[str, Any]], note: Text | None
) -> Table:
    cells: list[list[Cell]] = [[row[key] for key, _, _ in columns] for row in rows]
    return Table(name, Text(title, title), [Column(Text(zh, key), kind) for key, zh, kind in columns], cells, note=note)


def _duties(answer: Answer) -> Table:
    times = Counter(duty.id for row in range(len(answer.projects)) for duty in answer.duties_of(row))
    rows: list[list[Cell]] = []
    for duty in answer.control.duties:
        if times[duty.id]:
            row = duty_row(duty, answer.control.rules)
            cells = [str(row[key]) for key, _ in _DUTY]
            rows.append([*cells, times[duty.id]])
    columns = [*(Column(Text(zh, key)) for key, zh in _DUTY), Column(Text("项目数", "projects"), "count")]
    return Table("duties", Text("义务与禁止", "Duties"), columns, rows)
