"""
Tiles and numbers of the one map under a province's load, beside plain ST_AsMVT (一张图瓦片).

    python benchmarks/bureau_tiles.py [--zones 60000] [--patches 40000] [--watersheds 10000] [--facts 1000000] [--home DIR]
        [--json]

Made-up land (模拟数据) inside the real borders of Shanxi: blobs of 64 corners as zones of five kinds, blobs of 24 corners
as disturbance patches of every compliance, 100 000 in all, a jittered coverage as small watersheds, facts of all
their combinations. It is loaded through the bureau's own doors into a private cluster of its own, and asked through
Django's pages as somebody of the province; the plain way, in the same run, asks the published shapes as they are.
Tiles are asked for once when nothing is kept, and "again" when it is; each zoom for as many tiles as there are on the
land, at most 60.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

KINDS = ("prevention", "treatment", "severe", "fragile", "steep_slope")
PROVINCE = "140000"
MOST_TILES = 60
PLAIN = """
    WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS bounds)
    SELECT ST_AsMVT(rows.*, 'zone', 4096, 'geom') FROM (
        SELECT code, name, kind, level, county_id, area_m2,
            ST_AsMVTGeom(ST_Transform(geometry, 3857), tile.bounds, 4096, 64, true) AS geom
        FROM publications_zone, tile
        WHERE publication_id = %(publication)s AND geometry && ST_Transform(tile.bounds, 4490)
    ) AS rows WHERE geom IS NOT NULL
"""
PLAIN_PATCHES = (
    PLAIN.replace("'zone'", "'patch'")
    .replace("publications_zone", "publications_patch")
    .replace("code, name, kind, level, county_id", "number, project, verdict, type, county_id")
)


def start(home: Path) -> None:
    """Start a private cluster, and migrate it."""
    os.environ |= {"BUREAU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bureau.settings.desk"}
    import django
    from django.conf import settings
    from django.core.management import call_command

    from bureau.service.cluster import PrivateCluster

    cluster = PrivateCluster(settings.HOME / "cluster")
    cluster.start()
    cluster.make_database("bureau")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


class Land:
    """Counties with their borders, and which one holds a place."""

    def __init__(self) -> None:
        from bureau.regions.loading import load_regions
        from bureau.regions.models import Level, Region

        load_regions([PROVINCE])
        counties = list(Region.objects.filter(level=Level.COUNTY).exclude(border=None))
        self.codes = np.array([county.code for county in counties])
        self.shapes = np.array([shapely.from_wkb(bytes(county.border.wkb)) for county in counties], dtype=object)
        self.tree = shapely.STRtree(self.shapes)
        self.bounds = shapely.total_bounds(self.shapes)

    def places(self, rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return places on the land, and the number of the county of each."""
        west, south, east, north = self.bounds
        points = np.column_stack([rng.uniform(west, east, 3 * number), rng.uniform(south, north, 3 * number)])
        point, county = self.tree.query(shapely.points(points), predicate="within")
        return points[point[:number]], county[:number]


def zones(land: Land, rng: np.random.Generator, number: int) -> tuple[dict[str, Any], np.ndarray]:
    """Return columns and shapes of zones."""
    centre, county = land.places(rng, number)
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    size = rng.uniform(0.001, 0.006, (len(centre), 1)) * rng.uniform(0.7, 1.3, (len(centre), 64))
    x, y = centre[:, :1] + size * np.cos(angle), centre[:, 1:] + size * np.sin(angle)
    shapes = shapely.multipolygons(shapely.polygons(np.stack([x, y], axis=2)), indices=np.arange(len(centre)))
    text = np.arange(len(centre)).astype(str)
    columns = {
        "code": np.char.add("模拟-", text), "name": np.char.add("模拟区域", text), "kind": np.array(KINDS)[np.arange(len(centre)) % 5],
        "level": np.full(len(centre), "county"), "county": land.codes[county], "town": np.full(len(centre), ""),
        "town_name": np.full(len(centre), ""), "area_m2": shapely.area(shapes) * 9.5e9, "basis": np.full(len(centre), "模拟"),
    }  # fmt: skip
    return columns, np.asarray(shapes, dtype=object)


def patches(land: Land, rng: np.random.Generator, number: int) -> Any:
    """Return disturbance patches."""
    from bureau.publications.patch_reading import PatchLayer
    from bureau.publications.patch_words import dictionary

    centre, county = land.places(rng, number)
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    size = rng.uniform(0.0004, 0.0024, (len(centre), 1)) * rng.uniform(0.6, 1.3, (len(centre), 24))
    x, y = centre[:, :1] + size * np.cos(angle), centre[:, 1:] + 0.8 * size * np.sin(angle)
    shapes = shapely.multipolygons(shapely.polygons(np.stack([x, y], axis=2)), indices=np.arange(len(centre)))
    count = len(centre)

    def words(name: str) -> list[str]:
        codes = [word.code for word in dictionary(name)]
        return [codes[k] for k in rng.integers(0, len(codes), count)]

    verdicts = words("compliance")
    area = (shapely.area(shapes) * 9.5e9).tolist()
    columns = {
        "number": [f"模拟-{k:06d}" for k in range(count)], "county": land.codes[county].tolist(), "type": words("type"),
        "change": words("change"), "state": words("state"), "compliance": verdicts, "confirmed": [""] * count,
        "verdict": verdicts, "batch": ["第 1 期"] * count, "project": [f"模拟项目{k % 997}" for k in range(count)],
        "area_m2": area, "stated_hm2": [None] * count, "over_hm2": [None] * count, "image_before": [None] * count,
        "image_after": [None] * count, "address": [""] * count, "note": [""] * count,
    }  # fmt: skip
    return PatchLayer(columns, np.asarray(shapes, dtype=object))


