"""The commands that say why units are in, what zones overlap, and what happens inside them; in every form."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Call
from tests.delimitation.key_zone_region import key_zone_region

from shuibao.delimitation.draft.drawing import draw_zones


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a region with many small watersheds whose zones are drawn; never to be changed."""
    region = key_zone_region(tmp_path_factory.mktemp("cli-deciding") / "region")
    draw_zones(region, ["prevention_treatment", "severe_fragile"])
    return region.folder


@pytest.fixture
def copy(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "copy"))


def test_units_are_listed_and_chosen_by_kind(shuibao: Call, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shuibao("zones", "units", drawn, "--format", "json").json()
    from_csv = shuibao("zones", "units", drawn, "--format", "csv").csv()
    assert [row["code"] for row in rows] == [row["code"] for row in from_csv]
    assert all(row["reason"].startswith(("列入", "不列入")) for row in rows)
    for kind in ("prevention", "treatment", "none"):
        chosen = shuibao("zones", "units", drawn, "--kind", kind, "--format", "json").json()
        assert [row["code"] for row in chosen] == [r["code"] for r in rows if (r["kind"] or "none") == kind]
    table = shuibao("zones", "units", drawn)
    assert table.status == 0
    assert table.out.splitlines()[-1].startswith("模拟数据")
    wrong = shuibao("zones", "units", drawn, "--kind", "forest")
    assert (wrong.status, "prevention" in wrong.err) == (2, True)
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    english = shuibao("zones", "units", drawn, "--format", "json").json()
    assert all(row["reason"].startswith(("in the", "out")) for row in english)


def test_why_names_every_rule_with_its_source(shuibao: Call, drawn: Path) -> None:
    code = shuibao("zones", "units", drawn, "--format", "json").json()[0]["code"]
    (answer,) = shuibao("zones", "why", drawn, "--unit", code, "--format", "json").json()
    assert answer["code"] == code
    assert {rule["verdict"] for rule in answer["rules"]} <= {-1, 0, 1}
    assert all(rule["source"] and rule["status"] == "draft" for rule in answer["rules"])
    assert json.dumps(answer["rules"], ensure_ascii=False).count("key_zone_rule.") == len(answer["rules"])
    table = shuibao("zones", "why", drawn, "--unit", code)
    assert answer["reason"] in table.out
    assert len(shuibao("zones", "why", drawn, "--unit", code, "--format", "csv").csv()) == len(answer["rules"])
    wrong = shuibao("zones", "why", drawn, "--unit", "nowhere")
    assert (wrong.status, "nowhere" in wrong.err) == (2, True)


def test_overlaps_are_totals_or_each(shuibao: Call, drawn: Path) -> None:
    totals = shuibao("zones", "overlaps", drawn, "--format", "json")
    assert "red_line" in totals.err
    each = shuibao("zones", "overlaps", drawn, "--each", "--format", "json").json()
    assert [row for row in each if not row["code"]] == totals.json()
    assert len(each) > len(totals.json()) > 0
    assert "只报告" in shuibao("zones", "overlaps", drawn, "--theme", "severe_fragile").out


def test_monitoring_adds_up_whatever_it_is_put_together_by(shuibao: Call, copy: Path) -> None:
    kinds = shuibao("zones", "monitor", copy, "--format", "json").json()
    for by in ("county", "zone"):
        rows = shuibao("zones", "monitor", copy, "--by", by, "--format", "json").json()
        for kind in kinds:
            area = sum(row["area_hm2"] for row in rows if row["kind"] == kind["kind"])
            assert area == pytest.approx(kind["area_hm2"])
    theme = ("--theme", "prevention_treatment")
    same = shuibao("zones", "monitor", copy, *theme, "--against", copy, "--format", "json").json()
    assert all(row["eroded_hm2_change"] == 0 for row in same)
    assert "2024 年减 2024 年" in shuibao("zones", "monitor", copy, *theme, "--against", copy).out


@pytest.mark.parametrize("words", [("units",), ("why", "--unit", "x"), ("overlaps",), ("monitor",)])
def test_what_is_not_drawn_is_said_with_what_to_do(shuibao: Call, copy: Path, words: tuple[str, ...]) -> None:
    shutil.rmtree(copy / "zones")
    answer = shuibao("zones", words[0], copy, *words[1:])
    assert answer.status == 1
    assert "zones draw" in answer.err


def test_grouping_and_themes_that_do_not_exist_are_refused(shuibao: Call, drawn: Path) -> None:
    for words in (("monitor", "--by", "town"), ("monitor", "--theme", "forest"), ("overlaps", "--theme", "forest")):
        answer = shuibao("zones", words[0], drawn, *words[1:])
        assert (answer.status, words[-1] in answer.err) == (2, True)
