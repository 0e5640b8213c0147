"""
Which zones count (采用的区域): where a county's own publication and its city's overlap, those of one of them.

Zones of prevention and treatment have levels, and those of a nation, a province and a county lie beside each other: of one
region's own, those of the latest year count. Steep slopes, severe and fragile zones have none: of a county and a class,
those of the latest year count, and of two of that year those published last. A publication holds for every county of its
region, also where it draws no zone: it tells by its ``extent`` on which land of each county it was drawn. One that was drawn
on a part of a county only (:data:`~bureau.publications.counting.covering.WHOLE`) counts there where no other does; with
levels, one that was drawn on all of its region counts before one that was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from bureau.publications.counting.covering import Share, partly, shares_each
from bureau.publications.counting.overriding import Lost
from bureau.publications.models import ClassSum, Kind, Publication, Status, Theme
from bureau.regions.codes import prefix_of
from bureau.regions.models import Level, Region

WITHOUT_LEVEL = (Theme.STEEP_SLOPE, Theme.SEVERE_FRAGILE)
"""Classes of which a county has one layer."""


@dataclass(frozen=True)
class _Drawn:
    """
    Zones of one class in force.

    Attributes
    ----------
    key : int
        Of the publication.
    own : str
        Prefix of its region.
    parts : frozenset of str
        Counties of which it was drawn on a part of the land only.
    """

    key: int
    own: str
    parts: frozenset[str]


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
    found: Lost = {}
    for theme, drawn in _in_force(themes).items():
        if theme not in WITHOUT_LEVEL:
            found |= _by_prefix(sorted(drawn, key=lambda one: bool(one.parts)), within=False)
        elif any(one.parts for one in drawn):
            found |= _by_county(drawn)
        else:
            found |= _by_prefix(drawn, within=True)
    return found


def _in_force(themes: Iterable[str]) -> dict[str, list[_Drawn]]:
    """Return zones in force by their class, the latest year first, of one year those published last."""
    rows = Publication.objects.filter(kind=Kind.ZONES, status=Status.PUBLISHED, theme__in=list(themes))
    found: dict[str, list[_Drawn]] = {}
    read = list(
        rows.order_by("-year", "-published_at", "-pk").values_list("pk", "theme", "region_id", "provenance__extent")
    )
    on = shares_each({key: extent or {} for key, _, _, extent in read})  # what does not say its land covers all
    for key, theme, region, _ in read:
        parts = frozenset(county.code for county in partly(on[key]))
        found.setdefault(theme, []).append(_Drawn(key, prefix_of(region), parts))
    return found


def _by_prefix(drawn: Sequence[_Drawn], *, within: bool) -> Lost:
    """Return where each loses to those before it: of its own region, and, if asked, of regions that hold it or lie in it."""
    found: Lost = {}
    before: dict[str, int] = {}
    for one in drawn:
        own = one.own
        ends = range(len(own) + 1) if within else (len(own),)
        above = next((before[own[:end]] for end in ends if own[:end] in before), None)
        inner = {p: counts for p, counts in before.items() if p.startswith(own)} if within else {}
        if above is not None:
            found[one.key] = {own: above}
        elif inner:
            found[one.key] = dict(sorted(inner.items()))
        before.setdefault(own, one.key)
    return found


def _by_county(drawn: Sequence[_Drawn]) -> Lost:
    """Return in which counties each loses: those that cover the whole of a county count before those that do not."""
    held = Q(*[Q(code__startswith=one.own) for one in drawn], _connector=Q.OR)
    counties = sorted(Region.objects.filter(held, level=Level.COUNTY).values_list("code", flat=True))
    found: Lost = {}
    for county in counties:
        there = sorted((one for one in drawn if county.startswith(one.own)), key=lambda one: county in one.parts)
        for other in there[1:]:
            found.setdefault(other.key, {})[county] = there[0].key
    for one in drawn:
        places, mine = found.get(one.key, {}), [county for county in counties if county.startswith(one.own)]
        if places and len(places) == len(mine) and len(set(places.values())) == 1:
            found[one.key] = {one.own: places[mine[0]]}
    return found


def extents_of(publications: Iterable[Publication], scope: str) -> dict[int, list[Share]]:
    """
    Return on which share of their counties zones were drawn, as far as a scope reaches (划定覆盖比例).

    Parameters
    ----------
    publications : iterable of Publication
        Those that are no zones, or do not say it, are left out.
    scope : str
        Prefix of the region codes that one sees.
    """
    extents = {
        one.pk: {code: land for code, land in one.provenance.get("extent", {}).items() if code.startswith(scope)}
        for one in publications if one.kind == Kind.ZONES
    }  # fmt: skip
    return shares_each({key: extent for key, extent in extents.items() if extent})


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
