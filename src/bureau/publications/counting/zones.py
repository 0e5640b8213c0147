"""
Which zones count (采用的区域): where a county's own publication and its city's overlap, those of one of them.

Zones of prevention and treatment have levels, and those of a nation, a province and a county lie beside each other: of one
region's own, those of the latest year count. Steep slopes, severe and fragile zones have none: of a county and a class,
those of the latest year count, and of two of that year those published last. A publication holds for every county of its
region, also where it draws no zone.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from bureau.publications.counting.overriding import Lost
from bureau.publications.models import ClassSum, Kind, Publication, Status, Theme
from bureau.regions.codes import prefix_of
from bureau.regions.models import Level

WITHOUT_LEVEL = (Theme.STEEP_SLOPE, Theme.SEVERE_FRAGILE)
"""Classes of which a county has one layer."""


def lost(themes: Iterable[str] = Theme.values) -> Lost:
    """
    Return where zones in force do not count, and whose do (未采用之处).

    Parameters
    ----------
    themes : iterable of Theme

    Returns
    -------
    dict of dict
        By key of the publication and prefix of region codes; one that counts everywhere is not among them.
    """
    wanted = list(themes)
    ranked = Publication.objects.filter(kind=Kind.ZONES, status=Status.PUBLISHED, theme__in=wanted)
    found: Lost = {}
    before: dict[str, dict[str, int]] = {theme: {} for theme in wanted}
    for key, theme, region in ranked.order_by("-year", "-published_at", "-pk").values_list("pk", "theme", "region_id"):
        own, later = prefix_of(region), before[theme]
        ends = range(len(own) + 1) if theme in WITHOUT_LEVEL else (len(own),)
        above = next((later[own[:end]] for end in ends if own[:end] in later), None)
        within = {} if theme not in WITHOUT_LEVEL else {p: counts for p, counts in later.items() if p.startswith(own)}
        if above is not None:
            found[key] = {own: above}
        elif within:
            found[key] = dict(sorted(within.items()))
        later.setdefault(own, key)
    return found


def zone_areas(region_code: str) -> dict[str, tuple[float, int]]:
    """
    Return area, m², and number of the zones that count in a region, by kind (区域面积).

    Parameters
    ----------
    region_code : str
        Of classes without level, all publications that lie in it or hold it are added up, each where it counts; of others,
        the latest that holds it is taken.
    """
    sums = ClassSum.objects.filter(dimension=ClassSum.Dimension.ZONE, publication__status=Status.PUBLISHED)
    latest = (
        sums.filter(region_id=region_code)
        .exclude(publication__theme__in=WITHOUT_LEVEL)
        .order_by("publication__theme", "code", "-publication__year", "-publication__published_at")
        .distinct("publication__theme", "code")
    )
    found = {row.code: (row.area_m2, row.count) for row in latest}
    without = lost(WITHOUT_LEVEL)
    at = _where_it_is_summed(region_code, without)
    rows = sums.filter(publication_id__in=at).filter(
        Q(region_id__in=set(at.values())) | Q(publication_id__in=without, region__level=Level.COUNTY)
    )
    for key, region, code, area, count in rows.values_list("publication_id", "region_id", "code", "area_m2", "count"):
        sign = 1 if region == at[key] else -1 if _inside(region, without.get(key, {}), region_code) else 0
        before = found.get(code, (0.0, 0))
        if sign:
            found[code] = (before[0] + sign * area, before[1] + sign * count)
    return {code: both for code, both in found.items() if both[1] > 0}


def _where_it_is_summed(region_code: str, without: Lost) -> dict[int, str]:
    """Return of each publication without level that counts in a region, by its key, the region whose sum is its part."""
    asked, at = prefix_of(region_code), {}
    published = Publication.objects.filter(kind=Kind.ZONES, status=Status.PUBLISHED, theme__in=WITHOUT_LEVEL)
    for key, region in published.values_list("pk", "region_id"):
        own = prefix_of(region)
        if not asked.startswith(own) and not own.startswith(asked):
            continue
        summed = region_code if asked.startswith(own) else region
        if not any(prefix_of(summed).startswith(prefix) for prefix in without.get(key, {})):
            at[key] = summed
    return at


def _inside(county: str, lost: Iterable[str], region_code: str) -> bool:
    """Return whether a county of a region is among those where another publication counts."""
    return county.startswith(prefix_of(region_code)) and any(county.startswith(prefix) for prefix in lost)
