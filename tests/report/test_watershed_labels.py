"""Laws of the labels of small watersheds: each within its own unit, none on another, the same every time (小流域注记)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import Vectors
from shuibao.report.bulletin import Bulletin
from shuibao.report.frame import Frame, frame_around
from shuibao.report.watershed_labels import Box, label_size, short_codes, watershed_labels
from shuibao.survey.watershed_products import WatershedProducts

SIDE = 1000.0
LAND = np.array([shapely.box(0.0, 0.0, 40 * SIDE, 40 * SIDE)], dtype=object)


@pytest.fixture(scope="module")
def products(bulletin: Bulletin) -> WatershedProducts:
    assert bulletin.watersheds is not None
    return bulletin.watersheds


def drawn(products: WatershedProducts, shapes: list[shapely.Geometry], names: list[str]) -> WatershedProducts:
    """Return products that hold these small watersheds instead of their own."""
    columns = {
        "code": np.array([f"{k:04d}" for k in range(len(shapes))], dtype=object),
        "name": np.array(names, dtype=object),
    }
    geometry = np.array(shapes, dtype=object)
    return replace(products, watersheds=Vectors(columns, geometry, products.watersheds.crs))


def frame(side: float = 40 * SIDE) -> Frame:
    return frame_around((0.0, 0.0, side, side), national_crs())


def boxes(svg: str, language: str) -> dict[str, Box]:
    """Return the boxes of the labels that a language shows, by their words."""
    found = re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)" class="(?:(\w\w) )?unit-label"[^>]*>([^<]+)<', svg)
    out = {}
    for x, y, only, text in found:
        if only in ("", language):
            width, height = label_size(text)
            middle = float(y) - 0.36 * (height - 2)
            out[text] = (float(x) - width / 2, middle - height / 2, float(x) + width / 2, middle + height / 2)
    return out


strips = st.lists(st.integers(1, 16), min_size=1, max_size=8)


@given(widths=strips, heights=strips, named=st.booleans())
def test_a_label_lies_in_its_own_unit_and_touches_no_other(
    products: WatershedProducts, widths: list[int], heights: list[int], named: bool
) -> None:
    right, top = np.cumsum([0, *widths]) * SIDE, np.cumsum([0, *heights]) * SIDE
    cells = [
        shapely.box(right[i], top[j], right[i + 1], top[j + 1]) for i in range(len(widths)) for j in range(len(heights))
    ]
    own = drawn(products, cells, [f"清水{k}河小流域" if named else f"某县第{k}小流域" for k in range(len(cells))])
    view = frame(128 * SIDE)
    land = np.array([shapely.union_all(cells)], dtype=object)
    svg = watershed_labels(own, view, land, [])
    assert svg == watershed_labels(own, view, land, [])
    where = {f"清水{k}河": k for k in range(len(cells))} | {f"{k:04d}": k for k in range(len(cells))}
    for language in ("zh", "en"):
        found = boxes(svg, language)
        for text, (west, north, east, south) in found.items():
            left, low, across, high = cells[where[text]].bounds
            room = (view.x(left), view.y(high), view.x(across), view.y(low))
            assert shapely.box(*room).buffer(0.1).contains(shapely.box(west, north, east, south))
        assert language == "zh" or all(text.isdecimal() for text in found)
        assert len({where[text] for text in found}) == len(found)


def test_a_river_gives_its_name_where_it_fits_and_the_code_where_only_that_does(products: WatershedProducts) -> None:
    shapes = [shapely.box(0, 0, 9e3, 9e3), shapely.box(10e3, 0, 12.5e3, 9e3), shapely.box(20e3, 0, 20.5e3, 9e3)]
    svg = watershed_labels(drawn(products, shapes, ["县川河上段小流域"] * 3), frame(), LAND, [])
    assert set(boxes(svg, "zh")) == {"县川河上段", "0001"}
    assert set(boxes(svg, "en")) == {"0000", "0001"}


def test_a_label_keeps_clear_of_what_is_there_and_of_land_outside_the_region(products: WatershedProducts) -> None:
    view, one = frame(), drawn(products, [shapely.box(0, 0, 9e3, 9e3)], ["某县第1小流域"])
    (free,) = boxes(watershed_labels(one, view, LAND, []), "zh").values()
    taken = (free[0] + 5, free[1] + 2, free[2] - 5, free[3] - 2)
    (moved,) = boxes(watershed_labels(one, view, LAND, [taken]), "zh").values()
    assert not shapely.box(*moved).intersects(shapely.box(*taken))
    assert watershed_labels(one, view, LAND, [(-1e4, -1e4, 1e4, 1e4)]) == ""
    beyond = np.array([shapely.box(8.9e3, 0, 40e3, 40e3)], dtype=object)
    assert watershed_labels(one, view, beyond, []) == ""
    away = np.array([shapely.box(20e3, 20e3, 40e3, 40e3)], dtype=object)
    assert watershed_labels(one, view, away, []) == ""


def test_the_code_of_the_one_county_is_left_off_and_of_several_it_stays(products: WatershedProducts) -> None:
    code = next(iter(products.county_names()))
    columns = {**products.watersheds.columns, "code": np.array([f"{code}0001", f"{code}0002"], dtype=object)}
    own = replace(products, watersheds=Vectors(columns, products.watersheds.geometry, products.watersheds.crs))
    units = products.units.columns
    single = {**units, "county": np.full(len(units["county"]), code, dtype=object)}
    alone = replace(own, units=Vectors(single, products.units.geometry, products.units.crs))
    assert short_codes(alone) == (["0001", "0002"], code)
    several = {**units, "county": np.array(["1", "2"] * len(units["county"]), dtype=object)[: len(units["county"])]}
    if len(units["county"]) > 1:
        both = replace(own, units=Vectors(several, products.units.geometry, products.units.crs))
        assert short_codes(both) == ([f"{code}0001", f"{code}0002"], "")


def test_the_report_shows_the_labels_on_the_map_of_small_watersheds(report: Path) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    drawing = page.split('id="map-watersheds"')[1].split("</figure>")[0]
    assert "unit-label" in drawing
    assert "注记为河名或代码" in drawing
