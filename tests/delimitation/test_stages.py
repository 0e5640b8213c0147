"""Zones go through their stages in order, by dates, and not with anything left open."""

import pytest
from tests.delimitation.zone_folder import ACT, RULES, THEME, drawn_folder, edit, journal, some_zones

from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.delimitation.life.advancing import advance
from shuibao.delimitation.life.answering import answer, assign, take_in
from shuibao.delimitation.life.deciding import decide
from shuibao.delimitation.life.edits import Act
from shuibao.delimitation.life.redrawing import redraw
from shuibao.delimitation.life.stages import current_stage, due_dates, may_follow, office_of, stage_named, stages_of
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules

JILIN = load_rules(["jilin"])
ORDER = [stage.id for stage in stages_of(RULES)]


def go(folder, *stages, on="2024-07-01"):
    for stage in stages:
        advance(folder, THEME, stage_named(stage, RULES), Act("张三", on), RULES)


def test_zones_begin_as_a_draft_and_may_go_all_the_way(tmp_path):
    drawn_folder(tmp_path)
    assert current_stage(journal(tmp_path), RULES).name == "初步成果"
    go(tmp_path, *ORDER[1:])
    assert current_stage(journal(tmp_path), RULES).name == "上图入库"


def test_every_stage_can_go_back_to_adjustment_or_comes_before_it():
    for stage in stages_of(RULES)[4:]:
        assert "adjustment" in may_follow(stage, RULES)
    reached = {"preliminary"}
    for _ in ORDER:
        reached |= {to for stage in reached for to in may_follow(stage_named(stage, RULES), RULES)}
    assert reached == set(ORDER)


@pytest.mark.parametrize("to", ["announcement", "mapping", "preliminary"])
def test_a_leap_is_refused_and_says_where_one_may_go(tmp_path, to):
    drawn_folder(tmp_path)
    with pytest.raises(ShuibaoError, match="可到：实地复核"):
        go(tmp_path, to)
    assert journal(tmp_path) == []


def test_an_unknown_stage_is_refused():
    with pytest.raises(CallError, match="consultation"):
        stage_named("公示", RULES)


def test_a_date_before_the_last_move_is_refused(tmp_path):
    drawn_folder(tmp_path)
    go(tmp_path, "field_review", on="2024-07-01")
    with pytest.raises(ShuibaoError, match="早于"):
        go(tmp_path, "consultation", on="2024-06-30")


def test_no_act_of_any_kind_is_dated_before_the_last_record(tmp_path):
    drawn_folder(tmp_path)
    (tmp_path / "c.csv").write_text("单位,意见,图斑编号\n某县水利局,边界偏大,A1\n", "utf-8")
    take_in(tmp_path, THEME, tmp_path / "c.csv", ACT, RULES)
    early = Act("张三", "2024-06-30", "复核")
    kept = journal(tmp_path)
    for act in (
        lambda: edit(tmp_path, early, remove=("A3",)),
        lambda: answer(tmp_path, THEME, 1, "reject", early, RULES),
        lambda: assign(tmp_path, THEME, 1, [], early, RULES),
        lambda: take_in(tmp_path, THEME, tmp_path / "c.csv", early, RULES),
        lambda: redraw(tmp_path, THEME, early, RULES),
        lambda: decide(tmp_path, THEME, "1", "drop", early, RULES),
        lambda: go(tmp_path, "field_review", on="2024-06-30"),
    ):
        with pytest.raises(ShuibaoError, match="2024-06-30 早于已有记录的 2024-07-01（第 1 号意见）"):
            act()
    assert journal(tmp_path) == kept


def test_boundaries_are_settled_from_examination_on_until_they_go_back(tmp_path):
    drawn_folder(tmp_path)
    go(tmp_path, "field_review", "adjustment", "examination")
    with pytest.raises(ShuibaoError, match="退回调整"):
        edit(tmp_path, remove=("A3",))
    go(tmp_path, "adjustment")
    edit(tmp_path, remove=("A3",))


def test_examination_waits_for_every_comment(tmp_path):
    drawn_folder(tmp_path)
    (tmp_path / "c.csv").write_text("单位,意见,图斑编号\n某县水利局,边界偏大,A1\n某县林草局,无图斑,X9\n", "utf-8")
    go(tmp_path, "field_review", "consultation")
    take_in(tmp_path, THEME, tmp_path / "c.csv", ACT, RULES)
    with pytest.raises(ShuibaoError, match="2 条意见没有答复"):
        go(tmp_path, "examination")
    answer(tmp_path, THEME, 1, "reject", ACT, RULES)
    assign(tmp_path, THEME, 2, [], ACT, RULES)
    with pytest.raises(ShuibaoError, match="1 条意见没有答复：2"):
        go(tmp_path, "examination")
    answer(tmp_path, THEME, 2, "reject", ACT, RULES)
    go(tmp_path, "examination")


def test_examination_waits_for_a_new_drawing_and_for_sound_shapes(tmp_path):
    drawn_folder(tmp_path)
    go(tmp_path, "field_review", "adjustment")
    write_layer(theme_folder(tmp_path, THEME) / DRAWN, some_zones().subset([0, 1, 2]))
    with pytest.raises(ShuibaoError, match="zones redraw"):
        go(tmp_path, "examination")
    layer = some_zones()
    layer.geometry[1] = layer.geometry[0]
    other = drawn_folder(tmp_path / "other", layer)
    go(other, "field_review", "adjustment")
    with pytest.raises(ShuibaoError, match=r"A1\+A2"):
        go(other, "examination")


def test_a_move_names_the_version_that_it_is_about(tmp_path):
    drawn_folder(tmp_path)
    edit(tmp_path, remove=("A3",))
    go(tmp_path, "field_review")
    assert journal(tmp_path)[-1]["version"] == 2


def test_jilin_has_the_dates_and_offices_of_its_notice():
    dates = {(row["theme"], row["by"]) for row in JILIN.value("zone_life.due")}
    assert dates == {
        ("prevention_treatment", "2024-06-30"), ("prevention_treatment", "2024-08-31"),
        ("prevention_treatment", "2024-11-30"), ("severe_fragile", "2024-10-31"), ("severe_fragile", "2024-12-31"),
        ("severe_fragile", "2025-03-31"), ("steep_slope", "2025-04-30"), ("steep_slope", "2025-12-31"),
    }  # fmt: skip
    assert JILIN["zone_life.due"].status == "verified"
    assert office_of("steep_slope", stage_named("announcement", JILIN), JILIN) == "县级人民政府"


def test_what_is_late_is_told_by_the_day_asked_about(tmp_path):
    drawn_folder(tmp_path)
    for today, late in (("2024-10-31", 0), ("2024-11-01", 1), ("2025-01-01", 2), ("2025-04-01", 3)):
        assert sum(d.late for d in due_dates(THEME, journal(tmp_path), JILIN, today)) == late
    go(tmp_path, "field_review", on="2024-10-30")
    assert [d.late for d in due_dates(THEME, journal(tmp_path), JILIN, "2026-01-01")] == [False, True, True]
    go(tmp_path, "adjustment", "examination", on="2025-01-05")
    first, second, _ = due_dates(THEME, journal(tmp_path), JILIN, "2026-01-01")
    assert (first.done_on, second.done_on, second.late) == ("2024-10-30", "2025-01-05", True)


def test_without_a_provinces_notice_nothing_is_due(tmp_path):
    drawn_folder(tmp_path)
    assert due_dates(THEME, journal(tmp_path), RULES, "2030-01-01") == []
