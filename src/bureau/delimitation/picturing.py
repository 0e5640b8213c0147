"""What the maps of zones under review are told at the start (地图参数)."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models import Extent
from django.urls import reverse

from bureau.delimitation.models import Delimitation
from bureau.office.models import Person
from bureau.onemap.drawing import ensure_regions
from bureau.publications.classes import ZONE_COLORS, ZONE_NAMES

NATION = (73.5, 18.0, 135.1, 53.6)
"""Bounds of a map of nothing."""


def map_words(one: Delimitation, by: Person, zones: Any) -> dict[str, Any]:
    """
    Return what a map needs to know (地图参数).

    Parameters
    ----------
    one : Delimitation
    by : Person
    zones : query set of ZoneShape
        Those that the person sees.
    """
    ensure_regions()  # the base map, where nobody has opened the one map yet
    border = by.organisation.region.border or one.region.border
    bounds = zones.aggregate(bounds=Extent("geometry"))["bounds"] or (border.extent if border else NATION)
    address = reverse("delimitation:one", args=[one.pk])
    return {
        "pk": one.pk, "region": one.region_id, "bounds": list(bounds),
        "tiles": f"{address}{{z}}/{{x}}/{{y}}.mvt?at={one.head[:12]}", "zone": f"{address}zones/",
        "base": f"{reverse('onemap:map')}base/{{z}}/{{x}}/{{y}}.mvt",
        "kinds": [{"kind": kind, "name": name, "color": ZONE_COLORS[kind]} for kind, name in ZONE_NAMES.items()],
    }  # fmt: skip
