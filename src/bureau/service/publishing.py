"""
Publishing from a desk (桌面发布): ``bureau publish DIR``.

``shuibao`` never sees the office, so it is the office's own command that publishes a region folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from shuibao.messages import CallError, say


def publish(*, folder: Path, by: str, reviewed_by: str, theme: str, region: str, partial: bool = False) -> None:
    """
    Publish a region folder as two people of the office (发布区域文件夹).

    Parameters
    ----------
    folder : Path
        Region folder that was run, or that has zones.
    by, reviewed_by : str
        Sign-in names of who publishes and who reviewed it.
    theme : str
        Kind of zones to publish; empty for the survey.
    region : str
        Code of the region; empty for the only one that ``region.toml`` names.
    partial : bool
        Whether it may cover counties in part only.

    Raises
    ------
    CallError
        If there are no such people or region, or the office refuses.
    """
    _prepare()
    from django.utils import timezone

    from bureau.publications.models import Kind
    from bureau.publications.services import publish as act
    from bureau.refusal import Refusal
    from bureau.regions.models import Region
    from shuibao.survey.region import load_region

    survey = load_region(folder)
    code = region or (survey.codes[0] if len(survey.codes) == 1 else "")
    place = Region.objects.filter(code=code).first()
    if place is None:
        raise CallError(
            f"请用 --region 指明行政区代码（区域文件夹为 {'、'.join(survey.codes)}）。",
            f"name the region by --region (the folder is of {', '.join(survey.codes)}).",
        )
    people = _people(by, reviewed_by)
    try:
        made = act(
            folder=folder, kind=Kind.ZONES if theme else Kind.SURVEY, theme=theme, region=place, year=survey.year,
            by=people[by], reviewed_by=people[reviewed_by], now=timezone.now(), origin=say("桌面发布", "from a desk"),
            partial=partial,
        )  # fmt: skip
    except Refusal as refused:
        raise CallError(refused.message, f"refused ({refused.code}): {refused.message}") from refused
    typer.echo(say(f"已发布：{made}", f"published: {made}"))


def publish_patches(
    *, file: Path, region: str, year: int, batch: str, by: str, reviewed_by: str, simulated: bool
) -> None:
    """
    Publish a file of disturbance patches as two people of the office (发布扰动图斑).

    The file is converted in the sandbox, and its columns are known by their names, as in the browser.

    Parameters
    ----------
    file : Path
        GeoPackage or zipped shapefile.
    region : str
        Code of the region.
    year : int
    batch : str
        Interpretation batch.
    by, reviewed_by : str
        Sign-in names of who publishes and who reviewed it.
    simulated : bool
        Whether they are made up.

    Raises
    ------
    CallError
        If there are no such people or region, the file is refused, or something is wrong with it; all that is, is told.
    """
    _prepare()
    import tempfile

    from django.utils import timezone

    from bureau.commissions.patches import SUFFIXES
    from bureau.commissions.sandbox import Refused, told_by
    from bureau.publications.patch_reading import Meaning, read_patches
    from bureau.publications.patch_words import fields, guess, told
    from bureau.publications.services import publish_patches as act
    from bureau.refusal import Refusal
    from bureau.regions.models import Region
    from shuibao.ground.files import sha256_of

    place = Region.objects.filter(code=region).first()
    if place is None:
        raise CallError(f"没有行政区“{region}”。", f"no region '{region}'.")
    people = _people(by, reviewed_by)
    if not file.is_file() or file.suffix.lower() not in SUFFIXES:
        raise CallError(
            f"{file} 应为 GeoPackage（.gpkg）或 shapefile 的压缩包（.zip）。",
            f"{file} must be a .gpkg or a zipped shapefile.",
        )
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "patches.gpkg"
        try:
            found = told_by("bureau.commissions.patch_converting", {"raw": str(file.absolute()), "made": str(made)})
            columns = guess(found["columns"])
            layer = read_patches(made, Meaning(columns, batch=batch), place)
            for finding in layer.findings:
                typer.echo(finding.text, err=finding.wrong)
            names = {field.key: field.name for field in fields()}
            publication = act(
                layer=layer, region=place, year=year, batch=batch, by=people[by], reviewed_by=people[reviewed_by],
                now=timezone.now(), simulated=simulated, provenance={
                    "origin": say("桌面发布", "from a desk"), "file": file.name, "file_sha256": sha256_of(file),
                    "columns": {names[key]: column for key, column in columns.items()}, "words": told(),
                },
            )  # fmt: skip
        except Refused as refused:
            raise CallError(str(refused), f"refused: {refused}") from refused
        except Refusal as refused:
            raise CallError(refused.message, f"refused ({refused.code}): {refused.message}") from refused
    typer.echo(say(f"已发布：{publication}", f"published: {publication}"))


def _people(*names: str) -> dict[str, Any]:
    """Return people by their sign-in names."""
    from bureau.office.models import Person

    found = {person.username: person for person in Person.objects.filter(username__in=names)}
    for name in names:
        if name not in found:
            raise CallError(f"没有登录名“{name}”。", f"nobody signs in as '{name}'.")
    return found


def _prepare() -> None:
    """Start the private cluster, where the installation has one, and Django."""
    import django
    from django.conf import settings

    from bureau.service.cluster import PrivateCluster

    if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".desk"):
        PrivateCluster(settings.HOME / "cluster").start()
    django.setup()
