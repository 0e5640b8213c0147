"""
Which rows are tracked, and whose they are (留痕事件).

For every tracked model there is a table of events, filled by triggers of the database: what changed it, a page, a job, an
``update()`` or somebody's SQL, makes no difference. An event belongs to the region that its row had at that time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

REGIONLESS_PREFIX = 2
"""Longest scope, in digits, that sees events of rows without a region: the nation and the provinces (chosen)."""


@dataclass(frozen=True)
class Kind:
    """
    A kind of rows that are tracked (对象类型).

    Attributes
    ----------
    model, events : type
        The model of the rows, and that of their events.
    """

    model: type[models.Model]
    events: type[Any]

    @property
    def key(self) -> str:
        """Return the word for it in addresses (类型代号)."""
        return self.model._meta.label_lower

    @property
    def label(self) -> str:
        """Return its Chinese name (类型名称)."""
        return str(self.model._meta.verbose_name)

    @property
    def path(self) -> str | None:
        """Return the path from an event to the code of its row's region; None for rows without one (区划路径)."""
        named = getattr(self.model, "region_path", None) or ("region__code" if _has(self.model, "region") else None)
        if named is None:
            return None
        named = f"{named.removesuffix('_id')}__code" if named.endswith("region_id") else named
        first = named.split("__")[0]
        return named if _has(self.events, first) else f"pgh_obj__{named}"

    def seen_by(self, scope: str | None) -> models.QuerySet[Any]:
        """
        Return the events that somebody may see (可见事件).

        Parameters
        ----------
        scope : str or None
            What the codes of their regions begin with; None for nobody.
        """
        found: models.QuerySet[Any] = self.events.objects.all()
        if scope is None:
            return found.none()
        if self.path is None:
            return found if len(scope) <= REGIONLESS_PREFIX else found.none()
        if not scope:
            return found
        theirs = models.Q(**{f"{self.path}__startswith": scope})
        if self.path == "region__code" and len(scope) <= REGIONLESS_PREFIX and _may_lack_region(self.events):
            theirs |= models.Q(region_id=None)
        return found.filter(theirs)


def _may_lack_region(events: Any) -> bool:
    """Return whether rows of this kind may have no region: null in an event is then no row that is gone."""
    return bool(events.pgh_tracked_model._meta.get_field("region").null)


def _has(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def kinds() -> dict[str, Kind]:
    """Return all kinds of rows that are tracked, by their word (全部类型)."""
    tables: list[Any] = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
    found = [Kind(table.pgh_tracked_model, table) for table in tables if table.pgh_tracked_model is not None]
    return {kind.key: kind for kind in sorted(found, key=lambda kind: kind.label)}


def kind_of(row: models.Model) -> Kind | None:
    """
    Return the kind of a row; None if its model is not tracked (对象的类型).

    Parameters
    ----------
    row : Model
    """
    return kinds().get(row._meta.label_lower)
