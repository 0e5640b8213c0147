"""Packs laid over each other, and what a rulebook remembers."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules, load_rules

NATIONAL = load_rules(["national"])
OWN = """
[pack]
id = "own"
title = "本县规则"
title_en = "Rules of our county"
includes = ["national"]
[sources.order]
title = "县政府文件"
read = true
[steep_slope.angle]
value = {angle}
unit = "{unit}"
source = "order"
status = "verified"
"""


def own_pack(folder: Path, *, angle: object = 18, unit: str = "deg", more: str = "") -> Path:
    path = folder / "own.toml"
    path.write_text(OWN.format(angle=angle, unit=unit) + more, encoding="utf-8")
    return path


@pytest.mark.parametrize("pack, angle", [("national", 25), ("shanxi", 25), ("jilin", 20), ("inner_mongolia", 15)])
def test_a_province_sets_its_own_steep_slope(pack: str, angle: int) -> None:
    assert load_rules(["national", pack]).value("steep_slope.angle") == angle


def test_the_later_pack_wins_and_says_so() -> None:
    assert load_rules(["jilin", "inner_mongolia"])["steep_slope.angle"].pack == "inner_mongolia"
    assert load_rules(["inner_mongolia", "jilin"])["steep_slope.angle"].pack == "jilin"


def test_a_province_brings_the_nation_along() -> None:
    assert load_rules(["jilin"]).digest() == load_rules(["national", "jilin"]).digest()


def test_a_users_own_pack_overrides_and_keeps_the_names(tmp_path: Path) -> None:
    p = load_rules(["national", "jilin", own_pack(tmp_path)])["steep_slope.angle"]
    assert (p.value, p.pack, p.source, p.name) == (18, "own", "县政府文件", "禁止开垦坡度")


def test_only_what_was_asked_for_is_remembered() -> None:
    rules = load_rules(["national"])
    list(rules.parameters())
    rules.table("measure")
    assert rules.used() == []
    rules.value("steep_slope.angle")
    rules.value("erosivity.threshold")
    assert [p.key for p in rules.used()] == ["erosivity.threshold", "steep_slope.angle"]
    rules.forget()
    assert rules.used() == []


def test_a_scheme_asked_for_is_remembered_with_the_land_classes() -> None:
    rules = load_rules(["national"])
    rules.scheme("clcd")
    assert [p.key for p in rules.used()] == ["land_class.classes", "scheme_clcd.classes"]


def test_changing_a_value_that_was_given_out_does_not_change_the_rules() -> None:
    rules = load_rules(["national"])
    rules.value("slope_class.breaks").append(99)
    assert 99 not in rules.value("slope_class.breaks")


@given(key=st.sampled_from(NATIONAL.keys()))
def test_every_key_gives_a_value_and_is_remembered(key: str) -> None:
    rules = Rules({p.key: p for p in NATIONAL.parameters()}, NATIONAL.packs)
    assert rules.value(key) == rules[key].value
    assert [p.key for p in rules.used()] == [key]


def test_the_digest_is_the_same_twice_and_changes_with_a_value(tmp_path: Path) -> None:
    assert load_rules(["national"]).digest() == NATIONAL.digest()
    assert load_rules([own_pack(tmp_path, angle=18)]).digest() != load_rules([own_pack(tmp_path, angle=19)]).digest()


def test_the_digest_of_some_keys_does_not_see_the_others(tmp_path: Path) -> None:
    rules = load_rules([own_pack(tmp_path)])
    assert rules.digest(["erosivity.threshold"]) == NATIONAL.digest(["erosivity.threshold"])
    assert rules.digest(["steep_slope.angle"]) != NATIONAL.digest(["steep_slope.angle"])


def test_rules_travel_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(NATIONAL)).digest() == NATIONAL.digest()  # noqa: S301


@pytest.mark.parametrize(
    "wrong, right", [("steep_slop.angle", "steep_slope.angle"), ("erosivity.treshold", "threshold")]
)
def test_a_misspelt_key_is_refused_with_the_right_one(wrong: str, right: str) -> None:
    with pytest.raises(CallError) as refusal:
        NATIONAL.value(wrong)
    assert right in refusal.value.zh
    assert right in refusal.value.en


def test_a_misspelt_pack_is_refused_with_the_right_one() -> None:
    with pytest.raises(CallError, match="shanxi"):
        load_rules(["national", "shanix"])


def test_a_misspelt_scheme_is_refused_with_the_right_one() -> None:
    with pytest.raises(CallError, match="gb21010"):
        NATIONAL.scheme("gb2101")


def test_a_value_in_another_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="percent"):
        load_rules([own_pack(tmp_path, unit="percent")])


def test_a_value_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="steep_slope.angle"):
        load_rules([own_pack(tmp_path, angle='"twenty"')])


def test_all_errors_of_a_pack_are_said_at_once(tmp_path: Path) -> None:
    more = '\n[steep_slope.angel]\nvalue = 1\nunit = "deg"\nsource = "order"\nstatus = "draft"\n'
    more += 'name = "a"\nname_en = "a"\n'
    with pytest.raises(ShuibaoError) as refusal:
        load_rules([own_pack(tmp_path, angle=120, more=more)])
    assert "120" in refusal.value.en
    assert "steep_slope.angel" in refusal.value.en
    assert "'steep_slope.angle'" in refusal.value.en


def test_packs_that_include_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.toml"
    path.write_text(f'[pack]\nid = "loop"\ntitle = "a"\ntitle_en = "a"\nincludes = ["{path}"]\n', encoding="utf-8")
    with pytest.raises(ShuibaoError, match="loop → loop"):
        load_rules([path])


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"[pack", "TOML"),
        ("[pack]\nid = '规则'".encode("gbk"), "UTF-8"),
        (b"[steep_slope]\nangle = 3\n", "[pack]"),
        (b"threshold = 3\n[pack]\nid = 'a'\n", "threshold"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ShuibaoError) as refusal:
        load_rules([path])
    assert expected in refusal.value.en
    assert "bad.toml" in refusal.value.zh


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="nowhere.toml"):
        load_rules([tmp_path / "nowhere.toml"])


def test_a_measure_of_ones_own_may_be_added(tmp_path: Path) -> None:
    more = '\n[measure.stone_dike]\nvalue = 0.2\nunit = "1"\nsource = "order"\nstatus = "draft"\n'
    more += 'name = "石坎埂"\nname_en = "Stone dike"\n'
    assert load_rules([own_pack(tmp_path, more=more)]).value("measure.stone_dike") == 0.2


def test_a_scheme_of_ones_own_may_be_added(tmp_path: Path) -> None:
    more = '\n[scheme_county.classes]\nname = "本县地类"\nname_en = "Our classes"\nunit = "1"\nsource = "order"\n'
    more += (
        'status = "draft"\nvalue = [{ code = 7, name = "梯田", name_en = "Terrace", land_class = "dry_cropland" }]\n'
    )
    assert load_rules([own_pack(tmp_path, more=more)]).scheme("county") == {7: 3}
