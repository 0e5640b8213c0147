"""The rules table of duties in key zones: what it may hold, what follows from it, and what it never claims."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules, pack_ids
from shuibao.rules.duties import Place, all_duties, duties_of, duty_row

RULES = load_rules([*pack_ids(), "national"])
EVERY = all_duties(RULES)
KINDS = [entry["id"] for entry in RULES.value("zone_kind.classes")]
LEVELS = [entry["id"] for entry in RULES.value("zone_level.classes")]

places = st.builds(
    Place, st.sampled_from(KINDS), st.sampled_from([*LEVELS, ""]), st.sampled_from(["", "220502", "140902", "140404"])
)

OWN = """
[pack]
id = "own"
title = "自己的"
title_en = "Own"
includes = ["national"]
[sources.order]
title = "某县办法"
title_en = "An order"
read = true
[zone_duty.county_grazing]
name = "封山禁牧"
name_en = "No grazing"
unit = "1"
source = "order"
status = "verified"
basis = "read"
confidence = "H"
value = {{ kinds = ["{kind}"], levels = ["{level}"], within = ["{within}"], activity = "{activity}", \
modality = "{modality}", text = "{text}", text_en = "x" }}
"""
SOUND = {
    "kind": "fragile", "level": "county", "within": "1409", "activity": "forestry_grass", "modality": "forbidden",
    "text": "禁止放牧。",
}  # fmt: skip


def own_pack(folder: Path, **words: str) -> Path:
    path = folder / "own.toml"
    path.write_text(OWN.format(**(SOUND | words)), "utf-8")
    return path


@given(places, places)
def test_two_zones_have_the_duties_of_both(one: Place, other: Place) -> None:
    both = {duty.id for duty in duties_of(EVERY, [one, other])}
    assert both == {d.id for d in duties_of(EVERY, [one])} | {d.id for d in duties_of(EVERY, [other])}


@given(st.lists(places, max_size=4))
def test_the_order_of_zones_changes_nothing_and_no_duty_is_said_twice(some: list[Place]) -> None:
    found = [duty.id for duty in duties_of(EVERY, some)]
    assert found == [duty.id for duty in duties_of(EVERY, some[::-1])]
    assert len(set(found)) == len(found)


def test_land_in_no_zone_has_only_the_duties_that_hold_everywhere() -> None:
    found = duties_of(EVERY, [])
    assert found
    assert all(not duty.kinds and not duty.within for duty in found)


def test_every_kind_of_zone_has_a_duty_of_its_own() -> None:
    for kind in KINDS:
        assert any(kind in duty.kinds for duty in duties_of(EVERY, [Place(kind)])), kind


def test_the_ban_on_steep_slopes_comes_first_and_from_the_law() -> None:
    first = duties_of(all_duties(load_rules(["national"])), [Place("steep_slope")])
    ban = next(duty for duty in first if duty.kinds)
    assert (ban.modality, ban.ground.clause, ban.draft) == ("forbidden", "第二十条", False)


def test_a_province_s_duties_hold_in_that_province_only() -> None:
    jilin = all_duties(load_rules(["jilin"]))
    there = {duty.id for duty in duties_of(jilin, [Place("steep_slope", "county", "220521")])}
    elsewhere = {duty.id for duty in duties_of(jilin, [Place("steep_slope", "county", "140902")])}
    assert {"jilin_steep_angle", "jilin_steep_cultivation"} <= there
    assert not any(name.startswith("jilin") for name in elsewhere)


def test_xinzhou_s_duties_do_not_hold_in_another_city_of_shanxi() -> None:
    shanxi = all_duties(load_rules(["shanxi"]))
    assert not any(d.id.startswith("xinzhou") for d in duties_of(shanxi, [Place("fragile", "county", "140404")]))
    assert any(d.id.startswith("xinzhou") for d in duties_of(shanxi, [Place("fragile", "county", "140902")]))


def test_what_holds_everywhere_in_a_county_holds_there_outside_all_zones() -> None:
    shanxi = all_duties(load_rules(["shanxi"]))
    assert "xinzhou_extraction" in {d.id for d in duties_of(shanxi, [], counties=["140902"])}
    assert "xinzhou_extraction" not in {d.id for d in duties_of(shanxi, [], counties=["140404"])}


def test_a_duty_that_was_not_read_is_a_draft_and_a_clause_is_never_made_up() -> None:
    for duty in EVERY:
        ground = duty.ground
        assert ground.basis in ("read", "recalled")
        assert (ground.basis == "read") or duty.draft, duty.id
        assert not ground.clause or re.fullmatch(
            r"第[一二三四五六七八九十]+条|第\d+项|[一二三]?（[一二三四五六七八九十]+）|方案特性表（表1）", ground.clause
        )
    assert {d.ground.clause for d in EVERY if d.ground.citation.key == "law"} <= {"第十八条", "第二十条", ""}


def test_a_user_s_own_pack_may_add_a_duty(tmp_path: Path) -> None:
    rules = load_rules(["national", own_pack(tmp_path)])
    assert "county_grazing" in {d.id for d in duties_of(all_duties(rules), [Place("fragile", "county", "140921")])}
    row = duty_row(next(d for d in all_duties(rules) if d.id == "county_grazing"), rules)
    assert (row["modality_name"], row["activity_name"], row["pack"]) == ("禁止", "林草经营与植被保护", "own")


@pytest.mark.parametrize(
    "word, wrong",
    [
        ("kind", "fragil"),
        ("level", "town"),
        ("activity", "grazing"),
        ("modality", "banned"),
        ("within", "14a"),
        ("text", " "),
    ],
)
def test_a_duty_of_unknown_words_is_refused(tmp_path: Path, word: str, wrong: str) -> None:
    with pytest.raises(ShuibaoError, match="county_grazing") as refusal:
        load_rules(["national", own_pack(tmp_path, **{word: wrong})])
    assert wrong.strip() in refusal.value.en


def test_a_duty_that_lacks_a_word_is_refused(tmp_path: Path) -> None:
    path = own_pack(tmp_path)
    path.write_text(path.read_text("utf-8").replace('modality = "forbidden", ', ""), "utf-8")
    with pytest.raises(ShuibaoError, match="modality"):
        load_rules(["national", path])


def test_the_page_lists_every_duty_with_its_clause_and_status() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "zone-control.md").read_text("utf-8")
    listed = {line.split("|")[1].strip().strip("`"): line for line in page.splitlines() if line.startswith("| `")}
    for duty in EVERY:
        ground = duty.ground
        said = (
            duty.text,
            ground.clause or "条号未知",
            "草案" if duty.draft else "已读",
            " ".join(duty.within) or "全国",
        )
        assert all(words in listed[duty.id] for words in said), duty.id
