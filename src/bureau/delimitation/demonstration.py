"""
The delimitation of the demonstration (演示划定): steep slopes of the smallest county of imaginary Xinzhou.

The land is made by a seed and run by ``shuibao``; the zones are drawn, and two comments made, as people would. It takes
some minutes, so the worker does it after the pages are up; what is there already is left alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from bureau.delimitation import commenting, drawing, services
from bureau.delimitation.commenting import Words
from bureau.delimitation.models import Delimitation, Status
from bureau.office.models import Person
from bureau.publications.models import Theme
from bureau.regions.models import Region
from shuibao.messages import say
from shuibao.survey.making import make_imaginary_region, rules_of
from shuibao.survey.region import load_region
from shuibao.survey.run import run_region

COUNTY, YEAR, SEED, CELL = "140932", 2024, 20240, 30.0
CLERK, COUNTY_CLERK = "shi", "xian2"
"""Who opens it, and who comments."""


def order(tell: Callable[[str], None] = lambda line: None) -> None:
    """
    Order the delimitation of the worker, if it is not there (预约演示划定).

    Parameters
    ----------
    tell : callable
        Told what is being done.
    """
    from bureau.delimitation.jobs import demonstrate

    if Delimitation.objects.filter(region_id=COUNTY).exists() or not Person.objects.filter(username=CLERK).exists():
        return
    tell(
        say(
            "演示划定（模拟数据）将由后台任务在几分钟内完成 …",
            "The worker will delimit made-up zones in some minutes …",
        )
    )
    with suppress(AlreadyEnqueued):
        demonstrate.configure(queueing_lock="delimitation.demonstrate", priority=-20).defer()


def make() -> None:
    """Make the land, draw the zones, and comment on them, whatever of it is not there yet (制作演示划定)."""
    one = Delimitation.objects.filter(region_id=COUNTY).first()
    if one is None:
        one = _opened()
    drawing.draw(one.pk)  # does nothing where the worker has drawn them already
    one.refresh_from_db()
    if one.status == Status.OPEN and not one.entries.exists():
        _work(one)


def _opened() -> Delimitation:
    region = Region.objects.get(code=COUNTY)
    source = Path(settings.HOME) / "demonstration" / f"{COUNTY}-{YEAR}"
    if not (source / "region.toml").is_file():
        shutil.rmtree(source, ignore_errors=True)
        unfinished = source.with_name(f"{source.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make_imaginary_region(
            unfinished,
            [COUNTY],
            name=region.name,
            level="county",
            year=YEAR,
            cell=CELL,
            rules=tuple(rules_of(COUNTY)),
            seed=SEED,
        )
        unfinished.replace(source)
    run_region(load_region(source))
    by = Person.objects.get(username=CLERK)
    return services.open_on_folder(
        by=by, region=region, year=YEAR, theme=Theme.STEEP_SLOPE, source=source, now=timezone.now()
    )  # fmt: skip


def _work(one: Delimitation) -> None:
    """Move the zones on to the consultation, and comment on two of them."""
    now, by, county = timezone.now(), Person.objects.get(username=CLERK), Person.objects.get(username=COUNTY_CLERK)
    for to in ("field_review", "consultation"):
        services.advance(by=by, delimitation=one, to=to, note="演示（模拟数据）", now=now)
    codes = list(one.zones.order_by("-area_m2").values_list("code", flat=True)[:2])
    said = ("图斑北侧已修成梯田，建议划出（模拟数据）", "范围与实地一致，建议改用当地沟名（模拟数据）")
    for code, text in zip(codes, said, strict=False):
        commenting.comment(by=county, delimitation=one, words=Words("adjust", text, code=code), now=now)
