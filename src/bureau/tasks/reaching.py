"""How far the figures of a task are reached (数字完成情况)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau.office.models import Person
from bureau.tasks.models import Due, Figure, ProgressReport, Task
from bureau.tasks.recorded import Recorded, entries_of, quantities_of, recorded
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


class Reaching:
    """
    How far the figures of some tasks are reached by the region that owes them, read at once (各任务完成情况).

    A quantity that several tasks of a document name is reported under any of them; one that the ledger of planned
    quantities records is read there.
    """

    def __init__(self, *, person: Person, tasks: Iterable[Task]) -> None:
        asked = list(tasks)
        self.regions = {task.register_id: owner(task.register, person) for task in asked}
        self.elsewhere = quantities_of(figure for task in asked for figure in task.figures.all())
        self.entries = entries_of(person, self.elsewhere.values())
        reports = ProgressReport.objects.for_person(person).filter(
            figure__register__in=self.regions, region_id__in=set(self.regions.values()), value__isnull=False,
            status=ProgressReport.Status.CONFIRMED,
        )  # fmt: skip
        self.latest = list(reports.select_related("figure").order_by("-at", "-pk"))

    def of(self, task: Task, year: int) -> list[Reached]:
        """
        Return how far the figures of one of the tasks are reached (数字完成情况).

        Parameters
        ----------
        task : Task
        year : int
            Which year's, of figures that come every year.
        """
        region = self.regions[task.register_id]
        whole = "" if region == task.register.region_id else task.register.region.name
        found = []
        for figure in task.figures.all():
            if (quantity := self.elsewhere.get(figure.pk)) is not None:
                entries = self.entries.get(quantity.pk, [])
                read = recorded(figure=figure, quantity=quantity, entries=entries, region=region)
                found.append(Reached(figure, None, year, whole, read))
                continue
            fit = (
                r for r in self.latest
                if r.region_id == region and r.figure and alike(r.figure, figure) and (not figure.yearly or r.year == year)
            )  # fmt: skip
            found.append(Reached(figure, next(fit, None), year, whole))
        return found

    def short_of(
        self, *, task: Task, due: Due, year: int, figure: Figure | None = None, value: Decimal | None = None
    ) -> list[str]:
        """
        Return the figures that a region owes by a date and has not reached, in words (未达到的数字).

        A figure is owed by the date that its document gives it, or, where it gives none, by the only date of its task. Of
        a document of a region above only the whole is known: nobody below is short of it.

        Parameters
        ----------
        task : Task
        due : Due
            Of the task.
        year : int
            Which year's, of a date that comes every year.
        figure : Figure, optional
            Which one is just being reported.
        value : Decimal, optional
            What is reported of it.
        """
        on = due.reading.on(year)
        only = [each.pk for each in task.dues.all() if each.reading.on(year)] == [due.pk]
        found = []
        for each in self.of(task, year):
            asked = each.figure
            if not asked.counted or asked.comparison == Figure.Comparison.AT_MOST or each.of or each.met:
                continue
            if figure is not None and value is not None and alike(figure, asked) and value >= asked.value:
                continue
            if asked.by == on if asked.by else only:
                found.append(f"{asked.label} {each.amount}（应{asked.get_comparison_display()} {asked.amount}）")
        return found


def reached(*, person: Person, task: Task, today: date) -> list[Reached]:
    """Return how far the figures of a task are reached by the region that owes them (数字完成情况)."""
    return Reaching(person=person, tasks=[task]).of(task, today.year)


def short_of(
    *, person: Person, due: Due, year: int, figure: Figure | None = None, value: Decimal | None = None
) -> list[str]:
    """Return the figures that a region owes by a date and has not reached, in words: :meth:`Reaching.short_of` (未达到的数字)."""
    reaching = Reaching(person=person, tasks=[due.task])
    return reaching.short_of(task=due.task, due=due, year=year, figure=figure, value=value)


def unreached(
    *, person: Person, due: Due, year: int, figure: Figure | None = None, value: Decimal | None = None
) -> str:
    """Return why it is doubtful that all is done that is due: a figure is not reached; empty if all are (存疑)."""
    short = short_of(person=person, due=due, year=year, figure=figure, value=value)
    return f"文件定的数还没有达到：{'、'.join(short)}。请先报数；确已完成的，请勾选“核对过”。" if short else ""


@dataclass(frozen=True)
class Shown:
    """
    A report as it is shown (进展一条).

    Attributes
    ----------
    report : ProgressReport
    short : list of str
        What is not reached, of one that waits and says that all is done.
    """

    report: ProgressReport
    short: list[str]


def shown_to(person: Person, reports: Iterable[ProgressReport]) -> list[Shown]:
    """
    Return reports as they are shown (进展各条).

    Parameters
    ----------
    person : Person
    reports : iterable of ProgressReport
        With their tasks.
    """
    found = list(reports)
    doubted = [
        report for report in found
        if report.finishes and report.status == ProgressReport.Status.SUBMITTED and report.due is not None
        and report.region_id == report.task.register.region_id
    ]  # fmt: skip
    reaching = Reaching(person=person, tasks=[report.task for report in doubted]) if doubted else None
    short = {
        report.pk: reaching.short_of(
            task=report.task, due=report.due, year=report.year, figure=report.figure, value=report.value
        )
        for report in doubted if reaching and report.due
    }  # fmt: skip
    return [Shown(report, short.get(report.pk, [])) for report in found]
