"""Commands on a region folder, from check to report, in every form and both languages (区域文件夹命令)."""

from __future__ import annotations

import csv
import re
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.cli.conftest import Call
from tests.survey.small_region import CODES, NAMES, small_region

from shuibao.facts import DIMENSIONS, MEASURES, Facts
from shuibao.survey import STEPS
from shuibao.survey.region import examine_region

FORMS = ("table", "csv", "json")


def test_check_passes_a_sound_region(shuibao: Call, done: Path) -> None:
    answer = shuibao("check", done)
    assert answer.status == 0
    assert "共 0 处错误" in answer.out


@pytest.mark.parametrize("form", FORMS)
def test_check_lists_all_that_is_wrong_at_once(shuibao: Call, tmp_path: Path, form: str) -> None:
    folder = small_region(tmp_path / "bad", inputs={"dem": {"path": "inputs/none.tif"}, "rain": {"unit": "inch"}})
    answer = shuibao("check", folder, "--format", form)
    assert answer.status == 1
    for where in ("inputs.dem", "inputs.rain"):
        assert where in answer.out
    if form == "json":
        assert {"severity", "where", "zh", "en"} == set(answer.json()[0])
    if form == "csv":
        assert {row["severity"] for row in answer.csv()} >= {"error"}
    if form == "table":
        assert "[错误] inputs.dem" in answer.out


def test_check_suggests_the_right_key(shuibao: Call, tmp_path: Path) -> None:
    folder = small_region(tmp_path / "bad", region={"cels": 30})
    answer = shuibao("check", folder)
    assert answer.status == 1
    assert "是否应为「cell」" in answer.out


def test_run_refuses_what_check_refuses_and_computes_nothing(shuibao: Call, tmp_path: Path) -> None:
    folder = small_region(tmp_path / "bad", inputs={"dem": {"path": "inputs/none.tif"}})
    answer = shuibao("run", folder)
    assert answer.status == 1
    assert not (folder / "products").exists()


def test_run_tells_each_step_and_keeps_standard_output_clean(shuibao: Call, region: Path) -> None:
    (region / "records" / "land.json").unlink()
    answer = shuibao("run", region, "--jobs", 1)
    assert answer.status == 0
    assert answer.out == ""
    lines = {name: line for name in STEPS for line in answer.err.splitlines() if f"（{name}）" in line}
    assert {name for name, line in lines.items() if "无变化，跳过" in line} == set(STEPS) - {"land"}
    assert str(region / "products") in answer.err


def test_run_does_the_steps_it_is_asked_for(shuibao: Call, tmp_path: Path) -> None:
    folder = small_region(tmp_path / "some")
    assert shuibao("run", folder, "boundaries", "rain", "--no-check").status == 0
    assert {path.stem for path in (folder / "records").glob("*.json")} & set(STEPS) == {"boundaries", "rain"}


def test_run_refuses_a_step_that_does_not_exist(shuibao: Call, done: Path) -> None:
    answer = shuibao("run", done, "lannd", "--no-check")
    assert answer.status == 2
    assert answer.err.startswith("错误：没有步骤「lannd」；可用：boundaries、rain")


def test_run_refuses_no_threads(shuibao: Call, done: Path) -> None:
    answer = shuibao("run", done, "--jobs", 0, "--no-check")
    assert (answer.status, answer.err.startswith("错误：--jobs 应不小于 1")) == (2, True)


def test_facts_rows_have_the_columns_of_the_table_on_disk(shuibao: Call, done: Path) -> None:
    rows = shuibao("facts", done, "--by", ",".join(DIMENSIONS), "--format", "json").json()
    table = pq.read_table(done / "products" / "facts.parquet")
    assert list(rows[0]) == table.column_names == [*DIMENSIONS, *MEASURES]
    assert rows == table.to_pylist()


def test_facts_in_csv_say_what_json_says(shuibao: Call, done: Path) -> None:
    by = "land_use,zone"
    from_json = shuibao("facts", done, "--by", by, "--format", "json").json()
    from_csv = shuibao("facts", done, "--by", by, "--format", "csv").csv()
    assert [{name: str(value) for name, value in row.items()} for row in from_json] == from_csv
    assert [list(row) for row in from_csv] == [["land_use", "zone", *MEASURES]] * len(from_csv)


