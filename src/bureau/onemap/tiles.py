"""Vector tiles (矢量瓦片), made in the database by ST_AsMVT; who may see what is part of the statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from bureau.onemap.drawing import band
from bureau.onemap.models import Layer
from bureau.publications.models import codes_above

EXTENT, BUFFER = 4096, 64
MOST_ZOOM = 22
KEPT_TO = 10
"""Up to this zoom tiles are kept on disk: there are few of them, and each holds much."""
DRAWN = "4"
"""Changes when shapes are drawn otherwise, so that tiles are made anew."""

_TILE = """
    WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS bounds)
    SELECT ST_AsMVT(rows.*, %(layer)s, {extent}, 'geom', 'id') FROM (
        SELECT id, code, name, kind, nullif(other, '') AS other, region_code AS region,
            round(area_m2 / 10000.0)::float8 AS hectares, round(value::numeric, 1)::float8 AS value,
            ST_AsMVTGeom(geometry, tile.bounds, {extent}, {buffer}, true) AS geom
        FROM onemap_shape, tile
        WHERE {whose} AND layer = %(layer)s AND {zoom}
            AND geometry && ST_Expand(tile.bounds, (ST_XMax(tile.bounds) - ST_XMin(tile.bounds)) * {margin}) {scope}
    ) AS rows WHERE geom IS NOT NULL
"""
_BAND = "least_zoom = %(band)s::smallint"  # as the column is, or its index is of no use
_RANGE = "least_zoom <= %(z)s::smallint AND most_zoom >= %(z)s"
_SCOPE = "AND (region_code LIKE %(prefix)s OR region_code = ANY(%(above)s))"
_WITHOUT = " AND region_code <> ALL(%(without)s)"


def exists(z: int, x: int, y: int) -> bool:
    """
    Return whether there is such a tile (瓦片编号是否存在).

    Examples
    --------
    >>> exists(1, 1, 1), exists(1, 2, 0), exists(23, 0, 0)
    (True, False, False)
    """
    return 0 <= z <= MOST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def _statement(whose: str, scope: str, zoom: str = _BAND) -> str:
    return _TILE.format(whose=whose, scope=scope, zoom=zoom, extent=EXTENT, buffer=BUFFER, margin=BUFFER / EXTENT)


def base_tile(z: int, x: int, y: int) -> bytes:
    """
    Return a tile of the base map: borders and names of regions, which are nobody's secret (底图瓦片).

    Parameters
    ----------
    z, x, y : int
    """
    whose = "publication_id IS NULL"
    given: dict[str, Any] = {"z": z, "x": x, "y": y, "band": band(Layer.REGION, z)}
    with connection.cursor() as cursor:
        cursor.execute(_statement(whose, ""), given | {"layer": str(Layer.REGION)})
        borders = bytes(cursor.fetchone()[0])
        cursor.execute(_statement(whose, "", _RANGE), given | {"layer": str(Layer.PLACE)})
        return borders + bytes(cursor.fetchone()[0])


def tile(*, publication: int, layer: str, z: int, x: int, y: int, scope: str, without: Sequence[str] = ()) -> bytes:
    """
    Return a tile of a publication's watersheds, zones or patches that a person may see (成果瓦片).

    Parameters
    ----------
    publication : int
        Key; whether the person may see it at all is asked before.
    layer : Layer
    z, x, y : int
    scope : str
        Prefix of the region codes that the person sees.
    without : sequence of str
        Counties that are left out: another survey counts for them.
    """
    within = band(layer, z)
    if within is None:
        return b""
    given: dict[str, Any] = {
        "band": within,
        "publication": publication, "layer": layer, "z": z, "x": x, "y": y, "prefix": f"{scope}%",
        "above": codes_above(scope), "without": list(without),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_statement("publication_id = %(publication)s", _SCOPE + (_WITHOUT if without else "")), given)
        return bytes(cursor.fetchone()[0])
