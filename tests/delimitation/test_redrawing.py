"""A new drawing takes the edits of people over, and lists those that no longer fit."""

import numpy as np
import pytest
import shapely
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
from shuibao.delimitation.life.deciding import decide
from shuibao.delimitation.life.editing import Wishes
from shuibao.delimitation.life.edits import record_edit
from shuibao.delimitation.life.incoming import read_incoming
from shuibao.delimitation.life.kind_overlaps import overlaps_of
from shuibao.delimitation.life.recorded_zones import digest_of
from shuibao.delimitation.life.redrawing import open_conflicts, redraw, replayed, standing_changes
from shuibao.delimitation.life.verifying import verify
from shuibao.delimitation.life.versions import current_layer
from shuibao.messages import CallError, ShuibaoError
from shuibao.zoning.layer import zone_layer


def drawn_anew(folder, shapes=None, codes=None, leave_out=()):
    """Draw the zones again with some other shapes, under other codes, without some."""
    layer = some_zones()
    rows = [k for k, code in enumerate(layer.columns["code"]) if code not in leave_out]
    geometry = layer.geometry.copy()
    for code, shape in (shapes or {}).items():
        geometry[list(layer.columns["code"]).index(code)] = shape
    columns = {n: np.asarray(v)[rows] for n, v in layer.columns.items() if n not in ("area_m2", "area_hm2")}
    columns["code"] = [(codes or {}).get(code, code) for code in columns["code"]]
    write_layer(
        theme_folder(folder, THEME) / DRAWN, zone_layer(THEME, columns, geometry[rows], layer.crs, layer.metadata)
    )


def reshaped(folder, zones, resolution="refuse", **columns):
    incoming = read_incoming(handed_in(folder / "in.gpkg", zones, **columns), current_layer(folder, THEME), RULES, LAND)
    return record_edit(folder, THEME, Wishes(incoming), ACT, RULES, resolution=resolution)


def by_code(folder):
    layer = current_layer(folder, THEME)
    return {
        code: (name, round(area / 1e6, 3))
        for code, name, area in zip(*(layer.columns[n] for n in ("code", "name", "area_m2")), strict=True)
    }


@pytest.fixture
def drawn(tmp_path):
    return drawn_folder(tmp_path)


def test_edits_are_made_again_on_zones_that_have_other_codes_and_nearly_the_old_boundary(drawn):
    edit(drawn, settings={"A1": {"name": "东沟上游"}})
    reshaped(drawn, {"B1": square(5, 5, 2, 1.5)})
    edit(drawn, remove=("A3",))
    drawn_anew(drawn, {"A1": square(0, 0, 0.995, 1)}, {"A1": "N9", "B1": "N3", "A3": "N4"})
    record = redraw(drawn, THEME, ACT, RULES)
    assert record["conflicts"] == []
    assert by_code(drawn) == {"A2": ("西沟", 1.0), "N3": ("北梁", 3.0), "N9": ("东沟上游", 0.995)}
    assert verify(drawn, THEME).findings == ()


def test_until_it_is_taken_up_a_new_drawing_changes_nothing(drawn):
    edit(drawn, remove=("A3",))
    before = digest_of(current_layer(drawn, THEME))
    drawn_anew(drawn, leave_out=("B1",))
    assert digest_of(current_layer(drawn, THEME)) == before


def test_without_changes_of_the_drawing_there_is_nothing_to_take_up(drawn):
    with pytest.raises(ShuibaoError, match="无须重放"):
        redraw(drawn, THEME, ACT, RULES)
    edit(drawn, remove=("A3",))
    with pytest.raises(ShuibaoError, match="没有变化"):
        redraw(drawn, THEME, ACT, RULES)


def test_what_no_longer_fits_is_listed_with_the_reason(drawn):
    edit(drawn, settings={"A1": {"name": "甲"}})
    edit(drawn, settings={"A2": {"name": "乙"}})
    reshaped(drawn, {"C1": square(9, 9)}, kind=["severe"])
    reshaped(drawn, {"B1": square(5, 5, 3, 1)})
    drawn_anew(drawn, {"A2": square(1, 0, 0.7, 1), "A3": square(7, 5)}, leave_out=("A1",))
    layer = some_zones()
    layer.columns["kind"][2] = "severe"
    record = redraw(drawn, THEME, ACT, RULES)
    reasons = {c["change"]["origin"]: c["reason"] for c in record["conflicts"]}
    assert set(reasons) == {"1.1", "2.1"}
    assert "不存在" in reasons["1.1"]
    assert "30.0%" in reasons["2.1"]
    assert by_code(drawn)["B1"] == ("北梁", 3.0)


def test_an_edit_that_would_lie_over_a_new_zone_does_not_fit(drawn):
    reshaped(drawn, {"B1": square(5, 5, 3, 1)})
    drawn_anew(drawn, {"A2": square(7.5, 5)})
    record = redraw(drawn, THEME, ACT, RULES)
    assert "重叠" in record["conflicts"][0]["reason"]
    assert by_code(drawn)["B1"] == ("北梁", 2.0)
    decide(drawn, THEME, "1", "keep", ACT, RULES)
    assert by_code(drawn)["B1"] == ("北梁", 3.0)
    assert by_code(drawn)["A2"] == ("西沟", 0.5)
    assert overlaps_of(current_layer(drawn, THEME), 0.1) == []
    assert open_conflicts(journal(drawn)) == {}
    assert verify(drawn, THEME).findings == ()


