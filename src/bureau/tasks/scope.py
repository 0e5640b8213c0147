"""
Who sees which tasks (任务的可见范围).

A task belongs to the region of its document, and whoever sees the region sees it. Beneath, a city or a county sees those
tasks of the regions above it that name cities or counties (各县、各级、相关县 …), or an organisation of its own.
“相关县” names no county in particular, so every county sees it. Towns see no tasks of regions above them.
"""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from bureau.regions.codes import parent_code
from bureau.regions.scope import ScopedQuerySet

Row = TypeVar("Row", bound=models.Model)


class Reach(models.TextChoices):
    """How far below its own region a name of a unit reaches (单位所指范围)."""

    OWN = "own", "本级单位"
    CITIES = "cities", "各市"
    COUNTIES = "counties", "各县"
    BELOW = "below", "各市县"


REACHES = {4: (Reach.CITIES, Reach.BELOW), 6: (Reach.COUNTIES, Reach.BELOW)}
"""Names that mean a region, by the length of its prefix: a city, a county."""


def above(scope: str) -> list[str]:
    """
    Return the codes of the regions above a person's (上级区划).

    Examples
    --------
    >>> above("140928")
    ['140900', '140000', '000000']
    >>> above("")
    []
    """
    found: list[str] = []
    code = parent_code(scope.ljust(6, "0"))
    while code is not None:
        found.append(code)
        code = parent_code(code)
    return found


class TaskQuerySet(ScopedQuerySet[Row]):
    """Tasks and what hangs on them (任务数据集); ``to_task`` on the model is the path to the task, empty for itself."""

    def for_person(self, person: Any) -> Self:
        """Return what a person may see: their region's, and what names regions such as theirs (本人可见范围)."""
        scope = getattr(person, "scope", None)
        if scope is None:
            return self.none()
        if not scope:
            return self.all()
        from bureau.tasks.models.register import TaskUnit

        named = TaskUnit.objects.filter(task__register__region_id__in=above(scope)).filter(
            Q(unit__reach__in=REACHES.get(len(scope), ())) | Q(unit__organisation__region__code__startswith=scope)
        )
        to_task = getattr(self.model, "to_task", "")
        path = f"{to_task}__pk__in" if to_task else "pk__in"
        mine = Q(**{f"{self.model.region_path}__startswith": scope})  # type: ignore[attr-defined]
        return self.filter(mine | Q(**{path: named.values("task")}))


class RegisterQuerySet(ScopedQuerySet[Row]):
    """Registers, and what belongs to one as a whole (台账数据集); ``to_register`` is the path, empty for itself."""

    def for_person(self, person: Any) -> Self:
        """Return the registers of which a person sees a task at least (本人可见范围)."""
        scope = getattr(person, "scope", None)
        if scope is None:
            return self.none()
        from bureau.tasks.models.register import Task

        to_register = getattr(self.model, "to_register", "")
        path = f"{to_register}__pk__in" if to_register else "pk__in"
        mine = Q(**{f"{self.model.region_path}__startswith": scope})  # type: ignore[attr-defined]
        return self.filter(mine | Q(**{path: Task.objects.for_person(person).order_by().values("register")}))
