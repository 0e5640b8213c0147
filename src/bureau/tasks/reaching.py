"""How far the figures of a task are reached (数字完成情况)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau.office.models import Person
from bureau.tasks.models import Due, Figure, ProgressReport, Task
from bureau.tasks.recorded import Recorded, quantities_of, recorded
from bureau.tasks.selectors import owner


@dataclass(frozen=True)
class Reached:
    """
    How far a figure is reached (完成情况).

    Attributes
    ----------
    figure : Figure
    report : ProgressReport or None
        The latest confirmed one that counts; None if there is none.
    year : int
        Year that it is of, for figures that come every year.
    of : str
        Name of the region above that the figure is of as a whole; empty where it is one's own. A part has no share.
    recorded : Recorded or None
        What the ledger of planned quantities says, for the figures that it records; reports of the task do not count then.
    """

    figure: Figure
    report: ProgressReport | None
    year: int
    of: str = ""
    recorded: Recorded | None = None

    @property
    def value(self) -> Decimal | None:
        """Return what was reached; None if nobody has reported it (完成量)."""
        if self.recorded is not None:
            return self.recorded.amount if self.recorded.entries else None
        return None if self.report is None else self.report.value

    @property
    def imaginary(self) -> bool:
        """Return whether it is made up (模拟数据)."""
        source = self.report if self.recorded is None else self.recorded
        return source is not None and source.imaginary

    @property
    def share(self) -> Decimal | None:
        """Return what was reached per what is asked, in percent (完成比例)."""
        return None if self.value is None or self.of else self.value / self.figure.value * 100

    @property
    def width(self) -> str:
        """Return the length of a bar in percent (进度条)."""
        return f"{min(self.share or Decimal(0), Decimal(100)):.1f}"

    @property
    def amount(self) -> str:
        """Return what was reached, with its unit (完成量)."""
        return "未报" if self.value is None else f"{self.value.normalize():f} {self.figure.unit}"

    @property
    def met(self) -> bool:
        """Return whether it is reached (是否达到)."""
        if self.share is None:
            return False
        return self.share <= 100 if self.figure.comparison == "le" else self.share >= 100


def alike(one: Figure, other: Figure) -> bool:
    """Return whether two counted figures are one quantity of one document (是否同一数量)."""
    words = ("register_id", "key", "unit", "yearly")
    return one.counted and other.counted and all(getattr(one, word) == getattr(other, word) for word in words)


def reached(*, person: Person, task: Task, today: date) -> list[Reached]:
    """
    Return how far the figures of a task are reached by the region that owes them (数字完成情况).

    A quantity that several tasks of a document name is reported under any of them; one that the ledger of planned
    quantities records is read there.
    """
    region = owner(task.register, person)
    reports = ProgressReport.objects.for_person(person).filter(
        figure__register=task.register, region_id=region, value__isnull=False, status=ProgressReport.Status.CONFIRMED
    )
    latest = list(reports.select_related("figure").order_by("-at", "-pk"))
    whole = "" if region == task.register.region_id else task.register.region.name
    figures = list(task.figures.all())
    elsewhere = quantities_of(figures)
    found = []
    for figure in figures:
        if figure.pk in elsewhere:
            read = recorded(person=person, figure=figure, quantity=elsewhere[figure.pk], region=region)
            found.append(Reached(figure, None, today.year, whole, read))
            continue
        fit = (
            r for r in latest if r.figure and alike(r.figure, figure) and (not figure.yearly or r.year == today.year)
        )
        found.append(Reached(figure, next(fit, None), today.year, whole))
    return found


def short_of(
    *, person: Person, due: Due, year: int, figure: Figure | None = None, value: Decimal | None = None
) -> list[str]:
    """
    Return the figures that a region owes by a date and has not reached, in words (未达到的数字).

    A figure is owed by the date that its document gives it, or, where it gives none, by the only date of its task. Of a
    document of a region above only the whole is known: nobody below is short of it.

    Parameters
    ----------
    person : Person
    due : Due
    year : int
        Which year's, of a date that comes every year.
    figure : Figure, optional
        Which one is just being reported.
    value : Decimal, optional
        What is reported of it.
    """
    on = due.reading.on(year)
    only = [each.pk for each in due.task.dues.all() if each.reading.on(year)] == [due.pk]
    found = []
    for each in reached(person=person, task=due.task, today=date(year, 12, 31)):
        asked = each.figure
        if not asked.counted or asked.comparison == Figure.Comparison.AT_MOST or each.of or each.met:
            continue
        if figure is not None and value is not None and alike(figure, asked) and value >= asked.value:
            continue
        if asked.by == on if asked.by else only:
            found.append(f"{asked.label} {each.amount}（应{asked.get_comparison_display()} {asked.amount}）")
    return found


def unreached(
    *, person: Person, due: Due, year: int, figure: Figure | None = None, value: Decimal | None = None
) -> str:
    """Return why it is doubtful that all is done that is due: a figure is not reached; empty if all are (存疑)."""
    short = short_of(person=person, due=due, year=year, figure=figure, value=value)
    return f"文件定的数还没有达到：{'、'.join(short)}。请先报数；确已完成的，请勾选“核对过”。" if short else ""


def with_shortfalls(reports: Iterable[ProgressReport], *, person: Person) -> list[ProgressReport]:
    """Return reports, those that wait and say that all is done each with what is not reached, as ``short`` (附未达到的数字)."""
    found = list(reports)
    for report in found:
        asks = report.finishes and report.status == ProgressReport.Status.SUBMITTED
        asks = asks and report.region_id == report.task.register.region_id
        report.short = [] if not asks or report.due is None else short_of(  # type: ignore[attr-defined]
            person=person, due=report.due, year=report.year, figure=report.figure, value=report.value
        )  # fmt: skip
    return found
