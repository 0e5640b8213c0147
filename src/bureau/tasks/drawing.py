"""Where everything stands on the chart of a year or more (进度图): rows of tasks, bars up to their dates, a line for today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bureau.tasks.dates import Kind
from bureau.tasks.selectors import Occurrence

LABEL, WIDTH, ROW, HEAD = 250, 1000, 26, 30
"""Width of the labels, of all, height of a row and of the head, in the drawing's own units."""


@dataclass(frozen=True)
class Bar:
    """A bar, or a mark if it has no width (条)."""

    x: float
    width: float
    standing: str
    title: str

    @property
    def end(self) -> float:
        """Return where it ends (末端)."""
        return round(self.x + self.width, 1)


@dataclass
class Line:
    """A row of the chart (一行)."""

    pk: int
    number: int
    label: str
    y: int
    bars: list[Bar] = field(default_factory=list)

    @property
    def middle(self) -> int:
        """Return the middle of the row (行中)."""
        return self.y + ROW // 2


@dataclass(frozen=True)
class Chart:
    """
    A chart (进度图).

    Attributes
    ----------
    lines : list of Line
    months : list of (float, str)
        Where a quarter begins, and what it is called; empty for those between years.
    today : float or None
        Where today is.
    height : int
    """

    lines: list[Line]
    months: list[tuple[float, str]]
    today: float | None
    height: int
    width: int = WIDTH
    label: int = LABEL


def draw(*, found: Iterable[Occurrence], begin: date, end: date, today: date) -> Chart:
    """
    Place occurrences on a chart (作图).

    Parameters
    ----------
    found : iterable of Occurrence
        Those in the span.
    begin, end : date
        First and last day of the chart.
    today : date
    """
    days = (end - begin).days or 1

    def at(day: date) -> float:
        return round(LABEL + (WIDTH - LABEL) * min(max((day - begin).days, 0), days) / days, 1)

    lines: dict[int, Line] = {}
    for occurrence in found:
        task = occurrence.task
        line = lines.setdefault(task.pk, Line(task.pk, task.number, task.title, 0))
        starts = _start(occurrence) if occurrence.due.kind == Kind.ONCE else occurrence.on
        x = at(starts)
        title = f"{occurrence.due}：{occurrence.on}，{occurrence.label}"
        line.bars.append(Bar(x, round(at(occurrence.on) - x, 1), occurrence.standing, title))
    ordered = list(lines.values())
    for number, line in enumerate(ordered):
        line.y = HEAD + number * ROW
    quarters = [date(year, month, 1) for year in range(begin.year, end.year + 1) for month in (1, 4, 7, 10)]
    months = [(at(day), f"{day.year}" if day.month == 1 else "") for day in quarters if begin <= day <= end]
    shown = at(today) if begin <= today <= end else None
    return Chart(ordered, months, shown, HEAD + len(ordered) * ROW + 8)


def _start(occurrence: Occurrence) -> date:
    """Return when work on what is due once began: with its period, its document, or the year."""
    due = occurrence.due
    began = due.begins or due.task.register.issued
    return began if began is not None and began < occurrence.on else date(occurrence.on.year, 1, 1)
