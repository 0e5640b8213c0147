"""Made-up disturbance patches of the demonstration (演示图斑，模拟数据): two batches of a year, for the regions of the demo."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import shapely
from django.db import transaction
from django.utils import timezone

from bureau.publications.demonstration import CITY, YEARS, people
from bureau.publications.models import Kind, Publication
from bureau.publications.patch_reading import PatchLayer, area_of
from bureau.publications.patch_words import dictionary, told
from bureau.publications.services import publish_patches
from bureau.regions.models import Level, Region

BATCHES = (
    ("第 1 期", 260, date(2023, 10, 1), date(2024, 4, 20)),
    ("第 2 期", 180, date(2024, 4, 20), date(2024, 9, 15)),
)
"""Batch, number of patches, and the days of the images: all made up."""
PROJECTS = ("风电场", "光伏电站", "县道改造", "露天煤矿", "石料场", "输变电工程", "安置小区", "")
SHARES = {
    "compliant": 0.42, "approved": 0.05, "no_plan_needed": 0.08, "suspected_unapproved": 0.2, "suspected_over": 0.1,
    "suspected_moved": 0.03, "unapproved": 0.05, "over": 0.03, "not_project": 0.04,
}  # fmt: skip
"""Shares of the verdicts (made up)."""
OVER = ("over", "suspected_over")
SEED, CORNERS = 20241, 24


@transaction.atomic
def load_patches() -> None:
    """Publish the batches that are not there yet (装载演示图斑)."""
    city = Region.objects.filter(code=CITY).first()
    counties = list(Region.objects.filter(code__startswith="1409", level=Level.COUNTY).exclude(border=None))
    if city is None or not counties:
        return
    by, reviewer = people()
    for number, (batch, count, before, after) in enumerate(BATCHES):
        if Publication.objects.filter(region=city, kind=Kind.PATCHES, year=YEARS[0], batch=batch).exists():
            continue
        layer = made_up(counties, np.random.default_rng(SEED + number), count, batch=batch, before=before, after=after)
        publish_patches(
            layer=layer, region=city, year=YEARS[0], batch=batch, by=by, reviewed_by=reviewer, now=timezone.now(),
            simulated=True, provenance={"origin": "演示（模拟数据）", "words": told(), "data_kind": "模拟数据"},
        )  # fmt: skip


def made_up(
    counties: list[Region], rng: np.random.Generator, count: int, *, batch: str, before: date, after: date
) -> PatchLayer:
    """
    Return made-up patches in some counties (模拟图斑).

    Parameters
    ----------
    counties : list of Region
        With borders.
    rng : Generator
    count : int
    batch : str
    before, after : date
        Days of the images.
    """
    borders = [shapely.from_wkb(bytes(county.border.wkb)) for county in counties if county.border]
    places = [
        (k, point) for k, border in enumerate(borders) for point in _points(border, rng, count // len(borders) + 1)
    ]
    chosen = [places[k] for k in rng.permutation(len(places))[:count]]
    shapes = np.array([_blob(point, rng) for _, point in chosen], dtype=object)
    codes = list(SHARES)
    verdicts = [
        codes[k] for k in rng.choice(len(codes), count, p=np.array(list(SHARES.values())) / sum(SHARES.values()))
    ]
    area = area_of(shapes)
    pick: dict[str, Any] = {name: [word.code for word in dictionary(name)] for name in ("type", "change", "state")}
    confirmed = [v if v in ("unapproved", "over", "not_project") else "" for v in verdicts]
    said = [{"unapproved": "suspected_unapproved", "over": "suspected_over"}.get(v, v) for v in verdicts]
    columns = {
        "number": [f"{counties[at].code}-2024{batch[2]}-{k:05d}" for k, (at, _) in enumerate(chosen)],
        "county": [counties[at].code for at, _ in chosen],
        **{name: [words[k] for k in rng.integers(0, len(words), count)] for name, words in pick.items()},
        "compliance": said, "confirmed": confirmed, "verdict": verdicts, "batch": [batch] * count,
        "project": [_project(counties[at].name, PROJECTS[rng.integers(len(PROJECTS))]) for at, _ in chosen],
        "area_m2": area, "stated_hm2": [round(v / 1e4, 2) for v in area],
        "over_hm2": [round(v / 5e4, 2) if verdict in OVER else None for v, verdict in zip(area, verdicts, strict=True)],
        "image_before": [before] * count, "image_after": [after] * count, "address": [""] * count,
        "note": ["模拟数据"] * count,
    }  # fmt: skip
    return PatchLayer(columns, shapes)


def _points(border: shapely.Geometry, rng: np.random.Generator, count: int) -> list[tuple[float, float]]:
    """Return places within a border."""
    west, south, east, north = border.bounds
    found: list[tuple[float, float]] = []
    shapely.prepare(border)
    while len(found) < count:
        lon, lat = rng.uniform(west, east, 64), rng.uniform(south, north, 64)
        inside = shapely.contains_xy(border, lon, lat)
        found += list(zip(lon[inside].tolist(), lat[inside].tolist(), strict=True))
    return found[:count]


def _blob(at: tuple[float, float], rng: np.random.Generator) -> shapely.Geometry:
    """Return a rough round of 40 to 250 m."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    size = rng.uniform(0.0004, 0.0024) * rng.uniform(0.6, 1.3, CORNERS)
    return shapely.multipolygons(
        [shapely.Polygon(np.column_stack([at[0] + size * np.cos(angle), at[1] + 0.8 * size * np.sin(angle)]))]
    )


def _project(county: str, kind: str) -> str:
    return f"{county}模拟{kind}" if kind else ""
