"""Everything that writes organisations and people (机构人员业务)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.dispatch import Signal

from bureau.access import Duty
from bureau.office.models import Appointment, Invitation, Organisation, Person
from bureau.refusal import Refusal
from bureau.regions.models import Region

access_ended = Signal()
"""Sent within the transaction in which a person (``person``) is deactivated or given a new password by others."""
INVITATION_DAYS = 7
"""Days in which an invitation can be accepted (chosen)."""


@transaction.atomic
def invite(
    *, by: Person, organisation: Organisation, username: str, name: str, duties: Sequence[str], now: datetime,
    title: str = "", phone: str = "", email: str = "",
) -> tuple[Invitation, str]:  # fmt: skip
    """
    Invite a person to an organisation (邀请).

    Parameters
    ----------
    by : Person
        Administers the region of the organisation.
    organisation : Organisation
    username, name : str
        Sign-in name and name.
    duties : sequence of Duty
        What they will be appointed to.
    now : datetime
    title, phone, email : str
        What is known of them; it is written down when they accept.

    Returns
    -------
    invitation : Invitation
    token : str
        Secret part of the link; it is not kept, only its hash is.

    Raises
    ------
    Refusal
        If the inviter does not administer that region, the name is taken, or no duty is given.
    """
    if not by.may(Duty.ADMINISTER, organisation.region_id):
        raise Refusal(
            "not-your-region", f"{organisation} 不在您的管理范围内，不能邀请其人员；请由其上级机构的管理员邀请。"
        )
    if not organisation.active:
        raise Refusal("organisation-closed", f"{organisation} 已停用，不能邀请人员；请先启用该机构。")
    if not duties or not set(duties) <= set(Duty.values):
        raise Refusal("no-duty", "没有选择岗位；请至少选择一个岗位。")
    username = Person.normalize_username(username)
    open_ones = Invitation.objects.filter(accepted=None, withdrawn=None, expires__gt=now)
    if Person.objects.of_sign_in_name(username) or open_ones.filter(username__iexact=username).exists():
        raise Refusal("username-taken", f"登录名“{username}”已有人使用或已被邀请（不分大小写）；请换一个登录名。")
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organisation=organisation, username=username, name=name, duties=sorted(duties), token_hash=hash_of(token),
        by=by, sent=now, expires=now + timedelta(days=INVITATION_DAYS), title=title, phone=phone, email=email,
    )  # fmt: skip
    return invitation, token


def hash_of(token: str) -> str:
    """Return what is kept of a token (令牌摘要)."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(*, token: str, now: datetime) -> Invitation:
    """
    Return the invitation of a token (取邀请).

    Raises
    ------
    Refusal
        If there is none that can still be accepted: unknown, expired, withdrawn and used ones are refused alike.
    """
    found = Invitation.objects.select_related("organisation").filter(token_hash=hash_of(token)).first()
    if found is None or not found.open_at(now):
        raise Refusal("invitation-not-valid", "邀请链接无效或已过期；请向邀请您的管理员索取新的链接。")
    return found


@transaction.atomic
def accept(*, token: str, password: str, now: datetime, today: date) -> Person:
    """
    Accept an invitation: the person is made and appointed (接受邀请).

    Raises
    ------
    Refusal
        If the invitation is not valid.
    django.core.exceptions.ValidationError
        If the password is too weak.
    """
    invitation = open_invitation(token=token, now=now)
    validate_password(password, Person(username=invitation.username, name=invitation.name))
    if Invitation.objects.filter(pk=invitation.pk, accepted=None).update(accepted=now) != 1:
        raise Refusal("invitation-not-valid", "邀请已被接受；请直接登录。")
    person = Person.objects.make(
        username=invitation.username, name=invitation.name, organisation=invitation.organisation, password=password,
        title=invitation.title, phone=invitation.phone, email=invitation.email,
    )  # fmt: skip
    for duty in invitation.duties:
        Appointment.objects.create(person=person, duty=duty, since=today)
    Invitation.objects.filter(pk=invitation.pk).update(person=person)
    return person


