"""Everything that writes targets and the ways to them (目标业务)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bureau.access import Duty
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets.course import Shape, course
from bureau.targets.effect import demand_day, demand_document, says_something
from bureau.targets.models import Course, Milestone, Proposal, Target


@transaction.atomic
def propose(
    *, by: Person, region: Region, year: int, percent: Decimal, source: str, clause: str, since: date, now: datetime,
    sure: bool = False,
) -> Proposal:  # fmt: skip
    """
    Record a target that a document of one's own sets; another person has to approve it (录入目标).

    Parameters
    ----------
    by : Person
        Clerk of the region or who approves for it, or of one above it.
    region : Region
    year : int
    percent : Decimal
    source, clause : str
        Title and number of the document, and where it says so.
    since : date
        First day of force; it may lie ahead, see :func:`bureau.targets.effect.demand_day`.
    now : datetime
    sure : bool
        Whether a day that is past was checked (核对过).

    Raises
    ------
    Refusal
        If the region is not theirs, the document is not named, the day cannot be, the same stands or waits already, or the
        region's targets would fall from one year to a later one.
    """
    if not (by.may(Duty.CLERK, region.code) or by.may(Duty.APPROVE, region.code)):
        raise Refusal("not-your-region", f"{region.name}的目标须由其经办人、批准人或上级录入；请转交。")
    demand_document(source)
    demand_day(since=since, document=source, year=year, today=timezone.localdate(now), sure=sure)
    Region.objects.select_for_update().only("pk").get(pk=region.pk)  # two who record at once take turns
    standing = Target.objects.latest_decided().filter(region=region, year=year).first()
    if standing is not None and standing.percent == percent and standing.source == source.strip():
        raise Refusal("already-so", f"{region.name} {year} 年的目标已是 {percent} %，依据相同；不需要再录。")
    waiting = Proposal.objects.waiting().filter(region=region, year=year).select_related("by").first()
    if waiting is not None:
        told = f"{waiting.by.name}录入的 {waiting.percent} %（{waiting.source}）待批准"
        raise Refusal("waits-already", f"{region.name} {year} 年已有{told}；请等批准，或退回后再录。")
    _refuse_fall(region, year, percent)
    return Proposal.objects.create(
        region=region,
        year=year,
        percent=percent,
        source=source.strip(),
        clause=clause.strip(),
        since=since,
        by=by,
        at=now,
    )


@transaction.atomic
def approve_proposal(*, by: Person, proposal: Proposal, now: datetime) -> Target:
    """
    Approve a target that another recorded: it takes the place of the one in force (批准录入的目标).

    Raises
    ------
    Refusal
        If it is one's own, the region is not theirs, it is decided already, or it would make the targets fall by now.
    """
    region = proposal.region
    if not by.may(Duty.APPROVE, region.code):
        raise Refusal("not-your-region", f"{region.name}的目标须由其批准人或上级批准；请转交。")
    if proposal.by_id == by.pk:
        raise Refusal("oneself", "这是您自己录入的，录入与批准须由两人办；请另一位批准人办理。")
    Region.objects.select_for_update().only("pk").get(pk=region.pk)
    _refuse_fall(region, proposal.year, proposal.percent)
    _decide(proposal, by=by, now=now, state=Proposal.State.APPROVED)
    return set_target(
        Target(
            region=region, year=proposal.year, percent=proposal.percent, source=proposal.source, clause=proposal.clause,
            status=Target.Status.DECIDED, since=proposal.since, by=proposal.by,
        ),
        today=timezone.localdate(now),
    )  # fmt: skip


@transaction.atomic
def return_proposal(*, by: Person, proposal: Proposal, reason: str, now: datetime) -> None:
    """
    Return a recorded target, or take back one's own (退回录入的目标).

    Raises
    ------
    Refusal
        If it is neither theirs to approve nor their own, no reason is given, or it is decided already.
    """
    if proposal.by_id != by.pk and not by.may(Duty.APPROVE, proposal.region_id):
        raise Refusal("not-your-region", "只有录入人和批准人能退回；请转交。")
    if not says_something(reason):
        act = "撤回" if proposal.by_id == by.pk else "退回"
        raise Refusal("no-reason", f"没有写{act}理由；请写明要改什么。")
    _decide(proposal, by=by, now=now, state=Proposal.State.RETURNED, returned_for=reason.strip()[:300])


def _decide(proposal: Proposal, *, by: Person, now: datetime, state: str, **fields: str) -> None:
    """Decide on what waits, once."""
    waiting = Proposal.objects.waiting().filter(pk=proposal.pk)
    if waiting.update(state=state, decided_by=by, decided=now, **fields) != 1:
        raise Refusal("decided", "这项录入已经办理过；请刷新页面查看。")


def _refuse_fall(region: Region, year: int, percent: Decimal) -> None:
    """Refuse a target that is above one of a later year, or below one of an earlier year."""
    others = Target.objects.latest_decided().filter(region=region)
    above = others.filter(year__lt=year, percent__gt=percent).order_by("-year").first()
    below = others.filter(year__gt=year, percent__lt=percent).order_by("year").first()
    against = above or below
    if against is not None:
        earlier, later = (
            ((above.year, above.percent), (year, percent))
            if above
            else ((year, percent), (against.year, against.percent))
        )
        raise Refusal(
            "targets-fall",
            f"{region.name}现行目标中 {against.year} 年为 {against.percent:.2f} %（{against.source}），"
            f"与 {year} 年 {percent:.2f} % 相矛盾："
            f"{earlier[0]} 年 {earlier[1]:.2f} % 到 {later[0]} 年 {later[1]:.2f} % 是下降，目标只能持平或提高。请核对文件；"
            f"如 {against.year} 年的目标也已修订，请先录入它。",
        )


def set_target(target: Target, *, today: date) -> Target:
    """
    Put a target in the place of the one that stands, from its first day on, and of any that was to begin later (目标生效).

    Parameters
    ----------
    target : Target
        Not saved yet; the earlier one ends on its first day.
    today : date
        What was over by then stays as it is.
    """
    stands = Q(superseded=None) | Q(superseded__gt=today)
    Target.objects.filter(stands, region=target.region, year=target.year).update(superseded=target.since or today)
    target.save()
    return target


@transaction.atomic
def set_course(
    *, by: Person, region: Region, base: tuple[int, Decimal] | None, shape: Shape, own: Mapping[int, Decimal],
    now: datetime,
) -> Course:  # fmt: skip
    """
    Set how a region goes to its targets (设定年度路径).

    Parameters
    ----------
    by : Person
        Clerk of the region, or of one above it.
    region : Region
    base : (int, Decimal) or None
        First published year and rate.
    shape : Shape
    own : mapping of int to Decimal
        For a way of one's own: the rates of the years between.
    now : datetime

    Raises
    ------
    Refusal
        If the region is not theirs, there is no rate to start from, or the way falls or has holes.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region.name}的年度路径须由其经办人或上级设定。")
    if base is None:
        raise Refusal("no-rate", f"{region.name}还没有公布的水土保持率，没有起点；请先公布一年的成果。")
    targets = dict(Target.objects.in_force().filter(region=region).values_list("year", "percent"))
    if not course(base, targets, shape, own):
        raise Refusal("no-target", f"{region.name}在 {base[0]} 年之后没有目标，没有终点；请先录入或分解目标。")
    made, _ = Course.objects.update_or_create(region=region, defaults={"shape": shape, "by": by, "at": now})
    made.milestones.all().delete()
    if shape is Shape.OWN:
        Milestone.objects.bulk_create(Milestone(course=made, year=year, percent=rate) for year, rate in own.items())
    return made
