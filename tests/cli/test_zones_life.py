"""The life of zones, as it is typed."""

import numpy as np
import pytest
import shapely
from tests.delimitation.zone_folder import THEME, handed_in, some_zones, square

from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geoparquet
from shuibao.zoning.layer import zone_layer

TOML = """
[region]
name = "忻府区"
level = "county"
codes = ["140902"]
year = 2024
cell = 30
rules = ["{rules}"]
data_kind = "模拟数据"
"""
WHO = ("--by", "张三", "--on", "2024-07-01")


@pytest.fixture
def folder(tmp_path):
    """Return a region folder with four zones drawn."""
    (tmp_path / "region.toml").write_text(TOML.format(rules="national"), "utf-8")
    write_layer(theme_folder(tmp_path, THEME) / DRAWN, some_zones())
    return tmp_path


@pytest.fixture
def zones(shuibao):
    """Call a command of zones, which must succeed."""

    def call(*words, status=0):
        answer = shuibao("zones", *words)
        assert answer.status == status, answer.err
        return answer

    return call


def test_a_boundary_is_edited_compared_rebuilt_and_verified(folder, zones):
    path = handed_in(folder / "in.gpkg", {"B1": square(5, 5, 2, 1.5)})
    said = zones("edit", folder, "--from", path, "--why", "坡脚有误", "--evidence", path, *WHO)
    assert "改边界  B1" in said.out
    assert "B1:mean_slope" in said.err
    zones("edit", folder, "--remove", "A3", "--merge", "A1，A2", "--set", "B1:name=北梁沟", "--why", "复核", *WHO)
    found = zones("diff", folder, "1", "3", "--format", "json").json()
    assert {(r["code"], r["change"]) for r in found["zones"]} == {
        ("A1", "reshaped"), ("A2", "removed"), ("A3", "removed"), ("B1", "reshaped"),
    }  # fmt: skip
    assert found["kinds"][0]["gained_hm2"] == 100.0
    assert zones("diff", folder, "1", "3", "--format", "csv").csv()[0]["code"] == "A1"
    assert "没有差别" in zones("diff", folder, "3", "current").out
    for name in ("a.parquet", "b.parquet", "c.gpkg"):
        zones("rebuild", folder, "--version", "2", "--out", folder / name)
    assert (folder / "a.parquet").read_bytes() == (folder / "b.parquet").read_bytes()
    assert "没有差别" in zones("diff", folder, "2", folder / "a.parquet").out
    assert "没有差别" in zones("diff", folder, folder / "c.gpkg", folder / "a.parquet").out
    assert "3 条记录，3 个版本" in zones("verify", folder).out
    log = zones("status", folder, "--log", "--format", "json").json()
    assert [r["kind"] for r in log] == ["draw", "edit", "edit"]


def test_a_long_list_of_differences_is_cut_and_says_where_the_whole_is(folder, zones):
    zones("edit", folder, "--set", "A1:name=东", "--set", "A2:name=西", "--remove", "B1", "--why", "复核", *WHO)
    said = zones("diff", folder, "1", "2", "--limit", "1").out
    assert "北梁" in said
    assert "东沟" not in said
    assert "3 个区域有差别，上面是变化最大的 1 个，另有 2 个；全部清单用 --out 文件.csv 或 --format csv。" in said
    out = folder / "d.csv"
    assert f"3 个区域有差别；全部清单：{out}" in zones("diff", folder, "1", "2", "--out", out).out
    assert out.read_text("utf-8-sig") == zones("diff", folder, "1", "2", "--format", "csv").out
    zones("diff", folder, "1", "2", "--out", folder / "d.json")
    assert (folder / "d.json").read_text("utf-8") == zones("diff", folder, "1", "2", "--format", "json").out
    assert "已存在" in zones("diff", folder, "1", "2", "--out", out, status=2).err


def test_a_zone_of_several_counties_is_told_so_in_the_list_of_differences(folder, zones):
    for name, width in (("a", 1), ("b", 2)):
        path = handed_in(folder / f"{name}.gpkg", {"A1": square(0, 0, width, 1)}, kind=["severe"])
    said = zones("diff", folder, folder / "a.gpkg", path).out
    assert "│ 跨县 │" in said


