"""What a person may lay on the map (图层目录): publications in force, their rasters, and the legends."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from bureau.office.models import Person
from bureau.onemap.drawing import WATERSHEDS_FROM, ZONES_FROM
from bureau.onemap.rasters import legend_of
from bureau.publications.classes import ZONE_COLORS, ZONE_NAMES, classes
from bureau.publications.counting import counties_by_year, marks
from bureau.publications.models import Kind, Publication, Theme
from bureau.regions.models import Level, Region

RASTERS = (("intensity", "土壤侵蚀强度", ""), ("soil_loss", "土壤流失量", "t/(km²·a)"), ("slope", "坡度", ""))
PATCH_LAYERS = {"patch": "verdict", "patch_type": "disturbance"}
"""Layers of patches, and the dimension that their colours stand for."""
THEME_KINDS = {
    Theme.PREVENTION_TREATMENT: ("prevention", "treatment"), Theme.SEVERE_FRAGILE: ("severe", "fragile"),
    Theme.STEEP_SLOPE: ("steep_slope",),
}  # fmt: skip


def catalogue(person: Person) -> dict[str, Any]:
    """
    Return everything that the page of the map needs to know at the start (图层目录).

    It opens at the ``year`` in which most counties have a survey of all their land, at the latest of several.

    Parameters
    ----------
    person : Person
    """
    found = list(Publication.objects.for_person(person).in_force().prefetch_related("rasters").order_by("published_at"))
    counted = marks(found, person.scope or "")
    shown = [p for p in found if p.pk in counted]
    region = person.organisation.region
    by_year = counties_by_year(person.scope or "")
    packs = next((p.packs for p in reversed(found) if p.kind == Kind.SURVEY), ["national"])
    return {
        "home": {"code": region.code, "name": region.name, "bounds": list(region.border.extent) if region.border else _all_bounds()},
        "counties": {"of": _counties(person.scope or ""), "by_year": by_year},
        "year": max(by_year, key=lambda year: (by_year[year], year), default=None),
        "surveys": [_survey(p, counted[p.pk]) for p in shown if p.kind == Kind.SURVEY],
        "zones": [_zones(p, counted[p.pk]) for p in shown if p.kind == Kind.ZONES],
        "rasters": [
            {"name": name, "label": label, "unit": unit, "legend": legend_of(name, packs)} for name, label, unit in RASTERS
        ],
        "patches": [_patches(p, counted[p.pk]) for p in shown if p.kind == Kind.PATCHES],
        "patch_kinds": {
            name: [{"kind": c.code, "name": c.name, "color": c.color} for c in classes(dimension, [])]
            for name, dimension in PATCH_LAYERS.items()
        },
        "kinds": [
            {"kind": kind, "name": ZONE_NAMES[kind], "color": ZONE_COLORS[kind], "theme": theme}
            for theme, kinds in THEME_KINDS.items() for kind in kinds
        ],
        "from": {"watershed": WATERSHEDS_FROM, "zone": ZONES_FROM},
        "tianditu": settings.TIANDITU_KEY,
        "urls": {name: reverse(f"onemap:{name}") for name in ("numbers", "here", "search", "sheet", "words")},
        "root": reverse("onemap:map"),
    }  # fmt: skip


def _counties(scope: str) -> int:
    """Return the number of counties of a scope."""
    return Region.objects.filter(code__startswith=scope, level=Level.COUNTY).count()


def _survey(publication: Publication, counted: str) -> dict[str, Any]:
    rasters = list(publication.rasters.all())
    return {
        "pk": publication.pk, "year": publication.year, "title": publication.title, "region": publication.region_id,
        "simulated": publication.simulated, "rasters": [raster.name for raster in rasters],
        "bounds": rasters[0].bounds if rasters else None, "of": counted,
    }  # fmt: skip


def _zones(publication: Publication, counted: str) -> dict[str, Any]:
    return {
        "of": counted,
        "pk": publication.pk, "theme": publication.theme, "year": publication.year, "region": publication.region_id,
        "title": publication.title, "simulated": publication.simulated,
    }  # fmt: skip


def _patches(publication: Publication, counted: str) -> dict[str, Any]:
    return {
        "of": counted,
        "pk": publication.pk, "year": publication.year, "batch": publication.batch, "region": publication.region_id,
        "title": publication.title, "simulated": publication.simulated,
    }  # fmt: skip


def patches_of(told: dict[str, Any], year: int | None) -> list[dict[str, Any]]:
    """
    Return the batches of patches that are shown with a year: its own, or those of the latest year (显示的图斑批次).

    Parameters
    ----------
    told : dict
        Of :func:`catalogue`.
    year : int or None
    """
    years = {batch["year"] for batch in told["patches"]}
    at = year if year in years else max(years, default=None)
    return [batch for batch in told["patches"] if batch["year"] == at]


def _all_bounds() -> list[float]:
    """Return the bounds of all regions that have a border."""
    from django.contrib.gis.db.models import Extent

    bounds = Region.objects.aggregate(bounds=Extent("border"))["bounds"]
    return list(bounds) if bounds else [73.5, 18.0, 135.1, 53.6]
