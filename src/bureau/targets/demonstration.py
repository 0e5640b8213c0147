"""
The demonstration of targets (目标演示): the documents' own figures, and made-up progress and decompositions.

Targets and planned quantities are true to their documents. Progress is imaginary (模拟数据) and says so.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from bureau.office.models import Person
from bureau.publications.selectors import RateFigure
from bureau.regions.areas import border_areas
from bureau.regions.models import Region
from bureau.targets import decomposing, planned
from bureau.targets.closing import Method
from bureau.targets.loading import load_documents
from bureau.targets.models import Decomposition, PlannedQuantity, Progress, Target

CITY = "140900"
YEAR = 2022
"""Year of the made-up present rates."""
PROGRESS = (
    ("xinzhou-slope-farmland", "140928", "21500", date(2024, 10, 20)),
    ("xinzhou-slope-farmland", "140932", "33200", date(2024, 11, 5)),
    ("xinzhou-slope-farmland", "140925", "41800", date(2025, 6, 30)),
    ("xinzhou-slope-farmland", "140930", "52600", date(2025, 9, 12)),
    ("xinzhou-slope-farmland", "140927", "63900", date(2025, 11, 25)),
    ("xinzhou-dams", "140930", "38", date(2024, 9, 30)),
    ("xinzhou-dams", "140932", "41", date(2025, 8, 15)),
    ("xinzhou-dams", "140931", "57", date(2025, 12, 10)),
    ("xinzhou-fine-watersheds", "140928", "2", date(2024, 12, 1)),
    ("xinzhou-fine-watersheds", "140902", "3", date(2025, 7, 8)),
    ("xinzhou-households", "140922", "24", date(2025, 3, 18)),
)
"""Imaginary progress: quantity, county, amount, day."""


@transaction.atomic
def load() -> None:
    """Load the documents, and made-up progress; what is there already is left alone (装载目标演示)."""
    load_documents()
    clerk = Person.objects.filter(organisation__region_id=CITY, appointments__duty="clerk", is_active=True).first()
    if clerk is None:
        return
    if not Progress.objects.exists():
        _report(
            clerk, Person.objects.filter(organisation__region_id=CITY[:2] + "0000", appointments__duty="review").first()
        )
    if not Decomposition.objects.exists():
        _divide(clerk)


def _report(clerk: Person, reviewer: Person | None) -> None:
    """Report the made-up progress; a reviewer of the province confirms all but the last, which waits."""
    for code, county, amount, on in PROGRESS:
        region = Region.objects.filter(code=county, level="county").first()
        if region is not None:
            made = planned.report(
                by=clerk, quantity=PlannedQuantity.objects.get(code=code), region=region, amount=Decimal(amount), on=on,
                evidence="模拟数据：验收材料为虚构", now=timezone.now(), today=timezone.localdate(), simulated=True,
            )  # fmt: skip
            if reviewer is not None and (code, county, amount, on) != PROGRESS[-1]:
                planned.confirm(by=reviewer, progress=made, now=timezone.now())


def _divide(clerk: Person) -> None:
    """Divide the city's two targets from made-up present rates: one waits for approval, one is a draft."""
    city = Region.objects.get(code=CITY)
    counties = Region.objects.filter(parent=city, level="county")
    areas = border_areas(county.code for county in counties)
    if len(areas) < len(counties):
        return  # no map of the counties: there is nothing to divide by
    figures = {code: {YEAR: _imagined(code, at, area)} for at, (code, area) in enumerate(sorted(areas.items()))}
    for year, method in ((2025, Method.TREATABLE), (2035, Method.EQUAL)):
        made = decomposing.begin(by=clerk, region=city, year=year, method=method, figures=figures, now=timezone.now())
        Decomposition.objects.filter(pk=made.pk).update(
            base_source="虚构的现状率（模拟数据）", area_source="行政界线内的椭球面积（CGCS2000）"
        )
        made.lines.update(base_source="模拟数据")
        if year == 2025:
            decomposing.submit(by=clerk, decomposition=made, now=timezone.now())


def _imagined(code: str, at: int, area: int) -> RateFigure:
    """Return a made-up present rate of a county: somewhat below its printed target."""
    printed = Target.objects.in_force().get(region_id=code, year=2025).percent
    percent = float(printed) - 1.1 - 0.37 * (at % 7)
    return RateFigure(
        region_code=code, year=YEAR, land_m2=area, eroded_m2=area * (1 - percent / 100), percent=percent, low=None,
        high=None, version=1, simulated=True, publication=0, complete=True,
    )  # fmt: skip
