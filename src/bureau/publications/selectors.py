"""What others read of published results (成果读取)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q, Sum

from bureau.publications.models import ClassSum, Fact, Kind, Publication, RegionSummary, Status
from bureau.regions.codes import parent_code
from bureau.regions.models import Level, Region


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
        Whether every county of the region is in it.
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


def rates(prefix: str) -> list[RateFigure]:
    """
    Return the conservation rates of a region and of all regions within it, from what is in force (水土保持率).

    Figures of counties are those of the latest publication that holds them; cities and provinces are their sums. Whoever
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
    rows = county_rows(prefix)
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
    Return the summaries of counties that are in force: of each county and year those published last (各县现行汇总).

    Parameters
    ----------
    prefix : str
        What the region codes begin with.
    """
    found = (
        RegionSummary.objects.filter(
            region__code__startswith=prefix, region__level=Level.COUNTY, publication__status=Status.PUBLISHED,
            publication__kind=Kind.SURVEY,
        )
        .select_related("publication")
        .order_by("region_id", "publication__year", "-publication__published_at", "-publication_id")
        .distinct("region_id", "publication__year")
    )  # fmt: skip
    return list(found)


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
    return RateFigure(
        region_code=code, year=year, land_m2=land, eroded_m2=eroded,
        percent=100.0 * (1.0 - eroded / land) if land else float("nan"),
        low=alone.low if alone else None, high=alone.high if alone else None,
        version=max(row.publication.version for row in rows), simulated=any(row.publication.simulated for row in rows),
        publication=rows[0].publication_id, complete=len(rows) >= members.get(code, 0),
    )  # fmt: skip


def survey_of(region_code: str, year: int) -> Publication | None:
    """
    Return the survey in force that a region's figures of a year are read from: its own, or that of a region above.

    Parameters
    ----------
    region_code : str
    year : int
    """
    codes = [region_code]
    while (above := parent_code(codes[-1])) is not None:
        codes.append(above)
    found = Publication.objects.filter(region_id__in=codes, kind=Kind.SURVEY, year=year, status=Status.PUBLISHED)
    return found.order_by("-published_at", "-pk").first()


@dataclass(frozen=True)
class ClassAreas:
    """
    Areas by class (分类面积).

    Attributes
    ----------
    areas : dict of str to (float, float)
        Area, m², and number of cells or zones, by the code of the class.
    packs : list of str
        Rule packs that the classes are of.
    """

    areas: dict[str, tuple[float, float]]
    packs: list[str]


def class_areas(prefix: str, year: int | None, dimension: str) -> ClassAreas:
    """
    Return the areas of the classes of a dimension in a region, from what is in force (分类面积).

    Parameters
    ----------
    prefix : str
        What the region codes begin with.
    year : int or None
        Year of the survey; None for zones, of which the latest of each theme count.
    dimension : ClassSum.Dimension
    """
    if year is None:
        return _zone_areas(prefix)
    rows = [row for row in county_rows(prefix) if row.publication.year == year]
    if not rows:
        return ClassAreas({}, [])
    whose = Q(pk=None)
    for publication in {row.publication_id for row in rows}:
        own = [row.region_id for row in rows if row.publication_id == publication]
        whose |= Q(publication_id=publication, region_id__in=own)
    sums = (
        ClassSum.objects.filter(whose, dimension=dimension)
        .order_by()
        .values_list("code")
        .annotate(area=Sum("area_m2"), number=Sum("count"))
    )
    return ClassAreas({code: (area, number) for code, area, number in sums}, rows[0].publication.packs)


def _zone_areas(prefix: str) -> ClassAreas:
    """Return the sums of the zones of the latest publications of each theme that are for the region itself or above."""
    code = prefix.ljust(6, "0") if len(prefix) < 6 else prefix
    found: dict[str, tuple[float, float]] = {}
    sums = ClassSum.objects.filter(
        region_id=code, dimension="zone", publication__status=Status.PUBLISHED, publication__kind=Kind.ZONES
    ).select_related("publication").order_by("publication__theme", "code", "-publication__year", "-publication__published_at")  # fmt: skip
    for row in sums.distinct("publication__theme", "code"):
        found[row.code] = (row.area_m2, row.count)
    return ClassAreas(found, [])


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
