"""Everything that reads tasks for others (任务查询): what is due when, where each task stands, who owes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from bureau.office.models import Organisation, Person
from bureau.regions.codes import prefix_of
from bureau.regions.models import Region
from bureau.tasks.dates import Kind
from bureau.tasks.dates import occurrences as days_of
from bureau.tasks.models import Due, ProgressReport, Register, Task, TaskUnit, Unit
from bureau.tasks.scope import REACHES, Reach, above

SOON = timedelta(days=30)
"""How long before its day something is due soon (chosen)."""
AHEAD = timedelta(days=366)
"""How far ahead what comes every year is listed (chosen)."""

STANDINGS = {
    "late": "逾期未报", "soon": "即将到期", "waiting": "待确认", "later": "未到期", "past": "配合，期限已过", "done": "已完成",
    "open": "无固定日期",
}  # fmt: skip
"""Where a task may stand, the most pressing first (办理状态)."""
TAGS = {"late": "late", "soon": "due", "waiting": "info", "later": "", "past": "", "done": "good", "open": ""}

LEADING = (TaskUnit.Role.LEAD, TaskUnit.Role.RESPONSIBLE)
"""Parts of a unit for which it is late: who only cooperates is told of the date."""


@dataclass(frozen=True)
class Occurrence:
    """
    A day on which something is due to a region (应办事项).

    Attributes
    ----------
    due : Due
    on : date
    region : str
        Code of the region that owes it.
    today : date
    report : ProgressReport or None
        What says that it is done, confirmed or not yet.
    owed : bool
        Whether the region leads; who only cooperates is told of the date, and is not late once it is over.
    """

    due: Due
    on: date
    region: str
    today: date
    report: ProgressReport | None
    owed: bool = True

    @property
    def task(self) -> Task:
        """Return its task (任务)."""
        return self.due.task

    @property
    def standing(self) -> str:
        """Return where it stands, a word of :data:`STANDINGS` (办理状态)."""
        if self.report is not None:
            return "done" if self.report.status == ProgressReport.Status.CONFIRMED else "waiting"
        if self.on < self.today:
            return "late" if self.owed else "past"
        return "soon" if self.on - self.today <= SOON else "later"

    @property
    def label(self) -> str:
        """Return where it stands in words (办理状态)."""
        return STANDINGS[self.standing]

    @property
    def tag(self) -> str:
        """Return the style of its tag (标签样式)."""
        return TAGS[self.standing]

    @property
    def days(self) -> int:
        """Return the days from today until it is due, negative once it is over (剩余天数)."""
        return (self.on - self.today).days

    @property
    def imaginary(self) -> bool:
        """Return whether what says that it is done is made up (模拟数据)."""
        return self.report is not None and self.report.imaginary

    @property
    def left(self) -> str:
        """Return the days that are left, in words; nothing for what is done (剩余天数)."""
        if self.standing == "done":
            return ""
        if self.days < 0:
            return f"已过 {-self.days} 天"
        return f"还有 {self.days} 天" if self.days else "今天到期"


def owner(register: Register, person: Person) -> str:
    """Return the code of the region whose reports a person looks for: the document's, or their own below it (责任地区)."""
    if register.region_id.startswith(person.scope):
        return register.region_id
    return person.organisation.region_id


def owes(task: Task, region: str) -> bool:
    """Return whether a region leads a task: it is the document's own, or a leading unit means it (是否牵头)."""
    if region == task.register.region_id:
        return True
    scope = prefix_of(region)
    leads = [part.unit for part in task.parts.all() if part.role in LEADING]
    return any(
        unit.reach in REACHES.get(len(scope), ())
        or (unit.organisation is not None and unit.organisation.region_id.startswith(scope))
        for unit in leads
    )


def occurrences(
    *, person: Person, begin: date, end: date, today: date, tasks: QuerySet[Task] | Iterable[Task] | None = None
) -> list[Occurrence]:
    """
    Return what is due in a span to whom a person looks after (期间应办).

    Parameters
    ----------
    person : Person
    begin, end : date
        Both included.
    today : date
    tasks : tasks, optional
        Only theirs; all that the person sees if not given.

    Returns
    -------
    list of Occurrence
        The earliest first.
    """
    seen = Task.objects.for_person(person) if tasks is None else tasks
    dues = Due.objects.filter(task__in=seen, kind__in=[Kind.ONCE, Kind.YEARLY])
    dues = dues.select_related("task__register__region").prefetch_related("task__parts__unit__organisation")
    reports = finishing(person, dues)
    found = []
    for due in dues:
        region = owner(due.task.register, person)
        owed = owes(due.task, region)
        since = due.task.register.issued or date(today.year, 1, 1)
        for on in days_of(due.reading, begin, end, since):
            found.append(Occurrence(due, on, region, today, reports.get((due.pk, on.year, region)), owed))
    return sorted(found, key=lambda o: (o.on, o.task.register_id, o.task.number, o.due.position))


