"""Vector tiles of the zones under review (划定瓦片); who may see what is part of the statement."""

from __future__ import annotations

from django.db import connection

from bureau.publications.models import codes_above

EXTENT, BUFFER = 4096, 64
MOST_ZOOM = 22
EARTH = 40_075_016.7
"""Length of the equator in the projection of tiles, m."""

_TILE = f"""
    WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS bounds)
    SELECT ST_AsMVT(rows.*, 'zone', {EXTENT}, 'geom') FROM (
        SELECT code, name, kind, round((area_m2 / 10000.0)::numeric, 2)::float8 AS hectares,
            ST_AsMVTGeom(ST_Transform(geometry, 3857), tile.bounds, {EXTENT}, {BUFFER}, true) AS geom
        FROM delimitation_zoneshape, tile
        WHERE delimitation_id = %(delimitation)s AND area_m2 >= %(least)s
            AND geometry && ST_Transform(ST_Expand(tile.bounds, (ST_XMax(tile.bounds) - ST_XMin(tile.bounds)) / 64), 4490)
            AND (county_id LIKE %(prefix)s OR county_id = ANY(%(above)s))
    ) AS rows WHERE geom IS NOT NULL
"""  # noqa: S608 - numbers of our own


def exists(z: int, x: int, y: int) -> bool:
    """
    Return whether there is such a tile (瓦片编号是否存在).

    Examples
    --------
    >>> exists(1, 1, 1), exists(1, 2, 0)
    (True, False)
    """
    return 0 <= z <= MOST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def tile(*, delimitation: int, z: int, x: int, y: int, scope: str) -> bytes:
    """
    Return a tile of the zones that a person may see; those of less than half a pixel square are left out (划定瓦片).

    Parameters
    ----------
    delimitation : int
        Key; whether the person may see it at all is asked before.
    z, x, y : int
    scope : str
        Prefix of the region codes that the person sees.
    """
    given = {
        "delimitation": delimitation, "z": z, "x": x, "y": y, "prefix": f"{scope}%", "above": codes_above(scope),
        "least": (EARTH / 2**z / 512 / 2) ** 2,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TILE, given)
        return bytes(cursor.fetchone()[0])
