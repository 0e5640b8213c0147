"""
The layers that interfaces hand out (图层): each a query of what is in force, bounded by who asks.

OGC API Features and WFS read this one table. Of results that overlap, those are handed out that count
(:mod:`bureau.publications.counting`); watersheds and patches of an earlier year are layers of their own, named by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from bureau.office.models import Person
from bureau.publications.counting import patch_publications, that_count, years_of
from bureau.publications.models import Kind, Patch, Status, Theme, Watershed, Zone
from bureau.regions.models import Region


@dataclass(frozen=True)
class Layer:
    """
    A layer (图层).

    Attributes
    ----------
    id, title, description : str
    rows : callable
        Takes a person, returns the rows that they may see.
    geometry : str
        Field of the geometry.
    fields : dict of str to str
        Names of the properties, and the fields that hold them.
    """

    id: str
    title: str
    description: str
    rows: Callable[[Person], QuerySet[Any]]
    geometry: str
    fields: dict[str, str]


def _regions(person: Person) -> QuerySet[Any]:
    return Region.objects.filter(code__startswith=person.scope, border__isnull=False).order_by("code")


def _watersheds(year: int | None = None) -> Callable[[Person], QuerySet[Any]]:
    """Return the question for the watersheds of a year; of each county's latest if none is given."""

    def rows(person: Person) -> QuerySet[Any]:
        found = Watershed.objects.for_person(person).filter(publication__status=Status.PUBLISHED)
        if year is not None:
            found = found.filter(publication__year=year)
        return (
            that_count(found, person.scope, latest=year is None).select_related("county", "publication").order_by("pk")
        )

    return rows


def _zones(theme: str) -> Callable[[Person], QuerySet[Any]]:
    def rows(person: Person) -> QuerySet[Any]:
        found = Zone.objects.for_person(person).filter(publication__status=Status.PUBLISHED, theme=theme)
        return that_count(found, person.scope).select_related("county", "publication").order_by("pk")

    return rows


_ZONE_FIELDS = {
    "code": "code", "name": "name", "kind": "kind", "level": "level", "county": "county_id", "county_name": "county.name",
    "town": "town", "area_m2": "area_m2", "basis": "basis", "year": "publication.year", "version": "publication.version",
    "simulated": "publication.simulated",
}  # fmt: skip


def _patches(year: int | None = None) -> Callable[[Person], QuerySet[Any]]:
    """Return the question for the patches of a year; of the latest there is if none is given."""

    def rows(person: Person) -> QuerySet[Any]:
        shown = [p for p in patch_publications(person.scope or "", year) if year in (None, p.year)]
        found = Patch.objects.for_person(person).filter(publication__in=shown)
        return that_count(found, person.scope).select_related("county", "publication").order_by("pk")

    return rows


_CODES = "代码所指见文档“成果”一章的字典（草案）"
_WATERSHED_FIELDS = {
    "code": "code", "name": "name", "type": "type", "county": "county_id", "county_name": "county.name",
    "down_code": "down_code", "area_m2": "area_m2", "eroded_m2": "eroded_m2", "soil_loss_t": "soil_loss_t",
    "year": "publication.year", "version": "publication.version", "simulated": "publication.simulated",
}  # fmt: skip
_PATCH_FIELDS = {
    "number": "number", "county": "county_id", "county_name": "county.name", "type": "type", "change": "change",
    "state": "state", "compliance": "compliance", "confirmed": "confirmed", "verdict": "verdict", "batch": "batch",
    "project": "project", "area_m2": "area_m2", "stated_hm2": "stated_hm2", "over_hm2": "over_hm2",
    "image_before": "image_before", "image_after": "image_after", "address": "address", "note": "note",
    "year": "publication.year", "version": "publication.version", "simulated": "publication.simulated",
}  # fmt: skip

LAYERS = {
    layer.id: layer
    for layer in (
        Layer("regions", "行政区", "本辖区及其下级的界线。", _regions, "border", {"code": "code", "name": "name", "level": "level"}),
        Layer("watersheds", "小流域", "各县最近一年采用的调查成果的小流域。", _watersheds(), "geometry", _WATERSHED_FIELDS),
        *(
            Layer(str(theme.value), str(theme.label), f"采用的划定成果：{theme.label}。", _zones(theme.value), "geometry", _ZONE_FIELDS)
            for theme in Theme
        ),
        Layer("patches", "扰动图斑", f"最近一年的现行扰动图斑；{_CODES}。", _patches(), "geometry", _PATCH_FIELDS),
    )
}  # fmt: skip
"""Layers that there always are, by their id; none holds a place twice for having been surveyed twice."""


def layers_of(person: Person) -> dict[str, Layer]:
    """
    Return the layers that a person may ask for, by their id (可用的图层): those of single years are among them.

    Parameters
    ----------
    person : Person
    """
    scope = person.scope or ""
    by_year = [
        Layer(f"watersheds_{year}", f"小流域（{year} 年）", f"{year} 年采用的调查成果的小流域。", _watersheds(year), "geometry",
              _WATERSHED_FIELDS)
        for year in years_of(Kind.SURVEY, scope)
    ] + [
        Layer(f"patches_{year}", f"扰动图斑（{year} 年）", f"{year} 年的现行扰动图斑；{_CODES}。", _patches(year), "geometry",
              _PATCH_FIELDS)
        for year in years_of(Kind.PATCHES, scope)
    ]  # fmt: skip
    return LAYERS | {layer.id: layer for layer in by_year}


def properties(layer: Layer, row: Any) -> dict[str, Any]:
    """Return the properties of a row (属性)."""
    return {name: value_of(row, path) for name, path in layer.fields.items()}


def value_of(row: Any, path: str) -> Any:
    """Return a field of a row, or of what it belongs to (取值)."""
    for word in path.split("."):
        row = getattr(row, word)
    return row
