"""Everything that writes the progress of planned quantities (任务量进展业务)."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from bureau.access import Duty
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.areas import border_areas
from bureau.regions.models import Level, Region
from bureau.targets.effect import says_something
from bureau.targets.models import PlannedQuantity, Progress
from bureau.targets.standing import lineage_codes
from bureau.units import is_countable, land_m2

MOST = 10**11
"""Amounts are less than this, in any unit (chosen: what the column holds)."""
EARLIEST = date(2000, 1, 1)
"""Nothing older is progress of a plan that does not say when it begins (chosen)."""
OF_COUNTIES = frozenset(["个县"])
"""Units that count counties."""
OF_THE_DAY = frozenset(["in-the-future", "before-the-plan"])
"""Codes of refusals that are about the day, not about the amount."""


@transaction.atomic
def report(
    *, by: Person, quantity: PlannedQuantity, region: Region, amount: Decimal, on: date, evidence: str, now: datetime,
    today: date, because: str = "", simulated: bool = False,
) -> Progress:  # fmt: skip
    """
    Report what a region has done of a planned quantity (填报进展).

    Parameters
    ----------
    by : Person
        Clerk of that region, or of one above it.
    quantity : PlannedQuantity
    region : Region
        Where it was done; it lies in the region that the quantity was set for.
    amount : Decimal
        What was added, in the unit of the quantity.
    on : date
        Day on which it was completed.
    evidence : str
        What shows it: acceptance document, number, place.
    now : datetime
    today : date
    because : str
        Why it is so although it is doubtful, see :func:`doubts`.
    simulated : bool
        Whether it is made up (模拟数据).

    Raises
    ------
    Refusal
        If the region is not theirs or not the quantity's, the amount cannot be, the day lies ahead or before the plan, there
        is no evidence, the same was reported already, or it is doubtful and no reason is given.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region.name}的进展须由其经办人或上级填报；请转交。")
    if not quantity.region.holds(region.code):
        raise Refusal(
            "not-of-the-quantity", f"“{quantity}”是{quantity.region.name}的任务量，{region.name}不在其内；请选其辖区。"
        )
    demand_evidence(evidence)
    held = PlannedQuantity.objects.select_for_update(of=("self",)).select_related("region").defer("region__border")
    quantity = held.get(pk=quantity.pk)  # two who report at once take turns: what there is already is weighed below
    demand_possible(quantity=quantity, region=region, amount=amount, on=on, today=today)
    same = Progress.objects.standing().filter(quantity=quantity, region=region, amount=amount, on=on)
    if same.filter(evidence=evidence.strip()).exists():
        raise Refusal(
            "already-reported",
            f"{region.name} {on} 完成 {amount} {quantity.unit}、依据相同的进展已填报过；不要重复填报。",
        )
    found = doubts(quantity=quantity, region=region, amount=amount, on=on)
    if found and not says_something(because):
        raise Refusal("doubtful", "".join(found) + "填错了请改正；确实如此，请写明原因再报。")
    return Progress.objects.create(
        quantity=quantity, region=region, amount=amount, on=on, evidence=evidence.strip(), by=by, at=now,
        simulated=simulated, because=because.strip()[:300] if found else "",
    )  # fmt: skip


def demand_evidence(evidence: str) -> None:
    """
    Refuse evidence that says nothing (核对依据).

    Raises
    ------
    Refusal
    """
    if not says_something(evidence):
        raise Refusal("no-evidence", "没有写明依据；请填写验收文件、文号或地点，不能只有标点。")


def demand_possible(*, quantity: PlannedQuantity, region: Region, amount: Decimal, on: date, today: date) -> None:
    """
    Refuse what cannot be, whatever reason is given (核对可能与否).

    Parameters
    ----------
    quantity : PlannedQuantity
    region : Region
    amount : Decimal
    on, today : date

    Raises
    ------
    Refusal
        ``on`` is wrong if the code is in :data:`OF_THE_DAY`, the amount otherwise.
    """
    _check_day(quantity, on, today)
    _check_amount(quantity, region, amount)


def _check_counties(quantity: PlannedQuantity, region: Region, amount: Decimal) -> None:
    """Refuse more counties than there are, in the region or in any above it that the quantity covers."""
    holders = [code for code in lineage_codes(region.code) if quantity.region.holds(code)]
    for holder in Region.objects.filter(code__in=holders).defer("border").order_by("-code"):
        there = Region.objects.filter(code__startswith=holder.prefix, level=Level.COUNTY).count()
        total = _reported(quantity, holder) + amount
        if total > there:
            raise Refusal(
                "more-than-the-counties",
                f"“{quantity}”按县计，一个县只计一次：{holder.name}有 {there} 个县，连同已报的合计 {total.normalize():f} 个；"
                "请按实际的县数填写，已报过的县不要再报。",
            )


def _check_amount(quantity: PlannedQuantity, region: Region, amount: Decimal) -> None:
    """Refuse an amount that cannot be."""
    if amount <= 0:
        raise Refusal("not-positive", f"完成量 {amount} 须大于零；多报了的，请撤销那一条再重报。")
    if amount >= MOST:
        raise Refusal("too-large", f"完成量 {amount:.0f} 过大；请核对单位（{quantity.unit}）。")
    if is_countable(quantity.unit) and amount != amount.to_integral_value():
        raise Refusal(
            "not-whole", f"“{quantity}”以“{quantity.unit}”计，没有 {amount.normalize():f} {quantity.unit}；请填整数。"
        )
    if quantity.unit in OF_COUNTIES:
        _check_counties(quantity, region, amount)
    done = land_m2(_reported(quantity, region) + amount, quantity.unit)
    has = None if done is None else border_areas([region.code]).get(region.code)
    if done is not None and has is not None and done > has:
        raise Refusal(
            "beyond-the-land",
            f"连同已报的，{region.name}合计 {done / 10**6:,.2f} km²，超过其土地面积 {has / 10**6:,.2f} km²；"
            f"请核对数量与单位（{quantity.unit}）。",
        )


