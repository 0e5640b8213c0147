"""
Publishing from a desk (桌面发布): ``bureau publish DIR``.

``shuibao`` never sees the office, so it is the office's own command that publishes a region folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import typer

from shuibao.messages import CallError, say


def publish(*, folder: Path, by: str, reviewed_by: str, theme: str, region: str) -> None:
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

    Raises
    ------
    CallError
        If there are no such people or region, or the office refuses.
    """
    _prepare()
    from django.utils import timezone

    from bureau.office.models import Person
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
    people = {name: Person.objects.filter(username=name).first() for name in (by, reviewed_by)}
    for name, person in people.items():
        if person is None:
            raise CallError(f"没有登录名“{name}”。", f"nobody signs in as '{name}'.")
    try:
        made = act(
            folder=folder, kind=Kind.ZONES if theme else Kind.SURVEY, theme=theme, region=place, year=survey.year,
            by=people[by], reviewed_by=people[reviewed_by], now=timezone.now(), origin=say("桌面发布", "from a desk"),
        )  # fmt: skip
    except Refusal as refused:
        raise CallError(refused.message, f"refused ({refused.code}): {refused.message}") from refused
    typer.echo(say(f"已发布：{made}", f"published: {made}"))


def _prepare() -> None:
    """Start the private cluster, where the installation has one, and Django."""
    import django
    from django.conf import settings

    from bureau.service.cluster import PrivateCluster

    if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".desk"):
        PrivateCluster(settings.HOME / "cluster").start()
    django.setup()
