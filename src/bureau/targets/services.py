"""Everything that writes targets and the ways to them (目标业务)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from bureau.access import Duty
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets.course import Shape, course
from bureau.targets.models import Course, Milestone, Target


@transaction.atomic
def record(
    *, by: Person, region: Region, year: int, percent: Decimal, source: str, clause: str, since: date, today: date
) -> Target:
    """
    Record a target that a document of one's own sets; it takes the place of the one in force (录入目标).

    Parameters
    ----------
    by : Person
        Approves for the region.
    region : Region
    year : int
    percent : Decimal
    source, clause : str
        Title and number of the document, and where it says so.
    since : date
        First day of force.
    today : date

    Raises
    ------
    Refusal
        If the region is not theirs, the document is not named, it is not in force yet, the same stands already, or the
        region's targets would fall from one year to a later one.
    """
    if not by.may(Duty.APPROVE, region.code):
        raise Refusal("not-your-region", f"{region.name}的目标须由其批准人或上级录入；请转交。")
    if not source.strip():
        raise Refusal("no-document", "没有写明文件；目标须有印发的文件，请填写标题与文号。")
    if since > today:
        raise Refusal("not-yet", f"文件自 {since} 起执行，今天是 {today}；请到生效之日再录入。")
    Region.objects.select_for_update().only("pk").get(pk=region.pk)  # two who record at once take turns
    standing = Target.objects.in_force().filter(region=region, year=year).first()
    if standing is not None and standing.percent == percent and standing.source == source:
        raise Refusal("already-so", f"{region.name} {year} 年的目标已是 {percent} %，依据相同；不需要再录。")
    _refuse_fall(region, year, percent)
    return set_target(
        Target(
            region=region, year=year, percent=percent, source=source.strip(), clause=clause.strip(),
            status=Target.Status.DECIDED, since=since, by=by,
        ),
        today=since,
    )  # fmt: skip


def _refuse_fall(region: Region, year: int, percent: Decimal) -> None:
    """Refuse a target that is above one of a later year, or below one of an earlier year."""
    others = Target.objects.in_force().filter(region=region)
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
            f"{region.name}现行目标中 {against.year} 年为 {against.percent} %（{against.source}），与 {year} 年 {percent} % 相矛盾："
            f"{earlier[0]} 年 {earlier[1]} % 到 {later[0]} 年 {later[1]} % 是下降，目标只能持平或提高。请核对文件；"
            f"如 {against.year} 年的目标也已修订，请先录入它。",
        )


def set_target(target: Target, *, today: date) -> Target:
    """
    Put a target in force in place of the one that stands (目标生效).

    Parameters
    ----------
    target : Target
        Not saved yet.
    today : date
        Day on which the earlier one ends.
    """
    Target.objects.in_force().filter(region=target.region, year=target.year).update(superseded=today)
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
