"""
What others read of published results (成果读取).

Where several results in force hold a county, those that count are read (:mod:`bureau.publications.counting`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from bureau.publications.counting import Covered, partly, summaries
from bureau.publications.models import ClassSum, Fact, Publication, RegionSummary
from bureau.regions.codes import parent_code
from bureau.regions.models import Level, Region


@dataclass(frozen=True, order=True)
class Basis:
    """
    What a survey was made for and by (调查口径): its region, rule packs, cell, and whether it is made up.

    Attributes
    ----------
    region_code : str
        Region of the publication.
    packs : tuple of str
        Ids of the rule packs.
    cell_m : float
        Side of a cell, m; 0 where it is not told.
    simulated : bool
    """

    region_code: str
    packs: tuple[str, ...]
    cell_m: float
    simulated: bool


def basis_of(publication: Publication) -> Basis:
    """Return what a survey was made for and by (调查口径)."""
    cell = float(publication.provenance.get("cell_m") or 0)
    return Basis(publication.region_id, tuple(publication.packs), cell, publication.simulated)


@dataclass(frozen=True)
class RateFigure:
    """
    The conservation rate of a region in a year, as published (水土保持率).

    Attributes
    ----------
    region_code : str
    year : int
    land_m2, eroded_m2 : float
    percent : float
        100 (1 - eroded / land), as :class:`shuibao.facts.Rate` defines it.
    low, high : float or None
        Its interval, where there is one.
    version : int
        Version of the publication; the highest where a sum rests on several.
    simulated : bool
        Whether any of it is made-up data.
    publication : int
        Key of the publication, that of the first county for a sum of several.
    complete : bool
        Whether every county of the region is in it, whole.
    published, counties : int
        Counties that are in it, whole, and counties that the region has.
    partial : tuple of Covered
        Counties of which only a part is in it.
    bases : frozenset of Basis
        What it was computed from; rates of two years compare where these are the same.
    """

    region_code: str
    year: int
    land_m2: float
    eroded_m2: float
    percent: float
    low: float | None
    high: float | None
    version: int
    simulated: bool
    publication: int
    complete: bool
    published: int = 1
    counties: int = 1
    bases: frozenset[Basis] = frozenset()
    partial: tuple[Covered, ...] = ()


SAME_LAND = 0.01
"""Share by which the land of two years may differ for their rates to compare (chosen, as in publications.checking)."""


def compares(one: RateFigure, other: RateFigure) -> bool:
    """
    Return whether two years of a region compare (是否可比): surveys of the same region, rules and cell, and the same land.

    Parameters
    ----------
    one, other : RateFigure
    """
    return one.bases == other.bases and abs(one.land_m2 - other.land_m2) <= SAME_LAND * other.land_m2


def rates(prefix: str) -> list[RateFigure]:
    """
    Return the conservation rates of a region and of all regions within it, from what is in force (水土保持率).

    Figures of counties are those of the survey that counts there; cities and provinces are their sums. Whoever
    shows them asks with the prefix that the person may see.

    Parameters
    ----------
    prefix : str
        What the region codes begin with; empty for the nation.

    Returns
    -------
    list of RateFigure
        By region and year.
    """
    return rates_of(county_rows(prefix), prefix)


def rates_of(rows: list[RegionSummary], prefix: str) -> list[RateFigure]:
    """
    Return the rates of regions from the summaries of their counties (由各县汇总得水土保持率).

    Parameters
    ----------
    rows : list of RegionSummary
        Of :func:`county_rows`.
    prefix : str
        What the codes of the regions begin with.
    """
    sums: dict[tuple[str, int], list[RegionSummary]] = defaultdict(list)
    for row in rows:
        code: str | None = row.region_id
        while code is not None and code.startswith(prefix):
            sums[code, row.publication.year].append(row)
            code = parent_code(code)
    members = _members(prefix)
    return [_figure(code, year, found, members) for (code, year), found in sorted(sums.items())]


def county_rows(prefix: str) -> list[RegionSummary]:
    """
    Return the summaries of counties that count, with their publications and regions (各县采用的汇总).

    Parameters
    ----------
    prefix : str
        What the region codes begin with.
    """
    return list(summaries(prefix).select_related("publication", "region").defer("region__border"))


def _members(prefix: str) -> dict[str, int]:
    """Return the number of counties of each region."""
    counts: dict[str, int] = defaultdict(int)
    for county in Region.objects.filter(code__startswith=prefix, level=Level.COUNTY).values_list("code", flat=True):
        code: str | None = county
        while code is not None:
            counts[code] += 1
            code = parent_code(code)
    return counts


def _figure(code: str, year: int, rows: list[RegionSummary], members: dict[str, int]) -> RateFigure:
    land = sum(row.land_m2 for row in rows)
    eroded = sum(row.eroded_m2 for row in rows)
    alone = rows[0] if len(rows) == 1 else None
    partial = partly((row.region_id, row.region.name, row.share) for row in rows)  # type: ignore[attr-defined]
    published = len(rows) - len(partial)
    return RateFigure(
        region_code=code, year=year, land_m2=land, eroded_m2=eroded,
        percent=100.0 * (1.0 - eroded / land) if land else float("nan"),
        low=alone.low if alone else None, high=alone.high if alone else None,
        version=max(row.publication.version for row in rows), simulated=any(row.publication.simulated for row in rows),
        publication=rows[0].publication_id, complete=not partial and published >= members.get(code, 0),
        published=published, counties=members.get(code, 0), partial=tuple(partial),
        bases=frozenset(basis_of(row.publication) for row in rows),
    )  # fmt: skip


def class_areas(rows: list[RegionSummary], dimensions: Sequence[str]) -> dict[tuple[int, str], dict[str, float]]:
    """
    Return the areas, m², of the classes in some counties, in one question (分类面积).

    Parameters
    ----------
    rows : list of RegionSummary
        Of :func:`county_rows`.
    dimensions : sequence of ClassSum.Dimension

    Returns
    -------
    dict
        Area by the code of the class, for each year and dimension.
    """
    whose = Q(pk=None)
    counties: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        counties[row.publication_id].append(row.region_id)
    for publication, codes in counties.items():
        whose |= Q(publication_id=publication, region_id__in=codes)
    sums = (
        ClassSum.objects.filter(whose, dimension__in=dimensions)
        .order_by()
        .values_list("publication__year", "dimension", "code")
        .annotate(area=Sum("area_m2"))
    )
    found: dict[tuple[int, str], dict[str, float]] = defaultdict(dict)
    for year, dimension, code, area in sums:
        found[year, dimension][code] = area
    return found


def watershed_classes(publication: Publication, code: str, scope: str, dimension: str) -> dict[str, float]:
    """
    Return the areas, m², of the classes in a small watershed, as far as a scope reaches (小流域分类面积).

    Parameters
    ----------
    publication : Publication
    code : str
        Of the watershed.
    scope : str
        Prefix of the region codes that one may see.
    dimension : {"intensity", "land_use", "slope_class", "cover_class"}
    """
    found = Fact.objects.filter(publication=publication, watershed=code, county__code__startswith=scope)
    return {str(value): area for value, area in found.order_by().values_list(dimension).annotate(area=Sum("area_m2"))}
