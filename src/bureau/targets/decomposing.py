"""The acts of dividing a target (目标分解业务): begin, revise, submit, send back, approve, put in force, discard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from bureau.access import Duty
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.areas import border_areas
from bureau.regions.models import Level, Region
from bureau.targets.actuals import Figures, latest_year
from bureau.targets.closing import Method
from bureau.targets.decomposition_sheet import read_sheet
from bureau.targets.effect import demand_day, demand_document, says_something
from bureau.targets.lines import Change, Collision, apply_change, demand_closed, lines_of, reclose, trouble_of
from bureau.targets.models import Decomposition, Line, Target
from bureau.targets.services import set_target

State = Decomposition.State
MEMBERS = {Level.NATION: (Level.PROVINCE,), Level.PROVINCE: (Level.CITY, Level.COUNTY), Level.CITY: (Level.COUNTY,)}
"""To what a region's target may be divided, by its level; the first is the usual."""


@transaction.atomic
def begin(
    *, by: Person, region: Region, year: int, method: Method, figures: Figures, now: datetime,
    level: str | None = None, keep_present: bool = True,
) -> Decomposition:  # fmt: skip
    """
    Begin to divide a region's target among its members, from what is published (起草分解).

    Parameters
    ----------
    by : Person
        Clerk of the region.
    region : Region
        Province or city.
    year : int
        Year of a target in force.
    method : Method
    figures : Figures
        Published rates of the region's members.
    now : datetime
    level : Level, optional
        Cities or counties of a province.
    keep_present : bool
        Whether nobody's target may be below the present rate.

    Raises
    ------
    Refusal
        If it is not theirs, there is no target, one is being divided already, or the members have no areas.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region.name}的目标须由其经办人分解；请转交。")
    target = Target.objects.in_force().select_for_update().filter(region=region, year=year).first()
    if target is None:
        raise Refusal("no-target", f"{region.name}没有 {year} 年的目标；请先录入目标，再作分解。")
    if Decomposition.objects.filter(region=region, year=year, state__in=Decomposition.OPEN).exists():
        raise Refusal("already-open", f"{region.name} {year} 年已有一份分解在办；请在那一份上修改，或先作废。")
    members = _members(region, level)
    base_year = latest_year(figures, [member.code for member in members])
    areas, area_source = _areas(members, figures, base_year)
    known = {m.code: figures[m.code][max(figures[m.code])] for m in members if figures.get(m.code)}
    if base_year is not None:
        known = {m.code: figures[m.code][base_year] for m in members}
    years = sorted({figure.year for figure in known.values()})
    made = Decomposition.objects.create(
        region=region, year=year, percent=target.percent, method=method, keep_present=keep_present,
        area_source=area_source, simulated=any(figure.simulated for figure in known.values()), made_by=by, made=now,
        base_source=f"公布成果（{'、'.join(str(year) for year in years)} 年）" if years else "",
    )  # fmt: skip
    earlier = _earlier_targets(members, year)
    Line.objects.bulk_create(
        Line(
            decomposition=made, region=member, area_m2=areas[member.code], in_force_before=earlier.get(member.code),
            base=_four(known[member.code].percent) if member.code in known else None,
            base_source=f"{known[member.code].year} 年公布成果" if member.code in known else "",
        )
        for member in members
    )  # fmt: skip
    reclose(made)
    return made


def _members(region: Region, level: str | None) -> list[Region]:
    """Return what a region's target is divided among."""
    allowed = MEMBERS.get(Level(region.level), ())
    if not allowed:
        raise Refusal("no-members", f"{region.name}是{region.get_level_display()}，下面没有可以分解到的县。")
    wanted = level or allowed[0]
    if wanted not in allowed:
        raise Refusal(
            "no-members", f"{region.name}的目标不能分解到这一级；可选：{'、'.join(a.label for a in allowed)}。"
        )
    found = list(Region.objects.filter(code__startswith=region.prefix, level=wanted).defer("border"))
    if not found:
        raise Refusal("no-members", f"{region.name}的下级行政区还没有装载；请运维人员先装载行政区。")
    return found


def _areas(members: Sequence[Region], figures: Figures, year: int | None) -> tuple[dict[str, int], str]:
    """Return the areas of all members from one source, and which."""
    if year is not None:
        return {m.code: round(figures[m.code][year].land_m2) for m in members}, f"{year} 年公布成果的土地面积"
    areas = border_areas(member.code for member in members)
    missing = [member.name for member in members if member.code not in areas]
    if missing:
        raise Refusal("no-areas", f"这些行政区没有面积：{'、'.join(missing)}；请先装载其边界，或公布其成果。")
    return areas, "行政界线内的椭球面积（CGCS2000）"


