"""
Regions from the county map that the science uses (行政区装载): nation, provinces, cities, counties, with their borders.

Borders of cities and provinces are the unions of their counties', so that they fit to the vertex.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction

from bureau.regions.codes import NATION, prefix_of
from bureau.regions.models import Level, Region
from shuibao.sources.boundaries import county_boundaries, county_table

TOLERANCE = 1e-6
"""Grid to which borders are snapped, degrees, some 0.1 m: counties' borders are stored twice, each rounded on its own."""


@transaction.atomic
def load_regions(codes: Iterable[str] | None = None) -> int:
    """
    Load the regions, or those within some of them; what is there is renewed, nothing is deleted (装载行政区).

    Parameters
    ----------
    codes : iterable of str, optional
        Codes of provinces, cities or counties to take with all within; the whole nation if not given.

    Returns
    -------
    int
        Regions that were written.
    """
    wanted = None if codes is None else tuple(prefix_of(code) for code in codes)
    rows = [row for row in county_table() if wanted is None or row["code"].startswith(wanted)]
    if not rows:
        return 0
    borders = county_boundaries([row["code"] for row in rows])
    polygon = dict(zip(borders.codes, shapely.set_precision(borders.geometry, TOLERANCE), strict=True))
    made: dict[str, Region] = {NATION: Region(code=NATION, name="全国", level=Level.NATION)}
    members: dict[str, list[str]] = {}
    for row in rows:
        province, city, county = row["province_code"], row["city_code"], row["code"]
        made.setdefault(province, Region(code=province, name=row["province"], level=Level.PROVINCE, parent_id=NATION))
        made.setdefault(city, Region(code=city, name=row["city"], level=Level.CITY, parent_id=province))
        made[county] = Region(code=county, name=row["name"], level=Level.COUNTY, parent_id=city)
        for above in (province, city):
            members.setdefault(above, []).append(county)
    for code, region in made.items():
        shapes = [polygon[c] for c in members.get(code, [code]) if c in polygon]
        if shapes and code != NATION:
            region.border = _multi(shapely.union_all(shapes))
            region.border_source = f"{borders.source}（{borders.version}）"[:200]
    fields = ["name", "level", "parent", "border", "border_source"]
    for level in (Level.NATION, Level.PROVINCE, Level.CITY, Level.COUNTY):
        batch = [region for region in made.values() if region.level == level]
        Region.objects.bulk_create(
            batch, batch_size=200, update_conflicts=True, update_fields=fields, unique_fields=["code"]
        )
    return len(made)


def _multi(shape: shapely.Geometry) -> MultiPolygon:
    """Return a polygon as several, for the database."""
    parts = shapely.get_parts(shape)
    polygons = shapely.multipolygons([part for part in parts if part.geom_type == "Polygon"])
    made = GEOSGeometry(memoryview(shapely.to_wkb(polygons)), srid=4490)
    return cast(MultiPolygon, made)
