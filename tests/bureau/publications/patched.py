"""Disturbance patches of Xinzhou's two counties for tests; all made up (模拟数据)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.publications.models import Publication
from bureau.publications.patch_reading import Meaning, read_patches
from bureau.publications.patch_words import guess
from bureau.publications.services import publish_patches
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
WEST, MIDDLE, EAST, SOUTH, NORTH = 111.2, 111.4, 111.6, 39.3, 39.6


def give_borders() -> None:
    """Give the counties and their city borders: two rectangles side by side."""
    for code, west, east in ((WUZHAI, WEST, MIDDLE), (PIANGUAN, MIDDLE, EAST), (XINZHOU, WEST, EAST)):
        border = MultiPolygon(GEOSGeometry(shapely.box(west, SOUTH, east, NORTH).wkt, srid=4490), srid=4490)
        Region.objects.filter(pk=code).update(border=border)


def square(lon: float, lat: float, size: float = 0.002) -> shapely.Polygon:
    """Return a square; the default is some 170 × 220 m."""
    return shapely.box(lon, lat, lon + size, lat + size)


ROWS = (
    ("140928-2024-001", "弃土(渣)场", "未批先建", "", 111.30, 39.40),
    ("140928-2024-002", "其他扰动", "疑似未批先建", "", 111.31, 39.41),
    ("140932-2024-001", "取土场", "疑似超出防治责任范围", "合规", 111.50, 39.45),
    ("140932-2024-002", "其他扰动", "合规", "", 111.51, 39.46),
)
"""Number, type, compliance, what was confirmed, and the lower left corner."""


def columns() -> dict[str, list[str]]:
    """Return the columns of a file, as the ministry's are named."""
    return {
        "QDNM": [row[0] for row in ROWS], "QTYPE": [row[1] for row in ROWS], "QDCS": [row[2] for row in ROWS],
        "复核合规性": [row[3] for row in ROWS], "PRNM": ["模拟风电场", "", "=模拟光伏", "模拟公路"],
        "BSTATUS": ["施工"] * 4, "变化类型": ["新增"] * 4, "联系电话": ["13800138000"] * 4,
        "NOTE": ["联系人 13912345678", "", "", ""], "后时相": ["2024-05-01", "20240501", "2024/5/1", ""],
        "QAREA": ["3.8", "", "3.8", "9.9"],
    }  # fmt: skip


def shapes() -> list[shapely.Geometry]:
    """Return the shapes of the file."""
    return [square(row[4], row[5]) for row in ROWS]


def write(path: Path, given: dict[str, list[Any]] | None = None, drawn: list[Any] | None = None, crs: str | None = "EPSG:4490",
          kind: str = "Polygon") -> Path:  # fmt: skip
    """Write a file as somebody would upload it."""
    given = columns() if given is None else given
    drawn = shapes() if drawn is None else drawn
    pyogrio.raw.write(
        path, np.array([shapely.to_wkb(shape) for shape in drawn], dtype=object),
        [np.array(values, dtype=object) for values in given.values()], list(given), crs=crs, geometry_type=kind,
        driver="GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile", **({"encoding": "UTF-8"} if path.suffix == ".shp" else {}),
    )  # fmt: skip
    return path


@pytest.fixture
def publish_some(person: Callable[..., Any], tmp_path: Path, db: None) -> Callable[..., Publication]:
    """Return the function that publishes patches as two people of the city: ``publish_some(batch="…")``."""
    give_borders()
    by, reviewer = person("clerk", region=XINZHOU), person("review", region=XINZHOU)
    count = 0

    def act(
        given: dict[str, list[Any]] | None = None, drawn: list[Any] | None = None, region: str = XINZHOU, **more: Any
    ) -> Publication:
        nonlocal count
        count += 1
        path = write(tmp_path / f"{count}.gpkg", given, drawn)
        place = Region.objects.get(pk=region)
        words: dict[str, Any] = {"batch": "第 1 期", "year": 2024, "by": by, "reviewed_by": reviewer, "now": NOW} | more
        meaning = Meaning(guess(given or columns()), batch=words["batch"], before=date(2023, 5, 1))
        layer = read_patches(path, meaning, place)
        return publish_patches(layer=layer, region=place, simulated=True, provenance={"file": "模拟.gpkg"}, **words)

    return act
