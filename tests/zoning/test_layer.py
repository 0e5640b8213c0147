"""A layer of zones holds one row for each zone, whatever kind it is of."""

import numpy as np
import pytest
import shapely

from shuibao.ground.grid import national_crs
from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import COLUMNS, KINDS, THEMES, zone_layer


def squares(count: int) -> np.ndarray:
    return np.array([shapely.box(100 * k, 0, 100 * k + 100, 50) for k in range(count)], dtype=object)


def test_rows_and_shapes_are_sorted_by_code_together():
    layer = zone_layer("steep_slope", {"code": ["b", "a"], "kind": ["steep_slope"] * 2}, squares(2), national_crs())
    assert layer.columns["code"].tolist() == ["a", "b"]
    assert layer.geometry[0].bounds[0] == 100
    assert list(layer.columns) == list(COLUMNS)


def test_areas_are_those_of_the_shapes():
    layer = zone_layer("steep_slope", {"code": ["a"], "kind": ["steep_slope"]}, squares(1), national_crs())
    assert layer.columns["area_m2"].tolist() == [5000.0]
    assert layer.columns["area_hm2"].tolist() == [0.5]


def test_every_kind_belongs_to_a_theme():
    assert set(KINDS.values()) == set(THEMES)


@pytest.mark.parametrize(
    "theme, columns, said",
    [
        ("forest", {"code": ["a"], "kind": ["x"]}, "forest"),
        ("steep_slope", {"code": ["a", "a"], "kind": ["x", "x"]}, "重复"),
        ("steep_slope", {"code": ["a", "b"], "kind": ["x"]}, "长度不一"),
    ],
)
def test_what_is_no_layer_is_refused(theme, columns, said):
    with pytest.raises(ShuibaoError, match=said):
        zone_layer(theme, columns, squares(len(columns["code"])), national_crs())
