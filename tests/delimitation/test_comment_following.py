"""A comment that waits follows the zones that it is about through edits and new drawings; an answer keeps them."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.delimitation.test_comments import degrees, take, workbook
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

from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.delimitation.life.answering import answer, assign
from shuibao.delimitation.life.comment_following import Ground, comments_now, heirs
from shuibao.delimitation.life.comments import comment_rows, comments_of, zones_in_words
from shuibao.delimitation.life.incoming import read_incoming
from shuibao.delimitation.life.recorded_zones import Zone
from shuibao.delimitation.life.redrawing import redraw
from shuibao.delimitation.life.versions import current_layer
from shuibao.ground.grid import national_crs
from shuibao.messages import CallError, ShuibaoError
from shuibao.zoning.layer import zone_layer


@pytest.fixture
def drawn(tmp_path):
    return drawn_folder(tmp_path)


def comments(folder):
    return comments_now(theme_folder(folder, THEME), journal(folder), RULES)


def said(folder, code=None, place=(None, None), opinion="调整", name="c.xlsx"):
    take(folder, workbook(folder / name, ["甲局", None, code, "偏大", None, opinion, *place]))


def change(folder, zones, **columns):
    path = handed_in(folder / "in.gpkg", zones, **columns)
    edit(folder, incoming=read_incoming(path, current_layer(folder, THEME), RULES, LAND))


def draw_again(folder, layer):
    write_layer(theme_folder(folder, THEME) / DRAWN, layer)
    redraw(folder, THEME, ACT, RULES)


def state(folder):
    (comment,) = comments(folder)
    return comment.state, comment.codes


def test_a_comment_on_a_zone_that_was_merged_is_about_the_whole(drawn):
    said(drawn, "A2")
    edit(drawn, merge=(("A1", "A2"),))
    (comment,) = comments(drawn)
    assert (comment.state, comment.codes) == ("matched", ("A1",))
    assert "原对应 A2（按编号），图斑变化后为 A1" in comment.reason


def test_a_comment_on_a_zone_that_was_split_is_about_the_part_where_it_points_or_all(drawn):
    said(drawn, None, degrees(6.5, 5.5))
    said(drawn, "B1", name="d.xlsx")
    change(drawn, {"B1": square(5, 5, 1, 1), "B2": square(6, 5, 1, 1)}, parent=[None, "B1"])
    assert [c.codes for c in comments(drawn)] == [("B2",), ("B1", "B2")]


def test_a_comment_on_a_zone_that_went_can_still_be_answered_and_keeps_its_zone(drawn):
    said(drawn, "A3")
    edit(drawn, remove=("A3",))
    assert state(drawn) == ("gone", ("A3",))
    answer(drawn, THEME, 1, "adopt", ACT, RULES, edit=1)
    (row,) = comment_rows(comments(drawn), RULES)
    assert (row["codes"], row["outcome"], row["edit"]) == ("A3", "采纳", 1)


def test_a_comment_that_matched_none_or_two_is_matched_when_zones_come_or_go(drawn):
    said(drawn, None, degrees(9.5, 9.5))
    said(drawn, None, degrees(1, 0.5), name="d.xlsx")
    assert [c.state for c in comments(drawn)] == ["none", "several"]
    with pytest.raises(ShuibaoError, match="zones assign.*--whole"):
        answer(drawn, THEME, 1, "adopt", ACT, RULES)
    change(drawn, {"C1": square(9, 9)}, kind=["severe"])
    edit(drawn, remove=("A2",))
    assert [(c.state, c.codes) for c in comments(drawn)] == [("matched", ("C1",)), ("matched", ("A1",))]
    answer(drawn, THEME, 1, "adopt", ACT, RULES)


def test_a_new_drawing_that_numbers_zones_otherwise_moves_no_comment_to_another_zone(drawn):
    said(drawn, "A1")
    assign(drawn, THEME, 1, ["A1"], ACT, RULES)
    layer = some_zones()
    again = zone_layer(
        THEME, {**layer.columns, "code": np.array(["A2", "A1", "A3", "B1"], dtype=object)}, layer.geometry, layer.crs
    )
    draw_again(drawn, again)
    (comment,) = comments(drawn)
    assert comment.codes == ("A2",)
    assert "原对应 A1（由张三指定），图斑变化后为 A2" in comment.reason


def test_a_code_that_matched_nothing_is_not_looked_for_on_a_new_drawing(drawn):
    said(drawn, "N1")
    layer = some_zones()
    codes = np.array(["N1", "A2", "A3", "B1"], dtype=object)
    draw_again(drawn, zone_layer(THEME, {**layer.columns, "code": codes}, layer.geometry, layer.crs))
    assert state(drawn) == ("none", ())


def test_what_was_answered_stays_as_it_was_answered(drawn):
    said(drawn, "A2")
    answer(drawn, THEME, 1, "reject", ACT, RULES)
    edit(drawn, merge=(("A1", "A2"),))
    assert state(drawn) == ("matched", ("A2",))
    assert journal(drawn)[-2]["codes"] == ["A2"]


def test_a_zone_that_others_take_land_from_keeps_its_comment_beside_theirs(drawn):
    said(drawn, "A1")
    change(drawn, {"A1": square(0, 0, 0.05, 1), "A2": square(0.05, 0, 1.95, 1)})
    assert state(drawn) == ("matched", ("A1", "A2"))


def test_who_agrees_and_names_no_zone_agrees_with_all(drawn):
    said(drawn, opinion="同意")
    edit(drawn, remove=("A3",))
    (row,) = comment_rows(comments(drawn), RULES)
    assert (row["codes"], row["whole"], zones_in_words(row)) == ("", True, "全部成果")
    answer(drawn, THEME, 1, "adopt", ACT, RULES)


def test_nothing_moves_where_no_zone_changed(drawn):
    said(drawn, "A1")
    edit(drawn, settings={"B1": {"name": "新名"}})
    assert comments(drawn) == comments_of(journal(drawn))
    with pytest.raises(CallError, match="没有第 2 条意见；现有：1–1"):
        answer(drawn, THEME, 2, "adopt", ACT, RULES)


@given(st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True))
def test_the_heirs_of_a_zone_cut_in_strips_are_the_strips_that_count(cuts):
    edges = [0, *sorted(cuts), 100]
    strips = [shapely.box(a, 0, b, 10) for a, b in zip(edges, edges[1:], strict=False)]
    codes = [f"s{k}" for k in range(len(strips))]
    layer = zone_layer(THEME, {"code": codes, "kind": ["severe"] * len(codes)}, np.array(strips), national_crs())
    ground = Ground(layer, shapely.STRtree(layer.geometry), 10.0, 0.01)
    found = heirs(ground, Zone("old", {"kind": "severe"}, shapely.box(0, 0, 100, 10)), redrawn=False)
    assert found == [code for code, strip in zip(codes, strips, strict=True) if strip.area >= 100]
