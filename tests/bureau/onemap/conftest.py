"""Publications to lay on the map, and counties with borders."""

from __future__ import annotations

import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from tests.bureau.publications.conftest import another_run, county_run, folder, own, published, quarter  # noqa: F401 - fixtures
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.publications.models import Publication
from bureau.regions.models import Region

WEST, MIDDLE, EAST, SOUTH, NORTH = 111.2986, 111.31, 111.3213, 39.483, 39.4999
LAND = ((111.29863, 39.48400), (111.31987, 39.48298), (111.32122, 39.49889), (111.29998, 39.49990))
"""Corners of the small land of :mod:`tests.bureau.publications.folders`."""
BESIDE = 0.00018
"""How far the borders lie outside the land, degrees: a cell's half, so that no cell lies beyond them."""


@pytest.fixture
def borders(db: None) -> None:
    """Give the small land's counties borders that fit it: a meridian stands for the line between them."""
    land = shapely.Polygon(LAND).buffer(BESIDE, join_style="mitre")
    for code, west, east in ((WUZHAI, WEST - 1, MIDDLE), (PIANGUAN, MIDDLE, EAST + 1), (XINZHOU, WEST - 1, EAST + 1)):
        part = land.intersection(shapely.box(west, SOUTH - 1, east, NORTH + 1))
        border = MultiPolygon(GEOSGeometry(part.wkt, srid=4490), srid=4490)
        Region.objects.filter(pk=code).update(border=border)


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
