"""What people do with a delimitation as a whole (划定业务): open it, move it on, approve it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from bureau.access import Duty
from bureau.commissions.models import Commission
from bureau.delimitation.acting import alone_with, evidence_of, words_needed
from bureau.delimitation.announcing import announced
from bureau.delimitation.models import Announcement, Delimitation, Status
from bureau.office.models import Person
from bureau.publications.models import Theme
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.delimitation.life.advancing import advance as move
from shuibao.delimitation.life.stages import stage_named

COMPUTED = (Commission.Status.FINISHED, Commission.Status.ACCEPTED, Commission.Status.PUBLISHED)
"""States of a commission whose folder was run."""
SETTLED = ("announcement", "mapping")
"""Stages after the approval."""


@transaction.atomic
def open_delimitation(*, by: Person, commission: Commission, theme: str, now: datetime) -> Delimitation:
    """
    Open a delimitation on what a commission computed; the worker draws the zones (建立划定).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    commission : Commission
        Finished or published; its folder is copied.
    theme : Theme
    now : datetime

    Raises
    ------
    Refusal
        If the region is not theirs, the commission was not computed, or the delimitation is there already.
    """
    if commission.status not in COMPUTED:
        raise Refusal(
            "not-computed", f"{commission}的计算委托现为“{commission.get_status_display()}”；请等计算完成后再划定。"
        )
    return open_on_folder(
        by=by, region=commission.region, year=commission.year, theme=theme, source=commission.folder,
        commission=commission, now=now,
    )  # fmt: skip


@transaction.atomic
def open_on_folder(
    *, by: Person, region: Region, year: int, theme: str, source: Path, now: datetime, commission: Commission | None = None
) -> Delimitation:  # fmt: skip
    """
    Open a delimitation on a region folder (按区域文件夹建立划定); as :func:`open_delimitation`.

    Parameters
    ----------
    by : Person
    region : Region
    year : int
    theme : Theme
    source : Path
        Region folder that was run.
    now : datetime
    commission : Commission, optional
        What computed it.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region}不在您的经办范围内，不能划定；请在本辖区内选择。")
    if theme not in Theme.values:
        raise Refusal("no-theme", f"没有区域类别“{theme}”；可选 {'、'.join(Theme.labels)}。")
    if not (source / "region.toml").is_file():
        raise Refusal("no-folder", f"{region} {year} 年的区域文件夹不在了；请重新委托计算。")
    try:
        with transaction.atomic():
            made = Delimitation.objects.create(
                region=region,
                year=year,
                theme=theme,
                source=str(source),
                commission=commission,
                opened_by=by,
                opened_at=now,
            )
    except IntegrityError as twice:
        raise Refusal(
            "there-already", f"{region} {year} 年{Theme(theme).label}已有划定；请在列表中打开它，不另建。"
        ) from twice
    _defer(made)
    return made


@transaction.atomic
def draw_again(*, by: Person, delimitation: Delimitation) -> None:
    """
    Draw zones that could not be drawn once more (重新划定).

    Raises
    ------
    Refusal
        If it is not theirs, or did not fail.
    """
    _check(by, Duty.CLERK, delimitation)
    failed = Delimitation.objects.filter(pk=delimitation.pk, status=Status.FAILED)
    try:
        with transaction.atomic():
            changed = failed.update(status=Status.DRAWING, message="")
    except IntegrityError as twice:
        raise Refusal("there-already", "同一地区、年份、类别已另有划定；请在列表中打开它。") from twice
    if changed != 1:
        raise Refusal("not-failed", "只有未能划定的可以重新划定；请刷新后再看。")
    _defer(delimitation)


