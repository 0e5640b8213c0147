"""Lists ask the database as many questions for many rows as for few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bureau.commissions.models import Commission, Upload
from bureau.delimitation.models import Delimitation
from bureau.office.models import Organisation, Person
from bureau.publications.models import Publication
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
PAGES = (
    "/", "/publications/", "/commissions/", "/commissions/uploads/", "/delimitation/", "/office/people/", "/trail/", "/map/",
    "/targets/", "/targets/quantities/", "/targets/years/", "/tasks/", "/tasks/units/", "/tasks/calendar/",
)  # fmt: skip
YEARS = range(2020, 2025)


def grow(by: Person, reviewer: Person, county: Region, year: int) -> None:
    """Add a row of a county's and a year to each list, and somebody who works there."""
    there = Organisation.objects.create(region=county, name=f"水利站 {year}（模拟）", above=by.organisation)
    Person.objects.make(username=f"of{county.code}in{year}", name="模拟", organisation=there, password=None)
    for kind, theme in (("survey", ""), ("zones", "steep_slope")):
        made = Publication.objects.create(
            region=county, kind=kind, theme=theme, year=year, version=1, title="模拟成果", published_at=NOW, by=by,
            reviewed_by=reviewer, simulated=True, content_sha256=f"{county.code}{kind}{year}",
        )  # fmt: skip
        Publication.objects.filter(pk=made.pk).update(status="published")
    Commission.objects.create(region=county, year=year, cell=30, by=by, ordered=NOW)
    Upload.objects.create(region=county, kind="dem", said="m", name="模拟.tif", by=by, at=NOW, raw="incoming/x.tif")
    Delimitation.objects.create(region=county, theme="steep_slope", year=year, opened_by=by, opened_at=NOW)


def test_a_list_asks_no_more_for_more_rows(person: Callable[..., Person], signed_in: Callable[..., Client]) -> None:
    client = signed_in("clerk", "review", "administer", region="140900")
    by, reviewer = person("clerk", region="140900"), person("review", region="140900")
    counted: list[dict[str, int]] = []
    for year in YEARS:
        for county in Region.objects.filter(parent_id="140900"):
            grow(by, reviewer, county, year)
        if year in (YEARS[0], YEARS[-1]):
            counted.append({address: questions(client, address) for address in PAGES})
    few, many = counted
    assert {address: (few[address], many[address]) for address in PAGES if many[address] > few[address]} == {}


def questions(client: Client, address: str) -> int:
    """Return how many questions a page asks, once it has been looked at."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200, address
    return len(asked)
