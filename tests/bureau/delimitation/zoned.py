"""A delimitation of Xinzhou's two counties with a few zones that touch, and people who work on it; all made up (模拟数据)."""

from __future__ import annotations

import io
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from bureau.delimitation.drawing import settle
from bureau.delimitation.editing import Reason
from bureau.delimitation.models import Delimitation, ZoneShape
from bureau.office.models import Person
from shuibao.delimitation.folder import theme_folder, write_layer
from shuibao.ground.grid import national_crs
from shuibao.survey.counties import counties_of
from shuibao.survey.region import load_region
from shuibao.zoning.layer import zone_layer

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
THEME = "steep_slope"
WUZHAI, PIANGUAN, XINZHOU = "140928", "140932", "140900"
SIDE = 100.0


def draw(folder: Path) -> Path:
    """Draw three squares that touch, in a row, in each county of a folder that was run."""
    counties = counties_of(load_region(folder))
    shapes, codes, county, names = [], [], [], []
    for code, name, shape in zip(counties.codes, counties.names, counties.geometry, strict=True):
        x, y = round(shape.centroid.x), round(shape.centroid.y)
        shapes += [shapely.box(x + SIDE * k, y, x + SIDE * (k + 1), y + SIDE) for k in range(3)]
        codes += [f"{code}-{k + 1:04d}" for k in range(3)]
        county += [code] * 3
        names += [name] * 3
    columns = {
        "code": codes, "name": [f"陡坡地{k + 1}号（模拟）" for k in range(len(codes))], "kind": [THEME] * len(codes),
        "level": ["county"] * len(codes), "county": county, "county_name": names, "basis": ["steep_slope.angle=25°"] * len(codes),
        "mean_slope": np.full(len(codes), 26.5),
    }  # fmt: skip
    layer = zone_layer(THEME, columns, np.array(shapes, dtype=object), national_crs(), {"DATA_KIND": "模拟数据"})
    write_layer(theme_folder(folder, THEME) / "drawn.parquet", layer)
    return folder


def opened(folder: Path, by: Person) -> Delimitation:
    """Return a delimitation of Xinzhou on a copy of a folder with zones, as the worker leaves it."""
    made = Delimitation.objects.create(
        region_id=XINZHOU, theme=THEME, year=2024, source=str(folder), opened_by=by, opened_at=NOW
    )
    shutil.copytree(folder, made.folder)
    settle(made.pk)
    made.refresh_from_db()
    return made


def photo(name: str = "现场.jpg", color: str = "green") -> SimpleUploadedFile:
    """Return a small photograph."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def reason(why: str = "实地复核，边界偏北") -> Reason:
    """Return a reason with a photograph."""
    return Reason(why, [photo()])


def zone(one: Delimitation, code: str = f"{WUZHAI}-0001") -> ZoneShape:
    """Return a zone as it is now."""
    return ZoneShape.objects.get(delimitation=one, code=code)


def stretched(shape: ZoneShape, *, north: float = 0.0, east: float = 0.0) -> str:
    """Return the shape of a zone with its northern or eastern vertices moved by degrees."""
    ring = [list(point) for point in shape.geometry.coords[0][0]]
    top, right = max(p[1] for p in ring), max(p[0] for p in ring)
    height, width = top - min(p[1] for p in ring), right - min(p[0] for p in ring)
    for point in ring:
        point[1] += north if point[1] > top - height / 2 else 0
        point[0] += east if point[0] > right - width / 2 else 0
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def middle(shape: ZoneShape) -> str:
    """Return a point in a zone, as a browser sends it."""
    point: Any = shape.geometry.centroid
    return json.dumps({"type": "Point", "coordinates": [point.x, point.y]})
