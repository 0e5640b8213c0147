"""
A decomposition as a workbook (分解工作簿): taken away, filled in and brought back.

All rows are looked at, every cell that is wrong is told with what was found and what is allowed, and as long as one is,
nothing is changed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import takewhile
from typing import Any

from bureau.refusal import Refusal
from bureau.targets.lines import Change, apply_change
from bureau.targets.models import Decomposition, Line
from bureau.targets.workbook import code_of, number_of, read_rows, refuse_formula
from bureau.workbooks import Fault, Table, WrongRows, about, write_workbook

CODE, BASE, GROUND = "行政区划代码", "现状率（%）", "现状依据"
TREATABLE, HELD = "可治理面积（km²）", "固定目标（%）"
FILLED = {BASE: 4, TREATABLE: 6, HELD: 2}
"""Columns of numbers that are filled in, with their decimals."""
READ = (CODE, BASE, GROUND, TREATABLE, HELD)
LONGEST = 200
"""Characters of the ground of a rate, as the column of the database has it."""


def write_sheet(shown: Decomposition, lines: Sequence[Line], mean: Decimal | None) -> bytes:
    """
    Return a decomposition as a workbook that can be filled in (导出分解).

    Parameters
    ----------
    shown : Decomposition
    lines : sequence of Line
    mean : Decimal or None
        What the lines come to, percent.
    """
    head = (
        CODE, "行政区", "面积（km²）", BASE, GROUND, TREATABLE, "下限（%）", "上限（%）", HELD,
        f"{shown.year} 年目标（%）", "需提高（百分点）", "需减少水土流失面积（km²）",
    )  # fmt: skip
    notes = [
        f"{shown}：本级目标 {shown.percent} %，各地加权 {mean if mean is not None else '（未闭合）'} %。",
        f"状态：{shown.get_state_display()}{'' if shown.state == Decomposition.State.IN_FORCE else '（草案，未生效）'}。",
        f"方法：{shown.get_method_display()}。",
        f"面积：{shown.area_source}；现状：{shown.base_source or '本级填报'}。",
        f"可填写后导入的列：{BASE}、{GROUND}、{TREATABLE}、{HELD}（空着的不固定）。",
        "有一格不合要求，全部不导入；每一处都列出行号、列名、写的是什么、可以填什么。",
    ]
    if shown.simulated:
        notes.append("本表含模拟数据，不反映任何地方的真实情况。")
    return write_workbook(Table("目标分解", head, [_row(line) for line in lines]), about(notes))


def _row(line: Line) -> list[Any]:
    """Return a line as a row."""
    return [
        line.region_id, line.region.name, round(line.area_m2 / 1e6, 2), line.base, line.base_source,
        _square_km(line), line.floor, line.ceiling, line.percent if line.held else None, line.percent,
        line.gain and round(line.gain, 2), line.to_treat_km2 and round(line.to_treat_km2, 2),
    ]  # fmt: skip


def _square_km(line: Line) -> Decimal | None:
    return None if line.can_be_treated_m2 is None else round(Decimal(line.can_be_treated_m2) / 10**6, 2)


def read_sheet(upload: Any, lines: Sequence[Line]) -> dict[int, Change]:
    """
    Return what a workbook changes, by the key of the line (读分解工作簿); rows that change nothing are left out.

    Parameters
    ----------
    upload : file
        Has ``name`` and ``read``.
    lines : sequence of Line
        Those of the decomposition, as they stand; they are not changed.

    Raises
    ------
    Refusal
        If the file is none of ours, or has no row.
    WrongRows
        If cells are wrong; ``rows`` are :class:`bureau.workbooks.Fault`.
    """
    rows = read_rows(upload, (CODE, BASE, TREATABLE, HELD))
    if not rows:
        raise Refusal("no-rows", f"“{upload.name}”没有一行数据；请用这份分解导出的工作簿填写后再导入。")
    reader = _Reader(lines)
    for at, row in rows:
        reader.read(at, row)
    if reader.faults:
        raise WrongRows(sorted(reader.faults, key=lambda fault: (fault.row, READ.index(fault.column))))
    return {key: change for key, change in reader.changes.items() if not change.empty}


class _Reader:
    """Reads rows, and remembers what is wrong."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.by_code = {line.region_id: line for line in lines}
        self.changes: dict[int, Change] = {}
        self.seen: dict[str, int] = {}
        self.faults: list[Fault] = []

    def read(self, at: int, row: dict[str, Any]) -> None:
        """Read one row: each cell by itself, and then what the cells together come to."""
        line, ground, numbers = None, "", {}
        with self._at(at, CODE):
            line = self._line(at, row[CODE])
        for column, places in FILLED.items():
            with self._at(at, column):
                numbers[column] = number_of(row.get(column, ""), places)
        with self._at(at, GROUND):
            ground = _ground(row.get(GROUND, ""))
        if line is not None:
            self._fit(at, line, numbers, ground)

    def _fit(self, at: int, line: Line, numbers: dict[str, Decimal | None], ground: str) -> None:
        """Try what a row says on its line; a target is held against its bounds only if these can be known."""
        trial, whole = copy.copy(line), Change()
        for column, number in numbers.items():
            if column == HELD and {BASE, TREATABLE} & self._wrong_of(at):
                trial.base = None
            with self._at(at, column):
                part = _part(line, column, number, ground)
                apply_change(trial, Change(**part))
                whole = replace(whole, **part)
        self.changes[line.pk] = whole

    def _wrong_of(self, at: int) -> set[str]:
        """Return the columns that are wrong in the row that is being read."""
        return {fault.column for fault in takewhile(lambda fault: fault.row == at, reversed(self.faults))}

    @contextmanager
    def _at(self, at: int, column: str) -> Iterator[None]:
        """Remember what is refused of a cell."""
        try:
            yield
        except Refusal as refused:
            self.faults.append(Fault(at, column, refused.message))

    def _line(self, at: int, value: Any) -> Line:
        """Return the line that a code means; each has one row."""
        code = code_of(value)
        if code not in self.by_code:
            raise Refusal("not-of-the-decomposition", f"{code} 不在这份分解内；请用它导出的工作簿填写，或删去该行。")
        if code in self.seen:
            name = self.by_code[code].region.name
            raise Refusal("twice", f"{name}与第 {self.seen[code]} 行重复；一地只写一行，请删去一行。")
        self.seen[code] = at
        return self.by_code[code]


def _ground(value: Any) -> str:
    """Return where a rate is from."""
    refuse_formula(value)
    said = str(value).strip()
    if len(said) > LONGEST:
        raise Refusal("too-long", f"“{said[:12]}…”有 {len(said)} 字；不得超过 {LONGEST} 字，请缩短。")
    return said


def _part(line: Line, column: str, number: Decimal | None, ground: str) -> dict[str, Any]:
    """Return what one cell changes of a line; what is as it was changes nothing."""
    name = line.region.name
    if column == HELD:
        same = line.held and number == line.percent
        return {"free": number is None and line.held, "percent": None if same else number}
    if column == BASE:
        if number is None and line.base is not None:
            raise Refusal("emptied", f"{name}原为 {line.base}，现在空着；请填 0 至 100 的数，或照导出的原值。")
        same = number == line.base and (not ground or ground == line.base_source)
        return {"base": None if same else number, "base_source": ground}
    if number is None and line.treatable_m2 is not None:
        raise Refusal("emptied", f"{name}原为 {_square_km(line)}，现在空着；请填面积，或照导出的原值。")
    same = number is None or round(number, 2) == _square_km(line)
    return {"treatable_m2": None if same else int((number or 0) * 10**6)}
