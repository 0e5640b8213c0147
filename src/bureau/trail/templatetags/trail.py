"""The history of a thing on its own page (对象变更记录): ``{% history patch %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models

from bureau.access import Duty
from bureau.trail.events import kind_of
from bureau.trail.selectors import history as changes_of

register = template.Library()


@register.inclusion_tag("trail/history.html", takes_context=True)
def history(context: dict[str, Any], row: models.Model, count: int = 10) -> dict[str, Any]:
    """
    Show the latest changes of a row that the page has shown already (变更记录).

    Parameters
    ----------
    context : dict
    row : Model
        A row of a tracked model.
    count : int
        How many changes at most.
    """
    found = changes_of(row, count=count + 1)
    person = getattr(context.get("request"), "user", None)
    administers = bool(person and person.is_authenticated and person.has_any_duty([Duty.ADMINISTER]))
    shown = {"changes": found[:count], "more": len(found) > count, "row": row, "kind": kind_of(row)}
    return {**shown, "administers": administers}
