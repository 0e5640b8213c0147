"""What changed, told in words (变更说明): field by field, before and after, names in place of numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone

from bureau.trail.details import NOTHING, WHOLE, Item, items
from bureau.trail.events import Kind
from bureau.trail.shapes import told_shapes

ACTS = {"insert": "新增", "update": "修改", "delete": "删除"}
EMPTY: tuple[Any, ...] = (None, "", [], {})
UNKNOWN = "未知（平台以外）"
"""Who changed what no page and no job changed: somebody with the database's own password."""


@dataclass(frozen=True)
class FieldChange:
    """
    One field of a change (字段变更).

    Attributes
    ----------
    label, before, after : str
    items : tuple of Item
        What changed within it, of a field that holds many entries; ``before`` and ``after`` then count them.
    """

    label: str
    before: str
    after: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Change:
    """
    One change of one row, in words (一次变更).

    Attributes
    ----------
    at : datetime
    act, act_label : str
        ``insert``, ``update`` or ``delete``, and its Chinese word.
    kind : Kind
    pk : Any
        Key of the row.
    name : str
        What the row is called today; what it was called then, if it is gone.
    who, page, reason : str
        Who did it, from which page, and why; :data:`UNKNOWN` if nobody said.
    known : bool
        Whether it was done through the bureau.
    fields : tuple of FieldChange
    """

    at: datetime
    act: str
    act_label: str
    kind: Kind
    pk: Any
    name: str
    who: str
    page: str
    reason: str
    known: bool
    fields: tuple[FieldChange, ...]


def tell(kind: Kind, event_ids: Sequence[int]) -> dict[int, Change]:
    """
    Return the changes of some events of one kind, by the event (说明一批事件).

    Parameters
    ----------
    kind : Kind
    event_ids : sequence of int
    """
    table = kind.events.objects
    before = (
        table.filter(pgh_obj_id=models.OuterRef("pgh_obj_id"), pgh_id__lt=models.OuterRef("pgh_id"))
        .order_by("-pgh_id")
        .values("pgh_id")[:1]
    )
    events = list(
        table.filter(pgh_id__in=event_ids).select_related("pgh_context").annotate(trail_before=models.Subquery(before))
    )
    earlier = table.in_bulk(
        [e.trail_before for e in events if e.pgh_label == "update" and e.trail_before], field_name="pgh_id"
    )
    told = _fields(kind)
    raw = {e.pgh_id: _changed(told, e, earlier.get(e.trail_before)) for e in events}
    names = _names_of_related(raw.values())
    rows = _rows(kind, {e.pgh_obj_id for e in events})
    called, doers = _names(kind.model, rows), _doers(events)
    return {e.pgh_id: _change(kind, e, raw[e.pgh_id], names, called, doers) for e in events}


Raw = list[tuple[Any, Any, Any]]
"""Field, value before, value after."""


def _fields(kind: Kind) -> list[Any]:
    """Return the fields of a row that are told: all but its key."""
    own = [field for field in kind.model._meta.concrete_fields if not field.primary_key or field.remote_field]
    kept = {field.attname for field in kind.events._meta.concrete_fields}
    return [field for field in own if field.attname in kept]


def _changed(fields: list[Any], event: Any, earlier: Any) -> Raw:
    """Return the fields that an event changed, with their values."""
    found: Raw = []
    for field in fields:
        value = getattr(event, field.attname)
        if event.pgh_label == "insert":
            before, after = None, value
        elif event.pgh_label == "delete":
            before, after = value, None
        else:
            before, after = (getattr(earlier, field.attname) if earlier else None), value
        if before != after and not (before in EMPTY and after in EMPTY):
            found.append((field, before, after))
    return found


def _names_of_related(changes: Any) -> dict[tuple[Any, Any], str]:
    """Return what the rows are called that foreign keys point at, all of one model by one query."""
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for change in changes:
        for field, before, after in change:
            if field.remote_field is not None:
                wanted[field.related_model].update(key for key in (before, after) if key is not None)
    found = {model: _names(model, _bulk(model, keys)) for model, keys in wanted.items()}
    return {(model, key): name for model, names in found.items() for key, name in names.items()}


