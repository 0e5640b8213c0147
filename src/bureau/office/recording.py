"""Writing down what happens at the door (登录留痕): whoever signs in, is refused, locked out, or changes a factor."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pghistory
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from bureau.office.adapter import address_of
from bureau.office.models import Person, SignIn

What = SignIn.What
NOTED: tuple[tuple[Signal, str], ...] = (
    (user_logged_in, What.IN),
    (user_logged_out, What.OUT),
    (user_login_failed, What.REFUSED),
    (user_locked_out, What.LOCKED),
    (authentication_failed, What.CODE),
    (authenticator_added, What.FACTOR_ON),
    (authenticator_removed, What.FACTOR_OFF),
    (authenticator_reset, What.FACTOR_NEW),
    (password_changed, What.PASSWORD),
)
"""Signals of Django, allauth and axes, and what each says."""


def note(*, what: str, person: Person | None, request: HttpRequest | None) -> SignIn:
    """
    Write down what happened at the door (记一笔).

    Parameters
    ----------
    what : SignIn.What
    person : Person or None
        None where the name that was typed is nobody's; the name itself is not kept.
    request : HttpRequest or None
    """
    known = what not in (What.REFUSED, What.LOCKED, What.CODE) and person is not None
    who = pghistory.context(person=person.pk, name=str(person)) if known and person else nullcontext()
    with who:
        return SignIn.objects.create(
            what=what, person=person, region_id=person.organisation.region_id if person else None,
            address=address_of(request) if request is not None else None, at=timezone.now(),
        )  # fmt: skip


def _person_of(given: dict[str, Any]) -> Person | None:
    """Return whom a signal is about."""
    who = given.get("user")
    if isinstance(who, Person):
        return who
    name = given.get("username") or (given.get("credentials") or {}).get("username")
    return Person.objects.of_sign_in_name(name) if isinstance(name, str) else None


def _listener(what: str) -> Any:
    def listen(sender: Any, request: HttpRequest | None = None, **given: Any) -> None:
        person = _person_of(given)
        if what == What.OUT and person is None:
            return  # nobody was signed in
        codes = getattr(given.get("authenticator"), "type", None) == Authenticator.Type.RECOVERY_CODES
        if codes and what == What.FACTOR_OFF:
            return  # they go with the factor
        note(what=What.FACTOR_NEW if codes and what == What.FACTOR_ON else what, person=person, request=request)

    return listen


def listen_at_the_door() -> None:
    """Write down what the signals tell (接上信号)."""
    for signal, what in NOTED:
        signal.connect(_listener(what), weak=False, dispatch_uid=f"bureau.office.{what}")
