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