def _earlier_targets(members: Sequence[Region], year: int) -> dict[str, Decimal]:
    """Return the targets in force of the latest earlier year."""
    found: dict[str, Decimal] = {}
    for target in Target.objects.in_force().filter(region__in=members, year__lt=year).order_by("year"):
        found[target.region_id] = target.percent
    return found


def _four(percent: float) -> Decimal:
    return Decimal(repr(percent)).quantize(Decimal("0.0001"))


@transaction.atomic
def revise(
    *, by: Person, decomposition: Decomposition, changes: Mapping[int, Change], method: Method | None = None,
    keep_present: bool | None = None, seen: tuple[str, bool] | None = None,
) -> None:  # fmt: skip
    """
    Change lines or the method; the rest closes again (修改分解).

    Parameters
    ----------
    by : Person
        Clerk of the region.
    decomposition : Decomposition
        A draft.
    changes : mapping of int to Change
        By the key of the line.
    method : Method, optional
    keep_present : bool, optional
    seen : tuple of str and bool, optional
        Method and whether present rates are kept, as the person was shown them.

    Raises
    ------
    Collision
        If somebody else has changed the same since the person was shown it.
    Refusal
        If it is not theirs or no draft, or it would not close any more: then nothing is changed.
    """
    _ours(by, decomposition, Duty.CLERK)
    held = _lock(decomposition, State.DRAFT, "修改")
    lines = {line.pk: line for line in lines_of(held)}
    _demand_alone(held, lines, changes, seen, wanted=(method or held.method, keep_present))
    closed_before = trouble_of(held, list(lines.values())) is None
    held.method = method or held.method
    held.keep_present = held.keep_present if keep_present is None else keep_present
    held.save(update_fields=["method", "keep_present"])
    for key, change in changes.items():
        if key in lines:
            apply_change(lines[key], change)
    Line.objects.bulk_update(lines.values(), ["held", "percent", "base", "base_source", "treatable_m2"])
    trouble = reclose(held)
    if closed_before and trouble is not None:
        raise trouble
    decomposition.refresh_from_db()


@transaction.atomic
def bring_in(*, by: Person, decomposition: Decomposition, upload: Any) -> dict[int, Change]:
    """
    Change lines as a workbook says, all or none; the rest closes again (导入分解).

    Parameters
    ----------
    by : Person
        Clerk of the region.
    decomposition : Decomposition
        A draft.
    upload : file
        Has ``name`` and ``read``.

    Returns
    -------
    dict of int to Change
        What was changed, by the key of the line.

    Raises
    ------
    Refusal
        As :func:`revise` does, or if the file is none of ours.
    WrongRows
        If cells are wrong: all of them, and nothing is changed.
    """
    _ours(by, decomposition, Duty.CLERK)
    changes = read_sheet(upload, lines_of(_lock(decomposition, State.DRAFT, "修改")))
    revise(by=by, decomposition=decomposition, changes=changes)
    return changes


def _demand_alone(
    held: Decomposition, lines: Mapping[int, Line], changes: Mapping[int, Change], seen: tuple[str, bool] | None,
    wanted: tuple[str, bool | None],
) -> None:  # fmt: skip
    """Refuse if somebody else has changed what the person changes, since the person was shown it."""
    both = [lines[key] for key, change in changes.items() if key in lines and change.collides(lines[key])]
    now = (held.method, held.keep_present)
    asked = (wanted[0], held.keep_present if wanted[1] is None else wanted[1])
    if both or (seen is not None and seen != now and asked not in (seen, now)):
        raise Collision(both)


@transaction.atomic
def submit(*, by: Person, decomposition: Decomposition, now: datetime) -> None:
    """
    Submit a draft for approval (提交分解).

    Raises
    ------
    Refusal
        If it is not theirs, no draft, or does not close.
    """
    _ours(by, decomposition, Duty.CLERK)
    demand_closed(_lock(decomposition, State.DRAFT, "提交"))
    _move(decomposition, State.DRAFT, "提交", state=State.SUBMITTED, submitted_by=by, submitted=now, returned_for="")


@transaction.atomic
def send_back(*, by: Person, decomposition: Decomposition, reason: str) -> None:
    """
    Send a submitted decomposition back to be changed (退回分解).

    Raises
    ------
    Refusal
        If it is not theirs, was not submitted, or no reason is given.
    """
    _ours(by, decomposition, Duty.APPROVE)
    if not says_something(reason):
        raise Refusal("no-reason", "没有写退回理由；请写明要改什么。")
    _move(decomposition, State.SUBMITTED, "退回", state=State.DRAFT, returned_for=reason.strip()[:500])


