"""
The layers that interfaces hand out (图层): each a query of what is in force, bounded by who asks.

OGC API Features, WFS and the map for programs read this one table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from bureau.office.models import Person
from bureau.publications.counting_zones import that_count
from bureau.publications.models import Patch, Status, Theme, Watershed, Zone
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


def _watersheds(person: Person) -> QuerySet[Any]:
    found = Watershed.objects.for_person(person).filter(publication__status=Status.PUBLISHED)
    return found.select_related("county", "publication").order_by("pk")


def _zones(theme: str) -> Callable[[Person], QuerySet[Any]]:
    def rows(person: Person) -> QuerySet[Any]:
        found = Zone.objects.for_person(person).filter(publication__status=Status.PUBLISHED, theme=theme)
        return that_count(found, [theme]).select_related("county", "publication").order_by("pk")

    return rows


_ZONE_FIELDS = {
    "code": "code", "name": "name", "kind": "kind", "level": "level", "county": "county_id", "county_name": "county.name",
    "town": "town", "area_m2": "area_m2", "basis": "basis", "year": "publication.year", "version": "publication.version",
    "simulated": "publication.simulated",
}  # fmt: skip


def _patches(person: Person) -> QuerySet[Any]:
    found = Patch.objects.for_person(person).filter(publication__status=Status.PUBLISHED)
    return found.select_related("county", "publication").order_by("pk")


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
        Layer("watersheds", "小流域", "现行调查成果的小流域。", _watersheds, "geometry", {
            "code": "code", "name": "name", "type": "type", "county": "county_id", "county_name": "county.name",
            "down_code": "down_code", "area_m2": "area_m2", "eroded_m2": "eroded_m2", "soil_loss_t": "soil_loss_t",
            "year": "publication.year", "version": "publication.version", "simulated": "publication.simulated",
        }),
        *(
            Layer(str(theme.value), str(theme.label), f"现行划定成果：{theme.label}。", _zones(theme.value), "geometry", _ZONE_FIELDS)
            for theme in Theme
        ),
        Layer("patches", "扰动图斑", "现行扰动图斑；代码所指见文档“成果”一章的字典（草案）。", _patches, "geometry", _PATCH_FIELDS),
    )
}  # fmt: skip
"""Layers by their id."""


def properties(layer: Layer, row: Any) -> dict[str, Any]:
    """Return the properties of a row (属性)."""
    return {name: value_of(row, path) for name, path in layer.fields.items()}


def value_of(row: Any, path: str) -> Any:
    """Return a field of a row, or of what it belongs to (取值)."""
    for word in path.split("."):
        row = getattr(row, word)
    return row