def test_an_edit_of_two_neighbours_is_made_again_as_one(drawn):
    record = reshaped(drawn, {"A1": square(0, 0, 1.2, 1)}, "cut-others")
    assert len(record["changes"]) == 2
    drawn_anew(drawn, {"B1": square(5, 5)})
    assert redraw(drawn, THEME, ACT, RULES)["conflicts"] == []
    assert (by_code(drawn)["A1"][1], by_code(drawn)["A2"][1]) == (1.2, 0.8)


def test_a_zone_that_was_added_keeps_its_place_and_conflicts_if_its_code_is_taken(drawn):
    reshaped(drawn, {"C1": square(9, 9)}, kind=["severe"])
    drawn_anew(drawn, codes={"A3": "C1"})
    record = redraw(drawn, THEME, ACT, RULES)
    assert "C1" in record["conflicts"][0]["reason"]
    decide(drawn, THEME, "1.1", "keep", ACT, RULES)
    assert by_code(drawn)["C1-2"] == ("", 1.0)


def test_a_dropped_edit_stays_dropped_and_on_record(drawn):
    edit(drawn, settings={"A1": {"name": "甲"}})
    drawn_anew(drawn, leave_out=("A1",))
    redraw(drawn, THEME, ACT, RULES)
    decide(drawn, THEME, "1", "drop", ACT, RULES)
    drawn_anew(drawn, {"B1": square(5, 5)})
    assert redraw(drawn, THEME, ACT, RULES)["conflicts"] == []
    assert by_code(drawn)["A1"][0] == "东沟"
    assert (theme_folder(drawn, THEME) / "edits" / "0001.json").exists()


def test_an_edit_that_was_not_decided_is_tried_again_on_the_next_drawing(drawn):
    edit(drawn, settings={"A1": {"name": "甲"}})
    drawn_anew(drawn, leave_out=("A1",))
    redraw(drawn, THEME, ACT, RULES)
    assert list(open_conflicts(journal(drawn))) == ["1.1"]
    drawn_anew(drawn, {"B1": square(5, 5)})
    assert redraw(drawn, THEME, ACT, RULES)["conflicts"] == []
    assert by_code(drawn)["A1"][0] == "甲"


def test_an_edit_is_done_again_by_a_later_one_only(drawn):
    reshaped(drawn, {"A1": square(-0.03, 0, 1.03, 1)})
    drawn_anew(drawn, {"A1": square(0, 0, 0.8, 1)})
    redraw(drawn, THEME, ACT, RULES)
    with pytest.raises(CallError, match="采用新底图之后"):
        decide(drawn, THEME, "1", "redo", ACT, RULES, redone=1)
    reshaped(drawn, {"A1": square(-0.03, 0, 0.9, 1)})
    decide(drawn, THEME, "1", "redo", ACT, RULES, redone=2)
    assert open_conflicts(journal(drawn)) == {}
    drawn_anew(drawn, {"A1": square(0, 0, 0.8, 1), "B1": square(5, 5)})
    assert redraw(drawn, THEME, ACT, RULES)["conflicts"] == []
    assert by_code(drawn)["A1"][1] == 0.9


def test_what_is_not_open_cannot_be_decided(drawn):
    edit(drawn, settings={"A1": {"name": "甲"}})
    with pytest.raises(CallError, match="没有待取舍"):
        decide(drawn, THEME, "1", "drop", ACT, RULES)


def test_a_removal_of_what_is_gone_has_nothing_to_keep(drawn):
    edit(drawn, remove=("A1",))
    drawn_anew(drawn, leave_out=("A1",))
    redraw(drawn, THEME, ACT, RULES)
    with pytest.raises(ShuibaoError, match="--drop"):
        decide(drawn, THEME, "1", "keep", ACT, RULES)
    assert open_conflicts(journal(drawn))


def test_a_kept_decision_is_replayed_like_an_edit(drawn):
    reshaped(drawn, {"A1": square(0, 0, 1, 1.2)})
    drawn_anew(drawn, {"A1": square(0, 0, 0.8, 1)})
    redraw(drawn, THEME, ACT, RULES)
    decide(drawn, THEME, "1", "keep", ACT, RULES)
    assert by_code(drawn)["A1"][1] == 1.2
    drawn_anew(drawn, {"A1": square(0, 0, 0.8, 1), "B1": square(5, 5)})
    assert redraw(drawn, THEME, ACT, RULES)["conflicts"] == []
    assert by_code(drawn)["A1"][1] == 1.2
    assert shapely.is_valid(current_layer(drawn, THEME).geometry).all()


def test_edits_made_again_on_the_drawing_that_they_were_made_on_come_to_the_same_layer(drawn):
    edit(drawn, settings={"A1": {"name": "甲"}})
    reshaped(drawn, {"A1": square(0, 0, 1.2, 1)}, "cut-others")
    edit(drawn, remove=("A3",))
    reshaped(drawn, {"B1": square(5, 5), "B2": square(6, 5)}, parent=[None, "B1"])
    edit(drawn, merge=(("A1", "A2"),), settings={"B2": {"kind": "fragile"}})
    found = replayed(some_zones(), standing_changes(journal(drawn)), {"fit": 1.0, "overlap_area": 0.1})
    assert found.conflicts == ()
    assert digest_of(found.layer) == digest_of(current_layer(drawn, THEME))
