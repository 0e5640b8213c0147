"""
What the regions below reached of a figure, added up (下级汇总): counties into their city, cities into their province.

A region's own confirmed report stands for the whole region; only where it has none do those below count for it. So nothing
is counted twice, whoever looks: what a city reported counts once in the province, and its counties are not added to it.
The latest confirmed report of each region counts; what is returned, withdrawn or not confirmed yet does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from bureau.office.models import Organisation, Person
from bureau.regions.codes import parent_code
from bureau.regions.models import Level, Region
from bureau.tasks.models import Figure, ProgressReport, Task
from bureau.tasks.recorded import quantities_of
from bureau.tasks.scope import REACHES
from bureau.tasks.selectors import owner

LEVELS = {4: Level.CITY, 6: Level.COUNTY}
"""Levels that a unit's name may mean, by the length of their prefix."""


@dataclass(frozen=True)
class Branch:
    """
    A region in a sum (汇总中的一地).

    Attributes
    ----------
    region : Region
    own : ProgressReport or None
        Its latest confirmed report.
    waiting : ProgressReport or None
        Its latest one that nobody has confirmed yet.
    expected : bool
        Whether the task names regions such as this, and it has an organisation.
    below : tuple of Branch
        Regions in it that are expected or reported.
    """

    region: Region
    own: ProgressReport | None = None
    waiting: ProgressReport | None = None
    expected: bool = False
    below: tuple[Branch, ...] = ()

    @property
    def counted(self) -> tuple[ProgressReport, ...]:
        """Return the reports that make its amount: its own, or those below (计入的报告)."""
        return (self.own,) if self.own is not None else tuple(r for branch in self.below for r in branch.counted)

    @property
    def amount(self) -> Decimal | None:
        """Return what it reached, by its own report or by those below; None if nobody reported (完成量)."""
        return total_of(self.counted) if self.counted else None

    @property
    def amount_below(self) -> Decimal | None:
        """Return what those below reached, whatever it reported itself (下级合计)."""
        counted = [r for branch in self.below for r in branch.counted]
        return total_of(counted) if counted else None

    @property
    def outrun(self) -> bool:
        """Return whether those below have come to something else since it reported (下级另有变化)."""
        return self.own is not None and self.amount_below is not None and self.amount_below > (self.own.value or 0)


@dataclass(frozen=True)
class Row:
    """A line of a sum's table (汇总表一行)."""

    branch: Branch
    depth: int
    within: Region | None = None
    """The region above whose own report stands for this one too."""

    @property
    def state(self) -> str:
        """Return how it is counted (计入方式)."""
        if self.within is not None:
            return f"含在{self.within.name}所报之内，不另计"
        if self.branch.own is not None:
            return "计入"
        if self.branch.counted:
            return f"本级未报，取下级 {len(self.branch.counted)} 处合计"
        return "待确认，未计入" if self.branch.waiting is not None else "未报"

    @property
    def tag(self) -> str:
        """Return the style of its tag (标签样式)."""
        if self.within is not None:
            return ""
        if self.branch.counted:
            return "good"
        return "info" if self.branch.waiting is not None else "due"


@dataclass(frozen=True)
class Summary:
    """
    What the regions below a region reached of a figure (下级汇总).

    Attributes
    ----------
    figure : Figure
    region : Region
        The one that they are added up for.
    year : int
        Year that is looked at, for figures of every year.
    own : ProgressReport or None
        The latest confirmed report of the region itself.
    branches : tuple of Branch
    """

    figure: Figure
    region: Region
    year: int
    own: ProgressReport | None = None
    branches: tuple[Branch, ...] = field(default=())

    @property
    def counted(self) -> tuple[ProgressReport, ...]:
        """Return the reports that are added up (计入的报告)."""
        return tuple(report for branch in self.branches for report in branch.counted)

    @property
    def total(self) -> Decimal | None:
        """Return their sum; None if nobody reported, or it cannot be added up (合计)."""
        return total_of(self.counted) if self.counted and self.figure.adds else None

    @property
    def difference(self) -> Decimal | None:
        """Return how much more those below reached than the region reported (与本级所报之差)."""
        if self.total is None or self.own is None:
            return None
        return self.total - (self.own.value or Decimal(0))

    @property
    def rows(self) -> list[Row]:
        """Return the lines of the table: each region, and those in it after it (汇总表)."""
        return list(_rows(self.branches, 0, None))

    @property
    def expected(self) -> list[Row]:
        """Return the lines of the regions that should report (应报)."""
        return [row for row in self.rows if row.branch.expected]

    @property
    def missing(self) -> list[Region]:
        """Return the regions that should have reported, and for whom nobody did (未报)."""
        lacking = [row for row in self.expected if row.within is None and not row.branch.counted]
        return [row.branch.region for row in lacking if row.branch.waiting is None]

    @property
    def imaginary(self) -> bool:
        """Return whether any of what is shown is made up (模拟数据)."""
        found = [report for row in self.rows for report in (row.branch.own, row.branch.waiting)]
        return any(report is not None and report.imaginary for report in [self.own, *found])


