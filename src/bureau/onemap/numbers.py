"""The numbers beside the map (面板数据): rate against target, areas by class, change, of the region one looks at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bureau.office.models import Person
from bureau.onemap.catalogue import PATCH_LAYERS
from bureau.publications.classes import classes
from bureau.publications.counting import patch_publications, patch_sums, said, that_count, zone_areas
from bureau.publications.models import ClassSum, Publication, RegionSummary, Status, Watershed
from bureau.publications.patch_words import dictionary
from bureau.publications.selectors import (
    RateFigure,
    class_areas,
    compares,
    county_rows,
    rates_of,
    watershed_classes,
)
from bureau.regions.models import Region
from bureau.targets.selectors import targets_of

CHARTS = ("intensity", "land_use")


def numbers(person: Person, region: Region, year: int | None) -> dict[str, Any]:
    """
    Return what the panel shows of a region (行政区面板).

    A region has a rate and a place beside its targets only in years in which all its counties are published whole;
    ``years`` are those, ``begun`` are all in which some are, ``unlike`` those that do not compare with the last. ``shown``
    are the years of the areas: the whole ones, and the one looked at, of which what was surveyed is shown.

    Parameters
    ----------
    person : Person
        Who asks; figures are of their own scope.
    region : Region
        A region that they see.
    year : int or None
        Year looked at; if not given, the latest that is whole, or else the one with most counties.
    """
    rows = county_rows(region.prefix)
    figures = rates_of(rows, region.prefix)
    own = {f.year: f for f in figures if f.region_code == region.code}
    whole = [f for _, f in sorted(own.items()) if f.complete]
    years = [figure.year for figure in whole]
    fullest = max(own, key=lambda y: (own[y].published, y), default=year)
    at = year if year in own else next(reversed(years), fullest)
    shown = sorted({*years, *([at] if at in own else [])})
    return {
        "region": {"code": region.code, "name": region.name, "level": region.get_level_display()},
        "lineage": [{"code": r.code, "name": r.name, "seen": r.code.startswith(person.scope)} for r in region.lineage()],
        "bounds": _bounds(region), "years": years, "year": at, "begun": sorted(own), "shown": shown,
        "rate": _rate(own.get(at) if at is not None else None),
        "course": [{"year": f.year, "percent": round(f.percent, 2), "low": f.low, "high": f.high} for f in whole],
        "unlike": [f.year for f in whole if not compares(f, whole[-1])],
        "targets": _targets(region.code),
        "members": _members(region, figures, at),
        "classes": _classes([row for row in rows if row.publication.year in shown], shown),
        "zones": _zones(region.code),
        "patches": _patches(person, region, year),
    }  # fmt: skip


def _rate(figure: RateFigure | None) -> dict[str, Any] | None:
    """Return the areas and their rate; of a region that is not all published, the areas of what is, and no rate."""
    if figure is None:
        return None
    told = {
        "complete": figure.complete, "published": figure.published, "counties": figure.counties,
        "simulated": figure.simulated, "partial": said(figure.partial),
        "land_km2": figure.land_m2 / 1e6, "eroded_km2": figure.eroded_m2 / 1e6,
    }  # fmt: skip
    if not figure.complete:
        return told | {"percent": None}
    return told | {
        "percent": round(figure.percent, 2), "version": figure.version, "publication": figure.publication,
    }  # fmt: skip


def _targets(code: str) -> list[dict[str, Any]]:
    return [{"year": year, "percent": float(percent)} for year, percent in sorted(targets_of(code).items())]


def _bounds(region: Region) -> list[float] | None:
    return None if region.border is None else [round(v, 5) for v in region.border.extent]


def _members(region: Region, figures: list[RateFigure], year: int | None) -> list[dict[str, Any]]:
    """Return the regions one level below, with their rates of the year."""
    percent = {f.region_code: f.percent for f in figures if f.year == year and f.complete}
    below = Region.objects.filter(parent_id=region.code).defer("border")
    return [
        {"code": r.code, "name": r.name, "percent": round(percent[r.code], 2) if r.code in percent else None}
        for r in below
    ]


def _classes(rows: list[RegionSummary], years: list[int]) -> dict[str, list[dict[str, Any]]]:
    """Return the areas of the classes of each dimension in each year, km²."""
    areas = class_areas(rows, CHARTS)
    packs = rows[-1].publication.packs if rows else ["national"]
    return {
        dimension: _series(dimension, packs, [areas.get((year, dimension), {}) for year in years])
        for dimension in CHARTS
    }


def _zones(code: str) -> list[dict[str, Any]]:
    """Return number and area of the zones in force, by kind."""
    sums = zone_areas(code)
    return [
        {"code": c.code, "name": c.name, "color": c.color, "count": sums[c.code][1], "km2": round(sums[c.code][0] / 1e6, 2)}
        for c in classes("zone", []) if c.code in sums
    ]  # fmt: skip


def _patches(person: Person, region: Region, year: int | None) -> dict[str, Any] | None:
    """Return number and area of the patches by compliance and type, and of each region one level below."""
    found = patch_publications(person.scope or "", year)
    if not found:
        return None
    sums = patch_sums(found, region.prefix)
    verdicts = sums.get(ClassSum.Dimension.VERDICT, {})
    parts = {name: _added(sums.get(dimension, {}).values()) for name, dimension in PATCH_LAYERS.items()}
    below = Region.objects.filter(parent_id=region.code).defer("border")
    return {
        "year": found[0].year, "batches": [p.batch for p in found], "simulated": any(p.simulated for p in found),
        "classes": {
            name: [
                {"code": c.code, "name": c.name, "color": c.color, "count": part[c.code][0], "hm2": round(part[c.code][1] / 1e4, 2)}
                for c in classes(PATCH_LAYERS[name], []) if c.code in part
            ]
            for name, part in parts.items()
        },
        "members": [_patch_member(r, verdicts) for r in below],
    }  # fmt: skip


def _added(counties: Iterable[dict[str, tuple[int, float]]]) -> dict[str, tuple[int, float]]:
    """Return the sum over some counties, by code."""
    found: dict[str, tuple[int, float]] = {}
    for sums in counties:
        for code, (count, area) in sums.items():
            before = found.get(code, (0, 0.0))
            found[code] = (before[0] + count, before[1] + area)
    return found


def _patch_member(region: Region, verdicts: dict[str, dict[str, tuple[int, float]]]) -> dict[str, Any]:
    """Return the patches of a region: how many, how many to be looked into, and how many that broke rules."""
    sums = _added(sums for code, sums in verdicts.items() if code.startswith(region.prefix))
    words = {word.code: word for word in dictionary("compliance")}
    return {
        "code": region.code, "name": region.name, "count": sum(count for count, _ in sums.values()),
        "suspected": sum(count for code, (count, _) in sums.items() if code in words and words[code].suspected),
        "violation": sum(count for code, (count, _) in sums.items() if code in words and words[code].violation),
    }  # fmt: skip


def watershed_numbers(person: Person, publication: Publication, watershed: Watershed) -> dict[str, Any]:
    """
    Return what the panel shows of a small watershed, over the years that have one of its code (小流域面板).

    Parameters
    ----------
    person : Person
    publication : Publication
        The survey looked at.
    watershed : Watershed
        One that they see.
    """
    same = (
        Watershed.objects.for_person(person)
        .filter(code=watershed.code, publication__status=Status.PUBLISHED, publication__region=publication.region_id)
        .select_related("publication")
        .order_by("publication__year")
    )
    rows = list(that_count(same, person.scope))
    years = [row.publication.year for row in rows]
    course = [{"year": y, "percent": round(100 * (1 - r.eroded_m2 / r.area_m2), 2), "low": None, "high": None}
              for y, r in zip(years, rows, strict=True) if r.area_m2]  # fmt: skip
    sums = {
        dimension: [watershed_classes(r.publication, r.code, person.scope, dimension) for r in rows]
        for dimension in CHARTS
    }
    county = Region.objects.get(pk=watershed.county_id)
    return {
        "region": {"code": watershed.code, "name": watershed.name, "level": watershed.type or "小流域"},
        "lineage": [{"code": r.code, "name": r.name, "seen": r.code.startswith(person.scope)} for r in county.lineage()],
        "bounds": [round(v, 5) for v in watershed.geometry.extent], "years": years, "year": publication.year, "begun": years,
        "shown": years,
        "rate": {
            "percent": round(100 * (1 - watershed.eroded_m2 / watershed.area_m2), 2) if watershed.area_m2 else None,
            "land_km2": watershed.area_m2 / 1e6, "eroded_km2": watershed.eroded_m2 / 1e6, "version": publication.version,
            "simulated": publication.simulated, "publication": publication.pk, "complete": True, "partial": "",
        },
        "course": course, "unlike": [], "targets": [], "members": [],
        "classes": {dimension: _series(dimension, publication.packs, found) for dimension, found in sums.items()},
        "zones": [], "patches": None,
    }  # fmt: skip


def _series(dimension: str, packs: list[str], years: list[dict[str, float]]) -> list[dict[str, Any]]:
    rows = []
    for c in classes(dimension, packs):
        areas = [round(year.get(c.code, 0.0) / 1e6, 3) for year in years]
        if any(areas):
            rows.append({"code": c.code, "name": c.name, "color": c.color, "draft": c.draft, "km2": areas})
    return rows
