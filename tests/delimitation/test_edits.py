"""An edit is a record: who, when, why, on what, and what exactly; nothing is edited away."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from tests.delimitation.zone_folder import (
    ACT,
    LAND,
    RULES,
    THEME,
    drawn_folder,
    edit,
    handed_in,
    journal,
    some_zones,
    square,
)

from shuibao.delimitation.folder import theme_folder
from shuibao.delimitation.life.changes import applied, change_of
from shuibao.delimitation.life.editing import Wishes, changes_for
from shuibao.delimitation.life.edits import Act, record_edit
from shuibao.delimitation.life.incoming import Incoming, read_incoming
from shuibao.delimitation.life.kind_overlaps import overlaps_of
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.recorded_zones import digest_of, zone_of
from shuibao.delimitation.life.versions import current_layer
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.messages import CallError, ShuibaoError
from shuibao.zoning.layer import zone_layer


def from_file(folder: Path, path: Path, resolution="refuse", **options):
    incoming = read_incoming(path, current_layer(folder, THEME), RULES, LAND, **options)
    return record_edit(folder, THEME, Wishes(incoming), ACT, RULES, source=path, resolution=resolution)


def area(folder, code):
    layer = current_layer(folder, THEME)
    return float(layer.columns["area_m2"][list(layer.columns["code"]).index(code)])


def test_without_records_the_layer_of_now_is_the_drawn_one(tmp_path):
    drawn_folder(tmp_path)
    assert digest_of(current_layer(tmp_path, THEME)) == digest_of(some_zones())


def test_an_edit_holds_who_when_why_and_the_exact_shapes_before_and_after(tmp_path):
    drawn_folder(tmp_path)
    photo = tmp_path / "照片 1.jpg"
    photo.write_bytes(b"picture")
    path = handed_in(tmp_path / "in.gpkg", {"B1": square(5, 5, 2, 1.5)})
    incoming = read_incoming(path, current_layer(tmp_path, THEME), RULES, LAND)
    record_edit(tmp_path, THEME, Wishes(incoming), Act("李四", "2024-07-03", "坡脚有误", (photo,)), RULES, source=path)
    written = json.loads((theme_folder(tmp_path, THEME) / "edits" / "0001.json").read_text("utf-8"))
    assert (written["who"], written["when"], written["why"], written["stage"]) == (
        "李四", "2024-07-03", "坡脚有误", "preliminary",
    )  # fmt: skip
    (change,) = written["changes"]
    assert change["operation"] == "reshape"
    assert zone_of(change["before"][0]).geometry.equals_exact(square(5, 5, 2, 1), 0)
    assert zone_of(change["after"][0]).geometry.equals(square(5, 5, 2, 1.5))
    kept = theme_folder(tmp_path, THEME) / written["evidence"][0]["file"]
    assert kept.read_bytes() == b"picture"
    assert (theme_folder(tmp_path, THEME) / written["source"]["file"]).read_bytes() == path.read_bytes()
    assert area(tmp_path, "B1") == 3e6


def test_every_operation_does_what_it_says(tmp_path):
    drawn_folder(tmp_path)
    edit(tmp_path, remove=("A3",))
    edit(tmp_path, merge=(("A1", "A2"),))
    edit(tmp_path, settings={"B1": {"name": "北梁沟"}})
    edit(tmp_path, settings={"B1": {"kind": "fragile", "town_name": "某镇"}})
    from_file(tmp_path, handed_in(tmp_path / "new.gpkg", {"C1": square(9, 9)}, kind=["severe"]))
    halves = {"B1": square(5, 5), "B2": square(6, 5)}
    from_file(tmp_path, handed_in(tmp_path / "split.gpkg", halves, parent=[None, "B1"]))
    layer = current_layer(tmp_path, THEME)
    rows = {code: k for k, code in enumerate(layer.columns["code"])}
    assert sorted(rows) == ["A1", "B1", "B2", "C1"]
    assert [r["changes"][0]["operation"] for r in journal(tmp_path) if r.kind == "edit"] == [
        "remove", "merge", "rename", "attributes", "add", "split",
    ]  # fmt: skip
    assert layer.geometry[rows["A1"]].equals(square(0, 0, 2, 1))
    assert layer.columns["name"][rows["B1"]] == "北梁沟"
    assert layer.columns["name"][rows["B2"]] == "北梁沟（二）"
    assert layer.columns["kind"][rows["B1"]] == "fragile"
    assert layer.columns["area_hm2"].tolist() == [200.0, 100.0, 100.0, 100.0]


def test_each_part_of_a_split_zone_has_a_name_of_its_own(tmp_path):
    drawn_folder(tmp_path)
    edit(tmp_path, settings={"A1": {"name": "北梁（二）"}})
    parts = {"B2": square(5, 5), "B3": square(6, 5, 0.5, 1), "B1": square(6.5, 5, 0.5, 1)}
    from_file(tmp_path, handed_in(tmp_path / "a.gpkg", parts, parent=["B1", "B1", None], name=["北梁", "石坡", "北梁"]))
    pieces = {"B4": square(5, 5, 0.5, 1), "B5": square(5.5, 5, 0.5, 1)}
    from_file(tmp_path, handed_in(tmp_path / "b.gpkg", pieces, parent=["B2", "B2"]))
    layer = current_layer(tmp_path, THEME)
    names = dict(zip(layer.columns["code"], layer.columns["name"], strict=True))
    assert {code: names[code] for code in ("B1", "B3", "B4", "B5")} == {
        "B1": "北梁", "B3": "石坡", "B4": "北梁（一）", "B5": "北梁（四）",
    }  # fmt: skip


def test_what_was_measured_on_the_old_shape_is_missing_on_one_that_differs(tmp_path):
    drawn_folder(tmp_path)
    path = handed_in(tmp_path / "in.gpkg", {"B1": square(5, 5, 2, 1.5), "A1": square(0, 0, 1, 1.001)})
    from_file(tmp_path, path)
    layer = current_layer(tmp_path, THEME)
    slope = dict(zip(layer.columns["code"], layer.columns["mean_slope"], strict=True))
    assert np.isnan(slope["B1"])
    assert slope["A1"] == 10.0


def test_zones_that_come_back_as_they_were_change_nothing(tmp_path):
    drawn_folder(tmp_path)
    rounded = {"A1": shapely.transform(square(0, 0), lambda xy: xy + 1e-6), "A2": square(1, 0).reverse()}
    with pytest.raises(ShuibaoError, match="没有任何变化"):
        from_file(tmp_path, handed_in(tmp_path / "same.gpkg", rounded))


def test_a_shared_side_stays_one_through_another_coordinate_system(tmp_path):

    drawn_folder(tmp_path)
    degrees = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    taller = shapely.Polygon([*square(0, 0, 1, 1.3).exterior.coords])
    shape = shapely.transform(taller, degrees.transform, interleaved=False)

    write_geopackage(
        tmp_path / "d.gpkg", {"z": ({"code": ["A1"]}, np.array([shape], dtype=object))}, CRS.from_epsg(4490)
    )
    from_file(tmp_path, tmp_path / "d.gpkg")
    layer = current_layer(tmp_path, THEME)
    assert overlaps_of(layer, 0.0) == []
    assert area(tmp_path, "A1") == pytest.approx(1.3e6, abs=1)


def test_an_overlap_is_refused_and_names_both(tmp_path):
    drawn_folder(tmp_path)
    path = handed_in(tmp_path / "in.gpkg", {"A1": square(0, 0, 1.2, 1)})
    with pytest.raises(ShuibaoError, match="A1 与 A2 重叠 200,000.00 m²"):
        from_file(tmp_path, path)
    assert not (theme_folder(tmp_path, THEME) / "edits").exists()


def test_an_overlap_is_cut_from_the_edited_zone_or_from_the_others(tmp_path):
    for resolution, areas in (("cut-edited", (1e6, 1e6)), ("cut-others", (1.2e6, 0.8e6))):
        folder = drawn_folder(tmp_path / resolution)
        path = handed_in(folder / "in.gpkg", {"A1": square(-0.03, 0, 1.23, 1)})
        record = from_file(folder, path, resolution)
        assert (area(folder, "A1"), area(folder, "A2")) == pytest.approx((areas[0] + 0.03e6, areas[1]))
        assert len(record["changes"]) == (1 if resolution == "cut-edited" else 2)
        assert overlaps_of(current_layer(folder, THEME), 0.1) == []


def test_zones_of_another_kind_may_lie_over_each_other(tmp_path):
    drawn_folder(tmp_path)
    from_file(tmp_path, handed_in(tmp_path / "in.gpkg", {"A3": square(1.5, 0, 1.5, 1)}))
    assert area(tmp_path, "A3") == 1.5e6


def test_an_edit_of_a_zone_that_is_gone_is_refused(tmp_path):
    drawn_folder(tmp_path)
    edit(tmp_path, remove=("A3",))
    for wishes in ({"remove": ("A3",)}, {"settings": {"A3": {"name": "x"}}}, {"merge": (("A1", "A3"),)}):
        with pytest.raises(ShuibaoError, match="A3"):
            edit(tmp_path, **wishes)
    assert sum(r.kind == "edit" for r in journal(tmp_path)) == 1


def test_one_edit_changes_a_zone_once(tmp_path):
    drawn_folder(tmp_path)
    with pytest.raises(ShuibaoError, match="两种改法"):
        edit(tmp_path, remove=("A1",), settings={"A1": {"name": "x"}})


@pytest.mark.parametrize("name", ["code", "area_m2", "perimeter", "area_hm2"])
def test_what_follows_from_the_shape_cannot_be_set(tmp_path, name):
    drawn_folder(tmp_path)
    with pytest.raises(CallError, match=name):
        edit(tmp_path, settings={"A1": {name: "5"}})


def test_a_second_hand_is_refused_while_the_first_is_at_work(tmp_path):
    drawn_folder(tmp_path)
    with alone_with_zones(tmp_path, THEME), pytest.raises(ShuibaoError, match="另一个 shuibao zones"):
        edit(tmp_path, remove=("A3",))
    edit(tmp_path, remove=("A3",))


def test_a_missing_attachment_is_refused_before_anything_is_written(tmp_path):
    drawn_folder(tmp_path)
    with pytest.raises(CallError, match="没有的.jpg"):
        edit(tmp_path, Act("张三", "2024-07-01", "x", (tmp_path / "没有的.jpg",)), remove=("A3",))
    assert sum(r.kind == "edit" for r in journal(tmp_path)) == 0


GRID = [(column, row) for column in range(4) for row in range(2)]


@settings(max_examples=25)
@given(order=st.permutations(range(len(GRID))), seed=st.integers(0, 2**16))
def test_the_order_of_edits_of_different_zones_does_not_matter(order, seed):
    random = np.random.default_rng(seed)
    layer = grid_layer()
    changes = []
    for k, (column, row) in enumerate(GRID):
        code = f"Z{k}"
        if random.random() < 0.3:
            wishes = Wishes(remove=(code,))
        elif random.random() < 0.5:
            wishes = Wishes(settings={code: {"name": f"名{seed}"}})
        else:
            shape = square(3 * column, 3 * row, 1 + random.random(), 1 + random.random())
            wishes = Wishes(Incoming((code,), ({},), np.array([shape], dtype=object), ()))
        changes += changes_for(layer, wishes, RULES)
    forward = applied(layer, changes)
    shuffled = layer
    for k in order:
        shuffled = applied(shuffled, [change_of(changes[k].written())])
    assert digest_of(shuffled) == digest_of(forward)


def grid_layer():
    shapes = np.array([square(3 * column, 3 * row) for column, row in GRID], dtype=object)
    columns = {"code": [f"Z{k}" for k in range(len(GRID))], "kind": ["severe"] * len(GRID)}
    return zone_layer(THEME, columns, shapes, national_crs())


@pytest.mark.parametrize("column, word", [("county", "140921"), ("town", "140902102")])
def test_steep_slopes_of_two_counties_or_towns_are_not_merged(column, word):
    same = {"county": ["140902"] * 2, "town": ["140902101"] * 2}
    columns = {"code": ["A1", "A2"], "kind": ["steep_slope"] * 2, **same, column: [same[column][0], word]}
    layer = zone_layer("steep_slope", columns, np.array([square(0, 0), square(1, 0)], dtype=object), national_crs())
    with pytest.raises(ShuibaoError, match=f"分属.*{word}.*同一乡镇"):
        changes_for(layer, Wishes(merge=(("A1", "A2"),)), RULES)
    whole = zone_layer("steep_slope", {**columns, **same}, layer.geometry, national_crs())
    assert [change.operation for change in changes_for(whole, Wishes(merge=(("A1", "A2"),)), RULES)] == ["merge"]
