"""Rows into the database by COPY (批量入库)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
import shapely
from django.db import connection, models
from pyarrow import csv

from bureau.publications.models import Fact, Patch, Publication, Watershed, Zone
from shuibao.facts import Facts
from shuibao.ground.vectors import Vectors

CHUNK = 8 * 2**20
"""Bytes that are handed to the database at a time."""

ZONE_COLUMNS = ("code", "name", "kind", "level", "county", "town", "area_m2", "basis")


def copy_facts(publication: Publication, facts: Facts) -> int:
    """
    Write the facts of a publication; a million rows take seconds (事实入库).

    Parameters
    ----------
    publication : Publication
        Being prepared.
    facts : Facts

    Returns
    -------
    int
        Rows written.
    """
    table = facts.table
    count = table.num_rows
    columns = {
        "publication_id": pa.repeat(pa.scalar(publication.pk, pa.int64()), count),
        "county_id": table["county"], "watershed": table["watershed"], "land_use": table["land_use"],
        "slope_class": table["slope_class"], "cover_class": table["cover_class"],
        "erosion_type": table["erosion_type"], "intensity": table["intensity"],
        "zone": _zone_codes(table["zone"]), "cells": table["cells"], "area_m2": table["area_m2"],
        "soil_loss_t": table["soil_loss_t"],
    }  # fmt: skip
    buffer = BytesIO()
    csv.write_csv(pa.table(columns), buffer, csv.WriteOptions(include_header=False, quoting_style="needed"))
    _copy(Fact, tuple(columns), "WITH (FORMAT csv, FORCE_NOT_NULL (watershed, zone))", buffer.getbuffer())
    return count


def _zone_codes(column: Any) -> Any:
    """Return zones as text; numbered ones, where 0 is none, as their numbers."""
    if pa.types.is_string(column.type):
        return column
    text = [("" if value in (0, None) else str(value)) for value in column.to_pylist()]
    return pa.array(text, pa.string())


def copy_watersheds(publication: Publication, watersheds: Vectors, sums: dict[str, tuple[float, float]]) -> int:
    """
    Write the small watersheds (小流域入库).

    Parameters
    ----------
    publication : Publication
        Being prepared.
    watersheds : Vectors
        In longitude and latitude.
    sums : dict of str to (float, float)
        Eroded area, m², and soil loss, t/a, of each by its code.
    """
    own = watersheds.columns
    rows = (
        (
            publication.pk, str(own["code"][k]), str(own["name"][k]), str(own["type"][k]), str(own["county"][k]),
            str(own["down_code"][k] or ""), float(own["area_m2"][k]), *sums.get(str(own["code"][k]), (0.0, 0.0)), shape,
        )
        for k, shape in enumerate(_ewkb(watersheds.geometry))
    )  # fmt: skip
    fields = (
        "publication_id", "code", "name", "type", "county_id", "down_code", "area_m2", "eroded_m2", "soil_loss_t",
        "geometry",
    )  # fmt: skip
    return _copy_rows(Watershed, fields, rows)


def copy_zones(publication: Publication, columns: Mapping[str, Any], shapes: Any) -> int:
    """
    Write the zones; what else a layer knows of each goes into its attributes (区域入库).

    Parameters
    ----------
    publication : Publication
        Being prepared.
    columns : mapping of str to array
        Columns of the layer.
    shapes : array of shapely geometry
        In longitude and latitude.
    """
    known = {*ZONE_COLUMNS, "county_name", "town_name", "area_hm2"}
    others = [name for name in columns if name not in known]

    def row(k: int, shape: str) -> tuple[Any, ...]:
        of = {name: columns[name][k] for name in (*ZONE_COLUMNS, "town_name")}
        attributes = {name: _plain(columns[name][k]) for name in others}
        return (
            publication.pk, publication.theme, str(of["kind"]), str(of["code"]), str(of["name"])[:120], str(of["level"]),
            str(of["county"]) or publication.region_id, str(of["town_name"] or of["town"])[:80], float(of["area_m2"]),
            str(of["basis"]), json.dumps(attributes, ensure_ascii=False), shape,
        )  # fmt: skip

    fields = (
        "publication_id", "theme", "kind", "code", "name", "level", "county_id", "town", "area_m2", "basis",
        "attributes", "geometry",
    )  # fmt: skip
    return _copy_rows(Zone, fields, (row(k, shape) for k, shape in enumerate(_ewkb(shapes))))


PATCH_COLUMNS = (
    "number", "county", "type", "change", "state", "compliance", "confirmed", "verdict", "batch", "project", "area_m2",
    "stated_hm2", "over_hm2", "image_before", "image_after", "address", "note",
)  # fmt: skip


def copy_patches(publication: Publication, columns: Mapping[str, Any], shapes: Any) -> int:
    """
    Write the disturbance patches (扰动图斑入库).

    Parameters
    ----------
    publication : Publication
        Being prepared.
    columns : mapping of str to list
        Values by the names of :data:`PATCH_COLUMNS`.
    shapes : array of shapely geometry
        In longitude and latitude.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    values = zip(
        *(columns[name] for name in PATCH_COLUMNS), _ewkb(shapely.multipolygons(parts, indices=owner)), strict=True
    )
    fields = tuple("county_id" if name == "county" else name for name in PATCH_COLUMNS)
    return _copy_rows(Patch, ("publication_id", *fields, "geometry"), ((publication.pk, *row) for row in values))


def _ewkb(shapes: Any) -> list[str]:
    """Return shapes as the database reads them, in CGCS2000."""
    return list(shapely.to_wkb(shapely.set_srid(shapes, 4490), hex=True, include_srid=True))


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if plain != plain else plain  # NaN is no JSON


def _copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> int:
    count = 0
    with connection.cursor() as cursor, cursor.cursor.copy(_statement(model, fields)) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _copy(model: type[models.Model], fields: Sequence[str], form: str, content: memoryview) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy(f"{_statement(model, fields)} {form}") as copy:
        for start in range(0, len(content), CHUNK):
            copy.write(content[start : start + CHUNK])


def _statement(model: type[models.Model], fields: Sequence[str]) -> str:
    return f"COPY {model._meta.db_table} ({', '.join(fields)}) FROM STDIN"