def watersheds(land: Land, rng: np.random.Generator, number: int) -> Any:
    """Return small watersheds that cover the land without gaps."""
    from shuibao.ground.vectors import Vectors

    points, county = land.places(rng, number)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    text = np.char.add("模拟", np.arange(len(points)).astype(str))
    columns = {
        "code": text, "name": text, "type": np.full(len(points), "坡面型"), "county": land.codes[county],
        "down_code": np.full(len(points), ""), "area_m2": shapely.area(cells) * 9.5e9,
    }  # fmt: skip
    shapes = shapely.multipolygons(cells, indices=np.arange(len(cells)))
    return Vectors(columns, np.asarray(shapes, dtype=object), None)


def facts(sheds: Any, rng: np.random.Generator, number: int) -> Any:
    """Return facts of a number of rows."""
    import pyarrow as pa

    from shuibao.facts import Facts

    own = rng.integers(0, len(sheds.geometry), number)
    table = {
        "county": sheds.columns["county"][own], "watershed": sheds.columns["code"][own],
        "land_use": rng.integers(1, 21, number, dtype=np.int8), "slope_class": rng.integers(1, 9, number, dtype=np.int8),
        "cover_class": rng.integers(1, 6, number, dtype=np.int8), "erosion_type": np.ones(number, dtype=np.int8),
        "intensity": rng.integers(1, 7, number, dtype=np.int8), "zone": np.zeros(number, dtype=np.int8),
        "cells": rng.integers(1, 300, number), "area_m2": rng.integers(1, 300, number) * 900.0,
        "soil_loss_g": rng.integers(0, 10**9, number), "soil_loss_t": rng.uniform(0, 1000, number),
    }  # fmt: skip
    return Facts(pa.table(table), {})