def advance(
    *, by: Person, delimitation: Delimitation, to: str, note: str, now: datetime, files: Sequence[UploadedFile[Any]] = ()
) -> None:  # fmt: skip
    """
    Move zones on to a stage, or back to adjustment (推进阶段); approval is :func:`approve`.

    Parameters
    ----------
    by : Person
        A clerk of the region; to send back what was submitted, a reviewer or approver too.
    delimitation : Delimitation
    to : str
        The stage.
    note : str
        Why; must be said where something is sent back.
    now : datetime
    files : sequence of UploadedFile
        Evidence.

    Raises
    ------
    Refusal
        If it is not theirs, the stage may not follow, or something that it requires is open.
    """
    if to == "announcement":
        raise Refusal("approve-first", "进入公告须由另一人批准；请由有批准岗位的人办理。")
    kept = evidence_of(files)
    with alone_with(delimitation, by=by, now=now) as ground:
        locked = ground.delimitation
        back = to == "adjustment" and locked.stage in ("examination", *SETTLED)
        if back:
            _check_back(by, locked)
            note = words_needed(note, "退回的理由")
        else:
            _check(by, Duty.CLERK, locked)
        if to == "mapping" and announced(locked) is None:
            raise Refusal("not-announced", "还没有公告发布；请先公告，发布成功后再上图入库。")
        move(locked.folder, locked.theme, stage_named(to, ground.rules), ground.act(note, kept), ground.rules)
        if to == "examination":
            locked.submitted_by, locked.approved_by, locked.approved_at = by, None, None
        elif back:
            locked.submitted_by = locked.approved_by = locked.approved_at = None
            waiting = locked.announcements.filter(status=Announcement.Status.PROPOSED)
            waiting.update(status=Announcement.Status.DECLINED, message="办理期间已退回调整，不再更正。")
        locked.save(update_fields=["submitted_by", "approved_by", "approved_at"])
    delimitation.refresh_from_db()


def approve(
    *, by: Person, delimitation: Delimitation, note: str, now: datetime, files: Sequence[UploadedFile[Any]] = ()
) -> None:
    """
    Approve what was submitted, which may then be announced (批准).

    Parameters
    ----------
    by : Person
        An approver of the region, or above; another than who submitted.
    delimitation : Delimitation
        In examination.
    note : str
        The opinion.
    now : datetime
    files : sequence of UploadedFile
        Evidence.

    Raises
    ------
    Refusal
        If it is not theirs to approve, their own, not submitted in the bureau, or not ready.
    """
    _check(by, Duty.APPROVE, delimitation)
    kept = evidence_of(files)
    with alone_with(delimitation, by=by, now=now) as ground:
        locked = ground.delimitation
        if locked.stage != "examination" or locked.submitted_by_id is None:
            raise Refusal("not-submitted", "还没有在平台送审，不能批准；请先由经办人送审。")
        if locked.submitted_by_id == by.pk:
            raise Refusal("second-person", "自己送审的成果须由另一人批准。")
        stage = stage_named("announcement", ground.rules)
        move(locked.folder, locked.theme, stage, ground.act(note, kept), ground.rules)
        locked.approved_by, locked.approved_at = by, now
        locked.save(update_fields=["approved_by", "approved_at"])
    delimitation.refresh_from_db()


def _check(by: Person, duty: Duty, delimitation: Delimitation) -> None:
    """Refuse who has not a duty for the region."""
    if not by.may(duty, delimitation.region_id):
        raise Refusal("not-your-region", f"您没有{delimitation.region}的{duty.label}岗位，不能办理。")


def _check_back(by: Person, delimitation: Delimitation) -> None:
    """Refuse who may not send back: what was approved, nobody but approvers; what was submitted, its clerks too."""
    duties = (Duty.APPROVE,) if delimitation.stage in SETTLED else (Duty.APPROVE, Duty.REVIEW, Duty.CLERK)
    if not any(by.may(duty, delimitation.region_id) for duty in duties):
        named = "、".join(duty.label for duty in duties)
        raise Refusal("not-your-region", f"退回需要{delimitation.region}的{named}岗位。")


def _defer(delimitation: Delimitation) -> None:
    """Leave the drawing to the worker; together with what was written, or not at all."""
    from bureau.delimitation import jobs

    jobs.draw.configure(lock=f"delimitation-{delimitation.pk}").defer(delimitation=delimitation.pk)
