"""
Whose eyes reach how far (数据范围): a person sees the region of their organisation and every region within it.

Scope is one-way: a province sees its counties, a county sees itself. Every query set of what belongs to a region is
asked through :meth:`ScopedQuerySet.for_person`; tests hold that no view reads otherwise.
"""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar

from django.db import models

from bureau.regions.codes import prefix_of

Row = TypeVar("Row", bound=models.Model)


class Scoped(Protocol):
    """Somebody whose sight is bounded by a region (受数据范围约束者)."""

    @property
    def scope(self) -> str | None:
        """Return the prefix of the region codes they may see; None for nobody's land at all."""


class ScopedQuerySet(models.QuerySet[Row]):
    """
    Rows that belong to regions (按行政区划的数据集).

    A model names the column that holds the region's code by ``region_path``, ``region__code`` if it does not say.
    """

    def for_person(self, person: Scoped | Any) -> Self:
        """
        Return the rows whose region the person may see (本人可见范围).

        Parameters
        ----------
        person : Person
            Whoever asks; nobody who is not signed in sees anything.
        """
        scope = getattr(person, "scope", None)
        if scope is None:
            return self.none()
        return self.within(scope)

    def within(self, prefix_or_code: str) -> Self:
        """
        Return the rows of a region and of all within it (辖区内).

        Parameters
        ----------
        prefix_or_code : str
            Region code or its prefix; the empty string is the nation.
        """
        prefix = prefix_of(prefix_or_code) if len(prefix_or_code) >= 6 else prefix_or_code
        if not prefix:
            return self.all()
        return self.filter(**{f"{region_path(self.model)}__startswith": prefix})


def region_path(model: type[models.Model]) -> str:
    """Return the path to the region code of a model's rows (区划代码字段)."""
    return str(getattr(model, "region_path", "region__code"))
