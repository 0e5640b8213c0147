"""
Shapes made ready for the map (制图): from a publication within the transaction that publishes it, and from the regions.

Simplifying keeps neighbours' borders together as far as ST_SimplifyVW and a common grid do; figures never come from here.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from bureau.onemap.models import Layer, Shape
from bureau.publications.models import Kind, Publication
from bureau.regions.models import Region

WHOLE_FROM = 13
"""Zoom from which shapes are drawn whole (a pixel is 19 m there)."""
ZONES_FROM = 9
"""Zoom from which each zone is drawn; below it squares (measured: 100 000 zones at zoom 7 took 2.2 s)."""
WATERSHEDS_FROM = 8
SIMPLER = ((11, 12, 12.0), (10, 10, 38.0), (9, 9, 75.0), (8, 8, 150.0))
"""Bands of zooms below those where shapes are whole, and their tolerance, m on the map: half a pixel or so;
each is made of the one before."""
SQUARES = ((8, 8, 4892.0), (7, 7, 9784.0), (6, 6, 19568.0), (5, 5, 39136.0), (0, 4, 78272.0))
"""Bands of zooms and the side of their squares, m on the map: 16 pixels of the greater zoom."""
BORDERS = ((0, 5, 1200.0), (6, 8, 200.0), (9, 22, 15.0))
"""Bands of zooms and the tolerance of borders, m on the map: half a pixel of the greater zoom or so."""


def band(layer: str, z: int) -> int | None:
    """
    Return the least zoom of the band in which a zoom lies; None where a layer is not drawn (所在级别段).

    Parameters
    ----------
    layer : Layer
    z : int

    Examples
    --------
    >>> band("zone", 12), band("patch", 3), band("watershed", 9), band("watershed", 7), band("region", 22)
    (11, 0, 9, None, 9)
    """
    if layer == Layer.REGION:
        bands = [least for least, _, _ in BORDERS]
    else:
        first = WATERSHEDS_FROM if layer == Layer.WATERSHED else ZONES_FROM
        bands = [WHOLE_FROM, *(least for least, most, _ in SIMPLER if most >= first)]
        bands += [least for least, _, _ in SQUARES] if layer in (Layer.ZONE, Layer.PATCH) else []
    return max((least for least in bands if least <= z), default=None)


_WHOLE = """
    INSERT INTO onemap_shape
        (publication_id, layer, least_zoom, most_zoom, code, name, kind, other, region_code, area_m2, value, geometry)
    SELECT %(publication)s, %(layer)s, %(whole)s, 22, {columns}, ST_Transform(geometry, 3857)
    FROM {table} WHERE publication_id = %(publication)s
"""
_ZONE_COLUMNS = "code, name, kind, '', county_id, area_m2, NULL"
_PATCH_COLUMNS = (
    "number, left(project, 120), CASE verdict WHEN '' THEN 'unsaid' ELSE verdict END,"
    " CASE type WHEN '' THEN 'unsaid' ELSE type END, county_id, area_m2, NULL"
)
_WATERSHED_COLUMNS = (
    "code, name, type, '', county_id, area_m2, CASE WHEN area_m2 > 0 THEN least(100, 100.0 * eroded_m2 / area_m2) END"
)
_SIMPLER = """
    INSERT INTO onemap_shape
        (publication_id, layer, least_zoom, most_zoom, code, name, kind, other, region_code, area_m2, value, geometry)
    SELECT publication_id, layer, %(least)s, %(most)s, code, name, kind, other, region_code, area_m2, value,
        ST_SimplifyPreserveTopology(geometry, %(tolerance)s)
    FROM onemap_shape WHERE publication_id = %(publication)s AND layer = %(layer)s AND least_zoom = %(finer)s
"""

_SQUARES = """
    WITH drawn AS MATERIALIZED (
        SELECT kind, region_code AS county_id, area_m2, geometry AS shape
        FROM onemap_shape WHERE publication_id = %(publication)s AND layer = 'zone' AND least_zoom = %(whole)s
    ), large AS MATERIALIZED (
        SELECT kind, county_id, area_m2, ST_Buffer(ST_SimplifyPreserveTopology(shape, %(side)s / 8), 0) AS simple
        FROM drawn WHERE area_m2 >= %(square)s
    ), blocks AS MATERIALIZED (
        SELECT kind, county_id, area_m2 / nullif(ST_Area(simple), 0) AS scale, ST_Subdivide(simple, 64) AS block FROM large
    ), parts AS (
        SELECT kind, county_id, area_m2, ST_Centroid(shape) AS at FROM drawn WHERE area_m2 < %(square)s
        UNION ALL
        SELECT kind, county_id, ST_Area(piece) * scale, ST_Centroid(piece)
        FROM (
            SELECT kind, county_id, scale, ST_ClipByBox2D(block, grid.geom::box2d) AS piece
            FROM blocks, ST_SquareGrid(%(side)s, block) AS grid
        ) AS cut WHERE NOT ST_IsEmpty(piece)
    ), placed AS (
        SELECT kind, county_id, area_m2, floor(ST_X(at) / %(side)s) AS x, floor(ST_Y(at) / %(side)s) AS y FROM parts
    )
    INSERT INTO onemap_shape
        (publication_id, layer, least_zoom, most_zoom, code, name, kind, other, region_code, area_m2, value, geometry)
    SELECT %(publication)s, 'zone', %(least)s, %(most)s, '', '', kind, '', county_id, sum(area_m2),
        least(100, 100.0 * sum(area_m2) / %(square)s),
        ST_MakeEnvelope(x * %(side)s, y * %(side)s, (x + 1) * %(side)s, (y + 1) * %(side)s, 3857)
    FROM placed GROUP BY kind, county_id, x, y
