"""What differs between two layers: nothing between one and itself, and no square metre unaccounted for."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delimitation.zone_folder import THEME, drawn_folder, edit, journal, some_zones, square

from shuibao.delimitation.folder import theme_folder
from shuibao.delimitation.life.difference import difference
from shuibao.delimitation.life.versions import rebuilt, version_of
from shuibao.ground.grid import national_crs
from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import zone_layer


def layer_of(zones, kinds=None, counties=None):
    columns = {
        "code": list(zones), "kind": kinds or ["severe"] * len(zones), "county": counties or ["140902"] * len(zones)
    }  # fmt: skip
    return zone_layer(THEME, columns, np.array(list(zones.values()), dtype=object), national_crs())


def test_a_layer_does_not_differ_from_itself():
    found = difference(some_zones(), some_zones())
    assert found.changes == ()
    assert all(row["gained_hm2"] == row["lost_hm2"] == 0 for row in found.by_kind() + found.by_county())


def test_a_ring_that_begins_elsewhere_is_no_change():
    shape = square(0, 0)
    turned = shapely.Polygon(list(shape.exterior.coords)[2:] + list(shape.exterior.coords)[1:3])
    assert difference(layer_of({"a": shape}), layer_of({"a": turned})).changes == ()


def test_each_kind_of_change_is_told_apart():
    first = layer_of({"a": square(0, 0), "b": square(2, 0), "c": square(4, 0), "d": square(6, 0)})
    second = layer_of(
        {"a": square(0, 0, 1.5, 1), "b": square(2, 0), "x": square(4, 0), "e": square(8, 0)},
        ["severe", "fragile", "severe", "severe"],
    )
    rows = {row["code"]: row for row in difference(first, second).rows()}
    assert {code: row["change"] for code, row in rows.items()} == {
        "a": "reshaped", "b": "attributes", "x": "recoded", "d": "removed", "e": "added",
    }  # fmt: skip
    assert (rows["a"]["gained_hm2"], rows["a"]["lost_hm2"]) == (50.0, 0.0)
    assert rows["b"]["columns"] == "kind: severe → fragile"
    assert rows["x"]["columns"] == "code: c → x"


def test_land_that_passes_between_zones_of_a_kind_is_neither_gained_nor_lost():
    first = layer_of({"a": square(0, 0), "b": square(1, 0)})
    second = layer_of({"a": square(0, 0, 1.5, 1), "b": square(1.5, 0, 0.5, 1)})
    found = difference(first, second)
    severe = found.by_kind()[0]
    assert (severe["gained_hm2"], severe["lost_hm2"]) == (0.0, 0.0)
    assert [row["change"] for row in found.rows()] == ["reshaped", "reshaped"]


def test_a_zone_that_changes_its_kind_is_lost_to_one_and_gained_by_the_other():
    found = difference(layer_of({"a": square(0, 0)}, ["severe"]), layer_of({"a": square(0, 0)}, ["fragile"]))
    assert [(r["kind"], r["gained_hm2"], r["lost_hm2"]) for r in found.by_kind()] == [
        ("severe", 0.0, 100.0), ("fragile", 100.0, 0.0),
    ]  # fmt: skip


CELLS = [(column, row) for column in range(4) for row in range(2)]


@st.composite
def layers(draw):
    """Draw a layer of zones that do not overlap: cells joined into zones, some left out."""
    codes = [draw(st.sampled_from(["", "a", "b", "c"])) for _ in CELLS]
    zones = {
        code: shapely.union_all([square(*cell) for cell, own in zip(CELLS, codes, strict=True) if own == code])
        for code in sorted(set(codes) - {""})
    }
    kinds = [draw(st.sampled_from(["severe", "fragile"])) for _ in zones]
    counties = [draw(st.sampled_from(["140902", "140921"])) for _ in zones]
    return layer_of(zones, kinds, counties)


@settings(max_examples=40)
@given(first=layers(), second=layers())
def test_gained_less_lost_is_the_difference_of_the_areas(first, second):
    found = difference(first, second)
    for rows in (found.by_kind(), found.by_county(), found.rows()):
        for row in rows:
            change = row["after_hm2"] - row["before_hm2"]
            if row.get("change") not in ("attributes", "recoded"):
                assert row["gained_hm2"] - row["lost_hm2"] == pytest.approx(change, abs=1e-3)
    back = difference(second, first)
    assert [(r["gained_hm2"], r["lost_hm2"]) for r in found.by_kind()] == [
        (r["lost_hm2"], r["gained_hm2"]) for r in back.by_kind()
    ]


def test_versions_differ_by_their_edits(tmp_path):
    drawn_folder(tmp_path)
    edit(tmp_path, remove=("A3",))
    edit(tmp_path, merge=(("A1", "A2"),))
    folder, records = theme_folder(tmp_path, THEME), journal(tmp_path)
    first, last = (rebuilt(folder, version_of(records, number)) for number in (1, 3))
    found = difference(first, last)
    assert {(row["code"], row["change"]) for row in found.rows()} == {
        ("A1", "reshaped"), ("A2", "removed"), ("A3", "removed"),
    }  # fmt: skip
    assert [(r["gained_hm2"], r["lost_hm2"]) for r in found.by_kind()] == [(0.0, 0.0), (0.0, 100.0)]


def test_numbers_of_attributes_are_told_as_people_read_them():
    one = layer_of({"a": square(0, 0)})
    old, new = (replace(one, columns={**one.columns, "holes": np.array([x])}) for x in (0.14011214514266618, np.nan))
    assert [row["columns"] for row in difference(old, new).rows()] == ["holes: 0.1401 → —"]


def test_zones_across_counties_are_a_group_of_their_own():
    found = difference(layer_of({"a": square(0, 0)}, counties=[""]), layer_of({"a": square(0, 0, 2, 1)}, counties=[""]))
    assert [(row["county_name"], row["gained_hm2"]) for row in found.by_county()] == [("跨县", 100.0)]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=5, unique_by=lambda z: z[0]),
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=5, unique_by=lambda z: z[0]),
)
def test_the_map_paints_as_much_land_as_the_table_says(before, after):
    first, second = (
        layer_of({f"{name}{k}": square(x * 4, 0, wide, 1) for k, (x, wide) in enumerate(zones)})
        for name, zones in (("a", before), ("b", after))
    )
    found = difference(first, second)
    gained, lost = (shapely.area(shapes).sum() / 1e4 for shapes in found.land())
    severe = found.by_kind()[0]
    assert (gained, lost) == pytest.approx((severe["gained_hm2"], severe["lost_hm2"]))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=5, unique_by=lambda z: z[0]))
def test_land_in_two_zones_of_a_file_is_counted_once(zones):
    doubled = layer_of({f"b{k}": square(x, 0, wide, 1) for k, (x, wide) in enumerate(zones)})
    first = layer_of({"a": square(0, 0, 3, 1)})
    severe = difference(first, doubled).by_kind()[0]
    now = shapely.union_all(doubled.geometry)
    assert severe["gained_hm2"] == pytest.approx(shapely.difference(now, square(0, 0, 3, 1)).area / 1e4)
    assert severe["lost_hm2"] == pytest.approx(shapely.difference(square(0, 0, 3, 1), now).area / 1e4)


def test_many_zones_are_compared_without_one_union(monkeypatch):
    def refuse(*_):
        raise AssertionError("a union of zones")

    zones = {f"{x:03}-{y:03}": (x, y) for x in range(30) for y in range(30)}
    first = layer_of({code: square(x, y) for code, (x, y) in zones.items()})
    second = layer_of({code: square(x, y, 0.5, 1) for code, (x, y) in zones.items()})
    monkeypatch.setattr(shapely, "union_all", refuse)
    found = difference(first, second)
    assert (len(found.rows()), found.by_kind()[0]["lost_hm2"]) == (900, 45_000.0)
    assert sum(shapely.area(shapes).sum() for shapes in found.land()) == pytest.approx(4.5e8)


def test_layers_of_different_themes_are_not_compared():
    other = zone_layer(
        "steep_slope", {"code": ["a"], "kind": ["steep_slope"]}, np.array([square(0, 0)], dtype=object), national_crs()
    )
    with pytest.raises(ShuibaoError, match="steep_slope"):
        difference(some_zones(), other)
