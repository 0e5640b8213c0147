"""Where a result of any kind counts (采用之处): asked of rows, of one publication, or of all that lie on a map."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, TypeVar

from django.db.models import QuerySet

from bureau.publications.counting import patches, surveys
from bureau.publications.counting.known import known, known_of_all
from bureau.publications.counting.overriding import Lost
from bureau.publications.models import Kind, Patch, Publication, RegionSummary, Status, Watershed, Zone
from bureau.regions.codes import prefix_of
from bureau.regions.models import Level, Region

Row = TypeVar("Row", Watershed, Zone, Patch)
KINDS: dict[Any, Kind] = {Watershed: Kind.SURVEY, Zone: Kind.ZONES, Patch: Kind.PATCHES}


def that_count(rows: QuerySet[Row], scope: str, *, latest: bool = False) -> QuerySet[Row]:
    """
    Return the watersheds, zones or patches among some that count (采用的小流域、区域、图斑).

    Parameters
    ----------
    rows : QuerySet of Watershed, Zone or Patch
        Of publications in force. Watersheds and patches count in each year by itself, zones in no particular year.
    scope : str
        Prefix of the region codes that one sees, where all of the rows are.
    latest : bool
        Whether of watersheds only those of each county's latest year are to count.
    """
    out = known(KINDS[rows.model], scope, latest=latest).rows
    return rows.exclude(out) if out else rows


def counted_elsewhere(publication: Publication) -> dict[str, int]:
    """
    Return the counties of a publication for which another one counts, and its key (另有成果为准的县).

    Parameters
    ----------
    publication : Publication
        One in force; others leave nothing out.
    """
    if publication.status != Status.PUBLISHED:
        return {}
    places = known(publication.kind, prefix_of(publication.region_id)).lost.get(publication.pk, {})
    if publication.kind != Kind.ZONES:
        return dict(places)
    found: dict[str, int] = {}
    for prefix, counts in places.items():
        codes = Region.objects.filter(code__startswith=prefix, level=Level.COUNTY).values_list("code", flat=True)
        found |= dict.fromkeys(codes, counts)
    return found


def marks(publications: Iterable[Publication], scope: str) -> dict[int, str]:
    """
    Return the publications among some that count anywhere in a scope, each with a word for where it does not (采用的成果).

    The word changes when another publication comes to count somewhere; it stands in the addresses of tiles, so that
    browsers ask anew.

    Parameters
    ----------
    publications : iterable of Publication
        In force.
    scope : str
        Prefix of the region codes that one sees.
    """
    of_kind: dict[str, Lost] = {kind: found.lost for kind, found in known_of_all(scope).items()}
    somewhere = set(surveys.summaries(scope).values_list("publication_id", flat=True))
    found: dict[int, str] = {}
    for publication in publications:
        lost = of_kind[publication.kind].get(publication.pk, {})
        if publication.kind == Kind.SURVEY and publication.pk not in somewhere:
            continue
        if any(prefix_of(publication.region_id).startswith(prefix) for prefix in lost):
            continue
        if publication.kind == Kind.PATCHES and scope in lost:
            continue
        found[publication.pk] = sha256(",".join(sorted(lost)).encode()).hexdigest()[:8] if lost else ""
    return found


def years_of(kind: str, scope: str) -> list[int]:
    """
    Return the years of which surveys or patches in force hold something of a scope, the latest first (有成果的年份).

    Parameters
    ----------
    kind : {Kind.SURVEY, Kind.PATCHES}
    scope : str
        Prefix of the region codes that one sees.
    """
    if kind == Kind.PATCHES:
        batches = patches.batches_seen(scope).order_by()
        return sorted(set(batches.values_list("year", flat=True)), reverse=True)
    rows = RegionSummary.objects.filter(
        region__code__startswith=scope, publication__status=Status.PUBLISHED, publication__kind=kind
    ).order_by()  # fmt: skip
    return sorted(set(rows.values_list("publication__year", flat=True)), reverse=True)
