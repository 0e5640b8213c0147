"""Everything that people do with commissions (计算委托业务)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bureau.access import Duty
from bureau.commissions.kinds import FOLDER, KINDS, NEEDED
from bureau.commissions.models import Commission, Upload
from bureau.commissions.results import land_of
from bureau.commissions.years import refuse_year
from bureau.office.models import Person
from bureau.publications.checking import refuse_partial
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.ground.grid import CELL_SIZES

Status = Commission.Status


@transaction.atomic
def order(
    *,
    by: Person,
    region: Region,
    year: int,
    cell: int,
    imaginary: bool,
    inputs: Sequence[Upload] = (),
    note: str = "",
    now: datetime,
) -> Commission:
    """
    Order a run (委托计算).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    region : Region
        County, city or province.
    year : int
    cell : int
        Cell size, m.
    imaginary : bool
        Whether the land is made up (模拟数据) instead of uploaded.
    inputs : sequence of Upload
        Ready ones, each kind at most once; or a region folder alone, whose own year and cell hold.
    note : str
        What the orderer wants said.
    now : datetime

    Raises
    ------
    Refusal
        If the region is not theirs, an input is missing, given twice or not ready, or the same run is under way.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region} 不在您的经办范围内，不能委托计算；请在本辖区内选择。")
    if region.level not in ("county", "city", "province") or (imaginary and region.level == "province"):
        raise Refusal("wrong-level", f"不能为{region}委托：模拟数据限县、市，真实数据限县、市、省。")
    if cell not in CELL_SIZES:
        raise Refusal("wrong-cell", f"像元 {cell} 米不可用；可选 {'、'.join(f'{c:.0f}' for c in CELL_SIZES)} 米。")
    if not imaginary:
        _check_inputs(by, region, inputs)
        if inputs[0].kind == FOLDER:
            told = inputs[0].details["region"]
            year, cell = int(told["year"]), int(told["cell"])
    refuse_year(year, now=now)
    if Commission.objects.open().filter(region=region, year=year, cell=cell).exists():
        raise Refusal("under-way", f"{region} {year} 年已有未了结的委托；请先等它完成、审核或取消。")
    made = Commission.objects.create(
        region=region, year=year, cell=cell, imaginary=imaginary, note=note, by=by, ordered=now
    )
    made.inputs.set(inputs if not imaginary else ())
    _defer("run", made)
    return made


def _check_inputs(by: Person, region: Region, inputs: Sequence[Upload]) -> None:
    """Refuse inputs that a run cannot be made of."""
    for upload in inputs:
        if upload.status != Upload.Status.READY or not upload.region_id.startswith(by.scope):
            raise Refusal(
                "input-not-ready", f"“{upload.name}”{upload.get_status_display()}，不能选用；请换一份可用的。"
            )
    kinds = [upload.kind for upload in inputs]
    if FOLDER in kinds:
        _check_folder(region, inputs)
        return
    served = [KINDS[kind].serves for kind in kinds]
    twice = {KINDS[kind].label for kind in kinds if served.count(KINDS[kind].serves) > 1}
    twice |= {"与".join(KINDS[k].label for k in group) for group in NEEDED if len(set(group) & set(kinds)) > 1}
    if twice:
        raise Refusal(
            "given-twice", f"{'、'.join(sorted(twice))}选了不止一份；每种资料请只选一份，可互相代替的只选其一。"
        )
    missing = ["或".join(KINDS[key].label for key in group) for group in NEEDED if not set(group) & set(kinds)]
    if missing:
        raise Refusal("input-missing", f"还缺：{'、'.join(missing)}；请先上传，再选入委托；也可上传整个区域文件夹。")


def _check_folder(region: Region, inputs: Sequence[Upload]) -> None:
    """Refuse a region folder beside other inputs, or for another region than it is of."""
    if len(inputs) > 1:
        raise Refusal("folder-alone", "区域文件夹自带全部输入，请单独选用，不要再选别的资料。")
    told = inputs[0].details.get("region", {})
    if outside := [code for code in told.get("codes", ()) if not region.holds(code)]:
        raise Refusal(
            "other-region",
            f"区域文件夹是 {'、'.join(outside[:5])} 的，不在{region}内；请把委托的行政区改为文件夹的区域。",
        )