@transaction.atomic
def withdraw(*, by: Person, invitation: Invitation, now: datetime) -> None:
    """
    Withdraw an invitation (撤回邀请).

    Raises
    ------
    Refusal
        If it was accepted or withdrawn before, or is not theirs to withdraw.
    """
    if not by.may(Duty.ADMINISTER, invitation.organisation.region_id):
        raise Refusal("not-your-region", "这份邀请不在您的管理范围内，不能撤回。")
    if not Invitation.objects.filter(pk=invitation.pk, accepted=None, withdrawn=None).update(withdrawn=now):
        raise Refusal("invitation-closed", "邀请已被接受或撤回，不能再撤回；如需停用人员，请在人员页停用。")


@transaction.atomic
def keep_organisation(
    *,
    by: Person,
    organisation: Organisation | None,
    name: str,
    region: Region,
    kind: str,
    above: Organisation | None,
    active: bool = True,
) -> Organisation:
    """
    Make an organisation, or change one (保存机构).

    Raises
    ------
    Refusal
        If it is, or would be, outside one's region; if it would stand above itself; if it is closed with people in it.
    """
    regions = [region.code] + ([organisation.region_id] if organisation else [])
    if not all(by.may(Duty.ADMINISTER, code) for code in regions):
        raise Refusal("not-your-region", f"{region.name} 不在您的管理范围内，不能设置其机构；请由上级管理员办理。")
    at = above
    while at is not None:
        if organisation is not None and at.pk == organisation.pk:
            raise Refusal("above-itself", f"{above} 是 {organisation} 自己或其下级，不能作它的上级；请另选上级机构。")
        at = at.above
    twins = Organisation.objects.filter(region=region, name=name)
    if organisation is not None:
        twins = twins.exclude(pk=organisation.pk)
    if twins.exists():
        raise Refusal("name-taken", f"{region.name} 已有机构“{name}”；请换一个名称，或修改已有的机构。")
    if organisation is not None and not active:
        left = organisation.people.filter(is_active=True).count()
        if left:
            raise Refusal("has-people", f"{organisation} 还有 {left} 名在用人员，不能停用；请先停用这些人员。")
    kept = organisation or Organisation()
    kept.name, kept.region, kept.kind, kept.above, kept.active = name, region, kind, above, active
    kept.save()
    return kept


@transaction.atomic
def deactivate(*, by: Person, person: Person) -> None:
    """
    Deactivate a person: their sessions end with their next request, their tokens at once, what they did stays (停用人员).

    Raises
    ------
    Refusal
        If it is oneself, or not a person of one's region.
    """
    if person.pk == by.pk:
        raise Refusal("oneself", "不能停用自己；请由另一位管理员操作。")
    if not by.may(Duty.ADMINISTER, person.organisation.region_id):
        raise Refusal("not-your-region", f"{person} 不在您的管理范围内，不能停用。")
    Person.objects.filter(pk=person.pk).update(is_active=False)
    access_ended.send(Person, person=person)


@transaction.atomic
def reactivate(*, by: Person, person: Person) -> None:
    """Let a person sign in again (启用人员). Refuses as :func:`deactivate` does."""
    if not by.may(Duty.ADMINISTER, person.organisation.region_id):
        raise Refusal("not-your-region", f"{person} 不在您的管理范围内，不能启用。")
    Person.objects.filter(pk=person.pk).update(is_active=True)


@transaction.atomic
def appoint(*, by: Person, person: Person, duties: Sequence[str], today: date) -> None:
    """
    Let a person have some duties from today, and no others (任免岗位).

    Raises
    ------
    Refusal
        If it is not a person of one's region, or one would take one's own administering away.
    """
    if not by.may(Duty.ADMINISTER, person.organisation.region_id):
        raise Refusal("not-your-region", f"{person} 不在您的管理范围内，不能任免。")
    if person.pk == by.pk and Duty.ADMINISTER not in duties:
        raise Refusal("oneself", "不能免去自己的机构管理岗位；请由另一位管理员操作。")
    now = {a.duty: a for a in person.appointments.in_force(today)}
    for duty in sorted(set(now) - set(duties)):
        ended = now[duty]
        if ended.since >= today:
            ended.delete()
        else:
            Appointment.objects.filter(pk=ended.pk).update(until=today - timedelta(days=1))
    for duty in sorted(set(duties) - set(now)):
        Appointment.objects.create(person=person, duty=duty, since=today)
    person.__dict__.pop("duties", None)
