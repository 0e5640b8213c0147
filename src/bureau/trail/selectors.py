"""What is read of the audit trail (留痕查询)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Value
from django.utils import timezone

from bureau.trail.events import Kind, kind_of, kinds
from bureau.trail.telling import Change, tell

BATCH = 500
"""Events that are read at a time for an export."""


@dataclass(frozen=True)
class Wanted:
    """
    Which changes are asked for (留痕筛选); what is empty does not narrow.

    Attributes
    ----------
    kind : str
        Word of a kind.
    pk : str
        Key of a row of that kind.
    act : str
        ``insert``, ``update`` or ``delete``.
    who : str
        Part of a name; ``-`` for changes from outside the bureau.
    since, until : date or None
        Days, both included.
    """

    kind: str = ""
    pk: str = ""
    act: str = ""
    who: str = ""
    since: date | None = None
    until: date | None = None


def changes(*, person: Any, wanted: Wanted, start: int = 0, count: int = 50) -> list[Change]:
    """
    Return the changes in somebody's scope, the latest first (辖区变更).

    Parameters
    ----------
    person : Person
        Whoever asks; their region bounds what they see.
    wanted : Wanted
    start, count : int
        How many are passed over, and how many are returned at most.
    """
    known = kinds()
    chosen = [known[wanted.kind]] if wanted.kind in known else ([] if wanted.kind else list(known.values()))
    scope = getattr(person, "scope", None)
    parts = []
    for kind in chosen:
        found = _narrowed(kind.seen_by(scope), kind, wanted).order_by("-pgh_id")
        marked = found.annotate(trail_kind=Value(kind.key, models.TextField()))
        parts.append(marked.values_list("pgh_created_at", "pgh_id", "trail_kind")[: start + count])
    return _told(parts, start, count)


def history(row: models.Model, *, count: int = 20) -> list[Change]:
    """
    Return the changes of one row, the latest first; whoever asks may see the row (对象变更记录).

    Parameters
    ----------
    row : Model
    count : int
        How many at most.
    """
    kind = kind_of(row)
    if kind is None:
        return []
    ids = list(
        kind.events.objects.filter(pgh_obj_id=row.pk).order_by("-pgh_id").values_list("pgh_id", flat=True)[:count]
    )
    told = tell(kind, ids)
    return [told[event] for event in ids]


def all_changes(*, person: Any, wanted: Wanted, most: int) -> Iterator[Change]:
    """
    Yield the changes for an export, the latest first (导出变更).

    Parameters
    ----------
    person : Person
    wanted : Wanted
    most : int
        How many at most.
    """
    start = 0
    while start < most:
        batch = changes(person=person, wanted=wanted, start=start, count=min(BATCH, most - start))
        yield from batch
        if len(batch) < BATCH:
            return
        start += len(batch)


def _narrowed(events: models.QuerySet[Any], kind: Kind, wanted: Wanted) -> models.QuerySet[Any]:
    """Return the events that are asked for."""
    if wanted.pk:
        try:
            events = events.filter(pgh_obj_id=kind.model._meta.pk.to_python(wanted.pk))
        except Exception:  # noqa: BLE001 - whatever the key's own type says of nonsense: there is no such row
            return events.none()
    if wanted.act:
        events = events.filter(pgh_label=wanted.act)
    if wanted.who == "-":
        events = events.filter(pgh_context=None)
    elif wanted.who:
        events = events.filter(pgh_context__metadata__name__icontains=wanted.who)
    if wanted.since:
        events = events.filter(pgh_created_at__gte=_midnight(wanted.since))
    if wanted.until:
        events = events.filter(pgh_created_at__lt=_midnight(wanted.until + timedelta(days=1)))
    return events


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _told(parts: list[Any], start: int, count: int) -> list[Change]:
    """Return the changes of several kinds of events, merged by time."""
    if not parts:
        return []
    together = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    rows = sorted(together, reverse=True)[start : start + count]
    by_kind: dict[str, list[int]] = defaultdict(list)
    for _, event, key in rows:
        by_kind[key].append(event)
    known = kinds()
    told = {(key, event): change for key, ids in by_kind.items() for event, change in tell(known[key], ids).items()}
    return [told[key, event] for _, event, key in rows]
