"""
Correcting an announcement (更正公告): another number or date, asked for by a clerk and confirmed by another person.

The zones stay published as they are; the documents are written anew, and those of before stay to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from bureau.access import Duty
from bureau.delimitation.acting import words_needed
from bureau.delimitation.announcing import announced, check_date, is_approved
from bureau.delimitation.models import Announcement, Delimitation
from bureau.delimitation.services import SETTLED
from bureau.office.models import Person
from bureau.refusal import Refusal

Status = Announcement.Status


@dataclass(frozen=True)
class Heading:
    """
    What a document is called (文号与日期).

    Attributes
    ----------
    number : str
    dated : date
    """

    number: str
    dated: date


@transaction.atomic
def propose(*, by: Person, announcement: Announcement, heading: Heading, why: str, now: datetime) -> Announcement:
    """
    Ask for an announcement to be made again with another number or date (提出更正).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    announcement : Announcement
        In force.
    heading : Heading
        As it should be.
    why : str
        What was wrong.
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs, not in force, dated wrongly, no different, or another correction waits.
    """
    one = Delimitation.objects.select_for_update(of=("self",)).get(pk=announcement.delimitation_id)
    if not by.may(Duty.CLERK, one.region_id):
        raise Refusal("not-your-region", f"更正公告由{one.region}的经办人员提出。")
    number, why = words_needed(heading.number, "公告文号"), words_needed(why, "更正的理由")
    if announcement != announced(one) or not _standing(one):
        raise Refusal("not-in-force", "只有现行的公告可以更正；请刷新后再看。")
    check_date(one, heading.dated, now)
    if (number, heading.dated) == (announcement.number, announcement.dated):
        raise Refusal("no-difference", "文号与日期都和原公告相同，没有要更正的；请改正后再提出。")
    try:
        with transaction.atomic():
            return Announcement.objects.create(
                delimitation=one, number=number, dated=heading.dated, corrects=announcement, why=why, by=by, at=now,
                status=Status.PROPOSED,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refusal("under-way", "已有一项更正在等确认或正在生成；请等它办完。") from twice


@transaction.atomic
def confirm(*, by: Person, correction: Announcement, now: datetime) -> None:
    """
    Confirm a correction; the worker writes the documents (确认更正).

    Parameters
    ----------
    by : Person
        An approver of the region, or above; another than who asked for it.
    correction : Announcement
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs to confirm, their own, or does not wait any more.
    """
    one = _judged(by, correction)
    if not _standing(one):
        raise Refusal("not-approved", "成果已退回调整，原公告不再更正；重新批准后另行公告。")
    waiting = Announcement.objects.filter(pk=correction.pk, status=Status.PROPOSED)
    if waiting.update(status=Status.ORDERED, confirmed_by=by, confirmed_at=now) != 1:
        raise Refusal("not-waiting", "这项更正已办过；请刷新后再看。")
    from bureau.delimitation import jobs

    jobs.announce.configure(lock=f"delimitation-{one.pk}").defer(announcement=correction.pk)


@transaction.atomic
def decline(*, by: Person, correction: Announcement, why: str, now: datetime) -> None:
    """
    Decline a correction, or take back one's own (不予更正).

    Parameters
    ----------
    by : Person
        An approver, or who asked for it.
    correction : Announcement
    why : str
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs, says no reason, or does not wait any more.
    """
    if correction.by_id != by.pk:
        _judged(by, correction)
    told = words_needed(why, "不予更正的理由")
    waiting = Announcement.objects.filter(pk=correction.pk, status=Status.PROPOSED)
    other = {} if correction.by_id == by.pk else {"confirmed_by": by, "confirmed_at": now}
    if waiting.update(status=Status.DECLINED, message=f"{by.name}：{told}", **other) != 1:
        raise Refusal("not-waiting", "这项更正已办过；请刷新后再看。")


def may_propose(delimitation: Delimitation, person: Person) -> bool:
    """
    Return whether a person may ask for a correction (可否提出更正).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    under_way = delimitation.announcements.filter(status__in=(Status.PROPOSED, Status.ORDERED))
    return _standing(delimitation) and person.may(Duty.CLERK, delimitation.region_id) and not under_way.exists()


def may_confirm(correction: Announcement, person: Person) -> bool:
    """
    Return whether a person may confirm a correction (可否确认更正).

    Parameters
    ----------
    correction : Announcement
    person : Person
    """
    waits = correction.status == Status.PROPOSED and correction.by_id != person.pk
    return waits and person.may(Duty.APPROVE, correction.delimitation.region_id)


def _standing(delimitation: Delimitation) -> bool:
    """Return whether what was announced still stands: it was not sent back."""
    return delimitation.stage in SETTLED and is_approved(delimitation)


def _judged(by: Person, correction: Announcement) -> Delimitation:
    """Return the delimitation of a correction that somebody may judge, locked."""
    one = Delimitation.objects.select_for_update(of=("self",)).get(pk=correction.delimitation_id)
    if not by.may(Duty.APPROVE, one.region_id):
        raise Refusal("not-your-region", f"更正由{one.region}有批准岗位的人确认。")
    if correction.by_id == by.pk:
        raise Refusal("second-person", "自己提出的更正须由另一人确认。")
    return one


@dataclass(frozen=True)
class Row:
    """An announcement as the page shows it, with what a person may do about it (公告行)."""

    announcement: Announcement
    may_correct: bool
    may_confirm: bool
    may_decline: bool
    own: bool


def rows_of(delimitation: Delimitation, person: Person) -> list[Row]:
    """
    Return the announcements of a delimitation, the latest first (公告一览).

    Parameters
    ----------
    delimitation : Delimitation
    person : Person
    """
    may, force = may_propose(delimitation, person), announced(delimitation)
    found = delimitation.announcements.select_related("by", "confirmed_by", "corrects", "delimitation")
    rows = []
    for one in found:
        own, confirms = one.by_id == person.pk, may_confirm(one, person)
        waits = one.status == Status.PROPOSED
        rows.append(Row(one, may and one == force, confirms, confirms or (waits and own), own))
    return rows
