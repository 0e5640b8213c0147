"""What a person may lay on the map (图层目录): publications in force, their rasters, and the legends."""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.urls import reverse

from bureau.office.models import Person
from bureau.onemap.drawing import WATERSHEDS_FROM, ZONES_FROM
from bureau.onemap.rasters import legend_of
from bureau.publications.classes import ZONE_COLORS, ZONE_NAMES, classes
from bureau.publications.counting_zones import places_lost
from bureau.publications.models import Kind, Publication, Theme
from bureau.publications.selectors import counting
from bureau.regions.codes import prefix_of
from bureau.regions.models import Region

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

    Parameters
    ----------
    person : Person
    """
    found = list(Publication.objects.for_person(person).in_force().prefetch_related("rasters").order_by("published_at"))
    counted = _counted(person.scope or "")
    region = person.organisation.region
    packs = next((p.packs for p in reversed(found) if p.kind == Kind.SURVEY), ["national"])
    return {
        "home": {"code": region.code, "name": region.name, "bounds": list(region.border.extent) if region.border else _all_bounds()},
        "surveys": [_survey(p, counted[p.pk]) for p in found if p.pk in counted],
        "zones": _zone_layers(found),
        "rasters": [
            {"name": name, "label": label, "unit": unit, "legend": legend_of(name, packs)} for name, label, unit in RASTERS
        ],
        "patches": [_patches(p) for p in found if p.kind == Kind.PATCHES],
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


def _counted(scope: str) -> dict[int, str]:
    """
    Return the surveys that count for some county that one sees, and a word that changes with the counties.

    The word stands in the addresses of tiles, so that browsers ask anew when another survey comes to count for a county.
    """
    counties: dict[int, list[str]] = defaultdict(list)
    for county, key in counting(scope).values_list("region_id", "publication_id"):
        counties[key].append(county)
    return {key: sha256(",".join(codes).encode()).hexdigest()[:8] for key, codes in counties.items()}


def _survey(publication: Publication, counted: str) -> dict[str, Any]:
    rasters = list(publication.rasters.all())
    return {
        "pk": publication.pk, "year": publication.year, "title": publication.title, "region": publication.region_id,
        "simulated": publication.simulated, "rasters": [raster.name for raster in rasters],
        "bounds": rasters[0].bounds if rasters else None, "of": counted,
    }  # fmt: skip


def _zone_layers(found: list[Publication]) -> list[dict[str, Any]]:
    """Return the layers of zones of which something counts; what is left out stands in the addresses of tiles too."""
    lost = {key: [prefix for prefix, _ in places] for key, places in places_lost().items()}
    shown = _latest([p for p in found if p.kind == Kind.ZONES])
    return [_zones(p, lost.get(p.pk, [])) for p in shown if prefix_of(p.region_id) not in lost.get(p.pk, [])]


def _zones(publication: Publication, lost: list[str]) -> dict[str, Any]:
    return {
        "of": sha256(",".join(lost).encode()).hexdigest()[:8] if lost else "",
        "pk": publication.pk, "theme": publication.theme, "year": publication.year, "region": publication.region_id,
        "title": publication.title, "simulated": publication.simulated,
    }  # fmt: skip


def _patches(publication: Publication) -> dict[str, Any]:
    return {
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


def _latest(publications: list[Publication]) -> list[Publication]:
    """Return of each region and theme the zones of the latest year."""
    latest: dict[tuple[str, str], Publication] = {}
    for publication in sorted(publications, key=lambda p: p.year):
        latest[publication.region_id, publication.theme] = publication
    return list(latest.values())


def _all_bounds() -> list[float]:
    """Return the bounds of all regions that have a border."""
    from django.contrib.gis.db.models import Extent

    bounds = Region.objects.aggregate(bounds=Extent("border"))["bounds"]
    return list(bounds) if bounds else [73.5, 18.0, 135.1, 53.6]
