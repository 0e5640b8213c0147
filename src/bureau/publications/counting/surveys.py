"""
Which survey counts for a county and a year (采用的调查成果): of those in force that cover the county, the one published last.

One that covers only a part of the county (:data:`~bureau.publications.counting.covering.WHOLE`) counts where no other does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from bureau.publications.counting.covering import SHARE, WHOLE, Share
from bureau.publications.counting.overriding import Lost, overridden
from bureau.publications.models import Kind, Publication, RegionSummary, Status
from bureau.regions.models import Level


def _of_counties(prefix: str, year: int | None) -> QuerySet[RegionSummary]:
    """Return the summaries of counties of all surveys in force; of a county and year, what counts first, with its ``share``."""
    found = RegionSummary.objects.filter(
        region__code__startswith=prefix, region__level=Level.COUNTY, publication__status=Status.PUBLISHED,
        publication__kind=Kind.SURVEY,
    ).annotate(share=SHARE)  # fmt: skip
    if year is not None:
        found = found.filter(publication__year=year)
    part = Case(When(Q(share__lt=WHOLE), then=Value(1)), default=Value(0), output_field=IntegerField())
    return found.order_by("region_id", "-publication__year", part, "-publication__published_at", "-publication_id")


def summaries(prefix: str, year: int | None = None) -> QuerySet[RegionSummary]:
    """
    Return of each county and year the summary that counts: of those that cover the county, the last published (采用的汇总).

    Each has its ``share`` of the county's area, None where the county has no border.

    Parameters
    ----------
    prefix : str
        What the region codes begin with.
    year : int, optional
        All years if not given.
    """
    return _of_counties(prefix, year).distinct("region_id", "publication__year")


def counties_by_year(scope: str) -> dict[int, int]:
    """
    Return how many counties of a scope have a survey of all their land, of each year that has any survey (各年齐全县数).

    Parameters
    ----------
    scope : str
        Prefix of the region codes that one sees.
    """
    found: dict[int, int] = {}
    rows: Any = summaries(scope)
    for year, share in rows.values_list("publication__year", "share"):
        found[year] = found.get(year, 0) + int(share is None or share >= WHOLE)
    return dict(sorted(found.items()))


def survey_of(county_code: str, year: int) -> Publication | None:
    """
    Return the survey that counts for a county and a year (某县某年采用的成果).

    Parameters
    ----------
    county_code : str
    year : int
    """
    found = summaries(county_code, year).select_related("publication").first()
    return found.publication if found else None


def counties_counted(publications: Sequence[Publication], scope: str) -> dict[int, tuple[int, int]]:
    """
    Return of each survey for how many of its counties it counts, and how many it has, as far as a scope reaches (采用县数).

    Parameters
    ----------
    publications : sequence of Publication
        Those that are no surveys in force are left out.
    scope : str
        Prefix of the region codes that one sees.
    """
    keys = [p.pk for p in publications if p.kind == Kind.SURVEY and p.status == Status.PUBLISHED]
    if not keys:
        return {}
    of = RegionSummary.objects.filter(
        publication_id__in=keys, region__level=Level.COUNTY, region__code__startswith=scope
    )
    every = dict(of.order_by().values_list("publication_id").annotate(n=Count("pk")))
    counted = Counter(summaries(scope).values_list("publication_id", flat=True))
    return {key: (counted[key], number) for key, number in every.items()}


def shares_of(publications: Sequence[Publication], scope: str) -> dict[int, list[Share]]:
    """
    Return of each survey which share of its counties it covers, as far as a scope reaches (覆盖比例).

    Parameters
    ----------
    publications : sequence of Publication
        Those that are no surveys are left out.
    scope : str
        Prefix of the region codes that one sees.
    """
    rows = RegionSummary.objects.filter(
        publication_id__in=[p.pk for p in publications if p.kind == Kind.SURVEY], region__level=Level.COUNTY,
        region__code__startswith=scope,
    ).annotate(share=SHARE).order_by()  # fmt: skip
    found: dict[int, list[Share]] = {}
    for key, code, name, share in rows.values_list("publication_id", "region_id", "region__name", "share"):
        found.setdefault(key, []).append((code, name, share))
    return found


def lost(prefix: str, *, latest: bool = False) -> Lost:
    """
    Return in which counties surveys in force do not count, and which one does (未采用的县).

    Parameters
    ----------
    prefix : str
        What the codes of the counties begin with.
    latest : bool
        Whether of each county only its latest year is to count; otherwise each year counts by itself.
    """
    rows = _of_counties(prefix, None).values_list("region_id", "publication__year", "publication_id")
    return overridden((county if latest else (county, at), county, key) for county, at, key in rows)