def load(arguments: argparse.Namespace) -> tuple[Any, Any, Any, Any, dict[str, float]]:
    """Load all as a survey, zones and patches; return them, somebody of the province, and the seconds that each took."""
    from django.db import connection, transaction
    from django.utils import timezone

    from bureau.office.models import Appointment, Organisation, Person
    from bureau.onemap.drawing import draw, draw_regions
    from bureau.publications.copying import copy_facts, copy_patches, copy_watersheds, copy_zones
    from bureau.publications.models import Publication
    from bureau.publications.services import _close
    from bureau.publications.summaries import summarise_facts, summarise_patches, summarise_zones
    from shuibao.rules import load_rules

    rng, land, seconds = np.random.default_rng(7), Land(), {}
    bureau, _ = Organisation.objects.get_or_create(region_id=PROVINCE, name="模拟水利厅")
    by, other = (
        Person.objects.make(username=f"load{k}", name=f"模拟{k}", organisation=bureau, password=None) for k in (1, 2)
    )
    Appointment.objects.create(person=by, duty="view", since="2020-01-01")
    sheds = watersheds(land, rng, arguments.watersheds)
    table = facts(sheds, rng, arguments.facts)
    columns, shapes = zones(land, rng, arguments.zones)
    disturbed = patches(land, rng, arguments.patches)

    def timed(name: str, act: Any, *given: Any) -> None:
        began = time.perf_counter()
        act(*given)
        seconds[name] = round(time.perf_counter() - began, 2)

    def publication(kind: str, theme: str, batch: str = "") -> Publication:
        return Publication.objects.create(
            region_id=PROVINCE, kind=kind, theme=theme, year=2024, batch=batch, version=1, title="模拟成果", published_at=timezone.now(),
            by=by, reviewed_by=other, simulated=True, content_sha256=kind.ljust(64, "0"), provenance={},
        )  # fmt: skip

    timed("borders", draw_regions)
    with transaction.atomic():
        survey = publication("survey", "")
        timed("facts", copy_facts, survey, table)
        timed("sums of facts", summarise_facts, survey, table, load_rules(["national"]))
        timed("watersheds", copy_watersheds, survey, sheds, {})
        timed("drawing of watersheds", draw, survey)
        _close(survey, timezone.now())
    with transaction.atomic():
        drawn = publication("zones", "steep_slope")
        timed("zones", copy_zones, drawn, columns, shapes)
        timed("sums of zones", summarise_zones, drawn)
        timed("drawing of zones", draw, drawn)
        _close(drawn, timezone.now())
    with transaction.atomic():
        marked = publication("patches", "", "第 1 期")
        timed("patches", copy_patches, marked, disturbed.columns, disturbed.shapes)
        timed("sums of patches", summarise_patches, marked)
        timed("drawing of patches", draw, marked)
        _close(marked, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return survey, drawn, marked, by, seconds


def tiles_on(bounds: np.ndarray, z: int, rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Return tiles of a zoom on the land, the same every time."""

    def number(lon: float, lat: float) -> tuple[int, int]:
        y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z
        return int((lon + 180) / 360 * 2**z), int(y)

    west, north = number(bounds[0], bounds[3])
    east, south = number(bounds[2], bounds[1])
    every = [(z, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    return [every[k] for k in rng.permutation(len(every))[:MOST_TILES]]


def told(seconds: list[float], sizes: list[int]) -> dict[str, float]:
    """Return the middle and the 95th of a hundred, ms, and the largest answer, kB."""
    ms = np.array(seconds) * 1000
    return {
        "p50": round(float(np.quantile(ms, 0.5)), 1),
        "p95": round(float(np.quantile(ms, 0.95)), 1),
        "kB": round(max(sizes) / 1000),
    }


def ask(client: Any, addresses: list[str]) -> dict[str, float]:
    """Ask for pages one after the other."""
    seconds, sizes = [], []
    for address in addresses:
        began = time.perf_counter()
        answer = client.get(address, HTTP_HOST="localhost")
        seconds.append(time.perf_counter() - began)
        sizes.append(len(answer.content))
        if answer.status_code not in (200, 204):
            raise SystemExit(f"{address}: {answer.status_code}")
    return told(seconds, sizes)


def ask_plainly(publication: Any, statement: str, tiles: list[tuple[int, int, int]]) -> dict[str, float]:
    """Ask the published shapes as they are, as tile servers do."""
    from django.db import connection

    seconds, sizes = [], []
    with connection.cursor() as cursor:
        for z, x, y in tiles:
            began = time.perf_counter()
            cursor.execute(statement, {"publication": publication.pk, "z": z, "x": x, "y": y})
            sizes.append(len(cursor.fetchone()[0]))
            seconds.append(time.perf_counter() - began)
    return told(seconds, sizes)


def measure(survey: Any, drawn: Any, marked: Any, person: Any) -> dict[str, Any]:
    """Return what each zoom took, and the numbers beside the map."""
    from django.test import Client

    from bureau.regions.models import Region

    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    bounds = np.array(Region.objects.get(pk=PROVINCE).border.extent)
    rows = {}
    client.get("/map/numbers", HTTP_HOST="localhost")  # what is read once
    for z in range(5, 15):
        tiles = tiles_on(bounds, z, np.random.default_rng(z))
        path = [f"{z}/{x}/{y}.mvt" for z, x, y in tiles]
        rows[z] = {
            "tiles": len(tiles),
            "zones": ask(client, [f"/map/{drawn.pk}/zone/{at}" for at in path]),
            "again": ask(client, [f"/map/{drawn.pk}/zone/{at}" for at in path]),
            "plain": ask_plainly(drawn, PLAIN, tiles[: 60 if z > 7 else 6]),
            "patches": ask(client, [f"/map/{marked.pk}/patch/{at}" for at in path]),
            "patches again": ask(client, [f"/map/{marked.pk}/patch/{at}" for at in path]),
            "plain patches": ask_plainly(marked, PLAIN_PATCHES, tiles[: 60 if z > 7 else 6]),
            "watersheds": ask(client, [f"/map/{survey.pk}/watershed/{at}" for at in path]),
            "base": ask(client, [f"/map/base/{at}" for at in path]),
        }
    codes = [
        PROVINCE,
        *Region.objects.exclude(parent=None).filter(code__startswith="14").values_list("code", flat=True)[:40],
    ]
    return {"zooms": rows, "numbers": ask(client, [f"/map/numbers?region={code}" for code in codes])}


def main() -> None:
    """Load, ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("zones", 60_000), ("patches", 40_000), ("watersheds", 10_000), ("facts", 1_000_000)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        Path(fresh).chmod(0o711)  # the database runs as somebody else where root starts it
        home = arguments.home or Path(fresh)
        start(home)
        from bureau.service.cluster import PrivateCluster

        try:
            *loaded, seconds = load(arguments)
            found = {"loading": seconds, **measure(*loaded)}
        finally:
            PrivateCluster(home / "cluster").stop()
    if arguments.json:
        json.dump(found, sys.stdout, indent=1)
        return
    print("loading, s:", seconds)
    print("numbers, ms:", found["numbers"])
    for z, row in found["zooms"].items():
        print(
            f"z{z:<3}",
            {
                name: given if name == "tiles" else f"{given['p50']:.0f}/{given['p95']:.0f} ms {given['kB']} kB"
                for name, given in row.items()
            },
        )


if __name__ == "__main__":
    main()
