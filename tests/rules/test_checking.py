"""What ``rules check`` finds, and that it finds it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuibao.rules import check_pack
from shuibao.rules.structure import check_structure

HEAD = """
[pack]
id = "own"
title = "本县规则"
title_en = "Rules of our county"
includes = ["national"]
[sources.order]
title = "县政府文件"
read = true
[sources.unread]
title = "未读文件"
"""
ANGLE = '[steep_slope.angle]\nvalue = 18\nunit = "deg"\nsource = "order"\nstatus = "verified"\n'


def check(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return "\n".join(f"{f.where} {f.en}" for f in check_pack(path))


def test_a_pack_in_order_has_no_findings(tmp_path: Path) -> None:
    assert check(tmp_path, HEAD + ANGLE) == ""


@pytest.mark.parametrize("word", ["value", "unit", "source", "status"])
def test_a_value_without_its_ground_is_found(tmp_path: Path, word: str) -> None:
    lines = [line for line in ANGLE.splitlines(keepends=True) if not line.startswith(word)]
    assert f"'{word}' is missing" in check(tmp_path, HEAD + "".join(lines))


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ('status = "verified"', 'status = "final"', "must be one of: verified, draft"),
        ('status = "verified"', 'status = "verified"\nbasis = "recalled"', "cannot be verified"),
        ('source = "order"', 'source = "unread"', "was not read"),
        ('source = "order"', 'source = "oder"', "Did you mean 'order'"),
        ("value = 18", "value = 18\nsatus = 3", "Did you mean 'status'"),
        ("value = 18", "value = 95", "between 0° and 90°"),
        ("value = 18", "value = true", "should be a number"),
        ("steep_slope.angle", "steep_slope.angel", "Did you mean 'steep_slope.angle'"),
        ("steep_slope.angle", "measure.dike", "name or name_en is missing"),
    ],
)
def test_a_mistake_is_found_and_the_remedy_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert expected in check(tmp_path, HEAD + ANGLE.replace(old, new))


def test_unknown_words_of_the_pack_table_are_found(tmp_path: Path) -> None:
    assert "Did you mean 'includes'" in check(tmp_path, HEAD.replace("includes", "include") + ANGLE)


def test_an_empty_table_is_found(tmp_path: Path) -> None:
    assert "own.toml:steep_slope holds no value" in check(tmp_path, HEAD + '[steep_slope]\nunit = "deg"\n')


def test_a_pack_that_includes_what_is_not_there_is_found(tmp_path: Path) -> None:
    assert "Did you mean 'national'" in check(tmp_path, HEAD.replace('["national"]', '["nationl"]') + ANGLE)


def test_several_mistakes_are_found_at_once(tmp_path: Path) -> None:
    text = HEAD + ANGLE.replace('unit = "deg"\n', "").replace("order", "oder")
    assert len(check(tmp_path, text).splitlines()) == 2


def land(*entries: dict[str, object]) -> list[dict[str, object]]:
    plain = {"name": "草地", "name_en": "Grass", "group": "grass", "cover": "grass"}
    return [plain | {"id": f"class{i}", "code": i + 1} | entry for i, entry in enumerate(entries)]


VALUES = {
    "land_class.classes": [{"id": "grass", "code": 9}, {"id": "forest", "code": 6}],
    "land_class.groups": [{"id": "grass"}],
    "measure.none": 1,
    "tolerable_loss.northwest_loess": 1000,
}


def classes(*bounds: object) -> list[dict[str, object]]:
    named = [{"code": i + 1, "id": f"c{i}", "name": "级", "name_en": "Class"} for i in range(len(bounds) + 1)]
    return [entry | {"upto": bound} for entry, bound in zip(named, bounds, strict=False)] + named[-1:]


@pytest.mark.parametrize(
    "key, value, expected",
    [
        ("erosion_intensity.classes", classes("tolerable_loss", 5000, 2500), "do not rise"),
        ("erosion_intensity.classes", classes("tolerable_loss", 900), "greatest tolerable loss 1000"),
        ("erosion_intensity.classes", classes("tolerated", 2500), "neither a number nor tolerable_loss"),
        ("erosion_intensity.classes", classes("tolerable_loss", 2500)[::-1], "not in ascending order"),
        ("slope_class.breaks", [2, 5, 5], "neither rise nor fall"),
        ("slope_factor.branches", [{"below": 10}, {"below": 5}, {}], "do not rise"),
        ("slope_factor.branches", [{"below": 10}, {"below": 15}], "the last has none"),
        ("land_class.classes", land({}, {"code": 1}), "occur twice"),
        ("land_class.classes", land({"code": 0}), "0 is missing"),
        ("land_class.classes", land({"cover": "gras"}), "Did you mean 'grass'"),
        ("land_class.classes", land({"cover": "fixed"}), "b goes with cover 'fixed'"),
        ("land_class.classes", land({"group": "lawn"}), "'lawn' does not exist"),
        ("land_class.classes", land({"name_en": ""}), "lacks name or name_en"),
        ("land_class.classes", [3], "not written as it should be"),
        ("scheme_own.classes", [{"code": 1, "land_class": "forrest"}], "Did you mean 'forest'"),
        ("scheme_own.classes", [{"code": "0101", "land_class": "forest"}], "whole numbers"),
        ("steep_slope.land", ["gras"], "Did you mean 'grass'"),
        ("measure_code.classes", [{"code": 1, "id": "dyke"}], "'dyke' does not exist"),
        ("measure.dike", 1.4, "between 0 and 1"),
    ],
)
def test_a_value_built_wrongly_is_found(key: str, value: object, expected: str) -> None:
    assert expected in "\n".join(f.en for f in check_structure(key, value, "1", "own.toml", VALUES))


ALONE = HEAD.replace('includes = ["national"]\n', "")


def test_a_pack_without_includes_is_checked_as_coming_after_national(tmp_path: Path) -> None:
    found = check(tmp_path, ALONE + ANGLE).splitlines()
    assert len(found) == 1
    assert 'rules = ["national", "own.toml"]' in found[0]
    assert "should be a number" in check(tmp_path, ALONE + ANGLE.replace("18", "true"))


def test_a_value_of_a_pack_that_was_not_included_names_that_pack(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(ALONE.replace('"own"', '"other"') + ANGLE, encoding="utf-8")
    assert 'includes = ["national"]' in check(tmp_path, HEAD.replace('["national"]', '["other.toml"]'))


@pytest.mark.parametrize("given", ['"national"', "5", '["national", 5]', '[""]'])
def test_includes_that_are_no_list_of_names_are_found(tmp_path: Path, given: str) -> None:
    found = check(tmp_path, HEAD.replace('["national"]', given) + ANGLE).splitlines()
    assert len(found) == 1
    assert "should be a list of names" in found[0]


@pytest.mark.parametrize(
    "old, new", [('source = "order"', 'source = ["order"]'), ('"deg"', "3"), ('title = "未读文件"', "title = 3")]
)
def test_what_should_be_text_and_is_not_is_found(tmp_path: Path, old: str, new: str) -> None:
    assert "should be text" in check(tmp_path, (HEAD + ANGLE).replace(old, new))


def test_an_unknown_table_is_found_as_such_and_not_for_what_it_lacks(tmp_path: Path) -> None:
    found = check(tmp_path, HEAD + "[stepslope]\nangle = 3\n").splitlines()
    assert len(found) == 1
    assert "there is no such rule" in found[0]


def test_a_pack_may_not_take_the_id_of_one_that_comes_along(tmp_path: Path) -> None:
    assert "Choose another" in check(tmp_path, HEAD.replace('"own"', '"national"') + ANGLE)


def test_two_packs_that_differ_may_not_have_one_id(tmp_path: Path) -> None:
    (tmp_path / "twin.toml").write_text(HEAD + ANGLE.replace("18", "19"), encoding="utf-8")
    assert "both have the id 'own'" in check(tmp_path, HEAD.replace('["national"]', '["twin.toml"]') + ANGLE)


def test_where_a_file_is_not_toml_is_said_once_and_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[pack]\nid = = 3\n", encoding="utf-8")
    (found,) = check_pack(path)
    assert found.zh == "不是合格的 TOML（第 2 行第 6 个字符）。请改正该处。"