def test_facts_are_shown_with_names_and_square_kilometres(
    shuibao: Call, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = shuibao("facts", done, "--by", "county,land_use,slope_class")
    assert answer.status == 0
    assert all(word in answer.out for word in (*NAMES, "旱地", "坡度级", "面积/km²"))
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert "slope class" in shuibao("facts", done, "--by", "county,land_use,slope_class").out


def test_facts_of_everything_are_one_row(shuibao: Call, done: Path) -> None:
    (row,) = shuibao("facts", done, "--by", "", "--format", "json").json()
    facts = Facts.read(done / "products" / "facts.parquet")
    assert row["cells"] == facts.column("cells").sum() == 3600


def test_facts_refuse_a_dimension_that_does_not_exist(shuibao: Call, done: Path) -> None:
    answer = shuibao("facts", done, "--by", "county,slope")
    assert answer.status == 2
    assert answer.err.startswith(
        "错误：事实表没有维度「slope」，是否应为 slope_class；可用：county、watershed、land_use"
    )


@pytest.mark.parametrize("command", ["facts", "rate", "report"])
def test_a_region_that_was_not_run_says_what_to_do(shuibao: Call, tmp_path: Path, command: str) -> None:
    answer = shuibao(command, small_region(tmp_path / "new", files=False))
    assert answer.status == 1
    assert "shuibao run" in answer.err


def test_rate_is_one_row_a_county_and_one_for_the_region(shuibao: Call, done: Path) -> None:
    rows = shuibao("rate", done, "--format", "json").json()
    assert [row["code"] for row in rows] == [*CODES, ""]
    assert [row["name"] for row in rows] == [*NAMES, "模拟区"]
    facts = Facts.read(done / "products" / "facts.parquet").grouped(["intensity"]).to_pylist()
    eroded = sum(row["area_m2"] for row in facts if row["intensity"] >= 2)
    assert rows[-1]["rate_percent"] == round(100 * (1 - eroded / sum(row["area_m2"] for row in facts)), 4)
    assert rows[-1]["land_km2"] == sum(row["land_km2"] for row in rows[:-1])
    assert rows[-1]["target_percent"] is None
    assert shuibao("rate", done, "--format", "csv").csv()[-1]["name"] == "模拟区"


def test_rate_names_its_basis_and_that_the_land_is_made_up(
    shuibao: Call, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = shuibao("rate", done)
    assert all(word in answer.out for word in ("水土保持率/%", "模拟数据", "面积依据", "未用官方控制面积"))
    assert "目标" not in answer.out
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    answer = shuibao("rate", done)
    assert all(word in answer.out for word in ("rate, %", "simulated data", "area basis", "no official control areas"))


def test_rate_stands_beside_the_target_of_its_county(shuibao: Call, region: Path) -> None:
    text = (region / "region.toml").read_text(encoding="utf-8")
    with (region / "targets.toml").open("w", encoding="utf-8") as file:
        file.write(TARGETS)
    (region / "region.toml").write_text(text.replace("year = 2024", 'year = 2024\ntargets = "targets.toml"'), "utf-8")
    answer = shuibao("rate", region, "--format", "json")
    assert answer.status == 0, answer.err
    rows = answer.json()
    assert [row["target_percent"] for row in rows] == [60.0, 70.0, 65.0]
    assert {row["target_year"] for row in rows} == {2025}
    for row in rows:
        assert row["gap_points"] == pytest.approx(row["rate_percent"] - row["target_percent"], abs=1e-3)
    assert "差距/百分点" in shuibao("rate", region).out


TARGETS = """
[pack]
id = "small"
title = "模拟区目标"
title_en = "Targets of the small region"
kind = "targets"

[source]
title = "试用"
title_en = "Trial"
number = ""
read = true

[targets]
name = "模拟区"
name_en = "Small region"
level = "city"
code = "990000"
unit = "percent"
status = "draft"
basis = "chosen"
confidence = "L"
total = { 2025 = 65.0 }
counties = [
  { code = "990001", name = "模拟甲县", name_en = "A", 2025 = 60.0 },
  { code = "990002", name = "模拟乙县", name_en = "B", 2025 = 70.0 },
]
"""


def test_report_writes_a_page_and_a_workbook(shuibao: Call, region: Path) -> None:
    answer = shuibao("report", region)
    assert answer.status == 0, answer.err
    page = region / "report" / "index.html"
    assert str(page) in answer.out
    assert "模拟数据" in page.read_text(encoding="utf-8")
    assert (region / "report" / "tables.xlsx").stat().st_size > 1000


@pytest.mark.parametrize(
    "code, level, name, rules",
    [
        ("140932", "county", "偏关县", ["national", "shanxi"]),
        ("140900", "city", "忻州市", ["national", "shanxi"]),
        ("220000", "province", "吉林省", ["national", "jilin"]),
        ("110101", "county", "东城区", ["national"]),
    ],
)
def test_new_makes_a_skeleton_that_is_read_without_complaint(
    shuibao: Call, tmp_path: Path, code: str, level: str, name: str, rules: list[str]
) -> None:
    folder = tmp_path / "new"
    answer = shuibao("new", code, folder, "--year", 2024)
    assert answer.status == 0
    assert str(folder / "region.toml") in answer.out
    table = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8"))
    assert (table["region"]["level"], table["region"]["name"], table["region"]["rules"]) == (level, name, rules)
    assert (table["region"]["codes"], table["region"]["year"], table["region"]["cell"]) == ([code], 2024, 30)
    assert (folder / "inputs").is_dir()
    region, findings = examine_region(folder)
    assert region is not None
    assert findings == []


def test_what_new_writes_as_a_remark_holds_once_it_is_made_to_count(shuibao: Call, tmp_path: Path) -> None:
    assert shuibao("new", "140932", tmp_path / "new", "--year", 2024).status == 0
    path = tmp_path / "new" / "region.toml"
    text = re.sub(r"(?m)^# (?=\[water\]|(?:rivers|conditioning|code_scheme|tolerance) = )", "", path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")
    region, findings = examine_region(path.parent)
    assert region is not None
    assert findings == []
    assert region.inputs["rivers"] == {"path": "inputs/rivers.shp", "name": "河名"}
    assert region.water == {"conditioning": "fill", "code_scheme": "county", "tolerance": 30}


def test_new_never_overwrites(shuibao: Call, done: Path) -> None:
    before = (done / "region.toml").read_bytes()
    answer = shuibao("new", "140932", done, "--year", 2024)
    assert answer.status == 1
    assert "已有 region.toml" in answer.err
    assert (done / "region.toml").read_bytes() == before


@pytest.mark.parametrize("code", ["999999", "14093", "偏关"])
def test_new_refuses_a_code_that_does_not_exist(shuibao: Call, tmp_path: Path, code: str) -> None:
    answer = shuibao("new", code, tmp_path / "new", "--year", 2024)
    assert answer.status in (1, 2)
    assert code in answer.err
    assert not (tmp_path / "new" / "region.toml").exists()


def test_new_refuses_a_cell_that_the_grid_does_not_have(shuibao: Call, tmp_path: Path) -> None:
    answer = shuibao("new", "140932", tmp_path / "new", "--year", 2024, "--cell", 17)
    assert answer.status == 2
    assert not (tmp_path / "new" / "region.toml").exists()


def test_control_areas_are_honoured_by_facts_and_named_by_rate(shuibao: Call, region: Path) -> None:
    with (region / "inputs" / "control.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["code", "area"], [CODES[0], "162.5"], [CODES[1], "161.25"]])
    with (region / "region.toml").open("a", encoding="utf-8") as file:
        file.write('control_areas = { path = "inputs/control.csv", unit = "hm2", source = "三调" }\n')
    assert shuibao("run", region, "--jobs", 1).status == 0
    rows = shuibao("facts", region, "--by", "county", "--format", "json").json()
    assert [round(row["area_m2"], 2) for row in rows] == [1_625_000, 1_612_500]
    assert "官方控制面积（三调）" in shuibao("rate", region).out


@pytest.mark.parametrize(
    "words, said",
    [
        (("rate", "DIR", "--format"), "选项 --format 后面缺少值"),
        (("delivery", "DIR", "--outlet", "116,25", "--min-area", "abc"), "--min-area 的值不对：应为数。"),
        (("delivery", "DIR", "--outlets", ""), "是文件夹，不是矢量文件"),
        (("watersheds", "DIR", "--by", "bogus"), "不在可用值之中：'county'"),
        (("new", "140932", "DIR/new", "--year", "-5"), "--year 应为四位的公元年份，现为 -5"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(shuibao: Call, done: Path, words: tuple[str, ...], said: str) -> None:
    answer = shuibao(*(word.replace("DIR", str(done)) for word in words))
    assert answer.status in (1, 2)
    assert said in answer.err


def test_dimensions_may_be_separated_by_chinese_commas(shuibao: Call, done: Path) -> None:
    assert shuibao("facts", done, "--by", "county，intensity").out == shuibao("facts", done).out