"""


_PATCH_SQUARES = """
    INSERT INTO onemap_shape
        (publication_id, layer, least_zoom, most_zoom, code, name, kind, other, region_code, area_m2, value, geometry)
    SELECT %(publication)s, 'patch', %(least)s, %(most)s, '', '', kind, other, region_code, sum(area_m2), count(*),
        ST_MakeEnvelope(x * %(side)s, y * %(side)s, (x + 1) * %(side)s, (y + 1) * %(side)s, 3857)
    FROM (
        SELECT kind, other, region_code, area_m2, floor(ST_X(at) / %(side)s) AS x, floor(ST_Y(at) / %(side)s) AS y
        FROM (
            SELECT kind, other, region_code, area_m2, ST_Centroid(geometry) AS at
            FROM onemap_shape WHERE publication_id = %(publication)s AND layer = 'patch' AND least_zoom = %(whole)s
        ) AS drawn
    ) AS placed GROUP BY kind, other, region_code, x, y
"""
"""Patches are small: each is counted in the square of its middle; the value is their number."""


def when_published(sender: Any, publication: Publication, **words: Any) -> None:
    """Draw a publication that is being published (发布时制图)."""
    draw(publication)


@transaction.atomic
def draw(publication: Publication) -> None:
    """
    Make the shapes of a publication anew (成果制图).

    Parameters
    ----------
    publication : Publication
    """
    Shape.objects.filter(publication=publication).delete()
    if publication.kind == Kind.SURVEY:
        _draw_bands(publication, Layer.WATERSHED, "publications_watershed", _WATERSHED_COLUMNS, WATERSHEDS_FROM)
        return
    if publication.kind == Kind.PATCHES:
        _draw_bands(publication, Layer.PATCH, "publications_patch", _PATCH_COLUMNS, ZONES_FROM)
    else:
        _draw_bands(publication, Layer.ZONE, "publications_zone", _ZONE_COLUMNS, ZONES_FROM)
    squares = _PATCH_SQUARES if publication.kind == Kind.PATCHES else _SQUARES
    with connection.cursor() as cursor:
        for least, most, side in SQUARES:
            at = {"publication": publication.pk, "least": least, "most": most, "side": side, "whole": WHOLE_FROM}
            cursor.execute(squares, at | {"square": side * side * 0.6})  # the map's scale squared, at 39° north


def _draw_bands(publication: Publication, layer: str, table: str, columns: str, first: int) -> None:
    given: dict[str, Any] = {"publication": publication.pk, "layer": layer, "whole": WHOLE_FROM}
    with connection.cursor() as cursor:
        cursor.execute(_WHOLE.format(columns=columns, table=table), given)
        finer = WHOLE_FROM
        for least, most, tolerance in SIMPLER:
            if most < first:
                break
            cursor.execute(_SIMPLER, given | {"least": least, "most": most, "tolerance": tolerance, "finer": finer})
            finer = least


@transaction.atomic
def draw_regions() -> int:
    """
    Make the borders and names of the regions anew (行政区制图).

    Returns
    -------
    int
        Regions drawn.
    """
    Shape.objects.filter(publication=None).delete()
    with connection.cursor() as cursor:
        for least, most, tolerance in BORDERS:
            cursor.execute(_BORDERS, {"least": least, "most": most, "tolerance": tolerance})
        cursor.execute(_NAMES)
    return drawn_regions()


_BORDERS = """
    INSERT INTO onemap_shape (layer, least_zoom, most_zoom, code, name, kind, other, region_code, area_m2, geometry)
    SELECT 'region', %(least)s, %(most)s, code, name, level, '', code, 0,
        ST_SimplifyPreserveTopology(ST_Transform(border, 3857), %(tolerance)s)
    FROM regions_region WHERE border IS NOT NULL
"""
_NAMES = """
    INSERT INTO onemap_shape (layer, least_zoom, most_zoom, code, name, kind, other, region_code, area_m2, geometry)
    SELECT 'place', CASE level WHEN 'province' THEN 0 WHEN 'city' THEN 5 ELSE 8 END,
        CASE level WHEN 'province' THEN 6 WHEN 'city' THEN 8 ELSE 22 END, code, name, level, '', code, 0,
        ST_PointOnSurface(ST_Transform(border, 3857))
    FROM regions_region WHERE border IS NOT NULL
"""


def drawn_regions() -> int:
    """Return the number of regions that are drawn (已制图行政区数)."""
    return Shape.objects.filter(publication=None, layer=Layer.PLACE).count()


def ensure_regions() -> None:
    """Draw the regions if some were loaded since (行政区有变则重绘)."""
    if Region.objects.exclude(border=None).count() != drawn_regions():
        draw_regions()
