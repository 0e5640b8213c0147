"""What is at a place, and where something is (点查与搜索)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Q

from bureau.office.models import Person
from bureau.onemap.rasters import legend_of, value_at
from bureau.publications.classes import LEVEL_NAMES, ZONE_NAMES, rules_of
from bureau.publications.counting import patch_publications, survey_of, that_count
from bureau.publications.models import Kind, Patch, Publication, Raster, Theme, Watershed, Zone, codes_above
from bureau.publications.patch_words import label
from bureau.publications.zone_words import basis_in_words
from bureau.regions.models import Level, Region
from shuibao.rules.duties import Place, all_duties, duties_of, duty_row

MOST = 12
"""Finds of each kind that a search shows (chosen)."""
WAYS = {"东经": (0, 1), "西经": (0, -1), "北纬": (1, 1), "南纬": (1, -1), "经度": (0, 1), "纬度": (1, 1),
        "E": (0, 1), "W": (0, -1), "N": (1, 1), "S": (1, -1)}  # fmt: skip
"""Words beside a number of degrees: whether it is longitude or latitude (0 or 1), and its sign."""
WAY = "|".join(WAYS)
DEGREES = r"-?\d+(?:\.\d+)?(?:\s*[°º度](?:\s*\d+(?:\.\d+)?\s*['’′分](?:\s*\d+(?:\.\d+)?\s*(?:''|[\"”″秒]))?)?)?"
ONE = rf"(?:(?:{WAY})\s*[:：]?\s*{DEGREES}|{DEGREES}(?:(?:{WAY})|\s+(?:{WAY})(?!\s*[\d-]))?)"
TWO = re.compile(rf"({ONE})(?:\s*[,，;；、]\s*|\s+|(?<=[^\d.])|(?=[^\d.\s-]))({ONE})", re.IGNORECASE)


@dataclass
class Here:
    """
    What is at a place (此处).

    Attributes
    ----------
    lon, lat : float
    county : Region or None
        None where the place is not the person's to see.
    watershed : Watershed or None
    zones : list of dict
    patches : list of dict
        Disturbance patches, with their words in Chinese.
    duties : list of dict
        What follows from lying there, each with its clause.
    values : list of dict
        Values of the rasters.
    survey : Publication or None
    themes, missing : list of str
        Classes of zones that are published for the county, and those that are not.
    """

    lon: float
    lat: float
    county: Region | None = None
    watershed: Watershed | None = None
    zones: list[dict[str, Any]] = field(default_factory=list)
    patches: list[dict[str, Any]] = field(default_factory=list)
    duties: list[dict[str, Any]] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    survey: Publication | None = None
    themes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def here(person: Person, lon: float, lat: float, year: int | None) -> Here:
    """
    Return what is at a place, as far as a person may see (此处有什么).

    Parameters
    ----------
    person : Person
    lon, lat : float
        Degrees, CGCS2000.
    year : int or None
        Year of the survey.
    """
    found, scope = Here(lon, lat), person.scope
    point = Point(lon, lat, srid=4490)
    found.county = (
        Region.objects.filter(level=Level.COUNTY, border__contains=point, code__startswith=person.scope)
        .defer("border")
        .first()
    )
    if found.county is None:
        return found
    found.survey = None if year is None else survey_of(found.county.code, year)
    if found.survey is not None:
        found.watershed = (
            Watershed.objects.for_person(person)
            .filter(publication=found.survey, geometry__contains=point).defer("geometry").first()
        )  # fmt: skip
        found.values = _values(found.survey, lon, lat)
    open_ones = Publication.objects.for_person(person).in_force().filter(kind=Kind.ZONES)
    zones = list(
        that_count(Zone.objects.for_person(person).filter(publication__in=open_ones, geometry__contains=point), scope)
        .select_related("publication").defer("geometry")
    )  # fmt: skip
    found.zones = [
        {"zone": z, "kind": ZONE_NAMES.get(z.kind, z.kind), "level": LEVEL_NAMES.get(z.level, z.level),
         "basis": basis_in_words(z.basis, z.publication.packs)}
        for z in zones
    ]  # fmt: skip
    published = _themes(person, found.county)
    found.themes = [theme.label for theme in Theme if theme in published]
    found.missing = [theme.label for theme in Theme if theme not in published]
    found.patches = _patches(person, point, year)
    found.duties = _duties(found.county, zones)
    return found


def _themes(person: Person, county: Region) -> set[str]:
    """Return the classes of zones that are published for a county, by itself or by a region above."""
    codes = [county.code, *codes_above(county.prefix)]
    found = Publication.objects.for_person(person).in_force().filter(kind=Kind.ZONES, region_id__in=codes)
    return set(found.order_by().values_list("theme", flat=True))


def _patches(person: Person, point: Point, year: int | None) -> list[dict[str, Any]]:
    """Return the patches at a place, of the batches that are shown with the year."""
    scope = person.scope
    shown = patch_publications(scope, year)
    patches = (
        that_count(Patch.objects.for_person(person).filter(publication__in=shown, geometry__contains=point), scope)
        .select_related("publication").defer("geometry").order_by("-publication__published_at", "number")
    )  # fmt: skip
    return [
        {
            "patch": p, "verdict": label("compliance", p.verdict), "type": label("type", p.type),
            "change": label("change", p.change), "state": label("state", p.state),
        }
        for p in patches[:MOST]
    ]  # fmt: skip


def _values(survey: Publication, lon: float, lat: float) -> list[dict[str, Any]]:
    """Return what the rasters hold at a place."""
    names = {"soil_loss": "土壤侵蚀模数", "intensity": "侵蚀强度", "slope": "坡度"}
    rows = []
    for raster in Raster.objects.filter(publication=survey).order_by("-name"):
        value = value_at(raster, lon, lat)
        if value is None:
            continue
        if raster.name == "intensity":
            legend = legend_of("intensity", survey.packs)
            text = legend[int(value) - 1][1] if 1 <= value <= len(legend) else "缺测"
        else:
            text = f"{value:,.0f} {raster.unit}" if raster.name == "soil_loss" else f"{value:.1f}{raster.unit}"
        rows.append({"name": names.get(raster.name, raster.name), "text": text})
    return rows


def _duties(county: Region, zones: list[Zone]) -> list[dict[str, Any]]:
    """Return the duties of a place by the packs that hold there, each with its clause and whether it is a draft."""
    packs = tuple(zones[0].publication.packs) if zones else ("national",)
    rules = rules_of(packs)
    places = [Place(zone.kind, zone.level, county.code) for zone in zones]
    return [duty_row(duty, rules) for duty in duties_of(all_duties(rules), places, counties=[county.code])]


def coordinate(text: str) -> tuple[float, float] | None:
    """
    Return longitude and latitude written in a search, in either order; None if it is none (坐标).

    Decimal degrees, or degrees, minutes and seconds; with or without words for the directions. Without words the greater
    number is the longitude, as everywhere in China.

    Examples
    --------
    >>> coordinate("111.82, 38.91"), coordinate("38.91 111.82"), coordinate("五寨")
    ((111.82, 38.91), (111.82, 38.91), None)
    >>> coordinate("39°27′N 111°30′E"), coordinate("东经111.5 北纬39.45"), coordinate("N39.45 E111.5")
    ((111.5, 39.45), (111.5, 39.45), (111.5, 39.45))
    """
    match = TWO.fullmatch(text.strip())
    if match is None:
        return None
    (one, way), (other, second) = _degrees(match[1]), _degrees(match[2])
    if way is None and second is None:
        way = 0 if abs(one) > abs(other) else 1
    if way is None:
        way = 1 - (second or 0)
    if way == second:
        return None
    lon, lat = (one, other) if way == 0 else (other, one)
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _degrees(text: str) -> tuple[float, int | None]:
    """Return degrees, and whether they are of longitude or latitude, where that is said."""
    said = re.search(WAY, text.upper())
    way, sign = WAYS[said[0]] if said else (None, 1)
    whole, minutes, seconds = (*(float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text)), 0.0, 0.0)[:3]
    part = minutes / 60 + seconds / 3600
    return round(sign * (whole - part if text.lstrip().startswith("-") else whole + part), 9), way


def search(person: Person, text: str, year: int | None = None) -> list[dict[str, Any]]:
    """
    Return the regions, watersheds, zones and patches that a word finds, as far as a person may see (搜索).

    Parameters
    ----------
    person : Person
    text : str
        A name, a code, or a coordinate.
    year : int, optional
        Year looked at: small watersheds of it are found, of each county's latest where it has none.
    """
    text, scope = text.strip()[:60], person.scope
    if not text:
        return []
    if (at := coordinate(text)) is not None:
        return [{"kind": "坐标", "name": f"{at[0]:.5f}, {at[1]:.5f}", "code": "", "at": at}]
    named = Q(name__icontains=text) | Q(code__startswith=text)
    regions = Region.objects.filter(named, code__startswith=person.scope).exclude(border=None)[:MOST]
    found: list[dict[str, Any]] = [
        {"kind": r.get_level_display(), "name": r.name, "code": r.code, "region": r.code, "bounds": r.border.extent}
        for r in regions if r.border
    ]  # fmt: skip
    open_ones = Publication.objects.for_person(person).in_force()
    sheds = Watershed.objects.for_person(person).filter(named, publication__in=open_ones).select_related("publication")
    of_year = (
        [] if year is None else list(that_count(sheds.filter(publication__year=year), scope).order_by("code")[:MOST])
    )
    found += [
        {"kind": f"小流域 {w.publication.year} 年", "name": w.name, "code": w.code, "watershed": w.code,
         "year": w.publication.year, "bounds": w.geometry.extent}
        for w in of_year or that_count(sheds, scope, latest=True).order_by("code")[:MOST]
    ]  # fmt: skip
    zones = that_count(Zone.objects.for_person(person).filter(named, publication__in=open_ones), scope)[:MOST]
    found += [
        {"kind": ZONE_NAMES.get(z.kind, z.kind), "name": z.name, "code": z.code, "bounds": z.geometry.extent}
        for z in zones
    ]
    patches = (
        Patch.objects.for_person(person)
        .filter(Q(number__icontains=text) | Q(project__icontains=text), publication__in=open_ones)
        .order_by("number", "-publication__published_at")
    )
    return found + [
        {"kind": f"扰动图斑 {p.project}".strip(), "name": p.number, "code": "", "patch": p.number, "bounds": p.geometry.extent,
         "inside": p.geometry.point_on_surface.coords}
        for p in that_count(patches, scope)[:MOST]
    ]  # fmt: skip
