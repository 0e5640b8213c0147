"""Publications to lay on the map, and counties with borders."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from tests.bureau.publications.conftest import another_run, county_run, folder, own, published  # noqa: F401 - fixtures
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.publications.models import Publication
from bureau.regions.models import Region

WEST, MIDDLE, EAST, SOUTH, NORTH = 111.29, 111.3105, 111.33, 39.47, 39.51


def box(west: float, east: float) -> MultiPolygon:
    """Return a border."""
    ring = f"{west} {SOUTH}, {east} {SOUTH}, {east} {NORTH}, {west} {NORTH}, {west} {SOUTH}"
    found = GEOSGeometry(f"SRID=4490;MULTIPOLYGON((({ring})))")
    assert isinstance(found, MultiPolygon)
    return found


@pytest.fixture
def borders(db: None) -> None:
    """Give the small land's counties their borders, roughly."""
    for code, west, east in ((WUZHAI, WEST, MIDDLE), (PIANGUAN, MIDDLE, EAST), (XINZHOU, WEST, EAST)):
        Region.objects.filter(pk=code).update(border=box(west, east))


@pytest.fixture
def survey(published, borders) -> Publication:  # type: ignore[no-untyped-def]  # noqa: F811
    """Return a published survey."""
    made: Publication = published()
    return made


@pytest.fixture
def zones(published, borders) -> Publication:  # type: ignore[no-untyped-def]  # noqa: F811
    """Return published zones."""
    made: Publication = published(kind="zones", theme="steep_slope")
    return made
