"""Everything that writes published results (成果发布业务)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal

from bureau.office.models import Person
from bureau.publications import checking
from bureau.publications.copying import copy_facts, copy_patches, copy_watersheds, copy_zones
from bureau.publications.counting import FOLLOWS, ZONES_FOLLOW, partly, shares
from bureau.publications.media import keep
from bureau.publications.models import Kind, Publication, Raster, Status, Theme
from bureau.publications.patch_reading import PatchLayer
from bureau.publications.reading import RASTERS, Folder, read_survey, read_zones
from bureau.publications.summaries import summarise_facts, summarise_patches, summarise_zones, watershed_sums
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
    partial: bool = True,
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
    partial : bool
        Whether it may cover counties in part only; whoever asks people lets them say so.

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
    if not partial:
        checking.refuse_partial(
            land=read.county_areas, how="在命令后加 --partial", follows=FOLLOWS if kind == Kind.SURVEY else ZONES_FOLLOW
        )
    for raster in read.rasters:
        keep(raster.path, raster.sha256)
    what = "水土流失动态监测调查成果" if kind == Kind.SURVEY else f"{Theme(theme).label}划定成果"
    return _put_in_force(
        _Content(
            region, kind, year, f"{_of_what(region, read)} {year} 年{what}", read.content, read.simulated,
            read.provenance | ({"origin": origin} if origin else {}), theme=theme,
        ),
        lambda publication: _fill(publication, read), by=by, reviewed_by=reviewed_by, now=now,
    )  # fmt: skip


def _of_what(region: Region, read: Folder) -> str:
    """Return whose result it is; of one that covers its county in part, also what the part is called."""
    name = read.region.name
    part = name not in ("", region.name) and partly(shares(read.county_areas))
    return f"{region.name}（{name[:40]}）" if part else region.name


def publish_patches(
    *,
    layer: PatchLayer,
    region: Region,
    year: int,
    batch: str,
    by: Person,
    reviewed_by: Person,
    now: datetime,
    simulated: bool = False,
    provenance: dict[str, Any],
) -> Publication:
    """
    Publish the disturbance patches of a batch, whole or not at all (发布扰动图斑).

    Parameters
    ----------
    layer : PatchLayer
        Patches that were read, with nothing wrong.
    region : Region
    year : int
    batch : str
        Interpretation batch, such as ``2024 年第 1 期``; each has versions of its own.
    by, reviewed_by : Person
        Who publishes, and who reviewed it: two people of that region.
    now : datetime
    simulated : bool
        Whether they are made up.
    provenance : dict
        What they came from.

    Raises
    ------
    Refusal
        If the people may not, something is wrong with the patches, or the bytes are those of a superseded version.
    """
    checking.refuse_persons(region=region, by=by, reviewed_by=reviewed_by)
    if not batch.strip():
        raise Refusal("no-batch", "没有写解译批次；请填写，如“2024 年第 1 期”。")
    if wrong := [found.text for found in layer.findings if found.wrong]:
        raise Refusal("patches-wrong", "图斑不能发布：" + "；".join(wrong))
    checking.refuse_counties(layer.columns["county"], region)
    title = f"{region.name} {year} 年扰动图斑（{batch}）"
    return _put_in_force(
        _Content(region, Kind.PATCHES, year, title, layer.content(), simulated, provenance, batch=batch),
        lambda publication: _fill_patches(publication, layer), by=by, reviewed_by=reviewed_by, now=now,
    )  # fmt: skip


@dataclass(frozen=True)
class _Content:
    """What is to be published, and of what."""

    region: Region
    kind: str
    year: int
    title: str
    sha256: str
    simulated: bool
    provenance: dict[str, Any]
    theme: str = ""
    batch: str = ""

    def versions(self) -> QuerySet[Publication]:
        """Return the versions that there are of the same."""
        return versions_of(self.region, self.kind, self.year, self.theme, self.batch)


def versions_of(region: Region, kind: str, year: int, theme: str, batch: str) -> QuerySet[Publication]:
    """Return all versions of a result (各版本)."""
    return Publication.objects.filter(region=region, kind=kind, year=year, theme=theme, batch=batch)


def _put_in_force(
    content: _Content, fill: Callable[[Publication], None], *, by: Person, reviewed_by: Person, now: datetime
) -> Publication:
    """Write a version and put it in force; the same bytes are the version that there is."""
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=content.region.pk)  # one publication of a region at a time
        if same := _published_before(content):
            return same
        last = content.versions().order_by("version").last()
        publication = Publication.objects.create(
            region=content.region, kind=content.kind, theme=content.theme, year=content.year, batch=content.batch,
            version=1 if last is None else last.version + 1, status=Status.PREPARING, title=content.title[:120],
            published_at=now, by=by, reviewed_by=reviewed_by, simulated=content.simulated,
            content_sha256=content.sha256, provenance=content.provenance,
        )  # fmt: skip
        fill(publication)
        published.send(sender=Publication, publication=publication)
        _close(publication, now)
    return publication


def _published_before(content: _Content) -> Publication | None:
    """Return the version in force if it holds the same bytes; refuse those of a superseded one."""
    same = content.versions().filter(content_sha256=content.sha256).first()
    if same is not None and same.status == Status.SUPERSEDED:
        raise Refusal(
            "published-before", f"这份成果与已被取代的第 {same.version} 版完全相同；如要恢复，请重新运行后发布。"
        )
    return same


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


def _fill_patches(publication: Publication, layer: PatchLayer) -> None:
    copy_patches(publication, layer.columns, layer.shapes)
    summarise_patches(publication)


def _close(publication: Publication, now: datetime) -> None:
    """Put the publication in force, in place of the version before it."""
    same = versions_of(publication.region, publication.kind, publication.year, publication.theme, publication.batch)
    same.filter(status=Status.PUBLISHED).update(status=Status.SUPERSEDED, superseded_at=now)
    if same.filter(pk=publication.pk, status=Status.PREPARING).update(status=Status.PUBLISHED) != 1:
        raise Refusal("not-prepared", f"{publication} 不在入库状态，不能发布。")
    publication.status = Status.PUBLISHED
