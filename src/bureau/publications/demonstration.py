"""
Published results of the demonstration (演示成果): imaginary Xinzhou in two years, through the real pipeline.

The land is made by a seed, run by ``shuibao``, and published as two people of the city would. It takes some minutes, so
the worker does it in steps after the pages are up; what is there already is left alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import rasterio
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from bureau.access import Duty
from bureau.office.models import Appointment, Organisation, Person
from bureau.publications.models import Kind, Publication, Theme
from bureau.publications.services import publish
from bureau.regions.models import Region
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.messages import ShuibaoError, say
from shuibao.survey.making import make_imaginary_region
from shuibao.survey.region import load_region
from shuibao.survey.run import run_region

CITY = "140900"
YEARS = (2024, 2022)
"""Years that are published, the later first: it is what people look at."""
COVER = {2024: 1.0, 2022: 0.93}
"""What the vegetation cover of each year is multiplied by (made up, so that there is a change to see)."""
RASTERS = ("soil_loss", "intensity")
THEMES = (Theme.STEEP_SLOPE, Theme.PREVENTION_TREATMENT, Theme.SEVERE_FRAGILE)
PUBLISHER, REVIEWER = "fabu", "fuhe"


def order(tell: Callable[[str], None] = lambda line: None) -> None:
    """
    Order what is not published yet of the worker (预约演示成果).

    Parameters
    ----------
    tell : callable
        Told what is being done.
    """
    from bureau.publications.jobs import demonstrate

    wanted = [year for year in YEARS if not _there(Kind.SURVEY, year)]
    if not wanted and _there(Kind.ZONES, YEARS[0]):
        return
    people()
    tell(
        say(
            "演示成果（模拟数据）将由后台任务在几分钟内算好并发布 …",
            "The worker will compute and publish made-up results in some minutes …",
        )
    )
    for year in YEARS:
        with suppress(AlreadyEnqueued), transaction.atomic():
            demonstrate.configure(queueing_lock=f"publications.demonstrate.{year}", priority=-10).defer(year=year)


def _there(kind: str, year: int) -> bool:
    return Publication.objects.filter(region_id=CITY, kind=kind, year=year).exists()


def people() -> tuple[Person, Person]:
    """Return the two people who publish the demonstration; nobody can sign in as them (演示发布人与复核人)."""
    bureau = Organisation.objects.get(region_id=CITY, name="忻州市水利局")
    made = []
    for username, name, duty in ((PUBLISHER, "发布员（模拟）", Duty.CLERK), (REVIEWER, "复核员（模拟）", Duty.REVIEW)):
        person = Person.objects.filter(username=username).first()
        if person is None:
            person = Person.objects.make(username=username, name=name, organisation=bureau, password=None)
            Appointment.objects.create(person=person, duty=duty, since=timezone.localdate())
        made.append(person)
    return made[0], made[1]


def make(year: int) -> None:
    """
    Make, run and publish one year, whatever of it is not there yet (制作一年的演示成果).

    Parameters
    ----------
    year : int
        One of :data:`YEARS`.
    """
    if _there(Kind.SURVEY, year) and (year != YEARS[0] or _there(Kind.ZONES, year)):
        return
    folder = Path(settings.HOME) / "demonstration" / f"xinzhou-{year}"
    if not (folder / "region.toml").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        _make_land(folder, year)
    region = load_region(folder)
    run_region(region)
    _publish(folder, Kind.SURVEY, year)
    if year == YEARS[0]:
        for theme in THEMES:
            try:
                draw_zones(region, [theme])
            except ShuibaoError:
                continue  # its inputs are not among what is made up
            _publish(folder, Kind.ZONES, year, theme)
    shutil.rmtree(folder)


def _publish(folder: Path, kind: str, year: int, theme: str = "") -> None:
    by, reviewer = people()
    publish(
        folder=folder, kind=kind, theme=theme, region=Region.objects.get(code=CITY), year=year, by=by,
        reviewed_by=reviewer, now=timezone.now(), origin="演示（模拟数据）", rasters=RASTERS,
    )  # fmt: skip


def _make_land(folder: Path, year: int) -> None:
    """Make the imaginary city, its vegetation as the year has it."""
    make_imaginary_region(
        folder, [CITY], name=Region.objects.get(code=CITY).name, level="city", year=year, targets="xinzhou"
    )
    for path in sorted((folder / "inputs").glob("fvc_*.tif")):
        with rasterio.open(path, "r+") as dataset:
            cover = dataset.read(1)
            dataset.write(np.asarray(cover * np.float32(COVER[year]), dtype=cover.dtype), 1)