@transaction.atomic
def approve(*, by: Person, decomposition: Decomposition, now: datetime) -> None:
    """
    Approve a submitted decomposition; whoever made or submitted it may not (批准分解).

    Raises
    ------
    Refusal
        If it is not theirs, they made or submitted it, it was not submitted, or the region's target has changed since.
    """
    _ours(by, decomposition, Duty.APPROVE)
    held = _lock(decomposition, State.SUBMITTED, "批准")
    if by.pk in (held.made_by_id, held.submitted_by_id):
        raise Refusal("same-person", "这份分解由您起草或提交，须由另一人批准；请转交其他批准人。")
    _demand_same_target(held)
    demand_closed(held)
    _move(decomposition, State.SUBMITTED, "批准", state=State.APPROVED, approved_by=by, approved=now)


@transaction.atomic
def put_in_force(
    *, by: Person, decomposition: Decomposition, document: str, since: date, today: date, sure: bool = False
) -> int:
    """
    Put an approved decomposition in force: its lines become the members' targets (分解生效).

    Parameters
    ----------
    by : Person
        Approves for the region.
    decomposition : Decomposition
    document : str
        Number of the document by which it was issued.
    since : date
        First day of force; it may lie ahead, see :func:`bureau.targets.effect.demand_day`.
    today : date
    sure : bool
        Whether a day that is past was checked (核对过).

    Returns
    -------
    int
        Targets that apply by it from that day.

    Raises
    ------
    Refusal
        If it is not theirs or not approved, no document is named, the day cannot be, or the region's target has changed.
    """
    _ours(by, decomposition, Duty.APPROVE)
    demand_document(document)
    held = _lock(decomposition, State.APPROVED, "生效")
    demand_day(since=since, document=document, year=held.year, today=today, sure=sure)
    _demand_same_target(held)
    _move(decomposition, State.APPROVED, "生效", state=State.IN_FORCE, document=document.strip(), in_force=since)
    lines = lines_of(held)
    for line in lines:
        target = Target(
            region=line.region, year=held.year, percent=line.percent or Decimal(0), source=document.strip(),
            clause=f"{held.region.name} {held.year} 年目标分解", status=Target.Status.DECIDED, decomposition=held,
            simulated=held.simulated, since=since, by=by,
        )  # fmt: skip
        set_target(target, today=today)
    return len(lines)


@transaction.atomic
def discard(*, by: Person, decomposition: Decomposition) -> None:
    """
    Discard a decomposition that is not in force (作废分解): a draft by a clerk, an approved one by who approves.

    Raises
    ------
    Refusal
        If it is not theirs, waits for approval, or is in force.
    """
    held = _lock(decomposition, None, "作废")
    if held.state not in (State.DRAFT, State.APPROVED):
        raise Refusal(
            "wrong-state", f"这份分解{held.get_state_display()}，不能作废；已提交的请先退回，已生效的由新的分解替代。"
        )
    _ours(by, decomposition, Duty.CLERK if held.state == State.DRAFT else Duty.APPROVE)
    _move(decomposition, State(held.state), "作废", state=State.DISCARDED)


def _ours(by: Person, decomposition: Decomposition, duty: Duty) -> None:
    """Refuse whoever has not the duty for the region."""
    if not by.may(duty, decomposition.region_id):
        raise Refusal(
            "not-your-region", f"{decomposition.region.name}的目标分解须由其“{duty.label}”岗位或上级办理；请转交。"
        )


def _lock(decomposition: Decomposition, state: State | None, act: str) -> Decomposition:
    """Return the decomposition as it stands, locked until the act is done."""
    held = (
        Decomposition.objects.select_for_update(of=("self",))
        .select_related("region")
        .defer("region__border")
        .get(pk=decomposition.pk)
    )
    if state is not None and held.state != state:
        raise _wrong_state(held, act)
    return held


def _move(decomposition: Decomposition, was: State, act: str, **fields: object) -> None:
    """Change the state, if nobody has meanwhile."""
    if Decomposition.objects.filter(pk=decomposition.pk, state=was).update(**fields) != 1:
        decomposition.refresh_from_db()
        raise _wrong_state(decomposition, act)
    decomposition.refresh_from_db()


def _wrong_state(held: Decomposition, act: str) -> Refusal:
    return Refusal("wrong-state", f"这份分解现在是“{held.get_state_display()}”，不能{act}；请刷新页面查看最新状态。")


def _demand_same_target(held: Decomposition) -> None:
    """Refuse if the region's own target is not the one that was divided."""
    target = Target.objects.in_force().filter(region=held.region, year=held.year).first()
    if target is None or target.percent != held.percent:
        now = "没有目标" if target is None else f"目标已是 {target.percent} %"
        raise Refusal(
            "target-changed",
            f"{held.region.name} {held.year} 年{now}，这份分解按 {held.percent} % 作出；请作废后重新分解。",
        )
