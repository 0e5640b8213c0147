"""Announcing what was approved (公告): the document of each county, and the publication on the one map."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from bureau import kept_files
from bureau.access import Duty
from bureau.delimitation.acting import in_plain_words, words_needed
from bureau.delimitation.folders import present
from bureau.delimitation.models import Announcement, Delimitation
from bureau.office.models import Person
from bureau.publications.models import Kind, Theme
from bureau.publications.services import publish
from bureau.refusal import Refusal
from shuibao.delimitation.delivery.result import read_result
from shuibao.messages import ShuibaoError
from shuibao.report.announcement_parts import Announcement as Heading
from shuibao.report.key_zone_announcement import write_key_zone_announcement
from shuibao.report.zone_announcement import write_announcement
from shuibao.survey.region import load_region

Status = Announcement.Status
KINDS = {".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".pdf": "application/pdf"}
"""Forms that each document is written in, and their media types."""


@transaction.atomic
def announce(*, by: Person, delimitation: Delimitation, number: str, dated: date, now: datetime) -> Announcement:
    """
    Announce what was approved: the worker writes the documents and publishes the zones (公告发布).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    delimitation : Delimitation
        Approved.
    number : str
        Number of the document.
    dated : date
        Its date.
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs, not approved, dated wrongly, or announced or being announced already.
    """
    if not by.may(Duty.CLERK, delimitation.region_id):
        raise Refusal("not-your-region", f"公告由{delimitation.region}的经办人员办理。")
    number = words_needed(number, "公告文号")
    locked = Delimitation.objects.select_for_update(of=("self",)).get(pk=delimitation.pk)
    if locked.stage != "announcement" or locked.approved_by_id is None:
        raise Refusal("not-approved", "还没有批准，不能公告；请先送审，由另一人批准。")
    if locked.announcements.filter(status=Status.ORDERED).exists():
        raise Refusal("under-way", "公告正在生成；请等它完成。")
    if announced(locked) is not None:
        raise Refusal("announced", "已经公告；文号或日期有误的，请“更正公告”。")
    check_date(locked, dated, now)
    made = Announcement.objects.create(delimitation=locked, number=number, dated=dated, by=by, at=now)
    from bureau.delimitation import jobs

    jobs.announce.configure(lock=f"delimitation-{locked.pk}").defer(announcement=made.pk)
    return made


def check_date(delimitation: Delimitation, dated: date, now: datetime) -> None:
    """
    Refuse a date of a document that cannot be (核对成文日期).

    Parameters
    ----------
    delimitation : Delimitation
        Approved.
    dated : date
    now : datetime

    Raises
    ------
    Refusal
        If it lies after today, or before the approval.
    """
    today = timezone.localdate(now)
    first = today if delimitation.approved_at is None else timezone.localdate(delimitation.approved_at)
    if not first <= dated <= today:
        fault = "还没有到" if dated > today else "在批准之前"
        raise Refusal(
            "wrong-date", f"成文日期 {dated} {fault}；应在批准之日 {first} 至今天 {today} 之间，请改正后再办。"
        )


def is_approved(delimitation: Delimitation) -> bool:
    """
    Return whether zones were submitted by one and approved by another (是否已批准).

    Parameters
    ----------
    delimitation : Delimitation
    """
    return delimitation.submitted_by_id is not None and delimitation.approved_at is not None


def announced(delimitation: Delimitation) -> Announcement | None:
    """
    Return the announcement in force of what was approved last; None if there is none (现行公告).

    Parameters
    ----------
    delimitation : Delimitation
    """
    if delimitation.approved_at is None:
        return None
    done = delimitation.announcements.filter(status=Status.DONE, at__gte=delimitation.approved_at)
    return done.order_by("-at").first()


def carry_out(pk: int) -> None:
    """
    Write the documents of an announcement, and publish the zones; a correction publishes nothing (生成公告并发布).

    Parameters
    ----------
    pk : int
        The announcement. One that is done or failed is left alone; the same bytes are published once.
    """
    ordered = Announcement.objects.filter(pk=pk, status=Status.ORDERED)
    found = ordered.select_related(
        "corrects", "delimitation__region", "delimitation__submitted_by", "delimitation__approved_by"
    ).first()
    if found is None:
        return
    one = found.delimitation
    if not is_approved(one) or (one.approved_at is not None and found.at < one.approved_at):
        ordered.update(status=Status.FAILED, message="办理期间已退回，没有公告。")
        return
    try:
        documents = written(found)
        if not connection.in_atomic_block:
            close_old_connections()  # the documents may have taken minutes
        with transaction.atomic():
            message = _publish(found) if found.corrects is None else _put_in_place_of(found, found.corrects)
            ordered.update(status=Status.DONE, documents=documents, message=message)
    except ShuibaoError as refused:
        ordered.update(status=Status.FAILED, message=in_plain_words(refused))
    except Refusal as refused:
        ordered.update(status=Status.FAILED, message=refused.message)


def _publish(announcement: Announcement) -> str:
    """Publish the zones that are announced; return what is said of it."""
    one = announcement.delimitation
    if one.submitted_by is None or one.approved_by is None:
        raise Refusal("not-approved", "办理期间已退回，没有公告。")
    publication = publish(
        folder=one.folder, kind=Kind.ZONES, theme=one.theme, region=one.region, year=one.year, by=one.submitted_by,
        reviewed_by=one.approved_by, now=announcement.at, origin=f"区域划定第 {one.pk} 号，公告 {announcement.number}",
    )  # fmt: skip
    Delimitation.objects.filter(pk=one.pk).update(publication=publication)
    return f"已发布：{publication}。"


def _put_in_place_of(correction: Announcement, earlier: Announcement) -> str:
    """Let a correction take the place of what it corrects; the zones are published already, and not once more."""
    told = f"已由 {correction.number}（{correction.dated}）更正：{correction.why}"
    changed = Announcement.objects.filter(pk=earlier.pk, status=Status.DONE)
    if changed.update(status=Status.CORRECTED, message=told) != 1:
        raise Refusal("not-in-force", "原公告已不是现行的；没有更正。")
    return f"更正 {earlier.number}（{earlier.dated}）：{correction.why}。区域没有变，不再发布一次。"


def words_for(announcement: Announcement) -> Heading:
    """
    Return what a document begins with: number, date, and which announcement it corrects (公告要素).

    Parameters
    ----------
    announcement : Announcement
    """
    wrong = announcement.corrects
    if wrong is None:
        return Heading(announcement.number, announcement.dated)
    day = f"{wrong.dated.year}年{wrong.dated.month}月{wrong.dated.day}日"
    said = f"（更正公告：{day}发布的 {wrong.number} 公告文号、日期有误，以本公告为准）"
    return Heading(announcement.number, announcement.dated, said)


def written(announcement: Announcement) -> list[dict[str, Any]]:
    """
    Write the documents of an announcement: of steep slopes for each county, of other kinds one; each also as PDF (公告文件).

    Parameters
    ----------
    announcement : Announcement

    Returns
    -------
    list of dict
        ``name``, ``sha256``, ``size``, ``path`` in the media folder.
    """
    one = announcement.delimitation
    present(one)
    region, words = load_region(one.folder), words_for(announcement)
    whole = read_result(region, one.theme)
    if one.theme != Theme.STEEP_SLOPE:  # nobody asks for one of these kinds; they are not cut by county
        with tempfile.TemporaryDirectory(prefix="announcement-") as bench:
            name = f"{whole.place}{whole.theme_name}公告"
            return _both(Path(bench) / "whole", name, lambda path: write_key_zone_announcement(whole, words, path))
    counties = sorted(set(np.asarray(whole.layer.columns["county"], dtype=np.str_).tolist()) - {""})
    kept = []
    with tempfile.TemporaryDirectory(prefix="announcement-") as bench:
        for county in counties:
            result = read_result(region, one.theme, county)
            write = partial(write_announcement, result, words)
            kept += _both(Path(bench) / county, f"{result.place}禁止开垦陡坡地公告", write)
    return kept


def _both(path: Path, name: str, write: Callable[[Path], None]) -> list[dict[str, Any]]:
    """Write a document for word processors, and the same as pages."""
    kept = []
    for suffix in KINDS:
        write(path.with_suffix(suffix))
        kept.append(_keep(path.with_suffix(suffix), f"{name}{suffix}"))
    return kept


def _keep(path: Path, name: str) -> dict[str, Any]:
    contents = path.read_bytes()
    place, digest = kept_files.keep("announcements", contents, path.suffix)
    return {"name": name, "sha256": digest, "size": len(contents), "path": place}