def finishing(person: Person, dues: QuerySet[Due]) -> dict[tuple[int, int, str], ProgressReport]:
    """Return the reports that say that something is done, by date, year and region (完成报告)."""
    reports = ProgressReport.objects.for_person(person).standing().filter(finishes=True, due__in=dues)
    return {(report.due_id, report.year, report.region_id): report for report in reports if report.due_id}


def all_occurrences(
    *, person: Person, today: date, tasks: QuerySet[Task] | Iterable[Task] | None = None
) -> list[Occurrence]:
    """Return everything that was or will be due; what comes every year, a year ahead (全部应办)."""
    found = occurrences(person=person, begin=date(2000, 1, 1), end=date(2060, 12, 31), today=today, tasks=tasks)
    return [o for o in found if o.due.kind == Kind.ONCE or o.on <= today + AHEAD]


def overdue(*, person: Person, today: date) -> list[Occurrence]:
    """Return what is over and was not reported as done (逾期清单)."""
    found = occurrences(person=person, begin=date(2000, 1, 1), end=today, today=today)
    return [o for o in found if o.standing == "late"]


@dataclass(frozen=True)
class Standing:
    """
    Where a task stands (任务状态).

    Attributes
    ----------
    code : str
        A word of :data:`STANDINGS`.
    next : Occurrence or None
        The earliest day that is not done.
    late : int
        How many days are over.
    imaginary : bool
        Whether made-up reports say that some of it is done.
    """

    code: str
    next: Occurrence | None = None
    late: int = 0
    imaginary: bool = False

    @property
    def label(self) -> str:
        """Return it in words (状态)."""
        return STANDINGS[self.code]

    @property
    def tag(self) -> str:
        """Return the style of its tag (标签样式)."""
        return TAGS[self.code]


def standings(*, person: Person, tasks: Iterable[Task], today: date) -> dict[int, Standing]:
    """Return where each of some tasks stands, by its key (各任务状态)."""
    tasks = list(tasks)
    of: dict[int, list[Occurrence]] = {task.pk: [] for task in tasks}
    for occurrence in all_occurrences(person=person, today=today, tasks=tasks):
        of[occurrence.task.pk].append(occurrence)
    return {pk: standing_of(found) for pk, found in of.items()}


def standing_of(found: list[Occurrence]) -> Standing:
    """Return where a task stands whose days are these: what presses most counts (任务状态)."""
    if not found:
        return Standing("open")
    order = list(STANDINGS)
    first = min(found, key=lambda o: (order.index(o.standing), o.on))
    undone = next((o for o in found if o.standing not in ("done", "waiting", "past")), None)
    return Standing(first.standing, undone, sum(o.standing == "late" for o in found), any(o.imaginary for o in found))


def counties_reported(*, person: Person, task: Task, today: date) -> list[tuple[Region, ProgressReport | None]]:
    """
    Return what the regions below reported last of a task that names them, of those that a person sees (下级填报情况).

    Counties and cities that have an organisation are listed; none if the task names nobody below.
    """
    levels = [size for size, names in REACHES.items() if task.parts.filter(unit__reach__in=names).exists()]
    if not levels or not task.register.region_id.startswith(person.scope):
        return []
    kinds = {4: "city", 6: "county"}
    regions = Region.objects.filter(code__startswith=task.register.region.prefix).exclude(code=task.register.region_id)
    there = Organisation.objects.filter(active=True).values("region_id")
    regions = regions.filter(level__in=[kinds[size] for size in levels], code__in=there).order_by("code")
    reports = ProgressReport.objects.for_person(person).standing().filter(task=task)
    last: dict[str, ProgressReport] = {}
    for report in reports.order_by("at", "pk"):
        last[report.region_id] = report
    return [(region, last.get(region.code)) for region in regions.defer("border")]


def units_of(person: Person) -> QuerySet[Unit]:
    """Return the units that mean a person's organisation, or regions such as theirs (本机构对应的单位)."""
    scope = person.scope
    mine = Q(organisation=person.organisation)
    if scope and len(scope) in REACHES:
        mine |= Q(region_id__in=above(scope), reach__in=REACHES[len(scope)])
    return Unit.objects.for_person(person).filter(mine).distinct()


def units_to_sign_for(person: Person, task: Task) -> QuerySet[Unit]:
    """
    Return the units of a task that a person may report as (可代表的单位).

    Whoever is of the document's region may report for each unit of that region, since most are not on the platform; whoever
    is below only for what their own organisation, or regions such as theirs, are called.
    """
    named = Unit.objects.filter(parts__task=task)
    if person.organisation.region_id == task.register.region_id:
        found = named.filter(Q(reach=Reach.OWN) | Q(pk__in=units_of(person).values("pk")))
    else:
        found = named.filter(pk__in=units_of(person).values("pk"))
    return found.distinct().order_by("parts__position")


def owed_by(*, units: Iterable[Unit], person: Person) -> QuerySet[Task]:
    """Return the tasks in which some units have a part, of those that a person sees (单位的任务)."""
    seen = Task.objects.for_person(person).filter(parts__unit__in=list(units))
    return Task.objects.filter(pk__in=seen.order_by().values("pk"))
