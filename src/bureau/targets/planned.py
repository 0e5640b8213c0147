"""Everything that writes the progress of planned quantities (任务量进展业务)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from bureau.access import Duty
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets.models import PlannedQuantity, Progress

MOST = 10**11
"""Amounts are less than this, in any unit (chosen: what the column holds)."""


@transaction.atomic
def report(
    *, by: Person, quantity: PlannedQuantity, region: Region, amount: Decimal, on: date, evidence: str, now: datetime,
    today: date, simulated: bool = False,
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
    simulated : bool
        Whether it is made up (模拟数据).

    Raises
    ------
    Refusal
        If the region is not theirs or not the quantity's, the amount is not positive, the day lies ahead, there is no
        evidence, or the same was reported already.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region.name}的进展须由其经办人或上级填报；请转交。")
    if not quantity.region.holds(region.code):
        raise Refusal(
            "not-of-the-quantity", f"“{quantity}”是{quantity.region.name}的任务量，{region.name}不在其内；请选其辖区。"
        )
    if amount <= 0:
        raise Refusal("not-positive", f"完成量 {amount} 须大于零；多报了的，请撤销那一条再重报。")
    if amount >= MOST:
        raise Refusal("too-large", f"完成量 {amount:.0f} 过大；请核对单位（{quantity.unit}）。")
    if on > today:
        raise Refusal("in-the-future", f"完成日期 {on} 在今天（{today}）之后；请填实际完成的日期。")
    if not evidence.strip():
        raise Refusal("no-evidence", "没有写明依据；请填写验收文件、文号或地点。")
    same = Progress.objects.counted().filter(quantity=quantity, region=region, amount=amount, on=on)
    if same.filter(evidence=evidence.strip()).exists():
        raise Refusal(
            "already-reported",
            f"{region.name} {on} 完成 {amount} {quantity.unit}、依据相同的进展已填报过；不要重复填报。",
        )
    return Progress.objects.create(
        quantity=quantity, region=region, amount=amount, on=on, evidence=evidence.strip(), by=by, at=now,
        simulated=simulated,
    )  # fmt: skip


@transaction.atomic
def withdraw(*, by: Person, progress: Progress, reason: str, now: datetime) -> None:
    """
    Withdraw a report of progress; it stays to be seen, and is not counted (撤销进展).

    Raises
    ------
    Refusal
        If the region is not theirs, no reason is given, or it was withdrawn before.
    """
    if not by.may(Duty.CLERK, progress.region_id):
        raise Refusal("not-your-region", f"{progress.region.name}的进展须由其经办人或上级撤销；请转交。")
    if not reason.strip():
        raise Refusal("no-reason", "没有写撤销理由；请写明哪里填错了。")
    changed = Progress.objects.filter(pk=progress.pk, withdrawn=None).update(
        withdrawn=now, withdrawn_by=by, withdrawn_for=reason.strip()[:300]
    )
    if changed != 1:
        raise Refusal("already-withdrawn", "这一条进展已经撤销；请刷新页面。")