def _names(model: Any, rows: dict[Any, Any]) -> dict[Any, str]:
    """Return what rows are called; people whose name others have too, with the name that they sign in with."""
    called = {key: _called(row) for key, row in rows.items()}
    people = get_user_model()
    if model is not people or not called:
        return called
    counted = (
        people._base_manager.filter(name__in=set(called.values())).values("name").annotate(of_it=models.Count("pk"))
    )
    alike = set(counted.filter(of_it__gt=1).values_list("name", flat=True))
    return {
        key: f"{name}（{rows[key].get_username()}）" if name in alike else name for key, name in called.items()
    }  # fmt: skip


def _doers(events: list[Any]) -> dict[Any, str]:
    """Return what those who did something are called, by their key."""
    told = [_context(event).get("person") for event in events]
    people = get_user_model()
    return _names(people, _bulk(people, {key for key in told if key is not None}))


def _context(event: Any) -> dict[str, Any]:
    """Return who did something, where and why, as it was written down."""
    return event.pgh_context.metadata if event.pgh_context_id and event.pgh_context else {}


def _who(context: dict[str, Any], doers: dict[Any, str]) -> str:
    """Return who did something: by the name of that time, and the sign-in name if others have that name."""
    then, today = str(context.get("name") or UNKNOWN), doers.get(context.get("person"), "")
    return today if today.startswith(f"{then}（") else then


def _bulk(model: Any, keys: set[Any]) -> dict[Any, Any]:
    """Return rows by their key, without their shapes."""
    shapes = [f.name for f in model._meta.concrete_fields if isinstance(f, GeometryField)]
    return dict(model._base_manager.defer(*shapes).in_bulk(keys))


def _rows(kind: Kind, keys: set[Any]) -> dict[Any, Any]:
    return _bulk(kind.model, keys)


def _called(row: Any) -> str:
    """Return what a row is called; a row whose relatives are gone has its number."""
    try:
        return str(row)
    except (ObjectDoesNotExist, AttributeError, TypeError, ValueError):
        return f"编号 {row.pk}"


def _change(
    kind: Kind, event: Any, raw: Raw, names: dict[tuple[Any, Any], str], called: dict[Any, str], doers: dict[Any, str]
) -> Change:
    """Return an event in words."""
    context, name = _context(event), called.get(event.pgh_obj_id)
    if name is None:
        shared = {
            f.attname: getattr(event, f.attname) for f in kind.model._meta.concrete_fields if hasattr(event, f.attname)
        }
        name = _called(kind.model(**shared))
    return Change(
        at=event.pgh_created_at, act=event.pgh_label, act_label=ACTS.get(event.pgh_label, event.pgh_label), kind=kind,
        pk=event.pgh_obj_id, name=name, who=_who(context, doers), page=str(context.get("page") or ""),
        reason=str(context.get("reason") or ""), known=bool(context),
        fields=tuple(_field_change(f, b, a, names) for f, b, a in raw),
    )  # fmt: skip


def _field_change(field: Any, before: Any, after: Any, names: dict[tuple[Any, Any], str]) -> FieldChange:
    """Return one field in words: a shape by its size and place, entries one by one."""
    label = str(field.verbose_name)
    if isinstance(field, GeometryField):
        return FieldChange(label, *told_shapes(before, after))
    if isinstance(field, models.JSONField):
        found = items(before, after, field.name)
        if [item.label for item in found] == [WHOLE]:
            return FieldChange(label, found[0].before, found[0].after)
        return FieldChange(label, _counted(before), _counted(after), found)
    return FieldChange(label, _word(field, before, names), _word(field, after, names))


def _counted(value: Any) -> str:
    """Return how many entries there are."""
    return f"{len(value)} 项" if isinstance(value, (dict, list)) and value else NOTHING


def _word(field: Any, value: Any, names: dict[tuple[Any, Any], str]) -> str:
    """Return a value of a field in words."""
    if value is None or value == "":
        return NOTHING
    if field.remote_field is not None:
        return names.get((field.related_model, value), f"编号 {value}（已不存在）")
    if isinstance(field, ArrayField) and isinstance(value, list):
        return "、".join(_word(field.base_field, item, names) for item in value) or NOTHING
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _plain(value)


def _plain(value: Any) -> str:
    """Return a value in words, whatever its field."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        return f"{value:.10g}"
    if hasattr(value, "name") and hasattr(value, "storage"):
        return PurePath(value.name or "").name or NOTHING
    return str(value)
