"""Everything that writes tokens and webhooks (接口业务)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from bureau.access import Duty
from bureau.interfaces.addresses import refuse_address
from bureau.interfaces.models import Event, Token, Webhook
from bureau.interfaces.webhook_secrets import as_kept
from bureau.office.models import Organisation, Person
from bureau.office.services import hash_of
from bureau.refusal import Refusal

MOST_DAYS, MOST_TOKENS = 366, 20
"""Days that a token may hold, and tokens that a person may have at a time (chosen)."""


@transaction.atomic
def make_token(*, person: Person, name: str, days: int, now: datetime) -> tuple[Token, str]:
    """
    Make a token for oneself (建立令牌).

    Parameters
    ----------
    person : Person
    name : str
        What it is for.
    days : int
        Days it holds.
    now : datetime

    Returns
    -------
    token : Token
    secret : str
        What the program sends; only its hash is kept.

    Raises
    ------
    Refusal
        If the days are out of bounds, or one has too many.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("wrong-days", f"有效期 {days} 天不可用；应为 1～{MOST_DAYS} 天。")
    if person.tokens.filter(ended=None, expires__gt=now).count() >= MOST_TOKENS:
        raise Refusal("too-many", f"您已有 {MOST_TOKENS} 个有效令牌；请先撤销不用的。")
    secret = f"sb_{secrets.token_urlsafe(32)}"
    made = Token.objects.create(
        person=person, name=name, token_hash=hash_of(secret), made=now, expires=now + timedelta(days=days)
    )
    return made, secret


@transaction.atomic
def end_token(*, person: Person, token: Token, now: datetime) -> None:
    """
    End a token of one's own, or of a person of one's region if one administers it (撤销令牌).

    Raises
    ------
    Refusal
        If it is not theirs, or is ended.
    """
    if token.person_id != person.pk and not person.may(Duty.ADMINISTER, token.person.organisation.region_id):
        raise Refusal("not-yours", "只能撤销自己的令牌；他人的令牌由其机构管理员撤销。")
    if not Token.objects.filter(pk=token.pk, ended=None).update(ended=now):
        raise Refusal("ended", "这个令牌已经撤销。")


def end_tokens_of(*, person: Person, now: datetime) -> int:
    """End every token of somebody whose access others ended (撤销全部令牌); return how many there were."""
    return person.tokens.filter(ended=None).update(ended=now)


@transaction.atomic
def make_webhook(
    *, by: Person, organisation: Organisation, address: str, subjects: Sequence[str], now: datetime
) -> tuple[Webhook, str]:
    """
    Let an address be told when something happens (建立推送).

    Parameters
    ----------
    by : Person
        Administers the organisation's region.
    organisation : Organisation
        Of whose region the subjects are told.
    address : str
        ``https`` or ``http``; see :mod:`bureau.interfaces.addresses`.
    subjects : sequence of Event
    now : datetime

    Returns
    -------
    webhook : Webhook
    secret : str
        With which each message is signed; shown once, and kept encrypted, for signing needs it.

    Raises
    ------
    Refusal
        If they may not, the address is none that may be told, or no event is chosen.
    """
    if not by.may(Duty.ADMINISTER, organisation.region_id):
        raise Refusal("not-your-region", f"{organisation} 不在您的管理范围内。")
    if not subjects or not set(subjects) <= set(Event.values):
        raise Refusal("no-event", "没有选择事件；请至少选一项。")
    refuse_address(address)
    if Webhook.objects.filter(organisation=organisation, address=address).exists():
        raise Refusal("there-already", "这个地址已经登记过。")
    secret = secrets.token_hex(32)
    made = Webhook.objects.create(
        organisation=organisation, address=address, subjects=sorted(subjects), secret=as_kept(secret), by=by, made=now
    )
    return made, secret


@transaction.atomic
def switch_webhook(*, by: Person, webhook: Webhook) -> None:
    """
    Stop telling an address, or tell it again (停用与启用推送).

    Raises
    ------
    Refusal
        If it is not of one's region.
    """
    if not by.may(Duty.ADMINISTER, webhook.organisation.region_id):
        raise Refusal("not-your-region", "这个推送不在您的管理范围内。")
    Webhook.objects.filter(pk=webhook.pk).update(active=not webhook.active)
