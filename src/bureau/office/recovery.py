"""
Ways back in (恢复登录业务): a lost phone, a forgotten password.

An administrator of the person's region gives them, with a reason that stays. No one hand gives both within a week: whoever
could would sign in as anybody who approves.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from bureau.access import Duty
from bureau.office.adapter import counted_name
from bureau.office.models import Person, Recovery
from bureau.office.services import access_ended, hash_of
from bureau.refusal import Refusal

LINK_HOURS = 24
"""Hours in which a link to a new password can be used (chosen)."""
APART = timedelta(days=7)
"""How far apart one administrator's reset of a password and of a second factor must be (chosen)."""


@transaction.atomic
def reset_second_factor(*, by: Person, person: Person, reason: str, now: datetime) -> Recovery:
    """
    Take off a second factor that was lost; its owner sets up a new one when they next sign in (重置第二因子).

    Raises
    ------
    Refusal
        If it is one's own, not a person of one's region, without a reason, or the same hand gave a new password lately.
    """
    _check(by=by, person=person, reason=reason, kind=Recovery.Kind.FACTOR, now=now)
    if not Authenticator.objects.filter(user=person).delete()[0]:
        raise Refusal("no-factor", f"{person} 没有启用第二因子，无需重置；其下次登录时会被要求设置。")
    return Recovery.objects.create(person=person, kind=Recovery.Kind.FACTOR, reason=reason.strip(), by=by, at=now)


@transaction.atomic
def offer_new_password(*, by: Person, person: Person, reason: str, now: datetime) -> tuple[Recovery, str]:
    """
    Give somebody a link to a new password; the old one holds until the link is used (重置口令).

    Returns
    -------
    recovery : Recovery
    token : str
        Secret part of the link; it is not kept, only its hash is.

    Raises
    ------
    Refusal
        If it is one's own, not a person of one's region, without a reason, or the same hand took off the second factor
        lately.
    """
    _check(by=by, person=person, reason=reason, kind=Recovery.Kind.PASSWORD, now=now)
    if not person.is_active:
        raise Refusal("deactivated", f"{person} 已停用，不能重置口令；请先启用。")
    Recovery.objects.filter(person=person, kind=Recovery.Kind.PASSWORD, used=None, expires__gt=now).update(expires=now)
    token = secrets.token_urlsafe(32)
    made = Recovery.objects.create(
        person=person, kind=Recovery.Kind.PASSWORD, reason=reason.strip(), by=by, at=now, token_hash=hash_of(token),
        expires=now + timedelta(hours=LINK_HOURS),
    )  # fmt: skip
    return made, token


def open_recovery(*, token: str, now: datetime) -> Recovery:
    """
    Return the recovery of a token (取恢复链接).

    Raises
    ------
    Refusal
        If there is none that can still be used: unknown, expired and used ones are refused alike.
    """
    found = (
        Recovery.objects.select_related("person")
        .filter(token_hash=hash_of(token), used=None, expires__gt=now, person__is_active=True)
        .first()
    )
    if found is None:
        raise Refusal("link-not-valid", "重置链接无效或已过期；请向本机构管理员索取新的链接。")
    return found


@transaction.atomic
def renew_password(*, token: str, password: str, now: datetime) -> Person:
    """
    Set the password that its owner chose; sessions and tokens under the old one end, a lock is lifted (设置新口令).

    Raises
    ------
    Refusal
        If the link cannot be used.
    django.core.exceptions.ValidationError
        If the password is too weak.
    """
    recovery = open_recovery(token=token, now=now)
    person = recovery.person
    validate_password(password, person)
    if Recovery.objects.filter(pk=recovery.pk, used=None).update(used=now) != 1:
        raise Refusal("link-not-valid", "重置链接已被使用；请用新口令登录。")
    person.set_password(password)
    person.save(update_fields=["password"])
    reset(username=counted_name(person.username))
    access_ended.send(Person, person=person)
    return person


def _check(*, by: Person, person: Person, reason: str, kind: Recovery.Kind, now: datetime) -> None:
    """Refuse what is the same for both ways."""
    if person.pk == by.pk:
        raise Refusal("oneself", "不能为自己办理；请由另一位管理员办理，口令可在“改口令”页自行修改。")
    if not by.may(Duty.ADMINISTER, person.organisation.region_id):
        raise Refusal("not-your-region", f"{person} 不在您的管理范围内，不能办理。")
    if not reason.strip():
        raise Refusal("no-reason", "没有填写事由；请写明核实本人身份的方式和原因。")
    other = Recovery.objects.filter(person=person, by=by, at__gt=now - APART).exclude(kind=kind)
    if other.exists():
        raise Refusal(
            "same-hand",
            f"您在 {APART.days} 天内已为 {person} 办理过另一项重置；为防冒用，口令和第二因子须由两位管理员分别办理，"
            "请找本机构另一位管理员或上级机构管理员。",
        )
