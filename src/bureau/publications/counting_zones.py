"""
Which zones count (采用的区域): where a county's own publication and its city's overlap, those of one of them.

Zones of prevention and treatment have levels, and those of a nation, a province and a county lie beside each other. Steep
slopes, severe and fragile zones have none: of a county and a class, those of the latest year count, and of two of that
year those published last. A publication holds for every county of its region, also where it draws no zone.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from bureau.publications.models import ClassSum, Kind, Publication, Status, Theme, Zone
from bureau.regions.codes import prefix_of
from bureau.regions.models import Level, Region

WITHOUT_LEVEL = (Theme.STEEP_SLOPE, Theme.SEVERE_FRAGILE)
"""Classes of which a county has one layer."""


def places_lost(themes: Iterable[str] = WITHOUT_LEVEL) -> dict[int, list[tuple[str, int]]]:
    """
    Return, of each publication in force that another one overrides, where: prefix of region codes, and whose zones count.

    Parameters
    ----------
    themes : iterable of Theme
        Those whose zones have levels are passed over.

    Returns
    -------
    dict of list of (str, int)
        By key of the publication; one that counts everywhere is not among them.
    """
    wanted = [theme for theme in themes if theme in WITHOUT_LEVEL]
    ranked = Publication.objects.filter(kind=Kind.ZONES, status=Status.PUBLISHED, theme__in=wanted)
    found: dict[int, list[tuple[str, int]]] = {}
    before: dict[str, dict[str, int]] = {theme: {} for theme in wanted}
    for key, theme, region in ranked.order_by("-year", "-published_at", "-pk").values_list("pk", "theme", "region_id"):
        own, later = prefix_of(region), before[theme]
        above = next((later[own[:end]] for end in range(len(own) + 1) if own[:end] in later), None)
        within = sorted((prefix, counts) for prefix, counts in later.items() if prefix.startswith(own))
        if above is not None:
            found[key] = [(own, above)]
        elif within:
            found[key] = within
        later.setdefault(own, key)
    return found


def that_count(zones: QuerySet[Zone], themes: Iterable[str] = WITHOUT_LEVEL) -> QuerySet[Zone]:
    """
    Return the zones among some that count (采用的区域).

    Parameters
    ----------
    zones : QuerySet of Zone
        Of publications in force.
    themes : iterable of Theme
        Which classes are among them, if that is known.
    """
    lost = Q()
    for key, places in places_lost(themes).items():
        where = Q()
        for prefix, _ in places:
            where |= Q(county__code__startswith=prefix)
        lost |= Q(publication_id=key) & where
    return zones.exclude(lost) if lost else zones


def counted_elsewhere(publication: Publication) -> dict[str, int]:
    """
    Return the counties of a publication of zones for which another one counts, and its key (另有成果为准的县).

    Parameters
    ----------
    publication : Publication
        One of zones in force; others leave nothing out.
    """
    if publication.kind != Kind.ZONES or publication.status != Status.PUBLISHED:
        return {}
    found: dict[str, int] = {}
    for prefix, counts in places_lost([publication.theme]).get(publication.pk, []):
        codes = Region.objects.filter(code__startswith=prefix, level=Level.COUNTY).values_list("code", flat=True)
        found |= dict.fromkeys(codes, counts)
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
    lost = {key: [prefix for prefix, _ in places] for key, places in places_lost().items()}
    at = _where_it_is_summed(region_code, lost)
    rows = sums.filter(publication_id__in=at).filter(
        Q(region_id__in=set(at.values())) | Q(publication_id__in=lost, region__level=Level.COUNTY)
    )
    for key, region, code, area, count in rows.values_list("publication_id", "region_id", "code", "area_m2", "count"):
        sign = 1 if region == at[key] else -1 if _inside(region, lost.get(key, []), region_code) else 0
        before = found.get(code, (0.0, 0))
        if sign:
            found[code] = (before[0] + sign * area, before[1] + sign * count)
    return {code: both for code, both in found.items() if both[1] > 0}


def _where_it_is_summed(region_code: str, lost: dict[int, list[str]]) -> dict[int, str]:
    """Return of each publication without level that counts in a region, by its key, the region whose sum is its part."""
    asked, at = prefix_of(region_code), {}
    published = Publication.objects.filter(kind=Kind.ZONES, status=Status.PUBLISHED, theme__in=WITHOUT_LEVEL)
    for key, region in published.values_list("pk", "region_id"):
        own = prefix_of(region)
        if not asked.startswith(own) and not own.startswith(asked):
            continue
        summed = region_code if asked.startswith(own) else region
        if not any(prefix_of(summed).startswith(prefix) for prefix in lost.get(key, [])):
            at[key] = summed
    return at


def _inside(county: str, lost: list[str], region_code: str) -> bool:
    """Return whether a county of a region is among those where another publication counts."""
    return county.startswith(prefix_of(region_code)) and any(county.startswith(prefix) for prefix in lost)
