"""The demonstration of targets, and areas by borders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from pyproj import Geod
from shapely.geometry import box

from bureau.regions.areas import border_areas
from bureau.regions.models import Region
from bureau.targets.closing import closes, mean_of
from bureau.targets.demonstration import load
from bureau.targets.loading import load_documents
from bureau.targets.models import Decomposition, Progress


def square(west: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, 38.0, west + 0.5, 38.5)), srid=4490)


def test_areas_by_borders_agree_with_another_program(db: Any) -> None:
    Region.objects.filter(code="140928").update(border=square(111.0))
    expected = Geod(ellps="GRS80").geometry_area_perimeter(box(111.0, 38.0, 111.5, 38.5))[0]
    found = border_areas(["140928", "140932"])
    assert list(found) == ["140928"]
    assert found["140928"] == pytest.approx(abs(expected), rel=1e-6)


def test_the_demonstration_is_loaded_once_and_says_that_it_is_made_up(db: Any, person: Callable[..., Any]) -> None:
    person("clerk", region="140900")
    load_documents()
    for at, county in enumerate(Region.objects.filter(parent_id="140900")):
        Region.objects.filter(pk=county.pk).update(border=square(110.0 + at / 2))
    for _ in range(2):
        load()
        found = {made.year: made for made in Decomposition.objects.all()}
        assert {year: str(made.state) for year, made in found.items()} == {2025: "submitted", 2035: "draft"}
        assert Progress.objects.count() == 11
    assert all(made.simulated and "模拟数据" in made.base_source for made in found.values())
    assert all(entry.simulated and "模拟数据" in entry.evidence for entry in Progress.objects.all())
    for made in found.values():
        assert closes(mean_of((line.area_m2, line.percent) for line in made.lines.all()), made.percent)


def test_without_people_or_borders_the_documents_alone_are_loaded(db: Any, person: Callable[..., Any]) -> None:
    load()
    assert not Progress.objects.exists()
    person("clerk", region="140900")
    load()
    assert not Decomposition.objects.exists()
