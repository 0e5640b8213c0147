"""Reminders by mail (邮件提醒): each morning one message to whoever has new ones, where the server can send mail."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string

from bureau.office.models import Person
from bureau.tasks.models import MailChoice, Notice

logger = logging.getLogger(__name__)
FRESH = timedelta(days=3)
"""Older reminders are not mailed (chosen): a server that gets its mail set up does not send what people have long seen."""
LISTED = 40
"""How many reminders one message lists (chosen); the rest is told as a number."""


def mails_are_sent() -> bool:
    """Return whether this installation sends mail (是否能发邮件)."""
    return bool(settings.BUREAU_MAIL)


def wants_mail(person: Person) -> bool:
    """Return whether a person gets reminders by mail: unless they said no, if they have an address (是否接收)."""
    return bool(person.email) and not MailChoice.objects.filter(person=person, wanted=False).exists()


def choose(*, by: Person, wanted: bool) -> None:
    """Take down whether a person wants reminders by mail (选择是否接收)."""
    MailChoice.objects.update_or_create(person=by, defaults={"wanted": wanted})


def send(*, now: datetime) -> int:
    """
    Send each person the reminders that are new, in one message (发提醒邮件).

    Parameters
    ----------
    now : datetime

    Returns
    -------
    int
        Messages that were sent; an address that is refused is left out and logged, and tried again the next day.

    Raises
    ------
    OSError, smtplib.SMTPException
        If the server of mail does not take messages at all; what was sent until then stays sent.
    """
    due = Notice.objects.filter(mailed=None, read=None, at__gte=now - FRESH, person__is_active=True)
    due = due.exclude(person__email="").exclude(person__in=MailChoice.objects.filter(wanted=False).values("person"))
    people = list(Person.objects.filter(pk__in=due.order_by().values("person")).order_by("pk"))
    if not people:
        return 0
    with get_connection(timeout=20) as connection:
        return sum(_send_to(person, connection, now) for person in people)


def _send_to(person: Person, connection: BaseEmailBackend, now: datetime) -> bool:
    """Send a person's message, and take down that it was sent; return whether it was."""
    with transaction.atomic():
        mine = Notice.objects.select_for_update(of=("self",), skip_locked=True)
        mine = mine.filter(person=person, mailed=None, read=None, at__gte=now - FRESH)
        notices = list(mine.select_related("due__task__register").order_by("on", "pk"))
        if not notices:
            return False
        try:
            message_of(person, notices, connection).send()
        except SMTPRecipientsRefused:
            logger.warning("提醒邮件：%s 的地址被邮件服务器拒收，请管理员核对其电子邮箱", person.username)
            return False
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed=now)
    return True


def message_of(person: Person, notices: Sequence[Notice], connection: BaseEmailBackend | None = None) -> EmailMessage:
    """
    Return the message that tells a person of reminders (提醒邮件).

    Parameters
    ----------
    person : Person
    notices : sequence of Notice
        At least one, the first due first.
    connection : BaseEmailBackend, optional
        What sends it.
    """
    late = sum(notice.kind == Notice.Kind.LATE for notice in notices)
    told = [f"{len(notices) - late} 项即将到期"] * (late < len(notices)) + [f"{late} 项已过期限"] * bool(late)
    words = {
        "person": person, "notices": notices[:LISTED], "more": max(0, len(notices) - LISTED),
        "address": settings.BUREAU_ADDRESS,
    }  # fmt: skip
    text = render_to_string("tasks/reminder.txt", words)
    return EmailMessage(f"水保平台提醒：{'，'.join(told)}", text, to=[person.email], connection=connection)