def test_what_is_no_version_and_no_file_is_told_with_the_versions_there_are(folder, zones):
    assert (
        "「V1」不是版本号，也没有这个文件；可用：还没有版本，drawn"
        in zones("diff", folder, "V1", "drawn", status=2).err
    )
    zones("edit", folder, "--remove", "B1", "--why", "复核", *WHO)
    said = zones("diff", folder, "1", "no.gpkg", status=2).err
    assert "「no.gpkg」不是版本号，也没有这个文件；可用：版本 1–2，drawn（底图），current（现行），或图层文件。" in said


def test_the_log_and_the_status_speak_one_language(folder, zones, monkeypatch):
    (folder / "c.csv").write_text("单位,意见,图斑编号\n甲局,边界偏大,A1\n", "utf-8")
    zones("edit", folder, "--remove", "A3", "--why", "复核", *WHO)
    zones("advance", folder, "--to", "实地复核", *WHO)
    zones("comments", folder, "--from", folder / "c.csv", *WHO)
    zones("assign", folder, 1, "--whole", *WHO)
    zones("answer", folder, 1, "--adopt", "--text", "已改", *WHO)
    log = zones("status", folder, "--log").out
    for words in ("底图", "删除 A3", "初步成果 → 实地复核", "#1 → 全部成果", "#1 采纳"):
        assert words in log
    assert not any(word in log for word in ("edit", "stage", "remove", "adopt", "preliminary"))
    assert "征求意见、调整" in zones("status", folder).out
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    log = zones("status", folder, "--log").out
    assert all(words in log for words in ("removed A3", "Preliminary result → ", "#1 → all of them", "#1 adopted"))


def test_a_steep_slope_left_in_two_parts_is_told_at_once(folder, zones):
    layer = some_zones()
    columns = {**layer.columns, "kind": np.array(["steep_slope"] * 4, dtype=object)}
    again = zone_layer("steep_slope", columns, layer.geometry, layer.crs)
    write_layer(theme_folder(folder, "steep_slope") / DRAWN, again)
    parts = shapely.union(square(5, 5, 0.5, 1), square(6, 5, 0.5, 1))
    path = handed_in(folder / "in.gpkg", {"B1": parts})
    said = zones("edit", folder, "--theme", "steep_slope", "--from", path, "--why", "复核", *WHO)
    assert "B1 现有几块" in said.err


def test_the_map_of_a_difference_is_the_same_every_time_and_says_what_is_made_up(folder, zones, monkeypatch):
    monkeypatch.setattr("shuibao.report.zone_difference_map.DPI", 40)  # nothing is measured in it, and it is soon drawn
    zones("edit", folder, "--remove", "A3", "--why", "复核", *WHO)
    for kind in ("png", "svg", "pdf"):
        for name in ("a", "b"):
            zones("diff", folder, "1", "2", "--map", folder / f"{name}.{kind}")
        assert (folder / f"a.{kind}").read_bytes() == (folder / f"b.{kind}").read_bytes()
    assert (folder / "a.png").read_bytes()[:4] == b"\x89PNG"
    assert "模拟数据" in zones("diff", folder, "1", "2").out


def test_comments_come_in_are_answered_and_exported(folder, zones):
    (folder / "c.csv").write_text("单位,意见,图斑编号\n甲局,边界偏大,A1\n乙局,无此图斑,X9\n", "utf-8")
    said = zones("comments", folder, "--from", folder / "c.csv", *WHO)
    assert "1 条没有对应图斑" in said.err
    zones("answer", folder, 2, "--reject", "--text", "x", *WHO, status=1)
    zones("assign", folder, 2, "A2", *WHO)
    zones("answer", folder, 1, "--adopt", "--text", "已改", *WHO)
    assert [r["number"] for r in zones("comments", folder, "--open", "--format", "json").json()] == [2]
    for name in ("a", "b"):
        zones("comments", folder, "--export", folder / f"{name}.xlsx")
    assert (folder / "a.xlsx").read_bytes() == (folder / "b.xlsx").read_bytes()


