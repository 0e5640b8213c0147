"""What an edit leaves unmeasured on a steep slope is measured again before it is delivered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from tests.delimitation.steep_region import steep_region

from shuibao.delimitation.delivery.measuring import measured_again, shape_measures
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder
from shuibao.rules import load_rules
from shuibao.survey.counties import counties_of

LAND = ("mean_slope", "land_use", "land_use_name", "land_use_share", "land_mix")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    region = steep_region(tmp_path_factory.mktemp("measured"))
    draw_zones(region, ["steep_slope"])
    return region, read_layer(theme_folder(region.folder, "steep_slope") / DRAWN)


def without_slope(layer, rows):
    slopes = np.array(layer.columns["mean_slope"], dtype=np.float64)
    slopes[rows] = np.nan
    return replace(layer, columns={**layer.columns, "mean_slope": slopes})


def test_a_whole_layer_needs_no_measuring(drawn):
    region, layer = drawn
    assert measured_again(region, load_rules(region.packs), counties_of(region), layer) is layer


def test_a_zone_measured_again_is_as_steep_as_it_was_drawn(drawn):
    region, layer = drawn
    rows = np.argsort(-np.asarray(layer.columns["area_m2"]))[:3]
    again = measured_again(region, load_rules(region.packs), counties_of(region), without_slope(layer, rows))
    slopes, before = (np.asarray(one.columns["mean_slope"], dtype=float) for one in (again, layer))
    assert np.abs(slopes[rows] - before[rows]).max() < 1.0  # the drawn border is smoothed, the cells are not
    others = np.setdiff1d(np.arange(len(layer)), rows)
    assert slopes[others].tolist() == before[others].tolist()
    assert {again.columns["land_use_name"][k] for k in rows} <= set(layer.columns["land_use_name"])


def test_compactness_and_holes_are_those_of_the_shape_that_is_delivered(drawn):
    _, layer = drawn
    geometry = layer.geometry.copy()
    left, bottom, right, top = geometry[0].bounds
    square, hole = (
        shapely.box(left, bottom, left + 90, bottom + 90),
        shapely.box(left + 30, bottom + 30, left + 60, bottom + 60),
    )
    geometry[0] = square - hole
    now = shape_measures(replace(layer, geometry=geometry))
    assert now.columns["compactness"][0] == pytest.approx(4 * np.pi * 7200 / 480**2)
    assert now.columns["holes"][0] == 1
    assert now.columns["holes"][1:].tolist() == layer.columns["holes"][1:].tolist()
    assert now.columns["compactness"][1:] == pytest.approx(layer.columns["compactness"][1:])


def test_a_zone_made_smaller_is_measured_inside_its_new_border(drawn):
    region, layer = drawn
    row = int(np.argmax(layer.columns["area_m2"]))
    geometry = layer.geometry.copy()
    left, bottom, right, top = geometry[row].bounds
    geometry[row] = geometry[row].intersection(shapely.box(left, bottom, (left + right) / 2, top))
    cut = without_slope(replace(layer, geometry=geometry), [row])
    again = measured_again(region, load_rules(region.packs), counties_of(region), cut)
    assert 15 < again.columns["mean_slope"][row] < 60
    assert again.columns["slope_area_hm2"][row] < layer.columns["slope_area_hm2"][row]
    assert again.columns["land_use_share"][row] <= 100


def test_a_zone_without_a_cell_keeps_what_it_has(drawn):
    region, layer = drawn
    geometry = layer.geometry.copy()
    x, y = geometry[0].bounds[:2]
    geometry[0] = shapely.box(x + 1, y + 1, x + 2, y + 2)
    again = measured_again(
        region, load_rules(region.packs), counties_of(region), without_slope(replace(layer, geometry=geometry), [0])
    )
    assert np.isnan(again.columns["mean_slope"][0])
    assert again.columns["land_use"][0] == layer.columns["land_use"][0]
