"""The index of what lies on disk (索引): written again from the folder, only where it differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from django.contrib.gis.geos import GEOSGeometry
from numpy.typing import NDArray

from bureau.delimitation.models import Comment, Delimitation, Entry, ZoneShape
from bureau.office.models import Person
from bureau.regions.models import Region
from shuibao.delimitation.folder import theme_folder
from shuibao.delimitation.life.comment_following import comments_now
from shuibao.delimitation.life.comments import Comment as Said
from shuibao.delimitation.life.journal import Record, head_of, read_journal
from shuibao.delimitation.life.recorded_zones import Zone, zones_of
from shuibao.delimitation.life.redrawing import open_conflicts
from shuibao.delimitation.life.stages import current_stage
from shuibao.delimitation.life.status import history_rows
from shuibao.delimitation.life.versions import layer_of, versions_of
from shuibao.ground.transforming import between
from shuibao.rules import Rules, load_rules
from shuibao.survey.region import SIMULATED, load_region
from shuibao.zoning.layer import ZoneLayer

DEGREES = pyproj.CRS("EPSG:4490")
SHOWN = {"code", "name", "kind", "level", "county", "county_name", "town", "town_name"}
"""Attributes that have columns of their own in the index."""
BATCH = 500


def zones_folder(delimitation: Delimitation) -> Path:
    """
    Return where the records and layers of a delimitation lie (划定记录文件夹).

    Parameters
    ----------
    delimitation : Delimitation
    """
    return theme_folder(delimitation.folder, delimitation.theme)


def is_behind(delimitation: Delimitation) -> bool:
    """
    Return whether the folder holds records that the index does not know (索引是否落后).

    Parameters
    ----------
    delimitation : Delimitation
    """
    try:
        head = head_of(zones_folder(delimitation))
    except (ValueError, KeyError, TypeError):
        return True
    return (head or (0, "")) != (delimitation.records, delimitation.head)


def write_index(delimitation: Delimitation, *, by: Person | None = None, at: datetime | None = None) -> None:
    """
    Write the index of a delimitation from its folder, within the caller's transaction (更新索引).

    Parameters
    ----------
    delimitation : Delimitation
        Locked by the caller.
    by : Person, optional
        Who made the records that are new.
    at : datetime, optional
        When.

    Raises
    ------
    ShuibaoError
        If the records are not in order.
    """
    region, folder = load_region(delimitation.folder), zones_folder(delimitation)
    rules, records = load_rules(region.packs), read_journal(folder)
    layer = layer_of(folder, records)
    _write_zones(delimitation, layer)
    _write_entries(delimitation, records, rules, by, at)
    _write_comments(delimitation, comments_now(folder, records, rules), layer.crs, by, at)
    stage, moves = current_stage(records, rules), [r for r in records if r.kind == "stage"]
    delimitation.stage, delimitation.since = stage.id, moves[-1]["when"] if moves else ""
    delimitation.version, delimitation.records = len(versions_of(records)), len(records)
    delimitation.head = records[-1].sha256 if records else ""
    delimitation.undecided = len(open_conflicts(records))
    delimitation.simulated = region.simulated or layer.metadata.get("DATA_KIND") == SIMULATED
    delimitation.packs = [str(pack) for pack in region.packs]
    delimitation.save(update_fields=["stage", "since", "version", "records", "head", "simulated", "packs", "undecided"])


def degrees(shapes: NDArray[Any], crs: pyproj.CRS) -> NDArray[Any]:
    """
    Return shapes in longitude and latitude, as they are otherwise (化为经纬度).

    Parameters
    ----------
    shapes : array of shapely geometry
        In the system of the layer, m.
    crs : pyproj.CRS
        The system of the layer.
    """
    change = between(crs, DEGREES)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    turned: NDArray[Any] = np.asarray(shapely.transform(shapes, moved), dtype=object)
    return turned


def token_of(zone: Zone) -> str:
    """
    Return a digest of a zone's shape and attributes, by which a change in the meantime is noticed (区域摘要).

    Parameters
    ----------
    zone : Zone
    """
    words = json.dumps(zone.attributes, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(words + bytes(shapely.to_wkb(zone.geometry, byte_order=1))).hexdigest()[:16]


def _write_zones(delimitation: Delimitation, layer: ZoneLayer) -> None:
    """Write the zones that are not as they were, and take those out that are gone."""
    zones = zones_of(layer)
    tokens = {zone.code: token_of(zone) for zone in zones}
    there = dict(delimitation.zones.values_list("code", "token"))
    delimitation.zones.filter(code__in=[code for code in there if tokens.get(code) != there[code]]).delete()
    at = [k for k, zone in enumerate(zones) if there.get(zone.code) != tokens[zone.code]]
    if not at:
        return
    shapes = degrees(layer.geometry[at], layer.crs)
    areas = np.asarray(layer.columns["area_m2"], dtype=np.float64)[at]
    known = set(Region.objects.filter(code__startswith=delimitation.region.prefix).values_list("code", flat=True))
    rows = []
    for zone, shape, area in zip((zones[k] for k in at), shapes, areas, strict=True):
        own = zone.attributes
        county = str(own.get("county") or "")
        place = " ".join(str(own.get(name) or "") for name in ("county_name", "town_name")).strip()
        rows.append(ZoneShape(
            delimitation=delimitation, code=zone.code, name=str(own.get("name") or "")[:120], kind=zone.kind,
            level=str(own.get("level") or ""), county_id=county if county in known else delimitation.region_id,
            place=place[:120], area_m2=float(area), token=tokens[zone.code],
            attributes={name: value for name, value in own.items() if name not in SHOWN}, geometry=_multi(shape),
        ))  # fmt: skip
    ZoneShape.objects.bulk_create(rows, batch_size=BATCH)


def _multi(shape: Any) -> Any:
    """Return a shape as the database keeps it."""
    valid = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(valid) if part.geom_type in ("Polygon", "MultiPolygon")]
    whole = shapely.multipolygons([p for part in parts for p in shapely.get_parts(part)])
    return GEOSGeometry(memoryview(shapely.to_wkb(whole)), srid=4490)


def _write_entries(
    delimitation: Delimitation, records: Sequence[Record], rules: Rules, by: Person | None, at: datetime | None
) -> None:
    """Add the records that are new."""
    known = delimitation.entries.count()
    rows = history_rows(records, rules)
    Entry.objects.bulk_create([
        Entry(
            delimitation=delimitation, sequence=record.sequence, kind=record.kind, kind_name=row["kind_name"],
            number=record.number, who=str(record["who"])[:120], on=record["when"], why=row["why"], what=row["what"],
            version=row["version"], stage=record.content.get("to", "") if record.kind == "stage" else "",
            codes=_codes_of(record), evidence=list(record.content.get("evidence") or []), sha256=record.sha256, by=by, at=at,
        )
        for record, row in list(zip(records, rows, strict=True))[known:]
    ])  # fmt: skip


def _codes_of(record: Record) -> list[str]:
    """Return the zones that a record is about."""
    changes = record.content.get("changes") or []
    codes = {str(zone["code"]) for change in changes for side in ("before", "after") for zone in change[side]}
    return sorted(codes | set(record.content.get("codes") or []))


def _write_comments(
    delimitation: Delimitation, found: Sequence[Said], crs: pyproj.CRS, by: Person | None, at: datetime | None
) -> None:
    """Write what is new of the comments, and what became of the others."""
    there = {comment.number: comment for comment in delimitation.comments.all()}
    for said in found:
        answer = said.answer
        told = {
            "codes": list(said.codes), "state": said.state, "reason": said.reason[:300],
            "outcome": answer["outcome"] if answer else "", "answer": answer["why"] if answer else "",
            "answered": f"{answer['who']}，{answer['when']}" if answer else "", "edit": answer["edit"] if answer else None,
        }  # fmt: skip
        old = there.get(said.number)
        if old is None:
            region = by.organisation.region if by is not None else delimitation.region
            place = (
                degrees(np.array([shapely.from_wkb(said.geometry)], dtype=object), crs)[0] if said.geometry else None
            )
            Comment.objects.create(
                delimitation=delimitation, number=said.number, region=region, unit=said.unit[:120],
                commenter=said.commenter[:60], on=said.date, opinion=said.opinion, text=said.text, by=by, at=at,
                place=None if place is None else GEOSGeometry(memoryview(shapely.to_wkb(place)), srid=4490), **told,
            )  # fmt: skip
        elif any(getattr(old, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(old, name, value)
            old.save(update_fields=list(told))
