"""Tokens of people whose access ends (令牌随人): deactivated, or given a new password by others."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from bureau.interfaces import services
from bureau.office.models import Person
from bureau.office.services import access_ended


def listen() -> None:
    """Hear of people whose access ends (登记)."""
    access_ended.connect(end_theirs, dispatch_uid="interfaces.access_ended")


def end_theirs(person: Person, **kwargs: Any) -> None:
    """End their tokens (撤销其令牌)."""
    services.end_tokens_of(person=person, now=timezone.now())