def total_of(reports: Iterable[ProgressReport]) -> Decimal:
    """Return what some reports count together (求和)."""
    return sum((report.value or Decimal(0) for report in reports), Decimal(0))


def _rows(branches: Iterable[Branch], depth: int, within: Region | None) -> Iterable[Row]:
    """Yield the lines of some branches."""
    for branch in branches:
        yield Row(branch, depth, within)
        yield from _rows(branch.below, depth + 1, within or (branch.region if branch.own is not None else None))


def branches_of(
    root: str, regions: Mapping[str, Region], own: Mapping[str, ProgressReport], waiting: Mapping[str, ProgressReport],
    expected: Iterable[str],
) -> tuple[Branch, ...]:  # fmt: skip
    """
    Hang regions under one another by their codes (成树).

    Parameters
    ----------
    root : str
        Code of the region that they are added up for; it is not among them.
    regions : mapping of str to Region
        All that are expected or reported, and those between them and the root.
    own, waiting : mapping of str to ProgressReport
        Confirmed reports, and those that wait, by region.
    expected : iterable of str
    """
    named = set(expected)
    kids: dict[str, list[str]] = {}
    for code in sorted(regions):
        kids.setdefault(parent_code(code) or "", []).append(code)

    def branch(code: str) -> Branch:
        below = tuple(branch(kid) for kid in kids.get(code, ()))
        return Branch(regions[code], own.get(code), waiting.get(code), code in named, below)

    return tuple(branch(code) for code in kids.get(root, ()))


def same_quantity(figure: Figure) -> QuerySet[Figure]:
    """Return the counted figures of a document that are one quantity, which may be reported under any of its tasks (同一数量)."""
    return Figure.objects.filter(
        register_id=figure.register_id, key=figure.key, unit=figure.unit, yearly=figure.yearly, counted=True
    )


def sum_below(*, person: Person, figure: Figure, year: int, region: Region | None = None) -> Summary:
    """
    Return what the regions below reached of a figure, of what a person sees (下级汇总).

    Parameters
    ----------
    person : Person
    figure : Figure
        Of a task that the person sees.
    year : int
        Of figures that come every year only reports of this year count.
    region : Region, optional
        For whom; not given, the document's region, or the person's own if they see less.
    """
    root = region or Region.objects.defer("border").get(code=owner(figure.register, person))
    reports = ProgressReport.objects.for_person(person).standing().within(root.code)
    reports = reports.filter(figure__in=same_quantity(figure), value__isnull=False)
    if figure.yearly:
        reports = reports.filter(year=year)
    own: dict[str, ProgressReport] = {}
    waiting: dict[str, ProgressReport] = {}
    for report in reports.select_related("region", "by", "figure").defer("region__border").order_by("at", "pk"):
        (own if report.status == ProgressReport.Status.CONFIRMED else waiting)[report.region_id] = report
    expected = expected_below(figure.task, root) if figure.task is not None else set()
    codes = {code for code in {*own, *waiting, *expected} if code != root.code}
    for code in list(codes):
        codes.update(_between(code, root.code))
    regions = {each.code: each for each in Region.objects.filter(code__in=codes).defer("border")}
    branches = branches_of(root.code, regions, own, waiting, expected)
    return Summary(figure, root, year, own.get(root.code), branches)


def _between(code: str, root: str) -> Iterable[str]:
    """Yield the codes of the regions between one and the root."""
    at = parent_code(code)
    while at is not None and at != root:
        yield at
        at = parent_code(at)


def expected_below(task: Task, root: Region) -> set[str]:
    """Return the codes of the regions below that a task names and that have an organisation (应报地区)."""
    named = task.parts.values_list("unit__reach", flat=True)
    levels = [LEVELS[size] for size, names in REACHES.items() if set(names) & set(named)]
    there = Organisation.objects.filter(active=True, region__level__in=levels).within(root.code)
    return set(there.exclude(region_id=root.code).values_list("region_id", flat=True))


def sums_below(*, person: Person, task: Task, year: int) -> list[Summary]:
    """Return the sums of the counted figures that a task records itself and somebody below reported or should (下级汇总)."""
    elsewhere = quantities_of(task.figures.all())
    figures = [figure for figure in task.figures.all() if figure.counted and figure.pk not in elsewhere]
    found = [sum_below(person=person, figure=figure, year=year) for figure in figures]
    return [each for each in found if each.branches]
