"""The history of a thing on its own page (对象变更记录): ``{% history patch %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bureau.access import Duty
from bureau.trail.details import DIGEST
from bureau.trail.events import kind_of
from bureau.trail.selectors import history as changes_of

register = template.Library()
LONGEST, BEGINNING = 160, 60
"""Characters that are shown at once, and those that are if there are more (chosen)."""


@register.simple_tag
def folded(words: str) -> str | SafeString:
    """Return a text; a long one by its beginning, to be opened (折叠长文本)."""
    if DIGEST.fullmatch(words):
        return format_html('<span title="{}">{}…</span>', words, words[:12])
    if len(words) <= LONGEST:
        return words
    return format_html(
        '<details class="trail-long"><summary>{}…（共 {} 字）</summary><span>{}</span></details>', words[:BEGINNING],
        len(words), words,
    )  # fmt: skip


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