def test_stages_are_shown_with_what_is_late(folder, zones):
    (folder / "region.toml").write_text(TOML.format(rules="jilin"), "utf-8")
    zones("advance", folder, "--to", "实地复核", *WHO)
    found = zones("status", folder, "--today", "2025-01-01", "--format", "json").json()
    assert (found["zones"][0]["stage"], found["zones"][0]["late"]) == ("field_review", 1)
    assert [d["late"] for d in found["due"]] == [False, True, False]
    assert "吉水保函〔2024〕5号" in zones("status", folder, "--today", "2025-01-01").out
    zones("advance", folder, "--to", "公告", *WHO, status=1)


def test_a_new_drawing_is_taken_up_and_its_conflicts_decided(folder, zones):
    zones("edit", folder, "--set", "A1:name=甲", "--set", "B1:name=乙", "--why", "复核", *WHO)
    write_layer(theme_folder(folder, THEME) / DRAWN, some_zones().subset(np.array([1, 2, 3])))
    assert "zones redraw" in zones("status", folder).out
    assert "1.1" in zones("redraw", folder, *WHO).out
    zones("decide", folder, "1.1", "--keep", "--drop", "--why", "x", *WHO, status=2)
    zones("decide", folder, "1.1", "--drop", "--why", "不在了", *WHO)
    assert zones("status", folder, "--format", "json").json()["zones"][0]["conflicts"] == 0


def test_tampering_is_told_with_a_status(folder, zones):
    zones("edit", folder, "--remove", "A3", "--why", "复核", *WHO)
    path = theme_folder(folder, THEME) / "edits" / "0001.json"
    path.write_text(path.read_text("utf-8").replace("复核", "改过"), "utf-8")
    assert "被改动" in zones("verify", folder, status=1).out
    assert zones("verify", folder, "--format", "json", status=1).json()[0]["severity"] == "error"
    zones("status", folder, status=1)


@pytest.mark.parametrize(
    "words, status",
    [
        (("edit", "--why", "x", *WHO), 2),
        (("edit", "--why", " ", "--remove", "A1", *WHO), 2),
        (("edit", "--why", "x", "--remove", "A1", "--by", "张三", "--on", "昨天"), 2),
        (("edit", "--why", "x", "--set", "A1", *WHO), 2),
        (("edit", "--why", "x", "--remove", "Z9", *WHO), 1),
        (("edit", "--why", "x", "--set", "A1:county=110101", *WHO), 2),
        (("edit", "--why", "x", "--merge", "A1", *WHO), 1),
        (("edit", "--why", "x", "--merge", "A1,B1", *WHO), 1),
        (("edit", "--why", "x", "--from", "no.gpkg", *WHO), 2),
        (("advance", "--to", "公示", *WHO), 2),
        (("diff", "1", "2"), 2),
        (("diff", "drawn", "no.gpkg"), 2),
        (("diff", "drawn", "drawn", "--map", "x.bmp"), 2),
        (("rebuild", "--version", "9"), 2),
        (("comments", "--from", "no.csv", "--by", "张三"), 2),
        (("comments", "--from", "no.csv"), 2),
        (("comments", "--export", "x.doc"), 2),
        (("answer", "1", "--adopt", "--text", "x", *WHO), 2),
        (("assign", "1", *WHO), 2),
        (("redraw", *WHO), 1),
        (("status", "--theme", "forest"), 2),
    ],
)
def test_a_wrong_call_is_refused(folder, zones, words, status):
    said = zones(words[0], folder, *words[1:], status=status).err
    assert "[" not in said, "a list of the program's, not of people's"
    assert not list(theme_folder(folder, THEME).rglob("*.json"))


def test_a_theme_must_be_named_where_there_are_several(folder, zones):
    layer = some_zones()
    write_geoparquet(
        theme_folder(folder, "steep_slope") / DRAWN, layer.columns, layer.geometry, national_crs(), metadata={"THEME": "steep_slope"}
    )  # fmt: skip
    assert "--theme" in zones("rebuild", folder, status=2).err
