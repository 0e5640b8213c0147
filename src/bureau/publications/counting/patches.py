"""Which patches count (采用的图斑): of each county, year and batch those published last, where they draw some in the county."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from bureau.publications.counting.overriding import Lost, overridden
from bureau.publications.models import ClassSum, Kind, Publication, Status, codes_above
from bureau.regions.models import Level


def batches_seen(scope: str) -> QuerySet[Publication]:
    """
    Return the batches of patches in force that one sees (可见的现行图斑批次).

    Parameters
    ----------
    scope : str
        Prefix of the region codes that one sees; batches of the regions above are among them.
    """
    seen = Q(region__code__startswith=scope) | Q(region_id__in=codes_above(scope))
    return Publication.objects.filter(seen, kind=Kind.PATCHES, status=Status.PUBLISHED)


def patch_publications(scope: str, year: int | None) -> list[Publication]:
    """
    Return the batches of patches in force of a year, or of the latest year that has some (现行图斑批次).

    Parameters
    ----------
    scope : str
        Prefix of the region codes that one sees; batches of the regions above are among them.
    year : int or None
        Year looked at.
    """
    found = list(batches_seen(scope).order_by("published_at", "pk"))
    years = {publication.year for publication in found}
    at = year if year in years else max(years, default=None)
    return [publication for publication in found if publication.year == at]


def lost(prefix: str) -> Lost:
    """
    Return in which counties batches in force do not count, and which one does, each year and batch by itself (未采用的县).

    Parameters
    ----------
    prefix : str
        What the codes of the counties begin with.
    """
    found = ClassSum.objects.filter(
        region__code__startswith=prefix, region__level=Level.COUNTY, publication__status=Status.PUBLISHED,
        publication__kind=Kind.PATCHES, dimension=ClassSum.Dimension.VERDICT,
    )  # fmt: skip
    rows = found.order_by("-publication__published_at", "-publication_id").values_list(
        "region_id", "publication__year", "publication__batch", "publication_id"
    )
    return overridden(((county, at, name), county, key) for county, at, name, key in rows)


def patch_sums(publications: Sequence[Publication], prefix: str) -> dict[str, dict[str, dict[str, tuple[int, float]]]]:
    """
    Return number and area, m², of the patches that count in the counties of a region: by dimension, county and code (图斑汇总).

    Parameters
    ----------
    publications : sequence of Publication
        Of :func:`patch_publications`.
    prefix : str
        What the codes of the counties begin with.
    """
    rows = (
        ClassSum.objects.filter(
            publication__in=publications, region__level=Level.COUNTY, region__code__startswith=prefix,
            dimension__in=(ClassSum.Dimension.VERDICT, ClassSum.Dimension.DISTURBANCE),
        ).order_by().values_list("publication_id", "region_id", "dimension", "code", "count", "area_m2")
    )  # fmt: skip
    left_out = lost(prefix)
    found: dict[str, dict[str, dict[str, tuple[int, float]]]] = defaultdict(lambda: defaultdict(dict))
    for publication, county, dimension, code, count, area in rows:
        if county not in left_out.get(publication, {}):
            before = found[dimension][county].get(code, (0, 0.0))
            found[dimension][county][code] = (before[0] + count, before[1] + area)
    return found