def _check_day(quantity: PlannedQuantity, on: date, today: date) -> None:
    """Refuse a day that lies ahead, or before the plan."""
    if on > today:
        raise Refusal("in-the-future", f"完成日期 {on} 在今天（{today}）之后；请填实际完成的日期。")
    first = quantity.begins or EARLIEST
    if on < first:
        raise Refusal(
            "before-the-plan",
            f"完成日期 {on} 早于{quantity.period or '规划时段'}的起始日（{first}），不计入；请核对日期。",
        )


def doubts(*, quantity: PlannedQuantity, region: Region, amount: Decimal, on: date) -> list[str]:
    """
    Return what makes a report doubtful: it is taken only with a reason (存疑之处).

    Parameters
    ----------
    quantity : PlannedQuantity
    region : Region
    amount : Decimal
    on : date

    Returns
    -------
    list of str
        Chinese sentences.
    """
    found = []
    total = _reported(quantity, region) + amount
    if total > quantity.amount:
        found.append(
            f"连同已报的，{region.name}合计 {total.normalize():,f} {quantity.unit}，超过{quantity.region.name}的计划 "
            f"{quantity.amount.normalize():,f} {quantity.unit}。"
        )
    if quantity.due is not None and on > quantity.due:
        found.append(f"完成日期 {on} 在期限（{quantity.due}）之后。")
    issued = re.search(r"〔(\d{4})〕", quantity.source)
    if quantity.begins is None and issued and on.year < int(issued[1]):
        found.append(f"完成日期 {on} 早于文件印发的 {issued[1]} 年。")
    return found


def _reported(quantity: PlannedQuantity, region: Region) -> Decimal:
    """Return what was reported of a region and those in it, confirmed or not."""
    within = Progress.objects.standing().filter(quantity=quantity, region__code__startswith=region.prefix)
    return within.aggregate(done=Sum("amount"))["done"] or Decimal(0)


@transaction.atomic
def confirm(*, by: Person, progress: Progress, now: datetime) -> None:
    """
    Confirm what another person reported; only then does it count (确认进展).

    Raises
    ------
    Refusal
        If it is one's own, not of one's region, or decided already.
    """
    _check_decider(by, progress)
    waiting = Progress.objects.waiting().filter(pk=progress.pk)
    if waiting.update(confirmed=now, confirmed_by=by) != 1:
        raise Refusal("decided-already", "这一条进展已经确认、退回或撤销，不能重复办理；请刷新页面。")


def may_decide(by: Person, progress: Progress) -> bool:
    """Return whether a person may confirm a report or send it back (可否确认)."""
    return (
        progress.withdrawn is None
        and by.pk != progress.by_id
        and by.may(Duty.REVIEW, progress.by.organisation.region_id)
    )


def way_back(by: Person, progress: Progress) -> str:
    """Return what it is called when a person takes a report back: reviewers return, clerks withdraw (退回或撤销)."""
    return "退回" if may_decide(by, progress) else "撤销"


def was_returned(progress: Progress) -> bool:
    """Return whether it was a reviewer who took a report back, not who reported it (是否被退回)."""
    who = progress.withdrawn_by
    return who is not None and who.pk != progress.by_id and who.may(Duty.REVIEW, progress.by.organisation.region_id)


def may_withdraw(by: Person, progress: Progress) -> bool:
    """Return whether a person may withdraw a report of their own region (可否撤销)."""
    reporter = progress.by.organisation.region_id
    own = by.organisation.region_id == reporter and by.may(Duty.CLERK, reporter)
    return progress.withdrawn is None and (may_decide(by, progress) or (own and progress.confirmed is None))


def _check_decider(by: Person, progress: Progress) -> None:
    """Refuse whoever may not decide a report."""
    reporter = progress.by.organisation.region
    if not by.may(Duty.REVIEW, reporter.code):
        raise Refusal("not-your-region", f"{reporter.name}填报的进展，须由其或上级的“审核”岗位确认、退回；请转交。")
    if by.pk == progress.by_id:
        raise Refusal("oneself", "这一条是您填报的，须由另一位审核人办理；请转交。")


@transaction.atomic
def withdraw(*, by: Person, progress: Progress, reason: str, now: datetime) -> None:
    """
    Withdraw a report of progress; it stays to be seen, and is not counted (撤销、退回进展).

    Clerks of the region that reported it withdraw what is not confirmed yet; reviewers send it back, confirmed or not.

    Raises
    ------
    Refusal
        If the report is another region's, it was confirmed, no reason is given, or it was withdrawn before.
    """
    if not says_something(reason):
        raise Refusal("no-reason", f"没有写{way_back(by, progress)}理由；请写明哪里填错了。")
    stands = Progress.objects.standing().filter(pk=progress.pk)
    reporter = progress.by.organisation.region_id
    if by.organisation.region_id != reporter or not by.may(Duty.CLERK, reporter):
        _check_decider(by, progress)
    elif not may_decide(by, progress):
        stands = stands.filter(confirmed=None)
        if progress.confirmed is not None:
            raise Refusal("confirmed-already", "这一条已经确认，不能自行撤销；确有错误，请审核人退回。")
    changed = stands.update(withdrawn=now, withdrawn_by=by, withdrawn_for=reason.strip()[:300])
    if changed != 1:
        raise Refusal("already-withdrawn", "这一条进展已经退回、撤销或刚被确认；请刷新页面。")
