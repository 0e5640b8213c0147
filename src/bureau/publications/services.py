"""Everything that writes published results (成果发布业务)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.dispatch import Signal

from bureau.office.models import Person
from bureau.publications import checking
from bureau.publications.copying import copy_facts, copy_watersheds, copy_zones
from bureau.publications.media import keep
from bureau.publications.models import Kind, Publication, Raster, Status, Theme
from bureau.publications.reading import RASTERS, Folder, read_survey, read_zones
from bureau.publications.summaries import summarise_facts, summarise_zones, watershed_sums
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.rules import load_rules

published = Signal()
"""Sent within the transaction, before the publication is closed: ``publication``. Rooms above prepare what they show."""


def publish(
    *,
    folder: Path,
    kind: str,
    region: Region,
    year: int,
    by: Person,
    reviewed_by: Person,
    now: datetime,
    theme: str = "",
    origin: str = "",
    rasters: tuple[str, ...] = tuple(RASTERS),
) -> Publication:
    """
    Publish what is in a region folder, whole or not at all (发布).

    The same bytes published again are the publication that there is: a job that is repeated changes nothing.

    Parameters
    ----------
    folder : Path
        Region folder that was run, or that has zones.
    kind : Kind
        The survey, or the zones of ``theme``.
    region : Region
        Whose results they are; its counties must be those of the folder.
    year : int
    by, reviewed_by : Person
        Who publishes, and who reviewed it: two people of that region.
    now : datetime
    theme : Theme, optional
        Of zones.
    origin : str, optional
        What it came from, such as the number of a commission; kept in the provenance.
    rasters : tuple of str
        Rasters of a survey to publish.

    Returns
    -------
    Publication

    Raises
    ------
    Refusal
        If the people may not, the folder cannot be read or is of another place or year, the facts do not add up, or the
        bytes are those of a superseded version.
    """
    checking.refuse_persons(region=region, by=by, reviewed_by=reviewed_by)
    read = read_survey(folder, rasters=rasters) if kind == Kind.SURVEY else read_zones(folder, theme)
    checking.refuse_folder(folder=read, region=region, year=year)
    checking.refuse_facts(folder=read, region=region)
    checking.refuse_zones(folder=read, region=region)
    for raster in read.rasters:
        keep(raster.path, raster.sha256)
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region.pk)  # one publication of a region at a time
        if same := _published_before(read, kind, region, year, theme):
            return same
        publication = _prepared(
            read, kind=kind, region=region, year=year, theme=theme, by=by, reviewed_by=reviewed_by, now=now,
            origin=origin,
        )  # fmt: skip
        _fill(publication, read)
        published.send(sender=Publication, publication=publication)
        _close(publication, now)
    return publication


def _published_before(read: Folder, kind: str, region: Region, year: int, theme: str) -> Publication | None:
    """Return the version in force if it holds the same bytes; refuse those of a superseded one."""
    same = Publication.objects.filter(
        region=region, kind=kind, year=year, theme=theme, content_sha256=read.content
    ).first()
    if same is not None and same.status == Status.SUPERSEDED:
        raise Refusal(
            "published-before", f"这份成果与已被取代的第 {same.version} 版完全相同；如要恢复，请重新运行后发布。"
        )
    return same


def _prepared(
    read: Folder, *, kind: str, region: Region, year: int, theme: str, by: Person, reviewed_by: Person, now: datetime,
    origin: str,
) -> Publication:  # fmt: skip
    last = Publication.objects.filter(region=region, kind=kind, year=year, theme=theme).order_by("version").last()
    what = "水土流失动态监测调查成果" if kind == Kind.SURVEY else f"{Theme(theme).label}划定成果"
    provenance = read.provenance | ({"origin": origin} if origin else {})
    return Publication.objects.create(
        region=region, kind=kind, theme=theme, year=year, version=1 if last is None else last.version + 1,
        status=Status.PREPARING, title=f"{region.name} {year} 年{what}", published_at=now, by=by, reviewed_by=reviewed_by,
        simulated=read.simulated, content_sha256=read.content, provenance=provenance,
    )  # fmt: skip


def _fill(publication: Publication, read: Folder) -> None:
    rules = load_rules(read.region.packs)
    if read.facts is not None:
        copy_facts(publication, read.facts)
        summarise_facts(publication, read.facts, rules)
        if read.watersheds is not None:
            copy_watersheds(publication, read.watersheds, watershed_sums(read.facts, rules))
    for raster in read.rasters:
        Raster.objects.create(
            publication=publication, name=raster.name, unit=RASTERS[raster.name], sha256=raster.sha256,
            size=raster.size, bounds=list(raster.bounds),
        )  # fmt: skip
    if read.zones is not None:
        copy_zones(publication, read.zones.columns, read.zone_shapes)
        summarise_zones(publication)


def _close(publication: Publication, now: datetime) -> None:
    """Put the publication in force, in place of the version before it."""
    same = Publication.objects.filter(
        region=publication.region, kind=publication.kind, theme=publication.theme, year=publication.year
    )
    same.filter(status=Status.PUBLISHED).update(status=Status.SUPERSEDED, superseded_at=now)
    if same.filter(pk=publication.pk, status=Status.PREPARING).update(status=Status.PUBLISHED) != 1:
        raise Refusal("not-prepared", f"{publication} 不在入库状态，不能发布。")
    publication.status = Status.PUBLISHED