@transaction.atomic
def cancel(*, by: Person, commission: Commission, now: datetime) -> None:
    """
    Cancel a run that is not finished (取消委托); a worker that computes it stops within seconds.

    Raises
    ------
    Refusal
        If it is neither one's own nor in one's region as a reviewer, or is finished.
    """
    if commission.by_id != by.pk and not by.may(Duty.REVIEW, commission.region_id):
        raise Refusal("not-yours", "只有委托人或本辖区的审核人员可以取消。")
    _become(commission, Status.CANCELLED, (Status.ORDERED, Status.RUNNING), ended=now)


@transaction.atomic
def again(*, by: Person, commission: Commission, now: datetime) -> None:
    """
    Let a run that failed or was cancelled go on; what was computed is kept (重新计算).

    Raises
    ------
    Refusal
        If it is not theirs, or neither failed nor cancelled.
    """
    if not by.may(Duty.CLERK, commission.region_id):
        raise Refusal("not-your-region", f"{commission.region} 不在您的经办范围内。")
    _become(commission, Status.ORDERED, (Status.FAILED, Status.CANCELLED), ended=None, message="", ordered=now)
    _defer("run", commission)


@transaction.atomic
def accept(*, by: Person, commission: Commission, reason: str, partial: bool = True, now: datetime) -> None:
    """
    Accept a result; the worker publishes it (审核通过).

    Parameters
    ----------
    by : Person
    commission : Commission
    reason : str
    partial : bool
        Whether it may cover counties in part only; the page lets the reviewer say so.
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs to judge, their own order, not finished, or covers counties in part and may not.
    """
    _check_judge(by, commission)
    if not partial:
        refuse_partial(land=land_of(commission), how="勾选“照样发布”后再通过")
    told = "审核通过，正在发布到一张图。"
    _become(commission, Status.ACCEPTED, (Status.FINISHED,), judged_by=by, judged=now, reason=reason, message=told)
    _defer("publish", commission)


@transaction.atomic
def reject(*, by: Person, commission: Commission, reason: str, now: datetime) -> None:
    """
    Reject a result, and say why (退回).

    Raises
    ------
    Refusal
        As :func:`accept`, and if no reason is given.
    """
    _check_judge(by, commission)
    if not reason.strip():
        raise Refusal("reason-missing", "退回须写明理由，以便委托人改正后重新委托。")
    told = "已退回，理由见委托单；改正后请重新委托。"
    _become(commission, Status.REJECTED, (Status.FINISHED,), judged_by=by, judged=now, reason=reason, message=told)


def _check_judge(by: Person, commission: Commission) -> None:
    """Refuse who may not judge a result."""
    if not by.may(Duty.REVIEW, commission.region_id):
        raise Refusal("not-your-region", f"您没有{commission.region}的审核岗位，不能审核这项成果。")
    if by.pk == commission.by_id:
        raise Refusal("own-order", "自己委托的计算须由另一人审核。")


def _become(commission: Commission, status: str, from_any: tuple[str, ...], **fields: object) -> None:
    """Change the status, if it is still one of those it may come from."""
    changed = Commission.objects.filter(pk=commission.pk, status__in=from_any).update(status=status, **fields)
    if changed != 1:
        commission.refresh_from_db()
        raise Refusal(
            "status-changed", f"这项委托现为“{commission.get_status_display()}”，不能这样操作；请刷新后再看。"
        )
    commission.refresh_from_db()


def _defer(name: str, commission: Commission) -> None:
    """Leave the rest to the worker; together with what was written, or not at all."""
    from bureau.commissions import jobs

    getattr(jobs, name).configure(lock=f"commission-{commission.pk}").defer(commission=commission.pk)
